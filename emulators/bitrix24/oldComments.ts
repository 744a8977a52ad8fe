/**
 * What becomes of a task's old comments when it gets the new card (setting `taskCard.oldComments`). No page of the vendor
 * says whether a portal brings them into the chat (b24restdocs: api-reference/tasks/tasks-new.md).
 */
import { type Instant } from '../common/types.ts';
import { seconds } from './moments.ts';
import { word } from './settings.ts';
import { type Chat, insertAscending, nextId, type State, type Task } from './state.ts';

/** Puts the old comments of a task into its new chat, in the order of their numbers; nobody is told and nothing fires. */
export const bringOldComments = (state: State, task: Task, chat: Chat, now: Instant): void => {
  const how = word(state, 'taskCard.oldComments');
  if (how === 'stay') return;
  const bySystem = how === 'copied-by-system';
  for (const id of task.comments) {
    const comment = state.comments.get(id);
    if (comment === undefined) continue;
    const message = {
      id: nextId(state, 'message'),
      chat: chat.id,
      author: bySystem ? 0 : comment.author,
      date: seconds(how === 'moved' ? comment.date : now),
      text: comment.text,
      files: comment.attachments.flatMap((attachment) => state.attachments.get(attachment)?.disk ?? []),
      edited: false,
      deleted: false,
      likes: [],
      uuid: null,
      templateId: null,
      replyTo: null,
    };
    state.messages.set(message.id, message);
    insertAscending(chat.messages, message.id);
    if (!bySystem) state.comments.delete(id);
  }
  if (!bySystem) task.comments = [];
};
