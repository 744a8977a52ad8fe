/** What stories of several workers need: an account whose connector does something of its own, another worker's visit. */
import { type Connector } from '../../connectors/port.ts';
import { type AccountId, as, type LocalTaskId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Outcome } from '../../sync/core/operation.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';
import { visit } from '../../sync/engine/visit.ts';

/** From now on the account answers by these functions, which may call those that it had. */
export function becomes(
  three: Rehearsal,
  account: AccountId,
  changed: (connector: Connector) => Partial<Connector>,
): void {
  const connected = three.deps.accounts.get(account);
  if (!connected) throw new Error(`no account ${account}`);
  const connector: Connector = { ...connected.connector, ...changed(connected.connector) };
  (three.deps.accounts as Map<AccountId, ConnectedAccount>).set(account, { ...connected, connector });
}

/** Puts something around the first write of a kind: what it was answered goes through `after`. */
export function around(
  three: Rehearsal,
  account: AccountId,
  kind: string,
  happens: { before?: () => Promise<void>; after?: (outcome: Outcome) => Promise<Outcome> },
): () => boolean {
  let over = false;
  becomes(three, account, (connector) => ({
    write: async (writes, open, notAfter) => {
      const ours = !over && writes.some((write) => write.kind === kind);
      over ||= ours;
      if (ours) await happens.before?.();
      const outcomes = await connector.write(writes, open, notAfter);
      const { after } = happens;
      return ours && after ? Promise.all(outcomes.map(after)) : outcomes;
    },
  }));
  return () => over;
}

/** Another worker takes up what the account has to do. */
export async function anotherWorker(
  three: Rehearsal,
  account: AccountId,
  task: number | string,
): Promise<void> {
  await three.store.touch([
    {
      account,
      task: as<LocalTaskId>(String(task)),
      aspects: ['task'],
      lane: 'field',
      dueAt: three.runtime.now(),
      correlation: 'another worker',
    },
  ]);
  await visit(three.deps, account);
}

/** The same once the lease of the first one has ended. */
export async function afterTheLease(
  three: Rehearsal,
  account: AccountId,
  task: number | string,
): Promise<void> {
  three.runtime.advance(three.deps.settings.leaseMs + 10_000);
  await anotherWorker(three, account, task);
}
