/** Directories as the OpenAPI document and the help page "Complex directory filters" have them. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, OLGA, type Bench, type Row } from './testing.ts';

const DIRECTORY: Row = {
  id: 175,
  name: 'Товары',
  group: { id: 1, name: 'Бытовая техника' },
  fields: [
    { id: 1296, name: 'Название', type: 0 },
    { id: 1298, name: 'Цена', type: 1 },
    { id: 1299, name: 'Поступил', type: 3 },
    { id: 1300, name: 'На складе', type: 7 },
    { id: 1301, name: 'Вид', type: 8, enumValues: ['Новый', 'Уценка'] },
    { id: 1302, name: 'Город', type: 9, directoryId: 60 },
    { id: 1303, name: 'Продавец', type: 11 },
    { id: 1304, name: 'Поставщик', type: 12 },
    { id: 1305, name: 'Задача', type: 16 },
    { id: 1306, name: 'Города', type: 15, directoryId: 60 },
    { id: 1307, name: 'Кто видел', type: 14 },
    { id: 1308, name: 'Проект', type: 22 },
    { id: 1309, name: 'Звонить', type: 4 },
  ],
  entries: [
    { key: 1, name: 'Кухня', isGroup: true },
    {
      key: 2,
      name: 'Чайник',
      parentKey: 1,
      customFieldData: [
        { field: { id: 1298 }, value: 300 },
        { field: { id: 1299 }, value: { date: '16-12-2022' } },
        { field: { id: 1300 }, value: true },
        { field: { id: 1301 }, value: 'Новый' },
        { field: { id: 1302 }, value: { id: 2 } },
        { field: { id: 1303 }, value: { id: 'user:3' } },
        { field: { id: 1304 }, value: { id: 'contact:12' } },
        { field: { id: 1305 }, value: { id: 1001 } },
        { field: { id: 1306 }, value: [{ id: 1 }, { id: 2 }] },
        { field: { id: 1307 }, value: [{ id: 'user:3' }, { id: 'user:4' }] },
        { field: { id: 1308 }, value: { id: 50 } },
        { field: { id: 1309 }, value: { time: '12:30' } },
      ],
    },
    { key: 3, name: 'Чайная ложка', parentKey: 1, customFieldData: [{ field: { id: 1298 }, value: 20 }] },
    { key: 4, name: 'Молоток', archived: true, customFieldData: [{ field: { id: 1301 }, value: 'Уценка' }] },
  ],
};
const CITIES: Row = {
  id: 60,
  name: 'Города',
  entries: [
    { key: 1, name: 'Москва' },
    { key: 2, name: 'Тверь' },
  ],
};

const shop = (): Bench => bench({ directories: [DIRECTORY, CITIES] });

function keys(account: Bench, body: Row): Json[] {
  const { directoryEntries } = account.call('POST', '/directory/175/entry/list', body).body;
  return (directoryEntries as readonly Row[]).map((entry) => entry['key'] ?? null);
}

describe('filters of entries', () => {
  const FILTERS: readonly (readonly [string, Row, readonly number[]])[] = [
    ['6005 archived', { type: 6005, operator: 'equal', value: true }, [4]],
    ['6005 not archived, as a number', { type: 6005, operator: 'equal', value: 0 }, [1, 2, 3]],
    ['6005 notequal', { type: 6005, operator: 'notequal', value: 1 }, [1, 2, 3]],
    ['6006 one key', { type: 6006, operator: 'equal', value: 2 }, [2]],
    ['6006 any of several keys', { type: 6006, operator: 'equal', value: [2, 4] }, [2, 4]],
    ['6006 none of them', { type: 6006, operator: 'notequal', value: [2, 4] }, [1, 3]],
    ['6003 in a group', { type: 6003, operator: 'equal', value: 1 }, [2, 3]],
    ['6003 outside of it', { type: 6003, operator: 'notequal', value: 1 }, [1, 4]],
    ['6101 line', { type: 6101, field: 1296, operator: 'equal', value: 'Чайник' }, [2]],
    ['6101 part of a line', { type: 6101, field: 1296, operator: 'have', value: 'чай' }, [2, 3]],
    ['6101 not a part', { type: 6101, field: 1296, operator: 'nothave', value: 'чай' }, [1, 4]],
    ['6102 greater', { type: 6102, field: 1298, operator: 'gt', value: 100 }, [2]],
    ['6102 less', { type: 6102, field: 1298, operator: 'lt', value: 100 }, [3]],
    [
      '6103 within a stretch',
      {
        type: 6103,
        field: 1299,
        operator: 'equal',
        value: { dateType: 'otherRange', dateFrom: '15-12-2022', dateTo: '17-12-2022' },
      },
      [2],
    ],
    ['6104 time', { type: 6104, field: 1309, operator: 'equal', value: { time: '12:30' } }, [2]],
    ['6105 checkbox', { type: 6105, field: 1300, operator: 'equal', value: 1 }, [2]],
    ['6106 list', { type: 6106, field: 1301, operator: 'equal', value: 'Уценка' }, [4]],
    ['6107 directory entry', { type: 6107, field: 1302, operator: 'equal', value: 2 }, [2]],
    ['6109 employee', { type: 6109, field: 1303, operator: 'equal', value: 'user:3' }, [2]],
    ['6110 counterparty', { type: 6110, field: 1304, operator: 'equal', value: 'contact:12' }, [2]],
    ['6113 list of users', { type: 6113, field: 1307, operator: 'equal', value: 'user:4' }, [2]],
    ['6114 set of entries', { type: 6114, field: 1306, operator: 'equal', value: '1;2' }, [2]],
    ['6115 task', { type: 6115, field: 1305, operator: 'equal', value: 1001 }, [2]],
    ['6117 project', { type: 6117, field: 1308, operator: 'equal', value: 50 }, [2]],
  ];

  test.each(FILTERS)('%s', (_name, filter, wanted) => {
    expect(keys(shop(), { filters: [filter] })).toEqual(wanted);
  });

  test('several hold together, and pages are cut after them', () => {
    const account = shop();
    const filters = [
      { type: 6003, operator: 'equal', value: 1 },
      { type: 6102, field: 1298, operator: 'gt', value: 10 },
    ];
    expect(keys(account, { filters, offset: 1, pageSize: 1 })).toEqual([3]);
  });

  test('groupsOnly and entriesOnly', () => {
    expect(keys(shop(), { groupsOnly: true })).toEqual([1]);
    expect(keys(shop(), { entriesOnly: 'true' })).toEqual([2, 3, 4]);
    expect(keys(shop(), { groupsOnly: false, entriesOnly: false })).toEqual([1, 2, 3, 4]);
  });

  test('a saved filter of the directory holds with the others, and is listed with its owner', () => {
    const saved = {
      id: '4115',
      name: 'На складе',
      owner: { id: 'user:3', name: 'Ольга Ветрова' },
      filters: [{ type: 6105, field: 1300, operator: 'notequal', value: true }],
    };
    const account = bench({ directories: [{ ...DIRECTORY, filters: [saved] }] });
    expect(keys(account, { filterId: 4115 })).toEqual([1, 3, 4]);
    const group = { type: 6003, operator: 'equal', value: 1 };
    expect(keys(account, { filterId: '4115', filters: [group] })).toEqual([3]);
    expect(account.call('POST', '/directory/175/filters').body['filters']).toEqual([
      { id: '4115', name: 'На складе', owner: { id: 'user:3', name: 'Ольга Ветрова' } },
    ]);
    const unknown = account.call('POST', '/directory/175/entry/list', { filterId: 1 });
    expect(unknown).toMatchObject({ status: 400, body: { code: 41 } });
  });

  test('refusals of this list are 400 as the document shows them, unlike those of other lists', () => {
    const account = shop();
    const list = (body: Json | Uint8Array, id = 175) =>
      account.call('POST', `/directory/${id}/entry/list`, body);
    const refusals: readonly (readonly [Json | Uint8Array, number])[] = [
      [{ filters: [{ type: 6999, operator: 'equal', value: 1 }] }, 41],
      [{ filters: [{ type: 6101, operator: 'equal', value: 'а' }] }, 0],
      [{ pageSize: 0 }, 41],
      [new TextEncoder().encode('{'), 30],
    ];
    for (const [body, code] of refusals) {
      expect(list(body)).toMatchObject({ status: 400, body: { result: 'fail', code } });
    }
    expect(list({}, 13)).toMatchObject({ status: 400, body: { code: 8000 } });
  });
});

describe('what directories show', () => {
  test('group and fields when they are asked for, alone and in the list', () => {
    const account = shop();
    const one = account.call('GET', '/directory/175?fields=id,name,group,fields').body['directory'] as Row;
    expect(one).toMatchObject({ id: 175, name: 'Товары', group: { id: 1, name: 'Бытовая техника' } });
    expect((one['fields'] as readonly Json[])[0]).toEqual({
      id: 1296,
      name: 'Название',
      type: 0,
      objectType: 2,
    });
    const list = (body: Row) => account.call('POST', '/directory/list', body).body['directories'];
    expect(list({ fields: 'id,name,fields' })).toMatchObject([
      { id: 60, name: 'Города' },
      { id: 175, fields: one['fields'] },
    ]);
    expect(list({ offset: 1, pageSize: 1 })).toEqual([{ id: 175, name: 'Товары' }]);
    expect(list({ groupId: 1, fields: 'id' })).toEqual([{ id: 175 }]);
    expect(account.call('GET', '/directory/groups').body['groups']).toEqual([
      { id: 1, name: 'Бытовая техника' },
    ]);
    expect(account.call('GET', '/customfield/directory/175').body['customfields']).toHaveLength(13);
    expect(account.call('GET', '/directory/175').body['directory']).toEqual({ id: 175, name: 'Товары' });
  });

  test('an entry names its directory, and its name is the custom field of names too', () => {
    const account = shop();
    const fields = 'directory,parentKey,key,archived,isGroup,1296,1298';
    const wanted = {
      directory: { id: 175, name: 'Товары' },
      key: 2,
      parentKey: 1,
      archived: false,
      isGroup: false,
      customFieldData: [
        { field: { id: 1296, objectType: 2 }, value: 'Чайник', stringValue: 'Чайник' },
        { field: { id: 1298 }, value: 300 },
      ],
    };
    expect(account.call('GET', `/directory/175/entry/2?fields=${fields}`).body['entry']).toMatchObject(
      wanted,
    );
    const filters = [{ type: 6006, operator: 'equal', value: 2 }];
    const list = account.call('POST', '/directory/175/entry/list', { fields, filters }).body;
    expect(list['directoryEntries']).toMatchObject([wanted]);
  });

  test('names are written by their key and by their field, and read back by both', () => {
    const account = shop();
    const made = account.call('POST', '/directory/175/entry/', {
      customFieldData: [{ field: { id: 1296 }, value: 'Ковш' }],
    });
    expect(made.status).toBe(201);
    const key = String(made.body['key']);
    const shown = () => account.call('GET', `/directory/175/entry/${key}?fields=name,1296`).body['entry'];
    expect(shown()).toMatchObject({ name: 'Ковш', customFieldData: [{ value: 'Ковш' }] });
    account.call('POST', `/directory/175/entry/${key}`, { name: 'Половник' });
    expect(shown()).toMatchObject({ name: 'Половник', customFieldData: [{ value: 'Половник' }] });
    account.call('POST', `/directory/175/entry/${key}`, { archived: true });
    expect(shown()).toMatchObject({ name: 'Половник' });
  });

  test('a directory without fields has the one of its names, and a dump keeps all of it', () => {
    const account = shop();
    const fields = account.call('GET', '/directory/60?fields=fields').body['directory'] as Row;
    const [first] = fields['fields'] as readonly Row[];
    expect(first).toMatchObject({ name: 'Название', type: 0, objectType: 2 });
    const id = String(first?.['id']);
    const entry = account.call('GET', `/directory/60/entry/2?fields=key,${id}`).body['entry'];
    expect(entry).toMatchObject({ customFieldData: [{ value: 'Тверь' }] });
    const dump = JSON.parse(JSON.stringify(planfix.dump(account.state))) as Json;
    const again = planfix.create({ account: 'vesna', address: account.state.address, world: dump, seed: 7 });
    expect(planfix.dump(again)).toEqual(dump);
  });

  test('a definition names its group and its list; the wanted keys of it can be named (section 6.6)', () => {
    const fields = [
      { id: 1296, name: 'Название', type: 0, groupId: 4 },
      { id: 1301, name: 'Вид', type: 8, enumValues: ['Новый', 'Уценка'] },
      { id: 1302, name: 'Город', type: 9, directoryId: 60, directoryFields: [1400] },
    ];
    const account = bench({ directories: [{ ...DIRECTORY, fields, entries: [] }, CITIES] });
    const path = '/customfield/directory/175?fields=id,groupId,directoryId,directoryFields,enumValues';
    expect(account.call('GET', path).body['customfields']).toEqual([
      { id: 1296, groupId: 4 },
      { id: 1301, enumValues: ['Новый', 'Уценка'] },
      { id: 1302, directoryId: 60, directoryFields: [1400] },
    ]);
    const missing = account.call('GET', '/customfield/directory/13');
    expect(missing).toMatchObject({ status: 500, body: { code: 8000 } });
  });

  test('a directory that is not there answers 404 code 8000, a missing entry code 8010 (section 3)', () => {
    const account = shop();
    expect(account.call('GET', '/directory/13')).toMatchObject({
      status: 404,
      body: { result: 'fail', code: 8000 },
    });
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = account.call(method, '/directory/175/entry/99', method === 'POST' ? {} : undefined);
      expect(answer.body).toMatchObject({ result: 'fail', code: 8010 });
    }
  });
});

describe('changes of entries', () => {
  test('only the sent keys change; archiving keeps the entry where others point to it', () => {
    const account = shop();
    account.call('POST', '/directory/175/entry/2', { archived: true });
    account.call('POST', '/directory/175/entry/2', {
      customFieldData: [
        { field: { id: 1298 }, value: 350 },
        { field: { id: 1302 }, value: { id: 0 } },
      ],
    });
    const fields = 'name,parentKey,archived,1298,1301,1302';
    expect(account.call('GET', `/directory/175/entry/2?fields=${fields}`).body['entry']).toMatchObject({
      name: 'Чайник',
      parentKey: 1,
      archived: true,
      customFieldData: [{ value: 350 }, { value: 'Новый' }],
    });
  });

  test('a field of tasks is none of entries: success, and nothing stored (section 3)', () => {
    const account = shop();
    const customFieldData = [{ field: { id: 200 }, value: 'ВСН-17' }];
    expect(account.call('POST', '/directory/175/entry/2', { customFieldData }).status).toBe(200);
    const { entry } = account.call('GET', '/directory/175/entry/2?fields=key,200').body;
    expect(entry).toEqual({ key: 2 });
  });

  test('an entry hangs below another of its directory, never below itself', () => {
    const account = shop();
    const made = account.call('POST', '/directory/175/entry/', { name: 'Ковш', parentKey: 3 });
    expect(made).toMatchObject({ status: 201, body: { key: 5 } });
    expect(account.call('GET', '/directory/175/entry/5?fields=parentKey,isGroup').body['entry']).toEqual({
      key: 5,
      parentKey: 3,
      isGroup: false,
    });
    const strange = { name: 'Ничей', parentKey: 99 };
    expect(account.call('POST', '/directory/175/entry/', strange)).toMatchObject({
      status: 400,
      body: { code: 8011 },
    });
    expect(account.call('POST', '/directory/175/entry/3', { name: 'Кольцо', parentKey: 5 })).toMatchObject({
      status: 400,
      body: { code: 8012 },
    });
    expect(keys(account, { filters: [{ type: 6101, field: 1296, value: 'Кольцо' }] })).toEqual([]);
    expect(keys(account, {})).toEqual([1, 2, 3, 4, 5]);
  });

  test('an entry is gone when it is deleted, unless others hang on it (code 8013)', () => {
    const account = shop();
    expect(account.call('DELETE', '/directory/175/entry/1')).toMatchObject({
      status: 400,
      body: { code: 8013 },
    });
    expect(account.call('DELETE', '/directory/175/entry/4').status).toBe(200);
    expect(keys(account, {})).toEqual([1, 2, 3]);
  });

  test('no scope is of directories: a token of any scopes reads and changes them (section 2)', () => {
    const tokens = [{ token: OLGA, user: 'user:3', scopes: ['task_readonly'] }];
    const account = bench({ directories: [DIRECTORY], tokens });
    expect(account.call('POST', '/directory/list', {}, OLGA).status).toBe(200);
    expect(account.call('POST', '/directory/175/entry/', { name: 'Ковш' }, OLGA).status).toBe(201);
    expect(account.call('POST', '/task/1001', { name: 'Другое' }, OLGA)).toMatchObject({
      status: 405,
      body: { code: 5 },
    });
  });

  test('what no token may touch is in no list and refused with code 6; what may only be read is read', () => {
    const denied = (how: string) => bench({ directories: [{ ...DIRECTORY, denied: how }] });
    const refused = { status: 400, body: { result: 'fail', code: 6 } };
    const closed = denied('all');
    expect(closed.call('POST', '/directory/list', {}).body['directories']).toEqual([]);
    expect(closed.call('GET', '/directory/175')).toMatchObject(refused);
    expect(closed.call('POST', '/directory/175/entry/list', {})).toMatchObject(refused);
    const read = denied('writes');
    expect(keys(read, {})).toEqual([1, 2, 3, 4]);
    expect(read.call('POST', '/directory/175/entry/', { name: 'Ковш' })).toMatchObject(refused);
    expect(read.call('POST', '/directory/175/entry/4', { archived: false })).toMatchObject(refused);
    expect(read.call('DELETE', '/directory/175/entry/4')).toMatchObject(refused);
    expect(keys(read, {})).toEqual([1, 2, 3, 4]);
  });
});

test('short lists show what the world has: templates of projects, processes of contacts', () => {
  const account = bench({
    projectTemplates: [{ id: 3, name: 'Внедрение' }],
    contactProcesses: [{ id: 9, name: 'Клиенты' }],
  });
  expect(account.call('GET', '/project/templates').body['templates']).toEqual([{ id: 3, name: 'Внедрение' }]);
  expect(account.call('GET', '/process/contact?fields=id').body['processes']).toEqual([{ id: 9 }]);
  const dump = planfix.dump(account.state);
  expect(dump).toMatchObject({
    projectTemplates: [{ id: 3, name: 'Внедрение' }],
    contactProcesses: [{ id: 9, name: 'Клиенты' }],
  });
});
