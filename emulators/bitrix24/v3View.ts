/** Tasks as REST 3.0 shows them (section 17): numbers, booleans, words, related objects by dotted names. */
import { type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { iso, isoAt } from './moments.ts';
import { actionsOf } from './rights.ts';
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

export const required = (field: string): never => invalid(field, `Не заполнено обязательное поле "${field}"`);

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

const rights: Read = ({ state, user }, task) => {
  const action = actionsOf(state, task, user);
  return { read: true, ...action, edit: action['edit'] ?? false };
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
  priority: (_, task) => priorities[task.priority] ?? 'average',
  status: (_, task) => statusNames[task.status] ?? 'pending',
  statusChanged: ({ state }, task) => iso(state, task.statusChanged),
  accomplices: (_, task) => [...task.accomplices],
  auditors: (_, task) => [...task.auditors],
  parentId: (_, task) => task.parent,
  containsChecklist: (_, task) => task.checklist.length > 0,
  chatId: (_, task) => task.chat,
  started: ({ state }, task) => iso(state, task.started),
  changed: ({ state }, task) => isoAt(state, task.changed),
  closed: ({ state }, task) => iso(state, task.closed),
  activity: ({ state }, task) => isoAt(state, task.activity),
  estimatedTime: (_, task) => task.estimate,
  guid: (_, task) => task.guid,
  xmlId: (_, task) => task.xmlId,
  mark: (_, task) => marks[task.mark ?? ''] ?? 'none',
  allowsChangeDeadline: (_, task) => task.allowChangeDeadline,
  allowsTimeTracking: (_, task) => task.allowTimeTracking,
  matchesWorkTime: (_, task) => task.matchWorkTime,
  siteId: () => 's1',
  link: ({ user }, task) => `/company/personal/user/${user}/tasks/task/view/${task.id}/`,
  archiveLink: () => null,
  rights,
  crmItemIds: (_, task) => [...task.crm],
  requireResult: (_, task) => task.parameters.includes(3),
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
      else if (inner !== undefined)
        refuseV3(400, 'UNKNOWNDTOPROPERTYEXCEPTION', `Неизвестное поле \`${name}\``);
      continue;
    }
    const whole = relation(call, task);
    if (whole === null) {
      item[own] = null;
      continue;
    }
    if (!(inner in whole)) refuseV3(400, 'UNKNOWNDTOPROPERTYEXCEPTION', `Неизвестное поле \`${name}\``);
    const before = item[own];
    item[own] = {
      ...(typeof before === 'object' && before !== null ? before : {}),
      [inner]: whole[inner] ?? null,
    };
  }
  return item;
};

const types: Readonly<Record<string, string>> = {
  id: 'int',
  creatorId: 'int',
  responsibleId: 'int',
  groupId: 'int',
  stageId: 'int',
  needsControl: 'bool',
  allowsChangeDeadline: 'bool',
  accomplices: 'array',
  auditors: 'array',
  fileIds: 'array',
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
]);

/** Descriptors of tasks.task.field.list. */
export const fieldDescriptors = (): { [key: string]: Json }[] =>
  fieldNamesV3.map((name) => ({
    name,
    type: types[name] ?? 'string',
    title: name,
    description: null,
    filterable: name === 'id',
    sortable: name === 'id',
    editable: !readOnly.has(name),
    multiple: types[name] === 'array',
    elementType: types[name] === 'array' ? 'int' : null,
    validationRules: [],
    requiredGroups: ['title', 'creatorId', 'responsibleId'].includes(name) ? ['add'] : [],
  }));

export const isEditable = (name: string): boolean => fieldNamesV3.includes(name) && !readOnly.has(name);
