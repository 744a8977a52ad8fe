/**
 * Deleting comments. What can't be deleted, for the time for it is over or another is its author, gets a line below it
 * that says that it was taken back, where the write has one to say; else it is listed.
 */
import { type LocalCommentId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Outcome, type Retraction, type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { deleteCommand } from './amendments.ts';
import { type Attempt, done, failedOutcome, refused, unknown } from './attempt.ts';
import { bitrixChat, bitrixComment } from './body.ts';
import { addComment, addMessage, commentParams, createdId, messageParams } from './comments.ts';
import { troubleOf } from './failure.ts';
import { numberIn, oddRow } from './service.ts';
import { type Session } from './session.ts';
import { isTrouble, numberOf, type Standing, standingOf } from './standing.ts';

type Deletion = Extract<Write, { kind: 'comment.delete' }>;

/** Lines that were said for other deletions of the same request; `lost`: one of them, so that none is known for certain. */
export interface Lines {
  readonly claimed: Set<LocalCommentId>;
  lost: Trouble | null;
}

export function deleteAttempt(session: Session, write: Deletion, key: string, lines: Lines): Attempt {
  // A chat reaches nothing of what the task had on its old card.
  const elsewhere = write.comments.filter((id) => write.world === 'chat' && numberIn('chat', id) === null);
  const keyed = write.comments
    .filter((id) => !elsewhere.includes(id))
    .map((comment, index) => ({
      comment,
      command: deleteCommand(write, `${key}d${String(index)}`, comment),
    }));
  return {
    commands: keyed.map(({ command }) => command),
    settle: async (answers) => {
      const failed = keyed.flatMap(({ comment, command }) => {
        const answer = answers.get(command.key);
        return answer?.is === 'failed' ? [{ comment, failure: answer, method: command.method }] : [];
      });
      const broken = failed.find(({ failure }) => failure.kind !== 'refused');
      if (broken !== undefined) return failedOutcome(session, broken.failure, 'comment', broken.method);
      if (failed.length === 0)
        return elsewhere.length === 0 ? done(session, {}) : refused(session, onOldCard(elsewhere));
      // Missing and forbidden are refused alike: a reading tells whether it still stands.
      const now = await standingOf(
        session,
        write,
        failed.map(({ comment }) => comment),
      );
      if (isTrouble(now)) return refused(session, now);
      const left = failed.filter(({ comment }) => now.has(comment));
      const [standing] = left;
      if (standing === undefined)
        return elsewhere.length === 0 ? done(session, {}) : refused(session, onOldCard(elsewhere));
      if (write.instead === undefined)
        return refused(session, {
          ...troubleOf(standing.failure, 'comment', standing.method),
          code: 'E-COMMENT-EDIT',
        });
      return takeBack(
        session,
        write,
        write.instead,
        left.map(({ comment }) => comment),
        now,
        lines,
      );
    },
  };
}

const onOldCard = (comments: readonly LocalCommentId[]): Trouble => ({
  code: 'E-COMMENT-EDIT',
  about: 'comment',
  wanted: `${comments.join(', ')} deleted`,
  answered: 'it was written on the old card of the task, which has a chat now',
  todo: 'Delete it by hand where it is still to be seen.',
});

/** The line that takes back what still stands; one that an earlier try has left there is not said again. */
async function takeBack(
  session: Session,
  write: Deletion,
  instead: Retraction,
  standing: readonly LocalCommentId[],
  now: Standing,
  lines: Lines,
): Promise<Outcome> {
  // All that wait for their line begin anew together, in the order of their words.
  if (lines.lost !== null) return unknown(session, lines.lost);
  const said = [...now.values()].find(
    (comment) => !lines.claimed.has(comment.id) && isLine(session, write, instead, standing, comment),
  );
  const told = said === undefined ? await say(session, write, instead, standing) : said.id;
  if (typeof told !== 'string') {
    if (told.is === 'unknown') lines.lost = told.trouble;
    return told;
  }
  lines.claimed.add(told);
  const words = standing.map((comment) => ({ comment, text: now.get(comment)?.text ?? '' }));
  return done(session, {
    comments: [...words, { comment: told, text: said?.text ?? instead.text }],
    means: 'follow-up',
  });
}

function isLine(
  session: Session,
  write: Deletion,
  { text, besides }: Retraction,
  standing: readonly LocalCommentId[],
  comment: RawComment,
): boolean {
  const surface = write.world === 'chat' ? bitrixChat : bitrixComment;
  const normal = (markup: string): string =>
    surface
      .parse(markup)
      .blocks.map(({ block }) => surface.normal(block))
      .join('\n');
  return (
    comment.author === session.settings.actor &&
    numberOf(write, comment.id) > Math.max(...standing.map((id) => numberOf(write, id))) &&
    !besides.includes(comment.id) &&
    (comment.replyTo === null || standing.includes(comment.replyTo)) &&
    normal(comment.text) === normal(text)
  );
}

/** The number of the new line, or what became of it instead. */
async function say(
  session: Session,
  write: Deletion,
  { text }: Retraction,
  standing: readonly LocalCommentId[],
): Promise<LocalCommentId | Outcome> {
  const replyTo = standing.at(-1) ?? null;
  const post = (reply: LocalCommentId | null) =>
    write.world === 'chat'
      ? session.client.call(addMessage, messageParams(write.chat ?? '', text, reply))
      : session.client.call(
          addComment,
          commentParams({ task: write.task, author: null, at: session.runtime.now() }, text, false),
        );
  let answer = await post(replyTo);
  // A message that can't be replied to any more is followed all the same.
  if (answer.is === 'failed' && answer.kind === 'refused' && write.world === 'chat')
    answer = await post(null);
  const method = write.world === 'chat' ? addMessage : addComment;
  if (answer.is === 'failed') return failedOutcome(session, answer, 'comment', method);
  return createdId(write, answer) ?? unknown(session, oddRow('comment', method, 'no id in the answer'));
}
