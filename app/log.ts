/**
 * The log: pino, one JSON object a line on stderr. Messages are constant, data stands beside them, so that they can be
 * counted; a template string as message is a mistake. No secret gets into a line, whatever the data: values are
 * cleaned by the key that they stand under and by what they look like.
 */
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import { type Environment } from './environment.ts';

export type Log = Logger;

const hidden = '[secret]';

/** Keys whose value is never written, wherever they stand. */
const secretKey =
  /^(x[-_]?)?(authorization|proxy-authorization|cookie|set-cookie|auth|auth_id|refresh_id|auth_token|token|access_token|refresh_token|application_token|client_secret|secret|secret_?key|api_?key|password|passphrase|pass|private_?key|credentials?|webhook|webhook_?url)$/i;

/** What gives a secret away inside of a text. Each first group is kept. */
const secretTexts: readonly RegExp[] = [
  // Bitrix24's incoming webhook: https://portal/rest/<user>/<secret>/method
  /(\/rest\/(?:api\/)?\d+\/)[^/\s"'?&]+/gi,
  // The bridge's own addresses: for Planfix, and for installing an application of Bitrix24
  /(\/webhooks\/planfix\/[^/\s"']+\/)[^/\s"'?&]+/gi,
  /(\/bitrix24\/[^/\s"']+\/install\/)[^/\s"'?&]+/gi,
  /(\bBearer\s+)[^\s"',;]+/gi,
  /(\bBasic\s+)[A-Za-z0-9+/=]{8,}/gi,
  // scheme://user:password@host
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*:)[^\s@/"']+(?=@)/gi,
  // ?auth=…&access_token=… and the same in a form body, brackets written out or escaped
  /((?:^|[?&\s"'])(?:auth(?:\[|%5B)[a-z_]+(?:\]|%5D)|auth|auth_id|refresh_id|[a-z_]*token|[a-z_]*secret|password|api_?key)=)[^&\s"'#]+/gi,
  // "token": "…" in a text that is JSON itself
  /("(?:[a-z_]*token|auth|[a-z_]*secret|password|api_?key|authorization)"\s*:\s*")[^"]+/gi,
];

/** The text without what looks like a secret. */
export const withoutSecrets = (text: string): string =>
  secretTexts.reduce((cleaned, pattern) => cleaned.replace(pattern, `$1${hidden}`), text);

const depthMax = 8;

/** A copy of any data as it may be logged. */
export const cleaned = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (depth >= depthMax) return '[deep]';
  if (isError(value)) return cleaned(stdSerializers.err(value), depth + 1);
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof URL) return withoutSecrets(value.href);
  if (Array.isArray(value)) return value.map((one) => cleaned(one, depth + 1));
  if (value instanceof Map) return cleaned(Object.fromEntries(value), depth);
  if (value instanceof Set) return cleaned([...value], depth);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      withoutSecrets(key),
      secretKey.test(key) && one != null ? hidden : cleaned(one, depth + 1),
    ]),
  );
};

const isError = (value: object): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/**
 * Opens the log at a level. `to`: stderr unless told, since stdout belongs to `--json`.
 * `log.child({ correlation })` carries one id from hint to write (`correlated`).
 */
export const openLog = (level: Environment['logLevel'], to: DestinationStream = destination(2)): Log => {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        // Before pino sees anything: it takes messages out of errors by itself.
        logMethod(given, method) {
          const [first, ...rest] = given.map((one: unknown) =>
            cleaned(typeof one === 'object' && one !== null && isError(one) ? { error: one } : one),
          );
          method.apply(this, [first as object, ...(rest as [])]);
        },
      },
    },
    to,
  );
  // What a child carries goes to each of its lines past every hook of pino; children inherit this in turn.
  const { child } = log;
  log.child = function (this: Log, bindings: object, options?: object) {
    return child.call(this, cleaned(bindings) as Record<string, unknown>, options);
  } as Log['child'];
  return log;
};

/** A log whose every line carries the correlation id of one hint, sweep or command. */
export const correlated = (log: Log, correlation: string): Log => log.child({ correlation });
