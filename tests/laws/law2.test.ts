/** L2, idempotence (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plan } from '../../sync/core/plan.ts';
import { aCase } from './case.ts';
import { edit } from './hands.ts';
import { follow, rest, visit } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { crossedFiles, marks, type World, worldOf } from './world.ts';

const plans = (world: World): string =>
  JSON.stringify(
    [...world.replicas].map(([account, replica]) => [
      account,
      plan(world.context, world.item, replica, marks, world.now).operations,
    ]),
  );

test('L2: planning twice gives the same, and what was carried out leaves nothing to plan', () => {
  const seen = shares();
  assertLaw(
    'L2',
    fc.property(aCase({ troubled: false, edits: 8 }), (one) => {
      const world = worldOf(one);
      rest(world);
      for (const step of one.edits) {
        edit(world, step);
        follow(world, step);
        expect(plans(world)).toBe(plans(world));
        const keys = [...world.replicas.values()].map((replica) =>
          plan(world.context, world.item, replica, marks, world.now).operations.map(({ key }) => key),
        );
        for (const some of keys) expect(new Set(some).size).toBe(some.length);
      }
      rest(world);
      seen.count({ ...features(one), 'files that cross': crossedFiles(world) > 0 });
      const { writes } = world;
      for (const account of world.servers.keys()) expect(visit(world, account)).toEqual([]);
      expect(world.writes).toBe(writes);
      for (const server of world.servers.values()) {
        const marked = server.comments.filter(({ mark }) => mark !== null).map(({ mark }) => mark);
        expect(new Set(marked).size).toBe(marked.length);
        const copies = server.comments.filter(
          ({ author, mark }) => mark === null && author === server.view.actor,
        );
        expect(new Set(copies.map(({ text }) => text)).size).toBe(copies.length);
        const known =
          world.replicas.get(server.account)?.comments.filter(({ role }) => role === 'copy') ?? [];
        expect(new Set(known.map(({ message }) => message)).size).toBe(known.length);
        // A file is sent once, to the task and to each comment that carries it.
        for (const { files } of [server.snapshot ?? { files: [] }, ...server.comments])
          expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
        // One author line at most: a copy that is carried on carries its words once.
        for (const { text } of server.comments)
          expect(text.split(/Сказано|Исправлено/u).length).toBeLessThanOrEqual(2);
      }
    }),
    250,
  );
  seen.hold('L2', {
    ...least,
    'concurrent edits of one field': 3,
    'server rewriting': 50,
    'files that cross': 20,
  });
});
