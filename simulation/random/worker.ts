/**
 * A worker process as the store and the accounts see one: real engine, governor and connectors over a Runtime and a store
 * that may stop answering at any call, for ever (it died) or for a while (it was put to sleep).
 */
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { type Finding, findingsOf } from '../../connectors/findings.ts';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { type AccountSettings, type Connector } from '../../connectors/port.ts';
import { type AccountId, as, type LocalPersonId, type SpaceId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type HttpRequest, type Runtime } from '../../runtime/runtime.ts';
import { type Store } from '../../store/port.ts';
import { type LocalPerson } from '../../sync/core/account.ts';
import { type ConnectedAccount, defaultSettings, type EngineDeps, type Log } from '../../sync/engine/deps.ts';
import { runAccount } from '../../sync/engine/run.ts';
import { sweep } from '../../sync/engine/sweep.ts';
import { sweepOptions } from '../../sync/engine/thrift.ts';
import { govern, type Governor, usualLimits } from '../../sync/governor/governor.ts';
import { accountOf, organisationOf } from './companies.ts';
import { type WorldPlan } from './story.ts';

/** What all workers of a world share beside the store: what `app/` keeps for them. */
export interface Shared {
  readonly plan: WorldPlan;
  readonly runtime: Runtime;
  readonly store: Store;
  readonly log: Log;
  readonly mappings: Map<SpaceId, Mapping>;
  readonly people: Map<string, readonly LocalPerson[]>;
  readonly findings: Map<string, Map<string, Finding>>;
  /** Runs beside everything. */
  beside(work: Promise<unknown>): void;
  /** Changes what a canary breaks; the identity in a sound build. */
  connector(connector: Connector): Connector;
}

export interface Worker {
  readonly alive: boolean;
  /** It has reached every account. */
  readonly connected: boolean;
  /** It dies at so many of its next calls; `lands`: what it was asking for still happens. `died` hears at which. */
  dieAt(calls: number, lands: boolean, died: (call: string) => void): void;
  /** It sleeps so long at so many of its next calls. */
  sleepAt(calls: number, lastsMs: number, slept: (call: string) => void): void;
  /** Never rejects. */
  sweep(account: string): Promise<void>;
  /** It ends as soon as nothing is in hand. */
  stop(): void;
}

interface Doom {
  calls: number;
  readonly comes: (call: string) => 'dies' | 'dies, and it happens' | 'sleeps';
}

const shapeOf = ({ method, url }: HttpRequest): string => {
  const { pathname } = new URL(url);
  const path = pathname
    .replace(/^\/rest\/\d+\/[^/]+\//u, '')
    .replace(/^\/rest\/api\/[^/]+\/[^/]+\//u, 'api ')
    .replace(/^\/rest/u, '')
    .replace(/\.json$/u, '')
    .replace(/\d+/gu, 'N');
  return `http ${method} ${path}`;
};

/** Never settles: whoever waits for it is gone. */
const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);

export function startWorker(shared: Shared): Worker {
  const { plan, runtime: base } = shared;
  let alive = true;
  let asleepUntil = 0;
  let dooms: Doom[] = [];
  const stop = new AbortController();

  const awake = async (): Promise<void> => {
    while (base.now() < asleepUntil) await base.sleep(asleepUntil - base.now());
  };

  /** Every call of the process that takes time passes here. */
  async function call<Value>(what: string, ask: () => Promise<Value>): Promise<Value> {
    if (!alive) return never();
    await awake();
    for (const doom of dooms) {
      doom.calls -= 1;
      if (doom.calls > 0) continue;
      dooms = dooms.filter((one) => one !== doom);
      const end = doom.comes(what);
      if (end === 'sleeps') await awake();
      else {
        alive = false;
        // Nobody is left to hear what comes of it.
        if (end === 'dies, and it happens') ask().catch(() => undefined);
        return never();
      }
    }
    try {
      const value = await ask();
      if (!alive) return never();
      await awake();
      return value;
    } catch (error) {
      if (!alive) return never();
      await awake();
      throw error;
    }
  }

  const runtime: Runtime = {
    now: () => base.now(),
    random: () => base.random(),
    uuid: () => base.uuid(),
    sleep: (ms, signal) => call('sleep', () => base.sleep(ms, signal)),
    http: (request) => call(shapeOf(request), () => base.http(request)),
  };

  const store = Object.fromEntries(
    Object.entries(shared.store).map(([name, ask]: [string, unknown]) => [
      name,
      name === 'onTouched'
        ? (listener: (account: AccountId) => void) =>
            shared.store.onTouched((account) => {
              if (alive) listener(account);
            })
        : (...given: unknown[]) =>
            call(`store ${name}`, () => (ask as (...all: unknown[]) => Promise<unknown>)(...given)),
    ]),
  ) as unknown as Store;

  const accounts = new Map<AccountId, ConnectedAccount>();
  const governors = new Map<string, Governor>();
  const deps: EngineDeps = {
    store,
    runtime,
    accounts,
    mappings: shared.mappings,
    markSecret: new Uint8Array(32).fill(7),
    settings: { ...defaultSettings, idleLookMs: 60_000 },
    log: shared.log,
  };

  async function connect(company: WorldPlan['companies'][number]): Promise<void> {
    const { account, kind, settings } = company;
    const { credential, actor, zone } = accountOf(plan, company);
    const origin = `https://${account}.${kind === 'planfix' ? 'planfix' : 'bitrix24'}.ru`;
    const found = shared.findings.get(account) ?? new Map<string, Finding>();
    shared.findings.set(account, found);
    const connection: AccountSettings = {
      account: as<AccountId>(account),
      kind,
      ...(kind === 'planfix'
        ? { url: `${origin}/rest`, token: credential }
        : { url: `${origin}${credential}`, token: null }),
      actor: as<LocalPersonId>(actor),
      organisation: organisationOf(account),
      zone,
      ca: null,
      serverMaxMs: 60_000,
      findings: findingsOf([...found.values()], (finding) => found.set(finding.name, finding)),
    };
    const limited = kind === 'bitrix24' || settings['limits.perSecond'] === undefined;
    const governor = govern(runtime, limited ? usualLimits[kind] : null, (request) =>
      request.url.startsWith(origin),
    );
    const connector = shared.connector(
      (kind === 'planfix' ? makePlanfix : makeBitrix24)(connection, governor.runtime),
    );
    governors.set(account, governor);
    let people = shared.people.get(account);
    while (people === undefined) {
      // Another worker may have read them meanwhile.
      people = shared.people.get(account);
      if (people !== undefined) break;
      try {
        people = await connector.people();
        shared.people.set(account, people);
      } catch (error) {
        shared.log.warn({ account, err: error }, 'people not readable');
        await runtime.sleep(15_000);
      }
    }
    accounts.set(as<AccountId>(account), {
      connector,
      view: connector.view(people),
      peopleReadAt: runtime.now(),
      visitsAtOnce: 1,
    });
  }

  shared.beside(
    Promise.all(plan.companies.map(connect)).then(() =>
      Promise.all([...accounts.keys()].map((account) => runAccount(deps, account, stop.signal))),
    ),
  );

  return {
    get alive() {
      return alive;
    },
    get connected() {
      return accounts.size === plan.companies.length;
    },
    dieAt(calls, lands, died) {
      dooms.push({
        calls,
        comes: (what) => {
          died(what);
          return lands ? 'dies, and it happens' : 'dies';
        },
      });
    },
    sleepAt(calls, lastsMs, slept) {
      dooms.push({
        calls,
        comes: (what) => {
          slept(what);
          asleepUntil = base.now() + lastsMs;
          return 'sleeps';
        },
      });
    },
    async sweep(account) {
      const governor = governors.get(account);
      if (governor === undefined || !accounts.has(as<AccountId>(account))) return;
      const options = sweepOptions(governor.limit, governor.balance(), base.now(), plan.sweepEveryMs);
      try {
        await sweep(deps, as<AccountId>(account), options);
      } catch (error) {
        shared.log.warn({ account, err: error }, 'sweep failed');
      }
    },
    stop() {
      stop.abort();
    },
  };
}
