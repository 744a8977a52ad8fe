/** What stands on the wire between the bridge and an account: connectors over real sockets, against a server that keeps what it hears. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { type AccountSettings, type Connector, ConnectorError } from '../../connectors/port.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalTaskId,
} from '../../errors/ids.ts';
import { realRuntime } from '../../runtime/real.ts';
import { type HttpRequest, type Runtime } from '../../runtime/runtime.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Reading } from '../../sync/core/replica.ts';

interface Heard {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Reply = (heard: Heard, response: ServerResponse) => void;

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

interface Listening {
  readonly port: number;
  readonly heard: Heard[];
  connections(): number;
}

async function listening(
  make: (listener: Parameters<typeof createServer>[1]) => Server,
  reply: Reply,
): Promise<Listening> {
  const heard: Heard[] = [];
  let connections = 0;
  const server = make((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one: Heard = {
        method: request.method ?? '',
        host: request.headers.host ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      heard.push(one);
      reply(one, response);
    });
  });
  servers.push(server);
  // Of a secure server too this is the bare connection, once for each.
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, heard, connections: () => connections };
}

const plainServer = (reply: Reply): Promise<Listening> =>
  listening((listener) => createServer(listener ?? (() => undefined)), reply);

const answer = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const settings = (kind: AccountSettings['kind'], url: string, ca: string | null = null): AccountSettings => ({
  account: as<AccountId>('vesna'),
  kind,
  url,
  token: kind === 'planfix' ? 'token-of-the-robot' : null,
  actor: as<LocalPersonId>(kind === 'planfix' ? 'user:1' : '1'),
  organisation: 'Весна',
  zone: 'Europe/Moscow',
  ca,
  serverMaxMs: 60_000,
});

const secretPath = '/rest/1/s3cretofthehook';
const bitrixAt = ({ port }: Listening, runtime: Runtime = realRuntime()): Connector =>
  makeBitrix24(settings('bitrix24', `http://127.0.0.1:${String(port)}${secretPath}`), runtime);
const planfixAt = ({ port }: Listening, runtime: Runtime = realRuntime()): Connector =>
  makePlanfix(settings('planfix', `http://127.0.0.1:${String(port)}/rest`), runtime);

const task = as<LocalTaskId>('101');

const bitrixTask = {
  id: '101',
  title: 'Дело',
  description: '',
  status: '2',
  stageId: '0',
  createdBy: '3',
  responsibleId: '7',
  accomplices: ['5'],
  auditors: [],
  deadline: null,
  startDatePlan: null,
  endDatePlan: null,
  groupId: '0',
  changedDate: '2026-11-24T10:00:00+03:00',
  taskControl: 'N',
  chatId: 2101,
  ufTaskWebdavFiles: false,
};
const planfixTask = {
  id: 101,
  name: 'Дело',
  status: { id: 2 },
  assignees: { users: [{ id: 'user:3', name: 'Ольга' }] },
};

/** Answers every command of a batch with a result of its method; a call that travels alone too. */
const portal =
  (results: Readonly<Record<string, unknown>>): Reply =>
  ({ path, body }, response) => {
    const method = path.split('/').at(-1) ?? '';
    if (method !== 'batch') return answer(response, { result: results[method] ?? null });
    const { cmd } = JSON.parse(body) as { readonly cmd: Readonly<Record<string, string>> };
    const result = Object.fromEntries(
      Object.entries(cmd).map(([key, command]) => [key, results[command.split('?')[0] ?? ''] ?? null]),
    );
    answer(response, {
      result: { result, result_error: [], result_total: [], result_next: [], result_time: [] },
    });
  };

async function readTask(connector: Connector): Promise<Reading> {
  const request = { task, aspects: ['task'] as const, commentsAfter: null, world: null, chat: null };
  const reading = (await connector.read([request])).get(task);
  if (reading === undefined) throw new Error('no reading');
  return reading;
}

const titleOf = (reading: Reading): string | undefined =>
  reading.is === 'read' ? reading.snapshot?.title : undefined;

const noFile = (): Promise<never> => Promise.reject(new Error('no file was to be opened'));
async function written(connector: Connector, one: Write): Promise<Outcome | undefined> {
  return (await connector.write([one], noFile))[0];
}

const edit = (world: 'chat' | 'old-card', comment: string): Write => ({
  kind: 'comment.update',
  task,
  world,
  chat: world === 'chat' ? '2101' : null,
  comments: [as<LocalCommentId>(comment)],
  text: 'Слово & дело = 100% [+]',
  author: null,
  message: as('vesna/1'),
  mark: as('0c091b1f-a735-44e9-a56c-000000000001'),
  at: Date.parse('2026-11-24T07:30Z'),
});

/** How long each request is given, by what it is. */
function timed(): { readonly runtime: Runtime; readonly given: Map<string, number> } {
  const runtime = realRuntime();
  const given = new Map<string, number>();
  const http = (request: HttpRequest): ReturnType<Runtime['http']> => {
    const path = new URL(request.url).pathname.replace(secretPath, '').replace('/rest', '');
    given.set(`${request.method} ${path}`, request.timeoutMs);
    return runtime.http(request);
  };
  return { runtime: { ...runtime, http }, given };
}

const source = {
  shared: { account: as<AccountId>('elsewhere'), file: as<LocalFileId>('1') },
  name: 'a.txt',
  size: 3,
  comment: null,
};
const openText = (): ReturnType<Parameters<Connector['write']>[1]> => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('abc');
  }
  return Promise.resolve({ name: 'a.txt', size: 3, bytes: bytes() });
};

describe('Connectors on the wire', () => {
  test('keep-alive: requests that follow each other share a connection', async () => {
    const bitrix = await plainServer(portal({ 'tasks.task.get': { task: bitrixTask } }));
    const planfix = await plainServer((_heard, response) =>
      answer(response, { result: 'success', task: planfixTask }),
    );
    const [one, other] = [bitrixAt(bitrix), planfixAt(planfix)];
    for (let time = 0; time < 4; time += 1) {
      await readTask(one);
      await readTask(other);
    }
    expect([bitrix.connections(), bitrix.heard.length]).toEqual([1, 4]);
    expect([planfix.connections(), planfix.heard.length]).toEqual([1, 4]);
  });

  test('gzip: it is asked for, and an answer packed so is read', async () => {
    const server = await plainServer((_heard, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify({ result: 'success', task: planfixTask })));
    });
    expect(titleOf(await readTask(planfixAt(server)))).toBe('Дело');
    expect(server.heard[0]?.headers['accept-encoding']).toContain('gzip');
  });

  test('time-outs: a call, a batch, an upload and a download each have their own', async () => {
    const bitrix = await plainServer(({ path, body, ...heard }, response) => {
      if (path.startsWith('/disk/')) response.end('abc');
      else
        portal({
          'tasks.task.get': { task: bitrixTask },
          'disk.storage.getlist': [{ ID: '1', ENTITY_TYPE: 'user', ENTITY_ID: '1' }],
          'disk.storage.uploadfile': { ID: 5, NAME: 'a.txt' },
          'tasks.task.files.attach': { attachmentId: 9 },
          'disk.attachedObject.get': {
            ID: '9',
            OBJECT_ID: '5',
            NAME: 'a.txt',
            SIZE: '3',
            DOWNLOAD_URL: '/disk/a.txt',
          },
          'disk.file.get': { ID: '5', NAME: 'a.txt', SIZE: '3', DOWNLOAD_URL: '/disk/a.txt' },
        })({ path, body, ...heard }, response);
    });
    const portalTimes = timed();
    const connector = bitrixAt(bitrix, portalTimes.runtime);
    await connector.write([{ kind: 'file.attach', task, source }], openText);
    await connector.openFile(task, null, as<LocalFileId>('attachment:9'));
    expect(Object.fromEntries(portalTimes.given)).toEqual({
      'POST /disk.storage.getlist': 30_000,
      'POST /disk.storage.uploadfile': 180_000,
      'POST /tasks.task.files.attach': 30_000,
      'POST /batch': 60_000,
      'GET /disk/a.txt': 120_000,
    });

    const planfix = await plainServer(({ path }, response) => {
      if (path.endsWith('/download')) response.end('abc');
      else
        answer(response, {
          result: 'success',
          id: 5,
          task: planfixTask,
          file: { id: 5, name: 'a.txt', size: 1 },
        });
    });
    const accountTimes = timed();
    const other = planfixAt(planfix, accountTimes.runtime);
    await readTask(other);
    await other.write([{ kind: 'file.attach', task, source }], openText);
    await other.openFile(task, null, as<LocalFileId>('5'));
    expect([
      accountTimes.given.get('GET /task/101'),
      accountTimes.given.get('POST /file/'),
      accountTimes.given.get('GET /file/5/download'),
    ]).toEqual([30_000, 180_000, 120_000]);
  });

  test('User-Agent: every request names the bridge, downloads too', async () => {
    const bitrix = await plainServer(portal({ 'tasks.task.get': { task: bitrixTask } }));
    const planfix = await plainServer(({ path }, response) => {
      if (path.endsWith('/download')) response.end('abc');
      else
        answer(response, { result: 'success', task: planfixTask, file: { id: 5, name: 'a.txt', size: 1 } });
    });
    await readTask(bitrixAt(bitrix));
    await readTask(planfixAt(planfix));
    await planfixAt(planfix).openFile(task, null, as<LocalFileId>('5'));
    const agents = [...bitrix.heard, ...planfix.heard].map(({ headers }) => headers['user-agent']);
    expect(agents.length).toBe(4);
    for (const agent of agents) expect(agent).toMatch(/^svyazka\/\d/);
  });

  test('capped answers: what unpacks to more than is taken is given up, not held', async () => {
    const huge = gzipSync(Buffer.alloc(70 * 1024 * 1024, ' '));
    const server = await plainServer((_heard, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(huge);
    });
    for (const connector of [bitrixAt(server), planfixAt(server)])
      await expect(readTask(connector)).rejects.toThrow(ConnectorError);
  });

  test('HTML where JSON was due is no answer, and no write is taken for done', async () => {
    const server = await plainServer((_heard, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Вход</html>');
    });
    for (const [connector, world] of [
      [bitrixAt(server), 'chat'],
      [planfixAt(server), 'planfix'],
    ] as const) {
      await expect(readTask(connector)).rejects.toThrow(ConnectorError);
      const one = edit('chat', world === 'chat' ? 'chat:5' : '5');
      const outcome = await written(connector, { ...one, world } as Write);
      expect(outcome?.is).toBe('unknown');
    }
  });

  test('ids come as texts or as numbers', async () => {
    const asNumbers = {
      ...bitrixTask,
      id: 101,
      createdBy: 3,
      responsibleId: 7,
      accomplices: [5],
      chatId: '2101',
    };
    const [one, other] = await Promise.all(
      [bitrixTask, asNumbers].map(async (row) => {
        const reading = await readTask(
          bitrixAt(await plainServer(portal({ 'tasks.task.get': { task: row } }))),
        );
        return reading.is === 'read' ? reading.snapshot : reading;
      }),
    );
    expect(one).toMatchObject({
      task: '101',
      creator: '3',
      assignees: ['7'],
      participants: ['5'],
      chat: '2101',
    });
    expect(other).toEqual(one);
    const planfix = await plainServer((_heard, response) =>
      answer(response, { result: 'success', task: { ...planfixTask, id: '101', status: { id: '2' } } }),
    );
    expect(await readTask(planfixAt(planfix))).toMatchObject({ snapshot: { task: '101', status: '2' } });
  });

  test('empty maps come as lists', async () => {
    const row = { ...bitrixTask, accomplices: {}, group: [], action: [], auditorsData: [] };
    const server = await plainServer(portal({ 'tasks.task.get': { task: row } }));
    expect(await readTask(bitrixAt(server))).toMatchObject({
      is: 'read',
      snapshot: { participants: [], actions: null },
    });
  });

  test('positional methods get their parameters in order, and nothing in the query', async () => {
    const server = await plainServer(portal({ 'task.commentitem.update': true }));
    // A text that the server would take for a reference travels alone, as JSON; others in a batch.
    const alone = { ...edit('old-card', 'comment:55'), text: 'Смета $result[a]' } as Write;
    expect((await written(bitrixAt(server), alone))?.is).toBe('done');
    expect((await written(bitrixAt(server), edit('old-card', 'comment:55')))?.is).toBe('done');
    const [first, second] = server.heard;
    expect(first?.path).toBe(`${secretPath}/task.commentitem.update`);
    expect(first?.body).toMatch(/^\{"TASKID":101,"ITEMID":55,"FIELDS":\{/);
    const { cmd } = JSON.parse(second?.body ?? '{}') as { readonly cmd: Readonly<Record<string, string>> };
    expect(Object.values(cmd)[0]).toMatch(/^task\.commentitem\.update\?TASKID=101&ITEMID=55&FIELDS/);
  });

  test('batch parameters inside JSON are encoded once', async () => {
    const server = await plainServer(portal({ 'im.message.update': true }));
    expect((await written(bitrixAt(server), edit('chat', 'chat:5')))?.is).toBe('done');
    const { cmd } = JSON.parse(server.heard[0]?.body ?? '{}') as {
      readonly cmd: Readonly<Record<string, string>>;
    };
    const [command = ''] = Object.values(cmd);
    expect(command).not.toContain('%25D0');
    expect(new URLSearchParams(command.split('?')[1]).get('MESSAGE')).toBe('Слово & дело = 100% [+]');
  });

  test('an address with a slash at its end makes no double slashes', async () => {
    const server = await plainServer(portal({ 'tasks.task.get': { task: bitrixTask } }));
    const url = `http://127.0.0.1:${String(server.port)}${secretPath}/`;
    expect(titleOf(await readTask(makeBitrix24(settings('bitrix24', url), realRuntime())))).toBe('Дело');
    expect(server.heard[0]?.path).toBe(`${secretPath}/batch`);
  });

  test('a portal that moved: the 302 is answered by the same POST with its body, once and for good', async () => {
    const names = ['vesna.bitrix24.ru', 'novaya.bitrix24.ru'];
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'vesna.bitrix24.ru' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
      ],
    });
    const server = await listening(
      (listener) => createSecureServer({ cert, key }, listener),
      (heard, response) => {
        if (heard.host.startsWith('novaya.'))
          return portal({ 'tasks.task.get': { task: bitrixTask } })(heard, response);
        response.writeHead(302, {
          location: `https://${heard.host.replace('vesna', 'novaya')}${heard.path}`,
        });
        response.end();
      },
    );
    const lookup: LookupFunction = (_host, options, done) => {
      if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    };
    const url = `https://vesna.bitrix24.ru:${String(server.port)}${secretPath}`;
    const connector = makeBitrix24(settings('bitrix24', url, cert), realRuntime(lookup));
    expect(titleOf(await readTask(connector))).toBe('Дело');
    expect(titleOf(await readTask(connector))).toBe('Дело');
    expect(server.heard.map(({ method, host }) => `${method} ${host.split('.')[0] ?? ''}`)).toEqual([
      'POST vesna',
      'POST novaya',
      'POST novaya',
    ]);
    expect(server.heard[1]?.body).toBe(server.heard[0]?.body);
    expect(server.heard[0]?.body).toContain('tasks.task.get');
  });

  test('an account with a domain of its own: the token does not follow the redirect there', async () => {
    const elsewhere = await plainServer((_heard, response) =>
      answer(response, { result: 'success', task: planfixTask }),
    );
    const server = await plainServer(({ path }, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${String(elsewhere.port)}${path}` });
      response.end();
    });
    await expect(readTask(planfixAt(server))).rejects.toThrow(/E-REMOTE-AUTH/);
    expect(elsewhere.heard).toEqual([]);
  });
});
