/** What rows of Bitrix24 mean in the words of the port. Pure. */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { type RawComment, type RawFile, type Snapshot } from '../../sync/core/replica.ts';
import { type ChatFile, type ChatMessage, OldComment, shapeOf, type TaskRow } from './schema.ts';

/** Names of tasks.task.get's `select` that a snapshot needs. */
export const taskSelect = [
  'ID',
  'TITLE',
  'DESCRIPTION',
  'STATUS',
  'STAGE_ID',
  'CREATED_BY',
  'RESPONSIBLE_ID',
  'ACCOMPLICES',
  'AUDITORS',
  'DEADLINE',
  'START_DATE_PLAN',
  'END_DATE_PLAN',
  'GROUP_ID',
  'CHANGED_DATE',
  'STATUS_CHANGED_DATE',
  'TASK_CONTROL',
  'CHAT_ID',
  'XML_ID',
  'UF_TASK_WEBDAV_FILES',
] as const;

const moment = (at: Instant | null): DateValue | null => (at === null ? null : { at, timed: true });
const person = (id: string): LocalPersonId => as<LocalPersonId>(id);

export const attachmentId = (id: string): LocalFileId => as<LocalFileId>(`attachment:${id}`);
export const diskId = (id: string): LocalFileId => as<LocalFileId>(`disk:${id}`);
export const chatId = (id: string): LocalCommentId => as<LocalCommentId>(`chat:${id}`);
export const commentId = (id: string): LocalCommentId => as<LocalCommentId>(`comment:${id}`);

/** The number in `chat:901`, `comment:55`, `attachment:2213`; null when it has another prefix or none. */
export function numberIn(prefix: 'chat' | 'comment' | 'attachment' | 'disk', id: string): string | null {
  const [head, tail] = id.split(':', 2);
  return head === prefix && tail !== undefined && /^[1-9]\d*$/.test(tail) ? tail : null;
}

export const isTaskNumber = (task: string): boolean => /^[1-9]\d{0,17}$/.test(task);

/**
 * A task as it was read. `chat` is what an earlier reading told, for a portal that leaves CHAT_ID out; a task has the
 * new card exactly when it has a chat (b24restdocs: api-reference/tasks/tasks-new.md).
 */
export function snapshotOf(row: TaskRow, files: readonly RawFile[], chat: string | null = null): Snapshot {
  const itsChat = row.chatId ?? chat;
  return {
    task: as<LocalTaskId>(row.id),
    title: row.title,
    description: row.description,
    status: as<LocalStatusId>(row.status),
    stage: as<LocalStageId>(row.stageId),
    object: null,
    creator: row.createdBy === null ? null : person(row.createdBy),
    assignees: row.responsibleId === null ? [] : [person(row.responsibleId)],
    participants: row.accomplices.map(person),
    auditors: row.auditors.map(person),
    start: moment(row.startDatePlan),
    deadline: moment(row.deadline),
    place: row.groupId,
    files,
    changedAt: row.changedDate,
    statusChangedAt: row.statusChangedDate,
    control: row.taskControl === true,
    world: itsChat === null ? 'old-card' : 'chat',
    chat: itsChat,
    actions: row.action ?? null,
    deleted: false,
    mark: row.xmlId === null || row.xmlId === undefined || row.xmlId === '' ? null : as<Mark>(row.xmlId),
  };
}

export type Read<Value> =
  { readonly is: 'read'; readonly value: Value } | { readonly is: 'failed'; readonly trouble: Trouble };

export const oddRow = (about: string, tried: string, shape: string): Trouble => ({
  code: 'E-REMOTE-ANSWER',
  about,
  tried,
  answered: shape,
  todo: 'Report this answer of Bitrix24 with its shape; what else was read goes on.',
});

/** A comment of the old card. System comments look like people's there (b24-rest-docs#81). */
export function oldComment(row: unknown): Read<RawComment> {
  const parsed = OldComment.safeParse(row);
  if (!parsed.success)
    return { is: 'failed', trouble: oddRow('comment', 'task.commentitem.getlist', shapeOf(parsed.error)) };
  const comment = parsed.data;
  return {
    is: 'read',
    value: {
      id: commentId(comment.ID),
      author: comment.AUTHOR_ID === null ? null : person(comment.AUTHOR_ID),
      authorName: comment.AUTHOR_NAME,
      at: comment.POST_DATE,
      text: comment.POST_MESSAGE,
      files: [...comment.ATTACHED_OBJECTS.values()].map((file) => ({
        id: attachmentId(file.ATTACHMENT_ID),
        name: file.NAME,
        size: file.SIZE ?? null,
      })),
      recipients: [],
      replyTo: null,
      hidden: false,
      system: comment.AUTHOR_ID === null,
      mark: null,
    },
  };
}

const isYes = (flag: unknown): boolean => flag === 'Y' || flag === true || flag === 1 || flag === '1';

/** `[DISK=5501]`, `[DISK FILE ID=n5501]`: a file named inside a text. */
const diskTag = /\[disk(?: file id)?=n?(\d+)\]/gi;

export interface ChatRow {
  readonly comment: RawComment;
  readonly deleted: boolean;
}

/** Files that a message names by itself: in `params.FILE_ID`, or by a tag in its text. */
const namedFiles = (message: ChatMessage): readonly string[] => [
  ...(message.params.FILE_ID ?? []),
  ...[...message.text.matchAll(diskTag)].flatMap(([, id]) => (id === undefined ? [] : [id])),
];

export type FileLink = 'params' | 'text' | 'none';

/** How the messages of a page point to the files that it describes; null when it has none that were said in it. */
export function fileLinkOf(
  messages: readonly ChatMessage[],
  files: ReadonlyMap<string, ChatFile>,
): FileLink | null {
  const has = (ids: readonly string[]): boolean => ids.some((id) => files.has(id));
  if (messages.some(({ params }) => has(params.FILE_ID ?? []))) return 'params';
  if (messages.some((message) => has(namedFiles(message)))) return 'text';
  const loose = messages.some(({ author_id: author, date }) =>
    [...files.values()].some((file) => file.authorId === author && file.date === date),
  );
  return loose ? 'none' : null;
}

/**
 * Messages of a chat page. Who wrote them and their files stand in sibling lists; how a message points to its files is
 * not documented (reference §23 no. 22), so three ways are understood: `params.FILE_ID`, a tag in the text, and, for
 * files that no message names, the same author and moment. A file that the page does not describe is gone.
 */
export function chatMessages(
  messages: readonly ChatMessage[],
  names: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, ChatFile>,
): readonly ChatRow[] {
  const claimed = new Set(messages.flatMap(namedFiles));
  const loose = [...files.values()].filter(({ id }) => !claimed.has(id));
  return messages.map((message) => {
    const named = [...new Set(namedFiles(message))];
    const alike = loose.filter(
      ({ authorId, date }) => authorId === message.author_id && date === message.date,
    );
    const own = [...named.flatMap((id) => files.get(id) ?? []), ...alike];
    const text = message.text.replace(diskTag, (tag, id: string) => (files.has(id) ? '' : tag));
    const system = message.author_id === '0' || isYes(message.isSystem);
    const reply = message.params.REPLY_ID ?? null;
    const empty = text === '' && named.length === 0 && own.length === 0 && !system;
    return {
      deleted: isYes(message.params.IS_DELETED) || empty,
      comment: {
        id: chatId(message.id),
        author: message.author_id === '0' ? null : person(message.author_id),
        authorName: names.get(message.author_id) ?? '',
        at: message.date,
        text,
        files: own.map(({ id, name, size }) => ({ id: diskId(id), name, size: size ?? null })),
        recipients: [],
        replyTo: reply === null ? null : chatId(reply),
        hidden: false,
        system,
        mark: null,
      },
    };
  });
}
