/** The ground that the demo stands on: a folder and a database of its own, three emulated accounts, the bridge. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';
import { type StartedAccount, type StartedEmulators } from '../../emulators/common/shell/start.ts';
import { type AccountId, as, type SpaceId } from '../../errors/ids.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { type Company } from '../../simulation/story/stage.ts';
import { openDatabase, removeDatabase } from '../../store/postgres/server.ts';
import { type Account, sealAccount } from '../accounts.ts';
import { type Bridge, startBridge } from '../bridge.ts';
import { type Log } from '../log.ts';
import { secretsFrom } from '../secrets.ts';

/** Shorter than in life: the people of the story act a second after each other, which hardly anybody does. */
export const burstMs = 1_500;

export interface Ground {
  readonly bridge: Bridge;
  readonly emulators: StartedEmulators;
  readonly dataDir: string;
  /** Ends everything; nothing is left behind, no process and no file. */
  clear(): Promise<void>;
}

const space = as<SpaceId>('site-romashka-hub');
const mappingFile = new URL('../../mappings/examples/hub-two-members.yaml', import.meta.url);

export const companies: readonly Company[] = ['romashka', 'teyron', 'pixel'];

/** Throws what cannot be had: a folder, the database, ports. What was made until then is cleared away. */
export async function prepareGround(log: Log): Promise<Ground> {
  const undo: (() => Promise<unknown>)[] = [];
  const clear = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'svyazka-demo-'));
    undo.push(() => rm(dataDir, { recursive: true, force: true }));
    undo.push(() => removeDatabase(dataDir));
    const database = await openDatabase(dataDir, { owner: 'demo', log });
    undo.push(() => database.release());

    const secrets = secretsFrom(randomBytes(32).toString('hex'));
    const bridge = await startBridge({
      connectionString: database.connectionString,
      secrets,
      port: 0,
      roles: ['server', 'worker'],
      log,
      // Planfix tells nobody of edited and deleted comments: the demo has people look again soon.
      threadAgeMs: 500,
      // The story sweeps itself where it has to; a sweep in between would only spend Planfix's one request a second.
      sweepEveryMs: 600_000,
      engine: { burstMs },
    });
    undo.push(() => bridge.close());

    const hookSecrets = { teyron: randomBytes(16).toString('hex'), pixel: randomBytes(16).toString('hex') };
    const base = `http://127.0.0.1:${String(bridge.port)}`;
    const worlds = threeCompanies((company) =>
      company === 'romashka'
        ? `${base}/webhooks/bitrix24/romashka`
        : `${base}/webhooks/planfix/${company}/${hookSecrets[company]}`,
    );
    const emulators = await startEmulators({
      planfix: ['teyron', 'pixel'],
      bitrix24: ['romashka'],
      worlds: { teyron: worlds.teyron.world, romashka: worlds.romashka.world, pixel: worlds.pixel.world },
    });
    // Under the bridge: what it has in hand it still finishes with the accounts.
    undo.splice(-1, 0, () => emulators.close());

    for (const company of companies) {
      const world = worlds[company];
      const { https, ca } = startedOf(emulators, company);
      const account: Account = {
        account: as<AccountId>(company),
        kind: world.kind,
        url:
          world.kind === 'planfix'
            ? `${https}/rest`
            : `${https}/rest/${String(world.incoming.user)}/${world.incoming.secret}`,
        token: world.kind === 'planfix' ? world.token : null,
        actor: world.actor,
        organisation: world.organisation,
        zone: world.zone,
        ca,
        serverMaxMs: 60_000,
        hookSecret:
          world.kind === 'planfix'
            ? hookSecrets[company === 'pixel' ? 'pixel' : 'teyron']
            : world.applicationToken,
        allowPrivate: true,
        limited: true,
      };
      await bridge.store.putAccount(sealAccount(secrets, account, Date.now()));
    }
    const source = await readFile(mappingFile, 'utf8');
    await bridge.store.putMapping({ space, version: 1, source, appliedAt: Date.now() });
    await bridge.reload();
    for (const [account, why] of bridge.unreachable) throw new Error(`${account} is not reachable: ${why}`);
    if (bridge.deps.mappings.size === 0) throw new Error('the example mapping does not load');
    return { bridge, emulators, dataDir, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

export function startedOf({ accounts }: StartedEmulators, company: Company): StartedAccount {
  const found = accounts.find(({ account }) => account === company);
  if (found === undefined) throw new Error(`no account ${company} was started`);
  return found;
}
