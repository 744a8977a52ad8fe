/** L1, quiescence (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aCase } from './case.ts';
import { live, visit } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';

test('L1: when people stop editing there is soon nothing left to write, and stays nothing', () => {
  const seen = shares();
  assertLaw(
    'L1',
    fc.property(aCase({ troubled: true, edits: 10 }), (one) => {
      const world = live(one);
      const { writes } = world;
      for (let round = 0; round < 2; round += 1) {
        world.now += 3_600_000 * 3;
        for (const account of world.servers.keys())
          expect(visit(world, account).map(({ key }) => `${account} ${key}`)).toEqual([]);
      }
      expect(world.writes).toBe(writes);
      expect(world.needless).toBe(0);
      const refused = [...world.replicas.values()].some(({ blocked }) =>
        Object.keys(blocked).some((key) => key.startsWith('file')),
      );
      seen.count({ ...features(one), 'refused files': refused });
    }),
    300,
  );
  seen.hold('L1', { ...least, 'refused files': 5 });
});
