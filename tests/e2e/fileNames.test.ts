/** Files with names of any kind, and two of one name: both cross, each once, also when answers are lost. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { nameToSend } from '../../sync/core/fileNames.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const bytes = (seed: number, length = 300): string =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 11 + seed) % 256)).toString('base64');

const file = (name: string, seed: number, length?: number) => ({ name, base64: bytes(seed, length) });

/** Everything is swept, and once more, so that what comes twice, or comes back, would have come. */
async function look(three: Rehearsal): Promise<void> {
  await three.settle(600_000);
  for (let round = 0; round < 2; round += 1) {
    three.runtime.advance(180_000);
    for (const account of ['teyron', 'romashka']) await three.sweep(account);
    await three.settle(600_000);
  }
  expect(await three.store.openOperations(null)).toEqual([]);
}

const all = (three: Rehearsal, account: string): string[] => [...fileBytes(three, account).values()].flat();

const strange = [
  'договор.pdf',
  'фото 😀🎉.jpg',
  `кавычки "двойные", 'одинарные' и «ёлочки».txt`,
  '..\\..//путь/к файлу.doc',
  'строка\r\nвторая\u0000\u0007.txt',
  '.скрытый',
  'CON',
  'aux.txt',
  'имя \u200Fназад\u202Eexe.pdf',
  `${'длинное'.repeat(60)}.docx`,
  '100% & <b>x</b>; filename="y".txt',
  'содержит $result[a][b] и \\u0000.txt',
  'й разложенное.txt'.normalize('NFD'),
];

describe.each(['new', 'old'] as const)('Names of files, the client in the %s card', (card) => {
  test.each(strange)('%j crosses both ways, of a task and of a comment', async (name) => {
    const three = await rehearseThree(card);
    const { task, mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file(name, 1) });
    three.act('romashka', { as: 12, do: 'attach file', task, ...file(name, 2) });
    const said = { text: 'Вот', files: [file(name, 3)] };
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, recipients: ['contact:20'], ...said });
    await look(three);
    expect(all(three, 'teyron').sort()).toEqual([bytes(1), bytes(2), bytes(3)].sort());
    expect(all(three, 'romashka').sort()).toEqual([bytes(1), bytes(2), bytes(3)].sort());
    expect(fileBytes(three, 'teyron').get(nameToSend(name))).toContain(bytes(2));
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(2);
  });

  test('words beside a file may hold what stands for nothing in JSON', async () => {
    const three = await rehearseThree(card);
    const { mirror } = await sharedTask(three);
    const text = '<p>Строка \\u0000 и "кавычки"</p>';
    const files = [file('a.txt', 1)];
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, recipients: ['contact:20'], text, files });
    await look(three);
    expect(all(three, 'romashka')).toEqual([bytes(1)]);
    expect(bitrixSaid(three, 'romashka').some((one) => one.text.includes('Строка \\u0000 и'))).toBe(true);
  });
});

const twice = (length?: number) => [file('акт.pdf', 1), file('акт.pdf', 2, length)];

describe.each(['new', 'old'] as const)('Two files of one name, the client in the %s card', (card) => {
  const upload = card === 'new' ? 'im.v2.File.upload' : 'task.commentitem.add';
  test.each([
    ['no answer lost', [], 300],
    ['no answer lost, sizes differ', [], 500],
    ['the first answer lost', [{ on: upload, when: 'after', cut: true }], 300],
    ['the request itself lost', [{ on: upload, when: 'before', cut: true }], 300],
    [
      'two answers lost',
      [
        { on: upload, when: 'after', cut: true },
        { on: upload, when: 'after', cut: true },
      ],
      300,
    ],
  ] as const)('of one comment of the integrator: %s', async (_, faults, length) => {
    const three = await rehearseThree(card);
    const { mirror } = await sharedTask(three);
    for (const fault of faults) three.host('romashka').addFault({ ...fault, times: 1 });
    const said = { text: '<p>Акты</p>', recipients: ['contact:20'], files: twice(length) };
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, ...said });
    await look(three);
    // An upload that hangs nowhere is seen by nobody; those that hang are counted.
    expect(new Set(all(three, 'romashka'))).toEqual(new Set([bytes(1), bytes(2, length)]));
    expect(bitrixSaid(three, 'romashka').flatMap(({ files }) => files)).toHaveLength(2);
    expect(bitrixSaid(three, 'romashka').filter(({ text }) => text !== '')).toHaveLength(1);
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
  });

  test.each(['after', 'before'] as const)(
    'the second of two uploads into the chat, cut %s it took effect, is there once',
    async (when) => {
      const three = await rehearseThree(card);
      const { mirror } = await sharedTask(three);
      let uploads = 0;
      const { http } = three.runtime;
      Object.assign(three.runtime, {
        http: (request: Parameters<typeof http>[0]) => {
          if (request.url.endsWith('File.upload') || request.url.endsWith('uploadfile')) uploads += 1;
          if (uploads === 2) {
            uploads += 1;
            const on = card === 'new' ? 'im.v2.File.upload' : 'disk.storage.uploadfile';
            three.host('romashka').addFault({ on, when, cut: true, times: 1 });
          }
          return http(request);
        },
      });
      const said = { text: '<p>Акты</p>', recipients: ['contact:20'], files: twice() };
      three.act('teyron', { as: 2, do: 'add comment', task: mirror, ...said });
      await look(three);
      const hanging = bitrixSaid(three, 'romashka').flatMap(({ files }) => files);
      expect(hanging).toHaveLength(2);
      expect(new Set(all(three, 'romashka'))).toEqual(new Set([bytes(1), bytes(2)]));
      expect(bitrixSaid(three, 'romashka').filter(({ text }) => text !== '')).toHaveLength(1);
    },
  );

  test.each(['at birth', 'later'] as const)('of one task, attached %s, with lost answers', async (birth) => {
    const three = await rehearseThree(card);
    const create = { title: 'Акты', ...(birth === 'at birth' ? { files: twice() } : {}) };
    const { task, mirror } = await sharedTask(three, create);
    if (birth === 'later')
      for (const one of twice()) three.act('romashka', { as: 12, do: 'attach file', task, ...one });
    await look(three);
    expect(all(three, 'teyron').sort()).toEqual([bytes(1), bytes(2)].sort());
    const back = [file('счёт.pdf', 3), file('счёт.pdf', 4)];
    for (const one of back) three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...one });
    three.host('romashka').addFault({ on: 'tasks.task.files.attach', when: 'after', cut: true, times: 2 });
    await look(three);
    expect(three.host('romashka').faults()).toEqual([]);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(4);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(4);
    expect(all(three, 'teyron').sort()).toEqual([bytes(1), bytes(2), bytes(3), bytes(4)].sort());
  });
});

describe('A file whose attachment had no answer', () => {
  test.each(['after', 'before'] as const)(
    'is told by its bytes from a namesake that a person adds meanwhile; cut %s it took effect',
    async (when) => {
      const three = await rehearseThree();
      const { task, mirror } = await sharedTask(three);
      three.host('romashka').addFault({ on: 'tasks.task.files.attach', when, cut: true, times: 1 });
      three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('смета.xlsx', 1) });
      await three.settle(1_000);
      three.act('romashka', { as: 12, do: 'attach file', task, ...file('смета.xlsx', 2) });
      await look(three);
      expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
      expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(2);
      expect(all(three, 'teyron').sort()).toEqual([bytes(1), bytes(2)].sort());
    },
  );

  test('keeps its length and SHA-256 with the copy and in the journal', async () => {
    const three = await rehearseThree();
    const { mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('смета.xlsx', 1) });
    await three.settle();
    const items = await three.store.loadItems(await three.store.listItems(null));
    const copies = items.flatMap(({ replicas }) => replicas.flatMap(({ files }) => files));
    expect(copies.find(({ role }) => role === 'copy')?.print).toEqual({
      bytes: 300,
      sha256: createHash('sha256')
        .update(Buffer.from(bytes(1), 'base64'))
        .digest('hex'),
    });
  });
});
