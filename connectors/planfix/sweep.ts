/**
 * What changed since a moment (reference 5.2): filter 79 sees changes and comments, in whole minutes of the token
 * user's zone. Windows overlap, tasks may be told twice, none is left out. Edits and deletions of comments no filter
 * shows.
 */
import { as, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { ConnectorError, type SweepCursor, type Swept } from '../port.ts';
import { type Session } from './client.ts';
import { type List, listRows } from './pages.ts';
import { SweptTask, whatIsWrong } from './schema.ts';
import { connectorError, oddAnswer } from './troubles.ts';
import { filterSince, learnZone, noteMoments } from './zone.ts';

/** One minute is the resolution; the second covers clocks that differ a little. */
const overlapMs = 120_000;

const changedOrCommented = 79;
const commented = 21;

/** See Connector.changedSince. Throws ConnectorError. */
export async function changedSince(session: Session, cursor: SweepCursor | null): Promise<Swept> {
  const begun = session.runtime.now();
  const since = cursor?.['since'];
  if (typeof since !== 'number') return { tasks: [], next: { since: begun }, more: false };
  let changed = await tasksSince(session, changedOrCommented, since);
  await learnZone(session);
  // In the zone that turns out to be the account's own, the moment asked for was a later one.
  if (filterSince(session, since - overlapMs) !== changed.from)
    changed = await tasksSince(session, changedOrCommented, since);
  const next = { since: Math.min(begun, changed.servedAt ?? begun) };
  // Comments cost a request per task: with more than one task it pays to ask which have new ones.
  const talked = changed.tasks.length > 1 ? await tasksSince(session, commented, since) : changed;
  const withComments = new Set(talked.tasks);
  return {
    tasks: [...new Set([...changed.tasks, ...talked.tasks])].map((task) => ({
      task,
      aspects: withComments.has(task) ? ['task', 'comments'] : ['task'],
    })),
    next,
    more: false,
  };
}

async function tasksSince(
  session: Session,
  filter: number,
  since: Instant,
): Promise<{
  readonly tasks: readonly LocalTaskId[];
  readonly servedAt: Instant | null;
  readonly from: string;
}> {
  const dateFrom = filterSince(session, since - overlapMs);
  const list: List = {
    path: '/task/list',
    json: {
      fields: 'id,type,dateTime,dateOfLastUpdate',
      filters: [{ type: filter, operator: 'gt', value: { dateType: 'otherDate_withTime', dateFrom } }],
    },
    key: 'tasks',
    about: 'sweep',
  };
  const listed = await listRows(session, list);
  if (listed.is === 'odd') throw new ConnectorError(listed.trouble);
  if (listed.is !== 'rows') throw connectorError(listed, list.about, `POST ${list.path}`);
  const tasks = listed.rows.flatMap(({ row }) => {
    const task = SweptTask.safeParse(row);
    // A row without its number can't be skipped: its change would be missed.
    if (!task.success)
      throw new ConnectorError(oddAnswer('sweep', `POST ${list.path}`, whatIsWrong(task.error)));
    noteMoments(session, [task.data.dateTime, task.data.dateOfLastUpdate]);
    // Templates and checklist items have numbers of the same row as tasks.
    if (task.data.type != null && task.data.type !== 'Task') return [];
    return [as<LocalTaskId>(task.data.id)];
  });
  return { tasks, servedAt: listed.servedAt, from: dateFrom };
}
