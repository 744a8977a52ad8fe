/** socialnetwork.api.workgroup.* and sonet_group.feature.access: the newer look at groups (api-reference/sonet-group). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { groupOf, groupScope, lists, seesGroup, shownGroup } from './groups.ts';
import { isMember } from './rights.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type Group } from './state.ts';
import { asInt, asList, asRecord, asText, camel, isYes, type Params, pick, refuse, yn } from './values.ts';

/** Fields to select in socialnetwork.api.workgroup.list, by their upper-case names; shown in camelCase. */
const workgroup = (group: Group): Row => ({
  ...shownGroup(group),
  TYPE: group.project ? 'project' : 'group',
  MEMBERS_COUNT: group.members.length,
  NUMBER_OF_MODERATORS: String(group.moderators.length),
  LANDING: 'N',
  INITIATE_PERMS: 'K',
  IMAGE_ID: null,
  AVATAR_TYPE: null,
  AVATAR: '',
});

const camelGroup = (row: Row, select: readonly string[]): { [key: string]: Json } => {
  // The page names fields to select in upper case (`NUMBER_OF_MEMBERS`) and answers in camelCase.
  const shown = select.includes('AVATAR') ? [...select, 'IMAGE_ID', 'AVATAR_TYPE'] : select;
  const wanted = new Set(['id', ...shown.map((name) => (/^[A-Z_]+$/.test(name) ? camel(name) : name))]);
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): [string, Json][] =>
      wanted.has(camel(name)) ? [[camel(name), value]] : [],
    ),
  );
};

const roleIn = (call: Call, id: number): string => {
  const group = call.state.groups.get(id);
  if (group === undefined || !isMember(group, call.user)) return '';
  return group.owner === call.user ? 'A' : group.moderators.includes(call.user) ? 'E' : 'K';
};

const list: Method['run'] = (call, params) => {
  const select = asList(pick(params, 'select')).map(asText);
  const extras = asRecord(pick(params, 'params'));
  const isAdmin = pick(extras, 'IS_ADMIN');
  // What a mobile client asks for beside the fields.
  const more = (row: Row): { [key: string]: Json } => ({
    ...(extras['mode'] === 'mobile'
      ? { additionalData: { role: roleIn(call, asInt(row['ID']) ?? 0), initiatedByType: '' } }
      : {}),
    ...(isYes(extras['shouldSelectDialogId']) ? { dialogId: '' } : {}),
  });
  const groups = [...call.state.groups.values()].filter((group) => lists(call, group, isAdmin));
  const rows = groups.map(workgroup).filter((row) => rowPasses(call.state, row, pick(params, 'filter')));
  const sorted = rowsInOrder(call.state, rows, asRecord(pick(params, 'order')));
  return page(
    sorted,
    asInt(pick(params, 'start')),
    (row) => ({ ...camelGroup(row, select), ...more(row) }),
    (workgroups) => ({ workgroups }),
  );
};

/** `2026-08-01T10:00:00+03:00` as the portal writes dates in its own language. */
const localDate = (value: Json | undefined): string => {
  const iso = asText(value);
  return `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
};

const chosen = (call: Call, group: Group): { readonly [name: string]: Json } => ({
  AVATAR: '',
  TAGS: [],
  DEPARTMENTS: [],
  PRIVACY_CODE: group.opened ? 'open' : group.visible ? 'closed' : 'secret',
  IS_PIN: false,
  OWNER_DATA: { ID: group.owner, NAME: call.state.users.get(group.owner)?.name ?? '' },
  USER_DATA: {
    USER_ID: call.user,
    ROLE: call.user === group.owner ? 'A' : group.moderators.includes(call.user) ? 'E' : 'K',
  },
});

const selectedNames: Readonly<Record<string, string>> = { PIN: 'IS_PIN', PRIVACY_TYPE: 'PRIVACY_CODE' };

const get: Method['run'] = (call, params) => {
  const given: Params = asRecord(pick(params, 'params'));
  const id = asInt(given['groupId']);
  if (id === undefined) {
    return refuse(400, 'SONET_CONTROLLER_WORKGROUP_EMPTY', 'No value for the workgroup ID was provided.');
  }
  const group = call.state.groups.get(id);
  if (group === undefined || !seesGroup(call, group)) {
    return refuse(400, 'SONET_CONTROLLER_WORKGROUP_NOT_FOUND', 'Workgroup not found.');
  }
  const row = shownGroup(group);
  const more = chosen(call, group);
  const select = asList(given['select'])
    .map((name) => asText(name).toUpperCase())
    .map((name) => selectedNames[name] ?? name);
  return answer({
    ID: group.id,
    ACTIVE: 'Y',
    SITE_ID: 's1',
    SUBJECT_ID: 1,
    NAME: group.name,
    DESCRIPTION: group.description,
    KEYWORDS: '',
    CLOSED: 'N',
    VISIBLE: yn(group.visible),
    OPENED: yn(group.opened),
    DATE_CREATE: localDate(row['DATE_CREATE']),
    DATE_UPDATE: localDate(row['DATE_UPDATE']),
    DATE_ACTIVITY: localDate(row['DATE_ACTIVITY']),
    IMAGE_ID: 0,
    AVATAR_TYPE: 'folder',
    OWNER_ID: group.owner,
    INITIATE_PERMS: 'K',
    NUMBER_OF_MEMBERS: group.members.length,
    NUMBER_OF_MODERATORS: group.moderators.length + 1,
    PROJECT: yn(group.project),
    PROJECT_DATE_START: null,
    PROJECT_DATE_FINISH: null,
    SEARCH_INDEX: group.name,
    LANDING: 'N',
    SCRUM_OWNER_ID: 0,
    SCRUM_SPRINT_DURATION: 0,
    SCRUM_TASK_RESPONSIBLE: '',
    TYPE: group.project ? 'project' : 'group',
    MEMBERS: [...group.members],
    CHAT_ID: 0,
    DIALOG_ID: '',
    ORDINARY_MEMBERS: group.members.filter((one) => one !== group.owner && !group.moderators.includes(one)),
    INVITED_MEMBERS: [],
    MODERATOR_MEMBERS: [...group.moderators],
    SITE_IDS: ['s1'],
    ...Object.fromEntries(Object.entries(more).filter(([name]) => select.includes(name))),
    NUMBER_OF_MEMBERS_PLURAL: 0,
  });
};

const operations: Readonly<Record<string, readonly string[]>> = {
  photo: ['view', 'write'],
  calendar: ['view', 'write'],
  tasks: ['view', 'view_all', 'sort', 'create_tasks', 'edit_tasks', 'delete_tasks'],
  files: ['view', 'write'],
  blog: [
    ...['view_post', 'premoderate_post', 'write_post', 'moderate_post', 'full_post'],
    ...['view_comment', 'premoderate_comment', 'write_comment', 'moderate_comment', 'full_comment'],
  ],
};

/** Members see and write; to change and delete what is others' is for those who lead the group. */
const featureAccess: Method['run'] = (call, params) => {
  const id = asInt(pick(params, 'GROUP_ID')) ?? 0;
  if (!call.state.groups.has(id)) refuse(400, '', 'Wrong socialnetwork group ID');
  const known = operations[asText(pick(params, 'FEATURE'))] ?? refuse(400, '', 'Wrong feature');
  const operation = asText(pick(params, 'OPERATION'));
  if (!known.includes(operation)) refuse(400, '', 'Wrong operation');
  const group = groupOf(call, id);
  const leads = call.admin || group.owner === call.user || group.moderators.includes(call.user);
  return answer(leads || (isMember(group, call.user) && !/edit|delete|moderate|full/.test(operation)));
};

const method = (name: string, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: groupScope,
  write: false,
  run,
});

export const workgroupMethods: readonly Method[] = [
  method('socialnetwork.api.workgroup.list', list),
  method('socialnetwork.api.workgroup.get', get),
  method('sonet_group.feature.access', featureAccess),
];
