/** What the document and the help page "Сложные фильтры контактов" say of contacts beside the contract cases. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench, OLGA, world, type Bench, type Row } from './testing.ts';

const contacts: readonly Row[] = [
  {
    id: 12,
    name: 'Мария',
    lastname: 'Ким',
    gender: 'Female',
    email: 'maria@romashka.example',
    additionalEmailAddresses: ['kim@dom.example', 'mk@dom.example'],
    telegram: '@kim',
    birthDate: '01.12.1991',
    phones: [{ number: '+79160000012', type: 1 }],
    group: { id: 1 },
    template: { id: 3 },
    companies: [{ id: 20 }],
    supervisors: { users: [{ id: 'user:2' }], groups: [{ id: 1 }] },
    customFieldData: [{ field: { id: 300 }, value: 'важный' }],
  },
  { id: 13, name: 'Клиент', lastname: 'без почты', birthDate: { date: '24-11-1980' } },
  { id: 20, name: 'Ромашка', isCompany: true, contacts: [{ id: 12 }] },
];
const lists = {
  contacts,
  contactGroups: [{ id: 1, name: 'Клиенты' }],
  customFields: [
    ...(world['customFields'] as readonly Row[]),
    { id: 300, name: 'Метка', type: 0, objectType: 1 },
  ],
  tasks: (world['tasks'] as readonly Row[]).map((task) =>
    task['id'] === 1001
      ? { ...task, counterparty: { id: 'contact:13' }, endDateTime: { datetime: '2026-11-23T10:00Z' } }
      : task,
  ),
};

function found({ call }: Bench, body: Row): readonly number[] {
  const { contacts: rows } = call('POST', '/contact/list', { fields: 'id', ...body }).body;
  return (rows as readonly { id: number }[]).map(({ id }) => id);
}

function shown({ call }: Bench, id: number, fields: string, token?: string): Json | undefined {
  return call('GET', `/contact/${id}?fields=${fields}`, undefined, token).body['contact'];
}

describe('contact filters', () => {
  const account = bench(lists);
  account.call('POST', '/contact/13', { description: 'Звонить' });
  const day = (dateValue: string) => ({ dateType: 'otherDate', dateValue });
  const span = (dateFrom: string, dateTo: string) => ({ dateType: 'otherRange', dateFrom, dateTo });
  const cases: readonly (readonly [string, number, Json, readonly number[], string?])[] = [
    ['38 asks for the last change', 38, { dateType: 'today' }, [13]],
    ['4223 asks for the birthday in its year', 4223, day('01-12-1991'), [12]],
    ['4223 knows the year', 4223, day('01-12-1990'), []],
    ['4223 sorts by gt', 4223, day('01-01-1985'), [12], 'gt'],
    ['4011 forgets the year', 4011, day('01-12-2020'), [12]],
    ['4011 asks for today', 4011, { dateType: 'today' }, [13]],
    ['4011 asks for the rest', 4011, { dateType: 'today' }, [12], 'notequal'],
    ['4011 crosses New Year', 4011, span('20-11-2026', '10-01-2027'), [12, 13]],
    ['2 asks for a supervisor', 2, 'user:2', [12]],
    ['2 looks into groups', 2, 'user:4', [12]],
    ['2 asks for a group', 2, 'group:1', [12]],
    ['2 asks for the rest', 2, 'user:2', [13], 'notequal'],
    ['47 holds for every employee', 47, 'user:3', [12, 13]],
    ['48 holds for nobody who is not there', 48, 'user:99', []],
    ['4201 has no active tasks to pay for', 4201, true, [12]],
    ['4202 takes part in no active task', 4202, 1, []],
    ['4203 is the counterparty of active tasks', 4203, 1, [13]],
    ['4204 takes part in active tasks', 4204, true, [12, 13]],
    ['4205 is the counterparty of overdue tasks', 4205, 1, [13]],
    ['4206 takes part in overdue tasks', 4206, 1, [12, 13]],
    ['4213 was the counterparty of what moved today', 4213, { dateType: 'today' }, [13]],
    ['4219 was not', 4219, { dateType: 'today' }, [12]],
    ['4214 takes part in what moved yesterday', 4214, { dateType: 'yesterday' }, []],
    ['4220 does not', 4220, { dateType: 'yesterday' }, [12, 13]],
    ['4152 has a value', 4152, 300, [12]],
    ['4153 has none', 4153, 300, [13]],
    ['4008 asks for a group', 4008, 1, [12]],
    ['4008 asks for the rest', 4008, 1, [13], 'notequal'],
    ['4008 with no number finds nothing', 4008, 'слово', []],
    ['4016 asks for a template', 4016, '3', [12]],
    ['4016 asks for the rest', 4016, 3, [13], 'notequal'],
    ['4231 asks for a number', 4231, 12, [12]],
    ['4231 asks for the rest', 4231, 12, [13], 'notequal'],
    ['4221 looks into every further address', 4221, 'mk@dom', [12]],
    ['4226 takes a link', 4226, 'https://t.me/kim', [12]],
    ['4019 asks for the rest', 4019, 'Female', [13], 'notequal'],
    ['4003 asks for the rest', 4003, '0000012', [13], 'notequal'],
    ['4001 takes either order of the name', 4001, 'Ким Мария', [12]],
    ['4012: everybody may take part', 4012, true, [12, 13]],
    ['4018: nobody may not be a counterparty', 4018, true, []],
  ];
  test.each(cases)('%s', (_name, type, value, ids, operator = 'equal') => {
    expect(found(account, { filters: [{ type, operator, value }] })).toEqual(ids);
  });

  test('4101 asks for the value of a field', () => {
    const filter = { type: 4101, field: 300, operator: 'have', value: 'важ' };
    expect(found(account, { filters: [filter] })).toEqual([12]);
  });

  test('a type that contacts do not have is refused', () => {
    const body = { fields: 'id', filters: [{ type: 4999, operator: 'equal', value: 1 }] };
    expect(account.call('POST', '/contact/list', body).body).toMatchObject({ result: 'fail', code: 41 });
  });

  test.each([
    [':company', [20]],
    ['company', [20]],
    [':contact', [12, 13]],
    ['', [12, 13]],
  ])('filterId %j of /contact/filters', (filterId, ids) => {
    expect(found(account, { filterId })).toEqual(ids);
  });

  test('an unknown filterId is refused', () => {
    const answer = account.call('POST', '/contact/list', { filterId: '77' });
    expect(answer.body).toMatchObject({ result: 'fail', code: 41 });
  });
});

describe('what is shown of a contact', () => {
  test.each<readonly [string, Json]>([
    ['an object with dots', { date: '01.12.1991' }],
    ['a text', '01.12.1991'],
    ['a TimePoint', { date: '01-12-1991', time: '00:00', datetime: '1991-11-30T21:00Z' }],
  ])('a birthday written as %s is a TimePoint for readers of every zone', (_form, birthDate) => {
    const account = bench(lists);
    expect(account.call('POST', '/contact/13', { birthDate }, OLGA).status).toBe(200);
    for (const token of [undefined, OLGA]) {
      expect(shown(account, 13, 'birthDate', token)).toEqual({
        id: 13,
        birthDate: {
          date: '01-12-1991',
          time: '00:00',
          datetime: '1991-12-01T00:00Z',
          dateTimeUtcSeconds: '1991-12-01T00:00:00+0000',
        },
      });
    }
  });

  test('an empty birthday empties it, an unreadable one is refused', () => {
    const account = bench(lists);
    expect(account.call('POST', '/contact/12', { birthDate: 'вчера' }).body['code']).toBe(41);
    account.call('POST', '/contact/12', { birthDate: '' });
    expect(shown(account, 12, 'birthDate')).toEqual({ id: 12 });
  });

  test('a phone that is written with its number alone comes back with a mask and a type', () => {
    const account = bench(lists);
    const phones = [{ number: '+79160000099' }, { number: '5-17', type: 2 }];
    const { id } = account.call('POST', '/contact/', { name: 'Анна', phones }).body;
    expect(shown(account, Number(id), 'phones')).toMatchObject({
      phones: [
        { number: '+79160000099', maskedNumber: '+7 (916) 000-00-99', type: 1 },
        { number: '5-17', maskedNumber: '5-17', type: 2 },
      ],
    });
  });

  test('group, supervisors and companies are shown with names, the people of a company as persons', () => {
    const account = bench(lists);
    expect(shown(account, 12, 'group,template,supervisors,companies')).toEqual({
      id: 12,
      group: { id: 1, name: 'Клиенты' },
      template: { id: 3 },
      supervisors: {
        users: [{ id: 'user:2', name: 'Павел Орлов' }],
        groups: [{ id: 1, name: 'Разработка' }],
      },
      companies: [{ id: 20, name: 'Ромашка' }],
    });
    expect(shown(account, 20, 'contacts')).toEqual({
      id: 20,
      contacts: [{ id: 'contact:12', name: 'Мария Ким' }],
    });
  });

  test('null says nothing, a group 0 takes the group away', () => {
    const account = bench(lists);
    const nulls = { name: null, phones: null, group: null, supervisors: null, birthDate: null };
    const before = shown(account, 12, 'name,phones,group,supervisors,birthDate');
    expect(account.call('POST', '/contact/12', nulls).status).toBe(200);
    expect(shown(account, 12, 'name,phones,group,supervisors,birthDate')).toEqual(before);
    account.call('POST', '/contact/12', { group: { id: 0 } });
    expect(shown(account, 12, 'group')).toEqual({ id: 12 });
  });

  test('files are shown with name and size, and one that is taken off and used nowhere else is gone', () => {
    const account = bench({ ...lists, files: [{ id: 5, name: 'договор.txt', text: 'да' }] });
    account.call('POST', '/contact/12', { files: [{ id: 5 }] });
    const files = [{ id: 5, name: 'договор.txt', size: 1 }];
    expect(shown(account, 12, 'files')).toEqual({ id: 12, files });
    expect(account.call('GET', '/contact/12/files').body['files']).toEqual(files);
    expect(account.call('POST', '/contact/12', { files: [{ id: 6 }] }).body['code']).toBe(7000);
    account.call('POST', '/contact/12', { files: [] });
    expect(account.call('GET', '/file/5').body['code']).toBe(7000);
  });
});

test('1 asks who added a contact', () => {
  const account = bench(lists);
  account.call('POST', '/contact/', { name: 'Анна' });
  account.act({ as: 2, do: 'create contact', name: 'Борис' });
  const by = (value: Json, operator = 'equal') => found(account, { filters: [{ type: 1, operator, value }] });
  expect(by('user:1')).toEqual([14]);
  expect(by(2)).toEqual([15]);
  expect(by('user:1', 'notequal')).toEqual([12, 13, 15]);
});
