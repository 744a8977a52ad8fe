/** What the help pages of the API and its document say beside the contract cases. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench, OLGA, world, type Bench, type Row } from './testing.ts';

const projects = [
  { id: 50, name: 'Сайт', status: 2, owner: 'user:2', auditors: { users: [{ id: 'user:4' }] } },
];
const [first, second] = world['tasks'] as readonly Row[];
const customFields = [...(world['customFields'] as readonly Row[]), { id: 220, name: 'Метки', type: 20 }];
const objects = [{ id: 30, name: 'Задача', process: 1, customFields: [200, 203, 206, 220] }];
const tasks = [
  {
    ...first,
    auditors: { users: [{ id: 'user:2' }] },
    customFieldData: [{ field: { id: 220 }, value: ['обмен', '1С'] }],
  },
  { ...second },
] as Json;

function found({ call }: Bench, filter: Row): number[] {
  const { tasks: rows } = call('POST', '/task/list', { fields: 'id', filters: [filter] }).body;
  return (rows as readonly { id: number }[]).map(({ id }) => id);
}

describe('task filters', () => {
  const account = bench({ projects, customFields, objects, tasks });
  const cases: readonly (readonly [string, Row, number[]])[] = [
    ['60 asks for the auditor of the task', { type: 60, operator: 'equal', value: 'user:2' }, [1001]],
    ['59 asks for the auditor of the project', { type: 59, operator: 'equal', value: 'user:4' }, [1001]],
    ['59 knows nothing of the task’s own auditors', { type: 59, operator: 'equal', value: 'user:2' }, []],
    ['3 asks for either', { type: 3, operator: 'equal', value: 'user:4' }, [1001]],
    ['a flag holds by true', { type: 23, operator: 'equal', value: true }, [1001, 1002]],
    ['a flag that is given a text lets everything through', { type: 26, value: 'слово' }, [1001, 1002]],
    ['a process that is a text lets everything through', { type: 24, value: 'слово' }, [1001, 1002]],
    ['a number that is a text finds nothing', { type: 57, value: 'слово' }, []],
    ['325 asks for the object alone', { type: 325, operator: 'equal', value: [30] }, [1001, 1002]],
    ['the document’s own “equals” is equality', { type: 10, operator: 'equals', value: 1 }, [1002]],
    ['one entry of a set', { type: 111, field: 220, operator: 'equal', value: '1С' }, [1001]],
    ['all entries of a set', { type: 111, field: 220, operator: 'equal', value: '1С;обмен' }, [1001]],
    ['an entry that the set lacks', { type: 111, field: 220, operator: 'equal', value: '1С;склад' }, []],
    ['an unreadable person is nobody', { type: 1, operator: 'equal', value: 'слово' }, []],
  ];
  for (const [name, filter, ids] of cases) {
    test(name, () => {
      expect(found(account, filter)).toEqual(ids);
    });
  }
});

test('null in a task write says nothing: texts, people and files stay', () => {
  const { call } = bench();
  const before = call('GET', '/task/1001?fields=name,description,assignees,files').body;
  const nulls = { name: null, description: null, assignees: null, files: null, priority: null };
  expect(call('POST', '/task/1001', nulls).status).toBe(200);
  expect(call('GET', '/task/1001?fields=name,description,assignees,files').body).toEqual(before);
});

test('people in another form than users and groups are refused, and nobody loses his role', () => {
  const { call } = bench();
  expect(call('POST', '/task/1001', { assignees: [{ id: 'user:4' }] }).body['result']).toBe('fail');
  expect(call('GET', '/task/1001?fields=assignees').body['task']).toMatchObject({
    assignees: { users: [{ id: 'user:3' }] },
  });
});

test('silent=True, as Python writes it, is silent', () => {
  const { call } = bench();
  expect(call('POST', '/task/1001?silent=True', { name: 'Тихо' }).notices).toEqual([]);
});

test('a comment names its project, and one role of its recipients may stand without a list', () => {
  const { call } = bench();
  const body = { description: 'Готово', recipients: { roles: 'assignee' } };
  const made = call('POST', '/task/1001/comments/', body);
  expect(made.notices.map(({ to }) => to)).toEqual(['user:3']);
  const read = call('GET', `/comment/${String(made.body['id'])}?fields=project`, undefined, OLGA);
  expect(read.body['comment']).toMatchObject({ project: { id: 50 } });
});

test('a data tag tells its fields where they are asked for', () => {
  const { call } = bench({
    dataTags: [{ id: 61, name: 'Оценка', fields: [{ id: 189, name: 'Время', type: 6 }] }],
  });
  const fields = [{ id: 189, type: 6, objectType: 4 }];
  expect(call('GET', '/datatag/61?fields=id,name,fields').body['dataTag']).toMatchObject({ fields });
  expect(call('POST', '/datatag/list', { fields: 'id,fields' }).body['dataTags']).toMatchObject([{ fields }]);
});

test('hasEndTime:false beside a moment makes a day of it', () => {
  const { call } = bench();
  call('POST', '/task/1001', { endDateTime: { date: '04-12-2026', time: '00:00' }, hasEndTime: false });
  expect(call('GET', '/task/1001?fields=endDateTime,hasEndTime').body['task']).toMatchObject({
    endDateTime: { date: '04-12-2026' },
    hasEndTime: false,
  });
});

test('comments are ordered by several keys in turn, as the document’s example asks', () => {
  const { call } = bench();
  const dateTime = { date: '23-11-2026', time: '12:00' };
  const ids = [1, 2].map((n) => {
    const made = call('POST', '/task/1001/comments/', { description: String(n), dateTime });
    return Number(made.body['id']);
  });
  const resultOrder = [
    { field: 'dateTime', direction: 'Asc' },
    { field: 'id', direction: 'Desc' },
  ];
  const { comments } = call('POST', '/task/1001/comments/list', { fields: 'id', resultOrder }).body;
  expect(comments).toEqual([...ids].reverse().map((id) => ({ id })));
});

test('a file that is not there is refused with its number, a download of it without', () => {
  const { call } = bench();
  const error = (path: string): unknown => call('GET', path).body['error'];
  expect(error('/file/9999')).toBe('File not found by id 9999');
  expect(error('/file/9999/download')).toBe('File not found by id');
});

test('page numbers that are empty texts are like absent ones', () => {
  const { call } = bench();
  expect(call('POST', '/task/list', { offset: '', pageSize: '', fields: 'id' }).body['tasks']).toHaveLength(
    2,
  );
});
