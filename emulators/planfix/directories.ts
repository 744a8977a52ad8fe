/** Routes of directories and their entries (section 11; OpenAPI document, tag Directory). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, pageRows, pick, Refusal, success, toInteger, type JsonObject } from './answers.ts';
import {
  askedFields,
  customFieldData,
  DEFAULT_DEFINITION,
  definition,
  DIRECTORY_FIELD,
  writeCustomFields,
} from './customFields.ts';
import { isNegative, isTrue, operatorOf } from './filterForm.ts';
import { referenceTest, rowTests, type Row, type RowTest } from './recordFilters.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { type CustomField, type Directory, type DirectoryEntry, type State } from './state.ts';
import { type Look } from './taskView.ts';

/** The directory of a path. @throws Refusal code 8000 when there is none, code 6 when no token may see it. */
function directoryById(call: Call, missing = 404): Directory {
  const id = numberParam(call, 0);
  const directory = call.state.directories.get(id);
  if (directory === undefined) throw new Refusal(missing, 8000, `Directory not found by id - ${id}`);
  if (directory.denied === 'all') throw new Refusal(400, 6, `Access denied for directory by id ${id}`);
  return directory;
}

function entryByKey(call: Call, directory: Directory): DirectoryEntry {
  const key = numberParam(call, 1);
  const entry = directory.entries.find((candidate) => candidate.key === key);
  if (entry === undefined) throw new Refusal(404, 8010, `Directory entry not found by key ${key}`);
  return entry;
}

/** @throws Refusal code 6 where entries may only be read. */
function assertWritable(directory: Directory, words: string): void {
  if (directory.denied === 'writes') throw new Refusal(400, 6, `Access denied for directory ${words}`);
}

/** The field that holds the names of the entries: the first line. */
function nameField(directory: Directory): CustomField | undefined {
  return directory.fields.find((field) => field.type === 0);
}

/** Fields that entries of a directory have: its own, and those of directories that the world gives to no one of them. */
export function entryFields(state: State, directory: Directory): Map<number, CustomField> {
  const shared = [...state.customFields].filter(([, field]) => field.objectType === DIRECTORY_FIELD);
  return new Map([...shared, ...directory.fields.map((field) => [field.id, field] as const)]);
}

/** Moves a name that stands among the values of an entry to where names are kept. */
export function settleName(directory: Directory, entry: DirectoryEntry): void {
  const field = nameField(directory);
  const named = field === undefined ? undefined : entry.custom.get(field.id);
  if (field === undefined || named === undefined) return;
  entry.name = String(named);
  entry.custom.delete(field.id);
}

/** Values of an entry by field, its name among them. */
function valuesOf(directory: Directory, entry: DirectoryEntry): Map<number, Json> {
  const field = nameField(directory);
  if (field === undefined || entry.name === '') return entry.custom;
  return new Map<number, Json>([[field.id, entry.name], ...entry.custom]);
}

function entryRecord(directory: Directory, entry: DirectoryEntry): JsonObject {
  const { key, parentKey, name, archived, isGroup } = entry;
  return { directory: { id: directory.id, name: directory.name }, key, parentKey, name, archived, isGroup };
}

function entryAnswer(
  call: Call,
  directory: Directory,
  entry: DirectoryEntry,
  names: readonly string[],
): JsonObject {
  const { state } = call;
  const asked = askedFields(names, entryFields(state, directory));
  const custom = customFieldData(state, valuesOf(directory, entry), asked, zoneOf(call));
  return {
    ...pick(entryRecord(directory, entry), names),
    ...(custom.length === 0 ? {} : { customFieldData: custom }),
  };
}

/** The test of a filter over entries that is none of custom fields (help page "Complex directory filters"). */
function entryTest(type: number, filter: JsonObject): RowTest | undefined {
  switch (type) {
    case 6003:
      return referenceTest('parentKey', filter);
    case 6005: {
      const wanted = isTrue(filter['value']) !== isNegative(operatorOf(filter));
      return ({ record }) => record['archived'] === wanted;
    }
    case 6006:
      return referenceTest('key', filter);
    default:
      return undefined;
  }
}

/** The tests of a saved filter of the directory. @throws Refusal code 41 when it has none of this id. */
function savedTests(look: Look, directory: Directory, filterId: Json | undefined): RowTest[] {
  if (filterId === undefined || filterId === null || filterId === '') return [];
  const saved = directory.filters.find(({ id }) => String(id) === String(filterId));
  if (saved === undefined) throw new Refusal(400, 41, `Filter not find by id ${String(filterId)}`);
  return rowTests(look, saved['filters'], 6000, entryTest);
}

function listEntries(call: Call): EmulatorResponse {
  const { state, body } = call;
  const directory = directoryById(call, 400);
  const names = fieldNames(body['fields'], ['key', 'name'], 'key');
  const tests = [
    ...rowTests(call, body['filters'], 6000, entryTest),
    ...savedTests(call, directory, body['filterId']),
  ];
  if (isTrue(body['groupsOnly'])) tests.push(({ record }) => record['isGroup'] === true);
  if (isTrue(body['entriesOnly'])) tests.push(({ record }) => record['isGroup'] !== true);
  const rows = directory.entries.filter((entry) => {
    const row: Row = { record: entryRecord(directory, entry), custom: valuesOf(directory, entry) };
    return tests.every((test) => test(row));
  });
  const page = pageRows(rows, body, state.settings);
  return success({ directoryEntries: page.map((entry) => entryAnswer(call, directory, entry, names)) });
}

/** Whether an entry may hang below another: there is one of this key, and the way up from it doesn't meet the entry. */
function mayHang(directory: Directory, entry: DirectoryEntry, parentKey: number): boolean {
  const met = new Set([entry.key]);
  for (let key = parentKey; key !== 0;) {
    const parent = met.has(key) ? undefined : directory.entries.find((candidate) => candidate.key === key);
    if (parent === undefined) return false;
    met.add(key);
    key = parent.parentKey;
  }
  return true;
}

/** Writes what schema DirectoryEntryRequest knows: only sent keys change. @throws the refusal when the parent is none. */
function writeEntry(call: Call, directory: Directory, entry: DirectoryEntry, refusal: Refusal): void {
  const { state, body } = call;
  const { name, archived, parentKey } = body;
  const parent = parentKey === undefined || parentKey === null ? entry.parentKey : toInteger(parentKey);
  if (parent === undefined || !mayHang(directory, entry, parent)) throw refusal;
  entry.parentKey = parent;
  if (typeof name === 'string') entry.name = name;
  if (typeof archived === 'boolean') entry.archived = archived;
  const fields = entryFields(state, directory);
  const values = new Map(valuesOf(directory, entry));
  writeCustomFields(state, values, body['customFieldData'], (id) => fields.get(id), zoneOf(call));
  entry.custom = values;
  const named = nameField(directory);
  if (named !== undefined && !values.has(named.id)) entry.name = '';
  settleName(directory, entry);
}

function createEntry(call: Call): EmulatorResponse {
  const directory = directoryById(call);
  assertWritable(directory, `by id ${directory.id}`);
  const key = Math.max(0, ...directory.entries.map((entry) => entry.key)) + 1;
  // Groups of entries are made in the interface: no request has a key for it.
  const entry: DirectoryEntry = {
    key,
    parentKey: 0,
    name: '',
    archived: false,
    isGroup: false,
    custom: new Map(),
  };
  writeEntry(call, directory, entry, new Refusal(400, 8011, 'Error add entry'));
  directory.entries.push(entry);
  return success({ key }, 201);
}

function updateEntry(call: Call): EmulatorResponse {
  const directory = directoryById(call);
  const entry = entryByKey(call, directory);
  assertWritable(directory, `entry by key ${entry.key}`);
  writeEntry(call, directory, entry, new Refusal(400, 8012, 'Entry update error'));
  return success();
}

/** An entry that others hang on stays: what would become of them nobody documents. */
function deleteEntry(call: Call): EmulatorResponse {
  const directory = directoryById(call);
  const entry = entryByKey(call, directory);
  assertWritable(directory, `entry by key ${entry.key}`);
  if (directory.entries.some(({ parentKey }) => parentKey === entry.key)) {
    throw new Refusal(400, 8013, 'Entry delete error');
  }
  directory.entries = directory.entries.filter((candidate) => candidate !== entry);
  return success();
}

const directoryRecord = ({ id, name, group, fields }: Directory): Record<string, Json | undefined> => ({
  id,
  name,
  group: group === undefined ? undefined : { id: group.id, name: group.name },
  fields: fields.map(definition),
});

function listDirectories({ state, body }: Call): EmulatorResponse {
  const names = fieldNames(body['fields'], ['id', 'name']);
  const group = toInteger(body['groupId']);
  const rows = [...state.directories.values()].filter(
    (directory) => directory.denied !== 'all' && (group === undefined || directory.group?.id === group),
  );
  const page = pageRows(rows, body, state.settings);
  return success({ directories: page.map((directory) => pick(directoryRecord(directory), names)) });
}

function listFields(call: Call): EmulatorResponse {
  const fields = [...entryFields(call.state, directoryById(call, 400)).values()];
  const names = queried(call, DEFAULT_DEFINITION);
  return success({ customfields: fields.map((field) => pick(definition(field), names)) });
}

const queried = (call: Call, fallback: readonly string[], key?: string) =>
  fieldNames(call.query.get('fields') ?? undefined, fallback, key);

const entry = '/directory/{id}/entry/{key}';

export const directoryRoutes: readonly Route[] = [
  { method: 'POST', path: '/directory/list', write: false, list: true, run: listDirectories },
  {
    method: 'GET',
    path: '/directory/{id}',
    write: false,
    run: (call) =>
      success({ directory: pick(directoryRecord(directoryById(call)), queried(call, ['id', 'name'])) }),
  },
  {
    method: 'POST',
    path: '/directory/{id}/filters',
    write: false,
    list: true,
    run: (call) => {
      const { filters } = directoryById(call, 400);
      return success({ filters: filters.map((filter) => pick(filter, ['id', 'name', 'owner'])) });
    },
  },
  // The document shows refusals of it as 500, as of lists.
  { method: 'GET', path: '/customfield/directory/{id}', write: false, list: true, run: listFields },
  // And those of this list as 400, unlike other lists.
  { method: 'POST', path: '/directory/{id}/entry/list', write: false, run: listEntries },
  {
    method: 'GET',
    path: entry,
    write: false,
    run: (call) => {
      const directory = directoryById(call);
      const names = queried(call, ['key', 'name'], 'key');
      return success({ entry: entryAnswer(call, directory, entryByKey(call, directory), names) });
    },
  },
  { method: 'POST', path: '/directory/{id}/entry/', write: true, run: createEntry },
  { method: 'POST', path: entry, write: true, run: updateEntry },
  { method: 'DELETE', path: entry, write: true, run: deleteEntry },
];
