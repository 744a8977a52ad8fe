/** Keeps one account going: visits it when work is due, paced so that a flood is read in batches. */
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type EngineDeps } from './deps.ts';
import { afterVisit, beforeVisit, calm } from './pace.ts';
import { visit } from './visit.ts';

/** In the pause between visits it is looked this often whether a whole batch is due, ms. */
const gapLookMs = 100;

/** What is due and could not be claimed, since another visit is just taking it or the database refused, is tried again, ms. */
const busyMs = 50;

/** Runs until `stop` aborts; what is in hand is finished first. Never throws for one account's trouble. */
export async function runAccount(deps: EngineDeps, account: AccountId, stop: AbortSignal): Promise<void> {
  const beside = (deps.accounts.get(account)?.visitsAtOnce ?? 1) - 1;
  await Promise.all([
    pacedVisits(deps, account, stop),
    ...Array.from({ length: beside }, () => fullVisits(deps, account, stop)),
  ]);
}

/** Visits that move apart while changes keep coming. */
async function pacedVisits(deps: EngineDeps, account: AccountId, stop: AbortSignal): Promise<void> {
  const { runtime, settings } = deps;
  const bell = bellOf(deps, account, stop);
  let pace = calm;
  while (!stop.aborted) {
    const touched = bell.next();
    const now = runtime.now();
    const next = await nextDue(deps, account);
    if (next === null || next > now) {
      await runtime.sleep(Math.min(next === null ? Infinity : next - now, settings.idleLookMs), touched);
      continue;
    }
    const gate = beforeVisit(pace, now);
    pace = gate.pace;
    await gap(deps, account, now + gate.waitMs, stop);
    if (stop.aborted) break;
    const done = await attempt(deps, account);
    if (done.read || done.full) pace = afterVisit(pace, runtime.now(), done.full);
    else pace = { ...pace, full: false };
    if (done.claimed === 0) await runtime.sleep(busyMs, touched);
  }
  bell.hangUp();
}

/** Visits of whole batches only: they cost no request that the paced ones would have saved. */
async function fullVisits(deps: EngineDeps, account: AccountId, stop: AbortSignal): Promise<void> {
  const { runtime, settings } = deps;
  const bell = bellOf(deps, account, stop);
  while (!stop.aborted) {
    const touched = bell.next();
    const fullAt = await nextDue(deps, account, batchOf(deps, account));
    if (fullAt !== null && fullAt <= runtime.now()) {
      const done = await attempt(deps, account);
      if (done.claimed === 0) await runtime.sleep(busyMs, touched);
      continue;
    }
    await runtime.sleep(settings.idleLookMs, touched);
    await runtime.sleep(gapLookMs, stop);
  }
  bell.hangUp();
}

interface Bell {
  /** Aborts at the account's next touch, or with `stop`. Ask before looking what is due, so that no touch falls between. */
  next(): AbortSignal;
  hangUp(): void;
}

function bellOf({ store }: EngineDeps, account: AccountId, stop: AbortSignal): Bell {
  let wake = new AbortController();
  const ring = (): void => wake.abort();
  const forget = store.onTouched((touched) => {
    if (touched === account) ring();
  });
  stop.addEventListener('abort', ring);
  return {
    next() {
      wake = new AbortController();
      if (stop.aborted) ring();
      return wake.signal;
    },
    hangUp() {
      stop.removeEventListener('abort', ring);
      forget();
    },
  };
}

/** The pause between visits under pressure; it ends as soon as a whole batch is due, for then waiting saves no request. */
async function gap(deps: EngineDeps, account: AccountId, until: Instant, stop: AbortSignal): Promise<void> {
  const { runtime } = deps;
  for (let now = runtime.now(); now < until && !stop.aborted; now = runtime.now()) {
    const fullAt = await nextDue(deps, account, batchOf(deps, account));
    if (fullAt !== null && fullAt <= now) return;
    await runtime.sleep(Math.min(until - now, gapLookMs), stop);
  }
}

const batchOf = ({ accounts }: EngineDeps, account: AccountId): number =>
  accounts.get(account)?.connector.batch.read ?? 1;

async function nextDue(deps: EngineDeps, account: AccountId, nth = 1): Promise<Instant | null> {
  try {
    return await deps.store.nextDue(account, nth);
  } catch (error) {
    deps.log.error({ account, err: error }, 'database not reachable');
    return null;
  }
}

async function attempt(deps: EngineDeps, account: AccountId): ReturnType<typeof visit> {
  try {
    return await visit(deps, account);
  } catch (error) {
    deps.log.error({ account, err: error }, 'visit failed');
    return { claimed: 0, full: false, read: false };
  }
}
