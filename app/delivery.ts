/** How many hints of an account came, and when the last one did: counted where they are received, kept with the account. */
import { z } from 'zod';
import { type CheckLine } from '../connectors/port.ts';
import { type AccountId, as, type Instant } from '../errors/ids.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type Store } from '../store/port.ts';

const Delivered = z.object({ count: z.number(), since: z.number(), lastAt: z.number() });

export type Delivered = z.infer<typeof Delivered>;

const name = 'hints';

/** `null` = none ever came. */
export async function keptDelivery(
  store: Pick<Store, 'cursor'>,
  account: AccountId,
): Promise<Delivered | null> {
  const read = Delivered.safeParse(JSON.parse((await store.cursor(account, name)) ?? 'null'));
  return read.success ? read.data : null;
}

export interface Deliveries {
  came(account: string, at: Instant): void;
  /** Keeps what came since the last time. Throws what the store throws; nothing counted is lost then. */
  keep(): Promise<void>;
}

export function countDeliveries(store: Pick<Store, 'cursor' | 'putCursor'>): Deliveries {
  const fresh = new Map<AccountId, Delivered>();
  return {
    came(account, at) {
      const before = fresh.get(as<AccountId>(account));
      fresh.set(as<AccountId>(account), {
        count: (before?.count ?? 0) + 1,
        since: before?.since ?? at,
        lastAt: at,
      });
    },
    async keep() {
      for (const [account, { count, since, lastAt }] of [...fresh]) {
        const kept = await keptDelivery(store, account);
        const sum = { count: (kept?.count ?? 0) + count, since: kept?.since ?? since, lastAt };
        await store.putCursor(account, name, JSON.stringify(sum));
        const now = fresh.get(account);
        if (now?.count === count) fresh.delete(account);
        else if (now !== undefined) fresh.set(account, { ...now, count: now.count - count });
      }
    },
  };
}

const day = 86_400_000;

const moment = (at: Instant): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The line of a check: whether the account's webhooks reach the bridge. */
export function deliveryLine(
  account: string,
  kind: CrmKind,
  kept: Delivered | null,
  now: Instant,
): CheckLine {
  const about = 'webhook delivery';
  const build =
    kind === 'planfix'
      ? `Build the scenarios of svyazka account webhook ${account}, then change a task and look again.`
      : `See svyazka account webhook ${account}, then change a task in the portal and look again.`;
  if (kept === null)
    return {
      about,
      state: 'unknown',
      found: 'no hint has come yet: changes arrive by the sweep',
      todo: build,
    };
  const found = `the last hint came ${moment(kept.lastAt)}, ${String(kept.count)} since ${moment(kept.since)}`;
  return now - kept.lastAt < day
    ? { about, state: 'ok', found }
    : {
        about,
        state: 'warning',
        found,
        todo: `If people have changed tasks since, the scenario or webhook was switched off. ${build}`,
      };
}
