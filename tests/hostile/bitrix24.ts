/** The hostile answers of Bitrix24, one by one as its reference tells of them (sections 2 to 5, 8, 13 to 15, 20, 23). */
import {
  altered,
  broken,
  deeply,
  edited,
  instead,
  isRow,
  json,
  page,
  parsed,
  raw,
  type Row,
  wire,
} from './answers.ts';
import { type Asked, bytesOf, type Hostile, type Plain, type Says, stranger } from './conversation.ts';

const methodOf = (asked: Asked): string => (asked.path.split('/').at(-1) ?? '').replace(/\.json$/, '');
const isCall = (asked: Asked): boolean => /^\/rest\/\d+\/[^/]+\/[a-z0-9.]+$/i.test(asked.path);
const isBatch = (asked: Asked): boolean => methodOf(asked) === 'batch';
const isFile = (asked: Asked): boolean => !isCall(asked);

const no = (status: number, error: unknown, description: unknown = 'Отказ<br>'): Plain =>
  json(status, { error, error_description: description });

/** HTTP status and code of the table in section 2.2, and codes of single methods (9 to 15). */
const refusals: readonly (readonly [number, string])[] = [
  [401, 'expired_token'],
  [401, 'invalid_token'],
  [401, 'NO_AUTH_FOUND'],
  [401, 'INVALID_CREDENTIALS'],
  [403, 'INVALID_CREDENTIALS'],
  [403, 'insufficient_scope'],
  [403, 'user_access_error'],
  [403, 'ACCESS_DENIED'],
  [403, 'WRONG_AUTH_TYPE'],
  [404, 'ERROR_METHOD_NOT_FOUND'],
  [503, 'QUERY_LIMIT_EXCEEDED'],
  [429, 'OPERATION_TIME_LIMIT'],
  [503, 'OVERLOAD_LIMIT'],
  [500, 'PORTAL_DELETED'],
  [400, 'ERROR_BATCH_LENGTH_EXCEEDED'],
  [405, 'ERROR_BATCH_METHOD_NOT_ALLOWED'],
  [400, '100'],
  [400, '0'],
  [400, ''],
  [400, 'ERROR_CORE'],
  [400, 'ERROR_ARGUMENT'],
  [400, '1048582'],
  [200, 'ERROR_CORE'],
  [200, ''],
  [200, 'QUERY_LIMIT_EXCEEDED'],
  [200, 'expired_token'],
];

/** What one command of a batch may be refused with, in every form that the documents show. */
const innerErrors: readonly (readonly [string, unknown])[] = [
  ['as a text', 'ERROR_CORE'],
  ['as a number', 0],
  ['with code 0', { error: '0', error_description: 'Action on the task is not allowed (internal error)' }],
  ['with an empty code', { error: '', error_description: '' }],
  ['without a description', { error: 'insufficient_scope', error_description: null }],
  ['with a number for a code', { error: 1048582, error_description: 'x' }],
  ['1048584', { error: '1048584', error_description: 'a:0:{}' }],
  [
    '8/TE',
    {
      error: 'ERROR_CORE',
      error_description: 'TASKS_ERROR_EXCEPTION_#8; x; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>',
    },
  ],
  [
    '4/TE',
    { error: 'ERROR_CORE', error_description: 'TASKS_ERROR_EXCEPTION_#4; x; 4/TE/ACTION_NOT_ALLOWED' },
  ],
  ['ACCESS_DENIED', { error: 'ACCESS_DENIED', error_description: 'x' }],
  ['CANT_EDIT_MESSAGE', { error: 'CANT_EDIT_MESSAGE', error_description: 'Time has expired' }],
  ['a limit', { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' }],
  ['the time of a method', { error: 'OPERATION_TIME_LIMIT', error_description: '' }],
  [
    'too many commands',
    { error: 'ERROR_BATCH_LENGTH_EXCEEDED', error_description: 'Max batch length exceeded' },
  ],
  ['a method that a batch may not hold', { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED', error_description: '' }],
  ['an unknown method', { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' }],
  ['in the form of REST 3.0', { code: 'BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION', message: 'x' }],
];
const innerFaults: readonly (readonly [string, unknown])[] = [
  ['INTERNAL_SERVER_ERROR', { error: 'INTERNAL_SERVER_ERROR', error_description: 'Internal server error' }],
  ['ERROR_UNEXPECTED_ANSWER', { error: 'ERROR_UNEXPECTED_ANSWER', error_description: '' }],
];

interface Batch {
  readonly result: Readonly<Record<string, unknown>>;
  readonly result_error: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}
const mapOf = (value: unknown): Readonly<Record<string, unknown>> => (isRow(value) ? value : {});
const batchOf = (body: Row): Batch | null => {
  const result = body['result'];
  return isRow(result) && 'result_error' in result
    ? { ...result, result: mapOf(result['result']), result_error: mapOf(result['result_error']) }
    : null;
};
const withBatch = (body: Row, batch: object): Row => ({ ...body, result: batch });

const commandsOf = (asked: Asked): readonly (readonly [string, string])[] => {
  const cmd = isRow(asked.json) ? asked.json['cmd'] : null;
  return isRow(cmd) ? Object.entries(cmd).map(([key, text]) => [key, String(text)]) : [];
};

type Change = (result: unknown, method: string) => unknown;
const leave = Symbol('left as it is');

/** Takes one command out of a request: the account never carries it out. */
function unasked(asked: Asked, key: string): Asked['request'] {
  const whole = asked.json as { readonly cmd: Readonly<Record<string, string>> };
  const { [key]: _out, ...cmd } = whole.cmd;
  return { ...asked.request, body: JSON.stringify({ ...whole, cmd }) };
}

/** `which`: the command of a batch, from its first on; a call that travels alone is the first. */
function inCommand(
  name: string,
  says: Says,
  which: number,
  carriedOut: boolean,
  put: (batch: Batch, key: string, method: string) => Batch | null,
  alone: (body: Row, method: string) => Plain | null,
): Hostile {
  return {
    name: `${name}, command ${String(which)}${carriedOut ? '' : ' unasked'}`,
    says,
    async answer(asked, account) {
      if (!isCall(asked)) return null;
      if (!isBatch(asked)) {
        if (which !== 0) return null;
        return alone(carriedOut ? (parsed(await account()) as Row) : {}, methodOf(asked));
      }
      const command = commandsOf(asked)[which];
      if (command === undefined) return null;
      const [key, text] = command;
      const body = parsed(await account(carriedOut ? undefined : unasked(asked, key)));
      const batch = isRow(body) ? batchOf(body) : null;
      if (batch === null) return null;
      const after = put(batch, key, text.split('?')[0] ?? '');
      return after === null ? null : json(200, withBatch(body as Row, after));
    },
  };
}

const moved = (batch: Batch, key: string, result: unknown): Batch => {
  const { [key]: _gone, ...errors } = batch.result_error;
  return { ...batch, result: { ...batch.result, [key]: result }, result_error: errors };
};
const refusedIn = (batch: Batch, key: string, error: unknown): Batch => {
  const { [key]: _gone, ...results } = batch.result;
  return { ...batch, result: results, result_error: { ...batch.result_error, [key]: error } };
};

/** A result replaced, asked or unasked; `leave` where the value would be a right one. */
const results = (name: string, change: Change, says: Says = 'broken'): readonly Hostile[] =>
  [0, 1, 2, 3].flatMap((which) =>
    [true, false].map((carriedOut) =>
      inCommand(
        name,
        says,
        which,
        carriedOut,
        (batch, key, method) => {
          const after = change(batch.result[key], method);
          return after === leave ? null : moved(batch, key, after);
        },
        (_body, method) => {
          const after = change(undefined, method);
          return after === leave ? null : json(200, { result: after });
        },
      ),
    ),
  );

const answersTrue =
  /^(im\.message\.(update|delete)|im\.v2\.Event\.subscribe|task\.commentitem\.(update|delete))$/;
const answersTask =
  /^tasks\.task\.(add|update|start|pause|defer|complete|renew|approve|disapprove|delegate|startwatch)$/;
/** Empty where nothing is: what a list of comments, or a task without access, really answers. */
const mayBeEmpty =
  /^(task\.commentitem\.getlist|tasks\.task\.get|task\.commentitem\.get|disk\.storage\.getlist)$/;
const mayBeNumber = /\.add$/;

const wrongResults: readonly Hostile[] = [
  ...results('null for a result', () => null),
  ...results('false for a result', () => false),
  ...results('an empty list for a result', (_result, method) => (mayBeEmpty.test(method) ? leave : [])),
  ...results('an empty text for a result', () => ''),
  ...results('an empty object for a result', () => ({})),
  ...results('a word for a result', (_result, method) => (answersTrue.test(method) ? leave : 'ok')),
  ...results('0 for a result', () => 0),
  ...results('a number below zero for a result', (_result, method) =>
    answersTrue.test(method) ? leave : -5,
  ),
  ...results('true for a result', (_result, method) =>
    answersTrue.test(method) || answersTask.test(method) ? leave : true,
  ),
  ...results('a list of a list for a result', () => [[]]),
  ...results('a list of null for a result', (_result, method) => (mayBeEmpty.test(method) ? leave : [null])),
  ...results('a number for a result', (_result, method) =>
    mayBeNumber.test(method) || answersTrue.test(method) || answersTask.test(method) ? leave : 7,
  ),
  ...results('an empty task for a result', (_result, method) =>
    answersTask.test(method) ? leave : { task: [] },
  ),
  ...results('a task without a number', (_result, method) =>
    method === 'tasks.task.add' ? { task: { title: 'x' } } : leave,
  ),
  ...[0, '', null, -1, 'x', [], {}, true].flatMap((id) =>
    results(`a new task of number ${JSON.stringify(id)}`, (_result, method) =>
      method === 'tasks.task.add' ? { task: { id } } : leave,
    ),
  ),
];

const [refusedInside, faultsInside] = [innerErrors, innerFaults].map((errors, kind) =>
  errors.flatMap(([name, error]) =>
    [0, 1, 2].flatMap((which) =>
      (kind === 0 ? [false] : [true, false]).map((carriedOut) =>
        inCommand(
          `an error ${name}`,
          kind === 0 ? 'no' : 'broken',
          which,
          carriedOut,
          (batch, key) => refusedIn(batch, key, error),
          () =>
            isRow(error) && 'error' in error
              ? json(kind === 0 ? 400 : 500, error)
              : isRow(error)
                ? json(400, { error })
                : no(400, error),
        ),
      ),
    ),
  ),
);

const batches: readonly Hostile[] = [
  ...[0, 1, 2, 3].flatMap((which) =>
    [true, false].flatMap((carriedOut) => [
      inCommand(
        'no answer for a command',
        'broken',
        which,
        carriedOut,
        (batch, key) => {
          const { [key]: _gone, ...rest } = batch.result;
          return { ...batch, result: rest };
        },
        () => null,
      ),
    ]),
  ),
  ...[0, 1, 2].flatMap((which) => [
    inCommand(
      'a result and an error for one command',
      'broken',
      which,
      true,
      (batch, key) =>
        key in batch.result
          ? {
              ...batch,
              result_error: { ...batch.result_error, [key]: { error: 'ERROR_CORE', error_description: 'x' } },
            }
          : null,
      () => null,
    ),
    inCommand(
      'an error of null beside a result',
      'same',
      which,
      true,
      (batch, key) =>
        key in batch.result ? { ...batch, result_error: { ...batch.result_error, [key]: null } } : null,
      () => null,
    ),
    inCommand(
      'an error of an unknown form',
      'broken',
      which,
      true,
      (batch, key) => refusedIn(batch, key, [[1]]),
      () => null,
    ),
    inCommand(
      'an error of an unknown form',
      'broken',
      which,
      false,
      (batch, key) => refusedIn(batch, key, { a: 1 }),
      () => null,
    ),
  ]),
  ...['result', 'result_error', 'result_total', 'result_time', 'result_next'].flatMap((map) =>
    ([[], null, false, '', {}, undefined] as const).map((value) =>
      edited(
        `${map} as ${JSON.stringify(value) ?? 'nothing'}`,
        map === 'result' ? 'broken' : map === 'result_error' ? 'lie' : 'same',
        (body, asked) => {
          const batch = isBatch(asked) ? batchOf(body) : null;
          return batch === null ? undefined : withBatch(body, { ...batch, [map]: value });
        },
      ),
    ),
  ),
  edited('empty maps as lists', 'same', (body, asked) => {
    const batch = isBatch(asked) ? batchOf(body) : null;
    return batch === null
      ? undefined
      : withBatch(
          body,
          Object.fromEntries(
            Object.entries(batch).map(([key, map]) => [
              key,
              isRow(map) && Object.keys(map).length === 0 ? [] : map,
            ]),
          ),
        );
  }),
  edited('results without their keys', 'broken', (body, asked) => {
    const batch = isBatch(asked) ? batchOf(body) : null;
    return batch === null ? undefined : withBatch(body, { ...batch, result: Object.values(batch.result) });
  }),
  edited('results under other keys', 'broken', (body, asked) => {
    const batch = isBatch(asked) ? batchOf(body) : null;
    return batch === null
      ? undefined
      : withBatch(body, {
          ...batch,
          result: Object.fromEntries(Object.entries(batch.result).map(([key, value]) => [`x${key}`, value])),
        });
  }),
  edited('results in another order', 'same', (body, asked) => {
    const batch = isBatch(asked) ? batchOf(body) : null;
    return batch === null
      ? undefined
      : withBatch(body, { ...batch, result: Object.fromEntries(Object.entries(batch.result).reverse()) });
  }),
  ...[[], null, false, {}, 'x', 7].flatMap((result) =>
    broken(`a batch whose result is ${JSON.stringify(result)}`, json(200, { result, time: {} }), isBatch),
  ),
  edited('a batch as if it were one call', 'broken', (body, asked) => {
    const batch = isBatch(asked) ? batchOf(body) : null;
    return batch === null ? undefined : { ...body, result: Object.values(batch.result)[0] };
  }),
];

/** Rows of tasks, comments, messages, people, wherever they stand. */
const rowsEdited =
  (fits: (row: Row) => boolean, edit: (row: Row) => unknown) =>
  (body: Row): unknown =>
    deeply(body, (value) => (isRow(value) && fits(value) ? edit(value) : value));

const isTask = (row: Row): boolean => 'title' in row && 'responsibleId' in row && 'status' in row;
const isMessage = (row: Row): boolean => 'author_id' in row && 'chat_id' in row;
const isComment = (row: Row): boolean => 'POST_MESSAGE' in row;
const isUser = (row: Row): boolean => 'ID' in row && 'ACTIVE' in row;
const isListed = (row: Row): boolean =>
  'id' in row && ('changedDate' in row || 'xmlId' in row) && !isTask(row);

const without = (name: string, field: string, fits: (row: Row) => boolean, says: Says = 'broken'): Hostile =>
  edited(
    `a ${name} without ${field}`,
    says,
    rowsEdited(
      (row) => fits(row) && field in row,
      (row) => {
        const { [field]: _gone, ...rest } = row;
        return rest;
      },
    ),
  );

const taskFields = [
  'id',
  'title',
  'description',
  'status',
  'stageId',
  'createdBy',
  'responsibleId',
  'accomplices',
  'auditors',
  'deadline',
  'startDatePlan',
  'groupId',
  'ufTaskWebdavFiles',
  'taskControl',
] as const;
const wrongTaskValues: Readonly<Record<string, readonly unknown[]>> = {
  id: [[], {}, null, true, '', 'x', 1.5, '0'],
  title: [[], {}, null, 7, true],
  description: [[], {}, 7, true],
  status: [[], {}, null, true, '', 'x'],
  stageId: [[], {}, true, 'x'],
  createdBy: [[], {}, true, 'x'],
  responsibleId: [[], {}, true, 'x'],
  accomplices: [7, 'x', true, [[]], [null], ['x']],
  auditors: [7, 'x', true, [[]], [null], ['x']],
  deadline: [[], {}, 7, true, 'вчера', '2026-13-45T00:00:00+03:00'],
  groupId: [[], {}, 'x'],
  ufTaskWebdavFiles: [7, 'x', true, [[]], ['x']],
};

const rows: readonly Hostile[] = [
  ...taskFields.map((field) => without('task', field, isTask)),
  without('task', 'chatId', isTask, 'lie'),
  ...Object.entries(wrongTaskValues).flatMap(([field, values]) =>
    values.map((value) =>
      edited(
        `task.${field} as ${JSON.stringify(value)}`,
        'broken',
        rowsEdited(isTask, (row) => ({ ...row, [field]: value })),
      ),
    ),
  ),
  edited(
    'an answer about another task',
    'broken',
    rowsEdited(isTask, (row) => ({ ...row, id: '101' })),
  ),
  ...['id', 'date', 'author_id'].map((field) => without('message', field, isMessage)),
  ...(
    [
      ['id', [[], {}, null, 'x', true, '0']],
      ['date', [[], {}, 7, 'вчера', null]],
      ['author_id', [[], {}, null, 'x']],
      ['text', [[], {}, 7, true]],
      ['chat_id', [1, '1']],
      ['params', [7, 'x', true]],
    ] as const
  ).flatMap(([field, values]) =>
    values.map((value) =>
      edited(
        `message.${field} as ${JSON.stringify(value)}`,
        'broken',
        rowsEdited(isMessage, (row) => ({ ...row, [field]: value })),
      ),
    ),
  ),
  ...['ID', 'POST_DATE', 'POST_MESSAGE'].map((field) => without('comment', field, isComment)),
  ...(
    [
      ['ID', [[], {}, null, 'x', true, '0']],
      ['POST_DATE', [[], {}, 7, 'вчера', null]],
      ['AUTHOR_ID', [[], {}, 'x']],
      ['POST_MESSAGE', [[], {}, 7, true]],
      ['ATTACHED_OBJECTS', [7, 'x', [[]]]],
    ] as const
  ).flatMap(([field, values]) =>
    values.map((value) =>
      edited(
        `comment.${field} as ${JSON.stringify(value)}`,
        'broken',
        rowsEdited(isComment, (row) => ({ ...row, [field]: value })),
      ),
    ),
  ),
  ...['id', 'changedDate', 'activityDate', 'xmlId'].map((field) => without('listed task', field, isListed)),
  ...[[], {}, null, 'x', ''].map((value) =>
    edited(
      `a listed task of number ${JSON.stringify(value)}`,
      'broken',
      rowsEdited(isListed, (row) => ({ ...row, id: value })),
    ),
  ),
  ...[{}, 7, 'вчера'].map((value) =>
    edited(
      `a listed task changed at ${JSON.stringify(value)}`,
      'broken',
      rowsEdited(isListed, (row) => ({ ...row, changedDate: value, activityDate: value })),
    ),
  ),

  // Lists (2.1, 3).
  ...['tasks', 'messages'].flatMap((key) => [
    ...[null, false, '', 7, 'x'].map((value) =>
      edited(`${key} as ${JSON.stringify(value)}`, 'broken', (body) =>
        deeply(body, (inner, at) => (at === key && Array.isArray(inner) ? value : inner)),
      ),
    ),
    edited(`${key} with numbers for keys`, 'same', (body) =>
      deeply(body, (inner, at) =>
        at === key && Array.isArray(inner) && inner.length > 0 ? Object.fromEntries(inner.entries()) : inner,
      ),
    ),
  ]),
  edited(
    'rows that are none among rows',
    'broken',
    (body) =>
      deeply(body, (inner) =>
        Array.isArray(inner) &&
        inner.some((row) => isRow(row) && (isMessage(row) || isComment(row) || isListed(row) || isUser(row)))
          ? [...inner, null, 7]
          : inner,
      ),
    { rows: true },
  ),
  edited('every row twice', 'same', (body) =>
    deeply(body, (inner) =>
      Array.isArray(inner) &&
      inner.some((row) => isRow(row) && (isMessage(row) || isComment(row) || isListed(row) || isUser(row)))
        ? inner.flatMap((row: unknown) => [row, row])
        : inner,
    ),
  ),
  edited('rows backwards', 'same', (body) =>
    deeply(body, (inner) =>
      Array.isArray(inner) &&
      inner.some((row) => isRow(row) && (isMessage(row) || isComment(row) || isListed(row) || isUser(row)))
        ? [...(inner as unknown[])].reverse()
        : inner,
    ),
  ),
  edited(
    'people without a number',
    'broken',
    rowsEdited(isUser, ({ ID: _id, ...row }) => row),
    { rows: true },
  ),
  edited('nobody at all', 'broken', (body, asked) =>
    methodOf(asked) === 'user.get' ? { ...body, result: [], total: 0 } : undefined,
  ),

  // Numbers and texts, empty maps and lists, flags (2.1, 8).
  edited('numbers as texts', 'same', (body) =>
    deeply(body, (value, key) =>
      /^(id|chatId|author_id|chat_id|attachmentId|ID|messageId)$/.test(key) && typeof value === 'number'
        ? String(value)
        : value,
    ),
  ),
  edited('texts of digits as numbers', 'same', (body) =>
    deeply(body, (value, key) =>
      /^(id|ID|.*Id|status|.*_ID|OBJECT_ID|SIZE)$/.test(key) &&
      typeof value === 'string' &&
      /^\d+$/.test(value)
        ? Number(value)
        : value,
    ),
  ),
  edited(
    'lists of a task with numbers for keys',
    'same',
    rowsEdited(isTask, (row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          Array.isArray(value) && value.length > 0
            ? Object.fromEntries((value as unknown[]).entries())
            : value,
        ]),
      ),
    ),
  ),
  edited(
    'empty lists of a task as false',
    'same',
    rowsEdited(isTask, (row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          Array.isArray(value) && value.length === 0 ? false : value,
        ]),
      ),
    ),
  ),
  edited('empty objects as lists', 'same', (body) =>
    deeply(body, (value, key) =>
      isRow(value) && Object.keys(value).length === 0 && !/^result/.test(key) ? [] : value,
    ),
  ),
  edited('empty lists as objects', 'same', (body) =>
    deeply(body, (value, key) =>
      Array.isArray(value) && value.length === 0 && /^(params|group|.*Data|users|files)$/.test(key)
        ? {}
        : value,
    ),
  ),
  edited(
    'flags as booleans',
    'same',
    rowsEdited(isTask, (row) => ({ ...row, taskControl: row['taskControl'] === 'Y' })),
  ),
  edited(
    'people active by a word',
    'same',
    rowsEdited(isUser, (row) => ({ ...row, ACTIVE: row['ACTIVE'] === true ? 'Y' : 'N' })),
  ),
];

/** Lists that never end, or go round (3, 15). */
const endless: readonly Hostile[] = (
  [
    ['the same full page again and again', (_from: number, index: number) => 50_000 - index],
    ['a full page of one row', () => 50_000],
    ['full pages without end', (from: number, index: number) => 9_000_000 - from - index],
  ] as const
).map(([name, number]): Hostile => {
  const templates = new Map<string, Row>();
  let from = 0;
  return {
    name,
    says: 'broken',
    lasting: true,
    rows: true,
    async answer(asked, account) {
      const body = parsed(await account());
      if (!isRow(body)) return null;
      let touched = false;
      from += 50;
      const fill = (inner: unknown, key: string): unknown => {
        if (!Array.isArray(inner) || !/^(tasks|messages|result)$/.test(key)) return inner;
        const first = inner.find((row) => isRow(row) && (isMessage(row) || isListed(row) || isUser(row))) as
          Row | undefined;
        const kind = methodOf(asked) === 'user.get' ? 'people' : key;
        const template = first ?? (kind === 'result' ? undefined : templates.get(kind));
        if (template === undefined) return inner;
        if (kind !== 'result') templates.set(kind, template);
        touched = true;
        const id = 'ID' in template ? 'ID' : 'id';
        return Array.from({ length: 50 }, (_, index) => ({ ...template, [id]: number(from, index) }));
      };
      const after = deeply(body, fill);
      return touched ? json(200, after) : null;
    },
  };
});

const times: readonly unknown[] = [
  [],
  null,
  'x',
  {},
  { finish: 'x', operating_reset_at: 'x' },
  { finish: 0, operating_reset_at: 0 },
  { finish: 1e300, operating_reset_at: 1e300 },
  { finish: -1e300, operating_reset_at: -1 },
  { finish: 4_000_000_000, operating_reset_at: 4_000_000_000 },
  { finish: null },
];

const links: readonly unknown[] = [
  'http://files.example/x',
  'ftp://files.example/x',
  'https://127.0.0.1/x',
  'https://localhost/x',
  'https://10.0.0.1/x',
  'javascript:alert(1)',
  '',
  null,
  7,
  {},
  `${stranger}/x.bin`,
];

export const bitrixHostile: readonly Hostile[] = [
  ...wire,

  // Envelopes and errors (2).
  ...refusals.map(([status, code]) =>
    instead(`${String(status)} ${code === '' ? 'an empty code' : code}`, 'no', no(status, code), isCall),
  ),
  instead('a code that is a number', 'no', no(400, 0), isCall),
  instead(
    'an error of REST 3.0',
    'no',
    json(400, { error: { code: 'BITRIX_REST_V3_EXCEPTION_INVALIDJSONEXCEPTION', message: 'Нет' } }),
    isCall,
  ),
  instead('an error without a description', 'no', json(400, { error: 'ERROR_CORE' }), isCall),
  instead('a description of null', 'no', no(400, 'ERROR_CORE', null), isCall),
  instead('a long description of HTML', 'no', no(400, 'ERROR_CORE', '<b>x</b><br>'.repeat(10_000)), isCall),
  ...[500, 502, 200].flatMap((status) => [
    ...broken(`${String(status)} INTERNAL_SERVER_ERROR`, no(status, 'INTERNAL_SERVER_ERROR'), isCall),
    ...broken(`${String(status)} ERROR_UNEXPECTED_ANSWER`, no(status, 'ERROR_UNEXPECTED_ANSWER'), isCall),
  ]),
  ...[{ deep: true }, [], [1], true].flatMap((error) =>
    broken(`an error of ${JSON.stringify(error)}`, json(200, { error }), isCall),
  ),
  edited('an error beside a result', 'broken', (body, asked) =>
    isCall(asked) && 'result' in body ? { ...body, error: 'ERROR_CORE', error_description: 'x' } : undefined,
  ),
  edited('an error of null beside a result', 'same', (body, asked) =>
    isCall(asked) && 'result' in body ? { ...body, error: null } : undefined,
  ),
  edited('a result under another name', 'broken', (body, asked) => {
    const { result, ...rest } = body;
    return isCall(asked) && result !== undefined ? { ...rest, results: result } : undefined;
  }),
  altered('a result with status 500', 'broken', (plain, asked) =>
    isCall(asked) && plain.status === 200 ? { ...plain, status: 500 } : null,
  ),
  altered('a result with status 201', 'same', (plain, asked) =>
    isCall(asked) && plain.status === 200 ? { ...plain, status: 201 } : null,
  ),
  edited('an answer without a time', 'same', ({ time: _time, ...body }) => body),
  ...times.map((time) =>
    edited(`time ${JSON.stringify(time)}`, 'same', (body, asked) =>
      isCall(asked) ? { ...body, time } : undefined,
    ),
  ),
  ...['x', -5, 0, 1e9, null, {}, 3].map((total) =>
    edited(`a total of ${JSON.stringify(total)}`, 'same', (body, asked) =>
      isCall(asked) && !isBatch(asked) ? { ...body, total } : undefined,
    ),
  ),
  ...[0, 50, 'x', -1].map((next) =>
    edited(`a next of ${JSON.stringify(next)}`, 'same', (body, asked) =>
      isCall(asked) && !isBatch(asked) ? { ...body, next } : undefined,
    ),
  ),

  // Batches (4).
  ...(refusedInside ?? []),
  ...(faultsInside ?? []),
  ...wrongResults,
  ...batches,

  // Rows (3, 8, 13 to 15, 20).
  ...rows,
  ...endless,

  // Downloads (13).
  instead('an error in place of a file', 'broken', no(200, 'ERROR_NOT_FOUND'), isFile),
  instead('an error in place of a file, 400', 'no', no(400, 'ACCESS_DENIED'), isFile),
  instead('a page in place of a file', 'broken', page(200), isFile),
  instead('an empty file', 'broken', raw(200, '', { 'content-length': '0' }), isFile),
  instead('204 in place of a file', 'broken', raw(204, ''), isFile),
  instead('a piece of a file', 'broken', raw(206, 'содер', { 'content-range': 'bytes 0-9/640' }), isFile),
  altered('a file that is shorter than it should be', 'broken', (plain, asked) =>
    isFile(asked) && plain.status === 200 ? { ...plain, body: bytesOf('короче') } : null,
  ),
  ...links.map((link) =>
    edited(`a link to ${JSON.stringify(link)}`, 'broken', (body) =>
      deeply(body, (value, key) => (key === 'DOWNLOAD_URL' || key === 'downloadUrl' ? link : value)),
    ),
  ),
  edited('a link to the portal in the clear', 'same', (body) =>
    deeply(body, (value, key) =>
      key === 'DOWNLOAD_URL' && typeof value === 'string' ? value.replace('https:', 'http:') : value,
    ),
  ),
];
