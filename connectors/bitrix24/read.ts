/**
 * Reading many tasks with few requests: one command a task, fifty in a batch, and fifty tasks a command where they were
 * never read before; comments travel beside the task where its chat is known, and follow in the next batch where it is
 * not. Names of files are asked for once per attachment.
 */
import { as, type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type CommentsReading, type RawFile, type Reading, type Snapshot } from '../../sync/core/replica.ts';
import { type Alongside, type ReadRequest } from '../port.ts';
import { chatLogJob } from './chatLog.ts';
import { type Answer, connectorError, troubleOf } from './failure.ts';
import { Attachment, HistoryList, shapeOf, TaskList, TaskResult, TaskRow } from './schema.ts';
import { attachmentId, isTaskNumber, oddRow, snapshotOf, taskSelect } from './service.ts';
import { type Job, type Session, workOff } from './session.ts';
import { chatThread, oldThread, type ThreadTold } from './threads.ts';
import { notice } from './unknowns.ts';

/** Tasks in one page of a list (tasks-task-list.md). */
const pageSize = 50;
/** Attachments remembered per account; the oldest leave first. */
const attachmentsMax = 20_000;

interface Progress {
  readonly request: ReadRequest;
  row: TaskRow | null;
  gone: boolean;
  /** Why the task itself can't be read. */
  trouble: Trouble | null;
  comments: CommentsReading | null;
  /** Its chat has no seat for the acting user. */
  outside: boolean;
  /** Why its comments or a file can't be read. */
  readonly troubles: Trouble[];
}

export const getTask = (task: LocalTaskId): Pick<Job, 'method' | 'params'> => ({
  method: 'tasks.task.get',
  params: { taskId: task, select: taskSelect },
});

export type TaskTold =
  | { readonly is: 'row'; readonly row: TaskRow }
  /** Missing or inaccessible: the answer does not tell which. */
  | { readonly is: 'none' }
  | { readonly is: 'failed'; readonly trouble: Trouble };

/** What the answer of tasks.task.get says. */
export function taskTold(answer: Answer, task: LocalTaskId): TaskTold {
  const method = 'tasks.task.get';
  if (answer.is === 'failed') return { is: 'failed', trouble: troubleOf(answer, 'task', method) };
  const result = TaskResult.safeParse(answer.result);
  if (!result.success)
    return { is: 'failed', trouble: oddRow('task', method, 'neither a task nor an empty list') };
  if (result.data === null) return { is: 'none' };
  const row = TaskRow.safeParse(result.data);
  if (!row.success) return { is: 'failed', trouble: oddRow('task', method, shapeOf(row.error)) };
  if (row.data.id !== task)
    return { is: 'failed', trouble: oddRow('task', method, `the answer is about task ${row.data.id}`) };
  return { is: 'row', row: row.data };
}

export const unreadable = (task: LocalTaskId): Trouble => ({
  code: 'E-TASK-UNREADABLE',
  about: 'task',
  wanted: task,
  tried: 'tasks.task.get',
  answered: 'an empty result',
  todo: 'Give the acting user access to the task (as a watcher at least), or unlink it when it was deleted.',
});

/** Jobs that bring names and sizes of attachments that were not met before. */
export function attachmentJobs(
  session: Session,
  ids: readonly string[],
  failed: (trouble: Trouble) => void,
): Job[] {
  const method = 'disk.attachedObject.get';
  return [...new Set(ids)]
    .filter((id) => !session.attachments.has(id))
    .map((id) => ({
      method,
      params: { id },
      take: (answer) => {
        if (answer.is === 'failed') {
          if (answer.code !== 'ERROR_NOT_FOUND')
            failed(troubleOf(answer, 'file', method, `attachment ${id}`));
          return [];
        }
        const parsed = Attachment.safeParse(answer.result);
        if (parsed.success) {
          const [oldest] = session.attachments.keys();
          if (session.attachments.size >= attachmentsMax && oldest !== undefined)
            session.attachments.delete(oldest);
          session.attachments.set(id, {
            id: attachmentId(id),
            name: parsed.data.NAME,
            size: parsed.data.SIZE ?? null,
          });
        } else failed(oddRow('file', method, shapeOf(parsed.error)));
        return [];
      },
    }));
}

/** Files of a task as far as they are described; one without a description yet keeps its number as its name. */
export const filesOf = (session: Session, row: TaskRow): readonly RawFile[] =>
  row.ufTaskWebdavFiles.map(
    (id) => session.attachments.get(id) ?? { id: attachmentId(id), name: `file ${id}`, size: null },
  );

/** One request per task: the union of what was asked. */
function merged(requests: readonly ReadRequest[]): readonly ReadRequest[] {
  const byTask = new Map<LocalTaskId, ReadRequest>();
  for (const request of requests) {
    const known = byTask.get(request.task);
    if (known === undefined) {
      byTask.set(request.task, request);
      continue;
    }
    const bounds = [known, request]
      .filter(({ aspects }) => wantsComments(aspects))
      .map(({ commentsAfter }) => commentsAfter);
    byTask.set(request.task, {
      ...known,
      aspects: [...new Set([...known.aspects, ...request.aspects])],
      commentsAfter: oldest(bounds),
      world: known.world ?? request.world,
      chat: known.chat ?? request.chat,
    });
  }
  return [...byTask.values()];
}

const wantsComments = (aspects: ReadRequest['aspects']): boolean =>
  aspects.includes('comments') || aspects.includes('deleted-comments');

function oldest(bounds: readonly (LocalCommentId | null)[]): LocalCommentId | null {
  if (bounds.length === 0 || bounds.includes(null)) return null;
  const numbers = bounds.map((bound) => [Number(/\d+$/.exec(bound ?? '')?.[0] ?? 0), bound] as const);
  return numbers.sort(([one], [other]) => one - other)[0]?.[1] ?? null;
}

function threadJob(session: Session, progress: Progress, chat: string | null): Job {
  const told = (thread: ThreadTold): void => {
    if (thread.is === 'failed' && thread.outside === true) progress.outside = true;
    // An empty chat page proves nothing, so what the old card told before is kept.
    if (thread.is === 'read' && (progress.comments === null || thread.value.list.length > 0))
      progress.comments = thread.value;
    else if (thread.is === 'failed') progress.troubles.push(thread.trouble);
  };
  const { task, commentsAfter } = progress.request;
  if (chat === null) return oldThread(task, told);
  return chatThread(chat, commentsAfter, told, (link) => {
    notice(session, 'chat.fileLink', link, `messages with files in chat ${chat}`);
  });
}

/**
 * A task that answers with nothing: its history tells a missing task (an empty list) from one without access (an error);
 * b24restdocs: tasks-task-history-list.md. Anything else leaves it unreadable.
 */
const historyJob = (progress: Progress): Job => ({
  method: 'tasks.task.history.list',
  params: { taskId: progress.request.task },
  take: (answer) => {
    const list = answer.is === 'ok' ? HistoryList.safeParse(answer.result) : null;
    if (list?.success === true && list.data.list.length === 0) progress.gone = true;
    else progress.trouble = unreadable(progress.request.task);
    return [];
  },
});

/** What a task's row asks for next: names of its files, and its thread where that could not be asked for with it. */
function tookRow(session: Session, progress: Progress, row: TaskRow, threadStarted: boolean): Job[] {
  const { request } = progress;
  progress.row = row;
  const files = request.aspects.includes('task')
    ? attachmentJobs(session, row.ufTaskWebdavFiles, (trouble) => progress.troubles.push(trouble))
    : [];
  // The list of the old card says nothing of a task that has a chat by now.
  const switched = threadStarted && request.world === 'old-card' && row.chatId !== null;
  const thread =
    wantsComments(request.aspects) && (!threadStarted || switched)
      ? [threadJob(session, progress, row.chatId ?? request.chat)]
      : [];
  return [...files, ...thread];
}

function taskJob(session: Session, progress: Progress, threadStarted: boolean): Job {
  const { request } = progress;
  return {
    ...getTask(request.task),
    take: (answer) => {
      const told = taskTold(answer, request.task);
      if (told.is === 'failed') progress.trouble = told.trouble;
      if (told.is === 'none') return [historyJob(progress)];
      return told.is === 'row' ? tookRow(session, progress, told.row, threadStarted) : [];
    },
  };
}

/** Fewer than these are got one by one, with what the acting user may do to them, which no list tells. */
const listedFrom = 10;

/**
 * Tasks that were never read, fifty in one command. One that the list leaves out, or does not tell whole, is got by
 * itself: absence from a list says nothing, and whether it holds every field is not documented (tasks-task-list.md).
 */
function listJobs(session: Session, unread: readonly Progress[]): Job[] {
  const pages = Array.from({ length: Math.ceil(unread.length / pageSize) }, (_, page) =>
    unread.slice(page * pageSize, (page + 1) * pageSize),
  );
  return pages.map((page) => ({
    method: 'tasks.task.list',
    params: {
      filter: { ID: page.map(({ request }) => request.task) },
      order: { ID: 'asc' },
      select: taskSelect,
      start: -1,
    },
    take: (answer) => {
      if (answer.is === 'failed' && answer.kind !== 'refused') {
        for (const progress of page) progress.trouble = troubleOf(answer, 'task', 'tasks.task.list');
        return [];
      }
      const rows = new Map<string, TaskRow>();
      if (answer.is === 'ok')
        for (const listed of TaskList.catch([]).parse(answer.result)) {
          const row = TaskRow.safeParse(listed);
          if (row.success) rows.set(row.data.id, row.data);
        }
      return page.flatMap((progress): readonly Job[] => {
        const row = rows.get(progress.request.task);
        return row === undefined
          ? [taskJob(session, progress, false)]
          : tookRow(session, progress, row, false);
      });
    },
  }));
}

/**
 * A chat read beside an old card's list, or without its task, proves no deletion. What the task had on its old card before
 * that, nobody takes for deleted: comments of the two worlds have numbers of their own.
 */
function judged({ request, row }: Progress, comments: CommentsReading): CommentsReading {
  const inChat = (row?.chatId ?? null) !== null || request.world === 'chat';
  return inChat && (request.world === 'old-card' || row === null) && comments.extent.kind === 'all'
    ? { ...comments, extent: { kind: 'after', known: request.commentsAfter } }
    : comments;
}

function readingOf(session: Session, progress: Progress): Reading {
  const { request, row, troubles } = progress;
  const comments = progress.comments === null ? null : judged(progress, progress.comments);
  const at = session.runtime.now();
  if (progress.gone) return { is: 'gone', at };
  if (progress.trouble !== null) return { is: 'unreadable', at, trouble: progress.trouble };
  const snapshot: Snapshot | null =
    row !== null && request.aspects.includes('task')
      ? snapshotOf(row, filesOf(session, row), request.chat)
      : null;
  const [trouble] = troubles;
  // A chat that it has no seat in says nothing of the task.
  if (snapshot === null && comments === null && trouble !== undefined && !progress.outside)
    return { is: 'unreadable', at, trouble };
  return {
    is: 'read',
    at,
    ...(snapshot === null ? {} : { snapshot }),
    ...(comments === null ? {} : { comments }),
    ...(troubles.length === 0 ? {} : { troubles }),
    ...(progress.outside ? { outsideChat: true } : {}),
  };
}

/** See Connector.read. */
export async function read(
  session: Session,
  requests: readonly ReadRequest[],
  alongside?: Alongside,
): Promise<ReadonlyMap<LocalTaskId, Reading>> {
  const all: Progress[] = merged(requests).map((request) => ({
    request,
    row: null,
    gone: false,
    trouble: isTaskNumber(request.task) ? null : unreadable(request.task),
    comments: null,
    outside: false,
    troubles: [],
  }));
  const askable = all.filter(({ trouble }) => trouble === null);
  const unread = askable.filter(({ request }) => request.world === null && request.aspects.includes('task'));
  const listed = new Set(unread.length < listedFrom ? [] : unread);
  const jobs = [
    ...listJobs(session, [...listed]),
    ...askable
      .filter((progress) => !listed.has(progress))
      .flatMap((progress) => {
        const { aspects, world, chat } = progress.request;
        const worldKnown = world === 'old-card' || (world === 'chat' && chat !== null);
        const thread = wantsComments(aspects) && worldKnown;
        // Whether absence means anything in a chat read to its beginning, or in the list of an old card, the task tells.
        const proves = world === 'old-card' || progress.request.commentsAfter === null;
        return [
          ...(aspects.includes('task') || (wantsComments(aspects) && (!worldKnown || proves))
            ? [taskJob(session, progress, thread)]
            : []),
          ...(thread ? [threadJob(session, progress, world === 'chat' ? chat : null)] : []),
        ];
      }),
  ];
  // First in its batch: what it tells of is no younger than what is read beside it.
  const log =
    alongside === undefined || jobs.length === 0
      ? null
      : chatLogJob(session, alongside.cursor, (swept) => alongside.told(swept));
  const stopped = await workOff(session.client, log === null ? jobs : [log, ...jobs]);
  const anything = all.some(({ row, comments, gone }) => row !== null || comments !== null || gone);
  if (stopped !== null && !anything) throw connectorError(stopped, 'task', 'batch');
  return new Map(
    all.map((progress) => [as<LocalTaskId>(progress.request.task), readingOf(session, progress)]),
  );
}
