/** Bodies and queries as PHP reads them: bracketed names, urlencoded forms, multipart. */
import { type Json } from '../common/types.ts';
import { type Params } from './values.ts';

/** A file of a multipart form. */
export interface Part {
  readonly name: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
}

type Node = Map<string, Node | string>;

const decoded = (text: string): string => {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (problem) {
    if (!(problem instanceof URIError)) throw problem;
    // PHP decodes what it can: bytes that are no UTF-8 become replacement characters.
    const bytes: number[] = [];
    for (let index = 0; index < spaced.length; index += 1) {
      const hex = spaced[index] === '%' ? /^[0-9a-fA-F]{2}/.exec(spaced.slice(index + 1, index + 3)) : null;
      if (hex !== null) {
        bytes.push(Number.parseInt(hex[0], 16));
        index += 2;
      } else bytes.push(...Buffer.from(spaced[index] ?? '', 'utf8'));
    }
    return Buffer.from(bytes).toString('utf8');
  }
};

/** Steps of `a[b][]`: an unclosed bracket and dots of the first name become `_`, as in PHP. */
const steps = (name: string): string[] => {
  const open = name.indexOf('[');
  if (open <= 0) return [name.replace(/[. []/g, '_')];
  const path = [name.slice(0, open).replace(/[. ]/g, '_')];
  let at = open;
  while (name[at] === '[') {
    const close = name.indexOf(']', at);
    if (close < 0) {
      if (path.length === 1) return [name.replace(/[. []/g, '_')];
      break;
    }
    path.push(name.slice(at + 1, close));
    at = close + 1;
  }
  return path;
};

const put = (root: Node, name: string, value: string): void => {
  const path = steps(name);
  let node = root;
  path.forEach((step, index) => {
    const key = step === '' && index > 0 ? freeIndex(node) : step;
    if (index === path.length - 1) {
      node.set(key, value);
      return;
    }
    const inner = node.get(key);
    if (inner instanceof Map) node = inner;
    else {
      const made: Node = new Map();
      node.set(key, made);
      node = made;
    }
  });
};

const freeIndex = (node: Node): string => {
  let index = 0;
  for (const key of node.keys()) {
    if (/^\d+$/.test(key)) index = Math.max(index, Number(key) + 1);
  }
  return String(index);
};

const finished = (node: Node): Json => {
  const entries = [...node].map(([key, value]): [string, Json] => [
    key,
    value instanceof Map ? finished(value) : value,
  ]);
  return entries.length > 0 && entries.every(([key], index) => key === String(index))
    ? entries.map(([, value]) => value)
    : Object.fromEntries(entries);
};

const parsed = (pairs: Iterable<readonly [string, string]>): Params => {
  const root: Node = new Map();
  for (const [name, value] of pairs) if (name !== '') put(root, name, value);
  return Object.fromEntries(
    [...root].map(([key, value]): [string, Json] => [key, value instanceof Map ? finished(value) : value]),
  );
};

/** A query or urlencoded body with PHP brackets, as nested maps and lists of texts. */
export const parseForm = (text: string): Params =>
  parsed(
    text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => {
        const equals = pair.indexOf('=');
        return equals < 0
          ? [decoded(pair), '']
          : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
      }),
  );

/** A multipart/form-data body: its plain fields and its files. */
export const parseMultipart = (contentType: string, body: Uint8Array): { params: Params; parts: Part[] } => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  const parts: Part[] = [];
  const pairs: [string, string][] = [];
  if (boundary !== undefined) {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const mark = Buffer.from(`--${boundary}`);
    let at = bytes.indexOf(mark);
    while (at >= 0) {
      const next = bytes.indexOf(mark, at + mark.length);
      if (next < 0) break;
      const head = bytes.indexOf('\r\n\r\n', at);
      if (head >= 0 && head < next) {
        const headers = bytes.subarray(at + mark.length, head).toString('utf8');
        const content = bytes.subarray(head + 4, next - 2);
        const name = /;\s*name="([^"]*)"/i.exec(headers)?.[1] ?? '';
        const extended = /filename\*=UTF-8''([^;\r\n]+)/i.exec(headers)?.[1];
        const filename =
          extended === undefined ? /filename="([^"]*)"/i.exec(headers)?.[1] : decodeURIComponent(extended);
        if (filename === undefined) pairs.push([name, content.toString('utf8')]);
        else parts.push({ name, filename, bytes: new Uint8Array(content) });
      }
      at = next;
    }
  }
  return { params: parsed(pairs), parts };
};

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*~]/g, (sign) =>
    sign === '~' ? '~' : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Writes a nested value as PHP's http_build_query does: true 1, false 0, null empty, empty lists vanish. */
export const writeForm = (value: { readonly [key: string]: Json }): string => {
  const pairs: string[] = [];
  const walk = (name: string, item: Json): void => {
    if (typeof item === 'object' && item !== null) {
      for (const [key, inner] of Object.entries(item)) walk(`${name}[${key}]`, inner as Json);
      return;
    }
    const text = item === null ? '' : item === true ? '1' : item === false ? '0' : String(item);
    pairs.push(`${encoded(name)}=${encoded(text)}`);
  };
  for (const [key, item] of Object.entries(value)) walk(key, item);
  return pairs.join('&');
};
