import { readInstant } from './clock.ts';
import { type Instant, type Json } from './types.ts';

/** A world to start an account with, and the time it starts at when it is not the world's own `now`. */
export interface Seed {
  readonly world: Json;
  readonly at?: Instant;
}

/**
 * Reads what may be given as a seed: the content of a contracts' world.json (`{world: …}`), our own dump
 * (`{now, world: …}`) or a bare world. Throws TypeError.
 */
export function readSeed(value: Json): Seed {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('seed: a JSON object is wanted, the content of a world.json or of a dump');
  const { world, now } = value as Readonly<Record<string, Json>>;
  if (world === undefined) return { world: value };
  return { world, ...(now === undefined ? {} : { at: readInstant(now) }) };
}
