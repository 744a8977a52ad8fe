/** Routes of projects and directories (section 11). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import {
  fieldNames,
  isObject,
  pageRows,
  pick,
  refId,
  Refusal,
  success,
  toInteger,
  type JsonObject,
} from './answers.ts';
import { customFieldData, askedFields, writeCustomFields } from './customFields.ts';
import { keyTest, recordTests } from './people.ts';
import { personId, personRef } from './persons.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { nextId } from './records.ts';
import { type Directory, type DirectoryEntry, type Project, type State } from './state.ts';

function projectRecord(state: State, project: Project): Record<string, Json> {
  return {
    isDeleted: false,
    ...project.more,
    id: project.id,
    name: project.name,
    // A bare id: 0 draft, 1 completed, 2 active.
    status: { id: project.status },
    ...(project.owner === undefined ? {} : { owner: personRef(state, project.owner) }),
  };
}

function projectTest(type: number, filter: JsonObject): ((record: JsonObject) => boolean) | undefined {
  const number = toInteger(filter['value']);
  const negative = filter['operator'] === 'notequal';
  switch (type) {
    case 5001:
      return keyTest('name', filter);
    case 5002:
      return (record) => (refId(record['group']) === number) !== negative;
    case 5004:
      return (record) => (refId(record['owner']) === personId(filter['value'])) !== negative;
    case 5006:
      return (record) => (refId(record['status']) === number) !== negative;
    case 5007:
      return (record) => (record['id'] === number) !== negative;
    case 5014:
      return (record) => (refId(record['parent']) === number) !== negative;
    default:
      return undefined;
  }
}

function listProjects(call: Call): EmulatorResponse {
  const { state, body } = call;
  const tests = recordTests(body['filters'], projectTest);
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const rows = [...state.projects.values()]
    .sort((a, b) => a.id - b.id)
    .map((project) => projectRecord(state, project))
    .filter((record) => tests.every((test) => test(record)));
  return success({ projects: pageRows(rows, body, state.settings).map((record) => pick(record, names)) });
}

function projectById(call: Call, status: number): Project {
  const id = numberParam(call, 0);
  const project = call.state.projects.get(id);
  if (project === undefined) throw new Refusal(status, 3000, `Project not found by id ${id}`);
  return project;
}

function writeProject(project: Project, body: JsonObject): void {
  if (typeof body['name'] === 'string') project.name = body['name'];
  if (body['status'] !== undefined) project.status = toInteger(refId(body['status'])) ?? project.status;
  if (body['owner'] !== undefined) project.owner = personId(body['owner']);
  Object.assign(project.more, pick(body, ['description', 'group', 'parent', 'auditors', 'participants']));
}

function createProject(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  if (typeof body['name'] !== 'string' || body['name'] === '')
    throw new Refusal(400, 3001, 'Project create error');
  const project: Project = {
    id: nextId(state, 'project'),
    name: '',
    status: 2,
    owner: actor.person,
    more: {},
  };
  writeProject(project, body);
  state.projects.set(project.id, project);
  return success({ id: project.id }, 201);
}

function directoryById(call: Call): Directory {
  const id = numberParam(call, 0);
  const directory = call.state.directories.get(id);
  if (directory === undefined) throw new Refusal(404, 8000, `Directory not found by id ${id}`);
  return directory;
}

function entryAnswer(call: Call, entry: DirectoryEntry, names: readonly string[]): JsonObject {
  const record = {
    key: entry.key,
    parentKey: entry.parentKey,
    name: entry.name,
    archived: entry.archived,
    isGroup: entry.isGroup,
  };
  const { state } = call;
  const custom = customFieldData(state, entry.custom, askedFields(names, state.customFields), zoneOf(call));
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

function listEntries(call: Call): EmulatorResponse {
  const { state, body } = call;
  const names = fieldNames(body['fields'], ['key', 'name'], 'key');
  const page = pageRows(directoryById(call).entries, body, state.settings);
  return success({ directoryEntries: page.map((entry) => entryAnswer(call, entry, names)) });
}

function entryByKey(call: Call, directory: Directory): DirectoryEntry {
  const key = numberParam(call, 1);
  const entry = directory.entries.find((candidate) => candidate.key === key);
  if (entry === undefined) throw new Refusal(404, 8010, `Directory entry not found by key ${key}`);
  return entry;
}

function writeEntry(call: Call, entry: DirectoryEntry): void {
  const { state, body } = call;
  if (typeof body['name'] === 'string') entry.name = body['name'];
  if (typeof body['archived'] === 'boolean') entry.archived = body['archived'];
  if (body['parentKey'] !== undefined) entry.parentKey = toInteger(body['parentKey']) ?? 0;
  const fieldOf = (id: number) => state.customFields.get(id);
  writeCustomFields(state, entry.custom, body['customFieldData'], fieldOf, zoneOf(call));
}

function createEntry(call: Call): EmulatorResponse {
  const directory = directoryById(call);
  const key = Math.max(0, ...directory.entries.map((entry) => entry.key)) + 1;
  const isGroup = call.body['isGroup'] === true;
  const entry: DirectoryEntry = { key, parentKey: 0, name: '', archived: false, isGroup, custom: new Map() };
  writeEntry(call, entry);
  directory.entries.push(entry);
  return success({ key }, 201);
}

export const projectRoutes: readonly Route[] = [
  { method: 'POST', path: '/project/list', write: false, list: true, run: listProjects },
  {
    method: 'GET',
    path: '/project/{id}',
    write: false,
    run: (call) => {
      const { state, query } = call;
      const names = fieldNames(query.get('fields') ?? undefined, state.settings['fields.default']);
      return success({ project: pick(projectRecord(state, projectById(call, 400)), names) });
    },
  },
  { method: 'POST', path: '/project/', write: true, run: createProject },
  {
    method: 'POST',
    path: '/project/{id}',
    write: true,
    run: (call) => {
      writeProject(projectById(call, 404), call.body);
      return success();
    },
  },
];

export const directoryRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/directory/list',
    write: false,
    list: true,
    run: ({ state, body }) => {
      const names = fieldNames(body['fields'], ['id', 'name']);
      const rows = [...state.directories.values()].map(({ id, name }) => pick({ id, name }, names));
      return success({ directories: pageRows(rows, body, state.settings) });
    },
  },
  {
    method: 'GET',
    path: '/directory/{id}',
    write: false,
    run: (call) => {
      const { id, name } = directoryById(call);
      const names = fieldNames(call.query.get('fields') ?? undefined, ['id', 'name']);
      return success({ directory: pick({ id, name }, names) });
    },
  },
  { method: 'POST', path: '/directory/{id}/entry/list', write: false, list: true, run: listEntries },
  {
    method: 'GET',
    path: '/directory/{id}/entry/{key}',
    write: false,
    run: (call) => {
      const entry = entryByKey(call, directoryById(call));
      const names = fieldNames(call.query.get('fields') ?? undefined, ['key', 'name'], 'key');
      return success({ entry: entryAnswer(call, entry, names) });
    },
  },
  { method: 'POST', path: '/directory/{id}/entry/', write: true, run: createEntry },
  {
    method: 'POST',
    path: '/directory/{id}/entry/{key}',
    write: true,
    run: (call) => {
      if (!isObject(call.body)) throw new Refusal(400, 8012, 'Directory entry update error');
      writeEntry(call, entryByKey(call, directoryById(call)));
      return success();
    },
  },
  {
    method: 'DELETE',
    path: '/directory/{id}/entry/{key}',
    write: true,
    run: (call) => {
      const directory = directoryById(call);
      const entry = entryByKey(call, directory);
      directory.entries = directory.entries.filter((candidate) => candidate !== entry);
      return success();
    },
  },
];
