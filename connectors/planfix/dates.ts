/**
 * Planfix writes moments as wall-clock text of the token's user (`date` and `time`) and as UTC (`datetime`), minutes
 * only (reference 6.5). The connector reads `datetime` and writes `date` with `time`; days without a time of day go by
 * `date` alone. Pure: zone and instant are arguments.
 */
import { type Instant } from '../../errors/ids.ts';
import { type DateValue } from '../../sync/core/item.ts';

const minuteMs = 60_000;

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** What the account tells of a moment; any part may be missing. */
export interface TimePoint {
  readonly date?: string | undefined;
  readonly time?: string | undefined;
  readonly datetime?: string | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Throws RangeError for a zone that is no IANA name. */
function wallOf(at: Instant, zone: string): Wall {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
  };
}

const asUtc = (wall: Wall): Instant => Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);

function instantOf(wall: Wall, zone: string): Instant {
  const guess = asUtc(wall);
  const shifted = guess - (asUtc(wallOf(guess, zone)) - guess);
  // The offset may differ on the other side of a clock change: take the one that holds at the moment itself.
  return guess - (asUtc(wallOf(shifted, zone)) - shifted);
}

const two = (value: number): string => String(value).padStart(2, '0');

const dateText = (wall: Wall): string =>
  `${two(wall.day)}-${two(wall.month)}-${String(wall.year).padStart(4, '0')}`;

const timeText = (wall: Wall): string => `${two(wall.hour)}:${two(wall.minute)}`;

function readWall(date: string, time: string): Wall | null {
  const day = /^(\d{2})-(\d{2})-(\d{4})$/.exec(date);
  const clock = /^(\d{2}):(\d{2})(?::\d{2})?$/.exec(time);
  if (day === null || clock === null) return null;
  return {
    year: Number(day[3]),
    month: Number(day[2]),
    day: Number(day[1]),
    hour: Number(clock[1]),
    minute: Number(clock[2]),
  };
}

/** A wall clock as if it were UTC, or null when it is none: what two of them differ by. */
export function wallAsUtc(date: string, time: string): Instant | null {
  const wall = readWall(date, time);
  return wall === null ? null : asUtc(wall);
}

const longestRepeatMs = 3 * 3_600_000;

/**
 * Where the clocks are put back, an hour of wall clock times names two moments. Gives the moment itself, or one before
 * such an hour, whose wall clock names no later moment than itself.
 */
export function beforeRepeatedHour(at: Instant, zone: string): Instant {
  const offset = (moment: Instant): number => asUtc(wallOf(moment, zone)) - floorToMinute(moment);
  const putBackMs = offset(at) - offset(at + longestRepeatMs);
  return putBackMs > 0 && instantsOf(wallOf(at, zone), zone, putBackMs) ? at - putBackMs : at;
}

/** Whether a wall clock time names a second moment `laterMs` after the first. */
const instantsOf = (wall: Wall, zone: string, laterMs: number): boolean =>
  [instantOf(wall, zone) - laterMs, instantOf(wall, zone), instantOf(wall, zone) + laterMs].filter(
    (at) => asUtc(wallOf(at, zone)) === asUtc(wall),
  ).length > 1;

/** Moment without its seconds: the resolution of everything in Planfix. */
export const floorToMinute = (at: Instant): Instant => Math.floor(at / minuteMs) * minuteMs;

/** `{date: "24-11-2026", time: "10:05"}` in the zone. */
export function toDateAndTime(at: Instant, zone: string): { readonly date: string; readonly time: string } {
  const wall = wallOf(at, zone);
  return { date: dateText(wall), time: timeText(wall) };
}

/** `24-11-2026 10:05`, the form of filter values with time (reference 5.2). */
export function toFilterMoment(at: Instant, zone: string): string {
  const { date, time } = toDateAndTime(at, zone);
  return `${date} ${time}`;
}

/** Midnight, in the zone, of the day that the moment falls on. */
export const midnightOf = (at: Instant, zone: string): Instant =>
  instantOf({ ...wallOf(at, zone), hour: 0, minute: 0 }, zone);

/** The moment of a TimePoint, or `null` when none of its parts can be read. */
export function momentOf(point: TimePoint, zone: string): Instant | null {
  if (point.datetime !== undefined) {
    const at = Date.parse(point.datetime);
    if (!Number.isNaN(at)) return floorToMinute(at);
  }
  const wall = point.date === undefined ? null : readWall(point.date, point.time ?? '00:00');
  return wall === null ? null : instantOf(wall, zone);
}

/**
 * A date as the port has it. A day without a time of day is a midnight in the zone: what `datetime` says of it is not
 * documented, so it counts only when it is such a midnight, else the day that `date` names.
 */
export function dateValueOf(point: TimePoint, timed: boolean, zone: string): DateValue | null {
  const at = momentOf(point, zone);
  if (at === null || timed || midnightOf(at, zone) === at) return at === null ? null : { at, timed };
  const day = point.date === undefined ? at : (momentOf({ date: point.date }, zone) ?? at);
  return { at: midnightOf(day, zone), timed };
}

/** How the account stores a date: whole minutes, whole days in the acting user's zone. */
export const storedDate = (value: DateValue, zone: string): DateValue => ({
  at: value.timed ? floorToMinute(value.at) : midnightOf(value.at, zone),
  timed: value.timed,
});

/** The TimePoint to send: `date` alone means a day without a time of day. */
export function toTimePoint(
  value: DateValue,
  zone: string,
): { readonly date: string; readonly time?: string } {
  const { date, time } = toDateAndTime(value.at, zone);
  return value.timed ? { date, time } : { date };
}
