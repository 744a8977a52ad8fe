/** What rows of Bitrix24 mean in the words of the port. Pure. */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { type RawComment, type RawFile, type Snapshot } from '../../sync/core/replica.ts';
import {
  type ChatMessage,
  ChatMessage as ChatMessageRow,
  OldComment,
  shapeOf,
  type TaskRow,
} from './schema.ts';

/** Names of tasks.task.get's `select` that a snapshot needs. */
export const taskSelect = [
  'ID',
  'TITLE',
  'DESCRIPTION',
  'STATUS',
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

/** A message of a chat page: who wrote it and its files stand in sibling lists. */
export function chatMessage(
  row: unknown,
  names: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, RawFile>,
): Read<{ readonly comment: RawComment; readonly deleted: boolean }> {
  const parsed = ChatMessageRow.safeParse(row);
  if (!parsed.success)
    return { is: 'failed', trouble: oddRow('comment', 'im.dialog.messages.get', shapeOf(parsed.error)) };
  const message: ChatMessage = parsed.data;
  const named = message.params.FILE_ID ?? [];
  // A file that the page does not describe is gone from the chat.
  const own = named.flatMap((id) => files.get(id) ?? []);
  const system = message.author_id === '0' || isYes(message.isSystem);
  const reply = message.params.REPLY_ID ?? null;
  return {
    is: 'read',
    value: {
      deleted: isYes(message.params.IS_DELETED) || (message.text === '' && named.length === 0 && !system),
      comment: {
        id: chatId(message.id),
        author: message.author_id === '0' ? null : person(message.author_id),
        authorName: names.get(message.author_id) ?? '',
        at: message.date,
        text: message.text,
        files: own,
        recipients: [],
        replyTo: reply === null ? null : chatId(reply),
        hidden: false,
        system,
        mark: null,
      },
    },
  };
}
