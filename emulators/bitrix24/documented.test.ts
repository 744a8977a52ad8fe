/** Shapes that the vendor's pages print and that a bridge does not happen to read. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { at, testPortal, type TestPortal } from './testing.ts';

const withTask = (portal: TestPortal): { readonly id: Json; readonly chat: Json } => {
  const fields = { TITLE: 'Замер', RESPONSIBLE_ID: 5 };
  const task = at(portal.call(3, 'tasks.task.add', { fields }).body, 'result', 'task');
  return { id: Number(at(task, 'id')), chat: at(task, 'chatId') ?? 0 };
};

describe('answers as the pages of the vendor print them', () => {
  test('workgroups are selected by upper-case names and shown in camelCase', () => {
    const select = ['ID', 'NAME', 'TYPE', 'MEMBERS_COUNT'];
    const { body } = testPortal().call(1, 'socialnetwork.api.workgroup.list', { select });
    expect(at(body, 'result', 'workgroups')).toEqual([
      { id: '1', name: 'Общие работы', type: 'project', membersCount: 5 },
    ]);
    const bare = testPortal().call(1, 'socialnetwork.api.workgroup.list').body;
    expect(at(bare, 'result', 'workgroups')).toEqual([{ id: '1' }]);
  });

  test('one record of elapsed time comes as a list of one, lists of the old API with their total', () => {
    const portal = testPortal();
    const { id } = withTask(portal);
    const fields = { SECONDS: 60, COMMENT_TEXT: 'а' };
    const item = portal.call(5, 'task.elapseditem.add', { TASKID: id, ARFIELDS: fields }).body['result'] ?? 0;
    const got = portal.call(5, 'task.elapseditem.get', { TASKID: id, ITEMID: item }).body['result'];
    expect(got).toMatchObject([{ SECONDS: '60', MINUTES: '1' }]);
    expect(portal.call(5, 'task.elapseditem.getlist', { TASKID: id }).body['total']).toBe(1);
    expect(portal.call(5, 'task.item.userfield.getlist').body['total']).toBe(0);
  });

  test('im.dialog.messages.search answers in the newer form of im, im.dialog.messages.get in the older', () => {
    const portal = testPortal();
    const { chat } = withTask(portal);
    const dialog = `chat${String(chat)}`;
    portal.call(3, 'im.message.add', { DIALOG_ID: dialog, MESSAGE: 'Проверьте замеры' });
    const found = portal.call(5, 'im.dialog.messages.search', {
      CHAT_ID: chat,
      SEARCH_MESSAGE: 'замеры',
    }).body;
    expect(at(found, 'result', 'messages', 0)).toMatchObject({ authorId: 3, isSystem: false, chatId: chat });
    expect(at(found, 'result', 'users', 0)).toMatchObject({ firstName: 'Павел', lastName: 'Громов' });
    expect(at(found, 'result')).not.toHaveProperty('chat_id');
    const read = portal.call(5, 'im.dialog.messages.get', { DIALOG_ID: dialog }).body;
    expect(at(read, 'result', 'users', 0)).toMatchObject({ first_name: 'Павел' });
    expect(at(read, 'result', 'chat_id')).toBe(chat);
  });

  test('a new folder has numbers, a read one texts', () => {
    const portal = testPortal();
    const made = portal.call(1, 'disk.folder.addsubfolder', { id: 7602, data: { NAME: 'Июнь' } }).body;
    const id = at(made, 'result', 'ID') ?? 0;
    expect(typeof id).toBe('number');
    expect(at(portal.call(1, 'disk.folder.get', { id }).body, 'result', 'ID')).toBe(String(id));
  });

  test('getFields tells of every field of a task, write methods of each item of its checklist', () => {
    const portal = testPortal();
    const fields = at(portal.call(3, 'tasks.task.getFields').body, 'result', 'fields');
    expect(at(fields, 'DURATION_TYPE', 'default')).toBe('days');
    expect(at(fields, 'IS_PINNED')).toMatchObject({ type: 'enum', default: 'N' });
    const { id } = withTask(portal);
    portal.call(3, 'task.checklistitem.add', { TASKID: id, FIELDS: { TITLE: 'Пункт' } });
    const started = portal.call(5, 'tasks.task.start', { taskId: id }).body;
    expect(Object.values(at(started, 'result', 'task', 'checklist') ?? {})).toContainEqual(
      expect.objectContaining({ title: 'Пункт', taskId: String(id), isImportant: 'N' }),
    );
  });
});
