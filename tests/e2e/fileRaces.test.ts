/** Lists of files that are written whole, while a person adds one: it survives, wherever between the requests it came. */
import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { as, type AccountId } from '../../errors/ids.ts';
import { around } from './around.ts';
import { bitrixTasks, fileBytes, only, planfixComments, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const file = (name: string, seed: number) => ({ name, base64: Buffer.alloc(300, seed).toString('base64') });

type Request = Parameters<Rehearsal['runtime']['http']>[0];

/** Does something right before the first request that fits goes out. */
function rightBefore(three: Rehearsal, fits: (request: Request) => boolean, deed: () => void): () => boolean {
  const { http } = three.runtime;
  let done = false;
  Object.assign(three.runtime, {
    http: (request: Request) => {
      if (!done && fits(request)) {
        done = true;
        deed();
      }
      return http(request);
    },
  });
  return () => done;
}

async function look(three: Rehearsal): Promise<void> {
  await three.settle(600_000);
  for (let round = 0; round < 2; round += 1) {
    three.runtime.advance(180_000);
    for (const account of ['teyron', 'romashka']) await three.sweep(account);
    await three.settle(600_000);
  }
}

const names = (three: Rehearsal, account: string): string[] => [...fileBytes(three, account).keys()].sort();

describe.each(['new', 'old'] as const)('A file that is taken off, the client in the %s card,', (card) => {
  test.each([
    ['before the batch that reads and writes', (): boolean => true],
    [
      'before the list is written',
      ({ body }: Request): boolean => typeof body === 'string' && body.includes('UF_TASK_WEBDAV_FILES'),
    ],
  ] as const)('leaves the one that the client attaches %s', async (_, fits) => {
    const three = await rehearseThree(card);
    const { task, mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('план.pdf', 1) });
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('смета.pdf', 2) });
    await look(three);
    const [first] = only(planfixTasks(three, 'teyron')).files;
    const attach = (): void => {
      three.act('romashka', { as: 12, do: 'attach file', task, ...file('фото.jpg', 3) });
    };
    let writing = false;
    around(three, as<AccountId>('romashka'), 'file.detach', {
      before: () => Promise.resolve(void (writing = true)),
    });
    const acted = rightBefore(three, (request) => writing && fits(request), attach);
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, files: [Number(first)] });
    await look(three);
    expect(acted()).toBe(true);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
    expect(names(three, 'teyron')).toEqual(['план.pdf', 'фото.jpg']);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(2);
  });
});

test('A file that is taken off in Planfix leaves the one that the integrator attaches after the reading', async () => {
  const three = await rehearseThree();
  const { task, mirror } = await sharedTask(three);
  const attached = three.act('romashka', { as: 12, do: 'attach file', task, ...file('план.pdf', 1) }) as {
    attachment: number;
  };
  three.act('romashka', { as: 12, do: 'attach file', task, ...file('смета.pdf', 2) });
  await look(three);
  const over = around(three, as<AccountId>('teyron'), 'file.detach', {
    before: () => {
      three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file('фото.jpg', 3) });
      return Promise.resolve();
    },
  });
  three.act('romashka', { as: 12, do: 'detach file', task, attachment: attached.attachment });
  await look(three);
  expect(over()).toBe(true);
  expect(names(three, 'teyron')).toEqual(['смета.pdf', 'фото.jpg']);
  expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
});

describe('A file that is added to a comment', () => {
  test('of Planfix leaves the one that a person puts on the copy while it is uploaded', async () => {
    const three = await rehearseThree('old');
    const { task } = await sharedTask(three);
    const { id: comment } = three.act('romashka', {
      as: 12,
      do: 'add comment',
      task,
      text: 'Бриф',
      files: [file('бриф.pdf', 1)],
    }) as { id: number };
    await look(three);
    const copy = only(planfixComments(three, 'teyron'));
    const put = (): void => {
      const files = [...copy.files.map(Number), file('пометки.txt', 9)];
      three.act('teyron', { as: 2, do: 'edit comment', comment: copy.id, files });
    };
    const acted = rightBefore(three, ({ url, method }) => method === 'POST' && url.endsWith('/file/'), put);
    three.act('romashka', { as: 12, do: 'edit comment', task, comment, files: [file('фото.jpg', 3)] });
    await look(three);
    expect(acted()).toBe(true);
    expect(names(three, 'teyron')).toEqual(['бриф.pdf', 'пометки.txt', 'фото.jpg']);
    expect(only(planfixComments(three, 'teyron')).files).toHaveLength(3);
  });
});
