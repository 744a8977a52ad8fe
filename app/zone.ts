/** What is known of the zone of a Planfix account: a finding, which holds as long as that zone is configured. */
import { z } from 'zod';
import { type CheckLine } from '../connectors/port.ts';
import { type Instant } from '../errors/ids.ts';
import { type Store } from '../store/port.ts';
import { keepFinding, keptFindings, type Subject } from './findings.ts';

const State = z.enum(['ok', 'warning', 'failed', 'unknown']);

export interface ZoneProof {
  readonly state: z.infer<typeof State>;
  readonly found: string;
  readonly at: Instant;
}

export const keepZone = (
  store: Store,
  subject: Subject,
  { state, found }: CheckLine,
  at: Instant,
): Promise<void> => keepFinding(store, subject, { name: 'zone', value: state, how: found, at });

/** `null` = never asked, or asked of another zone than the configured one. */
export async function keptZone(store: Store, subject: Subject): Promise<ZoneProof | null> {
  const [kept] = await keptFindings(store, subject, ['zone']);
  const state = State.safeParse(kept?.value);
  return kept === undefined || !state.success ? null : { state: state.data, found: kept.how, at: kept.at };
}
