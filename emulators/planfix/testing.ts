/** An account under test: the contracts' world in small, its clock, and what it sent. */
import {
  type Act,
  type Acted,
  type Effect,
  type Json,
  type Notice,
  type OutgoingRequest,
  type SettingValue,
} from '../common/types.ts';
import { planfix } from './emulator.ts';
import { type State } from './state.ts';

export const ROBOT = 'robot-token';
export const OLGA = 'olga-token';
export const NOW = Date.UTC(2026, 10, 24, 7, 30);

export type Row = { readonly [key: string]: Json };

export const world: Row = {
  account: { name: 'vesna', now: '2026-11-24T07:30Z', timezone: 'UTC', state: 'active' },
  tokens: [
    { token: ROBOT, user: 'user:1', scopes: 'all' },
    { token: OLGA, user: 'user:3', scopes: 'all', timezone: 'Europe/Moscow' },
  ],
  users: [
    { id: 1, name: 'Мост', lastname: 'Связка', role: 'Robot', status: 'Active' },
    {
      id: 2,
      name: 'Павел',
      lastname: 'Орлов',
      email: 'pavel@vesna.example',
      role: 'Admin',
      status: 'Active',
    },
    {
      id: 3,
      name: 'Ольга',
      lastname: 'Ветрова',
      email: 'olga@vesna.example',
      role: 'User',
      status: 'Active',
    },
    {
      id: 4,
      name: 'Тимур',
      lastname: 'Саидов',
      email: 'timur@vesna.example',
      role: 'User',
      status: 'Active',
    },
  ],
  userGroups: [{ id: 1, name: 'Разработка', members: ['user:3', 'user:4'] }],
  contacts: [
    { id: 12, name: 'Мария', lastname: 'Ким', email: 'maria@romashka.example' },
    { id: 13, name: 'Клиент', lastname: 'без почты' },
  ],
  projects: [{ id: 50, name: 'Сайт', status: 2, owner: 'user:2' }],
  statuses: [
    { id: 1, name: 'Новая', isActive: true, isAppliedIndividually: true },
    { id: 2, name: 'В работе', isActive: true },
    { id: 3, name: 'Завершенная', isActive: false },
    { id: 6, name: 'Выполненная', isActive: true },
  ],
  processes: [
    {
      id: 1,
      name: 'Задача',
      statuses: [1, 2, 3, 6],
      commentsForbidden: [{ status: 1, role: 'assignee' }],
      transitions: [
        { from: 1, to: [2] },
        { from: 2, to: [3, 6] },
        { from: 6, to: [2, 3] },
      ],
    },
  ],
  customFields: [
    { id: 200, name: 'Договор', type: 0 },
    { id: 203, name: 'Дата', type: 3 },
    { id: 206, name: 'Окно', type: 6 },
    { id: 230, name: 'Чужое', type: 0 },
  ],
  objects: [{ id: 30, name: 'Задача', process: 1, customFields: [200, 203, 206] }],
  tasks: [
    {
      id: 1001,
      name: 'Обмен с 1С',
      description: '<p>Раз в час</p>',
      status: 2,
      object: { id: 30 },
      project: { id: 50 },
      assigner: { id: 'user:2' },
      assignees: { users: [{ id: 'user:3' }] },
      participants: { users: [{ id: 'user:4' }, { id: 'contact:12' }, { id: 'contact:13' }] },
      dateTime: { datetime: '2026-11-20T08:30Z' },
      dateOfLastUpdate: { datetime: '2026-11-24T06:55Z' },
    },
    {
      id: 1002,
      name: 'Справочник',
      status: 1,
      object: { id: 30 },
      parent: { id: 1001 },
      assigner: { id: 'user:2' },
      assignees: { groups: [{ id: 1 }] },
      dateTime: { datetime: '2026-11-19T09:00Z' },
      dateOfLastUpdate: { datetime: '2026-11-19T09:00Z' },
    },
  ],
};

/** The scenario that the product asks for: only numbers in its body. */
export function hook(on: string, more: Row = {}): Row {
  return {
    id: 701,
    on,
    request: {
      method: 'POST',
      url: 'https://bridge.example/hook',
      headers: { 'Content-Type': 'application/json' },
      body: '{"task":"{{Задача.Номер}}","name":"{{Задача.Название}}"}',
    },
    retry: true,
    ...more,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Row;
  readonly bytes: Uint8Array;
  readonly notices: readonly Notice[];
}

export interface Bench {
  readonly state: State;
  /** Requests that the account sent and nobody answered yet. */
  readonly sent: { readonly delivery: string; readonly request: OutgoingRequest }[];
  call(method: string, path: string, body?: Json | Uint8Array, token?: string | null, headers?: Row): Answer;
  act(act: Act): Acted & { readonly notices: readonly Notice[] };
  advance(ms: number): void;
  /** Answers the oldest unanswered request. */
  answer(status: number): void;
  now(): number;
}

function noticesOf(effects: readonly Effect[]): Notice[] {
  return effects.flatMap((effect) => (effect.kind === 'notice' ? [effect.notice] : []));
}

function bytesOf(body: Json | Uint8Array | undefined): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  return body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
}

/** An account of `world` with some lists replaced; limits are off unless `settings` say otherwise. */
export function bench(lists: Row = {}, settings: Readonly<Record<string, SettingValue>> = {}): Bench {
  const state = planfix.create({
    account: 'vesna',
    address: { http: 'http://127.0.0.1:5001', https: 'https://127.0.0.1:5002' },
    world: { ...world, ...lists },
    settings: { 'limits.perSecond': 0, 'limits.perDay': 0, ...settings },
    seed: 7,
  });
  const sent: { delivery: string; request: OutgoingRequest }[] = [];
  let now = NOW;
  const take = (effects: readonly Effect[]): void => {
    for (const effect of effects) if (effect.kind === 'send') sent.push(effect);
  };
  return {
    state,
    sent,
    now: () => now,
    call(method, path, body, token: string | null = ROBOT, headers = {}) {
      const handled = planfix.handle(
        state,
        {
          scheme: 'http',
          method,
          target: /^\/(storage|webhook)\//.test(path) ? path : `/rest${path}`,
          headers: {
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
            ...(headers as Record<string, string>),
          },
          body: bytesOf(body),
        },
        now,
      );
      if ('held' in handled.response) throw new Error('Planfix holds no answers');
      take(handled.effects);
      const { response } = handled;
      const text = new TextDecoder().decode(response.body);
      const isJson = response.headers['content-type']?.startsWith('application/json') === true;
      return {
        status: response.status,
        headers: response.headers,
        body: isJson ? (JSON.parse(text) as Row) : {},
        bytes: response.body,
        notices: noticesOf(handled.effects),
      };
    },
    act(act) {
      const acted = planfix.act(state, act, now);
      const effects = acted.ok ? acted.effects : [];
      take(effects);
      return { ...acted, notices: noticesOf(effects) };
    },
    advance(ms) {
      const until = now + ms;
      for (let ticked = planfix.tick(state, now); ; ticked = planfix.tick(state, now)) {
        take(ticked.effects);
        if (ticked.nextAt === undefined || ticked.nextAt > until) break;
        now = ticked.nextAt;
      }
      now = until;
      take(planfix.tick(state, now).effects);
    },
    answer(status) {
      const first = sent.shift();
      if (first === undefined) throw new Error('nothing was sent');
      const answer = { kind: 'answer', status, body: '' } as const;
      take(planfix.answered(state, first.delivery, answer, now).effects);
    },
  };
}

export function bodyText(request: OutgoingRequest | undefined): string {
  return new TextDecoder().decode(request?.body);
}
