/** What is too large for a side: a note in its place, in the words that the readers may know, once, and a line for whoever looks after it. */
import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { retry } from '../../sync/engine/link.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const file = (name: string, length: number) => ({ name, base64: Buffer.alloc(length, 7).toString('base64') });

async function look(three: Rehearsal): Promise<void> {
  await three.settle(600_000);
  for (let round = 0; round < 2; round += 1) {
    three.runtime.advance(180_000);
    for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account);
    await three.settle(600_000);
  }
}

const listed = async (three: Rehearsal, account: string): Promise<string[]> => {
  const items = await three.store.loadItems(await three.store.listItems(null));
  return items.flatMap(({ replicas }) =>
    replicas
      .filter((replica) => replica.account === account)
      .flatMap(({ blocked, troubles }) => [...Object.values(blocked).map((one) => one.trouble), ...troubles])
      .map(({ code, about }) => `${code} ${about}`),
  );
};

describe('A file of a comment that is too large for the chat of the portal', () => {
  const begin = async (): Promise<{ three: Rehearsal; comment: number; first: number[] }> => {
    const three = await rehearseThree();
    three.host('romashka').setSettings({ 'limits.chatFileMax': 2_000 });
    const { mirror } = await sharedTask(three);
    const { id: comment, files: first } = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Макеты</p>',
      recipients: ['contact:20'],
      files: [file('малый.png', 500), file('большой.psd', 3_000_000)],
    }) as { id: number; files: number[] };
    await look(three);
    return { three, comment, first };
  };
  const note = 'Файл «большой.psd» (2,9 МБ) сюда не помещается. Он лежит в задаче у компании «ТЕЙРОН».';

  test('leaves a note there, once; what fits crosses, and the account is listed', async () => {
    const { three } = await begin();
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual([`Анна Смирнова (ТЕЙРОН):\nМакеты\n${note}`]);
    expect([...fileBytes(three, 'romashka').keys()]).toEqual(['малый.png']);
    expect(await listed(three, 'romashka')).toEqual(['E-FILE-TOO-LARGE большой.psd']);
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Макеты']);
    expect(planfixComments(three, 'pixel')).toEqual([]);
  });

  test('and the note goes with edits of the words, never grows, and leaves with its file', async () => {
    const { three, comment, first } = await begin();
    three.act('teyron', { as: 2, do: 'edit comment', comment, text: '<p>Все макеты</p>' });
    await look(three);
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual([`Анна Смирнова (ТЕЙРОН):\nВсе макеты\n${note}`]);
    three.act('teyron', { as: 2, do: 'edit comment', comment, files: first.slice(0, 1) });
    await look(three);
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Анна Смирнова (ТЕЙРОН):\nВсе макеты']);
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Все макеты']);
    expect(await listed(three, 'romashka')).toEqual([]);
  });

  test('once the portal takes it, a retry puts the file in the place of the note', async () => {
    const { three } = await begin();
    three.host('romashka').setSettings({ 'limits.chatFileMax': 104_857_600 });
    for (const one of await three.store.loadItems(await three.store.listItems(null)))
      expect(await retry(three.deps, one)).toBe(true);
    await look(three);
    expect(texts(bitrixSaid(three, 'romashka')).filter((text) => text !== '')).toEqual([
      'Анна Смирнова (ТЕЙРОН):\nМакеты',
    ]);
    expect([...fileBytes(three, 'romashka').keys()].sort()).toEqual(['большой.psd', 'малый.png']);
    expect(await listed(three, 'romashka')).toEqual([]);
  });
});

describe('A file of a task that is too large for a plan of Planfix', () => {
  test('is told by one comment there; it goes when the file is gone', async () => {
    const three = await rehearseThree();
    three.host('teyron').setSettings({ 'file.maxBytes': 2_000 });
    const { task, mirror } = await sharedTask(three, { files: [file('видео.mp4', 5_000)] });
    const attached = three.act('romashka', {
      as: 12,
      do: 'attach file',
      task,
      ...file('вставка.mov', 50_000),
    }) as { attachment: number };
    await look(three);
    const say = (name: string, size: string): string =>
      `Файл «${name}» (${size}) сюда не помещается. Он лежит в задаче у компании «Ромашка».`;
    expect(texts(planfixComments(three, 'teyron'))).toEqual([
      say('видео.mp4', '5 КБ'),
      say('вставка.mov', '49 КБ'),
    ]);
    expect(only(planfixTasks(three, 'teyron')).id).toBe(mirror);
    expect(only(planfixTasks(three, 'teyron')).files).toEqual([]);
    expect((await listed(three, 'teyron')).sort()).toEqual([
      'E-FILE-TOO-LARGE видео.mp4',
      'E-FILE-TOO-LARGE вставка.mov',
    ]);
    three.act('romashka', { as: 12, do: 'detach file', task, attachment: attached.attachment });
    await look(three);
    expect(texts(planfixComments(three, 'teyron'))).toEqual([say('видео.mp4', '5 КБ')]);
    expect(bitrixSaid(three, 'romashka')).toEqual([]);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
  });
});

test('nothing is told of a file that its readers may not know of', async () => {
  const three = await rehearseThree();
  three.host('pixel').setSettings({ 'file.maxBytes': 10 });
  const { mirror } = await sharedTask(three, { title: 'Логотип', files: [file('бриф.pdf', 5_000)] });
  three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] });
  await look(three);
  expect(planfixComments(three, 'pixel')).toEqual([]);
  three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('план.pdf', 3_000) });
  await look(three);
  expect(texts(planfixComments(three, 'pixel'))).toEqual([
    'Файл «план.pdf» (3 КБ) сюда не помещается. Он лежит в задаче у компании «ТЕЙРОН».',
  ]);
  expect(await listed(three, 'pixel')).toEqual(['E-FILE-TOO-LARGE план.pdf']);
});
