import { describe, expect, test } from '@jest/globals';
import { keptTokens } from './tokens.ts';
import { account, givenTokens, portalWith } from './testing.ts';
import { refusalWaitMs } from './source.ts';
import { trustedServer } from './server.ts';

const lost = { on: 'POST /oauth/token/', when: 'after' as const, cut: true };

describe('Tokens of an application', () => {
  test('an expired token is renewed once and the call is made again with the new one', async () => {
    const installed = portalWith();
    await installed.keep({});
    const { client } = installed.process();
    const answer = await client.call('profile', {});
    expect(answer).toMatchObject({ is: 'ok', result: { ID: '1' } });
    expect(installed.renewals()).toBe(1);
    await client.call('profile', {});
    expect(installed.renewals()).toBe(1);
    const kept = await keptTokens(installed.store, installed.secrets, account);
    expect(kept).toMatchObject({ version: 2, tokens: { trouble: null } });
    expect(kept?.tokens.refresh).not.toBe(givenTokens.refresh);
  });

  test('a batch and a method that reads by position go out with the token too', async () => {
    const installed = portalWith({ 'taskCard.mode': 'old' });
    await installed.keep({ access: 'at-valid-user1' });
    const { client } = installed.process();
    const answers = await client.run([
      { key: 'a', method: 'profile', params: {} },
      { key: 'b', method: 'task.commentitem.getlist', params: { TASKID: 101 } },
    ]);
    expect([...answers.values()].map(({ is }) => is)).toEqual(['ok', 'ok']);
    expect(await client.call('task.commentitem.getlist', { TASKID: 101 })).toMatchObject({ is: 'ok' });
    expect(installed.renewals()).toBe(0);
  });

  test.each(['dies', 'stays'])(
    'two processes that find the token expired at once get the same new one (the old refresh token %s)',
    async (oldRefreshToken) => {
      const installed = portalWith({ 'oauth.oldRefreshToken': oldRefreshToken });
      await installed.keep({});
      const [one, other] = [installed.process(), installed.process()];
      const answers = await Promise.all(
        [one, one, other, other].map(({ client }) => client.call('profile', {})),
      );
      expect(answers.map(({ is }) => is)).toEqual(['ok', 'ok', 'ok', 'ok']);
      expect(installed.renewals()).toBe(1);
      expect(await one.tokens.current()).toBe(await other.tokens.current());
    },
  );

  test('a lost answer of the authorization server: where old refresh tokens live, the next try gets through', async () => {
    const installed = portalWith({ 'oauth.oldRefreshToken': 'stays' });
    await installed.keep({});
    installed.host.addFault(lost);
    const { client } = installed.process();
    expect(await client.call('profile', {})).toMatchObject({ is: 'failed', kind: 'down', certain: true });
    expect(await client.call('profile', {})).toMatchObject({ is: 'ok' });
  });

  test('where they die, the account says what a person does, asks no more, and an installation heals it', async () => {
    const installed = portalWith({ 'oauth.oldRefreshToken': 'dies' });
    await installed.keep({});
    installed.host.addFault(lost);
    const { client } = installed.process();
    expect(await client.call('profile', {})).toMatchObject({ is: 'failed', kind: 'down' });
    const dead = await client.call('profile', {});
    expect(dead).toMatchObject({ is: 'failed', kind: 'auth', certain: true });
    expect(dead).toHaveProperty('todo', expect.stringContaining('Reinstall'));
    installed.runtime.advance(86_400_000);
    await client.call('profile', {});
    await installed.process().client.call('profile', {});
    expect(installed.renewals()).toBe(2);
    const kept = await keptTokens(installed.store, installed.secrets, account);
    expect(kept?.tokens).toMatchObject({ refresh: givenTokens.refresh, trouble: { code: 'E-REMOTE-AUTH' } });
    await installed.keep({ access: 'at-valid-user1' }, (kept?.version ?? 0) + 1);
    expect(await client.call('profile', {})).toMatchObject({ is: 'ok' });
  });

  test('an unpaid application is a state: asked again by itself, each time after twice as long', async () => {
    const installed = portalWith({}, (world) => {
      Object.assign(world['application'] ?? {}, { status: 'P', paid_until: '2026-01-01T00:00:00+03:00' });
    });
    await installed.keep({});
    const { client } = installed.process();
    for (const renewals of [1, 2, 3]) {
      const before = installed.runtime.now();
      const answer = await client.call('profile', {});
      expect(answer).toMatchObject({ is: 'failed', kind: 'plan', retryAt: before + refusalWaitMs(renewals) });
      await client.call('profile', {});
      expect(installed.renewals()).toBe(renewals);
      installed.runtime.advance(refusalWaitMs(renewals));
    }
    expect(refusalWaitMs(1)).toBe(60_000);
    expect(refusalWaitMs(50)).toBe(6 * 3_600_000);
  });

  test('a file, which can be sent only once, surely had no effect when the token had expired', async () => {
    const installed = portalWith();
    await installed.keep({});
    const { client } = installed.process();
    const bodies: string[] = [];
    const upload = (): Promise<unknown> =>
      client.call('profile', { any: 1 }, async function* (all) {
        bodies.push(Object.keys(all).join());
        yield new TextEncoder().encode(JSON.stringify(all));
      });
    expect(await upload()).toMatchObject({ is: 'failed', certain: true });
    expect(await upload()).toMatchObject({ is: 'ok' });
    expect(bodies).toEqual(['any,auth', 'any,auth']);
  });

  test('a process that died while it renewed holds up the others for a minute at most', async () => {
    const installed = portalWith();
    await installed.keep({});
    await installed.store.leaseTokens(account, 1, installed.runtime.now(), installed.runtime.now() + 60_000);
    expect(await installed.process().client.call('profile', {})).toMatchObject({ is: 'ok' });
    expect(installed.renewals()).toBe(1);
  });

  test('a token that the portal refuses right after its renewal is not renewed again at once', async () => {
    const installed = portalWith();
    await installed.keep({ access: 'unknown', renewedAt: installed.runtime.now() });
    const { client } = installed.process();
    expect(await client.call('profile', {})).toMatchObject({ is: 'failed', kind: 'auth' });
    expect(installed.renewals()).toBe(0);
  });

  test('the portal has a new address: the authorization server tells it, and no call loses its body', async () => {
    const installed = portalWith({}, (world) => {
      Object.assign(world['portal'] ?? {}, {
        domain: 'new-vesna.bitrix24.ru',
        former_domains: ['vesna.bitrix24.ru'],
      });
    });
    await installed.keep({});
    const { client } = installed.process();
    expect(await client.call('tasks.task.get', { taskId: 101, select: ['ID'] })).toMatchObject({
      is: 'ok',
      result: { task: { id: '101' } },
    });
    const kept = await keptTokens(installed.store, installed.secrets, account);
    expect(kept?.tokens.portal).toBe('https://new-vesna.bitrix24.ru');
    expect(installed.changes).toBe(1);
  });

  test('the key of the application is sent to no server that is not known', async () => {
    const installed = portalWith();
    await installed.keep({ server: 'https://evil.example/rest/' });
    const { client } = installed.process();
    expect(await client.call('profile', {})).toMatchObject({ is: 'failed', kind: 'auth' });
    expect(installed.renewals()).toBe(0);
    const vesna = 'https://vesna.bitrix24.ru';
    expect(trustedServer('https://oauth.bitrix.info/rest/', vesna, false)).toBe('https://oauth.bitrix.info');
    for (const strange of [
      'http://oauth.bitrix.info/rest/',
      'https://oauth.bitrix.info:8443/',
      'https://oauth.bitrix.info.evil.example/',
      'https://vesna.bitrix24.ru/',
      'no address',
    ])
      expect(trustedServer(strange, vesna, false)).toBeNull();
    expect(trustedServer('https://127.0.0.1:8/rest/', 'http://127.0.0.1:9', true)).toBe(
      'https://127.0.0.1:8',
    );
  });
});
