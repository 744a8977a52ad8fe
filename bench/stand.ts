/**
 * What the measurements stand on: the emulators in a process of their own, a PostgreSQL of the bench's own with fsync
 * on, and the bridge in this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, sealAccount } from '../app/accounts.ts';
import { type Bridge, startBridge } from '../app/bridge.ts';
import { openLog } from '../app/log.ts';
import { secretsFrom } from '../app/secrets.ts';
import { type Act, type Json, type SettingValue } from '../emulators/common/types.ts';
import { type AccountId, as, type SpaceId } from '../errors/ids.ts';
import { threeCompanies } from '../simulation/worlds.ts';
import { openDatabase, removeDatabase, stopDatabase } from '../store/postgres/server.ts';
import { type EngineSettings } from '../sync/engine/deps.ts';

export type Name = 'teyron' | 'romashka';

export interface StandOptions {
  /** The emulators' own limits on, and the bridge's governor with them. */
  readonly limits: boolean;
  /** Each answer takes this long, ms. */
  readonly delayMs: number;
  readonly engine?: Partial<EngineSettings>;
}

export interface Counted {
  readonly reads: number;
  readonly writes: number;
}

export interface Stand {
  readonly bridge: Bridge;
  readonly connectionString: string;
  readonly emulatorsPid: number;
  act(account: Name, act: Act): Promise<Json>;
  dump(account: Name): Promise<{ readonly [key: string]: Json }>;
  /** REST requests since the last `forget`. */
  counted(account: Name): Promise<Counted>;
  log(account: Name): Promise<{ readonly entries: readonly LogEntry[] }>;
  forget(): Promise<void>;
  /** Waits until nothing is due, open or under way; throws after `withinMs`. */
  quiet(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface LogEntry {
  readonly at: number;
  readonly operation: string;
  readonly inner?: readonly string[];
  readonly rest: boolean;
  readonly write: boolean;
}

interface Started {
  readonly account: string;
  readonly http: string;
  readonly control: string;
}

const ending = new AbortController();
/** Aborted when the bench ends before its time: each measurement throws at its next step and puts its stand away. */
export const cut: AbortSignal = ending.signal;
// Every pause and request of a bench listens to it.
setMaxListeners(0, cut);
export const cutOff = (why: Error): void => {
  ending.abort(why);
};

/** Throws when the bench is cut off. */
export const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: cut });

/** A new folder for a bridge's data. */
export const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'svyazka-bench-'));

/** Removes it with its database, whose server is stopped if whoever used it has not. */
export async function removeFolder(folder: string): Promise<void> {
  await stopDatabase(folder);
  await removeDatabase(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Asks a process to end and waits until it has. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

type End = () => Promise<void>;

/** Ends everything, what was begun last first, also after one that fails. Throws what failed. */
async function endAll(ends: End[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the stand was not put away wholly');
}

const spawnEmulators = (): ChildProcess =>
  spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../app/cli.js'),
      '--json',
      'emulators',
      '--planfix',
      'teyron',
      '--bitrix24',
      'romashka',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );

async function startedAccounts({ stdout }: ChildProcess): Promise<ReadonlyMap<string, Started>> {
  const accounts = new Map<string, Started>();
  if (!stdout) throw new Error('the emulators have no output');
  for await (const line of createInterface({ input: stdout })) {
    const started = JSON.parse(line) as Started;
    accounts.set(started.account, started);
    if (accounts.size === 2) return accounts;
  }
  throw new Error('the emulators ended before they were ready');
}

/** Nothing of it is left when it throws. */
export async function openStand(options: StandOptions): Promise<Stand> {
  const ends: End[] = [];
  try {
    return { ...(await build(options, ends)), close: () => endAll(ends) };
  } catch (error) {
    await endAll(ends);
    throw error;
  }
}

async function build(options: StandOptions, ends: End[]): Promise<Omit<Stand, 'close'>> {
  cut.throwIfAborted();
  const folder = await makeFolder();
  ends.push(() => removeFolder(folder));
  const log = openLog('error');
  const database = await openDatabase(folder, { owner: 'start', log });
  ends.push(() => database.release());
  cut.throwIfAborted();
  const emulators = spawnEmulators();
  ends.push(() => endProcess(emulators));
  const accounts = await startedAccounts(emulators);
  cut.throwIfAborted();
  const secrets = secretsFrom(randomBytes(32).toString('hex'));
  const bridge = await startBridge({
    connectionString: database.connectionString,
    secrets,
    port: 0,
    roles: ['server', 'worker'],
    log,
    sweepEveryMs: 3_600_000,
    ...(options.engine ? { engine: options.engine } : {}),
  });
  ends.push(() => bridge.close());

  async function control(account: string, method: string, path: string, body?: object): Promise<Json> {
    const found = accounts.get(account);
    if (!found) throw new Error(`no account ${account}`);
    const response = await fetch(`${found.control}/${path}`, {
      method,
      signal: cut,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer = (await response.json()) as Json;
    if (!response.ok) throw new Error(`${method} ${path} of ${account}: ${JSON.stringify(answer)}`);
    return answer;
  }

  const hook = `http://127.0.0.1:${String(bridge.port)}/webhooks`;
  const { teyron, romashka } = threeCompanies((account) =>
    account === 'romashka' ? `${hook}/bitrix24/romashka` : `${hook}/planfix/${account}/benchsecret`,
  );
  const settings: Record<Name, Record<string, SettingValue>> = {
    teyron: options.limits ? {} : { 'limits.perSecond': 0, 'limits.perDay': 0 },
    romashka: options.limits ? {} : { 'limits.rate': false, 'limits.operating': false },
  };
  for (const [name, world] of [
    ['teyron', teyron.world],
    ['romashka', romashka.world],
  ] as const) {
    await control(name, 'POST', 'seed', { world });
    await control(name, 'PATCH', 'settings', settings[name]);
    if (options.delayMs > 0)
      await control(name, 'POST', 'faults', {
        on: '*',
        when: 'before',
        delayMs: options.delayMs,
        times: 1_000_000_000,
      });
  }

  const base = {
    ca: null,
    serverMaxMs: 60_000,
    allowPrivate: true,
    limited: options.limits,
    zone: 'Europe/Moscow',
  };
  const added: Account[] = [
    {
      ...base,
      account: as<AccountId>('teyron'),
      kind: 'planfix',
      url: `${accounts.get('teyron')?.http ?? ''}/rest`,
      token: teyron.token,
      actor: teyron.actor,
      organisation: teyron.organisation,
      hookSecret: 'benchsecret',
    },
    {
      ...base,
      account: as<AccountId>('romashka'),
      kind: 'bitrix24',
      url: `${accounts.get('romashka')?.http ?? ''}/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
      token: null,
      actor: romashka.actor,
      organisation: romashka.organisation,
      hookSecret: romashka.applicationToken,
    },
  ];
  for (const account of added) await bridge.store.putAccount(sealAccount(secrets, account, Date.now()));
  const source = await readFile(
    join(import.meta.dirname, '../mappings/examples/planfix-bitrix24.yaml'),
    'utf8',
  );
  await bridge.store.putMapping({
    space: as<SpaceId>('site-romashka'),
    version: 1,
    source,
    appliedAt: Date.now(),
  });
  await bridge.reload();
  if (bridge.unreachable.size > 0) throw new Error(JSON.stringify([...bridge.unreachable]));

  const isQuiet = async (): Promise<boolean> => {
    if ((await bridge.store.due(null)).length > 0) return false;
    if ((await bridge.store.openOperations(null)).length > 0) return false;
    for (const name of accounts.keys()) {
      const { idle } = (await control(name, 'GET', 'idle')) as { idle: boolean };
      if (!idle) return false;
    }
    return true;
  };

  const logOf = async (account: Name): Promise<{ entries: readonly LogEntry[] }> =>
    (await control(account, 'GET', 'log')) as unknown as { entries: readonly LogEntry[] };

  return {
    bridge,
    connectionString: database.connectionString,
    emulatorsPid: emulators.pid ?? 0,
    async act(account, act) {
      const answer = (await control(account, 'POST', 'act', act)) as { [key: string]: Json };
      return answer['result'] ?? answer;
    },
    dump: async (account) =>
      ((await control(account, 'GET', 'dump')) as { world: { [key: string]: Json } }).world,
    log: logOf,
    async counted(account) {
      const rest = (await logOf(account)).entries.filter((entry) => entry.rest);
      return {
        reads: rest.filter((entry) => !entry.write).length,
        writes: rest.filter((entry) => entry.write).length,
      };
    },
    async forget() {
      for (const name of accounts.keys()) await control(name, 'DELETE', 'log');
    },
    async quiet(withinMs) {
      const until = Date.now() + withinMs;
      let calm = 0;
      while (calm < 2) {
        if (Date.now() > until)
          throw new Error(
            `not quiet within ${String(withinMs)} ms: ${JSON.stringify(await bridge.store.due(null)).slice(0, 2_000)}`,
          );
        calm = (await isQuiet()) ? calm + 1 : 0;
        await pause(100);
      }
    },
  };
}
