/** Sends what was recorded, settles the outcomes, and goes on until nothing more is to be written. */
import { isDeepStrictEqual } from 'node:util';
import { type Connector, ConnectorError, type NotAfter } from '../../connectors/port.ts';
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type JournalEntry, type OperationRow, type Touch } from '../../store/port.ts';
import { lanes, type Outcome, type Write } from '../core/operation.ts';
import { settle } from '../core/settle.ts';
import { type EngineDeps } from './deps.ts';
import { heldBack, type Queued } from './guard.ts';
import { type Leases, leasesOf } from './lease.ts';
import { pauseAfter, pauses } from './pause.ts';
import { factEntry, withOutcome, writeEntry } from './records.ts';
import { transfersOf } from './transfers.ts';
import { ownReplica, selfTouch, type Step, stepOf, type Work, withState, workOf } from './work.ts';

/** More rounds than any thread has comments to catch up with in one visit; the rest goes on at the next one. */
const roundsMax = 40;

/** What became of a row: an outcome, or surely not sent because its reading or its lease was too old. */
type Sent = { readonly row: OperationRow; readonly outcome: Outcome | 'not-sent' };

export async function sendAll(deps: EngineDeps, connector: Connector, steps: readonly Step[]): Promise<void> {
  const leases = leasesOf(deps, connector);
  let pending = steps.filter(({ toSend }) => toSend.length > 0);
  for (let round = 0; round < roundsMax && pending.length > 0; round += 1) {
    const sent = await sendRound(deps, connector, leases, pending);
    pending = (await settleRound(deps, pending, sent)).filter(({ toSend }) => toSend.length > 0);
  }
  for (const { work } of pending)
    await deps.store.touch([selfTouch(work, ownReplica(work), ['project'], deps.runtime.now())]);
}

async function sendRound(
  deps: EngineDeps,
  connector: Connector,
  leases: Leases,
  steps: readonly Step[],
): Promise<Map<string, Sent>> {
  const planned = steps
    .flatMap((step) => step.toSend.map((row): Queued => ({ row, work: step.work })))
    .sort((a, b) => lanes.indexOf(a.row.planned.lane) - lanes.indexOf(b.row.planned.lane));
  const held = await heldBack(deps, planned);
  const results = new Map<string, Sent>([...held].map(([row, outcome]) => [row.id, { row, outcome }]));
  const queue = planned.filter(({ row }) => !held.has(row));
  for (const { row } of queue) results.set(row.id, { row, outcome: 'not-sent' });
  for (let start = 0; start < queue.length; start += connector.batch.write) {
    const slice = queue.slice(start, start + connector.batch.write);
    const ready = await readyToGo(deps, connector, leases, slice);
    if (ready.length === 0) continue;
    const works = ready.map(({ work }) => work);
    const bound = boundOf(deps, connector, leases, ready);
    const transfers = transfersOf(deps, leases, works);
    const outcomes = await connector.write(
      ready.map(({ row }) => row.planned.write),
      transfers.open,
      bound.notAfter,
    );
    const paused = await pausedBy(deps, connector.account, outcomes);
    ready.forEach(({ row }, index) => {
      const outcome = outcomes[index] ?? lostOutcome(deps, connector);
      const later = bound.wasTooLate(outcome) || saysAccount(outcome);
      results.set(row.id, {
        row,
        outcome: later ? 'not-sent' : transfers.withPrints(row.planned.write, outcome),
      });
    });
    if (paused) break;
  }
  return results;
}

/** Refused for the account as a whole: it says nothing of this write, which is planned anew when the account answers. */
const saysAccount = (outcome: Outcome): boolean => outcome.is === 'refused' && pauses(outcome.trouble);

async function pausedBy(
  deps: EngineDeps,
  account: AccountId,
  outcomes: readonly Outcome[],
): Promise<boolean> {
  const refusal = outcomes.find(saysAccount);
  if (refusal?.is !== 'refused') return false;
  await pauseAfter(deps, account, new ConnectorError(refusal.trouble));
  return true;
}

/** Those of a slice that are marked as sent by now, under a lease that still is ours. */
async function readyToGo(
  deps: EngineDeps,
  connector: Connector,
  leases: Leases,
  slice: readonly Queued[],
): Promise<readonly Queued[]> {
  const fresh = (queued: Queued): boolean => {
    const now = deps.runtime.now();
    const leased = now + connector.serverMaxMs / 2 <= leases.until(queued.work.claim);
    return leased && now <= freshUntil(deps, queued);
  };
  const ready = slice.filter(fresh);
  if (ready.length === 0) return [];
  const marked = await deps.store.markSent(
    ready.map(({ row, work }) => ({ id: row.id, claim: work.claim })),
    deps.runtime.now(),
  );
  // Time went by while the database was asked.
  return ready.filter((one) => marked.has(one.row.id) && fresh(one));
}

/** A connector that answers for fewer writes than it was given leaves the rest unknown. */
const lostOutcome = (deps: EngineDeps, connector: Connector): Outcome => ({
  is: 'unknown',
  at: deps.runtime.now(),
  notBefore: deps.runtime.now() + connector.serverMaxMs,
  trouble: {
    code: 'E-OURS',
    about: 'task',
    answered: 'the connector gave no outcome',
    todo: 'Report this with the log; the write is looked up before it is tried again.',
  },
});

/** No field is written upon a reading that is too old where nothing else guards it. */
function freshUntil(deps: EngineDeps, { row, work }: Queued): Instant {
  const { kind } = row.planned.write;
  if (kind !== 'task.update' && kind !== 'file.detach') return Infinity;
  const view = work.context.views.get(work.account);
  if (view?.abilities.guard !== 'none') return Infinity;
  return (ownReplica(work).readAt ?? 0) + deps.settings.maxAgeMs;
}

/**
 * How late the requests of a write may go out: the account must be through with each before the lease ends, for from then
 * on another worker may look for its effect. Leases are renewed for it, so that long writes come to their end.
 */
function boundOf(
  deps: EngineDeps,
  connector: Connector,
  leases: Leases,
  ready: readonly Queued[],
): { readonly notAfter: NotAfter; readonly wasTooLate: (outcome: Outcome) => boolean } {
  let last: Instant = Infinity;
  return {
    notAfter: async () => {
      await leases.keep(ready.map(({ work }) => work.claim));
      const bounds = ready.map((queued) =>
        Math.min(leases.until(queued.work.claim) - connector.serverMaxMs, freshUntil(deps, queued)),
      );
      return (last = Math.min(...bounds));
    },
    wasTooLate: (outcome) =>
      outcome.is === 'refused' &&
      (outcome.overtaken === true || (outcome.trouble.code === 'E-REMOTE-DOWN' && deps.runtime.now() > last)),
  };
}

async function settleRound(
  deps: EngineDeps,
  steps: readonly Step[],
  sent: ReadonlyMap<string, Sent>,
): Promise<Step[]> {
  const settled = steps.map((step) => settleStep(deps, step.work, outcomesOf(step, sent), true));
  const committed = await deps.store.commit(settled.map(({ commit }) => commit));
  const next: Step[] = [];
  for (const [index, step] of settled.entries()) {
    const result = committed[index];
    const before = steps[index];
    if (!before) continue;
    if (result?.is === 'done') next.push({ ...step, work: { ...step.work, version: result.version } });
    else {
      const again = await settleAfresh(deps, before.work, outcomesOf(before, sent));
      if (again) next.push(again);
    }
  }
  return next;
}

const outcomesOf = (step: Step, sent: ReadonlyMap<string, Sent>): Sent[] =>
  step.toSend.flatMap((row) => sent.get(row.id) ?? []);

/** Somebody changed the item meanwhile: the outcome is settled upon what it is now. It must not be lost. */
async function settleAfresh(deps: EngineDeps, work: Work, outcomes: readonly Sent[]): Promise<Step | null> {
  const about = { item: work.state.item.id, account: work.account };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const [loaded] = await deps.store.loadItems([work.state.item.id]);
    const fresh = loaded && workOf(deps, work.claim, loaded);
    if (!fresh) {
      deps.log.warn(about, 'outcomes are looked up when the space is in force again');
      return null;
    }
    const news = await stillNews(deps, fresh, outcomes);
    if (news.length === 0) return null;
    // The lease may be another worker's by now; the outcome is true all the same, and what follows from it is theirs.
    const leased = attempt < 3;
    const step = settleStep(deps, fresh, movedOn(work, fresh) ? news.map(withoutReadings) : news, leased);
    const [result] = await deps.store.commit([{ ...step.commit, claim: leased ? work.claim : null }]);
    if (result?.is === 'done') return { ...step, work: { ...step.work, version: result.version } };
  }
  deps.log.error(about, 'outcomes could not be settled: they are looked up');
  await deps.store.touch([selfTouch(work, ownReplica(work), ['project'], deps.runtime.now())]);
  return null;
}

/** As many of an item's youngest operations as another worker can have begun since ours. */
const youngest = 1_000;

/**
 * Outcomes that nobody has settled yet. Another worker to whom the lease fell may have found the write's effect, or its
 * absence; only an effect that came after it was given up is news then.
 */
async function stillNews(deps: EngineDeps, fresh: Work, outcomes: readonly Sent[]): Promise<readonly Sent[]> {
  const open = new Set(fresh.open.map(({ id }) => id));
  if (outcomes.every(({ row }) => open.has(row.id))) return outcomes;
  const rows = await deps.store.operationsOf(fresh.state.item.id, youngest);
  const dropped = new Set(rows.filter(({ state }) => state === 'dropped').map(({ id }) => id));
  return outcomes.filter(
    ({ row, outcome }) =>
      open.has(row.id) || (dropped.has(row.id) && outcome !== 'not-sent' && outcome.is === 'done'),
  );
}

/** Whether the account was read or settled by somebody else since the write was sent: clocks of two workers do not tell. */
function movedOn(sent: Work, fresh: Work): boolean {
  const [then, now] = [ownReplica(sent), ownReplica(fresh)];
  return then.readAt !== now.readAt || !isDeepStrictEqual(then.shadow, now.shadow);
}

/** What the request itself read may be older than what was agreed on meanwhile. */
function withoutReadings(sent: Sent): Sent {
  if (sent.outcome === 'not-sent' || sent.outcome.is !== 'done') return sent;
  const { is, at, made, failures } = sent.outcome;
  return { ...sent, outcome: { is, at, made, failures } };
}

function settleStep(deps: EngineDeps, work: Work, outcomes: readonly Sent[], leased: boolean): Step {
  const now = deps.runtime.now();
  let current = work;
  const closed: OperationRow[] = [];
  const entries: JournalEntry[] = [];
  const touches: Touch[] = [];
  for (const { row, outcome } of outcomes) {
    if (outcome === 'not-sent') {
      closed.push({ ...row, state: 'dropped', updatedAt: now });
      touches.push(selfTouch(current, ownReplica(current), ['task'], now));
      continue;
    }
    const done = withOutcome({ ...row, attempts: row.attempts + 1 }, outcome, now);
    closed.push(done);
    const result = settle(current.context, current.state.item, ownReplica(current), row.planned, outcome);
    current = withState(current, result.item, result.replica);
    report(deps, current.account, done, outcome);
    if (outcome.is === 'done') entries.push(writeEntry(result.item, done, now));
    for (const conflict of result.conflicts)
      entries.push(
        factEntry(current.context, result.item, current.account, { kind: 'conflict', conflict }, now),
      );
    const again = touchAfter(deps, current, row.planned.write, outcome, result.reread);
    if (again) touches.push(again);
  }
  // What was too old for one write is too old for those that would be planned in its place.
  const sends = leased && outcomes.every(({ outcome }) => outcome !== 'not-sent');
  return stepOf(deps, current, null, closed, entries, touches, sends);
}

function touchAfter(
  deps: EngineDeps,
  work: Work,
  write: Write,
  outcome: Outcome,
  reread: boolean,
): Touch | null {
  const now = deps.runtime.now();
  const replica = ownReplica(work);
  if (outcome.is === 'unknown') return selfTouch(work, replica, ['project'], outcome.notBefore);
  // What was said before the bridge took part could not be read then, and nothing will hint at it.
  if (
    write.kind === 'task.join' &&
    outcome.is === 'done' &&
    (replica.threadReadAt === null || write.chat !== undefined)
  )
    return selfTouch(work, replica, ['comments'], now + deps.settings.rereadMs);
  // A chat that refuses what could be written before may have lost the acting user: a reading tells.
  if (
    write.kind === 'comment.create' &&
    outcome.is === 'refused' &&
    outcome.trouble.code === 'E-REMOTE-RIGHT'
  )
    return selfTouch(work, replica, ['comments'], now + deps.settings.rereadMs);
  if (!reread) return null;
  return selfTouch(
    work,
    replica,
    write.kind.startsWith('comment.') ? ['comments'] : ['task'],
    now + deps.settings.rereadMs,
  );
}

function report(deps: EngineDeps, account: AccountId, row: OperationRow, outcome: Outcome): void {
  const data = {
    account,
    task: row.task,
    item: row.item,
    operation: row.id,
    key: row.planned.key,
    correlation: row.correlation,
  };
  if (outcome.is === 'done') deps.log.info(data, 'written');
  else if (outcome.is === 'queued') deps.log.info(data, 'accepted for later');
  else
    deps.log.warn(
      { ...data, trouble: outcome.trouble },
      outcome.is === 'refused' ? 'write refused' : 'outcome unknown',
    );
}
