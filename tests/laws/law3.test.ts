/** L3, round trip through the server (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertLaw, features, least, shares } from './shares.ts';
import { aCase, edit, rest, visit, worldOf } from './world.ts';

/** Only the origin's people type, so that every change found elsewhere is the server's own doing. */
test('L3: what the server makes of a write of ours is no change of anybody', () => {
  const seen = shares();
  assertLaw(
    'L3',
    fc.property(aCase({ troubled: true, edits: 6 }), (one) => {
      seen.count(features(one));
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
              entry.fact.kind === 'message.edited'),
        );
        expect(strangers).toEqual([]);
      }
      for (const [field, state] of Object.entries(world.item.fields))
        expect({ field, by: state.by }).toEqual({ field, by: account });
      expect(world.item.messages.map((message) => message.origin.account)).toEqual(
        world.item.messages.map(() => account),
      );
    }),
    250,
  );
  seen.hold('L3', { ...least, 'concurrent edits of one field': 0 });
});
