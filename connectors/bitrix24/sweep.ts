/**
 * What changed since a moment of the portal's clock: field changes by the filter `>=CHANGED_DATE`, chats and comments by
 * walking the tasks from the latest activity down to the watermark, since activity can be sorted by but not filtered
 * (b24restdocs: tasks-task-list.md; reference §9). Both walks share a request.
 */
import { as, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Aspect, ConnectorError, type SweepCursor, type Swept } from '../port.ts';
import { type Command } from './batch.ts';
import { type Answer, connectorError } from './failure.ts';
import { isoMoment } from './fields.ts';
import { SweptTask, TaskList } from './schema.ts';
import { oddRow } from './service.ts';
import { type Session } from './session.ts';
import { factOf, learn } from './unknowns.ts';

const page = 50;
/** Rows of one walk by offset. */
const rowsMax = 25_000;
/** Clocks, transactions that commit late, and dates of whole seconds. */
const overlapMs = 60_000;
const method = 'tasks.task.list';

/**
 * `since` is where this round began to look, `until` the portal's time when it began. `changed` and `changedSkip` say how
 * far the first walk came (moment, rows of that moment seen), `active` how many rows of the second; -1 = walked to its end.
 */
interface Round {
  readonly since: Instant;
  readonly until: Instant | null;
  readonly changed: Instant;
  readonly changedSkip: number;
  readonly active: number;
  /** Last rows of the pages before, where the next is asked for by its offset. */
  readonly changedLast: LocalTaskId | null;
  readonly activeLast: LocalTaskId | null;
}

const finished = -1;

const freshRound = (since: Instant): Round => ({
  since,
  until: null,
  changed: since - overlapMs,
  changedSkip: 0,
  active: 0,
  changedLast: null,
  activeLast: null,
});

function roundOf(cursor: SweepCursor): Round {
  const number = (name: string): number | null => {
    const value = cursor[name];
    return typeof value === 'number' ? value : null;
  };
  const task = (name: string): LocalTaskId | null => {
    const value = cursor[name];
    return typeof value === 'string' ? as<LocalTaskId>(value) : null;
  };
  const since = number('since');
  if (since === null)
    throw new ConnectorError({
      code: 'E-OURS',
      about: 'task',
      tried: method,
      answered: 'a sweep cursor of another form',
      todo: 'Begin the sweep anew: read every mirrored task of this account once.',
    });
  const fresh = freshRound(since);
  return {
    since,
    until: number('until'),
    changed: number('changed') ?? fresh.changed,
    changedSkip: number('changedSkip') ?? 0,
    active: number('active') ?? 0,
    changedLast: task('changedLast'),
    activeLast: task('activeLast'),
  };
}

const cursorOf = (round: Round): SweepCursor => ({ ...round });

interface Row {
  readonly task: LocalTaskId;
  readonly changed: Instant | null;
  readonly active: Instant | null;
}

function rowsOf(answer: Answer | undefined): readonly Row[] {
  if (answer?.is === 'failed') throw connectorError(answer, 'task', method);
  const list = TaskList.safeParse(answer?.result);
  if (!list.success) throw new ConnectorError(oddRow('task', method, 'no list of tasks'));
  return list.data.map((row) => {
    const listed = SweptTask.safeParse(row);
    // A row without its number can't be skipped: its change would be missed.
    if (!listed.success)
      throw new ConnectorError(oddRow('task', method, 'a row without an id or with an odd date'));
    return {
      task: as<LocalTaskId>(listed.data.id),
      changed: listed.data.changedDate,
      active: listed.data.activityDate,
    };
  });
}

const select = ['ID', 'CHANGED_DATE', 'ACTIVITY_DATE'];

/** The first page needs no count; a later one is asked for by its offset. */
const startAt = (skip: number): number => (skip === 0 ? -1 : skip);

/** See Connector.changedSince. */
export async function changedSince(session: Session, cursor: SweepCursor | null): Promise<Swept> {
  if (cursor === null) {
    // Any answer tells the portal's time; a list of one sort costs no more than others.
    const answer = await session.client.call(method, { select: ['ID'], order: { ID: 'desc' }, start: -1 });
    if (answer.is === 'failed') throw connectorError(answer, 'task', method);
    if (!TaskList.safeParse(answer.result).success)
      throw new ConnectorError(oddRow('task', method, 'no list of tasks'));
    return { tasks: [], next: cursorOf(freshRound(portalTime(session))), more: false };
  }
  const given = roundOf(cursor);
  const round = session.astray === given.since ? freshRound(given.since) : given;
  session.astray = null;
  try {
    return await walked(session, round);
  } catch (error) {
    // What the pages before showed is in doubt too: nothing that they stepped over may be lost.
    if (error instanceof ConnectorError && error.trouble.code === 'E-REMOTE-ANSWER')
      session.astray = round.since;
    throw error;
  }
}

/** The next page of each walk. */
async function walked(session: Session, round: Round): Promise<Swept> {
  const commands: Command[] = [];
  const since = round.since - overlapMs;
  const filtered = factOf(session, 'list.activityFilter') === 'honoured';
  if (round.changedSkip !== finished)
    commands.push({
      key: 'changed',
      method,
      params: {
        order: { CHANGED_DATE: 'asc', ID: 'asc' },
        filter: { '>=CHANGED_DATE': isoMoment(round.changed) },
        select,
        start: startAt(round.changedSkip),
      },
    });
  if (round.active !== finished)
    commands.push({
      key: 'active',
      method,
      params: {
        order: { ACTIVITY_DATE: 'desc' },
        // Where it is honoured an idle account answers with nothing; one that ignores it is walked as ever.
        ...(filtered ? { filter: { '>=ACTIVITY_DATE': isoMoment(since) } } : {}),
        select,
        start: startAt(round.active),
      },
    });
  const answers = await session.client.run(commands);
  const until = round.until ?? portalTime(session);

  const tasks = new Map<LocalTaskId, Set<Aspect>>();
  const mark = (task: LocalTaskId, aspect: Aspect): void => {
    tasks.set(task, (tasks.get(task) ?? new Set<Aspect>()).add(aspect));
  };
  const markRow = ({ task, changed, active }: Row): void => {
    if (changed === null || changed >= since) mark(task, 'task');
    if (active !== null && active >= since) mark(task, 'comments');
  };

  let { changed, changedSkip, active, changedLast, activeLast } = round;
  if (changedSkip !== finished) {
    const rows = rowsOf(answers.get('changed'));
    rows.forEach(markRow);
    const last = rows.at(-1)?.changed ?? null;
    if (rows.length === page && changedSkip > 0) changedLast = further(rows, changedLast, changedSkip);
    else changedLast = rows.at(-1)?.task ?? null;
    if (rows.length < page) changedSkip = finished;
    else if (last === null || !inOrder(rows.map((row) => row.changed))) throw unordered('CHANGED_DATE');
    // Later changes than this round's beginning are the next round's.
    else if (last > until) changedSkip = finished;
    else if (floorSecond(last) > floorSecond(changed)) {
      // From the last moment seen, not by an offset: a task that changes meanwhile moves, and another would be skipped.
      changed = last;
      changedSkip = 0;
    } else changedSkip += page;
  }
  if (active !== finished) {
    const rows = rowsOf(answers.get('active'));
    const young = rows.filter((row) => row.active !== null && row.active >= since);
    young.forEach(markRow);
    if (filtered && rows.some((row) => row.active !== null && row.active < floorSecond(since) * 1_000))
      learn(session, 'list.activityFilter', 'ignored', 'a list showed a task whose last activity is older');
    if (rows.length === page && !inOrder(rows.map((row) => row.active).reverse()))
      throw unordered('ACTIVITY_DATE');
    if (rows.length === page) activeLast = further(rows, activeLast, active);
    active = rows.length < page || young.length < rows.length ? finished : active + page;
  }
  const more = changedSkip !== finished || active !== finished;
  return {
    tasks: [...tasks].map(([task, aspects]) => ({ task, aspects: [...aspects] })),
    next: cursorOf(
      more
        ? { since: round.since, until, changed, changedSkip, active, changedLast, activeLast }
        : freshRound(Math.max(until, round.since)),
    ),
    more,
  };
}

/** The portal's time, but never ahead of ours: what a wrong clock skips would be lost. */
const portalTime = ({ client, runtime }: Session): Instant => Math.min(client.serverNow(), runtime.now());

/** Rows without a date stand before those with one. */
const inOrder = (dates: readonly (Instant | null)[]): boolean =>
  dates.every((at, index) => index === 0 || (at ?? 0) >= (dates[index - 1] ?? 0));

const unordered = (field: string): ConnectorError =>
  new ConnectorError(oddRow('task', method, `a page that is not in the order of ${field}`));

/** The last row of a full page; a page that repeats the one before, and a list that is longer than any portal's is given up, not read for ever. */
function further(rows: readonly Row[], before: LocalTaskId | null, skip: number): LocalTaskId | null {
  const last = rows.at(-1)?.task ?? null;
  if (last === before) throw new ConnectorError(oddRow('task', method, 'a page that leads no further'));
  if (skip + page > rowsMax)
    throw new ConnectorError(oddRow('task', method, `more than ${String(rowsMax)} rows`));
  return last;
}

const floorSecond = (at: Instant): number => Math.floor(at / 1_000);
