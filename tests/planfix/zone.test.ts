import { describe, expect, test } from '@jest/globals';
import { type CheckLine } from '../../connectors/port.ts';
import { as, type LocalTaskId } from '../../errors/ids.ts';
import { asking, opening, snapshotOf, updating } from '../contracts/portCalls.ts';
import { type PlanfixAccount, planfixAccount } from './account.ts';

const noFiles = opening(() => '');

async function zoneOf({ connector }: PlanfixAccount): Promise<CheckLine | undefined> {
  return (await connector.check()).find(({ about }) => about === 'zone');
}

const withTask = (account: PlanfixAccount, more: object = {}): LocalTaskId =>
  as<LocalTaskId>(
    String(account.act({ as: 2, do: 'create task', name: 'Форма', assignees: ['user:12'], ...more }).id),
  );

describe('The zone of the token’s user', () => {
  test('is proved by what the account shows', async () => {
    const account = planfixAccount({ zone: 'Asia/Yekaterinburg' });
    withTask(account);
    expect(await zoneOf(account)).toMatchObject({ state: 'ok' });
  });

  test('that is another one is told with both times, and how to mend it', async () => {
    const account = planfixAccount({ zone: 'Asia/Yekaterinburg', configured: 'Europe/Moscow' });
    withTask(account);
    expect(await zoneOf(account)).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('24-11-2026 12:30'),
      todo: expect.stringContaining('--zone'),
    });
  });

  test.each([
    ['Europe/Moscow', 'Europe/Moscow', 'ok'],
    ['UTC', 'Europe/Moscow', 'failed'],
    ['UTC', 'UTC', 'ok'],
    ['Europe/Moscow', 'UTC', 'failed'],
    ['Asia/Tokyo', 'Europe/Moscow', 'failed'],
  ])(
    'is proved by a filter where the account shows UTC to everybody: %s, configured %s',
    async (zone, configured, state) => {
      const account = planfixAccount({ zone, configured, settings: { 'timepoint.dateTimeIn': 'UTC' } });
      withTask(account);
      expect(await zoneOf(account)).toMatchObject({ state });
    },
  );

  test('that nothing tells of is asked of the person', async () => {
    const line = await zoneOf(planfixAccount({ zone: 'Europe/Moscow' }));
    expect(line).toMatchObject({ state: 'unknown', todo: expect.stringContaining('profile') });
  });

  test('is proved alone, without the other probes', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow' });
    withTask(account);
    const before = account.requests();
    expect(await account.connector.proveZone?.()).toMatchObject({ about: 'zone', state: 'ok' });
    expect(account.requests() - before).toBe(1);
  });
});

describe('With a zone that is not the user’s', () => {
  const at = Date.parse('2026-12-04T15:00Z');

  test('a deadline is held and listed, never stored as another moment; all other fields go on', async () => {
    const account = planfixAccount({ zone: 'Asia/Yekaterinburg', configured: 'Europe/Moscow' });
    const task = withTask(account);
    const known = await snapshotOf(account, task);
    const [outcome] = await account.connector.write(
      [updating(known, { set: { title: 'Форма 2', deadline: { at, timed: true } } })],
      noFiles,
    );
    expect(outcome).toMatchObject({
      is: 'done',
      failures: [
        {
          about: 'deadline',
          wanted: '2026-12-04T15:00:00.000Z',
          answered: expect.stringContaining('Europe/Moscow'),
          todo: expect.stringContaining('--zone'),
        },
      ],
    });
    expect(await snapshotOf(account, task)).toMatchObject({ title: 'Форма 2', deadline: null });
  });

  test('a deadline that was stored as another moment, whatever filters say, is not written a second time', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow', settings: { 'timepoint.dateTimeIn': 'UTC' } });
    const task = withTask(account);
    const deadline = { at, timed: true };
    const write = async () => {
      const known = await snapshotOf(account, task);
      return account.connector.write([updating(known, { set: { deadline } })], noFiles);
    };
    expect(await write()).toMatchObject([{ is: 'done', failures: [] }]);
    expect((await snapshotOf(account, task)).deadline).not.toEqual(deadline);
    expect(await write()).toMatchObject([
      {
        is: 'done',
        failures: [{ about: 'deadline', answered: expect.stringContaining('as a moment of UTC') }],
      },
    ]);
  });

  test('a deadline is cleared all the same, and read as the moment that it is', async () => {
    const account = planfixAccount({ zone: 'Asia/Yekaterinburg', configured: 'Europe/Moscow' });
    const task = withTask(account, { deadline: '2026-12-04T15:00Z' });
    const known = await snapshotOf(account, task);
    expect(known.deadline).toEqual({ at, timed: true });
    await account.connector.write([updating(known, { set: { deadline: null } })], noFiles);
    expect(await snapshotOf(account, task)).toMatchObject({ deadline: null });
  });

  test.each([
    ['UTC', 'Europe/Moscow', 'user zone'],
    ['Europe/Moscow', 'Asia/Vladivostok', 'user zone'],
    ['Asia/Vladivostok', 'Europe/Moscow', 'user zone'],
    ['UTC', 'Europe/Moscow', 'UTC'],
    ['America/Los_Angeles', 'UTC', 'UTC'],
    ['America/Los_Angeles', 'Europe/Moscow', 'UTC'],
  ])(
    'the sweep misses nothing: the user lives in %s, configured is %s, times are shown in %s',
    async (zone, configured, dateTimeIn) => {
      const account = planfixAccount({ zone, configured, settings: { 'timepoint.dateTimeIn': dateTimeIn } });
      const task = withTask(account);
      const { connector, runtime } = account;
      let { next } = await connector.changedSince(null);
      runtime.advance(3_600_000);
      ({ next } = await connector.changedSince(next));
      account.act({ as: 2, do: 'edit task', task: Number(task), name: 'Форма 2' });
      runtime.advance(60_000);
      const swept = await connector.changedSince(next);
      expect(swept.tasks.map((one) => one.task)).toContain(task);
    },
  );
});

describe('A zone that is right', () => {
  test('costs the sweep no request of its own once a reading has shown it', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow' });
    const task = withTask(account);
    const { connector, runtime } = account;
    await connector.read([asking(task)]);
    let { next } = await connector.changedSince(null);
    runtime.advance(600_000);
    const before = account.requests();
    ({ next } = await connector.changedSince(next));
    runtime.advance(60_000);
    await connector.changedSince(next);
    expect(account.requests() - before).toBe(2);
  });
});
