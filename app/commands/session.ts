/** What a command stands on: the environment, the database of the bridge (joined or started), accounts, mappings. */
import { type AccountId, type SpaceId } from '../../errors/ids.ts';
import { loadMapping } from '../../mappings/load.ts';
import { type CrmKind, type Mapping } from '../../mappings/types.ts';
import { realRuntime } from '../../runtime/real.ts';
import { openDatabase } from '../../store/postgres/server.ts';
import { type ConnectedAccount, defaultSettings, type EngineDeps } from '../../sync/engine/deps.ts';
import { type Account, connect, type Connected, openAccounts } from '../accounts.ts';
import { type Environment } from '../environment.ts';
import { keepIn } from '../findings.ts';
import { type Log } from '../log.ts';
import { secretKeyOf, type Secrets, secretsFrom } from '../secrets.ts';
import { type OpenedStore, openStore } from '../storage.ts';
import { failed } from './io.ts';

export interface Session {
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly opened: OpenedStore;
  readonly log: Log;
}

/** Opens what a command needs, runs it, and leaves nothing running that was not there before. */
export async function withSession<Result>(
  environment: Environment,
  log: Log,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const secrets = secretsFrom(await secretKeyOf(environment.dataDir, environment.secretKey));
  const database =
    environment.databaseUrl === undefined
      ? await openDatabase(environment.dataDir, { owner: 'command', log })
      : null;
  try {
    const opened = await openStore(environment.databaseUrl ?? database?.connectionString ?? '', log);
    try {
      return await work({ environment, secrets, opened, log });
    } finally {
      await opened.store.close();
    }
  } finally {
    await database?.release();
  }
}

export async function accountsOf({ opened, secrets }: Session): Promise<readonly Account[]> {
  return openAccounts(opened.store, secrets);
}

/**
 * An account's connector for a command; an application's tokens are those that the bridge keeps. `kept` waits until what
 * was found out is.
 */
export function connectIn(
  { opened, secrets, log }: Session,
  account: Account,
): Connected & { readonly kept: () => Promise<unknown> } {
  const { store } = opened;
  const changed = (): void => {
    opened
      .configured()
      .catch((error: unknown) => log.warn({ err: error }, 'change not told to the running bridge'));
  };
  const keep = keepIn(store, changed, (error) => log.warn({ err: error }, 'finding not kept'));
  const keeping: Promise<void>[] = [];
  const connected = connect(account, realRuntime(), { store, secrets, changed }, (...finding) => {
    const kept = keep(...finding);
    keeping.push(kept);
    return kept;
  });
  return { ...connected, kept: () => Promise.all(keeping) };
}

export async function accountOf(session: Session, name: string): Promise<Account> {
  const found = (await accountsOf(session)).find(({ account }) => account === name);
  if (found) return found;
  throw failed(`There is no account "${name}". See: svyazka account list`);
}

export const kindsOf = (accounts: readonly Account[]): Record<string, { kind: CrmKind }> =>
  Object.fromEntries(accounts.map(({ account, kind }) => [account, { kind }]));

export async function mappingsOf(
  session: Session,
  accounts: readonly Account[],
): Promise<Map<SpaceId, Mapping>> {
  const found = new Map<SpaceId, Mapping>();
  for (const row of await session.opened.store.latestMappings()) {
    const loaded = loadMapping(row.source, {
      fileName: row.space,
      accounts: kindsOf(accounts),
      version: row.version,
    });
    if (loaded.ok) found.set(row.space, loaded.mapping);
    else session.log.warn({ space: row.space }, 'applied mapping does not load');
  }
  return found;
}

/** The engine's things for a command: the named accounts connected, their people read. Throws CommandEnd when one can't be. */
export async function engineOf(session: Session, only: readonly string[] | null): Promise<EngineDeps> {
  const runtime = realRuntime();
  const all = await accountsOf(session);
  const accounts = new Map<AccountId, ConnectedAccount>();
  for (const account of all.filter(({ account: name }) => only === null || only.includes(name))) {
    const { connector }: Connected = connectIn(session, account);
    try {
      accounts.set(account.account, {
        connector,
        view: connector.view(await connector.people()),
        peopleReadAt: runtime.now(),
        visitsAtOnce: 1,
      });
    } catch (error) {
      throw failed(
        `Account ${account.account} does not answer: ${error instanceof Error ? error.message : String(error)}\n` +
          `See: svyazka account check ${account.account}`,
      );
    }
  }
  return {
    store: session.opened.store,
    runtime,
    accounts,
    mappings: await mappingsOf(session, all),
    markSecret: session.secrets.deriveKey('marks'),
    settings: defaultSettings,
    log: session.log,
  };
}
