/** Routes of users and their groups (section 11). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import {
  fieldNames,
  isObject,
  listOf,
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
import { isTrue } from './filterForm.ts';
import { isZone } from './moments.ts';
import {
  keyTest,
  nameTest,
  phoneTest,
  pointTest,
  referenceTest,
  rowTests,
  type RowTest,
} from './recordFilters.ts';
import { nextId } from './records.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { zoneOfPerson } from './persons.ts';
import { type Named, type State, type User } from './state.ts';
import { type Look } from './taskView.ts';

const USER_KEYS = [
  'midname',
  'gender',
  'birthDate',
  'isDeleted',
  'phones',
  'email',
  'secondaryEmails',
  'login',
  'languageCode',
  'communicationLanguageCode',
  'timezone',
  'personalManagers',
  'temporaryReplacement',
  'workspace',
  'telegram',
  'telegramId',
  'sourceObjectId',
  'sourceDataVersion',
];

/** A user with every key; `prefixed` gives `user:3` instead of 3. */
export function userRecord(state: State, user: User, prefixed: boolean): Record<string, Json> {
  const person = `user:${user.id}`;
  return {
    isDeleted: false,
    phones: [],
    secondaryEmails: [],
    languageCode: 'Ru',
    gender: 'NotDefined',
    timezone: zoneOfPerson(state, person),
    ...shownCard({ state, zone: 'UTC', groups: [] }, user.more),
    id: prefixed ? person : user.id,
    name: user.name,
    lastname: user.lastname,
    role: user.role,
    status: user.status,
    groups: [...state.groups.values()]
      .filter((group) => group.members.includes(person))
      .map(({ id, name }) => ({ id, name })),
  };
}

/** The test of a user filter that is none of custom fields (help page "Сложные фильтры сотрудников"). */
function userTest(look: Look, type: number, filter: JsonObject): RowTest | undefined {
  switch (type) {
    case 9001:
      return referenceTest('groups', filter);
    case 9002:
      return phoneTest(filter);
    case 9003:
      return keyTest('email', filter);
    case 9004:
      // No answer shows the short number: a world tells it.
      return keyTest('extension', filter);
    case 9005: {
      const test = keyTest('name', filter, true);
      return ({ record, custom }) => {
        const { position } = record;
        return test({ record: isObject(position) ? position : {}, custom });
      };
    }
    case 9127:
      return referenceTest('position', filter);
    case 9006:
      return nameTest(filter);
    case 9008:
      return referenceTest('id', filter);
    case 9009:
      return keyTest('role', filter, true);
    case 9120:
      return pointTest(look, 'birthDate', filter, 'UTC');
    case 9121:
      return keyTest('name', filter);
    case 9122:
      return keyTest('midname', filter);
    case 9123:
      return keyTest('lastname', filter);
    case 9124:
      return keyTest('languageCode', filter, true);
    case 9126:
      return keyTest('telegramId', filter, true);
    default:
      return undefined;
  }
}

function answer(call: Call, user: User, record: JsonObject, names: readonly string[]): JsonObject {
  const { state } = call;
  const custom = customFieldData(state, user.custom, askedFields(names, state.customFields), zoneOf(call));
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

function listUsers(call: Call): EmulatorResponse {
  const { state, body } = call;
  const tests = rowTests(call, body['filters'], 9000, (type, filter) => userTest(call, type, filter));
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const rows = [...state.users.values()]
    .sort((a, b) => a.id - b.id)
    .filter((user) => !isTrue(body['onlyActive']) || user.status !== 'Inactive')
    .map((user) => ({ user, record: userRecord(state, user, isTrue(body['prefixedId'])) }))
    .filter(({ user, record }) => tests.every((test) => test({ record, custom: user.custom })));
  const page = pageRows(rows, body, state.settings);
  return success({ users: page.map(({ user, record }) => answer(call, user, record, names)) });
}

function userById(call: Call, status: number, words: string): User {
  const given = call.params[0] ?? '';
  const user = given.startsWith('contact:') ? undefined : call.state.users.get(numberParam(call, 0));
  if (user === undefined) {
    throw new Refusal(status, 4000, `${words} ${given.replace('user:', '')}`);
  }
  return user;
}

function getUser(call: Call): EmulatorResponse {
  const user = userById(call, 400, 'User not found by id');
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  return success({ user: answer(call, user, userRecord(call.state, user, false), names) });
}

/** What a write could not do, as the document names it beside its 200. */
interface Failure {
  readonly field: string;
  readonly error: string;
}

function writeUser(state: State, user: User, body: JsonObject, zone: string): Failure[] {
  const { name, lastname, role, status, timezone } = body;
  if (typeof timezone === 'string' && timezone !== '' && !isZone(timezone))
    throw new Refusal(400, 41, 'Bad value of parameter timezone');
  const written = writtenCard(state, body, USER_KEYS, zone);
  if (typeof name === 'string') user.name = name;
  if (typeof lastname === 'string') user.lastname = lastname;
  if (typeof role === 'string') user.role = role;
  if (typeof status === 'string') user.status = status;
  Object.assign(user.more, written);
  const fieldOf = (id: number) => {
    const field = state.customFields.get(id);
    return field?.objectType === OBJECT_TYPES['user'] ? field : undefined;
  };
  writeCustomFields(state, user.custom, body['customFieldData'], fieldOf, zone);
  joinGroups(state, `user:${user.id}`, body['groups']);
  return writePosition(state, user, body['position']);
}

/** A position is named by its number or its name; number 0 takes it away. */
function writePosition(state: State, user: User, position: Json | undefined): Failure[] {
  if (!isObject(position)) return [];
  const { name } = position;
  const id = toInteger(position['id']);
  if (id === 0) {
    delete user.more['position'];
    return [];
  }
  const known = state.positions.find((one) => (id === undefined ? one.name === name : one.id === id));
  if (known === undefined) {
    const words = id === undefined ? `name - ${String(name)}` : `id - ${id}`;
    return [{ field: 'position', error: `Position not found by ${words}` }];
  }
  user.more['position'] = { id: known.id, name: known.name };
  return [];
}

function joinGroups(state: State, person: string, groups: Json | undefined): void {
  if (groups === undefined || groups === null) return;
  const ids = listOf(groups).map((group) => toInteger(refId(group)));
  for (const group of state.groups.values()) {
    group.members = group.members.filter((member) => member !== person);
    if (ids.includes(group.id)) group.members.push(person);
  }
}

function createUser(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  if (!actor.admin) throw new Refusal(400, 6, 'Access denied');
  if (typeof body['name'] !== 'string' || body['name'] === '')
    throw new Refusal(400, 4006, 'User name is empty');
  assertFreeEmail(state, body['email'], undefined);
  const user: User = {
    id: state.next.user,
    name: '',
    lastname: '',
    role: 'User',
    status: 'Active',
    custom: new Map(),
    more: {},
  };
  writeUser(state, user, body, zoneOf(call));
  state.users.set(nextId(state, 'user'), user);
  return success({ id: user.id }, 201);
}

function assertFreeEmail(state: State, email: Json | undefined, except: User | undefined): void {
  if (typeof email !== 'string' || email === '') return;
  const taken = [...state.users.values()].some((user) => user !== except && user.more['email'] === email);
  if (taken) throw new Refusal(400, 4003, 'User e-mail is not unique');
}

function updateUser(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  const user = userById(call, 404, 'Employee not found by id -');
  if (!actor.admin && actor.person !== `user:${user.id}`) throw new Refusal(400, 6, 'Access denied');
  assertFreeEmail(state, body['email'], user);
  const failures = writeUser(state, user, body, zoneOf(call));
  return success(failures.length === 0 ? {} : { failures: failures.map((failure) => ({ ...failure })) });
}

/** A short reference list by GET, without paging. */
function referenceRoute(
  path: string,
  key: string,
  rows: (state: State) => readonly Named[],
  scope: string,
): Route {
  return {
    method: 'GET',
    path,
    scope,
    write: false,
    run: ({ state, query }) => {
      const names = fieldNames(query.get('fields') ?? undefined, ['id', 'name']);
      return success({ [key]: rows(state).map(({ id, name }) => pick({ id, name }, names)) });
    },
  };
}

/** A new position, or another name of one (document 1.6.9). */
function createPosition({ state, body, actor }: Call): EmulatorResponse {
  if (!actor.admin) throw new Refusal(400, 6, 'Access denied');
  const { name } = body;
  if (typeof name !== 'string' || name === '') throw new Refusal(400, 30, 'Rest API error');
  const id = Math.max(0, ...state.positions.map((one) => one.id)) + 1;
  state.positions = [...state.positions, { id, name }];
  return success({ id }, 201);
}

function renamePosition(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  if (!actor.admin) throw new Refusal(400, 6, 'Access denied');
  const id = numberParam(call, 0);
  const { name } = body;
  const known = state.positions.some((one) => one.id === id);
  if (!known || typeof name !== 'string' || name === '') throw new Refusal(400, 30, 'Rest API error');
  state.positions = state.positions.map((one) => (one.id === id ? { id, name } : one));
  return success();
}

const groupsOf = (state: State): readonly Named[] => [...state.groups.values()];

export const peopleRoutes: readonly Route[] = [
  referenceRoute('/user/groups', 'groups', groupsOf, 'user_readonly'),
  referenceRoute('/user/positions/', 'positions', (state) => state.positions, 'user_readonly'),
  referenceRoute('/user/positions', 'positions', (state) => state.positions, 'user_readonly'),
  { method: 'POST', path: '/user/positions/', scope: 'user_add', write: true, run: createPosition },
  { method: 'POST', path: '/user/positions/{id}', scope: 'user_update', write: true, run: renamePosition },
  referenceRoute('/user/posts', 'posts', (state) => state.positions, 'user_readonly'),
  referenceRoute('/contact/groups', 'groups', (state) => state.contactGroups, 'contact_readonly'),
  referenceRoute('/contact/templates', 'templates', (state) => state.contactTemplates, 'contact_readonly'),
  { method: 'POST', path: '/user/list', scope: 'user_readonly', write: false, list: true, run: listUsers },
  { method: 'GET', path: '/user/{id}', scope: 'user_readonly', write: false, run: getUser },
  { method: 'POST', path: '/user/', scope: 'user_add', write: true, run: createUser },
  { method: 'POST', path: '/user/{id}', scope: 'user_update', write: true, run: updateUser },
];
