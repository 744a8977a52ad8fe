/** The account itself: its sweep, people, statuses, check and limits. */
import { expect, test } from '@jest/globals';
import { type LocalTaskId } from '../../../errors/ids.ts';
import { type Fresh, create, say } from './bench.ts';
import { mark, minute, snapshotOf, written } from '../portCalls.ts';

export function accountKept(fresh: Fresh): void {
  test('a sweep finds every task that changed or was commented on, and none that was left alone', async () => {
    const bench = await fresh();
    const quiet = await bench.acts.createTask('Тихая');
    const renamed = await bench.acts.createTask('Старое имя');
    const discussed = await bench.acts.createTask('Обсуждаемая');
    bench.advance(60 * minute);
    const begun = await bench.connector.changedSince(null);
    expect(begun).toMatchObject({ tasks: [], more: false });
    bench.advance(5 * minute);
    await bench.acts.rename(renamed, 'Новое имя');
    await bench.acts.comment(discussed, 'Вопрос');
    const made = await bench.acts.createTask('Новая');
    bench.advance(minute);
    const told = new Map<LocalTaskId, Set<string>>();
    let cursor = begun.next;
    for (;;) {
      const swept = await bench.connector.changedSince(cursor);
      for (const { task, aspects } of swept.tasks) {
        told.set(task, new Set([...(told.get(task) ?? []), ...aspects]));
      }
      cursor = swept.next;
      if (!swept.more) break;
    }
    expect(told.get(renamed)).toContain('task');
    expect(told.get(discussed)).toContain('comments');
    expect(told.get(made)).toContain('task');
    expect(told.has(quiet)).toBe(false);
  });

  test('people and statuses are listed with the ids that tasks show', async () => {
    const bench = await fresh();
    const people = await bench.connector.people();
    const ids = people.map((person) => person.id);
    for (const person of Object.values(bench.people)) expect(ids).toContain(person);
    const statuses = (await bench.connector.statuses()).map((status) => status.id);
    expect(statuses).toContain(bench.statuses.born);
    expect(statuses).toContain(bench.statuses.next);
  });

  test('a check of a sound account finds nothing failed', async () => {
    const bench = await fresh();
    await bench.acts.createTask('Задача');
    const lines = await bench.connector.check();
    expect(lines.filter((line) => line.state === 'failed')).toEqual([]);
    expect(lines.map((line) => line.about)).toContain('credential');
  });

  test('under the limits of the account work goes on or says when to come back', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    bench.limitsOn();
    for (let number = 0; number < 10; number += 1) {
      const one = say(bench, known, `Сообщение ${String(number)}`, { mark: mark(100 + number) });
      const outcome = await written(bench, one);
      if (outcome.is === 'refused') expect(outcome.trouble.code).toBe('E-REMOTE-LIMIT');
      else expect(outcome.is).toBe('done');
    }
  });
}
