import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, planfixTasks, texts } from './look.ts';
import { clientTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const count = 12;

/** A dozen tasks with a comment of the integrator in each, whose Planfix tells of nothing by itself. */
async function begin(listsAll: boolean) {
  const three: Rehearsal = await rehearseThree('new', { hints: (account) => account !== 'teyron' });
  three.host('teyron').setSettings({ commentListEndpoint: listsAll });
  for (let index = 0; index < count; index += 1) clientTask(three, { title: `Форма ${String(index)}` });
  await three.settle();
  const comments = planfixTasks(three, 'teyron').map(({ id }) => {
    const made = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: id,
      text: `<p>Ответ ${String(id)}</p>`,
      recipients: ['contact:20'],
    });
    return (made as { id: number }).id;
  });
  const sweep = async (threads: number): Promise<void> => {
    await three.sweep('teyron', threads);
    await three.settle();
  };
  three.runtime.advance(180_000);
  await sweep(1);
  return { three, comments, sweep, atClient: (): string[] => texts(bitrixSaid(three, 'romashka')) };
}

describe('Threads of many tasks in Planfix', () => {
  test('edits and deletions in any of them are found by one look around, and only those threads are read', async () => {
    const { three, comments, sweep, atClient } = await begin(true);
    expect(atClient()).toHaveLength(count);
    const [first = 0, second = 0] = comments.slice(-2);
    three.act('teyron', { as: 2, do: 'edit comment', comment: first, text: '<p>Иначе</p>' });
    three.act('teyron', { as: 2, do: 'delete comment', comment: second });
    three.runtime.advance(700_000);
    three.forgetRequests();
    await sweep(1);
    expect(atClient()).toHaveLength(count - 1);
    expect(atClient()).toContain('Анна Смирнова (ТЕЙРОН):\nИначе');
    // What changed, two lists of all comments, the two threads with their deletions, and the one that is read in turn.
    expect(three.requests('teyron').reads).toBeLessThanOrEqual(10);
    // Nothing to tell: no thread is read for it.
    three.runtime.advance(700_000);
    three.forgetRequests();
    await sweep(1);
    expect(three.requests('teyron')).toEqual({ reads: 5, writes: 0 });
  });

  test('an account without such a list is asked for it once a day, and its threads are read in their turn', async () => {
    const { three, comments, sweep, atClient } = await begin(false);
    const [first = 0] = comments;
    three.act('teyron', { as: 2, do: 'edit comment', comment: first, text: '<p>Иначе</p>' });
    const asked = (): number =>
      three
        .host('teyron')
        .log(0)
        .entries.filter(({ target }) => target.includes('/comment/list')).length;
    const before = asked();
    for (let index = 0; index < count; index += 1) {
      three.runtime.advance(180_000);
      await sweep(1);
    }
    expect(asked()).toBe(before);
    expect(atClient()).toContain('Анна Смирнова (ТЕЙРОН):\nИначе');
  });
});
