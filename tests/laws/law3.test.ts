/** L3, round trip through the server (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aCase } from './case.ts';
import { edit } from './hands.ts';
import { rest, visit } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { crossedFiles, worldOf } from './world.ts';

/** Only the origin's people type, so that every change found elsewhere is the server's own doing. */
test('L3: what the server makes of a write of ours is no change of anybody', () => {
  const seen = shares();
  assertLaw(
    'L3',
    fc.property(aCase({ troubled: true, edits: 6 }), (one) => {
      const world = worldOf(one);
      const { account } = world.item.origin;
      const origin = [...world.servers.keys()].indexOf(account);
      rest(world);
      for (const step of one.edits) {
        edit(world, { ...step, who: origin });
        rest(world);
        for (const other of world.servers.keys()) visit(world, other);
        const strangers = world.facts.filter(
          (entry) =>
            entry.account !== account &&
            (entry.fact.kind === 'field' ||
              entry.fact.kind === 'message.added' ||
              entry.fact.kind === 'message.edited' ||
              entry.fact.kind === 'file.added' ||
              entry.fact.kind === 'file.removed'),
        );
        expect(strangers).toEqual([]);
      }
      for (const [field, state] of Object.entries(world.item.fields))
        expect({ field, by: state.by }).toEqual({ field, by: account });
      expect(world.item.messages.map((message) => message.origin.account)).toEqual(
        world.item.messages.map(() => account),
      );
      expect(world.item.files.filter((file) => file.account !== account)).toEqual([]);
      seen.count({ ...features(one), 'files that cross': crossedFiles(world) > 0 });
    }),
    250,
  );
  seen.hold('L3', { ...least, 'concurrent edits of one field': 0, 'files that cross': 20 });
});
