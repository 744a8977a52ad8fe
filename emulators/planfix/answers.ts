/** Envelopes, refusals, and the reading of bodies, fields and pages (sections 3 and 5). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { type Settings } from './settings.ts';

export type JsonObject = { readonly [key: string]: Json };

/** A request that Planfix refuses: HTTP status, business code, text. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly extra: JsonObject;

  constructor(status: number, code: number, message: string, extra: JsonObject = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

const JSON_HEADERS = { 'content-type': 'application/json;charset=utf-8' } as const;
const EMPTY = new Uint8Array(0);

/** A JSON answer. */
export function json(status: number, body: Json): EmulatorResponse {
  return { status, headers: { ...JSON_HEADERS }, body: Buffer.from(JSON.stringify(body)) };
}

/** `{"result":"success", …}`. */
export function success(payload: JsonObject = {}, status = 200): EmulatorResponse {
  return json(status, { result: 'success', ...payload });
}

/** An answer without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): EmulatorResponse {
  return { status, headers: { ...headers }, body: EMPTY };
}

/** The answer to a refused request. */
export function refused(refusal: Refusal): EmulatorResponse {
  // The document shows the misspelt word "file" in refusals of file methods; clients must live with it.
  const { result = 'fail', ...extra } = refusal.extra;
  return json(refusal.status, { result, code: refusal.code, error: refusal.message, ...extra });
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements of a JSON list, or none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON object in a body; an empty body is `{}`. @throws Refusal code 30. */
export function readBody(body: Uint8Array, badStatus: number): JsonObject {
  if (body.length === 0) return {};
  let value: Json;
  try {
    value = JSON.parse(decoder.decode(body)) as Json;
  } catch {
    throw new Refusal(badStatus, 30, 'Rest API error');
  }
  if (!isObject(value)) throw new Refusal(badStatus, 30, 'Rest API error');
  return value;
}

/** Refuses a body with keys that the method doesn't know. @throws Refusal code 0. */
export function onlyKeys(body: JsonObject, known: ReadonlySet<string>, settings: Settings): void {
  if (settings['errors.unknownWriteKeys'] === 'ignore') return;
  for (const key of Object.keys(body)) if (!known.has(key)) throw new Refusal(400, 0, 'Rest API error');
}

/** The names in a `fields` string, or the given default. Always with the identifying key first. */
export function fieldNames(
  fields: Json | undefined,
  fallback: readonly string[],
  key = 'id',
): readonly string[] {
  if (typeof fields !== 'string' || fields.trim() === '') return fallback;
  const names = fields.split(',').map((name) => name.trim());
  return names.includes(key) ? names : [key, ...names];
}

/**
 * Offset and page size of a list request. Null and an empty text are like absent: a public client (epoch8/tap-planfix) asks for its first
 * page with `"offset":null`. @throws Refusal code 41.
 */
export function pageOf(body: JsonObject, settings: Settings): { offset: number; size: number } {
  const given = (key: string, otherwise: number): number | undefined =>
    body[key] === undefined || body[key] === null || body[key] === '' ? otherwise : toInteger(body[key]);
  const offset = given('offset', 0);
  const size = given('pageSize', 100);
  if (offset === undefined || offset < 0) throw new Refusal(400, 41, 'Bad value of parameter offset');
  if (size === undefined || size < 1) throw new Refusal(400, 41, 'Bad value of parameter pageSize');
  if (size <= 100) return { offset, size };
  if (settings['errors.pageSizeOver100'] === 'clamp') return { offset, size: 100 };
  throw new Refusal(400, 41, 'Bad value of parameter pageSize');
}

/** One page of rows. */
export function pageRows<Row>(rows: readonly Row[], body: JsonObject, settings: Settings): readonly Row[] {
  const { offset, size } = pageOf(body, settings);
  return rows.slice(offset, offset + size);
}

/** An integer given as number or text, or undefined. */
export function toInteger(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  if (typeof value === 'string' && /^-?\d+$/.test(value.trim())) return Number(value);
  return undefined;
}

/** The `id` of a reference object, or the bare value. */
export function refId(value: Json | undefined): Json | undefined {
  return isObject(value) ? value['id'] : value;
}

/** The named keys of a record that have a value. */
export function pick(
  record: Readonly<Record<string, Json | undefined>>,
  names: readonly string[],
): JsonObject {
  const picked: Record<string, Json> = {};
  for (const name of names) {
    const value = record[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
