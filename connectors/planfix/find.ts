/**
 * Looking for the lasting effect of a creation whose answer was lost (design, section 6): by its mark, and where the
 * account keeps no marks by what cannot be two people's doing at once.
 */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalPersonId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { partMark } from '../../sync/core/commentParts.ts';
import { type Found, type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { ConnectorError } from '../port.ts';
import { planfixHtml } from './body.ts';
import { type Session } from './client.ts';
import { floorToMinute, toDateAndTime } from './dates.ts';
import { keepsTaskMarks } from './marks.ts';
import { listRows } from './pages.ts';
import { readThread } from './read.ts';
import { Marked, Task, taskFields } from './schema.ts';
import { commentParts } from './split.ts';
import { oddAnswer, troubleOf } from './troubles.ts';

type WriteOf<Kind extends Write['kind']> = Extract<Write, { readonly kind: Kind }>;

/** How far back a lost creation is looked for, days. */
const lookBackDays = 3;
const dayMs = 86_400_000;

/** See Connector.find. */
export async function find(
  session: Session,
  write: WriteOf<'task.create'> | WriteOf<'comment.create'>,
): Promise<Found> {
  try {
    return write.kind === 'task.create' ? await findTask(session, write) : await findComment(session, write);
  } catch (error) {
    if (error instanceof ConnectorError) return { is: 'cannot-tell', trouble: error.trouble };
    const answered = error instanceof Error ? error.message : String(error);
    const trouble = {
      code: 'E-OURS',
      about: write.kind,
      answered,
      todo: 'Report this: the look-up failed.',
    } as const;
    return { is: 'cannot-tell', trouble };
  }
}

export const sameMark = (one: string | null | undefined, other: Mark): boolean =>
  one != null && one.toLowerCase() === other.toLowerCase();

async function findTask(session: Session, write: WriteOf<'task.create'>): Promise<Found> {
  const since = toDateAndTime(session.runtime.now() - lookBackDays * dayMs, session.settings.zone).date;
  const filters: Readonly<Record<string, unknown>>[] = [
    { type: 12, operator: 'gtAndEqual', value: { dateType: 'otherDate', dateValue: since } },
  ];
  if (write.place !== null) filters.push({ type: 5, operator: 'equal', value: Number(write.place) });
  if (write.object !== null) filters.push({ type: 51, operator: 'equal', value: Number(write.object) });
  const listed = await listRows(
    session,
    { path: '/task/list', json: { fields: taskFields, filters }, key: 'tasks', about: 'task' },
    ({ row }) => sameMark(Marked.safeParse(row).data?.sourceObjectId, write.mark),
  );
  if (listed.is === 'odd') return { is: 'cannot-tell', trouble: listed.trouble };
  if (listed.is !== 'rows')
    return { is: 'cannot-tell', trouble: troubleOf(listed, 'task', 'POST /task/list') };
  let marksKept = keepsTaskMarks(session);
  let odd = 0;
  const alike: LocalTaskId[] = [];
  for (const { row } of listed.rows) {
    const marked = Marked.safeParse(row);
    if (!marked.success) {
      odd += 1;
      continue;
    }
    if (sameMark(marked.data.sourceObjectId, write.mark)) {
      return { is: 'task', task: as<LocalTaskId>(marked.data.id) };
    }
    if (marked.data.sourceObjectId) marksKept = true;
    const task = Task.safeParse(row);
    if (task.success && isAlike(task.data, write.fields)) alike.push(as<LocalTaskId>(task.data.id));
  }
  // The task sought may be behind such a row: "nothing" would make it twice.
  if (odd > 0)
    return { is: 'cannot-tell', trouble: oddAnswer('task', 'POST /task/list', 'rows without a number') };
  // Where other tasks show their marks, one without a mark is a person's, however alike.
  const youngest = marksKept ? undefined : alike.sort((one, other) => Number(other) - Number(one))[0];
  return youngest === undefined ? { is: 'nothing' } : { is: 'task', task: youngest };
}

function isAlike(task: Task, fields: WriteOf<'task.create'>['fields']): boolean {
  const sameSet = (told: readonly string[], wanted: readonly string[] | undefined): boolean =>
    wanted === undefined || [...told].sort().join() === [...wanted].sort().join();
  return (
    task.name === fields.title &&
    task.isDeleted !== true &&
    (fields.creator === undefined || task.assigner?.id === fields.creator) &&
    sameSet(task.assignees, fields.assignees) &&
    sameSet(task.participants, fields.participants) &&
    (fields.description === undefined || normal(task.description) === normal(fields.description))
  );
}

export const normal = (markup: string): string =>
  planfixHtml
    .parse(markup)
    .blocks.map(({ block }) => planfixHtml.normal(block))
    .filter((text) => text !== '')
    .join('\n');

interface Sought {
  readonly task: LocalTaskId;
  readonly mark: Mark;
  readonly author: LocalPersonId | null;
  readonly at: Instant;
  readonly after: LocalCommentId | null;
  /** Comments that are known to be something else. */
  readonly except?: readonly LocalCommentId[];
  /** The first part to look for, counted from 0. */
  readonly from?: number;
}

async function findComment(session: Session, write: WriteOf<'comment.create'>): Promise<Found> {
  const standing = await standingOf(session, write, commentParts(write.text));
  if (standing.is === 'no') return { is: 'cannot-tell', trouble: standing.trouble };
  const comments = standing.parts.filter((part) => part !== undefined);
  // A row of parts that broke off counts as nothing: the next try takes it up where it ended.
  return comments.length < standing.parts.length ? { is: 'nothing' } : { is: 'comments', comments };
}

export interface WrittenPart {
  readonly comment: LocalCommentId;
  readonly text: string;
  /** It shows that text; else an older one. */
  readonly current: boolean;
}

export type Written =
  | { readonly is: 'found'; readonly parts: readonly WrittenPart[] }
  | { readonly is: 'no'; readonly trouble: Trouble };

/** The first parts of a comment that stand in the thread already, up to the first that does not. Never throws. */
export async function partsWritten(
  session: Session,
  sought: Sought,
  texts: readonly string[],
): Promise<Written> {
  try {
    const standing = await standingOf(session, sought, texts);
    if (standing.is === 'no') return standing;
    const parts: WrittenPart[] = [];
    for (const [index, text] of texts.slice(sought.from ?? 0).entries()) {
      const comment = standing.parts[index];
      if (comment === undefined) break;
      parts.push({ comment: comment.id, text, current: normal(comment.text) === normal(text) });
    }
    return { is: 'found', parts };
  } catch (error) {
    if (error instanceof ConnectorError) return { is: 'no', trouble: error.trouble };
    throw error;
  }
}

/** For each text from `from` on the comment that stands for it: by the part's own mark, else by author, minute and text. */
async function standingOf(
  session: Session,
  sought: Sought,
  texts: readonly string[],
): Promise<
  | { readonly is: 'read'; readonly parts: readonly (RawComment | undefined)[] }
  | { readonly is: 'no'; readonly trouble: Trouble }
> {
  const thread = await readThread(session, sought.task, sought.after);
  if (thread.is === 'gone') return { is: 'no', trouble: taskGone };
  if (thread.is === 'unreadable') return { is: 'no', trouble: thread.trouble };
  const young = thread.value.comments.filter(
    (comment) =>
      !comment.system &&
      (sought.after === null || Number(comment.id) > Number(sought.after)) &&
      !(sought.except ?? []).includes(comment.id),
  );
  const from = sought.from ?? 0;
  const wanted = texts.slice(from);
  const marked = wanted.map((_, index) =>
    young.find((comment) => sameMark(comment.mark, partMark(sought.mark, from + index))),
  );
  if (marked.some((comment) => comment !== undefined)) return { is: 'read', parts: marked };
  const author = sought.author ?? session.settings.actor;
  const unmarked = young.filter(
    (comment) =>
      comment.mark === null && comment.author === author && comment.at === floorToMinute(sought.at),
  );
  return {
    is: 'read',
    parts: wanted.map((text) => {
      const index = unmarked.findIndex((comment) => normal(comment.text) === normal(text));
      return index < 0 ? undefined : unmarked.splice(index, 1)[0];
    }),
  };
}

const taskGone: Trouble = {
  code: 'E-TASK-GONE',
  about: 'task',
  todo: 'Restore the task or unlink it.',
};
