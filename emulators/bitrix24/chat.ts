/** im.* methods of task chats: finding, reading, writing, members (section 15). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { checkExtras } from './messageExtras.ts';
import { isoAt, moment } from './moments.ts';
import { deleteMessage, editMessage, paramsOf, post, shownText, stillEditable } from './posts.ts';
import { canRead } from './rights.ts';
import { word } from './settings.ts';
import { type Chat, type DiskFile, lowerBound, type Message, type State } from './state.ts';
import { asInt, asRecord, asText, camel, isYes, type Params, pick, refuse } from './values.ts';

const scope = ['im'] as const;

/** A method of the messenger. */
export const imMethod = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope,
  write,
  run,
});

/** The refusal of whoever does not take part in a dialog. */
export const accessError = (): never =>
  refuse(403, 'ACCESS_ERROR', 'You do not have access to the specified dialog');

/** Whether the caller takes part in a chat, or may read it as administrator by the setting. */
export const readsChat = (call: Call, chat: Chat): boolean =>
  chat.members.includes(call.user) ||
  (call.admin && word(call.state, 'chat.readableBy') === 'members-and-admins');

/** Chat of a dialog id such as `chat2101`. */
export const dialogOf = (state: State, dialog: Json | undefined): Chat | undefined => {
  const match = /^chat(\d+)$/.exec(asText(dialog).trim());
  return match === null ? undefined : state.chats.get(Number(match[1]));
};

const dialogForm = /^(chat\d+|sg\d+|\d+)$/;

/** The chat of a task that DIALOG_ID names, if the caller reads it. */
export const givenDialog = (call: Call, params: Params): Chat => {
  const dialog = pick(params, 'DIALOG_ID', 'dialogId');
  // Absent, empty and of an unknown form are one error of the page.
  if (!dialogForm.test(asText(dialog).trim())) refuse(400, 'DIALOG_ID_EMPTY', "Dialog ID can't be empty");
  const chat = dialogOf(call.state, dialog);
  return chat !== undefined && readsChat(call, chat) ? chat : accessError();
};

/** A person as im.* shows it. */
export const imUser = (state: State, id: number): Json => {
  const user = state.users.get(id);
  const [first = '', ...rest] = (user?.name ?? '').split(' ');
  return {
    id,
    active: user?.active ?? false,
    name: user?.name ?? '',
    first_name: first,
    last_name: rest.join(' '),
    work_position: user?.position ?? '',
    color: '#58cc47',
    avatar: '',
    avatar_hr: '',
    gender: '',
    birthday: '',
    extranet: user?.type === 'extranet',
    network: false,
    bot: false,
    connector: false,
    external_auth_id: user?.externalAuthId === '' ? 'default' : (user?.externalAuthId ?? 'default'),
    status: 'online',
    idle: false,
    last_activity_date: '2026-09-28T09:00:00+03:00',
    mobile_last_date: false,
    desktop_last_date: false,
    absent: false,
    phones: false,
    bot_data: null,
    website: '',
    departments: [...(user?.departments ?? [])],
    type: user?.type === 'employee' ? 'user' : (user?.type ?? 'user'),
    email: user?.email ?? '',
  };
};

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(png|jpe?g|gif|webp|bmp)$/i, 'image'],
  [/^(mp4|mov|avi|webm)$/i, 'video'],
  [/^(mp3|wav|ogg|m4a)$/i, 'audio'],
];

/** A file of a chat as im.* shows it. */
export const imFile = (state: State, file: DiskFile): Json => {
  const extension = /\.([^.]+)$/.exec(file.name)?.[1] ?? '';
  const url = `https://${state.portal.domain}/bitrix/services/main/ajax.php?action=disk.api.file.download&fileId=${file.id}`;
  const kind = kinds.find(([pattern]) => pattern.test(extension))?.[1] ?? 'file';
  return {
    id: file.id,
    chatId: file.chat ?? 0,
    date: isoAt(state, file.created),
    type: kind,
    name: file.name,
    extension,
    size: file.size,
    image: false,
    status: 'done',
    progress: 100,
    authorId: file.createdBy,
    authorName: state.users.get(file.createdBy)?.name ?? '',
    urlPreview: '',
    urlShow: url,
    urlDownload: url,
    viewerAttrs: {
      viewer: '',
      viewerType: kind === 'image' ? 'image' : 'unknown',
      src: url,
      objectId: String(file.id),
      viewerGroupBy: String(file.chat ?? 0),
      imChatId: file.chat ?? 0,
      title: file.name,
      actions: '[{"type":"download"}]',
    },
    mediaUrl: { preview: { '250': '' } },
    isTranscribable: false,
    isVideoNote: false,
    isVoiceNote: false,
  };
};

const shownMessage = (state: State, message: Message): Json => ({
  id: message.id,
  chat_id: message.chat,
  author_id: message.author,
  date: isoAt(state, message.date),
  text: shownText(state, message),
  unread: false,
  uuid: message.uuid,
  replaces: [],
  params: paramsOf(state, message),
  disappearing_date: null,
});

const withPeople = (state: State, chat: Chat, messages: readonly Message[]): Json => {
  const authors = [...new Set(messages.map((message) => message.author))].filter((id) => id !== 0);
  const files = messages.flatMap((message) => message.files.flatMap((id) => state.files.get(id) ?? []));
  return {
    chat_id: chat.id,
    messages: messages.map((message) => shownMessage(state, message)),
    users: authors.sort((a, b) => a - b).map((id) => imUser(state, id)),
    files: files.map((file) => imFile(state, file)),
  };
};

const boundOf = (params: Params, name: 'FIRST_ID' | 'LAST_ID'): number | undefined => {
  const value = pick(params, name);
  if (value === undefined || value === null || value === '') return undefined;
  const words = name === 'FIRST_ID' ? 'First' : 'Last';
  return asInt(value) ?? refuse(400, `${name}_STRING`, `${words} ID can't be string`);
};

/** Messages that a reader sees: those before he was added without the history stay hidden from him. */
const visible = ({ state, user }: Call, chat: Chat): readonly number[] => {
  const until = chat.hidden.get(user);
  const ids = until === undefined ? chat.messages : chat.messages.slice(lowerBound(chat.messages, until + 1));
  return word(state, 'chat.deletedMessages') === 'gone'
    ? ids.filter((id) => state.messages.get(id)?.deleted === false)
    : ids;
};

const read: Method['run'] = (call, params) => {
  const chat = givenDialog(call, params);
  const { state } = call;
  const last = boundOf(params, 'LAST_ID');
  const first = boundOf(params, 'FIRST_ID');
  const limit = Math.min(50, Math.max(1, asInt(pick(params, 'LIMIT')) ?? 20));
  const known = (id: number): boolean => id === 0 || state.messages.get(id)?.chat === chat.id;
  const ids = visible(call, chat);
  let chosen: readonly number[];
  if (first !== undefined) {
    const from = lowerBound(ids, first + 1);
    chosen = known(first) ? ids.slice(from, from + limit) : [];
  } else if (last !== undefined && last !== 0) {
    const to = lowerBound(ids, last);
    chosen = known(last) ? ids.slice(Math.max(0, to - limit), to) : [];
  } else chosen = ids.slice(Math.max(0, ids.length - limit));
  const messages = chosen.flatMap((id) => state.messages.get(id) ?? []).reverse();
  return answer(withPeople(state, chat, messages));
};

const camelKeys = (row: Json): { [key: string]: Json } =>
  Object.fromEntries(Object.entries(asRecord(row)).map(([key, value]) => [camel(key), value]));

/** What im.dialog.messages.search answers: the newer form of im, camelCase, with its empty companions. */
const searched = (state: State, messages: readonly Message[]): Json => {
  const authors = [...new Set(messages.map((message) => message.author))].filter((id) => id !== 0);
  return {
    users: authors.sort((a, b) => a - b).map((id): Json => camelKeys(imUser(state, id))),
    files: messages.flatMap((message) =>
      message.files.flatMap((id) => {
        const file = state.files.get(id);
        return file === undefined ? [] : [imFile(state, file)];
      }),
    ),
    additionalMessages: [],
    copilot: null,
    stickers: [],
    reactions: [],
    tariffRestrictions: { isHistoryLimitExceeded: false },
    usersShort: [],
    messages: messages.map((message): Json => ({
      id: message.id,
      chatId: message.chat,
      chat_id: message.chat,
      authorId: message.author,
      author_id: message.author,
      date: isoAt(state, message.date),
      text: shownText(state, message),
      isSystem: message.author === 0,
      uuid: message.uuid,
      forward: null,
      params: paramsOf(state, message),
      viewedByOthers: false,
      block: null,
      unread: false,
      viewed: true,
      viewedCount: 0,
    })),
  };
};

const search: Method['run'] = (call, params) => {
  const { state } = call;
  const given = asInt(pick(params, 'CHAT_ID'));
  if (given === undefined) refuse(400, 'CHAT_ID_EMPTY', "CHAT_ID can't be empty");
  const chat = state.chats.get(given ?? 0);
  if (chat === undefined || !readsChat(call, chat)) return accessError();
  const text = asText(pick(params, 'SEARCH_MESSAGE')).toLowerCase();
  // One day from DATE, else the period.
  const day = moment(state, pick(params, 'DATE'));
  const from = day ?? moment(state, pick(params, 'DATE_FROM'));
  const to = day === undefined ? moment(state, pick(params, 'DATE_TO')) : day + 86_400_000;
  const last = asInt(pick(params, 'LAST_ID'));
  const limit = Math.min(200, Math.max(1, asInt(pick(params, 'LIMIT')) ?? 50));
  const direction = asText(pick(asRecord(pick(params, 'ORDER')), 'ID')).toUpperCase();
  const up = direction === 'ASC';
  const ids = up ? [...visible(call, chat)] : [...visible(call, chat)].reverse();
  const found = ids.flatMap((id) => {
    const message = state.messages.get(id);
    if (message === undefined) return [];
    if (last !== undefined && (up ? id <= last : id >= last)) return [];
    if (text.length > 2 && !message.text.toLowerCase().includes(text)) return [];
    if (from !== undefined && message.date < from) return [];
    if (to !== undefined && message.date > to) return [];
    return [message];
  });
  return answer(searched(state, found.slice(0, limit)));
};

const add: Method['run'] = (call, params) => {
  const { state } = call;
  const dialog = asText(pick(params, 'DIALOG_ID')).trim();
  const text = asText(pick(params, 'MESSAGE'));
  if (text.trim() === '' && pick(params, 'ATTACH') === undefined) {
    refuse(400, 'MESSAGE_EMPTY', "Message can't be empty");
  }
  if (!dialogForm.test(dialog)) refuse(400, 'USER_ID_EMPTY', "User ID can't be empty");
  if (/^\d+$/.test(dialog) && !state.users.has(Number(dialog))) {
    refuse(400, 'USER_NOT_FOUND', 'User not found');
  }
  const chat = dialogOf(state, dialog);
  if (chat === undefined && dialog.startsWith('chat')) {
    refuse(400, 'CHAT_ID', 'Error creating message');
  }
  if (chat === undefined || !chat.members.includes(call.user)) {
    return refuse(403, 'ACCESS_ERROR', 'Action unavailable');
  }
  checkExtras(params);
  const system = isYes(pick(params, 'SYSTEM'));
  const replyTo = asInt(pick(params, 'REPLY_ID'));
  const replied = replyTo === undefined ? undefined : state.messages.get(replyTo);
  const repliedIn = replied === undefined ? undefined : state.chats.get(replied.chat);
  if (replyTo !== undefined && repliedIn?.members.includes(call.user) !== true) {
    refuse(400, 'REPLY_ACCESS_ERROR', 'Action unavailable');
  }
  if (repliedIn !== undefined && repliedIn !== chat) {
    refuse(400, 'REPLY_FROM_OTHER_CHAT_ERROR', 'You can only reply to a message within the same chat');
  }
  const templateId = asText(pick(params, 'TEMPLATE_ID'));
  const mode = word(state, 'im.templateId');
  const knownId = mode === 'dedupes' && !system ? state.templateIds.get(templateId) : undefined;
  if (knownId !== undefined && templateId !== '') return answer(knownId);
  const message = post(call, chat, {
    author: system ? 0 : call.user,
    text,
    ...(templateId === '' || mode === 'ignored' ? {} : { templateId }),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  if (templateId !== '' && mode === 'dedupes' && !system) state.templateIds.set(templateId, message.id);
  return answer(message.id);
};

/** The message that a call names, and its chat; MESSAGE_ID_ERROR when there is none. */
const messageOf = (call: Call, params: Params): { message: Message; chat: Chat } => {
  const id = asInt(pick(params, 'MESSAGE_ID'));
  if (id === undefined || id <= 0) refuse(400, 'MESSAGE_ID_ERROR', "Message ID can't be empty");
  const message = call.state.messages.get(id ?? 0);
  const chat = message === undefined ? undefined : call.state.chats.get(message.chat);
  return message === undefined || chat === undefined || message.deleted ? cantEdit() : { message, chat };
};

const cantEdit = (): never =>
  refuse(400, 'CANT_EDIT_MESSAGE', "Time has expired for modification or you don't have access");

export const mayEditMessage = (call: Call, message: Message): boolean =>
  message.author !== 0 && message.author === call.user && stillEditable(call, message);

/** The author, and the owner of the chat: the creator of the task. */
export const mayDeleteMessage = (call: Call, chat: Chat, message: Message): boolean =>
  mayEditMessage(call, message) ||
  (chat.members.includes(call.user) && call.state.tasks.get(chat.task)?.creator === call.user);

export const chatMethods: readonly Method[] = [
  imMethod('im.chat.get', false, (call, params) => {
    const type = asText(pick(params, 'ENTITY_TYPE')).toUpperCase();
    const task = call.state.tasks.get(asInt(pick(params, 'ENTITY_ID')) ?? 0);
    if (type !== 'TASKS_TASK' || task === undefined || task.card === 'old' || task.chat === null)
      return answer(null);
    return answer(canRead(call.state, task, call.user) ? { ID: task.chat } : null);
  }),
  imMethod('im.dialog.messages.get', false, read),
  imMethod('im.dialog.messages.search', false, search),
  imMethod('im.message.add', true, add),
  imMethod('im.message.update', true, (call, params) => {
    const { message, chat } = messageOf(call, params);
    if (!mayEditMessage(call, message)) cantEdit();
    checkExtras(params);
    // An empty text deletes the message; without the parameter the text stays.
    const text = pick(params, 'MESSAGE');
    if (text !== undefined) editMessage(call, chat, message, asText(text));
    return answer(true);
  }),
  imMethod('im.message.delete', true, (call, params) => {
    const { message, chat } = messageOf(call, params);
    if (!mayDeleteMessage(call, chat, message)) cantEdit();
    deleteMessage(call, chat, message);
    return answer(true);
  }),
];
