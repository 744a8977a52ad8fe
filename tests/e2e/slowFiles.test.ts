import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { afterTheLease, anotherWorker, becomes } from './around.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, rows } from './look.ts';
import { clientTask, integratorTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const teyron = as<AccountId>('teyron');
const romashka = as<AccountId>('romashka');
const hours = 3_600_000;
const six = Buffer.from('abcdef').toString('base64');
const files = [{ name: 'макет.psd', base64: six }];

/** The first file that is opened at an account comes byte by byte, `between` after each; those of other workers at once. */
function slowly(
  three: Rehearsal,
  account: AccountId,
  between: (byte: number) => Promise<void>,
): () => number {
  let opened = 0;
  becomes(three, account, (connector) => ({
    openFile: async (task, comment, file) => {
      const stream = await connector.openFile(task, comment, file);
      opened += 1;
      if (opened > 1) return stream;
      async function* bytes(): AsyncGenerator<Uint8Array> {
        let count = 0;
        for await (const chunk of stream.bytes)
          for (const byte of chunk) {
            yield Uint8Array.of(byte);
            await between((count += 1));
          }
      }
      return { ...stream, bytes: bytes() };
    },
  }));
  return () => opened;
}

/** Three minutes for a file of six bytes; after five of them another worker looks what is to be done. */
const threeMinutes =
  (three: Rehearsal, account: AccountId, task: () => Promise<string> | string) =>
  async (byte: number): Promise<void> => {
    three.runtime.advance(30_000);
    if (byte === 5) await anotherWorker(three, account, await task());
  };

/** The process sleeps beyond its lease in the middle of the file, and another worker takes over. */
const sleepsInTheMiddle =
  (three: Rehearsal, account: AccountId, task: () => Promise<string> | string) =>
  async (byte: number): Promise<void> => {
    if (byte === 3) await afterTheLease(three, account, await task());
  };

/** The last byte is read, and the account thinks about it until another worker has taken over. */
const sleepsAtTheEnd =
  (three: Rehearsal, account: AccountId, task: () => Promise<string> | string) =>
  async (byte: number): Promise<void> => {
    if (byte === 6) await afterTheLease(three, account, await task());
  };

const newItem = async (three: Rehearsal): Promise<string> => `new:${only(await three.store.listItems(null))}`;

const everSaid = (three: Rehearsal): number =>
  rows(three.host('teyron').dump(), 'comments').filter((comment) => comment['type'] === 'Comment').length;

async function quiet(three: Rehearsal): Promise<void> {
  await three.settle(hours);
  expect(await three.store.openOperations(null)).toEqual([]);
  expect(await three.store.due(null)).toEqual([]);
}

const ways = [
  ['takes three minutes', threeMinutes, 1],
  ['is cut in two by a long sleep', sleepsInTheMiddle, 2],
  ['is followed by a long sleep', sleepsAtTheEnd, 2],
] as const;

describe.each(ways)('When an upload %s and another worker looks in,', (_, way, opened) => {
  test('a new task of Planfix is made once', async () => {
    const three = await rehearseThree();
    const times = slowly(
      three,
      romashka,
      way(three, teyron, () => newItem(three)),
    );
    clientTask(three, { files });
    await quiet(three);
    expect([times(), planfixTasks(three, 'teyron').length]).toEqual([opened, 1]);
    expect(fileBytes(three, 'teyron').get('макет.psd')).toEqual([six]);
  });

  test('a comment of Planfix is said once', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const times = slowly(
      three,
      romashka,
      way(three, teyron, () => String(mirror)),
    );
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Макет', files });
    await quiet(three);
    expect([times(), everSaid(three)]).toEqual([opened, 1]);
    expect(only(planfixComments(three, 'teyron')).files).toHaveLength(1);
  });

  test('a file of a Planfix task is attached once', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const times = slowly(
      three,
      romashka,
      way(three, teyron, () => String(mirror)),
    );
    three.act('romashka', { as: 12, do: 'attach file', task, ...files[0] });
    await quiet(three);
    expect([times(), only(planfixTasks(three, 'teyron')).files.length]).toEqual([opened, 1]);
  });

  test.each(['new', 'old'] as const)('a comment of Bitrix24 is said once, %s card', async (card) => {
    const three = await rehearseThree(card);
    const task = integratorTask(three);
    await three.settle();
    const client = only(bitrixTasks(three, 'romashka')).id;
    const times = slowly(
      three,
      teyron,
      way(three, romashka, () => String(client)),
    );
    const said = { text: '<p>Макет</p>', recipients: ['contact:20'], files };
    three.act('teyron', { as: 2, do: 'add comment', task, ...said });
    await quiet(three);
    const carrying = bitrixSaid(three, 'romashka').filter((one) => one.files.length > 0);
    expect([times(), carrying.length]).toEqual([opened, 1]);
  });
});
