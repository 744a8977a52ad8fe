/** A portal for tests of this folder: calls by webhook, sent events, and the clock as an argument. */
import { type Act, type Effect, type Json, type SettingValue } from '../common/types.ts';
import { bitrix24, type Bitrix24State } from './emulator.ts';
import { parseForm } from './forms.ts';
import { asRecord, type Params } from './values.ts';

export const start = Date.parse('2026-09-28T10:00:00+03:00');
const address = { http: 'http://127.0.0.1:5001', https: 'https://127.0.0.1:5002' };

export interface Answered {
  readonly status: number;
  readonly body: Params;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly effects: readonly Effect[];
}

export interface TestPortal {
  readonly state: Bitrix24State;
  /** Moves the clock of the next calls. */
  pass(ms: number): void;
  now(): number;
  /** A call of version 2 (or `api/…` for 3.0) by the webhook of a user, JSON both ways. */
  call(user: number, method: string, body?: Json, headers?: Readonly<Record<string, string>>): Answered;
  /** Any request. */
  request(
    method: string,
    target: string,
    headers?: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
  ): Answered;
  /** An act that must succeed. */
  act(as: number, words: string, details?: Params): Params;
  refused(as: number, words: string, details?: Params): string;
  /** Names of events sent since the last question, with their data. */
  events(): { event: string; data: Params; auth: Params }[];
  effects(): readonly Effect[];
}

/** A portal from a world, or the small default one. */
export const testPortal = (
  settings: Readonly<Record<string, SettingValue>> = {},
  world?: Json,
): TestPortal => {
  const options = { account: 'vesna', address, settings: { 'limits.rate': false, ...settings }, seed: 7 };
  const state = bitrix24.create(world === undefined ? options : { ...options, world });
  if (world === undefined && state.outgoing !== null) state.outgoing.handler = 'https://bridge.example/hook';
  const secrets = new Map(bitrix24.credentials(state).map((one) => [one.actor, one.secret]));
  let now = start;
  let caused: Effect[] = [];
  const request: TestPortal['request'] = (method, target, headers = {}, body = '') => {
    const { response, effects } = bitrix24.handle(
      state,
      {
        scheme: 'http',
        method,
        target,
        headers: { 'user-agent': 'test/1', ...headers },
        body: typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
      },
      now,
    );
    caused.push(...effects);
    if ('held' in response) throw new Error('Bitrix24 holds no requests');
    const text = Buffer.from(response.body).toString('utf8');
    const parsed = text.startsWith('{') ? asRecord(JSON.parse(text) as Json) : {};
    const { status, headers: answered, body: bytes } = response;
    return { status, headers: answered, body: parsed, bytes, effects };
  };
  return {
    state,
    pass: (ms) => {
      now += ms;
    },
    now: () => now,
    request,
    call: (user, method, body = {}, headers = {}) => {
      const hook = secrets.get(String(user)) ?? '';
      const path = method.startsWith('api/')
        ? `${hook.replace('/rest/', '/rest/api/')}${method.slice(4)}`
        : hook + method;
      return request('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
    },
    act: (as, words, details = {}) => {
      const acted = bitrix24.act(state, { as, do: words, ...details } as Act, now);
      if (!acted.ok) throw new Error(acted.refused);
      caused.push(...acted.effects);
      return asRecord(acted.result);
    },
    refused: (as, words, details = {}) => {
      const acted = bitrix24.act(state, { as, do: words, ...details } as Act, now);
      if (acted.ok) throw new Error(`${words} was not refused`);
      return acted.refused;
    },
    events: () => {
      const ready = bitrix24.tick(state, now).effects;
      const sends = [...caused, ...ready].flatMap((effect) => (effect.kind === 'send' ? [effect] : []));
      caused = [];
      return sends.map((effect) => {
        const form = parseForm(Buffer.from(effect.request.body).toString('utf8'));
        return { event: String(form['event']), data: asRecord(form['data']), auth: asRecord(form['auth']) };
      });
    },
    effects: () => {
      const now_ = caused;
      caused = [];
      return now_;
    },
  };
};

/** Walks into nested maps and lists. */
export const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined => {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as { readonly [key: string]: Json })[String(step)];
  }
  return here;
};
