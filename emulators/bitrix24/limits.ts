/** The two limits of section 5: a leaky bucket per portal, and operating time per method and credential. */
import { type Instant } from '../common/types.ts';
import { type Method } from './call.ts';
import { amount, flag } from './settings.ts';
import { type State } from './state.ts';

const minute = 60_000;
const buckets = 10;

/** Adds one HTTP request to the leaky bucket; false when it overflows. */
export const admitted = (state: State, now: Instant): boolean => {
  if (!flag(state, 'limits.rate')) return true;
  const burst = amount(state, 'limits.burst') || state.portal.burst;
  const drain = amount(state, 'limits.drainPerSecond') || state.portal.drainPerSecond;
  const passed = Math.max(0, now - state.bucket.at) / 1000;
  const level = Math.max(0, state.bucket.level - passed * drain);
  const fits = level + 1 <= burst;
  state.bucket = { level: fits ? level + 1 : level, at: now };
  return fits;
};

/** Seconds that a call is taken to need. */
export const costOf = (method: Method): number =>
  method.write ? 0.05 : /list|search|get$/i.test(method.name) ? 0.02 : 0.01;

const keyOf = (credential: string, method: string): string => `${credential}|${method.toLowerCase()}`;

/** Seconds used in the last ten minutes, and when the oldest of them leave (unix seconds). */
export const usedTime = (
  state: State,
  credential: string,
  method: string,
  now: Instant,
): { seconds: number; resetAt: number } => {
  const used = state.operating.get(keyOf(credential, method));
  const current = Math.floor(now / minute);
  let total = 0;
  let oldest = current;
  if (used !== undefined) {
    for (const [at, spent] of used) {
      if (at <= current - buckets) used.delete(at);
      else {
        total += spent;
        oldest = Math.min(oldest, at);
      }
    }
  }
  return { seconds: total, resetAt: (oldest + buckets) * 60 };
};

/** False when the method's budget was already overspent: the call is then refused with 429. */
export const withinBudget = (state: State, credential: string, method: string, now: Instant): boolean => {
  if (!flag(state, 'limits.operating')) return true;
  const budget = amount(state, 'limits.operatingSeconds') || state.portal.operatingLimitSeconds;
  return usedTime(state, credential, method, now).seconds < budget;
};

/** Charges a call to its method. */
export const charge = (
  state: State,
  credential: string,
  method: string,
  seconds: number,
  now: Instant,
): void => {
  const key = keyOf(credential, method);
  const used = state.operating.get(key) ?? new Map<number, number>();
  const current = Math.floor(now / minute);
  used.set(current, (used.get(current) ?? 0) + seconds);
  state.operating.set(key, used);
};
