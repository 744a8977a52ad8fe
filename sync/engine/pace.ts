/**
 * How soon an account is visited again. A single change is read at once; when changes keep coming, the visits move apart,
 * so that each reads many tasks in one request. A full batch waits for nothing.
 */
import { type Instant } from '../../errors/ids.ts';

export interface Pace {
  readonly recent: readonly Instant[];
  /** 0 = calm; each visit under pressure doubles the gap. */
  readonly pressure: number;
  readonly full: boolean;
}

export const calm: Pace = { recent: [], pressure: 0, full: false };

const firstGapMs = 400;
const longestGapMs = 1_600;
const freeVisits = 2;

const gapMs = (pressure: number): number =>
  Math.min(firstGapMs * 2 ** Math.max(pressure - 1, 0), longestGapMs);

/** Milliseconds to wait before the next visit, and the pace that then holds. */
export function beforeVisit(pace: Pace, now: Instant): { readonly waitMs: number; readonly pace: Pace } {
  if (pace.full) return { waitMs: 0, pace };
  const last = pace.recent.at(-1) ?? -Infinity;
  const recent = pace.recent.filter((at) => now - at < firstGapMs);
  if (pace.pressure > 0) {
    const waitMs = last + gapMs(pace.pressure) - now;
    return waitMs > 0
      ? { waitMs, pace: { ...pace, pressure: pace.pressure + 1 } }
      : { waitMs: 0, pace: { ...calm, recent } };
  }
  if (recent.length < freeVisits) return { waitMs: 0, pace: { ...pace, recent } };
  return { waitMs: Math.max(last + firstGapMs - now, 0), pace: { ...pace, pressure: 1 } };
}

export const afterVisit = (pace: Pace, now: Instant, full: boolean): Pace => ({
  ...pace,
  recent: [...pace.recent, now].slice(-freeVisits),
  full,
});
