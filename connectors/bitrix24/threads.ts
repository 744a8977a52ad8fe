/**
 * Comments of a task in both worlds: the old card's list, which comes whole, and the chat of the new card, walked from
 * its newest message back. Reading from the newest end needs no message of ours to be still there: a FIRST_ID that the
 * chat has lost is answered with nothing, which would look like silence (b24restdocs: im-dialog-messages-get.md).
 */
import { type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type CommentsReading, type RawComment } from '../../sync/core/replica.ts';
import { troubleOf } from './failure.ts';
import { ChatFile, ChatMessage, ChatUser, MessagePage, shapeOf } from './schema.ts';
import {
  type ChatRow,
  chatMessages,
  type FileLink,
  fileLinkOf,
  numberIn,
  oddRow,
  oldComment,
} from './service.ts';
import { type Job } from './session.ts';

/** Most messages of one page. */
const pageMax = 50;
/** Enough to meet the youngest known message in a lively chat. */
const newestPage = 20;
/** A chat longer than this many pages is given up, not read for ever. */
const pagesMax = 400;

export type ThreadTold =
  | { readonly is: 'read'; readonly value: CommentsReading }
  /** `outside`: the acting user has no seat in the chat. */
  | { readonly is: 'failed'; readonly trouble: Trouble; readonly outside?: boolean };

/** The whole list of the old card. */
export function oldThread(task: LocalTaskId, told: (thread: ThreadTold) => void): Job {
  const method = 'task.commentitem.getlist';
  return {
    method,
    params: { TASKID: Number(task), ORDER: { ID: 'asc' } },
    take: (answer) => {
      if (answer.is === 'failed') {
        told({ is: 'failed', trouble: troubleOf(answer, 'comment', method) });
        return [];
      }
      const rows = Array.isArray(answer.result) ? (answer.result as unknown[]) : null;
      if (rows === null) {
        told({ is: 'failed', trouble: oddRow('comment', method, 'no list') });
        return [];
      }
      const found = new Map<LocalCommentId, RawComment>();
      for (const row of rows) {
        const comment = oldComment(row);
        if (comment.is === 'failed') {
          // One left out would look like one that was deleted.
          told(comment);
          return [];
        }
        found.set(comment.value.id, comment.value);
      }
      const list = [...found.values()];
      list.sort((one, other) => order(one.id) - order(other.id));
      told({ is: 'read', value: { list, extent: { kind: 'all' }, deleted: [] } });
      return [];
    },
  };
}

const order = (id: LocalCommentId): number => Number(/\d+$/.exec(id)?.[0] ?? 0);

interface Page {
  readonly messages: readonly ChatRow[];
  readonly trouble: Trouble | null;
  readonly link?: FileLink | null;
}

function readPage(result: unknown, chat: string): Page {
  const method = 'im.dialog.messages.get';
  const page = MessagePage.safeParse(result);
  if (!page.success) return { messages: [], trouble: oddRow('comment', method, shapeOf(page.error)) };
  const names = new Map<string, string>();
  for (const row of page.data.users) {
    const user = ChatUser.safeParse(row);
    if (user.success) names.set(user.data.id, user.data.name);
  }
  const files = new Map<string, ChatFile>();
  for (const row of page.data.files) {
    const file = ChatFile.safeParse(row);
    if (file.success) files.set(file.data.id, file.data);
  }
  const messages: ChatMessage[] = [];
  for (const row of page.data.messages) {
    const message = ChatMessage.safeParse(row);
    // One left out would look like one that was deleted.
    if (!message.success) return { messages: [], trouble: oddRow('comment', method, shapeOf(message.error)) };
    if ((message.data.chat_id ?? chat) !== chat)
      return { messages: [], trouble: oddRow('comment', method, 'a message of another chat') };
    messages.push(message.data);
  }
  return {
    messages: chatMessages(messages, names, files),
    trouble: null,
    link: fileLinkOf(messages, files),
  };
}

/** Messages of a chat: all of them, or those younger than `after`. `linked` hears how they point to their files. */
export function chatThread(
  chat: string,
  after: LocalCommentId | null,
  told: (thread: ThreadTold) => void,
  linked: (link: FileLink) => void = () => undefined,
): Job {
  const method = 'im.dialog.messages.get';
  const bound = after === null ? null : numberIn('chat', after);
  const known = bound === null ? null : Number(bound);
  const found = new Map<number, ChatRow>();

  const finish = (whole: boolean): void => {
    const wanted = [...found]
      .filter(([id]) => whole || known === null || id > known)
      .sort(([one], [other]) => one - other)
      .map(([, message]) => message);
    told({
      is: 'read',
      value: {
        list: wanted.filter(({ deleted }) => !deleted).map(({ comment }) => comment),
        deleted: wanted.filter(({ deleted }) => deleted).map(({ comment }) => comment.id),
        extent: whole ? { kind: 'all' } : { kind: 'after', known: after },
      },
    });
  };

  const page = (before: number | null, pages: number): Job => {
    const limit = known !== null && pages === 0 ? newestPage : pageMax;
    return {
      method,
      params: { DIALOG_ID: `chat${chat}`, LIMIT: limit, ...(before === null ? {} : { LAST_ID: before }) },
      take: (answer) => {
        if (answer.is === 'failed') {
          told({
            is: 'failed',
            trouble: troubleOf(answer, 'comment', method, `chat ${chat}`),
            outside: answer.code === 'ACCESS_ERROR',
          });
          return [];
        }
        const { messages, trouble, link } = readPage(answer.result, chat);
        if (trouble !== null) {
          told({ is: 'failed', trouble });
          return [];
        }
        if (link != null) linked(link);
        for (const message of messages) found.set(order(message.comment.id), message);
        const oldest = Math.min(...messages.map(({ comment }) => order(comment.id)));
        const reached = known !== null && oldest <= known;
        // A chat has its first line from its birth: a page without any proves neither messages nor deletions.
        if (found.size === 0) finish(false);
        else if (messages.length < limit) finish(true);
        else if (before !== null && oldest >= before)
          told({ is: 'failed', trouble: oddRow('comment', method, 'a page that leads no further back') });
        else if (reached) finish(false);
        else if (pages + 1 >= pagesMax)
          told({ is: 'failed', trouble: oddRow('comment', method, `more than ${String(pagesMax)} pages`) });
        else return [page(oldest, pages + 1)];
        return [];
      },
    };
  };
  return page(null, 0);
}
