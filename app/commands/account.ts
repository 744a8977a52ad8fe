/** `svyazka account add | list | check` */
import { randomBytes } from 'node:crypto';
import { as, type AccountId } from '../../errors/ids.ts';
import { type CrmKind } from '../../mappings/types.ts';
import { ConnectorError } from '../../connectors/port.ts';
import {
  type Account,
  accountName,
  checkedAddress,
  hookAddress,
  RefusedAddress,
  sealAccount,
} from '../accounts.ts';
import { deliveryLine, keptDelivery } from '../delivery.ts';
import { keptZone } from '../zone.ts';
import { keepZoneLine, tellZone } from './zone.ts';
import { CommandEnd, exitCodes, type Io, missing, refused, table, wrongUse } from './io.ts';
import { accountOf, accountsOf, connectIn, type Session } from './session.ts';
import { actorsOf } from './actor.ts';
import { applicationAdd, applicationLines } from './application.ts';

export interface AddOptions {
  readonly kind: string;
  readonly url: string;
  readonly tokenStdin?: boolean;
  readonly actor?: string;
  readonly organisation?: string;
  readonly zone: string;
  readonly allowPrivate?: boolean;
  readonly ca?: string;
  readonly applicationToken?: string;
  readonly unlimited?: boolean;
  /** Bitrix24: a local application in place of an incoming webhook. */
  readonly app?: boolean;
  /** Code of the application; its key comes on stdin. */
  readonly clientId?: string;
}

const kinds: readonly string[] = ['planfix', 'bitrix24'];

/**
 * `secret`: what came on stdin; Planfix: the token; Bitrix24: the whole webhook URL, when `--url` has only the portal, or
 * the key of an application.
 */
export async function accountAdd(
  session: Session,
  io: Io,
  name: string,
  options: AddOptions,
  secret: string | null,
  ca: string | null,
): Promise<void> {
  if (!accountName.test(name))
    throw wrongUse(`"${name}" is no name for an account: small letters, digits and "-".`);
  if (!kinds.includes(options.kind)) throw wrongUse(`--kind is planfix or bitrix24, not "${options.kind}".`);
  const kind = options.kind as CrmKind;
  if (kind === 'planfix' && !secret)
    throw wrongUse('Planfix needs its token: --token-stdin, and the token on stdin.');
  if (Intl.supportedValuesOf('timeZone').includes(options.zone) === false && options.zone !== 'UTC')
    throw wrongUse(`"${options.zone}" is no time zone. Write it like Europe/Moscow.`);
  if (options.app === true || options.clientId !== undefined) {
    if (kind !== 'bitrix24' || options.app !== true)
      throw wrongUse('--app and --client-id are of Bitrix24, and --client-id comes with --app.');
    await applicationAdd(session, io, name, options, secret, ca);
    return;
  }
  const given = kind === 'bitrix24' && secret ? joined(options.url, secret) : options.url;
  const account: Account = {
    account: as<AccountId>(name),
    kind,
    url: await addressOf(kind, given, options.allowPrivate === true),
    token: kind === 'planfix' ? secret : null,
    actor: options.actor ?? actorOf(kind, given),
    organisation: options.organisation ?? name,
    zone: options.zone,
    ca,
    serverMaxMs: 60_000,
    hookSecret:
      kind === 'planfix' ? randomBytes(24).toString('base64url') : (options.applicationToken ?? null),
    allowPrivate: options.allowPrivate === true,
    limited: options.unlimited !== true,
  };
  const earlier = (await accountsOf(session)).find((one) => one.account === name);
  // The address that was given to Planfix stays good when a token is renewed.
  const kept: Account = {
    ...account,
    ...(earlier?.kind === 'planfix' && kind === 'planfix' ? { hookSecret: earlier.hookSecret } : {}),
    ...actorsOf(earlier, account.url),
  };
  await session.opened.store.putAccount(sealAccount(session.secrets, kept, Date.now()));
  await session.opened.configured();
  const forgotten = (earlier?.actors ?? [])
    .map(({ person }) => person)
    .filter((person) => !(kept.actors ?? []).some((actor) => actor.person === person));
  const address = hookAddress(
    session.environment.publicUrl ?? `http://localhost:${String(session.environment.port)}`,
    kept,
  );
  io.result(
    { account: name, kind, webhook: address, added: !earlier, ...(forgotten.length > 0 && { forgotten }) },
    [
      `${earlier ? 'Changed' : 'Added'} ${name} (${kind}), acting as ${kept.actor}.`,
      ...(forgotten.length === 0
        ? []
        : [
            `Forgot the credentials of ${forgotten.join(', ')}, which are of another server: svyazka account actor add ${name}`,
          ]),
      `Webhook address for the CRM: ${address}`,
      ...(session.environment.publicUrl === undefined
        ? ['  (set SVYAZKA_PUBLIC_URL: the CRM must be able to reach it)']
        : []),
      ...(kind === 'bitrix24' && kept.hookSecret === null
        ? [
            '  (add --application-token with the token that the outgoing webhook shows, or its events are refused)',
          ]
        : []),
      `Next: svyazka account webhook ${name} (what to build in the CRM), svyazka account check ${name}`,
    ].join('\n'),
  );
  await tellZone(session, io, kept);
}

export const joined = (url: string, secret: string): string =>
  /^https?:/u.test(secret) ? secret : `${url.replace(/\/+$/u, '')}/${secret}`;

export async function addressOf(
  kind: CrmKind | 'application',
  url: string,
  allowPrivate: boolean,
): Promise<string> {
  try {
    return await checkedAddress(kind, url, allowPrivate);
  } catch (error) {
    if (error instanceof RefusedAddress) throw refused(error.message);
    throw error;
  }
}

/** The user whose incoming webhook has this URL. */
export const userOf = (url: string): string | undefined => /\/rest\/(\d+)\//u.exec(`${url}/`)?.[1];

/** Bitrix24: the user whose webhook it is. Planfix tells nobody whose token it is. */
function actorOf(kind: CrmKind, url: string): string {
  const user = userOf(url);
  if (kind === 'bitrix24' && user !== undefined) return user;
  throw wrongUse('Planfix does not tell whose token it is: add --actor user:<number of the robot>.');
}

export async function accountList(session: Session, io: Io): Promise<void> {
  const accounts = await accountsOf(session);
  if (io.json) {
    for (const one of accounts) {
      const { account, kind, organisation, actor, actors = [], zone, url } = one;
      const proof = await keptZone(session.opened.store, one);
      const zoneProved = proof?.state ?? 'unknown';
      const others = actors.map(({ person }) => person);
      io.result(
        { account, kind, organisation, actor, actors: others, zone, zoneProved, host: new URL(url).host },
        '',
      );
    }
    return;
  }
  if (accounts.length === 0) {
    io.say(missing.accounts);
    return;
  }
  io.say(
    table([
      ['account', 'kind', 'host', 'acts as', 'organisation'],
      ...accounts.map(({ account, kind, url, actor, actors = [], organisation }) => [
        account,
        kind,
        new URL(url).host,
        [actor === '' ? '(not installed)' : actor, ...actors.map(({ person }) => person)].join(', '),
        organisation,
      ]),
    ]),
  );
}

export interface CheckOptions {
  /** May make a task of the acting user's own, which is removed again. */
  readonly scratch?: boolean;
}

export async function accountCheck(
  session: Session,
  io: Io,
  name: string,
  options: CheckOptions = {},
): Promise<void> {
  const account = await accountOf(session, name);
  const { connector, kept } = connectIn(session, account);
  const signs = { ok: '✓', warning: '!', failed: '✗', unknown: '?' } as const;
  try {
    const own = await applicationLines(session, account);
    const told =
      own.length > 0 && own[0]?.state === 'failed'
        ? []
        : await connector.check({ scratch: options.scratch === true });
    await kept();
    const lines = [
      ...told.filter(({ about }) => !own.some((line) => line.about === about)),
      ...own,
      deliveryLine(name, account.kind, await keptDelivery(session.opened.store, account.account), Date.now()),
    ];
    await keepZoneLine(session, account, lines);
    for (const line of lines)
      io.result(
        { account: name, ...line },
        `${signs[line.state]} ${line.about}: ${line.found}${line.todo ? `\n    → ${line.todo}` : ''}`,
      );
    if (lines.some((line) => line.state === 'failed'))
      throw new CommandEnd(`Account ${name} can not work like this.`, exitCodes.failed);
  } catch (error) {
    if (error instanceof ConnectorError)
      throw new CommandEnd(`${name}: ${error.message}\n    → ${error.trouble.todo}`, exitCodes.failed);
    throw error;
  }
}
