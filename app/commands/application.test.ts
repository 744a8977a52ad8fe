import { describe, expect, test } from '@jest/globals';
import { type AccountId, as } from '../../errors/ids.ts';
import { memoryStore } from '../../store/memory.ts';
import { openAccounts } from '../accounts.ts';
import { openLog } from '../log.ts';
import { keptTokens, keepTokens } from '../oauth/tokens.ts';
import { givenTokens } from '../oauth/testing.ts';
import { secretsFrom } from '../secrets.ts';
import { type AddOptions, accountAdd } from './account.ts';
import { applicationLines } from './application.ts';
import { type Io } from './io.ts';
import { type Session } from './session.ts';

const name = as<AccountId>('vesna');
const options: AddOptions = {
  kind: 'bitrix24',
  url: 'https://192.168.7.1',
  allowPrivate: true,
  zone: 'Europe/Moscow',
  app: true,
};

function stage() {
  const store = memoryStore(() => 'salt');
  const secrets = secretsFrom('3'.repeat(64));
  const told: object[] = [];
  const io: Io = {
    json: true,
    say: () => undefined,
    warn: () => undefined,
    result: (row: object) => void told.push(row),
  };
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
      configured: () => Promise.resolve(),
    } as unknown as Session['opened'],
  };
  const add = (changed: Partial<AddOptions>, secret: string | null) =>
    accountAdd(session, io, name, { ...options, ...changed }, secret, null);
  const account = async () => {
    const [found] = await openAccounts(store, secrets);
    if (!found) throw new Error('not added');
    return found;
  };
  return { store, secrets, session, told, add, account };
}

describe('account add --app', () => {
  test('prints the two addresses before code and key exist, and keeps them when these are given', async () => {
    const { add, told, account } = stage();
    await add({}, null);
    await add({ clientId: 'local.1' }, 'key\n');
    const [first, second] = told as { handler: string; install: string; client: boolean }[];
    expect(first?.handler).toBe('https://bridge.example.com/bitrix24/vesna/app');
    expect(first?.install).toMatch(/^https:\/\/bridge\.example\.com\/bitrix24\/vesna\/install\/[\w-]{32}$/);
    expect(second).toMatchObject({ handler: first?.handler, install: first?.install, client: true });
    expect((await account()).application?.client).toEqual({ id: 'local.1', secret: 'key' });
    await add({}, null);
    expect((await account()).application?.client).toEqual({ id: 'local.1', secret: 'key' });
  });

  test('code and key come together, of Bitrix24 only, with the address of a portal only', async () => {
    const { add } = stage();
    await expect(add({ clientId: 'local.1' }, null)).rejects.toThrow('come together');
    await expect(add({}, 'key')).rejects.toThrow('come together');
    await expect(add({ kind: 'planfix' }, 'key')).rejects.toThrow('of Bitrix24');
    await expect(add({ url: 'https://192.168.7.1/rest/1/secret' }, null)).rejects.toThrow('portal alone');
  });

  test('what is told of it: not installed, no key, installed, removed; another key is tried at once', async () => {
    const { add, session, account, store, secrets } = stage();
    await add({}, null);
    expect(await applicationLines(session, await account())).toMatchObject([{ state: 'failed' }]);
    const kept = { ...givenTokens, refusals: 3, retryAt: 9e15, trouble: { ...refusedTrouble } };
    await keepTokens(store, secrets, name, { version: 1, tokens: kept });
    const lines = await applicationLines(session, await account());
    expect(lines.filter(({ state }) => state === 'failed').map(({ found }) => found)).toEqual([
      'invalid_client',
      'not given: the access token can not be renewed after an hour',
    ]);
    await add({ clientId: 'local.1' }, 'key');
    expect((await keptTokens(store, secrets, name))?.tokens).toMatchObject({ trouble: null, refusals: 0 });
    expect((await applicationLines(session, await account())).map(({ state }) => state)).not.toContain(
      'failed',
    );
    expect(await account()).toMatchObject({ actor: '1', url: 'https://vesna.bitrix24.ru/rest' });
  });
});

const refusedTrouble = {
  code: 'E-REMOTE-AUTH' as const,
  about: 'application',
  answered: 'invalid_client',
  todo: 'Look.',
};
