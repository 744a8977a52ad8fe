/** Accounts as they are configured: settings sealed at rest, addresses checked, connectors made. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { type Client, makeClient } from '../connectors/bitrix24/client.ts';
import { makeBitrix24 } from '../connectors/bitrix24/connector.ts';
import { makeView as bitrix24View } from '../connectors/bitrix24/view.ts';
import { applicationToken, readBitrix24Hints } from '../connectors/bitrix24/webhook.ts';
import { makePlanfix } from '../connectors/planfix/connector.ts';
import { planfixView } from '../connectors/planfix/view.ts';
import { readPlanfixHints } from '../connectors/planfix/webhook.ts';
import { type AccountSettings, type ApplicationAccess, type Connector } from '../connectors/port.ts';
import { type AccountId, as, type LocalPersonId } from '../errors/ids.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type HttpRequest, type Runtime } from '../runtime/runtime.ts';
import { type AccountRow, type Store } from '../store/port.ts';
import { type AccountView, type LocalPerson } from '../sync/core/account.ts';
import { govern, type Governor, usualLimits } from '../sync/governor/governor.ts';
import { type Receiving } from '../webhooks/receiver.ts';
import { type Finding, findingsOf } from '../connectors/findings.ts';
import { type Keep, knownOf } from './findings.ts';
import { type Installable } from './oauth/install.ts';
import { type SourceDeps, tokenSource } from './oauth/source.ts';
import { keptTokens, type TokenStore } from './oauth/tokens.ts';
import { type Secrets } from './secrets.ts';

export const accountName = /^[a-z][a-z0-9-]{0,39}$/;

const Sealed = z.object({
  url: z.string(),
  token: z.string().nullable(),
  actor: z.string(),
  organisation: z.string(),
  zone: z.string(),
  ca: z.string().nullable(),
  serverMaxMs: z.number(),
  /** Planfix: last part of the webhook address. Bitrix24: `application_token` of the outgoing webhook. */
  hookSecret: z.string().nullable(),
  allowPrivate: z.boolean(),
  limited: z.boolean(),
  /** Bitrix24 as a local application; absent: an incoming webhook. */
  application: z
    .object({
      /** Code and key from the application's card; null until they were given. */
      client: z.object({ id: z.string(), secret: z.string() }).nullable(),
      /** Last part of the installation address. */
      installSecret: z.string(),
      portal: z.string(),
    })
    .optional(),
  /** Others whose credentials the account has. */
  actors: z
    .array(
      z.object({
        person: z.string(),
        url: z.string(),
        token: z.string().nullable(),
        administrator: z.boolean(),
      }),
    )
    .optional(),
});

export interface Account extends z.infer<typeof Sealed> {
  readonly account: AccountId;
  readonly kind: CrmKind;
  /** Of an installed application: the name of its queue of events, null when its portal keeps none. */
  readonly eventsKey?: string | null;
  /** What was found out of it. */
  readonly known?: readonly Finding[];
}

const contextOf = (account: string): string => `account:${account}`;

export const sealAccount = (secrets: Secrets, account: Account, createdAt: number): AccountRow => {
  const { account: name, kind, ...rest } = account;
  return { account: name, kind, sealed: secrets.encrypt(JSON.stringify(rest), contextOf(name)), createdAt };
};

/** Throws WrongSecretKey when the data folder's key is another. */
export const openAccount = (secrets: Secrets, row: AccountRow): Account => ({
  account: row.account,
  kind: row.kind,
  ...Sealed.parse(JSON.parse(secrets.decrypt(row.sealed, contextOf(row.account)))),
});

/** Under which name an application's own changes are left out of its queue of events. */
export const eventsKey = 'svyazka';

/** Every account as it stands now; of an installed application, as the installation made it. Throws WrongSecretKey. */
export async function openAccounts(
  store: Pick<Store, 'accounts' | 'cursor'> & TokenStore,
  secrets: Secrets,
): Promise<readonly Account[]> {
  const accounts: Account[] = [];
  for (const row of await store.accounts()) {
    const account = openAccount(secrets, row);
    const kept = account.application && (await keptTokens(store, secrets, row.account));
    const standing = kept
      ? {
          ...account,
          url: `${kept.tokens.portal}/rest`,
          actor: kept.tokens.user,
          hookSecret: kept.tokens.applicationToken,
          eventsKey: kept.tokens.features.connector ? eventsKey : null,
        }
      : account;
    accounts.push({ ...standing, known: await knownOf(store, standing) });
  }
  return accounts;
}

/** An address that the bridge will not call; the message says what to do. */
export class RefusedAddress extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefusedAddress';
  }
}

const privateAddress =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|::$|f[cd]|fe[89ab]|::ffff:)/iu;

const privateName = /(^|\.)localhost$|\.local$|\.internal$/iu;

/** Why an account without `allowPrivate` may not reach a host at an address (an IP); null = it may. */
export const privateHost = (host: string, address: string): string | null =>
  privateName.test(host) || privateAddress.test(address)
    ? `${host} is a host of a private network (${address}). Allow it for this account by name: --allow-private`
    : null;

/**
 * The account's address in the form that connectors take. Public https hosts only, unless the account is allowed a
 * private one by name. Throws RefusedAddress.
 */
export async function checkedAddress(
  kind: CrmKind | 'application',
  given: string,
  allowPrivate: boolean,
): Promise<string> {
  if (!URL.canParse(given)) throw new RefusedAddress(`"${given}" is no address. Give it with https://`);
  const url = new URL(given);
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    throw new RefusedAddress(`The address of an account must begin with https:// (got ${url.protocol}//).`);
  if (url.username || url.password || url.search || url.hash)
    throw new RefusedAddress('The address of an account has no user, password, query or fragment.');
  if (!allowPrivate) {
    const found = isIP(host)
      ? [host]
      : await lookup(host, { all: true }).then(
          (all) => all.map(({ address }) => address),
          () => [],
        );
    if (found.length === 0)
      throw new RefusedAddress(
        `${host} can not be resolved to an address. Check its spelling and this machine's DNS.`,
      );
    const why = found.map((address) => privateHost(host, address)).find((one) => one !== null);
    if (why) throw new RefusedAddress(why);
  }
  const path = url.pathname.replace(/\/+$/u, '');
  if (kind === 'planfix') return `${url.origin}${path === '' ? '/rest' : path}`;
  if (kind === 'application') {
    if (path === '' || path === '/rest') return url.origin;
    throw new RefusedAddress(
      'The address of an application is that of its portal alone: https://portal.bitrix24.ru',
    );
  }
  if (!/^\/rest\/\d+\/[^/]+$/u.test(path))
    throw new RefusedAddress(
      'A Bitrix24 address is the URL of an incoming webhook: https://portal.bitrix24.ru/rest/<user>/<secret>/',
    );
  return `${url.origin}${path}`;
}

const settingsOf = (
  { application: _, eventsKey: __, known: ___, actors = [], ...account }: Account,
  application: ApplicationAccess | null = null,
): AccountSettings => ({
  ...account,
  ...(application === null ? {} : { application }),
  actor: as<LocalPersonId>(account.actor),
  actors: actors.map((actor) => ({ ...actor, person: as<LocalPersonId>(actor.person) })),
});

/** What the core may know of an account with these people; reaches nothing. */
export const viewOf = (account: Account, people: readonly LocalPerson[]): AccountView =>
  (account.kind === 'planfix' ? planfixView : bitrix24View)(
    { ...settingsOf(account), findings: findingsOf(account.known) },
    people,
  );

export interface Connected {
  readonly account: Account;
  readonly connector: Connector;
  readonly governor: Governor;
  /** Calls that an application makes about itself. */
  readonly application: Client | null;
}

/** Where the tokens of applications are kept, and who is told when what an account stands on has changed. */
export type Applications = Pick<SourceDeps, 'store' | 'secrets' | 'changed'>;

/** What `account add` refused is refused again at each connection, wherever names lead by then. */
const reaching = (account: Account, runtime: Runtime): Runtime =>
  account.allowPrivate
    ? runtime
    : { ...runtime, http: (request) => runtime.http({ ...request, refuses: privateHost }) };

/**
 * The account's connector. `applications` is needed by accounts that are one; without `keep` what it learns is forgotten
 * with the connection. `spent` is the governor of the connection before, where the account is the same: the account
 * counts its requests on.
 */
export function connect(
  account: Account,
  runtime: Runtime,
  applications?: Applications,
  keep: Keep = () => Promise.resolve(),
  spent?: Governor,
): Connected {
  const findings = findingsOf(account.known, (finding, isNews) => {
    void keep(account, finding, isNews);
  });
  const { origin } = new URL(account.url);
  const reach = reaching(account, runtime);
  const counts = (request: HttpRequest): boolean => new URL(request.url).origin === origin;
  const governor = spent ?? govern(reach, account.limited ? usualLimits[account.kind] : null, counts);
  const make = account.kind === 'planfix' ? makePlanfix : makeBitrix24;
  if (account.application === undefined)
    return {
      account,
      connector: make({ ...settingsOf(account), findings }, governor.runtime),
      governor,
      application: null,
    };
  if (applications === undefined) throw new Error(`the tokens of ${account.account} were not given`);
  const tokens = tokenSource(
    {
      ...applications,
      runtime: reach,
      refused: (status, code) => {
        const how = `${code} came with it when a token was renewed`;
        findings.notice({ name: 'oauth.errorStatus', value: String(status), how, at: runtime.now() });
      },
    },
    {
      account: account.account,
      client: account.application.client,
      allowPrivate: account.allowPrivate,
      ca: account.ca,
    },
  );
  const access = (key: string | null): AccountSettings => ({
    ...settingsOf(account, { tokens, eventsKey: key }),
    findings,
  });
  return {
    account,
    connector: make(access(account.eventsKey ?? null), governor.runtime),
    governor,
    application: makeClient(access(null), governor.runtime),
  };
}

/** What an installation of the account's application is held against; null for an account that is none. */
export const installableOf = (
  account: Account,
  runtime: Runtime,
): { readonly of: Installable; readonly runtime: Runtime } | null =>
  account.application === undefined
    ? null
    : {
        of: {
          settings: settingsOf(account),
          portal: account.application.portal,
          client: account.application.client,
          allowPrivate: account.allowPrivate,
        },
        runtime: reaching(account, runtime),
      };

export const receivingOf = (
  { kind, hookSecret }: Account,
  lifecycle: Receiving['lifecycle'] = null,
): Receiving =>
  kind === 'planfix'
    ? { kind, secret: hookSecret, readHints: readPlanfixHints, tokenOf: null, lifecycle: null }
    : { kind, secret: hookSecret, readHints: readBitrix24Hints, tokenOf: applicationToken, lifecycle };

/** The two addresses that a local application's form asks for; null for an account that is none. */
export const applicationAddresses = (
  publicUrl: string,
  { account, application }: Account,
): { readonly handler: string; readonly install: string } | null =>
  application === undefined
    ? null
    : {
        handler: `${publicUrl}/bitrix24/${account}/app`,
        install: `${publicUrl}/bitrix24/${account}/install/${application.installSecret}`,
      };

/** The address to give to the CRM. */
export const hookAddress = (publicUrl: string, { account, kind, hookSecret }: Account): string =>
  kind === 'planfix'
    ? `${publicUrl}/webhooks/planfix/${account}/${hookSecret ?? ''}`
    : `${publicUrl}/webhooks/bitrix24/${account}`;
