/** Reading the small parts of a world: people, references, times, bytes, fields. */
import { type Instant, type Json } from '../common/types.ts';
import { DAY, readMoment } from './moments.ts';
import { noPeople, personId } from './persons.ts';
import { type CustomField, type Moment, type People } from './state.ts';
import { type CustomFieldForm, type PeopleForm, type PersonForm, type ReferenceForm } from './worldForm.ts';

/** Times of a world are UTC, whatever zone its account has. */
export const ZONE = 'UTC';

export function refOf(value: ReferenceForm | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : value.id;
}

export function personOf(
  value: PersonForm | undefined,
  bare: 'user' | 'contact' = 'user',
): string | undefined {
  if (value === undefined) return undefined;
  return personId(typeof value === 'object' ? value.id : value, bare);
}

export function peopleOf(form: PeopleForm | readonly PersonForm[] | undefined): People {
  if (form === undefined) return noPeople();
  if (Array.isArray(form)) return { users: form.flatMap((one) => personOf(one) ?? []), groups: [] };
  const { users = [], groups = [] } = form as PeopleForm;
  return {
    users: users.flatMap((one) => personOf(one) ?? []),
    groups: groups.flatMap((one) => refOf(one) ?? []),
  };
}

export function instantOf(value: Json | undefined): Instant | undefined {
  return readMoment(value, ZONE)?.at;
}

/** A planned date of a world, with its has… flags. */
export function plannedOf(value: Json | undefined, hasDate = true, hasTime = true): Moment | undefined {
  const moment = hasDate ? readMoment(value, ZONE) : undefined;
  if (moment === undefined || hasTime) return moment;
  return { at: Math.floor(moment.at / DAY) * DAY, hasTime: false };
}

export function bytesOf(form: {
  base64?: string | undefined;
  text?: string | undefined;
}): Uint8Array | undefined {
  if (form.base64 !== undefined) return new Uint8Array(Buffer.from(form.base64, 'base64'));
  return form.text === undefined ? undefined : new TextEncoder().encode(form.text);
}

/** `45s`, `1m`, `2h`, or milliseconds. */
export function durationOf(value: string | number | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(value);
  if (match === null) throw new TypeError(`Planfix emulator: a scenario's delay can't be read: ${value}`);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY }[match[2] ?? 'ms'] ?? 1;
  return Number(match[1]) * unit;
}

export function without(
  form: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, Json> {
  const rest: Record<string, Json> = {};
  for (const [key, value] of Object.entries(form)) {
    if (value !== undefined && !keys.includes(key)) rest[key] = value as Json;
  }
  return rest;
}

export function byId<Value extends { id: number }>(values: readonly Value[]): Map<number, Value> {
  return new Map([...values].sort((a, b) => a.id - b.id).map((value) => [value.id, value]));
}

export function fieldOf(form: CustomFieldForm, objectType: number): CustomField {
  return {
    id: form.id,
    name: form.name,
    type: form.type,
    objectType: form.objectType ?? objectType,
    enumValues: form.enumValues,
    directoryId: form.directoryId,
    more: without(form, ['id', 'name', 'type', 'objectType', 'enumValues', 'directoryId']),
  };
}
