/**
 * HTTP to one portal through an incoming webhook: single calls, batches, bodies that hold a file. Every call goes out by
 * `runtime.http`; the address is a secret and appears in no text that leaves this file.
 */
import { type Instant } from '../../errors/ids.ts';
import { type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';
import { type AccountSettings } from '../port.ts';
import { retryAfter } from '../retryAfter.ts';
import {
  batchMax,
  type Command,
  commandText,
  filled,
  needsOwnCall,
  type Params,
  referencesIn,
} from './batch.ts';
import { isConfirmed } from './confirmed.ts';
import { applicationTodo, sendAs } from './credential.ts';
import { type Answer, type Failure, failureOf, noAnswer, strangeAnswer } from './failure.ts';
import { batchMaps, Envelope } from './schema.ts';
import { type FactName, notice as note } from './unknowns.ts';

export const userAgent = 'svyazka/0.1';

/** Largest JSON answer that is read: 50 tasks with long descriptions fit. */
const answerBytesMax = 64 * 1024 * 1024;

/** One call may run for 60 s in the cloud (reference 1); a batch is many, and a file takes as long as its line is wide. */
const timeouts = { callMs: 30_000, batchMs: 60_000, uploadMs: 180_000, downloadMs: 120_000 };

/** What the portal said of the key of a creation. */
export interface KeyTold {
  /** It named the key: it keeps the answer under it. */
  readonly kept: boolean;
  /** The answer is that of an earlier call. */
  readonly replayed: boolean;
}

export type AnswerV3 = (Extract<Answer, { is: 'ok' }> & { readonly key: KeyTold }) | Failure;

/** Where a call goes: version 2 unless said otherwise. */
interface Target {
  readonly method: string;
  readonly version?: 3;
  /** Idempotency-Key. */
  readonly key?: string;
}

const v3Prefix = /^BITRIX_REST_V3_EXCEPTION_/;
/** Codes of REST 3.0 that mean what codes of version 2 mean (reference 17). */
const v2Codes: Readonly<Record<string, string>> = {
  INSUFFICIENTSCOPEEXCEPTION: 'insufficient_scope',
  METHODNOTFOUNDEXCEPTION: 'ERROR_METHOD_NOT_FOUND',
  RATELIMITEXCEPTION: 'QUERY_LIMIT_EXCEEDED',
  OPERATIONTIMELIMITEXCEPTION: 'OPERATION_TIME_LIMIT',
};

/** REST 3.0 says no more of a token that has expired than of a wrong one (b24jssdk#500). */
const codeOfV3 = (status: number, code: string): string => {
  const short = code.replace(v3Prefix, '');
  return status === 401 && short === 'ACCESSDENIEDEXCEPTION' ? 'expired_token' : (v2Codes[short] ?? short);
};

export interface Client {
  /**
   * One call of REST 3.0, whose codes come in the words of version 2 where that has any. A portal runs a creation under
   * one `key` once a day, however often it is sent with the same body (b24restdocs: api-reference/rest-v3.md).
   */
  callV3(method: string, params: Params, key?: string): Promise<AnswerV3>;
  /** Seconds that each method has run lately, as the portal tells; it limits them (reference 5). */
  operating(): ReadonlyMap<string, number>;
  /** One call. `body` makes the JSON of all parameters when a file travels in it. */
  call(method: string, params: Params, body?: (all: Params) => AsyncIterable<Uint8Array>): Promise<Answer>;
  /**
   * Calls in order, up to 50 in one request; more than 50 in as many requests as needed. With `halt` what follows a
   * failed call does not run and its answer is `undefined`. References must point into the same fifty.
   */
  run(commands: readonly Command[], halt?: boolean): Promise<ReadonlyMap<string, Answer>>;
  /** GET of a download link of the portal, redirects to other https hosts followed without anything of ours. */
  download(link: string): Promise<HttpResponse | Failure>;
  /** The portal's own clock as its last answer told it, or ours. */
  serverNow(): Instant;
  /** Host that the portal moved to since the account was configured, or null. */
  movedTo(): string | null;
}

/** The oldest bucket of a method's time leaves ten minutes after it was begun (reference 5). */
const operatingWindowMs = 600_000;

const isCloud = (host: string): boolean => /\.bitrix24\.[a-z]{2,}(\.[a-z]{2,})?$/.test(host);
const isPublicName = (host: string): boolean =>
  /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) &&
  /[a-z]/.test(host.slice(host.lastIndexOf('.'))) &&
  !/\.(local|internal|localhost|lan|home|arpa)$/.test(host);

/**
 * The new address of a portal that moved, or null when the redirect must not be followed: it has to be https, keep the
 * path with its secret, and stay a cloud portal when it was one (b24restdocs: change-domen.md).
 */
export function movedAddress(from: string, location: string | undefined): URL | null {
  if (location === undefined || !URL.canParse(location, from)) return null;
  const [before, after] = [new URL(from), new URL(location, from)];
  const path = (url: URL): string => url.pathname.replace(/\/+$/, '').replace(/\.json$/, '');
  if (after.protocol !== 'https:' || after.username !== '' || path(after) !== path(before)) return null;
  if (!isPublicName(after.hostname) || (isCloud(before.hostname) && !isCloud(after.hostname))) return null;
  return after;
}

/** Redirects that a portal which moved answers with, before it looks at the call. */
const movedStatuses = new Set([301, 302, 307, 308]);

/** Whoever refuses with one of these has not let the call through; time-outs of a proxy say nothing. */
const isGate = (status: number): boolean =>
  status >= 400 && status <= 451 && status !== 408 && status !== 425;

interface Exchanged {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly envelope: Envelope;
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'is' in value && value.is === 'failed';

/** PHP shows nothing as null, false or an empty list. */
const bringsSomething = (result: unknown): boolean =>
  result !== undefined &&
  result !== null &&
  result !== false &&
  !(typeof result === 'object' && Object.keys(result).length === 0);

export function makeClient(settings: AccountSettings, runtime: Runtime): Client {
  const configured = new URL(settings.url);
  let base = settings.url.replace(/\/+$/, '');
  let moved: string | null = null;
  let clockOffset = 0;
  const secret = configured.pathname.replace(/\/+$/, '').split('/').at(-1) ?? configured.pathname;
  const operatingResetAt = new Map<string, Instant>();
  const operating = new Map<string, number>();
  const ca = settings.ca === null ? {} : { ca: settings.ca };
  const transportFailure = (error: unknown): Failure => {
    if (!(error instanceof TransportError)) throw error;
    if (error.kind === 'garbled') return strangeAnswer(false, 0, error.message);
    return noAnswer(error.kind === 'unsent', `no answer (${error.kind}): ${error.message}`, runtime.now());
  };

  const addressOf = ({ method, version }: Target): string =>
    `${version === 3 ? base.replace(/\/rest(?=\/|$)/, '/rest/api') : base}/${method}`;

  async function post(
    target: Target,
    body: string | AsyncIterable<Uint8Array>,
  ): Promise<HttpResponse | Failure> {
    const { method, key } = target;
    const timeoutMs =
      typeof body !== 'string'
        ? timeouts.uploadMs
        : Math.min(settings.serverMaxMs, method === 'batch' ? timeouts.batchMs : timeouts.callMs);
    const send = (): Promise<HttpResponse> =>
      runtime.http({
        method: 'POST',
        url: addressOf(target),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': userAgent,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body,
        timeoutMs,
        ...ca,
      });
    const response = await send();
    if (response.status < 300 || response.status >= 400) return response;
    response.body.cancel();
    const { status } = response;
    // "See another page" comes after the deed, and "not modified" says nothing of one.
    if (!movedStatuses.has(status)) return strangeAnswer(false, status, 'a redirect in place of an answer');
    const address = movedAddress(addressOf(target), response.headers['location']);
    if (address === null)
      return strangeAnswer(true, response.status, 'a redirect that is not to another address of this portal');
    if (address.host !== configured.host) moved = address.host;
    base = `${address.protocol}//${address.host}${configured.pathname.replace(/\/+$/, '')}`;
    // A body that is read once cannot be sent twice; the next try goes to the new address by itself.
    if (typeof body !== 'string') return noAnswer(true, 'the portal has moved', runtime.now());
    const again = await send();
    if (again.status < 300 || again.status >= 400) return again;
    again.body.cancel();
    return strangeAnswer(movedStatuses.has(again.status), again.status, 'a second redirect');
  }

  /** The parsed JSON of an answer with its status, or what stands in its place. */
  async function exchange(
    target: Target,
    body: string | AsyncIterable<Uint8Array>,
  ): Promise<Exchanged | Failure> {
    let status = 0;
    let text: string;
    let restsUntil: Instant | null = null;
    let headers: HttpResponse['headers'];
    try {
      const response = await post(target, body);
      if (isFailure(response)) return response;
      ({ status, headers } = response);
      restsUntil = retryAfter(headers['retry-after'], runtime.now());
      text = await response.body.text(answerBytesMax);
    } catch (error) {
      return transportFailure(error);
    }
    let json: unknown;
    try {
      // A mark of byte order is no part of JSON; pages of PHP bring it along.
      json = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const rested = (failure: Failure): Failure =>
        restsUntil === null ? failure : { ...failure, retryAt: restsUntil };
      if (status === 429) return rested(failureOf({ status, code: '', text: '' }, runtime.now(), null));
      if (status >= 500)
        return rested(noAnswer(false, `${String(status)} without a business answer`, runtime.now()));
      return strangeAnswer(isGate(status), status, 'no JSON');
    }
    const parsed = Envelope.safeParse(json);
    return parsed.success
      ? { status, headers, envelope: parsed.data }
      : strangeAnswer(false, status, 'no envelope');
  }

  /** The same with the account's credential in it. */
  async function authorised(
    target: Target,
    repeatable: boolean,
    bodyWith: (auth: Params) => string | AsyncIterable<Uint8Array>,
  ): Promise<Awaited<ReturnType<typeof exchange>>> {
    const now = (): Instant => runtime.now();
    const sent = await sendAs(settings.application, repeatable, now, async (auth) => {
      const answered = await exchange(target, bodyWith(auth));
      if (isFailure(answered)) return { failed: answered };
      const code = answered.envelope.error?.code ?? null;
      const errorCode = code !== null && target.version === 3 ? codeOfV3(answered.status, code) : code;
      return { answered, errorCode };
    });
    return 'failed' in sent ? sent.failed : sent.answered;
  }

  /** Keeps our own changes out of our own queue of events; methods that read by position would take it for a value. */
  const eventsKey = settings.application?.eventsKey ?? null;
  const besides = (method: string, params: Params): Params =>
    eventsKey === null || /^task\./i.test(method) ? params : { ...params, auth_connector: eventsKey };

  const withoutSecret = (text: string): string =>
    text
      .replaceAll(configured.pathname, '')
      .replaceAll(configured.pathname.replace(/^\/rest/, '/rest/api'), '');

  const notice = (name: FactName, value: string, how: string): void => {
    if (settings.findings !== undefined) note({ findings: settings.findings, runtime }, name, value, how);
  };

  const failure = (method: string, status: number, error: { code: string; text: string }): Failure => {
    if (status === 401 && settings.application === undefined)
      notice('auth.wrongSecret', error.code, `${method} answered 401 with it`);
    const made = failureOf(
      { status, code: error.code, text: withoutSecret(error.text) },
      runtime.now(),
      operatingResetAt.get(method) ?? null,
    );
    const todo = settings.application === undefined ? undefined : applicationTodo(made);
    return todo === undefined ? made : { ...made, todo };
  };

  const learn = (method: string, time: Envelope['time']): void => {
    if (time?.operating_reset_at !== undefined)
      operatingResetAt.set(
        method,
        Math.min(time.operating_reset_at * 1_000, runtime.now() + operatingWindowMs),
      );
    if (time?.operating !== undefined) operating.set(method, time.operating);
    if (time?.finish !== undefined) clockOffset = Math.round(time.finish * 1_000) - runtime.now();
  };

  async function call(
    method: string,
    params: Params,
    body?: (all: Params) => AsyncIterable<Uint8Array>,
  ): Promise<Answer> {
    const answered = await authorised({ method }, body === undefined, (auth) => {
      const all = { ...besides(method, params), ...auth };
      return body === undefined ? JSON.stringify(all) : body(all);
    });
    if (isFailure(answered)) return answered;
    const { status, envelope } = answered;
    learn(method, envelope.time);
    if (envelope.error !== undefined && bringsSomething(envelope.result))
      return strangeAnswer(false, status, 'a result and an error at once');
    if (envelope.error !== undefined) return failure(method, status, envelope.error);
    if (status >= 400) return failure(method, status, { code: '', text: 'an error without a code' });
    if (!('result' in envelope)) return strangeAnswer(false, status, 'neither result nor error');
    return isConfirmed(method, envelope.result)
      ? { is: 'ok', result: envelope.result, total: envelope.total ?? null }
      : strangeAnswer(false, status, 'a result that says neither yes nor no');
  }

  async function callV3(method: string, params: Params, key?: string): Promise<AnswerV3> {
    const target: Target = { method, version: 3, ...(key === undefined ? {} : { key }) };
    const answered = await authorised(target, true, (auth) => JSON.stringify({ ...params, ...auth }));
    if (isFailure(answered)) return answered;
    const { status, headers, envelope } = answered;
    learn(method, envelope.time);
    if (envelope.error !== undefined && bringsSomething(envelope.result))
      return strangeAnswer(false, status, 'a result and an error at once');
    if (envelope.error !== undefined || status >= 400) {
      const { code, text } = envelope.error ?? { code: '', text: 'an error without a code' };
      if (code.replace(v3Prefix, '') === 'ACCESSDENIEDEXCEPTION' && status !== 401)
        notice('v3.accessDeniedStatus', String(status), `${method} of REST 3.0 was denied with it`);
      return failure(method, status, { code: codeOfV3(status, code), text });
    }
    if (!('result' in envelope)) return strangeAnswer(false, status, 'neither result nor error');
    const told = { kept: headers['idempotency-key'] === key, replayed: 'idempotent-replayed' in headers };
    return { is: 'ok', result: envelope.result, total: null, key: told };
  }

  async function batch(commands: readonly Command[], halt: boolean): Promise<Map<string, Answer>> {
    const cmd = Object.fromEntries(
      commands.map(({ key, method, params }) => [
        key,
        commandText({ method, params: besides(method, params) }),
      ]),
    );
    const answers = new Map<string, Answer>();
    const answered = await authorised({ method: 'batch' }, true, (auth) =>
      JSON.stringify({ ...besides('batch', { halt: halt ? 1 : 0, cmd }), ...auth }),
    );
    const all = (answer: Answer): Map<string, Answer> =>
      new Map(commands.map(({ key }) => [key, answer] as const));
    if (isFailure(answered)) return all(answered);
    const { status, envelope } = answered;
    learn('batch', envelope.time);
    if (envelope.error !== undefined && bringsSomething(envelope.result))
      return all(strangeAnswer(false, status, 'results and an error at once'));
    if (envelope.error !== undefined) return all(failure('batch', status, envelope.error));
    if (status >= 400) return all(failure('batch', status, { code: '', text: 'an error without a code' }));
    const maps = batchMaps(envelope.result);
    if (maps === null) return all(strangeAnswer(false, status, 'no batch answer'));
    const { results, errors, totals, times } = maps;
    for (const { key, method } of commands) {
      const error = errors.get(key);
      const time = times.get(key);
      if (time !== undefined) learn(method, time);
      const result = results.get(key);
      if (error === 'odd' || (error !== undefined && bringsSomething(result)))
        answers.set(key, strangeAnswer(false, status, 'an answer that says neither yes nor no'));
      else if (error !== undefined) answers.set(key, failure(method, 400, error));
      else if (results.has(key) && !isConfirmed(method, result))
        answers.set(key, strangeAnswer(false, status, 'a result that says neither yes nor no'));
      else if (results.has(key)) answers.set(key, { is: 'ok', result, total: totals.get(key) ?? null });
      else if (!halt) answers.set(key, strangeAnswer(false, status, 'no answer for this command'));
    }
    return answers;
  }

  /** The same calls one after another, for what a batch can't carry. */
  async function single(commands: readonly Command[], halt: boolean): Promise<Map<string, Answer>> {
    const answers = new Map<string, Answer>();
    const results = new Map<string, unknown>();
    for (const { key, method, params } of commands) {
      const ready = filled(params, results);
      const answer: Answer =
        ready === undefined
          ? strangeAnswer(true, 0, `${referencesIn(params).join(', ')} brought no value`)
          : await call(method, ready as Params);
      answers.set(key, answer);
      if (answer.is === 'ok') results.set(key, answer.result);
      else if (halt) break;
    }
    return answers;
  }

  async function run(commands: readonly Command[], halt = false): Promise<ReadonlyMap<string, Answer>> {
    const answers = new Map<string, Answer>();
    for (let start = 0; start < commands.length; start += batchMax) {
      const part = commands.slice(start, start + batchMax);
      const alone = part.some(({ params }) => Object.values(params).some(needsOwnCall));
      for (const [key, answer] of await (alone ? single(part, halt) : batch(part, halt)))
        answers.set(key, answer);
      if (halt && [...answers.values()].some(({ is }) => is === 'failed')) break;
    }
    return answers;
  }

  async function download(link: string): Promise<HttpResponse | Failure> {
    if (!URL.canParse(link, base)) return strangeAnswer(true, 0, 'no download link');
    let url = new URL(link, base);
    const home = new URL(base);
    // A link to the portal under another of its names, or in the clear, is fetched where the account reaches the portal.
    if (url.host === home.host && url.protocol !== home.protocol)
      url = new URL(`${url.pathname}${url.search}`, base);
    if (url.host !== home.host && /^\/(rest|bitrix|disk)\//.test(url.pathname))
      url = new URL(`${url.pathname}${url.search}`, base);
    if (url.host !== home.host && !(url.protocol === 'https:' && isPublicName(url.hostname)))
      return strangeAnswer(true, 0, 'a download link to a private address');
    // An application's token travels in the link itself.
    const credential = url.searchParams.get('auth') ?? secret;
    for (let hops = 0; hops < 4; hops += 1) {
      let response: HttpResponse;
      try {
        response = await runtime.http({
          method: 'GET',
          url: url.href,
          headers: { accept: '*/*', 'user-agent': userAgent },
          timeoutMs: timeouts.downloadMs,
          ...ca,
        });
      } catch (error) {
        return transportFailure(error);
      }
      if (response.status < 300 || response.status >= 400) return response;
      response.body.cancel();
      const location = response.headers['location'];
      if (location === undefined || !URL.canParse(location, url.href)) break;
      const next = new URL(location, url);
      if (next.protocol !== 'https:' || !(next.host === home.host || isPublicName(next.hostname))) break;
      if (next.host !== home.host && next.href.includes(credential)) break;
      url = next;
    }
    return strangeAnswer(true, 302, 'a download that leads nowhere');
  }

  return {
    call,
    callV3,
    operating: () => operating,
    run,
    download,
    serverNow: () => runtime.now() + clockOffset,
    movedTo: () => moved,
  };
}
