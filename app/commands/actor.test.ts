import { describe, expect, test } from '@jest/globals';
import { type AccountId, as } from '../../errors/ids.ts';
import { memoryStore } from '../../store/memory.ts';
import { openAccounts } from '../accounts.ts';
import { openLog } from '../log.ts';
import { secretsFrom } from '../secrets.ts';
import { accountAdd, accountList, type AddOptions } from './account.ts';
import { actorAdd, type ActorOptions, actorRemove } from './actor.ts';
import { type Io } from './io.ts';
import { type Session } from './session.ts';

const portal = 'https://192.168.7.1';
const name = as<AccountId>('vesna');

async function stage(kind: 'bitrix24' | 'planfix' = 'bitrix24') {
  const store = memoryStore(() => 'salt');
  const secrets = secretsFrom('3'.repeat(64));
  const told: object[] = [];
  const io: Io = {
    json: true,
    say: () => undefined,
    warn: () => undefined,
    result: (row: object) => void told.push(row),
  };
  let configured = 0;
  const session: Session = {
    environment: {
      dataDir: '/nowhere',
      port: 8080,
      logLevel: 'silent',
      publicUrl: 'https://bridge.example.com',
    },
    secrets,
    log: openLog('silent'),
    opened: {
      store,
      configured: () => {
        configured += 1;
        return Promise.resolve();
      },
    } as unknown as Session['opened'],
  };
  const options: AddOptions = { kind, url: portal, allowPrivate: true, zone: 'Europe/Moscow' };
  const addAccount = (more: Partial<AddOptions>, secret: string): Promise<void> =>
    accountAdd(session, io, name, { ...options, ...more }, secret, null);
  await (kind === 'planfix'
    ? addAccount({ actor: 'user:1' }, 'token-1')
    : addAccount({}, `${portal}/rest/1/hook-1`));
  told.length = 0;
  return {
    store,
    session,
    io,
    told,
    addAccount,
    add: (given: ActorOptions, secret: string | null) => actorAdd(session, io, name, given, secret),
    remove: (person: string) => actorRemove(session, io, name, person),
    account: async () => {
      const [found] = await openAccounts(store, secrets);
      if (!found) throw new Error('not added');
      return found;
    },
    configured: () => configured,
  };
}

describe('account actor', () => {
  test('another webhook of the portal is kept beside the first one, sealed, and the running bridge is told', async () => {
    const { add, account, store, session, io, told, configured } = await stage();
    const before = configured();
    await add({ administrator: true }, `${portal}/rest/5/hook-5/`);
    expect(await account()).toMatchObject({
      actor: '1',
      actors: [{ person: '5', url: `${portal}/rest/5/hook-5`, token: null, administrator: true }],
    });
    expect(configured()).toBe(before + 1);
    expect(JSON.stringify(await store.accounts())).not.toContain('hook-5');
    await accountList(session, io);
    expect(told.at(-1)).toMatchObject({ actor: '1', actors: ['5'] });
    expect(JSON.stringify(told)).not.toContain('hook-5');
  });

  test('one who is given again has the new credential only; one who is removed has none', async () => {
    const { add, remove, account } = await stage();
    await add({ administrator: true }, `${portal}/rest/5/hook-5`);
    await add({}, `${portal}/rest/8/hook-8`);
    await add({}, `${portal}/rest/5/hook-55`);
    expect((await account()).actors).toMatchObject([
      { person: '8' },
      { person: '5', url: `${portal}/rest/5/hook-55`, administrator: false },
    ]);
    await remove('8');
    expect((await account()).actors).toHaveLength(1);
    await expect(remove('8')).rejects.toThrow('no credential of 8');
  });

  test('a credential of the account itself that is given anew leaves those of others', async () => {
    const { add, addAccount, account, told } = await stage();
    await add({}, `${portal}/rest/5/hook-5`);
    await addAccount({}, `${portal}/rest/1/hook-11`);
    expect(await account()).toMatchObject({ url: `${portal}/rest/1/hook-11`, actors: [{ person: '5' }] });
    await addAccount({ url: 'https://192.168.7.2' }, 'https://192.168.7.2/rest/1/hook-1');
    expect((await account()).actors).toBeUndefined();
    expect(told).toContainEqual(expect.objectContaining({ account: name, forgotten: ['5'] }));
  });

  test('it is a user of that portal, and another one than the acting user', async () => {
    const { add } = await stage();
    await expect(add({}, 'https://192.168.7.2/rest/5/hook-5')).rejects.toThrow('a user of 192.168.7.1');
    await expect(add({}, `${portal}/rest/1/hook-1`)).rejects.toThrow('is the acting user');
    await expect(add({ as: '8' }, `${portal}/rest/5/hook-5`)).rejects.toThrow('of user 5, not of 8');
    await expect(add({}, null)).rejects.toThrow('needs the URL');
    await expect(add({ url: 'http://example.com/rest/5/x' }, null)).rejects.toThrow();
  });

  test('of Planfix it is a token, and whose it is must be said', async () => {
    const { add, account } = await stage('planfix');
    await expect(add({}, 'token-5')).rejects.toThrow('--as user:');
    await expect(add({ as: 'user:5' }, null)).rejects.toThrow('needs the token');
    await add({ as: 'user:5' }, 'token-5');
    expect((await account()).actors).toEqual([
      { person: 'user:5', url: `${portal}/rest`, token: 'token-5', administrator: false },
    ]);
  });
});
