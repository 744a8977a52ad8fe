/** An application in an emulated portal with its tokens in a store: what the tests of this folder stand on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, makeClient } from '../../connectors/bitrix24/client.ts';
import { type AccountSettings, type TokenSource } from '../../connectors/port.ts';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { type EmulatorHost, hostEmulator } from '../../emulators/common/host.ts';
import { type Json, type SettingValue } from '../../emulators/common/types.ts';
import { type AccountId, as, type LocalPersonId } from '../../errors/ids.ts';
import { type Deliver, type HostedRuntime, hostedRuntime } from '../../simulation/hostedRuntime.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Store } from '../../store/port.ts';
import { type Secrets, secretsFrom } from '../secrets.ts';
import { tokenSource } from './source.ts';
import { keepTokens, noFeatures, type Tokens } from './tokens.ts';

export const account = as<AccountId>('vesna');
export const portal = 'https://vesna.bitrix24.ru';
export const start = Date.parse('2026-11-24T07:30Z');
export const client = {
  id: 'local.66f0c1a2b3d4e5.71839204',
  secret: 'Zk4Q1sW8xT2vB6nM9cL3pR7yH5jD0fGaEuIoYtRw',
};
/** Tokens of user 1 in the contracts' portal; the access token has expired. */
export const givenTokens: Tokens = {
  memberId: 'd41c6b3710f85df22e9377d6c4f75530',
  portal,
  user: '1',
  access: 'at-expired-user1',
  refresh: 'rt-user1-gen1-000000001',
  server: 'https://oauth.bitrix24.tech/rest/',
  applicationToken: 'q7r2k9v4w1x8y3z6a5b0c2d4e6f8g1h3',
  renewedAt: 0,
  trouble: null,
  retryAt: null,
  refusals: 0,
  features: noFeatures,
};

const { world } = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', '..', 'tests', 'contracts', 'cases', 'bitrix24', 'world.json'),
    'utf8',
  ),
) as { world: Record<string, Record<string, Json>> };

export interface Installed {
  readonly host: EmulatorHost;
  readonly runtime: HostedRuntime;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly memberId: string;
  /** One process that works with the application. */
  process(eventsKey?: string): { readonly tokens: TokenSource; readonly client: Client };
  keep(tokens: Partial<Tokens>, version?: number): Promise<boolean>;
  /** Requests that the authorization server got. */
  renewals(): number;
  changes: number;
}

export function portalWith(
  settings: Readonly<Record<string, SettingValue>> = {},
  edit: (world: Record<string, Record<string, Json>>) => void = () => undefined,
  deliver?: Deliver,
): Installed {
  const seeded = structuredClone(world);
  edit(seeded);
  const host = hostEmulator(bitrix24, {
    account,
    address: { http: 'http://vesna.bitrix24.ru', https: portal },
    world: seeded,
    settings: { 'limits.rate': false, 'limits.operating': false, ...settings },
    seed: 1,
    now: start,
  });
  const origins = [
    portal,
    'https://oauth.bitrix24.tech',
    'https://new-vesna.bitrix24.ru',
    'https://evil.example',
  ];
  const runtime = hostedRuntime([{ host, origins }], start, deliver);
  const store = memoryStore(() => 'salt');
  const secrets = secretsFrom('7'.repeat(64));
  const memberId = String(seeded['portal']?.['member_id']);
  const installed: Installed = {
    host,
    runtime,
    store,
    secrets,
    memberId,
    changes: 0,
    process(eventsKey = '') {
      const tokens = tokenSource(
        { store, secrets, runtime, changed: () => (installed.changes += 1) },
        { account, client, allowPrivate: false, ca: null },
      );
      const settingsOf: AccountSettings = {
        account,
        kind: 'bitrix24',
        url: `${portal}/rest`,
        token: null,
        application: { tokens, eventsKey: eventsKey === '' ? null : eventsKey },
        actor: as<LocalPersonId>('1'),
        organisation: 'Весна',
        zone: 'Europe/Moscow',
        ca: null,
        serverMaxMs: 60_000,
      };
      return { tokens, client: makeClient(settingsOf, runtime) };
    },
    keep: (tokens, version = 1) =>
      keepTokens(store, secrets, account, { version, tokens: { ...givenTokens, memberId, ...tokens } }),
    renewals: () => host.log(0).entries.filter(({ target }) => target.startsWith('/oauth/token')).length,
  };
  return installed;
}
