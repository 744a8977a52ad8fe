/**
 * The bridge and its accounts in one process without sockets or real time: real core, engine, connectors and emulators
 * over the store in memory. What the laws, the end-to-end tests and a rehearsal of a mapping run on.
 */
import { makeBitrix24 } from '../connectors/bitrix24/connector.ts';
import { findingsOf, given } from '../connectors/findings.ts';
import { makePlanfix } from '../connectors/planfix/connector.ts';
import { type AccountSettings } from '../connectors/port.ts';
import { bitrix24 } from '../emulators/bitrix24/emulator.ts';
import { type EmulatorHost, hostEmulator, type Reply } from '../emulators/common/host.ts';
import {
  type Act,
  type Address,
  type EmulatorRequest,
  type Json,
  type SettingValue,
} from '../emulators/common/types.ts';
import { planfix } from '../emulators/planfix/emulator.ts';
import { type AccountId, as, type LocalPersonId, type SpaceId } from '../errors/ids.ts';
import { type CrmKind, type Mapping } from '../mappings/types.ts';
import { type Store, type Touch } from '../store/port.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { memoryStore } from '../store/memory.ts';
import {
  type ConnectedAccount,
  defaultSettings,
  type EngineDeps,
  type Log,
  silentLog,
} from '../sync/engine/deps.ts';
import { sweep } from '../sync/engine/sweep.ts';
import { visit } from '../sync/engine/visit.ts';
import { type Limit } from '../sync/governor/bucket.ts';
import { govern, type Governor } from '../sync/governor/governor.ts';
import { touchesOf } from './hints.ts';
import { type Deliver, type HostedRuntime, hostedRuntime } from './hostedRuntime.ts';

export interface RehearsedAccount {
  readonly account: string;
  readonly kind: CrmKind;
  readonly organisation: string;
  readonly world: Json;
  /** Planfix: token of the robot. Bitrix24: secret path `/rest/1/secret` without a slash at the end. */
  readonly credential: string;
  readonly actor: string;
  /** Others whose credentials the bridge has, written as the acting user's is. */
  readonly actors?: readonly { readonly person: string; readonly credential: string }[];
  readonly zone: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** What earlier probes found out of it. */
  readonly known?: Readonly<Record<string, string>>;
  /** What the bridge holds its requests to; absent = they go out at once. */
  readonly limit?: Limit | null;
}

/** Real sockets between the bridge and its accounts, on the rehearsal's own clock. */
export interface Sockets {
  /** Whom the accounts' certificates are signed by: PEM. */
  readonly ca: string;
  readonly http: Runtime['http'];
  /** Listens for one account, whose host `start` makes once its address is known; `serve` answers what comes in. */
  open(
    start: (address: Address) => EmulatorHost,
    serve: (host: EmulatorHost, request: EmulatorRequest) => Promise<Reply>,
  ): Promise<EmulatorHost>;
}

export interface RehearsalOptions {
  readonly accounts: readonly RehearsedAccount[];
  readonly mappings: readonly Mapping[];
  readonly start: number;
  readonly seed?: number;
  readonly store?: Store;
  readonly log?: Log;
  /** False = the account's webhooks never arrive. */
  readonly hints?: (account: string) => boolean;
  /** Absent = requests never leave the process. */
  readonly sockets?: Sockets;
}

export interface Rehearsal {
  readonly runtime: HostedRuntime;
  readonly store: Store;
  readonly deps: EngineDeps;
  host(account: string): EmulatorHost;
  /** A person does something; throws when the CRM refuses. */
  act(account: string, act: Act): Json;
  /** Works until nothing is due within `horizonMs` of virtual time. Throws when that does not come about. */
  settle(horizonMs?: number): Promise<{ readonly visits: number }>;
  sweep(account: string, threads?: number): Promise<void>;
  governor(account: string): Governor;
  /** Connects an account anew, as a bridge does that begins again: with what was found out of it until now. */
  reconnect(account: string): Promise<void>;
  /** REST requests that an account served since the start or the last `forgetRequests`. */
  requests(account: string): { readonly reads: number; readonly writes: number };
  forgetRequests(): void;
}

const visitsMax = 5_000;
const serverMaxMs = 60_000;

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const hosts = new Map<string, EmulatorHost>();
  const addresses = new Map<string, Address>();
  const { sockets } = options;
  const start = (one: RehearsedAccount, address: Address): EmulatorHost => {
    addresses.set(one.account, address);
    const common = {
      account: one.account,
      address,
      world: one.world,
      seed: options.seed ?? 1,
      now: options.start,
      clock: 'caller' as const,
      settings: one.settings ?? {},
    };
    return one.kind === 'planfix' ? hostEmulator(planfix, common) : hostEmulator(bitrix24, common);
  };
  for (const one of options.accounts) {
    const name = `${one.account}.${one.kind === 'planfix' ? 'planfix' : 'bitrix24'}.ru`;
    const host = sockets
      ? await sockets.open(
          (address) => start(one, address),
          (serving, request) => runtime.serve(serving, request, serverMaxMs),
        )
      : start(one, { http: `http://${name}`, https: `https://${name}` });
    hosts.set(one.account, host);
  }
  const hints: Touch[] = [];
  const kindOf = new Map(options.accounts.map(({ account, kind }) => [account, kind]));
  const deliver: Deliver = (host, request) => {
    if (options.hints?.(host.account) !== false)
      hints.push(...touchesOf(host.account, kindOf.get(host.account), request, runtime.now()));
    return { kind: 'answer', status: 200, body: '' };
  };
  const runtime: HostedRuntime = hostedRuntime(
    [...hosts].map(([account, host]) => ({
      host,
      origins: Object.values(addresses.get(account) ?? {}) as string[],
    })),
    options.start,
    deliver,
    sockets?.http,
  );
  const store = options.store ?? memoryStore(() => runtime.uuid());
  const accounts = new Map<AccountId, ConnectedAccount>();
  const governors = new Map<string, Governor>();
  const findings = new Map(
    options.accounts.map(({ account, known = {} }) => [account, findingsOf(given(known))] as const),
  );
  const connect = async (one: RehearsedAccount): Promise<void> => {
    const origin = addresses.get(one.account)?.https ?? '';
    const reached = (credential: string): Pick<AccountSettings, 'url' | 'token'> =>
      one.kind === 'planfix'
        ? { url: `${origin}/rest`, token: credential }
        : { url: `${origin}${credential}`, token: null };
    const settings: AccountSettings = {
      account: as<AccountId>(one.account),
      kind: one.kind,
      ...reached(one.credential),
      actor: as<LocalPersonId>(one.actor),
      actors: (one.actors ?? []).map(({ person, credential }) => ({
        person: as<LocalPersonId>(person),
        ...reached(credential),
        administrator: false,
      })),
      organisation: one.organisation,
      zone: one.zone,
      ca: sockets?.ca ?? null,
      serverMaxMs,
      findings: findings.get(one.account) ?? findingsOf(),
    };
    const governor = govern(runtime, one.limit ?? null, () => true);
    const connector = (one.kind === 'planfix' ? makePlanfix : makeBitrix24)(settings, governor.runtime);
    governors.set(one.account, governor);
    accounts.set(settings.account, {
      connector,
      view: connector.view(await connector.people()),
      peopleReadAt: runtime.now(),
      visitsAtOnce: 1,
    });
  };
  for (const one of options.accounts) await connect(one);
  const deps: EngineDeps = {
    store,
    runtime,
    accounts,
    mappings: new Map<SpaceId, Mapping>(options.mappings.map((mapping) => [mapping.space, mapping])),
    markSecret: new Uint8Array(32).fill(7),
    settings: defaultSettings,
    log: options.log ?? silentLog,
  };
  const hostOf = (account: string): EmulatorHost => {
    const host = hosts.get(account);
    if (!host) throw new Error(`no account ${account} is rehearsed`);
    return host;
  };
  const takeHints = async (): Promise<void> => {
    const taken = hints.splice(0);
    if (taken.length > 0) await store.touch(taken);
  };

  const settle: Rehearsal['settle'] = async (horizonMs = 120_000) => {
    const until = runtime.now() + horizonMs;
    let visits = 0;
    for (;;) {
      runtime.advance(0);
      await takeHints();
      let worked = false;
      for (const account of accounts.keys()) {
        const done = await visit(deps, account);
        await takeHints();
        worked ||= done.claimed > 0;
        visits += done.claimed > 0 ? 1 : 0;
      }
      if (visits > visitsMax) throw new Error(`not quiet after ${String(visits)} visits`);
      if (worked) continue;
      const times = await Promise.all([...accounts.keys()].map((account) => store.nextDue(account)));
      const next = Math.min(...times.map((at) => at ?? Infinity), ...nextSends(hosts, runtime.now(), until));
      if (next > until) return { visits };
      runtime.advance(Math.max(next - runtime.now(), 1));
    }
  };

  const logged = new Map<string, number>();
  return {
    runtime,
    store,
    deps,
    host: hostOf,
    act(account, act) {
      const host = hostOf(account);
      const { acted, step } = host.act(act, runtime.now());
      runtime.carryOut(host, step);
      if (!acted.ok) throw new Error(`${account} refused "${act.do}": ${acted.refused}`);
      return acted.result;
    },
    settle,
    async sweep(account, threads = 10) {
      await sweep(deps, as<AccountId>(account), { threads, activeMs: 86_400_000, threadAgeMs: 60_000 });
    },
    governor(account) {
      const governor = governors.get(account);
      if (!governor) throw new Error(`no account ${account} is rehearsed`);
      return governor;
    },
    async reconnect(account) {
      for (const one of options.accounts) if (one.account === account) await connect(one);
    },
    requests(account) {
      const { entries } = hostOf(account).log(logged.get(account) ?? 0);
      const rest = entries.filter((entry) => entry.rest);
      return {
        reads: rest.filter((entry) => !entry.write).length,
        writes: rest.filter((entry) => entry.write).length,
      };
    },
    forgetRequests() {
      for (const [name, host] of hosts) logged.set(name, host.log(0).next);
    },
  };
}

function nextSends(hosts: ReadonlyMap<string, EmulatorHost>, now: number, until: number): number[] {
  return [...hosts.values()].flatMap((host) => {
    const { nextAt } = host.idle(now, until - now);
    return nextAt !== undefined && nextAt > now ? [nextAt] : [];
  });
}
