/** Tasks, comments, chats and what hangs on them, from a world into the state. */
import { type Instant, type Json } from '../common/types.ts';
import { seconds } from './moments.ts';
import { createChat } from './posts.ts';
import { touch } from './recency.ts';
import { word } from './settings.ts';
import { insertAscending, nextId, type State, type Task } from './state.ts';
import { guidOf } from './taskWrite.ts';
import { asInt, asList, asRecord } from './values.ts';
import {
  flagAt,
  idAt,
  idsAt,
  intAt,
  maybeInt,
  maybeText,
  momentAt,
  type Row,
  rowAt,
  rowsAt,
  textAt,
  textsAt,
} from './worldReader.ts';

/** Who saw the task when; a world that does not say it means everybody, since the task was made. */
const readViewed = (state: State, row: Row, created: Instant): Map<number, Instant> => {
  if (row['viewed'] === undefined) return new Map([...state.users.keys()].map((user) => [user, created]));
  const viewed = asRecord(row['viewed']);
  return new Map(
    Object.keys(viewed).flatMap((user) => {
      const at = momentAt(viewed, user);
      return at === null ? [] : [[Number(user), at] as const];
    }),
  );
};

const readTask = (state: State, row: Row, defaults: Row, now: Instant): Task => {
  const merged: Row = { ...defaults, ...row };
  const id = idAt(merged, 'id', 'tasks');
  const place = `tasks/${id}`;
  const created = momentAt(merged, 'created') ?? seconds(now);
  const status = intAt(merged, 'status', 2);
  const creator = idAt(merged, 'creator', place);
  const changed = momentAt(row, 'changed') ?? momentAt(merged, 'changed') ?? created;
  const closedBy = intAt(merged, 'closed_by', 0);
  return {
    id,
    title: textAt(merged, 'title', `Задача ${id}`),
    description: textAt(merged, 'description'),
    creator,
    responsible: idAt(merged, 'responsible', place),
    accomplices: idsAt(merged, 'accomplices'),
    auditors: idsAt(merged, 'auditors'),
    status,
    priority: intAt(merged, 'priority', 1),
    mark: maybeText(merged, 'mark'),
    group: intAt(merged, 'group', 0),
    stage: intAt(merged, 'stage', 0),
    parent: maybeInt(merged, 'parent'),
    deadline: momentAt(merged, 'deadline'),
    startPlan: momentAt(merged, 'start_plan'),
    endPlan: momentAt(merged, 'end_plan'),
    started: momentAt(merged, 'started'),
    created,
    changed,
    activity: momentAt(merged, 'activity') ?? changed,
    statusChanged: merged['status_changed'] === null ? null : (momentAt(merged, 'status_changed') ?? created),
    closed: momentAt(merged, 'closed') ?? (status === 5 ? changed : null),
    changedBy: intAt(merged, 'changed_by', creator),
    statusChangedBy:
      merged['status_changed_by'] === null ? null : intAt(merged, 'status_changed_by', creator),
    closedBy: status === 5 && closedBy === 0 ? creator : closedBy,
    control: flagAt(merged, 'task_control', false),
    allowChangeDeadline: flagAt(merged, 'allow_change_deadline', false),
    allowTimeTracking: flagAt(merged, 'allow_time_tracking', false),
    matchWorkTime: flagAt(merged, 'match_work_time', false),
    addInReport: flagAt(merged, 'add_in_report', false),
    estimate: intAt(merged, 'estimate', 0),
    xmlId: maybeText(merged, 'xml_id'),
    guid: textAt(merged, 'guid', guidOf(id)),
    card: textAt(merged, 'card', word(state, 'taskCard.mode')) === 'old' ? 'old' : 'new',
    chat: maybeInt(merged, 'chat'),
    forumTopic: maybeInt(merged, 'forum_topic'),
    tags: rowsAt(merged['tags'], `${place}/tags`).map((tag) => ({
      id: idAt(tag, 'id', `${place}/tags`),
      title: textAt(tag, 'title'),
    })),
    crm: textsAt(merged, 'crm'),
    attachments: [],
    custom: { ...asRecord(merged['custom']) },
    parameters: idsAt(merged, 'parameters'),
    dependsOn: rowsAt(merged['depends_on'], `${place}/depends_on`).map((link) => ({
      task: idAt(link, 'task', place),
      type: intAt(link, 'type', 2),
    })),
    checklist: [],
    comments: [],
    results: [],
    elapsed: [],
    history: [],
    viewed: readViewed(state, merged, created),
    favoriteOf: idsAt(merged, 'favorite_of'),
    mutedOf: idsAt(merged, 'muted_of'),
    pinnedOf: idsAt(merged, 'pinned_of'),
    version: intAt(merged, 'version', 1),
  };
};

const readHistory = (state: State, task: Task, row: Row): void => {
  const entries = rowsAt(row['history'], `tasks/${task.id}/history`);
  if (entries.length === 0) {
    task.history.push({
      id: nextId(state, 'history'),
      at: task.created,
      field: 'NEW',
      from: null,
      to: null,
      user: task.creator,
    });
  }
  for (const entry of entries) {
    task.history.push({
      id: idAt(entry, 'id', 'history'),
      at: momentAt(entry, 'date') ?? task.created,
      field: textAt(entry, 'field'),
      from: maybeText(entry, 'from'),
      to: maybeText(entry, 'to'),
      user: intAt(entry, 'user', 0),
    });
  }
};

const readChecklist = (state: State, task: Task, row: Row): void => {
  for (const item of rowsAt(row['checklist'], `tasks/${task.id}/checklist`)) {
    const id = idAt(item, 'id', 'checklist');
    state.checkItems.set(id, {
      id,
      task: task.id,
      parent: intAt(item, 'parent', 0),
      title: textAt(item, 'title'),
      sort: intAt(item, 'sort', 0),
      complete: flagAt(item, 'complete', false),
      important: flagAt(item, 'important', false),
      createdBy: intAt(item, 'created_by', task.creator),
      toggledBy: maybeInt(item, 'toggled_by'),
      toggled: momentAt(item, 'toggled_date'),
      members: rowsAt(item['members'], 'checklist/members').map((member) => ({
        id: idAt(member, 'id', 'checklist/members'),
        type: member['type'] === 'U' ? 'U' : 'A',
      })),
    });
    task.checklist.push(id);
  }
};

/** A binding of a world; a file that the disk does not list is made from the name and size that stand beside it. */
const readAttachment = (
  state: State,
  row: Row,
  task: Task,
  on: 'task' | 'comment',
  owner: number,
): number => {
  const id = idAt(row, 'id', 'attachments');
  const disk = idAt(row, 'disk', 'attachments');
  if (!state.files.has(disk)) {
    state.files.set(disk, {
      id: disk,
      name: textAt(row, 'name', `file-${disk}`),
      size: intAt(row, 'size', 0),
      storage: 0,
      folder: 0,
      chat: null,
      readableBy: null,
      bytes: null,
      createdBy: task.creator,
      created: task.created,
      updated: task.created,
      version: 1,
      past: [],
      deleted: 0,
      trashed: null,
    });
  }
  state.attachments.set(id, {
    id,
    disk,
    on,
    owner,
    task: task.id,
    created: momentAt(row, 'created') ?? task.created,
    createdBy: intAt(row, 'created_by', task.creator),
  });
  return id;
};

const addTask = (state: State, row: Row, defaults: Row, now: Instant): void => {
  const task = readTask(state, row, defaults, now);
  state.tasks.set(task.id, task);
  insertAscending(state.taskIds, task.id);
  readHistory(state, task, row);
  readChecklist(state, task, row);
  task.attachments = rowsAt(row['attachments'], `tasks/${task.id}/attachments`).map((item) =>
    readAttachment(state, item, task, 'task', task.id),
  );
  for (const item of rowsAt(row['elapsed'], `tasks/${task.id}/elapsed`)) {
    const id = idAt(item, 'id', 'elapsed');
    state.elapsed.set(id, {
      id,
      task: task.id,
      user: intAt(item, 'user', task.responsible),
      seconds: intAt(item, 'seconds', 0),
      text: textAt(item, 'text'),
      created: momentAt(item, 'created') ?? task.created,
    });
    task.elapsed.push(id);
  }
  for (const item of rowsAt(row['results'], `tasks/${task.id}/results`)) {
    const id = idAt(item, 'id', 'results');
    state.results.set(id, {
      id,
      task: task.id,
      author: intAt(item, 'author', task.responsible),
      text: textAt(item, 'text'),
      created: momentAt(item, 'created') ?? task.created,
      updated: momentAt(item, 'updated'),
      closed: flagAt(item, 'closed', false),
      message: maybeInt(item, 'message'),
      comment: maybeInt(item, 'comment'),
      files: idsAt(item, 'files'),
    });
    task.results.push(id);
  }
  touch(state.changed, task.id, task.changed);
  touch(state.activity, task.id, task.activity);
};

const readSeries = (series: Row): Row[] => {
  const [first, last] = idsAt(series, 'ids');
  if (first === undefined || last === undefined) return [];
  const { note: _note, ids: _ids, title: _title, ...same } = series;
  const title = textAt(series, 'title', 'Задача {n}');
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    ...same,
    id: first + index,
    title: title.replace('{n}', String(index + 1)),
  }));
};

const readChats = (state: State, value: Json | undefined, now: Instant): void => {
  for (const row of rowsAt(value, 'chats')) {
    const id = idAt(row, 'id', 'chats');
    const task = state.tasks.get(idAt(row, 'task', `chats/${id}`));
    if (task === undefined) continue;
    state.chats.set(id, {
      id,
      task: task.id,
      members: idsAt(row, 'members'),
      messages: [],
      hidden: new Map(
        rowsAt(row['hidden'], `chats/${id}/hidden`).map((one) => [
          idAt(one, 'user', 'hidden'),
          intAt(one, 'until', 0),
        ]),
      ),
    });
    if (task.card === 'new') task.chat = id;
    for (const item of rowsAt(row['messages'], `chats/${id}/messages`)) {
      const message = idAt(item, 'id', `chats/${id}/messages`);
      const date = momentAt(item, 'date') ?? seconds(now);
      state.messages.set(message, {
        id: message,
        chat: id,
        author: intAt(item, 'author', 0),
        date,
        text: textAt(item, 'text'),
        files: idsAt(item, 'files'),
        edited: flagAt(item, 'edited', false),
        deleted: flagAt(item, 'deleted', false),
        likes: idsAt(item, 'likes'),
        uuid:
          intAt(item, 'author', 0) === 0
            ? null
            : textAt(item, 'uuid', `5e7b1d90-3c62-4a18-b7f5-${String(message).padStart(12, '0')}`),
        templateId: maybeText(item, 'template_id'),
        replyTo: maybeInt(item, 'reply_to'),
      });
      insertAscending(state.chats.get(id)?.messages ?? [], message);
      for (const file of idsAt(item, 'files')) {
        const stored = state.files.get(file);
        if (stored !== undefined && stored.createdBy === 0) {
          stored.createdBy = intAt(item, 'author', 0);
          stored.created = date;
        }
      }
    }
  }
};

/** Reads tasks, the series of tasks, comments and chats. */
export const readTasks = (state: State, world: Row, now: Instant): void => {
  const defaults = asRecord(world['task_defaults']);
  for (const row of rowsAt(world['tasks'], 'tasks')) addTask(state, row, defaults, now);
  if (world['task_series'] != null) {
    for (const row of readSeries(rowAt(world['task_series'], 'task_series')))
      addTask(state, row, defaults, now);
  }
  for (const row of rowsAt(world['comments'], 'comments')) {
    const id = idAt(row, 'id', 'comments');
    const task = state.tasks.get(idAt(row, 'task', `comments/${id}`));
    if (task === undefined) continue;
    state.comments.set(id, {
      id,
      task: task.id,
      author: intAt(row, 'author', task.creator),
      date: momentAt(row, 'date') ?? task.created,
      text: textAt(row, 'text'),
      attachments: rowsAt(row['attachments'], `comments/${id}/attachments`).map((item) =>
        readAttachment(state, item, task, 'comment', id),
      ),
    });
    task.comments.push(id);
  }
  readChats(state, world['chats'], now);
  for (const task of state.tasks.values()) {
    if (task.card === 'old') {
      task.chat = null;
      task.forumTopic ??= nextId(state, 'forum_topic');
    } else if (task.chat === null) createChat(state, task);
    else if (!state.chats.has(task.chat)) {
      const members = [...new Set([task.creator, task.responsible, ...task.accomplices, ...task.auditors])];
      state.chats.set(task.chat, { id: task.chat, task: task.id, members, messages: [], hidden: new Map() });
    }
  }
};

/** Ids that a counter must stay above. */
export const highest = (ids: Iterable<number>): number => {
  let most = 0;
  for (const id of ids) most = Math.max(most, id);
  return most;
};

/** Numbers of a row's nested list, for counters. */
export const numbersOf = (value: Json | undefined): number[] =>
  asList(value)
    .map(asInt)
    .filter((id): id is number => id !== undefined);
