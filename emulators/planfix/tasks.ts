/** Routes of tasks: read, list, create, update, saved filters, templates (section 6.1). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import {
  empty,
  fieldNames,
  isObject,
  onlyKeys,
  pageOf,
  pageRows,
  pick,
  refId,
  Refusal,
  success,
  type JsonObject,
} from './answers.ts';
import { compileFilters, type TaskTest } from './filters.ts';
import { isAdmin, personExists, personId, zoneOfPerson } from './persons.ts';
import { rolesIn, maySee, assertSees } from './rights.ts';
import { causeOf, numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { draw } from './records.ts';
import { type State, type Step, type Task } from './state.ts';
import { createTask, updateTask, writtenProcess } from './taskChange.ts';
import { taskAnswer, type Look } from './taskView.ts';
import { readStatus, TASK_KEYS, type WriteContext } from './taskWrite.ts';

const SYSTEM_FILTERS: readonly (readonly [string, string])[] = [
  [':all', 'Все'],
  [':in', 'Входящие'],
  [':audit', 'На контроле'],
];

/** A task that is there for reading. @throws Refusal code 1000 or 6. */
export function readableTask(call: Call, id: number): Task {
  const { state } = call;
  const task = state.tasks.get(id);
  const hidden = task?.isDeleted === true && state.settings['task.deletedGet'] === 'missing';
  if (task === undefined || hidden) throw missing(state, id);
  assertSees(state, call.actor, task);
  return task;
}

function missing(state: State, id: number): Refusal {
  const [status = '400', , code = '1000'] = state.settings['task.missingGet'].split(' ');
  return new Refusal(Number(status), Number(code), `Task not found by id ${id}`);
}

/** Whether the marks of another application are kept (setting sourceMarks). */
export function keepsMarks(state: State, sourceId: Json | null | undefined): boolean {
  const setting = state.settings.sourceMarks;
  return setting === 'kept always' || (setting === 'only with sourceId' && typeof sourceId === 'string');
}

function writeContext(call: Call): WriteContext {
  return {
    state: call.state,
    actor: call.actor,
    zone: zoneOf(call),
    keepMarks: keepsMarks(call.state, call.query.get('sourceId')),
  };
}

function getTask(call: Call): EmulatorResponse {
  const task = readableTask(call, numberParam(call, 0));
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  return success({ task: taskAnswer(call, task, names) });
}

/**
 * The list as the person of `runAsUserId` sees it, when an administrator asks so (document 1.6.9); of others the key
 * is ignored. @throws Refusal code 41 for nobody.
 */
function onBehalf(call: Call): Call {
  const { state, actor, body } = call;
  const given = body['runAsUserId'];
  if (given === undefined || given === null || given === '' || !actor.admin) return call;
  const person = personId(given);
  if (person === undefined || !personExists(state, person)) {
    throw new Refusal(400, 41, `User not find by id ${String(refId(given))}`);
  }
  return { ...call, actor: { person, admin: isAdmin(state, person), zone: zoneOfPerson(state, person) } };
}

function listTasks(asked: Call): EmulatorResponse {
  const call = onBehalf(asked);
  const { state, body } = call;
  const { offset, size } = pageOf(body, state.settings);
  const tests = compileFilters(call, body['filters']);
  const saved = savedFilter(call, body['filterId']);
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const showDeleted = state.settings['task.listShowsDeleted'];
  const rows: Json[] = [];
  let skipped = 0;
  for (const id of candidates(state, tests)) {
    const task = state.tasks.get(id);
    if (task === undefined || (task.isDeleted && !showDeleted)) continue;
    if (!tests.every((test) => test.holds(task)) || !saved(task) || !maySee(state, call.actor, task))
      continue;
    if (skipped < offset) {
      skipped += 1;
      continue;
    }
    rows.push(taskAnswer(call, task, names));
    if (rows.length === size) break;
  }
  return success({ tasks: rows });
}

/** Ids to look at, ascending: as few as the filters allow without looking at any task. */
function candidates(state: State, tests: readonly TaskTest[]): readonly number[] {
  const only = tests.find((test) => test.only !== undefined)?.only;
  if (only !== undefined) return [...new Set(only)].sort((a, b) => a - b);
  const since = tests.flatMap((test) => test.touchedSince ?? []);
  if (since.length === 0) return state.taskIds;
  const bound = Math.max(...since);
  const found = new Set<number>();
  for (let at = state.touches.length - 1; at >= 0; at -= 1) {
    const touch = state.touches[at];
    if (touch === undefined || touch.at < bound) break;
    found.add(touch.task);
  }
  return [...found].sort((a, b) => a - b);
}

function savedFilter(look: Look, filterId: Json | undefined): (task: Task) => boolean {
  const { state, actor } = look;
  if (filterId === undefined || filterId === null || filterId === '') return () => true;
  const id = String(filterId);
  switch (id.replace(/^:/, '')) {
    case 'all':
      return () => true;
    case 'in':
      return (task) => rolesIn(state, task, actor.person).includes('assignee');
    case 'out':
      return (task) => task.assigner === actor.person;
    case 'audit':
      return (task) => rolesIn(state, task, actor.person).includes('auditor');
    default: {
      const own = state.taskFilters.find((filter) => String(filter['id']) === id);
      if (own === undefined) throw new Refusal(400, 41, `Filter not find by id ${id}`);
      const tests = compileFilters(look, own['filters']);
      return (task) => tests.every((test) => test.holds(task));
    }
  }
}

function postTask(call: Call): EmulatorResponse {
  onlyKeys(call.body, TASK_KEYS, call.state.settings);
  const task = createTask(call, call.body, causeOf(call, false), writeContext(call));
  return success({ id: task.id }, 201);
}

function postTaskUpdate(call: Call): EmulatorResponse {
  const { state, body, now } = call;
  const id = numberParam(call, 0);
  const task = state.tasks.get(id);
  const gone = task === undefined || (task.isDeleted && body['isDeleted'] === undefined);
  if (gone) throw new Refusal(404, 1000, `Task for update not found by id ${id}`);
  assertSees(state, call.actor, task);
  onlyKeys(body, TASK_KEYS, state.settings);
  const cause = causeOf(call);
  const probability = state.settings['task.queueProbability'];
  if (probability > 0 && draw(state) < probability) {
    if (body['status'] !== undefined) readStatus(state, writtenProcess(state, task, body), body['status']);
    state.queued.push({
      at: now + state.settings['task.queueDelayMs'],
      task: id,
      body,
      actor: call.actor,
      silent: cause.silent,
    });
    return empty(202);
  }
  const failures = updateTask(
    call,
    task,
    body,
    cause,
    writeContext(call),
    state.settings['task.enforceTransitions'],
  );
  // One alone stands as the document's example shows it, several as its schema does; `result` beside them is seen live.
  const [first] = failures;
  if (first === undefined) return updated(state);
  return success({ failures: failures.length === 1 ? first : failures });
}

/** The answer to an update that was done: success, or an empty body. */
export function updated(state: State): EmulatorResponse {
  return state.settings['task.updateBody'] === 'empty' ? empty(200) : success();
}

/** Applies the updates that were answered with 202 and are due, each exactly once. */
export function applyQueued(step: Step): void {
  const { state, now } = step;
  if (state.queued.length === 0) return;
  const due = state.queued.filter((update) => update.at <= now);
  if (due.length === 0) return;
  state.queued = state.queued.filter((update) => update.at > now);
  for (const { task: id, body, actor, silent } of due) {
    const task = state.tasks.get(id);
    if (task === undefined) continue;
    const context: WriteContext = {
      state,
      actor,
      zone: zoneOf({ state, actor }),
      keepMarks: keepsMarks(state, undefined),
    };
    try {
      updateTask(
        step,
        task,
        body,
        { actor, api: true, silent },
        context,
        state.settings['task.enforceTransitions'],
      );
    } catch (refusal) {
      // Nobody waits for the answer any more: a queued update that is refused changes nothing.
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }
}

function savedFilters(call: Call): EmulatorResponse {
  const own = call.state.taskFilters.map((filter) => ({
    ...pick(filter, ['id', 'name', 'owner']),
    id: String(filter['id']),
  }));
  const system = SYSTEM_FILTERS.map(([id, name]) => ({ id, name }));
  return success({ filters: [...system, ...own] });
}

function queryBody(query: URLSearchParams): JsonObject {
  const body: Record<string, Json> = {};
  for (const [name, value] of query) body[name] = value;
  return body;
}

function listTemplates(call: Call): EmulatorResponse {
  const body = queryBody(call.query);
  const names = fieldNames(body['fields'], ['id', 'name']);
  const rows = call.state.templates.map(({ id, name }) => pick({ id, name }, names));
  return success({ templates: pageRows(rows, body, call.state.settings) });
}

function listRecurring(call: Call): EmulatorResponse {
  const { state } = call;
  const body = queryBody(call.query);
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const rows = [...state.tasks.values()]
    .filter((task) => isObject(task.recurrence) && !task.isDeleted && maySee(state, call.actor, task))
    .map((task) => taskAnswer(call, task, names));
  return success({ tasks: pageRows(rows, body, state.settings) });
}

export const taskRoutes: readonly Route[] = [
  { method: 'GET', path: '/task/templates', scope: 'task_readonly', write: false, run: listTemplates },
  { method: 'GET', path: '/task/recurring', scope: 'task_readonly', write: false, run: listRecurring },
  { method: 'POST', path: '/task/list', scope: 'task_readonly', write: false, list: true, run: listTasks },
  {
    method: 'POST',
    path: '/task/filters',
    scope: 'task_readonly',
    write: false,
    list: true,
    run: savedFilters,
  },
  { method: 'POST', path: '/task/', scope: 'task_add', write: true, run: postTask },
  { method: 'GET', path: '/task/{id}', scope: 'task_readonly', write: false, run: getTask },
  { method: 'POST', path: '/task/{id}', scope: 'task_update', write: true, run: postTaskUpdate },
];
