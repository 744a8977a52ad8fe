/** `im.v2.Event.*`: what happened in the chats of one user, kept for a day (section 15). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { isoAt, seconds } from './moments.ts';
import { word } from './settings.ts';
import { type Chat, type Message, nextId, type State } from './state.ts';
import { asInt, refuse } from './values.ts';

const kept = 24 * 3_600_000;

/** A person as events show him: without what depends on the reader, never online. */
const eventUser = (state: State, id: number): Json => {
  const user = state.users.get(id);
  const [first = '', ...rest] = (user?.name ?? '').split(' ');
  return {
    id,
    active: user?.active ?? false,
    name: user?.name ?? '',
    firstName: first,
    lastName: rest.join(' '),
    workPosition: user?.position ?? '',
    color: '#58cc47',
    avatar: '',
    gender: '',
    birthday: '',
    extranet: user?.type === 'extranet',
    bot: false,
    connector: false,
    externalAuthId: 'default',
    status: 'online',
    idle: false,
    lastActivityDate: false,
    mobileLastDate: false,
    desktopLastDate: false,
    absent: false,
    departments: [...(user?.departments ?? [])],
    phones: false,
    type: user?.type ?? 'employee',
  };
};

const eventChat = (state: State, chat: Chat): Json => {
  const task = state.tasks.get(chat.task);
  return {
    id: chat.id,
    dialogId: `chat${chat.id}`,
    name: task?.title ?? '',
    type: 'tasksTask',
    messageType: 'X',
    owner: task?.creator ?? 0,
    color: '#f76187',
    avatar: '',
    description: '',
    extranet: false,
    containsCollaber: false,
    entityType: 'TASKS_TASK',
    entityId: String(chat.task),
    entityData1: '',
    entityData2: '',
    entityData3: '',
    entityLink: { type: 'TASKS_TASK', url: '', id: String(chat.task) },
    parentChatId: 0,
    parentMessageId: 0,
    isNew: false,
    textFieldEnabled: 'Y',
    backgroundId: null,
  };
};

/** Keeps an event for every member of the chat who subscribed. */
const keep = (
  call: Call,
  chat: Chat,
  type: string,
  about: number,
  data: { readonly [key: string]: Json },
): void => {
  const { state, now } = call;
  for (const member of chat.members) {
    const log = state.imEvents.get(member);
    if (log?.subscribed !== true) continue;
    log.events.push({
      id: nextId(state, 'im_event'),
      type,
      date: seconds(now),
      chat: chat.id,
      data: { ...data, chat: eventChat(state, chat), user: eventUser(state, about), language: 'ru' },
    });
  }
};

/** A message as events carry it. */
const eventMessage = (state: State, chat: Chat, message: Message): Json => ({
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
});

/** Records what happened to a message for every subscribed member. */
export const record = (call: Call, chat: Chat, type: string, message: Message): void => {
  if (call.state.imEvents.size === 0) return;
  const data: { readonly [key: string]: Json } =
    type === 'ONIMV2MESSAGEDELETE'
      ? { messageId: message.id }
      : { message: eventMessage(call.state, chat, message) };
  keep(call, chat, type, message.author, data);
};

/** Records that the caller began or ceased to like a message. */
export const recordReaction = (call: Call, chat: Chat, message: Message, added: boolean): void => {
  if (call.state.imEvents.size === 0) return;
  const action = added ? 'add' : 'delete';
  const data = { reaction: 'like', action, message: eventMessage(call.state, chat, message) };
  keep(call, chat, 'ONIMV2REACTIONCHANGE', call.user, data);
};

/** Puts a person into a chat and records ONIMV2JOINCHAT; nothing when he is there already. */
export const joinChat = (call: Call, chat: Chat, user: number): void => {
  if (chat.members.includes(user)) return;
  chat.members.push(user);
  if (call.state.imEvents.size > 0) {
    keep(call, chat, 'ONIMV2JOINCHAT', user, { dialogId: `chat${chat.id}` });
  }
};

export const leaveChat = (chat: Chat, user: number): void => {
  chat.members = chat.members.filter((member) => member !== user);
  chat.hidden.delete(user);
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
      const log = call.state.imEvents.get(call.user);
      if (log === undefined) call.state.imEvents.set(call.user, { subscribed: true, events: [] });
      else log.subscribed = true;
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
      const log = call.state.imEvents.get(call.user);
      if (log !== undefined) log.subscribed = false;
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
      const log = state.imEvents.get(user);
      const events = (log?.events ?? []).filter(
        (event) => event.date >= now - kept && (offset === undefined || event.id >= offset),
      );
      if (log !== undefined) log.events = events;
      const shown = events.slice(0, limit);
      const last = shown.at(-1);
      return answer({
        events: shown.map((event): Json => ({
          eventId: event.id,
          type: event.type,
          date: isoAt(state, event.date),
          data: event.data,
        })),
        nextOffset: last === undefined ? (offset ?? 0) : last.id + 1,
        hasMore: events.length > shown.length,
      });
    },
  },
];
