import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type ItemId, type LocalTaskId, type SpaceId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type LoadedItem } from '../../store/port.ts';
import { link, unlink } from '../../sync/engine/link.ts';
import { bitrixTasks, planfixTasks } from './look.ts';
import { hubMapping, rehearseThree } from './three.ts';

const ref = (account: string, task: number) => ({
  account: as<AccountId>(account),
  task: as<LocalTaskId>(String(task)),
});

/** A task of the hub and one of the contractor, who has no scope; neither names the other's organisation. */
async function linkedByHand(three: Rehearsal): Promise<{ hub: number; contractor: number; id: ItemId }> {
  const { id: hub } = three.act('teyron', {
    as: 2,
    do: 'create task',
    name: 'Логотип',
    assignees: ['user:3'],
  }) as { id: number };
  const { id: contractor } = three.act('pixel', {
    as: 2,
    do: 'create task',
    name: 'Логотип ТЕЙРОН',
    assignees: ['user:2'],
  }) as { id: number };
  await three.settle();
  const space = as<SpaceId>(hubMapping().space);
  const { item } = await link(three.deps, space, ref('teyron', hub), ref('pixel', contractor));
  await three.settle();
  return { hub, contractor, id: item.id };
}

async function loadedItem(three: Rehearsal, id: ItemId): Promise<LoadedItem> {
  const [loaded] = await three.store.loadItems([id]);
  if (!loaded) throw new Error(`no item ${id}`);
  return loaded;
}

const title = (three: Rehearsal, account: string, task: number): string | undefined =>
  planfixTasks(three, account).find(({ id }) => id === task)?.title;

describe('A link made by hand', () => {
  test('holds for a member without a scope whom nobody names', async () => {
    const three = await rehearseThree();
    const { hub, contractor } = await linkedByHand(three);
    expect(title(three, 'pixel', contractor)).toBe('Логотип');
    three.act('teyron', { as: 2, do: 'edit task', task: hub, name: 'Логотип 2' });
    await three.settle();
    expect(title(three, 'pixel', contractor)).toBe('Логотип 2');
    three.act('pixel', { as: 2, do: 'edit task', task: contractor, name: 'Логотип 3' });
    await three.settle();
    expect(title(three, 'teyron', hub)).toBe('Логотип 3');
  });

  test('holds no longer than until it is unlinked', async () => {
    const three = await rehearseThree();
    const { hub, contractor, id } = await linkedByHand(three);
    expect(await unlink(three.deps, await loadedItem(three, id))).toBe(true);
    three.act('teyron', { as: 2, do: 'edit task', task: hub, name: 'Логотип 2' });
    await three.settle();
    expect(title(three, 'pixel', contractor)).toBe('Логотип');
    const { replicas } = await loadedItem(three, id);
    expect(replicas.filter(({ linkedByHand }) => linkedByHand === true)).toEqual([]);
  });

  test('after an unlink makes no second copy for a third account that kept its own', async () => {
    const three = await rehearseThree();
    const { id: hub } = three.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Логотип',
      assigner: 'user:2',
      assignees: ['user:3'],
      participants: ['contact:21'],
      project: 41,
    }) as { id: number };
    await three.settle();
    const task = bitrixTasks(three, 'romashka').slice(-1)[0]?.id ?? 0;
    const copies = planfixTasks(three, 'pixel').length;
    const space = as<SpaceId>(hubMapping().space);
    const [shared] = await three.store.loadByTask([ref('teyron', hub)]);
    if (!shared) throw new Error('the task is shared');
    expect(shared.replicas).toHaveLength(3);
    await unlink(three.deps, shared);
    await three.settle();
    await link(three.deps, space, ref('teyron', hub), ref('romashka', task));
    three.act('teyron', { as: 2, do: 'edit task', task: hub, name: 'Логотип 2' });
    await three.settle();
    expect(planfixTasks(three, 'pixel')).toHaveLength(copies);
    expect(planfixTasks(three, 'pixel').map(({ title: shown }) => shown)).toContain('Логотип 2');
  });
});
