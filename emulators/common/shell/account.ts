import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, type Server } from 'node:net';
import { type EmulatorHost, type Reply, type Step } from '../host.ts';
import { jsonResponse } from '../answer.ts';
import { type Address, type EmulatorRequest, type EmulatorResponse } from '../types.ts';
import { type KeyPair } from './certificates.ts';
import { type Sender } from './sender.ts';

/** Ports to listen on; 0 = any free one. */
export interface Ports {
  readonly http: number;
  readonly https: number;
}

export interface AccountServer {
  readonly address: Address;
  readonly host: EmulatorHost;
  close(): Promise<void>;
}

/** A timer holds at most 2^31-1 ms; what is due later is looked at again in between. */
const longestTimerMs = 2_147_483_647;
/** Batches and filters may stand in the address of a GET. */
const maxHeaderSize = 256 * 1024;

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in message.headers) {
    const value = message.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

const noBody = new Uint8Array();

/**
 * Reads the whole body and calls one of the three: `done`, `tooLarge` (the rest is not read) or `broken` (the client
 * broke off). Plain events: this stands on the path of every request.
 */
function readBody(
  message: IncomingMessage,
  maxBytes: number,
  then: { done: (body: Uint8Array) => void; tooLarge: () => void; broken: () => void },
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers;
  if (length === undefined && encoding === undefined) {
    then.done(noBody);
    return;
  }
  if (Number(length ?? 0) > maxBytes) {
    then.tooLarge();
    return;
  }
  const chunks: Buffer[] = [];
  let read = 0;
  let over = false;
  message.on('data', (chunk: Buffer) => {
    if (over) return;
    read += chunk.length;
    if (read > maxBytes) {
      over = true;
      message.pause();
      then.tooLarge();
    } else chunks.push(chunk);
  });
  message.on('end', () => {
    if (!over) then.done(chunks.length === 1 ? (chunks[0] ?? noBody) : Buffer.concat(chunks));
  });
  message.on('error', () => {
    if (!over) then.broken();
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

function write(outgoing: ServerResponse, response: EmulatorResponse): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  // The machine may name the length itself, in any case of letters: twice in one answer would break it.
  const headers = Object.entries(response.headers).filter(
    ([name]) => name.toLowerCase() !== 'content-length',
  );
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(headers),
    'content-length': String(response.body.length),
  });
  outgoing.end(response.body);
}

/**
 * Opens the two ports of one account on loopback and drives its host with the real clock: timers call `tick`, sends
 * go out through the sender, held answers wait. `start` makes the host once the addresses are known. With `driven` a
 * caller that has a clock of its own does all that, and answers each request that comes in.
 * Throws when a port cannot be had. `onError` hears of every error of the machine; its request is answered 500.
 */
export async function openAccount(options: {
  readonly start: (address: Address) => EmulatorHost;
  readonly certificate: KeyPair;
  readonly ca: string;
  readonly ports: Ports;
  readonly sender: Sender;
  readonly maxBodyBytes: number;
  readonly onError: (error: unknown) => void;
  readonly driven?: (host: EmulatorHost, request: EmulatorRequest) => Promise<Reply>;
}): Promise<AccountServer> {
  const { sender, maxBodyBytes, onError, ca } = options;
  const held = new Map<string, ServerResponse>();
  const timers = new Set<NodeJS.Timeout>();
  let wake: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  let open = true;

  function later(at: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        work();
      },
      Math.min(Math.max(0, at - Date.now()), longestTimerMs),
    );
    timers.add(timer);
    return timer;
  }

  function answer(outgoing: ServerResponse, reply: Reply): void {
    const act = (): void => {
      if (reply.kind === 'cut') outgoing.socket?.destroy();
      else write(outgoing, reply.response);
    };
    if (reply.at === undefined) act();
    else later(reply.at, act);
  }

  function setWake(nextAt: number | undefined): void {
    if (wake !== undefined && wake.at === nextAt) return;
    if (wake !== undefined) {
      clearTimeout(wake.timer);
      timers.delete(wake.timer);
      wake = undefined;
    }
    if (nextAt === undefined || !open) return;
    const timer = later(nextAt, () => {
      wake = undefined;
      guarded(() => {
        carryOut(host.tick(Date.now()));
      });
    });
    wake = { at: nextAt, timer };
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  }

  function carryOut(step: Step): void {
    for (const { held: name, reply } of step.replies) {
      const outgoing = held.get(name);
      held.delete(name);
      if (outgoing !== undefined) answer(outgoing, reply);
    }
    for (const { id, request } of step.sends)
      void sender.send(request).then((received) => {
        if (open)
          guarded(() => {
            carryOut(host.answered(id, received, Date.now()));
          });
      });
    setWake(step.nextAt);
  }

  function failed(error: unknown, outgoing: ServerResponse): void {
    onError(error);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    write(outgoing, jsonResponse(500, { error: `the emulator itself failed: ${text}` }));
  }

  function serve(request: EmulatorRequest, outgoing: ServerResponse): void {
    if (request.target === '/__emulator__/ca') {
      write(outgoing, {
        status: 200,
        headers: { 'content-type': 'application/x-pem-file' },
        body: Buffer.from(ca),
      });
      return;
    }
    if (options.driven !== undefined) {
      options.driven(host, request).then(
        (reply) => {
          answer(outgoing, reply);
        },
        (error: unknown) => {
          failed(error, outgoing);
        },
      );
      return;
    }
    const { reply, step } = host.serve(request, Date.now());
    if (reply.kind === 'held') held.set(reply.held, outgoing);
    else answer(outgoing, reply);
    carryOut(step);
  }

  function serveGuarded(request: EmulatorRequest, outgoing: ServerResponse): void {
    try {
      serve(request, outgoing);
    } catch (error) {
      failed(error, outgoing);
    }
  }

  function listener(scheme: 'http' | 'https'): RequestListener {
    return (message, outgoing) => {
      readBody(message, maxBodyBytes, {
        done: (body) => {
          if (!open) return;
          const request: EmulatorRequest = {
            scheme,
            method: (message.method ?? 'GET').toUpperCase(),
            target: message.url ?? '/',
            headers: headersOf(message),
            body,
          };
          serveGuarded(request, outgoing);
        },
        tooLarge: () => {
          outgoing.shouldKeepAlive = false;
          write(outgoing, jsonResponse(413, { error: `a body over ${String(maxBodyBytes)} bytes` }));
        },
        broken: () => {
          outgoing.destroy();
        },
      });
    };
  }

  const plain = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0, maxHeaderSize },
    listener('http'),
  );
  const secure = createSecureServer(
    { ...options.certificate, keepAliveTimeout: 60_000, requestTimeout: 0, maxHeaderSize },
    listener('https'),
  );
  const httpPort = await listen(plain, options.ports.http);
  let httpsPort: number;
  try {
    httpsPort = await listen(secure, options.ports.https);
  } catch (error) {
    await closed(plain);
    throw error;
  }
  const address: Address = {
    http: `http://127.0.0.1:${String(httpPort)}`,
    https: `https://127.0.0.1:${String(httpsPort)}`,
  };

  async function close(): Promise<void> {
    open = false;
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    held.clear();
    const ends = [closed(plain), closed(secure)];
    plain.closeAllConnections();
    secure.closeAllConnections();
    await Promise.all(ends);
  }

  let host: EmulatorHost;
  try {
    host = options.start(address);
    if (options.driven === undefined) carryOut(host.tick(Date.now()));
  } catch (error) {
    await close();
    throw error;
  }
  return { address, host, close };
}
