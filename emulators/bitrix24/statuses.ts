/** Transition methods, delegation, watching (section 10). */
import { answer, type Answer, type Call, type Method } from './call.ts';
import { named, say } from './posts.ts';
import { canDelegate, canJudge, canWork, sourcesOf, type Transition } from './rights.ts';
import { flag } from './settings.ts';
import { participants, type Task } from './state.ts';
import { core } from './taskFields.ts';
import { announce, finish, note, putStatus, sayStatus } from './taskWrite.ts';
import { notAllowed, seenTask, shown, taskIdOf } from './tasks.ts';
import { asInt, type Params, pick, refuse } from './values.ts';

const scope = ['task', 'tasks'] as const;

/** Codes of the refusal differ by method; the text is one. */
const codes: Readonly<Record<string, string>> = {
  start: '0',
  complete: '0',
  pause: '1048582',
  defer: '1048582',
  renew: '1048582',
  approve: '1048582',
  disapprove: '1048582',
};

const targets: Readonly<Record<'start' | 'pause' | 'defer' | 'renew', number>> = {
  start: 3,
  pause: 2,
  defer: 6,
  renew: 2,
};

const move = (call: Call, task: Task, status: number): void => {
  putStatus(call, task, status);
  finish(call, task, participants(task), 'task.status', `${task.title}: статус ${status}`);
  sayStatus(call, task);
};

/** Status that completion leads to: 4 waits for the creator of a controlled task. */
const completed = (call: Call, task: Task): number => {
  if (!task.control) return 5;
  const straight = flag(call.state, 'status.creatorCompletesStraight') && task.creator === call.user;
  return straight ? 5 : 4;
};

const hasOpenResult = (call: Call, task: Task): boolean =>
  task.results.some((id) => call.state.results.get(id)?.closed === false);

/** SE_PARAMETER 2: a parent completes with its children, and when the last of them is done. */
const completeFamily = (call: Call, task: Task): void => {
  if (task.status !== 5) return;
  const children = (parent: number): Task[] =>
    [...call.state.tasks.values()].filter((other) => other.parent === parent);
  if (task.parameters.includes(2)) {
    for (const child of children(task.id)) {
      if (child.status === 5) continue;
      move(call, child, 5);
      completeFamily(call, child);
    }
  }
  const parent = task.parent === null ? undefined : call.state.tasks.get(task.parent);
  if (parent === undefined || !parent.parameters.includes(2) || parent.status === 5) return;
  if (children(parent.id).every((child) => child.status === 5)) {
    move(call, parent, 5);
    completeFamily(call, parent);
  }
};

/** Moves a task by one of the five free transitions; refuses what the caller or the status does not allow. */
export const transit = (call: Call, task: Task | undefined, transition: Transition): Task => {
  const code = codes[transition] ?? '0';
  if (
    task === undefined ||
    !canWork(call.state, task, call.user) ||
    !sourcesOf(call.state, transition).includes(task.status)
  ) {
    return notAllowed(code);
  }
  if (transition === 'complete') {
    if (task.parameters.includes(3) && !hasOpenResult(call, task)) {
      core('Задачу нельзя завершить без результата');
    }
    for (const id of task.results) {
      const result = call.state.results.get(id);
      if (result !== undefined) result.closed = true;
    }
    move(call, task, completed(call, task));
    completeFamily(call, task);
  } else move(call, task, targets[transition]);
  return task;
};

/** Accepts or returns a task that waits in status 4. */
export const judge = (call: Call, task: Task | undefined, accepted: boolean): Task => {
  if (task === undefined || !task.control || task.status !== 4 || !canJudge(call.state, task, call.user)) {
    return notAllowed('1048582');
  }
  move(call, task, accepted ? 5 : 2);
  if (accepted) completeFamily(call, task);
  return task;
};

/** Hands a task on to another person; it waits again. */
export const delegate = (call: Call, task: Task | undefined, user: number): Task => {
  if (task === undefined || !canDelegate(call.state, task, call.user)) return notAllowed('0');
  if (call.state.users.get(user)?.hidden !== false) {
    core('Не найден пользователь, указанный в поле «Исполнитель»');
  }
  const before = participants(task);
  const former = task.responsible;
  note(call, task, 'RESPONSIBLE_ID', String(former), String(user));
  task.responsible = user;
  task.accomplices = task.accomplices.filter((id) => id !== user);
  if (flag(call.state, 'delegate.formerToAuditors') && former !== user && !task.auditors.includes(former)) {
    task.auditors.push(former);
  }
  if (task.status !== 2) putStatus(call, task, 2);
  finish(call, task, before, 'task.changed', task.title);
  say(call, task, `${named(call.state, call.user)} делегировал(а) задачу: ${named(call.state, user)}`);
  return task;
};

/** Joins or leaves the auditors. */
export const watch = (call: Call, task: Task | undefined, joins: boolean): Task => {
  if (task === undefined) return refuse(400, '1048584', 'a:0:{}');
  const before = participants(task);
  const from = task.auditors.join(',');
  const others = task.auditors.filter((id) => id !== call.user);
  task.auditors = joins
    ? task.auditors.includes(call.user)
      ? task.auditors
      : [...others, call.user]
    : others;
  if (from !== task.auditors.join(',')) note(call, task, 'AUDITORS', from, task.auditors.join(','));
  // Watching changes nothing else of the task, its dates included; the event is fired all the same.
  announce(call, task, before, 'task.changed', task.title);
  return task;
};

const method = (name: string, run: (call: Call, task: Task | undefined, params: Params) => Task): Method => ({
  name: `tasks.task.${name}`,
  version: 2,
  scope,
  write: true,
  run: (call, params): Answer => {
    const task = seenTask(call, taskIdOf(params, ''));
    return shown(call, run(call, task, params));
  },
});

const personal = (name: string, list: 'favoriteOf' | 'mutedOf' | 'pinnedOf', on: boolean): Method => ({
  name: `tasks.task.${name}`,
  version: 2,
  scope,
  write: true,
  run: (call, params): Answer => {
    const task = seenTask(call, taskIdOf(params));
    if (task === undefined) {
      return name.startsWith('favorite') ? refuse(400, '1', 'Task not found or not accessible') : answer([]);
    }
    const others = task[list].filter((id) => id !== call.user);
    task[list] = on ? [...others, call.user] : others;
    return name.startsWith('favorite') ? answer(true) : shown(call, task);
  },
});

export const statusMethods: readonly Method[] = [
  method('start', (call, task) => transit(call, task, 'start')),
  method('pause', (call, task) => transit(call, task, 'pause')),
  method('defer', (call, task) => transit(call, task, 'defer')),
  method('complete', (call, task) => transit(call, task, 'complete')),
  method('renew', (call, task) => transit(call, task, 'renew')),
  method('approve', (call, task) => judge(call, task, true)),
  method('disapprove', (call, task) => judge(call, task, false)),
  method('delegate', (call, task, params) => {
    const given = pick(params, 'userId');
    if (given === undefined || given === null) {
      refuse(400, '100', 'Could not find value for parameter {userId}');
    }
    return delegate(call, task, asInt(given) ?? 0);
  }),
  method('startwatch', (call, task) => watch(call, task, true)),
  method('stopwatch', (call, task) => watch(call, task, false)),
  personal('favorite.add', 'favoriteOf', true),
  personal('favorite.remove', 'favoriteOf', false),
  personal('mute', 'mutedOf', true),
  personal('unmute', 'mutedOf', false),
  personal('pin', 'pinnedOf', true),
  personal('unpin', 'pinnedOf', false),
];
