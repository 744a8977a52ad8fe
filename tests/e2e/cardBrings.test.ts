import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, only, planfixComments, type Said, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { noon, rehearseThree } from './three.ts';

const hour = 3_600_000;

/** A task of the old card with two comments of the client and one of the integrator, which then gets the new card. */
async function switched(oldComments: string, commentGet = 'empty') {
  const three: Rehearsal = await rehearseThree('old');
  three.host('romashka').setSettings({
    'taskCard.commentGet': commentGet,
    'taskCard.oldComments': oldComments,
    'taskCard.switchAt': new Date(noon + 2 * hour).toISOString(),
  });
  const { task, mirror } = await sharedTask(three);
  const client = (act: object): { id: number } =>
    three.act('romashka', { as: 12, task, ...act } as never) as { id: number };
  const integrator = (act: object): { id: number } =>
    three.act('teyron', { as: 2, ...act } as never) as { id: number };
  const world = {
    three,
    client,
    integrator,
    clientSays: (text: string): number => client({ do: 'post message', text }).id,
    atIntegrator: (): Said[] => planfixComments(three, 'teyron'),
    wordsThere: (): string[] => texts(planfixComments(three, 'teyron')),
    /** What stands in the chat, the portal's own hand included. */
    inChat: (): { id: number; text: string; author: number }[] =>
      (
        (three.host('romashka').dump() as { chats: { messages: never[] }[] }).chats.flatMap(
          ({ messages }) => messages,
        ) as { id: number; text: string; author: number; deleted: boolean }[]
      ).filter(({ deleted }) => !deleted),
    async round(): Promise<void> {
      await three.settle();
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    },
    async staysSo(): Promise<void> {
      const before = [world.wordsThere(), bitrixSaid(three, 'romashka')];
      three.forgetRequests();
      for (let more = 0; more < 3; more += 1) await world.round();
      expect([world.wordsThere(), bitrixSaid(three, 'romashka')]).toEqual(before);
      expect(three.requests('romashka').writes + three.requests('teyron').writes).toBe(0);
    },
  };
  client({ do: 'post message', text: 'Первый', files: [{ name: 'акт.txt', text: 'тело' }] });
  three.runtime.advance(61_000);
  world.clientSays('Второй');
  await three.settle();
  three.runtime.advance(61_000);
  const ours = integrator({
    do: 'add comment',
    task: mirror,
    text: '<p>Ответ</p>',
    recipients: ['contact:20'],
  }).id;
  await world.round();
  three.runtime.advance(2 * hour);
  await world.round();
  return { ...world, ours };
}

const before = ['Мария Лебедева (Ромашка):\nПервый', 'Мария Лебедева (Ромашка):\nВторой', 'Ответ'];
const ways = ['moved', 'moved-now', 'copied-by-system'];

describe.each(ways)('A portal that brings old comments into the chat of the new card: %s', (way) => {
  test.each(['empty', 'error-512', 'content'])(
    'nothing comes twice and nothing counts as deleted, the old list then answers %s',
    async (commentGet) => {
      const world = await switched(way, commentGet);
      expect(world.inChat().filter(({ text }) => /Первый|Второй|Ответ/u.test(text))).toHaveLength(3);
      expect(world.wordsThere()).toEqual(before);
      await world.staysSo();
      world.clientSays('После перехода');
      await world.round();
      expect(world.wordsThere()).toEqual([...before, 'Мария Лебедева (Ромашка):\nПосле перехода']);
      expect(world.atIntegrator().map(({ files }) => files.length)).toEqual([1, 0, 0, 0]);
      await world.staysSo();
    },
  );

  test('an edit of what was mirrored before is told in the chat, once', async () => {
    const world = await switched(way);
    world.integrator({ do: 'edit comment', comment: world.ours, text: '<p>Ответ, исправлен</p>' });
    await world.round();
    expect(world.inChat().filter(({ text }) => text.includes('исправлен'))).toHaveLength(1);
    expect(world.wordsThere()[2]).toBe('Ответ, исправлен');
    await world.staysSo();
  });
});

describe.each(['moved', 'moved-now'])('Old comments that the chat holds again, %s', (way) => {
  test('are edited and deleted there, and both cross', async () => {
    const world = await switched(way);
    const inChat = (word: string): number => only(world.inChat().filter(({ text }) => text === word)).id;
    world.client({ do: 'edit message', message: inChat('Первый'), text: 'Первый, исправлен' });
    world.client({ do: 'delete message', message: inChat('Второй') });
    await world.round();
    expect(world.wordsThere()).toEqual(['Мария Лебедева (Ромашка):\nПервый, исправлен', 'Ответ']);
    expect(world.atIntegrator().map(({ files }) => files.length)).toEqual([1, 0]);
    await world.staysSo();
  });
});

describe('A portal that leaves old comments where they are', () => {
  test('a person who says the same words again in the chat is heard', async () => {
    const world = await switched('stay');
    world.clientSays('Первый');
    await world.round();
    world.clientSays('Третий');
    await world.round();
    expect(world.wordsThere()).toEqual([
      ...before,
      'Мария Лебедева (Ромашка):\nПервый',
      'Мария Лебедева (Ромашка):\nТретий',
    ]);
    await world.staysSo();
  });

  test('the thread of a task that moved is not read again at every sweep', async () => {
    const world = await switched('stay');
    world.clientSays('После перехода');
    await world.round();
    const { three } = world;
    for (let more = 0; more < 2; more += 1) {
      three.runtime.advance(180_000);
      await three.sweep('romashka', 0);
      await three.settle();
    }
    three.forgetRequests();
    for (let more = 0; more < 3; more += 1) {
      three.runtime.advance(10_000);
      await three.sweep('romashka', 0);
      await three.settle();
    }
    // Each asks what changed, and what the messenger tells.
    expect(three.requests('romashka')).toEqual({ reads: 6, writes: 0 });
  });
});
