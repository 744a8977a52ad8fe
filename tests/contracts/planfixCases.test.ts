/** Every contract case of Planfix held to the connector: its answer is served, what is sent and told is judged. */
import { describe, expect, test } from '@jest/globals';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { readPlanfixHints } from '../../connectors/planfix/webhook.ts';
import { type Connector, ConnectorError } from '../../connectors/port.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type HttpRequest, type Runtime } from '../../runtime/runtime.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Reading, type Snapshot } from '../../sync/core/replica.ts';
import { type ContractCase, type JsonObject, readContracts } from './layout.ts';

const start = Date.parse('2026-11-24T07:30Z');
const base = 'https://vesna.planfix.ru/rest';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: JsonObject;
}

interface Bench {
  readonly connector: Connector;
  readonly sent: readonly Sent[];
  /** The requests of the case's own method and path. */
  own(): readonly Sent[];
  now(): number;
}

interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

const textOf = (body: unknown): string => {
  if (body === null || body === undefined) return '';
  if (typeof body === 'object' && '$raw' in body) return String(body.$raw);
  return JSON.stringify(body);
};

/** Serves the case's answer to its own request; other requests get `others`, or an empty success. */
function benchOf(one: ContractCase, others: Readonly<Record<string, unknown>> = {}): Bench {
  const sent: Sent[] = [];
  let now = start;
  const own = { method: one.request.method, path: one.request.path };
  const [status = 200] = [one.response.status].flat();
  const answer = async (request: HttpRequest): Promise<Scripted> => {
    const url = new URL(request.url);
    const path = url.href.startsWith(base) ? url.pathname.slice('/rest'.length) : url.href;
    let body = '';
    if (typeof request.body === 'string') body = request.body;
    else if (request.body !== undefined && !(request.body instanceof Uint8Array)) {
      for await (const chunk of request.body) body += new TextDecoder().decode(chunk);
    }
    const isJson = request.headers['content-type'] === 'application/json';
    sent.push({
      method: request.method,
      path,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      json: isJson ? (JSON.parse(body) as JsonObject) : { raw: body },
    });
    if (request.method === own.method && path === own.path) {
      return { status, headers: one.response.headers ?? {}, text: textOf(one.response.body) };
    }
    const scripted = others[`${request.method} ${path}`];
    return { status: 200, text: scripted === undefined ? '{"result":"success"}' : textOf(scripted) };
  };
  const runtime: Runtime = {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    http: async (request) => {
      const scripted = await answer(request);
      const bytes = new TextEncoder().encode(scripted.text);
      return {
        status: scripted.status,
        headers: Object.fromEntries(
          Object.entries(scripted.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: {
          text: () => Promise.resolve(scripted.text),
          async *stream() {
            yield await Promise.resolve(bytes);
          },
          cancel() {
            // Nothing is under way.
          },
        },
      };
    },
  };
  const connector = makePlanfix(
    {
      account: as<AccountId>('vesna'),
      kind: 'planfix',
      url: base,
      token: 'robot-token-0001',
      actor: as<LocalPersonId>('user:1'),
      organisation: 'Весна',
      zone: 'UTC',
      ca: null,
      serverMaxMs: 60_000,
    },
    runtime,
  );
  return {
    connector,
    sent,
    own: () => sent.filter(({ method, path }) => method === own.method && path === own.path),
    now: () => now,
  };
}

const task = as<LocalTaskId>('1001');
const person = (id: string): LocalPersonId => as<LocalPersonId>(id);
const open = (): Promise<never> => Promise.reject(new Error('no file was to be opened'));
const openText = (text: string) => () => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new TextEncoder().encode(text));
  }
  return Promise.resolve({ name: 'тест-файл.bin', size: null, bytes: bytes() });
};

async function reading(
  bench: Bench,
  id: LocalTaskId,
  aspects: ('task' | 'comments' | 'deleted-comments')[],
): Promise<Reading> {
  const found = (
    await bench.connector.read([{ task: id, aspects, commentsAfter: null, world: null, chat: null }])
  ).get(id);
  if (found === undefined) throw new Error('no reading');
  return found;
}

async function snapshot(bench: Bench, id = task): Promise<Snapshot> {
  const found = await reading(bench, id, ['task']);
  if (found.is !== 'read' || found.snapshot === undefined) throw new Error(JSON.stringify(found));
  return found.snapshot;
}

const known: Snapshot = {
  task,
  title: 'Настроить обмен с 1С',
  description: '',
  status: as<LocalStatusId>('2'),
  object: '31',
  creator: person('contact:12'),
  assignees: [person('user:3')],
  participants: [],
  auditors: [],
  start: null,
  deadline: null,
  place: '50',
  files: [
    { id: as<LocalFileId>('9001'), name: 'Акт сверки.pdf', size: null },
    { id: as<LocalFileId>('9002'), name: 'ТЗ.docx', size: null },
  ],
  changedAt: null,
  statusChangedAt: null,
  control: true,
  world: 'planfix',
  chat: null,
  actions: null,
  deleted: false,
  mark: null,
};

type Update = Extract<Write, { kind: 'task.update' }>;
type Say = Extract<Write, { kind: 'comment.create' }>;

const update = (set: Update['set'], more: Partial<Update> = {}): Update => ({
  kind: 'task.update',
  task,
  base: known,
  set,
  status: null,
  silent: false,
  ...more,
});

const say = (more: Partial<Say> = {}): Say => ({
  kind: 'comment.create',
  task,
  world: 'planfix',
  chat: null,
  message: as<MessageId>('m'),
  mark: as<Mark>('0c091b1f-a735-44e9-a56c-43435e7a40b6'),
  text: 'Готово, проверьте',
  author: null,
  at: Date.parse('2026-11-12T12:15:40Z'),
  notify: [],
  replyTo: null,
  files: [],
  after: null,
  ...more,
});

const edit = (comment: string, text: string): Write => {
  const { world, chat, message, mark, author, at } = say();
  return {
    kind: 'comment.update',
    task,
    world,
    chat,
    comments: [as<LocalCommentId>(comment)],
    text,
    message,
    mark,
    author,
    at,
  };
};

async function outcome(
  bench: Bench,
  one: Write,
  opener: Parameters<Connector['write']>[1] = open,
): Promise<Outcome> {
  const [first] = await bench.connector.write([one], opener);
  if (first === undefined) throw new Error('no outcome');
  return first;
}

async function troubleOf(asked: Promise<unknown>): Promise<ConnectorError> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const refused = (code: string) => ({ is: 'refused', trouble: { code } });
const toBin = (id: string) => ({ id: as<LocalFileId>(id), name: '', size: null });

type Judge = (one: ContractCase) => Promise<void>;

const listBody = (rows: readonly JsonObject[], key: string) => ({ result: 'success', [key]: rows });

const createFields: Extract<Write, { kind: 'task.create' }> = {
  kind: 'task.create',
  mark: as<Mark>('0c091b1f-a735-44e9-a56c-43435e7a40b6'),
  fields: { title: 'Перенести сайт' },
  status: null,
  object: null,
  place: null,
  files: [],
};

const judges: Readonly<Record<string, Judge>> = {
  'planfix.task.get.all-system-fields': async (one) => {
    const bench = benchOf(one);
    expect(await snapshot(bench)).toMatchObject({
      task: '1001',
      title: 'Настроить обмен с 1С',
      status: '2',
      object: '31',
      place: '50',
      creator: 'contact:12',
      assignees: ['user:3'],
      participants: ['user:4', 'contact:12', 'group:2'],
      auditors: ['user:2'],
      start: { at: Date.parse('2026-11-23T00:00Z'), timed: false },
      deadline: { at: Date.parse('2026-12-04T15:00Z'), timed: true },
      changedAt: Date.parse('2026-11-24T06:55Z'),
      control: true,
      files: [{ id: '9002', name: 'ТЗ.docx', size: null }],
      mark: null,
    });
    expect(bench.own()[0]?.query['fields']).toContain('assignees');
  },
  'planfix.task.get.no-fields': async (one) => {
    const bench = benchOf(one);
    expect(await reading(bench, task, ['task'])).toMatchObject({ is: 'unreadable' });
    expect(bench.own()[0]?.query['fields']).toMatch(/^id,.*name/);
  },
  'planfix.task.get.deleted': async (one) => {
    const row = one.response.body as { task: JsonObject };
    const answer = { ...one.response, body: { result: 'success', task: { ...row.task, status: { id: 1 } } } };
    expect(
      await reading(benchOf({ ...one, response: answer }), as<LocalTaskId>('1004'), ['task']),
    ).toMatchObject({ is: 'gone' });
  },
  'planfix.task.get.not-found': async (one) => {
    const bench = benchOf(one);
    expect(await reading(bench, as<LocalTaskId>('999999'), ['task'])).toMatchObject({ is: 'gone' });
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.task.list.filter.numbers': async (one) => {
    const asked = ['1001', '1003'].map((id) => as<LocalTaskId>(id));
    const bench = benchOf(one);
    const found = await bench.connector.read(
      asked.map((id) => ({ task: id, aspects: ['task'], commentsAfter: null, world: null, chat: null })),
    );
    expect([...found.values()].map((each) => each.is)).toEqual(['read', 'read']);
    expect(bench.sent).toHaveLength(1);
    expect(bench.own()[0]?.json['filters']).toEqual([{ type: 57, operator: 'equal', value: [1001, 1003] }]);
  },
  'planfix.task.list.deleted-not-listed': async (one) => {
    const rows = listBody([{ id: 1003, isDeleted: false, status: { id: 3 } }], 'tasks');
    const bench = benchOf(
      { ...one, response: { status: 200, body: rows } },
      { 'GET /task/1004': { result: 'fail', code: 1000, error: 'Task not found by id 1004' } },
    );
    const found = await bench.connector.read(
      ['1003', '1004'].map((id) => ({
        task: as<LocalTaskId>(id),
        aspects: ['task'],
        commentsAfter: null,
        world: null,
        chat: null,
      })),
    );
    expect([...found.values()].map((each) => each.is)).toEqual(['read', 'gone']);
  },
  'planfix.task.list.filter.changed-or-commented-since': async (one) => {
    const bench = benchOf(one);
    const swept = await bench.connector.changedSince({ since: Date.parse('2026-11-24T06:02Z') });
    expect(swept.tasks.map((each) => each.task)).toEqual(['1001', '1005']);
    expect(bench.own()[0]?.json['filters']).toEqual([
      { type: 79, operator: 'gt', value: { dateType: 'otherDate_withTime', dateFrom: '24-11-2026 06:00' } },
    ]);
  },
  'planfix.task.create.minimal': async (one) => {
    const bench = benchOf(one);
    expect(await outcome(bench, createFields)).toMatchObject({
      is: 'done',
      made: { task: '1006' },
      failures: [],
    });
    expect(bench.own()[0]?.json).toEqual({ name: 'Перенести сайт', sourceObjectId: createFields.mark });
  },
  'planfix.task.create.full': async (one) => {
    const bench = benchOf(one);
    const made = await outcome(bench, {
      ...createFields,
      fields: {
        title: 'Перенести сайт',
        description: '<p>С хостинга <i>заказчика</i></p>',
        creator: person('contact:12'),
        assignees: [person('user:3'), person('contact:13'), person('group:1')],
        participants: [person('user:4')],
        auditors: [person('user:2')],
        start: { at: Date.parse('2026-11-25T09:00:30Z'), timed: true },
        deadline: { at: Date.parse('2026-12-01T00:00Z'), timed: false },
      },
      status: as<LocalStatusId>('2'),
      object: '31',
      place: '50',
    });
    expect(made).toMatchObject({ is: 'done', made: { task: '1007' } });
    const wanted = one.request.body as JsonObject;
    expect(bench.own()[0]?.json).toEqual({
      ...Object.fromEntries(
        [
          'name',
          'description',
          'object',
          'project',
          'status',
          'assigner',
          'assignees',
          'startDateTime',
          'endDateTime',
        ].map((key) => [key, wanted[key]]),
      ),
      participants: { users: [{ id: 'user:4' }], groups: [] },
      auditors: { users: [{ id: 'user:2' }], groups: [] },
      sourceObjectId: createFields.mark,
    });
  },
  'planfix.task.create.source-mark': async (one) => {
    const bench = benchOf(one);
    expect(await outcome(bench, createFields)).toMatchObject({ is: 'done', made: { task: '1011' } });
    expect(bench.own()[0]?.json['sourceObjectId']).toBe('0c091b1f-a735-44e9-a56c-43435e7a40b6');
  },
  'planfix.task.create.bad-status': async (one) => {
    const bench = benchOf(one);
    const made = await outcome(bench, { ...createFields, status: as<LocalStatusId>('777') });
    expect(made).toMatchObject(refused('E-REMOTE-REFUSED'));
  },
  'planfix.task.update.name': async (one) => {
    const bench = benchOf(one);
    expect(await outcome(bench, update({ title: 'Настроить обмен с 1С:УТ' }))).toMatchObject({
      is: 'done',
      failures: [],
    });
    expect(bench.own()).toMatchObject([{ query: {}, json: { name: 'Настроить обмен с 1С:УТ' } }]);
  },
  'planfix.task.update.empty-body': async (one) => {
    expect(await outcome(benchOf(one), update({ description: '<p>Новый текст</p>' }))).toMatchObject({
      is: 'done',
      failures: [],
    });
  },
  'planfix.task.update.silent': async (one) => {
    const bench = benchOf(one);
    const to = as<LocalStatusId>('101');
    const status = bench.connector.view([]).statusMove(known, to);
    if ('unreachable' in status) throw new Error(status.unreachable);
    expect(await outcome(bench, update({}, { status, silent: true }))).toMatchObject({ is: 'done' });
    expect(bench.own()).toMatchObject([{ query: { silent: 'true' }, json: { status: { id: 101 } } }]);
  },
  'planfix.task.update.queued': async (one) => {
    const bench = benchOf(one);
    expect(await outcome(bench, update({ title: 'Позже' }))).toMatchObject({ is: 'queued' });
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.task.update.failures': async (one) => {
    const made = await outcome(benchOf(one), update({ title: 'Имя принято', creator: person('user:2') }));
    expect(made).toMatchObject({
      is: 'done',
      failures: [{ about: 'counterparty', answered: 'Field change failed' }],
    });
    const listed = {
      ...one,
      response: { status: 200, body: { failures: [{ field: 'assigner', error: 'no' }] } },
    };
    const other = await outcome(benchOf(listed), update({ title: 'Имя принято', creator: person('user:2') }));
    expect(other).toMatchObject({ is: 'done', failures: [{ about: 'creator' }] });
  },
  'planfix.task.update.clear-dates': async (one) => {
    const bench = benchOf(one);
    await outcome(bench, update({ start: null, deadline: null }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.assignees-replace': async (one) => {
    const bench = benchOf(one);
    await outcome(bench, update({ assignees: [person('user:4'), person('contact:12'), person('group:1')] }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.files-replace': async (one) => {
    const bench = benchOf(one);
    await outcome(bench, { kind: 'file.detach', task, base: known, file: toBin('9002').id });
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.not-found': async (one) => {
    const bench = benchOf(one);
    const missing = update({ title: 'Нет такой', control: true }, { task: as<LocalTaskId>('999999') });
    expect(await outcome(bench, missing)).toMatchObject(refused('E-TASK-GONE'));
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.scope.denied-update': async (one) => {
    const bench = benchOf(one);
    const made = await outcome(bench, update({ title: 'Другое имя', control: false }));
    expect(made).toMatchObject(refused('E-REMOTE-RIGHT'));
    expect(made).toMatchObject({ trouble: { todo: expect.stringContaining('task_update') } });
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.status.set': async (one) => {
    const bench = benchOf(one);
    const status = bench.connector.view([]).statusMove(known, as<LocalStatusId>('101'));
    if ('unreachable' in status) throw new Error(status.unreachable);
    await outcome(bench, update({}, { status }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.status.transition-refused': async (one) => {
    const bench = benchOf(one);
    const status = { from: known.status, to: as<LocalStatusId>('3'), steps: [] };
    const made = await outcome(bench, update({}, { status, task: as<LocalTaskId>('1002') }));
    expect(made).toMatchObject({ is: 'refused', trouble: { about: 'status' } });
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.envelope.fail-with-200': async (one) => {
    expect(await outcome(benchOf(one), update({ title: 'x' }))).toMatchObject(refused('E-REMOTE-REFUSED'));
  },
  'planfix.envelope.html-502': async (one) => {
    const error = await troubleOf(benchOf(one).connector.changedSince({ since: start }));
    expect(error.trouble).toMatchObject({ code: 'E-REMOTE-DOWN', answered: expect.stringContaining('502') });
    const lost = { ...one, request: { ...one.request, path: '/task/1001' } };
    expect(await outcome(benchOf(lost), update({ title: 'x' }))).toMatchObject({
      is: 'unknown',
      notBefore: start + 60_000,
    });
  },
  'planfix.limit.refused': async (one) => {
    const bench = benchOf(one);
    const error = await troubleOf(bench.connector.changedSince({ since: start }));
    expect(error).toMatchObject({ trouble: { code: 'E-REMOTE-LIMIT' }, retryAt: start + 42_000 });
    expect(bench.own()).toHaveLength(1);
    const write = { ...one, request: { ...one.request, path: '/task/1001' } };
    expect(await outcome(benchOf(write), update({ title: 'x' }))).toMatchObject({
      ...refused('E-REMOTE-LIMIT'),
      retryAt: start + 42_000,
    });
  },
  'planfix.limit.one-per-second': async (one) => {
    const bench = benchOf(one);
    const error = await troubleOf(reading(bench, task, ['task']));
    expect(error.trouble.code).toBe('E-REMOTE-LIMIT');
    // Repeated while the wait is short, then told: never lost, never without a pause.
    expect(bench.own().length).toBeGreaterThan(1);
    expect(bench.now()).toBeGreaterThan(start);
  },
  'planfix.limit.remaining-header': async (one) => {
    const lines = await benchOf(one).connector.check();
    expect(lines.find((line) => line.about === 'requests left today')?.found).toContain('19412');
  },
  'planfix.ping.ok': async (one) => {
    const bench = benchOf(one);
    expect((await bench.connector.check())[0]).toMatchObject({ about: 'credential', state: 'ok' });
    expect(bench.own()[0]?.headers['authorization']).toBe('Bearer robot-token-0001');
    expect(bench.sent.every((each) => each.query['access_token'] === undefined)).toBe(true);
  },
  'planfix.account.frozen': async (one) => {
    const bench = benchOf(one);
    const error = await troubleOf(reading(bench, task, ['task']));
    expect(error.trouble.code).toBe('E-REMOTE-PLAN');
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.own-domain.redirect': async (one) => {
    const bench = benchOf(one);
    const error = await troubleOf(bench.connector.changedSince({ since: start }));
    expect(error.trouble.todo).toContain('https://crm.vesna.example');
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.comments.list.missing-task': async (one) => {
    const bench = benchOf(one);
    expect(await reading(bench, as<LocalTaskId>('999999'), ['comments'])).toMatchObject({ is: 'gone' });
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.comment.list.basic': async (one) => {
    const bench = benchOf(one);
    const found = await reading(bench, task, ['comments']);
    if (found.is !== 'read') throw new Error(JSON.stringify(found));
    expect(found.comments).toMatchObject({ extent: { kind: 'all' }, deleted: [] });
    expect(found.comments?.list).toMatchObject([
      {
        id: '5001',
        author: 'user:3',
        authorName: 'Ольга Ветрова',
        at: Date.parse('2026-11-23T09:15Z'),
        system: false,
      },
      { id: '5002', author: 'contact:12', files: [] },
      { id: '5005', author: 'user:2', hidden: true, recipients: ['user:3', 'group:1'] },
    ]);
    expect(found.comments?.list[0]?.files).toEqual([{ id: '9001', name: 'Акт сверки.pdf', size: null }]);
    expect(bench.own()[0]?.json).toMatchObject({
      typeList: 'Comments',
      resultOrder: [{ field: 'id', direction: 'Desc' }],
    });
  },
  'planfix.comment.list.deleted': async (one) => {
    const bench = benchOf(one);
    const found = await reading(bench, task, ['deleted-comments']);
    expect(found).toMatchObject({ is: 'read', comments: { deleted: ['5003'], list: [] } });
    expect(bench.own().map((each) => each.json['typeList'])).toEqual(['Deleted']);
  },
  'planfix.comment.list.all-with-system': async (one) => {
    const { comments } = one.response.body as { comments: readonly JsonObject[] };
    const dateTime = { datetime: '2026-11-23T09:15Z' };
    const rows = comments.map((row) => ({
      ...row,
      dateTime,
      description: row['type'] === 'Comment' ? 'x' : '',
    }));
    const found = await reading(
      benchOf({ ...one, response: { status: 200, body: listBody(rows, 'comments') } }),
      task,
      ['comments'],
    );
    if (found.is !== 'read') throw new Error(JSON.stringify(found));
    expect(found.comments?.list.map((comment) => comment.system)).toEqual([true, false, false, true, false]);
  },
  'planfix.comment.create.plain': async (one) => {
    const bench = benchOf(one);
    const made = await outcome(bench, say());
    expect(made).toMatchObject({
      is: 'done',
      made: { comments: [{ comment: '5010', text: 'Готово, проверьте' }] },
    });
    expect(bench.own()[0]?.json).not.toHaveProperty('recipients');
    expect(bench.own()[0]?.json).not.toHaveProperty('owner');
  },
  'planfix.comment.create.as-other-author': async (one) => {
    const bench = benchOf(one);
    await outcome(
      bench,
      say({ author: person('contact:12'), notify: [person('user:3'), person('group:1')] }),
    );
    expect(bench.own()[0]?.json).toMatchObject({
      owner: { id: 'contact:12' },
      dateTime: { date: '12-11-2026', time: '12:15' },
      sourceObjectId: '0c091b1f-a735-44e9-a56c-43435e7a40b6',
      recipients: { users: [{ id: 'user:3' }], groups: [{ id: 1 }] },
    });
  },
  'planfix.comment.create.as-other-author-denied': async (one) => {
    const made = await outcome(benchOf(one), say({ author: person('contact:12') }));
    expect(made).toMatchObject(refused('E-REMOTE-RIGHT'));
    expect(made).toMatchObject({ trouble: { todo: expect.stringContaining('robot') } });
  },
  'planfix.comment.create.forbidden-in-status': async (one) => {
    expect(await outcome(benchOf(one), say({ task: as<LocalTaskId>('1002') }))).toMatchObject(
      refused('E-COMMENT-FORBIDDEN'),
    );
  },
  'planfix.comment.create.file-only': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9001 } });
    const shared = { account: as<AccountId>('romashka'), file: as<LocalFileId>('disk:1') };
    const files = [{ shared, name: 'Акт.pdf', size: null, comment: null }];
    const made = await outcome(bench, say({ text: '', files }), openText('акт'));
    expect(made).toMatchObject({
      is: 'done',
      made: { comments: [{ comment: '5013' }], files: [{ shared, file: '9001' }] },
    });
    expect(bench.own()[0]?.json['files']).toEqual([{ id: 9001 }]);
  },
  'planfix.comment.update.text': async (one) => {
    const bench = benchOf(one);
    expect(await outcome(bench, edit('5010', 'Готово, проверьте ещё раз'))).toMatchObject({
      is: 'done',
      made: { means: 'update', comments: [{ comment: '5010' }] },
    });
    expect(bench.own()).toMatchObject([
      { query: { silent: 'true' }, json: { description: 'Готово, проверьте ещё раз' } },
    ]);
    expect(Object.keys(bench.own()[0]?.json ?? {})).toEqual(['description']);
  },
  'planfix.comment.update.missing': async (one) => {
    const bench = benchOf(one, {
      'POST /task/1001/comments/list': listBody([], 'comments'),
      'POST /task/1001/comments/': { result: 'success', id: 5021 },
    });
    expect(await outcome(bench, edit('115', 'Нет'))).toMatchObject({
      is: 'done',
      made: { means: 'recreate', comments: [{ comment: '5021', text: 'Нет' }] },
    });
  },
  'planfix.comment.update.foreign-text': async (one) => {
    const bench = benchOf(one, {
      'DELETE /comment/5002': { result: 'fail', code: 6, error: 'Access denied' },
    });
    expect(await outcome(bench, edit('5002', 'Чужой текст'))).toMatchObject(refused('E-COMMENT-EDIT'));
    expect(bench.sent.filter((each) => each.path === '/task/1001/comments/')).toEqual([]);
  },
  'planfix.comment.delete': async (one) => {
    const comments = [as<LocalCommentId>('5010')];
    expect(
      await outcome(benchOf(one), { kind: 'comment.delete', task, world: 'planfix', chat: null, comments }),
    ).toMatchObject({ is: 'done' });
  },
  'planfix.file.upload': async (one) => {
    const bench = benchOf(one, { 'POST /file/9010/attach/task': { result: 'success' } });
    const shared = { account: as<AccountId>('romashka'), file: as<LocalFileId>('disk:1') };
    const source = { shared, name: 'тест-файл.bin', size: null, comment: null };
    const made = await outcome(bench, { kind: 'file.attach', task, source }, openText('байты'));
    expect(made).toMatchObject({ is: 'done', made: { files: [{ shared, file: '9010' }] } });
    expect(bench.own()[0]?.json['raw']).toContain('name="file"; filename="тест-файл.bin"');
  },
  'planfix.file.upload.too-large': async (one) => {
    const bench = benchOf(one);
    const shared = { account: as<AccountId>('romashka'), file: as<LocalFileId>('disk:1') };
    const source = { shared, name: 'видео.mp4', size: 104_857_601, comment: null };
    expect(await outcome(bench, { kind: 'file.attach', task, source })).toMatchObject(
      refused('E-FILE-TOO-LARGE'),
    );
    expect(bench.sent).toEqual([]);
    const unsized = { ...source, size: null };
    const told = await outcome(benchOf(one), { kind: 'file.attach', task, source: unsized }, openText('x'));
    expect(told).toMatchObject(refused('E-FILE-TOO-LARGE'));
  },
  'planfix.file.attach.task': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9010 } });
    const shared = { account: as<AccountId>('romashka'), file: as<LocalFileId>('disk:1') };
    const source = { shared, name: 'a.txt', size: null, comment: null };
    await outcome(bench, { kind: 'file.attach', task, source }, openText('x'));
    expect(bench.own()).toMatchObject([{ query: { id: '1001' } }]);
  },
  'planfix.file.attach.denied': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9010 } });
    const shared = { account: as<AccountId>('romashka'), file: as<LocalFileId>('disk:1') };
    const source = { shared, name: 'a.txt', size: null, comment: null };
    const attach = { kind: 'file.attach', task: as<LocalTaskId>('1003'), source } as const;
    expect(await outcome(bench, attach, openText('x'))).toMatchObject(refused('E-REMOTE-RIGHT'));
  },
  'planfix.file.download': async (one) => {
    const bench = benchOf(one, {
      'GET /file/9001': { result: 'success', file: { id: 9001, name: 'Акт сверки.pdf', size: 1 } },
    });
    const opened = await bench.connector.openFile(task, null, as<LocalFileId>('9001'));
    expect(opened.name).toBe('Акт сверки.pdf');
    const last = bench.sent.at(-1);
    expect(last?.path).toContain('https://storage.example/pf/9001/');
    expect(last?.headers['authorization']).toBeUndefined();
  },
  'planfix.file.download.missing': async (one) => {
    const bench = benchOf(one, { 'GET /file/9999': { result: 'success', file: { id: 9999, name: 'x' } } });
    const error = await troubleOf(bench.connector.openFile(task, null, as<LocalFileId>('9999')));
    expect(error.trouble.code).toBe('E-FILE-UNREADABLE');
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.file.get.size-is-kilobytes': async (one) => {
    const opened = await benchOf(one).connector.openFile(task, null, as<LocalFileId>('9002'));
    expect(opened).toMatchObject({ name: 'ТЗ.docx', size: null });
  },
  'planfix.user.list': async (one) => {
    const people = await benchOf(one, everybodyElse).connector.people();
    expect(people.find((each) => each.id === 'user:1')).toMatchObject({
      kind: 'robot',
      email: null,
      active: true,
    });
    expect(people.find((each) => each.id === 'user:3')).toMatchObject({
      name: 'Ольга Ветрова',
      kind: 'employee',
    });
    expect(people.find((each) => each.id === 'user:5')).toMatchObject({ active: false });
  },
  'planfix.user.list.prefixed': async (one) => {
    const bench = benchOf(one, everybodyElse);
    expect((await bench.connector.people()).map((each) => each.id)).toContain('user:4');
    expect(bench.own()[0]?.json['prefixedId']).toBe(true);
  },
  'planfix.user.groups': async (one) => {
    const people = await benchOf(one, {
      ...everybodyElse,
      'POST /user/list': listBody([], 'users'),
    }).connector.people();
    expect(people.filter((each) => each.kind === 'group').map((each) => each.id)).toEqual([
      'group:1',
      'group:2',
    ]);
  },
  'planfix.contact.list.people': async (one) => {
    const bench = benchOf(one, { ...everybodyElse, 'POST /user/list': listBody([], 'users') });
    const people = await bench.connector.people();
    expect(people.find((each) => each.id === 'contact:12')).toMatchObject({
      kind: 'contact',
      email: 'maria@romashka.example',
    });
    expect(bench.own().map((each) => each.json['isCompany'])).toEqual([false, true]);
  },
  'planfix.user.get.robot': async (one) => {
    const lines = await benchOf(one).connector.check();
    expect(lines.find((line) => line.about === 'acting user')).toMatchObject({ state: 'ok' });
    expect(lines.find((line) => line.about.includes('as others'))).toMatchObject({ state: 'ok' });
  },
  'planfix.user.get.missing': async (one) => {
    const asRobot = { ...one, request: { ...one.request, path: '/user/1' } };
    const lines = await benchOf(asRobot).connector.check();
    expect(lines.find((line) => line.about === 'acting user')).toMatchObject({ state: 'failed' });
  },
  'planfix.object.statuses': async (one) => {
    const bench = benchOf(one, {
      'POST /object/list': listBody([{ id: 31, name: 'Внедрение' }], 'objects'),
      'GET /process/task': listBody([], 'processes'),
    });
    const statuses = await bench.connector.statuses();
    expect(statuses.find((each) => each.id === '101')).toMatchObject({
      name: 'На проверке у клиента',
      objects: ['31'],
      final: false,
    });
    expect(statuses.find((each) => each.id === '3')).toMatchObject({ final: true });
  },
  'planfix.process.statuses.system': async (one) => {
    const bench = benchOf(one, {
      'POST /object/list': listBody([], 'objects'),
      'GET /process/task': listBody([{ id: 1, name: 'Задача' }], 'processes'),
    });
    expect((await bench.connector.statuses()).find((each) => each.id === '0')).toMatchObject({
      name: 'Черновик',
      objects: null,
    });
  },
};

const everybodyElse = {
  'POST /contact/list': listBody([], 'contacts'),
  'GET /user/groups': listBody([], 'groups'),
};

for (const id of ['planfix.auth.bad-token', 'planfix.auth.inactive-token']) {
  Object.assign(judges, {
    [id]: async (one: ContractCase) => {
      const bench = benchOf(one);
      expect(await bench.connector.check()).toMatchObject([{ about: 'credential', state: 'failed' }]);
      const reader = benchOf({ ...one, request: { ...one.request, path: '/task/1001' } });
      expect((await troubleOf(reading(reader, task, ['task']))).trouble.code).toBe('E-REMOTE-AUTH');
      expect(reader.sent).toHaveLength(1);
    },
  });
}

/** Cases of calls that this connector does not make: custom fields, checklists, data tags, look-ups of other lists. */
const notCalled = new RegExp(
  [
    '^planfix\\.task\\.get\\.(name-only|status-labelled|people|files|datatags|customfield.*|custom\\..*)$',
    '^planfix\\.task\\.create\\.(custom-values|unknown-priority)$',
    '^planfix\\.task\\.update\\.(custom-.*|list-outside-enum|period-shape|is-deleted)$',
    '^planfix\\.task\\.list\\.(first-page|last-page|past-the-end|default-page-size|user-timezone)$',
    '^planfix\\.task\\.list\\.filter\\.(changed-since-day|changed-not-commented|created-since|statuses-or|object)$',
    '^planfix\\.task\\.list\\.filter\\.(project-and-active|assignee|children|name-contains|custom-.*|priority)$',
    '^planfix\\.task\\.(filters\\.saved|templates)$',
    '^planfix\\.(checklist|datatag|directory|customfield|project)\\.',
    '^planfix\\.comment\\.list\\.(desc-limited|paging)$',
    '^planfix\\.comment\\.create\\.(line-breaks|same-file-twice|hidden)$',
    '^planfix\\.comment\\.(get|flat-list)\\.',
    '^planfix\\.file\\.(upload\\.no-part|from-url|get|get\\.download-url|rename|rename\\.denied|delete|task-list\\.all)$',
    '^planfix\\.(auth\\.no-header|auth\\.access-token-query|list\\.bad-json|unknown-write-key)$',
    '^planfix\\.user\\.(list\\.only-active|list\\.by-email|get\\.by-prefixed-id|positions)$',
    '^planfix\\.contact\\.(list\\.companies|list\\.by-email-part|list\\.only-changed|get\\..*|create|groups)$',
    '^planfix\\.(process\\.list|process\\.statuses\\.own|object\\.list|object\\.get|status\\.individual-view)$',
    '^planfix\\.webhook\\.incoming\\.',
  ].join('|'),
);

const { areas } = await readContracts();
const planfix = areas.filter((area) => area.kind === 'planfix');
const cases = planfix.flatMap((area) => area.cases);
const toCrm = cases.filter((one) => one.direction !== 'from-crm');
const fromCrm = cases.filter((one) => one.direction === 'from-crm');

describe('The Planfix connector and the contract cases', () => {
  test.each(toCrm.filter((one) => judges[one.id] !== undefined).map((one) => [one.id, one] as const))(
    '%s',
    async (id, one) => {
      await judges[id]?.(one);
    },
  );

  test('every case is judged or of a call that the connector does not make', () => {
    const left = toCrm.filter((one) => judges[one.id] === undefined && !notCalled.test(one.id));
    expect(left.map((one) => one.id)).toEqual([]);
    const known = new Set(cases.map((one) => one.id));
    expect(Object.keys(judges).filter((id) => !known.has(id))).toEqual([]);
  });

  test.each(fromCrm.map((one) => [one.id, one] as const))('%s: the body yields its task', (_id, one) => {
    const { body, query, headers } = one.request;
    const form =
      body !== null && typeof body === 'object' && '$form' in body
        ? (body.$form as Record<string, string>)
        : null;
    const wire =
      form !== null
        ? new URLSearchParams(form).toString()
        : body === undefined
          ? new URLSearchParams(query as Record<string, string>).toString()
          : textOf(body);
    const type = form !== null ? 'application/x-www-form-urlencoded' : (headers?.['Content-Type'] ?? null);
    const number = /"task":(?:\{"id":)?"(\d+)"/.exec(wire)?.[1] ?? /task=(\d+)/.exec(wire)?.[1];
    expect(number).toBeDefined();
    expect(readPlanfixHints(wire, type)).toMatchObject([{ is: 'task', task: number }]);
  });
});
