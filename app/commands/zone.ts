/** The zone of a Planfix account: asked when it is given, told when it is another one or nothing proves it. */
import { type CheckLine } from '../../connectors/port.ts';
import { realRuntime } from '../../runtime/real.ts';
import { type Account, connect } from '../accounts.ts';
import { keepZone } from '../zone.ts';
import { type Io } from './io.ts';
import { type Session } from './session.ts';

/** Nothing for a CRM whose times have an offset. */
export async function tellZone(session: Session, io: Io, account: Account): Promise<void> {
  if (account.kind !== 'planfix') return;
  const line = await connect(account, realRuntime()).connector.proveZone?.();
  if (line === undefined) return;
  await keepZoneLine(session, account, [line]);
  if (line.state === 'ok') io.say(`Zone: ${line.found}.`);
  else io.warn(`Zone: ${line.found}.${line.todo === undefined ? '' : `\n    → ${line.todo}`}`);
}

export async function keepZoneLine(
  { opened }: Session,
  account: Account,
  lines: readonly CheckLine[],
): Promise<void> {
  const line = lines.find(({ about }) => about === 'zone');
  if (line !== undefined) await keepZone(opened.store, account, line, Date.now());
}
