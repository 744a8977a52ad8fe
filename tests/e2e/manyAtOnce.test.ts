import { beforeEach, describe, expect, test } from '@jest/globals';
import { as, type SpaceId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { allow } from '../../sync/engine/guard.ts';
import { retry } from '../../sync/engine/link.ts';
import { bitrixSaid, bitrixTasks, planfixComments, planfixTasks } from './look.ts';
import { hubMapping, rehearseThree } from './three.ts';

/** Few tasks are enough to be many here. */
const watchful = (): Mapping => ({
  ...hubMapping(),
  guard: { share: 0.5, atLeast: 1, withinMs: 3_600_000 },
});

describe('When many tasks are closed at once', () => {
  let three: Rehearsal;
  const space = as<SpaceId>(hubMapping().space);
  const numbers: number[] = [];

  /** What the client's tasks are called and how they stand, at the client and at the integrator. */
  const closed = (account: 'romashka' | 'teyron'): string[] =>
    (account === 'romashka' ? bitrixTasks(three, account) : planfixTasks(three, account))
      .filter(({ status }) => status === (account === 'romashka' ? 5 : 3))
      .map(({ title }) => title)
      .sort();
  const heldTasks = async (): Promise<number> => {
    const items = await three.store.loadItems(await three.store.listItems(space));
    return items.filter(({ replicas }) =>
      replicas.some(({ blocked }) =>
        Object.values(blocked).some(({ trouble }) => trouble.code === 'E-MANY-AT-ONCE'),
      ),
    ).length;
  };
  const close = (task: number): void => {
    three.act('romashka', { as: 12, do: 'complete', task });
  };

  beforeEach(async () => {
    three = await rehearseThree('new', { mappings: [watchful()] });
    numbers.length = 0;
    for (const title of ['Первая', 'Вторая', 'Третья', 'Четвёртая']) {
      const made = three.act('romashka', { as: 12, do: 'create task', title, responsible: 77, group: 7 });
      numbers.push((made as { id: number }).id);
    }
    await three.settle();
    expect(planfixTasks(three, 'teyron').filter(({ title }) => title !== 'Макет')).toHaveLength(4);
  });

  test('none of a crowd is passed on; each is listed with the commands that let it through, and the rest of it crosses', async () => {
    for (const task of numbers.slice(0, 3)) {
      close(task);
      three.act('romashka', { as: 12, do: 'edit task', task, title: `Закрыта ${String(task)}` });
    }
    await three.settle();
    expect(closed('romashka')).toHaveLength(3);
    expect(closed('teyron')).toEqual([]);
    expect(planfixTasks(three, 'teyron').filter(({ title }) => title.startsWith('Закрыта'))).toHaveLength(3);
    expect(await heldTasks()).toBe(3);
    const items = await three.store.loadItems(await three.store.listItems(space));
    const [todo] = items
      .flatMap(({ replicas }) => replicas)
      .flatMap(({ blocked }) => Object.values(blocked))
      .map(({ trouble }) => trouble.todo);
    expect(todo).toContain(`svyazka allow ${space}`);
    expect(todo).toMatch(/svyazka retry teyron:\d+/u);
  });

  test('they wait for a word, however much time goes by, and go when it is given; counting begins anew', async () => {
    for (const task of numbers.slice(0, 3)) close(task);
    await three.settle();
    three.runtime.advance(86_400_000);
    await three.sweep('romashka');
    await three.sweep('teyron');
    await three.settle();
    expect(closed('teyron')).toEqual([]);
    expect(await allow(three.deps, space)).toHaveLength(3);
    await three.settle();
    expect(closed('teyron')).toHaveLength(3);
    expect(await heldTasks()).toBe(0);
    close(numbers[3] ?? 0);
    await three.settle();
    expect(closed('teyron')).toHaveLength(4);
  });

  test('one of them goes by itself when it is tried again by hand', async () => {
    for (const task of numbers.slice(0, 3)) close(task);
    await three.settle();
    const [one] = (await three.store.loadItems(await three.store.listItems(space))).filter(({ replicas }) =>
      replicas.some(({ blocked }) => Object.keys(blocked).length > 0),
    );
    if (one === undefined) throw new Error('nothing is held');
    expect(await retry(three.deps, one)).toBe(true);
    await three.settle();
    expect(closed('teyron')).toHaveLength(1);
    expect(await heldTasks()).toBe(2);
  });

  test('a task that its people open again asks for nothing any more', async () => {
    for (const task of numbers.slice(0, 3)) close(task);
    await three.settle();
    for (const task of numbers.slice(0, 3)) three.act('romashka', { as: 12, do: 'renew', task });
    await three.settle();
    expect(await heldTasks()).toBe(0);
    expect(closed('teyron')).toEqual([]);
  });

  test('a few go as always, and comments that are deleted in many tasks wait as well', async () => {
    close(numbers[0] ?? 0);
    await three.settle();
    expect(closed('teyron')).toHaveLength(1);
    const said = numbers.map((task) =>
      three.act('romashka', { as: 12, do: 'post message', task, text: `Слово ${String(task)}` }),
    );
    await three.settle();
    expect(planfixComments(three, 'teyron')).toHaveLength(4);
    numbers.forEach((task, index) => {
      const { id } = said[index] as { id: number };
      three.act('romashka', { as: 12, do: 'delete message', task, message: id });
    });
    await three.settle();
    three.runtime.advance(180_000);
    await three.sweep('romashka', 10);
    await three.settle();
    const left = planfixComments(three, 'teyron').length;
    expect(left).toBeGreaterThanOrEqual(3);
    await allow(three.deps, space);
    await three.settle();
    expect(planfixComments(three, 'teyron')).toEqual([]);
  });

  test('comments that are hidden in many tasks are taken back at once: nobody may go on seeing them', async () => {
    const said = planfixTasks(three, 'teyron')
      .filter(({ title }) => title !== 'Макет')
      .map(({ id }) =>
        three.act('teyron', {
          as: 2,
          do: 'add comment',
          task: id,
          text: `Наценка по задаче ${String(id)}`,
          recipients: ['contact:20'],
        }),
      );
    await three.settle();
    const atClient = (): number =>
      bitrixSaid(three, 'romashka').filter(({ text }) => text.includes('Наценка')).length;
    expect(atClient()).toBe(4);
    for (const one of said)
      three.act('teyron', {
        as: 2,
        do: 'edit comment',
        comment: (one as { id: number }).id,
        hidden: true,
      });
    three.runtime.advance(180_000);
    await three.sweep('teyron', 10);
    await three.settle();
    expect(atClient()).toBe(0);
    expect(await heldTasks()).toBe(0);
  });
});
