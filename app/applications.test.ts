import { expect, test } from '@jest/globals';
import { type Connected } from './accounts.ts';
import { openApplications } from './applications.ts';
import { openLog } from './log.ts';
import { listenTo } from './oauth/events.ts';
import { account, portalWith } from './oauth/testing.ts';

test('what a fetch of the queue could not keep is taken up by the next one, not by the next start', async () => {
  const installed = portalWith({}, (world) => Object.assign(world['portal'] ?? {}, { plan: 'professional' }));
  await installed.keep({ access: 'at-valid-user1' });
  const { client } = installed.process();
  const to = { account, client, key: 'svyazka' };
  await listenTo(installed, to, 'https://bridge.example/webhooks/bitrix24/vesna');
  let away = false;
  const { store, secrets, runtime } = installed;
  const connected = { account: { account }, application: client } as unknown as Connected;
  const applications = openApplications({
    store: {
      ...store,
      touch: (touches) => (away ? Promise.reject(new Error('the database is away')) : store.touch(touches)),
    },
    secrets,
    runtime,
    log: openLog('silent'),
    publicUrl: null,
    account: () => connected,
    configured: () => Promise.resolve(),
    healed: () => Promise.resolve(),
    missed: () => undefined,
  });
  await applications.attend(account);
  const { acted, step } = installed.host.act(
    { as: 5, do: 'edit task', task: 101, title: 'Другое' },
    runtime.now(),
  );
  runtime.carryOut(installed.host, step);
  expect(acted.ok).toBe(true);
  away = true;
  await applications.attend(account);
  expect(await store.due(account)).toEqual([]);
  away = false;
  await applications.attend(account);
  expect((await store.due(account)).map(({ task }) => task)).toEqual(['101']);
});
