/** Creating and updating tasks with all that follows: feed entries, times, notices, scenarios. */
import { type Instant, type Json } from '../common/types.ts';
import { refId, Refusal, sameJson, toInteger, type JsonObject } from './answers.ts';
import { everyPerson, isAdmin, noPeople, notify } from './persons.ts';
import { fieldForbidden, mayChangeStatus, mayEdit, taskDenied } from './rights.ts';
import { fire } from './scenarios.ts';
import { addComment, addTask, nextId, noteTouch, touchChanged } from './records.ts';
import { type Actor, type Cause, type Comment, type State, type Step, type Task } from './state.ts';
import { moveClosed, readChanges, readStatus, type Change, type WriteContext } from './taskWrite.ts';
import { readMoment } from './moments.ts';

/** What of an update could not be done. */
export interface Failure {
  readonly [key: string]: Json;
  readonly field: string;
  readonly error: string;
}

/** How strictly transitions are held: as the setting says for REST, always in the interface. */
export type Enforcement = boolean | string;

/** A task with nothing but what every task has. */
export function blankTask(id: number, now: Instant): Task {
  return {
    id,
    internalId: undefined,
    name: '',
    description: '',
    priority: 'NotUrgent',
    status: 1,
    processId: 0,
    resultChecking: false,
    type: 'Task',
    assigner: undefined,
    parent: undefined,
    object: undefined,
    template: undefined,
    project: undefined,
    counterparty: undefined,
    createdAt: now,
    start: undefined,
    end: undefined,
    delayedTill: undefined,
    completedAt: undefined,
    doneAt: undefined,
    changedAt: now,
    commentedAt: undefined,
    duration: undefined,
    durationUnit: undefined,
    durationType: undefined,
    inFavorites: false,
    isSummary: false,
    isSequential: false,
    assignees: noPeople(),
    participants: noPeople(),
    auditors: noPeople(),
    individualStatuses: [],
    recurrence: undefined,
    isDeleted: false,
    custom: new Map(),
    files: [],
    tags: undefined,
    sourceObjectId: undefined,
    sourceDataVersion: undefined,
  };
}

/**
 * Makes a task of a write body. Assigner is the actor when none is given; a task for oneself starts in work.
 * @throws Refusal
 */
export function createTask(step: Step, body: JsonObject, cause: Cause, context: WriteContext): Task {
  const { state, now } = step;
  const name = body['name'];
  if (typeof name !== 'string' || name.trim() === '')
    throw new Refusal(400, 40, 'Required parameter is missing: name');
  const task = blankTask(state.next.task, now);
  const object = [...state.objects.values()][0];
  task.object = object?.id;
  task.processId = object?.process ?? [...state.processes.keys()][0] ?? 0;
  task.assigner = cause.actor.person;
  const changes = readChanges(context, task, body);
  const processId = writtenProcess(state, task, body);
  const status = body['status'] === undefined ? undefined : readStatus(state, processId, body['status']);
  setCreationDate(context, task, body['dateTime']);
  for (const change of changes) change.apply();
  task.status = status?.id ?? firstStatus(state, task);
  stampStatus(state, task, now);
  nextId(state, 'task');
  addTask(state, task);
  noteTouch(state, task.id, now);
  if (!cause.silent) tellOfTask(step, task, cause, new Set(), true);
  fire(step, 'task.created', task, cause);
  return task;
}

/** The process that a task is in after a write: the named one, that of the named object, or its own. */
export function writtenProcess(state: State, task: Task, body: JsonObject): number {
  const object = state.objects.get(toInteger(refId(body['object'] ?? body['template'])) ?? -1);
  return toInteger(body['processId']) ?? object?.process ?? task.processId;
}

function setCreationDate(context: WriteContext, task: Task, value: Json | undefined): void {
  if (value === undefined || value === null) return;
  const moment = readMoment(value, context.zone);
  if (moment === undefined) throw new Refusal(400, 41, 'Bad value of parameter dateTime');
  if (context.actor.admin) task.createdAt = moment.at;
}

function firstStatus(state: State, task: Task): number {
  const ids = state.settings['status.systemIds'];
  const set = state.processes.get(task.processId)?.statuses ?? [];
  const { users, groups } = task.assignees;
  const forOneself = users.length === 1 && groups.length === 0 && users[0] === task.assigner;
  const wanted = forOneself ? ids.inWork : ids.new;
  return set.length === 0 || set.includes(wanted) ? wanted : (set[0] ?? wanted);
}

function stampStatus(state: State, task: Task, now: Instant): void {
  const ids = state.settings['status.systemIds'];
  task.completedAt = task.status === ids.completed ? now : undefined;
  if (task.status === ids.done) task.doneAt = now;
  else if (task.status !== ids.completed) task.doneAt = undefined;
}

/**
 * Applies a write body to a task. Rights of the actor are held to: whole refusal with code 6 when nothing of it is
 * allowed. Gives the fields that could not be changed.
 * @throws Refusal
 */
export function updateTask(
  step: Step,
  task: Task,
  body: JsonObject,
  cause: Cause,
  context: WriteContext,
  enforcement: Enforcement,
): Failure[] {
  const { state } = step;
  assertMayWrite(state, cause.actor, task, body);
  const failures: Failure[] = [];
  const changes = readChanges(context, task, body).filter((change) => {
    if (!fieldForbidden(state, task, change.field, cause.actor.person)) return true;
    failures.push({ field: change.field, error: 'Field change failed' });
    return false;
  });
  const status = statusChange(step, task, body, cause, enforcement, failures);
  carryOut(step, task, status === undefined ? changes : [...changes, status], cause);
  moveToBin(step, task, body['isDeleted'], cause);
  return failures;
}

function assertMayWrite(state: State, actor: Actor, task: Task, body: JsonObject): void {
  if (mayEdit(state, actor, task)) return;
  const onlyStatus = Object.keys(body).every((key) => key === 'status');
  if (onlyStatus && mayChangeStatus(state, actor, task)) return;
  throw taskDenied(task.id);
}

function statusChange(
  step: Step,
  task: Task,
  body: JsonObject,
  cause: Cause,
  enforcement: Enforcement,
  failures: Failure[],
): Change | undefined {
  const { state } = step;
  if (body['status'] === undefined || body['status'] === null) return undefined;
  const status = readStatus(state, writtenProcess(state, task, body), body['status']);
  if (fieldForbidden(state, task, 'status', cause.actor.person)) {
    failures.push({ field: 'status', error: 'Field change failed' });
    return undefined;
  }
  if (enforcement !== false && moveClosed(state, task, status.id)) {
    if (enforcement !== 'failures') throw new Refusal(400, 1002, 'Task update error');
    failures.push({ field: 'status', error: 'Field change failed' });
    return undefined;
  }
  const own = individualMove(state, task, status.id, cause.actor.person);
  if (own !== undefined) return own;
  return {
    field: 'status',
    same: task.status === status.id,
    apply: () => {
      task.status = status.id;
      task.individualStatuses = [];
      stampStatus(state, task, step.now);
    },
  };
}

/**
 * One of several assignees moves only himself out of or into an individual status; the task follows when all are there
 * (section 7). Whether somebody else moves them all is a setting.
 */
function individualMove(state: State, task: Task, to: number, person: string): Change | undefined {
  const assignees = everyPerson(state, task.assignees);
  const kept = (status: number): boolean => state.statuses.get(status)?.isAppliedIndividually === true;
  if (assignees.length < 2 || !(kept(to) || kept(task.status))) return undefined;
  if (!assignees.includes(person)) {
    const movesAll = !kept(to) || state.settings['status.individualByOthers'] === 'for all';
    return movesAll ? undefined : { field: 'individualStatuses', same: true, apply: () => undefined };
  }
  const statusOf = (one: string) =>
    one === person ? to : (task.individualStatuses.find((own) => own.id === one)?.status ?? task.status);
  if (assignees.every((one) => statusOf(one) === to)) return undefined;
  return {
    field: 'individualStatuses',
    same: task.individualStatuses.some((own) => own.id === person && own.status === to),
    apply: () => {
      task.individualStatuses = task.individualStatuses.filter((own) => own.id !== person);
      task.individualStatuses.push({ id: person, status: to });
    },
  };
}

function peopleOf(state: State, task: Task): Set<string> {
  return new Set(
    [task.assignees, task.participants, task.auditors].flatMap((set) => everyPerson(state, set)),
  );
}

function carryOut(step: Step, task: Task, changes: readonly Change[], cause: Cause): void {
  const { state, now } = step;
  const real = changes.filter((change) => !change.same);
  if (real.length === 0) return;
  const before = { ...task };
  const people = peopleOf(state, task);
  for (const change of real) change.apply();
  touchChanged(state, task, now);
  if (!cause.silent) {
    addFeedEntry(step, task, before, cause);
    tellOfTask(step, task, cause, people, false);
  }
  const fields = [...real.map((change) => change.field), ...changedCustomFields(before, task)];
  fire(step, 'task.changed', task, cause, undefined, { before, fields });
}

function changedCustomFields(before: Task, task: Task): string[] {
  if (before.custom === task.custom) return [];
  const ids = new Set([...before.custom.keys(), ...task.custom.keys()]);
  return [...ids].filter((id) => !sameJson(before.custom.get(id), task.custom.get(id))).map(String);
}

/** A comment with nothing but what every comment has. */
export function blankComment(id: number, task: number, author: string, now: Instant): Comment {
  return {
    id,
    task,
    owner: author,
    createdBy: author,
    system: false,
    createdAt: now,
    type: 'Comment',
    fromType: 'Planfix',
    description: '',
    isDeleted: false,
    isPinned: false,
    isHidden: false,
    recipients: noPeople(),
    files: [],
    dataTags: [],
    changeStatus: undefined,
    changeStart: undefined,
    changeEnd: undefined,
    sourceObjectId: undefined,
    sourceDataVersion: undefined,
  };
}

/** The system's own entry in the feed: the only history that the API shows. */
function addFeedEntry(step: Step, task: Task, before: Task, cause: Cause): void {
  const { state, now } = step;
  addComment(state, {
    ...blankComment(nextId(state, 'comment'), task.id, cause.actor.person, now),
    system: true,
    type: 'None',
    fromType: 'None',
    changeStatus:
      before.status === task.status ? undefined : { oldStatusId: before.status, newStatusId: task.status },
    changeStart: before.start === task.start ? undefined : { old: before.start, new: task.start },
    changeEnd: before.end === task.end ? undefined : { old: before.end, new: task.end },
  });
}

/** New people learn that they are in, the others that something changed. */
function tellOfTask(
  step: Step,
  task: Task,
  cause: Cause,
  known: ReadonlySet<string>,
  created: boolean,
): void {
  const { state } = step;
  const except = [cause.actor.person];
  const assignees = everyPerson(state, task.assignees);
  const others = [task.participants, task.auditors].flatMap((set) => everyPerson(state, set));
  const isNew = (person: string) => !known.has(person);
  const rest = new Set([...(task.assigner === undefined ? [] : [task.assigner]), ...assignees, ...others]);
  notify(step, assignees.filter(isNew), {
    about: 'task.assigned',
    task: task.id,
    text: `Вам поручена задача «${task.name}»`,
    except,
  });
  notify(step, others.filter(isNew), {
    about: 'task.added',
    task: task.id,
    text: `Вас добавили в задачу «${task.name}»`,
    except: [...except, ...assignees],
  });
  if (created) return;
  const fresh = [...assignees, ...others].filter(isNew);
  notify(step, rest, {
    about: 'task.changed',
    task: task.id,
    text: `Изменена задача «${task.name}»`,
    except: [...except, ...fresh],
  });
}

/** Moves a task to the bin or back; no event of a scenario tells of it (section 6.8). */
export function moveToBin(step: Step, task: Task, deleted: Json | undefined, cause: Cause): void {
  const { state, now } = step;
  if (typeof deleted !== 'boolean' || deleted === task.isDeleted) return;
  if (cause.api && !state.settings['task.isDeletedWritable']) return;
  task.isDeleted = deleted;
  touchChanged(state, task, now);
}

/** The acting side of a cause, for people and robots alike. */
export function actorOf(state: State, person: string): Actor {
  return { person, admin: isAdmin(state, person), zone: state.account.timezone };
}
