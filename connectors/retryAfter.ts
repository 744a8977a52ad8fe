/** When a web server in front of an account asks to be left alone (RFC 9110, section 10.2.3). Pure. */
import { type Instant } from '../errors/ids.ts';

/** Longest time that a server's word is taken for: a day, after which every limit of both CRMs has begun anew. */
export const longestWaitMs = 86_400_000;

/** `ms` from now, at least nothing and at most a day. */
export const soonest = (now: Instant, ms: number): Instant =>
  now + Math.min(Math.max(Math.ceil(ms), 0), longestWaitMs);

/** The moment that `Retry-After` names, in seconds or as a date; null when it names none. */
export function retryAfter(header: string | undefined, now: Instant): Instant | null {
  const told = header?.trim() ?? '';
  if (/^\d{1,15}$/.test(told)) return soonest(now, Number(told) * 1_000);
  const at = /^[A-Z][a-z]{2,8}, /.test(told) ? Date.parse(told) : Number.NaN;
  return Number.isNaN(at) ? null : soonest(now, at - now);
}
