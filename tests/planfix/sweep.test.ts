import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SweepCursor } from '../../connectors/port.ts';
import { type PlanfixAccount, planfixAccount } from './account.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');

const taskOf = (account: PlanfixAccount): number =>
  account.act({ as: 2, do: 'create task', name: 'Форма', assignees: ['user:12'] }).id;

async function begin(account: PlanfixAccount): Promise<SweepCursor> {
  return (await account.connector.changedSince(null)).next;
}

describe('The sweep of Planfix, whose filters know whole minutes', () => {
  test.each([false, true])(
    'sees every change and comment with the next sweep, however close they fall together (gt inclusive: %s)',
    async (inclusive) => {
      const gaps = fc.array(
        fc.tuple(fc.integer({ min: 0, max: 150_000 }), fc.constantFrom('edit', 'comment', 'sweep')),
        { minLength: 4, maxLength: 14 },
      );
      await fc.assert(
        fc.asyncProperty(gaps, fc.integer({ min: 0, max: 59_999 }), async (steps, second) => {
          const account = planfixAccount({
            zone: 'Europe/Moscow',
            start: noon + second,
            settings: { 'dates.gtOtherDateInclusive': inclusive },
          });
          const task = taskOf(account);
          let cursor = await begin(account);
          const waiting = new Set<'task' | 'comments'>();
          for (const [wait, what] of [...steps, [0, 'sweep'] as const]) {
            account.runtime.advance(wait);
            if (what === 'edit') {
              account.act({ as: 2, do: 'edit task', task, name: `Форма ${String(account.runtime.now())}` });
              waiting.add('task');
            } else if (what === 'comment') {
              account.act({ as: 2, do: 'add comment', task, text: 'Да' });
              waiting.add('comments');
            } else {
              const { tasks, next } = await account.connector.changedSince(cursor);
              cursor = next;
              const aspects = tasks.flatMap((one) => (one.task === String(task) ? one.aspects : []));
              for (const aspect of waiting) expect(aspects).toContain(aspect);
              waiting.clear();
            }
          }
        }),
        { numRuns: 25 },
      );
    },
  );

  test('lists many changed tasks whole, in whatever order they stand', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow', start: noon });
    const tasks = Array.from({ length: 130 }, () => taskOf(account));
    account.runtime.advance(3_600_000);
    const cursor = await begin(account);
    account.runtime.advance(60_000);
    for (const task of [...tasks].reverse())
      account.act({ as: 2, do: 'edit task', task, name: `Форма ${String(task)}` });
    const swept = await account.connector.changedSince(cursor);
    expect(new Set(swept.tasks.map(({ task }) => Number(task)))).toEqual(new Set(tasks));
  });

  test('misses nothing in the hour that a clock change repeats', async () => {
    const account = planfixAccount({
      zone: 'America/New_York',
      start: Date.parse('2026-11-01T04:30:00Z'),
    });
    const task = taskOf(account);
    let cursor = await begin(account);
    for (let round = 0; round < 40; round += 1) {
      account.runtime.advance(300_000);
      account.act({ as: 2, do: 'edit task', task, name: `Форма ${String(round)}` });
      account.runtime.advance(1_000);
      const { tasks, next } = await account.connector.changedSince(cursor);
      cursor = next;
      expect(tasks.map((one) => one.task)).toContain(String(task));
    }
  });
});
