/**
 * Threads of many tasks in few requests, where an account lists the comments of all its tasks together: what they would
 * bring is asked of the core, and only threads that would bring something are read.
 */
import { type Connector } from '../../connectors/port.ts';
import { type AccountId, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type LoadedItem, type Touch } from '../../store/port.ts';
import { type CommentsReading } from '../core/replica.ts';
import { wouldBring } from '../core/wouldBring.ts';
import { cursorFrom } from './changeLog.ts';
import { contextOf, type EngineDeps } from './deps.ts';
import { marksOf } from './marks.ts';

/** Most comments are edited or deleted soon; older ones are met when their threads are read in their turn. */
const windowMs = 2 * 86_400_000;
/** Between two looks: long enough to cost a day's budget little, and longer the more there is to read. */
const restMs = 600_000;
const restPerPageMs = 60_000;
const pageRows = 100;
/** An account without the list may have it after an update. */
const absentMs = 86_400_000;

const cursorName = 'recent comments';

/** How many tasks have something to be read. Throws ConnectorError. */
export async function lookAround(
  deps: EngineDeps,
  account: AccountId,
  connector: Connector,
): Promise<number> {
  const { store, runtime, log } = deps;
  if (connector.recentComments === undefined) return 0;
  const cursor = cursorFrom(await store.cursor(account, cursorName));
  const now = runtime.now();
  if (Number(cursor?.['next'] ?? 0) > now) return 0;
  const restUntil = async (next: Instant): Promise<void> =>
    store.putCursor(account, cursorName, JSON.stringify({ next }));
  // An account that takes too long over it is not asked at every sweep.
  await restUntil(now + restMs);
  const told = await connector.recentComments(now - windowMs);
  if (told === null) {
    log.info({ account }, 'no list of all comments: threads are read one by one');
    await restUntil(now + absentMs);
    return 0;
  }
  const touches = await toRead(deps, account, told.readings);
  await store.touch(touches);
  await restUntil(now + Math.max(restMs, Math.ceil(told.rows / pageRows) * restPerPageMs));
  return touches.length;
}

async function toRead(
  deps: EngineDeps,
  account: AccountId,
  readings: ReadonlyMap<LocalTaskId, CommentsReading>,
): Promise<Touch[]> {
  const loaded = await deps.store.loadByTask([...readings.keys()].map((task) => ({ account, task })));
  const correlation = deps.runtime.uuid();
  return loaded.flatMap((one): Touch[] => {
    const replica = one.replicas.find((other) => other.account === account);
    const reading = replica?.task == null ? undefined : readings.get(replica.task);
    const brings = reading === undefined ? 'nothing' : bringsOf(deps, account, one, reading);
    if (replica?.task == null || brings === 'nothing') return [];
    return [
      {
        account,
        task: replica.task,
        aspects: [brings === 'new words' ? 'comments' : 'deleted-comments'],
        lane: 'comment',
        dueAt: deps.runtime.now(),
        correlation,
      },
    ];
  });
}

function bringsOf(deps: EngineDeps, account: AccountId, one: LoadedItem, reading: CommentsReading) {
  const mapping = deps.mappings.get(one.item.space);
  const context = mapping && contextOf(deps, mapping);
  const replica = one.replicas.find((other) => other.account === account);
  if (!mapping || !context || !replica) return 'nothing';
  const open = one.open.filter((row) => row.account === account).map(({ planned }) => planned.write);
  const marks = marksOf(deps.markSecret, mapping.space);
  return wouldBring(context, one.item, replica, reading, marks, deps.runtime.now(), open);
}
