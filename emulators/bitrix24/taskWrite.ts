/** Changing tasks, whoever does it: fields, people, files, history, chat lines, events and notices. */
import { type Call } from './call.ts';
import { fire, taskAdded, taskDeleted, taskUpdated } from './events.ts';
import { iso, seconds } from './moments.ts';
import { tell } from './notices.ts';
import { createChat, named, say, syncMembers } from './posts.ts';
import { forget, touch } from './recency.ts';
import { canReadFile } from './rights.ts';
import { word } from './settings.ts';
import { insertAscending, nextId, participants, removeAscending, type State, type Task } from './state.ts';
import { core, type TaskPatch } from './taskFields.ts';
import { yn } from './values.ts';

/** A stable GUID for a task number. */
export const guidOf = (id: number): string => `{7c0d3a52-61be-4f0e-9b41-${String(id).padStart(12, '0')}}`;

/** Writes one line of the task's history. */
export const note = (call: Call, task: Task, field: string, from: string | null, to: string | null): void => {
  task.history.push({
    id: nextId(call.state, 'history'),
    at: seconds(call.now),
    field,
    from,
    to,
    user: call.user,
  });
};

/** Moves changed and activity times after a change of fields. */
export const touched = (call: Call, task: Task): void => {
  const at = seconds(call.now);
  task.changed = at;
  task.activity = at;
  task.changedBy = call.user;
  task.version += 1;
  touch(call.state.changed, task.id, at);
  touch(call.state.activity, task.id, at);
};

/** Binds a Drive file to a task or comment; the binding has its own id. */
export const attach = (
  call: Call,
  task: Task,
  disk: number,
  on: 'task' | 'comment' = 'task',
  owner = task.id,
): number => {
  const id = nextId(call.state, 'attachment');
  call.state.attachments.set(id, {
    id,
    disk,
    on,
    owner,
    task: task.id,
    created: seconds(call.now),
    createdBy: call.user,
  });
  return id;
};

/** Attachments of `files` in the end; throws Refusal for files that the caller can't use. */
const checkedFiles = (
  call: Call,
  task: Task | null,
  files: { keep: number[]; add: number[] },
): { keep: number[]; add: number[] } => {
  const keep = files.keep.filter((id) => {
    const attachment = call.state.attachments.get(id);
    if (attachment === undefined) return false;
    if (task !== null && attachment.on === 'task' && attachment.owner === task.id) return true;
    if (word(call.state, 'files.foreignAttachment') === 'refused') core('Недостаточно прав.');
    return false;
  });
  const add = files.add.filter((id) => call.state.files.has(id));
  for (const id of add) if (!canReadFile(call.state, id, call.user)) core('Недостаточно прав.');
  return { keep, add };
};

const setFiles = (call: Call, task: Task, files: { keep: number[]; add: number[] }): void => {
  for (const id of task.attachments) {
    if (!files.keep.includes(id)) call.state.attachments.delete(id);
  }
  task.attachments = [...files.keep, ...files.add.map((disk) => attach(call, task, disk))];
};

const setTags = (state: State, task: Task, titles: readonly string[]): void => {
  task.tags = titles.map((title) => {
    const before = task.tags.find((tag) => tag.title === title);
    return before ?? { id: nextId(state, 'tag'), title };
  });
};

/** Puts a status with all that hangs on it: start, close and status times. */
export const putStatus = (call: Call, task: Task, status: number): void => {
  const at = seconds(call.now);
  const from = task.status;
  note(call, task, 'STATUS', String(from), String(status));
  task.status = status;
  task.statusChanged = at;
  task.statusChangedBy = call.user;
  // A task that is paused has been started, even where no date of it is known.
  if (status === 3 || (from === 3 && status === 2 && task.started === null)) task.started = at;
  if (status === 5) {
    task.closed = at;
    task.closedBy = call.user;
  } else {
    task.closed = null;
    task.closedBy = 0;
  }
};

const statusWords: Readonly<Record<number, string>> = {
  2: 'вернул(а) задачу в ожидание',
  3: 'начал(а) выполнение задачи',
  4: 'завершил(а) задачу и ждёт контроля постановщика',
  5: 'завершил(а) задачу',
  6: 'отложил(а) задачу',
};

/** The line that the chat gets about a new status. */
export const sayStatus = (call: Call, task: Task): void => {
  say(
    call,
    task,
    `${named(call.state, call.user)} ${statusWords[task.status] ?? 'изменил(а) статус задачи'}`,
  );
};

/** People of a task who are told about its changes, those who muted it left out. */
export const audience = (task: Task): number[] =>
  participants(task).filter((id) => !task.mutedOf.includes(id));

/** Closes a change: times, one ONTASKUPDATE, chat lines, notices. */
export const finish = (
  call: Call,
  task: Task,
  before: readonly number[],
  about: string,
  text: string,
): void => {
  touched(call, task);
  announce(call, task, before, about, text);
};

/** What others learn of a change: chat members, one ONTASKUPDATE, notices. */
export const announce = (
  call: Call,
  task: Task,
  before: readonly number[],
  about: string,
  text: string,
): void => {
  syncMembers(call, task, before);
  fire(call, 'ONTASKUPDATE', task.id, taskUpdated(task.id));
  const joined = participants(task).filter((id) => !before.includes(id));
  tell(call, joined, 'task.assigned', task.id, task.title);
  tell(
    call,
    audience(task).filter((id) => !joined.includes(id)),
    about,
    task.id,
    text,
  );
};

/** Makes a task from a checked patch, with its chat on the new card, and fires ONTASKADD. */
export const addTask = (call: Call, patch: TaskPatch): Task => {
  const { state, now } = call;
  const files = patch.files === undefined ? null : checkedFiles(call, null, patch.files);
  const id = nextId(state, 'task');
  const at = seconds(now);
  const creator = patch.creator ?? call.user;
  const responsible = patch.responsible ?? creator;
  const task: Task = {
    id,
    title: patch.title ?? '',
    description: patch.description ?? '',
    creator,
    responsible,
    accomplices: (patch.accomplices ?? []).filter((user) => user !== responsible),
    auditors: [...(patch.auditors ?? [])],
    status: patch.status ?? 2,
    priority: patch.priority ?? 1,
    mark: patch.mark ?? null,
    group: patch.group ?? 0,
    stage: patch.stage ?? 0,
    parent: patch.parent ?? null,
    deadline: patch.deadline ?? null,
    startPlan: patch.startPlan ?? null,
    endPlan: patch.endPlan ?? null,
    started: patch.status === 3 ? at : null,
    created: at,
    changed: at,
    activity: at,
    statusChanged: null,
    closed: patch.status === 5 ? at : null,
    changedBy: call.user,
    statusChangedBy: creator === call.user ? creator : null,
    closedBy: patch.status === 5 ? call.user : 0,
    control: patch.control ?? false,
    allowChangeDeadline: patch.allowChangeDeadline ?? false,
    allowTimeTracking: patch.allowTimeTracking ?? false,
    matchWorkTime: patch.matchWorkTime ?? false,
    addInReport: patch.addInReport ?? false,
    estimate: patch.estimate ?? 0,
    xmlId: patch.xmlId ?? null,
    guid: guidOf(id),
    card: word(state, 'taskCard.mode') === 'old' ? 'old' : 'new',
    chat: null,
    forumTopic: null,
    tags: [],
    crm: patch.crm ?? [],
    attachments: [],
    custom: patch.custom ?? {},
    parameters: patch.parameters ?? [],
    dependsOn: (patch.dependsOn ?? []).map((other) => ({ task: other, type: 2 })),
    checklist: [],
    comments: [],
    results: [],
    elapsed: [],
    history: [],
    viewed: new Map([[call.user, at]]),
    favoriteOf: [],
    mutedOf: [],
    pinnedOf: [],
    version: 1,
  };
  state.tasks.set(id, task);
  insertAscending(state.taskIds, id);
  touch(state.changed, id, at);
  touch(state.activity, id, at);
  setTags(state, task, patch.tags ?? []);
  if (files !== null) setFiles(call, task, files);
  note(call, task, 'NEW', null, null);
  fire(call, 'ONTASKADD', id, taskAdded(id));
  if (task.card === 'new') {
    createChat(state, task);
    say(call, task, `${named(state, call.user)} создал(а) задачу`);
  } else task.forumTopic = nextId(state, 'forum_topic');
  tell(call, participants(task), 'task.assigned', id, task.title);
  return task;
};

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id));

/** Applies a checked patch to a task: history and chat lines for what differs, one event for the whole. */
export const updateTask = (call: Call, task: Task, patch: TaskPatch): void => {
  const { state } = call;
  const files = patch.files === undefined ? null : checkedFiles(call, task, patch.files);
  const before = participants(task);
  const lines: string[] = [];
  const who = named(state, call.user);
  const change = <Value>(
    field: string,
    from: Value,
    to: Value | undefined,
    write: (value: Value) => void,
    show: (value: Value) => string | null,
  ): boolean => {
    if (to === undefined || show(from) === show(to)) return false;
    note(call, task, field, show(from), show(to));
    write(to);
    return true;
  };
  const text = (value: string | null): string | null => value;
  const number = (value: number | null): string | null => (value === null ? null : String(value));
  const date = (value: number | null): string | null => iso(state, value);
  const list = (value: readonly number[]): string => value.join(',');
  change('TITLE', task.title, patch.title, (value) => (task.title = value), text);
  change('DESCRIPTION', task.description, patch.description, (value) => (task.description = value), text);
  change('CREATED_BY', task.creator, patch.creator, (value) => (task.creator = value), number);
  if (
    change(
      'RESPONSIBLE_ID',
      task.responsible,
      patch.responsible,
      (value) => (task.responsible = value),
      number,
    )
  ) {
    lines.push(`${who} назначил(а) исполнителем ${named(state, task.responsible)}`);
    task.accomplices = task.accomplices.filter((id) => id !== task.responsible);
  }
  if (patch.accomplices !== undefined && !same(task.accomplices, patch.accomplices)) {
    const wanted = patch.accomplices.filter((id) => id !== task.responsible);
    change('ACCOMPLICES', task.accomplices, wanted, (value) => (task.accomplices = value), list);
  }
  if (patch.auditors !== undefined && !same(task.auditors, patch.auditors)) {
    change('AUDITORS', task.auditors, patch.auditors, (value) => (task.auditors = [...value]), list);
  }
  if (change('DEADLINE', task.deadline, patch.deadline, (value) => (task.deadline = value), date)) {
    lines.push(
      task.deadline === null
        ? `${who} убрал(а) крайний срок`
        : `${who} изменил(а) крайний срок: ${date(task.deadline)}`,
    );
  }
  change('START_DATE_PLAN', task.startPlan, patch.startPlan, (value) => (task.startPlan = value), date);
  change('END_DATE_PLAN', task.endPlan, patch.endPlan, (value) => (task.endPlan = value), date);
  change('PRIORITY', task.priority, patch.priority, (value) => (task.priority = value), number);
  change('MARK', task.mark, patch.mark, (value) => (task.mark = value), text);
  change('PARENT_ID', task.parent, patch.parent, (value) => (task.parent = value), number);
  if (change('GROUP_ID', task.group, patch.group, (value) => (task.group = value), number)) task.stage = 0;
  change('STAGE_ID', task.stage, patch.stage, (value) => (task.stage = value), number);
  change('TASK_CONTROL', task.control, patch.control, (value) => (task.control = value), yn);
  change('TIME_ESTIMATE', task.estimate, patch.estimate, (value) => (task.estimate = value), number);
  const flags = [
    ['ALLOW_CHANGE_DEADLINE', 'allowChangeDeadline'],
    ['ALLOW_TIME_TRACKING', 'allowTimeTracking'],
    ['MATCH_WORK_TIME', 'matchWorkTime'],
    ['ADD_IN_REPORT', 'addInReport'],
  ] as const;
  for (const [field, key] of flags) change(field, task[key], patch[key], (value) => (task[key] = value), yn);
  task.parameters = patch.parameters ?? task.parameters;
  if (patch.xmlId !== undefined) task.xmlId = patch.xmlId;
  if (patch.crm !== undefined) task.crm = patch.crm;
  if (patch.dependsOn !== undefined)
    task.dependsOn = patch.dependsOn.map((other) => ({ task: other, type: 2 }));
  Object.assign(task.custom, patch.custom);
  if (patch.tags !== undefined) {
    const from = task.tags.map((tag) => tag.title).join(',');
    setTags(state, task, patch.tags);
    const to = patch.tags.join(',');
    if (from !== to) note(call, task, 'TAGS', from, to);
  }
  if (files !== null) {
    const from = task.attachments.join(',');
    setFiles(call, task, files);
    const to = task.attachments.join(',');
    if (from !== to) note(call, task, 'UF_TASK_WEBDAV_FILES', from, to);
  }
  const moved = patch.status !== undefined && patch.status !== task.status;
  if (patch.status !== undefined && moved) putStatus(call, task, patch.status);
  finish(call, task, before, 'task.changed', task.title);
  for (const line of lines) say(call, task, line);
  if (moved) sayStatus(call, task);
};

/** Removes a task and all that hangs on it, and fires ONTASKDELETE. */
export const removeTask = (call: Call, task: Task): void => {
  const { state } = call;
  state.tasks.delete(task.id);
  removeAscending(state.taskIds, task.id);
  forget(state.changed, task.id);
  forget(state.activity, task.id);
  for (const id of task.attachments) state.attachments.delete(id);
  for (const id of task.checklist) state.checkItems.delete(id);
  for (const id of task.elapsed) state.elapsed.delete(id);
  for (const id of task.results) state.results.delete(id);
  for (const id of task.comments) {
    for (const attachment of state.comments.get(id)?.attachments ?? []) state.attachments.delete(attachment);
    state.comments.delete(id);
  }
  if (task.chat !== null) {
    for (const id of state.chats.get(task.chat)?.messages ?? []) state.messages.delete(id);
    state.chats.delete(task.chat);
  }
  fire(call, 'ONTASKDELETE', task.id, taskDeleted(task.id));
  tell(call, audience(task), 'task.deleted', task.id, task.title);
};
