/** Changing a task: what REST bodies and people's hands have in common (section 6.4). */
import { type Json } from '../common/types.ts';
import { isObject, listOf, refId, Refusal, sameJson, toInteger, type JsonObject } from './answers.ts';
import { isReadOnly, writeCustomFields } from './customFields.ts';
import { dropIfUnused, readFileIds } from './fileView.ts';
import { refuseAstral, storedHtml } from './html.ts';
import { dateText, readMoment, sameMoment, toWall } from './moments.ts';
import { noPeople, personExists, personId, readPeople } from './persons.ts';
import { transitionOpen } from './rights.ts';
import { addChild } from './records.ts';
import { type Actor, type Moment, type People, type State, type Status, type Task } from './state.ts';

/** One key of a write, read and ready: nothing is applied before all keys are read. */
export interface Change {
  readonly field: string;
  /** True when the task has this value already. */
  readonly same: boolean;
  readonly apply: () => void;
}

export const TASK_KEYS: ReadonlySet<string> = new Set(
  `id sourceObjectId sourceDataVersion name description priority status processId resultChecking assigner parent
  template object project counterparty dateTime startDateTime endDateTime hasStartDate hasEndDate hasStartTime
  hasEndTime delayedTillDate duration durationUnit durationType overdue closeToDeadLine notAcceptedInTime inFavorites
  isSummary isSequential assignees participants auditors isDeleted customFieldData files tags`.split(/\s+/),
);

/** Null empties these; of any other key it says nothing. */
const CLEARED_BY_NULL: ReadonlySet<string> = new Set([
  'parent',
  'project',
  'counterparty',
  'sourceObjectId',
  'sourceDataVersion',
]);

export interface WriteContext {
  readonly state: State;
  readonly actor: Actor;
  readonly zone: string;
  /** Whether sourceObjectId and sourceDataVersion of the body are kept. */
  readonly keepMarks: boolean;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : String(value ?? '');
}

function change<Key extends keyof Task>(task: Task, field: string, key: Key, value: Task[Key]): Change {
  return {
    field,
    same: task[key] === value,
    apply: () => {
      task[key] = value;
    },
  };
}

/** Reads every key of a task write. @throws Refusal for a value that the API refuses. */
export function readChanges(context: WriteContext, task: Task, body: JsonObject): Change[] {
  return Object.entries(body).flatMap(([key, value]) =>
    value === null && !CLEARED_BY_NULL.has(key) ? [] : (readChange(context, task, key, value, body) ?? []),
  );
}

function readChange(
  context: WriteContext,
  task: Task,
  key: string,
  value: Json,
  body: JsonObject,
): Change | Change[] | undefined {
  const { state, zone } = context;
  switch (key) {
    case 'name':
      refuseAstral(text(value), state.settings);
      return change(task, key, 'name', text(value).replace(/\s*\n\s*/g, ' '));
    case 'description':
      return change(task, key, 'description', storedHtml(text(value), state.settings));
    case 'priority':
      // An unknown word is taken and means NotUrgent (section 3, silent non-errors).
      return change(task, key, 'priority', value === 'Urgent' ? 'Urgent' : 'NotUrgent');
    case 'resultChecking':
      return change(task, key, 'resultChecking', value === true);
    case 'isSequential':
      return change(task, key, 'isSequential', value === true);
    case 'inFavorites':
      return change(task, key, 'inFavorites', value === true);
    case 'isSummary':
      return change(task, key, 'isSummary', value === true);
    case 'duration':
      return change(task, key, 'duration', toInteger(value));
    case 'durationUnit':
      return change(task, key, 'durationUnit', text(value));
    case 'durationType':
      return change(task, key, 'durationType', text(value));
    case 'assigner':
      return change(task, key, 'assigner', readPerson(state, value, 'user'));
    case 'counterparty':
      return change(
        task,
        key,
        'counterparty',
        isNothing(value) ? undefined : readPerson(state, value, 'contact'),
      );
    case 'parent':
      return parentChange(state, task, value);
    case 'project':
      return change(task, key, 'project', readReference(value, state.projects, 'Project'));
    case 'processId':
      return processChange(state, task, value);
    case 'object':
    case 'template':
      return objectChange(state, task, key, value, body['processId'] ?? null);
    case 'startDateTime':
      return body['hasStartDate'] === false
        ? undefined
        : dateChange(task, 'start', key, value, zone, body['hasStartTime'] === false);
    case 'endDateTime':
      return body['hasEndDate'] === false
        ? undefined
        : dateChange(task, 'end', key, value, zone, body['hasEndTime'] === false);
    case 'delayedTillDate':
      return dateChange(task, 'delayedTill', key, value, zone);
    case 'hasStartDate':
      return value === false ? momentChange(task, 'start', 'startDateTime', undefined) : undefined;
    case 'hasEndDate':
      return value === false ? momentChange(task, 'end', 'endDateTime', undefined) : undefined;
    case 'hasStartTime':
      return value === false && body['startDateTime'] === undefined
        ? dropTime(task, 'start', zone)
        : undefined;
    case 'hasEndTime':
      return value === false && body['endDateTime'] === undefined ? dropTime(task, 'end', zone) : undefined;
    case 'assignees':
    case 'participants':
    case 'auditors':
      return peopleChange(state, task, key, value);
    case 'files':
      return filesChange(context, task, value);
    case 'customFieldData':
      return customChange(context, task, value, body);
    case 'tags':
      return state.settings['task.tags'] === 'stored' ? change(task, key, 'tags', value) : undefined;
    case 'sourceObjectId':
    case 'sourceDataVersion':
      return context.keepMarks ? change(task, key, key, value === null ? undefined : text(value)) : undefined;
    default:
      // Keys that exist in the schema without use (id, computed flags), and those that the callers treat themselves.
      return undefined;
  }
}

function isNothing(value: Json): boolean {
  const id = refId(value);
  return id === null || id === undefined || id === 0 || id === '';
}

function readPerson(state: State, value: Json, bare: 'user' | 'contact'): string {
  const person = personId(value, bare);
  if (person === undefined || !personExists(state, person)) {
    throw new Refusal(400, 41, `User not find by id ${String(refId(value))}`);
  }
  return person;
}

function readReference(value: Json, known: ReadonlyMap<number, unknown>, what: string): number | undefined {
  if (isNothing(value)) return undefined;
  const id = toInteger(refId(value));
  if (id === undefined || !known.has(id))
    throw new Refusal(400, 41, `${what} not find by id ${String(refId(value))}`);
  return id;
}

function parentChange(state: State, task: Task, value: Json): Change {
  const parent = readReference(value, state.tasks, 'Task');
  for (let above = parent; above !== undefined; above = state.tasks.get(above)?.parent) {
    if (above === task.id) throw new Refusal(400, 41, 'Task may not be its own supertask');
  }
  return {
    field: 'parent',
    same: task.parent === parent,
    apply: () => {
      if (task.parent !== undefined) state.children.get(task.parent)?.delete(task.id);
      task.parent = parent;
      if (parent !== undefined) addChild(state, parent, task.id);
    },
  };
}

/** The status stays what it is, whatever the other process has. */
function processChange(state: State, task: Task, value: Json): Change {
  const id = toInteger(value);
  if (id === undefined || !state.processes.has(id)) {
    throw new Refusal(400, 41, `Process not find by id ${String(value)}`);
  }
  return change(task, 'processId', 'processId', id);
}

/**
 * Object and template are the same row of numbers: a task that is made of an object has it for its template too (seen
 * live). The object decides the process unless the write names one.
 */
function objectChange(
  state: State,
  task: Task,
  key: 'object' | 'template',
  value: Json,
  namedProcess: Json,
): Change {
  const id = toInteger(refId(value));
  const object = id === undefined ? undefined : state.objects.get(id);
  if (object === undefined && !state.templates.some((template) => template.id === id)) {
    throw new Refusal(400, 41, `Template not find by id ${String(refId(value))}`);
  }
  return {
    field: key,
    same: task[key] === id,
    apply: () => {
      const follows = key === 'object' && (task.template === undefined || task.template === task.object);
      task[key] = id;
      if (object === undefined) return;
      if (follows) task.template = object.id;
      task.object = object.id;
      if (namedProcess === null) task.processId = object.process;
    },
  };
}

function momentChange(
  task: Task,
  key: 'start' | 'end' | 'delayedTill',
  field: string,
  moment: Moment | undefined,
): Change {
  return {
    field,
    same: sameMoment(task[key], moment),
    apply: () => {
      task[key] = moment;
    },
  };
}

function dateChange(
  task: Task,
  key: 'start' | 'end' | 'delayedTill',
  field: string,
  value: Json,
  zone: string,
  dayOnly = false,
): Change | undefined {
  // Null does not clear a date; has…Date:false does.
  if (value === null) return undefined;
  const moment = readMoment(value, zone);
  if (moment === undefined) throw new Refusal(400, 41, `Bad value of parameter ${field}`);
  return momentChange(task, key, field, dayOnly ? dayOf(moment, zone) : moment);
}

function dropTime(task: Task, key: 'start' | 'end', zone: string): Change | undefined {
  const moment = task[key];
  if (moment === undefined || !moment.hasTime) return undefined;
  return momentChange(task, key, key === 'start' ? 'startDateTime' : 'endDateTime', dayOf(moment, zone));
}

/** The day of a moment by the clocks of a zone. */
function dayOf(moment: Moment, zone: string): Moment | undefined {
  return moment.hasTime ? readMoment({ date: dateText(toWall(zone, moment.at)) }, zone) : moment;
}

function peopleChange(
  state: State,
  task: Task,
  key: 'assignees' | 'participants' | 'auditors',
  value: Json,
): Change | undefined {
  const people: People = value === null ? noPeople() : readPeople(state, value);
  const none = people.users.length + people.groups.length === 0;
  if (none && !state.settings['people.emptyListClears']) return undefined;
  return {
    field: key,
    same: samePeople(task[key], people),
    apply: () => {
      task[key] = people;
    },
  };
}

function samePeople(a: People, b: People): boolean {
  return (
    sameJson([...a.users].sort(), [...b.users].sort()) && sameJson([...a.groups].sort(), [...b.groups].sort())
  );
}

function filesChange(context: WriteContext, task: Task, value: Json): Change {
  const files = readFileIds(context.state, value);
  return {
    field: 'files',
    same: sameJson(task.files, files),
    apply: () => {
      const detached = task.files.filter((id) => !files.includes(id));
      task.files = files;
      for (const id of detached) dropIfUnused(context.state, id);
    },
  };
}

/** Values of fields that the task's object doesn't have are taken and stored nowhere (section 3). */
function customChange(context: WriteContext, task: Task, value: Json, body: JsonObject): Change | undefined {
  const { state, zone } = context;
  const sent = listOf(value);
  const objectId = toInteger(refId(body['object'] ?? body['template'])) ?? task.object;
  const attached = objectId === undefined ? [] : (state.objects.get(objectId)?.customFields ?? []);
  const fieldOf = (id: number) => (attached.includes(id) ? state.customFields.get(id) : undefined);
  const useful = sent.some((item) => {
    const field = isObject(item) ? fieldOf(toInteger(refId(item['field'])) ?? -1) : undefined;
    return field !== undefined && !isReadOnly(field.type);
  });
  if (!useful) return undefined;
  const after = new Map(task.custom);
  const changed = writeCustomFields(state, after, sent, fieldOf, zone);
  return {
    field: 'customFieldData',
    same: !changed,
    apply: () => {
      task.custom = after;
    },
  };
}

/** The status that a write names. @throws Refusal code 41 when the account or the task's set has none such. */
export function readStatus(state: State, processId: number, value: Json | undefined): Status {
  const id = toInteger(refId(value));
  const status = id === undefined ? undefined : state.statuses.get(id);
  const set = state.processes.get(processId)?.statuses;
  if (status === undefined || (set !== undefined && !set.includes(status.id))) {
    throw new Refusal(400, 41, `Status not find by id ${String(refId(value))}`);
  }
  return status;
}

/** The move is closed by the task's status set. */
export function moveClosed(state: State, task: Task, to: number): boolean {
  return !transitionOpen(state, task.processId, task.status, to);
}
