/**
 * Whether the account keeps our marks (reference 5.4: not documented, to be verified by reading back). What was made with
 * one is remembered until it is read.
 */
import { type LocalCommentId, type LocalTaskId, type Mark } from '../../errors/ids.ts';
import { type Session } from './client.ts';
import { factOf, notice } from './unknowns.ts';

/** What this connection has made and not read yet, and what it has seen of marks. */
export interface MarksKnown {
  readonly made: Map<string, Mark>;
  task: boolean | null;
  comment: boolean | null;
  /** Tasks in which a comment in another's name was refused last. */
  readonly refusedAuthors: Set<LocalTaskId>;
}

export const noMarksSeen = (): MarksKnown => ({
  made: new Map(),
  task: null,
  comment: null,
  refusedAuthors: new Set(),
});

type Kind = 'task' | 'comment';

const madeMax = 1_000;

const keyOf = (kind: Kind, id: string): string => `${kind} ${id}`;

export function noteMade(
  { marks: { made } }: Pick<Session, 'marks'>,
  kind: Kind,
  id: LocalTaskId | LocalCommentId,
  mark: Mark,
): void {
  if (made.size >= madeMax) made.clear();
  made.set(keyOf(kind, id), mark);
}

/** Compares the mark of what is read with the one that it was made with. */
export function noteMark(session: Session, kind: Kind, id: string, read: Mark | null): void {
  const { marks } = session;
  const made = marks.made.get(keyOf(kind, id));
  if (made === undefined) return;
  marks.made.delete(keyOf(kind, id));
  marks[kind] = read === made.toLowerCase();
  const { task, comment } = marks;
  if (task === null) return;
  const earlier = factOf(session, 'sourceMarks');
  // Of comments alone, which name the application, nothing is known yet: what was found of them stays.
  const ofComments = comment ?? earlier === 'only with sourceId';
  const value = task ? 'kept always' : ofComments ? 'only with sourceId' : 'dropped';
  const what = `${kind} ${id} was made with a mark and shows ${marks[kind] === true ? 'it' : 'none, or another'}`;
  notice(session, 'sourceMarks', value, what);
}

/** Whether a task without our mark surely is not ours. */
export const keepsTaskMarks = (session: Pick<Session, 'findings'>): boolean =>
  factOf(session, 'sourceMarks') === 'kept always';
