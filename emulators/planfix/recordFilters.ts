/** Complex filters over lists of contacts, employees and projects (section 5.3 and the help pages of each list). */
import { type Instant, type Json } from '../common/types.ts';
import { isObject, listOf, refId, Refusal, toInteger, type JsonObject } from './answers.ts';
import { customTest } from './customFilters.ts';
import { dateTest } from './dateFilters.ts';
import { isNegative, isTrue, numberTest, operatorOf } from './filterForm.ts';
import { parseUtc } from './moments.ts';
import { includesPerson, peopleFrom, personId } from './persons.ts';
import { type State } from './state.ts';
import { type Look } from './taskView.ts';

/** What a list filters: a record as answers show it, and its custom values as they are stored. */
export interface Row {
  readonly record: JsonObject;
  readonly custom: ReadonlyMap<number, Json>;
}

export type RowTest = (row: Row) => boolean;

/**
 * Tests of a list's filters. `own` knows the filters of the list; what it doesn't know is a filter by custom field,
 * numbered as those of tasks after `family` (4101 is to contacts what 101 is to tasks).
 * @throws Refusal code 41 for an unknown type, code 0 for a filter by custom field that names none.
 */
export function rowTests(
  look: Look,
  filters: Json | undefined,
  family: number,
  own: (type: number, filter: JsonObject) => RowTest | undefined,
): RowTest[] {
  return listOf(filters).map((filter) => {
    const type = isObject(filter) ? toInteger(filter['type']) : undefined;
    if (!isObject(filter) || type === undefined) throw new Refusal(400, 41, 'Bad filter');
    const test = own(type, filter) ?? customFieldTest(look, type - family, filter);
    if (test === undefined) throw new Refusal(400, 41, `Unknown type of filter ${type}`);
    return test;
  });
}

function customFieldTest(look: Look, type: number, filter: JsonObject): RowTest | undefined {
  const { value } = filter;
  const field = toInteger(filter['field']);
  if (type === 152 || type === 153) {
    const asked = toInteger(value) ?? field ?? -1;
    return ({ custom }) => custom.has(asked) === (type === 152);
  }
  const test = customTest(look, type, operatorOf(filter), value);
  if (test === undefined) return undefined;
  if (field === undefined) throw new Refusal(400, 0, 'JSONObject["field"] not found');
  return ({ custom }) => test(custom.get(field));
}

/** A filter that asks for true; given anything else it lets everything through, as those of tasks do. */
export function flagTest(filter: JsonObject, holds: RowTest): RowTest {
  return filter['value'] === undefined || isTrue(filter['value']) ? holds : () => true;
}

/** Whether a text holds (`whole`: is) the wanted one, whatever the case of its letters. */
function textTest(filter: JsonObject, whole: boolean): (own: Json | undefined) => boolean {
  const operator = operatorOf(filter);
  const wanted = String(filter['value'] ?? '').toLowerCase();
  const exact = whole && operator !== 'have' && operator !== 'nothave';
  return (own) => {
    const text = typeof own === 'string' || typeof own === 'number' ? String(own).toLowerCase() : '';
    return (exact ? text === wanted : text.includes(wanted)) !== isNegative(operator);
  };
}

/** A test of one text key; of a list of texts as if they stood in one. */
export function keyTest(key: string, filter: JsonObject, whole = false): RowTest {
  const test = textTest(filter, whole);
  return ({ record }) => {
    const own = record[key];
    return test(Array.isArray(own) ? listOf(own).map(String).join('\n') : own);
  };
}

/** A test of the full name as people write it, in either order. */
export function nameTest(filter: JsonObject): RowTest {
  const test = textTest(filter, false);
  const negative = isNegative(operatorOf(filter));
  return ({ record }) => {
    const [name, midname, lastname] = [record['name'], record['midname'], record['lastname']];
    const orders = [
      [name, midname, lastname],
      [name, lastname],
      [lastname, name, midname],
    ].map((words) => test(words.filter(Boolean).join(' ')));
    return negative ? orders.every(Boolean) : orders.some(Boolean);
  };
}

/** A test of the numbers in a list of phones. */
export function phoneTest(filter: JsonObject): RowTest {
  const wanted = String(filter['value'] ?? '').replace(/\D/g, '');
  const digits = (phone: Json) => (isObject(phone) ? String(phone['number'] ?? '').replace(/\D/g, '') : '');
  const negative = isNegative(operatorOf(filter));
  return ({ record }) =>
    listOf(record['phones']).some((phone) => digits(phone).includes(wanted)) !== negative;
}

/** The number of a bare id, a prefixed one or a reference. */
function bareNumber(value: Json | undefined): number | undefined {
  const id = refId(value);
  return typeof id === 'string' ? toInteger(id.replace(/^[a-z]+:/, '')) : toInteger(id);
}

/** A test of the numbers behind a key: a bare one, a prefixed one, a reference, or a list of references. */
export function referenceTest(key: string, filter: JsonObject): RowTest {
  const { value } = filter;
  const operator = operatorOf(filter);
  const test = numberTest({
    operator: isNegative(operator) ? 'equal' : operator,
    value: (Array.isArray(value) ? listOf(value) : [value ?? null]).flatMap((one) => bareNumber(one) ?? []),
  });
  return ({ record }) => {
    const own = record[key];
    const numbers = Array.isArray(own) ? listOf(own).map(bareNumber) : [bareNumber(own)];
    return numbers.some(test) !== isNegative(operator);
  };
}

/** A test of a person, or of people who may be there through a group; a bare number is of kind `bare`. */
export function peopleTest(
  state: State,
  key: string,
  filter: JsonObject,
  bare: 'user' | 'contact' = 'user',
): RowTest {
  const wanted = personId(filter['value'], bare);
  const negative = isNegative(operatorOf(filter));
  const has = (own: Json | undefined): boolean => {
    if (wanted === undefined) return false;
    if (isObject(own) && own['id'] !== undefined) return personId(own, bare) === wanted;
    const people = peopleFrom(own);
    if (wanted.startsWith('group:')) return people.groups.includes(Number(wanted.slice(6)));
    return includesPerson(state, people, wanted);
  };
  return ({ record }) => has(record[key]) !== negative;
}

function instantOf(point: Json | undefined): Instant | undefined {
  const text = isObject(point) ? point['datetime'] : undefined;
  return typeof text === 'string' ? parseUtc(text) : undefined;
}

/** A test of a TimePoint; `zone` is UTC for birthdays, which are the same everywhere. */
export function pointTest(look: Look, key: string, filter: JsonObject, zone: string): RowTest {
  const inclusive = look.state.settings['dates.gtOtherDateInclusive'];
  const test = dateTest(operatorOf(filter), filter['value'], zone, look.now, inclusive);
  return ({ record }) => test.holds(instantOf(record[key]));
}

/**
 * A test of a birthday by its day and month: whether it falls into the asked span in the year that the filter names
 * (the current one where it names none) or in the next, for spans over New Year.
 */
export function birthdayTest(look: Look, key: string, filter: JsonObject): RowTest {
  const operator = operatorOf(filter);
  const negative = isNegative(operator);
  const asked = filter['value'];
  const test = dateTest(
    negative ? 'equal' : operator,
    asked,
    'UTC',
    look.now,
    look.state.settings['dates.gtOtherDateInclusive'],
  );
  const named = isObject(asked) ? String(asked['dateFrom'] ?? asked['dateValue'] ?? '') : '';
  const year = Number(/\d{4}/.exec(named)?.[0] ?? new Date(look.now).getUTCFullYear());
  const years = operator === 'equal' || negative ? [year - 1, year, year + 1] : [year];
  return ({ record }) => {
    const born = instantOf(record[key]);
    if (born === undefined) return negative;
    const date = new Date(born);
    const falls = years.some((one) => test.holds(Date.UTC(one, date.getUTCMonth(), date.getUTCDate())));
    return falls !== negative;
  };
}
