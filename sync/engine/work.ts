/** One item of one claimed task, on its way through a visit. */
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import {
  type Claimed,
  type Commit,
  type DueTask,
  type JournalEntry,
  type LoadedItem,
  type OperationRow,
  type Touch,
} from '../../store/port.ts';
import { type Context } from '../core/context.ts';
import { type Item } from '../core/item.ts';
import { type PlannedOperation } from '../core/operation.ts';
import { type Marks } from '../core/plan.ts';
import { reconcile, type Reconciled, type State } from '../core/reconcile.ts';
import { type Reading, type Replica } from '../core/replica.ts';
import { lookAgainAt } from './absence.ts';
import { contextOf, type EngineDeps } from './deps.ts';
import { marksOf } from './marks.ts';
import { factEntry, operationRow } from './records.ts';

export interface Work {
  readonly claim: Claimed;
  readonly account: AccountId;
  readonly context: Context;
  readonly marks: Marks;
  readonly state: State;
  /** 0 = the item is new. */
  readonly version: number;
  /** Operations of this account's replica whose end is not known. */
  readonly open: readonly OperationRow[];
  /** The same of the item's other replicas, as they were loaded. */
  readonly openElsewhere: readonly OperationRow[];
}

/** `undefined`: the item's space is not in force, or one of its accounts is not connected. */
export function workOf(deps: EngineDeps, claim: Claimed, loaded: LoadedItem): Work | undefined {
  const mapping: Mapping | undefined = deps.mappings.get(loaded.item.space);
  const context = mapping && contextOf(deps, mapping);
  if (!mapping || !context || !mapping.members.some(({ account }) => account === claim.account))
    return undefined;
  return {
    claim,
    account: claim.account,
    context,
    marks: marksOf(deps.markSecret, mapping.space),
    state: {
      item: loaded.item,
      replicas: new Map(loaded.replicas.map((replica) => [replica.account, replica])),
    },
    version: loaded.version,
    open: loaded.open.filter((row) => row.account === claim.account),
    openElsewhere: loaded.open.filter((row) => row.account !== claim.account),
  };
}

export function ownReplica(work: Work): Replica {
  const replica = work.state.replicas.get(work.account);
  if (!replica) throw new Error(`item ${work.state.item.id} has no replica in ${work.account}`);
  return replica;
}

export function withState(work: Work, item: Item, replica: Replica): Work {
  const replicas = new Map(work.state.replicas);
  replicas.set(replica.account, replica);
  return { ...work, state: { item, replicas } };
}

/** A reconcile, what it commits, and the operations that it sends once that is kept. */
export interface Step {
  readonly work: Work;
  readonly commit: Commit;
  readonly toSend: readonly OperationRow[];
  /** True when people had changed something or something is to be written. */
  readonly eventful: boolean;
}

/**
 * Reconciles and prepares the commit. `closed` are operations whose end is known by now, `entries` what was journalled
 * of them. Nothing is planned that this worker may not send: with `sends` = false (its lease is too old or gone), or once
 * a new task has a number that another worker may hold the lease of. Whoever visits the task next plans it then.
 */
export function stepOf(
  deps: EngineDeps,
  work: Work,
  reading: Reading | null,
  closed: readonly OperationRow[],
  entries: readonly JournalEntry[],
  touches: readonly Touch[],
  sends = true,
): Step {
  const now = deps.runtime.now();
  const { context, account, claim } = work;
  const ended = new Set(closed.filter(({ state }) => isEnded(state)).map(({ id }) => id));
  const changed = new Map(closed.map((row) => [row.id, row]));
  const open = work.open.filter(({ id }) => !ended.has(id)).map((row) => changed.get(row.id) ?? row);
  const result = reconcile(
    context,
    work.state,
    account,
    reading,
    open.map(({ planned }) => planned.write),
    work.marks,
    now,
  );
  const task = dueTaskOf(result.item, result.replica);
  const wanted = sendable(result.operations, open);
  const ours = sends && claim.task === task;
  const fresh = (ours ? wanted : []).map((planned) =>
    operationRow(
      deps.runtime.uuid(),
      result.item.id,
      account,
      task,
      planned,
      context.mapping.version,
      claim.correlation,
      now,
    ),
  );
  const left = ours || wanted.length === 0 ? [] : [selfTouch(work, result.replica, ['project'], now)];
  const replicas = new Map(work.state.replicas);
  for (const replica of [...result.joined, ...result.parted, result.replica])
    replicas.set(replica.account, replica);
  const changedReplicas = [
    ...new Set([
      account,
      ...result.joined.map((one) => one.account),
      ...result.parted.map((one) => one.account),
    ]),
  ];
  return {
    work: { ...work, state: { item: result.item, replicas }, open: [...open, ...fresh] },
    commit: {
      space: context.mapping.space,
      item: result.item,
      version: work.version,
      claim,
      replicas: changedReplicas.flatMap((name) => replicas.get(name) ?? []),
      operations: [...closed, ...fresh],
      touches: [
        ...touches,
        ...left,
        ...dueTouches(work, result, replicas, now),
        ...retryTouch(work, result, now),
        ...lookAgain(work, result.replica, now),
      ],
      journal: [
        ...entries,
        ...result.facts.map((fact) => factEntry(context, result.item, account, fact, now)),
      ],
    },
    toSend: fresh,
    eventful: result.facts.length > 0 || fresh.length > 0,
  };
}

const isEnded = (state: OperationRow['state']): boolean =>
  state === 'done' || state === 'refused' || state === 'dropped';

/** What is open already is not sent again, and a thread has one creation in flight at most. */
function sendable(
  operations: readonly PlannedOperation[],
  open: readonly OperationRow[],
): readonly PlannedOperation[] {
  const keys = new Set(open.map(({ planned }) => planned.key));
  const creating = open.some(({ planned }) => planned.write.kind === 'comment.create');
  const updating = open.some(({ planned }) => planned.write.kind === 'task.update');
  return operations.filter(
    ({ key, write }) =>
      !keys.has(key) &&
      // What a lost answer made is not known yet: nothing is added to it before it is.
      !(write.kind === 'comment.update' && keys.has(`comment.create/${write.message}`)) &&
      !(creating && write.kind === 'comment.create') &&
      !(updating && write.kind === 'task.update'),
  );
}

function dueTouches(
  work: Work,
  result: Reconciled,
  replicas: ReadonlyMap<AccountId, Replica>,
  now: Instant,
): Touch[] {
  const touch = (account: AccountId, aspects: Touch['aspects']): Touch[] => {
    const replica = replicas.get(account);
    if (!replica) return [];
    const task = dueTaskOf(result.item, replica);
    return [
      { account, task, aspects, lane: work.claim.lane, dueAt: now, correlation: work.claim.correlation },
    ];
  };
  const again = result.resumed.flatMap((account) =>
    replicas.get(account)?.task == null ? [] : touch(account, ['task', 'comments']),
  );
  const wanted = [...result.wantedElsewhere].flatMap(([account, operations]) => {
    const open = work.openElsewhere.filter((row) => row.account === account);
    // What is under way there is planned anew when it ends: a touch before would only be answered by another one.
    return sendable(operations, open).length === 0 ? [] : touch(account, ['project']);
  });
  return [...again, ...wanted, ...result.unlisted.flatMap((account) => touch(account, ['project']))];
}

/** What time may heal is tried again at its time; what is due already was planned just now, or waits for an open operation. */
function retryTouch(work: Work, result: Reconciled, now: Instant): Touch[] {
  const times = Object.values(result.replica.blocked).flatMap(({ retryAt }) =>
    retryAt === null || retryAt <= now ? [] : [retryAt],
  );
  return times.length === 0 ? [] : [selfTouch(work, result.replica, ['project'], Math.min(...times))];
}

/** A task that is away is looked for by reading it, ever more rarely; an item that is no longer shared has no such wish. */
function lookAgain(work: Work, replica: Replica, now: Instant): Touch[] {
  const at = work.state.item.state === 'shared' ? lookAgainAt(replica, now) : null;
  return at === null ? [] : [selfTouch(work, replica, ['task', 'comments'], at)];
}

const dueTaskOf = (item: Item, replica: Replica): DueTask => replica.task ?? `new:${item.id}`;

export function selfTouch(work: Work, replica: Replica, aspects: Touch['aspects'], dueAt: Instant): Touch {
  return {
    account: work.account,
    task: dueTaskOf(work.state.item, replica),
    aspects,
    lane: work.claim.lane,
    dueAt,
    correlation: work.claim.correlation,
  };
}
