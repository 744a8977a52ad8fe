/**
 * The wire forms of clients that others wrote for the real Planfix (names of clients are those of their public
 * repositories), and the corners of its document that the bridge itself does not use.
 */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, NOW, OLGA, ROBOT, type Row } from './testing.ts';

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
