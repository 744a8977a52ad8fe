import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ChangeLog, type Connector, type SweepCursor, type Swept } from '../../connectors/port.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Store } from '../../store/port.ts';
import { readChanges } from './changeLog.ts';
import { type ConnectedAccount, defaultSettings, type EngineDeps, silentLog } from './deps.ts';

const task = as<LocalTaskId>('101');

/** Events of one user as an account keeps them: what is confirmed is gone for every reader. */
function keptEvents(): { readonly log: (reader: string) => ChangeLog; happens(): void; left(): number } {
  let events: number[] = [];
  let last = 0;
  return {
    happens() {
      last += 1;
      events.push(last);
    },
    left: () => events.length,
    log: (reader) => ({
      reader,
      read(cursor: SweepCursor | null): Promise<Swept> {
        const offset = Number(cursor?.['offset'] ?? 0);
        events = events.filter((event) => event >= offset);
        const [first] = events;
        return Promise.resolve({
          tasks: first === undefined ? [] : [{ task, aspects: ['deleted-comments'] }],
          next: { offset: (first ?? offset - 1) + 1 },
          more: events.length > 1,
        });
      },
    }),
  };
}

describe('The change log of an account', () => {
  let now = 1_000;
  let store: Store;
  let events = keptEvents();

  /** One bridge; its accounts may act as the same user. */
  const bridge = (accounts: Readonly<Record<string, string>>, over: Store = store): EngineDeps => ({
    store: over,
    runtime: { now: () => now, uuid: () => 'correlation' } as Runtime,
    accounts: new Map(
      Object.entries(accounts).map(([account, reader]) => [
        as<AccountId>(account),
        { connector: { account, changes: events.log(reader) } as unknown as Connector } as ConnectedAccount,
      ]),
    ),
    mappings: new Map(),
    markSecret: new Uint8Array(),
    settings: defaultSettings,
    log: silentLog,
  });
  const romashka = as<AccountId>('romashka');
  const marked = async (account: AccountId): Promise<boolean> => (await store.due(account)).length > 0;

  beforeEach(() => {
    now = 1_000;
    store = memoryStore(() => 'salt');
    events = keptEvents();
  });

  test('is confirmed only when the marks that it gave are kept', async () => {
    events.happens();
    const broken = { ...store, touch: () => Promise.reject(new Error('the database is away')) };
    await expect(readChanges(bridge({ romashka: 'user 1' }, broken), romashka)).rejects.toThrow('away');
    expect(events.left()).toBe(1);
    expect(await readChanges(bridge({ romashka: 'user 1' }), romashka)).toBe(1);
    expect(await marked(romashka)).toBe(true);
    expect(events.left()).toBe(1);
    await readChanges(bridge({ romashka: 'user 1' }), romashka);
    expect(events.left()).toBe(0);
  });

  test('is confirmed only when its place is kept: after a crash in between the same is told again', async () => {
    events.happens();
    const broken = { ...store, keepChangeLog: () => Promise.reject(new Error('the database is away')) };
    await expect(readChanges(bridge({ romashka: 'user 1' }, broken), romashka)).rejects.toThrow('away');
    expect(await readChanges(bridge({ romashka: 'user 1' }), romashka)).toBe(1);
  });

  test('is read to its end', async () => {
    for (let index = 0; index < 5; index += 1) events.happens();
    expect(await readChanges(bridge({ romashka: 'user 1' }), romashka)).toBe(5);
  });

  test('has one reader at a time: another worker leaves it alone until the lease ends', async () => {
    events.happens();
    const worker = await store.openChangeLog('user 1', now, now + 120_000);
    expect(worker).toEqual({ cursor: null });
    expect(await readChanges(bridge({ romashka: 'user 1' }), romashka)).toBe(0);
    expect(await marked(romashka)).toBe(false);
    now += 120_000;
    expect(await readChanges(bridge({ romashka: 'user 1' }), romashka)).toBe(1);
  });

  test('a reader whose lease is over confirms nothing more', async () => {
    events.happens();
    events.happens();
    let over = 0;
    const slow: Store = {
      ...store,
      touch: async (touches) => {
        await store.touch(touches);
        over += 1;
        now += defaultSettings.leaseMs;
        await store.openChangeLog('user 1', now, now + 120_000);
      },
    };
    expect(await readChanges(bridge({ romashka: 'user 1' }, slow), romashka)).toBe(1);
    expect(over).toBe(1);
    expect(events.left()).toBe(2);
  });

  test('marks the task in every account that acts as the same user, and in no other', async () => {
    const deps = bridge({ romashka: 'user 1', second: 'user 1', vesna: 'user 2' });
    events.happens();
    await readChanges(deps, romashka);
    expect(await marked(romashka)).toBe(true);
    expect(await marked(as<AccountId>('second'))).toBe(true);
    expect(await marked(as<AccountId>('vesna'))).toBe(false);
  });

  test('an account without one is asked for nothing', async () => {
    const deps = bridge({});
    expect(await readChanges(deps, romashka)).toBe(0);
  });
});
