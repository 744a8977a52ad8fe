/**
 * Edits of comments. Means in order: update; delete and write again; a message that follows up. A message never becomes
 * empty by an edit, for that deletes it (b24restdocs: im-message-update.md).
 */
import { type LocalCommentId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Made, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Attempt, done, failedOutcome, refused } from './attempt.ts';
import { type Command } from './batch.ts';
import { addComment, addMessage, commentParams, createdId, messageParams, partsOf } from './comments.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { type Session } from './session.ts';
import { learn } from './unknowns.ts';
import { isTrouble, numberOf, type Place, type Standing, standingOf } from './standing.ts';

type Edit = Extract<Write, { kind: 'comment.update' }>;
type MadeComment = NonNullable<Made['comments']>[number];

const updateCommand = (place: Place, key: string, comment: LocalCommentId, text: string): Command =>
  place.world === 'chat'
    ? { key, method: 'im.message.update', params: { MESSAGE_ID: numberOf(place, comment), MESSAGE: text } }
    : {
        key,
        method: 'task.commentitem.update',
        params: {
          TASKID: Number(place.task),
          ITEMID: numberOf(place, comment),
          FIELDS: { POST_MESSAGE: text },
        },
      };

export const deleteCommand = (place: Place, key: string, comment: LocalCommentId): Command =>
  place.world === 'chat'
    ? { key, method: 'im.message.delete', params: { MESSAGE_ID: numberOf(place, comment) } }
    : {
        key,
        method: 'task.commentitem.delete',
        params: { TASKID: Number(place.task), ITEMID: numberOf(place, comment) },
      };

export function updateAttempt(session: Session, write: Edit, key: string): Attempt {
  const parts = partsOf(session, write);
  if (parts.length === 0 || write.comments.length === 0)
    return {
      commands: [],
      settle: () =>
        refused(session, {
          code: 'E-COMMENT-EDIT',
          about: 'comment',
          wanted: 'an empty text',
          todo: 'Delete the comment at its origin instead of emptying it.',
        }),
    };
  const simple = parts.length === 1 && write.comments.length === 1;
  const [comment] = write.comments;
  const [text] = parts;
  if (!simple || comment === undefined || text === undefined)
    return { commands: [], settle: () => rewrite(session, write, parts) };
  const command = updateCommand(write, key, comment, text);
  if (isClosed(session, write, comment))
    return { commands: [], settle: () => otherMeans(session, write, parts, command.method) };
  return {
    commands: [command],
    settle: (answers) => {
      const answer = answers.get(key);
      if (answer?.is !== 'failed') return done(session, { comments: [{ comment, text }], means: 'update' });
      if (answer.kind !== 'refused') return failedOutcome(session, answer, 'comment', command.method);
      return otherMeans(session, write, parts, command.method, answer);
    },
  };
}

/** Several messages, old or new: texts go into the messages that hold text, the rest is added or taken away. */
async function rewrite(session: Session, write: Edit, parts: readonly string[]): Promise<Outcome> {
  const told: Standing | Trouble =
    write.comments.length > 1 ? await standingOf(session, write, write.comments) : new Map();
  if (isTrouble(told)) return refused(session, told);
  const onlyFiles = write.comments.filter((id) => {
    const comment = told.get(id);
    return comment !== undefined && comment.text === '' && comment.files.length > 0;
  });
  const texts = write.comments.filter((id) => !onlyFiles.includes(id));
  const made: MadeComment[] = [];
  const commands: Command[] = [];
  for (const [index, text] of parts.entries()) {
    const comment = texts[index];
    commands.push(
      comment === undefined
        ? createCommand(write, `p${String(index)}`, text, null)
        : updateCommand(write, `p${String(index)}`, comment, text),
    );
  }
  const surplus = texts.slice(parts.length);
  for (const [index, comment] of surplus.entries())
    commands.push(deleteCommand(write, `d${String(index)}`, comment));
  const answers = await session.client.run(commands, true);
  for (const [index, text] of parts.entries()) {
    const answer = answers.get(`p${String(index)}`);
    const method = commands[index]?.method ?? 'im.message.update';
    if (answer?.is === 'failed') {
      if (answer.kind === 'refused' && index < texts.length)
        return otherMeans(session, write, parts, method, answer);
      return failedOutcome(session, answer, 'comment', method);
    }
    const comment = texts[index] ?? createdId(write, answer);
    if (comment !== null) made.push({ comment, text });
  }
  const failures: Trouble[] = surplus.flatMap((_, index) => {
    const answer = answers.get(`d${String(index)}`);
    return answer?.is === 'failed' ? [troubleOf(answer, 'comment', 'im.message.delete')] : [];
  });
  return done(
    session,
    { comments: [...made, ...onlyFiles.map((comment) => ({ comment, text: '' }))], means: 'update' },
    failures,
  );
}

const createCommand = (write: Edit, key: string, text: string, replyTo: LocalCommentId | null): Command =>
  write.world === 'chat'
    ? { key, method: addMessage, params: messageParams(write.chat ?? '', text, replyTo) }
    : { key, method: addComment, params: commentParams(write, text, true) };

const closedForMs = 86_400_000;
const window = 'chat.editWindowSeconds';

/** Whether a message is no younger than one whose time to be edited was found over, today. */
function isClosed({ findings, runtime }: Session, place: Place, comment: LocalCommentId): boolean {
  const found = findings.of(window);
  const last = /^message (\d+) /.exec(found?.value ?? '')?.[1];
  return (
    place.world === 'chat' &&
    found !== null &&
    last !== undefined &&
    runtime.now() - found.at < closedForMs &&
    numberOf(place, comment) <= Number(last)
  );
}

/** The youngest of our own messages that stand, and are refused an edit, all the same: for them the time is over. */
function noteWindow(
  session: Session,
  place: Place,
  standing: readonly LocalCommentId[],
  now: Standing,
): void {
  if (place.world !== 'chat') return;
  const own = standing.filter(
    (id) => now.get(id)?.author === session.settings.actor && !isClosed(session, place, id),
  );
  const [id] = own;
  const comment = id === undefined ? undefined : now.get(id);
  if (id === undefined || comment === undefined || own.length > 1) return;
  const seconds = Math.max(0, Math.round((session.client.serverNow() - comment.at) / 1_000));
  learn(
    session,
    window,
    `message ${String(numberOf(place, id))} is closed after ${String(seconds)} s`,
    'the portal let the acting user edit its own message no more',
  );
}

/**
 * The portal refuses the edit: the window is over, somebody else is the author, or the comment is gone. An earlier
 * follow-up that is still open to edits takes the new words. Else comments without files are deleted and written again;
 * where they stay, what changed is said in a new message, and `made` names them before it as they read.
 */
async function otherMeans(
  session: Session,
  write: Edit,
  parts: readonly string[],
  method: string,
  refusal: Failure | null = null,
): Promise<Outcome> {
  const now = await standingOf(session, write, write.comments);
  if (isTrouble(now)) return refused(session, now);
  const standing = write.comments.filter((id) => now.has(id));
  if (refusal?.code === 'CANT_EDIT_MESSAGE') noteWindow(session, write, standing, now);
  const over = await overFollowUp(session, write, parts, standing, now);
  if (over !== null) return over;
  const holdsFiles = standing.some((id) => (now.get(id)?.files.length ?? 0) > 0);
  const key = (id: LocalCommentId): string => `d${String(standing.indexOf(id))}`;
  const answers = await session.client.run(
    holdsFiles ? [] : standing.map((comment) => deleteCommand(write, key(comment), comment)),
  );
  const broken = [...answers.values()].find(
    (answer): answer is Failure => answer.is === 'failed' && answer.kind !== 'refused',
  );
  if (broken !== undefined) return failedOutcome(session, broken, 'comment', method);
  const left = standing.filter((id) => answers.get(key(id))?.is !== 'ok');
  return sayAnew(session, write, parts, left, now);
}

const shown = (now: Standing, id: LocalCommentId): MadeComment => ({
  comment: id,
  text: now.get(id)?.text ?? '',
});

/** The words in the messages that followed up before; null where there are none, or they are closed too. */
async function overFollowUp(
  session: Session,
  write: Edit,
  parts: readonly string[],
  standing: readonly LocalCommentId[],
  now: Standing,
): Promise<Outcome | null> {
  const before = standing.slice(0, -parts.length);
  const last = standing.slice(-parts.length);
  if (before.length === 0) return null;
  const commands = last.map((comment, index) =>
    updateCommand(write, `u${String(index)}`, comment, parts[index] ?? ''),
  );
  const answers = await session.client.run(commands, true);
  if (commands.some(({ key }) => answers.get(key)?.is !== 'ok')) return null;
  return done(session, {
    comments: [
      ...before.map((id) => shown(now, id)),
      ...last.map((comment, index) => ({ comment, text: parts[index] ?? '' })),
    ],
    means: 'follow-up',
  });
}

async function sayAnew(
  session: Session,
  write: Edit,
  parts: readonly string[],
  left: readonly LocalCommentId[],
  now: Standing,
): Promise<Outcome> {
  const [first = null] = left;
  const answers = await session.client.run(
    parts.map((text, index) => createCommand(write, `p${String(index)}`, text, index === 0 ? first : null)),
    true,
  );
  const comments: MadeComment[] = [];
  for (const [index, text] of parts.entries()) {
    const answer: Answer | undefined = answers.get(`p${String(index)}`);
    if (answer?.is === 'failed' && comments.length === 0)
      return failedOutcome(session, answer, 'comment', write.world === 'chat' ? addMessage : addComment);
    const comment = createdId(write, answer);
    if (comment !== null) comments.push({ comment, text });
  }
  if (left.length === 0) return done(session, { comments, means: 'recreate' });
  return done(session, { comments: [...left.map((id) => shown(now, id)), ...comments], means: 'follow-up' });
}
