/** Statuses that are held in an account, tried anew once it may do more than before. */
import { type AccountId } from '../../errors/ids.ts';
import { type LoadedItem } from '../../store/port.ts';
import { without } from '../core/blocks.ts';
import { type EngineDeps } from './deps.ts';

/** Items loaded at a time. */
const atOnce = 200;

/** Forgets why statuses are held in the account and makes their tasks due there; gives how many these are. */
export async function tryStatusesAgain(deps: EngineDeps, account: AccountId): Promise<number> {
  const ids = await deps.store.listItems(null);
  let tried = 0;
  for (let start = 0; start < ids.length; start += atOnce)
    for (const loaded of await deps.store.loadItems(ids.slice(start, start + atOnce)))
      if (await tryAgain(deps, account, loaded)) tried += 1;
  if (tried > 0) deps.log.info({ account, tried }, 'held statuses are tried again');
  return tried;
}

async function tryAgain(
  { store, runtime }: EngineDeps,
  account: AccountId,
  { item, version, replicas }: LoadedItem,
): Promise<boolean> {
  const replica = replicas.find((one) => one.account === account);
  const held = replica?.blocked['status'];
  // What waits for a person's word waits on.
  if (!replica || replica.task === null || !held || held.trouble.code === 'E-MANY-AT-ONCE') return false;
  const touch = {
    account,
    task: replica.task,
    aspects: ['task'],
    lane: 'status',
    dueAt: runtime.now(),
    correlation: runtime.uuid(),
  } as const;
  const [committed] = await store.commit([
    {
      space: item.space,
      item,
      version,
      claim: null,
      replicas: [{ ...replica, blocked: without(replica.blocked, 'status') }],
      operations: [],
      touches: [touch],
      journal: [],
    },
  ]);
  // Whoever changed the item at this moment plans it with what the account may do now.
  if (committed?.is !== 'done') await store.touch([touch]);
  return true;
}
