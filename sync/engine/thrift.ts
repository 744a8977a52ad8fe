/** What a sweep may spend of an account's day. Pure. */
import { type Instant } from '../../errors/ids.ts';
import { type Limit } from '../governor/bucket.ts';
import { type SweepOptions } from './sweep.ts';

const dayMs = 86_400_000;
export const sweepEveryMs = 60_000;

/** Of an account without a day's budget: the limits of a second are kept by whoever sends. */
const threadsAtMost = 5;
/** Half of a day goes to threads that nobody tells about; the other half to what people wait for, and to sweeps. */
const threadsShare = 0.5;
/** A thread and what was deleted from it. */
const requestsPerThread = 2;
/** Under this share of what should be left at this time of the day, threads wait. */
const enoughLeft = 0.7;

/**
 * What the sweep of this moment may do. So many threads come round that a day's share of the budget is spent evenly:
 * the fewer lively tasks, the sooner each is read again, and no sooner than after five minutes. `balance` is the share
 * of the day's budget that is left, by what should be left now.
 */
export function sweepOptions(
  limit: Limit | null,
  balance: number,
  now: Instant,
  everyMs = sweepEveryMs,
): SweepOptions {
  const perDay = limit?.perDay ?? null;
  const perSweep =
    perDay === null ? threadsAtMost : (perDay * threadsShare * everyMs) / (requestsPerThread * dayMs);
  const round = Math.floor(now / everyMs);
  const threads = Math.floor(perSweep * (round + 1)) - Math.floor(perSweep * round);
  return { threads: balance < enoughLeft ? 0 : threads, activeMs: 30 * dayMs, threadAgeMs: 300_000 };
}
