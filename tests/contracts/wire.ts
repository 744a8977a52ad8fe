import { type EmulatorRequest, type Json } from '../../emulators/common/types.ts';
import { type CaseRequest, type Kind } from './layout.ts';

const encoder = new TextEncoder();

/** Puts saved values in the place of `{{name}}` in every text of a case's request. */
export function substituted<Value>(value: Value, saved: ReadonlyMap<string, string>): Value {
  if (saved.size === 0) return value;
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string')
      return part.replace(/\{\{([^{}]+)\}\}/g, (whole, name: string) => saved.get(name.trim()) ?? whole);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
    return part;
  };
  return walk(value) as Value;
}

function scalar(value: Json): string {
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function pairs(prefix: string, value: Json): [string, string][] {
  if (Array.isArray(value))
    return value.flatMap((inner: Json, index) => pairs(`${prefix}[${String(index)}]`, inner));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      pairs(prefix === '' ? key : `${prefix}[${key}]`, inner),
    );
  return [[prefix, scalar(value)]];
}

/** `a[b][0]=c` in percent-encoding, as PHP reads it. */
export function formText(value: Json): string {
  return pairs('', value)
    .map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
    .join('&');
}

function multipart(parts: readonly Json[], boundary: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) continue;
    const { name, filename, contentType, text, sizeBytes } = part as Readonly<Record<string, Json>>;
    const file = filename === undefined ? '' : `; filename="${scalar(filename)}"`;
    const type = contentType === undefined ? '' : `Content-Type: ${scalar(contentType)}\r\n`;
    chunks.push(
      encoder.encode(
        `--${boundary}\r\nContent-Disposition: form-data; name="${scalar(name ?? '')}"${file}\r\n${type}\r\n`,
      ),
      typeof sizeBytes === 'number' ? new Uint8Array(sizeBytes).fill(65) : encoder.encode(scalar(text ?? '')),
      encoder.encode('\r\n'),
    );
  }
  chunks.push(encoder.encode(`--${boundary}--\r\n`));
  return Buffer.concat(chunks);
}

interface Encoded {
  readonly body: Uint8Array;
  readonly contentType?: string;
}

function encoded(body: Json | undefined, contentType: string | undefined): Encoded {
  if (body === undefined || body === null) return { body: new Uint8Array() };
  if (typeof body === 'object' && !Array.isArray(body)) {
    const { $raw, $form, $multipart } = body as Readonly<Record<string, Json>>;
    if ($raw !== undefined) return { body: encoder.encode(scalar($raw)) };
    if ($form !== undefined)
      return { body: encoder.encode(formText($form)), contentType: 'application/x-www-form-urlencoded' };
    if (Array.isArray($multipart)) {
      const boundary = /boundary="?([^";]+)/.exec(contentType ?? '')?.[1] ?? 'contract-boundary-7f3a';
      return {
        body: multipart($multipart as readonly Json[], boundary),
        contentType: `multipart/form-data; boundary=${boundary}`,
      };
    }
  }
  return { body: encoder.encode(JSON.stringify(body)), contentType: 'application/json' };
}

/** The request of a case as it reaches the account's port. */
export function wireRequest(kind: Kind, request: CaseRequest, defaultHost: string): EmulatorRequest {
  const absolute = /^https?:\/\//.test(request.path) ? new URL(request.path) : undefined;
  const path = absolute === undefined ? request.path : request.path.slice(absolute.origin.length);
  const based = kind === 'planfix' && absolute === undefined ? `/rest${path}` : path;
  const query =
    request.query === undefined || Object.keys(request.query).length === 0
      ? ''
      : `${based.includes('?') ? '&' : '?'}${formText(request.query)}`;
  const headers: Record<string, string> = {
    host: absolute?.host ?? defaultHost,
    'user-agent': 'contract-runner',
  };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  const { body, contentType } = encoded(request.body, headers['content-type']);
  if (contentType !== undefined && headers['content-type'] === undefined)
    headers['content-type'] = contentType;
  if (headers['content-type'] === 'multipart/form-data' && contentType !== undefined)
    headers['content-type'] = contentType;
  if (body.length > 0) headers['content-length'] = String(body.length);
  return {
    scheme: 'https',
    method: request.method.toUpperCase(),
    target: encodeURI(based).replaceAll('%25', '%') + query,
    headers,
    body,
  };
}

function nested(target: Record<string, unknown>, name: string, value: string): void {
  const [head = '', ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
  let holder = target;
  let key = head;
  for (const part of rest) {
    const next = holder[key];
    const made = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
    holder[key] = made;
    holder = made;
    key = part === '' ? String(Object.keys(made).length) : part;
  }
  holder[key] = value;
}

function listed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, listed(inner)] as const);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** Decodes a form body into its nested map; names 0, 1, 2, … make a list, as in the cases. */
export function formMap(text: string): Json {
  const map: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) nested(map, name, value);
  return listed(map) as Json;
}
