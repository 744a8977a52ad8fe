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
import { numberParam, type Call, type Route } from './routes.ts';
import { nextId } from './records.ts';
import { type Named, type State, type User } from './state.ts';

const USER_KEYS = ['midname', 'gender', 'phones', 'email', 'login', 'position', 'telegram', 'telegramId'];

/** A user with every key; `prefixed` gives `user:3` instead of 3. */
export function userRecord(state: State, user: User, prefixed: boolean): Record<string, Json> {
  const person = `user:${user.id}`;
  return {
    isDeleted: false,
    phones: [],
    secondaryEmails: [],
    languageCode: 'ru',
    gender: 'NotDefined',
    ...user.more,
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

function textTest(
  operator: string,
  value: Json | undefined,
  whole: boolean,
): (own: Json | undefined) => boolean {
  const wanted = String(value ?? '').toLowerCase();
  const negative = operator === 'notequal' || operator === 'nothave';
  return (own) => {
    const text = typeof own === 'string' || typeof own === 'number' ? String(own).toLowerCase() : '';
    return (whole && operator !== 'have' ? text === wanted : text.includes(wanted)) !== negative;
  };
}

/** Tests of a list of contact or user filters over their records. */
export function recordTests(
  filters: Json | undefined,
  one: (type: number, filter: JsonObject) => ((record: JsonObject) => boolean) | undefined,
): ((record: JsonObject) => boolean)[] {
  return listOf(filters).map((filter) => {
    const type = isObject(filter) ? toInteger(filter['type']) : undefined;
    const test = isObject(filter) && type !== undefined ? one(type, filter) : undefined;
    if (test === undefined) throw new Refusal(400, 41, `Unknown type of filter ${String(type)}`);
    return test;
  });
}

/** A test of one text key. */
export function keyTest(key: string, filter: JsonObject, whole = false): (record: JsonObject) => boolean {
  const test = textTest(String(filter['operator'] ?? 'equal'), filter['value'], whole);
  return (record) => test(record[key]);
}

/** A test of the numbers in a list of phones. */
export function phoneTest(filter: JsonObject): (record: JsonObject) => boolean {
  const wanted = String(filter['value'] ?? '').replace(/\D/g, '');
  return (record) =>
    listOf(record['phones']).some(
      (phone) =>
        isObject(phone) &&
        String(phone['number'] ?? '')
          .replace(/\D/g, '')
          .includes(wanted),
    );
}

function userTest(type: number, filter: JsonObject): ((record: JsonObject) => boolean) | undefined {
  switch (type) {
    case 9001: {
      const id = toInteger(String(filter['value'] ?? '').replace('group:', ''));
      return (record) => listOf(record['groups']).some((group) => refId(group) === id);
    }
    case 9002:
      return phoneTest(filter);
    case 9003:
      return keyTest('email', filter, true);
    case 9005:
    case 9127:
      return (record) => {
        const position = record['position'];
        return (
          isObject(position) &&
          (position['id'] === toInteger(filter['value']) || position['name'] === filter['value'])
        );
      };
    case 9006:
      return (record) => {
        const whole = [record['name'], record['midname'], record['lastname']].filter(Boolean).join(' ');
        return keyTest('whole', filter)({ whole });
      };
    case 9008:
      return (record) => toInteger(String(record['id']).replace('user:', '')) === toInteger(filter['value']);
    case 9009:
      return keyTest('role', filter, true);
    case 9121:
      return keyTest('name', filter);
    case 9122:
      return keyTest('midname', filter);
    case 9123:
      return keyTest('lastname', filter);
    case 9126:
      return keyTest('telegramId', filter, true);
    default:
      return undefined;
  }
}

function listUsers(call: Call): EmulatorResponse {
  const { state, body } = call;
  const tests = recordTests(body['filters'], userTest);
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const records = [...state.users.values()]
    .sort((a, b) => a.id - b.id)
    .filter((user) => body['onlyActive'] !== true || user.status !== 'Inactive')
    .map((user) => userRecord(state, user, body['prefixedId'] === true))
    .filter((record) => tests.every((test) => test(record)));
  return success({ users: pageRows(records, body, state.settings).map((record) => pick(record, names)) });
}

function userById(call: Call, status: number): User {
  const given = call.params[0] ?? '';
  const user = given.startsWith('contact:') ? undefined : call.state.users.get(numberParam(call, 0));
  if (user === undefined)
    throw new Refusal(status, 4000, `User not found by id ${given.replace('user:', '')}`);
  return user;
}

function getUser(call: Call): EmulatorResponse {
  const user = userById(call, 400);
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  return success({ user: pick(userRecord(call.state, user, false), names) });
}

function writeUser(user: User, body: JsonObject): void {
  const { name, lastname, role, status } = body;
  if (typeof name === 'string') user.name = name;
  if (typeof lastname === 'string') user.lastname = lastname;
  if (typeof role === 'string') user.role = role;
  if (typeof status === 'string') user.status = status;
  Object.assign(user.more, pick(body, USER_KEYS));
}

function joinGroups(state: State, person: string, groups: Json | undefined): void {
  if (groups === undefined) return;
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
    id: nextId(state, 'user'),
    name: '',
    lastname: '',
    role: 'User',
    status: 'Active',
    more: {},
  };
  writeUser(user, body);
  state.users.set(user.id, user);
  joinGroups(state, `user:${user.id}`, body['groups']);
  return success({ id: user.id }, 201);
}

function assertFreeEmail(state: State, email: Json | undefined, except: User | undefined): void {
  if (typeof email !== 'string' || email === '') return;
  const taken = [...state.users.values()].some((user) => user !== except && user.more['email'] === email);
  if (taken) throw new Refusal(400, 4003, 'User e-mail is not unique');
}

function updateUser(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  const user = userById(call, 404);
  if (!actor.admin && actor.person !== `user:${user.id}`) throw new Refusal(400, 6, 'Access denied');
  assertFreeEmail(state, body['email'], user);
  writeUser(user, body);
  joinGroups(state, `user:${user.id}`, body['groups']);
  return success();
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

const groupsOf = (state: State): readonly Named[] => [...state.groups.values()];

export const peopleRoutes: readonly Route[] = [
  referenceRoute('/user/groups', 'groups', groupsOf, 'user_readonly'),
  referenceRoute('/user/positions', 'positions', (state) => state.positions, 'user_readonly'),
  referenceRoute('/user/posts', 'positions', (state) => state.positions, 'user_readonly'),
  referenceRoute('/contact/groups', 'groups', (state) => state.contactGroups, 'contact_readonly'),
  referenceRoute('/contact/templates', 'templates', (state) => state.contactTemplates, 'contact_readonly'),
  { method: 'POST', path: '/user/list', scope: 'user_readonly', write: false, list: true, run: listUsers },
  { method: 'GET', path: '/user/{id}', scope: 'user_readonly', write: false, run: getUser },
  { method: 'POST', path: '/user/', scope: 'user_add', write: true, run: createUser },
  { method: 'POST', path: '/user/{id}', scope: 'user_update', write: true, run: updateUser },
];
