/**
 * One visit of an account: its due work is claimed, read in as few requests as there are batches, each item reconciled
 * alone, everything kept in one commit, then written, settled and handed back.
 */
import { type Connector, ConnectorError, type ReadRequest } from '../../connectors/port.ts';
import { type AccountId, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import {
  type Claimed,
  type Defer,
  type DueTask,
  type Finish,
  type JournalEntry,
  type OperationRow,
  type Touch,
} from '../../store/port.ts';
import { plan } from '../core/plan.ts';
import { youngestComment } from '../core/plan.ts';
import { onTheWay, settle } from '../core/settle.ts';
import { type Reading, type Replica } from '../core/replica.ts';
import { passingTrouble, placed } from './absence.ts';
import { listen, type Listening } from './changeLog.ts';
import { type ConnectedAccount, type EngineDeps } from './deps.ts';
import { intake } from './intake.ts';
import { keptFor, pauseAfter, pauseOf, resume } from './pause.ts';
import { resolve, resolveByReading, type Resolution } from './openOperations.ts';
import { writeEntry } from './records.ts';
import { sendAll } from './send.ts';
import { ownReplica, selfTouch, type Step, stepOf, type Work, withState, workOf } from './work.ts';

export interface Visit {
  readonly claimed: number;
  readonly full: boolean;
  readonly read: boolean;
}

/** A claim with its items; none = a task that the bridge does not know. */
interface Job {
  readonly claim: Claimed;
  readonly works: readonly Work[];
  readonly resolutions: readonly Resolution[];
}

/** Threads longer than this are read from the last known comment on; shorter ones are read whole in the same request. */
const wholeThreadMax = 40;

export async function visit(deps: EngineDeps, account: AccountId): Promise<Visit> {
  const connected = deps.accounts.get(account);
  if (!connected) return { claimed: 0, full: false, read: false };
  const { settings, runtime, store } = deps;
  const most = connected.connector.batch.read;
  const [claims, pause] = await Promise.all([
    store.claim(account, {
      now: runtime.now(),
      limit: most,
      leaseMs: settings.leaseMs,
      lookAheadMs: 0,
    }),
    pauseOf(store, account),
  ]);
  if (claims.length === 0) return { claimed: 0, full: false, read: false };
  const full = claims.length >= most;
  if (pause !== null && pause.until > runtime.now()) {
    await store.defer(keptFor(pause, claims));
    return { claimed: claims.length, full, read: false };
  }
  const inHand = [...claims];
  try {
    const jobs = await loadJobs(deps, connected, claims);
    if (!full && jobs.some((job) => requestOf(deps, connected.connector.kind, job) !== null)) {
      // There is a request to make anyway: what is due soon comes along and costs none of its own.
      const along = await store.claim(account, {
        now: runtime.now(),
        limit: most - claims.length,
        leaseMs: settings.leaseMs,
        lookAheadMs: settings.lookAheadMs,
      });
      inHand.push(...along);
      jobs.push(...(await loadJobs(deps, connected, along)));
    }
    const read = await carryOut(deps, connected, jobs);
    if (read && pause !== null) await resume(deps, account, pause);
    return { claimed: inHand.length, full, read };
  } catch (error) {
    const paused = await pauseAfter(deps, account, error);
    if (paused === null) await handBack(deps, inHand, error);
    else await store.defer(keptFor(paused, inHand));
    return { claimed: inHand.length, full: false, read: true };
  }
}

/** The account as a whole did not answer, or we failed: everything goes back and is tried again later. */
async function handBack(deps: EngineDeps, claims: readonly Claimed[], error: unknown): Promise<void> {
  const now = deps.runtime.now();
  const known = error instanceof ConnectorError;
  const trouble: Trouble = known
    ? error.trouble
    : {
        code: 'E-OURS',
        about: 'task',
        answered: error instanceof Error ? error.message : String(error),
        todo: 'Report this with the log; it is tried again by itself.',
      };
  if (known) deps.log.warn({ account: claims[0]?.account, trouble }, 'account not reachable');
  else deps.log.error({ account: claims[0]?.account, err: error }, 'visit failed');
  const retryAt = known ? error.retryAt : null;
  await deps.store.defer(
    claims.map((claim): Defer => ({ claim, dueAt: retryAt ?? now + backOffMs(claim.attempts), trouble })),
  );
}

/** From one second, doubling, to half an hour. */
const backOffMs = (attempts: number): number => Math.min(1_000 * 2 ** attempts, 1_800_000);

async function carryOut(
  deps: EngineDeps,
  connected: ConnectedAccount,
  jobs: readonly Job[],
): Promise<boolean> {
  const requests = jobs.flatMap((job) => requestOf(deps, connected.connector.kind, job) ?? []);
  const readsComments = requests.some(({ aspects }) => aspects.includes('comments'));
  const listening = readsComments ? await listen(deps, connected) : null;
  let kept: Kept;
  try {
    kept = await readAndKeep(deps, connected, jobs, requests, listening);
  } finally {
    await listening?.close();
  }
  const { steps, deferred, eventful } = kept;
  await sendAll(deps, connected.connector, steps);

  const { runtime, settings, store } = deps;
  await store.defer(deferred);
  const back = new Set(deferred.map(({ claim }) => claim));
  await store.finish(
    jobs
      .map(({ claim }) => claim)
      .filter((claim) => !back.has(claim))
      .map((claim): Finish => ({
        claim,
        busyUntil: eventful.has(claim.task) ? runtime.now() + settings.burstMs : null,
      })),
  );
  return requests.length > 0;
}

/** What a visit has kept before it sends anything. */
interface Kept {
  readonly steps: readonly Step[];
  readonly deferred: readonly Defer[];
  readonly eventful: ReadonlySet<DueTask>;
}

async function readAndKeep(
  deps: EngineDeps,
  { connector }: ConnectedAccount,
  jobs: readonly Job[],
  requests: readonly ReadRequest[],
  listening: Listening | null,
): Promise<Kept> {
  const { store, runtime } = deps;
  const told =
    requests.length > 0
      ? await connector.read(requests, listening?.alongside)
      : new Map<LocalTaskId, Reading>();
  const readings = placed(connector.account, told, placesOf(jobs));

  const steps: Step[] = [];
  const eventful = new Set<DueTask>();
  const deferred: Defer[] = [];
  for (const job of jobs) {
    const { claim } = job;
    try {
      const reading = readings.get(claim.task as LocalTaskId) ?? null;
      const trouble = passingTrouble(reading);
      if (trouble !== null) {
        const pause = await pauseAfter(deps, claim.account, new ConnectorError(trouble));
        const dueAt = pause?.until ?? runtime.now() + backOffMs(claim.attempts);
        deferred.push({ claim, dueAt, trouble });
        continue;
      }
      if (job.works.length > 0) {
        for (const work of job.works)
          steps.push(await reconcileWork(deps, connector, work, job.resolutions, reading));
      } else if (reading) {
        const taken = await intake(deps, claim, reading);
        if (taken.is === 'begins') steps.push(...taken.steps);
        else if (taken.is === 'ours') deferred.push({ claim, dueAt: runtime.now() + 5_000, trouble: null });
        else if (reading.is === 'unreadable')
          deps.log.debug({ account: claim.account, task: claim.task }, 'unknown task not readable');
      }
    } catch (error) {
      deps.log.error({ account: claim.account, task: claim.task, err: error }, 'reconcile failed');
      deferred.push({
        claim,
        dueAt: runtime.now() + backOffMs(claim.attempts),
        trouble: {
          code: 'E-OURS',
          about: 'task',
          answered: error instanceof Error ? error.message : String(error),
          todo: 'Report this with the log; other tasks go on.',
        },
      });
    }
  }

  const committed = await store.commit(steps.map(({ commit }) => commit));
  const kept: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const result = committed[index];
    const { claim } = step.work;
    if (result?.is === 'done') {
      kept.push({ ...step, work: { ...step.work, version: result.version } });
      if (step.eventful) eventful.add(claim.task);
    } else if (!deferred.some((one) => one.claim === claim))
      deferred.push({ claim, dueAt: runtime.now(), trouble: null });
  }
  // A reading that was not kept is no answer to what the log told of its task.
  const lost = new Set<string>(deferred.map(({ claim }) => claim.task));
  await listening?.keep(new Map([...readings].filter(([task]) => !lost.has(task))));
  return { steps: kept, deferred, eventful };
}

/** Where the tasks of these jobs stood when they were read last. */
function placesOf(jobs: readonly Job[]): (task: LocalTaskId) => string | null {
  const places = new Map<string, string | null>(
    jobs.flatMap(({ claim, works: [work] }) =>
      work === undefined ? [] : [[claim.task, ownReplica(work).shadow?.place ?? null]],
    ),
  );
  return (task) => places.get(task) ?? null;
}

async function loadJobs(
  deps: EngineDeps,
  connected: ConnectedAccount,
  claims: readonly Claimed[],
): Promise<Job[]> {
  const loaded = await deps.store.loadByTask(claims);
  const byTask = new Map<DueTask, typeof loaded>();
  for (const one of loaded) {
    const replica = one.replicas.find(({ account }) => account === connected.connector.account);
    if (!replica) continue;
    const task = replica.task ?? (`new:${one.item.id}` as const);
    byTask.set(task, [...(byTask.get(task) ?? []), one]);
  }
  const now = deps.runtime.now();
  const jobs: Job[] = [];
  for (const claim of claims) {
    const works = (byTask.get(claim.task) ?? []).flatMap((one) => workOf(deps, claim, one) ?? []);
    const resolutions: Resolution[] = [];
    for (const row of works.flatMap(({ open }) => open))
      resolutions.push(await resolve(connected.connector, row, now));
    jobs.push({ claim, works, resolutions });
  }
  return jobs;
}

/** What has to be read of a task, if anything. */
function requestOf(
  deps: EngineDeps,
  kind: ConnectedAccount['connector']['kind'],
  job: Job,
): ReadRequest | null {
  const { claim, works } = job;
  const [first] = works;
  const wants = new Set(claim.aspects);
  if (!first) {
    if (claim.task.startsWith('new:') || (wants.size === 1 && wants.has('project'))) return null;
    return {
      task: claim.task as LocalTaskId,
      aspects: ['task', 'comments'],
      commentsAfter: null,
      world: null,
      chat: null,
    };
  }
  const replica = ownReplica(first);
  if (replica.task === null) return null;
  const neverRead = works.some((work) => ownReplica(work).shadow === null);
  const forWriting = works.some((work) => mustReadFirst(deps, work));
  const forResolving = job.resolutions.some(({ is }) => is === 'reading');
  const aspects = new Set<ReadRequest['aspects'][number]>();
  if (wants.has('task') || neverRead || forWriting || forResolving) aspects.add('task');
  if (wants.has('comments') || wants.has('deleted-comments') || neverRead) aspects.add('comments');
  if (wants.has('deleted-comments')) aspects.add('deleted-comments');
  if (aspects.has('comments') && kind === 'bitrix24' && replica.shadow?.chat == null) aspects.add('task');
  if (aspects.size === 0) return null;
  const whole = neverRead || wants.has('deleted-comments') || replica.comments.length <= wholeThreadMax;
  return {
    task: replica.task,
    aspects: [...aspects],
    commentsAfter: whole ? null : youngestComment(replica.comments, replica.shadow?.world ?? null),
    world: replica.shadow?.world ?? null,
    chat: replica.shadow?.chat ?? null,
  };
}

/** Where nothing guards a write, it rests on a reading of just now. */
function mustReadFirst(deps: EngineDeps, work: Work): boolean {
  const view = work.context.views.get(work.account);
  if (view?.abilities.guard !== 'none') return false;
  const replica: Replica = ownReplica(work);
  const now: Instant = deps.runtime.now();
  if (now - (replica.readAt ?? 0) <= deps.settings.maxAgeMs / 2) return false;
  return plan(work.context, work.state.item, replica, work.marks, now).operations.some(
    ({ write }) => write.kind === 'task.update' || write.kind === 'file.detach',
  );
}

/** A move that a reading shows not to have arrived may have ended between: what stands there then is nobody's edit. */
function leftOnTheWay(work: Work, { planned: { write } }: OperationRow): Work {
  if (write.kind !== 'task.update' || write.status === null) return work;
  const replica = ownReplica(work);
  const written = { ...replica.written, status: onTheWay(write.status) };
  return withState(work, work.state.item, { ...replica, written });
}

async function reconcileWork(
  deps: EngineDeps,
  connector: Connector,
  work: Work,
  resolutions: readonly Resolution[],
  reading: Reading | null,
): Promise<Step> {
  const now = deps.runtime.now();
  let current = work;
  const closed = [];
  const entries: JournalEntry[] = [];
  const touches: Touch[] = [];
  for (const first of resolutions) {
    if (first.row.item !== work.state.item.id) continue;
    const resolution =
      first.is === 'reading' ? await resolveByReading(connector, current, first.row, reading, now) : first;
    if (resolution.is === 'done') {
      closed.push(resolution.row);
      entries.push(writeEntry(current.state.item, resolution.row, now));
      const result = settle(
        current.context,
        current.state.item,
        ownReplica(current),
        resolution.row.planned,
        resolution.outcome,
      );
      current = withState(current, result.item, result.replica);
      if (result.reread) touches.push(selfTouch(current, ownReplica(current), ['task', 'comments'], now));
    } else if (resolution.is === 'dropped') {
      closed.push(resolution.row);
      if (first.is === 'reading') current = leftOnTheWay(current, resolution.row);
    } else if (resolution.is === 'waits')
      touches.push(selfTouch(current, ownReplica(current), ['project'], resolution.until));
  }
  return stepOf(deps, current, reading, closed, entries, touches);
}
