/** `svyazka account add --app`: a local application of a Bitrix24 portal in place of an incoming webhook. */
import { randomBytes } from 'node:crypto';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Account, applicationAddresses, hookAddress, sealAccount } from '../accounts.ts';
import { type CheckLine } from '../../connectors/port.ts';
import { notInstalled } from '../oauth/source.ts';
import { changeTokens, keptTokens } from '../oauth/tokens.ts';
import { type AddOptions, addressOf } from './account.ts';
import { actorsOf } from './actor.ts';
import { type Io, wrongUse } from './io.ts';
import { accountsOf, type Session } from './session.ts';

/** Scopes of the application's form, by the names that it shows. */
const applicationScopes = 'task, tasks, im, disk, user, sonet_group, department';

/**
 * A local application of a Bitrix24 portal. Its code and key exist only once its form is saved, and that needs the two
 * addresses: so the account may be added without them first, and again with them; the addresses stay.
 */
export async function applicationAdd(
  session: Session,
  io: Io,
  name: string,
  options: AddOptions,
  secret: string | null,
  ca: string | null,
): Promise<void> {
  if ((options.clientId === undefined) !== (secret === null || secret === ''))
    throw wrongUse(
      'The code and the key of an application come together: --client-id CODE, and the key on stdin.',
    );
  const earlier = (await accountsOf(session)).find((one) => one.account === name);
  const client =
    options.clientId === undefined ? null : { id: options.clientId, secret: (secret ?? '').trim() };
  const portal = await addressOf('application', options.url, options.allowPrivate === true);
  const account: Account = {
    account: as<AccountId>(name),
    kind: 'bitrix24',
    url: `${portal}/rest`,
    token: null,
    actor: '',
    organisation: options.organisation ?? earlier?.organisation ?? name,
    zone: options.zone,
    ca,
    serverMaxMs: 60_000,
    hookSecret: null,
    allowPrivate: options.allowPrivate === true,
    limited: options.unlimited !== true,
    application: {
      client: client ?? earlier?.application?.client ?? null,
      installSecret: earlier?.application?.installSecret ?? randomBytes(24).toString('base64url'),
      portal,
    },
    ...actorsOf(earlier, portal),
  };
  const { store, configured } = session.opened;
  await store.putAccount(sealAccount(session.secrets, account, Date.now()));
  // What was refused with another key may get through with this one.
  if (client !== null)
    await changeTokens(store, session.secrets, account.account, (tokens) =>
      tokens.retryAt === null ? null : { ...tokens, trouble: null, retryAt: null, refusals: 0 },
    );
  await configured();
  const base = session.environment.publicUrl ?? `http://localhost:${String(session.environment.port)}`;
  const addresses = applicationAddresses(base, account);
  io.result(
    {
      account: name,
      kind: 'bitrix24',
      webhook: hookAddress(base, account),
      ...addresses,
      client: account.application?.client != null,
      added: !earlier,
    },
    [
      `${earlier ? 'Changed' : 'Added'} ${name} (bitrix24, application in ${new URL(portal).host}).`,
      'In the portal: Applications → Developer resources → Other → Local application, kind "Server". Paste:',
      `  Your handler path           ${addresses?.handler ?? ''}`,
      `  Initial installation path   ${addresses?.install ?? ''}`,
      `  Assign permissions          ${applicationScopes}`,
      ...(session.environment.publicUrl === undefined
        ? ['  (set SVYAZKA_PUBLIC_URL first: the portal must reach these addresses by https)']
        : []),
      'Save it as the service employee that the bridge is to act as: an administrator.',
      account.application?.client == null
        ? `Then give its code and key: svyazka account add ${name} --kind bitrix24 --app --url ${portal}${account.allowPrivate ? ' --allow-private' : ''} --client-id CODE, the key on stdin.`
        : `Next: svyazka account check ${name}`,
    ].join('\n'),
  );
}

/** What `account check` and `status` tell of an application; nothing for an account that is none. */
export async function applicationLines(session: Session, account: Account): Promise<readonly CheckLine[]> {
  if (account.application === undefined) return [];
  const kept = await keptTokens(session.opened.store, session.secrets, account.account);
  const about = 'application';
  if (kept === null)
    return [{ about, state: 'failed', found: notInstalled.answered, todo: notInstalled.todo }];
  const { trouble, features, user, portal } = kept.tokens;
  const key: CheckLine =
    account.application.client === null
      ? {
          about: 'application key',
          state: 'failed',
          found: 'not given: the access token can not be renewed after an hour',
          todo: 'Run svyazka account add again with --client-id and the key on stdin.',
        }
      : { about: 'application key', state: 'ok', found: 'given' };
  return [
    trouble === null
      ? { about, state: 'ok', found: `installed in ${new URL(portal).host} by user ${user}` }
      : { about, state: 'failed', found: trouble.answered, todo: trouble.todo },
    key,
    ...(features.installed
      ? []
      : [
          {
            about: 'application installation',
            state: 'warning' as const,
            found: 'not finished: the portal sends no events',
            todo: 'Open the application once in the portal as its acting user.',
          },
        ]),
    {
      about: 'events',
      state: 'ok',
      found: features.offline
        ? `queued by the portal${features.connector ? ', our own changes left out' : ''}`
        : 'bound by the bridge; one that is lost is found by the sweep',
    },
    {
      about: 'features',
      state: 'ok',
      found: `plan ${features.plan ?? 'unknown'}, REST 3.0 ${features.v3 ? 'answers' : 'does not answer'}`,
    },
  ];
}
