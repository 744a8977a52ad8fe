/** A bridge at work over real HTTP is given another's credential by the command: what was held for want of it goes on. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, sealAccount } from '../../app/accounts.ts';
import { type Bridge, startBridge } from '../../app/bridge.ts';
import { actorAdd } from '../../app/commands/actor.ts';
import { type Session } from '../../app/commands/session.ts';
import { openLog } from '../../app/log.ts';
import { secretsFrom } from '../../app/secrets.ts';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';
import { type StartedAccount, type StartedEmulators } from '../../emulators/common/shell/start.ts';
import { type AccountId, as, type SpaceId } from '../../errors/ids.ts';
import { twoPlanfixAccounts, twoPortals } from '../../simulation/worlds.ts';
import { type TestDatabase, testDatabase } from '../database.ts';
import { planfixClient, secretOf, withHooksOf, withoutAdministrator } from './clients.ts';

const secrets = secretsFrom('6'.repeat(64));
const log = openLog('silent');
const vesna = as<AccountId>('vesna');

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

async function until<Value>(what: string, look: () => Promise<Value | undefined | false>): Promise<Value> {
  const giveUpAt = Date.now() + 45_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > giveUpAt) throw new Error(`did not come about: ${what}`);
    await sleep(100);
  }
}

async function prepare(): Promise<void> {
  bridge = await startBridge({
    connectionString: database.connectionString,
    secrets,
    port: 0,
    roles: ['server', 'worker'],
    log,
    sweepEveryMs: 600_000,
    engine: { burstMs: 200 },
  });
  const hook = `http://127.0.0.1:${String(bridge.port)}/webhooks/planfix/lavanda/planfix-secret`;
  const portals = twoPortals(() => null);
  const { lavanda } = twoPlanfixAccounts((account) => (account === 'lavanda' ? hook : null));
  emulators = await startEmulators({
    planfix: ['lavanda'],
    bitrix24: ['vesna'],
    worlds: {
      lavanda: lavanda.world,
      vesna: withoutAdministrator(withHooksOf(portals.vesna.world, [31])),
    },
    settings: { 'lavanda:limits.perSecond': 0 },
  });
  const common = {
    organisation: '',
    zone: 'Europe/Moscow',
    serverMaxMs: 60_000,
    allowPrivate: true,
    limited: false,
  };
  const accounts: Account[] = [
    {
      ...common,
      account: as<AccountId>('lavanda'),
      kind: 'planfix',
      url: `${started('lavanda').https}/rest`,
      token: lavanda.token,
      actor: lavanda.actor,
      ca: started('lavanda').ca,
      hookSecret: 'planfix-secret',
    },
    {
      ...common,
      account: vesna,
      kind: 'bitrix24',
      url: `${started('vesna').https}/rest/1/${portals.vesna.incoming.secret}`,
      token: null,
      actor: '1',
      ca: started('vesna').ca,
      hookSecret: null,
    },
  ];
  for (const account of accounts) await bridge.store.putAccount(sealAccount(secrets, account, Date.now()));
  await bridge.store.putMapping({
    space: as<SpaceId>('client-in-planfix'),
    version: 1,
    source: planfixClient,
    appliedAt: Date.now(),
  });
  await bridge.reload();
}

const heldStatus = async (): Promise<string | undefined> => {
  const items = await bridge.store.loadItems(await bridge.store.listItems(null));
  const replica = items.flatMap(({ replicas }) => replicas).find(({ account }) => account === vesna);
  return replica?.blocked['status']?.trouble.code;
};

const statusInBitrix = async (): Promise<number | undefined> => {
  const answer = await fetch(`${started('vesna').control}/dump`);
  const { world } = (await answer.json()) as { world: { tasks: { status: number }[] } };
  return world.tasks[0]?.status;
};

test('a status that waits for somebody who may set it goes on when the bridge is given his credential', async () => {
  await prepare();
  const begun = {
    as: 'user:5',
    do: 'create task',
    name: 'Каталог',
    assigner: 'user:5',
    assignees: ['contact:8'],
  };
  await fetch(`${started('lavanda').control}/act`, {
    method: 'POST',
    body: JSON.stringify({ ...begun, project: 3, status: 2 }),
  });
  await until('the status is held', async () => (await heldStatus()) === 'E-STATUS-UNREACHABLE');
  expect(await statusInBitrix()).toBe(2);
  const session: Session = {
    environment: { dataDir: '/nowhere', port: 0, logLevel: 'silent' },
    secrets,
    log,
    opened: { store: bridge.store, configured: () => bridge.reload() } as unknown as Session['opened'],
  };
  const told: object[] = [];
  const io = {
    json: true,
    say: () => undefined,
    warn: () => undefined,
    result: (row: object) => void told.push(row),
  };
  await actorAdd(session, io, 'vesna', {}, `${started('vesna').https}/rest/31/${secretOf(31)}`);
  expect(told).toEqual([{ account: 'vesna', actor: '31', administrator: false, added: true }]);
  await until('the task is in work in Bitrix24', async () => (await statusInBitrix()) === 3);
  await until('nothing is held', async () => (await heldStatus()) === undefined);
}, 120_000);
