import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

describe.each(['new', 'old'] as const)('Requests per change, the client in the %s card', (card) => {
  let three: Rehearsal;
  let task = 0;
  let mirror = 0;

  beforeEach(async () => {
    three = await rehearseThree(card);
    ({ task, mirror } = await sharedTask(three));
    three.runtime.advance(60_000);
    three.forgetRequests();
  });

  const total = (): { reads: number; writes: number } => {
    const all = ['teyron', 'romashka', 'pixel'].map((account) => three.requests(account));
    return {
      reads: all.reduce((sum, { reads }) => sum + reads, 0),
      writes: all.reduce((sum, { writes }) => sum + writes, 0),
    };
  };

  test('one change at the client costs one write and at most three reads until quiet', async () => {
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    expect(total().writes).toBe(1);
    expect(total().reads).toBeLessThanOrEqual(3);
    expect(three.requests('pixel')).toEqual({ reads: 0, writes: 0 });
  });

  test('one change at the integrator costs one write and at most three reads until quiet', async () => {
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 3' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 3');
    expect(total().writes).toBe(1);
    expect(total().reads).toBeLessThanOrEqual(3);
  });

  test('one comment costs one write and at most three reads until quiet', async () => {
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Вопрос' });
    await three.settle();
    expect(total().writes).toBe(1);
    expect(total().reads).toBeLessThanOrEqual(3);
  });

  test.each(['romashka', 'teyron'])(
    'twenty changes of one task within two seconds at %s cost at most four reads and two writes on each side',
    async (side) => {
      for (let index = 1; index <= 20; index += 1) {
        const name = `Форма ${String(index)}`;
        if (side === 'romashka') three.act(side, { as: 12, do: 'edit task', task, title: name });
        else three.act(side, { as: 2, do: 'edit task', task: mirror, name });
        await three.settle(100);
        three.runtime.advance(100);
      }
      await three.settle();
      expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 20');
      expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 20');
      for (const account of ['teyron', 'romashka']) {
        expect(three.requests(account).reads).toBeLessThanOrEqual(4);
        expect(three.requests(account).writes).toBeLessThanOrEqual(2);
      }
    },
  );
});
