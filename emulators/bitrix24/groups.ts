/** sonet_group.* (section 20). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { fire } from './events.ts';
import { isMember } from './rights.ts';
import { rowPasses, rowsInOrder } from './rowFilter.ts';
import { type Group, nextId } from './state.ts';
import { asIds, asInt, asRecord, asText, isYes, type Params, pick, refuse, yn } from './values.ts';

export const groupScope = ['sonet_group', 'sonet', 'socialnetwork'] as const;

/** Whether a group shows in lists: to an administrator all of them, when he asks with IS_ADMIN. */
export const lists = (call: Call, group: Group, isAdmin: Json | undefined): boolean =>
  (call.admin && isYes(isAdmin)) ||
  isMember(group, call.user) ||
  (group.visible && call.state.users.get(call.user)?.type === 'employee');

export const seesGroup = (call: Call, group: Group): boolean =>
  call.admin ||
  isMember(group, call.user) ||
  (group.visible && call.state.users.get(call.user)?.type === 'employee');

/** A row of sonet_group.get. */
export const shownGroup = (group: Group): { [key: string]: Json } => ({
  ID: String(group.id),
  SITE_ID: 's1',
  NAME: group.name,
  DESCRIPTION: group.description === '' ? null : group.description,
  DATE_CREATE: '2026-08-01T10:00:00+03:00',
  DATE_UPDATE: '2026-09-01T10:00:00+03:00',
  ACTIVE: 'Y',
  VISIBLE: yn(group.visible),
  OPENED: yn(group.opened),
  CLOSED: 'N',
  SUBJECT_ID: '1',
  OWNER_ID: String(group.owner),
  KEYWORDS: null,
  NUMBER_OF_MEMBERS: String(group.members.length),
  DATE_ACTIVITY: '2026-09-28T09:40:00+03:00',
  SUBJECT_NAME: 'Рабочие группы',
  PROJECT: yn(group.project),
  IS_EXTRANET: yn(group.extranet),
});

/** The group if the caller sees it. */
export const groupOf = (call: Call, id: Json | undefined): Group => {
  const group = call.state.groups.get(asInt(id) ?? 0);
  return group !== undefined && seesGroup(call, group)
    ? group
    : refuse(400, '', 'Socialnetwork group not found');
};

const ownGroup = (call: Call, id: Json | undefined, what: 'update' | 'delete'): Group => {
  const group = groupOf(call, id);
  return call.admin || group.owner === call.user
    ? group
    : refuse(400, '', `User has no permissions to ${what} group`);
};

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: groupScope,
  write,
  run,
});

const roleOf = (group: Group, id: number): 'A' | 'E' | 'K' =>
  id === group.owner ? 'A' : group.moderators.includes(id) ? 'E' : 'K';

const addMembers = (call: Call, group: Group, ids: readonly number[]): number[] => {
  const added = ids.filter((id) => call.state.users.has(id) && !group.members.includes(id));
  group.members.push(...added);
  return added;
};

const groupId = (params: Params): number => {
  const id = asInt(pick(params, 'GROUP_ID')) ?? 0;
  return id > 0 ? id : refuse(400, '', 'Wrong group ID');
};

const userIds = (params: Params): number[] => {
  const ids = asIds(pick(params, 'USER_ID'));
  return ids.length > 0 ? ids : refuse(400, '', 'Wrong user IDs');
};

const fireGroup = (call: Call, what: 'ADD' | 'UPDATE' | 'DELETE', id: number): void => {
  fire(call, `ONSONETGROUP${what}`, id, { FIELDS: { ID: id } });
};

export const groupMethods: readonly Method[] = [
  method('sonet_group.get', false, (call, params) => {
    const id = asInt(pick(params, 'GROUP_ID'));
    const rows = [...call.state.groups.values()]
      .filter(
        (group) => lists(call, group, pick(params, 'IS_ADMIN')) && (id === undefined || group.id === id),
      )
      .map(shownGroup)
      .filter((row) => rowPasses(call.state, row, pick(params, 'FILTER')));
    const order = asRecord(pick(params, 'ORDER'));
    const sorted = rowsInOrder(call.state, rows, Object.keys(order).length === 0 ? { ID: 'DESC' } : order);
    return page(sorted, asInt(pick(params, 'start')), (row) => row);
  }),
  method('sonet_group.user.get', false, (call, params) => {
    const id = asInt(pick(params, 'ID')) ?? 0;
    if (id <= 0) refuse(400, '', 'Wrong socialnetwork group ID');
    const group = groupOf(call, id);
    return answer(group.members.map((id): Json => ({ USER_ID: String(id), ROLE: roleOf(group, id) })));
  }),
  method('sonet_group.user.groups', false, (call) =>
    answer(
      [...call.state.groups.values()]
        .filter((group) => isMember(group, call.user))
        .map((group): Json => ({
          GROUP_ID: String(group.id),
          GROUP_NAME: group.name,
          ROLE: roleOf(group, call.user),
          GROUP_IMAGE_ID: null,
          GROUP_IMAGE: '',
        })),
    ),
  ),
  method('sonet_group.create', true, (call, params) => {
    const name = asText(pick(params, 'NAME'));
    if (name === '') refuse(400, '', 'Не указано название группы');
    // Only an administrator names the owner; a group is visible unless it is hidden on purpose.
    const owner = call.admin ? (asInt(pick(params, 'OWNER_ID')) ?? call.user) : call.user;
    const hidden = asText(pick(params, 'VISIBLE')).toUpperCase() === 'N';
    const group: Group = {
      id: nextId(call.state, 'group'),
      name,
      description: asText(pick(params, 'DESCRIPTION')),
      owner,
      moderators: [],
      members: [owner],
      visible: !hidden && call.state.users.get(call.user)?.type !== 'extranet',
      opened: isYes(pick(params, 'OPENED')),
      project: isYes(pick(params, 'PROJECT')),
      extranet: false,
      stages: ['Новые', 'Выполняются', 'Сделаны'].map((title, index) => ({
        id: nextId(call.state, 'stage'),
        title,
        system: ['NEW', 'WORK', 'FINISH'][index] ?? null,
        color: '00C4FB',
      })),
    };
    call.state.groups.set(group.id, group);
    fireGroup(call, 'ADD', group.id);
    return answer(group.id);
  }),
  method('sonet_group.update', true, (call, params) => {
    const group = ownGroup(call, groupId(params), 'update');
    const text = (name: string, now: string): string => {
      const given = pick(params, name);
      return given === undefined ? now : asText(given);
    };
    group.name = text('NAME', group.name) || group.name;
    group.description = text('DESCRIPTION', group.description);
    group.visible = isYes(pick(params, 'VISIBLE') ?? group.visible);
    group.opened = isYes(pick(params, 'OPENED') ?? group.opened);
    fireGroup(call, 'UPDATE', group.id);
    return answer(group.id);
  }),
  method('sonet_group.delete', true, (call, params) => {
    const group = ownGroup(call, groupId(params), 'delete');
    call.state.groups.delete(group.id);
    fireGroup(call, 'DELETE', group.id);
    return answer(true);
  }),
  method('sonet_group.setowner', true, (call, params) => {
    const group = ownGroup(call, groupId(params), 'update');
    group.owner = asInt(pick(params, 'USER_ID')) ?? group.owner;
    addMembers(call, group, [group.owner]);
    return answer(true);
  }),
  method('sonet_group.user.add', true, (call, params) => {
    const id = groupId(params);
    const users = userIds(params);
    if (!call.admin) refuse(400, '', 'No permissions to add users');
    return answer(addMembers(call, groupOf(call, id), users).map(String));
  }),
  method('sonet_group.user.invite', true, (call, params) => {
    const group = ownGroup(call, groupId(params), 'update');
    return answer(addMembers(call, group, userIds(params)).map(String));
  }),
  method('sonet_group.user.request', true, (call, params) => {
    const group = groupOf(call, groupId(params));
    if (isMember(group, call.user)) refuse(400, '', 'Cannot request to join group');
    // An open group takes who asks; elsewhere a moderator decides, which no method of the API does.
    if (group.opened) addMembers(call, group, [call.user]);
    return answer(true);
  }),
  method('sonet_group.user.update', true, (call, params) => {
    const id = groupId(params);
    const role = asText(pick(params, 'ROLE'));
    if (role !== 'E' && role !== 'K') refuse(400, '', 'Incorrect role code');
    const users = userIds(params);
    const group = groupOf(call, id);
    if (!call.admin && group.owner !== call.user) refuse(400, '', 'No permissions to update users role');
    const changed = users.filter((user) => user !== group.owner && isMember(group, user));
    group.moderators = group.moderators.filter((user) => !changed.includes(user));
    if (role === 'E') group.moderators.push(...changed);
    return answer(changed.map(String));
  }),
  method('sonet_group.user.delete', true, (call, params) => {
    const group = ownGroup(call, groupId(params), 'update');
    const ids = userIds(params).filter((id) => id !== group.owner && isMember(group, id));
    group.members = group.members.filter((id) => !ids.includes(id));
    return answer(ids.map(String));
  }),
];
