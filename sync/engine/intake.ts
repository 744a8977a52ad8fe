/** A task that no item has yet: whether it is a lost creation of ours, begins an item, or stays at home. */
import { as, type ItemId } from '../../errors/ids.ts';
import { type Claimed } from '../../store/port.ts';
import { beginItem, newReplica } from '../core/reconcile.ts';
import { type Reading } from '../core/replica.ts';
import { contextOf, type EngineDeps } from './deps.ts';
import { marksOf } from './marks.ts';
import { type Step, stepOf, type Work } from './work.ts';

export type Intake =
  | { readonly is: 'begins'; readonly steps: readonly Step[] }
  | { readonly is: 'stays' }
  /** Ours, and its sender has not settled it yet. */
  | { readonly is: 'ours' };

export const itemIdOf = (space: string, account: string, task: string): ItemId =>
  as<ItemId>(`${space}/${account}/${task}`);

export async function intake(deps: EngineDeps, claim: Claimed, reading: Reading): Promise<Intake> {
  if (reading.is !== 'read' || !reading.snapshot || claim.task.startsWith('new:')) return { is: 'stays' };
  const { snapshot } = reading;
  if (snapshot.mark !== null && (await deps.store.operationByMark(snapshot.mark))) return { is: 'ours' };
  const steps: Step[] = [];
  for (const mapping of deps.mappings.values()) {
    if (!mapping.members.some(({ account }) => account === claim.account)) continue;
    const context = contextOf(deps, mapping);
    if (!context) continue;
    const id = itemIdOf(mapping.space, claim.account, snapshot.task);
    const item = beginItem(context, claim.account, snapshot, id, false);
    if (!item) continue;
    const work: Work = {
      claim,
      account: claim.account,
      context,
      marks: marksOf(deps.markSecret, mapping.space),
      state: {
        item,
        replicas: new Map([[claim.account, newReplica(item, claim.account, deps.runtime.now())]]),
      },
      version: 0,
      open: [],
    };
    steps.push(stepOf(deps, work, reading, [], [], []));
  }
  return steps.length > 0 ? { is: 'begins', steps } : { is: 'stays' };
}
