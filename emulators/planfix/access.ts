/** The gate before every REST request: address, token, account, limits, scope (sections 2 to 4). */
import { type EmulatorRequest, type EmulatorResponse, type Instant } from '../common/types.ts';
import { empty, Refusal } from './answers.ts';
import { DAY, MINUTE } from './moments.ts';
import { isAdmin, userOf, zoneOfPerson } from './persons.ts';
import { type Actor, type State, type Token } from './state.ts';

const ACCOUNT_STATES: Readonly<Record<string, readonly [number, string]>> = {
  spam: [10, 'Account is blocked for spam'],
  frozen: [11, 'Account is frozen'],
  unpaid: [20, 'Subscription is not paid'],
  free: [21, 'REST API is not available for free accounts'],
};

/** The redirect to the account's own domain for requests to its usual address. */
export function ownDomainRedirect(state: State, request: EmulatorRequest): EmulatorResponse | undefined {
  const domain = state.account.ownDomain;
  if (domain === undefined) return undefined;
  const host = (request.headers['host'] ?? '').split(':')[0];
  if (host === domain.split(':')[0]) return undefined;
  return empty(302, { location: `https://${domain}${request.target}` });
}

/** The token that a request carries, if the account has it; for GET also as `access_token`. */
export function tokenOf(state: State, request: EmulatorRequest, query: URLSearchParams): Token | undefined {
  const header = request.headers['authorization'];
  const bearer = header === undefined ? undefined : /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1];
  const given = bearer ?? (request.method === 'GET' ? (query.get('access_token') ?? undefined) : undefined);
  return given === undefined ? undefined : state.tokens.get(given);
}

/** On whose behalf the token acts. */
export function actorOfToken(state: State, token: Token): Actor {
  return {
    person: token.user,
    admin: isAdmin(state, token.user),
    zone: zoneOfPerson(state, token.user),
  };
}

/** @throws Refusal codes 1, 2, 16, or of the account's state. */
export function authenticate(state: State, request: EmulatorRequest, query: URLSearchParams): Token {
  const token = tokenOf(state, request, query);
  if (token === undefined) throw new Refusal(401, 1, 'Access denied, unknown token');
  if (!token.active) throw new Refusal(401, 2, 'Token is not active');
  const user = userOf(state, token.user);
  if (user === undefined || user.status === 'Inactive') throw new Refusal(401, 16, 'User is not active');
  const trouble = ACCOUNT_STATES[state.account.state];
  if (trouble !== undefined) throw new Refusal(403, trouble[0], trouble[1]);
  return token;
}

/** Whether the token has a scope. */
export function hasScope(token: Token, scope: string | undefined): boolean {
  return scope === undefined || token.scopes === 'all' || token.scopes.includes(scope);
}

/**
 * The headers that tell roughly what is left of the day, refreshed every ten minutes, and in how many seconds it ends
 * (a bot in production reads x-ratelimit-reset).
 */
export function remainingHeader(state: State, now: Instant): Record<string, string> {
  const { usage, settings } = state;
  const perDay = settings['limits.perDay'];
  if (perDay === 0) return {};
  rollDay(state, now);
  if (usage.remaining === undefined || now - usage.remainingAt >= 10 * MINUTE || now < usage.remainingAt) {
    usage.remaining = Math.max(0, perDay - usage.usedToday);
    usage.remainingAt = now;
  }
  const resetsIn = Math.ceil(((usage.day ?? now) + DAY - now) / 1000);
  return { 'x-ratelimit-remaining': String(usage.remaining), 'x-ratelimit-reset': String(resetsIn) };
}

function rollDay(state: State, now: Instant): void {
  const { usage } = state;
  const day = Math.floor(now / DAY) * DAY;
  if (usage.day === undefined) usage.day = day;
  if (usage.day === day) return;
  usage.day = day;
  usage.usedToday = 0;
  usage.remaining = undefined;
}

function limitRefusal(state: State, text: string, waitMs: number): Refusal {
  const inSeconds = state.settings['limits.timeToResetUnit'] === 's';
  const timeToReset = inSeconds ? Math.ceil(waitMs / 1000) : Math.ceil(waitMs);
  return new Refusal(state.settings['limits.status'], 22, text, { timeToReset });
}

/** Counts a request against the day and the burst. @throws Refusal code 22; a refused request counts nowhere. */
export function spendRequest(state: State, token: Token, now: Instant): void {
  const { usage, settings } = state;
  rollDay(state, now);
  const perDay = settings['limits.perDay'];
  if (perDay > 0 && usage.usedToday >= perDay) {
    throw limitRefusal(state, 'Daily request limit exceeded', (usage.day ?? now) + DAY - now);
  }
  const perSecond = settings['limits.perSecond'];
  if (perSecond > 0) {
    const key = settings['limits.enforce'] === 'token' ? token.token : '';
    const burst = Math.max(1, settings['limits.burst']);
    const bucket = usage.buckets.get(key) ?? { left: burst, at: now };
    const refilled = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    if (refilled < 1) throw limitRefusal(state, 'Too many requests', ((1 - refilled) / perSecond) * 1000);
    usage.buckets.set(key, { left: refilled - 1, at: now });
  }
  usage.usedToday += 1;
}
