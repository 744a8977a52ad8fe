/** A task that no item has yet: whether it is a lost creation of ours, begins an item, or stays at home. */
import { as, type ItemId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Claimed, type OperationRow } from '../../store/port.ts';
import { beginItem, newReplica } from '../core/reconcile.ts';
import { type Reading, type Snapshot } from '../core/replica.ts';
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

/**
 * Whether a task with a mark of ours is a second one: its request took effect after it had been given up and tried again.
 * It is listed and journalled once; people delete it, for neither CRM promises that a task deleted by us comes back.
 */
async function isTwin(deps: EngineDeps, creation: OperationRow, twin: Snapshot): Promise<boolean> {
  const { account } = creation;
  const key = `twin/${twin.task}`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const [loaded] = await deps.store.loadItems([creation.item]);
    const replica = loaded?.replicas.find((one) => one.account === account);
    if (!loaded || !replica || replica.task === null || replica.task === twin.task) return false;
    if (replica.blocked[key]) return true;
    const trouble: Trouble = {
      code: 'E-REMOTE-UNKNOWN',
      about: 'task',
      answered: `task ${twin.task} in ${account} is a second copy of task ${replica.task}: a creation took effect long after its answer was lost`,
      todo: `Delete task ${twin.task} in ${account}; task ${replica.task} stays the shared one.`,
    };
    deps.log.warn({ account, task: twin.task, item: creation.item, trouble }, 'task stands twice');
    const at = deps.runtime.now();
    const [kept] = await deps.store.commit([
      {
        space: loaded.item.space,
        item: loaded.item,
        version: loaded.version,
        claim: null,
        replicas: [
          {
            ...replica,
            blocked: { ...replica.blocked, [key]: { wanted: '', retryAt: null, tries: 0, trouble } },
          },
        ],
        operations: [],
        touches: [],
        journal: [
          {
            at,
            kind: 'task.twin',
            item: creation.item,
            account,
            actor: account,
            operation: creation.id,
            body: JSON.stringify({ task: replica.task, twin: twin.task }),
          },
        ],
      },
    ]);
    if (kept?.is === 'done') return true;
  }
  return false;
}

export async function intake(deps: EngineDeps, claim: Claimed, reading: Reading): Promise<Intake> {
  if (reading.is !== 'read' || !reading.snapshot || claim.task.startsWith('new:')) return { is: 'stays' };
  const { snapshot } = reading;
  const creation = snapshot.mark === null ? null : await deps.store.operationByMark(snapshot.mark);
  if (creation) return (await isTwin(deps, creation, snapshot)) ? { is: 'stays' } : { is: 'ours' };
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
      openElsewhere: [],
    };
    steps.push(stepOf(deps, work, reading, [], [], []));
  }
  return steps.length > 0 ? { is: 'begins', steps } : { is: 'stays' };
}
