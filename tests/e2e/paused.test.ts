import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { pauseOf } from '../../sync/engine/pause.ts';
import { bitrixTasks, only, planfixComments, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { noon, rehearseThree } from './three.ts';

const hours = 3_600_000;
const day = 24 * hours;

const unpaid = {
  teyron: { status: 403, body: { result: 'fail', code: 20, error: 'Subscription is not paid' } },
  romashka: {
    status: 403,
    body: { error: 'ACCESS_DENIED', error_description: 'REST API is available only on commercial plans' },
  },
};
const revoked = {
  teyron: { status: 401, body: { result: 'fail', code: 2, error: 'Token is not active' } },
  romashka: {
    status: 401,
    body: { error: 'INVALID_CREDENTIALS', error_description: 'Invalid request credentials' },
  },
};

const shut = (
  three: Rehearsal,
  account: 'teyron' | 'romashka',
  answer: (typeof unpaid)['teyron' | 'romashka'],
) => three.host(account).addFault({ on: '*', answer, times: 1_000_000 });
const pause = (three: Rehearsal, account: string) => pauseOf(three.store, as<AccountId>(account));

describe.each([
  ['whose plan is unpaid', unpaid, 'E-REMOTE-PLAN'],
  ['whose credential is not taken', revoked, 'E-REMOTE-AUTH'],
] as const)('An account %s', (_, answers, code) => {
  test('is paused since then, asked ever more rarely, and nothing that was told meanwhile is lost', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    shut(three, 'romashka', answers.romashka);
    const since = three.runtime.now();
    three.forgetRequests();
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, endDateTime: '2026-12-07' });
    const other = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Новая',
      responsible: 77,
      group: 7,
    }) as { id: number };
    await three.settle(2 * day);
    const kept = await pause(three, 'romashka');
    expect(kept).toMatchObject({ trouble: { code } });
    expect((kept?.since ?? 0) - since).toBeLessThan(60_000);
    const { reads, writes } = three.requests('romashka');
    expect(reads + writes).toBeGreaterThan(40);
    expect(reads + writes).toBeLessThan(80);
    expect(only(planfixTasks(three, 'teyron').filter(({ id }) => id === mirror)).title).toBe('Форма');

    three.host('romashka').clearFaults();
    await three.settle(2 * hours);
    expect(await pause(three, 'romashka')).toBeNull();
    const here = planfixTasks(three, 'teyron');
    expect(here.map(({ title }) => title)).toEqual(expect.arrayContaining(['Форма 2', 'Новая']));
    expect(bitrixTasks(three, 'romashka').map(({ id }) => id)).toEqual(expect.arrayContaining([other.id]));
  });

  test('holds up no other account, and its own writes are planned anew, not blocked', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    // It reads as always and refuses at the moment of the write.
    three.host('teyron').addFault({ on: 'POST /task/{id}', answer: answers.teyron, times: 2 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2', description: 'Новое' });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Слово' });
    await three.settle(hours);
    expect(only(planfixTasks(three, 'teyron').filter(({ id }) => id === mirror)).title).toBe('Форма 2');
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    const items = await three.store.loadItems(await three.store.listItems(null));
    expect(items.flatMap(({ replicas }) => replicas).flatMap(({ blocked }) => Object.keys(blocked))).toEqual(
      [],
    );
  });
});

test('a sweep of a paused account asks nothing before its time, and ends the pause when it is answered', async () => {
  const three = await rehearseThree();
  await three.sweep('teyron');
  shut(three, 'teyron', unpaid.teyron);
  await expect(three.sweep('teyron')).rejects.toThrow('E-REMOTE-PLAN');
  three.forgetRequests();
  await three.sweep('teyron');
  expect(three.requests('teyron')).toEqual({ reads: 0, writes: 0 });
  three.host('teyron').clearFaults();
  three.runtime.advance(60_000);
  await three.sweep('teyron');
  expect(await pause(three, 'teyron')).toBeNull();
  expect(three.runtime.now()).toBeGreaterThan(noon);
});

test('an account that answers readings and refuses writes is asked ever more rarely too', async () => {
  const three = await rehearseThree();
  const { task } = await sharedTask(three);
  three.host('teyron').addFault({ on: 'POST /task/{id}', answer: unpaid.teyron, times: 1_000 });
  three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
  three.forgetRequests();
  await three.settle(day);
  expect(three.requests('teyron').writes).toBeLessThan(45);
  expect(await pause(three, 'teyron')).not.toBeNull();
});
