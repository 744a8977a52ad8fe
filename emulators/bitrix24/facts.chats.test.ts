import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { facts, vesna } from './factTable.ts';
import { at, type TestPortal } from './testing.ts';

const dialog = 'chat2101';
const said = (portal: TestPortal, user: number, text: string): Json =>
  portal.call(user, 'im.message.add', { DIALOG_ID: dialog, MESSAGE: text }).body['result'] ?? null;

const texts = (body: { readonly [key: string]: Json }): Json[] =>
  (at(body, 'result', 'messages') as Json[]).map((message) => at(message, 'text') ?? null);

facts('messages of task chats', [
  {
    says: 'a dialog of an unknown form is an empty one',
    page: 'im-dialog-messages-get.md',
    as: 5,
    method: 'im.dialog.messages.get',
    send: { DIALOG_ID: 'task101' },
    error: ['DIALOG_ID_EMPTY', "Dialog ID can't be empty"],
  },
  ...(['FIRST', 'LAST'] as const).map((name) => ({
    says: `${name}_ID is a number`,
    page: 'im-dialog-messages-get.md',
    as: 5,
    method: 'im.dialog.messages.get',
    send: { DIALOG_ID: dialog, [`${name}_ID`]: 'abc' },
    error: [`${name}_ID_STRING`, "ID can't be string"] as const,
  })),
  {
    says: 'a bound that is no message of the dialog leaves nothing',
    page: 'im-dialog-messages-get.md',
    as: 5,
    method: 'im.dialog.messages.get',
    send: { DIALOG_ID: dialog, LAST_ID: 8000 },
    answers: { messages: [], users: [], files: [] },
  },
  {
    says: 'a message without a dialog lacks its user',
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { MESSAGE: 'Кому' },
    error: ['USER_ID_EMPTY', "User ID can't be empty"],
  },
  {
    says: 'a person who is not there is not found',
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: '99', MESSAGE: 'Кому' },
    error: ['USER_NOT_FOUND', 'User not found'],
  },
  {
    says: 'a chat that is not there makes no message',
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: 'chat9999', MESSAGE: 'Кому' },
    error: ['CHAT_ID', 'Error creating message'],
  },
  {
    says: 'who is no member writes nothing',
    page: 'im-message-add.md',
    as: 1,
    method: 'im.message.add',
    send: { DIALOG_ID: dialog, MESSAGE: 'Кому' },
    status: 403,
    error: ['ACCESS_ERROR', 'Action unavailable'],
    events: [],
  },
  {
    says: 'a reply to what one does not see is out of reach',
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: dialog, MESSAGE: 'Ответ', REPLY_ID: 1 },
    error: ['REPLY_ACCESS_ERROR', 'Action unavailable'],
  },
  {
    says: 'a reply stays in its chat',
    page: 'im-message-add.md',
    first: (portal) =>
      portal.call(5, 'im.message.add', { DIALOG_ID: 'chat2102', MESSAGE: 'Там' }).body['result'],
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: dialog, MESSAGE: 'Ответ', REPLY_ID: '$' },
    error: ['REPLY_FROM_OTHER_CHAT_ERROR', 'within the same chat'],
  },
  {
    says: 'a search names its chat',
    page: 'im-dialog-messages-search.md',
    as: 5,
    method: 'im.dialog.messages.search',
    send: { SEARCH_MESSAGE: 'смету' },
    error: ['CHAT_ID_EMPTY', "CHAT_ID can't be empty"],
  },
  {
    says: 'a search by two letters looks for nothing, in the wanted order',
    page: 'im-dialog-messages-search.md',
    as: 5,
    method: 'im.dialog.messages.search',
    send: { CHAT_ID: 2101, SEARCH_MESSAGE: 'яя', ORDER: { ID: 'ASC' } },
    answers: { messages: [{ id: 9001 }, { id: 9002 }, { id: 9003 }] as Json },
  },
  {
    says: 'a date is one day',
    page: 'im-dialog-messages-search.md',
    as: 5,
    method: 'im.dialog.messages.search',
    send: { CHAT_ID: 2101, DATE: '2026-09-27T09:20:00+03:00' },
    answers: { messages: [{ id: 9001 }] as Json },
  },
]);

facts('members of task chats', [
  {
    says: 'the chat is named',
    page: 'im-chat-user-add.md',
    as: 5,
    method: 'im.chat.user.add',
    send: { USERS: [1] },
    error: ['CHAT_ID_EMPTY', "Chat ID can't be empty"],
  },
  {
    says: 'who may not see the members sees none',
    page: 'im-chat-user-list.md',
    as: 15,
    method: 'im.chat.user.list',
    send: { CHAT_ID: 2101 },
    answers: [],
  },
  {
    says: 'who leaves is named',
    page: 'im-chat-user-delete.md',
    as: 5,
    method: 'im.chat.user.delete',
    send: { CHAT_ID: 2101 },
    error: ['USER_ID_EMPTY', "User ID can't be empty"],
  },
  {
    says: 'who is not there can not be put out',
    page: 'im-chat-user-delete.md',
    as: 5,
    method: 'im.chat.user.delete',
    send: { CHAT_ID: 2101, USER_ID: 1 },
    error: ['USER_NOT_FOUND', 'The specified user is not in the chat'],
  },
  {
    says: 'a member leaves by himself',
    page: 'im-chat-leave.md',
    as: 11,
    method: 'im.chat.leave',
    send: { CHAT_ID: 2101 },
    answers: true,
  },
  {
    says: 'members come in pages',
    page: 'im-dialog-users-list.md',
    as: 5,
    method: 'im.dialog.users.list',
    send: { DIALOG_ID: dialog, LIMIT: 2, OFFSET: 2 },
    answers: [{ id: 9 }, { id: 11 }].map((one) => expectedMember(one.id)) as Json,
  },
]);

function expectedMember(id: number): Json {
  const portal = vesna();
  const all = portal.call(5, 'im.dialog.users.list', { DIALOG_ID: dialog }).body['result'] as Json[];
  return all.find((one) => at(one, 'id') === id) ?? null;
}

describe('messages, members and the log of changes over time', () => {
  test('an edit without MESSAGE leaves the text, an empty one deletes the message (im-message-update.md)', () => {
    const portal = vesna();
    const id = said(portal, 7, 'Готово');
    expect(portal.call(7, 'im.message.update', { MESSAGE_ID: id, URL_PREVIEW: 'N' }).body['result']).toBe(
      true,
    );
    const read = () => portal.call(5, 'im.dialog.messages.get', { DIALOG_ID: dialog, LIMIT: 1 }).body;
    expect(texts(read())).toEqual(['Готово']);
    portal.call(7, 'im.message.update', { MESSAGE_ID: id, MESSAGE: '' });
    expect(at(read(), 'result', 'messages', 0, 'params', 'IS_DELETED')).toBe('Y');
  });

  test('who is added without HIDE_HISTORY=N does not see what was written before (im-chat-user-add.md)', () => {
    const portal = vesna();
    portal.call(5, 'im.chat.user.add', { CHAT_ID: 2101, USERS: [1] });
    said(portal, 5, 'После');
    const read = () => texts(portal.call(1, 'im.dialog.messages.get', { DIALOG_ID: dialog }).body);
    expect(read()).toEqual(['После']);
    portal.call(5, 'im.chat.user.delete', { CHAT_ID: 2101, USER_ID: 1 });
    portal.call(5, 'im.chat.user.add', { CHAT_ID: 2101, USERS: [1], HIDE_HISTORY: 'N' });
    expect(read()).toHaveLength(4);
  });

  test('after unsubscribe nothing new is recorded, what was recorded stays until it is acknowledged (event-unsubscribe.md)', () => {
    const portal = vesna();
    portal.call(5, 'im.v2.Event.subscribe');
    said(portal, 7, 'Первое');
    portal.call(5, 'im.v2.Event.unsubscribe');
    said(portal, 7, 'Второе');
    const got = portal.call(5, 'im.v2.Event.get').body;
    expect(
      (at(got, 'result', 'events') as Json[]).map((event) => at(event, 'data', 'message', 'text')),
    ).toEqual(['Первое']);
    const offset = at(got, 'result', 'nextOffset') ?? 0;
    expect(at(portal.call(5, 'im.v2.Event.get', { offset }).body, 'result', 'events')).toEqual([]);
    expect(at(portal.call(5, 'im.v2.Event.get').body, 'result', 'events')).toEqual([]);
  });

  test('a new member is recorded for those who are there (events.md)', () => {
    const portal = vesna();
    portal.call(5, 'im.v2.Event.subscribe');
    portal.call(1, 'tasks.task.startwatch', { taskId: 101 });
    const events = at(portal.call(5, 'im.v2.Event.get').body, 'result', 'events') as Json[];
    expect(events.map((event) => at(event, 'type'))).toEqual(['ONIMV2JOINCHAT']);
    expect(at(events[0], 'data')).toMatchObject({
      dialogId: dialog,
      user: { id: 1, firstName: 'Марина', idle: false },
      chat: { entityType: 'TASKS_TASK', entityId: '101' },
    });
  });
});

facts('files of chats and what a message carries', [
  ...(
    [
      ['no chat at all', { FILE_ID: [6465] }, 400, 'CHAT_ID_EMPTY', "Chat ID can't be empty"],
      ['an empty dialog', { DIALOG_ID: '', FILE_ID: [6465] }, 400, 'DIALOG_ID_EMPTY', 'Dialog ID'],
      ['no files', { CHAT_ID: 2101 }, 400, 'FILES_ERROR', 'List of files is not specified'],
      [
        'files that are not there',
        { CHAT_ID: 2101, FILE_ID: [99] },
        400,
        'SAVE_ERROR',
        'Error during saving',
      ],
      [
        'a chat that is not there',
        { CHAT_ID: 99, FILE_ID: [6465] },
        403,
        'ACCESS_ERROR',
        'do not have access',
      ],
    ] as const
  ).map(([what, send, status, code, text]) => ({
    says: `files are not committed into ${what}`,
    page: 'im-disk-file-commit.md',
    as: 5,
    method: 'im.disk.file.commit',
    send,
    status,
    error: [code, text] as const,
  })),
  {
    says: 'the folder of a foreign chat is refused as that of an unknown one',
    page: 'im-disk-folder-get.md',
    as: 1,
    method: 'im.disk.folder.get',
    send: { DIALOG_ID: dialog },
    status: 403,
    error: ['ACCESS_ERROR', 'You do not have access to the specified dialog'],
  },
  {
    says: 'a file is deleted in its chat only',
    page: 'im-disk-file-delete.md',
    as: 7,
    method: 'im.disk.file.delete',
    send: { CHAT_ID: 2102, FILE_ID: 5501 },
    answers: false,
  },
  {
    says: 'a file of somebody else stays, and the answer is yes',
    page: 'im-disk-file-delete.md',
    as: 5,
    method: 'im.disk.file.delete',
    send: { CHAT_ID: 2101, FILE_ID: 5501 },
    answers: true,
  },
  {
    says: 'a member who manages nothing sends nobody out of the chat',
    page: 'im-chat-user-delete.md',
    as: 7,
    method: 'im.chat.user.delete',
    send: { CHAT_ID: 2101, USER_ID: 11 },
    status: 403,
    error: ['ACCESS_DENIED_KICK', 'Insufficient rights'],
  },
  {
    says: 'but goes himself',
    page: 'im-chat-user-delete.md',
    as: 7,
    method: 'im.chat.user.delete',
    send: { CHAT_ID: 2101, USER_ID: 7 },
    answers: true,
  },
  ...['ATTACH', 'KEYBOARD', 'MENU'].map((name) => ({
    says: `${name} that is no such thing is refused`,
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: dialog, MESSAGE: 'а', [name]: 'просто текст' },
    error: [`${name}_ERROR`, `Incorrect ${name.toLowerCase()} params`] as const,
  })),
  {
    says: 'an attachment of more than sixty thousand signs is too large',
    page: 'im-message-add.md',
    as: 5,
    method: 'im.message.add',
    send: { DIALOG_ID: dialog, MESSAGE: 'а', ATTACH: [{ MESSAGE: 'а'.repeat(60_000) }] },
    error: ['ATTACH_OVERSIZE', 'maximum allowable size of attach'],
  },
]);
