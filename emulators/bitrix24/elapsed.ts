/** task.elapseditem.* (section 16): time that people wrote down. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { integerAt, legacyError, mapAt, type Slot } from './legacy.ts';
import { isoAt, seconds } from './moments.ts';
import { canEdit, canRead } from './rights.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type Elapsed, nextId, participants, type Task } from './state.ts';
import { secondsSpent } from './taskView.ts';
import { finish, note } from './taskWrite.ts';
import { asInt, asList, asRecord, asText, type Params } from './values.ts';

const scope = ['task', 'tasks'] as const;
const owner = (name: string): string => `ctaskelapseditem::${name}`;
const fieldNames = ['SECONDS', 'MINUTES', 'COMMENT_TEXT', 'USER_ID', 'CREATED_DATE'];

const taskAt = (call: Call, params: Params, name: string): Task => {
  const id = integerAt(params, 'TASKID', { method: owner(name), index: 0, name: 'taskId' });
  const task = call.state.tasks.get(id);
  return task !== undefined && canRead(call.state, task, call.user) ? task : legacyError(8, 'Action failed');
};

const itemAt = (call: Call, params: Params, name: string): Elapsed => {
  const id = integerAt(params, 'ITEMID', { method: owner(name), index: 1, name: 'itemId' });
  const item = call.state.elapsed.get(id);
  const task = asInt(params['TASKID']);
  return item?.task === task && item !== undefined
    ? item
    : legacyError(512, 'Elapsed item not found or not accessible');
};

const shown = (call: Call, item: Elapsed): { [key: string]: Json } => ({
  ID: String(item.id),
  TASK_ID: String(item.task),
  USER_ID: String(item.user),
  COMMENT_TEXT: item.text,
  SECONDS: String(item.seconds),
  MINUTES: String(Math.floor(item.seconds / 60)),
  SOURCE: '2',
  CREATED_DATE: isoAt(call.state, item.created),
  DATE_START: isoAt(call.state, item.created),
  DATE_STOP: isoAt(call.state, item.created),
});

const spent = (fields: Params): number | undefined => {
  const given = asInt(fields['SECONDS']);
  const minutes = asInt(fields['MINUTES']);
  return given ?? (minutes === undefined ? undefined : minutes * 60);
};

/** One's own records, and those of others where one edits the task. */
const changes = (call: Call, task: Task, item: Elapsed): boolean =>
  item.user === call.user || canEdit(call.state, task, call.user);

const own = (call: Call, task: Task, item: Elapsed): void => {
  if (!changes(call, task, item)) legacyError(4, 'Action is not allowed');
};

const sortable = ['ID', 'USER_ID', 'MINUTES', 'SECONDS', 'CREATED_DATE', 'DATE_START', 'DATE_STOP'];
const filterKeys = ['ID', 'USER_ID', 'CREATED_DATE'].flatMap((field) =>
  ['', '!', '<', '<=', '>', '>=', '=', '!='].map((prefix) => prefix + field),
);

const slotOf = (name: string, index: number, parameter: string): Slot => ({
  method: owner(name),
  index,
  name: parameter,
});

const noteSpent = (call: Call, task: Task, before: number): void => {
  const after = secondsSpent(call.state, task);
  if (after !== before) note(call, task, 'TIME_SPENT_IN_LOGS', String(before), String(after));
};

const method = (name: string, write: boolean, positional: readonly string[], run: Method['run']): Method => ({
  name: `task.elapseditem.${name}`,
  version: 2,
  scope,
  write,
  positional,
  run,
});

export const elapsedMethods: readonly Method[] = [
  method('add', true, ['TASKID', 'ARFIELDS'], (call, params) => {
    const task = taskAt(call, params, 'add');
    const fields = mapAt(
      params,
      'ARFIELDS',
      { method: owner('add'), index: 1, name: 'arFields' },
      fieldNames,
    );
    const seconds_ = spent(fields);
    if (seconds_ === undefined) return legacyError(256, 'Param #1 (arFields) must contain key "SECONDS".');
    const item: Elapsed = {
      id: nextId(call.state, 'elapsed'),
      task: task.id,
      user: asInt(fields['USER_ID']) ?? call.user,
      seconds: seconds_,
      text: asText(fields['COMMENT_TEXT']),
      created: seconds(call.now),
    };
    const before = secondsSpent(call.state, task);
    call.state.elapsed.set(item.id, item);
    task.elapsed.push(item.id);
    noteSpent(call, task, before);
    finish(call, task, participants(task), 'task.changed', task.title);
    return answer(item.id);
  }),
  method('update', true, ['TASKID', 'ITEMID', 'ARFIELDS'], (call, params) => {
    const task = taskAt(call, params, 'update');
    const item = itemAt(call, params, 'update');
    const fields = mapAt(
      params,
      'ARFIELDS',
      { method: owner('update'), index: 2, name: 'arFields' },
      fieldNames,
    );
    own(call, task, item);
    const before = secondsSpent(call.state, task);
    item.seconds = spent(fields) ?? item.seconds;
    noteSpent(call, task, before);
    if (fields['COMMENT_TEXT'] !== undefined) item.text = asText(fields['COMMENT_TEXT']);
    finish(call, task, participants(task), 'task.changed', task.title);
    return answer(null);
  }),
  method('delete', true, ['TASKID', 'ITEMID'], (call, params) => {
    const task = taskAt(call, params, 'delete');
    const item = itemAt(call, params, 'delete');
    own(call, task, item);
    const before = secondsSpent(call.state, task);
    call.state.elapsed.delete(item.id);
    task.elapsed = task.elapsed.filter((id) => id !== item.id);
    noteSpent(call, task, before);
    finish(call, task, participants(task), 'task.changed', task.title);
    return answer(null);
  }),
  method('get', false, ['TASKID', 'ITEMID'], (call, params) => {
    taskAt(call, params, 'get');
    // The page of the method shows a list of one.
    return answer([shown(call, itemAt(call, params, 'get'))]);
  }),
  method('isactionallowed', false, ['TASKID', 'ITEMID', 'ACTIONID'], (call, params) => {
    const task = taskAt(call, params, 'isactionallowed');
    const id = integerAt(params, 'ITEMID', slotOf('isactionallowed', 1, 'itemId'));
    const action = integerAt(params, 'ACTIONID', slotOf('isactionallowed', 2, 'actionId'));
    if (action === 1) return answer(canRead(call.state, task, call.user));
    const item = call.state.elapsed.get(id);
    return answer(item?.task === task.id && changes(call, task, item));
  }),
  method('getlist', false, ['TASKID', 'ORDER', 'FILTER', 'SELECT', 'PARAMS'], (call, params) => {
    const task = taskAt(call, params, 'getlist');
    const navigation = asRecord(asRecord(params['PARAMS'])['NAV_PARAMS']);
    const size = Math.min(50, Math.max(1, asInt(navigation['nPageSize']) ?? 50));
    const number = Math.max(1, asInt(navigation['iNumPage']) ?? 1);
    const order = mapAt(params, 'ORDER', slotOf('getlist', 1, 'arOrder'), sortable);
    const filter = mapAt(params, 'FILTER', slotOf('getlist', 2, 'arFilter'), filterKeys);
    const select = asList(params['SELECT']).map((name) => asText(name).toUpperCase());
    const whole = select.length === 0 || select.includes('*');
    const found = task.elapsed
      .flatMap((id) => call.state.elapsed.get(id) ?? [])
      .map((item): Row => shown(call, item))
      .filter((row) => rowPasses(call.state, row, filter));
    const rows = rowsInOrder(call.state, found, Object.keys(order).length === 0 ? { ID: 'desc' } : order).map(
      (row): Json =>
        whole ? row : Object.fromEntries(Object.entries(row).filter(([name]) => select.includes(name))),
    );
    return { result: rows.slice((number - 1) * size, number * size), total: rows.length };
  }),
];
