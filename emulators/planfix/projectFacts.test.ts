/** What the document and the help page "Сложные фильтры проектов" say of projects beside the contract cases. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, OLGA, world, type Bench, type Row } from './testing.ts';

const people = (...users: readonly string[]) => ({ users: users.map((id) => ({ id })) });
const projects: readonly Row[] = [
  {
    id: 50,
    name: 'Сайт',
    status: 2,
    owner: 'user:2',
    group: { id: 7, name: 'Внутренние' },
    counterparty: { id: 'contact:12' },
    endDate: { date: '01-12-2026' },
    customFieldData: [{ field: { id: 400 }, value: 'срочный' }],
  },
  {
    id: 51,
    name: 'Склад',
    status: 1,
    parent: { id: 50 },
    template: { id: 9 },
    assignees: { groups: [{ id: 1 }] },
    auditors: people('user:2'),
    clientManagers: people('user:3'),
    times: { created: Date.UTC(2026, 10, 20, 22, 0) },
  },
  { id: 52, name: 'Старый', status: 1, isDeleted: true },
];
const lists = {
  projects,
  customFields: [
    ...(world['customFields'] as readonly Row[]),
    { id: 400, name: 'Вид', type: 0, objectType: 3 },
    { id: 401, name: 'Часы', type: 1, objectType: 3 },
    { id: 402, name: 'Приёмка', type: 3, objectType: 3 },
  ],
};

function found({ call }: Bench, filter: Row, token?: string): readonly number[] {
  const answer = call('POST', '/project/list', { fields: 'id', filters: [filter] }, token);
  return (answer.body['projects'] as readonly { id: number }[]).map(({ id }) => id);
}

function shown({ call }: Bench, id: number, fields: string, token?: string): Json | undefined {
  return call('GET', `/project/${id}?fields=${fields}`, undefined, token).body['project'];
}

describe('project filters', () => {
  const account = bench(lists);
  const customFieldData = [
    { field: { id: 401 }, value: 12 },
    { field: { id: 402 }, value: { date: '15-12-2026' } },
  ];
  account.call('POST', '/project/51', { customFieldData });
  const day = (dateValue: string) => ({ dateType: 'otherDate', dateValue });
  const cases: readonly (readonly [string, Row, readonly number[]])[] = [
    ['5001 asks for a part of the name', { type: 5001, value: 'ска' }, []],
    ['5001 whatever the case', { type: 5001, value: 'СКЛ' }, [51]],
    ['5002 asks for a group', { type: 5002, value: 7 }, [50]],
    ['5003 takes a number', { type: 5003, value: 12 }, [50]],
    ['5003 takes a prefixed number', { type: 5003, value: 'contact:12' }, [50]],
    ['5003 asks for the rest', { type: 5003, operator: 'notequal', value: 12 }, [51]],
    ['5004 asks for the owner', { type: 5004, value: 'user:2' }, [50]],
    ['5005 asks for the end', { type: 5005, value: day('01-12-2026') }, [50]],
    ['5005 asks for what ends later', { type: 5005, operator: 'gt', value: day('02-12-2026') }, []],
    ['5006 asks for the status', { type: 5006, value: 1 }, [51]],
    ['5007 asks for a number', { type: 5007, value: 50 }, [50]],
    ['5007 asks for greater numbers', { type: 5007, operator: 'gt', value: 50 }, [51]],
    ['5007 asks for lesser numbers', { type: 5007, operator: 'lt', value: '51' }, [50]],
    ['5008 asks for a client manager', { type: 5008, value: 'user:3' }, [51]],
    ['5010 asks for the template', { type: 5010, value: 9 }, [51]],
    ['5011 looks into groups', { type: 5011, value: 'user:4' }, [51]],
    ['5011 asks for a group', { type: 5011, value: 'group:1' }, [51]],
    ['5011 asks for the rest', { type: 5011, operator: 'notequal', value: 'user:4' }, [50]],
    ['5012 asks for an auditor', { type: 5012, value: 'user:2' }, [51]],
    ['5013 asks for the creation', { type: 5013, value: day('20-11-2026') }, [51]],
    ['5014 asks for the parent', { type: 5014, value: 50 }, [51]],
    ['5101 asks for a text', { type: 5101, field: 400, value: 'срочный' }, [50]],
    ['5102 compares numbers', { type: 5102, field: 401, operator: 'gt', value: 10 }, [51]],
    ['5103 asks for a day', { type: 5103, field: 402, value: day('15-12-2026') }, [51]],
  ];
  test.each(cases)('%s', (_name, filter, ids) => {
    expect(found(account, { operator: 'equal', ...filter })).toEqual(ids);
  });

  test('dates are those of the zone of whoever asks', () => {
    const filter = { type: 5013, operator: 'equal', value: day('21-11-2026') };
    expect(found(account, filter, OLGA)).toEqual([51]);
  });
});

describe('what a project keeps', () => {
  const body = {
    sourceObjectId: '0c091b1f-a735-44e9-a56c-43435e7a40b6',
    name: 'Магазин',
    description: 'Витрина',
    status: { id: 0 },
    owner: { id: 'user:3' },
    parent: { id: 50 },
    template: { id: 9 },
    group: { id: 7 },
    counterparty: { id: 12 },
    startDate: { date: '01-12-2026' },
    endDate: '10-12-2026',
    hiddenForClients: true,
    assignees: { users: [{ id: 'user:3' }], groups: [{ id: 1 }] },
    participants: people('contact:12'),
    clientManagers: people('user:2'),
    auditors: people('user:4'),
    customFieldData: [{ field: { id: 400 }, value: 'новый' }],
    files: [{ id: 5 }],
  };
  const kept = {
    sourceObjectId: body.sourceObjectId,
    name: 'Магазин',
    description: 'Витрина',
    status: { id: 0 },
    owner: { id: 'user:3', name: 'Ольга Ветрова' },
    parent: { id: 50 },
    template: { id: 9 },
    group: { id: 7, name: 'Внутренние' },
    counterparty: { id: 'contact:12', name: 'Мария Ким' },
    startDate: { date: '01-12-2026', time: '00:00', datetime: '2026-12-01T00:00Z' },
    endDate: { date: '10-12-2026', time: '00:00', datetime: '2026-12-10T00:00Z' },
    hasEndDate: true,
    hiddenForEmployees: false,
    hiddenForClients: true,
    overdue: false,
    isCloseToDeadline: false,
    isDeleted: false,
    assignees: {
      users: [{ id: 'user:3', name: 'Ольга Ветрова' }],
      groups: [{ id: 1, name: 'Разработка' }],
    },
    participants: { users: [{ id: 'contact:12', name: 'Мария Ким' }], groups: [] },
    clientManagers: { users: [{ id: 'user:2', name: 'Павел Орлов' }], groups: [] },
    auditors: { users: [{ id: 'user:4', name: 'Тимур Саидов' }], groups: [] },
  };
  const files = [{ id: 5, name: 'план.txt', text: 'да' }];
  const names = `${Object.keys(kept).join()},400`;

  test('a creation keeps every key of the document', () => {
    const account = bench({ ...lists, files });
    const made = account.call('POST', '/project/', body);
    expect(made.status).toBe(201);
    const id = Number(made.body['id']);
    expect(shown(account, id, names)).toMatchObject({ id, ...kept, customFieldData: [{ value: 'новый' }] });
    expect(account.call('GET', `/project/${id}/files`).body['files']).toEqual([
      { id: 5, name: 'план.txt', size: 1 },
    ]);
  });

  test('an update keeps what the document lists for it, and a dump keeps it all', () => {
    const account = bench({ ...lists, files });
    const { startDate: _start, files: _files, ...update } = body;
    account.call('POST', '/project/51', update);
    const { startDate: _shown, ...wanted } = kept;
    const whole = { id: 51, ...wanted, customFieldData: [{ value: 'новый' }] };
    expect(shown(account, 51, names)).toMatchObject(whole);
    expect(shown(bench(planfix.dump(account.state) as Row), 51, names)).toEqual(shown(account, 51, names));
  });

  test('null says nothing, hasEndDate:false takes the end away, a counterparty 0 itself', () => {
    const account = bench(lists);
    account.call('POST', '/project/50', { endDate: null, group: null, owner: null, counterparty: { id: 0 } });
    expect(shown(account, 50, 'owner,group,counterparty,hasEndDate')).toEqual({
      id: 50,
      owner: { id: 'user:2', name: 'Павел Орлов' },
      group: { id: 7, name: 'Внутренние' },
      hasEndDate: true,
    });
    account.call('POST', '/project/50', { hasEndDate: false });
    expect(shown(account, 50, 'endDate,hasEndDate')).toEqual({ id: 50, hasEndDate: false });
  });

  test('a moment is of the zone of whoever writes it, and a past end is overdue', () => {
    const account = bench(lists);
    account.call('POST', '/project/50', { endDate: { date: '24-11-2026', time: '10:00' } }, OLGA);
    expect(shown(account, 50, 'endDate,overdue')).toEqual({
      id: 50,
      endDate: {
        date: '24-11-2026',
        time: '07:00',
        datetime: '2026-11-24T07:00Z',
        dateTimeUtcSeconds: '2026-11-24T07:00:00+0000',
      },
      overdue: true,
    });
  });

  test('people who are not there are refused, and nothing is written', () => {
    const account = bench(lists);
    const refused = account.call('POST', '/project/50', { name: 'Иное', assignees: people('user:99') });
    expect(refused.body).toMatchObject({ result: 'fail', code: 41 });
    expect(shown(account, 50, 'name')).toEqual({ id: 50, name: 'Сайт' });
  });

  test('a project that is marked deleted is in no list', () => {
    const account = bench(lists);
    account.call('POST', '/project/51', { isDeleted: true });
    expect(account.call('POST', '/project/list', { fields: 'id' }).body['projects']).toEqual([{ id: 50 }]);
    expect(shown(account, 51, 'isDeleted')).toEqual({ id: 51, isDeleted: true });
  });

  test('an update of a project that is not there is refused as the document words it', () => {
    const { status, body: answer } = bench(lists).call('POST', '/project/99', { name: 'Нет' });
    expect([status, answer['code'], answer['error']]).toEqual([
      404,
      3000,
      'Project for update not found by id 99',
    ]);
  });
});
