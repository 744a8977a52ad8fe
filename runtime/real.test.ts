import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { realRuntime } from './real.ts';
import { type HttpRequest, TransportError } from './runtime.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();

const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`;

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

const runtime = realRuntime();
const ask = (url: string, more: Partial<HttpRequest> = {}) =>
  runtime.http({ method: 'GET', url, headers: {}, timeoutMs: 5_000, ...more });
const failureOf = async (promise: Promise<unknown>): Promise<TransportError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TransportError) return error;
  throw new Error(`no TransportError but ${String(error)}`);
};

describe('requests and answers', () => {
  test('method, headers and body arrive as given, and the answer whole', async () => {
    const url = await serve((request, response) => {
      const read: Buffer[] = [];
      request.on('data', (chunk: Buffer) => read.push(chunk));
      request.on('end', () => {
        response.writeHead(201, { 'X-Answer': 'yes' });
        response.end(`${request.method} ${request.headers['x-key']} ${Buffer.concat(read).toString()}`);
      });
    });
    const { status, headers, body } = await ask(url, {
      method: 'POST',
      headers: { 'X-Key': 'k' },
      body: 'задача',
    });
    expect([status, headers['x-answer'], await body.text(1_000)]).toStrictEqual([
      201,
      'yes',
      'POST k задача',
    ]);
  });

  test('a file goes out and comes in as a stream', async () => {
    const url = await serve((request, response) => void request.pipe(response));
    async function* file(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 300; part += 1) yield new Uint8Array(4_096).fill(part % 256);
    }
    const { body } = await ask(url, { method: 'PUT', body: file() });
    let bytes = 0;
    for await (const chunk of body.stream()) bytes += chunk.length;
    expect(bytes).toBe(300 * 4_096);
  });

  test('one connection serves requests that follow each other', async () => {
    let connections = 0;
    const server = createServer((_request, response) => void response.end('ok'));
    server.on('connection', () => (connections += 1));
    const port = await listen(server);
    for (let time = 0; time < 5; time += 1) await (await ask(`http://127.0.0.1:${port}`)).body.text(10);
    expect(connections).toBe(1);
  });

  test('a redirect is an answer like any other', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://elsewhere.test/' });
      response.end();
    });
    const { status, headers, body } = await ask(url);
    body.cancel();
    expect([status, headers['location']]).toStrictEqual([302, 'http://elsewhere.test/']);
  });

  test.each([
    ['gzip', gzipSync('сжато')],
    ['br', brotliCompressSync('сжато')],
  ])('an answer packed with %s is unpacked', async (coding, packed) => {
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', coding);
      response.end(packed);
    });
    expect(await (await ask(url)).body.text(100)).toBe('сжато');
  });

  test('an answer that unpacks to more than the limit is refused', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(5_000_000)));
    });
    expect(await failureOf((await ask(url)).body.text(1_000_000))).toMatchObject({ kind: 'too-large' });
  });
});

describe('an address that the caller refuses is not connected to', () => {
  const rebound = realRuntime((_host, options, done) => {
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  });
  const refuses = (host: string, address: string): string | null =>
    address.startsWith('127.') ? `${host} is at home at ${address}` : null;
  const get = (url: string, more: Partial<HttpRequest> = {}) =>
    rebound.http({ method: 'GET', url, headers: {}, timeoutMs: 5_000, ...more });

  test('a public name that leads to loopback by now is refused, even when another may use its connection', async () => {
    let connections = 0;
    const server = createServer((_request, response) => void response.end('inside'));
    server.on('connection', () => (connections += 1));
    const port = await listen(server);
    const url = `http://portal.example:${port}`;
    expect(await failureOf(get(url, { refuses }))).toMatchObject({
      kind: 'unsent',
      message: expect.stringContaining('portal.example is at home at 127.0.0.1'),
    });
    expect(connections).toBe(0);
    expect(await (await get(url)).body.text(10)).toBe('inside');
    expect(await failureOf(get(url, { refuses }))).toMatchObject({ kind: 'unsent' });
    expect(connections).toBe(1);
  });

  test('over TLS too, before anything is said', async () => {
    let connections = 0;
    const server = createTcpServer(() => (connections += 1));
    const port = await listen(server);
    expect(await failureOf(get(`https://portal.example:${port}`, { refuses }))).toMatchObject({
      kind: 'unsent',
    });
    expect(connections).toBe(0);
  });

  test('an IP in place of a name is refused as well', async () => {
    const url = await serve((_request, response) => void response.end('inside'));
    expect(await failureOf(get(url, { refuses }))).toMatchObject({ kind: 'unsent' });
  });
});

describe('a failure tells whether the server may have seen the request', () => {
  test('unsent: nobody listens', async () => {
    const port = await listen(createTcpServer());
    servers.pop()?.close();
    const { kind, message } = await failureOf(ask(`http://127.0.0.1:${port}/rest/1/secret/`));
    expect(kind).toBe('unsent');
    expect(message).not.toContain('secret');
  });

  test('unsent: the name is unknown, or is none', async () => {
    expect(await failureOf(ask('http://no-such-host.invalid/'))).toMatchObject({ kind: 'unsent' });
    expect(await failureOf(ask('not an address'))).toMatchObject({ kind: 'unsent' });
  });

  test('unsent: the connection or its handshake does not come about in time', async () => {
    const port = await listen(createTcpServer());
    expect(await failureOf(ask(`https://127.0.0.1:${port}/`, { timeoutMs: 50 }))).toMatchObject({
      kind: 'unsent',
    });
  });

  test('unsent: it is too late already, or before the connection stands', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.end('there');
    });
    expect(await failureOf(ask(url, { notAfter: Date.now() - 1 }))).toMatchObject({ kind: 'unsent' });
    expect(requests).toBe(0);
    const dumb = await listen(createTcpServer());
    const late = ask(`https://127.0.0.1:${dumb}/`, { notAfter: Date.now() + 50 });
    expect(await failureOf(late)).toMatchObject({ kind: 'unsent' });
    const { body } = await ask(url, { notAfter: Date.now() + 60_000 });
    expect(await body.text(100)).toBe('there');
  });

  test('a request that is under way in time may be answered later', async () => {
    const notAfter = Date.now() + 1_000;
    const url = await serve((_request, response) => {
      setTimeout(() => response.end('late'), notAfter + 100 - Date.now());
    });
    expect(await (await ask(url, { notAfter })).body.text(100)).toBe('late');
  });

  test('unsent: the certificate is not trusted; trusted it is with the account’s own authority', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    let requests = 0;
    const port = await listen(
      createSecureServer({ cert, key }, (_request, response) => {
        requests += 1;
        response.end('trusted');
      }),
    );
    const url = `https://127.0.0.1:${port}/`;
    expect(await failureOf(ask(url))).toMatchObject({ kind: 'unsent' });
    expect(requests).toBe(0);
    expect(await (await ask(url, { ca: cert })).body.text(100)).toBe('trusted');
  });

  test('timeout: the server has the request and does not answer', async () => {
    const url = await serve(() => undefined);
    expect(await failureOf(ask(url, { timeoutMs: 50 }))).toMatchObject({ kind: 'timeout' });
  });

  test('timeout: the answer begins and does not end', async () => {
    const url = await serve((_request, response) => void response.write('begins'));
    const { body } = await ask(url, { timeoutMs: 200 });
    expect(await failureOf(body.text(100))).toMatchObject({ kind: 'timeout' });
  });

  test('cut: the connection ends after the request was sent', async () => {
    const url = await serve((request) => void request.socket.destroy());
    expect(await failureOf(ask(url, { method: 'POST', body: 'x' }))).toMatchObject({ kind: 'cut' });
  });

  test('cut: the answer breaks off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.socket?.destroy());
    });
    const { body } = await ask(url);
    expect(await failureOf(body.text(100))).toMatchObject({ kind: 'cut' });
  });

  test('cut: what was to be sent breaks off', async () => {
    const url = await serve((request) => void request.resume());
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      await Promise.resolve();
      throw new Error('the file went away');
    }
    // Whether the connection stood already when it broke decides between the two; never is it a success.
    const { kind } = await failureOf(ask(url, { method: 'POST', body: broken() }));
    expect(['cut', 'unsent']).toContain(kind);
  });
});

test('a sleep ends at once when it is called off', async () => {
  const callOff = new AbortController();
  const nap = runtime.sleep(3_600_000, callOff.signal);
  callOff.abort();
  await nap;
});
