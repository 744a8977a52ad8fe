/** L4, no invention, no loss (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FieldName } from '../../mappings/types.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { reaches } from '../../sync/core/messages.ts';
import { aCase } from './case.ts';
import { edit } from './hands.ts';
import { follow, rest } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { worldOf } from './world.ts';

const told = ['title', 'start', 'deadline'] as const;

const minute = (at: number): number => Math.floor(at / 60_000);

const plain = (field: FieldName, value: unknown): unknown => {
  if (field === 'title') return value;
  const at = typeof value === 'number' ? value : (value as DateValue | null | undefined)?.at;
  // Minutes are the finest that an account keeps.
  return at === undefined ? undefined : minute(at);
};

/** The paragraphs that people of the world typed into a description, wherever they stand in a value. */
const wordsIn = (value: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(value ?? null).match(/Слова \d+/gu) ?? []);

test('L4: every value in force was typed by somebody, and every typed one is in force, overwritten knowingly, or kept as a conflict', () => {
  const seen = shares();
  assertLaw(
    'L4',
    fc.property(aCase({ troubled: false, edits: 10 }), fc.nat({ max: 5 }), (drawn, race) => {
      const one = { ...drawn, ways: drawn.ways.map((way) => ({ ...way, titleMax: 255 })) };
      const world = worldOf(one);
      rest(world);
      let races = 0;
      world.between = (server) => {
        // In some cases a person types between the reading and the write.
        if (race > 1 || races > 2) return;
        races += 1;
        const who = [...world.servers.keys()].indexOf(server.account);
        edit(world, { who, what: race === 0 ? 'title' : 'deadline', draw: 0, then: 'none' }, true);
      };
      for (const step of one.edits) {
        edit(world, step);
        follow(world, step);
      }
      const { typed } = world;
      // A copy that a person took away counts as gone once no list can lag behind it any more.
      world.now += 600_000;
      rest(world);
      const { item } = world;
      seen.count({
        ...features(one),
        'edits between reading and write': races > 0,
        'comments that cross': item.messages.some((message) =>
          [...world.servers.keys()].some((account) => reaches(world.context, message, account)),
        ),
      });
      for (const field of told) {
        const values = typed
          .filter((entry) => entry.field === field)
          .map((entry) => ({
            ...entry,
            value: plain(field, entry.value),
            over: plain(field, entry.over),
          }));
        const state = item.fields[field];
        const inForce = plain(field, state?.value);
        if (state) expect(values.map(({ value }) => value)).toContain(inForce);
        const kept = new Set(
          item.conflicts
            .filter((conflict) => conflict.field === field)
            .flatMap(({ lost, won }) => [plain(field, lost.value), plain(field, won.value)]),
        );
        const overwritten = new Set(values.map(({ over }) => over));
        // Whom the task names no longer is not listened to; what was typed there waits for being named again.
        const listened = values.filter(({ account }) => world.replicas.get(account)?.state !== 'parted');
        const lost = listened.filter(
          ({ value, inWindow }) =>
            !inWindow && value !== inForce && !kept.has(value) && !overwritten.has(value),
        );
        expect(lost).toEqual([]);
      }
      // A description is written by paragraphs: nobody here takes one away, so each stands or is kept as a conflict.
      const paragraphs = typed.filter(({ field }) => field === 'description');
      const standing = wordsIn(item.fields.description?.value);
      const kept = wordsIn(item.conflicts.filter(({ field }) => field === 'description'));
      for (const words of standing) expect(paragraphs.map(({ value }) => value)).toContain(words);
      for (const { account, value } of paragraphs)
        if (world.replicas.get(account)?.state !== 'parted' && !standing.has(String(value)))
          expect(kept).toContain(value);
      // What was said is one message, and stands once wherever it may be read, unless a person there took it away.
      for (const server of world.servers.values()) {
        const replica = world.replicas.get(server.account);
        if (replica?.state !== 'live') continue;
        const said = server.comments.flatMap(({ text }) => text.match(/Сказано \d+/gu) ?? []);
        expect(said).toEqual([...new Set(said)]);
        const known = new Map(replica.comments.map((comment) => [comment.message, comment]));
        const here = new Set(server.comments.map(({ id }) => id));
        const heard = new Set(replica.comments.flatMap(({ parts }) => parts.map(({ comment }) => comment)));
        expect([...here].filter((id) => !heard.has(id) && !replica.twins.includes(id))).toEqual([]);
        for (const message of item.messages) {
          if (message.state !== 'live' || !reaches(world.context, message, server.account)) continue;
          const copy = known.get(message.id);
          expect(copy).toBeDefined();
          if (copy?.state === 'live') expect(here).toContain(copy.parts[0]?.comment);
        }
      }
    }),
    250,
  );
  seen.hold('L4', { ...least, 'edits between reading and write': 10, 'comments that cross': 12 });
});
