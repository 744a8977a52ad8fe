/** The hostile answers of Planfix, one by one as its reference tells of them (sections 3 to 10, 15, 16). */
import {
  afterwards,
  broken,
  deeply,
  edited,
  type Row,
  instead,
  isRow,
  json,
  page,
  raw,
  wire,
} from './answers.ts';
import { type Asked, type Hostile, type Plain } from './conversation.ts';

type Fits = (asked: Asked) => boolean;

const below = (asked: Asked): string => asked.path.replace(/^\/rest/, '');
const is =
  (method: string, path: RegExp): Fits =>
  (asked) =>
    asked.request.method === method && path.test(below(asked));
const updates: Fits = (asked) =>
  is('POST', /^\/task\/\d+$/)(asked) ||
  is('POST', /^\/task\/\d+\/comments\/\d+$/)(asked) ||
  is('POST', /^\/file\/\d+\/attach/)(asked) ||
  asked.request.method === 'DELETE';
const pings = is('GET', /^\/ping$/);
const downloads = is('GET', /\/download$|^\/storage/);
const speaks: Fits = (asked) => !updates(asked) && !pings(asked) && !downloads(asked);
const creates: Fits = (asked) => is('POST', /^\/task\/$|\/comments\/$|^\/file\/$/)(asked);
const decides: Fits = (asked) => creates(asked) && !is('POST', /^\/file\/$/)(asked);
const lists: Fits = is('POST', /list$/);

const fail = (status: number, code: unknown, more: Row = {}): Plain =>
  json(status, { result: 'fail', code, error: 'Отказ <b>с тегами</b>', ...more });

/** HTTP status as documented or seen, code (reference 3). */
const refusals: readonly (readonly [number, number])[] = [
  [401, 1],
  [401, 2],
  [401, 16],
  [405, 5],
  [400, 6],
  [403, 10],
  [403, 11],
  [403, 20],
  [403, 21],
  [403, 23],
  [400, 30],
  [500, 30],
  [400, 40],
  [400, 41],
  [400, 0],
  [400, 1001],
  [400, 1002],
  [404, 2000],
  [400, 3000],
  [404, 4000],
  [400, 5001],
  [400, 5002],
  [500, 6000],
  [400, 7000],
  [400, 7001],
  [400, 7002],
  [404, 8000],
  [500, 9000],
  [400, 99_999],
];

/** The rows of an answer, wherever they stand. */
function rowsEdited(body: Row, edit: (row: Row) => unknown): Row {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      Array.isArray(value)
        ? value.map((row: unknown) => (isRow(row) ? edit(row) : row))
        : isRow(value)
          ? edit(value)
          : value,
    ]),
  );
}

const listIn = (body: Row): readonly [string, readonly unknown[]] | null => {
  for (const [key, value] of Object.entries(body)) if (Array.isArray(value)) return [key, value as unknown[]];
  return null;
};
const withList = (body: Row, edit: (rows: readonly unknown[]) => unknown): Row | undefined => {
  const list = listIn(body);
  return list === null ? undefined : { ...body, [list[0]]: edit(list[1]) };
};

const taskFields = [
  'id',
  'name',
  'description',
  'status',
  'object',
  'project',
  'assigner',
  'assignees',
  'participants',
  'auditors',
  'endDateTime',
  'hasEndDate',
  'hasEndTime',
  'files',
  'isDeleted',
  'type',
] as const;
const wrongValues: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['a text', 'x'],
  ['a list', [{}]],
  ['an object', { a: 1 }],
  ['true', true],
];

/** Values that a field may well have, and the checks that catch a wrong one among them. */
const harmlessIn: Readonly<Record<string, readonly string[]>> = {
  id: ['a number'],
  name: ['a text'],
  description: ['a text'],
  hasEndDate: ['true'],
  hasEndTime: ['true'],
  isDeleted: ['true'],
  type: ['a text'],
  // An object without users and groups is people without anybody: what is absent is empty.
  assignees: ['an object'],
  participants: ['an object'],
  auditors: ['an object'],
};

const wrongTypes: readonly Hostile[] = taskFields.flatMap((field) =>
  wrongValues
    .filter(([what]) => !(harmlessIn[field] ?? []).includes(what))
    .map(([what, value]) =>
      edited(
        `task.${field} as ${what}`,
        'broken',
        (body) => {
          const is1 = (row: Row): boolean => 'status' in row && 'assigner' in row;
          return rowsEdited(body, (row) => (is1(row) ? { ...row, [field]: value } : row));
        },
        { rows: true },
      ),
    ),
);

const commentFields = [
  'id',
  'dateTime',
  'description',
  'owner',
  'recipients',
  'files',
  'isDeleted',
  'isHidden',
] as const;
const wrongComments: readonly Hostile[] = commentFields.flatMap((field) =>
  wrongValues
    .filter(
      ([what]) => !(harmlessIn[field] ?? []).includes(what) && !(field === 'isHidden' && what === 'true'),
    )
    .filter(([what]) => !(field === 'recipients' && what === 'an object'))
    .map(([what, value]) =>
      edited(`comment.${field} as ${what}`, 'broken', (body) =>
        rowsEdited(body, (row) => ('owner' in row && 'dateTime' in row ? { ...row, [field]: value } : row)),
      ),
    ),
);

const limits: readonly (readonly [string, Row])[] = [
  ['in milliseconds', { timeToReset: 42_000 }],
  ['in seconds', { timeToReset: 30 }],
  ['now', { timeToReset: 0 }],
  ['as text', { timeToReset: '30' }],
  ['in the past', { timeToReset: -5 }],
  ['never', { timeToReset: 1e300 }],
  ['next year', { timeToReset: 31_536_000_000 }],
  ['as an object', { timeToReset: { a: 1 } }],
  ['unsaid', {}],
];

const full = (asked: Asked, number: (index: number) => number, template: Row): readonly Row[] => {
  const { pageSize, offset } = asked.json as { readonly pageSize: number; readonly offset: number };
  return Array.from({ length: pageSize }, (_, index) => ({ ...template, id: number(offset + index) }));
};

/** Lists that do not end as lists end (reference 5: no total, no cursor, offsets that shift). */
const endless: readonly Hostile[] = (
  [
    ['the same full page again and again', (index: number) => 50_000 - (index % 99)],
    ['a full page of one row', () => 50_000],
    ['full pages without end', (index: number) => 1_000_000 - index],
    ['full pages of ever younger rows', (index: number) => 1_000_000 + index],
  ] as const
).map(([name, number]): Hostile => {
  const templates = new Map<string, Row>();
  return {
    name,
    says: 'broken',
    lasting: true,
    rows: true,
    async answer(asked, account) {
      if (!lists(asked) || (asked.json as Row)['pageSize'] !== 100) return null;
      const body = JSON.parse(Buffer.from((await account()).body).toString('utf8')) as Row;
      const [key, rows] = listIn(body) ?? ['', []];
      const template = isRow(rows[0]) ? rows[0] : templates.get(key);
      if (template === undefined) return null;
      templates.set(key, template);
      return json(200, { ...body, [key]: full(asked, number, template) });
    },
  };
});

const without = (field: string, fits: (row: Row) => boolean): Hostile =>
  edited(
    `rows without ${field}`,
    'broken',
    (body) =>
      rowsEdited(body, (row) => {
        if (!fits(row) || !(field in row)) return row;
        const { [field]: _gone, ...rest } = row;
        return rest;
      }),
    { rows: true },
  );
const isTask = (row: Row): boolean => 'status' in row && 'assigner' in row;
const isComment = (row: Row): boolean => 'dateTime' in row && 'owner' in row;

const wrongIds: readonly unknown[] = [0, -1, null, '', {}, [5], 1.5, true, 'x', '0'];

export const planfixHostile: readonly Hostile[] = [
  ...wire,

  // Envelopes and errors (3).
  ...refusals.flatMap(([status, code]) => [
    instead(`${String(status)} code ${String(code)}`, 'no', fail(status, code), (asked) => !downloads(asked)),
    ...([5, 6, 22, 41, 7001].includes(code)
      ? [
          instead(
            `200 with code ${String(code)} inside`,
            'no',
            fail(200, code),
            (asked) => !downloads(asked),
          ),
          instead(`500 code ${String(code)}`, 'no', fail(500, code)),
        ]
      : []),
  ]),
  ...[400, 404, 500].map((status) => instead(`${String(status)} code 1000`, 'lie', fail(status, 1000))),
  instead('200 with code 1000 inside', 'lie', fail(200, 1000)),
  instead('400 code 5000', 'lie', fail(400, 5000)),
  ...broken('500 code 0', fail(500, 0)),
  ...broken('500 without a code', json(500, { result: 'fail', error: 'Rest API error' })),
  ...broken('502 with a code that is a text', json(502, { result: 'fail', code: 'E', error: 'x' })),
  instead(
    'the misspelt word "file" for a failure',
    'no',
    json(400, { result: 'file', code: 6, error: 'no' }),
  ),
  instead('the misspelt word "file" with 200', 'no', json(200, { result: 'file', code: 7001, error: 'no' })),
  instead(
    'keys with capitals, as the help page prints them',
    'no',
    json(400, { Result: 'fail', Code: 6, Error: 'no' }),
  ),
  instead('keys with capitals and 200', 'no', json(200, { Result: 'Fail', Code: 22, Error: 'no' })),
  instead('a code as text', 'no', fail(400, '6')),
  instead('a refusal without code', 'no', json(400, { result: 'fail', error: 'no' })),
  instead('an error that is an object', 'no', json(400, { result: 'fail', code: 41, error: { deep: true } })),
  ...broken(
    'an error in a success',
    json(200, { result: 'success', code: 41, error: 'x', id: 5, task: {}, tasks: [], comments: [] }),
  ),
  ...broken('an unknown word for the result', json(200, { result: 'maybe' }), (asked) => !downloads(asked)),
  ...broken('a result of another type', json(200, { result: { a: 1 }, id: 5 }), (asked) => !downloads(asked)),
  ...broken(
    'a payload without a result',
    json(200, { id: 5, file: {}, task: { id: 5 }, tasks: [], comments: [] }),
  ),

  // 202 and empty successes (3, 6.4).
  ...[raw(202, ''), json(202, { result: 'success' })].flatMap((given) => [
    instead('202, never carried out', 'no', given, updates),
    { ...afterwards('202', given, updates), says: 'no' as const },
    ...broken(
      '202 where nothing can be queued',
      given,
      (asked) => !updates(asked) && !pings(asked) && !downloads(asked),
    ),
  ]),
  ...[
    raw(200, ''),
    raw(201, ''),
    raw(204, ''),
    json(200, { result: 'success' }),
    json(201, { result: 'success' }),
  ].flatMap((given, index) => [
    instead(`success that did nothing, form ${String(index)}`, 'lie', given, updates),
    { ...afterwards(`a bare success, form ${String(index)}`, given, updates), says: 'same' as const },
    ...broken(`a success that brings nothing, form ${String(index)}`, given, speaks),
  ]),
  ...wrongIds.flatMap((id) =>
    [200, 201].flatMap((status) =>
      broken(
        `${String(status)} with the new number ${JSON.stringify(id)}`,
        json(status, { result: 'success', id }),
        decides,
      ),
    ),
  ),
  edited('the new number as text', 'same', (body, asked) =>
    creates(asked) && typeof body['id'] === 'number' ? { ...body, id: String(body['id']) } : undefined,
  ),
  ...[
    ['an empty list', [], 'same'],
    ['null', null, 'same'],
    ['one object', { field: 'counterparty', error: 'Field change failed' }, 'lie'],
    ['a list', [{ field: 'name', error: 'Field change failed' }], 'lie'],
    ['a text', 'x', 'lie'],
    ['a list of null', [null], 'lie'],
    ['a number', 5, 'lie'],
  ].map(([what, failures, says]) =>
    edited(`failures as ${String(what)}`, says as 'same' | 'lie', (body, asked) =>
      updates(asked) && asked.request.method === 'POST' ? { ...body, failures } : undefined,
    ),
  ),
  {
    name: 'success that stores nothing',
    says: 'lie',
    answer: (asked) =>
      Promise.resolve(is('POST', /^\/task\/\d+$/)(asked) ? json(200, { result: 'success' }) : null),
  },

  // Limits (4).
  ...limits.map(([when, more], index) => {
    const status = [403, 429, 500, 200][index % 4] ?? 403;
    return instead(`${String(status)} code 22, reset ${when}`, 'no', fail(status, 22, more));
  }),
  {
    ...instead('a limit that does not end', 'no', fail(403, 22, { timeToReset: 1 })),
    lasting: true,
    says: 'lie',
  },

  // Lists and fields (5, 6.2, 8.2).
  ...[null, {}, '', 'x', 7, false].map((value) =>
    edited(`a list that is ${JSON.stringify(value)}`, 'broken', (body) => withList(body, () => value)),
  ),
  edited('a list with numbers for keys', 'broken', (body) =>
    withList(body, (rows) => (rows.length === 0 ? rows : Object.fromEntries(rows.entries()))),
  ),
  edited('a list under another name', 'broken', (body) => {
    const list = listIn(body);
    if (list === null) return undefined;
    const { [list[0]]: rows, ...rest } = body;
    return { ...rest, rows };
  }),
  edited('no tasks where there are some', 'broken', (body, asked) =>
    is('POST', /^\/task\/list$/)(asked) && JSON.stringify(asked.json).includes('"type":57')
      ? { ...body, tasks: [] }
      : undefined,
  ),
  edited('no employees at all', 'lie', (body) => ('users' in body ? { ...body, users: [] } : undefined)),
  edited('an empty list', 'lie', (body) => withList(body, () => [])),
  edited('rows that are none', 'broken', (body) => withList(body, (rows) => [null, 4, 'x', ...rows]), {
    rows: true,
  }),
  edited('rows that are none at the end', 'broken', (body) => withList(body, (rows) => [...rows, null]), {
    rows: true,
  }),
  edited('rows of which all are null', 'broken', (body) => withList(body, (rows) => rows.map(() => null)), {
    rows: true,
  }),
  edited('every row twice', 'same', (body) => withList(body, (rows) => [...rows, ...rows])),
  edited('rows backwards', 'same', (body) => withList(body, (rows) => [...rows].reverse())),
  edited(
    'rows with nothing but a number',
    'broken',
    (body, asked) =>
      lists(asked) &&
      /task\/list|comments\/list/.test(asked.path) &&
      JSON.stringify(asked.json).includes('"Deleted"') === false
        ? rowsEdited(body, (row) => ({ id: row['id'] }))
        : undefined,
    { rows: true },
  ),
  edited('one row with nothing but a number', 'broken', (body, asked) =>
    is('GET', /^\/task\/\d+$/)(asked) && isRow(body['task'])
      ? { ...body, task: { id: body['task']['id'] } }
      : undefined,
  ),
  edited('numbers as texts', 'same', (body) =>
    deeply(body, (value, key) =>
      /^(id|key|size)$/.test(key) && typeof value === 'number' ? String(value) : value,
    ),
  ),
  edited('texts of digits as numbers', 'same', (body) =>
    deeply(body, (value, key) =>
      key === 'id' && typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
    ),
  ),
  edited('fields without a value as null', 'same', (body) =>
    rowsEdited(body, (row) =>
      isTask(row) ? { startDateTime: null, counterparty: null, sourceObjectId: null, ...row } : row,
    ),
  ),
  edited('fields without a value left out', 'same', (body) =>
    deeply(body, (value) =>
      isRow(value) ? Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) : value,
    ),
  ),
  ...['id', 'name', 'status'].map((field) => without(field, isTask)),
  ...['id', 'dateTime'].map((field) => without(field, isComment)),
  ...wrongTypes,
  ...wrongComments,
  edited('an answer about another task', 'broken', (body, asked) =>
    is('GET', /^\/task\/\d+$/)(asked) && isRow(body['task'])
      ? { ...body, task: { ...body['task'], id: 1 } }
      : undefined,
  ),
  edited(
    'a status without a number',
    'broken',
    (body) => rowsEdited(body, (row) => (isTask(row) ? { ...row, status: { name: 'В работе' } } : row)),
    { rows: true },
  ),
  edited(
    'people without numbers',
    'broken',
    (body) =>
      rowsEdited(body, (row) => (isTask(row) ? { ...row, assignees: { users: [{ name: 'Ольга' }] } } : row)),
    { rows: true },
  ),
  ...['datetime', 'date'].map((part) =>
    edited(`a comment whose ${part} is none`, part === 'date' ? 'same' : 'broken', (body) =>
      rowsEdited(body, (row) =>
        isComment(row) && isRow(row['dateTime'])
          ? {
              ...row,
              dateTime: {
                [part]: 'вчера',
                ...(part === 'date' ? { datetime: row['dateTime']['datetime'] } : {}),
              },
            }
          : row,
      ),
    ),
  ),
  // typeList (8.1): an account that does not know the word tells the living.
  ...[
    ['with their flag', { isDeleted: false }],
    ['without a flag', {}],
    ['with a flag of null', { isDeleted: null }],
  ].map(
    ([what, flag]) =>
      ({
        name: `the living for the deleted, ${String(what)}`,
        says: 'broken',
        answer: (asked) =>
          Promise.resolve(
            is('POST', /comments\/list$/)(asked) && (asked.json as Row)['typeList'] === 'Deleted'
              ? json(200, { result: 'success', comments: [1, 2, 4].map((id) => ({ id, ...(flag as Row) })) })
              : null,
          ),
      }) satisfies Hostile,
  ),
  edited('deleted comments without a flag', 'lie', (body, asked) =>
    (asked.json as Row | null)?.['typeList'] === 'Deleted'
      ? rowsEdited(body, (row) => ({ id: row['id'] }))
      : undefined,
  ),
  ...endless,

  // Headers that are read.
  ...['x', '', '-1', '1e99'].map((value): Hostile => ({
    name: `X-RateLimit-Remaining: ${value}`,
    says: 'broken',
    answer: async (_asked, account) => {
      const plain = await account();
      return { ...plain, headers: { ...plain.headers, 'x-ratelimit-remaining': value } };
    },
  })),
  ...['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT', 'вчера', ''].map(
    (value): Hostile => ({
      name: `Date: ${value}`,
      says: 'same',
      answer: async (asked, account) => {
        if (downloads(asked)) return null;
        const plain = await account();
        return { ...plain, headers: { ...plain.headers, date: value } };
      },
    }),
  ),

  // Downloads (10).
  instead('a refusal in place of a file', 'broken', fail(200, 7000), downloads),
  instead('a limit in place of a file', 'no', fail(403, 22, { timeToReset: 500 }), downloads),
  instead('a page in place of a file', 'broken', page(200), downloads),
  instead('an empty file', 'broken', raw(200, '', { 'content-length': '0' }), downloads),
  instead('204 in place of a file', 'broken', raw(204, ''), downloads),
  instead('a piece of a file', 'broken', raw(206, 'содер', { 'content-range': 'bytes 0-9/640' }), downloads),
  ...[302, 307].map((status) =>
    instead(
      `a file in the clear, ${String(status)}`,
      'broken',
      raw(status, '', { location: 'http://storage.example/x' }),
      downloads,
    ),
  ),
];
