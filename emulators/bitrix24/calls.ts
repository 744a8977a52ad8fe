/** Call forms (section 1 of the reference): what a request to a REST address asks for. */
import { type EmulatorRequest, type Json } from '../common/types.ts';
import { type Method } from './call.ts';
import { parseForm, parseMultipart, type Part } from './forms.ts';
import { methodNamed } from './methods.ts';
import { asRecord, asText, isRecord, type Params } from './values.ts';

export interface Target {
  /** Path with repeated slashes collapsed, percent-encoding resolved. */
  readonly path: string;
  readonly query: string;
}

/** A command of a batch before its parameters are read. */
export interface Command {
  readonly key: string;
  readonly name: string;
  readonly query: string;
}

export interface RestRequest {
  readonly version: 2 | 3;
  readonly hook: { readonly user: string; readonly secret: string } | null;
  readonly name: string;
  readonly method: Method | undefined;
  readonly params: Params;
  readonly parts: readonly Part[];
  /** Parsed JSON body of a v3 call, absent when the body is no JSON. */
  readonly json?: Json;
  readonly auth: string;
  /** The answer is wanted in XML: the method was called with `.xml`. */
  readonly xml: boolean;
}

/** Splits a request line's target. */
export const targetOf = (target: string): Target => {
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  let path = raw;
  if (raw.includes('%')) {
    try {
      path = decodeURIComponent(raw);
    } catch (problem) {
      if (!(problem instanceof URIError)) throw problem;
    }
  }
  return { path: path.replace(/\/{2,}/g, '/'), query: mark < 0 ? '' : target.slice(mark + 1) };
};

const known = new WeakMap<EmulatorRequest, RestRequest>();

/** Reads a request to `/rest/…`. The same request object is read once. */
export const restRequest = (request: EmulatorRequest): RestRequest => {
  const before = known.get(request);
  if (before !== undefined) return before;
  const read = readRequest(request);
  known.set(request, read);
  return read;
};

const readRequest = (request: EmulatorRequest): RestRequest => {
  const { path, query } = targetOf(request.target);
  const segments = path.replace(/\/$/, '').split('/').slice(2);
  const version = segments[0] === 'api' ? 3 : 2;
  if (version === 3) segments.shift();
  const called = segments.pop() ?? '';
  const last = called.replace(/\.(json|xml)$/i, '');
  const [user, secret] = segments;
  const hook =
    segments.length === 2 && user !== undefined && secret !== undefined && /^\d+$/.test(user)
      ? { user, secret }
      : null;
  // A webhook address without its user id reads as one long unknown method.
  const name = hook === null && segments.length > 0 ? [...segments, last].join('/') : last;
  const method = methodNamed(name, version);
  const xml = version === 2 && /\.xml$/i.test(called);
  const base = { version, hook, name: method?.name ?? name, method, xml } as const;
  const type = request.headers['content-type'] ?? '';
  if (version === 3) {
    const json = jsonOf(request.body);
    const params = isRecord(json) ? json : {};
    const rest = { ...base, params, parts: [], auth: asText(params['auth']) };
    return json === undefined ? rest : { ...rest, json };
  }
  const fromQuery = query === '' ? {} : parseForm(query);
  let fromBody: Params = {};
  let parts: readonly Part[] = [];
  if (/^multipart\/form-data/i.test(type)) {
    const form = parseMultipart(type, request.body);
    fromBody = form.params;
    parts = form.parts;
  } else if (request.body.length > 0) {
    if (/json/i.test(type)) {
      // A JSON array is what PHP reads as a map by index: positional parameters without names.
      fromBody = asRecord(jsonOf(request.body));
    } else fromBody = parseForm(textOf(request.body));
  }
  const params = { ...fromQuery, ...fromBody };
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  return { ...base, params, parts, auth: asText(params['auth']) || (bearer ?? '') };
};

const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');

/** The JSON of a body; an empty body is an empty map, a broken one undefined. */
const jsonOf = (body: Uint8Array): Json | undefined => {
  if (body.length === 0) return {};
  try {
    return JSON.parse(textOf(body)) as Json;
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
    return undefined;
  }
};

/** Commands of a v2 batch in order. */
export const commandsOf = (cmd: Json | undefined): Command[] => {
  if (typeof cmd !== 'object' || cmd === null) return [];
  return Object.entries(cmd).map(([key, value]): Command => {
    const text = asText(value as Json);
    const mark = text.indexOf('?');
    return mark < 0
      ? { key, name: text.trim(), query: '' }
      : { key, name: text.slice(0, mark).trim(), query: text.slice(mark + 1) };
  });
};

/** Parameters of a positional method by name: the n-th value that came is the n-th parameter. */
export const byPosition = (params: Params, names: readonly string[]): Params => {
  const values = Object.entries(params)
    .filter(([key]) => key !== 'auth')
    .map(([, value]) => value);
  return Object.fromEntries(
    names.slice(0, values.length).map((name, index): [string, Json] => [name, values[index] ?? null]),
  );
};
