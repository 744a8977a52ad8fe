import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, planfixComments, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { noon, rehearseThree } from './three.ts';

const hour = 3_600_000;

describe.each(['empty', 'error-512', 'content'] as const)(
  'A task whose old card becomes the new one in mid-life, the old list then answers %s',
  (commentGet) => {
    let three: Rehearsal;
    let task = 0;
    let mirror = 0;
    const clientSays = (text: string): number =>
      (three.act('romashka', { as: 12, do: 'post message', task, text }) as { id: number }).id;
    const integratorSays = (text: string): number =>
      (
        three.act('teyron', {
          as: 2,
          do: 'add comment',
          task: mirror,
          text,
          recipients: ['contact:20'],
        }) as { id: number }
      ).id;
    const round = async (): Promise<void> => {
      await three.settle();
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    };
    const atIntegrator = (): string[] => texts(planfixComments(three, 'teyron'));
    const atClient = (): string[] => texts(bitrixSaid(three, 'romashka'));

    /** Two comments of each side stand on the old card; then it is the new one. */
    const switched = async (settings: Record<string, string> = {}): Promise<{ ours: number }> => {
      three = await rehearseThree('old');
      three.host('romashka').setSettings({
        'taskCard.commentGet': commentGet,
        'taskCard.switchAt': new Date(noon + 2 * hour).toISOString(),
        ...settings,
      });
      ({ task, mirror } = await sharedTask(three));
      clientSays('Первый');
      three.runtime.advance(1_000);
      clientSays('Второй');
      await three.settle();
      const ours = integratorSays('<p>Ответ</p>');
      await round();
      three.runtime.advance(2 * hour);
      await round();
      return { ours };
    };

    test('loses no comment and brings none twice', async () => {
      await switched();
      clientSays('После перехода');
      await round();
      integratorSays('<p>И мы</p>');
      await round();
      await round();
      expect(atIntegrator()).toEqual([
        'Мария Лебедева (Ромашка):\nПервый',
        'Мария Лебедева (Ромашка):\nВторой',
        'Ответ',
        'Мария Лебедева (Ромашка):\nПосле перехода',
        'И мы',
      ]);
      expect(atClient().filter((text) => text.includes('Ответ'))).toHaveLength(1);
      expect(atClient().filter((text) => text.includes('И мы'))).toHaveLength(1);
    });

    test.each(['marked', 'gone'])(
      'edits and deletions in the chat cross from then on, deleted messages %s',
      async (deleted) => {
        await switched({ 'chat.deletedMessages': deleted });
        const first = clientSays('После перехода');
        const second = clientSays('Лишнее');
        await round();
        three.act('romashka', {
          as: 12,
          do: 'edit message',
          task,
          message: first,
          text: 'После, исправлено',
        });
        three.act('romashka', { as: 12, do: 'delete message', task, message: second });
        await round();
        expect(atIntegrator().slice(3)).toEqual(['Мария Лебедева (Ромашка):\nПосле, исправлено']);
      },
    );

    test('an edit of what was mirrored on the old card is told in the chat, once', async () => {
      const { ours } = await switched();
      three.act('teyron', { as: 2, do: 'edit comment', comment: ours, text: '<p>Ответ, исправлен</p>' });
      await round();
      await round();
      expect(atClient().filter((text) => text.includes('Ответ, исправлен'))).toHaveLength(1);
      expect(atIntegrator()[2]).toBe('Ответ, исправлен');
    });

    test('a deletion of what was mirrored on the old card is listed where it can not be carried out', async () => {
      const { ours } = await switched();
      three.act('teyron', { as: 2, do: 'delete comment', comment: ours });
      await round();
      await round();
      expect(atIntegrator()).toHaveLength(2);
      three.forgetRequests();
      await three.settle(12 * hour);
      expect(three.requests('romashka').writes).toBeLessThanOrEqual(1);
    });
  },
);
