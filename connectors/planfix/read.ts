/**
 * Reading tasks and comments with the fewest requests (reference 12a): a hundred tasks in one list, comments of a task
 * newest first up to the youngest known one. A task that the list leaves out is asked for by itself, for a missing
 * task and a lost right look the same there.
 */
import { as, type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import {
  type CommentsReading,
  type RawComment,
  type Reading,
  type Snapshot,
} from '../../sync/core/replica.ts';
import { ConnectorError, type ReadRequest } from '../port.ts';
import { type Answer, send, type Session } from './client.ts';
import { noteMark } from './marks.ts';
import { type List, type Listed, listRows, pageSize, type Row } from './pages.ts';
import { Comment, commentFields, DeletedComment, Numbered, Task, taskFields, whatIsWrong } from './schema.ts';
import { commentOf, snapshotOf, unreadableDate } from './service.ts';
import { connectorError, isAccountWide, isMissingTask, oddAnswer, troubleOf } from './troubles.ts';
import { noteMoments, noteStored } from './zone.ts';
import { notice } from './unknowns.ts';

const listTried = 'POST /task/list';

type Told<Value> =
  | { readonly is: 'read'; readonly value: Value }
  | { readonly is: 'gone' }
  | { readonly is: 'unreadable'; readonly trouble: Trouble };

/** See Connector.read. */
export async function read(
  session: Session,
  requests: readonly ReadRequest[],
): Promise<ReadonlyMap<LocalTaskId, Reading>> {
  const readings = new Map<LocalTaskId, Reading>();
  const wanted = merged(requests);
  const unread = new Set(wanted.map((request) => request.task));
  const settle = (task: LocalTaskId, reading: Reading): void => {
    readings.set(task, reading);
    unread.delete(task);
  };
  try {
    const tasks = await readTasks(
      session,
      wanted.filter((request) => request.aspects.includes('task')).map((request) => request.task),
    );
    for (const request of wanted) {
      const told = tasks.get(request.task);
      settle(request.task, await readingOf(session, request, told));
    }
  } catch (error) {
    if (!(error instanceof ConnectorError) || readings.size === 0) throw error;
    for (const task of unread) {
      readings.set(task, { is: 'unreadable', at: session.runtime.now(), trouble: error.trouble });
    }
  }
  return readings;
}

/** One request per task: the union of what was asked. */
function merged(requests: readonly ReadRequest[]): readonly ReadRequest[] {
  const byTask = new Map<LocalTaskId, ReadRequest>();
  for (const request of requests) {
    const known = byTask.get(request.task);
    byTask.set(request.task, known === undefined ? request : both(known, request));
  }
  return [...byTask.values()];
}

function both(one: ReadRequest, other: ReadRequest): ReadRequest {
  const ofComments = [one, other].filter((request) => request.aspects.includes('comments'));
  const after = ofComments.map((request) => request.commentsAfter);
  const oldest = after.reduce<LocalCommentId | null | undefined>((known, next) => {
    if (known === undefined) return next;
    if (known === null || next === null) return null;
    return Number(known) < Number(next) ? known : next;
  }, undefined);
  return { ...one, aspects: [...new Set([...one.aspects, ...other.aspects])], commentsAfter: oldest ?? null };
}

async function readingOf(
  session: Session,
  request: ReadRequest,
  told: Told<Snapshot> | undefined,
): Promise<Reading> {
  if (told !== undefined && told.is !== 'read') return { ...told, at: session.runtime.now() };
  const comments = await readComments(session, request);
  const at = session.runtime.now();
  if (comments !== null && comments.is !== 'read') return { ...comments, at };
  return {
    is: 'read',
    at,
    ...(told === undefined ? {} : { snapshot: told.value }),
    ...(comments === null ? {} : { comments: comments.value }),
  };
}

async function readTasks(
  session: Session,
  tasks: readonly LocalTaskId[],
): Promise<ReadonlyMap<LocalTaskId, Told<Snapshot>>> {
  const found = new Map<LocalTaskId, Told<Snapshot>>();
  const numbered = tasks.filter((task) => /^\d{1,15}$/.test(task));
  for (const task of tasks) {
    if (!numbered.includes(task)) found.set(task, { is: 'unreadable', trouble: noNumber(task) });
  }
  const [only] = numbered;
  if (numbered.length === 1 && only !== undefined) {
    found.set(only, await readOne(session, only, 'alone'));
    return found;
  }
  for (let from = 0; from < numbered.length; from += pageSize) {
    const chunk = numbered.slice(from, from + pageSize);
    for (const [task, told] of await readListed(session, chunk)) found.set(task, told);
    for (const task of chunk) {
      if (!found.has(task)) found.set(task, await readOne(session, task, 'after the list'));
    }
  }
  return found;
}

/** One list request; a list longer than we take is asked for in halves. */
async function readListed(
  session: Session,
  tasks: readonly LocalTaskId[],
): Promise<ReadonlyMap<LocalTaskId, Told<Snapshot>>> {
  const answer = await send(session, {
    method: 'POST',
    path: '/task/list',
    json: {
      offset: 0,
      pageSize,
      fields: taskFields,
      filters: [{ type: 57, operator: 'equal', value: tasks.map(Number) }],
    },
  });
  if (answer.is === 'unclear' && answer.kind === 'too-large' && tasks.length > 1) {
    const middle = Math.ceil(tasks.length / 2);
    return new Map([
      ...(await readListed(session, tasks.slice(0, middle))),
      ...(await readListed(session, tasks.slice(middle))),
    ]);
  }
  const found = new Map<LocalTaskId, Told<Snapshot>>();
  for (const row of rowsOf(answer, 'tasks', 'task', listTried)) {
    const numbered = Numbered.safeParse(row);
    if (numbered.success) found.set(as<LocalTaskId>(numbered.data.id), toldTask(session, row, listTried));
  }
  return found;
}

/** The rows of a list answer. Throws ConnectorError when there are none to speak of. */
function rowsOf(answer: Answer, key: string, about: string, tried: string): readonly unknown[] {
  if (answer.is === 'refused' || answer.is === 'unclear') throw connectorError(answer, about, tried);
  const rows = answer.is === 'ok' ? answer.data[key] : undefined;
  if (!Array.isArray(rows))
    throw new ConnectorError(oddAnswer(about, tried, `no list "${key}" in the answer`));
  return rows as readonly unknown[];
}

function toldTask(session: Session, row: unknown, tried: string): Told<Snapshot> {
  const task = Task.safeParse(row);
  if (!task.success) {
    return { is: 'unreadable', trouble: oddAnswer('task', tried, whatIsWrong(task.error)) };
  }
  noteMoments(session, [task.data.dateOfLastUpdate]);
  if (task.data.isDeleted === true) {
    if (tried === listTried)
      notice(session, 'task.listShowsDeleted', 'yes', `task ${task.data.id} in the bin was listed`);
    else notice(session, 'task.deletedGet', 'flag', `${tried} shows isDeleted`);
    return { is: 'gone' };
  }
  // A date left out would look like one that a person cleared.
  const bad = unreadableDate(task.data, session.settings.zone);
  if (bad !== null) return { is: 'unreadable', trouble: oddAnswer('task', tried, `${bad}: no moment`) };
  const value = snapshotOf(task.data, session.settings.zone);
  noteStored(session, value.task, value);
  noteMark(session, 'task', value.task, value.mark);
  return { is: 'read', value };
}

/**
 * One task by its number. Code 1000 says that it is missing; one document shows code 0 for the same (reference 3),
 * which is believed only when a list with the same fields leaves the task out too.
 */
async function readOne(
  session: Session,
  task: LocalTaskId,
  when: 'alone' | 'after the list',
): Promise<Told<Snapshot>> {
  const tried = `GET /task/${task}`;
  const answer = await send(session, {
    method: 'GET',
    path: `/task/${task}`,
    query: { fields: taskFields },
  });
  if (answer.is === 'ok') {
    const told = toldTask(session, answer.data['task'], tried);
    if (told.is === 'read' && told.value.task !== task) {
      return {
        is: 'unreadable',
        trouble: oddAnswer('task', tried, `the answer is about task ${told.value.task}`),
      };
    }
    return told;
  }
  if (answer.is === 'queued')
    return { is: 'unreadable', trouble: oddAnswer('task', tried, 'HTTP 202 to a reading') };
  if (isMissingTask(answer)) return { is: 'gone' };
  if (isAccountWide(answer)) throw connectorError(answer, 'task', tried);
  if (answer.is === 'refused' && answer.code === 0 && [400, 404].includes(answer.status)) {
    if (when === 'after the list') return { is: 'gone' };
    return (await readListed(session, [task])).get(task) ?? { is: 'gone' };
  }
  const trouble = troubleOf(answer, 'task', tried);
  return { is: 'unreadable', trouble: { ...trouble, code: 'E-TASK-UNREADABLE' } };
}

const noNumber = (task: LocalTaskId): Trouble => ({
  code: 'E-TASK-UNREADABLE',
  about: 'task',
  wanted: task,
  todo: 'Name the task by its number in Planfix.',
});

/** Comments of a task as asked; null when none of its aspects is about comments. */
async function readComments(session: Session, request: ReadRequest): Promise<Told<CommentsReading> | null> {
  const written = request.aspects.includes('comments');
  const removed = request.aspects.includes('deleted-comments');
  if (!written && !removed) return null;
  if (!/^\d{1,15}$/.test(request.task)) return { is: 'unreadable', trouble: noNumber(request.task) };
  const thread = written ? await readThread(session, request.task, request.commentsAfter) : nothingRead;
  if (thread.is !== 'read') return thread;
  const bin = removed ? await readDeleted(session, request.task) : nothingDeleted;
  if (bin.is !== 'read') return bin;
  const { comments, deleted, whole } = thread.value;
  return {
    is: 'read',
    value: {
      list: comments,
      extent: whole ? { kind: 'all' } : { kind: 'after', known: request.commentsAfter },
      deleted: [...new Set([...deleted, ...bin.value])],
    },
  };
}

export interface Thread {
  /** Oldest first. */
  readonly comments: readonly RawComment[];
  readonly deleted: readonly LocalCommentId[];
  /** Read to its beginning. */
  readonly whole: boolean;
}

const nothingRead: Told<Thread> = { is: 'read', value: { comments: [], deleted: [], whole: false } };
const nothingDeleted: Told<readonly LocalCommentId[]> = { is: 'read', value: [] };

function threadOf(task: LocalTaskId, type: 'Comments' | 'Deleted', fields: string): List {
  return {
    path: `/task/${task}/comments/list`,
    json: { fields, typeList: type, resultOrder: [{ field: 'id', direction: 'Desc' }] },
    key: 'comments',
    about: 'comment',
  };
}

/** What a list that brought no rows means for its task. Throws ConnectorError when it concerns the whole account. */
function withoutRows(
  listed: Exclude<Listed, { readonly is: 'rows' }>,
  list: List,
): Exclude<Told<never>, { readonly is: 'read' }> {
  if (listed.is === 'odd') return { is: 'unreadable', trouble: listed.trouble };
  if (isMissingTask(listed)) return { is: 'gone' };
  const tried = `POST ${list.path}`;
  if (isAccountWide(listed)) throw connectorError(listed, list.about, tried);
  return { is: 'unreadable', trouble: troubleOf(listed, list.about, tried) };
}

/**
 * A task's comments younger than `after` (null = all), in the order of their numbers; all of them where one page holds
 * them, for that costs nothing more. Throws ConnectorError for troubles of the whole account.
 */
export async function readThread(
  session: Session,
  task: LocalTaskId,
  after: LocalCommentId | null,
): Promise<Told<Thread>> {
  const list = threadOf(task, 'Comments', commentFields);
  const known = after === null ? null : Number(after);
  const isKnown = (id: string | null): boolean => known !== null && id !== null && Number(id) <= known;
  let listed = await listRows(session, list, (row) => isKnown(row.id));
  // Stopping at a known comment proves something only where the newest really come first.
  if (listed.is === 'rows' && !listed.whole && !isDescending(listed.rows))
    listed = await listRows(session, list);
  if (listed.is !== 'rows') return withoutRows(listed, list);
  const comments: RawComment[] = [];
  const deleted: LocalCommentId[] = [];
  for (const { id, row } of listed.rows) {
    if (isKnown(id) && !listed.whole) continue;
    const comment = Comment.safeParse(row);
    const raw = comment.success ? commentOf(comment.data, session.settings.zone) : null;
    if (!comment.success || raw === null) {
      // A comment left out would look like one that was deleted: such a reading is not to be used.
      const wrong = comment.success ? 'dateTime: no moment' : whatIsWrong(comment.error);
      return { is: 'unreadable', trouble: oddAnswer('comment', `POST ${list.path}`, wrong) };
    }
    if (comment.data.isDeleted === true) deleted.push(raw.id);
    else comments.push(raw);
    noteMark(session, 'comment', raw.id, raw.mark);
  }
  comments.sort((one, other) => Number(one.id) - Number(other.id));
  return { is: 'read', value: { comments, deleted, whole: listed.whole } };
}

const isDescending = (rows: readonly Row[]): boolean =>
  rows.every(({ id }, index) => index === 0 || Number(id) < Number(rows[index - 1]?.id));

async function readDeleted(session: Session, task: LocalTaskId): Promise<Told<readonly LocalCommentId[]>> {
  const list = threadOf(task, 'Deleted', 'id,isDeleted');
  const listed = await listRows(session, list);
  if (listed.is !== 'rows') return withoutRows(listed, list);
  return {
    is: 'read',
    // An account that does not know this list would tell the living ones: each must say that it is deleted.
    value: listed.rows.flatMap(({ row }) => {
      const comment = DeletedComment.safeParse(row);
      return comment.success ? [as<LocalCommentId>(comment.data.id)] : [];
    }),
  };
}
