/** Every filter of the table of complex task filters and every kind of date (sections 5.1 and 5.2). */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench, OLGA, type Bench, type Row } from './testing.ts';

const FIELDS: readonly (readonly [number, Json])[] = [
  [0, 'ВСН-17/26'],
  [1, 150],
  [3, { date: '11-12-2026' }],
  [7, true],
  [8, 'Телефон'],
  [9, { id: 2 }],
  [10, { id: 'contact:12' }],
  [11, { id: 'user:3' }],
  [12, { id: 'contact:20' }],
  [13, { id: 'group:1' }],
  [14, [{ id: 'user:2' }, { id: 'contact:12' }]],
  [15, [{ id: 1 }, { id: 2 }]],
  [16, { id: 3 }],
  [17, [{ id: 2 }, { id: 3 }]],
  [20, ['обмен', '1С']],
  [22, { id: 50 }],
];

const lists: Row = {
  contacts: [
    { id: 12, name: 'Мария', lastname: 'Ким' },
    { id: 13, name: 'Пётр', lastname: 'Лаптев' },
    { id: 20, name: 'Ромашка', isCompany: true },
  ],
  projects: [
    { id: 50, name: 'Сайт', owner: 'user:2', auditors: { users: [{ id: 'user:3' }] } },
    { id: 51, name: 'Внутренние', owner: 'user:2' },
  ],
  processes: [
    { id: 1, name: 'Задача', statuses: [1, 2, 3, 6] },
    { id: 4, name: 'Внедрение', statuses: [1, 2, 3] },
  ],
  directories: [
    {
      id: 60,
      name: 'Города',
      entries: [
        { key: 1, name: 'Москва' },
        { key: 2, name: 'Тверь' },
      ],
    },
  ],
  customFields: FIELDS.map(([type]) => ({ id: 200 + type, name: `Поле ${type}`, type, directoryId: 60 })),
  objects: [
    { id: 30, name: 'Задача', process: 1, customFields: FIELDS.map(([type]) => 200 + type) },
    { id: 31, name: 'Внедрение', process: 4 },
  ],
  dataTags: [{ id: 59, name: 'Время', fields: [{ id: 173, name: 'Часы', type: 1 }] }],
  dataTagEntries: [
    {
      key: 1,
      dataTag: 59,
      task: 1,
      commentId: 5001,
      customFieldData: [{ field: { id: 173 }, value: 3 }],
    },
  ],
  comments: [{ id: 5001, task: 1, owner: 'user:3', dateTime: { datetime: '2026-11-24T07:00Z' } }],
  tasks: [
    {
      id: 1,
      name: 'Настроить обмен',
      description: 'Остатки раз в час',
      status: 2,
      object: 30,
      project: 50,
      priority: 'Urgent',
      counterparty: 'contact:20',
      assigner: 'user:2',
      assignees: { users: ['user:3'] },
      participants: { users: ['contact:12'] },
      auditors: { users: ['user:4'] },
      recurrence: { type: 'daily' },
      startDateTime: { date: '20-11-2026' },
      endDateTime: { date: '23-11-2026', time: '10:00' },
      customFieldData: FIELDS.map(([type, value]) => ({ field: { id: 200 + type }, value })),
      dateTime: { datetime: '2026-11-20T08:30Z' },
      dateOfLastUpdate: { datetime: '2026-11-23T06:55Z' },
    },
    {
      id: 2,
      name: 'Выгрузить справочник',
      status: 1,
      object: 30,
      project: 51,
      parent: 1,
      assigner: 'contact:12',
      assignees: { groups: [1] },
      dateTime: { datetime: '2026-11-19T09:00Z' },
      dateOfLastUpdate: { datetime: '2026-11-22T09:00Z' },
    },
    {
      id: 3,
      name: 'Подготовить акт',
      status: 3,
      object: 31,
      parent: 2,
      assigner: 'user:3',
      assignees: { users: ['contact:13'] },
      participants: { users: ['user:4'] },
      endDateTime: { date: '01-12-2026' },
      dateTime: { datetime: '2026-11-18T09:00Z' },
      dateOfLastUpdate: { datetime: '2026-11-21T09:00Z' },
      times: {
        created: Date.UTC(2026, 10, 18, 9),
        changed: Date.UTC(2026, 10, 21, 9),
        completed: Date.UTC(2026, 10, 21, 9),
        done: Date.UTC(2026, 10, 20, 9),
      },
    },
  ],
};

function ids(account: Bench, body: Row, token?: string): Json[] {
  const { tasks } = account.call('POST', '/task/list', body, token).body;
  return (tasks as readonly Row[]).map((task) => task['id'] ?? null);
}

const on = (day: string): Json => ({ dateType: 'otherDate', dateValue: `${day}-11-2026` });

/** Type and value; the tasks that hold with `equal`, and those with `notequal` where the page allows it. */
const TABLE: readonly (readonly [number, Json, readonly number[], (readonly number[])?, number?])[] = [
  [12, on('19'), [2], [1, 3]],
  [13, on('20'), [1], [2, 3]],
  [14, on('23'), [1], [2, 3]],
  [19, on('21'), [3], [1, 2]],
  [20, on('20'), [3], [1, 2]],
  [21, on('24'), [1], [2, 3]],
  [38, on('23'), [1], [2, 3]],
  [79, on('24'), [1], [2, 3]],
  [1, 'contact:12', [2], [1, 3]],
  [2, 'user:3', [1, 2], [3]],
  [2, 'group:1', [2], [1, 3]],
  [97, 'user:3', [1], [2, 3]],
  [39, 'user:4', [3], [1, 2]],
  [3, 'user:3', [1], [2, 3]],
  [3, 'user:4', [1], [2, 3]],
  [60, 'user:4', [1], [2, 3]],
  [59, 'user:3', [1], [2, 3]],
  [22, 1, [2, 3]],
  [23, true, [2]],
  [25, 1, [1]],
  [26, true, [1, 3]],
  [16, 1, [1]],
  [28, 1, [2, 3]],
  [17, 1, [1]],
  [29, true, [2, 3]],
  [33, 1, []],
  [41, 1, [2]],
  [34, 1, [1, 3]],
  [35, 1, [2]],
  [71, 1, [1]],
  [69, 1, [3]],
  [72, 1, [3]],
  [70, 1, [1]],
  [8, 'обмен', [1], [2, 3]],
  [101, 'ВСН-17/26', [1], [2, 3], 200],
  [102, 150, [1], [2, 3], 201],
  [103, { dateType: 'otherDate', dateValue: '11-12-2026' }, [1], [2, 3], 203],
  [105, 1, [1], [2, 3], 207],
  [105, false, [2, 3], [1], 207],
  [106, 'Телефон', [1], [2, 3], 208],
  [107, 2, [1], [2, 3], 209],
  [108, 'contact:12', [1], [2, 3], 210],
  [109, 'user:3', [1], [2, 3], 211],
  [110, 20, [1], [2, 3], 212],
  [110, 'contact:20', [1], [2, 3], 212],
  [112, 'group:1', [1], [2, 3], 213],
  [113, 'contact:12', [1], [2, 3], 214],
  [114, '1;2', [1], [2, 3], 215],
  [115, 3, [1], [2, 3], 216],
  [116, 2, [1], [2, 3], 217],
  [111, '1С;обмен', [1], [2, 3], 220],
  [117, 50, [1], [2, 3], 222],
  [152, 200, [1]],
  [153, 200, [2, 3]],
  [11, 59, [1]],
  [18, 59, [2, 3]],
  [73, 1, [2], [1, 3]],
  [307, 1, [2, 3], [1]],
  [57, 2, [2], [1, 3]],
  [57, [3, 1], [1, 3], [2]],
  [51, 31, [3], [1, 2]],
  [51, [30, 31], [1, 2, 3], []],
  [5, 50, [1], [2, 3]],
  [5, '51', [2], [1, 3]],
  [5, [50, 51], [1, 2], [3]],
  [10, [1, 3], [2, 3], [1]],
  [7, 'contact:20', [1], [2, 3]],
  [7, 20, [1], [2, 3]],
  [24, 4, [3], [1, 2]],
  [9, 'Urgent', [1], [2, 3]],
];

describe('filters of the table (section 5.2)', () => {
  test.each(TABLE)('type %d with %j', (...row) => {
    const [type, value, equal, notequal, field] = row;
    const account = bench(lists);
    const filter = { type, value, ...(field === undefined ? {} : { field }) };
    expect(ids(account, { filters: [{ ...filter, operator: 'equal' }] })).toEqual(equal);
    if (notequal === undefined) return;
    expect(ids(account, { filters: [{ ...filter, operator: 'notequal' }] })).toEqual(notequal);
  });

  test.each([
    [{ type: 101, field: 200, operator: 'have', value: '17/' }, [1]],
    [{ type: 101, field: 200, operator: 'nothave', value: '17/' }, [2, 3]],
    [{ type: 102, field: 201, operator: 'gt', value: 149 }, [1]],
    [{ type: 102, field: 201, operator: 'lt', value: 150 }, []],
    [{ type: 8, operator: 'equal', value: 'Остатки' }, []],
  ])('%j', (filter, wanted) => {
    expect(ids(bench(lists), { filters: [filter] })).toEqual(wanted);
  });

  test('several hold together', () => {
    const filters = [
      { type: 2, operator: 'equal', value: 'user:3' },
      { type: 10, operator: 'equal', value: 1 },
    ];
    expect(ids(bench(lists), { filters })).toEqual([2]);
  });

  test.each([
    [{ type: 5, operator: 'equal', value: 'слово' }],
    [{ type: 16, operator: 'equal', value: 'слово' }],
    [{ type: 18, operator: 'equal', value: 'слово' }],
    [{ type: 9, operator: 'equal', value: 'High' }],
    [{ type: 105, field: 207, operator: 'equal', value: 'слово' }],
    [{ type: 79, operator: 'gt', value: 'вчера' }],
  ])('flags, choices and dates that are given a text let everything through: %j', (filter) => {
    expect(ids(bench(lists), { filters: [filter] })).toEqual([1, 2, 3]);
  });

  test.each([11, 39, 57, 152, 153])('type %d that is given a text finds nothing, as seen live', (type) => {
    expect(ids(bench(lists), { filters: [{ type, operator: 'equal', value: 'слово' }] })).toEqual([]);
  });

  test('a filter by custom field needs the field', () => {
    const answer = bench(lists).call('POST', '/task/list', { filters: [{ type: 101, value: 'ВСН' }] });
    expect(answer).toMatchObject({ status: 500, body: { result: 'fail', code: 0 } });
  });
});

/** Now is Tuesday, 24-11-2026, 07:30 UTC; tasks 1, 2 and 3 were changed on the 23rd, 22nd and 21st. */
const SPANS: readonly (readonly [Row, string, readonly number[]])[] = [
  [{ dateType: 'today' }, 'equal', []],
  [{ dateType: 'yesterday' }, 'equal', [1]],
  [{ dateType: 'tomorrow' }, 'lt', [1, 2, 3]],
  [{ dateType: 'thisWeek' }, 'equal', [1]],
  [{ dateType: 'lastWeek' }, 'equal', [2, 3]],
  [{ dateType: 'nextWeek' }, 'equal', []],
  [{ dateType: 'thisMonth' }, 'equal', [1, 2, 3]],
  [{ dateType: 'lastMonth' }, 'gt', [1, 2, 3]],
  [{ dateType: 'nextMonth' }, 'equal', []],
  [{ dateType: 'last', dateValue: 2 }, 'equal', [1, 2]],
  [{ dateType: 'next', dateValue: '2' }, 'lt', [1, 2, 3]],
  [{ dateType: 'in', dateValue: 0 }, 'notequal', [1, 2, 3]],
  [{ dateType: 'otherDate', dateValue: '22-11-2026' }, 'equal', [2]],
  [{ dateType: 'otherDate', dateFrom: '22-11-2026' }, 'equal', [2]],
  [{ dateType: 'otherDate', dateValue: '22-11-2026' }, 'gtAndEqual', [1, 2]],
  [{ dateType: 'otherDate', dateValue: '22-11-2026' }, 'ltAndEqual', [2, 3]],
  [{ dateType: 'otherDate', dateValue: '22-11-2026' }, 'gt', [1]],
  [{ dateType: 'otherDate', dateValue: '22-11-2026' }, 'lt', [3]],
  [{ dateType: 'otherRange', dateFrom: '21-11-2026', dateTo: '22-11-2026' }, 'equal', [2, 3]],
  [{ dateType: 'otherDate_withTime', dateFrom: '22-11-2026 09:00' }, 'gt', [1]],
  [{ dateType: 'otherDate_withTime', dateValue: '22-11-2026 08:59' }, 'gt', [1, 2]],
  [
    { dateType: 'otherRange_withTime', dateFrom: '21-11-2026 09:01', dateTo: '22-11-2026 09:00' },
    'equal',
    [2],
  ],
];

describe('dates of filters (section 5.2)', () => {
  test.each(SPANS)('%j, %s', (value, operator, wanted) => {
    expect(ids(bench(lists), { filters: [{ type: 38, operator, value }] })).toEqual(wanted);
  });

  test.each(['user zone', 'UTC'])(
    'a day is a day of the zone of whoever asks, for planned days too (dates shown in %s)',
    (shown) => {
      const tokens = [{ token: OLGA, user: 'user:2', timezone: 'America/New_York' }];
      const account = bench({ ...lists, tokens }, { 'timepoint.dateTimeIn': shown });
      const asked = (type: number, day: string, field?: number) =>
        ids(
          account,
          {
            filters: [{ type, operator: 'equal', value: on(day), ...(field === undefined ? {} : { field }) }],
          },
          OLGA,
        );
      expect(asked(13, '20')).toEqual([1]);
      expect(asked(12, '20')).toEqual([1]);
      const acceptance = { dateType: 'otherDate', dateValue: '11-12-2026' };
      const filters = [{ type: 103, field: 203, operator: 'equal', value: acceptance }];
      expect(ids(account, { filters }, OLGA)).toEqual([1]);
    },
  );
});

describe('saved filters (section 5.1)', () => {
  const account = () =>
    bench({
      ...lists,
      taskFilters: [
        {
          id: 40578,
          name: 'Срочные',
          owner: { id: 'user:2', name: 'Павел Орлов' },
          filters: [{ type: 9, operator: 'equal', value: 'Urgent' }],
        },
      ],
    });

  test('their numbers are texts, those of the system begin with a colon', () => {
    expect(account().call('POST', '/task/filters', {}).body['filters']).toEqual([
      { id: ':all', name: 'Все' },
      { id: ':in', name: 'Входящие' },
      { id: ':audit', name: 'На контроле' },
      { id: '40578', name: 'Срочные', owner: { id: 'user:2', name: 'Павел Орлов' } },
    ]);
  });

  test('they hold together with the filters beside them', () => {
    const saved = account();
    expect(ids(saved, { filterId: '40578' })).toEqual([1]);
    const filters = [{ type: 10, operator: 'equal', value: 1 }];
    expect(ids(saved, { filterId: '40578', filters })).toEqual([]);
    expect(ids(saved, { filterId: ':all', filters })).toEqual([2]);
    expect(ids(saved, { filterId: ':in' }, OLGA)).toEqual([1, 2]);
    expect(ids(saved, { filterId: 'out' }, OLGA)).toEqual([3]);
  });
});
