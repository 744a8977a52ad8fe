/**
 * The contract cases of Bitrix24 held to the connector: the answer of a case is served to the call that the connector
 * makes, alone or inside a batch; what was sent and what the connector tells is judged.
 */
import { describe, expect, test } from '@jest/globals';
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { applicationToken, readBitrix24Hints } from '../../connectors/bitrix24/webhook.ts';
import { type Connector, ConnectorError } from '../../connectors/port.ts';
import {
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { catalogue, type Trouble } from '../../errors/trouble.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Reading, type Snapshot } from '../../sync/core/replica.ts';
import { type ContractCase, type JsonObject, readContracts } from './layout.ts';
import { fileSource, opening } from './portCalls.ts';
import { bodyText, scriptedRuntime, vesna } from './scripted.ts';

const start = Date.parse('2026-09-28T07:00Z');
const url = 'https://vesna.bitrix24.ru/rest/1/adm1nh00kvesna01';

interface Sent {
  readonly method: string;
  readonly params: unknown;
}

interface Bench {
  readonly connector: Connector;
  readonly sent: readonly Sent[];
  readonly served: () => number;
}

/** Answers of calls that a case does not speak of. */
const elsewhere: Readonly<Record<string, unknown>> = {
  'tasks.task.get': {
    task: {
      id: '101',
      title: 'Задача',
      description: '',
      status: '7',
      stageId: '0',
      createdBy: '5',
      responsibleId: '7',
      accomplices: [],
      auditors: [],
      deadline: null,
      startDatePlan: null,
      endDatePlan: null,
      groupId: '0',
      taskControl: 'N',
      chatId: 2101,
      ufTaskWebdavFiles: false,
    },
  },
  'disk.storage.getlist': [{ ID: '2457', ENTITY_TYPE: 'user', ENTITY_ID: '1' }],
  'disk.storage.uploadfile': { ID: 6467, NAME: 'a.txt', SIZE: '3' },
  'im.dialog.messages.get': { messages: [], users: [], files: [] },
  'task.commentitem.getlist': [],
  'im.message.add': 9101,
  profile: { ID: '1', ADMIN: true },
  scope: ['task', 'im', 'disk', 'user'],
  'user.current': { ID: '1', EMAIL: 'kovaleva@vesna.example' },
  'tasks.task.list': { tasks: [] },
};

const methodOf = ({ request }: ContractCase): string =>
  /^\/rest\/\d+\/[^/]+\/(.+)$/.exec(request.path)?.[1] ?? '';
const isError = (body: unknown): body is { readonly error: string; readonly error_description?: string } =>
  typeof body === 'object' && body !== null && 'error' in body;

/** Serves the case to every call of its method, and something plain to all others. */
function benchOf(one: ContractCase): Bench {
  const sent: Sent[] = [];
  let requests = 0;
  const wanted = methodOf(one).toLowerCase();
  const [status = 200] = [one.response.status].flat();
  const own = one.response.body;
  const answerTo = (method: string): { readonly status: number; readonly body: unknown } => {
    if (method.toLowerCase() === wanted) return { status, body: own ?? '' };
    const result = elsewhere[method];
    return result === undefined
      ? { status: 400, body: { error: 'ERROR_CORE', error_description: 'not of this case' } }
      : { status: 200, body: { result } };
  };
  const batched = (cmd: Readonly<Record<string, string>>): unknown => {
    const maps = { result: {}, result_error: {}, result_total: {} };
    for (const [key, command] of Object.entries(cmd)) {
      const [method = '', query = ''] = command.split('?');
      sent.push({ method, params: query });
      const { body } = answerTo(method);
      if (isError(body)) Object.assign(maps.result_error, { [key]: body });
      else {
        const { result, total } = body as { result: unknown; total?: number };
        Object.assign(maps.result, { [key]: result });
        if (total !== undefined) Object.assign(maps.result_total, { [key]: total });
      }
    }
    return { result: { ...maps, result_next: [], result_time: [] } };
  };
  const runtime = scriptedRuntime(start, async (request) => {
    requests += 1;
    const method = new URL(request.url).pathname.split('/').slice(4).join('/');
    const body = await bodyText(request.body);
    const params: unknown = body === '' ? null : JSON.parse(body);
    let answer = answerTo(method);
    if (method === 'batch' && wanted !== 'batch')
      answer = { status: 200, body: batched((params as { cmd: Record<string, string> }).cmd) };
    else sent.push({ method, params });
    return {
      status: answer.status,
      headers: one.response.headers ?? {},
      text: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
    };
  });
  const settings = vesna('bitrix24', url, { token: null, actor: '1', zone: 'Europe/Moscow' });
  return { connector: makeBitrix24(settings, runtime), sent, served: () => requests };
}

const task = as<LocalTaskId>('101');
const openText = opening(() => 'abc', 3);
const file = fileSource('a.txt', { size: 3 });

async function reading(
  bench: Bench,
  world: 'old-card' | 'chat',
  aspect: 'task' | 'comments',
): Promise<Reading> {
  const request = {
    task,
    aspects: [aspect],
    commentsAfter: null,
    world,
    chat: world === 'chat' ? '2101' : null,
  };
  const found = (await bench.connector.read([request])).get(task);
  if (found === undefined) throw new Error('no reading');
  return found;
}

async function base(bench: Bench): Promise<Snapshot> {
  const found = await reading(bench, 'chat', 'task');
  if (found.is !== 'read' || found.snapshot === undefined) throw new Error(JSON.stringify(found));
  return found.snapshot;
}

type Told =
  | { readonly kind: 'outcome'; readonly value: Outcome }
  | { readonly kind: 'reading'; readonly value: Reading }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'trouble'; readonly value: Trouble };

async function writing(bench: Bench, make: (known: Snapshot) => Write): Promise<Told> {
  const known = await base(bench);
  const [outcome] = await bench.connector.write([make(known)], openText);
  if (outcome === undefined) throw new Error('no outcome');
  return { kind: 'outcome', value: outcome };
}

async function asked(value: Promise<unknown>): Promise<Told> {
  try {
    return { kind: 'value', value: await value };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { kind: 'trouble', value: error.trouble };
  }
}

const inWorld = (world: 'old-card' | 'chat') => ({
  task,
  world,
  chat: world === 'chat' ? '2101' : null,
  message: as<MessageId>('m'),
  mark: as<Mark>('mark'),
  text: 'Текст',
  author: null,
  at: start,
});
const say =
  (world: 'old-card' | 'chat', files: readonly (typeof file)[] = []) =>
  (): Write => ({
    ...inWorld(world),
    kind: 'comment.create',
    notify: [],
    replyTo: null,
    files,
    after: null,
  });
const edit = (world: 'old-card' | 'chat') => (): Write => ({
  ...inWorld(world),
  kind: 'comment.update',
  comments: [as<LocalCommentId>(world === 'chat' ? 'chat:9003' : 'comment:3101')],
});
const remove = (world: 'old-card' | 'chat') => (): Write => ({
  ...inWorld(world),
  kind: 'comment.delete',
  comments: [as<LocalCommentId>(world === 'chat' ? 'chat:9003' : 'comment:3101')],
});
const step =
  (name: string, gives: string) =>
  (known: Snapshot): Write => ({
    kind: 'task.update',
    task,
    base: known,
    set: {},
    status: {
      from: known.status,
      to: as<LocalStatusId>(gives),
      steps: [{ via: `tasks.task.${name}`, gives: as<LocalStatusId>(gives) }],
    },
    silent: false,
  });

/** What makes the connector call a method. */
const plays: Readonly<Record<string, (bench: Bench) => Promise<Told>>> = {
  'tasks.task.get': async (bench) => ({ kind: 'reading', value: await reading(bench, 'chat', 'task') }),
  'tasks.task.list': (bench) => asked(bench.connector.changedSince({ since: start })),
  'task.commentitem.getlist': async (bench) => ({
    kind: 'reading',
    value: await reading(bench, 'old-card', 'comments'),
  }),
  'im.dialog.messages.get': async (bench) => ({
    kind: 'reading',
    value: await reading(bench, 'chat', 'comments'),
  }),
  'tasks.task.add': (bench) =>
    writing(bench, () => ({
      kind: 'task.create',
      mark: as<Mark>('mark'),
      fields: { title: 'Задача' },
      status: null,
      object: null,
      place: null,
      files: [],
    })),
  'tasks.task.update': (bench) =>
    writing(bench, (known) => ({
      kind: 'task.update',
      task,
      base: known,
      set: { title: 'Задача' },
      status: null,
      silent: false,
    })),
  'tasks.task.start': (bench) => writing(bench, step('start', '3')),
  'tasks.task.pause': (bench) => writing(bench, step('pause', '2')),
  'tasks.task.defer': (bench) => writing(bench, step('defer', '6')),
  'tasks.task.complete': (bench) => writing(bench, step('complete', '5')),
  'tasks.task.renew': (bench) => writing(bench, step('renew', '2')),
  'tasks.task.approve': (bench) => writing(bench, step('approve', '5')),
  'tasks.task.disapprove': (bench) => writing(bench, step('disapprove', '2')),
  'tasks.task.startwatch': (bench) => writing(bench, () => ({ kind: 'task.join', task })),
  'tasks.task.files.attach': (bench) => writing(bench, () => ({ kind: 'file.attach', task, source: file })),
  'task.commentitem.add': (bench) => writing(bench, say('old-card')),
  'task.commentitem.update': (bench) => writing(bench, edit('old-card')),
  'task.commentitem.delete': (bench) => writing(bench, remove('old-card')),
  'im.message.add': (bench) => writing(bench, say('chat')),
  'im.message.update': (bench) => writing(bench, edit('chat')),
  'im.message.delete': (bench) => writing(bench, remove('chat')),
  'im.v2.File.upload': (bench) => writing(bench, say('chat', [file])),
  'disk.attachedObject.get': (bench) =>
    asked(bench.connector.openFile(task, null, as<LocalFileId>('attachment:2213'))),
  'disk.file.get': (bench) => asked(bench.connector.openFile(task, null, as<LocalFileId>('disk:6465'))),
  'user.get': (bench) => asked(bench.connector.people()),
};

const troublesOf = (told: Told): readonly Trouble[] => {
  if (told.kind === 'trouble') return [told.value];
  if (told.kind === 'outcome')
    return told.value.is === 'done'
      ? told.value.failures
      : told.value.is === 'queued'
        ? []
        : [told.value.trouble];
  if (told.kind === 'reading') {
    if (told.value.is === 'read') return told.value.troubles ?? [];
    return told.value.is === 'unreadable' ? [told.value.trouble] : [];
  }
  return [];
};

const { areas } = await readContracts();
const cases = areas.filter(({ kind }) => kind === 'bitrix24').flatMap((area) => area.cases);
const toCrm = cases.filter(({ direction }) => direction !== 'from-crm');
const played = toCrm.filter((one) => methodOf(one) in plays);

describe('Bitrix24 contract cases of calls that the connector makes', () => {
  test.each(played.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    const method = methodOf(one);
    const bench = benchOf(one);
    const told = await plays[method]?.(bench);
    if (told === undefined) throw new Error('nothing was played');
    const mine = bench.sent.filter((call) => call.method === method);
    expect(mine.length).toBeGreaterThan(0);
    for (const { params } of mine)
      if (method.startsWith('task.'))
        expect(typeof params === 'string' ? params : Object.keys(params as JsonObject)[0]).toMatch(/^TASKID/);
    const troubles = troublesOf(told);
    for (const trouble of troubles) {
      expect(Object.keys(catalogue)).toContain(trouble.code);
      expect(trouble.code).not.toBe('E-OURS');
      expect(JSON.stringify(trouble)).not.toMatch(/adm1nh00k|<br>/);
    }
    const [status = 200] = [one.response.status].flat();
    // An edit that is refused has other means, a deletion is proved by a reading.
    const otherMeans = ['im.message.update', 'task.commentitem.update', 'im.message.delete'].includes(method);
    if (status >= 400 && !otherMeans) expect(troubles.length).toBeGreaterThan(0);
    if (status < 400 && told.kind === 'outcome' && !method.startsWith('tasks.task.complete'))
      expect(told.value.is).toBe('done');
  });

  test('what the cases say of an answer is what the connector tells', async () => {
    const of = (id: string): ContractCase => {
      const found = cases.find((one) => one.id === `bitrix24.${id}`);
      if (found === undefined) throw new Error(`no case ${id}`);
      return found;
    };
    const play = async (id: string): Promise<Told> => {
      const told = await plays[methodOf(of(id))]?.(benchOf(of(id)));
      if (told === undefined) throw new Error(id);
      return told;
    };
    expect(await play('task.get.not-found')).toMatchObject({ value: { is: 'unreadable' } });
    // The case selects less than the connector: what it leaves out was not told, and is not read as empty.
    expect(await play('task.get.select.ok')).toMatchObject({ value: { is: 'unreadable' } });
    const selected = of('task.get.select.ok');
    const { task: row } = (selected.response.body as { result: { task: object } }).result;
    const { task: plain } = elsewhere['tasks.task.get'] as { task: object };
    const whole = { ...selected.response, body: { result: { task: { ...plain, ...row } } } };
    expect(await plays['tasks.task.get']?.(benchOf({ ...selected, response: whole }))).toMatchObject({
      value: { is: 'read', snapshot: { task: '101', creator: '5', assignees: ['7'], place: '12' } },
    });
    expect(await play('task.add.ok')).toMatchObject({ value: { is: 'done', made: { task: '201' } } });
    expect(await play('task.add.no-such-responsible')).toMatchObject({
      value: { is: 'refused', trouble: { code: 'E-REMOTE-REFUSED' } },
    });
    expect(await play('task.update.denied')).toMatchObject({
      value: { is: 'refused', trouble: { code: 'E-REMOTE-RIGHT', about: 'title' } },
    });
    expect(await play('comment.getlist.ok')).toMatchObject({
      value: {
        comments: {
          list: [
            { id: 'comment:3101', author: '5', files: [] },
            { id: 'comment:3102', author: '7', files: [{ id: 'attachment:1873', size: 15010 }] },
          ],
        },
      },
    });
    expect(await play('comment.add.ok')).toMatchObject({
      value: { made: { comments: [{ comment: 'comment:3201' }] } },
    });
    expect(await play('chat.messages.latest')).toMatchObject({
      value: {
        comments: {
          list: [
            { id: 'chat:9001', system: true, author: null },
            { id: 'chat:9002', author: '5', authorName: 'Сергей Дронов' },
            { id: 'chat:9003', files: [{ id: 'disk:5501', name: 'Черновик сметы.xlsx', size: 20481 }] },
          ],
        },
      },
    });
    expect(await play('chat.messages.not-member')).toMatchObject({
      value: { outsideChat: true, troubles: [{ code: 'E-REMOTE-RIGHT' }] },
    });
    expect(await play('error.insufficient-scope')).toMatchObject({
      value: { trouble: { code: 'E-REMOTE-RIGHT' } },
    });
    expect(await play('chat.message.add.ok')).toMatchObject({
      value: { made: { comments: [{ comment: 'chat:9101' }] } },
    });
    expect(await play('chat.file.upload.ok')).toMatchObject({
      value: { made: { comments: [{ comment: 'chat:9101' }], files: [{ file: 'disk:8801' }] } },
    });
    expect(await play('chat.file.upload.too-large')).toMatchObject({
      value: { failures: [{ code: 'E-FILE-TOO-LARGE', about: 'a.txt' }] },
    });
    expect(await play('task.files.attach.ok')).toMatchObject({
      value: { made: { files: [{ file: 'attachment:2215' }] } },
    });
    expect(await play('status.startwatch.no-access')).toMatchObject({
      value: {
        is: 'refused',
        trouble: { code: 'E-TASK-UNREADABLE', answered: expect.not.stringContaining('a:0') },
      },
    });
    expect(await play('limit.operating-time')).toMatchObject({
      kind: 'trouble',
      value: { code: 'E-REMOTE-LIMIT' },
    });
    expect(await play('user.get.dismissed')).toMatchObject({ value: [{ active: false }] });
    expect(await play('user.get.extranet')).toMatchObject({ value: [{ kind: 'guest' }] });
  });

  test('the calls that the connector does not make are these, and no others', () => {
    const rest = new Set(
      toCrm.filter((one) => methodOf(one) !== '' && !(methodOf(one) in plays)).map((one) => methodOf(one)),
    );
    expect(
      [...rest].filter((method) => !/^(api|task\.checklistitem|task\.stages)/.test(method)).sort(),
    ).toEqual([
      'batch',
      'department.get',
      'disk.folder.getchildren',
      'disk.folder.uploadfile',
      'disk.storage.getforapp',
      'event.bind',
      'im.chat.get',
      'im.v2.Event.get',
      'im.v2.Event.subscribe',
      'im.v2.File.download',
      'sonet_group.get',
      'sonet_group.user.get',
      'task.commentitem.get',
      'task.elapseditem.add',
      'tasks.task.chat.message.send',
      'tasks.task.delegate',
      'tasks.task.delete',
      'tasks.task.getFields',
      'tasks.task.getaccess',
      'tasks.task.history.list',
      'tasks.task.result.list',
      'tasks.task.teleport',
      'user.current',
      'user.current.json',
      'user.search',
    ]);
    expect(played.length).toBeGreaterThan(75);
  });
});

describe('Bitrix24 contract cases of events', () => {
  const events = cases.filter(
    ({ direction, request }) => direction === 'from-crm' && request.raw !== undefined,
  );

  test.each(events.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const raw = one.request.raw ?? '';
    const form = (one.request.body as { readonly $form: JsonObject }).$form;
    const [hint, ...others] = readBitrix24Hints(raw, 'application/x-www-form-urlencoded');
    expect(others).toEqual([]);
    const event = String(form['event']);
    const data = JSON.stringify(form['data']);
    if (/^ONTASK/.test(event)) {
      expect(hint?.is).toBe('task');
      if (hint?.is !== 'task') return;
      expect(data).toContain(`"${hint.task}"`);
      expect(hint.aspects).toContain(event.startsWith('ONTASKCOMMENT') ? 'comments' : 'task');
    } else expect(hint?.is).toBe('nothing');
    const auth = form['auth'] as JsonObject | undefined;
    expect(applicationToken(raw)).toBe(auth?.['application_token'] ?? null);
  });

  test('there are events to read', () => {
    expect(events.length).toBeGreaterThan(8);
  });
});
