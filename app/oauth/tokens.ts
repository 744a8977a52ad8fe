/** What is kept of an application in a portal: who it acts as, its tokens, and why it can not work when it can not. */
import { z } from 'zod';
import { type AccountId } from '../../errors/ids.ts';
import { catalogue, type Trouble, type TroubleCode } from '../../errors/trouble.ts';
import { type Store, type TokenRow } from '../../store/port.ts';
import { type Secrets } from '../secrets.ts';

const KeptTrouble = z.object({
  code: z.custom<TroubleCode>((code) => typeof code === 'string' && code in catalogue),
  about: z.string(),
  answered: z.string(),
  todo: z.string(),
});

export const noFeatures = {
  /** `rest_offline_extended`: the portal queues events until they are fetched. */
  offline: false,
  /** `rest_auth_connector`: the queue leaves out our own changes. */
  connector: false,
  /** REST 3.0 answers. */
  v3: false,
  /** False until the installation page has called BX24.installFinish: no event comes before. */
  installed: true,
  plan: null,
};

const Features = z.object({
  offline: z.boolean(),
  connector: z.boolean(),
  v3: z.boolean(),
  installed: z.boolean(),
  plan: z.string().nullable(),
});

const Tokens = z.object({
  /** Identity of the portal, whatever its address becomes. */
  memberId: z.string(),
  /** `https://vesna.bitrix24.ru`. */
  portal: z.string(),
  /** Number of the user who installed the application: it acts as that user. */
  user: z.string(),
  access: z.string(),
  refresh: z.string(),
  /** Host of the authorization server, as the portal or the server itself named it. */
  server: z.string(),
  applicationToken: z.string().nullable(),
  /** 0 = these tokens came with an installation. */
  renewedAt: z.number(),
  trouble: KeptTrouble.nullable(),
  /** No renewal before; null beside a trouble = only a person heals it. */
  retryAt: z.number().nullable(),
  /** Refused renewals in a row: each doubles the wait. */
  refusals: z.number(),
  features: Features,
});

export type Tokens = z.infer<typeof Tokens>;
export type Features = z.infer<typeof Features>;
export type KeptTrouble = Trouble & { readonly answered: string };

export interface KeptTokens {
  readonly version: number;
  readonly tokens: Tokens;
}

export type TokenStore = Pick<Store, 'tokens' | 'putTokens' | 'leaseTokens' | 'freeTokens'>;

const contextOf = (account: AccountId): string => `tokens:${account}`;

const sealed = (secrets: Secrets, account: AccountId, { version, tokens }: KeptTokens): TokenRow => ({
  account,
  version,
  sealed: secrets.encrypt(JSON.stringify(tokens), contextOf(account)),
});

/** null = the application was never installed. Throws WrongSecretKey. */
export async function keptTokens(
  store: TokenStore,
  secrets: Secrets,
  account: AccountId,
): Promise<KeptTokens | null> {
  const row = await store.tokens(account);
  if (row === null) return null;
  return {
    version: row.version,
    tokens: Tokens.parse(JSON.parse(secrets.decrypt(row.sealed, contextOf(account)))),
  };
}

/** False when somebody else was faster: what is kept now is newer than what this was made from. */
export const keepTokens = (
  store: TokenStore,
  secrets: Secrets,
  account: AccountId,
  kept: KeptTokens,
): Promise<boolean> => store.putTokens(sealed(secrets, account, kept));

/** Changes what is kept, made anew when somebody else was faster. null = nothing is kept, or `change` left it so. */
export async function changeTokens(
  store: TokenStore,
  secrets: Secrets,
  account: AccountId,
  change: (tokens: Tokens) => Tokens | null,
): Promise<Tokens | null> {
  for (;;) {
    const kept = await keptTokens(store, secrets, account);
    const tokens = kept && change(kept.tokens);
    if (kept === null || tokens === null) return null;
    if (await keepTokens(store, secrets, account, { version: kept.version + 1, tokens })) return tokens;
  }
}
