import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { at, testPortal, type TestPortal } from './testing.ts';

const create = (portal: TestPortal, details: { readonly [key: string]: Json } = {}): number =>
  Number(portal.act(3, 'create task', { title: 'Смета', responsible: 5, ...details })['id']);

const names = (portal: TestPortal): string[] => portal.events().map((one) => one.event);

describe('tasks through people and through REST', () => {
  test('a controlled task waits for its creator, comes back once, and is accepted', () => {
    const portal = testPortal();
    const task = create(portal, { control: true });
    portal.act(5, 'start', { task });
    expect(portal.act(5, 'complete', { task })['status']).toBe(4);
    expect(portal.refused(5, 'approve', { task })).toContain('1048582');
    expect(portal.act(3, 'disapprove', { task })['status']).toBe(2);
    portal.act(5, 'complete', { task });
    const approved = portal.call(9, 'tasks.task.approve', { taskId: task });
    expect(at(approved.body, 'result', 'task', 'status')).toBe('5');
    expect(at(approved.body, 'result', 'task', 'closedBy')).toBe('9');
  });

  test('a responsible who is no editor writes only what the setting lets him', () => {
    const portal = testPortal();
    const task = create(portal);
    const rename = (): number =>
      portal.call(5, 'tasks.task.update', { taskId: task, fields: { TITLE: 'Моя' } }).status;
    expect(rename()).toBe(400);
    expect(portal.refused(5, 'edit task', { task, title: 'Моя' })).toContain('TITLE');
    portal.state.settings.set('rights.responsibleFields', ['TITLE']);
    expect(rename()).toBe(200);
  });

  test('a stranger neither sees nor changes a task', () => {
    const portal = testPortal();
    const task = create(portal);
    expect(portal.call(7, 'tasks.task.get', { taskId: task }).body['result']).toEqual([]);
    expect(portal.call(7, 'tasks.task.list').body['total']).toBe(0);
    expect(portal.refused(7, 'post message', { task, text: 'Здравствуйте' })).toContain('no task');
  });

  test('delegation moves the responsible among the auditors and the chat follows', () => {
    const portal = testPortal();
    const task = create(portal);
    portal.act(5, 'delegate', { task, user: 7 });
    const read = portal.call(3, 'tasks.task.get', { taskId: task });
    expect(at(read.body, 'result', 'task', 'responsibleId')).toBe('7');
    expect(at(read.body, 'result', 'task', 'auditors')).toEqual(['5']);
    const chat = at(read.body, 'result', 'task', 'chatId') ?? 0;
    expect(portal.call(3, 'im.chat.user.list', { CHAT_ID: chat }).body['result']).toEqual([3, 5, 7]);
  });

  test('a parent with SE_PARAMETER 2 completes with the last of its children', () => {
    const portal = testPortal();
    const parent = create(portal);
    portal.call(3, 'tasks.task.update', {
      taskId: parent,
      fields: { SE_PARAMETER: [{ CODE: 2, VALUE: 'Y' }] },
    });
    const child = create(portal, { parent });
    portal.events();
    portal.act(5, 'complete', { task: child });
    expect(portal.state.tasks.get(parent)?.status).toBe(5);
    expect(names(portal).filter((name) => name === 'ONTASKUPDATE')).toHaveLength(2);
  });

  test('files keep their bytes from the upload through the attachment to the download', () => {
    const portal = testPortal();
    const task = create(portal, { files: [{ name: 'Смета.txt', text: 'сто рублей' }] });
    const read = portal.call(3, 'tasks.task.get', { taskId: task, select: ['UF_TASK_WEBDAV_FILES'] });
    const attachment = at(read.body, 'result', 'task', 'ufTaskWebdavFiles', 0) ?? 0;
    const object = portal.call(5, 'disk.attachedObject.get', { id: attachment }).body['result'];
    const link = new URL(String(at(object, 'DOWNLOAD_URL')));
    const loaded = portal.request('GET', link.pathname + link.search);
    expect(Buffer.from(loaded.bytes).toString('utf8')).toBe('сто рублей');
    const file = portal.call(5, 'disk.file.get', { id: at(object, 'OBJECT_ID') ?? 0 }).body['result'];
    const signed = new URL(String(at(file, 'DOWNLOAD_URL')));
    expect(portal.request('GET', signed.pathname + signed.search, { 'user-agent': '' }).status).toBe(404);
    expect(portal.request('GET', signed.pathname + signed.search).bytes).toEqual(loaded.bytes);
  });

  test('lists by change and by activity come in order, page by page', () => {
    const portal = testPortal();
    const ids = Array.from({ length: 60 }, (_, n) => {
      portal.pass(1000);
      return create(portal, { title: `Задача ${String(n)}` });
    });
    portal.pass(1000);
    const first = ids[0] ?? 0;
    portal.act(5, 'post message', { task: first, text: 'Вопрос' });
    const active = portal.call(9, 'tasks.task.list', { order: { ACTIVITY_DATE: 'desc' }, select: ['ID'] });
    expect(at(active.body, 'result', 'tasks', 0, 'id')).toBe(String(first));
    expect(active.body).toMatchObject({ total: 60, next: 50 });
    const bound = new Date(portal.now() - 5000).toISOString();
    const changed = portal.call(9, 'tasks.task.list', {
      filter: { '>=CHANGED_DATE': bound },
      order: { CHANGED_DATE: 'asc' },
      select: ['ID'],
    });
    const rows = at(changed.body, 'result', 'tasks') as readonly Json[];
    expect(rows.map((row) => Number(at(row, 'id')))).toEqual(ids.slice(-5));
  });

  test('old comments are edited and deleted with their events', () => {
    const portal = testPortal({ 'taskCard.mode': 'old' });
    const task = create(portal);
    portal.events();
    const made = portal.act(5, 'post message', { task, text: 'Первый' });
    portal.act(5, 'edit comment', { task, comment: made['id'] ?? 0, text: 'Второй' });
    const list = portal.call(3, 'task.commentitem.getlist', { TASKID: task });
    expect(at(list.body, 'result', 0, 'POST_MESSAGE')).toBe('Второй');
    expect(portal.refused(3, 'delete comment', { task, comment: made['id'] ?? 0 })).toContain(
      'another person',
    );
    portal.act(5, 'delete comment', { task, comment: made['id'] ?? 0 });
    expect(names(portal)).toEqual(['ONTASKCOMMENTADD', 'ONTASKCOMMENTUPDATE', 'ONTASKCOMMENTDELETE']);
  });

  test('messages are edited and deleted without any event, and im.v2.Event.get tells of them', () => {
    const portal = testPortal({ 'chat.editWindowSeconds': 60 });
    const task = create(portal);
    portal.call(3, 'im.v2.Event.subscribe');
    const message = portal.act(5, 'post message', { task, text: 'Раз' })['id'] ?? 0;
    portal.events();
    portal.act(5, 'edit message', { task, message, text: 'Два' });
    portal.act(5, 'delete message', { task, message });
    expect(names(portal)).toEqual([]);
    const got = at(portal.call(3, 'im.v2.Event.get').body, 'result', 'events') as readonly Json[];
    expect(got.map((event) => at(event, 'type'))).toEqual([
      'ONIMV2MESSAGEADD',
      'ONIMV2MESSAGEUPDATE',
      'ONIMV2MESSAGEDELETE',
    ]);
    const late = portal.act(5, 'post message', { task, text: 'Поздно' })['id'] ?? 0;
    portal.pass(61_000);
    expect(portal.call(5, 'im.message.update', { MESSAGE_ID: late, MESSAGE: 'х' }).body['error']).toBe(
      'CANT_EDIT_MESSAGE',
    );
  });

  test('when the portal switches to the new card, old tasks get chats and keep their comments unseen', () => {
    const portal = testPortal({ 'taskCard.mode': 'old', 'taskCard.switchAt': '2026-09-28T10:01:00+03:00' });
    const task = create(portal);
    portal.act(5, 'post message', { task, text: 'Было' });
    const list = (): Json | undefined =>
      portal.call(3, 'task.commentitem.getlist', { TASKID: task }).body['result'];
    expect(list()).toHaveLength(1);
    portal.pass(60_000);
    expect(list()).toEqual([]);
    expect(portal.state.tasks.get(task)?.chat).not.toBeNull();
  });
});

describe('events and notices', () => {
  test('an API write fires its event unless the setting says no; a person always does', () => {
    const portal = testPortal({ 'events.onApiWrites': false, 'events.onSystemMessages': false });
    portal.call(3, 'tasks.task.add', { fields: { TITLE: 'А', RESPONSIBLE_ID: 5 } });
    expect(names(portal)).toEqual([]);
    create(portal);
    expect(names(portal)).toEqual(['ONTASKADD']);
  });

  test('delayed events leave when their time has come, lost ones never, doubled ones twice', () => {
    const late = testPortal({ 'events.delayMsMax': 1000, 'events.onSystemMessages': false });
    create(late);
    const atOnce = names(late);
    late.pass(1000);
    expect([...atOnce, ...names(late)]).toEqual(['ONTASKADD']);
    const lost = testPortal({ 'events.lossPercent': 100 });
    create(lost);
    expect(names(lost)).toEqual([]);
    const doubled = testPortal({ 'events.doublePercent': 100, 'events.onSystemMessages': false });
    create(doubled);
    expect(names(doubled)).toEqual(['ONTASKADD', 'ONTASKADD']);
  });

  test('the handler of the outgoing webhook is set at run time and gets the token that was answered', () => {
    const portal = testPortal();
    const made = portal.act(0, 'set outgoing webhook', {
      handler: 'https://bridge.example/other',
      events: ['ONTASKUPDATE'],
    });
    const task = create(portal);
    portal.act(5, 'start', { task });
    const [event, ...more] = portal.events();
    expect(more).toEqual([]);
    expect(event?.auth['application_token']).toBe(made['application_token']);
    expect(event?.data).toMatchObject({ FIELDS_AFTER: { ID: String(task) } });
  });

  test('people are told of what others do; guests by mail as well, nobody of his own doings', () => {
    const portal = testPortal();
    const guest = portal.act(0, 'create user', {
      name: 'Олег Гость',
      type: 'email',
      email: 'oleg@client.example',
    });
    portal.effects();
    const task = create(portal, { auditors: [guest['id'] ?? 0] });
    portal.act(5, 'post message', { task, text: 'Вопрос к [USER=3]Павел[/USER]' });
    const notices = portal.effects().flatMap((effect) => (effect.kind === 'notice' ? [effect.notice] : []));
    const told = notices.map(({ to, about, email }) => [to, about, email ?? null]);
    expect(told).toEqual([
      ['5', 'task.assigned', null],
      [String(guest['id']), 'task.assigned', 'oleg@client.example'],
      ['3', 'mention', null],
      [String(guest['id']), 'comment', 'oleg@client.example'],
    ]);
  });
});
