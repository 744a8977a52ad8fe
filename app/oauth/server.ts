/** The authorization server of Bitrix24 (b24restdocs: settings/oauth/auto-renewal.md, error-codes.md). */
import { z } from 'zod';
import { type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';

/** Hosts that the client secret and refresh tokens may be sent to. */
const servers: ReadonlySet<string> = new Set(['oauth.bitrix.info', 'oauth.bitrix24.tech']);

/** Where an application of a portal renews tokens when nothing names its server. */
export const usualServer = 'https://oauth.bitrix24.tech';

/**
 * The authorization server that `endpoint` names (`https://oauth.bitrix24.tech/rest/`), or null when it is none that
 * secrets may go to. An account that may reach private hosts, an emulator's, may have it on the portal's own host.
 */
export function trustedServer(endpoint: string, portal: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  if (url.protocol === 'https:' && url.port === '' && servers.has(url.hostname)) return url.origin;
  return allowPrivate && url.hostname === new URL(portal).hostname ? url.origin : null;
}

const text = z.union([z.string(), z.number()]).transform(String);

const Granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  member_id: z.string().optional(),
  client_endpoint: z.string().optional(),
  server_endpoint: z.string().optional(),
  user_id: text.optional(),
});
export type Granted = z.infer<typeof Granted>;

const Refused = z.object({ error: z.string(), error_description: z.string().optional() });

export type Renewal =
  | { readonly is: 'granted'; readonly granted: Granted }
  | { readonly is: 'refused'; readonly status: number; readonly code: string; readonly text: string }
  /** Perhaps the server has given new tokens and nobody heard them. */
  | { readonly is: 'lost'; readonly text: string };

export interface Renewing {
  readonly server: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refresh: string;
  readonly ca: string | null;
}

const answerBytesMax = 64 * 1024;

/**
 * One exchange of a refresh token. The secret travels in a form's body, which no log of an address shows. Redirects are
 * not followed: nothing of this may go to another host.
 */
export async function renewTokens(runtime: Runtime, asked: Renewing): Promise<Renewal> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: asked.clientId,
    client_secret: asked.clientSecret,
    refresh_token: asked.refresh,
  });
  let answer: string;
  let response: HttpResponse;
  try {
    response = await runtime.http({
      method: 'POST',
      url: `${asked.server}/oauth/token/`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': 'svyazka/0.1',
      },
      body: form.toString(),
      timeoutMs: 20_000,
      ...(asked.ca === null ? {} : { ca: asked.ca }),
    });
    answer = await response.body.text(answerBytesMax);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { is: 'lost', text: `no answer (${error.kind}): ${error.message}` };
  }
  const json = parsed(answer);
  const granted = Granted.safeParse(json);
  if (response.status === 200 && granted.success) return { is: 'granted', granted: granted.data };
  const refused = Refused.safeParse(json);
  if (refused.success && response.status < 500 && response.status !== 429)
    return {
      is: 'refused',
      status: response.status,
      code: refused.data.error,
      text: refused.data.error_description ?? '',
    };
  return { is: 'lost', text: `${String(response.status)} without tokens` };
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
