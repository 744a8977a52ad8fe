import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type HttpRequest } from '../../runtime/runtime.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { afterTheLease, becomes } from './around.ts';
import { bitrixTasks, fileBytes, only, planfixComments, planfixTasks } from './look.ts';
import { clientTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const teyron = as<AccountId>('teyron');
const hours = 3_600_000;
const bytes = Buffer.from('макет').toString('base64');

type Moment = 'before it goes out' | 'after its answer';

/** The process pauses around the first request that `which` picks. */
function pausing(
  three: Rehearsal,
  moment: Moment,
  which: (request: HttpRequest, path: string) => boolean,
  pause: () => Promise<void> | void,
): () => boolean {
  const { runtime } = three;
  const http = runtime.http.bind(runtime);
  let over = false;
  runtime.http = async (request) => {
    if (over || !which(request, new URL(request.url).pathname)) return http(request);
    over = true;
    if (moment === 'before it goes out') await pause();
    const response = await http(request);
    if (moment === 'after its answer') await pause();
    return response;
  };
  return () => over;
}

/** States that the account's operations have gone through to their end, and look-ups for lost ones. */
async function ended(three: Rehearsal): Promise<Record<string, number>> {
  await three.settle(hours);
  const rows = await three.store.operationsOf(only(await three.store.listItems(null)), 100);
  const states: Record<string, number> = {};
  for (const { account, state } of rows) if (account === teyron) states[state] = (states[state] ?? 0) + 1;
  return states;
}

function lookUps(three: Rehearsal): () => number {
  let looked = 0;
  becomes(three, teyron, (connector) => ({
    find: async (write) => {
      looked += 1;
      return connector.find(write);
    },
  }));
  return () => looked;
}

describe('A write whose process pauses with the request in its hand', () => {
  test('does not overwrite what a person has written meanwhile', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const before = three.runtime.now();
    const over = pausing(
      three,
      'before it goes out',
      ({ method }, path) => method === 'POST' && path === `/rest/task/${String(mirror)}`,
      () => {
        three.runtime.advance(three.deps.settings.maxAgeMs + 1_000);
        three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 3' });
      },
    );
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(20_000);
    expect(over()).toBe(true);
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    expect(loaded?.item.conflicts.map(({ field }) => field)).toEqual(['title']);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 3');
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 3');
    expect(three.runtime.now() - before).toBeLessThan(60_000);
    expect(await ended(three)).toEqual({ done: 1, dropped: 1 });
  });

  test('is written after all, without a look-up, when nobody has changed anything', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const looked = lookUps(three);
    pausing(
      three,
      'before it goes out',
      ({ method }, path) => method === 'POST' && path === `/rest/task/${String(mirror)}`,
      () => three.runtime.advance(three.deps.settings.maxAgeMs + 1_000),
    );
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(20_000);
    expect([only(planfixTasks(three, 'teyron')).title, looked()]).toEqual(['Форма 2', 0]);
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    expect(loaded?.replicas.map(({ blocked }) => blocked)).toEqual([{}, {}]);
  });

  test.each([
    ['before it goes out', '/rest/task/'],
    ['after its answer', '/rest/file/'],
  ] as const)('makes no second task when another worker takes over %s (%s)', async (moment, sought) => {
    const three = await rehearseThree();
    const over = pausing(
      three,
      moment,
      ({ method }, path) => method === 'POST' && path === sought,
      async () => {
        const item = only(await three.store.listItems(null));
        await afterTheLease(three, teyron, `new:${item}`);
      },
    );
    clientTask(three, { files: [{ name: 'макет.psd', base64: bytes }] });
    await three.settle(hours);
    expect([over(), planfixTasks(three, 'teyron').length]).toEqual([true, 1]);
    expect(fileBytes(three, 'teyron').get('макет.psd')).toEqual([bytes]);
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test('says no second comment when another worker takes over', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const over = pausing(
      three,
      'before it goes out',
      ({ method }, path) => method === 'POST' && path === `/rest/task/${String(mirror)}/comments/`,
      () => afterTheLease(three, teyron, mirror),
    );
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    await three.settle(hours);
    expect([over(), planfixComments(three, 'teyron').length]).toEqual([true, 1]);
    expect(await three.store.openOperations(null)).toEqual([]);
  });
});
