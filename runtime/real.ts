/** The Runtime over the real clock, real chance and real sockets (docs/decisions: why node:http and not axios). */
import { randomUUID } from 'node:crypto';
import { lookup as systemLookup } from 'node:dns';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as sendHttp } from 'node:http';
import { Agent as HttpsAgent, request as sendHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import {
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  refuseLate,
  type Runtime,
  TransportError,
} from './runtime.ts';

/**
 * Idle connections are closed before the servers close them (5 s in Node's and many others): a request sent into a
 * connection that the server is closing would be an unknown outcome.
 */
const idleMs = 4_000;

const agentOptions = { keepAlive: true, scheduling: 'lifo', timeout: idleMs } as const;

type Refuses = NonNullable<HttpRequest['refuses']>;

/** A look-up that fails when any address it finds is refused: which of several is taken is the system's choice. */
const guardedLookup =
  (lookup: LookupFunction, refuses: Refuses): LookupFunction =>
  (host, options, done) => {
    lookup(host, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      const why = error
        ? null
        : addresses.map((address) => refuses(host, address)).find((one) => one !== null);
      done(why ? new Error(why) : error, found, family);
    });
  };

/** One pool of connections per trust; Node keeps them apart by origin itself. */
const agentsWith = (lookup: LookupFunction) => {
  const options = { ...agentOptions, lookup };
  const http = new HttpAgent(options);
  const https = new Map<string, HttpsAgent>();
  return {
    http,
    https: (ca: string): HttpsAgent => {
      const known = https.get(ca);
      if (known) return known;
      const agent = new HttpsAgent({
        ...options,
        ...(ca === '' ? {} : { ca: [...rootCertificates, ca] }),
      });
      https.set(ca, agent);
      return agent;
    },
  };
};
type Agents = ReturnType<typeof agentsWith>;

/** Pools apart by what they refuse: a connection that one account may have is not lent to another. */
const poolsWith = (lookup: LookupFunction): ((refuses: Refuses | undefined) => Agents) => {
  const open = agentsWith(lookup);
  const guarded = new WeakMap<Refuses, Agents>();
  return (refuses) => {
    if (!refuses) return open;
    const agents = guarded.get(refuses) ?? agentsWith(guardedLookup(lookup, refuses));
    guarded.set(refuses, agents);
    return agents;
  };
};

/** A host written as an IP is connected to without any look-up. */
const refusedLiteral = ({ url, refuses }: HttpRequest): string | null => {
  if (!refuses || !URL.canParse(url)) return null;
  const host = new URL(url).hostname.replace(/^\[|\]$/gu, '');
  return isIP(host) ? refuses(host, host) : null;
};

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
};

/** What a person may read of an address: neither query nor path, which may hold a secret. */
const origin = (url: string): string => {
  try {
    return new URL(url).origin;
  } catch {
    return 'an address that is none';
  }
};

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;

const decoded = (message: IncomingMessage): Readable => {
  const coding = message.headers['content-encoding']?.toLowerCase();
  if (coding === undefined || !(coding in decoders)) return message;
  const decoder = decoders[coding as keyof typeof decoders]();
  message.on('error', (error) => decoder.destroy(error));
  decoder.on('close', () => message.destroy());
  return message.pipe(decoder);
};

/** Strict: a text of another charset must not pass for one full of replacement characters. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const bodyOf = (message: IncomingMessage, { url, timeoutMs }: HttpRequest): HttpBody => {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    message.destroy(new Error('time is up'));
  }, timeoutMs);
  message.once('close', () => clearTimeout(timer));
  // A break-off before anybody reads is met by whoever reads; unread it must not end the process.
  message.on('error', () => undefined);

  const failure = (cause: unknown): TransportError =>
    late
      ? new TransportError('timeout', `The answer of ${origin(url)} did not end in ${timeoutMs} ms`, {
          cause,
        })
      : new TransportError('cut', `The answer of ${origin(url)} broke off: ${messageOf(cause)}`, { cause });

  return {
    // By events and not by iterating, which costs a third of the whole request.
    text: (maxBytes) =>
      new Promise((resolve, reject) => {
        const source = decoded(message);
        const read: Buffer[] = [];
        let bytes = 0;
        source.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= maxBytes) read.push(chunk);
          else {
            reject(
              new TransportError(
                'too-large',
                `The answer of ${origin(url)} is larger than ${maxBytes} bytes`,
              ),
            );
            message.destroy();
          }
        });
        source.once('end', () => {
          try {
            resolve(utf8.decode(Buffer.concat(read)));
          } catch (cause) {
            reject(new TransportError('garbled', `The answer of ${origin(url)} is no UTF-8 text`, { cause }));
          }
        });
        source.once('error', (cause) => reject(failure(cause)));
        source.once('close', () => {
          if (!source.readableEnded) reject(failure(new Error('the connection was closed')));
        });
      }),
    async *stream() {
      try {
        for await (const chunk of decoded(message)) yield chunk as Uint8Array;
      } catch (cause) {
        throw failure(cause);
      } finally {
        message.destroy();
      }
    },
    cancel: () => void message.destroy(),
  };
};

const headersOf = (message: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
};

const write = async (request: ClientRequest, body: NonNullable<HttpRequest['body']>): Promise<void> => {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    request.end(body);
    return;
  }
  for await (const chunk of body) {
    if (request.destroyed) return;
    if (!request.write(chunk)) await drained(request);
  }
  request.end();
};

const drained = (request: ClientRequest): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      request.off('drain', done).off('close', done);
      resolve();
    };
    request.once('drain', done).once('close', done);
  });

const send = (agents: Agents, request: HttpRequest): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    let connected = false;
    let late = false;
    const fail = (cause: unknown): void => {
      const where = origin(request.url);
      if (!connected)
        reject(
          new TransportError(
            'unsent',
            late
              ? `No connection to ${where} in ${request.timeoutMs} ms`
              : `No connection to ${where}: ${messageOf(cause)}`,
            { cause },
          ),
        );
      else if (late)
        reject(
          new TransportError('timeout', `${where} did not answer in ${request.timeoutMs} ms`, { cause }),
        );
      else
        reject(new TransportError('cut', `The connection to ${where} broke: ${messageOf(cause)}`, { cause }));
    };
    let sending: ClientRequest;
    const secure = request.url.startsWith('https:');
    const refused = refusedLiteral(request);
    if (refused !== null) {
      fail(new Error(refused));
      return;
    }
    try {
      const headers: Record<string, string> = { 'accept-encoding': 'gzip, deflate, br' };
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const { method, body } = request;
      if (typeof body === 'string' || body instanceof Uint8Array)
        headers['content-length'] = String(Buffer.byteLength(body));
      sending = secure
        ? sendHttps(request.url, { method, headers, agent: agents.https(request.ca ?? '') })
        : sendHttp(request.url, { method, headers, agent: agents.http });
    } catch (cause) {
      fail(cause);
      return;
    }
    const timer = setTimeout(() => {
      late = true;
      sending.destroy(new Error('time is up'));
    }, request.timeoutMs);
    const { notAfter } = request;
    const tooLate =
      notAfter === undefined
        ? undefined
        : setTimeout(
            () => sending.destroy(new Error('the time for this request is over')),
            Math.min(notAfter - Date.now(), request.timeoutMs),
          );
    const isConnected = (): void => {
      connected = true;
      clearTimeout(tooLate);
    };
    // Over TLS nothing of the request leaves before the handshake is done.
    sending.once('socket', (socket) => {
      if (sending.reusedSocket) isConnected();
      else socket.once(secure ? 'secureConnect' : 'connect', isConnected);
    });
    sending.once('response', (message) => {
      clearTimeout(timer);
      resolve({
        status: message.statusCode ?? 0,
        headers: headersOf(message),
        body: bodyOf(message, request),
      });
    });
    sending.on('error', fail);
    sending.once('close', () => {
      clearTimeout(timer);
      clearTimeout(tooLate);
    });
    if (request.body === undefined) sending.end();
    else write(sending, request.body).catch((cause: unknown) => sending.destroy(cause as Error));
  });

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal?.addEventListener('abort', done, { once: true });
  });

/**
 * The Runtime of a running bridge. `http` never follows redirects, never judges a status, unpacks gzip, deflate and
 * brotli, and keeps connections open per origin and certificate authority. Callers set User-Agent. `lookup`: how names
 * become addresses, the system's way unless a test has its own.
 */
export const realRuntime = (lookup: LookupFunction = systemLookup): Runtime => {
  const pools = poolsWith(lookup);
  return {
    now: () => Date.now(),
    sleep,
    random: () => Math.random(),
    uuid: () => randomUUID(),
    async http(request) {
      refuseLate(request, Date.now());
      return send(pools(request.refuses), request);
    },
  };
};
