import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  beforeRepeatedHour,
  dateValueOf,
  midnightOf,
  momentOf,
  storedDate,
  toDateAndTime,
  toFilterMoment,
  toTimePoint,
} from './dates.ts';

const zones = [
  'UTC',
  'Europe/Moscow',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const moments = fc.integer({ min: Date.parse('2020-01-01T00:00Z'), max: Date.parse('2035-01-01T00:00Z') });
const utcText = (at: number): string => new Date(at).toISOString().replace(/:\d{2}\.\d{3}Z$/, 'Z');

describe('dates of Planfix', () => {
  test('a moment is written in the wall clock of the zone', () => {
    const at = Date.parse('2026-11-24T06:54:31Z');
    expect(toDateAndTime(at, 'Europe/Moscow')).toEqual({ date: '24-11-2026', time: '09:54' });
    expect(toFilterMoment(at, 'America/Los_Angeles')).toBe('23-11-2026 22:54');
  });

  test('a date comes back as it was stored, whatever the zone', () => {
    fc.assert(
      fc.property(moments, fc.boolean(), fc.constantFrom(...zones), (at, timed, zone) => {
        const stored = storedDate({ at, timed }, zone);
        expect(storedDate(stored, zone)).toEqual(stored);
        const point = { ...toTimePoint(stored, zone), datetime: utcText(stored.at) };
        expect(dateValueOf(point, timed, zone)).toEqual(stored);
      }),
    );
  });

  test('date and time alone name the moment, except in the hour that a clock change repeats', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (at, zone) => {
        const point = toDateAndTime(at, zone);
        const read = momentOf(point, zone);
        expect(read === null ? null : toDateAndTime(read, zone)).toEqual(point);
      }),
    );
  });

  test('a day without time is that day in the zone, however the account writes its UTC side', () => {
    const day = { date: '15-12-2026', time: '00:00' };
    const midnight = Date.parse('2026-12-14T21:00Z');
    const zone = 'Europe/Moscow';
    expect(dateValueOf({ ...day, datetime: '2026-12-14T21:00Z' }, false, zone)).toEqual({
      at: midnight,
      timed: false,
    });
    expect(dateValueOf({ ...day, datetime: '2026-12-15T00:00Z' }, false, zone)).toEqual({
      at: midnight,
      timed: false,
    });
    expect(
      dateValueOf({ date: '14-12-2026', time: '21:00', datetime: '2026-12-14T21:00Z' }, false, zone),
    ).toEqual({ at: midnight, timed: false });
    expect(dateValueOf({ date: '15-12-2026' }, false, zone)).toEqual({ at: midnight, timed: false });
  });

  test('what is no date is none', () => {
    expect(momentOf({}, 'UTC')).toBeNull();
    expect(momentOf({ date: 'завтра', datetime: 'soon' }, 'UTC')).toBeNull();
  });

  test('midnight of a day is the first moment of it', () => {
    expect(midnightOf(Date.parse('2026-03-08T20:00Z'), 'America/Los_Angeles')).toBe(
      Date.parse('2026-03-08T08:00Z'),
    );
  });

  test('the wall clock of a sweep names no moment after its own, also where the clocks are put back', () => {
    const minute = 60_000;
    const changes = [
      ['Europe/Berlin', '2026-10-25T01:00Z'],
      ['America/New_York', '2026-11-01T06:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
      ['Europe/Berlin', '2026-03-29T01:00Z'],
      ['Europe/Moscow', '2026-10-25T01:00Z'],
    ] as const;
    for (const [zone, change] of changes) {
      for (let off = -180; off <= 180; off += 1) {
        const since = Date.parse(change) + off * minute;
        const asked = beforeRepeatedHour(since, zone);
        expect(asked).toBeLessThanOrEqual(since);
        expect(asked).toBeGreaterThanOrEqual(since - 60 * minute);
        const wall = toFilterMoment(asked, zone);
        const twins = [30, 60, 90, 120]
          .map((later) => asked + later * minute)
          .filter((other) => other > since && toFilterMoment(other, zone) === wall);
        expect(twins).toEqual([]);
      }
    }
  });
});
