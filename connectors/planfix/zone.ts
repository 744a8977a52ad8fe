/**
 * In which zone the account means the times that it takes without one (reference 5.2, 6.5): that of the token's user, who
 * is not told by any method. What is read proves it, where `date` and `time` differ from the UTC of `datetime`; else a
 * filter on a known moment does, which only reads. Where both say that the configured zone is another, nothing is written
 * that would shift, and the sweep looks back far enough to miss nothing.
 */
import { type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type WantedFields } from '../../sync/core/operation.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { type CheckLine } from '../port.ts';
import { type Call, send, type Session } from './client.ts';
import { beforeRepeatedHour, toDateAndTime, toFilterMoment, type TimePoint, wallAsUtc } from './dates.ts';
import { Moment, Numbered } from './schema.ts';
import { troubleOf } from './troubles.ts';

/** A moment that the account shows otherwise than the configured zone does. */
export interface Oddity {
  readonly shown: string;
  readonly utc: string;
  readonly expected: string;
  /** Of what is shown, from UTC, ms. */
  readonly offsetMs: number;
}

/** `silent`: date and time are those of UTC, which the user's zone may be, or which may be shown to everybody. */
type Evidence = 'agrees' | 'silent' | Oddity;

/** In which zone a filter was read: the configured one, UTC, or neither. */
type FilterZone = 'configured' | 'utc' | 'neither';

/** What one connection has learnt of its zone. */
export interface ZoneKnown {
  shown: Evidence | null;
  filter: FilterZone | null;
  /** Why moments that were written are stored as others, whatever filters say; null = none was seen. */
  stored: string | null;
  /** Dates written and not read back yet, by task. */
  readonly wrote: Map<LocalTaskId, Dates>;
  /** Not asked for before. */
  askAt: Instant;
}

type Dates = Readonly<Record<'start' | 'deadline', DateValue | null>>;
type WantedDates = Pick<WantedFields, keyof Dates>;

const hasDates = ({ start, deadline }: WantedDates): boolean => start != null || deadline != null;

export const nothingKnown = (): ZoneKnown => ({
  shown: null,
  filter: null,
  stored: null,
  wrote: new Map(),
  askAt: 0,
});

function evidenceOf(point: TimePoint | null | undefined, zone: string): Evidence | null {
  if (point?.datetime === undefined || point.date === undefined || point.time === undefined) return null;
  const at = Date.parse(point.datetime);
  const shownAt = wallAsUtc(point.date, point.time);
  if (Number.isNaN(at) || shownAt === null) return null;
  const offsetMs = shownAt - Math.floor(at / 60_000) * 60_000;
  if (offsetMs === 0) return 'silent';
  const { date, time } = toDateAndTime(at, zone);
  if (date === point.date && time === point.time.slice(0, 5)) return 'agrees';
  return {
    shown: `${point.date} ${point.time}`,
    utc: point.datetime,
    expected: `${date} ${time}`,
    offsetMs,
  };
}

/** Takes note of the moments of what was read; the last one that says anything counts. */
export function noteMoments(session: Session, points: readonly (TimePoint | null | undefined)[]): void {
  for (const point of points) {
    const evidence = evidenceOf(point, session.settings.zone);
    if (evidence !== null) session.zone.shown = evidence;
  }
}

const wroteMax = 1_000;

/** Remembers which moments a write carried, until the task is read. */
export function noteWritten(session: Session, task: LocalTaskId, fields: WantedDates): void {
  const { wrote } = session.zone;
  if (!hasDates(fields)) return;
  if (wrote.size >= wroteMax) wrote.clear();
  wrote.set(task, { start: fields.start ?? null, deadline: fields.deadline ?? null });
}

/** Compares what was written with what is read: the same date and time, taken for UTC, is another moment. */
export function noteStored(session: Session, task: LocalTaskId, read: Dates): void {
  const known = session.zone;
  const wrote = known.wrote.get(task);
  if (wrote === undefined) return;
  known.wrote.delete(task);
  const { zone } = session.settings;
  for (const name of ['start', 'deadline'] as const) {
    const [written, stored] = [wrote[name], read[name]];
    if (written === null || stored === null) continue;
    const { date, time } = toDateAndTime(written.at, zone);
    if (Math.floor(written.at / 60_000) * 60_000 === stored.at) known.stored = null;
    else if (wallAsUtc(date, time) === stored.at)
      known.stored = `Planfix stores ${date} ${time} as a moment of UTC, not of ${zone}`;
  }
}

/** Why times written in the configured zone would be stored as other moments; null = nothing speaks against it. */
function against(session: Session): string | null {
  const { zone } = session.settings;
  const { shown, filter, stored } = session.zone;
  if (stored !== null) return stored;
  if (shown !== null && typeof shown === 'object')
    return `Planfix shows ${shown.shown} for ${shown.utc}, which is ${shown.expected} in ${zone}`;
  if (shown !== 'silent' || filter === null || filter === 'configured') return null;
  return filter === 'utc'
    ? `Planfix reads times as UTC, not as ${zone}`
    : `Planfix does not read times as ${zone}`;
}

const setZone = 'Give the account the zone of the bridge’s user in Planfix: svyazka account add … --zone';

/** Dates that would be stored as another moment are held back, each with its trouble; clearing a date shifts nothing. */
export function withoutShiftedDates<Fields extends WantedDates>(
  session: Session,
  fields: Fields,
): { readonly fields: Fields; readonly failures: readonly Trouble[] } {
  const answered = against(session);
  if (answered === null) return { fields, failures: [] };
  const held = (['start', 'deadline'] as const).filter((name) => fields[name] != null);
  return {
    fields: Object.fromEntries(
      Object.entries(fields).filter(([name]) => !held.some((one) => one === name)),
    ) as Fields,
    failures: held.map((about) => ({
      code: 'E-FIELD-INVALID' as const,
      about,
      wanted: new Date(fields[about]?.at ?? 0).toISOString(),
      answered,
      todo: `${setZone}; then svyazka retry.`,
    })),
  };
}

/** Whether a moment written in the configured zone may be stored as another one. */
export const mayShift = (session: Session): boolean => against(session) !== null;

/** The farthest west that people live, from UTC. */
const westMs = -12 * 3_600_000;

/**
 * The beginning of a sweep as a filter writes it: a wall clock that the account reads as `since` or as an earlier moment,
 * whichever of the zones in question it means.
 */
export function filterSince(session: Session, since: Instant): string {
  const { zone } = session.settings;
  const walls = [wallOfFilter(since, zone)];
  const { shown, filter } = session.zone;
  if (shown !== null && typeof shown === 'object') walls.push(wallOfFilter(since + shown.offsetMs, 'UTC'));
  else if (shown === 'silent' && filter === 'utc') walls.push(wallOfFilter(since, 'UTC'));
  else if (shown === 'silent' && filter === 'neither') walls.push(wallOfFilter(since + westMs, 'UTC'));
  const [earliest] = walls.sort((one, other) => one.at - other.at);
  return earliest?.text ?? '';
}

function wallOfFilter(since: Instant, zone: string): { readonly text: string; readonly at: number } {
  const text = toFilterMoment(beforeRepeatedHour(since, zone), zone);
  const [date = '', time = ''] = text.split(' ');
  return { text, at: wallAsUtc(date, time) ?? 0 };
}

const askAgainMs = 3_600_000;

/** Learns what readings have not told yet; asks seldom. Never throws. */
export async function learnZone(session: Session): Promise<void> {
  const known = session.zone;
  if (session.runtime.now() < known.askAt) return;
  if (known.shown === null || (known.shown === 'silent' && known.filter === null)) await proveZone(session);
}

/** Before a moment is written: two accounts that each shift it would hand it on to each other for ever. Never throws. */
export async function learnZoneFor(session: Session, fields: WantedDates): Promise<void> {
  if (hasDates(fields)) await learnZone(session);
}

type Witness = { readonly id: string; readonly created: TimePoint | null };

/** Tasks with two moments of each. */
export const datedTasks: Call = {
  method: 'POST',
  path: '/task/list',
  json: { offset: 0, pageSize: 20, fields: 'id,dateTime,dateOfLastUpdate' },
};

/** Read-only; never throws. See Connector.proveZone. */
export async function proveZone(session: Session): Promise<CheckLine> {
  const listed = await send(session, datedTasks);
  if (listed.is === 'refused' || listed.is === 'unclear') {
    const trouble = troubleOf(listed, 'zone', `POST ${datedTasks.path}`);
    return { about: 'zone', state: 'unknown', found: trouble.answered ?? trouble.code, todo: trouble.todo };
  }
  const rows = listed.is === 'ok' ? listed.data['tasks'] : undefined;
  return zoneLine(session, Array.isArray(rows) ? (rows as unknown[]) : []);
}

/** The line of `check` from rows with `id`, `dateTime`, `dateOfLastUpdate`; asks a filter where they say nothing. */
export async function zoneLine(session: Session, rows: readonly unknown[]): Promise<CheckLine> {
  const { zone } = session.settings;
  const known = session.zone;
  let shown: Evidence | null = null;
  const witnesses = rows.flatMap((row): Witness[] => {
    const [task, moment] = [Numbered.safeParse(row), Moment.safeParse(row)];
    if (!task.success || !moment.success) return [];
    for (const point of [moment.data.dateTime, moment.data.dateOfLastUpdate]) {
      const evidence = evidenceOf(point, zone);
      // One moment that the zone does not explain weighs more than many that it does.
      if (evidence !== null && (shown === null || shown === 'silent' || typeof evidence === 'object'))
        shown = evidence;
    }
    return [{ id: task.data.id, created: moment.data.dateTime ?? null }];
  });
  known.shown = shown ?? known.shown;
  known.filter = known.shown === 'silent' ? await filterZone(session, witnesses) : null;
  // An account without tasks is asked again: its first ones must not be missed.
  if (rows.length > 0) known.askAt = session.runtime.now() + askAgainMs;
  return lineOf(session);
}

/** Asks for a task by its number and by the minute that it was created in, written in a zone. */
async function filterZone(session: Session, witnesses: readonly Witness[]): Promise<FilterZone | null> {
  const { zone } = session.settings;
  const witness = witnesses.find(({ created }) => !Number.isNaN(Date.parse(created?.datetime ?? '')));
  if (witness === undefined) return null;
  const at = Date.parse(witness.created?.datetime ?? '');
  const zones = [
    { name: 'configured', asked: zone },
    { name: 'utc', asked: 'UTC' },
  ] as const;
  for (const { name, asked } of zones) {
    const moment = toFilterMoment(at, asked);
    const answer = await send(session, {
      method: 'POST',
      path: '/task/list',
      json: {
        offset: 0,
        pageSize: 1,
        fields: 'id',
        filters: [
          { type: 57, operator: 'equal', value: [Number(witness.id)] },
          {
            type: 12,
            operator: 'equal',
            value: { dateType: 'otherRange_withTime', dateFrom: moment, dateTo: moment },
          },
        ],
      },
    });
    const found = answer.is === 'ok' ? answer.data['tasks'] : undefined;
    if (!Array.isArray(found)) return null;
    if (found.some((row) => Numbered.safeParse(row).data?.id === witness.id)) return name;
  }
  return 'neither';
}

/** The line of `check` from a moment that was written, as `written` in the configured zone, and read back. */
export function storedLine(
  session: Session,
  written: string,
  at: Instant,
  stored: Instant | null,
): CheckLine {
  const { zone } = session.settings;
  const about = 'zone';
  if (stored === null) return { about, state: 'unknown', found: `a date that was written was not stored` };
  if (Math.floor(at / 60_000) * 60_000 === stored)
    return { about, state: 'ok', found: `${written} was stored as that moment of ${zone}` };
  const found = `${written} was stored as ${new Date(stored).toISOString()}, which is another moment in ${zone}`;
  return { about, state: 'failed', found, todo: setZone };
}

function lineOf(session: Session): CheckLine {
  const { zone } = session.settings;
  const { shown, filter } = session.zone;
  const ask = `See which zone the profile of the bridge’s user in Planfix names. If it is not ${zone}: svyazka account add … --zone`;
  const wrong = against(session);
  if (wrong !== null) {
    return {
      about: 'zone',
      state: 'failed',
      found: `${wrong}. Dates are not written until this is settled`,
      todo: setZone,
    };
  }
  if (shown === null)
    return { about: 'zone', state: 'unknown', found: 'no task shows both its times yet', todo: ask };
  if (shown === 'agrees' || filter === 'configured') {
    const how = shown === 'agrees' ? 'shows its times' : 'reads the times of filters';
    return { about: 'zone', state: 'ok', found: `Planfix ${how} in ${zone}` };
  }
  return { about: 'zone', state: 'warning', found: 'Planfix shows UTC, which tells nothing', todo: ask };
}
