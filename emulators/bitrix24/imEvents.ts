/** `im.v2.Event.*`: what happened in the chats of one user, kept for a day (section 15). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { isoAt, seconds } from './moments.ts';
import { word } from './settings.ts';
import { type Chat, type Message, nextId } from './state.ts';
import { asInt, refuse } from './values.ts';

const kept = 24 * 3_600_000;

/** Records a chat event for every subscribed member. */
export const record = (call: Call, chat: Chat, type: string, message: Message): void => {
  const { state, now } = call;
  if (state.imEvents.size === 0) return;
  const task = state.tasks.get(chat.task);
  const user = state.users.get(message.author);
  const about: { [key: string]: Json } = {
    chat: {
      id: chat.id,
      dialogId: `chat${chat.id}`,
      name: task?.title ?? '',
      type: 'tasksTask',
      messageType: 'X',
      owner: task?.creator ?? 0,
      entityType: 'TASKS_TASK',
      entityId: String(chat.task),
    },
    user: { id: message.author, name: user?.name ?? '' },
    language: 'ru',
  };
  const data: Json =
    type === 'ONIMV2MESSAGEDELETE'
      ? { messageId: message.id, ...about }
      : {
          message: {
            id: message.id,
            chatId: chat.id,
            authorId: message.author,
            date: isoAt(state, message.date),
            text: message.text,
            isSystem: message.author === 0,
            uuid: message.uuid ?? '',
            forward: null,
            params: message.files.length > 0 ? { FILE_ID: [...message.files] } : {},
            viewedByOthers: true,
          },
          ...about,
        };
  for (const member of chat.members) {
    state.imEvents
      .get(member)
      ?.push({ id: nextId(state, 'im_event'), type, date: seconds(now), chat: chat.id, data });
  }
};

/** Modules that are older than these methods do not know them. */
const known = (call: Call): void => {
  if (word(call.state, 'im.events') === 'absent') refuse(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
};

export const imEventMethods: readonly Method[] = [
  {
    name: 'im.v2.Event.subscribe',
    version: 2,
    scope: ['im'],
    write: false,
    run: (call) => {
      known(call);
      if (!call.state.imEvents.has(call.user)) call.state.imEvents.set(call.user, []);
      return answer(true);
    },
  },
  {
    name: 'im.v2.Event.unsubscribe',
    version: 2,
    scope: ['im'],
    write: false,
    run: (call) => {
      known(call);
      call.state.imEvents.delete(call.user);
      return answer(true);
    },
  },
  {
    name: 'im.v2.Event.get',
    version: 2,
    scope: ['im'],
    write: false,
    run: (call, params) => {
      known(call);
      const { state, user, now } = call;
      const offset = asInt(params['offset']);
      const limit = Math.min(1000, Math.max(1, asInt(params['limit']) ?? 100));
      const kinds = (state.imEvents.get(user) ?? []).filter(
        (event) => event.date >= now - kept && (offset === undefined || event.id >= offset),
      );
      if (state.imEvents.has(user)) state.imEvents.set(user, kinds);
      const shown = kinds.slice(0, limit);
      const last = shown.at(-1);
      return answer({
        events: shown.map((event): Json => ({
          eventId: event.id,
          type: event.type,
          date: isoAt(state, event.date),
          data: event.data,
        })),
        nextOffset: last === undefined ? (offset ?? 0) : last.id + 1,
        hasMore: kinds.length > shown.length,
      });
    },
  },
];
