/** A local application is installed in an emulated portal and a task is mirrored both ways through it, over real HTTP. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, sealAccount } from '../../app/accounts.ts';
import { type Bridge, startBridge } from '../../app/bridge.ts';
import { keptFindings } from '../../app/findings.ts';
import { openLog } from '../../app/log.ts';
import { keptTokens } from '../../app/oauth/tokens.ts';
import { secretsFrom } from '../../app/secrets.ts';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';
import { type StartedAccount, type StartedEmulators } from '../../emulators/common/shell/start.ts';
import { type Act, type Json } from '../../emulators/common/types.ts';
import { type AccountId, as, type SpaceId } from '../../errors/ids.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { seenOf } from '../../simulation/story/rehearsed.ts';
import { type Seen, taskAt } from '../../simulation/story/stage.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

type World = Record<string, Record<string, Json>>;

const secrets = secretsFrom('5'.repeat(64));
const romashka = as<AccountId>('romashka');
const client = { id: 'local.0a1b2c3d4e5f60.12345678', secret: 'KeyOfTheApplicationOfRomashka00000000001' };
const mappingFile = new URL('../../mappings/examples/planfix-bitrix24.yaml', import.meta.url);

let database: TestDatabase;
let bridge: Bridge;
let emulators: StartedEmulators;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  await emulators.close();
  await bridge.close();
  await database.drop();
});

const started = (name: string): StartedAccount => {
  const found = emulators.accounts.find(({ account }) => account === name);
  if (!found) throw new Error(`${name} was not started`);
  return found;
};

const stub = (path: string): string => `http://127.0.0.1:${String(bridge.port)}${path}`;

/** The bridge with an account of each kind; the one in Bitrix24 is an application that is not installed yet. */
async function prepare(plan: string): Promise<void> {
  const options = {
    connectionString: database.connectionString,
    secrets,
    roles: ['server', 'worker'],
    log: openLog('silent'),
    sweepEveryMs: 600_000,
    engine: { burstMs: 200 },
  } as const;
  // Its port is known only once it listens: the address that events come to is told to a second start.
  const first = await startBridge({ ...options, port: 0 });
  const { port } = first;
  await first.close();
  bridge = await startBridge({ ...options, port, publicUrl: `http://127.0.0.1:${String(port)}` });
  const worlds = threeCompanies((company) =>
    company === 'teyron' ? stub('/webhooks/planfix/teyron/planfix-secret') : null,
  );
  const world = structuredClone(worlds.romashka.world) as unknown as World;
  Object.assign(world['portal'] ?? {}, { plan });
  world['application'] = {
    client_id: client.id,
    client_secret: client.secret,
    redirect_uri: 'https://svyazka.example/',
    application_token: 'first-application-token-000000001',
    scope: ['task', 'tasks', 'im', 'disk', 'user', 'sonet_group', 'department'],
    installed: false,
  };
  emulators = await startEmulators({
    planfix: ['teyron'],
    bitrix24: ['romashka'],
    worlds: { teyron: worlds.teyron.world, romashka: world },
    settings: { 'teyron:limits.perSecond': 0 },
  });
  // The portal's authorization server stands at the portal's own address.
  const { https, ca } = started('romashka');
  Object.assign(world['portal'] ?? {}, { server_endpoint: `${https}/rest/` });
  await fetch(`${started('romashka').control}/seed`, { method: 'POST', body: JSON.stringify({ world }) });
  const common = { organisation: '', zone: 'Europe/Moscow', serverMaxMs: 60_000, allowPrivate: true };
  const accounts: Account[] = [
    {
      ...common,
      account: as<AccountId>('teyron'),
      kind: 'planfix',
      url: `${started('teyron').https}/rest`,
      token: worlds.teyron.token,
      actor: worlds.teyron.actor,
      ca: started('teyron').ca,
      hookSecret: 'planfix-secret',
      limited: false,
    },
    {
      ...common,
      account: romashka,
      kind: 'bitrix24',
      url: `${https}/rest`,
      token: null,
      actor: '',
      ca,
      hookSecret: null,
      limited: false,
      application: { client, installSecret: 'install-secret', portal: https },
    },
  ];
  for (const account of accounts) await bridge.store.putAccount(sealAccount(secrets, account, Date.now()));
  const source = await readFile(mappingFile, 'utf8');
  await bridge.store.putMapping({
    space: as<SpaceId>('site-romashka'),
    version: 1,
    source,
    appliedAt: Date.now(),
  });
  await bridge.reload();
}

async function act(company: string, what: Act): Promise<Json> {
  const answer = await fetch(`${started(company).control}/act`, {
    method: 'POST',
    body: JSON.stringify(what),
  });
  const acted = (await answer.json()) as { ok: boolean; result?: Json; refused?: string };
  if (!acted.ok) throw new Error(`${company}: ${acted.refused ?? ''}`);
  return acted.result ?? null;
}

async function until<Value>(what: string, look: () => Promise<Value | undefined | false>): Promise<Value> {
  const giveUpAt = Date.now() + 45_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > giveUpAt) throw new Error(`did not come about: ${what}`);
    await sleep(100);
  }
}

async function seen(): Promise<Seen> {
  const dumps = await Promise.all(
    ['teyron', 'romashka'].map(async (name) => {
      const answer = await fetch(`${started(name).control}/dump`);
      return [name, ((await answer.json()) as { world: Json }).world] as const;
    }),
  );
  return seenOf(Object.fromEntries(dumps));
}

const addresses = () => ({
  handler: stub('/bitrix24/romashka/app'),
  install: stub('/bitrix24/romashka/install/install-secret'),
});

const operations = async (): Promise<readonly string[]> => {
  const answer = await fetch(`${started('romashka').control}/log`);
  const { entries } = (await answer.json()) as { entries: { operation: string; inner?: string[] }[] };
  return entries.flatMap(({ operation, inner = [] }) => [operation, ...inner]);
};

test.each([
  ['in a frame, with a queue of events', 'professional', false],
  ['by the portal itself, with calls for each event', 'basic', true],
])(
  'an application installed %s mirrors a task both ways',
  async (_, plan, apiOnly) => {
    await prepare(plan);
    expect(bridge.unreachable.get(romashka)).toContain('not installed');
    await act('romashka', { as: 1, do: 'save application', ...addresses(), api_only: apiOnly });
    if (!apiOnly) await act('romashka', { as: 1, do: 'open application' });
    await until('the account is reachable', async () => bridge.deps.accounts.has(romashka));
    const kept = await until('the installation is kept', async () => {
      const found = await keptTokens(bridge.store, secrets, romashka);
      return found?.tokens.features.plan === `ru_${plan}` ? found.tokens : undefined;
    });
    expect(kept).toMatchObject({ user: '1', trouble: null, features: { offline: !apiOnly, v3: true } });

    await until('the portal holds the installation for finished', async () => {
      const answer = await fetch(`${started('romashka').control}/dump`);
      const { world } = (await answer.json()) as { world: { application: { installed: boolean } } };
      return world.application.installed;
    });

    const subject = {
      account: romashka,
      url: `${kept.portal}/rest`,
      actor: kept.user,
      zone: 'Europe/Moscow',
    };
    const plans = await until('what the portal gives is kept', async () => {
      const found = await keptFindings(bridge.store, subject, ['plan', 'creations']);
      return found.some(({ name }) => name === 'plan') && found;
    });
    expect(plans.find(({ name }) => name === 'creations')?.value).toBe('v3');

    await act('romashka', { as: 12, do: 'create task', title: 'Слайдер', responsible: 77, group: 7 });
    await until('the task is in Planfix', async () => taskAt(await seen(), 'teyron', 'Слайдер'));
    const mirror = taskAt(await seen(), 'teyron', 'Слайдер');
    await act('teyron', { as: 'user:3', do: 'set status', task: Number(mirror?.id), status: 2 });
    await until('the status is in Bitrix24', async () => {
      const task = taskAt(await seen(), 'romashka', 'Слайдер');
      return task?.status === '3' && task;
    });
    expect(bridge.unreachable.size).toBe(0);
    const asked = await operations();
    expect(asked.includes('event.offline.get')).toBe(!apiOnly);
    expect(asked.includes('event.bind')).toBe(true);

    await act('romashka', { as: 1, do: 'uninstall application' });
    const removed = await until('the removal is known', async () => {
      const found = await keptTokens(bridge.store, secrets, romashka);
      return found?.tokens.trouble ?? undefined;
    });
    expect(removed.answered).toContain('removed from the portal');
  },
  90_000,
);
