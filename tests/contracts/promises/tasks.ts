/** Tasks: made, changed, found again and read many at a time. */
import { expect, test } from '@jest/globals';
import { type LocalTaskId } from '../../../errors/ids.ts';
import { type Fresh, create, creation, noAnswer } from './bench.ts';
import { asking, done, mark, minute, snapshotOf, taskId, updating, written } from '../portCalls.ts';

export function tasksKept(fresh: Fresh): void {
  test('a created task reads back as wanted', async () => {
    const bench = await fresh();
    const surface = bench.connector.view([]).descriptionSurface();
    const description = surface.print([
      { kind: 'paragraph', children: [{ kind: 'text', text: 'Сроки: «до пятницы» <b>', marks: [] }] },
    ]);
    const start = { at: Math.floor(bench.now() / minute) * minute, timed: true };
    const deadline = { at: start.at + 3 * 86_400_000, timed: true };
    const one = creation(
      bench,
      { description, auditors: [bench.people.other], start, deadline, control: true },
      { status: bench.statuses.born },
    );
    const outcome = await done(bench, one);
    expect(outcome.failures).toEqual([]);
    const found = await snapshotOf(bench, outcome.made.task ?? taskId(''));
    expect(found).toMatchObject({
      title: one.fields.title,
      status: bench.statuses.born,
      creator: bench.people.creator,
      assignees: [bench.people.assignee],
      start,
      deadline,
      place: bench.place,
      control: true,
      deleted: false,
    });
    expect(found.auditors).toContain(bench.people.other);
    const normal = (markup: string): readonly string[] =>
      surface.parse(markup).blocks.map(({ block }) => surface.normal(block));
    expect(normal(found.description)).toEqual(normal(description));
  });

  test('an update touches nothing else', async () => {
    const bench = await fresh();
    const task = await create(bench, {
      participants: [bench.people.other],
      deadline: { at: bench.now(), timed: true },
    });
    const before = await snapshotOf(bench, task);
    bench.advance(2 * minute);
    const title = 'Другое название';
    await done(bench, updating(before, { set: { title }, silent: true }));
    const after = await snapshotOf(bench, task);
    expect({ ...after, changedAt: null }).toEqual({ ...before, title, changedAt: null });
  });

  test('a date is cleared, set people are exactly the set', async () => {
    const bench = await fresh();
    const { creator, other } = bench.people;
    const task = await create(bench, { participants: [other], deadline: { at: bench.now(), timed: true } });
    const base = await snapshotOf(bench, task);
    const set = { deadline: null, participants: [creator] };
    await done(bench, updating(base, { set, silent: true }));
    const after = await snapshotOf(bench, task);
    expect(after.deadline).toBeNull();
    expect(after.participants).toEqual([creator]);
  });

  test('a status is reached by the way that the view names', async () => {
    const bench = await fresh();
    const task = await create(bench);
    const base = await snapshotOf(bench, task);
    const status = bench.connector.view([]).statusMove(base, bench.statuses.next);
    if ('unreachable' in status) throw new Error(status.unreachable);
    await done(bench, updating(base, { status, silent: true }));
    expect((await snapshotOf(bench, task)).status).toBe(bench.statuses.next);
  });

  test('a step on a credential that the account has no more is refused, the fields beside it are written', async () => {
    const bench = await fresh();
    const base = await snapshotOf(bench, await create(bench));
    const way = bench.connector.view([]).statusMove(base, bench.statuses.next);
    if ('unreachable' in way) throw new Error(way.unreachable);
    const status = { ...way, steps: way.steps.map((step) => ({ ...step, as: bench.people.other })) };
    const alone = await written(bench, updating(base, { status, silent: true }));
    expect(alone).toMatchObject({ is: 'refused', trouble: { about: 'status', code: 'E-REMOTE-REFUSED' } });
    const beside = await done(bench, updating(base, { set: { title: 'Рядом' }, status, silent: true }));
    expect(beside.failures.map(({ about }) => about)).toEqual(['status']);
    expect(await snapshotOf(bench, base.task)).toMatchObject({ title: 'Рядом', status: base.status });
  });

  test('a refused field fails alone', async () => {
    const bench = await fresh();
    const task = await create(bench);
    const base = await snapshotOf(bench, task);
    const set = { title: 'Принято', ...bench.refused.set };
    const outcome = await done(bench, updating(base, { set, silent: true }));
    expect(outcome.failures.map((failure) => failure.about)).toEqual([bench.refused.about]);
    expect((await snapshotOf(bench, task)).title).toBe('Принято');
  });

  test('a refused value does not keep a task from being made', async () => {
    const bench = await fresh();
    const outcome = await done(bench, creation(bench, bench.refused.set));
    expect(outcome.failures.map((failure) => failure.about)).toEqual([bench.refused.about]);
    const found = await snapshotOf(bench, outcome.made.task ?? taskId(''));
    expect(found).toMatchObject({
      title: creation(bench).fields.title,
      assignees: [bench.people.assignee],
    });
  });

  test('a task whose creation was not answered is found by its mark, once', async () => {
    const bench = await fresh();
    bench.fault({ on: bench.requests.createTask, when: 'after', answer: noAnswer });
    const one = creation(bench);
    const outcome = await written(bench, one);
    expect(outcome.is).toBe('unknown');
    if (outcome.is !== 'unknown') return;
    expect(outcome.notBefore).toBeGreaterThanOrEqual(outcome.at + bench.connector.serverMaxMs);
    bench.advance(outcome.notBefore - bench.now());
    const found = await bench.connector.find(one);
    expect(found.is).toBe('task');
    if (found.is !== 'task') return;
    expect((await snapshotOf(bench, found.task)).title).toBe(one.fields.title);
  });

  test('a task whose creation never happened is not found', async () => {
    const bench = await fresh();
    await create(bench);
    bench.fault({ on: bench.requests.createTask, when: 'before', answer: noAnswer });
    const one = creation(bench, { title: 'Ещё одна' }, { mark: mark(9) });
    expect((await written(bench, one)).is).toBe('unknown');
    bench.advance(bench.connector.serverMaxMs);
    expect(await bench.connector.find(one)).toEqual({ is: 'nothing' });
  });

  test('reading a hundred tasks costs as few requests as the batch allows', async () => {
    const bench = await fresh();
    const tasks: LocalTaskId[] = [];
    for (let number = 0; number < 100; number += 1)
      tasks.push(await bench.acts.createTask(`Задача ${String(number)}`));
    const before = bench.served();
    const readings = await bench.connector.read(tasks.map((task) => asking(task)));
    expect(bench.served() - before).toBe(Math.ceil(100 / bench.connector.batch.read));
    expect([...readings.values()].filter((found) => found.is === 'read')).toHaveLength(100);
  });

  test('a task that is not there does not spoil the reading of others', async () => {
    const bench = await fresh();
    const task = await bench.acts.createTask('Есть');
    const missing = taskId('987654321');
    const readings = await bench.connector.read([asking(missing), asking(task)]);
    expect(readings.get(task)?.is).toBe('read');
    expect(['gone', 'unreadable']).toContain(readings.get(missing)?.is);
  });
}
