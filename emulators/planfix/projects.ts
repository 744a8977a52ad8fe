/** Routes of projects (section 11). */
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
import { shownCard, writtenCard } from './cards.ts';
import { askedFields, customFieldData, OBJECT_TYPES, writeCustomFields } from './customFields.ts';
import { DAY, readMoment, timePoint } from './moments.ts';
import { personId, personRef } from './persons.ts';
import { keyTest, peopleTest, pointTest, referenceTest, rowTests, type RowTest } from './recordFilters.ts';
import { nextId } from './records.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { type Named, type Project, type State } from './state.ts';
import { momentIn, type Look } from './taskView.ts';

/** The keys of a project that may be written at any time (schema ProjectUpdateRequest of the document). */
const PROJECT_KEYS = [
  'sourceObjectId',
  'sourceDataVersion',
  'description',
  'parent',
  'template',
  'group',
  'counterparty',
  'endDate',
  'hiddenForEmployees',
  'hiddenForClients',
  'overdue',
  'isCloseToDeadline',
  'assignees',
  'participants',
  'auditors',
  'clientManagers',
  'isDeleted',
];
/** And those that only a creation takes besides (schema ProjectRequest). */
const CREATION_KEYS = [...PROJECT_KEYS, 'startDate', 'files'];
const COMPLETED = 1;

function projectRecord(look: Look, project: Project): Record<string, Json> {
  const { state, now } = look;
  const shown = shownCard({ state, zone: zoneOf(look), groups: namedGroups(state) }, project.more);
  const end = shown['endDate'] === undefined ? undefined : readMoment(project.more['endDate'], 'UTC');
  const lateAt = (at: number) =>
    end !== undefined &&
    project.status !== COMPLETED &&
    momentIn(end, state.account.timezone) + (end.hasTime ? 0 : DAY) <= at;
  return {
    isDeleted: false,
    hiddenForEmployees: false,
    hiddenForClients: false,
    overdue: lateAt(now),
    isCloseToDeadline: !lateAt(now) && lateAt(now + DAY),
    ...shown,
    hasEndDate: end !== undefined,
    id: project.id,
    name: project.name,
    // A bare id: 0 draft, 1 completed, 2 active.
    status: { id: project.status },
    ...(project.owner === undefined ? {} : { owner: personRef(state, project.owner) }),
  };
}

/** The groups that some project names by number and name. */
function namedGroups(state: State): Named[] {
  return [...state.projects.values()].flatMap(({ more: { group } }) => {
    const id = toInteger(refId(group));
    const name = isObject(group) ? group['name'] : undefined;
    return id === undefined || typeof name !== 'string' ? [] : [{ id, name }];
  });
}

function answer(call: Call, project: Project, record: JsonObject, names: readonly string[]): JsonObject {
  const { state } = call;
  const custom = customFieldData(state, project.custom, askedFields(names, state.customFields), zoneOf(call));
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

/** The test of a project filter that is none of custom fields (help page "Сложные фильтры проектов"). */
function projectTest(look: Look, type: number, filter: JsonObject): RowTest | undefined {
  const { state, actor } = look;
  switch (type) {
    case 5001:
      return keyTest('name', filter);
    case 5002:
      return referenceTest('group', filter);
    case 5003:
      return peopleTest(state, 'counterparty', filter, 'contact');
    case 5004:
      return peopleTest(state, 'owner', filter);
    case 5005:
      return pointTest(look, 'endDate', filter, actor.zone);
    case 5006:
      return referenceTest('status', filter);
    case 5007:
      return referenceTest('id', filter);
    case 5008:
      return peopleTest(state, 'clientManagers', filter);
    case 5010:
      return referenceTest('template', filter);
    case 5011:
      return peopleTest(state, 'assignees', filter);
    case 5012:
      return peopleTest(state, 'auditors', filter);
    case 5013:
      return pointTest(look, 'createdDate', filter, actor.zone);
    case 5014:
      return referenceTest('parent', filter);
    default:
      return undefined;
  }
}

function listProjects(call: Call): EmulatorResponse {
  const { state, body } = call;
  const tests = rowTests(call, body['filters'], 5000, (type, filter) => projectTest(call, type, filter));
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const rows = [...state.projects.values()]
    .sort((a, b) => a.id - b.id)
    .map((project) => ({ project, record: projectRecord(call, project) }))
    .filter(({ record }) => record['isDeleted'] !== true)
    .filter(({ project, record }) => {
      // No answer shows when a project was created.
      const row = { ...record, createdDate: timePoint(project.createdAt, 'UTC') };
      return tests.every((test) => test({ record: row, custom: project.custom }));
    });
  const page = pageRows(rows, body, state.settings);
  return success({ projects: page.map(({ project, record }) => answer(call, project, record, names)) });
}

function projectById(call: Call, status: number, words: string): Project {
  const id = numberParam(call, 0);
  const project = call.state.projects.get(id);
  if (project === undefined) throw new Refusal(status, 3000, `${words} not found by id ${id}`);
  return project;
}

/** @throws Refusal code 41, 7000 or 6 for what can't be read; nothing is written then. */
function writeProject(call: Call, project: Project, keys: readonly string[]): void {
  const { state, body } = call;
  const { name, status, hasEndDate } = body;
  const owner = personId(body['owner']);
  const written = writtenCard(state, body, keys, zoneOf(call));
  if (typeof name === 'string' && name !== '') project.name = name;
  project.status = toInteger(refId(status)) ?? project.status;
  if (owner !== undefined) project.owner = owner;
  Object.assign(project.more, written);
  if (hasEndDate === false) delete project.more['endDate'];
  const fieldOf = (id: number) => {
    const field = state.customFields.get(id);
    return field?.objectType === OBJECT_TYPES['project'] ? field : undefined;
  };
  writeCustomFields(state, project.custom, body['customFieldData'], fieldOf, zoneOf(call));
}

function createProject(call: Call): EmulatorResponse {
  const { state, body, actor, now } = call;
  if (typeof body['name'] !== 'string' || body['name'] === '')
    throw new Refusal(400, 3001, 'Project create error');
  const project: Project = {
    id: state.next.project,
    name: '',
    status: 2,
    owner: actor.person,
    createdAt: now,
    custom: new Map(),
    more: {},
  };
  writeProject(call, project, CREATION_KEYS);
  state.projects.set(nextId(state, 'project'), project);
  return success({ id: project.id }, 201);
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
      const project = projectById(call, 400, 'Project');
      return success({ project: answer(call, project, projectRecord(call, project), names) });
    },
  },
  { method: 'POST', path: '/project/', write: true, run: createProject },
  {
    method: 'POST',
    path: '/project/{id}',
    write: true,
    run: (call) => {
      writeProject(call, projectById(call, 404, 'Project for update'), PROJECT_KEYS);
      return success();
    },
  },
];
