/** Filters over entries of data tags: by a field of the entry (section 5.3) and, for owners of entries, type 93 (section 5.2). */
import { type Json } from '../common/types.ts';
import { isObject, Refusal, toInteger, type JsonObject } from './answers.ts';
import { customTest } from './customFilters.ts';
import { operatorOf } from './filterForm.ts';
import { type Comment, type DataTagEntry, type State } from './state.ts';
import { type Look } from './taskView.ts';

/** Types of fields in data tag entries, as their task-field fellows. */
const ENTRY_TYPES: Readonly<Record<number, number>> = {
  3101: 103,
  3103: 113,
  3104: 109,
  3105: 107,
  3106: 110,
  3108: 101,
  3109: 102,
  3111: 112,
  3115: 105,
  3116: 108,
  3117: 115,
};

/** The test of a filter by a field of the entry. @throws Refusal for an unknown type. */
export function entryFieldTest(look: Look, filter: JsonObject): (entry: DataTagEntry) => boolean {
  const type = ENTRY_TYPES[toInteger(filter['type']) ?? -1];
  const operator = operatorOf(filter);
  const test = type === undefined ? undefined : customTest(look, type, operator, filter['value']);
  if (test === undefined) throw new Refusal(400, 41, `Unknown type of filter ${String(filter['type'])}`);
  const field = toInteger(filter['field']) ?? -1;
  return (entry) => test(entry.custom.get(field));
}

/** The test of type 93: some entry has the wanted value. @throws Refusal code 0 without a subfilter. */
export function someEntryTest(look: Look, filter: JsonObject): (entries: readonly DataTagEntry[]) => boolean {
  const value: Json | undefined = filter['value'];
  const subfilter = filter['subfilter'];
  if (!isObject(subfilter)) throw new Refusal(400, 0, 'JSONObject["subfilter"] not found');
  const inner = isObject(subfilter['filter']) ? subfilter['filter'] : {};
  const tag = toInteger(subfilter['dataTagId']);
  const test = entryFieldTest(look, {
    ...inner,
    operator: operatorOf(filter),
    ...(value === undefined ? {} : { value }),
  });
  return (entries) => entries.some((entry) => (tag === undefined || entry.dataTag === tag) && test(entry));
}

/** Entries that hang on living comments. */
export function entriesOn(state: State, comments: Iterable<Comment | undefined>): DataTagEntry[] {
  return [...comments].flatMap((comment) =>
    comment === undefined || comment.isDeleted
      ? []
      : comment.dataTags.flatMap(({ key }) => state.dataTagEntries.get(key) ?? []),
  );
}
