/** The hash chain of a space's journal: pure but for SHA-256. */
import { createHash } from 'node:crypto';
import { type SpaceId } from '../errors/ids.ts';
import { type JournalEntry, type JournalRow } from './port.ts';

export const firstPrev = '0'.repeat(64);

/** Canonical JSON as RFC 8785 says: keys sorted by UTF-16 code units, no white space, undefined left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const parts = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`);
    return `{${parts.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number');
  return JSON.stringify(value ?? null);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Salted, so that a short body can not be guessed from the chain after it was erased. */
export const contentHash = (salt: string, body: string): string => sha256(`${salt}\n${body}`);

export const rowHash = (row: Omit<JournalRow, 'hash'>): string => sha256(canonicalJson(row));

export interface Chained {
  readonly row: JournalRow;
  readonly salt: string;
  readonly body: string;
}

/** A database keeps neither NUL nor half a character: what is hashed is what can be read back. */
const keepable = (text: string): string =>
  text.replaceAll('\u0000', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');

/** Appends entries to a chain that ends with `head`. */
export function chain(
  space: SpaceId,
  head: { readonly seq: number; readonly hash: string },
  entries: readonly JournalEntry[],
  makeSalt: () => string,
): Chained[] {
  let { seq, hash: prev } = head;
  return entries.map(({ body: given, ...entry }) => {
    const body = keepable(given);
    const salt = makeSalt();
    seq += 1;
    const rest = {
      space,
      seq,
      ...entry,
      actor: keepable(entry.actor),
      content: contentHash(salt, body),
      prev,
    };
    const row: JournalRow = { ...rest, hash: rowHash(rest) };
    prev = row.hash;
    return { row, salt, body };
  });
}

/** The first row that does not follow from the one before it, and why; null = the chain holds. */
export function brokenAt(rows: readonly JournalRow[]): { readonly seq: number; readonly why: string } | null {
  let prev: JournalRow | null = null;
  for (const row of rows) {
    const { hash, ...rest } = row;
    if (rowHash(rest) !== hash) return { seq: row.seq, why: 'the row was changed after it was written' };
    if (prev && row.prev !== prev.hash)
      return { seq: row.seq, why: 'the row before it was changed or taken out' };
    if (prev && row.seq !== prev.seq + 1) return { seq: row.seq, why: 'rows are missing' };
    if (!prev && row.seq === 1 && row.prev !== firstPrev)
      return { seq: 1, why: 'the chain does not begin at its beginning' };
    prev = row;
  }
  return null;
}
