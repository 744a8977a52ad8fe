/**
 * A Runtime whose network is emulated accounts in this process and whose clock stands still until somebody waits: what
 * a rehearsal and a test of a connector run on. No socket, no real time.
 */
import { type EmulatorHost, type Reply, type Step } from '../emulators/common/host.ts';
import {
  type EmulatorRequest,
  type OutgoingRequest,
  type ReceiverAnswer,
} from '../emulators/common/types.ts';
import {
  type HttpRequest,
  type HttpResponse,
  refuseLate,
  type Runtime,
  TransportError,
} from '../runtime/runtime.ts';

export interface HostedAccount {
  readonly host: EmulatorHost;
  /** Scheme and authority of every address of this account: `https://vesna.planfix.ru`. */
  readonly origins: readonly string[];
}

export interface HostedRuntime extends Runtime {
  /** Lets time pass and everything run that is due meanwhile. */
  advance(ms: number): void;
  /** Carries out what an act of a person caused. */
  carryOut(host: EmulatorHost, step: Step): void;
  /** Serves one request, time passing until it is answered. Throws TransportError `timeout`. */
  serve(host: EmulatorHost, request: EmulatorRequest, timeoutMs: number): Promise<Reply>;
}

const encoder = new TextEncoder();

async function bytesOf(body: HttpRequest['body']): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string') return encoder.encode(body);
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    throw new TransportError('cut', 'the body to send broke off', { cause: error });
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function responseOf(reply: Reply): HttpResponse {
  if (reply.kind === 'cut') throw new TransportError('cut', 'the connection was cut');
  const { status, headers, body } = reply.response;
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: {
      text(maxBytes) {
        return body.length > maxBytes
          ? Promise.reject(new TransportError('too-large', `more than ${String(maxBytes)} bytes`))
          : Promise.resolve(new TextDecoder().decode(body));
      },
      async *stream() {
        for (let from = 0; from < body.length; from += 65_536) yield body.subarray(from, from + 65_536);
      },
      cancel() {
        // The whole answer is here already: there is nothing to stop.
      },
    },
  };
}

/** Who receives what the accounts send of themselves: the bridge's webhook address. */
export type Deliver = (host: EmulatorHost, request: OutgoingRequest) => ReceiverAnswer;

const accepted: ReceiverAnswer = { kind: 'answer', status: 200, body: '' };

/**
 * `start`: the clock's first reading. Addresses that belong to no account are never reached. `wire`: how requests travel,
 * when not inside this process; it must end at `serve`.
 */
export function hostedRuntime(
  accounts: readonly HostedAccount[],
  start: number,
  deliver: Deliver = () => accepted,
  wire?: Runtime['http'],
): HostedRuntime {
  let now = start;
  let drawn = 0;

  const carryOut = (host: EmulatorHost, step: Step, replies: Map<string, Reply>): number | undefined => {
    let next = step.nextAt;
    for (const { held, reply } of step.replies) replies.set(held, reply);
    for (const { id, request } of step.sends)
      next = carryOut(host, host.answered(id, deliver(host, request), now), replies) ?? next;
    return next;
  };

  const runUntil = (until: number): void => {
    for (const { host } of accounts) {
      const replies = new Map<string, Reply>();
      let next = carryOut(host, host.tick(now), replies);
      while (next !== undefined && next <= until) {
        now = Math.max(now, next);
        next = carryOut(host, host.tick(now), replies);
        if (next !== undefined && next <= now) next = now + 1;
      }
    }
    now = Math.max(now, until);
  };

  const serve: HostedRuntime['serve'] = async (host, request, timeoutMs) => {
    const served = host.serve(request, now);
    const replies = new Map<string, Reply>();
    let next = carryOut(host, served.step, replies);
    if (served.reply.kind !== 'held') return served.reply;
    const deadline = now + timeoutMs;
    for (;;) {
      const reply = replies.get(served.reply.held);
      if (reply !== undefined) return reply;
      if (next === undefined || next > deadline) {
        now = Math.max(now, deadline);
        throw new TransportError('timeout', `no answer within ${String(timeoutMs)} ms`);
      }
      now = Math.max(now, next);
      next = carryOut(host, host.tick(now), replies);
      if (next !== undefined && next <= now && !replies.has(served.reply.held)) next = now + 1;
    }
  };

  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    refuseLate(request, now);
    if (wire !== undefined) {
      const { notAfter: _judged, ...timeless } = request;
      return wire(timeless);
    }
    const url = new URL(request.url);
    const account = accounts.find(({ origins }) => origins.includes(url.origin));
    if (account === undefined) throw new TransportError('unsent', `nothing listens at ${url.origin}`);
    const reply = await serve(
      account.host,
      {
        scheme: url.protocol === 'https:' ? 'https' : 'http',
        method: request.method,
        target: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...request.headers },
        body: await bytesOf(request.body),
      },
      request.timeoutMs,
    );
    return responseOf(reply);
  };

  const draw = (): number => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648;
    return drawn / 2_147_483_648;
  };

  return {
    now: () => now,
    sleep: (ms) => {
      runUntil(now + ms);
      return Promise.resolve();
    },
    random: draw,
    uuid: () => {
      const digits = (count: number): string =>
        Array.from({ length: count }, () => Math.floor(draw() * 16).toString(16)).join('');
      return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`;
    },
    http,
    serve,
    carryOut: (host, step) => {
      carryOut(host, step, new Map());
    },
    advance: (ms) => {
      runUntil(now + ms);
    },
  };
}
