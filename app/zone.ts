/** What is known of the zone of a Planfix account, kept with the account: when it was asked, and what came out. */
import { z } from 'zod';
import { type CheckLine } from '../connectors/port.ts';
import { type AccountId, type Instant } from '../errors/ids.ts';
import { type Store } from '../store/port.ts';

const Kept = z.object({
  /** The zone that was configured then. */
  zone: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'unknown']),
  found: z.string(),
  at: z.number(),
});

export type ZoneProof = z.infer<typeof Kept>;

const name = 'zone';

export const keepZone = (
  store: Store,
  account: AccountId,
  zone: string,
  { state, found }: CheckLine,
  at: Instant,
): Promise<void> => store.putCursor(account, name, JSON.stringify({ zone, state, found, at }));

/** `null` = never asked, or asked of another zone than the configured one. */
export async function keptZone(store: Store, account: AccountId, zone: string): Promise<ZoneProof | null> {
  const kept = await store.cursor(account, name);
  if (kept === null) return null;
  const read = Kept.safeParse(JSON.parse(kept));
  return read.success && read.data.zone === zone ? read.data : null;
}
