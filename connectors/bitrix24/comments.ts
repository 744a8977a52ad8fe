/**
 * Writing comments in both worlds. The old card lets a comment carry its author and time; in a chat the acting user
 * speaks, and a text that is too long goes as several messages (b24restdocs: chats/messages/*, tasks/comment-item/*).
 */
import { type LocalCommentId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { pairedFiles } from '../../sync/core/fileNames.ts';
import { type Made, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { type OpenSource } from '../port.ts';
import { type Attempt, done, failedOutcome, refused, unknown } from './attempt.ts';
import { type Command, type Params, reference } from './batch.ts';
import { type Answer, troubleOf } from './failure.ts';
import { isoMoment } from './fields.ts';
import { uploadToChat, uploadToDrive } from './files.ts';
import { commentParts } from './parts.ts';
import { NewId } from './schema.ts';
import { chatId, commentId, numberIn, oddRow, oldComment } from './service.ts';
import { type Session } from './session.ts';

type Creation = Extract<Write, { kind: 'comment.create' }>;
type MadeComment = NonNullable<Made['comments']>[number];
type MadeFile = NonNullable<Made['files']>[number];

export const addMessage = 'im.message.add';
export const addComment = 'task.commentitem.add';

export const partsOf = (
  { facts }: Session,
  { world, text }: Pick<Creation, 'world' | 'text'>,
): readonly string[] => commentParts(world, text, facts.limits);

export const messageParams = (
  chat: string,
  text: string,
  replyTo: LocalCommentId | null,
  template: string | null = null,
): Params => {
  const reply = replyTo === null ? null : numberIn('chat', replyTo);
  return {
    DIALOG_ID: `chat${chat}`,
    MESSAGE: text,
    ...(reply === null ? {} : { REPLY_ID: Number(reply) }),
    ...(template === null ? {} : { TEMPLATE_ID: template }),
  };
};

/**
 * What a part of a message is known by where the portal keeps TEMPLATE_ID unique (undocumented: proved by a probe, see
 * scratch.ts): sent again after a lost answer it is answered with the message that is there. null = it is sent without.
 */
function templateOf(session: Session, { mark }: Creation, part: number): string | null {
  if (session.findings.value('template-id') !== 'unique') return null;
  const last = (parseInt(mark.slice(-3), 16) + part) % 0x1000;
  return `${mark.slice(0, -3)}${last.toString(16).padStart(3, '0')}`;
}

/** A message that was known before this one was sent: it was written under the same mark once, and may be deleted. */
function isEarlier({ after }: Creation, { made }: Extract<Outcome, { is: 'done' }>): boolean {
  const known = after === null ? null : numberIn('chat', after);
  const told = numberIn('chat', made.comments?.[0]?.comment ?? '');
  return known !== null && told !== null && Number(told) <= Number(known);
}

type OldFields = Pick<Creation, 'task' | 'author' | 'at'>;

/** Positional: TASKID, then FIELDS. */
export const commentParams = (
  write: OldFields,
  text: string,
  authored: boolean,
  files: readonly string[] = [],
): Params => ({
  TASKID: Number(write.task),
  FIELDS: {
    POST_MESSAGE: text,
    ...(authored && write.author !== null ? { AUTHOR_ID: Number(write.author) } : {}),
    ...(authored ? { POST_DATE: isoMoment(write.at) } : {}),
    ...(files.length === 0 ? {} : { UF_FORUM_MESSAGE_DOC: files.map((id) => `n${id}`) }),
  },
});

const noChat = (): Trouble => ({
  code: 'E-TASK-UNREADABLE',
  about: 'comment',
  tried: addMessage,
  todo: 'Nothing to do: the task is read again to learn its chat.',
});

/** The new id in an answer, with the prefix of its world. */
export function createdId(write: Pick<Creation, 'world'>, answer: Answer | undefined): LocalCommentId | null {
  const id = NewId.safeParse(answer?.is === 'ok' ? answer.result : null);
  if (!id.success || !/^[1-9]\d*$/.test(id.data)) return null;
  return write.world === 'chat' ? chatId(id.data) : commentId(id.data);
}

export function createAttempt(session: Session, write: Creation, key: string, open: OpenSource): Attempt {
  const { chat } = write;
  if (write.world === 'chat' && chat === null)
    return { commands: [], settle: () => refused(session, noChat()) };
  const parts = partsOf(session, write);
  const [text] = parts;
  if (write.files.length > 0 || parts.length !== 1 || text === undefined)
    return {
      commands: [],
      settle: () =>
        chat !== null && write.world === 'chat'
          ? inChat(session, write, chat, parts, open)
          : onOldCard(session, write, parts, open),
    };
  const command: Command =
    write.world === 'chat' && chat !== null
      ? {
          key,
          method: addMessage,
          params: messageParams(chat, text, write.replyTo, templateOf(session, write, 0)),
        }
      : { key, method: addComment, params: commentParams(write, text, true) };
  return {
    commands: [command],
    settle: (answers) => {
      const answer = answers.get(key);
      // A message that can't be replied to any more is written all the same.
      const lostReply = answer?.is === 'failed' && answer.kind === 'refused' && write.replyTo !== null;
      if (lostReply && chat !== null && write.world === 'chat')
        return inChat(session, { ...write, replyTo: null }, chat, parts, open);
      const outcome = settled(session, write, answer, command.method, text);
      const templated = write.world === 'chat' && templateOf(session, write, 0) !== null;
      return chat !== null && templated && outcome.is === 'done' && isEarlier(write, outcome)
        ? inChat(session, write, chat, parts, open, false)
        : outcome;
    },
  };
}

function settled(
  session: Session,
  write: Creation,
  answer: Answer | undefined,
  method: string,
  text: string,
): Outcome {
  if (answer?.is === 'failed') return failedOutcome(session, answer, 'comment', method);
  const comment = createdId(write, answer);
  if (comment === null) return unknown(session, oddRow('comment', method, 'no id in the answer'));
  return done(session, { comments: [{ comment, text }] });
}

/**
 * Messages and files one after another: a file brings its own message, and the first of them carries the text when
 * there is one part of it and nothing to reply to. What was made stays made when a later one fails.
 */
async function inChat(
  session: Session,
  write: Creation,
  chat: string,
  parts: readonly string[],
  open: OpenSource,
  templated = true,
): Promise<Outcome> {
  const comments: MadeComment[] = [];
  const files: MadeFile[] = [];
  const failures: Trouble[] = [];
  const [only] = parts;
  let carried = write.files.length > 0 && parts.length === 1 && write.replyTo === null ? (only ?? '') : '';
  const say = async (text: string, replyTo: LocalCommentId | null, part = 0): Promise<Outcome | null> => {
    const template = templated ? templateOf(session, write, part) : null;
    const sent = async (to: LocalCommentId | null, as: string | null): Promise<Answer> =>
      session.client.call(addMessage, messageParams(chat, text, to, as));
    let answer = await sent(replyTo, template);
    if (answer.is === 'failed' && answer.kind === 'refused' && replyTo !== null)
      answer = await sent(null, template);
    let outcome = settled(session, write, answer, addMessage, text);
    if (template !== null && outcome.is === 'done' && isEarlier(write, outcome))
      outcome = settled(session, write, await sent(replyTo, null), addMessage, text);
    if (outcome.is !== 'done') return outcome;
    comments.push(...(outcome.made.comments ?? []));
    return null;
  };
  if (carried === '')
    for (const [index, text] of parts.entries()) {
      const failed = await say(text, index === 0 ? write.replyTo : null, index);
      if (failed === null) continue;
      if (comments.length === 0 || failed.is !== 'refused') return failed;
      failures.push(failed.trouble);
      break;
    }
  for (const source of write.files) {
    const told = await uploadToChat(session, chat, source, open, carried);
    if (told.is === 'made') {
      comments.push({ comment: chatId(told.value.message), text: carried });
      files.push({ shared: source.shared, file: told.value.file });
      carried = '';
      continue;
    }
    const lost = told.failure !== null && !told.failure.certain;
    // Whether it came is seen only once the portal is surely through with it, and with it all that came before it.
    if (lost) return unknown(session, { ...told.trouble, code: 'E-REMOTE-UNKNOWN' });
    failures.push(told.trouble);
    if (carried === '') continue;
    const failed = await say(carried, null);
    if (failed !== null) return failed;
    carried = '';
  }
  const [trouble] = failures;
  if (comments.length === 0 && trouble !== undefined) return refused(session, trouble);
  return done(session, { comments, ...(files.length === 0 ? {} : { files }) }, failures);
}

/** A comment of the old card with files, or a long one: files go to Drive first and are bound by its first part. */
async function onOldCard(
  session: Session,
  write: Creation,
  parts: readonly string[],
  open: OpenSource,
): Promise<Outcome> {
  const failures: Trouble[] = [];
  const uploaded: { readonly disk: string; readonly source: Creation['files'][number] }[] = [];
  for (const source of write.files) {
    const told = await uploadToDrive(session, source, open);
    if (told.is === 'made') uploaded.push({ disk: told.value, source });
    else failures.push(told.trouble);
  }
  // The portal refuses a comment without a text; the names of its files say what it is.
  const [text = write.files.map(({ name }) => name).join(', '), ...more] = parts;
  const send = (disks: readonly string[]): Promise<ReadonlyMap<string, Answer>> =>
    session.client.run([
      { key: 'n', method: addComment, params: commentParams(write, text, true, disks) },
      {
        key: 'g',
        method: 'task.commentitem.get',
        params: { TASKID: Number(write.task), ITEMID: reference('n') },
      },
    ]);
  let answers = await send(uploaded.map(({ disk }) => disk));
  const first = answers.get('n');
  if (first?.is === 'failed' && first.kind === 'refused' && uploaded.length > 0) {
    // An author who may not read our upload refuses the files with the comment: the words go without them.
    failures.push(...uploaded.map(({ source }) => troubleOf(first, source.name, addComment)));
    uploaded.length = 0;
    answers = await send([]);
  }
  const outcome = settled(session, write, answers.get('n'), addComment, text);
  if (outcome.is !== 'done') return outcome;
  const read = answers.get('g');
  const comment: RawComment | null = read?.is === 'ok' ? readComment(read.result) : null;
  const pairs = pairedFiles(
    uploaded.map(({ source }) => source),
    comment?.files ?? [],
  );
  const files: MadeFile[] = uploaded.flatMap(({ source }) => {
    const file = pairs.get(source);
    return file === undefined ? [] : [{ shared: source.shared, file: file.id }];
  });
  const comments = [...(outcome.made.comments ?? [])];
  for (const part of more) {
    const answer = await session.client.call(addComment, commentParams(write, part, true));
    const next = settled(session, write, answer, addComment, part);
    if (next.is === 'done') comments.push(...(next.made.comments ?? []));
    else {
      if (next.is !== 'queued') failures.push(next.trouble);
      break;
    }
  }
  return done(session, { comments, ...(files.length === 0 ? {} : { files }) }, failures);
}

function readComment(row: unknown): RawComment | null {
  const comment = oldComment(row);
  return comment.is === 'read' ? comment.value : null;
}
