/** An account of a rehearsal whose connector does something of its own before or after what it is asked for. */
import { type Connector } from '../../connectors/port.ts';
import { type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Outcome } from '../../sync/core/operation.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';

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
    write: async (writes, open) => {
      const ours = !over && writes.some((write) => write.kind === kind);
      over ||= ours;
      if (ours) await happens.before?.();
      const outcomes = await connector.write(writes, open);
      const { after } = happens;
      return ours && after ? Promise.all(outcomes.map(after)) : outcomes;
    },
  }));
  return () => over;
}
