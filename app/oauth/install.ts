/**
 * An application's life in its portal: installed, opened again, updated, removed. Nothing that a request says of itself
 * is believed: its access token must open the portal that the account stands for, and `member_id`, once known, decides.
 */
import { whoAmI, type WhoIAm } from '../../connectors/bitrix24/application.ts';
import { makeClient, movedAddress } from '../../connectors/bitrix24/client.ts';
import {
  applicationEvent,
  type Introduction,
  introductionOf,
} from '../../connectors/bitrix24/introduction.ts';
import { type AccountSettings, ConnectorError } from '../../connectors/port.ts';
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { sameText } from '../../webhooks/receiver.ts';
import { type Secrets } from '../secrets.ts';
import { renewTokens, trustedServer, usualServer } from './server.ts';
import { openAgain } from './source.ts';
import { changeTokens, keepTokens, keptTokens, noFeatures, type Tokens, type TokenStore } from './tokens.ts';

export interface InstallDeps {
  readonly store: TokenStore;
  readonly secrets: Secrets;
  readonly runtime: Runtime;
  /** Counted and listed: somebody came who must not. */
  refused(account: AccountId, why: string): void;
  /** What the account stands on has changed: every process takes it up, and its events are bound. */
  installed(account: AccountId): Promise<void>;
  /** The bell of the queue rang. */
  rang(account: AccountId): void;
}

/** An application's account as installing needs it. */
export interface Installable {
  readonly settings: AccountSettings;
  /** `https://vesna.bitrix24.ru`: where the account was added. */
  readonly portal: string;
  readonly client: { readonly id: string; readonly secret: string } | null;
  readonly allowPrivate: boolean;
}

export type Taken =
  | { readonly is: 'taken' }
  | { readonly is: 'refused'; readonly why: string }
  /** The portal could not be asked: the same request may come again. */
  | { readonly is: 'later'; readonly why: string };

const refusal = (why: string): Taken => ({ is: 'refused', why });

interface Proof extends WhoIAm {
  readonly portal: string;
  /** Newer than what came, when the authorization server was asked. */
  readonly access: string;
  readonly refresh: string;
}

/**
 * Whom a token stands for, asked of the portal that the account knows. Where that does not answer any more, a portal
 * that is `known` by its identity may name a new address, and the authorization server tells whether the token is of
 * that identity. null = it is not. Throws ConnectorError.
 */
async function proven(
  deps: InstallDeps,
  of: Installable,
  portal: string,
  token: { readonly access: string; readonly refresh: string },
  server: string,
  known: { readonly memberId: string; readonly domain: string } | null,
): Promise<Proof | null> {
  const asked = async (address: string, access: string): Promise<WhoIAm & Pick<Proof, 'portal'>> => {
    const tokens = { current: () => Promise.resolve(access), renew: () => Promise.reject(staleToken) };
    const client = makeClient(
      { ...of.settings, url: `${address}/rest`, application: { tokens, eventsKey: null } },
      deps.runtime,
    );
    const who = await whoAmI(client);
    const host = client.movedTo();
    return { ...who, portal: host === null ? address : `https://${host}` };
  };
  try {
    return { ...token, ...(await asked(portal, token.access)) };
  } catch (error) {
    const moved = known && movedAddress(`${portal}/rest`, `https://${known.domain}/rest`);
    if (!(error instanceof ConnectorError) || of.client === null || moved === null || moved.origin === portal)
      throw error;
    const renewal = await renewTokens(deps.runtime, {
      server,
      clientId: of.client.id,
      clientSecret: of.client.secret,
      refresh: token.refresh,
      ca: of.settings.ca,
    });
    if (renewal.is !== 'granted' || renewal.granted.member_id !== known?.memberId) return null;
    const { access_token: access, refresh_token: refresh } = renewal.granted;
    return { access, refresh, ...(await asked(moved.origin, access)) };
  }
}

const staleToken = new ConnectorError({
  code: 'E-REMOTE-AUTH',
  about: 'application',
  answered: 'the access token that came is not good',
  todo: openAgain,
});

/**
 * Takes the tokens of an installation or of any later introduction that carries them. The first installation binds the
 * account to its portal; another portal is refused, and as long as the account works, another acting user too. `late`:
 * the portal sends it when it likes, so tokens that work already are newer than those that came.
 */
export async function takeTokens(
  deps: InstallDeps,
  of: Installable,
  introduction: Introduction,
  late: boolean,
): Promise<Taken> {
  const { account } = of.settings;
  const { memberId, access, refresh, applicationToken, domain } = introduction;
  if (access === null || refresh === null) return refusal('the request brings no tokens');
  for (;;) {
    const kept = await keptTokens(deps.store, deps.secrets, account);
    if (kept !== null && kept.tokens.memberId !== memberId)
      return refusal(`another portal (member_id ${memberId.slice(0, 40)}) wants to be this account`);
    const portal = kept?.tokens.portal ?? of.portal;
    const server =
      introduction.server === null
        ? (kept?.tokens.server ?? usualServer)
        : trustedServer(introduction.server, portal, of.allowPrivate);
    if (server === null) return refusal('the request names an authorization server that is not known');
    let proof: Proof | null;
    try {
      proof = await proven(
        deps,
        of,
        portal,
        { access, refresh },
        server,
        kept && domain !== null ? { memberId, domain } : null,
      );
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { trouble } = error;
      const why = `the portal does not know the token: ${trouble.answered ?? trouble.code}`;
      return trouble.code === 'E-REMOTE-AUTH' ? refusal(why) : { is: 'later', why };
    }
    if (proof === null) return refusal('the authorization server knows the token of another portal');
    const { code, admin, ...proved } = proof;
    // Of a local application, and of no other kind, the code that app.info tells is its client_id (seen in the field).
    if (of.client?.id.startsWith('local.') && code !== null && code !== of.client.id)
      return refusal('the token is of another application');
    const works = kept !== null && kept.tokens.trouble === null ? kept.tokens : null;
    if (works !== null && works.user !== proof.user && !late)
      return refusal(
        `the bridge acts as user ${works.user}, and user ${proof.user} opened it: install it as user ${works.user}`,
      );
    // Anybody who may open the application has a token of it.
    if (kept !== null && kept.tokens.user !== proof.user && !admin)
      return refusal(`user ${proof.user} is not the acting user ${kept.tokens.user} and no administrator`);
    const tokens: Tokens = {
      memberId,
      ...proved,
      ...(late && works !== null
        ? { user: works.user, access: works.access, refresh: works.refresh, renewedAt: works.renewedAt }
        : { renewedAt: 0 }),
      server,
      applicationToken: applicationToken ?? kept?.tokens.applicationToken ?? null,
      trouble: null,
      retryAt: null,
      refusals: 0,
      features: kept?.tokens.features ?? noFeatures,
    };
    if (await keepTokens(deps.store, deps.secrets, account, { version: (kept?.version ?? 0) + 1, tokens })) {
      await deps.installed(account);
      return { is: 'taken' };
    }
  }
}

/** True when the sender shows the token that only the portal and the bridge know. */
const isKnown = ({ applicationToken, memberId }: Introduction, kept: Tokens): boolean =>
  applicationToken !== null &&
  kept.applicationToken !== null &&
  memberId === kept.memberId &&
  sameText(applicationToken, kept.applicationToken);

/** The installation page was opened, or the portal called the installation address by itself. */
export async function install(
  deps: InstallDeps,
  of: Installable,
  query: string,
  body: string,
): Promise<Taken> {
  const introduction = introductionOf(query, body);
  const result =
    introduction === null
      ? refusal('the request names no portal')
      : await takeTokens(deps, of, introduction, false);
  if (result.is === 'refused') deps.refused(of.settings.account, result.why);
  return result;
}

/** The application was opened in the portal: where the account waits for tokens, these heal it. */
export async function opened(
  deps: InstallDeps,
  of: Installable,
  query: string,
  body: string,
): Promise<'fine' | 'healed' | 'waits'> {
  const kept = await keptTokens(deps.store, deps.secrets, of.settings.account);
  if (kept === null) return 'waits';
  if (kept.tokens.trouble === null) return 'fine';
  const introduction = introductionOf(query, body);
  if (introduction === null || !isKnown(introduction, kept.tokens)) return 'waits';
  return (await takeTokens(deps, of, introduction, false)).is === 'taken' ? 'healed' : 'waits';
}

const removed = (at: Instant) => ({
  trouble: {
    code: 'E-REMOTE-AUTH' as const,
    about: 'application',
    answered: `the application was removed from the portal (${new Date(at).toISOString().slice(0, 16)}Z)`,
    todo: 'Install the application again with the same addresses; until then nothing of this account is read or written.',
  },
  retryAt: null,
});

/**
 * An event of the application's own life at the webhook address; null for any other event. 403 for a sender that can not
 * show who it is, 503 when the portal could not be asked.
 */
export async function lifecycle(
  deps: InstallDeps,
  of: Installable,
  body: string,
): Promise<200 | 403 | 503 | null> {
  const event = applicationEvent(body);
  if (event === null) return null;
  const { account } = of.settings;
  const refuse = (why: string): 403 => {
    deps.refused(account, `${event}: ${why}`);
    return 403;
  };
  const introduction = introductionOf('', body);
  const kept = await keptTokens(deps.store, deps.secrets, account);
  if (introduction === null || kept === null) return refuse('the application was never installed');
  const known = isKnown(introduction, kept.tokens);
  if (event === 'ONAPPINSTALL' || event === 'ONAPPUPDATE') {
    // Its application_token may be new: the access token is the proof.
    const result = await takeTokens(deps, of, introduction, true);
    if (result.is === 'later') return 503;
    return result.is === 'taken' ? 200 : refuse(result.why);
  }
  if (!known) return refuse('unknown application_token or portal');
  if (event === 'ONAPPUNINSTALL') {
    const at = deps.runtime.now();
    await changeTokens(deps.store, deps.secrets, account, (tokens) => ({ ...tokens, ...removed(at) }));
    await deps.installed(account);
    return 200;
  }
  if (kept.tokens.trouble !== null) await takeTokens(deps, of, introduction, true);
  deps.rang(account);
  return 200;
}
