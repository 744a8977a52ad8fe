/** Task methods of REST 3.0 (section 17). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { iso, isoAt } from './moments.ts';
import { chatOf, post } from './posts.ts';
import { actionsOf, canEdit, canRead, canReadFile, canWork, sightOf } from './rights.ts';
import { amount } from './settings.ts';
import { participants, type Task, type TaskResult } from './state.ts';
import { addComment } from './comments.ts';
import { addResult } from './results.ts';
import { readFields } from './taskFields.ts';
import { mayWrite } from './tasks.ts';
import { addTask, attach, finish, note, removeTask, updateTask } from './taskWrite.ts';
import { asIds, asInt, asList, asRecord, asText, isRecord, type Params } from './values.ts';
import {
  fieldDescriptors,
  fullItem,
  isEditable,
  notRequestable,
  refuseV3,
  required,
  selectedItem,
  statusNames,
} from './v3View.ts';

const scope = ['task', 'tasks'] as const;

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `tasks.task.${name}`,
  version: 3,
  scope,
  write,
  run,
});

const denied = (call: Call): never =>
  refuseV3(amount(call.state, 'v3.accessDeniedStatus') || 403, 'ACCESSDENIEDEXCEPTION', 'Доступ запрещен');

const notFound = (id: number): never =>
  refuseV3(400, 'ENTITYNOTFOUNDEXCEPTION', `Запись с ID = \`${id}\` не найдена`);

const taskOf = (call: Call, id: number | undefined, field: string): Task => {
  if (id === undefined) return required(field);
  const task = call.state.tasks.get(id) ?? notFound(id);
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

const add = (call: Call, params: Params): Answer => {
  const fields = asRecord(params['fields']);
  for (const name of ['title', 'creatorId', 'responsibleId']) {
    if (asText(fields[name]).trim() === '') required(name);
  }
  return answer({ item: fullItem(call, addTask(call, readFields(call, asV2(fields), null))) });
};

const update = (call: Call, params: Params): Answer => {
  const fields = asRecord(params['fields']);
  for (const name of Object.keys(fields)) {
    if (!isEditable(name)) notRequestable(name, 'Editable');
  }
  const task = taskOf(call, asInt(params['id']), 'id');
  const wanted = asV2(fields);
  if (!mayWrite(call.state, task, call.user, Object.keys(wanted))) denied(call);
  updateTask(call, task, readFields(call, wanted, task));
  return answer({ result: true });
};

type IdTest = (id: number) => boolean;

const compared = (operator: string, value: Json): IdTest => {
  const one = asInt(value) ?? 0;
  switch (operator) {
    case '=':
      return (id) => id === one;
    case '!=':
      return (id) => id !== one;
    case '>':
      return (id) => id > one;
    case '>=':
      return (id) => id >= one;
    case '<':
      return (id) => id < one;
    case '<=':
      return (id) => id <= one;
    case 'in': {
      const ids = new Set(asList(value).map(asInt));
      return (id) => ids.has(id);
    }
    case 'between': {
      const [low, high] = asList(value).map(asInt);
      return (id) => id >= (low ?? 0) && id <= (high ?? 0);
    }
    default:
      return refuseV3(400, 'UNKNOWNFILTEROPERATOREXCEPTION', `Неизвестный оператор фильтра \`${operator}\``);
  }
};

/** A filter of REST 3.0: conditions joined by AND, groups with their own logic; only id is filterable. */
const readFilter = (filter: Json | undefined): IdTest => {
  if (filter === undefined || filter === null) return () => true;
  if (isRecord(filter)) {
    const tests = asList(filter['conditions']).map((item) => readFilter([item]));
    return asText(filter['logic']).toLowerCase() === 'or'
      ? (id) => tests.some((test) => test(id))
      : (id) => tests.every((test) => test(id));
  }
  const tests = asList(filter).map((item): IdTest => {
    if (isRecord(item)) return readFilter(item);
    const parts = asList(item);
    const field = asText(parts[0]);
    if (field !== 'id') notRequestable(field, 'Filterable');
    if (parts.length === 2) {
      const value = parts[1] ?? null;
      return compared(Array.isArray(value) ? 'in' : '=', value);
    }
    return compared(asText(parts[1]).toLowerCase(), parts[2] ?? null);
  });
  return (id) => tests.every((test) => test(id));
};

const list = (call: Call, params: Params): Answer => {
  const test = readFilter(params['filter']);
  const order = Object.entries(asRecord(params['order']));
  const stranger = order.find(([name]) => name !== 'id');
  if (stranger !== undefined) notRequestable(stranger[0], 'Sortable');
  const down = asText(order[0]?.[1]).toUpperCase() === 'DESC';
  const pagination = asRecord(params['pagination']);
  const limit = Math.min(1000, Math.max(1, asInt(pagination['limit']) ?? 50));
  const offset = asInt(pagination['offset']) ?? (Math.max(1, asInt(pagination['page']) ?? 1) - 1) * limit;
  const given = asList(params['select']).map(asText);
  const select = given.length === 0 ? ['id'] : given;
  const sees = sightOf(call.state, call.user);
  const ids = call.state.taskIds.filter(test);
  if (down) ids.reverse();
  const items: Json[] = [];
  let skipped = 0;
  for (const id of ids) {
    const task = call.state.tasks.get(id);
    if (task === undefined || !sees(task)) continue;
    if (skipped < offset) skipped += 1;
    else items.push(selectedItem(call, task, select));
    if (items.length === limit) break;
  }
  return answer({ items });
};

const attachFiles = (call: Call, params: Params): Answer => {
  const task = taskOf(call, asInt(params['taskId']), 'taskId');
  if (params['fileIds'] === undefined) required('fileIds');
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
  const fields = asRecord(params['fields']);
  if (fields['taskId'] === undefined) required('taskId');
  const text = asText(fields['text']);
  if (text === '') required('text');
  const task = taskOf(call, asInt(fields['taskId']), 'taskId');
  const chat = chatOf(call.state, task);
  if (chat === undefined) addComment(call, task, { author: call.user, text, files: [] });
  else post(call, chat, { author: call.user, text });
  return answer({ result: true });
};

const shownResult = (call: Call, result: TaskResult): Json => ({
  id: result.id,
  taskId: result.task,
  text: result.text,
  authorId: result.author,
  createdAt: isoAt(call.state, result.created),
  updatedAt: iso(call.state, result.updated),
  status: result.closed ? 'closed' : 'open',
  fileIds: [...result.files],
  rights: {
    edit: result.author === call.user || call.admin,
    remove: result.author === call.user || call.admin,
  },
  messageId: result.message,
});

const resultOf = (call: Call, id: number | undefined): { result: TaskResult; task: Task } => {
  if (id === undefined) return required('id');
  const result = call.state.results.get(id) ?? notFound(id);
  return { result, task: taskOf(call, result.task, 'taskId') };
};

const ownResult = (call: Call, params: Params): { result: TaskResult; task: Task } => {
  const found = resultOf(call, asInt(params['id']));
  return found.result.author === call.user || canEdit(call.state, found.task, call.user)
    ? found
    : denied(call);
};

const resultMethods: readonly Method[] = [
  method('result.add', true, (call, params) => {
    const fields = asRecord(params['fields']);
    const text = asText(fields['text']);
    if (text === '') required('text');
    const task = taskOf(call, asInt(fields['taskId']), 'taskId');
    if (!canWork(call.state, task, call.user)) denied(call);
    return answer({ item: shownResult(call, addResult(call, task, { text })) });
  }),
  method('result.addfromchatmessage', true, (call, params) => {
    const id = asInt(asRecord(params['fields'])['messageId']);
    if (id === undefined) return required('messageId');
    const message = call.state.messages.get(id) ?? notFound(id);
    const task = taskOf(call, call.state.chats.get(message.chat)?.task, 'taskId');
    if (!canWork(call.state, task, call.user)) denied(call);
    return answer({ item: shownResult(call, addResult(call, task, { text: message.text, message: id })) });
  }),
  method('result.update', true, (call, params) => {
    const { result } = ownResult(call, params);
    const text = asText(asRecord(params['fields'])['text']);
    if (text === '') required('text');
    result.text = text;
    result.updated = call.now;
    return answer({ item: shownResult(call, result) });
  }),
  method('result.delete', true, (call, params) => {
    const { result, task } = ownResult(call, params);
    call.state.results.delete(result.id);
    task.results = task.results.filter((id) => id !== result.id);
    return answer({ result: true });
  }),
  method('result.list', false, (call, params) => {
    const given = asInt(params['taskId']) ?? asInt(asRecord(params['filter'])['taskId']);
    const condition = asList(params['filter'])
      .map(asList)
      .find(([field]) => field === 'taskId');
    const task = taskOf(call, given ?? asInt(condition?.at(-1)), 'taskId');
    const results = task.results.flatMap((id) => call.state.results.get(id) ?? []);
    return answer({ items: results.map((result) => shownResult(call, result)) });
  }),
];

const descriptors = (name: string, list: () => { [key: string]: Json }[]): readonly Method[] => [
  method(`${name}.list`, false, () => answer({ items: list() })),
  method(`${name}.get`, false, (_, params) => {
    const wanted = asText(params['name']);
    const item = list().find((one) => one['name'] === wanted);
    return answer({
      item: item ?? refuseV3(400, 'ENTITYNOTFOUNDEXCEPTION', `Поле \`${wanted}\` не найдено`),
    });
  }),
];

const plain = (name: string, type: string): { [key: string]: Json } => ({ name, type, title: name });

export const v3Methods: readonly Method[] = [
  method('add', true, add),
  method('update', true, update),
  method('get', false, (call, params) => {
    const task = taskOf(call, asInt(params['id']), 'id');
    const select = asList(params['select']).map(asText);
    return answer({ item: select.length === 0 ? fullItem(call, task) : selectedItem(call, task, select) });
  }),
  method('list', false, list),
  method('delete', true, (call, params) => {
    const task = taskOf(call, asInt(params['id']), 'id');
    if (!canEdit(call.state, task, call.user)) denied(call);
    removeTask(call, task);
    return answer({ result: true });
  }),
  method('access.get', false, (call, params) => {
    const task = taskOf(call, asInt(params['id']), 'id');
    return answer({ read: true, ...actionsOf(call.state, task, call.user) });
  }),
  method('file.attach', true, attachFiles),
  method('chat.message.send', true, sendMessage),
  ...resultMethods,
  ...descriptors('field', fieldDescriptors),
  ...descriptors('file.field', () => [plain('taskId', 'int'), plain('fileIds', 'array')]),
  ...descriptors('chat.message.field', () => [plain('taskId', 'int'), plain('text', 'string')]),
  ...descriptors('access.field', () => [
    plain('read', 'bool'),
    plain('edit', 'bool'),
    plain('complete', 'bool'),
  ]),
];
