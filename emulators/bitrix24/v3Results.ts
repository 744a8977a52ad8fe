/** tasks.task.result.* of REST 3.0 (sections 16, 17). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { iso, isoAt } from './moments.ts';
import { addResult } from './results.ts';
import { canWork } from './rights.ts';
import { rowsInOrder } from './rowFilter.ts';
import { type Task, type TaskResult } from './state.ts';
import { asRecord, asText, isList, isRecord, type Params } from './values.ts';
import { pageOf, readFilterV3 } from './v3Filter.ts';
import { denied, method, notFound, taskOf } from './v3Tasks.ts';
import {
  absent,
  invalid,
  invalidRequest,
  numberOf,
  refuseV3,
  required,
  selectOf,
  unknownField,
} from './v3View.ts';

const names = [
  'id',
  'taskId',
  'text',
  'authorId',
  'author',
  'createdAt',
  'updatedAt',
  'status',
  'fileIds',
  'rights',
  'messageId',
];

const shown = (call: Call, result: TaskResult): { readonly [key: string]: Json } => {
  const own = result.author === call.user || call.admin;
  return {
    id: result.id,
    taskId: result.task,
    text: result.text,
    authorId: result.author,
    createdAt: isoAt(call.state, result.created),
    updatedAt: iso(call.state, result.updated),
    status: result.closed ? 'closed' : 'open',
    fileIds: [...result.files],
    rights: { edit: own, remove: own },
    messageId: result.message,
  };
};

/** `fields` of a call with no other names than these. */
const fieldsOf = (params: Params, allowed: readonly string[]): Params => {
  const { fields } = params;
  if (fields === undefined) return absent('fields');
  const given = asRecord(fields);
  for (const name of Object.keys(given)) {
    if (name === 'fileIds') invalid(name, 'Поле "fileIds" недоступно для заполнения');
    if (!allowed.includes(name)) unknownField(name, 'ResultDto');
  }
  return given;
};

const textOf = (fields: Params): string => {
  const text = asText(fields['text']);
  return text === '' ? required('text') : text;
};

const workedOn = (call: Call, task: Task): Task =>
  canWork(call.state, task, call.user) ? task : denied(call);

/** The result that a call names: its author's, or an administrator's. */
const ownResult = (call: Call, params: Params): { result: TaskResult; task: Task } => {
  const result = call.state.results.get(numberOf(params['id'], 'id')) ?? denied(call);
  const task = taskOf(call, result.task, 'taskId', () => denied(call));
  return result.author === call.user || call.admin ? { result, task } : denied(call);
};

const filterable = {
  entity: 'ResultDto',
  types: { id: 'int', taskId: 'int', authorId: 'int', status: 'string', messageId: 'int' },
  known: names,
} as const;

/** The task that the required condition on `taskId` names. */
const wantedTask = (call: Call, filter: Json | undefined): Task => {
  if (filter === undefined || filter === null || (isList(filter) && filter.length === 0)) {
    return invalidRequest('filter', 'Значение поля не может быть пустым');
  }
  const condition = isList(filter)
    ? filter.find((one): one is readonly Json[] => isList(one) && one[0] === 'taskId')
    : undefined;
  if (condition === undefined) {
    return refuseV3(400, 'VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION', 'Ошибка валидации фильтра', [
      { field: 'filter.taskId', message: 'Не указан фильтр по обязательному полю `taskId`' },
    ]);
  }
  return taskOf(call, condition.at(-1), 'taskId', notFound);
};

const list = (call: Call, params: Params): Answer => {
  const { filter } = params;
  const test = readFilterV3(filter, filterable);
  const task = wantedTask(call, filter);
  const select = selectOf(params['select']);
  const stranger = select.find((name) => !names.includes(name));
  if (stranger !== undefined) unknownField(stranger, 'ResultDto');
  const { limit, offset } = pageOf(params['pagination']);
  const order = isRecord(params['order']) ? params['order'] : {};
  const results = task.results
    .flatMap((id) => call.state.results.get(id) ?? [])
    .filter((result) =>
      test({
        id: result.id,
        taskId: result.task,
        authorId: result.author,
        status: result.closed ? 'closed' : 'open',
        messageId: result.message,
      }),
    );
  // Fields of an order are compared by upper-case names.
  const keyed = results.map((result) => ({
    result,
    ...Object.fromEntries(
      Object.entries(shown(call, result)).map(([name, value]) => [name.toUpperCase(), value]),
    ),
  }));
  const rows = new Map(
    keyed.map(({ result, ...row }): [{ readonly [key: string]: Json }, TaskResult] => [row, result]),
  );
  const items = rowsInOrder(call.state, [...rows.keys()], order)
    .slice(offset, offset + limit)
    .flatMap((row) => rows.get(row) ?? [])
    .map((result): Json => {
      const whole = shown(call, result);
      if (select.length === 0) return whole;
      return Object.fromEntries(select.map((name) => [name, whole[name] ?? null]));
    });
  return answer({ items });
};

export const resultMethodsV3: readonly Method[] = [
  method('result.add', true, (call, params) => {
    const fields = fieldsOf(params, ['taskId', 'text']);
    if (fields['taskId'] === undefined) required('taskId');
    const text = textOf(fields);
    const none = (): never => invalidRequest('taskId', 'Task not found');
    const task = workedOn(call, taskOf(call, fields['taskId'], 'taskId', none));
    return answer({ item: shown(call, addResult(call, task, { text })) });
  }),
  method('result.addfromchatmessage', true, (call, params) => {
    const fields = fieldsOf(params, ['messageId']);
    if (fields['messageId'] === undefined) required('messageId');
    const id = numberOf(fields['messageId'], 'messageId');
    const message =
      call.state.messages.get(id) ?? invalidRequest('messageId', 'Message is not from task chat');
    const owner = call.state.chats.get(message.chat)?.task;
    const task = workedOn(call, taskOf(call, owner, 'taskId'));
    return answer({ item: shown(call, addResult(call, task, { text: message.text, message: id })) });
  }),
  method('result.update', true, (call, params) => {
    const fields = fieldsOf(params, ['text']);
    const { result } = ownResult(call, params);
    result.text = textOf(fields);
    result.updated = call.now;
    return answer({ item: shown(call, result) });
  }),
  method('result.delete', true, (call, params) => {
    const { result, task } = ownResult(call, params);
    call.state.results.delete(result.id);
    task.results = task.results.filter((id) => id !== result.id);
    return answer({ result: true });
  }),
  method('result.list', false, list),
];
