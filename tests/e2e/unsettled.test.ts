import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Outcome } from '../../sync/core/operation.ts';
import { around, becomes } from './around.ts';
import { fileBytes, only, planfixTasks } from './look.ts';
import { clientTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const teyron = as<AccountId>('teyron');
const minutes = 60_000;
const hours = 60 * minutes;
const photo = Buffer.from('фото').toString('base64');

const attach = (three: Rehearsal, task: number): unknown =>
  three.act('romashka', { as: 12, do: 'attach file', task, name: 'фото.jpg', base64: photo });

describe('A file that Planfix accepts for later (202)', () => {
  test('is not attached once more while it is on its way', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    const pending: (() => Promise<unknown>)[] = [];
    becomes(three, teyron, (connector) => ({
      write: async (writes, open) => {
        if (pending.length > 0 || !writes.some(({ kind }) => kind === 'file.attach'))
          return connector.write(writes, open);
        pending.push(() => connector.write(writes, open));
        return writes.map((): Outcome => ({ is: 'queued', at: three.runtime.now() }));
      },
    }));
    attach(three, task);
    await three.settle(minutes);
    expect(fileBytes(three, 'teyron').get('фото.jpg')).toBeUndefined();
    await only(pending)();
    await three.settle(hours);
    expect(fileBytes(three, 'teyron').get('фото.jpg')).toEqual([photo]);
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test('is attached anew when it was lost there', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    let lost = 0;
    becomes(three, teyron, (connector) => ({
      write: async (writes, open) => {
        if (lost > 0 || !writes.some(({ kind }) => kind === 'file.attach'))
          return connector.write(writes, open);
        lost += 1;
        return writes.map((): Outcome => ({ is: 'queued', at: three.runtime.now() }));
      },
    }));
    attach(three, task);
    await three.settle(hours);
    expect([lost, fileBytes(three, 'teyron').get('фото.jpg')]).toEqual([1, [photo]]);
    expect(await three.store.openOperations(null)).toEqual([]);
  });
});

describe('A write whose end can not be learnt for a day', () => {
  const trouble = { code: 'E-REMOTE-ANSWER', about: 'task', todo: 'Nothing: it is asked again.' } as const;
  const lost = (three: Rehearsal): Outcome => ({
    is: 'unknown',
    at: three.runtime.now(),
    notBefore: three.runtime.now() + minutes,
    trouble,
  });
  /** Soon at first, then every half an hour. */
  const mostLooks = 60;

  test('is read for ever more seldom while the task is unreadable', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    around(three, teyron, 'task.update', { after: async () => lost(three) });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(1);
    let reads = 0;
    becomes(three, teyron, () => ({
      read: async (requests) => {
        reads += 1;
        return new Map(
          requests.map(({ task: of }) => [of, { is: 'unreadable', at: three.runtime.now(), trouble }]),
        );
      },
    }));
    await three.settle(24 * hours);
    expect(await three.store.openOperations(null)).toHaveLength(1);
    expect(reads).toBeGreaterThan(24);
    expect(reads).toBeLessThan(mostLooks);
  });

  test.each(['looked for', 'read'] as const)(
    'is looked up ever more seldom while the new task can not be %s',
    async (what) => {
      const three = await rehearseThree();
      around(three, teyron, 'task.create', { after: async () => lost(three) });
      const files = [{ name: 'фото.jpg', base64: photo }];
      clientTask(three, { files });
      let looks = 0;
      becomes(three, teyron, (connector) => ({
        find: async (write) => {
          looks += 1;
          return what === 'read' ? connector.find(write) : { is: 'cannot-tell', trouble };
        },
        read: async (requests) =>
          new Map(
            requests.map(({ task: of }) => [of, { is: 'unreadable', at: three.runtime.now(), trouble }]),
          ),
      }));
      await three.settle(24 * hours);
      expect(planfixTasks(three, 'teyron')).toHaveLength(1);
      expect(await three.store.openOperations(null)).toHaveLength(1);
      expect(looks).toBeGreaterThan(24);
      expect(looks).toBeLessThan(mostLooks);
    },
  );
});
