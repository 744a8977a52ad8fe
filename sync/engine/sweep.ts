/** The safety net: what changed without a hint, and threads whose edits and deletions no event tells. */
import { ConnectorError, type SweepCursor } from '../../connectors/port.ts';
import { type AccountId } from '../../errors/ids.ts';
import { type Touch } from '../../store/port.ts';
import { cursorFrom, readChanges } from './changeLog.ts';
import { type EngineDeps } from './deps.ts';
import { pauseAfter, pauseOf, resume } from './pause.ts';
import { lookAround } from './recent.ts';

export interface Sweep {
  readonly found: number;
  readonly threads: number;
}

export interface SweepOptions {
  /** Threads to read again in full in this sweep, at most: what the day's budget allows. */
  readonly threads: number;
  /** Tasks without a reading for longer than this are not lively: their threads wait for a hint, ms. */
  readonly activeMs: number;
  /** A thread read in full since then is left alone, ms. */
  readonly threadAgeMs: number;
}

/** Most pages in one sweep; what is left comes with the next one, from the cursor. */
const pagesMax = 100;

/** Throws what was thrown, and keeps it when it concerns the account as a whole. */
async function asked<Told>(deps: EngineDeps, account: AccountId, ask: () => Promise<Told>): Promise<Told> {
  try {
    return await ask();
  } catch (error) {
    await pauseAfter(deps, account, error);
    throw error;
  }
}

/** Hints that need not come: each is read from the same place next time, and threads are read again meanwhile. */
async function hinted(
  deps: EngineDeps,
  account: AccountId,
  otherwise: string,
  ask: () => Promise<number>,
): Promise<number> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    deps.log.warn({ account, trouble: error.trouble }, otherwise);
    return 0;
  }
}

/** Throws ConnectorError when the account can't be asked; the cursor then stays where it was. */
export async function sweep(deps: EngineDeps, account: AccountId, options: SweepOptions): Promise<Sweep> {
  const connected = deps.accounts.get(account);
  if (!connected) return { found: 0, threads: 0 };
  const { store, runtime } = deps;
  const pause = await pauseOf(store, account);
  if (pause !== null && pause.until > runtime.now()) return { found: 0, threads: 0 };
  const correlation = runtime.uuid();
  const stored = await store.cursor(account, 'sweep');
  let cursor: SweepCursor | null = cursorFrom(stored);
  let found = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const swept = await asked(deps, account, () => connected.connector.changedSince(cursor));
    const touches = swept.tasks.map(({ task, aspects }): Touch => ({
      account,
      task,
      aspects,
      lane: 'field',
      dueAt: runtime.now(),
      correlation,
    }));
    found += touches.length;
    // The cursor moves only after what it found is kept.
    await store.touch(touches);
    cursor = swept.next;
    await store.putCursor(account, 'sweep', JSON.stringify(cursor));
    if (!swept.more) break;
  }
  if (pause !== null) await resume(deps, account, pause);
  found += await hinted(deps, account, 'change log not readable', () => readChanges(deps, account));
  // Where the budget is spent on what people wait for, nobody looks around either.
  if (options.threads > 0)
    found += await hinted(deps, account, 'comments of all tasks not readable', () =>
      lookAround(deps, account, connected.connector),
    );
  const now = runtime.now();
  const threads =
    options.threads === 0
      ? []
      : await store.stalestThreads(
          account,
          now - options.threadAgeMs,
          now - options.activeMs,
          options.threads,
        );
  await store.touch(
    threads.map((task): Touch => ({
      account,
      task,
      aspects: ['deleted-comments'],
      lane: 'backfill',
      dueAt: now,
      correlation,
    })),
  );
  if (found > 0 || threads.length > 0)
    deps.log.debug({ account, found, threads: threads.length, correlation }, 'swept');
  return { found, threads: threads.length };
}
