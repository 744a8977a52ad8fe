import { type Instant } from './types.ts';

/**
 * The clock of an account: the caller's clock shifted, or standing still. Times of the account are called `at`,
 * times of the caller `now`; both are milliseconds since 1970.
 */
export type AccountClock =
  { readonly kind: 'running'; readonly shiftMs: number } | { readonly kind: 'frozen'; readonly at: Instant };

export function accountTime(clock: AccountClock, now: Instant): Instant {
  return clock.kind === 'frozen' ? clock.at : now + clock.shiftMs;
}

/** When the caller has to come back for something due `at`; undefined = a standing clock never gets there. */
export function callerTime(clock: AccountClock, at: Instant, now: Instant): Instant | undefined {
  if (clock.kind === 'running') return at - clock.shiftMs;
  return at <= clock.at ? now : undefined;
}

export function clockAt(at: Instant, now: Instant, frozen: boolean): AccountClock {
  return frozen ? { kind: 'frozen', at } : { kind: 'running', shiftMs: at - now };
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads "45s", "5m", "1h", "1d", "250ms" or a number of milliseconds. Throws TypeError. */
export function readDuration(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const found = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null;
  const [, amount, unit] = found ?? [];
  if (
    amount === undefined ||
    !(unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h' || unit === 'd')
  )
    throw new TypeError(
      `advance: a time such as "45s", "5m", "1h", "1d" or milliseconds is wanted, not ${JSON.stringify(value)}`,
    );
  return Number(amount) * units[unit];
}

/** Reads an instant: ISO 8601 or milliseconds. Throws TypeError. */
export function readInstant(value: unknown): Instant {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(at))
    throw new TypeError(`now: an ISO time or milliseconds are wanted, not ${JSON.stringify(value)}`);
  return at;
}
