/** sonet_group.* and socialnetwork.api.workgroup.list (section 20). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { isMember } from './rights.ts';
import { type Group, nextId } from './state.ts';
import { asIds, asInt, asList, asRecord, asText, camel, isYes, pick, refuse, yn } from './values.ts';

const scope = ['sonet_group', 'sonet', 'socialnetwork'] as const;

const sees = (call: Call, group: Group): boolean =>
  call.admin ||
  isMember(group, call.user) ||
  (group.visible && call.state.users.get(call.user)?.type === 'employee');

const shown = (group: Group): { [key: string]: Json } => ({
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

const passes = (row: { readonly [key: string]: Json }, filter: { readonly [key: string]: Json }): boolean =>
  Object.entries(filter).every(([key, value]) => {
    const negated = key.startsWith('!');
    const like = key.replace('!', '').startsWith('%');
    const have = row[key.replace(/^[!%=@]+/, '').toUpperCase()];
    if (have === undefined) return true;
    const found = asList(value).some((item) =>
      like ? asText(have).toLowerCase().includes(asText(item).toLowerCase()) : asText(have) === asText(item),
    );
    return found !== negated;
  });

const groupOf = (call: Call, id: Json | undefined): Group => {
  const group = call.state.groups.get(asInt(id) ?? 0);
  return group !== undefined && sees(call, group) ? group : refuse(400, '', 'Socialnetwork group not found');
};

const ownGroup = (call: Call, id: Json | undefined): Group => {
  const group = groupOf(call, id);
  return call.admin || group.owner === call.user
    ? group
    : refuse(400, '', 'User has no permissions to update group');
};

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope,
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

const camelGroup = (group: Group, select: readonly string[]): Json => {
  const full: { [key: string]: Json } = {
    id: String(group.id),
    name: group.name,
    description: group.description,
    type: group.project ? 'project' : 'group',
    ownerId: String(group.owner),
    membersCount: group.members.length,
    closed: 'N',
    visible: yn(group.visible),
    opened: yn(group.opened),
    project: yn(group.project),
  };
  // The page names fields to select in upper case (`MEMBERS_COUNT`) and answers in camelCase.
  const wanted = new Set(['id', ...select.map((name) => (/^[A-Z_]+$/.test(name) ? camel(name) : name))]);
  return Object.fromEntries(Object.entries(full).filter(([key]) => wanted.has(key)));
};

export const groupMethods: readonly Method[] = [
  method('sonet_group.get', false, (call, params) => {
    const filter = asRecord(pick(params, 'FILTER'));
    const id = asInt(pick(params, 'GROUP_ID'));
    const rows = [...call.state.groups.values()]
      .filter((group) => sees(call, group) && (id === undefined || group.id === id))
      .map(shown)
      .filter((row) => passes(row, filter));
    const [key = 'ID', direction = 'ASC'] = Object.entries(asRecord(pick(params, 'ORDER')))[0] ?? [];
    const by = (row: { readonly [name: string]: Json }): number | string =>
      key.toUpperCase() === 'ID' ? Number(row['ID']) : asText(row[key.toUpperCase()]);
    rows.sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
    if (asText(direction).toUpperCase() === 'DESC') rows.reverse();
    return page(rows, asInt(pick(params, 'start')), (row) => row);
  }),
  method('sonet_group.user.get', false, (call, params) => {
    const group = groupOf(call, pick(params, 'ID'));
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
    const owner = asInt(pick(params, 'OWNER_ID')) ?? call.user;
    const group: Group = {
      id: nextId(call.state, 'group'),
      name,
      description: asText(pick(params, 'DESCRIPTION')),
      owner,
      moderators: [],
      members: [owner],
      visible: isYes(pick(params, 'VISIBLE')),
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
    return answer(group.id);
  }),
  method('sonet_group.update', true, (call, params) => {
    const group = ownGroup(call, pick(params, 'GROUP_ID'));
    const name = asText(pick(params, 'NAME'));
    if (name !== '') group.name = name;
    return answer(group.id);
  }),
  method('sonet_group.delete', true, (call, params) => {
    const group = ownGroup(call, pick(params, 'GROUP_ID'));
    call.state.groups.delete(group.id);
    return answer(true);
  }),
  method('sonet_group.setowner', true, (call, params) => {
    const group = ownGroup(call, pick(params, 'GROUP_ID'));
    group.owner = asInt(pick(params, 'USER_ID')) ?? group.owner;
    addMembers(call, group, [group.owner]);
    return answer(true);
  }),
  method('sonet_group.user.add', true, (call, params) => {
    if (!call.admin) refuse(400, '', 'Access denied');
    const group = groupOf(call, pick(params, 'GROUP_ID'));
    return answer(addMembers(call, group, asIds(pick(params, 'USER_ID'))));
  }),
  method('sonet_group.user.invite', true, (call, params) => {
    const group = ownGroup(call, pick(params, 'GROUP_ID'));
    return answer(addMembers(call, group, asIds(pick(params, 'USER_ID'))));
  }),
  method('sonet_group.user.request', true, (call, params) => {
    const id = asInt(pick(params, 'GROUP_ID')) ?? 0;
    if (id <= 0) refuse(400, '', 'Wrong group ID');
    const group = groupOf(call, id);
    if (isMember(group, call.user)) refuse(400, '', 'Cannot request to join group');
    // An open group takes who asks; elsewhere a moderator decides, which no method of the API does.
    if (group.opened) addMembers(call, group, [call.user]);
    return answer(true);
  }),
  method('sonet_group.user.update', true, (call, params) => {
    const id = asInt(pick(params, 'GROUP_ID')) ?? 0;
    if (id <= 0) refuse(400, '', 'Wrong group ID');
    const role = asText(pick(params, 'ROLE'));
    if (role !== 'E' && role !== 'K') refuse(400, '', 'Incorrect role code');
    const users = asIds(pick(params, 'USER_ID'));
    if (users.length === 0) refuse(400, '', 'Wrong user IDs');
    const group = groupOf(call, id);
    if (!call.admin && group.owner !== call.user) refuse(400, '', 'No permissions to update users role');
    const changed = users.filter((user) => user !== group.owner && isMember(group, user));
    group.moderators = group.moderators.filter((user) => !changed.includes(user));
    if (role === 'E') group.moderators.push(...changed);
    return answer(changed.map(String));
  }),
  method('sonet_group.user.delete', true, (call, params) => {
    const group = ownGroup(call, pick(params, 'GROUP_ID'));
    const ids = asIds(pick(params, 'USER_ID')).filter((id) => id !== group.owner);
    group.members = group.members.filter((id) => !ids.includes(id));
    return answer(ids);
  }),
  method('socialnetwork.api.workgroup.list', false, (call, params) => {
    const filter = asRecord(pick(params, 'filter'));
    const select = asList(pick(params, 'select')).map(asText);
    const rows = [...call.state.groups.values()].filter(
      (group) => sees(call, group) && passes(shown(group), filter),
    );
    return page(
      rows,
      asInt(pick(params, 'start')),
      (group) => camelGroup(group, select),
      (workgroups) => ({ workgroups }),
    );
  }),
];
