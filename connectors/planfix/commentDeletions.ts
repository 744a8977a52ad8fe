/**
 * Deleting comments (reference 8.1, 8.3). What may not be deleted gets a comment below it that says that it was taken
 * back, where the write has one to say; else it is listed.
 */
import { type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Outcome, type Retraction, type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { send, type Session } from './client.ts';
import { type MadeComment, post } from './commentPosts.ts';
import { normal, sameMark } from './find.ts';
import { readThread } from './read.ts';
import { unsuccessful } from './troubles.ts';

type Deletion = Extract<Write, { readonly kind: 'comment.delete' }>;
type Refusal = Extract<Outcome, { readonly is: 'refused' }>;

export const missingComment = 5000;

/** The right or the scope for it is missing; or this comment is another's. */
export const isForbidden = (code: number | null): boolean => code === 5 || code === 6;

export type Removal =
  /** `left` may not be deleted, and `why`. */
  | { readonly is: 'through'; readonly left: readonly LocalCommentId[]; readonly why: Refusal | null }
  | { readonly is: 'stopped'; readonly outcome: Outcome };

/** Deletes comments; one that is gone is deleted already. */
export async function remove(session: Session, comments: readonly LocalCommentId[]): Promise<Removal> {
  const left: LocalCommentId[] = [];
  let why: Refusal | null = null;
  for (const comment of comments) {
    const answer = await send(session, { method: 'DELETE', path: `/comment/${comment}` });
    if (answer.is === 'queued')
      return { is: 'stopped', outcome: { is: 'queued', at: session.runtime.now() } };
    if (answer.is === 'ok' || (answer.is === 'refused' && answer.code === missingComment)) continue;
    const outcome = unsuccessful(session, answer, 'comment', `DELETE /comment/${comment}`);
    if (answer.is !== 'refused' || !isForbidden(answer.code) || outcome.is !== 'refused')
      return { is: 'stopped', outcome: refusedAlone(outcome) };
    left.push(comment);
    why ??= outcome;
  }
  return { is: 'through', left, why };
}

/** A refusal of this comment alone, by the name that the catalogue has for it. */
export function refusedAlone(outcome: Outcome): Outcome {
  if (outcome.is !== 'refused') return outcome;
  const own = outcome.trouble.code === 'E-REMOTE-REFUSED' || outcome.trouble.code === 'E-REMOTE-RIGHT';
  return own ? { ...outcome, trouble: { ...outcome.trouble, code: 'E-COMMENT-EDIT' } } : outcome;
}

export type Present =
  | { readonly is: 'read'; readonly thread: readonly RawComment[]; readonly shown: readonly MadeComment[] }
  | { readonly is: 'no'; readonly trouble: Trouble };

/** How comments that could not be deleted read now, and the thread around them. Throws ConnectorError. */
export async function presentOf(
  session: Session,
  task: LocalTaskId,
  comments: readonly LocalCommentId[],
): Promise<Present> {
  const told = await readThread(session, task, null);
  if (told.is === 'gone')
    return {
      is: 'no',
      trouble: { code: 'E-TASK-GONE', about: 'task', todo: 'Restore the task or unlink it.' },
    };
  if (told.is === 'unreadable') return { is: 'no', trouble: told.trouble };
  const thread = told.value.comments;
  return {
    is: 'read',
    thread,
    shown: thread.filter(({ id }) => comments.includes(id)).map(({ id, text }) => ({ comment: id, text })),
  };
}

export async function deleteComments(session: Session, one: Deletion): Promise<Outcome> {
  const removal = await remove(session, one.comments);
  if (removal.is === 'stopped') return removal.outcome;
  if (removal.why === null) return { is: 'done', at: session.runtime.now(), made: {}, failures: [] };
  if (one.instead === undefined) return refusedAlone(removal.why);
  const now = await presentOf(session, one.task, removal.left);
  if (now.is === 'no') return { is: 'refused', at: session.runtime.now(), trouble: now.trouble };
  return takeBack(session, one, one.instead, now);
}

/** The comment that takes back what still stands; one that an earlier try has left there is not written again. */
async function takeBack(
  session: Session,
  { task }: Deletion,
  instead: Retraction,
  { thread, shown }: Extract<Present, { readonly is: 'read' }>,
): Promise<Outcome> {
  const done = (comments: readonly MadeComment[]): Outcome => ({
    is: 'done',
    at: session.runtime.now(),
    made: comments.length === 0 ? {} : { comments, means: 'follow-up' },
    failures: [],
  });
  const last = Math.max(...shown.map(({ comment }) => Number(comment)));
  // A comment that nobody sees any more needs no line.
  if (shown.length === 0) return done([]);
  const said = thread.find(
    (comment) =>
      comment.author === session.settings.actor &&
      Number(comment.id) > last &&
      !instead.besides.includes(comment.id) &&
      (comment.mark === null
        ? normal(comment.text) === normal(instead.text)
        : sameMark(comment.mark, instead.mark)),
  );
  if (said !== undefined) return done([...shown, { comment: said.id, text: said.text }]);
  const draft = { task, mark: instead.mark, author: null, at: null, notify: [], files: [] };
  const posted = await post(session, draft, [instead.text]);
  return posted.is === 'stopped' ? posted.outcome : done([...shown, ...posted.made]);
}
