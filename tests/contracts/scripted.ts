/** An account that answers by script: what a case says, and nothing behind it. */
import { type AccountSettings } from '../../connectors/port.ts';
import { as, type AccountId, type Instant, type LocalPersonId } from '../../errors/ids.ts';
import { type HttpRequest, type Runtime } from '../../runtime/runtime.ts';

export interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The whole body of a request as text. */
export async function bodyText(body: HttpRequest['body']): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? '';
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Its clock stands still but for what is slept; every request is answered by `answer`. */
export function scriptedRuntime(
  start: Instant,
  answer: (request: HttpRequest) => Promise<Scripted>,
): Runtime {
  let now = start;
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    http: async (request) => {
      const { status, headers = {}, text } = await answer(request);
      return {
        status,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: {
          text: () => Promise.resolve(text),
          async *stream() {
            yield await Promise.resolve(new TextEncoder().encode(text));
          },
          cancel: () => undefined,
        },
      };
    },
  };
}

/** The account of the contract cases as a connector is told of it. */
export const vesna = (
  kind: AccountSettings['kind'],
  url: string,
  access: { readonly token: string | null; readonly actor: string; readonly zone: string },
): AccountSettings => ({
  account: as<AccountId>('vesna'),
  kind,
  url,
  token: access.token,
  actor: as<LocalPersonId>(access.actor),
  organisation: 'Весна',
  zone: access.zone,
  ca: null,
  serverMaxMs: 60_000,
});
