/** Planfix's way with time: minutes, day-month-year, and the zone of whoever asks (section 6.5). */
import { type Instant, type Json } from '../common/types.ts';
import { type Moment } from './state.ts';

const SECOND = 1000;
export const MINUTE = 60_000;
export const DAY = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Whether an IANA zone has this name. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Offset of an IANA zone from UTC at a moment, in milliseconds. */
export function offsetOf(zone: string, at: Instant): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(at / (15 * MINUTE));
  const key = `${zone}|${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size > 10_000) offsets.clear();
  const offset = computeOffset(zone, quarter * 15 * MINUTE);
  offsets.set(key, offset);
  return offset;
}

function computeOffset(zone: string, at: Instant): number {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formatters.set(zone, formatter);
  }
  const name = formatter.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * MINUTE;
}

/** The moment at which the clocks of a zone show a wall time (given as if it were UTC). */
export function fromWall(zone: string, wall: number): Instant {
  const guess = wall - offsetOf(zone, wall);
  return wall - offsetOf(zone, guess);
}

/** Wall time of a zone, as if it were UTC. */
export function toWall(zone: string, at: Instant): number {
  return at + offsetOf(zone, at);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `DD-MM-YYYY` of a wall time. */
export function dateText(wall: number): string {
  const date = new Date(wall);
  return `${two(date.getUTCDate())}-${two(date.getUTCMonth() + 1)}-${date.getUTCFullYear()}`;
}

/** `HH:mm` of a wall time. */
export function timeText(wall: number): string {
  const date = new Date(wall);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

const points = new Map<string, Map<number, Json>>();

/**
 * A TimePoint as answers hold it: date and time in `zone`, datetime in UTC to the minute, dateTimeUtcSeconds in UTC to
 * the second (schema TimePoint of document 1.6.9; TamerCOD/zoom-planfix-integration and galogen-ringostat/planfix-mcp
 * read it in live answers).
 */
export function timePoint(at: Instant, zone: string): Json {
  const second = Math.floor(at / SECOND);
  let ofZone = points.get(zone);
  if (ofZone === undefined || ofZone.size > 20_000) {
    ofZone = new Map();
    points.set(zone, ofZone);
  }
  const known = ofZone.get(second);
  if (known !== undefined) return known;
  const wall = toWall(zone, at);
  const utc = new Date(second * SECOND).toISOString();
  const point = {
    date: dateText(wall),
    time: timeText(wall),
    datetime: `${utc.slice(0, 16)}Z`,
    dateTimeUtcSeconds: `${utc.slice(0, 19)}+0000`,
  };
  ofZone.set(second, point);
  return point;
}

/** A planned moment as a TimePoint; a day without time reads 00:00 in the reader's zone. */
export function momentPoint(moment: Moment, zone: string): Json {
  return timePoint(moment.hasTime ? moment.at : fromWall(zone, moment.at), zone);
}

/** Wall time of `DD-MM-YYYY` (dots are taken too), or undefined. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{1,2})[-.](\d{1,2})[-.](\d{4})$/.exec(text.trim());
  if (match === null) return undefined;
  const [day, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const wall = Date.UTC(year, month - 1, day);
  return new Date(wall).getUTCDate() === day && month <= 12 ? wall : undefined;
}

/** Milliseconds into the day of `HH:mm` or `HH:mm:ss` (24:00 is taken), or undefined. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text.trim());
  if (match === null) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return minutes <= 24 * 60 ? minutes * MINUTE : undefined;
}

/** A moment of `yyyy-MM-ddTHH:mm[:ss]` with `Z` or an offset (UTC without either), cut to the minute, or undefined. */
export function parseUtc(text: string): Instant | undefined {
  const zoned = !text.includes('T') || /(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? undefined : Math.floor(at / MINUTE) * MINUTE;
}

/**
 * Reads what requests send as a moment: `{date}`, `{date,time}`, `{datetime}`, `{dateTimeUtcSeconds}` or
 * `"DD-MM-YYYY HH:mm:ss"`, which a client in production (TamerCOD/zoom-planfix-integration) writes in `datetime` too.
 * UTC wins; date and time are of `zone`. Undefined when it can't be read.
 */
export function readMoment(value: Json | undefined, zone: string): Moment | undefined {
  if (typeof value === 'string') return readText(value, zone);
  if (value === null || value === undefined || typeof value !== 'object' || Array.isArray(value)) {
    return undefined;
  }
  const { date, time, datetime, dateTimeUtcSeconds } = value as { readonly [key: string]: Json };
  for (const text of [dateTimeUtcSeconds, datetime]) {
    if (typeof text !== 'string' || text === '') continue;
    if (/^\d{1,2}[-.]/.test(text)) return readText(text, zone);
    const at = parseUtc(text);
    return at === undefined ? undefined : { at, hasTime: true };
  }
  if (typeof date !== 'string') return undefined;
  return readParts(date, typeof time === 'string' && time !== '' ? time : undefined, zone);
}

function readText(text: string, zone: string): Moment | undefined {
  const [date = '', time] = text.trim().split(' ');
  return readParts(date, time, zone);
}

function readParts(date: string, time: string | undefined, zone: string): Moment | undefined {
  const day = parseDate(date);
  if (day === undefined) return undefined;
  if (time === undefined) return { at: day, hasTime: false };
  const clock = parseTime(time);
  return clock === undefined ? undefined : { at: fromWall(zone, day + clock), hasTime: true };
}

/** Two planned moments are the same to the minute. */
export function sameMoment(a: Moment | undefined, b: Moment | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.at === b.at && a.hasTime === b.hasTime);
}
