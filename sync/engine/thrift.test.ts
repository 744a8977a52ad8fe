import { describe, expect, test } from '@jest/globals';
import { type Limit } from '../governor/bucket.ts';
import { sweepEveryMs, sweepOptions } from './thrift.ts';

const day = Date.parse('2026-11-24T00:00:00Z');
const sweeps = Array.from({ length: 1_440 }, (_, minute) => day + minute * sweepEveryMs);
const plan = (perDay: number | null): Limit => ({ burst: 2, perSecond: 1, perDay });
const threadsOf = (perDay: number | null, balance = 1): number[] =>
  sweeps.map((now) => sweepOptions(plan(perDay), balance, now).threads);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('What a sweep may spend', () => {
  test.each([1_000, 20_000, 100_000])('half of a day of %d requests goes to threads, evenly', (perDay) => {
    const threads = threadsOf(perDay);
    expect(sum(threads)).toBe(perDay / 4);
    expect(Math.max(...threads) - Math.min(...threads)).toBeLessThanOrEqual(1);
  });

  test('three hundred threads come round within an hour and a half on 20,000 requests a day', () => {
    const threads = threadsOf(20_000);
    for (let from = 0; from + 90 <= threads.length; from += 1)
      expect(sum(threads.slice(from, from + 90))).toBeGreaterThanOrEqual(300);
  });

  test('threads wait when the day is spent too fast', () => {
    expect(sum(threadsOf(20_000, 0.69))).toBe(0);
    expect(sum(threadsOf(20_000, 0.7))).toBe(5_000);
  });

  test('an account without a day of its own is read evenly too', () => {
    expect(new Set(threadsOf(null))).toEqual(new Set([5]));
    expect(sweepOptions(null, Infinity, day).threads).toBe(5);
  });
});
