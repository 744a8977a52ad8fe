/**
 * What the messenger knows of people, read marks, likes and the lists of chats (api-reference/chats of the vendor's
 * reference). The emulator keeps likes; read marks, pins and silence change nothing that a method shows.
 */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { dialogOf, imUser, readsChat } from './chat.ts';
import { storeFile, storeFolder, bytesOf } from './diskStore.ts';
import { recordReaction } from './imEvents.ts';
import { canReadFile } from './rights.ts';
import { type Chat, type Department, type State, type User } from './state.ts';
import { asIds, asInt, asText, isYes, type Params, phpMap, pick, refuse } from './values.ts';

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `im.${name}`,
  version: 2,
  scope: ['im'],
  write,
  run,
});

const dialogForm = /^(chat\d+|sg\d+|\d+)$/;

const dialogEmpty = (): never => refuse(400, 'DIALOG_ID_EMPTY', "Dialog ID can't be empty");

/** A dialog id of a known form; an unknown chat is no error of these methods. */
const dialogIn = (params: Params): string => {
  const dialog = asText(pick(params, 'DIALOG_ID')).trim();
  return dialogForm.test(dialog) ? dialog : dialogEmpty();
};

const readable = (call: Call, params: Params, status: number, text: string): Chat | undefined => {
  const dialog = dialogIn(params);
  const chat = dialogOf(call.state, dialog);
  if (!dialog.startsWith('chat')) return undefined;
  return chat !== undefined && readsChat(call, chat) ? chat : refuse(status, 'ACCESS_ERROR', text);
};

const messageId = (params: Params, text = "Message ID can't be empty"): number => {
  const id = asInt(pick(params, 'MESSAGE_ID')) ?? 0;
  return id > 0 ? id : refuse(400, 'MESSAGE_ID_ERROR', text);
};

/** im.dialog.read: up to a message, without one up to the last. */
const read: Method['run'] = (call, params) => {
  const dialogId = dialogIn(params);
  const chat = dialogOf(call.state, dialogId);
  const last = chat?.messages.at(-1) ?? 0;
  const until = asInt(pick(params, 'MESSAGE_ID')) ?? last;
  const unread = chat?.messages.filter((id) => id > until) ?? [];
  return answer({ dialogId, chatId: chat?.id ?? 0, lastId: until, counter: unread.length });
};

/** im.message.like: plus and minus refuse to change what is so already. */
const like: Method['run'] = (call, params) => {
  const message = call.state.messages.get(messageId(params));
  const chat = message === undefined ? undefined : call.state.chats.get(message.chat);
  if (message === undefined || chat?.members.includes(call.user) !== true || message.deleted) {
    return refuse(400, 'WITHOUT_CHANGES', 'Action completed without changes');
  }
  const has = message.likes.includes(call.user);
  const action = asText(pick(params, 'ACTION')).toLowerCase();
  const wants = action === 'plus' ? true : action === 'minus' ? false : !has;
  if (wants === has) refuse(400, 'WITHOUT_CHANGES', 'Action completed without changes');
  const others = message.likes.filter((id) => id !== call.user);
  message.likes = wants ? [...others, call.user] : others;
  recordReaction(call, chat, message, wants);
  return answer(true);
};

/** im.chat.mute by one of two ids. */
const mute: Method['run'] = (call, params) => {
  const id = asInt(pick(params, 'CHAT_ID'));
  const dialog = pick(params, 'DIALOG_ID');
  if (id === undefined && dialog === undefined) refuse(400, 'CHAT_ID_EMPTY', "Chat ID can't be empty");
  const chat = id === undefined ? dialogOf(call.state, dialogIn(params)) : call.state.chats.get(id);
  if (chat === undefined || !chat.members.includes(call.user)) {
    refuse(403, 'ACCESS_ERROR', 'This chat cannot be muted');
  }
  return answer(true);
};

/** Ids of a list or of a JSON text of one. */
const idsIn = (value: Json | undefined): number[] => {
  if (typeof value !== 'string' || !value.trim().startsWith('[')) return asIds(value);
  try {
    return asIds(JSON.parse(value) as Json);
  } catch (problem) {
    if (problem instanceof SyntaxError) return [];
    throw problem;
  }
};

const givenIds = (params: Params): number[] => {
  const ids = idsIn(pick(params, 'ID'));
  return ids.length > 0 ? ids : refuse(400, 'INVALID_FORMAT', 'A wrong format for the ID field is passed');
};

/** im.user.list.get: by id, or a list when `RESULT_TYPE` says so. */
const people: Method['run'] = (call, params) => {
  const { state } = call;
  const ids = givenIds(params).filter((id) => state.users.has(id));
  const shown = ids.map((id) => imUser(state, id));
  if (asText(pick(params, 'RESULT_TYPE')) === 'array') return answer(shown);
  return answer(
    phpMap(Object.fromEntries(ids.map((id, index): [string, Json] => [String(id), shown[index] ?? null]))),
  );
};

const person: Method['run'] = (call, params) => {
  const given = pick(params, 'ID');
  const id = given === undefined ? call.user : (asInt(given) ?? 0);
  if (id <= 0) refuse(400, 'ID_EMPTY', "User ID can't be empty");
  if (!call.state.users.has(id)) refuse(400, 'USER_NOT_EXISTS', 'User does not exist');
  return answer(imUser(call.state, id));
};

const fullName = (state: State, department: Department): string => {
  const above = department.parent === null ? undefined : state.departments.get(department.parent);
  return above === undefined ? department.name : `${department.name} / ${fullName(state, above)}`;
};

/** The structure of the company is for its employees. */
const employee = (call: Call): void => {
  if (call.state.users.get(call.user)?.type !== 'employee') {
    refuse(403, 'ACCESS_ERROR', 'Only intranet users have access to this method');
  }
};

const departmentsIn = (call: Call, params: Params): Department[] => {
  employee(call);
  return givenIds(params).flatMap((id) => call.state.departments.get(id) ?? []);
};

const active = (user: User): boolean => user.active && !user.hidden;

/** People by department, as numbers or with their data. */
const byDepartment = (
  call: Call,
  params: Params,
  of: (department: Department) => readonly number[],
): Json => {
  const whole = isYes(pick(params, 'USER_DATA'));
  return phpMap(
    Object.fromEntries(
      departmentsIn(call, params).map((department): [string, Json] => [
        String(department.id),
        of(department).map((id): Json => (whole ? imUser(call.state, id) : id)),
      ]),
    ),
  );
};

const staff = (state: State, department: Department): number[] =>
  [...state.users.values()]
    .filter((user) => active(user) && user.departments.includes(department.id))
    .map((user) => user.id);

/** im.department.colleagues.list: everybody of the caller's departments and of those that he heads. */
const colleagues: Method['run'] = (call, params) => {
  employee(call);
  const { state, user } = call;
  const own = state.users.get(user)?.departments ?? [];
  const near = [...state.departments.values()].filter(({ id, head }) => own.includes(id) || head === user);
  const ids = [...new Set(near.flatMap((department) => staff(state, department)))].sort((a, b) => a - b);
  const offset = Math.max(0, asInt(pick(params, 'OFFSET')) ?? 0);
  const next = offset + Math.min(50, Math.max(1, asInt(pick(params, 'LIMIT')) ?? 10));
  const whole = isYes(pick(params, 'USER_DATA'));
  const result = ids.slice(offset, next).map((id): Json => (whole ? imUser(state, id) : id));
  return next < ids.length ? { result, total: ids.length, next } : { result, total: ids.length };
};

const shownDepartment = (call: Call, params: Params, department: Department): Json => {
  const head = department.head ?? 0;
  const row = {
    id: department.id,
    name: department.name,
    full_name: fullName(call.state, department),
    manager_user_id: head,
  };
  return isYes(pick(params, 'USER_DATA')) && head > 0
    ? { ...row, manager_user_data: imUser(call.state, head) }
    : row;
};

/** im.disk.file.save: a copy in a folder of the caller's own Drive. */
const save: Method['run'] = (call, params) => {
  const { state, now, user } = call;
  const id = asInt(pick(params, 'FILE_ID')) ?? 0;
  if (id <= 0) refuse(400, 'FILE_ID_EMPTY', "File ID can't be empty");
  const file = state.files.get(id);
  const storage = [...state.storages.values()].find(
    (one) => one.entityType === 'user' && one.entityId === String(user),
  );
  if (file === undefined || storage === undefined || !canReadFile(state, id, user)) {
    return refuse(400, 'FILE_SAVE_ERROR', "File ID can't be saved");
  }
  const name = 'Сохраненные файлы';
  const folder =
    [...state.folders.values()].find((one) => one.parent === storage.root && one.name === name) ??
    storeFolder(state, now, {
      name,
      storage: storage.id,
      parent: storage.root,
      writableBy: [user],
      createdBy: user,
    });
  const kept = storeFile(call, {
    name: file.name,
    bytes: bytesOf(file),
    storage: storage.id,
    folder: folder.id,
    unique: true,
  });
  return answer({ folder: { id: folder.id, name: folder.name }, file: { id: kept.id, name: kept.name } });
};

export const dialogMethods: readonly Method[] = [
  method('user.get', false, person),
  method('user.list.get', false, people),
  method('department.get', false, (call, params) =>
    answer(departmentsIn(call, params).map((department) => shownDepartment(call, params, department))),
  ),
  method('department.employees.get', false, (call, params) =>
    answer(byDepartment(call, params, (department) => staff(call.state, department))),
  ),
  method('department.managers.get', false, (call, params) =>
    answer(byDepartment(call, params, ({ head }) => (head === null ? [] : [head]))),
  ),
  method('department.colleagues.list', false, colleagues),
  method('dialog.read', true, read),
  method('dialog.read.all', true, () => answer(true)),
  method('dialog.unread', true, (_, params) => {
    dialogIn(params);
    messageId(params, "First unread message id can't be empty");
    return answer(true);
  }),
  method('dialog.writing', true, (call, params) => {
    readable(call, params, 403, 'Action unavailable');
    return answer(true);
  }),
  method('message.like', true, like),
  method('chat.mute', true, mute),
  method('recent.pin', true, (call, params) => {
    readable(call, params, 400, "You don't have permission to pin this chat");
    return answer(true);
  }),
  method('recent.hide', true, (_, params) => answer(dialogIn(params) !== '')),
  method('recent.unread', true, (_, params) => answer(dialogIn(params) !== '')),
  method('disk.file.save', true, save),
  method('revision.get', false, () =>
    answer({ rest: 32, web: 130, mobile: 22, desktop: 6, im_revision_mobile: 22 }),
  ),
  method('counters.get', false, () =>
    answer({
      TYPE: { ALL: 0, NOTIFY: 0, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 },
      CHAT: [],
      CHAT_MUTED: [],
      CHAT_UNREAD: [],
      LINES: [],
      DIALOG: [],
      DIALOG_UNREAD: [],
    }),
  ),
];
