/**
 * Access tokens of an application, for as many processes as work with it. Renewed when the portal refuses one, by one
 * process at a time under a lease; whoever comes later takes what that one got. The refresh token in use is kept until
 * a new one is: an answer that was lost can be asked for again where the server lets an old refresh token live.
 */
import { movedAddress } from '../../connectors/bitrix24/client.ts';
import { ConnectorError, type TokenSource } from '../../connectors/port.ts';
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { type Secrets } from '../secrets.ts';
import { type Granted, type Renewal, renewTokens, trustedServer } from './server.ts';
import {
  keepTokens,
  type KeptTokens,
  keptTokens,
  type KeptTrouble,
  type Tokens,
  type TokenStore,
} from './tokens.ts';

export interface SourceDeps {
  readonly store: TokenStore;
  readonly secrets: Secrets;
  readonly runtime: Runtime;
  /** Hears of each refusal of the authorization server. */
  readonly refused?: (status: number, code: string) => void;
  /** Tells that what the account stands on has changed: its portal's address, or that it can not work. */
  changed(): void;
}

export interface SourceOf {
  readonly account: AccountId;
  /** The application's code and key; null until they were given. */
  readonly client: { readonly id: string; readonly secret: string } | null;
  readonly allowPrivate: boolean;
  readonly ca: string | null;
}

/** Longer than a renewal takes: a process that died in the middle holds up the others no longer than this. */
const leaseMs = 60_000;
const lookAgainMs = 250;
/** A token that is refused while so young is not cured by the next one. */
const youngMs = 30_000;
const lostWaitMs = 5_000;
const firstWaitMs = 60_000;
const longestWaitMs = 6 * 3_600_000;

/** What a person does about an application that can not get tokens. */
export const openAgain =
  'Open the application once in the portal as its acting user, or press Reinstall in the card of the application.';

const trouble = (code: KeptTrouble['code'], answered: string, todo: string): KeptTrouble => ({
  code,
  about: 'application',
  answered,
  todo,
});

export const notInstalled = trouble(
  'E-REMOTE-AUTH',
  'the application is not installed in the portal yet',
  'Save the local application in the portal with the two addresses that svyazka account add printed, then open it once or press Reinstall in its card.',
);

const noClient = trouble(
  'E-REMOTE-AUTH',
  'the access token has expired, and the key that renews it was not given',
  'Run svyazka account add again with --client-id and the key on stdin: both stand in the card of the application.',
);

/** How a refusal of the authorization server is told, and whether waiting may heal it. */
function refusalOf({ code, text }: Extract<Renewal, { is: 'refused' }>): {
  readonly trouble: KeptTrouble;
  readonly waits: boolean;
} {
  const answered = `${code} ${text}`.trim();
  if (code === 'invalid_grant')
    return { trouble: trouble('E-REMOTE-AUTH', answered, openAgain), waits: false };
  if (code === 'PAYMENT_REQUIRED')
    return {
      trouble: trouble(
        'E-REMOTE-PLAN',
        answered,
        'Pay for the plan or the application; the bridge asks again by itself.',
      ),
      waits: true,
    };
  return {
    trouble: trouble(
      'E-REMOTE-AUTH',
      answered,
      `Compare the code and key of the application with what svyazka account add was given, and look whether it is still installed. ${openAgain}`,
    ),
    waits: true,
  };
}

/** Refused a number of times in a row: one minute, then twice as long each time, six hours at most. */
export const refusalWaitMs = (refusals: number): number =>
  Math.min(firstWaitMs * 2 ** Math.max(refusals - 1, 0), longestWaitMs);

const stillTroubled = ({ trouble: why, retryAt }: Tokens, now: Instant): boolean =>
  why !== null && (retryAt === null || retryAt > now);

export function tokenSource(deps: SourceDeps, of: SourceOf): TokenSource {
  const { store, secrets, runtime } = deps;
  const { account } = of;
  let cached: KeptTokens | null = null;
  let renewing: { readonly refused: string; readonly done: Promise<string> } | null = null;

  async function load(): Promise<KeptTokens> {
    cached = await keptTokens(store, secrets, account);
    if (cached === null) throw new ConnectorError(notInstalled);
    if (cached.tokens.trouble !== null && stillTroubled(cached.tokens, runtime.now()))
      throw new ConnectorError(cached.tokens.trouble, cached.tokens.retryAt);
    return cached;
  }

  const keep = async (kept: KeptTokens): Promise<boolean> => {
    const mine = await keepTokens(store, secrets, account, kept);
    if (mine) cached = kept;
    return mine;
  };

  /** null = what is kept has changed meanwhile: look again. */
  async function renewUnder(kept: KeptTokens, until: Instant): Promise<string | null> {
    const { version, tokens } = kept;
    const server = trustedServer(tokens.server, tokens.portal, of.allowPrivate);
    if (of.client === null || server === null) {
      await store.freeTokens(account, until);
      throw new ConnectorError(of.client === null ? noClient : strangeServer(tokens.server));
    }
    const renewal = await renewTokens(runtime, {
      server,
      clientId: of.client.id,
      clientSecret: of.client.secret,
      refresh: tokens.refresh,
      ca: of.ca,
    });
    if (renewal.is === 'lost') {
      await store.freeTokens(account, until);
      throw new ConnectorError(
        {
          ...trouble('E-REMOTE-DOWN', renewal.text, 'Nothing to do: the token is renewed at the next try.'),
          tried: 'oauth/token',
        },
        runtime.now() + lostWaitMs,
      );
    }
    if (renewal.is === 'granted' && (renewal.granted.member_id ?? tokens.memberId) === tokens.memberId) {
      const renewed = renewedTokens(tokens, renewal.granted, runtime.now(), of.allowPrivate);
      if (!(await keep({ version: version + 1, tokens: renewed }))) return null;
      if (renewed.portal !== tokens.portal || tokens.trouble !== null) deps.changed();
      return renewed.access;
    }
    if (renewal.is === 'refused') deps.refused?.(renewal.status, renewal.code);
    const { trouble: why, waits } =
      renewal.is === 'refused' ? refusalOf(renewal) : { trouble: strangePortal, waits: false };
    const refusals = tokens.refusals + 1;
    const retryAt = waits ? runtime.now() + refusalWaitMs(refusals) : null;
    if (!(await keep({ version: version + 1, tokens: { ...tokens, trouble: why, retryAt, refusals } })))
      return null;
    deps.changed();
    throw new ConnectorError(why, retryAt);
  }

  async function renew(refused: string): Promise<string> {
    for (;;) {
      const kept = await load();
      const { tokens, version } = kept;
      if (tokens.access !== refused) return tokens.access;
      const now = runtime.now();
      if (now - tokens.renewedAt < youngMs)
        throw new ConnectorError(
          trouble('E-REMOTE-AUTH', 'the portal refuses an access token that is seconds old', openAgain),
          now + firstWaitMs,
        );
      const until = now + leaseMs;
      if (await store.leaseTokens(account, version, now, until)) {
        const access = await renewUnder(kept, until);
        if (access !== null) return access;
      } else await runtime.sleep(lookAgainMs);
    }
  }

  return {
    async current() {
      const kept = cached === null || cached.tokens.trouble !== null ? await load() : cached;
      return kept.tokens.access;
    },
    renew(refused) {
      if (renewing?.refused === refused) return renewing.done;
      const done = renew(refused).finally(() => {
        if (renewing?.done === done) renewing = null;
      });
      renewing = { refused, done };
      return done;
    },
  };
}

const strangeServer = (server: string): KeptTrouble =>
  trouble(
    'E-REMOTE-AUTH',
    `${server} is no authorization server of Bitrix24`,
    'Report this address: the key of the application is sent to known servers only.',
  );

const strangePortal = trouble(
  'E-REMOTE-AUTH',
  'the authorization server answered for another portal',
  'Compare the code and key of the application with those in its card, then press Reinstall there.',
);

function renewedTokens(tokens: Tokens, granted: Granted, now: Instant, allowPrivate: boolean): Tokens {
  const moved =
    granted.client_endpoint === undefined
      ? null
      : movedAddress(`${tokens.portal}/rest`, granted.client_endpoint.replace(/\/+$/, ''));
  return {
    ...tokens,
    portal: moved?.origin ?? tokens.portal,
    access: granted.access_token,
    refresh: granted.refresh_token,
    server: trustedServer(granted.server_endpoint ?? '', tokens.portal, allowPrivate) ?? tokens.server,
    renewedAt: now,
    trouble: null,
    retryAt: null,
    refusals: 0,
  };
}
