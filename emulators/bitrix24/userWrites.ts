/** user.add and user.update (user-add.md and user-update.md of the vendor's reference). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { fire } from './events.ts';
import { nextId, type User } from './state.ts';
import { nameParts, userAdded } from './users.ts';
import { asIds, asInt, asText, isYes, type Params, pick, refuse } from './values.ts';

const administrator = (call: Call): void => {
  if (!call.admin) refuse(400, 'ERROR_CORE', 'access_denied');
};

/** Fields of a row that the portal keeps as they came. */
const kept = /^(PERSONAL_|WORK_(?!POSITION$)|UF_(?!DEPARTMENT$)|SECOND_NAME$|XML_ID$)/;

const extraOf = (params: Params): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(params)
      .map(([name, value]): [string, Json] => [name.toUpperCase(), value])
      .filter(([name]) => kept.test(name)),
  );

const emailOf = (call: Call, params: Params, own: number): string => {
  const email = asText(pick(params, 'EMAIL')).trim();
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) refuse(400, 'ERROR_ARGUMENT', 'wrong_email');
  const taken = [...call.state.users.values()].some(
    (user) => user.id !== own && user.email.toLowerCase() === email.toLowerCase(),
  );
  return taken ? refuse(400, 'ERROR_ARGUMENT', 'A user with this email already exists') : email;
};

const nameOf = (params: Params, now: string): string => {
  const { first, last } = nameParts(now);
  const part = (name: string, was: string): string => {
    const value = pick(params, name);
    return value === undefined ? was : asText(value).trim();
  };
  return `${part('NAME', first)} ${part('LAST_NAME', last)}`.trim();
};

const add: Method['run'] = (call, params) => {
  administrator(call);
  const { state } = call;
  const email = emailOf(call, params, 0);
  const extranet = isYes(pick(params, 'EXTRANET'));
  const groups = asIds(pick(params, 'SONET_GROUP_ID'));
  if (extranet && groups.length === 0) refuse(400, 'ERROR_ARGUMENT', 'no_extranet_field');
  const id = Math.max(nextId(state, 'user'), 1 + Math.max(...state.users.keys()));
  state.next.set('user', id + 1);
  const departments = asIds(pick(params, 'UF_DEPARTMENT'));
  const user: User = {
    id,
    name: nameOf(params, ''),
    position: asText(pick(params, 'WORK_POSITION')),
    admin: false,
    type: extranet ? 'extranet' : 'employee',
    active: true,
    email,
    departments: extranet ? [] : departments.length > 0 ? departments : [1],
    hidden: false,
    externalAuthId: '',
    extra: extraOf(params),
  };
  state.users.set(id, user);
  for (const group of groups) state.groups.get(group)?.members.push(id);
  fire(call, 'ONUSERADD', id, userAdded(call, user));
  return answer(id);
};

const update: Method['run'] = (call, params) => {
  const user = call.state.users.get(asInt(pick(params, 'ID')) ?? 0);
  if (user === undefined) return refuse(400, 'ERROR_CORE', 'access_denied');
  administrator(call);
  if (pick(params, 'EMAIL') !== undefined) user.email = emailOf(call, params, user.id);
  user.name = nameOf(params, user.name);
  user.position = asText(pick(params, 'WORK_POSITION') ?? user.position);
  if (pick(params, 'UF_DEPARTMENT') !== undefined) user.departments = asIds(pick(params, 'UF_DEPARTMENT'));
  user.active = isYes(pick(params, 'ACTIVE') ?? user.active);
  user.extra = { ...user.extra, ...extraOf(params) };
  return answer(true);
};

const method = (name: string, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: ['user'],
  write: true,
  run,
});

export const userWriteMethods: readonly Method[] = [method('user.add', add), method('user.update', update)];
