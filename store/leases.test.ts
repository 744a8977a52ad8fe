/** Leases of claimed work, the same in both stores. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AccountId, as, type LocalTaskId } from '../errors/ids.ts';
import { testDatabase, type TestDatabase } from '../tests/database.ts';
import { memoryStore } from './memory.ts';
import { type Claimed, type Store } from './port.ts';
import { connectKysely } from './postgres/connection.ts';
import { postgresStore } from './postgres/store.ts';

let database: TestDatabase;
let opened: ReturnType<typeof connectKysely<unknown>>;
let real: Store;

beforeAll(async () => {
  database = await testDatabase();
  const { connectionString } = database;
  opened = connectKysely<unknown>(connectionString, { max: 2, name: 'svyazka leases' });
  real = await postgresStore({
    db: opened,
    connectionString,
    salt: () => 'salt',
    log: { warn: () => undefined },
  });
});

afterAll(async () => {
  await real.close();
  await opened.destroy();
  await database.drop();
});

const at0 = 1_790_000_000_000;

describe.each(['memory', 'PostgreSQL'] as const)('In %s, a claim', (where) => {
  const account = as<AccountId>(`lease-${where}`);
  const leaseMs = 30_000;
  let store: Store;
  let task: LocalTaskId;
  let number = 0;

  beforeEach(() => {
    store = where === 'memory' ? memoryStore(() => 'salt') : real;
    task = as<LocalTaskId>(String((number += 1)));
  });
  const touchAt = (dueAt: number): Promise<void> =>
    store.touch([{ account, task, aspects: ['task'], lane: 'field', dueAt, correlation: 'c' }]);
  const claimAt = async (now: number): Promise<Claimed | undefined> => {
    const claimed = await store.claim(account, { now, limit: 100, leaseMs, lookAheadMs: 0 });
    return claimed.find((one) => one.task === task);
  };
  const finishAll = async (...claims: (Claimed | undefined)[]): Promise<void> =>
    store.finish(claims.flatMap((claim) => (claim ? [{ claim, busyUntil: null }] : [])));

  test('that its worker left behind is due when the lease ends, whatever was marked for later', async () => {
    await touchAt(at0);
    expect(await claimAt(at0)).toBeDefined();
    await touchAt(at0 + 3_600_000);
    expect(await store.nextDue(account)).toBe(at0 + leaseMs);
    expect(await claimAt(at0 + leaseMs - 1)).toBeUndefined();
    const next = await claimAt(at0 + leaseMs);
    expect(next?.aspects).toEqual(['task']);
    await finishAll(next);
    expect(await store.nextDue(account)).toBeNull();
  });

  test('leaves what is marked for later to its time once it is finished', async () => {
    await touchAt(at0);
    const first = await claimAt(at0);
    await touchAt(at0 + 3_600_000);
    await finishAll(first);
    expect(await store.nextDue(account)).toBe(at0 + 3_600_000);
    expect(await claimAt(at0 + leaseMs)).toBeUndefined();
    await finishAll(await claimAt(at0 + 3_600_000));
  });

  test('is kept as long as it is renewed, and renewed by nobody who lost it', async () => {
    await touchAt(at0);
    const first = await claimAt(at0);
    if (!first) throw new Error('nothing was claimed');
    expect(await store.renew([first], at0 + 100_000)).toEqual(new Set([first]));
    // A renewal that comes late shortens nothing.
    expect(await store.renew([first], at0 + 50_000)).toEqual(new Set([first]));
    expect(await claimAt(at0 + 99_999)).toBeUndefined();
    const second = await claimAt(at0 + 100_000);
    expect(second?.epoch).toBe(first.epoch + 1);
    expect(await store.renew([first], at0 + 900_000)).toEqual(new Set());
    expect(await store.nextDue(account)).toBe(at0 + 100_000 + leaseMs);
    await finishAll(second);
    expect(second && (await store.renew([second], at0 + 900_000))).toEqual(new Set());
  });
});
