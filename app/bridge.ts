/** The bridge, wired: store, accounts, engine loops, schedules, HTTP. One value, closed by `close()`. */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import pRetry from 'p-retry';
import { ConnectorError } from '../connectors/port.ts';
import { type AccountId, as, type SpaceId } from '../errors/ids.ts';
import { loadMapping } from '../mappings/load.ts';
import { type Mapping } from '../mappings/types.ts';
import { realRuntime } from '../runtime/real.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { type Store } from '../store/port.ts';
import { openQueue, type JobQueue } from '../queue/queue.ts';
import {
  type ConnectedAccount,
  defaultSettings,
  type EngineDeps,
  type EngineSettings,
} from '../sync/engine/deps.ts';
import { pauseOf, resume } from '../sync/engine/pause.ts';
import { runAccount } from '../sync/engine/run.ts';
import { tryStatusesAgain } from '../sync/engine/statuses.ts';
import { sweep } from '../sync/engine/sweep.ts';
import { sweepEveryMs, sweepOptions } from '../sync/engine/thrift.ts';
import { hintWriter } from '../webhooks/hints.ts';
import { type Account, connect, type Connected, openAccounts, receivingOf } from './accounts.ts';
import { openApplications } from './applications.ts';
import { countDeliveries } from './delivery.ts';
import { actedOn, keepIn } from './findings.ts';
import { type HttpServer, serveHttp } from './http.ts';
import { type Log } from './log.ts';
import { openMetrics } from './metrics.ts';
import { keepPeople } from './people.ts';
import { type Secrets } from './secrets.ts';
import { openStore, type OpenedStore } from './storage.ts';

export interface BridgeOptions {
  readonly connectionString: string;
  readonly secrets: Secrets;
  /** 0 = any free port. */
  readonly port: number;
  /** `server` receives webhooks, `worker` does the work. */
  readonly roles: readonly ('server' | 'worker')[];
  readonly log: Log;
  /** Where the CRMs reach this bridge, without a slash at the end; absent: applications bind no event handler. */
  readonly publicUrl?: string;
  readonly runtime?: Runtime;
  readonly engine?: Partial<EngineSettings>;
  /** How often each account is asked what changed without a hint, ms. */
  readonly sweepEveryMs?: number;
  /** Threads read again in full at each sweep. */
  readonly sweepThreads?: number;
  /** A thread read in full so recently is not read again, ms. */
  readonly threadAgeMs?: number;
}

export interface Bridge {
  /** 0 without the role `server`. */
  readonly port: number;
  readonly store: Store;
  readonly deps: EngineDeps;
  readonly db: Kysely<unknown>;
  /** Accounts that could not be reached at start or since, with the reason. */
  readonly unreachable: ReadonlyMap<AccountId, string>;
  /** Takes up accounts and mappings that commands have changed. */
  reload(): Promise<void>;
  sweepNow(account: AccountId): Promise<void>;
  close(): Promise<void>;
}

const peopleAgeMs = 600_000;

/** How long counts of hints wait to be kept together. */
const deliveriesKeptMs = 5_000;

/** How often an account is asked anew what its plan and version give. */
const detectEveryMs = 3_600_000;

/** In a flood, where nothing limits requests: most of a visit is waiting for answers. */
const unlimitedVisits = 3;

export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { log, secrets } = options;
  const runtime = options.runtime ?? realRuntime();
  const opened: OpenedStore = await openStore(options.connectionString, log);
  const { store, db } = opened;
  const worker = options.roles.includes('worker');
  const metrics = openMetrics();

  const known = new Map<AccountId, Connected>();
  const accounts = new Map<AccountId, ConnectedAccount>();
  const mappings = new Map<SpaceId, Mapping>();
  const unreachable = new Map<AccountId, string>();
  const running = new Map<AccountId, { stop: AbortController; done: Promise<void> }>();
  const toSweep = new Set<AccountId>();
  const deps: EngineDeps = {
    store,
    runtime,
    accounts,
    mappings,
    markSecret: secrets.deriveKey('marks'),
    settings: { ...defaultSettings, ...options.engine },
    log,
  };

  async function refreshPeople(connected: Connected): Promise<void> {
    const { account, connector } = connected;
    try {
      // A CRM that is just restarting gets a moment; what lasts longer is the next sweep's to find out.
      const people = await pRetry(() => connector.people(), {
        retries: 2,
        minTimeout: 500,
        shouldRetry: ({ error }) => error instanceof ConnectorError && error.trouble.code === 'E-REMOTE-DOWN',
      });
      accounts.set(account.account, {
        connector,
        view: connector.view(people),
        peopleReadAt: runtime.now(),
        visitsAtOnce: account.limited ? 1 : unlimitedVisits,
      });
      unreachable.delete(account.account);
      await keepPeople(store, secrets, account.account, people).catch((error: unknown) =>
        log.warn({ account: account.account, err: error }, 'people of the account not kept for commands'),
      );
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      unreachable.set(account.account, why);
      log.warn({ account: account.account, why }, 'people of the account not readable');
    }
  }

  const tellConfigured = (): void => {
    opened
      .configured()
      .catch((error: unknown) => log.warn({ err: error }, 'change not told to other processes'));
  };

  const keep = keepIn(store, tellConfigured, (error) => log.warn({ err: error }, 'finding not kept'));
  const detectedAt = new Map<AccountId, number>();

  /** Plans change, and cards of tasks with them. */
  async function detect({ account, connector }: Connected): Promise<void> {
    if (runtime.now() - (detectedAt.get(account.account) ?? -Infinity) < detectEveryMs) return;
    detectedAt.set(account.account, runtime.now());
    await connector
      .detect?.()
      .catch((error: unknown) => log.warn({ account: account.account, err: error }, 'features not asked'));
  }

  function run(account: AccountId): void {
    if (!worker || running.has(account) || !accounts.has(account)) return;
    const stop = new AbortController();
    running.set(account, { stop, done: runAccount(deps, account, stop.signal) });
  }

  async function reload(): Promise<void> {
    const fresh: AccountId[] = [];
    for (const account of await openAccounts(store, secrets)) {
      const { account: name } = account;
      const earlier = known.get(name);
      if (earlier && sameAccount(earlier.account, account)) continue;
      const another = earlier && !sameAccount(withoutKnown(earlier.account), withoutKnown(account));
      const tokens = { store, secrets, changed: tellConfigured };
      const connected = connect(account, runtime, tokens, keep, another ? undefined : earlier?.governor);
      known.set(name, connected);
      await refreshPeople(connected);
      // A new credential is tried at once, and what another one of them may do.
      if (another) await resume(deps, name);
      if (earlier && worker) await tryStatusesAgain(deps, name);
      run(name);
      if (another && worker) {
        detectedAt.delete(name);
        await detect(connected);
      }
      if (!earlier) fresh.push(name);
    }
    const kinds = Object.fromEntries([...known].map(([name, { account }]) => [name, { kind: account.kind }]));
    for (const row of await store.latestMappings()) {
      if (mappings.get(row.space)?.version === row.version) continue;
      const loaded = loadMapping(row.source, { fileName: row.space, accounts: kinds, version: row.version });
      if (loaded.ok) mappings.set(row.space, loaded.mapping);
      else log.error({ space: row.space, problems: loaded.problems.length }, 'applied mapping does not load');
    }
    // The first sweep of an account sets where sweeping begins; from then on no hint can be lost for good.
    if (worker)
      for (const account of fresh)
        await sweepAccount(account).catch((error: unknown) =>
          log.warn({ account, err: error }, 'sweep failed'),
        );
  }

  const applications = openApplications({
    store,
    secrets,
    runtime,
    log,
    publicUrl: options.publicUrl ?? null,
    account: (name) => known.get(as<AccountId>(name)),
    async configured() {
      await reload();
      await opened.configured();
    },
    healed: (name) => resume(deps, name),
    missed: (name) => {
      sweepAccount(name).catch((error: unknown) => log.warn({ account: name, err: error }, 'sweep failed'));
    },
  });

  async function sweepAccount(name: AccountId): Promise<void> {
    const connected = known.get(name);
    if (!connected) return;
    const pause = await pauseOf(store, name);
    if (pause !== null && pause.until > runtime.now()) return;
    await applications.attend(name);
    await detect(connected);
    const present = accounts.get(name);
    if (!present || runtime.now() - present.peopleReadAt > peopleAgeMs) {
      await refreshPeople(connected);
      run(name);
    }
    const { limit, balance } = connected.governor;
    await sweep(deps, name, {
      ...sweepOptions(limit, balance(), runtime.now(), options.sweepEveryMs),
      ...(options.sweepThreads === undefined ? {} : { threads: options.sweepThreads }),
      ...(options.threadAgeMs === undefined ? {} : { threadAgeMs: options.threadAgeMs }),
    });
  }

  await reload();
  const unlisten = await opened.onConfigured(() => {
    reload().catch((error: unknown) => log.error({ err: error }, 'configuration not taken up'));
  });

  let queue: JobQueue | null = null;
  if (worker) {
    queue = await openQueue({ connectionString: options.connectionString, log });
    queue.schedule('sweep', options.sweepEveryMs ?? sweepEveryMs, async () => {
      toSweep.clear();
      for (const account of known.keys())
        await sweepAccount(account).catch((error: unknown) =>
          log.warn({ account, err: error }, 'sweep failed'),
        );
    });
    await queue.start();
  }

  const hints = hintWriter((touches) => store.touch(touches));
  const timers = new Set<NodeJS.Timeout>();
  const lost = (account: AccountId): void => {
    toSweep.add(account);
    // The writer's failure and the database's return are one story: it is swept as soon as a sweep gets through.
    const again = (): void => {
      if (!toSweep.has(account)) return;
      sweepAccount(account).then(
        () => toSweep.delete(account),
        () => later(2_000, again),
      );
    };
    later(1_000, again);
  };
  const later = (ms: number, then: () => void): { cancel(): void } => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, ms);
    timers.add(timer);
    return {
      cancel: () => {
        clearTimeout(timer);
        timers.delete(timer);
      },
    };
  };

  const deliveries = countDeliveries(store);
  let keepsSoon = false;
  const keepDeliveries = (): Promise<void> =>
    deliveries.keep().catch((error: unknown) => log.warn({ err: error }, 'count of hints not kept'));
  const came = (account: string): void => {
    deliveries.came(account, runtime.now());
    if (keepsSoon) return;
    keepsSoon = true;
    later(deliveriesKeptMs, () => {
      keepsSoon = false;
      void keepDeliveries();
    });
  };

  let http: HttpServer | null = null;
  if (options.roles.includes('server')) {
    http = await serveHttp(
      {
        receiver: {
          account: (name) => {
            const found = known.get(name as AccountId);
            return found && receivingOf(found.account, applications.lifecycle(found));
          },
          hints,
          now: () => runtime.now(),
          uuid: () => randomUUID(),
          reject: (hint) => {
            store
              .rejectHint(hint)
              .catch((error: unknown) => log.warn({ err: error }, 'rejected hint not listed'));
          },
          lost,
          count: (account, outcome) => {
            metrics.hints.inc({ account, outcome });
            if (outcome === 'kept' || outcome === 'nothing') came(account);
          },
          after: later,
        },
        metrics,
        application: applications,
        ready: async () => {
          try {
            await sql`select 1`.execute(db);
            return null;
          } catch {
            return 'the database does not answer';
          }
        },
        refreshMetrics: async () => {
          metrics.due.reset();
          metrics.open.reset();
          for (const { account } of await store.due(null)) metrics.due.inc({ account });
          for (const { account } of await store.openOperations(null)) metrics.open.inc({ account });
        },
        log,
      },
      options.port,
    );
  }

  return {
    port: http?.port ?? 0,
    store,
    deps,
    db,
    unreachable,
    reload,
    sweepNow: sweepAccount,
    async close() {
      // Nothing new comes in, what is in hand is finished, then the connections go.
      await http?.close();
      await applications.close();
      await hints.drain();
      await keepDeliveries();
      for (const timer of timers) clearTimeout(timer);
      for (const { stop } of running.values()) stop.abort();
      await queue?.close();
      await Promise.all([...running.values()].map(({ done }) => done));
      await unlisten();
      await store.close();
    },
  };
}

const withoutKnown = ({ known: _, ...account }: Account): Account => account;

/** The same to connect to: configured alike, and what a connection acts upon is known alike. */
const sameAccount = (a: Account, b: Account): boolean => {
  const [one, other] = [a, b].map(({ known = [], ...account }) => JSON.stringify([account, actedOn(known)]));
  return one === other;
};
