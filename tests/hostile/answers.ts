/** Ways of going wrong that know no CRM: what proxies, web servers, charsets and cut lines do to any answer. */
import { TransportError } from '../../runtime/runtime.ts';
import { type Asked, bytesOf, type Hostile, type Plain, type Says, stranger } from './conversation.ts';

export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const raw = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Plain => ({
  status,
  headers,
  body: bytesOf(body),
});
export const page = (status: number, headers: Readonly<Record<string, string>> = {}): Plain =>
  raw(status, `<html><body><h1>${String(status)}</h1>Вход в систему</body></html>`, {
    'content-type': 'text/html; charset=utf-8',
    ...headers,
  });
export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Plain =>
  raw(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });

export const parsed = ({ body }: Plain): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

type Fits = (asked: Asked) => boolean;
const always: Fits = () => true;

/** The account never sees the request. */
export const instead = (
  name: string,
  says: Says,
  given: Plain | TransportError,
  fits: Fits = always,
): Hostile => ({
  name,
  says,
  answer: (asked) => Promise.resolve(fits(asked) ? given : null),
});

/** The account carries the request out, and something else comes back. */
export const afterwards = (name: string, given: Plain | TransportError, fits: Fits = always): Hostile => ({
  name: `${name}, though carried out`,
  says: 'broken',
  async answer(asked, account) {
    if (!fits(asked)) return null;
    await account();
    return given;
  },
});

export const broken = (
  name: string,
  given: Plain | TransportError,
  fits: Fits = always,
): readonly Hostile[] => [instead(name, 'broken', given, fits), afterwards(name, given, fits)];

/** The account's own answer, its bytes or headers changed; null where the change finds nothing to change. */
export const altered = (
  name: string,
  says: Says,
  alter: (plain: Plain, asked: Asked) => Plain | null,
): Hostile => ({
  name,
  says,
  answer: async (asked, account) => alter(await account(), asked),
});

/** The account's own JSON answer, changed; undefined where the change finds nothing to change. */
export const edited = (
  name: string,
  says: Says,
  edit: (body: Row, asked: Asked, plain: Plain) => unknown,
  more: Pick<Hostile, 'rows' | 'lasting'> = {},
): Hostile => ({
  ...altered(name, says, (plain, asked) => {
    const body = parsed(plain);
    if (!isRow(body)) return null;
    const after = edit(body, asked, plain);
    if (after === undefined) return null;
    const text = JSON.stringify(after);
    return text === JSON.stringify(body) ? null : { ...plain, body: bytesOf(text) };
  }),
  ...more,
});

/** Every value below, deepest first, as `change` would have it. */
export function deeply(value: unknown, change: (value: unknown, key: string) => unknown, key = ''): unknown {
  const inner = Array.isArray(value)
    ? value.map((one) => deeply(one, change, key))
    : isRow(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, deeply(one, change, name)]))
      : value;
  return change(inner, key);
}

const windows1251 = (text: string): Uint8Array =>
  Uint8Array.from([...text], (sign) => {
    const code = sign.charCodeAt(0);
    if (code < 0x80) return code;
    return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : 0xb8;
  });

const isJson = (plain: Plain): boolean => isRow(parsed(plain));
const text = (plain: Plain): string => Buffer.from(plain.body).toString('utf8');
const transport = (kind: TransportError['kind']): TransportError =>
  new TransportError(kind, `a ${kind} of the test`);

const posts: Fits = ({ request }) => request.method !== 'GET';
/** Where a redirect is the right answer: downloads. */
const isDownload: Fits = ({ path }) =>
  path.endsWith('/download') || path.includes('/storage') || path.endsWith('.php');
const notDownload: Fits = (asked) => !isDownload(asked);
const dates = {
  'Tue, 24 Nov 2026 09:00:00 GMT': 'a moment',
  '7': 'seconds',
  '0': 'nothing',
  '-1': 'less than nothing',
  soon: 'a word',
  '': 'an empty text',
  '1e99': 'for ever',
} as const;

const everywhere = (one: Hostile): Hostile => ({ ...one, everywhere: true });

export const wire: readonly Hostile[] = [
  ...broken('a page of HTML with 200', page(200)).map(everywhere),
  ...broken('a page of HTML with 502', page(502)).map(everywhere),
  ...[500, 503, 504, 520].flatMap((status) => broken(`a page of HTML with ${String(status)}`, page(status))),
  ...[408, 499].flatMap((status) => broken(`a page of HTML with ${String(status)}`, page(status))),
  ...[400, 401, 403, 404, 405, 410, 413, 418, 451].map((status) =>
    instead(`a page of HTML with ${String(status)}`, 'no', page(status)),
  ),
  ...[500, 503].flatMap((status) => broken(`nothing with ${String(status)}`, raw(status, ''))),
  ...[
    'null',
    '[]',
    '"ok"',
    'true',
    '42',
    '{}',
    '{"status":"ok"}',
    '[[[[',
    'NaN',
    '{"result":',
    'OK',
    '\u0000',
  ].flatMap((body) =>
    broken(`${body.replace('\u0000', 'a zero byte')} with 200`, raw(200, body), notDownload),
  ),
  ...broken('JSON nested without end', raw(200, '['.repeat(50_000) + ']'.repeat(50_000)), notDownload),
  ...broken('an answer in the prototype', raw(200, '{"__proto__":{"result":"success","id":5}}'), notDownload),
  ...broken('more than anybody takes', { ...raw(200, '{}'), huge: true }, notDownload),
  everywhere(instead('no connection', 'no', transport('unsent'))),
  ...broken('no answer in time', transport('timeout')).map(everywhere),
  ...broken('a cut connection', transport('cut')).map(everywhere),
  everywhere(
    altered('an answer that breaks off on the wire', 'broken', (plain) => ({ ...plain, cut: true })),
  ),
  everywhere(
    altered('the first half of an answer', 'broken', (plain) =>
      isJson(plain) ? { ...plain, body: plain.body.subarray(0, Math.floor(plain.body.length / 2)) } : null,
    ),
  ),
  altered('an answer without its last sign', 'broken', (plain) =>
    isJson(plain) ? { ...plain, body: plain.body.subarray(0, plain.body.length - 1) } : null,
  ),
  altered('an answer twice', 'broken', (plain) =>
    isJson(plain) ? { ...plain, body: bytesOf(text(plain) + text(plain)) } : null,
  ),
  altered('a warning of PHP before the answer', 'broken', (plain) =>
    isJson(plain)
      ? { ...plain, body: bytesOf(`<br />\n<b>Warning</b>: x in y<br />\n${text(plain)}`) }
      : null,
  ),
  altered('an answer behind a guard', 'broken', (plain) =>
    isJson(plain) ? { ...plain, body: bytesOf(`)]}'\n${text(plain)}`) } : null,
  ),
  altered('an answer in windows-1251', 'broken', (plain) =>
    isJson(plain) && /[а-я]/i.test(text(plain))
      ? {
          ...plain,
          headers: { ...plain.headers, 'content-type': 'application/json; charset=windows-1251' },
          body: windows1251(text(plain)),
        }
      : null,
  ),
  altered('an answer in UTF-16', 'broken', (plain) =>
    isJson(plain) ? { ...plain, body: new Uint8Array(Buffer.from(`\ufeff${text(plain)}`, 'utf16le')) } : null,
  ),
  altered('a mark of byte order before the answer', 'same', (plain) =>
    isJson(plain) ? { ...plain, body: bytesOf(`\ufeff${text(plain)}`) } : null,
  ),
  altered('white space around the answer', 'same', (plain) =>
    isJson(plain) ? { ...plain, body: bytesOf(`\r\n\t ${text(plain)}\n\n`) } : null,
  ),
  altered('an answer called a page', 'same', (plain) =>
    isJson(plain) ? { ...plain, headers: { ...plain.headers, 'content-type': 'text/html' } } : null,
  ),
  altered('an answer without a type', 'same', (plain) => (isJson(plain) ? { ...plain, headers: {} } : null)),
  altered('keys written as escapes', 'same', (plain) =>
    isJson(plain)
      ? {
          ...plain,
          body: bytesOf(
            text(plain).replace(
              /[^\x20-\x7e]/g,
              (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
            ),
          ),
        }
      : null,
  ),
  edited('keys that nobody knows', 'same', (body) => ({
    ...(deeply(body, (value, key) =>
      isRow(value) && !/^(result|cmd)/.test(key) && 'id' in value
        ? { ...value, surprise: { deep: [1] } }
        : value,
    ) as Row),
    surprise: 1,
  })),
  ...[301, 302, 303, 307, 308].flatMap((status) => [
    instead(
      `${String(status)} to a stranger`,
      'broken',
      raw(status, '', { location: `${stranger}/` }),
      notDownload,
    ),
    instead(`${String(status)} to nowhere`, 'broken', raw(status, '')),
  ]),
  ...['http://127.0.0.1/', 'javascript:alert(1)', 'http://[::1', '//', 'file:///etc/passwd'].map((location) =>
    instead(`302 to ${location}`, 'broken', raw(302, '', { location })),
  ),
  {
    name: '302 to the same path of a stranger',
    says: 'broken',
    everywhere: true,
    answer: (asked) =>
      Promise.resolve(
        notDownload(asked)
          ? raw(302, '', { location: asked.request.url.replace(new URL(asked.request.url).origin, stranger) })
          : null,
      ),
  },
  {
    name: '307 to the same address in the clear',
    says: 'broken',
    answer: ({ request }) =>
      Promise.resolve(raw(307, '', { location: request.url.replace('https:', 'http:') })),
  },
  {
    name: 'a circle of redirects',
    says: 'broken',
    lasting: true,
    answer: ({ request }) => Promise.resolve(raw(302, '', { location: request.url })),
  },
  ...[301, 302, 307, 308].map((status): Hostile => ({
    name: `${String(status)} to the same address`,
    says: 'same',
    answer: (asked) =>
      // What travels as a stream is not sent twice.
      Promise.resolve(
        typeof asked.request.body === 'object' ? null : raw(status, '', { location: asked.request.url }),
      ),
  })),
  afterwards('303 see another page', raw(303, '', { location: '/thanks' }), posts),
  ...Object.entries(dates).flatMap(([value, what]) => [
    instead(`429 with Retry-After of ${what}`, 'no', page(429, { 'retry-after': value })),
    ...broken(`503 with Retry-After of ${what}`, page(503, { 'retry-after': value })),
  ]),
  ...broken('304 not modified', raw(304, '')),
  instead('an unknown status', 'broken', raw(299, 'x'), notDownload),
];
