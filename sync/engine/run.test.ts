import { describe, expect, test } from '@jest/globals';
import { type Connector } from '../../connectors/port.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { simulatedRuntime } from '../../runtime/simulated.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Store } from '../../store/port.ts';
import { type Reading } from '../core/replica.ts';
import { type ConnectedAccount, defaultSettings, type EngineDeps, silentLog } from './deps.ts';
import { runAccount } from './run.ts';

const romashka = as<AccountId>('romashka');

/** An account of a few strangers' tasks whose readings take a second each, and what was read of it when. */
function account(visitsAtOnce: number, over: (store: Store) => Store = (store) => store) {
  const runtime = simulatedRuntime({
    seed: 1,
    start: 1_000,
    route: () => {
      throw new Error('nothing is asked for');
    },
  });
  const store = over(memoryStore(() => 'salt'));
  const batches: string[][] = [];
  let reading = 0;
  let most = 0;
  const connector = {
    account: romashka,
    kind: 'planfix',
    batch: { read: 2, write: 1 },
    async read(requests: readonly { readonly task: LocalTaskId }[]) {
      batches.push(requests.map(({ task }) => task));
      most = Math.max(most, (reading += 1));
      await runtime.sleep(1_000);
      reading -= 1;
      return new Map(requests.map(({ task }) => [task, { is: 'gone', at: runtime.now() } as Reading]));
    },
  } as unknown as Connector;
  const deps: EngineDeps = {
    store,
    runtime,
    accounts: new Map([[romashka, { connector, visitsAtOnce } as ConnectedAccount]]),
    mappings: new Map(),
    markSecret: new Uint8Array(),
    settings: defaultSettings,
    log: silentLog,
  };
  const touch = (from: number, to: number): Promise<void> =>
    store.touch(
      Array.from({ length: to - from }, (_, index) => ({
        account: romashka,
        task: as<LocalTaskId>(String(100 + from + index)),
        aspects: ['task'],
        lane: 'field',
        dueAt: runtime.now(),
        correlation: 'correlation',
      })),
    );
  const stop = new AbortController();
  return {
    runtime,
    touch,
    stop,
    batches,
    most: () => most,
    run: () => runAccount(deps, romashka, stop.signal),
    async end(running: Promise<void>) {
      stop.abort();
      await runtime.runUntilIdle();
      await running;
    },
  };
}

describe('An account that is kept going', () => {
  test('reads whole batches side by side, and each task once', async () => {
    const { batches, end, most, run, runtime, touch } = account(3);
    await touch(0, 6);
    const running = run();
    await runtime.advance(900);
    expect(most()).toBe(3);
    await runtime.advance(10_000);
    expect(batches.flat().sort()).toEqual(['100', '101', '102', '103', '104', '105']);
    await end(running);
  });

  test('spends no second visit on less than a whole batch', async () => {
    const { batches, end, most, run, runtime, touch } = account(3);
    await touch(0, 1);
    const running = run();
    await runtime.advance(100);
    await touch(1, 2);
    await runtime.advance(800);
    expect(most()).toBe(1);
    await runtime.advance(10_000);
    expect(batches).toEqual([['100'], ['101']]);
    await end(running);
  });

  test('sees a whole batch that comes up while it reads another one', async () => {
    const { end, most, run, runtime, touch } = account(2);
    const running = run();
    await runtime.advance(10);
    await touch(0, 2);
    await runtime.advance(300);
    await touch(2, 4);
    await runtime.advance(300);
    expect(most()).toBe(2);
    await end(running);
  });

  test('has one visit at a time where requests are limited', async () => {
    const { batches, end, most, run, runtime, touch } = account(1);
    await touch(0, 6);
    const running = run();
    await runtime.advance(20_000);
    expect(most()).toBe(1);
    expect(batches.map(({ length }) => length)).toEqual([2, 2, 2]);
    await end(running);
  });

  test('what is due and cannot be claimed is tried again in a while, not without end', async () => {
    let tries = 0;
    const taken = account(2, (store) => ({
      ...store,
      claim: () => {
        tries += 1;
        // Else a loop without a pause would never let this test end.
        if (tries > 500) taken.stop.abort();
        return Promise.resolve([]);
      },
    }));
    await taken.touch(0, 2);
    const running = taken.run();
    await taken.runtime.advance(1_000);
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(100);
    await taken.end(running);
  });
});
