import { expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId, type SpaceId } from '../../errors/ids.ts';
import { type Audience, type Mapping } from '../../mappings/types.ts';
import { bitrixSaid, bitrixTasks, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

test('a message that an account may no longer read is taken back, and comes once more when it may again', async () => {
  const teyron = as<AccountId>('teyron');
  const sharing = (audience: Audience): Mapping => {
    const mapping = hubMapping();
    return {
      ...mapping,
      comments: { ...mapping.comments, share: { ...mapping.comments.share, [teyron]: audience } },
    };
  };
  const three = await rehearseThree();
  const mappings = new Map<SpaceId, Mapping>();
  Object.assign(three.deps, { mappings });
  const apply = async (audience: Audience): Promise<void> => {
    const mapping = sharing(audience);
    mappings.set(mapping.space, mapping);
    const task = String(bitrixTasks(three, 'romashka')[0]?.id ?? '');
    if (task !== '')
      await three.store.touch([
        {
          account: as<AccountId>('romashka'),
          task: as<LocalTaskId>(task),
          aspects: ['project'],
          lane: 'comment',
          dueAt: three.runtime.now(),
          correlation: 'apply',
        },
      ]);
    await three.settle();
  };
  await apply('all');
  const { mirror: id } = await sharedTask(three);
  three.act('teyron', { as: 2, do: 'add comment', task: id, text: '<p>Смета готова</p>' });
  await three.settle();
  const copies = (): number =>
    texts(bitrixSaid(three, 'romashka')).filter((text) => text.includes('Смета готова')).length;
  expect(copies()).toBe(1);
  await apply('none');
  expect(copies()).toBe(0);
  await apply('all');
  expect(copies()).toBe(1);
});
