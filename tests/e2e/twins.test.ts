import { describe, expect, test } from '@jest/globals';
import { bitrixSaid, bitrixTasks, planfixComments, planfixTasks, texts } from './look.ts';
import { clientTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hours = 3_600_000;
/** Longer than any server is said to work on a request: the effect comes after the look-up found nothing. */
const late = { when: 'before', delayMs: 400_000 } as const;

describe('An effect that comes later than any server is said to work', () => {
  test.each(['new', 'old'] as const)(
    'a comment that stands twice is removed once more, %s card',
    async (card) => {
      const three = await rehearseThree(card);
      const { task, mirror } = await sharedTask(three);
      three.host('teyron').addFault({ on: `POST /task/${String(mirror)}/comments/`, ...late });
      three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
      await three.settle(hours);
      three
        .host('romashka')
        .addFault({ on: card === 'new' ? 'im.message.add' : 'task.commentitem.add', ...late });
      three.act('teyron', {
        as: 2,
        do: 'add comment',
        task: mirror,
        text: '<p>Два</p>',
        recipients: ['contact:20'],
      });
      await three.settle(hours);
      for (const account of ['teyron', 'romashka']) {
        await three.sweep(account);
        await three.settle(hours);
      }
      expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nРаз', 'Два']);
      expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Раз', 'Анна Смирнова (ТЕЙРОН):\nДва']);
      expect(await three.store.openOperations(null)).toEqual([]);
    },
  );

  test('a task that stands twice begins nothing of its own and is listed once', async () => {
    const three = await rehearseThree();
    await three.sweep('teyron');
    three.host('teyron').addFault({ on: 'POST /task/', ...late });
    clientTask(three);
    await three.settle(hours);
    three.runtime.advance(hours);
    // Its scenarios tell nothing of what the robot wrote: the sweep finds it.
    await three.sweep('teyron');
    await three.settle(hours);
    expect(await three.store.listItems(null)).toHaveLength(1);
    expect(planfixTasks(three, 'teyron')).toHaveLength(2);
    expect(bitrixTasks(three, 'romashka')).toHaveLength(1);
    expect(await three.store.due(null)).toEqual([]);
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    const listed = loaded?.replicas.flatMap(({ blocked }) => Object.values(blocked)) ?? [];
    expect(listed.map(({ trouble }) => trouble.todo)).toEqual([
      'Delete task 2 in teyron; task 1 stays the shared one.',
    ]);
  });
});
