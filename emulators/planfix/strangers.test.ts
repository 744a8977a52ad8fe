/**
 * The wire forms of clients that others wrote for the real Planfix (names of clients are those of their public
 * repositories), and the corners of its document that the bridge itself does not use.
 */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, NOW, OLGA, ROBOT, world, type Row } from './testing.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rows = (value: Json | undefined): readonly Row[] => value as readonly Row[];

describe('strangers’ clients of Planfix', () => {
  test('tap-planfix: offset null for the first page, a date filter with a field key, until a page is empty', () => {
    const account = bench();
    const asked = (offset: number | null) =>
      account.call('POST', '/task/list', {
        offset,
        pageSize: 100,
        fields: 'id,name,200',
        filters: [
          {
            type: 12,
            operator: 'gt',
            value: { dateType: 'otherDate', dateValue: '01-01-2020' },
            field: 0,
          },
        ],
      });
    expect(rows(asked(null).body['tasks']).length).toBeGreaterThan(0);
    expect(asked(100).body['tasks']).toEqual([]);
  });

  test('telegram_planfix_bot: account in the query, charset in the content type, resultOrder, filterId', () => {
    const account = bench();
    const headers = { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' };
    const body = { offset: 0, pageSize: 100, fields: 'id,name,isFinal', filters: [], resultOrder: [] };
    const list = account.call('POST', '/task/list?account=vesna', body, ROBOT, headers);
    expect(list.body['result']).toBe('success');
    const saved = account.call('POST', '/task/list', { filterId: 'all', pageSize: '5' }, ROBOT, headers);
    expect(rows(saved.body['tasks']).length).toBeGreaterThan(0);
    const task = account.call('GET', '/task/1001?fields=id,name,workers&account=vesna');
    expect(task.body['task']).toMatchObject({ id: 1001 });
  });

  test('PlanfixSalutSpeech, curl in a shell: JSON without a content type, {} or nothing as a body', () => {
    const account = bench();
    const text = bytes('{"filters": [{"type": 10, "operator": "equal", "value": 2}]}');
    const list = account.call('POST', '/task/list', text);
    expect(rows(list.body['tasks'])[0]?.['id']).toBe(1001);
    expect(account.call('POST', '/task/1001/comments/list', bytes('{}')).status).toBe(200);
    expect(account.call('POST', '/task/filters').body['filters']).toBeDefined();
  });

  test('the token: Bearer in any case, access_token for GET alone', () => {
    const account = bench();
    const bare = (method: string, path: string, headers: Row = {}) =>
      account.call(method, path, undefined, null, headers).status;
    expect(bare('GET', '/ping', { authorization: `bearer ${ROBOT}` })).toBe(200);
    expect(bare('GET', `/task/1001?access_token=${ROBOT}`)).toBe(200);
    expect(bare('POST', `/task/list?access_token=${ROBOT}`)).toBe(401);
    expect(bare('GET', '/ping', { authorization: ROBOT })).toBe(401);
  });

  test('generated OpenAPI clients: sourceId in the query, filters by several objects, prefixed and bare ids', () => {
    const account = bench();
    const source = '797f5a94-3689-4ac8-82fd-d749511ea2b2';
    const task = account.call('GET', `/task/1001?fields=id%2Cname%2Cassignees&sourceId=${source}`);
    expect(task.body['result']).toBe('success');
    const list = account.call('POST', '/task/list', {
      filters: [{ type: 51, operator: 'equal', value: [30, 31] }],
      fields: 'id,object',
    });
    expect(list.status).toBe(200);
    for (const id of ['12', 'contact:12', 'contact%3A12'])
      expect(account.call('GET', `/contact/${id}?fields=id,name`).body['contact']).toMatchObject({
        name: 'Мария',
      });
  });
});

describe('what live answers hold beside the older document', () => {
  test('TamerCOD/zoom-planfix-integration: moments go as text in datetime and come back to the second', () => {
    const account = bench();
    account.advance(90_500);
    const dates = {
      startDateTime: { datetime: '26-11-2026 14:30' },
      endDateTime: { dateTimeUtcSeconds: '2026-11-26T15:00:00+0000' },
    };
    const made = account.call('POST', '/task/', { name: 'ZOOM: планёрка', ...dates }, OLGA);
    const fields = 'startDateTime,endDateTime,dateTime';
    const task = `/task/${String(made.body['id'])}?fields=${fields}`;
    expect(account.call('GET', task, undefined, OLGA).body['task']).toMatchObject({
      startDateTime: {
        date: '26-11-2026',
        time: '14:30',
        datetime: '2026-11-26T11:30Z',
        dateTimeUtcSeconds: '2026-11-26T11:30:00+0000',
      },
      endDateTime: { datetime: '2026-11-26T15:00Z' },
      dateTime: { datetime: '2026-11-24T07:31Z', dateTimeUtcSeconds: '2026-11-24T07:31:30+0000' },
    });
  });

  test('a filter of an unknown type finds nothing and is no error; one of a field needs the field', () => {
    const account = bench();
    const ask = (filter: Row) => account.call('POST', '/task/list', { filters: [filter] });
    for (const type of [4, 999, 'parent'])
      expect(ask({ type, operator: 'equal', value: 1 }).body).toEqual({ result: 'success', tasks: [] });
    expect(ask({ type: 102, operator: 'equal', value: 1 })).toMatchObject({ status: 500, body: { code: 0 } });
  });

  test('a tracker’s notes of June 2026: several statuses in one text are status 0, a list is any of them', () => {
    const account = bench();
    const found = (value: Json) =>
      rows(
        account.call('POST', '/task/list', { filters: [{ type: 10, operator: 'equal', value }] }).body[
          'tasks'
        ],
      );
    expect(found([1, 2])).toHaveLength(2);
    expect(found('2')).toHaveLength(1);
    expect(found('1;2')).toEqual([]);
  });

  test('the same notes: a task of an object has it for its template; a closed move is success with failures', () => {
    const account = bench({}, { 'task.enforceTransitions': 'failures' });
    const made = account.call('POST', '/task/', { name: 'x', object: { id: 30 } });
    const task = `/task/${String(made.body['id'])}`;
    expect(account.call('GET', `${task}?fields=object,template`).body['task']).toMatchObject({
      object: { id: 30 },
      template: { id: 30 },
    });
    expect(account.call('POST', task, { status: { id: 3 } }).body).toMatchObject({
      result: 'success',
      failures: { field: 'status' },
    });
  });

  test('a bot in production: x-ratelimit-reset tells the seconds to the end of the day', () => {
    const account = bench({}, { 'limits.perDay': 100 });
    const { headers } = account.call('GET', '/task/templates?fields=id');
    expect(headers).toMatchObject({
      'x-ratelimit-remaining': '100',
      'x-ratelimit-reset': String(16.5 * 3600),
    });
  });
});

describe('document 1.6.9 (alexd73/PlanfixMCP is generated from it and checks every answer against it)', () => {
  test('a checklist item stands under another, moves, and takes what is under it along', () => {
    const account = bench();
    const add = (body: Row) => account.call('POST', '/task/1001/checklist', body);
    const above = Number(add({ name: 'Склад' }).body['id']);
    const below = Number(add({ name: 'Ряд', parent: { id: above } }).body['id']);
    const fields = { fields: 'id,parent' };
    const items = () => account.call('POST', '/task/1001/checklist/list', fields).body['items'];
    expect(items()).toEqual([
      { id: above, parent: { id: 1001 } },
      { id: below, parent: { id: above } },
    ]);
    const dump = JSON.parse(JSON.stringify(planfix.dump(account.state))) as Json;
    const again = planfix.create({ account: 'vesna', address: account.state.address, world: dump, seed: 7 });
    expect(planfix.dump(again)).toEqual(planfix.dump(account.state));
    const move = (id: number, to: number) =>
      account.call('POST', `/task/1001/checklist/${id}`, { parent: { id: to } }).body;
    expect(move(above, below)).toMatchObject({ code: 602 });
    expect(move(below, 1001)).toEqual({ result: 'success' });
    expect(move(above, below)).toEqual({ result: 'success' });
    account.act({ as: 2, do: 'delete checklist item', item: below });
    expect(items()).toEqual([]);
  });

  test('refusals of a checklist have codes of their own', () => {
    const account = bench();
    const item = account.call('GET', '/task/1001/checklist/200');
    expect(item).toMatchObject({
      status: 400,
      body: { code: 600, error: 'Checklist item not found by id - 200' },
    });
    const add = (body: Row) => account.call('POST', '/task/1001/checklist', body);
    expect(add({})).toMatchObject({ status: 400, body: { code: 601 } });
    expect(add({ name: 'x', parent: { id: 100 } }).body).toMatchObject({
      code: 601,
      error: 'Parent task or checklist item not found by id - 100',
    });
  });

  test('tasks tell of their last comment and of the auditors of their project', () => {
    const projects = [{ id: 50, name: 'Сайт', owner: 'user:2', auditors: { users: [{ id: 'user:4' }] } }];
    const account = bench({ projects });
    account.call('POST', '/task/1001/comments/', { description: 'x' });
    expect(
      account.call('GET', '/task/1001?fields=projectAuditors,dateOfLastComment').body['task'],
    ).toMatchObject({
      projectAuditors: { users: [{ id: 'user:4', name: 'Тимур Саидов' }], groups: [] },
      dateOfLastComment: { datetime: '2026-11-24T07:30Z' },
    });
  });

  test('an administrator lists tasks as another sees them, nobody else does', () => {
    const account = bench();
    account.call('POST', '/task/1001', { assignees: { users: [{ id: 'user:2' }] }, participants: {} });
    const ids = (token: string, body: Row) =>
      rows(account.call('POST', '/task/list', body, token).body['tasks']).map(({ id }) => id);
    expect(ids(ROBOT, {})).toEqual([1001, 1002]);
    expect(ids(ROBOT, { runAsUserId: 'user:4' })).toEqual([1002]);
    expect(ids(OLGA, { runAsUserId: 'user:2' })).toEqual(ids(OLGA, {}));
    expect(account.call('POST', '/task/list', { runAsUserId: 'user:77' }).body['code']).toBe(41);
  });

  test('a comment may be added silently', () => {
    const { call } = bench();
    const body = { description: 'x', recipients: { users: [{ id: 'user:3' }] } };
    expect(call('POST', '/task/1001/comments/', body).notices).toHaveLength(1);
    expect(call('POST', '/task/1001/comments/?silent=true', body).notices).toEqual([]);
  });

  test('employees have a zone, managers and a stand-in; positions are made and renamed by administrators', () => {
    const { call } = bench();
    const zone = (id: number) => call('GET', `/user/${id}?fields=timezone`).body['user'];
    expect(zone(3)).toEqual({ id: 3, timezone: 'Europe/Moscow' });
    const more = {
      timezone: 'Asia/Omsk',
      personalManagers: [{ id: 'user:2' }],
      temporaryReplacement: { isEnabled: true, isIndefinite: true, employee: { id: 'user:4' } },
    };
    expect(call('POST', '/user/3', more).body).toEqual({ result: 'success' });
    expect(call('GET', '/user/3?fields=timezone,personalManagers').body['user']).toMatchObject({
      timezone: 'Asia/Omsk',
      personalManagers: [{ id: 'user:2', name: 'Павел Орлов' }],
    });
    expect(call('GET', '/task/1001?fields=dateOfLastUpdate', undefined, OLGA).body['task']).toMatchObject({
      dateOfLastUpdate: { time: '12:55', datetime: '2026-11-24T06:55Z' },
    });
    expect(call('POST', '/user/3', { timezone: 'Омск' }).body['code']).toBe(41);
    const made = call('POST', '/user/positions/', { name: 'Кладовщик' });
    expect(made).toMatchObject({ status: 201, body: { id: 1 } });
    expect(call('POST', '/user/positions/1', { name: 'Старший кладовщик' }).status).toBe(200);
    expect(call('POST', '/user/positions/', { name: 'x' }, OLGA).body['code']).toBe(6);
    for (const path of ['/user/positions/', '/user/positions'])
      expect(call('GET', path).body['positions']).toEqual([{ id: 1, name: 'Старший кладовщик' }]);
  });

  test('a contact tells who added it, and in which language and zone it lives', () => {
    const { call } = bench();
    const keys = {
      timezone: 'Etc/UTC',
      viberId: '7',
      languageCode: 'Ru',
      communicationLanguageCode: 'ru',
    };
    const made = call('POST', '/contact/', { name: 'Ян', ...keys }, OLGA);
    const fields = `addedBy,${Object.keys(keys).join(',')}`;
    expect(call('GET', `/contact/${String(made.body['id'])}?fields=${fields}`).body['contact']).toMatchObject(
      {
        ...keys,
        addedBy: { id: 'user:3', name: 'Ольга Ветрова' },
      },
    );
  });

  test('workspaces are those of the employees', () => {
    const workspace = { id: 12, name: 'Главный офис' };
    const [robot, ...others] = world['users'] as readonly Row[];
    const account = bench({ users: [{ ...robot, workspace }, ...others] });
    expect(account.call('GET', '/workspace/list').body).toEqual({
      result: 'success',
      workspaces: [workspace],
    });
  });
});

describe('comments of contact cards', () => {
  test('are added, listed with their contact, edited, read and deleted by their numbers', () => {
    const account = bench();
    const made = account.call('POST', '/contact/12/comments/', { description: '<p>Звонила</p>' }, OLGA);
    expect(made.status).toBe(201);
    const id = String(made.body['id']);
    const list = (typeList: string) =>
      rows(
        account.call('POST', '/contact/contact:12/comments/list', {
          fields: 'id,description,owner,contact,task',
          typeList,
        }).body['comments'],
      );
    expect(list('Comments')).toMatchObject([
      { description: '<p>Звонила</p>', owner: { id: 'user:3' }, contact: { id: 'contact:12' } },
    ]);
    expect(list('Comments')[0]).not.toHaveProperty('task');
    const edited = account.call('POST', `/contact/12/comments/${id}`, { description: '<p>Дважды</p>' }, OLGA);
    expect(edited.status).toBe(200);
    expect(account.call('GET', `/comment/${id}?fields=description`).body['comment']).toMatchObject({
      description: '<p>Дважды</p>',
    });
    expect(account.call('POST', `/contact/13/comments/${id}`, { description: 'а' }).body['code']).toBe(5000);
    expect(account.call('DELETE', `/comment/${id}`, undefined, OLGA).status).toBe(200);
    expect(list('Comments')).toEqual([]);
    expect(list('Deleted')).toHaveLength(1);
    expect(account.call('POST', '/contact/99/comments/list', {}).body['code']).toBe(2000);
  });

  test('a dump keeps them, and their numbers are those of all comments', () => {
    const account = bench();
    const first = Number(account.call('POST', '/contact/12/comments/', { description: 'а' }).body['id']);
    const dump = JSON.parse(JSON.stringify(planfix.dump(account.state))) as Json;
    const again = planfix.create({ account: 'vesna', address: account.state.address, world: dump, seed: 7 });
    expect(planfix.dump(again)).toEqual(planfix.dump(account.state));
    const request = {
      scheme: 'http',
      method: 'POST',
      target: '/rest/task/1001/comments/',
      headers: { authorization: `Bearer ${ROBOT}` },
      body: bytes('{"description":"б"}'),
    } as const;
    const { response } = planfix.handle(again, request, NOW);
    if ('held' in response) throw new Error('Planfix holds no answers');
    expect(JSON.parse(new TextDecoder().decode(response.body))).toMatchObject({ id: first + 1 });
  });
});

test('the short lists of the document answer in its shapes', () => {
  const account = bench();
  const shape = (method: string, path: string): Json => account.call(method, path).body;
  expect(shape('GET', '/process/contact')).toEqual({ result: 'success', processes: [] });
  expect(shape('POST', '/contact/filters')).toMatchObject({
    filters: [{ id: ':contact' }, { id: ':company' }],
  });
  expect(shape('GET', '/contact/12/files')).toEqual({ result: 'success', files: [] });
  expect(shape('GET', '/project/50/files')).toEqual({ result: 'success', files: [] });
  expect(shape('GET', '/project/99/files')).toMatchObject({ code: 3000 });
  expect(shape('GET', '/customfield/group/task')).toEqual({ result: 'success', customFieldSets: [] });
  expect(shape('GET', '/customfield/contact/12')).toEqual({ result: 'success', customfields: [] });
});
