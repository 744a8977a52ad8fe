import { readDuration, readInstant } from './clock.ts';
import { jsonResponse } from './answer.ts';
import { type EmulatorHost, type Reply, type Served, type Step } from './host.ts';
import { readFault } from './faults.ts';
import { readSeed } from './seed.ts';
import { type Act, type EmulatorRequest, type Instant, type Json, type SettingValue } from './types.ts';

const prefix = '/__emulator__';
const decoder = new TextDecoder();

export function isControl(request: EmulatorRequest): boolean {
  return request.target.startsWith(prefix);
}

type JsonObject = Readonly<Record<string, Json>>;

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readBody(request: EmulatorRequest): Json | undefined {
  const text = decoder.decode(request.body).trim();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new TypeError(`the body is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function objectBody(request: EmulatorRequest): JsonObject {
  const body = readBody(request) ?? {};
  if (!isObject(body)) throw new TypeError('the body has to be a JSON object');
  return body;
}

function respond(body: unknown, status = 200): Reply {
  return { kind: 'respond', response: jsonResponse(status, body) };
}

function readAct(body: JsonObject): Act {
  const { as, do: words } = body;
  if (typeof as !== 'string' && typeof as !== 'number')
    throw new TypeError('act: "as" names the person, as text or number; 0 is an automation');
  if (typeof words !== 'string' || words === '')
    throw new TypeError(
      'act: "do" says in words what is done; the words stand in the README of the emulator',
    );
  return { ...body, as, do: words };
}

function count(text: string | null, name: string, otherwise: number): number {
  if (text === null) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new TypeError(`${name}: a whole number is wanted, not "${text}"`);
  return value;
}

function mailByPerson(host: EmulatorHost, to: string | null): Readonly<Record<string, readonly unknown[]>> {
  const people: Record<string, unknown[]> = {};
  for (const notice of host.mail(to ?? undefined)) (people[notice.to] ??= []).push(notice);
  return people;
}

function shownClock(host: EmulatorHost, now: Instant): unknown {
  const { at, frozen } = host.time(now);
  return { now: new Date(at).toISOString(), at, frozen };
}

function moveClock(host: EmulatorHost, body: JsonObject, now: Instant): Served {
  const unknownKey = Object.keys(body).find((key) => !['now', 'advance', 'freeze'].includes(key));
  if (unknownKey !== undefined) throw new TypeError(`clock: unknown key "${unknownKey}"`);
  const { freeze } = body;
  if (freeze !== undefined && typeof freeze !== 'boolean')
    throw new TypeError('clock: "freeze" wants true or false');
  const start = body['now'] === undefined ? host.time(now).at : readInstant(body['now']);
  const target = body['advance'] === undefined ? start : start + readDuration(body['advance']);
  return host.moveClock(target, now, freeze ?? host.time(now).frozen);
}

type Answer = Reply | Served | { readonly reply: Reply; readonly step: Step };
type Handler = (host: EmulatorHost, request: EmulatorRequest, query: URLSearchParams, now: Instant) => Answer;

const done = respond({ ok: true });

const handlers: Readonly<Record<string, Handler>> = {
  'GET ': (host, _request, _query, now) =>
    respond({
      kind: host.kind,
      account: host.account,
      clock: shownClock(host, now),
      credentials: host.credentials(),
    }),
  'POST reset': (host, _request, _query, now) => ({ reply: done, step: host.reset(now) }),
  'POST seed': (host, request, query, now) => {
    const { world, at } = readSeed(objectBody(request));
    const seed = query.get('seed');
    const step = host.seed(world, now, {
      ...(seed === null ? {} : { seed: count(seed, 'seed', 0) }),
      ...(at === undefined ? {} : { at }),
    });
    return { reply: respond({ ok: true, clock: shownClock(host, now) }), step };
  },
  'POST act': (host, request, _query, now) => {
    const { acted, step } = host.act(readAct(objectBody(request)), now);
    const reply = acted.ok
      ? respond({ ok: true, result: acted.result })
      : respond({ ok: false, refused: acted.refused }, 409);
    return { reply, step };
  },
  'GET dump': (host, _request, _query, now) => {
    const { at } = host.time(now);
    return respond({
      kind: host.kind,
      account: host.account,
      now: new Date(at).toISOString(),
      world: host.dump(),
    });
  },
  'GET log': (host, _request, query) => respond(host.log(count(query.get('since'), 'since', 0))),
  'DELETE log': (host) => {
    host.clearLog();
    return done;
  },
  'GET mail': (host, _request, query) => respond({ mail: mailByPerson(host, query.get('to')) }),
  'DELETE mail': (host) => {
    host.clearMail();
    return done;
  },
  'GET settings': (host) => respond({ settings: host.settings(), descriptions: host.settingDescriptions }),
  'PATCH settings': (host, request) => {
    host.setSettings(objectBody(request) as Readonly<Record<string, SettingValue>>);
    return respond({ settings: host.settings() });
  },
  'GET clock': (host, _request, _query, now) => respond(shownClock(host, now)),
  'POST clock': (host, request, _query, now) => moveClock(host, objectBody(request), now),
  'GET faults': (host) => respond({ faults: host.faults() }),
  'POST faults': (host, request) => {
    const body = readBody(request);
    const faults = (Array.isArray(body) ? body : [body]).map(readFault);
    for (const fault of faults) host.addFault(fault);
    return respond({ ok: true, faults: host.faults() });
  },
  'DELETE faults': (host) => {
    host.clearFaults();
    return done;
  },
  'GET coverage': (host) => respond({ kind: host.kind, coverage: host.coverage }),
  'GET idle': (host, _request, query, now) =>
    respond(host.idle(now, count(query.get('within'), 'within', 1_000))),
};

/**
 * Answers a request under `/__emulator__/`. Bad input is 400 with `{error}`, an unknown address 404, a wrong method
 * 405; an act that the account refuses is 409 with `{ok: false, refused}`.
 */
export function controlAnswer(host: EmulatorHost, request: EmulatorRequest, now: Instant): Reply | Served {
  const url = new URL(request.target, 'http://emulator');
  const name = url.pathname.slice(prefix.length).replace(/^\/+|\/+$/g, '');
  const handler = handlers[`${request.method} ${name}`];
  if (handler === undefined) {
    const methods = Object.keys(handlers)
      .filter((route) => route.endsWith(` ${name}`))
      .map((route) => route.slice(0, route.indexOf(' ')));
    if (methods.length > 0)
      return respond({ error: `${request.method} ${name}: only ${methods.join(', ')} here` }, 405);
    return respond(
      { error: `no control address "${name}"; there are: ${Object.keys(handlers).join(', ')}` },
      404,
    );
  }
  try {
    return handler(host, request, url.searchParams, now);
  } catch (error) {
    if (error instanceof TypeError) return respond({ error: error.message }, 400);
    throw error;
  }
}
