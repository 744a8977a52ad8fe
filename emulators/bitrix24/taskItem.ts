/**
 * task.item.* and task.items.getlist: the deprecated methods that older programs still call (api-reference/tasks/deprecated
 * of the vendor's reference, which prints their parameters and no answers). Positional, upper-case names both ways.
 */
import { type Json } from '../common/types.ts';
import { htmlOf } from './bbcode.ts';
import { answer, type Answer, type Call, type Method, pageSize } from './call.ts';
import { integerAt, legacyError } from './legacy.ts';
import { actionsOf, canRead } from './rights.ts';
import { type Task } from './state.ts';
import { delegate, judge, transit } from './statuses.ts';
import { readFields } from './taskFields.ts';
import { tasksFor } from './taskList.ts';
import { upperTask } from './taskView.ts';
import { addTask, removeTask, updateTask } from './taskWrite.ts';
import { mayDelete, mayWrite } from './tasks.ts';
import { asInt, asList, asRecord, asText, type Params, Refusal } from './values.ts';

const scope = ['task', 'tasks'] as const;

/** The task at the first position if the caller sees it. */
export const oldTaskAt = (call: Call, params: Params, name: string): Task => {
  const id = integerAt(params, 'TASKID', { method: `ctaskitem::${name}`, index: 0, name: 'taskId' });
  const task = call.state.tasks.get(id);
  return task !== undefined && canRead(call.state, task, call.user)
    ? task
    : legacyError(8, 'Task not found or not accessible');
};

/** What the newer methods refuse with a code of their own is an exception of the old API here. */
const inOldTerms = (act: () => unknown): Answer => {
  try {
    act();
  } catch (problem) {
    if (!(problem instanceof Refusal) || problem.code === 'ERROR_CORE') throw problem;
    legacyError(4, 'Action is not allowed');
  }
  return answer([]);
};

/** A method of task.item.* whose first parameter is the task. */
export const taskItem = (
  name: string,
  write: boolean,
  more: readonly string[],
  run: (call: Call, task: Task, params: Params) => Answer,
): Method => ({
  name: `task.item.${name}`,
  version: 2,
  scope,
  write,
  positional: ['TASKID', ...more],
  run: (call, params) => run(call, oldTaskAt(call, params, name), params),
});

const selectOf = (value: Json | undefined): readonly string[] | null => {
  const names = asList(value)
    .map((name) => asText(name).toUpperCase())
    .filter((name) => name !== '');
  return names.length === 0 ? null : names;
};

/** Parameters that are skipped come as `['']` or ''. */
const mapOf = (value: Json | undefined): Json =>
  Object.fromEntries(Object.entries(asRecord(value)).filter(([key]) => !/^\d+$/.test(key)));

const listed = (
  call: Call,
  tasks: readonly Task[],
  navigation: Json | undefined,
  select: Json | undefined,
): Answer => {
  const given = asRecord(navigation);
  const size = Math.min(pageSize, Math.max(1, asInt(given['nPageSize']) ?? pageSize));
  const from = (Math.max(1, asInt(given['iNumPage']) ?? 1) - 1) * size;
  const names = selectOf(select);
  const result = tasks.slice(from, from + size).map((task) => upperTask(call, task, names));
  const total = tasks.length;
  return from + size < total ? { result, total, next: from + size } : { result, total };
};

const flagged = (name: string, on: boolean): Method =>
  taskItem(name, true, [], (call, task) => {
    const others = task.favoriteOf.filter((id) => id !== call.user);
    task.favoriteOf = on ? [...others, call.user] : others;
    return answer(true);
  });

export const taskItemMethods: readonly Method[] = [
  {
    name: 'task.item.add',
    version: 2,
    scope,
    write: true,
    positional: ['TASKDATA'],
    run: (call, params) => answer(addTask(call, readFields(call, asRecord(params['TASKDATA']), null)).id),
  },
  taskItem('update', true, ['TASKDATA'], (call, task, params) => {
    const fields = asRecord(params['TASKDATA']);
    const names = Object.keys(fields).map((name) => name.toUpperCase());
    if (!mayWrite(call.state, task, call.user, names)) legacyError(4, 'Action is not allowed');
    updateTask(call, task, readFields(call, fields, task));
    return answer([]);
  }),
  taskItem('getdata', false, [], (call, task) => answer(upperTask(call, task, null))),
  taskItem('getdescription', false, ['FORMAT'], (_, task, params) => {
    const plain = task.description.replace(/\[[^\]]*\]/g, '');
    const format = asInt(params['FORMAT']) ?? 2;
    return answer(format === 1 ? task.description : format === 3 ? plain : htmlOf(task.description));
  }),
  taskItem('getdependson', false, [], (_, task) => answer(task.dependsOn.map((link) => link.task))),
  taskItem('getallowedtaskactionsasstrings', false, [], (call, task) =>
    answer(
      Object.fromEntries(
        Object.entries(actionsOf(call.state, task, call.user))
          .filter(([name]) => !name.includes('.'))
          .map(([name, may]) => [
            `ACTION_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
            may,
          ]),
      ),
    ),
  ),
  taskItem('delete', true, [], (call, task) => {
    if (!mayDelete(call, task)) legacyError(4, 'Action is not allowed');
    removeTask(call, task);
    return answer([]);
  }),
  taskItem('delegate', true, ['USERID'], (call, task, params) =>
    inOldTerms(() => delegate(call, task, asInt(params['USERID']) ?? 0)),
  ),
  taskItem('startexecution', true, [], (call, task) => inOldTerms(() => transit(call, task, 'start'))),
  taskItem('complete', true, [], (call, task) => inOldTerms(() => transit(call, task, 'complete'))),
  taskItem('defer', true, [], (call, task) => inOldTerms(() => transit(call, task, 'defer'))),
  taskItem('renew', true, [], (call, task) => inOldTerms(() => transit(call, task, 'renew'))),
  taskItem('approve', true, [], (call, task) => inOldTerms(() => judge(call, task, true))),
  taskItem('disapprove', true, [], (call, task) => inOldTerms(() => judge(call, task, false))),
  flagged('addtofavorite', true),
  flagged('deletefromfavorite', false),
  {
    name: 'task.item.list',
    version: 2,
    scope,
    write: false,
    positional: ['ORDER', 'FILTER', 'PARAMS', 'SELECT'],
    run: (call, params) => {
      const order = mapOf(params['ORDER']);
      // The page warns: without an order the filter is not looked at.
      const filter = Object.keys(asRecord(order)).length === 0 ? {} : mapOf(params['FILTER']);
      const navigation = asRecord(params['PARAMS'])['NAV_PARAMS'];
      return listed(call, tasksFor(call, order, filter), navigation, params['SELECT']);
    },
  },
  {
    name: 'task.items.getlist',
    version: 2,
    scope,
    write: false,
    positional: ['ORDER', 'FILTER', 'TASKDATA', 'NAV_PARAMS'],
    run: (call, params) => {
      const tasks = tasksFor(call, mapOf(params['ORDER']), mapOf(params['FILTER']));
      return listed(call, tasks, params['NAV_PARAMS'], params['TASKDATA']);
    },
  },
];
