/** Data tags (section 6.9 of the reference) and the filters over their entries (5.2, 5.3). */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, OLGA, world, type Answer, type Bench, type Row } from './testing.ts';

const [first, second] = world['tasks'] as readonly Row[];
const lists = {
  dataTags: [
    {
      id: 61,
      name: 'Оценка',
      group: { id: 5, name: 'Работа' },
      fields: [
        { id: 188, name: 'Что', type: 0 },
        { id: 189, name: 'Часов', type: 1 },
      ],
    },
  ],
  tasks: [{ ...first, counterparty: { id: 'contact:12' } }, { ...second }] as Json,
};

function entries(...hours: number[]): Row {
  return {
    dataTag: { id: 61 },
    items: hours.map((value) => ({ customFieldData: [{ field: { id: 189 }, value }] })),
  };
}

function add({ call }: Bench, path: string, ...hours: number[]): Answer {
  return call('POST', path, entries(...hours));
}

function keys({ call }: Bench, body: Row, token?: string): Json {
  const answer = call('POST', '/datatag/61/entry/list', body, token).body;
  return (answer['dataTagEntries'] as readonly { key: number }[]).map(({ key }) => key);
}

describe('entries are found by the task that they are of (filters 1, 5, 7, 10, 12, 24, 51 and 325 as in 5.2)', () => {
  const account = bench(lists);
  add(account, '/task/1001/datatags/', 1, 2);
  add(account, '/task/1002/datatags/', 3);
  add(account, '/contact/12/datatags/', 4);
  const day = { dateType: 'otherDate', dateValue: '19-11-2026' };
  const cases: readonly (readonly [string, Row, readonly number[]])[] = [
    ['assigner', { type: 1, operator: 'equal', value: 'user:2' }, [1, 2, 3]],
    ['project', { type: 5, operator: 'equal', value: 50 }, [1, 2]],
    ['not of the project', { type: 5, operator: 'notequal', value: 50 }, [3]],
    ['counterparty', { type: 7, operator: 'equal', value: 12 }, [1, 2]],
    ['statuses', { type: 10, operator: 'equal', value: [1, 3] }, [3]],
    ['creation', { type: 12, operator: 'gt', value: day }, [1, 2]],
    ['process', { type: 24, operator: 'equal', value: 1 }, [1, 2, 3]],
    ['template or object', { type: 51, operator: 'equal', value: 30 }, [1, 2, 3]],
    ['object', { type: 325, operator: 'equal', value: [31] }, []],
    ['a number of its own', { type: 3109, field: 189, operator: 'gt', value: 1 }, [2, 3, 4]],
  ];
  test.each(cases)('%s', (_name, filter, found) => {
    expect(keys(account, { filters: [filter] })).toEqual(found);
  });

  test('a filter of tasks that entries do not have is refused', () => {
    const refused = account.call('POST', '/datatag/61/entry/list', {
      filters: [{ type: 8, value: 'Обмен' }],
    });
    expect([refused.status, refused.body['code']]).toEqual([400, 41]);
  });

  test('taskId and contactId narrow the list, with the prefix or without; 0, the default, does not', () => {
    expect(keys(account, { taskId: 1001 })).toEqual([1, 2]);
    expect(keys(account, { contactId: 12 })).toEqual([4]);
    expect(keys(account, { contactId: 'contact:12' })).toEqual([4]);
    expect(keys(account, { taskId: 0 })).toEqual([1, 2, 3, 4]);
  });

  test('an entry names its task or its contact, its comment and its tag', () => {
    const fields = 'key,dataTag,task,contact,commentId,189';
    const { dataTagEntry } = account.call('GET', `/datatag/entry/4?fields=${fields}`).body;
    expect(dataTagEntry).toMatchObject({
      key: 4,
      contact: { id: 12 },
      dataTag: { id: 61, name: 'Оценка', group: { id: 5, name: 'Работа' } },
      customFieldData: [{ field: { id: 189 }, value: 4 }],
    });
    expect(dataTagEntry).not.toHaveProperty('task');
    const other = account.call('GET', `/datatag/entry/1?fields=${fields}`).body['dataTagEntry'];
    expect(other).toMatchObject({ task: { id: 1001 } });
  });
});

test('tasks and contacts are found by a value of an entry (93), a missing subfilter is refused', () => {
  const account = bench(lists);
  add(account, '/task/1001/datatags/', 2);
  add(account, '/contact/12/datatags/', 4);
  const by = (value: number): Row => ({
    type: 93,
    operator: 'equal',
    value,
    subfilter: { dataTagId: 61, filter: { type: 3109, field: 189 } },
  });
  const list = (kind: string, filter: Row) =>
    account.call('POST', `/${kind}/list`, { fields: 'id', filters: [filter] }).body;
  expect(list('task', by(2))['tasks']).toEqual([{ id: 1001 }]);
  expect(list('task', by(4))['tasks']).toEqual([]);
  expect(list('contact', by(4))['contacts']).toEqual([{ id: 12 }]);
  expect(list('contact', by(2))['contacts']).toEqual([]);
  expect(list('contact', { type: 93, operator: 'equal', value: 2 })['error']).toContain('subfilter');
});

test('an entry of a contact card makes a comment there and shows among the data tags of the card', () => {
  const account = bench(lists);
  const made = add(account, '/contact/contact:12/datatags/', 4);
  expect(made.status).toBe(201);
  const comment = String(made.body['commentId']);
  const more = add(account, `/contact/12/datatags/${comment}`, 5);
  expect(more.body).toMatchObject({ result: 'success', keys: [2] });
  const links = [1, 2].map((key) => ({ dataTag: { id: 61, name: 'Оценка' }, key }));
  const card = account.call('GET', '/contact/12?fields=dataTags').body;
  expect(card['contact']).toMatchObject({ dataTags: links });
  const read = account.call('GET', `/comment/${comment}?fields=contact,dataTags`).body;
  expect(read['comment']).toMatchObject({ contact: { id: 'contact:12' }, dataTags: links });
  const dump = planfix.dump(account.state);
  const again = planfix.create({
    account: 'vesna',
    address: { http: 'http://127.0.0.1:5001', https: 'https://127.0.0.1:5002' },
    world: dump,
    seed: 1,
  });
  expect(planfix.dump(again)).toEqual(dump);
  expect(account.call('DELETE', '/datatag/entry/1').body['result']).toBe('success');
  expect(account.call('GET', '/contact/12?fields=dataTags').body['contact']).toMatchObject({
    dataTags: [links[1]],
  });
});

test('a missing tag is code 6000, a missing entry 6010, a body without entries 6011 (section 3)', () => {
  const { call } = bench(lists);
  const refusal = (method: string, path: string, body?: Row) => {
    const answer = call(method, path, body);
    return [answer.status, answer.body['code'], answer.body['error']];
  };
  expect(refusal('GET', '/datatag/9')).toEqual([404, 6000, 'Data tag not found by id 9']);
  expect(refusal('POST', '/task/1001/datatags/', { dataTag: { id: 9 } })[1]).toBe(6000);
  expect(refusal('POST', '/datatag/9/entry/list', {}).slice(0, 2)).toEqual([400, 6000]);
  for (const method of ['GET', 'POST', 'DELETE']) {
    expect(refusal(method, '/datatag/entry/9')).toEqual([400, 6010, 'Entry not found by key - 9']);
  }
  expect(refusal('POST', '/task/1001/datatags/', { dataTag: { id: 61 } })).toEqual([
    400,
    6011,
    'Error add entry',
  ]);
});

test('an entry of a comment that the caller does not see is not there for him', () => {
  const account = bench(lists);
  const { call } = account;
  const hidden = call('POST', '/task/1001/comments/', { description: 'Для своих', isHidden: true }).body;
  add(account, `/task/1001/datatags/${String(hidden['id'])}`, 8);
  expect(keys(account, {})).toEqual([1]);
  expect(keys(account, {}, OLGA)).toEqual([]);
  expect(call('GET', '/datatag/entry/1', undefined, OLGA).body['code']).toBe(6);
  expect(call('GET', '/task/1001?fields=dataTags', undefined, OLGA).body['task']).toEqual({
    id: 1001,
    dataTags: [],
  });
});

test('an entry goes along with its comment to another task', () => {
  const account = bench(lists);
  const { commentId } = add(account, '/task/1001/datatags/', 1).body;
  account.act({ as: 2, do: 'move comment', comment: commentId ?? null, task: 1002 });
  expect(keys(account, { taskId: 1002 })).toEqual([1]);
});
