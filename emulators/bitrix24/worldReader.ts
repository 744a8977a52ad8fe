/** Reading worlds: loose JSON with readable errors. */
import { type Instant, type Json } from '../common/types.ts';
import { asInt, asList, isRecord } from './values.ts';

export interface Row {
  readonly [key: string]: Json;
}

/** A map at a place of the world. @throws TypeError that names the place */
export const rowAt = (value: Json | undefined, place: string): Row => {
  if (isRecord(value)) return value;
  throw new TypeError(`The world is not readable: ${place} must be an object.`);
};

/** A list of maps; absent = empty. @throws TypeError that names the place */
export const rowsAt = (value: Json | undefined, place: string): Row[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`The world is not readable: ${place} must be a list.`);
  return (value as readonly Json[]).map((item, index) => rowAt(item, `${place}/${index}`));
};

/** A whole number that must be there. @throws TypeError that names the place */
export const idAt = (row: Row, key: string, place: string): number => {
  const id = asInt(row[key]);
  if (id === undefined)
    throw new TypeError(`The world is not readable: ${place}/${key} must be a whole number.`);
  return id;
};

export const intAt = (row: Row, key: string, fallback: number): number => asInt(row[key]) ?? fallback;

export const maybeInt = (row: Row, key: string): number | null => asInt(row[key]) ?? null;

export const textAt = (row: Row, key: string, fallback = ''): string => {
  const value = row[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : fallback;
};

export const maybeText = (row: Row, key: string): string | null => {
  const value = row[key];
  return typeof value === 'string' ? value : null;
};

export const flagAt = (row: Row, key: string, fallback: boolean): boolean => {
  const value = row[key];
  return typeof value === 'boolean' ? value : fallback;
};

export const idsAt = (row: Row, key: string): number[] =>
  asList(row[key])
    .map(asInt)
    .filter((id): id is number => id !== undefined);

export const textsAt = (row: Row, key: string): string[] =>
  asList(row[key]).filter((item): item is string => typeof item === 'string');

/** A moment from ISO text; null when it is absent. @throws TypeError for a text that is no date */
export const momentAt = (row: Row, key: string): Instant | null => {
  const value = row[key];
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return null;
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new TypeError(`The world is not readable: ${key} ${value} is no date.`);
  return at;
};

/** Bytes given as base64 or as text; null when there are none. */
export const bytesAt = (row: Row): Uint8Array | null => {
  if (typeof row['base64'] === 'string') return new Uint8Array(Buffer.from(row['base64'], 'base64'));
  if (typeof row['text'] === 'string') return new Uint8Array(Buffer.from(row['text'], 'utf8'));
  return null;
};
