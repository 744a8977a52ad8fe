/** The emulated Bitrix24 portal as a machine: see README.md of this folder. */
import {
  type Described,
  type Effect,
  type EmulatorKind,
  type EmulatorRequest,
  type EmulatorResponse,
  type Instant,
  type SettingValue,
  type Ticked,
} from '../common/types.ts';
import { doAct } from './acts.ts';
import { frameAnswered } from './applicationActs.ts';
import { notFoundPage } from './answers.ts';
import { commandsOf, restRequest, type RestRequest, targetOf } from './calls.ts';
import { coverage } from './coverage.ts';
import { defaultWorld } from './defaultWorld.ts';
import { dumpState } from './dump.ts';
import { release } from './events.ts';
import { methodNamed, methods } from './methods.ts';
import { moment } from './moments.ts';
import { authorize, token } from './oauth.ts';
import { bringOldComments } from './oldComments.ts';
import { createChat } from './posts.ts';
import { answerRest, moved } from './rest.ts';
import { checkedSetting, settings, word } from './settings.ts';
import { type State } from './state.ts';
import { attachmentDownload, download, uploadByLink } from './transfers.ts';
import { asRecord, asText, isRecord, pick } from './values.ts';
import { commandsOfV3 } from './v3.ts';
import { readWorld } from './world.ts';

export type { State as Bitrix24State } from './state.ts';

/** Every task gets the new card when the moment of `taskCard.switchAt` has come. */
const switchCards = (state: State, now: Instant): void => {
  const at = moment(state, word(state, 'taskCard.switchAt'));
  if (at === undefined || now < at || state.switched) return;
  state.switched = true;
  state.settings.set('taskCard.mode', 'new');
  for (const task of state.tasks.values()) {
    if (task.card === 'new') continue;
    task.card = 'new';
    bringOldComments(state, task, createChat(state, task), now);
  }
};

const route = (state: State, request: EmulatorRequest, now: Instant, effects: Effect[]): EmulatorResponse => {
  const { path, query } = targetOf(request.target);
  if (path.startsWith('/oauth/authorize')) return authorize(state, query, now);
  if (path.startsWith('/oauth/token')) return token(state, request, query, now);
  const elsewhere = moved(state, request);
  if (elsewhere !== undefined) return elsewhere;
  if (path === '/rest/download.json') return download(state, request, query);
  if (path === '/rest/upload.json') {
    const base = request.scheme === 'https' ? state.address.https : state.address.http;
    return uploadByLink(state, request, query, now, base);
  }
  if (path === '/bitrix/tools/disk/uf.php' || path === '/bitrix/services/main/ajax.php') {
    return attachmentDownload(state, request, query);
  }
  return path.startsWith('/rest/') ? answerRest(state, request, now, effects) : notFoundPage();
};

const nextAt = (state: State): { readonly nextAt?: Instant } => {
  if (state.waiting.length === 0) return {};
  return { nextAt: Math.min(...state.waiting.map((item) => item.at)) };
};

const innerNames = (rest: RestRequest): string[] =>
  rest.version === 3
    ? (commandsOfV3(rest.json) ?? []).map((item) => asText(isRecord(item) ? item['method'] : ''))
    : commandsOf(pick(rest.params, 'cmd')).map((command) => command.name);

const actorOf = (state: State, rest: RestRequest): { readonly actor?: string } => {
  const user =
    rest.hook === null
      ? state.application?.tokens.get(rest.auth)?.user
      : state.hooks.get(rest.hook.secret)?.user;
  return user === undefined ? {} : { actor: String(user) };
};

const describeRequest = (state: State, request: EmulatorRequest): Described => {
  const { path } = targetOf(request.target);
  const line = `${request.method} ${path}`;
  if (!path.startsWith('/rest/') || path === '/rest/download.json' || path === '/rest/upload.json') {
    return { operations: [line], write: path === '/rest/upload.json', rest: false };
  }
  const rest = restRequest(request);
  const actor = actorOf(state, rest);
  if (rest.name.toLowerCase() !== 'batch') {
    const write = rest.method?.write ?? false;
    return { operations: [rest.name, line], write, rest: true, ...actor };
  }
  const inner = innerNames(rest);
  const write = inner.some((name) => methodNamed(name, rest.version)?.write === true);
  return { operations: ['batch', ...new Set(inner), line], write, rest: true, inner, ...actor };
};

const otherRoutes = [
  'batch',
  'v3 batch',
  'v3 rest.documentation.openapi',
  'v3 documentation',
  'v3 rest.scope.list',
  'GET /oauth/authorize/',
  'GET /oauth/token/',
  'POST /oauth/token/',
  'GET /rest/download.json',
  'POST /rest/upload.json',
  'GET /bitrix/tools/disk/uf.php',
  'GET /bitrix/services/main/ajax.php',
];

/** The emulated Bitrix24: every method of `coverage` that is supported, over plain state, without clock or chance. */
export const bitrix24: EmulatorKind<State> = {
  kind: 'bitrix24',
  settings,
  coverage,
  routes: () => [
    ...methods.map((method) => (method.version === 3 ? `v3 ${method.name}` : method.name)),
    ...otherRoutes,
  ],
  create: ({ account, address, world, settings: chosen = {}, seed }) =>
    readWorld({
      account,
      address,
      world: world ?? defaultWorld(account, address, seed),
      settings: chosen,
      seed,
    }),
  worldNow: (world) => {
    const now = asText(asRecord(asRecord(world)['portal'])['now']);
    const at = Date.parse(now);
    return Number.isNaN(at) ? undefined : at;
  },
  handle: (state, request, now) => {
    switchCards(state, now);
    const effects = release(state, now);
    const response = route(state, request, now, effects);
    return { response, effects };
  },
  tick: (state, now): Ticked => {
    switchCards(state, now);
    return { effects: release(state, now), ...nextAt(state) };
  },
  answered: (state, delivery, receiver, now): Ticked => {
    if (state.openings.has(delivery)) {
      return { effects: [...frameAnswered(state, delivery, receiver, now)], ...nextAt(state) };
    }
    const forced = state.forcedStatus.get(delivery);
    state.forcedStatus.delete(delivery);
    const status = forced ?? (receiver.kind === 'answer' ? receiver.status : 0);
    // Bitrix24 never repeats an event: what the receiver did not take is lost.
    if (status < 200 || status > 299) state.lost += 1;
    return { effects: [], ...nextAt(state) };
  },
  act: (state, act, now) => {
    switchCards(state, now);
    return doAct(state, act, now);
  },
  dump: dumpState,
  describe: describeRequest,
  getSettings: (state) => Object.fromEntries(state.settings),
  setSettings: (state, chosen) => {
    const checked = Object.entries(chosen).map(([name, value]): [string, SettingValue] => [
      name,
      checkedSetting(name, value),
    ]);
    for (const [name, value] of checked) state.settings.set(name, value);
  },
  credentials: (state) =>
    [...state.hooks.values()].map((hook) => ({
      actor: String(hook.user),
      name: state.users.get(hook.user)?.name ?? '',
      secret: `/rest/${hook.user}/${hook.secret}/`,
    })),
  sendFault: (state, fault) => {
    if (fault.times === 0) state.sendFaults = [];
    else
      state.sendFaults.push({
        times: fault.times,
        drop: fault.drop ?? false,
        double: fault.double ?? false,
        delayMs: fault.delayMs ?? 0,
        receiverStatus: fault.receiverStatus ?? null,
        applicationToken: fault.applicationToken ?? null,
      });
  },
};
