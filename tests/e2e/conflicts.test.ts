import { describe, expect, test } from '@jest/globals';
import { type ConflictPolicy, type Mapping } from '../../mappings/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type RoleName } from '../../errors/ids.ts';
import { type Conflict } from '../../sync/core/item.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

const withPolicy = (conflict: ConflictPolicy): Mapping => {
  const mapping = hubMapping();
  return {
    ...mapping,
    fields: { ...mapping.fields, title: { name: 'title', conflict, hide: [] } },
  };
};

async function shared(policy: ConflictPolicy): Promise<{ three: Rehearsal; task: number; mirror: number }> {
  const three = await rehearseThree('new', { mappings: [withPolicy(policy)] });
  const both = await sharedTask(three);
  three.runtime.advance(600_000);
  return { three, ...both };
}

async function conflictsOf(three: Rehearsal): Promise<readonly Conflict[]> {
  const ids = await three.store.listItems(null);
  const loaded = await three.store.loadItems(ids);
  return loaded.flatMap(({ item }) => item.conflicts);
}

async function troubleCodes(three: Rehearsal): Promise<string[]> {
  const loaded = await three.store.loadItems(await three.store.listItems(null));
  return loaded.flatMap(({ replicas }) =>
    replicas.flatMap(({ troubles }) => troubles.map(({ code }) => code)),
  );
}

async function bothEdit(policy: ConflictPolicy, gapMs: number): Promise<Rehearsal> {
  const { three, task, mirror } = await shared(policy);
  three.act('romashka', { as: 12, do: 'edit task', task, title: 'Клиентское' });
  three.runtime.advance(gapMs);
  three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Наше' });
  await three.settle();
  return three;
}

const titles = (three: Rehearsal): string[] => [
  only(planfixTasks(three, 'teyron')).title,
  only(bitrixTasks(three, 'romashka')).title,
];

describe('Both sides edit one field at once', () => {
  test("within the clocks' uncertainty the hub wins, and the losing value is kept", async () => {
    const three = await bothEdit({ kind: 'latest' }, 5_000);
    expect(titles(three)).toEqual(['Наше', 'Наше']);
    expect(await conflictsOf(three)).toMatchObject([
      { field: 'title', won: { by: 'teyron', value: 'Наше' }, lost: { by: 'romashka', value: 'Клиентское' } },
    ]);
  });

  test('the policy "hub" lets the hub win', async () => {
    expect(titles(await bothEdit({ kind: 'hub' }, 5_000))).toEqual(['Наше', 'Наше']);
  });

  test('the policy of a role lets that role win', async () => {
    const three = await bothEdit({ kind: 'role', role: 'client' as RoleName }, 5_000);
    expect(titles(three)).toEqual(['Клиентское', 'Клиентское']);
    expect(await conflictsOf(three)).toMatchObject([{ settled: 'role', lost: { value: 'Наше' } }]);
  });

  test('the policy "manual" keeps one value current, both recorded, and lists that a person decides', async () => {
    const three = await bothEdit({ kind: 'manual' }, 5_000);
    const conflicts = await conflictsOf(three);
    expect(conflicts).toMatchObject([{ settled: 'waits' }]);
    expect(new Set(conflicts.flatMap(({ won, lost }) => [won.value, lost.value]))).toEqual(
      new Set(['Наше', 'Клиентское']),
    );
    expect(titles(three)[0]).toBe(titles(three)[1]);
    expect(await troubleCodes(three)).toEqual(['E-CONFLICT-WAITS']);
    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task: only(bitrixTasks(three, 'romashka')).id,
      title: 'Решено',
    });
    await three.settle();
    expect(titles(three)).toEqual(['Решено', 'Решено']);
    for (const account of ['teyron', 'romashka']) {
      three.act(
        account,
        account === 'teyron'
          ? {
              as: 2,
              do: 'set deadline',
              task: only(planfixTasks(three, account)).id,
              deadline: '2026-12-09T09:00Z',
            }
          : { as: 12, do: 'edit task', task: only(bitrixTasks(three, account)).id, description: 'Ещё' },
      );
      await three.settle();
    }
    expect(await troubleCodes(three)).toEqual([]);
  });

  test('different fields changed at once both cross without a conflict', async () => {
    const { three, task, mirror } = await shared({ kind: 'latest' });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Клиентское' });
    three.act('teyron', { as: 2, do: 'set deadline', task: mirror, deadline: '2026-12-09T09:00Z' });
    await three.settle();
    expect(titles(three)).toEqual(['Клиентское', 'Клиентское']);
    expect(only(bitrixTasks(three, 'romashka')).deadline).toBe('2026-12-09T12:00:00+03:00');
    expect(await conflictsOf(three)).toEqual([]);
  });
});

describe('A person faster than our write', () => {
  test('what was typed in Bitrix24 between our reading and our write is not lost', async () => {
    const { three, task, mirror } = await shared({ kind: 'latest' });
    // The client's edit gives no hint, so that the write rests on an older reading.
    three.host('romashka').addFault({ on: 'webhook', drop: true, times: 10 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Клиентское' });
    three.runtime.advance(300_000);
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Наше' });
    await three.settle();
    expect(titles(three)).toEqual(['Наше', 'Наше']);
    expect(await conflictsOf(three)).toMatchObject([{ lost: { by: 'romashka', value: 'Клиентское' } }]);
  });

  test('a later edit of the person is put back after our write', async () => {
    const { three, task, mirror } = await shared({ kind: 'role', role: 'client' as RoleName });
    three.host('romashka').addFault({ on: 'webhook', drop: true, times: 10 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Клиентское' });
    three.runtime.advance(1_000);
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Наше' });
    await three.settle();
    expect(titles(three)).toEqual(['Клиентское', 'Клиентское']);
    expect(await conflictsOf(three)).toMatchObject([{ lost: { by: 'teyron', value: 'Наше' } }]);
  });
});
