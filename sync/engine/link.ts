/** Items begun and ended by command: two tasks that exist already become one, or go their own ways again. */
import { ConnectorError } from '../../connectors/port.ts';
import { type AccountId, type LocalTaskId, type SpaceId } from '../../errors/ids.ts';
import { type Commit, type LoadedItem, type Touch } from '../../store/port.ts';
import { type Item } from '../core/item.ts';
import { beginItem, newReplica, reconcile } from '../core/reconcile.ts';
import { type Reading, type Replica } from '../core/replica.ts';
import { isLearntTooLarge } from '../core/tooLarge.ts';
import { contextOf, type EngineDeps } from './deps.ts';
import { itemIdOf } from './intake.ts';
import { marksOf } from './marks.ts';
import { factEntry } from './records.ts';

export interface TaskRef {
  readonly account: AccountId;
  readonly task: LocalTaskId;
}

/** A command that can't be carried out; the message says why and what to do. */
export class LinkRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LinkRefused';
  }
}

const refOf = ({ account, task }: Replica): TaskRef[] => (task === null ? [] : [{ account, task }]);

const nameOf = ({ account, task }: TaskRef): string => `${account}:${task}`;

/** The first task's values win where the two differ; nothing is written before the next reconcile. Throws LinkRefused. */
export async function link(
  deps: EngineDeps,
  space: SpaceId,
  origin: TaskRef,
  other: TaskRef,
): Promise<LoadedItem> {
  const mapping = deps.mappings.get(space);
  const context = mapping && contextOf(deps, mapping);
  if (!mapping || !context)
    throw new LinkRefused(`Space ${space} is not applied, or one of its accounts is not reachable.`);
  for (const ref of [origin, other])
    if (!mapping.members.some(({ account }) => account === ref.account))
      throw new LinkRefused(`Account ${ref.account} is no member of ${space}.`);
  if (origin.account === other.account) throw new LinkRefused('The two tasks must be in two accounts.');
  const taken = await deps.store.loadByTask([origin, other]);
  const same = taken.find((one) => one.item.space === space && one.item.state === 'shared');
  if (same) throw new LinkRefused(`One of the tasks is shared already, as ${same.item.id}. Unlink it first.`);
  const now = deps.runtime.now();
  const [first, second] = [await read(deps, origin), await read(deps, other)];
  const item =
    first.snapshot &&
    beginItem(context, origin.account, first.snapshot, itemIdOf(space, origin.account, origin.task), true);
  if (!item || !first.snapshot || !second.snapshot)
    throw new LinkRefused(`${nameOf(origin)} could not be read.`);
  const mirror: Replica = {
    ...newReplica(item, other.account, now),
    task: other.task,
    state: 'live',
    shadow: second.snapshot,
    readAt: second.at,
    linkedByHand: true,
  };
  const [before] = await deps.store.loadItems([item.id]);
  // A copy that a third account kept from an earlier link goes on; a new one beside it would be its double.
  const kept = (before?.replicas ?? []).filter(
    ({ account, task }) => task !== null && account !== origin.account && account !== other.account,
  );
  const replicas = new Map([
    ...kept.map((replica) => [replica.account, replica] as const),
    [origin.account, newReplica(item, origin.account, now)] as const,
    [other.account, mirror] as const,
  ]);
  const result = reconcile(
    context,
    { item, replicas },
    origin.account,
    first,
    [],
    marksOf(deps.markSecret, space),
    now,
  );
  const touches = [origin, other, ...kept.flatMap(refOf)].map((ref): Touch => ({
    ...ref,
    aspects: ['task', 'comments'],
    lane: 'field',
    dueAt: now,
    correlation: deps.runtime.uuid(),
  }));
  const commit: Commit = {
    space,
    item: result.item,
    version: before?.version ?? 0,
    claim: null,
    replicas: [...kept, result.replica, mirror, ...result.joined],
    operations: [],
    touches,
    journal: [
      {
        at: now,
        kind: 'item.linked',
        item: item.id,
        account: origin.account,
        actor: 'command',
        body: JSON.stringify([origin, other]),
      },
      ...result.facts.map((fact) => factEntry(context, result.item, origin.account, fact, now)),
    ],
  };
  const [committed] = await deps.store.commit([commit]);
  if (committed?.is !== 'done')
    throw new LinkRefused('Somebody changed the item at the same moment. Try again.');
  return { item: result.item, version: committed.version, replicas: commit.replicas, open: [] };
}

async function read(deps: EngineDeps, ref: TaskRef): Promise<Extract<Reading, { is: 'read' }>> {
  const connected = deps.accounts.get(ref.account);
  if (!connected)
    throw new LinkRefused(`Account ${ref.account} is not reachable: svyazka account check ${ref.account}`);
  try {
    const readings = await connected.connector.read([
      { task: ref.task, aspects: ['task'], commentsAfter: null, world: null, chat: null },
    ]);
    const reading = readings.get(ref.task);
    if (reading?.is === 'read') return reading;
    throw new LinkRefused(`${nameOf(ref)} can not be read: it is missing, or the acting user has no access.`);
  } catch (error) {
    if (error instanceof ConnectorError) throw new LinkRefused(`${nameOf(ref)}: ${error.message}`);
    throw error;
  }
}

/** Nothing crosses any more and nothing is deleted anywhere. */
export async function unlink(deps: EngineDeps, loaded: LoadedItem): Promise<boolean> {
  const now = deps.runtime.now();
  const [committed] = await deps.store.commit([
    {
      space: loaded.item.space,
      item: { ...loaded.item, state: 'parted', pinned: true },
      version: loaded.version,
      claim: null,
      replicas: loaded.replicas.map((replica) => ({ ...replica, state: 'parted', linkedByHand: false })),
      operations: [],
      touches: [],
      journal: [
        {
          at: now,
          kind: 'item.unlinked',
          item: loaded.item.id,
          account: loaded.item.origin.account,
          actor: 'command',
          body: '{}',
        },
      ],
    },
  ]);
  return committed?.is === 'done';
}

/** A replica without what stood in the way: copies that went without some of their files are behind, and take them along. */
function afresh(item: Item, { tooLarge = [], ...replica }: Replica): Replica {
  const wanting = (comment: Replica['comments'][number]): boolean => {
    if (comment.role !== 'copy' || comment.state === 'deleted') return false;
    const files = item.messages.find(({ id }) => id === comment.message)?.files ?? [];
    const refused = files.some((file) => isLearntTooLarge({ tooLarge }, file));
    return refused || `files/${comment.message}` in replica.blocked;
  };
  return {
    ...replica,
    blocked: {},
    comments: replica.comments.map((one) => (wanting(one) ? { ...one, version: -1 } : one)),
  };
}

/** Forgets what stood in the way and looks at every copy afresh. */
export async function retry(deps: EngineDeps, loaded: LoadedItem): Promise<boolean> {
  const now = deps.runtime.now();
  await deps.store.openGuard(loaded.item.space, [loaded.item.id], now);
  const [committed] = await deps.store.commit([
    {
      space: loaded.item.space,
      item: loaded.item,
      version: loaded.version,
      claim: null,
      replicas: loaded.replicas.map((replica) => afresh(loaded.item, replica)),
      operations: [],
      touches: loaded.replicas.map((replica): Touch => ({
        account: replica.account,
        task: replica.task ?? `new:${loaded.item.id}`,
        aspects: replica.task === null ? ['project'] : ['task', 'comments'],
        lane: 'status',
        dueAt: now,
        correlation: deps.runtime.uuid(),
      })),
      journal: [],
    },
  ]);
  return committed?.is === 'done';
}
