/** tasks.task.add, get, update, delete, getaccess, getFields, files.attach, history.list (section 9). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { isoAt } from './moments.ts';
import {
  actionsOf,
  canEdit,
  canRead,
  canReadFile,
  canWork,
  isMember,
  sourcesOf,
  takesPart,
} from './rights.ts';
import { flag } from './settings.ts';
import { type State, type Task } from './state.ts';
import { fieldTitles } from './taskFieldTitles.ts';
import { core, readFields } from './taskFields.ts';
import { fullTask, readSelect, selectedTask } from './taskView.ts';
import { addTask, attach, finish, note, removeTask, updateTask } from './taskWrite.ts';
import {
  asInt,
  asList,
  asRecord,
  asText,
  isList,
  isRecord,
  type Params,
  phpMap,
  pick,
  refuse,
} from './values.ts';

const scope = ['task', 'tasks'] as const;

/** `taskId` of a call: 100 when it is absent, 0 when it is no number. */
export const taskIdOf = (params: Params, end = ' (internal error)'): number => {
  const given = pick(params, 'taskId', 'id');
  if (given === undefined || given === null) {
    return refuse(400, '100', `CTaskItem All parameters in the constructor must have real class type${end}`);
  }
  return asInt(given) ?? refuse(400, '0', 'wrong task id');
};

/** The task if the caller sees it. */
export const seenTask = (call: Call, id: number): Task | undefined => {
  const task = call.state.tasks.get(id);
  return task !== undefined && canRead(call.state, task, call.user) ? task : undefined;
};

export const notAllowed = (code = '0'): never => refuse(400, code, 'Действие над задачей не разрешено');

const noRight = (): never => refuse(400, '0', 'Action on the task is not allowed (internal error)');

const missing = (name: string): never =>
  refuse(400, '100', `Could not find value for parameter {${name}} (internal error)`);

type ParameterType = 'array' | 'int';

const invalidValue = (name: string, value: Json, type: ParameterType): string =>
  `Invalid value {${asText(value)}} to match with parameter {${name}}. Should be value of type ${type}.`;

/** A parameter of another type than its method wants. */
export const wrongType = (name: string, value: Json, type: ParameterType): never =>
  refuse(400, '100', `${invalidValue(name, value, type)} (internal error)`);

const fieldsOf = (params: Params): Params => {
  const fields = pick(params, 'fields');
  if (fields === undefined || fields === null) return missing('fields');
  if (isList(fields) || isRecord(fields)) {
    const record = asRecord(fields);
    return Object.keys(record).length === 0 ? missing('fields') : record;
  }
  return wrongType('fields', fields, 'array');
};

/** A parameter that must be a list or map when it is there. */
export const listParam = (params: Params, name: string): readonly Json[] => {
  const value = pick(params, name);
  if (value === undefined || value === null) return [];
  return isList(value) || isRecord(value) ? asList(value) : wrongType(name, value, 'array');
};

export const shown = (call: Call, task: Task): Answer => answer({ task: fullTask(call, task) });

const graph: Readonly<
  Record<number, readonly (readonly ['start' | 'pause' | 'defer' | 'complete' | 'renew', number])[]>
> = {
  2: [
    ['pause', 2],
    ['renew', 2],
  ],
  3: [['start', 3]],
  4: [['complete', 4]],
  5: [['complete', 5]],
  6: [['defer', 6]],
};

const obeysGraph = (state: State, task: Task, status: number): boolean =>
  (status === 5 && task.status === 4) ||
  (graph[status] ?? []).some(([transition]) => sourcesOf(state, transition).includes(task.status));

const responsibleFields = (state: State): readonly string[] => {
  const value = state.settings.get('rights.responsibleFields');
  return Array.isArray(value) ? value.map(String) : [];
};

/** Whether the caller may write these names through update. */
export const mayWrite = (state: State, task: Task, user: number, names: readonly string[]): boolean => {
  if (canEdit(state, task, user)) return true;
  if (task.responsible !== user) return false;
  const allowed = responsibleFields(state);
  return names.every((name) => allowed.includes(name) || (name === 'DEADLINE' && task.allowChangeDeadline));
};

/** Deleting is for the creator, an administrator, and heads of the task's group. */
export const mayDelete = (call: Call, task: Task): boolean => canEdit(call.state, task, call.user);

const upperAction = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const access = (call: Call, params: Params): Answer => {
  const id = taskIdOf(params);
  const users = listParam(params, 'users')
    .map(asInt)
    .filter((user): user is number => user !== undefined);
  const task = seenTask(call, id);
  if (task === undefined) return answer({ allowedActions: [] });
  const allowed: { [user: string]: Json } = {};
  for (const user of users.length > 0 ? users : [call.user]) {
    const known = call.state.users.has(user);
    allowed[String(user)] = Object.fromEntries(
      Object.entries(actionsOf(call.state, task, user)).map(([name, may]) => [
        upperAction(name),
        known && may,
      ]),
    );
  }
  return answer({ allowedActions: phpMap(allowed) });
};

const update = (call: Call, params: Params): Answer => {
  const id = taskIdOf(params);
  const fields = fieldsOf(params);
  const task = seenTask(call, id) ?? noRight();
  const names = Object.keys(fields).map((name) => name.toUpperCase());
  if (!mayWrite(call.state, task, call.user, names)) noRight();
  const patch = readFields(call, fields, task);
  if (
    patch.status !== undefined &&
    patch.status !== task.status &&
    flag(call.state, 'status.updateObeysGraph') &&
    !obeysGraph(call.state, task, patch.status)
  ) {
    noRight();
  }
  updateTask(call, task, patch);
  return shown(call, task);
};

const attachFile = (call: Call, params: Params): Answer => {
  const id = taskIdOf(params);
  const given = pick(params, 'fileId');
  if (given === undefined || given === null) missing('fileId');
  const file = asInt(given) ?? wrongType('fileId', given ?? null, 'int');
  const task = seenTask(call, id);
  if (task === undefined || !canWork(call.state, task, call.user)) {
    return refuse(400, '0', 'Access denied. (internal error)');
  }
  if (!canReadFile(call.state, file, call.user)) core('Недостаточно прав.');
  const before = task.attachments.join(',');
  const attachmentId = attach(call, task, file);
  task.attachments.push(attachmentId);
  note(call, task, 'UF_TASK_WEBDAV_FILES', before, task.attachments.join(','));
  const people = [task.creator, task.responsible, ...task.accomplices, ...task.auditors];
  finish(call, task, people, 'task.changed', task.title);
  return answer({ attachmentId });
};

const history = (call: Call, params: Params): Answer => {
  const task = call.state.tasks.get(taskIdOf(params));
  if (task === undefined) return answer({ list: [] });
  if (!canRead(call.state, task, call.user)) refuse(400, '0', 'Access denied. (internal error)');
  const wanted = asList(pick(asRecord(pick(params, 'filter')), 'FIELD')).map(asText);
  const order = asRecord(pick(params, 'order'));
  const direction = String(Object.values(order)[0] ?? 'desc').toLowerCase();
  const rows = task.history.filter((entry) => wanted.length === 0 || wanted.includes(entry.field));
  const list = (direction === 'asc' ? rows : [...rows].reverse()).map((entry): Json => {
    const user = call.state.users.get(entry.user);
    const [name = '', ...rest] = (user?.name ?? '').split(' ');
    return {
      id: entry.id,
      createdDate: isoAt(call.state, entry.at),
      field: entry.field,
      value: { from: entry.from, to: entry.to },
      user: { id: entry.user, name, lastName: rest.join(' '), secondName: '', login: user?.email ?? '' },
    };
  });
  return answer({ list });
};

/** Roles of tasks.task.counters.get. */
const hasRole = (task: Task, user: number, role: string): boolean => {
  switch (role) {
    case 'view_role_responsible':
      return task.responsible === user;
    case 'view_role_accomplice':
      return task.accomplices.includes(user);
    case 'view_role_auditor':
      return task.auditors.includes(user);
    case 'view_role_originator':
      return task.creator === user;
    default:
      return takesPart(task, user);
  }
};

/** tasks.task.counters.get: overdue tasks; comments that are not read are nowhere kept. */
const counters = (call: Call, params: Params): Answer => {
  const { state } = call;
  const given = pick(params, 'userId') ?? call.user;
  const user = asInt(given) ?? refuse(400, '0', invalidValue('userId', given, 'int'));
  const group = asInt(pick(params, 'groupId')) ?? 0;
  if (group !== 0 && !(call.admin || isMember(state.groups.get(group), call.user))) {
    refuse(400, '0', 'Group not found or access denied. (internal error)');
  }
  if (!state.users.has(user) || (user !== call.user && !call.admin)) return { result: [], total: 1 };
  const role = asText(pick(params, 'type'));
  let expired = 0;
  for (const task of state.tasks.values()) {
    const late = task.deadline !== null && task.deadline < call.now && task.status < 4;
    if (late && (group === 0 || task.group === group) && hasRole(task, user, role)) expired += 1;
  }
  const result = {
    expired: { counter: expired, code: 6_291_456 },
    new_comments: { counter: 0, code: 12_582_912 },
  };
  return { result, total: 1 };
};

const getFields = (call: Call): Answer => {
  const fields: { [name: string]: Json } = {};
  for (const [name, title, type, more] of fieldTitles) fields[name] = { title, type, ...more };
  for (const field of call.state.customFields) {
    fields[field.name] = field.mandatory
      ? { title: field.title, type: field.type, required: true }
      : { title: field.title, type: field.type };
  }
  return answer({ fields });
};

export const taskMethods: readonly Method[] = [
  {
    name: 'tasks.task.add',
    version: 2,
    scope,
    write: true,
    run: (call, params) => shown(call, addTask(call, readFields(call, fieldsOf(params), null))),
  },
  {
    name: 'tasks.task.get',
    version: 2,
    scope,
    write: false,
    run: (call, params) => {
      const id = taskIdOf(params);
      const select = readSelect(listParam(params, 'select'));
      const task = seenTask(call, id);
      if (task === undefined) return answer([]);
      return answer({ task: selectedTask(call, task, select, true) });
    },
  },
  { name: 'tasks.task.update', version: 2, scope, write: true, run: update },
  {
    name: 'tasks.task.delete',
    version: 2,
    scope,
    write: true,
    run: (call, params) => {
      const task = call.state.tasks.get(taskIdOf(params));
      if (task === undefined || !mayDelete(call, task)) {
        return refuse(400, '1048582', 'No access to delete the task');
      }
      removeTask(call, task);
      return answer({ task: true });
    },
  },
  { name: 'tasks.task.getFields', version: 2, scope, write: false, run: (call) => getFields(call) },
  { name: 'tasks.task.getaccess', version: 2, scope, write: false, run: access },
  { name: 'tasks.task.files.attach', version: 2, scope, write: true, run: attachFile },
  { name: 'tasks.task.history.list', version: 2, scope, write: false, run: history },
  { name: 'tasks.task.counters.get', version: 2, scope, write: false, run: counters },
];
