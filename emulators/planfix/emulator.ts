/** The Planfix emulator: a deterministic machine behind the contract of emulators/common. */
import { type Effect, type EmulatorKind, type Instant, type SettingValue } from '../common/types.ts';
import { perform } from './acts.ts';
import { coverage } from './coverage.ts';
import { defaultWorld } from './defaultWorld.ts';
import { dumpState } from './dump.ts';
import { displayName } from './persons.ts';
import { allRoutes, answerRequest, describeRequest } from './router.ts';
import { answeredDelivery, pump } from './scenarios.ts';
import { checkSettings, settingDescriptions } from './settings.ts';
import { type State, type Step } from './state.ts';
import { renumberStatuses } from './statusIds.ts';
import { applyQueued } from './tasks.ts';
import { stateOf, worldMoment } from './world.ts';

function begin(state: State, now: Instant): Step & { readonly effects: Effect[] } {
  state.lastNow = Math.max(state.lastNow, now);
  const step = { state, now, effects: [] };
  applyQueued(step);
  return step;
}

/** Sends what is due; gives when the machine wants to be called next. */
function end(step: Step): { effects: readonly Effect[]; nextAt?: Instant } {
  const moments = step.state.queued.map((update) => update.at);
  const sends = pump(step);
  if (sends !== undefined) moments.push(sends);
  const { effects } = step;
  return moments.length === 0 ? { effects } : { effects, nextAt: Math.min(...moments) };
}

function applySettings(state: State, given: Readonly<Record<string, SettingValue>>): void {
  const checked = checkSettings(given);
  const statusIds = checked['status.systemIds'];
  if (statusIds !== undefined) renumberStatuses(state, statusIds);
  Object.assign(state.settings, checked);
  state.account.timezone = state.settings.timezone;
  if (checked['limits.perDay'] !== undefined) state.usage.remaining = undefined;
  if (checked['limits.burst'] !== undefined || checked['limits.perSecond'] !== undefined)
    state.usage.buckets.clear();
}

export const planfix: EmulatorKind<State> = {
  kind: 'planfix',
  settings: settingDescriptions,
  coverage,

  routes: () => allRoutes.map(({ method, path }) => `${method} ${path}`),

  create({ account, address, world, settings = {}, seed }) {
    return stateOf({ address, world: world ?? defaultWorld(account), settings, seed });
  },

  worldNow: worldMoment,

  handle(state, request, now) {
    const step = begin(state, now);
    const response = answerRequest(step, request);
    return { response, effects: end(step).effects };
  },

  tick(state, now) {
    return end(begin(state, now));
  },

  answered(state, delivery, answer, now) {
    const step = begin(state, now);
    answeredDelivery(state, delivery, answer, now);
    return end(step);
  },

  act(state, act, now) {
    const step = begin(state, now);
    const done = perform(step, act);
    const { effects } = end(step);
    return done.ok ? { ok: true, result: done.result, effects } : done;
  },

  dump: dumpState,

  describe: describeRequest,

  getSettings: (state) => ({ ...state.settings }),

  setSettings: applySettings,

  credentials(state) {
    return [...state.tokens.values()]
      .filter((token) => token.active)
      .map((token) => ({ actor: token.user, name: displayName(state, token.user), secret: token.token }));
  },

  sendFault(state, { times, drop, double, delayMs, receiverStatus }) {
    if (times === 0) state.deliveries.faults = [];
    else
      state.deliveries.faults.push({
        times,
        drop: drop === true,
        double: double === true,
        delayMs,
        receiverStatus,
      });
  },
};
