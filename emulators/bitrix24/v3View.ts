/** Tasks as REST 3.0 shows them (section 17): numbers, booleans, words, related objects by dotted names. */
import { type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { iso, isoAt } from './moments.ts';
import { actionsOf, canWork, isAdmin } from './rights.ts';
import { type Task } from './state.ts';
import { Refusal } from './values.ts';

const prefix = 'BITRIX_REST_V3_EXCEPTION_';

/** Throws an error of REST 3.0. */
export const refuseV3 = (
  status: number,
  code: string,
  message: string,
  validation?: readonly { field: string; message: string }[],
): never => {
  throw new Refusal(status, prefix + code, message, validation);
};

export const invalid = (field: string, message: string): never =>
  refuseV3(400, 'VALIDATION_DTOVALIDATIONEXCEPTION', 'Ошибка валидации объекта', [{ field, message }]);

/** A required field of the object that did not come. */
export const required = (field: string): never => invalid(field, `Не заполнено обязательное поле "${field}"`);

/** Something of the request itself that does not fit: a missing or wrongly typed field. */
export const invalidRequest = (field: string, message: string): never =>
  refuseV3(400, 'VALIDATION_REQUESTVALIDATIONEXCEPTION', 'Ошибка валидации объекта запроса', [
    { field, message },
  ]);

/** A required field of the request that did not come. */
export const absent = (field: string): never =>
  invalidRequest(field, `Не указано обязательное поле \`${field}\``);

export const wrongType = (field: string, type: string): never =>
  invalidRequest(field, `Поле \`${field}\` требует тип данных \`${type}\` для такого запроса`);

export const unknownField = (field: string, entity = 'TaskDto'): never =>
  refuseV3(400, 'UNKNOWNDTOPROPERTYEXCEPTION', `Неизвестное поле \`${field}\` для сущности \`${entity}\``);

/** A whole number of the request; a text is another type, however it reads. */
export const numberOf = (value: Json | undefined, field: string): number => {
  if (value === undefined || value === null) return absent(field);
  return typeof value === 'number' && Number.isInteger(value) ? value : wrongType(field, 'int');
};

/** Names of `select`, which must be a list of texts. */
export const selectOf = (value: Json | undefined): readonly string[] => {
  if (value === undefined || value === null) return [];
  const texts = Array.isArray(value) ? (value as readonly Json[]) : null;
  if (texts?.every((item) => typeof item === 'string') === true) return texts as readonly string[];
  return refuseV3(
    400,
    'INVALIDSELECTEXCEPTION',
    `Не удалось распознать выражение выборки \`${JSON.stringify(value)}\``,
  );
};

export const notRequestable = (field: string, attribute: string): never =>
  refuseV3(400, 'VALIDATION_REQUESTVALIDATIONEXCEPTION', 'Ошибка валидации объекта запроса', [
    {
      field,
      message: `В DTO \`TaskDto\` поле \`${field}\` требует наличия атрибута \`${attribute}\` для такого запроса`,
    },
  ]);

export const statusNames: Readonly<Record<number, string>> = {
  2: 'pending',
  3: 'in_progress',
  4: 'supposedly_completed',
  5: 'completed',
  6: 'deferred',
  7: 'declined',
};

const priorities = ['low', 'average', 'high'];
const marks: Readonly<Record<string, string>> = { P: 'positive', N: 'negative' };

export const priorityNumber = (name: string): number => {
  const found = priorities.indexOf(name);
  return found < 0 ? 1 : found;
};

type Read = (call: Call, task: Task) => Json;

/** What the caller may do, by the names of REST 3.0 (tasks-task-access-get.md of the vendor's reference). */
export const rightsOf: Read = ({ state, user }, task) => {
  const action = actionsOf(state, task, user);
  const may = (name: string): boolean => action[name] === true;
  const edit = may('edit');
  const works = canWork(state, task, user);
  const admin = isAdmin(state, user);
  const results = task.results.flatMap((id) => state.results.get(id) ?? []);
  const ownResult = results.some((result) => result.author === user);
  return {
    read: true,
    watch: true,
    mute: true,
    createSubtask: true,
    createResult: works,
    edit,
    remove: may('remove'),
    complete: may('complete'),
    approve: may('approve'),
    disapprove: may('disapprove'),
    start: may('start'),
    take: may('take'),
    delegate: may('delegate'),
    defer: may('defer'),
    renew: may('renew'),
    deadline: may('changeDeadline'),
    datePlan: may('edit.plan'),
    changeDirector: may('edit.originator'),
    changeResponsible: edit,
    changeAccomplices: edit,
    pause: may('pause'),
    timeTracking: task.allowTimeTracking && works,
    mark: may('rate'),
    changeStatus: works,
    reminder: true,
    addAuditors: edit,
    elapsedTime: may('elapsedtime.add'),
    favorite: true,
    checklistAdd: may('checklist.add'),
    checklistEdit: edit,
    checklistSave: works,
    checklistToggle: works,
    automate: edit,
    resultEdit: ownResult,
    completeResult: works,
    removeResult: ownResult,
    resultRead: results.length > 0,
    admin,
    copy: true,
    saveAsTemplate: true,
    attachFile: edit,
    detachFile: edit,
    detachParent: edit,
    createGanttDependence: edit,
    sort: false,
  };
};

/** Fields of a task in the order of the vendor's answers. */
const fields: Readonly<Record<string, Read>> = {
  id: (_, task) => task.id,
  title: (_, task) => task.title,
  description: (_, task) => task.description,
  creatorId: (_, task) => task.creator,
  created: ({ state }, task) => isoAt(state, task.created),
  responsibleId: (_, task) => task.responsible,
  deadline: ({ state }, task) => iso(state, task.deadline),
  needsControl: (_, task) => task.control,
  startPlan: ({ state }, task) => iso(state, task.startPlan),
  endPlan: ({ state }, task) => iso(state, task.endPlan),
  fileIds: (_, task) => (task.attachments.length === 0 ? null : [...task.attachments]),
  checklist: (_, task) => [...task.checklist],
  groupId: (_, task) => task.group,
  stageId: (_, task) => task.stage,
  flowId: () => null,
  epicId: () => null,
  storyPoints: () => null,
  priority: (_, task) => priorities[task.priority] ?? 'average',
  status: (_, task) => statusNames[task.status] ?? 'pending',
  statusChanged: ({ state }, task) => iso(state, task.statusChanged),
  accomplices: (_, task) => [...task.accomplices],
  auditors: (_, task) => [...task.auditors],
  parentId: (_, task) => task.parent,
  containsChecklist: (_, task) => task.checklist.length > 0,
  containsSubTasks: ({ state }, task) => [...state.tasks.values()].some((one) => one.parent === task.id),
  containsRelatedTasks: () => false,
  containsGanttLinks: (_, task) => task.dependsOn.length > 0,
  containsPlacements: () => false,
  containsResults: (_, task) => task.results.length > 0,
  numberOfReminders: () => 0,
  chatId: (_, task) => task.chat,
  plannedDuration: () => 0,
  actualDuration: () => 0,
  durationType: () => 'days',
  started: ({ state }, task) => iso(state, task.started),
  replicate: () => false,
  changed: ({ state }, task) => isoAt(state, task.changed),
  changedById: (_, task) => task.changedBy,
  statusChangedById: (_, task) => task.statusChangedBy,
  closedById: (_, task) => (task.closedBy === 0 ? null : task.closedBy),
  closed: ({ state }, task) => iso(state, task.closed),
  activity: ({ state }, task) => isoAt(state, task.activity),
  estimatedTime: (_, task) => task.estimate,
  guid: (_, task) => task.guid,
  xmlId: (_, task) => task.xmlId,
  mark: (_, task) => marks[task.mark ?? ''] ?? 'none',
  allowsChangeDeadline: (_, task) => task.allowChangeDeadline,
  allowsTimeTracking: (_, task) => task.allowTimeTracking,
  matchesWorkTime: (_, task) => task.matchWorkTime,
  addInReport: (_, task) => task.addInReport,
  isMultitask: () => false,
  exchangeId: () => null,
  exchangeModified: () => null,
  outlookVersion: (_, task) => task.version,
  deadlineCount: () => null,
  declineReason: () => null,
  forumTopicId: (_, task) => task.forumTopic,
  siteId: () => 's1',
  link: ({ user }, task) => `/company/personal/user/${user}/tasks/task/view/${task.id}/`,
  archiveLink: () => null,
  rights: rightsOf,
  crmItemIds: (_, task) => [...task.crm],
  requireResult: (_, task) => task.parameters.includes(3),
  matchesSubTasksTime: (_, task) => task.parameters.includes(1),
  autocompleteSubTasks: (_, task) => task.parameters.includes(2),
  allowsChangeDatePlan: () => false,
  maxDeadlineChangeDate: () => null,
  requireDeadlineChangeReason: () => false,
  inFavorite: ({ user }, task) => task.favoriteOf.filter((id) => id === user),
  inPin: ({ user }, task) => task.pinnedOf.filter((id) => id === user),
  inGroupPin: () => [],
  inMute: ({ user }, task) => task.mutedOf.filter((id) => id === user),
  dependsOn: (_, task) => task.dependsOn.map((link) => link.task),
  tags: (_, task) => task.tags.map(({ id, title }): Json => ({ id, name: title })),
  maxDeadlineChanges: () => null,
  scenarios: () => ['default'],
};

export const fieldNamesV3 = Object.keys(fields);

const personOf = (call: Call, id: number): { [key: string]: Json } => {
  const user = call.state.users.get(id);
  const [first = '', ...rest] = (user?.name ?? '').split(' ');
  return {
    id,
    name: user?.name ?? '',
    firstName: first,
    lastName: rest.join(' '),
    email: user?.email ?? '',
    workPosition: user?.position ?? '',
    role: user?.admin === true ? 'admin' : (user?.type ?? 'employee'),
  };
};

const relations: Readonly<Record<string, (call: Call, task: Task) => { [key: string]: Json } | null>> = {
  creator: (call, task) => personOf(call, task.creator),
  responsible: (call, task) => personOf(call, task.responsible),
  group: (call, task) => {
    const group = call.state.groups.get(task.group);
    return group === undefined
      ? null
      : { id: group.id, name: group.name, type: group.project ? 'project' : 'group' };
  },
  stage: (call, task) => {
    const stage = call.state.groups.get(task.group)?.stages.find((one) => one.id === task.stage);
    return stage === undefined ? null : { id: stage.id, title: stage.title, color: stage.color };
  },
  chat: (_, task) =>
    task.chat === null ? null : { id: task.chat, entityId: task.id, entityType: 'TASKS_TASK' },
  parent: (call, task) => {
    const parent = task.parent === null ? undefined : call.state.tasks.get(task.parent);
    return parent === undefined ? null : { id: parent.id, title: parent.title };
  },
};

const entities: Readonly<Record<string, string>> = {
  creator: 'UserDto',
  responsible: 'UserDto',
  group: 'GroupDto',
  stage: 'StageDto',
  chat: 'ChatDto',
};

/** The whole item. */
export const fullItem = (call: Call, task: Task): Json =>
  Object.fromEntries(fieldNamesV3.map((name) => [name, fields[name]?.(call, task) ?? null]));

/** Selected fields; unknown own fields are dropped, unknown related ones refused. */
export const selectedItem = (call: Call, task: Task, select: readonly string[]): Json => {
  const item: { [key: string]: Json } = {};
  for (const name of select) {
    const [own = '', inner] = name.split('.');
    const relation = relations[own];
    if (inner === undefined || relation === undefined) {
      const read = inner === undefined ? fields[own] : undefined;
      if (read !== undefined) item[own] = read(call, task);
      else if (inner !== undefined) unknownField(name);
      continue;
    }
    const whole = relation(call, task);
    if (whole === null) {
      item[own] = null;
      continue;
    }
    if (!(inner in whole)) unknownField(inner, entities[own]);
    const before = item[own];
    item[own] = {
      ...(typeof before === 'object' && before !== null ? before : {}),
      [inner]: whole[inner] ?? null,
    };
  }
  return item;
};

const readOnly = new Set([
  'id',
  'creatorId',
  'created',
  'changed',
  'closed',
  'activity',
  'started',
  'statusChanged',
  'guid',
  'chatId',
  'link',
  'rights',
  'archiveLink',
  'containsChecklist',
  'containsSubTasks',
  'containsRelatedTasks',
  'containsGanttLinks',
  'containsPlacements',
  'containsResults',
  'numberOfReminders',
  'changedById',
  'statusChangedById',
  'closedById',
]);

/** Fields that tasks.task.list sorts by (tasks-task-list-rest-v3.md of the vendor's reference). */
export const sortable = new Set([
  'id',
  'title',
  'creatorId',
  'created',
  'responsibleId',
  'deadline',
  'startPlan',
  'endPlan',
  'groupId',
  'priority',
  'status',
  'started',
  'estimatedTime',
  'changed',
  'closed',
  'activity',
  'mark',
  'allowsChangeDeadline',
  'allowsTimeTracking',
]);

const measured: Readonly<Record<string, (task: Task) => number | string | null>> = {
  created: (task) => task.created,
  deadline: (task) => task.deadline,
  startPlan: (task) => task.startPlan,
  endPlan: (task) => task.endPlan,
  priority: (task) => task.priority,
  status: (task) => task.status,
  started: (task) => task.started,
  changed: (task) => task.changed,
  closed: (task) => task.closed,
  activity: (task) => task.activity,
};

export interface SortKey {
  readonly of: (call: Call, task: Task) => number | string;
  readonly down: boolean;
}

/** Keys of `order`: a sortable field and a direction each; everything else is INVALIDORDEREXCEPTION. */
export const orderOf = (order: Json | undefined): readonly SortKey[] => {
  const bad = (): never =>
    refuseV3(
      400,
      'INVALIDORDEREXCEPTION',
      `Не удалось распознать параметр сортировки \`${JSON.stringify(order)}\``,
    );
  if (order === undefined || order === null) return [];
  if (typeof order !== 'object') return bad();
  return Object.entries(order).map(([name, direction]): SortKey => {
    const way = typeof direction === 'string' ? direction.toUpperCase() : '';
    if (!sortable.has(name) || (way !== 'ASC' && way !== 'DESC')) bad();
    const value = (call: Call, task: Task): Json =>
      measured[name]?.(task) ?? fields[name]?.(call, task) ?? null;
    return {
      down: way === 'DESC',
      of: (call, task) => {
        const have = value(call, task);
        return typeof have === 'number' || typeof have === 'string' ? have : have === true ? 1 : -1;
      },
    };
  });
};

export const isEditable = (name: string): boolean => fieldNamesV3.includes(name) && !readOnly.has(name);
