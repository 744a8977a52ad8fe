/**
 * HTTP to one portal through an incoming webhook: single calls, batches, bodies that hold a file. Every call goes out by
 * `runtime.http`; the address is a secret and appears in no text that leaves this file.
 */
import { type Instant } from '../../errors/ids.ts';
import { type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';
import { type AccountSettings } from '../port.ts';
import {
  batchMax,
  type Command,
  commandText,
  filled,
  needsOwnCall,
  type Params,
  referencesIn,
} from './batch.ts';
import { sendAs } from './credential.ts';
import { type Answer, type Failure, failureOf, noAnswer, strangeAnswer } from './failure.ts';
import { BatchMaps, Envelope } from './schema.ts';

export const userAgent = 'svyazka/0.1';

/** Largest JSON answer that is read: 50 tasks with long descriptions fit. */
const answerBytesMax = 64 * 1024 * 1024;

export interface Client {
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

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'is' in value && value.is === 'failed';

export function makeClient(settings: AccountSettings, runtime: Runtime): Client {
  const configured = new URL(settings.url);
  let base = settings.url.replace(/\/+$/, '');
  let moved: string | null = null;
  let clockOffset = 0;
  const operatingResetAt = new Map<string, Instant>();
  const timeoutMs = Math.min(settings.serverMaxMs, 30_000);
  const ca = settings.ca === null ? {} : { ca: settings.ca };
  const transportFailure = (error: unknown): Failure => {
    if (!(error instanceof TransportError)) throw error;
    return noAnswer(error.kind === 'unsent', `no answer (${error.kind}): ${error.message}`, runtime.now());
  };

  async function post(
    method: string,
    body: string | AsyncIterable<Uint8Array>,
  ): Promise<HttpResponse | Failure> {
    const send = (): Promise<HttpResponse> =>
      runtime.http({
        method: 'POST',
        url: `${base}/${method}`,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': userAgent,
        },
        body,
        timeoutMs,
        ...ca,
      });
    const response = await send();
    if (response.status < 300 || response.status >= 400) return response;
    response.body.cancel();
    const target = movedAddress(`${base}/${method}`, response.headers['location']);
    if (target === null)
      return strangeAnswer(true, response.status, 'a redirect that is not to another address of this portal');
    moved = target.host;
    base = `${target.protocol}//${target.host}${configured.pathname.replace(/\/+$/, '')}`;
    // A body that is read once cannot be sent twice; the next try goes to the new address by itself.
    if (typeof body !== 'string') return noAnswer(true, 'the portal has moved', runtime.now());
    const again = await send();
    if (again.status < 300 || again.status >= 400) return again;
    again.body.cancel();
    return strangeAnswer(true, again.status, 'a second redirect');
  }

  /** The parsed JSON of an answer with its status, or what stands in its place. */
  async function exchange(
    method: string,
    body: string | AsyncIterable<Uint8Array>,
  ): Promise<{ readonly status: number; readonly envelope: Envelope } | Failure> {
    let status = 0;
    let text: string;
    try {
      const response = await post(method, body);
      if (isFailure(response)) return response;
      status = response.status;
      text = await response.body.text(answerBytesMax);
    } catch (error) {
      return transportFailure(error);
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (status === 429) return failureOf({ status, code: '', text: '' }, runtime.now(), null);
      if (status >= 500) return noAnswer(false, `${String(status)} without a business answer`, runtime.now());
      return strangeAnswer(status >= 400, status, 'no JSON');
    }
    const parsed = Envelope.safeParse(json);
    return parsed.success ? { status, envelope: parsed.data } : strangeAnswer(false, status, 'no envelope');
  }

  /** The same with the account's credential in it. */
  async function authorised(
    method: string,
    repeatable: boolean,
    bodyWith: (auth: Params) => string | AsyncIterable<Uint8Array>,
  ): Promise<Awaited<ReturnType<typeof exchange>>> {
    const now = (): Instant => runtime.now();
    const sent = await sendAs(settings.application, repeatable, now, async (auth) => {
      const answered = await exchange(method, bodyWith(auth));
      return isFailure(answered)
        ? { failed: answered }
        : { answered, errorCode: answered.envelope.error?.code ?? null };
    });
    return 'failed' in sent ? sent.failed : sent.answered;
  }

  /** Keeps our own changes out of our own queue of events; methods that read by position would take it for a value. */
  const eventsKey = settings.application?.eventsKey ?? null;
  const besides = (method: string, params: Params): Params =>
    eventsKey === null || /^task\./i.test(method) ? params : { ...params, auth_connector: eventsKey };

  const failure = (method: string, status: number, error: { code: string; text: string }): Failure =>
    failureOf(
      { status, code: error.code, text: error.text.replaceAll(configured.pathname, '') },
      runtime.now(),
      operatingResetAt.get(method) ?? null,
    );

  const learn = (method: string, time: Envelope['time']): void => {
    if (time?.operating_reset_at !== undefined) operatingResetAt.set(method, time.operating_reset_at * 1_000);
    if (time?.finish !== undefined) clockOffset = Math.round(time.finish * 1_000) - runtime.now();
  };

  async function call(
    method: string,
    params: Params,
    body?: (all: Params) => AsyncIterable<Uint8Array>,
  ): Promise<Answer> {
    const answered = await authorised(method, body === undefined, (auth) => {
      const all = { ...besides(method, params), ...auth };
      return body === undefined ? JSON.stringify(all) : body(all);
    });
    if (isFailure(answered)) return answered;
    const { status, envelope } = answered;
    learn(method, envelope.time);
    if (envelope.error !== undefined) return failure(method, status, envelope.error);
    if (status >= 400) return failure(method, status, { code: '', text: 'an error without a code' });
    if (!('result' in envelope)) return strangeAnswer(false, status, 'neither result nor error');
    return { is: 'ok', result: envelope.result, total: envelope.total ?? null };
  }

  async function batch(commands: readonly Command[], halt: boolean): Promise<Map<string, Answer>> {
    const cmd = Object.fromEntries(
      commands.map(({ key, method, params }) => [
        key,
        commandText({ method, params: besides(method, params) }),
      ]),
    );
    const answers = new Map<string, Answer>();
    const answered = await authorised('batch', true, (auth) =>
      JSON.stringify({ ...besides('batch', { halt: halt ? 1 : 0, cmd }), ...auth }),
    );
    const all = (answer: Answer): Map<string, Answer> =>
      new Map(commands.map(({ key }) => [key, answer] as const));
    if (isFailure(answered)) return all(answered);
    const { status, envelope } = answered;
    learn('batch', envelope.time);
    if (envelope.error !== undefined) return all(failure('batch', status, envelope.error));
    const maps = BatchMaps.safeParse(envelope.result);
    if (!maps.success) return all(strangeAnswer(false, status, 'no batch answer'));
    const { result, result_error: errors, result_total: totals, result_time: times } = maps.data;
    for (const { key, method } of commands) {
      const error = errors.get(key);
      const time = times.get(key);
      if (time !== undefined) learn(method, time);
      if (error !== undefined) answers.set(key, failure(method, 400, error));
      else if (result.has(key))
        answers.set(key, { is: 'ok', result: result.get(key), total: totals.get(key) ?? null });
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
    // A link to the portal under another of its names is fetched where the account reaches the portal.
    if (url.host !== home.host && /^\/(rest|bitrix|disk)\//.test(url.pathname))
      url = new URL(`${url.pathname}${url.search}`, base);
    if (url.host !== home.host && !(url.protocol === 'https:' && isPublicName(url.hostname)))
      return strangeAnswer(true, 0, 'a download link to a private address');
    for (let hops = 0; hops < 4; hops += 1) {
      let response: HttpResponse;
      try {
        response = await runtime.http({
          method: 'GET',
          url: url.href,
          headers: { accept: '*/*', 'user-agent': userAgent },
          timeoutMs,
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
      url = next;
    }
    return strangeAnswer(true, 302, 'a download that leads nowhere');
  }

  return {
    call,
    run,
    download,
    serverNow: () => runtime.now() + clockOffset,
    movedTo: () => moved,
  };
}
