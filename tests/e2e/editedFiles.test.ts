import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, texts } from './look.ts';
import { rehearseThree } from './three.ts';

const bytes = (seed: number): string =>
  Buffer.from(Uint8Array.from({ length: 300 }, (_, index) => (index * 11 + seed) % 256)).toString('base64');

const file = (name: string, seed: number): { name: string; base64: string } => ({
  name,
  base64: bytes(seed),
});

const begin = async (
  card: 'new' | 'old',
  hints = true,
): Promise<{ three: Rehearsal; task: number; mirror: number }> => {
  const three = await rehearseThree(card, { hints: () => hints });
  const { id: task } = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Логотип',
    responsible: 77,
    group: 7,
  }) as { id: number };
  await look(three);
  return { three, task, mirror: only(planfixTasks(three, 'teyron')).id };
};

/** Everything is swept, and once more, so that what comes twice would have come. */
const look = async (three: Rehearsal): Promise<void> => {
  await three.settle();
  for (let round = 0; round < 2; round += 1) {
    three.runtime.advance(180_000);
    for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account);
    await three.settle();
  }
};

describe.each(['new', 'old'] as const)('Files of an edited comment, the client in the %s card', (card) => {
  let three: Rehearsal;
  let mirror = 0;
  let comment = 0;
  let first: number[] = [];

  const edit = async (more: Readonly<Record<string, unknown>>): Promise<void> => {
    three.act('teyron', { as: 2, do: 'edit comment', comment, ...more });
    await look(three);
  };
  const names = (): string[] => [...fileBytes(three, 'romashka').keys()].sort();
  const said = (): string[] => texts(bitrixSaid(three, 'romashka')).filter((text) => text !== '');

  beforeEach(async () => {
    ({ three, mirror } = await begin(card));
    const made = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Акт</p>',
      recipients: ['contact:20'],
      files: [file('акт.docx', 1)],
    }) as { id: number; files: number[] };
    await look(three);
    comment = made.id;
    first = made.files;
  });

  test('a file that its author adds later reaches the client once, beside the first one', async () => {
    await edit({ files: [...first, file('смета.xlsx', 2)] });
    expect(names()).toEqual(['акт.docx', 'смета.xlsx']);
    expect(fileBytes(three, 'romashka').get('смета.xlsx')).toEqual([bytes(2)]);
    expect(fileBytes(three, 'romashka').get('акт.docx')).toEqual([bytes(1)]);
    expect(bitrixSaid(three, 'romashka').flatMap(({ files }) => files)).toHaveLength(2);
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт']);
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(0);
  });

  test('words and a file changed together cross together; a further edit of the words takes no file along again', async () => {
    await edit({ text: '<p>Акт и смета</p>', files: [...first, file('смета.xlsx', 2)] });
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт и смета']);
    await edit({ text: '<p>Акт, смета</p>' });
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт, смета']);
    expect(fileBytes(three, 'romashka').get('смета.xlsx')).toEqual([bytes(2)]);
    expect(fileBytes(three, 'romashka').get('акт.docx')).toEqual([bytes(1)]);
    expect(bitrixSaid(three, 'romashka').flatMap(({ files }) => files)).toHaveLength(2);
  });

  test('a file that its author takes off again leaves the copy too', async () => {
    await edit({ files: [...first, file('смета.xlsx', 2)] });
    const both = only(planfixComments(three, 'teyron')).files.map(Number);
    await edit({ files: both.slice(0, 1) });
    expect(bitrixSaid(three, 'romashka').flatMap(({ files }) => files)).toHaveLength(1);
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт']);
  });

  test('a later file of a comment that can no longer be edited in the chat comes without its words again', async () => {
    three.runtime.advance(40 * 86_400_000);
    three.act('teyron', { as: 2, do: 'edit comment', comment, files: [...first, file('смета.xlsx', 2)] });
    // Nobody looks into a thread that has been silent for so long until something is said in it.
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, text: '<p>Между собой</p>', hidden: true });
    await look(three);
    expect(names()).toEqual(['акт.docx', 'смета.xlsx']);
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт']);
  });

  test('an answer lost after the file was taken makes no second one', async () => {
    three.host('romashka').addFault({
      on: card === 'new' ? 'im.v2.File.upload' : 'task.commentitem.update',
      when: 'after',
      cut: true,
      times: 1,
    });
    await edit({ files: [...first, file('смета.xlsx', 2)] });
    await three.settle(600_000);
    await look(three);
    expect(three.host('romashka').faults()).toEqual([]);
    expect(bitrixSaid(three, 'romashka').flatMap(({ files }) => files)).toHaveLength(2);
    expect(said()).toEqual(['Анна Смирнова (ТЕЙРОН):\nАкт']);
  });
});

describe('Files of an edited comment of the old card', () => {
  test('a file added at the client reaches the integrator and nobody else, once; one that a person put on the copy stays', async () => {
    const { three, task } = await begin('old');
    const { id: comment } = three.act('romashka', {
      as: 12,
      do: 'add comment',
      task,
      text: 'Бриф',
      files: [file('бриф.pdf', 1)],
    }) as { id: number };
    await look(three);
    const copy = only(planfixComments(three, 'teyron'));
    three.act('teyron', {
      as: 2,
      do: 'edit comment',
      comment: copy.id,
      files: [...copy.files.map(Number), file('пометки.txt', 9)],
    });
    three.act('romashka', { as: 12, do: 'edit comment', task, comment, files: [file('фото.jpg', 3)] });
    await look(three);
    const bytesThere = fileBytes(three, 'teyron');
    expect([...bytesThere.keys()].sort()).toEqual(['бриф.pdf', 'пометки.txt', 'фото.jpg']);
    expect(bytesThere.get('фото.jpg')).toEqual([bytes(3)]);
    expect(bytesThere.get('бриф.pdf')).toEqual([bytes(1)]);
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nБриф']);
    expect(planfixComments(three, 'pixel')).toEqual([]);
  });
});
