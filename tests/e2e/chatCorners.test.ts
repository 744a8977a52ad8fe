import { describe, expect, test } from '@jest/globals';
import { type SettingValue } from '../../emulators/common/types.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { bitrixSaid, only, planfixComments, type Said, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

/** The client with a task chat and the integrator; the portal has these settings. */
async function begin(settings: Readonly<Record<string, SettingValue>>) {
  const three = await rehearseThree('new');
  three.host('romashka').setSettings(settings);
  const { task, mirror } = await sharedTask(three);
  const client = (act: object): { id: number } =>
    three.act('romashka', { as: 12, task, ...act } as never) as { id: number };
  const integrator = (act: object): { id: number } =>
    three.act('teyron', { as: 2, ...act } as never) as { id: number };
  const pair = {
    three,
    client,
    integrator,
    integratorSays: (text: string, more: object = {}): number =>
      integrator({ do: 'add comment', task: mirror, text, recipients: ['contact:20'], ...more }).id,
    inChat: (): Said[] => bitrixSaid(three, 'romashka'),
    atIntegrator: (): Said[] => planfixComments(three, 'teyron'),
    async round(): Promise<void> {
      await three.settle();
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    },
    async staysSo(): Promise<void> {
      const before = [pair.inChat(), pair.atIntegrator()];
      three.forgetRequests();
      for (let more = 0; more < 3; more += 1) await pair.round();
      expect([pair.inChat(), pair.atIntegrator()]).toEqual(before);
      expect(three.requests('romashka').writes + three.requests('teyron').writes).toBe(0);
    },
    async listed(): Promise<string[]> {
      const asked = { account: as<AccountId>('romashka'), task: as<LocalTaskId>(String(task)) };
      const { replicas } = only(await three.store.loadByTask([asked]));
      return replicas
        .filter(({ account }) => account === 'romashka')
        .flatMap(({ blocked }) => Object.values(blocked).map(({ trouble }) => trouble.code));
    },
  };
  return pair;
}

const block = (word: string, count: number): string => `${word} `.repeat(count).trim();

describe('Long messages of a task chat', () => {
  test('a portal that cuts them early shows the beginning: no one’s edit, not written again and again, listed', async () => {
    const pair = await begin({ 'limits.chatMessageMax': 200 });
    const words = block('слово', 60);
    const id = pair.integratorSays(`<p>${words}</p>`);
    await pair.round();
    const copy = only(pair.inChat());
    expect([...copy.text]).toHaveLength(200);
    expect(copy.text.endsWith(' (...)')).toBe(true);
    expect(only(texts(pair.atIntegrator()))).toBe(words);
    await pair.staysSo();
    expect(await pair.listed()).toEqual(['E-TEXT-TOO-LONG']);
    // Short enough, it stands whole and is listed no more.
    pair.integrator({ do: 'edit comment', comment: id, text: '<p>Короче</p>' });
    await pair.round();
    await pair.round();
    expect(only(texts(pair.inChat()))).toContain('Короче');
    expect(await pair.listed()).toEqual([]);
  });

  test('what is too long for one message comes in parts, none of them cut, and an edit reaches all of them', async () => {
    const pair = await begin({});
    const id = pair.integratorSays(`<p>${block('перед', 2_500)}</p><p>${block('после', 2_500)}</p>`);
    await pair.round();
    expect(pair.inChat()).toHaveLength(2);
    pair.integrator({
      do: 'edit comment',
      comment: id,
      text: `<p>${block('раньше', 2_500)}</p><p>${block('позже', 2_500)}</p>`,
    });
    await pair.round();
    expect(texts(pair.inChat()).map((text) => text.split(/\s+/u).at(-1))).toEqual(['раньше', 'позже']);
    await pair.staysSo();
  });

  test('an edit of parts that are closed to edits is said below them once, and a further one is not repeated', async () => {
    const pair = await begin({ 'chat.editWindowSeconds': 60 });
    const long = (one: string, other: string): string =>
      `<p>${block(one, 2_500)}</p><p>${block(other, 2_500)}</p>`;
    const id = pair.integratorSays(long('перед', 'после'));
    await pair.round();
    const last = (): (string | undefined)[] => texts(pair.inChat()).map((text) => text.split(/\s+/u).at(-1));
    pair.integrator({ do: 'edit comment', comment: id, text: long('раньше', 'позже') });
    await pair.round();
    expect(last()).toEqual(['перед', 'после', 'раньше', 'позже']);
    await pair.staysSo();
    pair.integrator({ do: 'edit comment', comment: id, text: '<p>Коротко</p>' });
    await pair.round();
    expect(last()).toEqual(['перед', 'после', 'раньше', 'позже', 'Коротко']);
    await pair.staysSo();
    // The owner of the chat clears away what is out of date: nothing is missing then.
    for (const { id: message } of pair.inChat().slice(0, 4)) pair.client({ do: 'delete message', message });
    await pair.round();
    expect(last()).toEqual(['Коротко']);
    await pair.staysSo();
  });
});

describe.each(['params', 'text', 'none'])('A portal whose messages point to their files by: %s', (link) => {
  test('a message brings its file, and an edit of its words neither loses it nor brings it again', async () => {
    const pair = await begin({ 'chat.fileLink': link });
    const { id } = pair.client({
      do: 'post message',
      text: 'Смотрите',
      files: [{ name: 'акт.txt', text: 'тело' }],
    });
    // Where nothing points to a file, its author and moment do.
    pair.three.runtime.advance(2_000);
    pair.client({ do: 'post message', text: 'Без файла' });
    await pair.round();
    const files = (): (readonly [string, number])[] =>
      pair.atIntegrator().map(({ text, files: held }) => [only(texts([{ text } as Said])), held.length]);
    expect(files()).toEqual([
      ['Мария Лебедева (Ромашка):\nСмотрите', 1],
      ['Мария Лебедева (Ромашка):\nБез файла', 0],
    ]);
    pair.client({ do: 'edit message', message: id, text: 'Смотрите же' });
    await pair.round();
    expect(files()).toEqual([
      ['Мария Лебедева (Ромашка):\nСмотрите же', 1],
      ['Мария Лебедева (Ромашка):\nБез файла', 0],
    ]);
    await pair.staysSo();
  });

  test('a file from the other side comes into the chat once', async () => {
    const pair = await begin({ 'chat.fileLink': link });
    pair.integratorSays('<p>Смета</p>', { files: [{ name: 'смета.txt', text: 'тело' }] });
    await pair.round();
    const said = only(pair.inChat());
    expect(said.files).toHaveLength(1);
    expect(only(texts([said]))).toBe('Анна Смирнова (ТЕЙРОН):\nСмета');
    await pair.staysSo();
  });
});

describe.each([true, false])('Lines of the portal itself in a chat, of which events tell: %s', (told) => {
  test('cross nowhere', async () => {
    const pair = await begin({ 'events.onSystemMessages': told });
    pair.client({ do: 'post message', text: 'Вопрос' });
    pair.client({ do: 'edit task', deadline: '2026-12-01T18:00:00+03:00' });
    pair.client({ as: 77, do: 'start' });
    await pair.round();
    expect(texts(pair.atIntegrator())).toEqual(['Мария Лебедева (Ромашка):\nВопрос']);
    await pair.staysSo();
  });
});
