/** Chats of tasks: who belongs to them, posting into them, and what follows from a post (section 15). */
import { type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { commentAdded, fire } from './events.ts';
import { joinChat, leaveChat, record } from './imEvents.ts';
import { seconds } from './moments.ts';
import { mentioned, tell } from './notices.ts';
import { touch } from './recency.ts';
import { amount, flag, word } from './settings.ts';
import {
  type Chat,
  insertAscending,
  type Message,
  nextId,
  participants,
  randomHex,
  type State,
  type Task,
} from './state.ts';

const cutMark = ' (...)';

/** Text cut at the limit of the portal, its last characters replaced by the mark. */
const cut = (state: State, text: string): string => {
  const most = amount(state, 'limits.chatMessageMax');
  const signs = [...text];
  if (signs.length <= most) return text;
  return signs.slice(0, Math.max(0, most - cutMark.length)).join('') + cutMark;
};

/** Makes the chat of a task, with the people of the task as members. */
export const createChat = (state: State, task: Task): Chat => {
  const chat: Chat = {
    id: nextId(state, 'chat'),
    task: task.id,
    members: participants(task),
    messages: [],
    hidden: new Map(),
  };
  state.chats.set(chat.id, chat);
  task.chat = chat.id;
  task.forumTopic = null;
  return chat;
};

/** People who join a task join its chat; those who leave it leave the chat. */
export const syncMembers = (call: Call, task: Task, before: readonly number[]): void => {
  const chat = task.chat === null ? undefined : call.state.chats.get(task.chat);
  if (chat === undefined) return;
  const now = participants(task);
  const left = before.filter((id) => !now.includes(id));
  for (const id of left) leaveChat(chat, id);
  for (const id of now) joinChat(call, chat, id);
};

/** The chat of a task on the new card. */
export const chatOf = (state: State, task: Task): Chat | undefined =>
  task.card === 'new' && task.chat !== null ? state.chats.get(task.chat) : undefined;

interface Post {
  readonly author: number;
  readonly text: string;
  readonly files?: readonly number[];
  readonly date?: number;
  readonly templateId?: string;
  readonly replyTo?: number;
}

/** Writes a message, moves the activity of the task, fires ONTASKCOMMENTADD, records im events, tells the members. */
export const post = (call: Call, chat: Chat, post: Post): Message => {
  const { state, now } = call;
  const system = post.author === 0;
  const message: Message = {
    id: nextId(state, 'message'),
    chat: chat.id,
    author: post.author,
    date: seconds(post.date ?? now),
    text: cut(state, post.text),
    files: [...(post.files ?? [])],
    edited: false,
    deleted: false,
    likes: [],
    uuid: system ? null : uuid(state),
    templateId: post.templateId ?? null,
    replyTo: post.replyTo ?? null,
  };
  state.messages.set(message.id, message);
  insertAscending(chat.messages, message.id);
  const task = state.tasks.get(chat.task);
  if (task !== undefined) {
    task.activity = seconds(now);
    touch(state.activity, task.id, task.activity);
    if (!system && flag(state, 'chat.touchesChangedDate')) {
      task.changed = seconds(now);
      touch(state.changed, task.id, task.changed);
    }
    if (!system || flag(state, 'events.onSystemMessages')) {
      fire(
        call,
        'ONTASKCOMMENTADD',
        task.id,
        commentAdded({ ID: 0, MESSAGE_ID: message.id, TASK_ID: task.id }),
      );
    }
    if (!system) {
      const called = mentioned(message.text);
      tell(call, called, 'mention', task.id, message.text);
      tell(
        call,
        chat.members.filter((id) => !called.includes(id)),
        'comment',
        task.id,
        message.text,
      );
    }
  }
  record(call, chat, 'ONIMV2MESSAGEADD', message);
  return message;
};

const uuid = (state: State): string => {
  const hex = randomHex(state, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};

/** A line of the portal itself in the chat of a task; nothing on the old card. */
export const say = (call: Call, task: Task, text: string): void => {
  const chat = chatOf(call.state, task);
  if (chat !== undefined) post(call, chat, { author: 0, text });
};

/** `[USER=5 REPLACE]Name[/USER]`, as system messages name people. */
export const named = (state: State, user: number): string => {
  const person = state.users.get(user);
  return person === undefined ? 'Система' : `[USER=${user} REPLACE]${person.name}[/USER]`;
};

/** Replaces the text of a message; an empty text deletes it, as the vendor documents. */
export const editMessage = (call: Call, chat: Chat, message: Message, text: string): void => {
  if (text === '') {
    deleteMessage(call, chat, message);
    return;
  }
  message.text = cut(call.state, text);
  message.edited = true;
  record(call, chat, 'ONIMV2MESSAGEUPDATE', message);
};

export const deleteMessage = (call: Call, chat: Chat, message: Message): void => {
  message.deleted = true;
  message.text = 'Сообщение удалено';
  message.files = [];
  record(call, chat, 'ONIMV2MESSAGEDELETE', message);
};

/** True while the edit window of `chat.editWindowSeconds` is open. */
export const stillEditable = (call: Call, message: Message): boolean => {
  const window = amount(call.state, 'chat.editWindowSeconds');
  return window === 0 || call.now - message.date <= window * 1000;
};

/** `params` of a message: files, likes, what it answers, edit and delete marks; empty as PHP's empty list. */
export const paramsOf = (state: State, message: Message): Json => {
  const params: { [key: string]: Json } = {};
  if (message.author === 0) params['NOTIFY'] = 'N';
  if (message.files.length > 0 && word(state, 'chat.fileLink') === 'params') {
    params['FILE_ID'] = [...message.files];
  }
  if (message.likes.length > 0) params['LIKE'] = [...message.likes];
  // Inferred: the pages tell how a reply is sent, not how it is read; the module keeps it among the params.
  if (message.replyTo !== null) params['REPLY_ID'] = message.replyTo;
  if (message.edited) params['IS_EDITED'] = 'Y';
  if (message.deleted) params['IS_DELETED'] = 'Y';
  return Object.keys(params).length === 0 ? [] : params;
};

/** Text of a message as im.* shows it. */
export const shownText = (state: State, message: Message): string =>
  message.files.length > 0 && word(state, 'chat.fileLink') === 'text'
    ? [message.text, ...message.files.map((file) => `[DISK=${file}]`)]
        .filter((line) => line !== '')
        .join('\n')
    : message.text;
