/** Habits of programs that others wrote for the real Bitrix24: forms of calls that its door takes and its documentation shows. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { vesna } from './factTable.ts';
import { at } from './testing.ts';

const hook = '/rest/5/auth0rh00kvesna5';
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const text = (value: Json): string => JSON.stringify(value);

describe('how others write an address', () => {
  const read = (
    method: string,
    target: string,
    body = '',
    headers: Readonly<Record<string, string>> = form,
  ) => at(vesna().request(method, target, headers, body).body, 'result', 'task', 'title');

  for (const target of [
    `${hook}/tasks.task.get.json`,
    `${hook}/tasks.task.get/`,
    `${hook}/tasks.task.get.json/`,
    `//rest/5//auth0rh00kvesna5///TASKS.TASK.GET`,
    `${hook}/Tasks.Task.Get.JSON`,
  ]) {
    test(`${target} names tasks.task.get`, () => {
      const title = 'Согласовать план работ';
      expect(read('POST', target, 'taskId=102&select[]=TITLE')).toBe(title);
      expect(read('GET', `${target}?taskId=102&select%5B%5D=TITLE`)).toBe(title);
      expect(read('POST', target, text({ taskId: '102', select: ['TITLE'] }), json)).toBe(title);
    });
  }
});

describe('parameters by position', () => {
  const added = (headers: Readonly<Record<string, string>>, body: string, query = ''): Json | undefined =>
    vesna().request('POST', `/rest/7/w0rkerh00kvesna7/task.commentitem.add${query}`, headers, body).body[
      'result'
    ];

  test('as a JSON list', () => {
    expect(typeof added(json, text([107, { POST_MESSAGE: 'Список' }]))).toBe('number');
  });

  test('as a JSON map numbered from 0', () => {
    expect(typeof added(json, text({ 0: 107, 1: { POST_MESSAGE: 'Номера' } }))).toBe('number');
  });

  test('as a form numbered from 0, the token last', () => {
    expect(typeof added(form, '0=107&1[POST_MESSAGE]=Форма&auth=none')).toBe('number');
  });

  test('a list is answered to the second of them as its filter stands third', () => {
    const portal = vesna();
    const body = text([107, { POST_DATE: 'asc' }, { '>ID': 3101 }]);
    const got = portal.request('POST', `${hook}/task.commentitem.getlist`, json, body).body[
      'result'
    ] as Json[];
    expect(got.map((row) => at(row, 'ID'))).toEqual(['3102']);
  });
});

describe('batches', () => {
  const batch = (body: string, headers: Readonly<Record<string, string>> = json): Json | undefined =>
    vesna().request('POST', `${hook}/batch.json`, headers, body).body['result'];

  test('names in upper case, as CRest’s older callers write them', () => {
    expect(at(batch(text({ HALT: 0, CMD: { me: 'user.current' } })), 'result', 'me', 'ID')).toBe('5');
  });

  test('keys of PHP with brackets and dashes come back as they went', () => {
    const got = batch('halt=0&cmd[task-102]=tasks.task.get%3FtaskId%3D102&cmd[me 1]=profile', form);
    expect(Object.keys((at(got, 'result') ?? {}) as object)).toEqual(['task-102', 'me 1']);
  });

  test('a list of people read by the answer of the first command', () => {
    const cmd = {
      list: 'tasks.task.list?filter[ID]=101&select[]=ID&select[]=ACCOMPLICES',
      one: 'user.get?ID=$result[list][tasks][0][accomplices][0]',
      all: 'user.get?ID[]=$result[list][tasks][0][accomplices]',
    };
    const got = batch(text({ halt: 1, cmd }));
    expect(at(got, 'result', 'one', 0, 'ID')).toBe('9');
    expect(at(got, 'result_error')).toEqual([]);
  });

  test('an empty batch answers empty lists', () => {
    expect(batch(text({ halt: 0, cmd: [] }))).toEqual({
      result: [],
      result_error: [],
      result_total: [],
      result_next: [],
      result_time: [],
    });
  });
});

describe('lists as walkers of pages read them', () => {
  test('pages by next until it is absent, and by the last id without a count', () => {
    const portal = vesna();
    const seen: Json[] = [];
    let start: Json | undefined = 0;
    while (start !== undefined) {
      const { body } = portal.call(1, 'tasks.task.list', { select: ['ID'], order: { ID: 'asc' }, start });
      seen.push(...((at(body, 'result', 'tasks') ?? []) as Json[]).map((row) => at(row, 'id') ?? null));
      start = body['next'];
      expect(body['total']).toBe(130);
    }
    expect(new Set(seen).size).toBe(130);
    const walked: number[] = [];
    for (;;) {
      const filter = { '>ID': walked.at(-1) ?? 0 };
      const { body } = portal.call(1, 'tasks.task.list', {
        filter,
        order: { ID: 'ASC' },
        select: ['ID'],
        start: -1,
      });
      const page = (at(body, 'result', 'tasks') as Json[]).map((row) => Number(at(row, 'id')));
      walked.push(...page);
      expect(body['next']).toBeUndefined();
      if (page.length < 50) break;
    }
    expect(walked).toHaveLength(130);
  });
});

describe('programs from before tasks.task.*', () => {
  const call = (portal: ReturnType<typeof vesna>, method: string, body: Json): Json | undefined =>
    portal.request('POST', `${hook}/${method}`, json, text(body)).body['result'];

  test('a task is made, read, changed, done and found by task.item.* (api-reference/tasks/deprecated)', () => {
    const portal = vesna();
    const id = call(portal, 'task.item.add', [
      { TITLE: 'Старая', RESPONSIBLE_ID: 7, DEADLINE: '2026-10-01T10:00:00Z' },
    ]);
    expect(typeof id).toBe('number');
    const read = call(portal, 'task.item.getdata', [id ?? 0]);
    expect(read).toMatchObject({ ID: String(id), TITLE: 'Старая', DEADLINE: '2026-10-01T13:00:00+03:00' });
    portal.events();
    call(portal, 'task.item.update', [id ?? 0, { TITLE: 'Иначе' }]);
    call(portal, 'task.item.startexecution', { TASKID: id ?? 0 });
    expect(portal.events().filter((one) => one.event === 'ONTASKUPDATE')).toHaveLength(2);
    const nav = { NAV_PARAMS: { nPageSize: 2, iNumPage: 1 } };
    const rows = call(portal, 'task.item.list', [{ ID: 'desc' }, { '>=ID': 103 }, nav, ['ID', 'TITLE']]);
    expect(rows).toEqual([
      { ID: String(id), TITLE: 'Иначе' },
      { ID: '110', TITLE: 'Задача с файлом' },
    ]);
    expect(
      call(portal, 'task.items.getlist', [{ ID: 'asc' }, { STATUS: 3, ID: id ?? 0 }, ['STATUS']]),
    ).toEqual([{ ID: String(id), STATUS: '3' }]);
  });

  test('a filter without an order is not looked at (task-item-list.md)', () => {
    const portal = vesna();
    const rows = call(portal, 'task.item.list', [[''], { ID: 103 }, [''], ['ID']]) as Json[];
    expect(rows.length).toBeGreaterThan(1);
  });

  test('what may not be done is an exception of the old tasks', () => {
    const portal = vesna();
    const { body } = portal.request('POST', `${hook}/task.item.defer`, json, text([104]));
    expect(body['error']).toBe('ERROR_CORE');
    expect(body['error_description']).toContain('4/TE/ACTION_NOT_ALLOWED');
  });
});
