/** Applications of Bitrix24 beside a running bridge: their addresses, the events of their life, their queues. */
import { ConnectorError } from '../connectors/port.ts';
import { type AccountId } from '../errors/ids.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { type Store } from '../store/port.ts';
import { type Receiving, sameText } from '../webhooks/receiver.ts';
import { type Connected, eventsKey, hookAddress, installableOf } from './accounts.ts';
import { type Log } from './log.ts';
import { fetchQueue, type Listening, listenTo } from './oauth/events.ts';
import { install, type InstallDeps, lifecycle, opened } from './oauth/install.ts';
import { installPage, openedPage, type Page } from './oauth/pages.ts';
import { keptTokens } from './oauth/tokens.ts';
import { type Secrets } from './secrets.ts';

export interface ApplicationsDeps {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly publicUrl: string | null;
  account(name: string): Connected | undefined;
  /** Takes up here and tells everywhere that an account has changed. */
  configured(): Promise<void>;
  /** The account works again: what waited for it is done. */
  healed(account: AccountId): Promise<void>;
  /** An event did not say what it is about: the account is to be swept. */
  missed(account: AccountId): void;
}

export interface RunningApplications {
  install(account: string, secret: string, query: string, body: string): Promise<Page>;
  open(account: string, query: string, body: string): Promise<Page>;
  lifecycle(connected: Connected): Receiving['lifecycle'];
  /** What an application needs from time to time: its handlers compared, its queue fetched. Never throws. */
  attend(account: AccountId): Promise<void>;
  /** Waits until nothing is under way. */
  close(): Promise<void>;
}

/** How long handlers that were compared are taken to stand. */
const comparedForMs = 600_000;

export function openApplications(deps: ApplicationsDeps): RunningApplications {
  const { store, secrets, runtime, log } = deps;
  const compared = new Map<AccountId, number>();
  const fetching = new Map<AccountId, Promise<void>>();
  const again = new Set<AccountId>();
  /** Whose queue was fetched to its end last time. */
  const seen = new Set<AccountId>();

  const listening = ({ account, application }: Connected): Listening | null =>
    application && { account: account.account, client: application, key: eventsKey };

  /** A failure of the account is its own story, told where its work is; anything else is ours. */
  const told = (account: AccountId, what: string) => (error: unknown) => {
    if (error instanceof ConnectorError) log.warn({ account, why: error.message }, what);
    else log.error({ account, err: error }, what);
  };

  async function listen(name: AccountId): Promise<void> {
    const connected = deps.account(name);
    const to = connected && listening(connected);
    if (!connected || !to) return;
    const kept = await keptTokens(store, secrets, name);
    if (kept === null || kept.tokens.trouble !== null) return;
    const handler = deps.publicUrl === null ? null : hookAddress(deps.publicUrl, connected.account);
    const { bound, changed } = await listenTo({ store, secrets, runtime }, to, handler);
    compared.set(name, runtime.now());
    if (bound.length > 0) log.info({ account: name, bound }, 'event handlers bound');
    if (changed) await deps.configured();
  }

  async function fetchAll(name: AccountId): Promise<void> {
    do {
      again.delete(name);
      const connected = deps.account(name);
      const to = connected && listening(connected);
      if (!to) return;
      // What a fetch reserved and could not keep here is hidden there from every other: the next one asks for it.
      const leftovers = !seen.delete(name);
      const { missed } = await fetchQueue({ store, secrets, runtime }, to, leftovers);
      seen.add(name);
      if (missed) deps.missed(name);
    } while (again.has(name));
  }

  /** One at a time for an account; a bell that rings meanwhile is answered by one round more. */
  function fetchSoon(name: AccountId): Promise<void> {
    const under = fetching.get(name);
    if (under) {
      again.add(name);
      return under;
    }
    const done = fetchAll(name)
      .catch(told(name, 'queue of events not fetched'))
      .finally(() => fetching.delete(name));
    fetching.set(name, done);
    return done;
  }

  const installing = (reach: Runtime): InstallDeps => ({
    store,
    secrets,
    runtime: reach,
    refused(account, why) {
      log.warn({ account, why }, 'application refused');
      store
        .rejectHint({ account, at: runtime.now(), why, excerpt: '' })
        .catch((error: unknown) => log.warn({ err: error }, 'rejected hint not listed'));
    },
    async installed(account) {
      await deps.configured();
      const kept = await keptTokens(store, secrets, account);
      if (kept?.tokens.trouble === null) await deps.healed(account);
      await listen(account).catch(told(account, 'event handlers not bound'));
    },
    rang: (account) => void fetchSoon(account),
  });

  const found = (name: string) => {
    const connected = deps.account(name);
    const target = connected && installableOf(connected.account, runtime);
    return connected && target ? { connected, ...target } : null;
  };

  return {
    async install(name, secret, query, body) {
      const target = found(name);
      const ours = target?.connected.account.application?.installSecret;
      if (!target || ours === undefined || !sameText(ours, secret)) return openedPage('unknown');
      return installPage(await install(installing(target.runtime), target.of, query, body));
    },
    async open(name, query, body) {
      const target = found(name);
      if (!target) return openedPage('unknown');
      return openedPage(await opened(installing(target.runtime), target.of, query, body));
    },
    lifecycle({ account }) {
      const target = installableOf(account, runtime);
      return target && ((body) => lifecycle(installing(target.runtime), target.of, body));
    },
    async attend(name) {
      if (runtime.now() - (compared.get(name) ?? -Infinity) > comparedForMs)
        await listen(name).catch(told(name, 'event handlers not compared'));
      await fetchSoon(name);
    },
    async close() {
      await Promise.all(fetching.values());
    },
  };
}
