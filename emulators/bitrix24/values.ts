/** Reading loosely typed parameters the way PHP does, and refusing calls. */
import { type Json } from '../common/types.ts';

export interface Params {
  readonly [key: string]: Json;
}

/** A call that the portal refuses: HTTP status, error code and text of section 2.2 of the reference. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly validation: readonly { field: string; message: string }[] | undefined;

  constructor(
    status: number,
    code: string,
    description: string,
    validation?: readonly { field: string; message: string }[],
  ) {
    super(description);
    this.status = status;
    this.code = code;
    this.validation = validation;
  }
}

/** Throws a Refusal. */
export const refuse = (status: number, code: string, description: string): never => {
  throw new Refusal(status, code, description);
};

export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** An integer from a number or a numeric text; undefined for everything else. */
export const asInt = (value: Json | undefined): number | undefined => {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  if (typeof value === 'string' && /^\s*-?\d{1,15}\s*$/.test(value)) return Number(value);
  return undefined;
};

/** Text of a scalar, '' for null and absent. */
export const asText = (value: Json | undefined): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value === true) return '1';
  return '';
};

/** Values of a list or of a PHP map, a scalar as a list of one; empty for null, '' and absent. */
export const asList = (value: Json | undefined): readonly Json[] => {
  if (value === undefined || value === null || value === '' || value === false) return [];
  if (isList(value)) return value;
  if (isRecord(value)) return Object.values(value);
  return [value];
};

/** A map; a PHP list becomes a map by index, everything else an empty map. */
export const asRecord = (value: Json | undefined): { readonly [key: string]: Json } => {
  if (isRecord(value)) return value;
  if (isList(value)) return Object.fromEntries(value.map((item, index) => [String(index), item]));
  return {};
};

/** Whole numbers of a list, each once, zero and less left out. */
export const asIds = (value: Json | undefined): number[] => [
  ...new Set(
    asList(value)
      .map(asInt)
      .filter((id): id is number => id !== undefined && id > 0),
  ),
];

/** Y, 1, true and their like. */
export const isYes = (value: Json | undefined): boolean =>
  value === true || value === 1 || value === '1' || value === 'Y' || value === 'y' || value === 'true';

export const yn = (value: boolean): 'Y' | 'N' => (value ? 'Y' : 'N');

/** PHP serialises an empty map as an empty list. */
export const phpMap = (map: { readonly [key: string]: Json }): Json =>
  Object.keys(map).length === 0 ? [] : map;

/** A value by its name whatever the letter case of the name. */
export const pick = (params: Params, ...names: readonly string[]): Json | undefined => {
  for (const name of names) {
    if (params[name] !== undefined) return params[name];
  }
  const wanted = names.map((name) => name.toLowerCase());
  for (const key of Object.keys(params)) {
    if (wanted.includes(key.toLowerCase())) return params[key];
  }
  return undefined;
};

/** UPPER_SNAKE to lowerCamel: `UF_CRM_TASK` to `ufCrmTask`. */
export const camel = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
