/** Date objects of complex filters (section 5.2): a span of whole minutes, in the token user's zone. */
import { type Instant, type Json } from '../common/types.ts';
import { isObject, toInteger } from './answers.ts';
import { DAY, fromWall, MINUTE, parseDate, parseTime, toWall } from './moments.ts';

/** From (inclusive) to (exclusive), in real time. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export interface DateTest {
  readonly holds: (at: Instant | undefined) => boolean;
  /** No moment before this one can hold; absent = unknown. */
  readonly lower?: Instant;
}

/** The test of a date filter; a value that can't be read lets everything through, as the server does. */
export function dateTest(
  operator: string,
  value: Json | undefined,
  zone: string,
  now: Instant,
  gtOtherDateInclusive: boolean,
): DateTest {
  const span = spanOf(value, zone, now);
  if (span === undefined) return { holds: () => true };
  const { from, to } = span;
  const minute = (at: Instant) => Math.floor(at / MINUTE) * MINUTE;
  switch (operator) {
    case 'equal':
      return {
        holds: (at) => at !== undefined && minute(at) >= from && minute(at) < to,
        lower: from,
      };
    case 'notequal':
      return { holds: (at) => at === undefined || minute(at) < from || minute(at) >= to };
    case 'gt': {
      const inclusive = gtOtherDateInclusive && isObject(value) && value['dateType'] === 'otherDate';
      const bound = inclusive ? from : to;
      return { holds: (at) => at !== undefined && minute(at) >= bound, lower: bound };
    }
    case 'gtAndEqual':
      return { holds: (at) => at !== undefined && minute(at) >= from, lower: from };
    case 'lt':
      return { holds: (at) => at !== undefined && minute(at) < from };
    case 'ltAndEqual':
      return { holds: (at) => at !== undefined && minute(at) < to };
    default:
      return { holds: () => true };
  }
}

function spanOf(value: Json | undefined, zone: string, now: Instant): Span | undefined {
  if (!isObject(value)) return undefined;
  const today = Math.floor(toWall(zone, now) / DAY) * DAY;
  const days = (from: number, to: number): Span => ({
    from: fromWall(zone, from),
    to: fromWall(zone, to),
  });
  const given = toInteger(value['dateValue']) ?? 0;
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  const month = (shift: number) => {
    const date = new Date(today);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + shift, 1);
  };
  switch (value['dateType']) {
    case 'today':
      return days(today, today + DAY);
    case 'yesterday':
      return days(today - DAY, today);
    case 'tomorrow':
      return days(today + DAY, today + 2 * DAY);
    case 'thisWeek':
      return days(monday, monday + 7 * DAY);
    case 'lastWeek':
      return days(monday - 7 * DAY, monday);
    case 'nextWeek':
      return days(monday + 7 * DAY, monday + 14 * DAY);
    case 'thisMonth':
      return days(month(0), month(1));
    case 'lastMonth':
      return days(month(-1), month(0));
    case 'nextMonth':
      return days(month(1), month(2));
    case 'last':
      return days(today - given * DAY, today + DAY);
    case 'next':
      return days(today, today + (given + 1) * DAY);
    case 'in':
      return days(today + given * DAY, today + (given + 1) * DAY);
    case 'otherDate':
    case 'otherDate_withTime':
      return stretch(value['dateValue'] ?? value['dateFrom'], value['dateValue'] ?? value['dateFrom'], zone);
    case 'otherRange':
    case 'otherRange_withTime':
      return stretch(value['dateFrom'] ?? value['dateValue'], value['dateTo'], zone);
    default:
      return undefined;
  }
}

/** From the start of one day or minute to the end of another. */
function stretch(from: Json | undefined, to: Json | undefined, zone: string): Span | undefined {
  const [start, end] = [pointOf(from, zone), pointOf(to, zone)];
  return start === undefined || end === undefined ? undefined : { from: start.from, to: end.to };
}

function pointOf(value: Json | undefined, zone: string): Span | undefined {
  if (typeof value !== 'string') return undefined;
  const [date = '', time] = value.trim().split(' ');
  const day = parseDate(date);
  if (day === undefined) return undefined;
  if (time === undefined) return { from: fromWall(zone, day), to: fromWall(zone, day + DAY) };
  const clock = parseTime(time);
  if (clock === undefined) return undefined;
  const at = fromWall(zone, day + clock);
  return { from: at, to: at + MINUTE };
}
