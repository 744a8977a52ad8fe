/**
 * Before many tasks of a space are closed elsewhere, or lose something there, a person is asked: a mistake or a broken
 * robot in one account would else be everybody's. Everything else goes on.
 */
import { type ItemId, type SpaceId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Commit, type LoadedItem, type OperationRow, type Touch } from '../../store/port.ts';
import { endingOf } from '../core/ending.ts';
import { type Outcome } from '../core/operation.ts';
import { type EngineDeps } from './deps.ts';
import { ownReplica, type Work } from './work.ts';

/** What a person let through goes for a day, however slow the accounts are. */
const allowedMs = 86_400_000;

/** An operation that is about to go out, with the work that planned it. */
export interface Queued {
  readonly row: OperationRow;
  readonly work: Work;
}

/** Outcomes of those rows that a person is asked about first; none of them is sent. */
export async function heldBack(
  deps: EngineDeps,
  queue: readonly Queued[],
): Promise<ReadonlyMap<OperationRow, Outcome>> {
  const bySpace = new Map<SpaceId, Queued[]>();
  for (const queued of queue) {
    const { mapping } = queued.work.context;
    if (endingOf(mapping, queued.work.state.item, ownReplica(queued.work), queued.row.planned) === null)
      continue;
    bySpace.set(mapping.space, [...(bySpace.get(mapping.space) ?? []), queued]);
  }
  const held = new Map<OperationRow, Outcome>();
  for (const [space, asked] of bySpace) {
    const mapping = asked[0]?.work.context.mapping;
    if (mapping === undefined || mapping.guard.share >= 1) continue;
    const { share, atLeast, withinMs } = mapping.guard;
    const now = deps.runtime.now();
    const items = [...new Set(asked.map(({ work }) => work.state.item.id))];
    const may = await deps.store.passGuard(space, items, {
      now,
      since: now - withinMs,
      allowedSince: now - allowedMs,
      share,
      atLeast,
      final: mapping.lifecycle.filter((step) => step.final).map(({ status }) => status),
    });
    const kept = asked.filter(({ work }) => !may.has(work.state.item.id));
    if (kept.length > 0)
      deps.log.warn(
        { space, tasks: new Set(kept.map(({ work }) => work.state.item.id)).size },
        'many tasks closed or emptied at once: held until a person lets them through',
      );
    for (const { row, work } of kept)
      held.set(row, { is: 'refused', at: now, trouble: asksFirst(work, row, withinMs) });
  }
  return held;
}

function asksFirst(work: Work, { task, planned }: OperationRow, withinMs: number): Trouble {
  const { mapping } = work.context;
  const ending = endingOf(mapping, work.state.item, ownReplica(work), planned);
  const what = {
    closes: 'the task is closed elsewhere',
    deletes: 'a comment or file was deleted elsewhere',
    parts: 'the task names nobody here any more',
  };
  return {
    code: 'E-MANY-AT-ONCE',
    about: planned.fields[0] ?? 'task',
    answered: `${ending === null ? 'it ends something' : what[ending]}, and so many tasks of ${mapping.space} are within ${String(withinMs / 60_000)} minutes that it waits for a word`,
    todo: `Look whether it is meant, and undo it where it began if not. All that is held: svyazka allow ${mapping.space}. This task alone: svyazka retry ${work.account}:${task}`,
  };
}

const isHeld = ({ trouble }: { readonly trouble: Trouble }): boolean => trouble.code === 'E-MANY-AT-ONCE';

/** Lets through all that is held in a space, from where counting begins anew; gives the items. */
export async function allow(deps: EngineDeps, space: SpaceId): Promise<readonly ItemId[]> {
  const now = deps.runtime.now();
  const items = await deps.store.openGuard(space, null, now);
  const all = new Set([...items, ...(await heldItems(deps, space)).map(({ item }) => item.id)]);
  for (const id of all) {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const [loaded] = await deps.store.loadItems([id]);
      if (loaded === undefined) break;
      const [committed] = await deps.store.commit([letThrough(deps, loaded)]);
      if (committed?.is === 'done') break;
    }
  }
  return [...all];
}

/** Items of a space with a write that waits for a person. */
export async function heldItems(deps: EngineDeps, space: SpaceId): Promise<readonly LoadedItem[]> {
  const items = await deps.store.loadItems(await deps.store.listItems(space));
  return items.filter(({ replicas }) => replicas.some(({ blocked }) => Object.values(blocked).some(isHeld)));
}

function letThrough(deps: EngineDeps, loaded: LoadedItem): Commit {
  const now = deps.runtime.now();
  return {
    space: loaded.item.space,
    item: loaded.item,
    version: loaded.version,
    claim: null,
    replicas: loaded.replicas.map((replica) => ({
      ...replica,
      blocked: Object.fromEntries(Object.entries(replica.blocked).filter(([, block]) => !isHeld(block))),
    })),
    operations: [],
    touches: loaded.replicas.map((replica): Touch => ({
      account: replica.account,
      task: replica.task ?? `new:${loaded.item.id}`,
      aspects: ['project'],
      lane: 'field',
      dueAt: now,
      correlation: deps.runtime.uuid(),
    })),
    journal: [],
  };
}
