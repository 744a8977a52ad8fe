import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, only, planfixComments, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';
import { threeCompanies } from '../../simulation/worlds.ts';

const { incoming } = threeCompanies(() => 'https://bridge.example').romashka;
const romashkaHook = `/rest/${String(incoming.user)}/${incoming.secret}`;

/** A deletion looks different by this setting of the portal; the bridge must not care. */
const deletedMessages = ['marked', 'gone'] as const;

describe.each(deletedMessages)('Edits and deletions in a task chat, deleted messages %s', (deleted) => {
  let three: Rehearsal;
  let task = 0;
  let mirror = 0;

  const clientSays = (text: string): number =>
    (three.act('romashka', { as: 12, do: 'post message', task, text }) as { id: number }).id;
  const clientEdits = (message: number, text: string): void => {
    three.act('romashka', { as: 12, do: 'edit message', task, message, text });
  };
  const clientDeletes = (message: number): void => {
    three.act('romashka', { as: 12, do: 'delete message', task, message });
  };
  const atIntegrator = (): string[] => texts(planfixComments(three, 'teyron'));
  /** A sweep that reads no thread again: what it finds the log told. */
  const sweepLog = async (): Promise<void> => {
    three.runtime.advance(10_000);
    await three.sweep('romashka', 0);
    await three.settle();
  };
  const sweepThreads = async (): Promise<void> => {
    three.runtime.advance(180_000);
    await three.sweep('romashka');
    await three.settle();
  };

  const begin = async (settings: Record<string, string | number>): Promise<void> => {
    three = await rehearseThree('new');
    three.host('romashka').setSettings({ 'chat.deletedMessages': deleted, ...settings });
    ({ task, mirror } = await sharedTask(three));
    await three.sweep('romashka', 0);
    await three.settle();
  };

  describe('where the portal keeps events', () => {
    beforeEach(async () => begin({}));

    test('cross by the events of the acting user, no thread read again for them', async () => {
      const first = clientSays('Первый');
      const second = clientSays('Второй');
      clientSays('Третий');
      await three.settle();
      expect(atIntegrator()).toHaveLength(3);
      clientEdits(first, 'Первый, исправлен');
      clientDeletes(second);
      await three.settle();
      await sweepLog();
      expect(atIntegrator()).toEqual([
        'Мария Лебедева (Ромашка):\nПервый, исправлен',
        'Мария Лебедева (Ромашка):\nТретий',
      ]);
    });

    test('an edit to an empty text is a deletion', async () => {
      const first = clientSays('Первый');
      clientSays('Второй');
      await three.settle();
      clientEdits(first, '');
      await sweepLog();
      expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВторой']);
    });

    test('a message without a webhook is found by its event', async () => {
      three = await rehearseThree('new', { hints: (account) => account !== 'romashka' });
      three.host('romashka').setSettings({ 'chat.deletedMessages': deleted });
      const made = three.act('romashka', {
        as: 12,
        do: 'create task',
        title: 'Форма',
        responsible: 77,
        group: 7,
      }) as { id: number };
      task = made.id;
      await three.sweep('romashka', 0);
      await three.settle();
      await sweepLog();
      clientSays('Вопрос');
      await sweepLog();
      expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос']);
    });

    test('an edit far back in a long chat is heard of by the visit that a new message brings', async () => {
      const first = clientSays('№0');
      for (let index = 1; index < 60; index += 1) clientSays(`№${String(index)}`);
      await three.settle();
      await sweepLog();
      clientEdits(first, '№0, исправлен');
      clientSays('Последний');
      await three.settle();
      expect(atIntegrator()).toContain('Мария Лебедева (Ромашка):\n№0, исправлен');
      expect(atIntegrator()).toContain('Мария Лебедева (Ромашка):\nПоследний');
      expect(atIntegrator()).toHaveLength(61);
    });

    test('what the bridge writes itself makes no visit', async () => {
      const { id } = three.act('teyron', {
        as: 2,
        do: 'add comment',
        task: mirror,
        text: '<p>Готово</p>',
        recipients: ['contact:20'],
      }) as { id: number };
      await three.settle();
      three.act('teyron', { as: 2, do: 'edit comment', comment: id, text: '<p>Готово совсем</p>' });
      three.runtime.advance(180_000);
      await three.sweep('teyron');
      await three.settle();
      expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Анна Смирнова (ТЕЙРОН):\nГотово совсем']);
      three.runtime.advance(180_000);
      await sweepLog();
      three.forgetRequests();
      await sweepLog();
      expect(three.requests('romashka')).toEqual({ reads: 2, writes: 0 });
    });

    test('a mirror that its chat owner deletes is written again', async () => {
      three.act('teyron', {
        as: 2,
        do: 'add comment',
        task: mirror,
        text: '<p>Готово</p>',
        recipients: ['contact:20'],
      });
      await three.settle();
      three.runtime.advance(180_000);
      await sweepLog();
      const copy = only(bitrixSaid(three, 'romashka'));
      clientDeletes(copy.id);
      await sweepLog();
      expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Анна Смирнова (ТЕЙРОН):\nГотово']);
    });

    test('events that another program of the same user took are made up for by reading the threads again', async () => {
      const first = clientSays('Первый');
      await three.settle();
      three.runtime.advance(180_000);
      await sweepLog();
      clientEdits(first, 'Первый, исправлен');
      await three.runtime.http({
        method: 'POST',
        url: `https://romashka.bitrix24.ru${romashkaHook}/im.v2.Event.get`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ offset: 1_000_000 }),
        timeoutMs: 1_000,
      });
      await sweepLog();
      expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nПервый']);
      await sweepThreads();
      expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nПервый, исправлен']);
    });
  });

  describe('where the portal knows no such events', () => {
    beforeEach(async () => begin({ 'im.events': 'absent' }));

    test('cross when the thread is read again', async () => {
      const first = clientSays('Первый');
      const second = clientSays('Второй');
      await three.settle();
      clientEdits(first, 'Первый, исправлен');
      clientDeletes(second);
      await sweepThreads();
      expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nПервый, исправлен']);
    });

    test('it is not asked for them again and again', async () => {
      three.runtime.advance(180_000);
      await sweepLog();
      three.forgetRequests();
      await sweepLog();
      expect(three.requests('romashka')).toEqual({ reads: 1, writes: 0 });
    });
  });

  test('a message that a reading of the newest ones does not reach is not taken for deleted', async () => {
    await begin({ 'im.events': 'absent' });
    for (let index = 0; index < 60; index += 1) clientSays(`№${String(index)}`);
    await three.settle();
    clientSays('Последний');
    await three.settle();
    expect(atIntegrator()).toHaveLength(61);
  });
});
