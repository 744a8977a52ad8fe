/**
 * A Runtime that lets one answer of an account go wrong: which request it is, and what comes in place of its answer,
 * a test says. It also watches what a connector must never do: ask without end, or tell a stranger its credential.
 */
import { type HttpRequest, type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';

/** One whole answer. */
export interface Plain {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Longer than anybody takes: reading it as text is refused. */
  readonly huge?: true;
  /** The connection ends in the middle of the body. */
  readonly cut?: true;
}

export interface Asked {
  /** Its body is text or bytes, never a stream. */
  readonly request: HttpRequest;
  readonly path: string;
  /** The request's JSON, or null. */
  readonly json: unknown;
}

export type Given = Plain | TransportError;
export type AskAccount = (request?: HttpRequest) => Promise<Plain>;

/**
 * How an answer stands to what happened. `same`: the truth in another form. `broken`: no answer of this API, proves
 * nothing. `no`: a refusal in good form, nothing was done. `lie`: good form, not the truth; nobody can see that.
 */
export type Says = 'same' | 'broken' | 'no' | 'lie';

export interface Hostile {
  readonly name: string;
  readonly says: Says;
  /** From the chosen request on, not it alone. */
  readonly lasting?: true;
  /** Worth trying at every request of a method, not at one of them. */
  readonly everywhere?: true;
  /** Rows that can't be read may be left out of lists of people and statuses. */
  readonly rows?: true;
  /** What comes back, or null where this way of going wrong means nothing to the request. */
  answer(asked: Asked, account: AskAccount): Promise<Given | null>;
}

/** More requests than any method of the port may need for the small accounts of these tests. */
const requestsMax = 1_500;

/** A host that belongs to nobody here; it answers as if all were well. */
export const stranger = 'https://elsewhere.example';

export interface Conversation {
  readonly runtime: Runtime;
  /** From now on the answer at `position` (0 = the next request) is `hostile`'s. */
  spoil(hostile: Hostile, position: number): void;
  calm(): void;
  /** Requests since the last `spoil` or `calm`. */
  asked(): readonly Asked[];
  /** How often an answer was replaced. */
  spoilt(): number;
  /** What was done wrong on the way. */
  faults(): readonly string[];
}

const encoder = new TextEncoder();
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);

async function collected(body: HttpRequest['body']): Promise<string | Uint8Array | undefined> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (cause) {
    throw new TransportError('cut', 'the body to send broke off', { cause });
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function plainOf({ status, headers, body }: HttpResponse): Promise<Plain> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.stream()) chunks.push(chunk);
  return { status, headers, body: new Uint8Array(Buffer.concat(chunks)) };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function responseOf({ status, headers, body, huge, cut }: Plain): HttpResponse {
  const text = (maxBytes: number): string => {
    if (huge === true || body.length > maxBytes) throw new TransportError('too-large', 'too large');
    if (cut === true) throw new TransportError('cut', 'the answer broke off');
    try {
      return strict.decode(body);
    } catch (cause) {
      throw new TransportError('garbled', 'no UTF-8', { cause });
    }
  };
  return {
    status,
    headers,
    body: {
      text: (maxBytes) =>
        new Promise((resolve) => {
          resolve(text(maxBytes));
        }),
      async *stream() {
        yield cut === true ? body.subarray(0, Math.floor(body.length / 2)) : body;
        if (cut === true) throw new TransportError('cut', 'the answer broke off');
      },
      cancel: () => undefined,
    },
  };
}

function jsonOf(body: string | Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(body ?? '').toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `own`: origins of the account; `secrets`: texts that nobody else may see. */
export function conversation(
  base: Runtime,
  own: readonly string[],
  secrets: readonly string[],
): Conversation {
  let spoiling: { readonly hostile: Hostile; readonly position: number } | null = null;
  let asked: Asked[] = [];
  let spoilt = 0;
  const faults = new Set<string>();

  async function http(given: HttpRequest): Promise<HttpResponse> {
    const body = await collected(given.body);
    const request: HttpRequest = { ...given, ...(body === undefined ? {} : { body }) };
    const url = new URL(request.url);
    const index = asked.length;
    const one: Asked = { request, path: url.pathname, json: jsonOf(body) };
    asked.push(one);
    if (asked.length > requestsMax) {
      faults.add('asks without end');
      throw new TransportError('unsent', 'the test has seen enough');
    }
    if (!own.includes(url.origin)) {
      const told = `${request.url} ${JSON.stringify(request.headers)} ${Buffer.from(body ?? '').toString()}`;
      for (const secret of secrets) if (told.includes(secret)) faults.add(`tells ${url.host} its credential`);
      if (url.protocol !== 'https:') faults.add(`asks ${url.origin} in the clear`);
      return responseOf({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: bytesOf('{"result":"success","id":77}'),
      });
    }
    if (url.protocol !== 'https:') faults.add('asks its account in the clear');
    let told: Plain | null = null;
    const account: AskAccount = async (changed = request) => (told = await plainOf(await base.http(changed)));
    if (spoiling !== null) {
      const { hostile, position } = spoiling;
      if (hostile.lasting === true ? index >= position : index === position) {
        const answer = await hostile.answer(one, account);
        if (answer !== null) spoilt += 1;
        if (answer instanceof TransportError) throw answer;
        if (answer !== null) return responseOf(answer);
      }
    }
    // A way of going wrong that found nothing to change has carried the request out already.
    return responseOf(told ?? (await account()));
  }

  const begin = (next: typeof spoiling): void => {
    spoiling = next;
    asked = [];
    spoilt = 0;
  };
  return {
    runtime: { ...base, http },
    spoil: (hostile, position) => {
      begin({ hostile, position });
    },
    calm: () => {
      begin(null);
    },
    asked: () => asked,
    spoilt: () => spoilt,
    faults: () => [...faults],
  };
}
