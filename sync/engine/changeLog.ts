/**
 * Change logs of accounts: read by one reader at a time, and only ever from where all that came before is kept as marks,
 * for reading on makes the account forget it.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Alongside, type ChangeLog, type SweepCursor, type Swept } from '../../connectors/port.ts';
import { type AccountId, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Touch } from '../../store/port.ts';
import { z } from 'zod';
import { type Reading } from '../core/replica.ts';
import { type ConnectedAccount, type EngineDeps } from './deps.ts';

const Cursor = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

export const cursorFrom = (stored: string | null): SweepCursor | null =>
  stored === null ? null : Cursor.parse(JSON.parse(stored));

/** Most pages in one go; what is left comes with the next one. */
const pagesMax = 100;

interface Held {
  readonly reader: string;
  readonly until: Instant;
  readonly cursor: SweepCursor | null;
}

async function open({ store, runtime, settings }: EngineDeps, { reader }: ChangeLog): Promise<Held | null> {
  const now = runtime.now();
  const until = now + settings.leaseMs;
  const opened = await store.openChangeLog(reader, now, until);
  return opened === null ? null : { reader, until, cursor: cursorFrom(opened.cursor) };
}

/** Accounts that act as one user hear of the same chats. */
const accountsOf = (deps: EngineDeps, reader: string): AccountId[] =>
  [...deps.accounts].flatMap(([account, { connector }]) =>
    connector.changes?.reader === reader ? [account] : [],
  );

/** Keeps what was told, then where to read on; false when the lease is another reader's by now. */
async function keep(
  deps: EngineDeps,
  held: Held,
  swept: Swept,
  isRead: (account: AccountId, told: Swept['tasks'][number]) => boolean = () => false,
): Promise<boolean> {
  const { store, runtime } = deps;
  const correlation = runtime.uuid();
  await store.touch(
    accountsOf(deps, held.reader).flatMap((account) =>
      swept.tasks
        .filter((told) => !isRead(account, told))
        .map(({ task, aspects }): Touch => ({
          account,
          task,
          aspects,
          lane: 'comment',
          dueAt: runtime.now(),
          correlation,
        })),
    ),
  );
  return store.keepChangeLog(held.reader, held.until, JSON.stringify(swept.next));
}

/** Reads an account's change log to its end; the number of hints. Throws ConnectorError. */
export async function readChanges(deps: EngineDeps, account: AccountId): Promise<number> {
  const log = deps.accounts.get(account)?.connector.changes;
  const held = log === undefined ? null : await open(deps, log);
  if (log === undefined || held === null) return 0;
  let found = 0;
  try {
    let { cursor } = held;
    for (let page = 0; page < pagesMax; page += 1) {
      const swept = await log.read(cursor);
      found += swept.tasks.length;
      if (!(await keep(deps, held, swept)) || !swept.more) break;
      cursor = swept.next;
    }
  } finally {
    await deps.store.closeChangeLog(held.reader, held.until);
  }
  return found;
}

/** A change log in the hand of one visit. */
export interface Listening {
  readonly alongside: Alongside;
  /** With the readings that the visit has kept. */
  keep(readings: ReadonlyMap<LocalTaskId, Reading>): Promise<void>;
  close(): Promise<void>;
}

/** Lets a visit that reads comments hear what the log tells; null where there is none or another one reads it. */
export async function listen(deps: EngineDeps, { connector }: ConnectedAccount): Promise<Listening | null> {
  const held = connector.changes === undefined ? null : await open(deps, connector.changes);
  if (held === null) return null;
  let heard: Swept | null = null;
  return {
    alongside: {
      cursor: held.cursor,
      told: (swept) => {
        heard = swept;
      },
    },
    async keep(readings) {
      const swept = heard as Swept | null;
      if (swept === null || (swept.tasks.length === 0 && isDeepStrictEqual(swept.next, held.cursor))) return;
      await keep(deps, held, swept, (account, told) => {
        const reading = account === connector.account ? readings.get(told.task) : undefined;
        if (reading?.is !== 'read' || reading.comments === undefined) return false;
        return reading.comments.extent.kind === 'all' || !told.aspects.includes('deleted-comments');
      });
    },
    close: () => deps.store.closeChangeLog(held.reader, held.until),
  };
}
