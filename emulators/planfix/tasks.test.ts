import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, OLGA } from './testing.ts';

const read =
  'id,name,status,assignees,startDateTime,endDateTime,hasEndDate,hasEndTime,dateOfLastUpdate,isDeleted';

/** A status that each assignee has for himself, and no rules of transition. */
const withIndividual = {
  statuses: [
    { id: 1, name: 'Новая', isActive: true },
    { id: 2, name: 'В работе', isActive: true },
    { id: 6, name: 'Выполненная', isActive: true },
    { id: 7, name: 'Моя часть готова', isActive: true, isAppliedIndividually: true },
  ],
  processes: [{ id: 1, name: 'Задача', statuses: [1, 2, 6, 7] }],
};

describe('writing tasks', () => {
  test('processId is written, alone or against that of the object, and gives the statuses (reference 6.2)', () => {
    const processes = [
      { id: 1, name: 'Задача', statuses: [1, 2, 3, 6] },
      { id: 2, name: 'Заявка', statuses: [1, 7] },
    ];
    const { call } = bench({ ...withIndividual, processes });
    const shown = () => call('GET', '/task/1001?fields=processId,status').body['task'];
    expect(call('POST', '/task/1001', { processId: 9 }).body).toMatchObject({ code: 41 });
    expect(call('POST', '/task/1001', { status: { id: 7 } }).body).toMatchObject({ code: 41 });
    expect(call('POST', '/task/1001', { processId: 2, status: { id: 7 } }).status).toBe(200);
    expect(shown()).toMatchObject({ processId: 2, status: { id: 7 } });
    call('POST', '/task/1001', { object: { id: 30 }, processId: 2 });
    expect(shown()).toMatchObject({ processId: 2 });
    const made = call('POST', '/task/', { name: 'Новая', processId: 2, object: { id: 30 } }).body;
    expect(call('GET', `/task/${String(made['id'])}?fields=processId`).body['task']).toMatchObject({
      processId: 2,
    });
    expect(call('POST', '/task/', { name: 'Новая', processId: 9 }).body).toMatchObject({ code: 41 });
  });

  test('an update changes only the keys that were sent', () => {
    const { call } = bench();
    const before = call('GET', '/task/1001?fields=id,description,status,assignees,project').body;
    call('POST', '/task/1001', { name: 'Новое имя' });
    expect(call('GET', '/task/1001?fields=id,description,status,assignees,project').body).toEqual(before);
    expect(call('GET', '/task/1001?fields=name').body).toMatchObject({ task: { name: 'Новое имя' } });
  });

  test('a date alone is a day without time, and has…Date false clears it', () => {
    const { call } = bench();
    call('POST', '/task/1001', { endDateTime: { date: '01-12-2026' } });
    expect(call('GET', `/task/1001?fields=${read}`).body).toMatchObject({
      task: { hasEndDate: true, hasEndTime: false, endDateTime: { date: '01-12-2026', time: '00:00' } },
    });
    call('POST', '/task/1001', { endDateTime: null });
    expect(call('GET', `/task/1001?fields=${read}`).body).toMatchObject({ task: { hasEndDate: true } });
    call('POST', '/task/1001', { hasEndDate: false });
    const { task } = call('GET', `/task/1001?fields=${read}`).body;
    expect(task).toMatchObject({ hasEndDate: false });
    expect(task).not.toHaveProperty('endDateTime');
  });

  test("date and time are of the token user's zone, datetime is UTC", () => {
    const { call } = bench({}, { 'comments.ownerAllowed': 'admin' });
    const made = call(
      'POST',
      '/task/',
      { name: 'Час', startDateTime: { date: '01-12-2026', time: '10:00' } },
      OLGA,
    );
    const { id } = made.body;
    expect(call('GET', `/task/${String(id)}?fields=startDateTime`).body).toMatchObject({
      task: { startDateTime: { time: '07:00', datetime: '2026-12-01T07:00Z' } },
    });
    expect(call('GET', `/task/${String(id)}?fields=startDateTime`, undefined, OLGA).body).toMatchObject({
      task: { startDateTime: { time: '10:00', datetime: '2026-12-01T07:00Z' } },
    });
  });

  test('a refused key refuses the whole write and changes nothing', () => {
    const { call } = bench();
    const answer = call('POST', '/task/1001', { name: 'Не будет', status: { id: 777 } });
    expect([answer.status, answer.body['code']]).toEqual([400, 41]);
    expect(call('GET', '/task/1001?fields=name').body).toMatchObject({ task: { name: 'Обмен с 1С' } });
  });

  test('one of several assignees sets an individual status for himself, and the task takes it when all have it (reference 7)', () => {
    const { call, act } = bench(withIndividual);
    const shows = (status: Json): void =>
      expect(call('GET', '/task/1001?fields=status').body).toMatchObject({ task: { status } });
    act({ as: 2, do: 'set assignees', task: 1001, users: ['user:3', 'user:4'] });
    act({ as: 3, do: 'set status', task: 1001, status: 7 });
    shows({ id: 2 });
    act({ as: 4, do: 'set status', task: 1001, status: 7 });
    shows({ id: 7, isAppliedIndividually: true });
    act({ as: 3, do: 'set status', task: 1001, status: 6 });
    shows({ id: 7 });
  });

  test.each([
    ['for all', 7],
    ['nothing', 2],
  ])('an individual status that somebody else sets changes %s', (individualByOthers, id) => {
    const { call, act } = bench(withIndividual, { 'status.individualByOthers': individualByOthers });
    act({ as: 2, do: 'set assignees', task: 1001, users: ['user:3', 'user:4'] });
    expect(call('POST', '/task/1001', { status: { id: 7 } }).status).toBe(200);
    expect(call('GET', '/task/1001?fields=status').body).toMatchObject({ task: { status: { id } } });
    // A task with one assignee is in one status.
    act({ as: 2, do: 'set assignees', task: 1001, users: ['user:3'] });
    call('POST', '/task/1001', { status: { id: 7 } });
    expect(call('GET', '/task/1001?fields=status').body).toMatchObject({ task: { status: { id: 7 } } });
  });

  test('a queued update is applied later, exactly once', () => {
    const { call, advance, state } = bench({}, { 'task.queueProbability': 1 });
    expect(call('POST', '/task/1001', { name: 'Позже' }).status).toBe(202);
    expect(call('GET', '/task/1001?fields=name').body).toMatchObject({ task: { name: 'Обмен с 1С' } });
    advance(2000);
    expect(call('GET', '/task/1001?fields=name').body).toMatchObject({ task: { name: 'Позже' } });
    expect(state.queued).toEqual([]);
  });

  test('silent leaves no entry in the feed and tells nobody, but the value is stored', () => {
    const { call } = bench();
    const answer = call('POST', '/task/1001?silent=true', { status: { id: 6 } });
    expect(answer.notices).toEqual([]);
    const feed = call('POST', '/task/1001/comments/list', { typeList: 'All', fields: 'id' });
    expect(feed.body['comments']).toEqual([]);
    expect(call('GET', '/task/1001?fields=status').body).toMatchObject({ task: { status: { id: 6 } } });
  });

  test('a write of what is there already is no change', () => {
    const { call, advance } = bench();
    advance(600_000);
    call('POST', '/task/1001', { name: 'Обмен с 1С', assignees: { users: [{ id: 'user:3' }] } });
    expect(call('GET', '/task/1001?fields=dateOfLastUpdate').body).toMatchObject({
      task: { dateOfLastUpdate: { datetime: '2026-11-24T06:55Z' } },
    });
  });

  test('transitions of the status set hold for REST only when the setting says so', () => {
    expect(bench().call('POST', '/task/1002', { status: { id: 3 } }).status).toBe(200);
    const refusing = bench({}, { 'task.enforceTransitions': 'refuse' });
    expect(refusing.call('POST', '/task/1002', { status: { id: 3 } }).body['code']).toBe(1002);
    const failing = bench({}, { 'task.enforceTransitions': 'failures' });
    expect(failing.call('POST', '/task/1002', { status: { id: 3 } }).body).toMatchObject({
      failures: { field: 'status' },
    });
  });

  test('a custom field that the object does not have is taken and stored nowhere', () => {
    const { call } = bench();
    const sent = { customFieldData: [{ field: { id: 230 }, value: 'нет' }] };
    expect(call('POST', '/task/1001', sent).status).toBe(200);
    expect(call('GET', '/task/1001?fields=id,230').body['task']).toEqual({ id: 1001 });
  });

  test('the system statuses can have other numbers', () => {
    const ids = {
      draft: 20,
      new: 21,
      inWork: 22,
      completed: 23,
      postponed: 24,
      rejected: 25,
      done: 26,
      cancelled: 27,
    };
    const { call, state } = bench();
    planfix.setSettings(state, { 'status.systemIds': ids });
    expect(call('GET', '/task/1001?fields=status').body).toMatchObject({
      task: { status: { id: 22, name: 'В работе' } },
    });
    expect(call('GET', '/process/task/1/statuses?fields=id').body).toMatchObject({
      statuses: [{ id: 21 }, { id: 22 }, { id: 23 }, { id: 26 }],
    });
  });
});

describe('rights over REST', () => {
  test('who has no role in a task neither reads nor lists it', () => {
    const { call } = bench();
    const made = call('POST', '/task/', { name: 'Чужая' });
    const id = Number(made.body['id']);
    expect(call('GET', `/task/${id}`, undefined, OLGA).body).toMatchObject({ code: 6 });
    const listed = call(
      'POST',
      '/task/list',
      { filters: [{ type: 57, operator: 'equal', value: [1001, id] }] },
      OLGA,
    );
    expect(listed.body['tasks']).toEqual([{ id: 1001 }]);
  });

  test('an assignee moves the status but edits nothing else', () => {
    const { call } = bench();
    expect(call('POST', '/task/1001', { status: { id: 6 } }, OLGA).status).toBe(200);
    expect(call('POST', '/task/1001', { name: 'Моя' }, OLGA).body['code']).toBe(6);
  });
});

describe('lists', () => {
  test('a comment alone brings a task into filter 79, not into 38', () => {
    const { call, advance } = bench();
    advance(120_000);
    call('POST', '/task/1002/comments/', { description: 'Привет' });
    const since = { dateType: 'otherDate_withTime', dateFrom: '24-11-2026 07:00' };
    const list = (type: number) =>
      call('POST', '/task/list', { filters: [{ type, operator: 'gt', value: since }] }).body;
    expect(list(79)['tasks']).toEqual([{ id: 1002 }]);
    expect(list(38)['tasks']).toEqual([]);
  });

  test('gt with a moment leaves out the minute itself', () => {
    const { call } = bench();
    const list = (dateFrom: string, operator: string) =>
      call('POST', '/task/list', {
        filters: [{ type: 38, operator, value: { dateType: 'otherDate_withTime', dateFrom } }],
      }).body['tasks'];
    expect(list('24-11-2026 06:55', 'gt')).toEqual([]);
    expect(list('24-11-2026 06:54', 'gt')).toEqual([{ id: 1001 }]);
    expect(list('24-11-2026 06:55', 'gtAndEqual')).toEqual([{ id: 1001 }]);
  });

  test('an error of a list comes with HTTP 500 and its own code', () => {
    const { call } = bench();
    const answer = call('POST', '/task/list', { filters: [{ type: 93, operator: 'equal', value: 1 }] });
    expect([answer.status, answer.body['error']]).toEqual([500, 'JSONObject["subfilter"] not found']);
  });

  test('children and subtrees, assignees through groups and in person', () => {
    const { call } = bench();
    const ids = (type: number, value: number | string) =>
      (
        call('POST', '/task/list', { filters: [{ type, operator: 'equal', value }] }).body['tasks'] as {
          id: number;
        }[]
      ).map(({ id }) => id);
    expect(ids(73, 1001)).toEqual([1002]);
    expect(ids(307, 1001)).toEqual([1002]);
    expect(ids(2, 'user:3')).toEqual([1001, 1002]);
    expect(ids(97, 'user:3')).toEqual([1001]);
    expect(ids(2, 'group:1')).toEqual([1002]);
  });
});
