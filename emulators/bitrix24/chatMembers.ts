/** Who takes part in the chat of a task, and what the chat is (section 15; api-reference/chats of the vendor's reference). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { accessError, givenDialog, imMethod as method, imUser } from './chat.ts';
import { joinChat, leaveChat } from './imEvents.ts';
import { isoAt } from './moments.ts';
import { type Chat } from './state.ts';
import { asIds, asInt, asText, type Params, pick, refuse } from './values.ts';

/** Whoever adds people takes part in the chat; being administrator does not help (im-chat-user-add.md). */
const takesPart = (call: Call, params: Params): Chat => {
  const chat = memberChat(call, params);
  return chat.members.includes(call.user) ? chat : accessError();
};

const chatNamed = (call: Call, params: Params): Chat => {
  const id = asInt(pick(params, 'CHAT_ID')) ?? 0;
  if (id <= 0) refuse(400, 'CHAT_ID_EMPTY', "Chat ID can't be empty");
  return call.state.chats.get(id) ?? accessError();
};

const memberChat = (call: Call, params: Params): Chat => {
  const chat = chatNamed(call, params);
  return chat.members.includes(call.user) || call.admin ? chat : accessError();
};

const taskPath = (call: Call, chat: Chat): string =>
  `/company/personal/user/${call.user}/tasks/task/view/${chat.task}/`;

const shownChat = (call: Call, chat: Chat): Json => ({
  id: chat.id,
  parent_chat_id: 0,
  name: call.state.tasks.get(chat.task)?.title ?? '',
  owner: call.state.tasks.get(chat.task)?.creator ?? 0,
  extranet: false,
  type: 'tasksTask',
  message_type: 'X',
  entity_type: 'TASKS_TASK',
  entity_id: String(chat.task),
  dialog_id: `chat${chat.id}`,
  user_counter: chat.members.length,
  last_message_id: chat.messages.at(-1) ?? 0,
  parent_message_id: 0,
  description: '',
  avatar: '',
  color: '#f76187',
  counter: 0,
  message_count: chat.messages.length,
  unread_id: 0,
  // The chat of a task is named, filled and left by the task.
  restrictions: {
    avatar: false,
    rename: false,
    extend: true,
    call: true,
    mute: true,
    leave: true,
    leave_owner: false,
    send: true,
    user_list: true,
    path: taskPath(call, chat),
    path_title: 'Открыть задачу',
  },
  last_id: chat.messages.at(-1) ?? 0,
  marked_id: 0,
  disk_folder_id: 0,
  entity_data_1: '',
  entity_data_2: '',
  entity_data_3: '',
  mute_list: [],
  date_create: isoAt(call.state, call.state.tasks.get(chat.task)?.created ?? call.now),
  public: '',
  role: call.state.tasks.get(chat.task)?.creator === call.user ? 'owner' : 'member',
  entity_link: { type: 'TASKS_TASK', url: taskPath(call, chat), id: String(chat.task) },
  text_field_enabled: true,
  background_id: null,
  permissions: {
    manage_users_add: 'member',
    manage_users_delete: 'manager',
    manage_ui: 'member',
    manage_settings: 'owner',
    manage_messages: 'member',
    can_post: 'member',
  },
  is_new: false,
  readed_list: chat.members
    .filter((id) => id !== call.user)
    .map((id): Json => ({
      user_id: id,
      user_name: call.state.users.get(id)?.name ?? '',
      message_id: 0,
      date: null,
    })),
  manager_list: [call.state.tasks.get(chat.task)?.creator ?? 0],
  last_message_views: { message_id: chat.messages.at(-1) ?? 0, first_viewers: [], count_of_viewers: 0 },
});

export const chatMemberMethods: readonly Method[] = [
  method('im.dialog.get', false, (call, params) => answer(shownChat(call, givenDialog(call, params)))),
  method('im.dialog.users.list', false, (call, params) => {
    const chat = givenDialog(call, params);
    const limit = Math.min(200, Math.max(1, asInt(pick(params, 'LIMIT')) ?? 50));
    const offset = Math.max(0, asInt(pick(params, 'OFFSET')) ?? 0);
    const last = asInt(pick(params, 'LAST_ID')) ?? 0;
    const members = [...chat.members].sort((a, b) => a - b).filter((id) => id > last);
    const result = members.slice(offset, offset + limit).map((id) => imUser(call.state, id));
    const next = offset + limit;
    const total = chat.members.length;
    return next < members.length ? { result, total, next } : { result, total };
  }),
  method('im.chat.user.list', false, (call, params) => {
    const chat = chatNamed(call, params);
    // Who may not see the members gets an empty list (im-chat-user-list.md of the vendor's reference).
    return answer(chat.members.includes(call.user) || call.admin ? [...chat.members] : []);
  }),
  method('im.chat.user.add', true, (call, params) => {
    const chat = takesPart(call, params);
    for (const id of asIds(pick(params, 'USERS', 'USER_ID'))) {
      if (!call.state.users.has(id) || chat.members.includes(id)) continue;
      joinChat(call, chat, id);
      // Hidden is the default: whoever is to read what was written before must be added with N.
      const last = chat.messages.at(-1);
      const hides = asText(pick(params, 'HIDE_HISTORY')).toUpperCase() !== 'N';
      if (hides && last !== undefined) chat.hidden.set(id, last);
    }
    return answer(true);
  }),
  method('im.chat.user.delete', true, (call, params) => {
    const chat = memberChat(call, params);
    const id = asInt(pick(params, 'USER_ID')) ?? 0;
    if (id <= 0) refuse(400, 'USER_ID_EMPTY', "User ID can't be empty");
    if (!chat.members.includes(id)) refuse(400, 'USER_NOT_FOUND', 'The specified user is not in the chat');
    // Managers remove others (`manage_users_delete` of im.dialog.get); everybody may go himself.
    const manages = call.admin || call.state.tasks.get(chat.task)?.creator === call.user;
    if (id !== call.user && !manages) {
      refuse(403, 'ACCESS_DENIED_KICK', 'Insufficient rights to exclude participants from the chat');
    }
    leaveChat(chat, id);
    return answer(true);
  }),
  method('im.chat.leave', true, (call, params) => {
    const chat = chatNamed(call, params);
    if (!chat.members.includes(call.user)) {
      refuse(403, 'ACCESS_DENIED_KICK', 'Access denied to kick user from chat');
    }
    leaveChat(chat, call.user);
    return answer(true);
  }),
];
