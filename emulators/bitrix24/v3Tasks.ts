/** Task methods of REST 3.0 (section 17). */
import { type Json } from '../common/types.ts';
import { addComment } from './comments.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { moment } from './moments.ts';
import { chatOf, post } from './posts.ts';
import { canEdit, canRead, canReadFile, canWork, sightOf } from './rights.ts';
import { amount } from './settings.ts';
import { participants, type Task } from './state.ts';
import { readFields } from './taskFields.ts';
import { mayWrite } from './tasks.ts';
import { addTask, attach, finish, note, removeTask, updateTask } from './taskWrite.ts';
import { accessDescriptors, fileDescriptors, messageDescriptors, taskDescriptors } from './v3Fields.ts';
import { pageOf, readFilterV3 } from './v3Filter.ts';
import { asIds, asList, asRecord, asText, isRecord, type Params, Refusal } from './values.ts';
import {
  absent,
  fieldNamesV3,
  fullItem,
  invalidRequest,
  isEditable,
  notRequestable,
  numberOf,
  orderOf,
  refuseV3,
  required,
  rightsOf,
  selectedItem,
  selectOf,
  statusNames,
  unknownField,
  wrongType,
} from './v3View.ts';

const scope = ['task', 'tasks'] as const;

export const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `tasks.task.${name}`,
  version: 3,
  scope,
  write,
  run,
});

export const denied = (call: Call): never =>
  refuseV3(amount(call.state, 'v3.accessDeniedStatus') || 403, 'ACCESSDENIEDEXCEPTION', 'Доступ запрещен');

export const notFound = (id: number): never =>
  refuseV3(400, 'ENTITYNOTFOUNDEXCEPTION', `Запись с ID = \`${id}\` не найдена`);

/** The task that a call names; `whenMissing` says what one that is not there answers. */
export const taskOf = (
  call: Call,
  given: Json | undefined,
  field: string,
  whenMissing: (id: number) => never = notFound,
): Task => {
  const id = numberOf(given, field);
  const task = call.state.tasks.get(id) ?? whenMissing(id);
  return canRead(call.state, task, call.user) ? task : denied(call);
};

/** Write names of version 2 by their names in REST 3.0. */
const writeNames: Readonly<Record<string, string>> = {
  title: 'TITLE',
  description: 'DESCRIPTION',
  creatorId: 'CREATED_BY',
  responsibleId: 'RESPONSIBLE_ID',
  deadline: 'DEADLINE',
  needsControl: 'TASK_CONTROL',
  startPlan: 'START_DATE_PLAN',
  endPlan: 'END_DATE_PLAN',
  groupId: 'GROUP_ID',
  stageId: 'STAGE_ID',
  accomplices: 'ACCOMPLICES',
  auditors: 'AUDITORS',
  parentId: 'PARENT_ID',
  estimatedTime: 'TIME_ESTIMATE',
  xmlId: 'XML_ID',
  allowsChangeDeadline: 'ALLOW_CHANGE_DEADLINE',
  allowsTimeTracking: 'ALLOW_TIME_TRACKING',
  matchesWorkTime: 'MATCH_WORK_TIME',
  crmItemIds: 'UF_CRM_TASK',
};

const words: Readonly<Record<string, number>> = { low: 0, average: 1, high: 2 };
const marks: Readonly<Record<string, string>> = { positive: 'P', negative: 'N', none: '' };

/** Fields of REST 3.0 as fields of version 2. */
const asV2 = (fields: Params): { [key: string]: Json } => {
  const result: { [key: string]: Json } = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'priority') result['PRIORITY'] = words[asText(value)] ?? 1;
    else if (name === 'mark') result['MARK'] = marks[asText(value)] ?? '';
    else if (name === 'status') {
      const status = Object.entries(statusNames).find(([, word]) => word === value)?.[0];
      result['STATUS'] = status ?? 0;
    } else if (name === 'requireResult')
      result['SE_PARAMETER'] = [{ CODE: 3, VALUE: value === true ? 'Y' : 'N' }];
    else if (name === 'fileIds') result['UF_TASK_WEBDAV_FILES'] = asList(value).map((id) => `n${asText(id)}`);
    else if (name === 'tags') {
      result['TAGS'] = asList(value).map((tag) => (isRecord(tag) ? asText(tag['name']) : asText(tag)));
    } else {
      const target = writeNames[name];
      if (target !== undefined) result[target] = value;
    }
  }
  return result;
};

/** Types of what may be written; null empties a field. */
const types: Readonly<Record<string, 'int' | 'string' | 'bool' | 'array' | 'DateTime'>> = {
  title: 'string',
  description: 'string',
  creatorId: 'int',
  responsibleId: 'int',
  groupId: 'int',
  stageId: 'int',
  parentId: 'int',
  estimatedTime: 'int',
  deadline: 'DateTime',
  startPlan: 'DateTime',
  endPlan: 'DateTime',
  priority: 'string',
  status: 'string',
  mark: 'string',
  xmlId: 'string',
  needsControl: 'bool',
  allowsChangeDeadline: 'bool',
  allowsTimeTracking: 'bool',
  matchesWorkTime: 'bool',
  requireResult: 'bool',
  accomplices: 'array',
  auditors: 'array',
  crmItemIds: 'array',
  fileIds: 'array',
  tags: 'array',
};

const fits = (call: Call, type: string, value: Json): boolean => {
  switch (type) {
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean' || value === 'Y' || value === 'N';
    case 'array':
      return Array.isArray(value);
    default:
      return value === '' || moment(call.state, value) !== undefined;
  }
};

/** `fields` of a call, each known and of its type. */
const checkedFields = (call: Call, params: Params): Params => {
  const { fields } = params;
  if (!isRecord(fields)) return fields === undefined ? absent('fields') : wrongType('fields', 'object');
  for (const [name, value] of Object.entries(fields)) {
    if (!fieldNamesV3.includes(name) && types[name] === undefined) unknownField(name);
    const type = types[name];
    if (type !== undefined && value !== null && !fits(call, type, value)) wrongType(name, type);
  }
  return fields;
};

const person = (call: Call, fields: Params, name: string, text: string): void => {
  const id = fields[name];
  if (typeof id === 'number' && call.state.users.get(id)?.hidden !== false) invalidRequest(name, text);
};

/** Fields as a patch; what the portal can't accept names its field. */
const readFieldsV3 = (call: Call, fields: Params, task: Task | null): ReturnType<typeof readFields> => {
  person(call, fields, 'responsibleId', 'Не найден пользователь, указанный в поле «Исполнитель»');
  person(call, fields, 'creatorId', '');
  const parent = fields['parentId'];
  try {
    return readFields(call, asV2(fields), task);
  } catch (problem) {
    if (!(problem instanceof Refusal) || problem.code !== 'ERROR_CORE') throw problem;
    const text = problem.message.replace(/<br>$/, '');
    const about = /^(Родительская|Нельзя)/.test(text) && parent !== undefined ? 'parentId' : 'endPlan';
    return invalidRequest(/планировани/.test(text) || about === 'parentId' ? about : 'fields', text);
  }
};

const add = (call: Call, params: Params): Answer => {
  const fields = checkedFields(call, params);
  for (const name of ['title', 'creatorId', 'responsibleId']) {
    if (asText(fields[name]).trim() === '') absent(name);
  }
  return answer({ item: fullItem(call, addTask(call, readFieldsV3(call, fields, null))) });
};

const update = (call: Call, params: Params): Answer => {
  const id = numberOf(params['id'], 'id');
  const fields = checkedFields(call, params);
  for (const name of Object.keys(fields)) {
    if (!isEditable(name)) notRequestable(name, 'Editable');
  }
  // A task that is not there and one that may not be changed are one refusal.
  const task = taskOf(call, id, 'id', () => denied(call));
  const names = Object.keys(asV2(fields));
  if (!mayWrite(call.state, task, call.user, names)) denied(call);
  updateTask(call, task, readFieldsV3(call, fields, task));
  return answer({ result: true });
};

const filterable = { entity: 'TaskDto', types: { id: 'int' }, known: fieldNamesV3 } as const;

const list = (call: Call, params: Params): Answer => {
  const test = readFilterV3(params['filter'], filterable);
  const order = orderOf(params['order']);
  const { limit, offset } = pageOf(params['pagination']);
  const given = selectOf(params['select']);
  const select = given.length === 0 ? ['id'] : given;
  const sees = sightOf(call.state, call.user);
  const seen = call.state.taskIds
    .filter((id) => test({ id }))
    .flatMap((id) => call.state.tasks.get(id) ?? [])
    .filter(sees);
  if (order.length > 0) {
    const keyed = seen.map((task) => ({ task, keys: order.map((key) => key.of(call, task)) }));
    keyed.sort((a, b) => {
      for (const [index, { down }] of order.entries()) {
        const [x = '', y = ''] = [a.keys[index], b.keys[index]];
        if (x !== y) return (x < y ? -1 : 1) * (down ? -1 : 1);
      }
      return a.task.id - b.task.id;
    });
    seen.splice(0, seen.length, ...keyed.map(({ task }) => task));
  }
  return answer({
    items: seen.slice(offset, offset + limit).map((task) => selectedItem(call, task, select)),
  });
};

const attachFiles = (call: Call, params: Params): Answer => {
  const task = taskOf(call, params['taskId'], 'taskId');
  if (params['fileIds'] === undefined) absent('fileIds');
  if (!Array.isArray(params['fileIds'])) wrongType('fileIds', 'array');
  const files = asIds(params['fileIds']);
  if (!canWork(call.state, task, call.user)) denied(call);
  for (const file of files) if (!canReadFile(call.state, file, call.user)) denied(call);
  const before = task.attachments.join(',');
  for (const file of files) task.attachments.push(attach(call, task, file));
  note(call, task, 'UF_TASK_WEBDAV_FILES', before, task.attachments.join(','));
  finish(call, task, participants(task), 'task.changed', task.title);
  return answer({ result: true });
};

const sendMessage = (call: Call, params: Params): Answer => {
  if (params['fields'] === undefined) absent('fields');
  const fields = asRecord(params['fields']);
  if (fields['taskId'] === undefined) required('taskId');
  const text = asText(fields['text']);
  if (text === '') required('text');
  const task = taskOf(call, fields['taskId'], 'taskId', () => denied(call));
  const chat = chatOf(call.state, task);
  if (chat === undefined) addComment(call, task, { author: call.user, text, files: [] });
  else post(call, chat, { author: call.user, text });
  return answer({ result: true });
};

const descriptorKeys = Object.keys(taskDescriptors()[0] ?? {});

/** What `select` names of a descriptor; without it all of it. */
const cut = (row: { [key: string]: Json }, params: Params): Json => {
  const select = selectOf(params['select']);
  const stranger = select.find((name) => !descriptorKeys.includes(name));
  if (stranger !== undefined) unknownField(stranger, 'DtoFieldDto');
  return select.length === 0 ? row : Object.fromEntries(select.map((name) => [name, row[name] ?? null]));
};

const descriptors = (name: string, list: () => { [key: string]: Json }[]): readonly Method[] => [
  method(`${name}.list`, false, (_, params) => answer({ items: list().map((row) => cut(row, params)) })),
  method(`${name}.get`, false, (_, params) => {
    if (params['name'] === undefined) absent('name');
    const wanted = asText(params['name']);
    const item =
      list().find((one) => one['name'] === wanted) ??
      refuseV3(400, 'ENTITYNOTFOUNDEXCEPTION', `Поле \`${wanted}\` не найдено`);
    return answer({ item: cut(item, params) });
  }),
];

export const v3Methods: readonly Method[] = [
  method('add', true, add),
  method('update', true, update),
  method('get', false, (call, params) => {
    const task = taskOf(call, params['id'], 'id');
    const select = selectOf(params['select']);
    return answer({ item: select.length === 0 ? fullItem(call, task) : selectedItem(call, task, select) });
  }),
  method('list', false, list),
  method('delete', true, (call, params) => {
    const task = taskOf(call, params['id'], 'id', () => denied(call));
    if (!canEdit(call.state, task, call.user)) denied(call);
    removeTask(call, task);
    return answer({ result: true });
  }),
  method('access.get', false, (call, params) => {
    const task = taskOf(call, params['id'], 'id');
    return answer(rightsOf(call, task));
  }),
  method('file.attach', true, attachFiles),
  method('chat.message.send', true, sendMessage),
  ...descriptors('field', taskDescriptors),
  ...descriptors('file.field', fileDescriptors),
  ...descriptors('chat.message.field', messageDescriptors),
  ...descriptors('access.field', accessDescriptors),
];
