/**
 * The Runtime over virtual time: nothing happens by itself, everything happens in one order that the seed decides.
 * Of the platform it uses the order of promises only: no clock, timer, socket or generator.
 */
import { type Instant } from '../errors/ids.ts';
import {
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  refuseLate,
  type Runtime,
  TransportError,
} from './runtime.ts';

/** What a simulated server answers. A body that is text or bytes arrives whole, one that is iterable in its chunks. */
export interface SimulatedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface Simulation {
  /** A whole number; the same seed gives the same run. */
  readonly seed: number;
  /** The virtual clock's first reading. */
  readonly start: Instant;
  /** The network: answers, or throws TransportError. May sleep on the runtime to take time. */
  route(request: HttpRequest): Promise<SimulatedAnswer> | SimulatedAnswer;
}

export interface SimulatedRuntime extends Runtime {
  /** Lets everything run that is due within the next `ms`, in order of time; the clock then stands `ms` later. */
  advance(ms: number): Promise<void>;
  /**
   * Runs sleepers, moving the clock, until nobody sleeps. Throws when `maxMs` of virtual time (a day unless told) did
   * not bring that about.
   */
  runUntilIdle(maxMs?: number): Promise<void>;
  /** How many sleep now. */
  readonly sleeping: number;
}

/** Numbers in [0, 1) from a seed (the mulberry32 recurrence, 32 bits of state). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

const uuidFrom = (random: () => number): string => {
  const digit = (): string => Math.floor(random() * 16).toString(16);
  const digits = (count: number): string => Array.from({ length: count }, digit).join('');
  const variant = '89ab'.charAt(Math.floor(random() * 4));
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
};

const encoder = new TextEncoder();

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

const chunksOf = (body: SimulatedAnswer['body']): AsyncIterable<Uint8Array> => {
  if (typeof body === 'string') return whole(encoder.encode(body));
  return body instanceof Uint8Array ? whole(body) : (body ?? whole(new Uint8Array()));
};

const bodyOf = (answer: SimulatedAnswer): HttpBody => {
  let cancelled = false;
  async function* stream(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunksOf(answer.body)) {
      if (cancelled) throw new TransportError('cut', 'the body was cancelled');
      yield chunk;
    }
  }
  return {
    async text(maxBytes) {
      const decoder = new TextDecoder();
      let [bytes, text] = [0, ''];
      for await (const chunk of stream()) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          throw new TransportError('too-large', `the answer is larger than ${maxBytes} bytes`);
        text += decoder.decode(chunk, { stream: true });
      }
      return text + decoder.decode();
    },
    stream,
    cancel: () => {
      cancelled = true;
    },
  };
};

interface Sleeper {
  readonly at: Instant;
  readonly order: number;
  wake(): void;
}

/** Lets every promise that can go on do so: an immediate runs only when no microtask is left. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A Runtime whose time, chance and network the caller owns. Two runs with equal arguments are equal. */
export const simulatedRuntime = ({ seed, start, route }: Simulation): SimulatedRuntime => {
  let now = start;
  let order = 0;
  const sleepers = new Set<Sleeper>();
  const random = seededRandom(seed);
  const uuidRandom = seededRandom(seed ^ 0x5bd1e995);

  const earliest = (until: Instant): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.at > until) continue;
      if (!first || sleeper.at < first.at || (sleeper.at === first.at && sleeper.order < first.order))
        first = sleeper;
    }
    return first;
  };

  const runUntil = async (until: Instant): Promise<void> => {
    await settle();
    for (let next = earliest(until); next; next = earliest(until)) {
      now = Math.max(now, next.at);
      next.wake();
      await settle();
    }
  };

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper: Sleeper = {
        at: now + Math.max(0, ms),
        order: (order += 1),
        wake: () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });

  const answerOrTimeout = async (request: HttpRequest): Promise<SimulatedAnswer> => {
    const answered = new AbortController();
    const answer = Promise.resolve()
      .then(() => route(request))
      .finally(() => answered.abort());
    answer.catch(() => undefined); // a failure after the time-out has nobody to hear it; before, the race throws it
    const late = sleep(request.timeoutMs, answered.signal).then(() => {
      if (answered.signal.aborted) return answer;
      throw new TransportError('timeout', `no answer in ${request.timeoutMs} ms`);
    });
    return Promise.race([answer, late]);
  };

  return {
    now: () => now,
    sleep,
    random,
    uuid: () => uuidFrom(uuidRandom),
    async http(request): Promise<HttpResponse> {
      refuseLate(request, now);
      const answer = await answerOrTimeout(request);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value;
      return { status: answer.status, headers, body: bodyOf(answer) };
    },
    async advance(ms) {
      const until = now + ms;
      await runUntil(until);
      now = until;
    },
    async runUntilIdle(maxMs = 86_400_000) {
      await runUntil(now + maxMs);
      if (sleepers.size > 0)
        throw new Error(`${sleepers.size} still sleep after ${maxMs} ms of virtual time`);
    },
    get sleeping() {
      return sleepers.size;
    },
  };
};
