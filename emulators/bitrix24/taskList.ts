/** tasks.task.list: candidates by the narrowest index, visibility, filter, order, page of 50. */
import { type Json } from '../common/types.ts';
import { htmlOf } from './bbcode.ts';
import { type Answer, type Call, type Method, page, pageSize } from './call.ts';
import { moment, seconds } from './moments.ts';
import { newestFirst, touchedSince } from './recency.ts';
import { sightOf } from './rights.ts';
import { lowerBound, type Task } from './state.ts';
import { type Condition, meets, readFilter } from './taskFilter.ts';
import { listParam } from './tasks.ts';
import { readSelect, secondsSpent, selectedTask } from './taskView.ts';
import { asInt, asRecord, isYes, pick, refuse, yn } from './values.ts';

type Key = (call: Call, task: Task) => number | string | null;

const lastName = (call: Call, id: number): string =>
  (call.state.users.get(id)?.name ?? '').split(' ').slice(1).join(' ');

const sortKeys: Readonly<Record<string, Key>> = {
  ID: (_, task) => task.id,
  TITLE: (_, task) => task.title.toLowerCase(),
  TIME_SPENT_IN_LOGS: ({ state }, task) => secondsSpent(state, task),
  DATE_START: (_, task) => task.started,
  CREATED_DATE: (_, task) => task.created,
  CHANGED_DATE: (_, task) => task.changed,
  CLOSED_DATE: (_, task) => task.closed,
  ACTIVITY_DATE: (_, task) => task.activity,
  START_DATE_PLAN: (_, task) => task.startPlan,
  END_DATE_PLAN: (_, task) => task.endPlan,
  DEADLINE: (_, task) => task.deadline,
  REAL_STATUS: (_, task) => task.status,
  STATUS: (_, task) => task.status,
  STATUS_COMPLETE: (_, task) => (task.status === 5 ? 2 : 1),
  PRIORITY: (_, task) => task.priority,
  MARK: (_, task) => task.mark,
  CREATED_BY: (_, task) => task.creator,
  CREATED_BY_LAST_NAME: (call, task) => lastName(call, task.creator),
  RESPONSIBLE_ID: (_, task) => task.responsible,
  RESPONSIBLE_LAST_NAME: (call, task) => lastName(call, task.responsible),
  GROUP_ID: (_, task) => task.group,
  TIME_ESTIMATE: (_, task) => task.estimate,
  ALLOW_CHANGE_DEADLINE: (_, task) => yn(task.allowChangeDeadline),
  ALLOW_TIME_TRACKING: (_, task) => yn(task.allowTimeTracking),
  MATCH_WORK_TIME: (_, task) => yn(task.matchWorkTime),
  FAVORITE: ({ user }, task) => yn(task.favoriteOf.includes(user)),
  SORTING: () => null,
  IS_PINNED: ({ user }, task) => yn(task.pinnedOf.includes(user)),
  IS_PINNED_IN_GROUP: () => 'N',
  MESSAGE_ID: (_, task) => task.id,
};

interface Order {
  readonly key: string;
  readonly down: boolean;
}

const readOrder = (order: Json | undefined): Order[] => {
  const orders = Object.entries(asRecord(order)).map(([name, direction]): Order => {
    const key = name.toUpperCase();
    if (sortKeys[key] === undefined) refuse(400, '0', 'Invalid sorting key (internal error)');
    return { key, down: String(direction).toLowerCase().startsWith('desc') };
  });
  return orders.length > 0 ? orders : [{ key: 'ID', down: true }];
};

const compare = (a: number | string | null, b: number | string | null): number => {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
};

/** Ids that a filter leaves at most, by the narrowest index, and whether they ascend. */
const candidates = (call: Call, conditions: readonly Condition[]): readonly number[] => {
  const { state } = call;
  const byId = conditions.find((condition) => condition.field === 'ID' && condition.operator === '=');
  if (byId !== undefined) {
    const ids = byId.values.map(asInt).filter((id): id is number => id !== undefined);
    return [...new Set(ids)].sort((a, b) => a - b);
  }
  const bound = (field: string): Json | undefined =>
    conditions.find((condition) => condition.field === field && ['>', '>='].includes(condition.operator))
      ?.values[0];
  const changed = bound('CHANGED_DATE');
  const since = changed === undefined ? undefined : moment(state, changed);
  if (since !== undefined) return touchedSince(state.changed, seconds(since));
  const active = bound('ACTIVITY_DATE');
  const sinceActive = active === undefined ? undefined : moment(state, active);
  if (sinceActive !== undefined) return touchedSince(state.activity, seconds(sinceActive));
  const above = asInt(bound('ID'));
  return above === undefined ? state.taskIds : state.taskIds.slice(lowerBound(state.taskIds, above));
};

/** Tasks that the caller sees and the filter keeps, in order; stops early when only the first page is wanted. */
const found = (
  call: Call,
  conditions: readonly Condition[],
  orders: readonly Order[],
  firstPageOnly: boolean,
): Task[] => {
  const { state } = call;
  const sees = sightOf(state, call.user);
  const rows: Task[] = [];
  const keep = (id: number): boolean => {
    const task = state.tasks.get(id);
    if (task !== undefined && sees(task) && meets(call, task, conditions)) rows.push(task);
    return !firstPageOnly || rows.length < pageSize;
  };
  const first = orders[0];
  const ids = candidates(call, conditions);
  const walked =
    first !== undefined &&
    first.down &&
    ids === state.taskIds &&
    (first.key === 'ACTIVITY_DATE' || first.key === 'CHANGED_DATE');
  if (walked) {
    newestFirst(first.key === 'ACTIVITY_DATE' ? state.activity : state.changed, keep);
    if (orders.length === 1) return rows;
  } else if (first?.key === 'ID') {
    const ascending = ids.every((id, index) => index === 0 || (ids[index - 1] ?? 0) < id);
    const sorted = ascending ? ids : [...ids].sort((a, b) => a - b);
    if (first.down) {
      for (let index = sorted.length - 1; index >= 0; index -= 1) if (!keep(sorted[index] ?? 0)) break;
    } else for (const id of sorted) if (!keep(id)) break;
    return rows;
  } else {
    for (const id of ids) {
      const task = state.tasks.get(id);
      if (task !== undefined && sees(task) && meets(call, task, conditions)) rows.push(task);
    }
  }
  const keyed = rows.map((task) => ({
    task,
    keys: orders.map((order) => sortKeys[order.key]?.(call, task) ?? null),
  }));
  keyed.sort((a, b) => {
    for (const [index, order] of orders.entries()) {
      const by = compare(a.keys[index] ?? null, b.keys[index] ?? null);
      if (by !== 0) return order.down ? -by : by;
    }
    return a.task.id - b.task.id;
  });
  return keyed.map((row) => row.task);
};

/** Tasks that the caller sees and a filter keeps, in the wanted order. */
export const tasksFor = (call: Call, order: Json | undefined, filter: Json | undefined): Task[] =>
  found(call, readFilter(call, filter), readOrder(order), false);

const run: Method['run'] = (call, params): Answer => {
  const orders = readOrder(pick(params, 'order'));
  const conditions = readFilter(call, pick(params, 'filter'));
  const select = readSelect(listParam(params, 'select'));
  const extras = asRecord(pick(params, 'params'));
  const start = asInt(pick(params, 'start'));
  const rows = found(call, conditions, orders, start === -1);
  return page(
    rows,
    start,
    (task) => {
      const shown = selectedTask(call, task, select, false) as { [key: string]: Json };
      if (isYes(extras['WITH_RESULT_INFO'])) {
        const results = task.results.flatMap((id) => call.state.results.get(id) ?? []);
        shown['taskRequireResult'] = yn(task.parameters.includes(3));
        shown['taskHasOpenResult'] = yn(results.some((result) => !result.closed));
        shown['taskHasResult'] = yn(results.length > 0);
      }
      if (isYes(extras['WITH_TIMER_INFO'])) {
        shown['timeElapsed'] = task.elapsed.length === 0 ? null : secondsSpent(call.state, task);
        shown['timerIsRunningForCurrentUser'] = 'N';
      }
      if (isYes(extras['WITH_PARSED_DESCRIPTION'])) shown['parsedDescription'] = htmlOf(task.description);
      return shown;
    },
    (tasks) => ({ tasks }),
    call.state.settings.get('list.startMinusOneTotal') === 0,
  );
};

export const taskListMethods: readonly Method[] = [
  { name: 'tasks.task.list', version: 2, scope: ['task', 'tasks'], write: false, run },
];
