/**
 * Edits and retractions of comments. Means in order: update; delete and write again; a message that follows up. A
 * message never becomes empty by an edit, for that deletes it (b24restdocs: im-message-update.md).
 */
import { type LocalCommentId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Made, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type CommentsReading, type RawComment } from '../../sync/core/replica.ts';
import { type Attempt, done, failedOutcome, refused } from './attempt.ts';
import { type Command } from './batch.ts';
import { addComment, addMessage, commentParams, createdId, messageParams, partsOf } from './comments.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { chatId, numberIn } from './service.ts';
import { type Session, workOff } from './session.ts';
import { chatThread, oldThread } from './threads.ts';

type Edit = Extract<Write, { kind: 'comment.update' }>;
type Deletion = Extract<Write, { kind: 'comment.delete' }>;
type Place = Pick<Edit, 'task' | 'world' | 'chat'>;
type MadeComment = NonNullable<Made['comments']>[number];

const numberOf = (place: Place, comment: LocalCommentId): number =>
  Number(numberIn(place.world === 'chat' ? 'chat' : 'comment', comment) ?? 0);

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

/** What stands of these comments now, or null when that can't be read. */
async function present(
  session: Session,
  place: Place,
  comments: readonly LocalCommentId[],
): Promise<ReadonlyMap<LocalCommentId, RawComment> | null> {
  let reading: CommentsReading | null = null;
  const oldest = Math.min(...comments.map((comment) => numberOf(place, comment)));
  const told = (thread: { readonly is: string; readonly value?: CommentsReading }): void => {
    reading = thread.value ?? null;
  };
  await workOff(session.client, [
    place.world === 'chat' && place.chat !== null
      ? chatThread(place.chat, oldest > 1 ? chatId(String(oldest - 1)) : null, told)
      : oldThread(place.task, told),
  ]);
  const found = reading as CommentsReading | null;
  return found === null ? null : new Map(found.list.map((comment) => [comment.id, comment] as const));
}

export function updateAttempt(session: Session, write: Edit, key: string): Attempt {
  const parts = partsOf(write);
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
  return {
    commands: [command],
    settle: (answers) => {
      const answer = answers.get(key);
      if (answer?.is !== 'failed') return done(session, { comments: [{ comment, text }], means: 'update' });
      if (answer.kind !== 'refused') return failedOutcome(session, answer, 'comment', command.method);
      return otherMeans(session, write, parts, answer, command.method);
    },
  };
}

/** Several messages, old or new: texts go into the messages that hold text, the rest is added or taken away. */
async function rewrite(session: Session, write: Edit, parts: readonly string[]): Promise<Outcome> {
  const now = write.comments.length > 1 ? await present(session, write, write.comments) : null;
  const onlyFiles = write.comments.filter((id) => {
    const comment = now?.get(id);
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
        return otherMeans(session, write, parts, answer, method);
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

/**
 * The portal refuses the edit: the window is over, or the comment is gone. Comments without files are deleted and
 * written again; where they stay, what changed is said in a new message, and `made` names them before it as they read.
 */
async function otherMeans(
  session: Session,
  write: Edit,
  parts: readonly string[],
  failure: Failure,
  method: string,
): Promise<Outcome> {
  const now = await present(session, write, write.comments);
  if (now === null)
    return refused(session, { ...troubleOf(failure, 'comment', method), code: 'E-COMMENT-EDIT' });
  const standing = write.comments.filter((id) => now.has(id));
  const shown = (id: LocalCommentId): MadeComment => ({ comment: id, text: now.get(id)?.text ?? '' });
  const [last] = standing.slice(-1);
  const [whole] = parts;
  if (standing.length > 1 && last !== undefined && whole !== undefined && parts.length === 1) {
    // An earlier follow-up may still be open to edits where the message it followed is not.
    const command = updateCommand(write, 'u', last, whole);
    const answer = await session.client.call(command.method, command.params);
    if (answer.is === 'ok')
      return done(session, {
        comments: [...standing.slice(0, -1).map(shown), { comment: last, text: whole }],
        means: 'follow-up',
      });
  }
  const holdsFiles = standing.some((id) => (now.get(id)?.files.length ?? 0) > 0);
  let cleared = standing.length === 0;
  if (!cleared && !holdsFiles) {
    const answers = await session.client.run(
      standing.map((comment, index) => deleteCommand(write, `d${String(index)}`, comment)),
      true,
    );
    const failed = [...answers.values()].find((answer): answer is Failure => answer.is === 'failed');
    if (failed !== undefined && failed.kind !== 'refused')
      return failedOutcome(session, failed, 'comment', method);
    cleared = failed === undefined;
  }
  const [first] = standing;
  const replyTo = cleared ? null : (first ?? null);
  const answers = await session.client.run(
    parts.map((text, index) => createCommand(write, `p${String(index)}`, text, index === 0 ? replyTo : null)),
    true,
  );
  const comments: MadeComment[] = [];
  for (const [index, text] of parts.entries()) {
    const answer: Answer | undefined = answers.get(`p${String(index)}`);
    const tried = write.world === 'chat' ? addMessage : addComment;
    if (answer?.is === 'failed' && comments.length === 0)
      return failedOutcome(session, answer, 'comment', tried);
    const comment = createdId(write, answer);
    if (comment !== null) comments.push({ comment, text });
  }
  if (cleared) return done(session, { comments, means: 'recreate' });
  return done(session, { comments: [...standing.map(shown), ...comments], means: 'follow-up' });
}

export function deleteAttempt(session: Session, write: Deletion, key: string): Attempt {
  const keyed = write.comments.map((comment, index) => ({
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
      const [first] = failed;
      if (first === undefined) return done(session, {});
      if (first.failure.kind !== 'refused')
        return failedOutcome(session, first.failure, 'comment', first.method);
      // Missing and forbidden are refused alike: a reading tells whether it still stands.
      const now = await present(
        session,
        write,
        failed.map(({ comment }) => comment),
      );
      const left = failed.filter(({ comment }) => now?.has(comment) !== false);
      const [standing] = left;
      if (standing === undefined) return done(session, {});
      const trouble: Trouble = {
        ...troubleOf(standing.failure, 'comment', standing.method),
        code: 'E-COMMENT-EDIT',
      };
      return refused(session, trouble);
    },
  };
}
