/** The rounds of the bridge over a world: visits until nobody has anything to write, and whole histories. */
import { type AccountId } from '../../errors/ids.ts';
import { type PlannedOperation } from '../../sync/core/operation.ts';
import { projectField } from '../../sync/core/project.ts';
import { normalField, principal } from '../../sync/core/raw.ts';
import { reconcile } from '../../sync/core/reconcile.ts';
import { type Reading } from '../../sync/core/replica.ts';
import { settle } from '../../sync/core/settle.ts';
import { type Case, type Edit } from './case.ts';
import { edit } from './hands.ts';
import { carryOut } from './server.ts';
import { marks, meaningOf, meantFields, type Server, serverOf, type World, worldOf } from './world.ts';

export function readingOf(world: World, account: AccountId): Reading | null {
  const server = serverOf(world, account);
  if (!server.snapshot) return null;
  return {
    is: 'read',
    at: world.now,
    snapshot: server.snapshot,
    comments: { list: server.comments, extent: { kind: 'all' }, deleted: [] },
  };
}

/** Reads, reconciles, writes and settles one account. Gives back what was planned. */
export function visit(world: World, account: AccountId): readonly PlannedOperation[] {
  if (!world.replicas.has(account)) return [];
  world.now += 500;
  const result = reconcile(
    world.context,
    { item: world.item, replicas: world.replicas },
    account,
    readingOf(world, account),
    [],
    marks,
    world.now,
  );
  world.item = result.item;
  world.replicas.set(account, result.replica);
  for (const other of [...result.joined, ...result.parted]) world.replicas.set(other.account, other);
  for (const fact of result.facts) world.facts.push({ account, fact });
  const server = serverOf(world, account);
  if (result.operations.some(({ write }) => write.kind === 'task.update')) world.between?.(server);
  for (const operation of result.operations) {
    const replica = world.replicas.get(account);
    if (!replica) break;
    const outcome = carryOut(world, server, operation.write);
    const settled = settle(world.context, world.item, replica, operation, outcome);
    world.item = settled.item;
    world.replicas.set(account, settled.replica);
  }
  noteShown(world, server);
  return result.operations;
}

/** What stands in an account once it agrees with the item is what its people see of it. */
function noteShown({ context, item }: World, server: Server): void {
  const { snapshot, view, account } = server;
  if (!snapshot) return;
  // A mirror that was made without a status has the account's own, which nobody chose.
  const born = server.agreed.status ?? meaningOf(context, server, snapshot);
  if (born !== undefined) server.agreed = { ...server.agreed, status: born };
  for (const field of meantFields) {
    const state = item.fields[field];
    if (!state) continue;
    const projection = projectField(context, item, account, field, snapshot);
    const stands = normalField(view, snapshot, field, principal(view, snapshot));
    if (projection.is !== 'wanted' || projection.normal !== stands) continue;
    server.shows = { ...server.shows, [field]: JSON.stringify(state.value) };
    server.agreed = { ...server.agreed, [field]: JSON.stringify(state.value) };
  }
}

export const roundsMax = 60;

/** Visits everybody in turn until nobody has anything to write. Throws when that does not come about. */
export function rest(world: World): number {
  let last: readonly PlannedOperation[] = [];
  for (let round = 1; round <= roundsMax; round += 1) {
    const before = JSON.stringify(world.item);
    const planned = [...world.servers.keys()].flatMap((account) => visit(world, account));
    if (planned.length === 0 && JSON.stringify(world.item) === before) {
      world.rests += 1;
      return round;
    }
    last = planned;
  }
  throw new Error(
    `not at rest after ${String(roundsMax)} rounds: ${JSON.stringify(last.map(({ key, write, from }) => ({ key, from, write }))).slice(0, 1_500)}`,
  );
}

/** A whole history: the first sync, then every edit, then rest. */
export function live(one: Case): World {
  const world = worldOf(one);
  rest(world);
  for (const step of one.edits) {
    edit(world, step);
    follow(world, step);
  }
  rest(world);
  return world;
}

export function follow(world: World, step: Edit): void {
  const accounts = [...world.servers.keys()];
  if (step.then === 'visit') visit(world, accounts[step.draw % accounts.length] ?? world.item.origin.account);
  if (step.then === 'rest') rest(world);
}
