/** Custom fields of every type (section 6.6): stored form, written form, shown form, definitions. */
import { type Json } from '../common/types.ts';
import { fieldNames, isObject, listOf, pick, refId, success, toInteger, type JsonObject } from './answers.ts';
import { momentPoint, parseTime, readMoment } from './moments.ts';
import { displayName, personExists, personId, personRef, type PersonKind } from './persons.ts';
import { numberParam, type Route } from './routes.ts';
import { nextId } from './records.ts';
import { type CustomField, type Moment, type State } from './state.ts';

const TYPE_NAMES: readonly (readonly [number, string])[] = [
  [0, 'Line'],
  [1, 'Number'],
  [2, 'Text'],
  [3, 'Date'],
  [4, 'Time'],
  [5, 'Date and time'],
  [6, 'Period of time'],
  [7, 'Checkbox'],
  [8, 'List'],
  [9, 'Directory entry'],
  [10, 'Contact'],
  [11, 'Employee'],
  [12, 'Counterparty'],
  [13, 'Group, employee, or contact'],
  [14, 'List of users'],
  [15, 'Set of directory values'],
  [16, 'Task'],
  [17, 'Task set'],
  [20, 'Set of values'],
  [21, 'Files'],
  [22, 'Project'],
  [23, 'Data tag summaries'],
  [24, 'Calculated field'],
  [25, 'Location'],
  [26, 'Subtask total'],
  [27, 'AI results field'],
  [28, 'Date with time frame'],
  [29, 'Totals field'],
];

const BARE_KIND: Readonly<Record<number, PersonKind>> = {
  10: 'contact',
  11: 'user',
  12: 'contact',
  13: 'user',
};

/** Computed by the server or undocumented: a write of them is accepted and stores nothing. */
export function isReadOnly(type: number): boolean {
  return type === 23 || type === 24 || (type >= 26 && type <= 29);
}

/** The definition as answers show it. */
export function definition(field: CustomField): JsonObject {
  return {
    id: field.id,
    name: field.name,
    type: field.type,
    objectType: field.objectType,
    ...(field.directoryId === undefined ? {} : { directoryId: field.directoryId }),
    ...(field.enumValues === undefined ? {} : { enumValues: field.enumValues }),
    ...field.more,
  };
}

function momentJson(moment: Moment): Json {
  return { at: moment.at, hasTime: moment.hasTime };
}

/** A moment in its stored form, read back. */
export function storedMoment(value: Json | undefined): Moment | undefined {
  if (!isObject(value)) return undefined;
  const { at, hasTime } = value;
  return typeof at === 'number' ? { at, hasTime: hasTime === true } : undefined;
}

/**
 * The stored form of a written value: `null` empties the field, `undefined` means that nothing is stored (the server
 * takes the request all the same, section 3 "silent non-errors").
 */
export function storedValue(state: State, field: CustomField, value: Json, zone: string): Json | undefined {
  if (value === null || value === '') return null;
  switch (field.type) {
    case 0:
    case 2:
    case 8:
      return typeof value === 'object' ? undefined : String(value);
    case 1: {
      const number = typeof value === 'string' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    }
    case 3: {
      const moment = readMoment(value, zone);
      if (moment === undefined) return undefined;
      return momentJson(
        isObject(value) && typeof value['date'] === 'string' ? dayOf(value['date'], moment) : moment,
      );
    }
    case 4: {
      const time = isObject(value) ? value['time'] : value;
      return typeof time === 'string' && parseTime(time) !== undefined ? time.slice(0, 5) : undefined;
    }
    case 5: {
      const moment = readMoment(value, zone);
      return moment === undefined ? undefined : momentJson({ at: moment.at, hasTime: true });
    }
    case 6:
      return storedPeriod(value);
    case 7:
      return value === true || value === 1 || value === 'true' || value === '1';
    case 9:
    case 16:
    case 22: {
      const id = toInteger(refId(value));
      if (id === 0 || refId(value) === '' || refId(value) === null) return null;
      return id !== undefined && refersTo(state, field, id) ? id : undefined;
    }
    case 10:
    case 11:
    case 12:
    case 13: {
      const id = refId(value);
      if (id === 0 || id === '' || id === null) return null;
      const person = personId(value, BARE_KIND[field.type]);
      return person !== undefined && personExists(state, person) ? person : undefined;
    }
    case 14:
      return storedSet(value, (item) => {
        const person = personId(item);
        return person !== undefined && personExists(state, person) ? person : undefined;
      });
    case 15:
    case 17:
    case 21:
      return storedSet(value, (item) => {
        const id = toInteger(refId(item));
        return id !== undefined && refersTo(state, field, id) ? id : undefined;
      });
    case 20:
      return storedSet(value, (item) => (typeof item === 'object' ? JSON.stringify(item) : String(item)));
    case 25:
      return isObject(value) ? pick(value, ['address', 'longitude', 'latitude']) : undefined;
    default:
      return value;
  }
}

/** An empty set is no value; of a set only what the account has is stored, and nothing of one that names none of it. */
function storedSet(value: Json, read: (item: Json) => string | number | undefined): Json | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = listOf(value);
  if (items.length === 0) return null;
  const known = items.flatMap((item) => read(item) ?? []);
  return known.length === 0 ? undefined : known;
}

/** A pure date is the written day, whatever its other keys say. */
function dayOf(date: string, fallback: Moment): Moment {
  return readMoment({ date }, 'UTC') ?? fallback;
}

function refersTo(state: State, field: CustomField, id: number): boolean {
  switch (field.type) {
    case 9:
    case 15:
      return entryName(state, field, id) !== undefined;
    case 16:
    case 17:
      return state.tasks.has(id);
    case 21:
      return state.files.has(id);
    case 22:
      return state.projects.has(id);
    default:
      return false;
  }
}

/** Only `{from,to}` stores; 00:00–00:00 is a whole day; a bare duration empties the field (section 3). */
function storedPeriod(value: Json): Json | undefined {
  if (!isObject(value)) return undefined;
  const from = isObject(value['from']) ? value['from']['time'] : undefined;
  const to = isObject(value['to']) ? value['to']['time'] : undefined;
  if (typeof from !== 'string' || typeof to !== 'string') return null;
  const [start, end] = [parseTime(from), parseTime(to)];
  if (start === undefined || end === undefined) return null;
  const length = end > start ? end - start : end - start + 86_400_000;
  return { from: { time: from }, to: { time: to }, durationSec: length / 1000 };
}

function entryName(state: State, field: CustomField, key: number): string | undefined {
  if (field.directoryId === undefined) return undefined;
  return state.directories.get(field.directoryId)?.entries.find((entry) => entry.key === key)?.name;
}

function numbered(state: State, field: CustomField, id: number): JsonObject {
  switch (field.type) {
    case 9:
    case 15:
      return { id, value: entryName(state, field, id) ?? '' };
    case 16:
    case 17:
      return { id, name: state.tasks.get(id)?.name ?? '' };
    default:
      return { id, name: state.projects.get(id)?.name ?? '' };
  }
}

/** The value as answers show it. */
export function shownValue(state: State, field: CustomField, stored: Json, zone: string): Json {
  switch (field.type) {
    case 3:
    case 5: {
      const moment = storedMoment(stored);
      return moment === undefined ? stored : momentPoint(moment, zone);
    }
    case 4:
      return { time: stored };
    case 9:
    case 16:
    case 22:
      return typeof stored === 'number' ? numbered(state, field, stored) : stored;
    case 15:
    case 17:
      return listOf(stored).map((id) => (typeof id === 'number' ? numbered(state, field, id) : id));
    case 10:
    case 11:
    case 12:
    case 13:
      return typeof stored === 'string' ? personRef(state, stored) : stored;
    case 14:
      return listOf(stored).map((person) => (typeof person === 'string' ? personRef(state, person) : person));
    default:
      return stored;
  }
}

function stringValue(state: State, field: CustomField, stored: Json, shown: Json): string {
  const words = (value: Json): string => {
    if (value === null) return '';
    if (!isObject(value)) return String(value);
    const text =
      value['value'] ?? value['name'] ?? value['address'] ?? value['date'] ?? value['time'] ?? value['id'];
    return text === undefined || typeof text === 'object' ? '' : String(text);
  };
  if (field.type === 5 && isObject(shown))
    return `${words(shown['date'] ?? '')} ${words(shown['time'] ?? '')}`;
  if (field.type === 6 && isObject(shown))
    return `${words(shown['from'] ?? '')} - ${words(shown['to'] ?? '')}`;
  if (field.type === 7) return shown === true ? 'Да' : 'Нет';
  if (field.type === 10 && typeof stored === 'string') return displayName(state, stored);
  return Array.isArray(shown) ? shown.map(words).join(', ') : words(shown);
}

/** `customFieldData` for the asked fields that have a value; absence means empty. */
export function customFieldData(
  state: State,
  values: ReadonlyMap<number, Json>,
  asked: readonly CustomField[],
  zone: string,
): Json[] {
  return asked.flatMap((field) => {
    const stored = values.get(field.id);
    if (stored === undefined) return [];
    const value = shownValue(state, field, stored, zone);
    return [{ field: definition(field), value, stringValue: stringValue(state, field, stored, value) }];
  });
}

/** A name that can only be a number of a field. */
function isDigit(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}

/** Fields of a set that a `fields` list names by number. */
export function askedFields(
  names: readonly string[],
  fields: ReadonlyMap<number, CustomField>,
): CustomField[] {
  return names.flatMap((name) => {
    const field = isDigit(name) ? fields.get(Number(name)) : undefined;
    return field === undefined ? [] : [field];
  });
}

/**
 * Stores the sent values of attached fields; others are taken without a word and without effect.
 * Returns whether anything changed.
 */
export function writeCustomFields(
  state: State,
  values: Map<number, Json>,
  sent: Json | undefined,
  attached: (id: number) => CustomField | undefined,
  zone: string,
): boolean {
  let changed = false;
  for (const item of listOf(sent)) {
    if (!isObject(item)) continue;
    const field = attached(toInteger(refId(item['field'])) ?? -1);
    if (field === undefined || isReadOnly(field.type)) continue;
    const stored = storedValue(state, field, item['value'] ?? null, zone);
    if (stored === undefined || JSON.stringify(stored) === JSON.stringify(values.get(field.id) ?? null))
      continue;
    changed = true;
    if (stored === null) values.delete(field.id);
    else values.set(field.id, stored);
  }
  return changed;
}

/** Kinds of custom fields by the word of their paths. */
export const OBJECT_TYPES: Readonly<Record<string, number>> = {
  task: 0,
  contact: 1,
  project: 3,
  main: 5,
  user: 6,
};

/** `objectType` of the fields of directories. */
export const DIRECTORY_FIELD = 2;

/** What a definition shows when nothing is asked. */
export const DEFAULT_DEFINITION = ['id', 'name', 'type', 'objectType'];

/** Definitions of one kind; `fields` as the query names them. */
export function definitions(state: State, objectType: number, fields: string | null): Json[] {
  const names = fieldNames(fields ?? undefined, DEFAULT_DEFINITION);
  return [...state.customFields.values()]
    .filter((field) => field.objectType === objectType)
    .map((field) => pick(definition(field), names));
}

export const customFieldRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/customfield/type',
    write: false,
    run: () => success({ customFieldTypes: TYPE_NAMES.map(([id, name]) => ({ id, name })) }),
  },
  ...Object.entries(OBJECT_TYPES).map(([kind, objectType]): Route => ({
    method: 'GET',
    path: `/customfield/${kind}`,
    write: false,
    run: ({ state, query }) => success({ customfields: definitions(state, objectType, query.get('fields')) }),
  })),
  {
    // The number did not narrow the list when it was tried live.
    method: 'GET',
    path: '/customfield/task/{id}',
    write: false,
    run: ({ state, query }) => success({ customfields: definitions(state, 0, query.get('fields')) }),
  },
  {
    method: 'GET',
    path: '/customfield/datatag/{id}',
    write: false,
    run: (call) => {
      const fields = call.state.dataTags.get(numberParam(call, 0))?.fields ?? [];
      const names = fieldNames(call.query.get('fields') ?? undefined, DEFAULT_DEFINITION);
      return success({ customfields: fields.map((field) => pick(definition(field), names)) });
    },
  },
  {
    method: 'POST',
    path: '/customfield/task/',
    write: true,
    run: ({ state, body }) => {
      const id = nextId(state, 'customField');
      state.customFields.set(id, {
        id,
        name: typeof body['name'] === 'string' ? body['name'] : '',
        type: toInteger(body['type']) ?? 0,
        objectType: 0,
        enumValues: undefined,
        directoryId: undefined,
        more: pick(body, ['names', 'groupId']),
      });
      return success({ id }, 201);
    },
  },
];
