/**
 * Files of a comment that was edited. The old card keeps them with the comment, in a list that an update replaces whole;
 * in a chat a message gets no file afterwards, so each comes as a message of its own, which is a part of the comment
 * (b24restdocs: tasks/comment-item/task-comment-item-update.md, chats/files/im-v2-file-upload.md).
 */
import { type LocalCommentId, type LocalFileId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { pairedFiles } from '../../sync/core/fileNames.ts';
import {
  type FileChange,
  type FileSource,
  type Made,
  type Outcome,
  type Write,
} from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { type OpenSource } from '../port.ts';
import { deleteCommand, updateAttempt } from './amendments.ts';
import { type Attempt, done, failedOutcome, refused, unknown } from './attempt.ts';
import { troubleOf } from './failure.ts';
import { uploadToChat, uploadToDrive } from './files.ts';
import { Attachment } from './schema.ts';
import { chatId, numberIn } from './service.ts';
import { type Session } from './session.ts';
import { isTrouble, type Standing, standingOf } from './standing.ts';

type Edit = Extract<Write, { kind: 'comment.update' }>;
type MadeComment = NonNullable<Made['comments']>[number];
type MadeFile = NonNullable<Made['files']>[number];

/** An edit of words, of files, or of both. Words go first: what fails of the files is listed then and holds up nothing. */
export function editAttempt(session: Session, write: Edit, key: string, open: OpenSource): Attempt {
  const { files, chat } = write;
  if (files === undefined || files.add.length + files.drop.length === 0)
    return updateAttempt(session, write, key);
  return {
    commands: [],
    settle: async () => {
      const now = await standingOf(session, write, write.comments);
      if (isTrouble(now)) return refused(session, now);
      const words = files.wordsStand ? asItStands(session, write, now) : await reworded(session, write);
      if (words.is !== 'done') return words;
      return write.world === 'chat' && chat !== null
        ? inChat(session, { ...write, chat }, files, words, now, open)
        : onOldCard(session, write, files, words, now, open);
    },
  };
}

type Words = Extract<Outcome, { is: 'done' }>;

const asItStands = (session: Session, write: Edit, now: Standing): Outcome =>
  done(session, {
    comments: write.comments.map((comment) => ({ comment, text: now.get(comment)?.text ?? '' })),
    means: 'update',
  });

async function reworded(session: Session, write: Edit): Promise<Outcome> {
  const { commands, settle } = updateAttempt(session, write, 'w');
  return settle(commands.length === 0 ? new Map() : await session.client.run(commands));
}

/** A file that an earlier try has left under its name in a place where nothing else of ours lies. */
function takenUp(
  source: FileSource,
  places: readonly RawComment[],
  taken: ReadonlySet<LocalFileId>,
): { readonly place: RawComment; readonly file: LocalFileId } | undefined {
  const files = places.flatMap((place) =>
    place.files.filter(({ id }) => !taken.has(id)).map((file) => ({ ...file, place })),
  );
  const found = pairedFiles([source], files).get(source);
  return found === undefined ? undefined : { place: found.place, file: found.id };
}

async function inChat(
  session: Session,
  write: Edit & { readonly chat: string },
  change: FileChange,
  words: Words,
  now: Standing,
  open: OpenSource,
): Promise<Outcome> {
  const before = words.made.comments ?? [];
  const known = new Set([...write.comments, ...change.besides, ...before.map(({ comment }) => comment)]);
  const unclaimed = [...now.values()].filter(
    ({ id, author, text }) => !known.has(id) && author === session.settings.actor && text.trim() === '',
  );
  const failures: Trouble[] = [...words.failures];
  const gone = new Set<LocalCommentId>();
  for (const file of change.drop) {
    const holder = [...now.values()].find(({ files }) => files.some(({ id }) => id === file));
    const name = holder?.files.find(({ id }) => id === file)?.name ?? file;
    if (holder === undefined) continue;
    if (holder.text.trim() !== '') {
      failures.push(heldByWords(name));
      continue;
    }
    const command = deleteCommand(write, 'd', holder.id);
    const answer = await session.client.call(command.method, command.params);
    if (answer.is === 'ok') gone.add(holder.id);
    else failures.push(troubleOf(answer, name, command.method));
  }
  const comments: MadeComment[] = before.filter(({ comment }) => !gone.has(comment));
  const files: MadeFile[] = [];
  for (const source of change.add) {
    const found = takenUp(source, unclaimed, new Set(files.map(({ file }) => file)));
    if (found !== undefined) {
      comments.push({ comment: found.place.id, text: '' });
      files.push({ shared: source.shared, file: found.file });
      continue;
    }
    const told = await uploadToChat(session, write.chat, source, open, '');
    if (told.is === 'made') {
      comments.push({ comment: chatId(told.value.message), text: '' });
      files.push({ shared: source.shared, file: told.value.file });
    } else if (told.failure !== null && !told.failure.certain) {
      return unknown(session, { ...told.trouble, code: 'E-REMOTE-UNKNOWN' });
    } else failures.push(told.trouble);
  }
  return done(session, { ...words.made, comments, files }, failures);
}

const heldByWords = (name: string): Trouble => ({
  code: 'E-COMMENT-EDIT',
  about: name,
  wanted: 'the file taken off',
  answered: 'it lies in one message with the words',
  todo: 'Delete the message in the chat by hand if the file should go.',
});

async function onOldCard(
  session: Session,
  write: Edit,
  change: FileChange,
  words: Words,
  now: Standing,
  open: OpenSource,
): Promise<Outcome> {
  const failures: Trouble[] = [...words.failures];
  const [first = null] = words.made.comments ?? [];
  if (first === null) return words;
  const kept = new Set(change.keep.map(({ file }) => file));
  const strangers = (now.get(first.comment)?.files ?? []).filter(
    ({ id }) => !kept.has(id) && !change.drop.includes(id),
  );
  const pairs = pairedFiles(change.add, strangers);
  const adopted = change.add.flatMap((source): MadeFile[] => {
    const there = pairs.get(source);
    return there === undefined ? [] : [{ shared: source.shared, file: there.id }];
  });
  const uploaded: { readonly source: FileSource; readonly disk: string }[] = [];
  for (const source of change.add.filter((one) => !pairs.has(one))) {
    const told = await uploadToDrive(session, source, open);
    // An upload whose answer was lost lies on Drive, bound to nothing.
    if (told.is === 'made') uploaded.push({ source, disk: told.value });
    else failures.push(told.trouble);
  }
  // An upload takes its time: what somebody has put there meanwhile must be in the list as well.
  const before: Standing | Trouble =
    uploaded.length === 0 ? now : await standingOf(session, write, write.comments);
  if (isTrouble(before)) {
    failures.push(...uploaded.map(({ source }) => ({ ...before, about: source.name })));
    return done(session, { ...words.made, files: adopted }, failures);
  }
  const there = before.get(first.comment)?.files ?? [];
  const held = there.filter(({ id }) => !change.drop.includes(id));
  if (uploaded.length === 0 && held.length === there.length)
    return done(session, { ...words.made, files: adopted }, failures);

  // A binding can't be named again in this list; its file can.
  const disks = await objectsOf(
    session,
    held.map(({ id }) => id),
  );
  if (!Array.isArray(disks)) {
    failures.push(...uploaded.map(({ source }) => ({ ...disks, about: source.name })));
    return done(session, { ...words.made, files: adopted }, failures);
  }
  const method = 'task.commentitem.update';
  const answer = await session.client.call(method, {
    TASKID: Number(write.task),
    ITEMID: Number(numberIn('comment', first.comment) ?? 0),
    FIELDS: {
      POST_MESSAGE: first.text,
      UF_FORUM_MESSAGE_DOC: [...disks, ...uploaded.map(({ disk }) => disk)].map((id) => `n${id}`),
    },
  });
  if (answer.is === 'failed') {
    if (!answer.certain) return failedOutcome(session, answer, 'comment', method);
    failures.push(...uploaded.map(({ source }) => troubleOf(answer, source.name, method)));
    return done(session, { ...words.made, files: adopted }, failures);
  }
  // All of them hang there anew, under other numbers.
  const again = await standingOf(session, write, write.comments);
  const left = isTrouble(again) ? [] : (again.get(first.comment)?.files ?? []);
  const stood = [...change.keep, ...adopted].flatMap(({ shared, file }) => {
    const raw = held.find(({ id }) => id === file);
    return raw === undefined ? [] : [{ ...raw, shared }];
  });
  const ours = [...stood, ...uploaded.map(({ source }) => source)];
  const found = pairedFiles(ours, left);
  const files = ours.flatMap((one): MadeFile[] => {
    const file = found.get(one);
    return file === undefined ? [] : [{ shared: one.shared, file: file.id }];
  });
  return done(session, { ...words.made, files }, failures);
}

/** Numbers on Drive of files that are bound to a comment. */
async function objectsOf(session: Session, files: readonly LocalFileId[]): Promise<string[] | Trouble> {
  const method = 'disk.attachedObject.get';
  const answers = await session.client.run(
    files.map((file, index) => ({
      key: `o${String(index)}`,
      method,
      params: { id: numberIn('attachment', file) ?? '0' },
    })),
  );
  const disks: string[] = [];
  for (const answer of answers.values()) {
    if (answer.is === 'failed') return troubleOf(answer, 'file', method);
    const bound = Attachment.safeParse(answer.result);
    if (!bound.success || bound.data.OBJECT_ID === null)
      return { code: 'E-REMOTE-ANSWER', about: 'file', tried: method, todo: 'Add the file by hand.' };
    disks.push(bound.data.OBJECT_ID);
  }
  return disks;
}
