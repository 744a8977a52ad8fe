import { type EmulatorHost, hostEmulator, type HostOptions } from '../host.ts';
import { readSeed } from '../seed.ts';
import { type EmulatorKind, type Json, type SettingValue } from '../types.ts';
import { type AccountServer, openAccount, type Ports } from './account.ts';
import { makeAuthority, makeServerCertificate } from './certificates.ts';
import { makeSender } from './sender.ts';

/** What `start` prints of an account. */
export interface StartedAccount {
  readonly kind: 'planfix' | 'bitrix24';
  readonly account: string;
  /** Base addresses without a slash at the end. */
  readonly http: string;
  readonly https: string;
  /** The certificate authority of the https port, PEM. */
  readonly ca: string;
  /** Planfix: the token of the first person. */
  readonly token?: string;
  /** Bitrix24: the incoming webhook of the first person, a whole address on the http port. */
  readonly webhook?: string;
  /** Base address of the control API. */
  readonly control: string;
  /** Everybody's token (Planfix) or webhook address (Bitrix24). */
  readonly people: readonly { readonly actor: string; readonly name: string; readonly secret: string }[];
}

/** A kind of account without its machine's state type, so that both kinds can stand in one list. */
export interface StartableKind {
  readonly settingNames: readonly string[];
  start(options: HostOptions): EmulatorHost;
}

export function startable<State>(kind: EmulatorKind<State>): StartableKind {
  return {
    settingNames: kind.settings.map(({ name }) => name),
    start: (options) => hostEmulator(kind, options),
  };
}

export interface StartOptions {
  /** How accounts of a kind are made. */
  readonly kinds: { readonly planfix: StartableKind; readonly bitrix24: StartableKind };
  /** Names of the accounts to start. */
  readonly planfix?: readonly string[];
  readonly bitrix24?: readonly string[];
  /**
   * Seeds by account: a world, or the content of a world.json or of a dump; the others begin with the small
   * default world of their kind.
   */
  readonly worlds?: Readonly<Record<string, Json>>;
  /** Settings by name, for every account that knows the name; `account:name` for one account only. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly seed?: number;
  /** Fixed ports by account; otherwise any free ones. */
  readonly ports?: Readonly<Record<string, Ports>>;
  /** A request body above this is answered 413. Default 512 MiB. */
  readonly maxBodyBytes?: number;
  /** Hears of errors of the emulators themselves. */
  readonly onError: (account: string, error: unknown) => void;
}

export interface StartedEmulators {
  readonly accounts: readonly StartedAccount[];
  /** The host of an account, for callers in the same process; throws for an unknown name. */
  host(account: string): EmulatorHost;
  /** Ends everything: ports, timers, connections. */
  close(): Promise<void>;
}

function webhookAddress(base: string, secret: string): string {
  const path = secret.startsWith('/') ? secret : `/${secret}`;
  return /^https?:/.test(secret) ? secret : `${base}${path}`;
}

function printed(server: AccountServer, ca: string): StartedAccount {
  const { host, address } = server;
  const people = host
    .credentials()
    .map((person) =>
      host.kind === 'planfix' ? person : { ...person, secret: webhookAddress(address.http, person.secret) },
    );
  const first = people[0]?.secret;
  return {
    kind: host.kind,
    account: host.account,
    http: address.http,
    https: address.https,
    ca,
    ...(first === undefined ? {} : host.kind === 'planfix' ? { token: first } : { webhook: first }),
    control: `${address.http}/__emulator__`,
    people,
  };
}

interface Starting {
  readonly account: string;
  readonly kind: StartableKind;
}

/** The settings of each account. Throws TypeError for a name that no started account knows. */
function settingsByAccount(
  accounts: readonly Starting[],
  settings: Readonly<Record<string, SettingValue>>,
): ReadonlyMap<string, Readonly<Record<string, SettingValue>>> {
  const found = new Map<string, Record<string, SettingValue>>();
  for (const [key, value] of Object.entries(settings)) {
    const owner = accounts.find(({ account }) => key.startsWith(`${account}:`));
    const name = owner === undefined ? key : key.slice(owner.account.length + 1);
    const fitting = (owner === undefined ? accounts : [owner]).filter(({ kind }) =>
      kind.settingNames.includes(name),
    );
    if (fitting.length === 0)
      throw new TypeError(`no account here has a setting "${key}"; GET /__emulator__/settings lists them`);
    for (const { account } of fitting) {
      const own = found.get(account) ?? {};
      own[name] = value;
      found.set(account, own);
    }
  }
  return found;
}

/**
 * Starts emulated accounts on 127.0.0.1, each with an http and an https port. Throws TypeError for unreadable worlds
 * and settings, and the system's error for a port that is taken; then nothing is left open.
 */
export async function startAccounts(options: StartOptions): Promise<StartedEmulators> {
  const { kinds, planfix = [], bitrix24 = [], worlds = {}, settings = {}, seed = 1, ports = {} } = options;
  const starting: readonly Starting[] = [
    ...planfix.map((account) => ({ account, kind: kinds.planfix })),
    ...bitrix24.map((account) => ({ account, kind: kinds.bitrix24 })),
  ];
  const names = starting.map(({ account }) => account);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`two accounts are called "${twice}"`);
  const ownSettings = settingsByAccount(starting, settings);
  const authority = await makeAuthority(new Date());
  const certificate = await makeServerCertificate(authority, [], new Date());
  const sender = makeSender();
  const servers: AccountServer[] = [];
  const close = async (): Promise<void> => {
    sender.close();
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    for (const { account, kind } of starting) {
      const given = worlds[account];
      servers.push(
        await openAccount({
          start: (address) =>
            kind.start({
              account,
              address,
              settings: ownSettings.get(account) ?? {},
              seed,
              now: Date.now(),
              ...(given === undefined ? {} : readSeed(given)),
            }),
          certificate,
          ca: authority.cert,
          ports: ports[account] ?? { http: 0, https: 0 },
          sender,
          maxBodyBytes: options.maxBodyBytes ?? 512 * 1024 * 1024,
          onError: (error) => {
            options.onError(account, error);
          },
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    accounts: servers.map((server) => printed(server, authority.cert)),
    host(account) {
      const found = servers.find(({ host }) => host.account === account);
      if (found === undefined) throw new Error(`no account "${account}" was started here`);
      return found.host;
    },
    close,
  };
}
