import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Reading } from '../core/replica.ts';
import { placed } from './absence.ts';

const account = as<AccountId>('romashka');
const task = (number: number): LocalTaskId => as<LocalTaskId>(String(number));
const away: Reading = {
  is: 'unreadable',
  at: 0,
  trouble: { code: 'E-TASK-UNREADABLE', about: 'task', answered: 'an empty result', todo: 'Look.' },
};
const there: Reading = { is: 'read', at: 0 };

const told = (readings: readonly Reading[], place: (task: LocalTaskId) => string | null): string[] =>
  [...placed(account, new Map(readings.map((reading, index) => [task(index), reading])), place).values()].map(
    (reading) => (reading.is === 'unreadable' ? reading.trouble.todo : reading.is),
  );

describe('Tasks that can not be read', () => {
  test('all those of a group: the group is what the acting user lost', () => {
    const [one, two] = told([away, away], () => '7');
    expect(one).toContain('group 7');
    expect(two).toBe(one);
  });

  test('one of a group whose others were read: the task is', () => {
    expect(told([away, away, there], () => '7')).toEqual(['Look.', 'Look.', 'read']);
  });

  test('a single one, or ones without a place, say nothing of a group', () => {
    expect(told([away], () => '7')).toEqual(['Look.']);
    expect(told([away, away], () => null)).toEqual(['Look.', 'Look.']);
    expect(told([away, away], (one) => (one === '0' ? '7' : '8'))).toEqual(['Look.', 'Look.']);
  });
});
