/**
 * The one seam through which time, chance, ids and the network reach the bridge. The real one stands in `real.ts`,
 * the deterministic one in `simulated.ts`; nothing else may touch a clock, a timer, randomness or a socket.
 */
import { type Instant } from '../errors/ids.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** From the first byte sent to the last byte of the headers received; the body has the same time again. */
  readonly timeoutMs: number;
  /** No request goes out later than this (TransportError `unsent`): what it rests on holds no longer. */
  readonly notAfter?: Instant;
  /** Trust of this account's server beyond the system's: PEM of an extra certificate authority. */
  readonly ca?: string;
  /**
   * Why none of this request may go to `host` at `address` (an IP), or null. Asked of every address that would be
   * connected to, at the moment of connecting: a name that was public yesterday may lead elsewhere today.
   */
  readonly refuses?: (host: string, address: string) => string | null;
}

/** Redirects are never followed: the caller sees the 3xx and decides what may go along. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end or cancelled. */
  readonly body: HttpBody;
}

export interface HttpBody {
  /**
   * The body as UTF-8 text, a mark of byte order included. Throws TransportError: `too-large` past `maxBytes`, `cut`
   * when it breaks off, `garbled` when its bytes are no UTF-8.
   */
  text(maxBytes: number): Promise<string>;
  /** The body in chunks, for files. */
  stream(): AsyncIterable<Uint8Array>;
  cancel(): void;
}

/** The request did not come to an answer. `unsent` is certain: the server never saw it. */
export class TransportError extends Error {
  readonly kind: 'unsent' | 'timeout' | 'cut' | 'too-large' | 'garbled';
  constructor(kind: TransportError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
    this.kind = kind;
  }
}

/** Throws TransportError `unsent` when a request that would go out at `at` comes too late for what it rests on. */
export function refuseLate({ notAfter }: Pick<HttpRequest, 'notAfter'>, at: Instant): void {
  if (notAfter !== undefined && at > notAfter)
    throw new TransportError('unsent', `What the request rests on held until ${at - notAfter} ms before it`);
}

export interface Runtime {
  now(): Instant;
  /** Resolves after `ms`, or at once (not an error) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
  uuid(): string;
  /** Throws TransportError only. */
  http(request: HttpRequest): Promise<HttpResponse>;
}
