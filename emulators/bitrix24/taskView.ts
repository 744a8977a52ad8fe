/** How tasks look in answers of version 2 (section 8): read names in lowerCamel, ids mostly as texts. */
import { type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { iso, isoAt } from './moments.ts';
import { actionsOf, canWork } from './rights.ts';
import { word } from './settings.ts';
import { type State, type Task, type User } from './state.ts';
import { camel, phpMap, yn } from './values.ts';

interface Row {
  [key: string]: Json;
}

export const userBrief = (state: State, id: number): Json => {
  const user: User | undefined = state.users.get(id);
  return {
    id: String(id),
    name: user?.name ?? '',
    link: `/company/personal/user/${id}/`,
    icon: '/bitrix/images/tasks/default_avatar.png',
    workPosition: user?.position === '' ? null : (user?.position ?? null),
  };
};

const briefs = (state: State, ids: readonly number[]): Json =>
  phpMap(Object.fromEntries(ids.map((id): [string, Json] => [String(id), userBrief(state, id)])));

const groupBrief = (state: State, id: number): Json => {
  const group = state.groups.get(id);
  if (group === undefined) return [];
  return {
    id: String(id),
    name: group.name,
    opened: group.opened,
    membersCount: group.members.length,
    image: '/bitrix/images/socialnetwork/workgroup/folder.png',
    additionalData: [],
  };
};

const tagsOf = (state: State, task: Task): Json => {
  if (word(state, 'tags.form') === 'list') return task.tags.map((tag) => tag.title);
  return phpMap(
    Object.fromEntries(task.tags.map(({ id, title }): [string, Json] => [String(id), { id, title }])),
  );
};

const textOrNull = (id: number | null): string | null => (id === null ? null : String(id));

/** Overdue, unviewed and almost overdue are computed for the person who asks. */
const subStatus = (call: Call, task: Task): string => {
  if (task.status < 4 && task.deadline !== null) {
    if (task.deadline < call.now) return '-1';
    if (task.deadline - call.now < 86_400_000) return '-3';
  }
  if (task.status === 2 && task.responsible === call.user && !task.viewed.has(call.user)) return '-2';
  return String(task.status);
};

export const secondsSpent = (state: State, task: Task): number =>
  task.elapsed.reduce((sum, id) => sum + (state.elapsed.get(id)?.seconds ?? 0), 0);

type Reader = (call: Call, task: Task) => Json;

const day = 86_400_000;

/** Readable fields by write name, in the order of the vendor's answers. */
const readers: Readonly<Record<string, Reader>> = {
  ID: (_, task) => String(task.id),
  PARENT_ID: (_, task) => textOrNull(task.parent),
  TITLE: (_, task) => task.title,
  DESCRIPTION: (_, task) => task.description,
  MARK: (_, task) => task.mark,
  PRIORITY: (_, task) => String(task.priority),
  MULTITASK: () => 'N',
  NOT_VIEWED: (call, task) =>
    yn(task.responsible === call.user && task.status === 2 && !task.viewed.has(call.user)),
  REPLICATE: () => 'N',
  STAGE_ID: (_, task) => String(task.stage),
  SPRINT_ID: () => null,
  BACKLOG_ID: () => null,
  CREATED_BY: (_, task) => String(task.creator),
  CREATED_DATE: ({ state }, task) => isoAt(state, task.created),
  RESPONSIBLE_ID: (_, task) => String(task.responsible),
  CHANGED_BY: (_, task) => String(task.changedBy),
  CHANGED_DATE: ({ state }, task) => isoAt(state, task.changed),
  STATUS_CHANGED_BY: (_, task) => textOrNull(task.statusChangedBy),
  CLOSED_BY: (_, task) => String(task.closedBy),
  CLOSED_DATE: ({ state }, task) => iso(state, task.closed),
  ACTIVITY_DATE: ({ state }, task) => isoAt(state, task.activity),
  DATE_START: ({ state }, task) => iso(state, task.started),
  DEADLINE: ({ state }, task) => iso(state, task.deadline),
  START_DATE_PLAN: ({ state }, task) => iso(state, task.startPlan),
  END_DATE_PLAN: ({ state }, task) => iso(state, task.endPlan),
  GUID: (_, task) => task.guid,
  XML_ID: (_, task) => task.xmlId,
  COMMENTS_COUNT: (_, task) => (task.card === 'old' ? String(task.comments.length) : null),
  SERVICE_COMMENTS_COUNT: () => null,
  ALLOW_CHANGE_DEADLINE: (_, task) => yn(task.allowChangeDeadline),
  ALLOW_TIME_TRACKING: (_, task) => yn(task.allowTimeTracking),
  TASK_CONTROL: (_, task) => yn(task.control),
  ADD_IN_REPORT: (_, task) => yn(task.addInReport),
  FORKED_BY_TEMPLATE_ID: () => null,
  TIME_ESTIMATE: (_, task) => String(task.estimate),
  TIME_SPENT_IN_LOGS: ({ state }, task) =>
    task.elapsed.length === 0 ? null : String(secondsSpent(state, task)),
  MATCH_WORK_TIME: (_, task) => yn(task.matchWorkTime),
  FORUM_TOPIC_ID: (_, task) => textOrNull(task.forumTopic),
  FORUM_ID: (_, task) => (task.forumTopic === null ? null : '8'),
  SITE_ID: () => 's1',
  SUBORDINATE: () => 'N',
  EXCHANGE_MODIFIED: () => null,
  EXCHANGE_ID: () => null,
  OUTLOOK_VERSION: (_, task) => String(task.version),
  VIEWED_DATE: ({ state, user }, task) => iso(state, task.viewed.get(user) ?? null),
  SORTING: () => null,
  DURATION_FACT: () => null,
  IS_MUTED: ({ user }, task) => yn(task.mutedOf.includes(user)),
  IS_PINNED: ({ user }, task) => yn(task.pinnedOf.includes(user)),
  IS_PINNED_IN_GROUP: () => 'N',
  FLOW_ID: () => null,
  DESCRIPTION_IN_BBCODE: () => 'Y',
  STATUS: (_, task) => String(task.status),
  STATUS_CHANGED_DATE: ({ state }, task) => iso(state, task.statusChanged ?? task.created),
  DURATION_PLAN: (_, task) =>
    task.startPlan === null || task.endPlan === null
      ? null
      : String(Math.round((task.endPlan - task.startPlan) / day)),
  DURATION_TYPE: () => 'days',
  FAVORITE: ({ user }, task) => yn(task.favoriteOf.includes(user)),
  GROUP_ID: (_, task) => String(task.group),
  AUDITORS: (_, task) => task.auditors.map(String),
  ACCOMPLICES: (_, task) => task.accomplices.map(String),
  NEW_COMMENTS_COUNT: () => 0,
  CHAT_ID: (_, task) => task.chat,
  TAGS: ({ state }, task) => tagsOf(state, task),
  SUB_STATUS: subStatus,
  COUNTERS: ({ now, user }, task) => {
    const late = task.deadline !== null && task.deadline < now && task.status < 4;
    const expired = Number(late && [task.creator, task.responsible].includes(user));
    return {
      counters: {
        expired,
        newComments: 0,
        projectExpired: 0,
        projectNewComments: 0,
        mutedExpired: 0,
        mutedNewComments: 0,
      },
      color: expired === 0 ? 'gray' : 'danger',
      value: expired,
    };
  },
};

/** Not in the default set: only when selected. */
const onRequest = new Set(['TAGS', 'SUB_STATUS', 'COUNTERS']);
const defaults = Object.keys(readers).filter((name) => !onRequest.has(name));
const readNames = new Map(
  Object.keys(readers).map((name) => [name, name === 'COUNTERS' ? 'counter' : camel(name)]),
);
const userFields = ['UF_CRM_TASK', 'UF_TASK_WEBDAV_FILES', 'UF_MAIL_MESSAGE'];

const put = (row: Row, call: Call, task: Task, name: string): void => {
  const read = readers[name];
  if (read !== undefined) row[readNames.get(name) ?? name] = read(call, task);
};

const putUserFields = (row: Row, task: Task): void => {
  row['ufCrmTask'] = [...task.crm];
  row['ufTaskWebdavFiles'] = [...task.attachments];
  row['ufMailMessage'] = null;
};

/** What the caller may do with an item of a checklist. */
const itemActions = (call: Call, task: Task): Json => {
  const may = canWork(call.state, task, call.user);
  return { modify: may, remove: may, toggle: may, add: may, addAccomplice: may };
};

/** The empty or filled tree of checklists that answers of write methods carry. */
const checkListTree = (call: Call, task: Task): Json => {
  const { state } = call;
  const items = task.checklist.flatMap((id) => state.checkItems.get(id) ?? []);
  let node = 0;
  const branch = (parent: number): Json[] =>
    items
      .filter((item) => item.parent === parent)
      .sort((a, b) => a.sort - b.sort || a.id - b.id)
      .map((item): Json => {
        node += 1;
        const nodeId = node;
        return {
          nodeId,
          fields: {
            id: item.id,
            copiedId: null,
            entityId: task.id,
            userId: call.user,
            createdBy: item.createdBy,
            parentId: item.parent,
            title: item.title,
            sortIndex: item.sort,
            displaySortIndex: item.parent === 0 ? '' : String(item.sort + 1),
            isComplete: item.complete,
            isImportant: item.important,
            completedCount: items.filter((child) => child.parent === item.id && child.complete).length,
            members: item.members.map((member): Json => ({ id: member.id, type: member.type })),
            attachments: [],
            nodeId: null,
          },
          action: itemActions(call, task),
          descendants: branch(item.id),
        };
      });
  const descendants = branch(0);
  return {
    nodeId: 0,
    fields: {
      id: null,
      copiedId: null,
      entityId: null,
      userId: task.creator,
      createdBy: null,
      parentId: null,
      title: '',
      sortIndex: null,
      displaySortIndex: '',
      isComplete: false,
      isImportant: false,
      completedCount: 0,
      members: [],
      attachments: [],
      nodeId: null,
    },
    action: [],
    descendants,
  };
};

const related = (row: Row, call: Call, task: Task): void => {
  const { state } = call;
  row['checklist'] = phpMap(
    Object.fromEntries(
      task.checklist.flatMap((id): [string, Json][] => {
        const item = state.checkItems.get(id);
        return item === undefined
          ? []
          : [
              [
                String(id),
                {
                  id: String(id),
                  taskId: String(task.id),
                  createdBy: String(item.createdBy),
                  parentId: item.parent === 0 ? 0 : String(item.parent),
                  title: item.title,
                  sortIndex: String(item.sort),
                  isComplete: yn(item.complete),
                  isImportant: yn(item.important),
                  toggledBy: textOrNull(item.toggledBy),
                  toggledDate: iso(state, item.toggled),
                  ufChecklistFiles: false,
                  members: item.members.map((member): Json => ({
                    id: String(member.id),
                    type: member.type,
                    name: state.users.get(member.id)?.name ?? '',
                  })),
                  attachments: [],
                  entityId: String(task.id),
                  action: itemActions(call, task),
                },
              ],
            ];
      }),
    ),
  );
  row['group'] = task.group === 0 ? [] : groupBrief(state, task.group);
  row['creator'] = userBrief(state, task.creator);
  row['responsible'] = userBrief(state, task.responsible);
  row['accomplicesData'] = briefs(state, task.accomplices);
  row['auditorsData'] = briefs(state, task.auditors);
};

/** The whole task as write methods answer it. */
export const fullTask = (call: Call, task: Task): Json => {
  const row: Row = {};
  for (const name of defaults) put(row, call, task, name);
  related(row, call, task);
  row['action'] = actionsOf(call.state, task, call.user);
  row['checkListTree'] = checkListTree(call, task);
  row['checkListCanAdd'] = actionsOf(call.state, task, call.user)['checklist.add'] ?? false;
  return row;
};

/** A task by its write names, as the deprecated task.item.* methods show it: all of it, or what `select` names. */
export const upperTask = (call: Call, task: Task, select: readonly string[] | null): Json => {
  const names = select === null || select.includes('*') ? [...defaults, 'TAGS'] : ['ID', ...select];
  const row: Row = {};
  for (const name of names) {
    const read = readers[name];
    if (read !== undefined) row[name] = read(call, task);
    if (name === 'TAGS') row[name] = task.tags.map((tag) => tag.title);
  }
  if (select === null || select.some((name) => userFields.includes(name))) {
    row['UF_CRM_TASK'] = [...task.crm];
    row['UF_TASK_WEBDAV_FILES'] = [...task.attachments];
  }
  return row;
};

/** A select of write names, in upper case; null = the default set. */
export const readSelect = (select: readonly Json[]): readonly string[] | null => {
  const names = select
    .filter((name): name is string => typeof name === 'string' && name !== '')
    .map((name) => (name === 'subStatus' ? 'SUB_STATUS' : name.toUpperCase()));
  return names.length === 0 ? null : names;
};

/**
 * A task with the selected fields. `descriptionInBbcode`, `group`, the people behind selected ids come along; a
 * single task also has `favorite` and `action`.
 */
export const selectedTask = (
  call: Call,
  task: Task,
  select: readonly string[] | null,
  single: boolean,
): Json => {
  const { state } = call;
  const row: Row = {};
  const all = select === null || select.includes('*');
  if (all) {
    for (const name of defaults) put(row, call, task, name);
    related(row, call, task);
  }
  if (select !== null) {
    for (const name of select) put(row, call, task, name);
    const wildcard = select.includes('UF_*');
    if (wildcard || select.some((name) => userFields.includes(name))) putUserFields(row, task);
    for (const field of state.customFields) {
      if (wildcard || select.includes(field.name))
        row[camel(field.name)] = task.custom[field.name] ?? (field.multiple ? [] : null);
    }
  }
  if (!all && select !== null) {
    row['descriptionInBbcode'] = 'Y';
    row['group'] = select.includes('GROUP_ID') && task.group !== 0 ? groupBrief(state, task.group) : [];
    if (select.includes('CREATED_BY')) row['creator'] = userBrief(state, task.creator);
    if (select.includes('RESPONSIBLE_ID')) row['responsible'] = userBrief(state, task.responsible);
    if (select.includes('ACCOMPLICES')) row['accomplicesData'] = briefs(state, task.accomplices);
    if (select.includes('AUDITORS')) row['auditorsData'] = briefs(state, task.auditors);
  }
  if (single) {
    row['favorite'] = yn(task.favoriteOf.includes(call.user));
    row['action'] = actionsOf(state, task, call.user);
  }
  return row;
};
