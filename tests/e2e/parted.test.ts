import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, only, planfixComments, planfixTasks, texts, told } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

describe('A contractor who is taken off a task', () => {
  let three: Rehearsal;
  let task = 0;
  const lastWord = 'Эта задача больше не связана с другой стороной';

  const assign = async (who: string): Promise<void> => {
    three.act('teyron', { as: 2, do: 'set assignees', task, users: [who] });
    await three.settle();
    three.runtime.advance(180_000);
    for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account);
    await three.settle();
  };
  const lastWords = (): string[] =>
    texts(planfixComments(three, 'pixel')).filter((text) => text.startsWith(lastWord));

  beforeEach(async () => {
    three = await rehearseThree();
    task = (await sharedTask(three)).mirror;
    await assign('contact:21');
    three.host('pixel').clearMail();
  });

  test('is told once, in the frozen copy, that it is kept in step no more; nobody is named, nobody else hears of it', async () => {
    await assign('user:3');
    expect(lastWords()).toHaveLength(1);
    expect(lastWords()[0]).not.toMatch(/ТЕЙРОН|Ромашка|Анна|Борис|Мария/u);
    expect(told(three, 'pixel').filter((line) => line.endsWith('comment'))).toEqual(['user:2: comment']);
    expect(planfixComments(three, 'teyron')).toEqual([]);
    expect(bitrixSaid(three, 'romashka')).toEqual([]);
    three.act('teyron', { as: 2, do: 'edit task', task, name: 'Иначе' });
    await three.settle();
    expect(only(planfixTasks(three, 'pixel')).title).toBe('Форма');
    expect(lastWords()).toHaveLength(1);
  });

  test('is told again when it is named again and taken off once more; meanwhile the copy is in step', async () => {
    await assign('user:3');
    await assign('contact:21');
    three.act('teyron', { as: 2, do: 'edit task', task, name: 'Иначе' });
    await three.settle();
    expect(only(planfixTasks(three, 'pixel')).title).toBe('Иначе');
    expect(lastWords()).toHaveLength(1);
    await assign('user:3');
    expect(lastWords()).toHaveLength(2);
  });

  test('is told once though the answer to it was lost', async () => {
    three.host('pixel').addFault({ on: 'POST /task/{id}/comments/', when: 'after', cut: true, times: 1 });
    await assign('user:3');
    await three.settle(600_000);
    expect(three.host('pixel').faults()).toEqual([]);
    expect(lastWords()).toHaveLength(1);
  });
});
