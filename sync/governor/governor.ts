/** Holds an account's requests to its limits: every call goes out through a Runtime that waits for its place. */
import { type CrmKind } from '../../mappings/types.ts';
import { type HttpRequest, refuseLate, type Runtime } from '../../runtime/runtime.ts';
import { type Bucket, dayBalance, emptyBucket, type Limit, takePlace } from './bucket.ts';

/**
 * Planfix: one request a second and the smallest plan's day (planfix.com, REST API введение). Bitrix24: 50, draining 2
 * a second (b24restdocs: limits.md); a few places are left to others on the same address.
 */
export const usualLimits: Readonly<Record<CrmKind, Limit>> = {
  planfix: { burst: 2, perSecond: 1, perDay: 20_000 },
  bitrix24: { burst: 45, perSecond: 2, perDay: null },
};

export interface Governor {
  readonly runtime: Runtime;
  /** null = requests go out at once. */
  readonly limit: Limit | null;
  /** See `dayBalance`. */
  balance(): number;
  spentToday(): number;
}

/** `counts` tells which requests the account counts: file storage and other hosts are free. */
export function govern(
  runtime: Runtime,
  limit: Limit | null,
  counts: (request: HttpRequest) => boolean,
): Governor {
  let bucket: Bucket = emptyBucket;
  return {
    runtime: {
      now: () => runtime.now(),
      sleep: (ms, signal) => runtime.sleep(ms, signal),
      random: () => runtime.random(),
      uuid: () => runtime.uuid(),
      async http(request) {
        if (limit !== null && counts(request)) {
          const now = runtime.now();
          const place = takePlace(limit, bucket, now);
          // One that would come too late leaves the place to others.
          refuseLate(request, now + place.waitMs);
          bucket = place.bucket;
          if (place.waitMs > 0) await runtime.sleep(place.waitMs);
          refuseLate(request, runtime.now());
        }
        return runtime.http(request);
      },
    },
    limit,
    balance: () => (limit === null ? Infinity : dayBalance(limit, bucket, runtime.now())),
    spentToday: () => bucket.spentToday,
  };
}
