import { expect, test } from '@jest/globals';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { integratorTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hour = 3_600_000;

test('a date that an account can not take is tried ever more rarely, and no two accounts hand it on to each other', async () => {
  const three = await rehearseThree();
  // Both take the times of writes for UTC, and those of filters for Moscow's: nothing but a write shows it.
  for (const account of ['teyron', 'pixel'])
    three.host(account).setSettings({ 'timepoint.dateTimeIn': 'UTC' });
  const task = integratorTask(three, { deadline: '2026-12-05T15:00Z' });
  await three.settle();
  const handed = ['contact:21'];
  three.act('teyron', { as: 2, do: 'edit task', task, assignees: handed, auditors: handed });
  await three.settle();
  const deadline = only(bitrixTasks(three, 'romashka')).deadline;
  three.forgetRequests();
  await three.settle(6 * hour);
  expect(only(bitrixTasks(three, 'romashka')).deadline).toBe(deadline);
  expect(only(planfixTasks(three, 'pixel')).title).toBe('Макет');
  // Twice each: 30 seconds, a minute, two, … an hour; every thirty seconds would be 720 times.
  expect(three.requests('pixel').reads).toBeLessThan(40);
  expect(three.requests('pixel').writes).toBe(0);
});
