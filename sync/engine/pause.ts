/**
 * An account that answers nobody any more: its plan is unpaid, or its credential is not taken. It is asked ever more
 * rarely until it answers; what is to be done there is kept meanwhile, and done then.
 */
import { ConnectorError } from '../../connectors/port.ts';
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type Trouble, type TroubleCode } from '../../errors/trouble.ts';
import { type Claimed, type Defer, type Store, type Touch } from '../../store/port.ts';
import { type EngineDeps } from './deps.ts';

export interface Pause {
  readonly trouble: Trouble;
  readonly since: Instant;
  /** Asked in vain so often. */
  readonly tries: number;
  /** Not asked before. */
  readonly until: Instant;
  /** When it answered again; absent while it does not. */
  readonly endedAt?: Instant;
}

/** What the account as a whole says, of no task in particular. */
const pausing: ReadonlySet<TroubleCode> = new Set<TroubleCode>(['E-REMOTE-PLAN', 'E-REMOTE-AUTH']);

export const pauses = ({ code }: Trouble): boolean => pausing.has(code);

/** From half a minute, doubling, to an hour. */
const waitMs = (tries: number): number => Math.min(30_000 * 2 ** tries, 3_600_000);

/** One that answers for a moment only is not asked more often for it, ms. */
const relapseMs = 3_600_000;

const record = 'pause';

async function last(store: Store, account: AccountId): Promise<Pause | null> {
  const kept = await store.cursor(account, record);
  return kept === null ? null : (JSON.parse(kept) as Pause);
}

/** The account's pause; null while it answers. */
export async function pauseOf(store: Store, account: AccountId): Promise<Pause | null> {
  const pause = await last(store, account);
  return pause === null || pause.endedAt !== undefined ? null : pause;
}

/** Keeps that the account did not answer; gives the pause that follows. Other troubles make none. */
export async function pauseAfter(
  { store, runtime, log }: EngineDeps,
  account: AccountId,
  error: unknown,
): Promise<Pause | null> {
  const trouble = error instanceof ConnectorError ? error.trouble : null;
  if (trouble === null || !pauses(trouble)) return null;
  const now = runtime.now();
  const before = await last(store, account);
  // Another worker was told the same of a request that went out at the same moment.
  if (before !== null && before.endedAt === undefined && now < before.until) return before;
  const lasts = before !== null && now - (before.endedAt ?? now) < relapseMs;
  const tries = lasts ? before.tries + 1 : 0;
  const pause: Pause = {
    trouble,
    since: lasts && before.endedAt === undefined ? before.since : now,
    tries,
    until: now + waitMs(tries),
  };
  await store.putCursor(account, record, JSON.stringify(pause));
  if (before === null || before.endedAt !== undefined) log.warn({ account, trouble }, 'account paused');
  return pause;
}

/**
 * Keeps that the account answers, and makes due what waited for it. Does nothing for one that is not paused, or paused
 * anew since `seen`: one that answers a reading may refuse the write after it.
 */
export async function resume(
  { store, runtime, log }: EngineDeps,
  account: AccountId,
  seen?: Pause,
): Promise<void> {
  const pause = await pauseOf(store, account);
  if (pause === null || (seen !== undefined && pause.until !== seen.until)) return;
  const now = runtime.now();
  await store.putCursor(account, record, JSON.stringify({ ...pause, endedAt: now }));
  log.info({ account, since: pause.since }, 'account answers again');
  const waiting = (await store.due(account)).filter(({ dueAt, trouble }) => dueAt > now && trouble !== null);
  await store.touch(
    waiting.map(({ task, aspects, lane }): Touch => ({
      account,
      task,
      aspects,
      lane,
      dueAt: now,
      correlation: runtime.uuid(),
    })),
  );
}

/** Work of a paused account, kept for the end of the pause. */
export const keptFor = ({ until, trouble }: Pause, claims: readonly Claimed[]): readonly Defer[] =>
  claims.map((claim) => ({ claim, dueAt: until, trouble }));
