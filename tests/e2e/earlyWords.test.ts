import { expect, test } from '@jest/globals';
import { planfixComments, texts } from './look.ts';
import { rehearseThree } from './three.ts';

test.each(['new', 'old'] as const)(
  'A message said before the bridge took part in its task crosses without a hint of its own, %s card',
  async (card) => {
    const three = await rehearseThree(card);
    const { id: task } = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Форма',
      responsible: 77,
      group: 7,
    }) as { id: number };
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    await three.settle();
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nРаз']);
  },
);
