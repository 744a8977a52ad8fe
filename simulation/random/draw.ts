/** Chance with a name for each way of drawing: everything that a seed decides comes from one of these. */
import { seededRandom } from '../../runtime/simulated.ts';

export interface Draw {
  /** A whole number from 0 up to `below`, which is never drawn. */
  below(below: number): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  /** Throws for an empty list. */
  one<Value>(of: readonly Value[]): Value;
  /** Each with its weight. Throws when none has any. */
  weighted<Value>(of: readonly (readonly [weight: number, value: Value])[]): Value;
}

/** The same seed draws the same. */
export function drawFrom(seed: number): Draw {
  const random = seededRandom(seed);
  // The first numbers of neighbouring seeds resemble each other.
  for (let warm = 0; warm < 8; warm += 1) random();
  const below = (limit: number): number => Math.floor(random() * limit);
  const picked = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('nothing to draw from');
    return value;
  };
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => random() < probability,
    one: (of) => picked(of[below(of.length)]),
    weighted(of) {
      let left = random() * of.reduce((sum, [weight]) => sum + weight, 0);
      const found = of.find(([weight]) => (left -= weight) < 0);
      return picked(found?.[1]);
    },
  };
}
