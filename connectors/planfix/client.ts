/**
 * One request to Planfix and what its answer means. Decides by `result` and `code`, never by the HTTP status alone
 * (reference 3): list methods tell a missing task as 500, a limit is 403, 202 is "later", an empty 200 is success.
 */
import { type Instant } from '../../errors/ids.ts';
import { type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';
import { type Findings } from '../findings.ts';
import { type AccountSettings } from '../port.ts';
import { retryAfter, soonest } from '../retryAfter.ts';
import { bodyInPlane } from './astral.ts';
import { type MarksKnown } from './marks.ts';
import { type FactName, notice } from './unknowns.ts';
import { type ZoneKnown } from './zone.ts';

/** An account and the means to reach it: what every function of this connector works with. */
export interface Session {
  readonly settings: AccountSettings;
  readonly runtime: Runtime;
  /** What is known of this account beyond the documents. */
  readonly findings: Findings;
  /** What this connection learns of the acting user's zone. */
  readonly zone: ZoneKnown;
  readonly marks: MarksKnown;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the API's base: `/task/1001`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, unknown>>;
  /** A body that can be sent only once. */
  readonly stream?: {
    readonly contentType: string;
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly length: number | null;
  };
}

export type Answer =
  | {
      readonly is: 'ok';
      readonly data: Readonly<Record<string, unknown>>;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** 202: taken, applied later. */
  | { readonly is: 'queued' }
  | Refused
  | Unclear;

/** The account said no: the request had no effect. */
export interface Refused {
  readonly is: 'refused';
  readonly status: number;
  /** Planfix's own code; null when it told none. */
  readonly code: number | null;
  readonly error: string;
  /** When a limit ends, where the account says so. */
  readonly retryAt: Instant | null;
  /** `timeToReset` as it came, in a unit that no document names. */
  readonly timeToReset?: number;
  /** The host that the account has moved to. */
  readonly movedTo?: string;
}

/** No answer, or none that can be understood. */
export interface Unclear {
  readonly is: 'unclear';
  /** False only when the account surely never saw the request. */
  readonly sent: boolean;
  /** `too-large`: the answer was there but longer than we take. */
  readonly kind: 'silent' | 'too-large' | 'not-planfix';
  readonly why: string;
}

export const limitCode = 22;

export const userAgent = 'svyazka/0.1';

const answerBytesMax = 32 * 1024 * 1024;
const timeoutMs = 30_000;
const uploadTimeoutMs = 180_000;

/** A limit that ends this soon is waited out here, so that a chain of requests does not break in its middle. */
const patience = { tries: 4, longestMs: 3_000 };

/**
 * Sends one call. Never throws. A request that a limit refused had no effect and is sent again when the wait is short, and
 * so is one that was perhaps refused for its characters, with others.
 */
export async function send(session: Session, call: Call): Promise<Answer> {
  const json = call.json && bodyInPlane(call.json);
  if (json === undefined || json === call.json) return sendAsWritten(session, call);
  const name: FactName = 'html.rejectAstral';
  if (session.findings.value(name) === 'refused') return sendAsWritten(session, { ...call, json });
  const answer = await sendAsWritten(session, call);
  const tried = `${call.method} ${call.path}`;
  if (answer.is === 'ok') notice(session, name, 'taken', `${tried} took an emoji`);
  if (answer.is !== 'refused' || !mayMeanCharacters(answer)) return answer;
  const again = await sendAsWritten(session, { ...call, json });
  if (again.is === 'refused' && again.code !== limitCode) return answer;
  const how = `${tried} with an emoji: code ${String(answer.code)}; without: taken`;
  if (again.is === 'ok') notice(session, name, 'refused', how);
  return again;
}

/** Unknown error, malformed JSON, bad value, and failures to make or change tasks and comments (reference 3). */
export const mayMeanCharacters = ({ code }: Refused): boolean =>
  code !== null && [0, 30, 41, 1001, 1002, 5001, 5002].includes(code);

/** The same, its characters left as they are. */
export async function sendAsWritten(session: Session, call: Call): Promise<Answer> {
  let told: { readonly at: Instant; readonly timeToReset: number } | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const at = session.runtime.now();
    const answer = await sendOnce(session, call);
    const isLimit = answer.is === 'refused' && answer.code === limitCode;
    if (answer.is === 'queued' && isTaskUpdate(call))
      notice(session, 'task.queueProbability', 'queues', `HTTP 202 to ${call.method} ${call.path}`);
    if (isLimit)
      notice(session, 'limits.status', String(answer.status), `HTTP ${String(answer.status)}, code 22`);
    // Sent before that many seconds had passed, and taken all the same: no seconds.
    if (told !== null && answer.is === 'ok' && at - told.at < told.timeToReset * 1000)
      notice(
        session,
        'limits.timeToResetUnit',
        'ms',
        `taken ${String(at - told.at)} ms after timeToReset ${String(told.timeToReset)}`,
      );
    if (call.stream !== undefined || !(await waitedOut(session, answer, attempt))) return answer;
    const timeToReset = answer.is === 'refused' ? answer.timeToReset : undefined;
    told = timeToReset === undefined ? null : { at, timeToReset };
  }
}

const isTaskUpdate = ({ method, path }: Call): boolean => method === 'POST' && /^\/task\/\d+$/.test(path);

/** True once a limit has ended for which it is worth to wait: the same request may go out again. */
export async function waitedOut(
  { runtime }: Pick<Session, 'runtime'>,
  answer: Answer,
  attempt: number,
): Promise<boolean> {
  if (answer.is !== 'refused' || answer.code !== limitCode || answer.retryAt === null) return false;
  const wait = answer.retryAt - runtime.now();
  if (attempt >= patience.tries || wait > patience.longestMs) return false;
  await runtime.sleep(Math.max(wait, 0));
  return true;
}

async function sendOnce(session: Session, call: Call): Promise<Answer> {
  const { settings, runtime } = session;
  try {
    let response = await request(session, call, addressOf(settings.url, call));
    if (isRedirect(response.status)) {
      const target = targetOf(response, settings.url);
      response.body.cancel();
      if (response.status === 303 && call.method !== 'GET') return elsewhere;
      if (target === null || target.origin !== originOf(settings.url) || call.stream !== undefined) {
        return moved(response.status, target);
      }
      response = await request(session, call, target.href);
      if (isRedirect(response.status)) {
        response.body.cancel();
        if (response.status === 303 && call.method !== 'GET') return elsewhere;
        return moved(response.status, targetOf(response, settings.url));
      }
    }
    const text = await response.body.text(answerBytesMax);
    return readAnswer(response.status, response.headers, text, runtime.now());
  } catch (error) {
    if (!(error instanceof TransportError)) {
      return {
        is: 'unclear',
        sent: true,
        kind: 'silent',
        why: error instanceof Error ? error.message : String(error),
      };
    }
    return {
      is: 'unclear',
      sent: error.kind !== 'unsent',
      kind: error.kind === 'too-large' ? 'too-large' : error.kind === 'garbled' ? 'not-planfix' : 'silent',
      why: `${error.kind}: ${error.message}`,
    };
  }
}

/** "See another page" comes after the deed: it says neither that it was done nor that it was not. */
const elsewhere: Unclear = {
  is: 'unclear',
  sent: true,
  kind: 'not-planfix',
  why: 'HTTP 303: a redirect in place of an answer',
};

const originOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).origin : null);

function addressOf(base: string, call: Call): string {
  const query = new URLSearchParams(call.query).toString();
  return `${base}${call.path}${query === '' ? '' : `?${query}`}`;
}

function request(session: Session, call: Call, url: string): Promise<HttpResponse> {
  const { settings, runtime } = session;
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': userAgent,
    authorization: `Bearer ${settings.token ?? ''}`,
  };
  if (call.json !== undefined) headers['content-type'] = 'application/json';
  if (call.stream !== undefined) {
    headers['content-type'] = call.stream.contentType;
    if (call.stream.length !== null) headers['content-length'] = String(call.stream.length);
  }
  const body = call.stream?.bytes ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
  return runtime.http({
    method: call.method,
    url,
    headers,
    ...(body === undefined ? {} : { body }),
    timeoutMs: call.stream === undefined ? timeoutMs : uploadTimeoutMs,
    ...(settings.ca === null ? {} : { ca: settings.ca }),
  });
}

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Where a redirect points, seen from `base`; null = nowhere that can be read. */
export function targetOf(response: Pick<HttpResponse, 'headers'>, base: string): URL | null {
  const location = response.headers['location'];
  return location !== undefined && URL.canParse(location, base) ? new URL(location, base) : null;
}

/** An account with a domain of its own redirects everything there; the token does not follow (reference 1). */
function moved(status: number, target: URL | null): Refused {
  const refusal = { is: 'refused', status, code: null, retryAt: null } as const;
  if (target === null) return { ...refusal, error: 'redirected to an address that can not be read' };
  return { ...refusal, error: `redirected to ${target.host}`, movedTo: target.origin };
}

/** What an answer means; pure. `now` dates the end of a limit. */
export function readAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
  now: Instant,
): Answer {
  const good = status >= 200 && status < 300;
  if (text.replace(/^\uFEFF/, '').trim() === '') {
    if (status === 202) return { is: 'queued' };
    if (good) return { is: 'ok', data: {}, headers };
    return withoutEnvelope(status, headers, 'an empty answer', now);
  }
  const data = parseObject(text);
  if (data === null) return withoutEnvelope(status, headers, 'an answer that is no JSON object', now);
  const code = codeOf(said(data, 'code'));
  const result = said(data, 'result');
  const named = typeof result === 'string' ? result.toLowerCase() : null;
  const noError = (code ?? 0) === 0 && (said(data, 'error') ?? '') === '';
  // The document's own example of a partial failure leaves the result out.
  const succeeded = named === 'success' || (result === undefined && data['failures'] !== undefined);
  if (good && succeeded && noError) return status === 202 ? { is: 'queued' } : { is: 'ok', data, headers };
  const told = said(data, 'error');
  const error = typeof told === 'string' ? told : `HTTP ${String(status)} without a reason`;
  const failed = named === 'fail' || named === 'file' || (code !== null && named !== 'success');
  // A success with an error in it, a word that nobody documents, an object of something else: no answer of Planfix.
  if (good && !failed) return withoutEnvelope(status, headers, 'an answer that says neither yes nor no', now);
  // Code 0 is "unknown error": beside a server fault it does not say that nothing was done.
  if (status >= 500 && (code === null || code === 0)) {
    return { is: 'unclear', sent: true, kind: 'silent', why: `HTTP ${String(status)}: ${error}` };
  }
  if (code === null && status === 429) return limited(status, error, data['timeToReset'], headers, now);
  if (code === limitCode) return limited(status, error, data['timeToReset'], headers, now);
  return { is: 'refused', status, code, error, retryAt: null };
}

function withoutEnvelope(
  status: number,
  headers: Readonly<Record<string, string>>,
  what: string,
  now: Instant,
): Answer {
  const why = `HTTP ${String(status)} with ${what}`;
  if (status === 429) return limited(status, why, undefined, headers, now);
  if (isGate(status)) {
    return { is: 'refused', status, code: null, error: why, retryAt: null };
  }
  return { is: 'unclear', sent: true, kind: status >= 500 ? 'silent' : 'not-planfix', why };
}

/** Whoever refuses with one of these has not let the request through; time-outs of a proxy say nothing. */
const isGate = (status: number): boolean =>
  status >= 400 && status <= 451 && status !== 408 && status !== 425;

function limited(
  status: number,
  error: string,
  timeToReset: unknown,
  headers: Readonly<Record<string, string>>,
  now: Instant,
): Refused {
  const told = typeof timeToReset === 'string' ? Number(timeToReset) : timeToReset;
  const retryAt =
    typeof told === 'number' && Number.isFinite(told) && told >= 0
      ? soonest(now, waitOf(told))
      : retryAfter(headers['retry-after'], now);
  const known = typeof told === 'number' && Number.isFinite(told);
  return { is: 'refused', status, code: limitCode, error, retryAt, ...(known ? { timeToReset: told } : {}) };
}

/**
 * `timeToReset` as ms. Above 1000 it is milliseconds (reference 3). Below, its unit is not documented: up to a minute
 * it is taken as seconds, else as milliseconds, since a try that comes too early costs one refusal and one that comes
 * ten minutes late costs ten minutes.
 */
function waitOf(timeToReset: number): number {
  if (timeToReset > 1000) return Math.ceil(timeToReset);
  return timeToReset > 60 ? 1000 : Math.max(1, timeToReset) * 1000;
}

/** A key of the envelope; the help page prints them with capitals (reference 3). */
const said = (data: Readonly<Record<string, unknown>>, key: string): unknown =>
  data[key] ?? data[`${key.slice(0, 1).toUpperCase()}${key.slice(1)}`];

const codeOf = (code: unknown): number | null => {
  if (typeof code === 'string' && /^\d{1,6}$/.test(code)) return Number(code);
  return typeof code === 'number' && Number.isInteger(code) ? code : null;
};

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    // A mark of byte order is no part of JSON.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
