/** A leaky bucket as pure data: how long a request has to wait so that the account's limit is never met. */
import { type Instant } from '../../errors/ids.ts';

export interface Limit {
  /** Requests that may go out at once after a pause. */
  readonly burst: number;
  /** Requests a second in the long run. */
  readonly perSecond: number;
  /** Requests a day; null = no such limit. */
  readonly perDay: number | null;
}

export interface Bucket {
  readonly level: number;
  readonly at: Instant;
  readonly day: number;
  readonly spentToday: number;
}

export const emptyBucket: Bucket = { level: 0, at: 0, day: 0, spentToday: 0 };

const dayOf = (now: Instant): number => Math.floor(now / 86_400_000);

/** Takes one place; `waitMs` is when it may be used. Places are given in the order of asking. */
export function takePlace(
  limit: Limit,
  bucket: Bucket,
  now: Instant,
): { readonly waitMs: number; readonly bucket: Bucket } {
  const drained = Math.max(0, bucket.level - ((now - bucket.at) / 1000) * limit.perSecond);
  const level = drained + 1;
  const waitMs = level <= limit.burst ? 0 : Math.ceil(((level - limit.burst) / limit.perSecond) * 1000);
  const day = dayOf(now);
  return {
    waitMs,
    bucket: { level, at: now, day, spentToday: (day === bucket.day ? bucket.spentToday : 0) + 1 },
  };
}

/** Share of the day's budget that is left, by what should be left at this time of the day; under 1 = spending too fast. */
export function dayBalance(limit: Limit, bucket: Bucket, now: Instant): number {
  if (limit.perDay === null) return Infinity;
  const spent = dayOf(now) === bucket.day ? bucket.spentToday : 0;
  const dayLeft = 1 - (now % 86_400_000) / 86_400_000;
  return (1 - spent / limit.perDay) / Math.max(dayLeft, 0.01);
}
