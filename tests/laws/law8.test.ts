/** L8, afresh (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccountId, type LocalPersonId } from '../../errors/ids.ts';
import { fieldNames, type FieldName } from '../../mappings/types.ts';
import { type AccountView } from '../../sync/core/account.ts';
import { helpers, normalField, normalPeople, normalText, principal } from '../../sync/core/raw.ts';
import { newReplica } from '../../sync/core/reconcile.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { projectField } from '../../sync/core/project.ts';
import { lensOf, lifecycleOf } from '../../sync/core/statusLens.ts';
import { aCase } from './case.ts';
import { live, rest, visit } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { crossedFiles, type Server, serverOf, type World } from './world.ts';

/** What an account shows of the item: fields that cross to it, in normal form, and the copies of messages. */
function shown(
  world: World,
  account: AccountId,
  ownStatusHere: boolean,
  holders: readonly (LocalPersonId | null)[],
): unknown {
  const { view, snapshot, comments } = serverOf(world, account);
  if (!snapshot) return null;
  const fields = fieldNames.flatMap((field: FieldName): (readonly [FieldName, unknown])[] => {
    // What crosses is asked as for a task that is still to be made: what stands there must not excuse itself.
    const alone = ['title', 'description', 'start', 'deadline'].includes(field);
    const projection = projectField(world.context, world.item, account, field, alone ? null : snapshot);
    if (projection.is !== 'wanted') return [];
    if (field === 'status') {
      if (ownStatusHere) return [];
      // Several local statuses may mean the same: which of them is the account's own choice.
      const lens = lensOf(world.context.mapping, account, snapshot);
      // A status that the mapping holds there is never written: an old copy may show it by its people's own doing.
      const status = world.item.fields.status?.value;
      const held = !lens || status === undefined || (lens.out[status] ?? 'hold') === 'hold';
      return held ? [] : [[field, lifecycleOf(lens, world.context.mapping.lifecycle, snapshot)]];
    }
    // Who in the account itself holds a task that was given to the organisation is its own choice too.
    const state = world.item.fields[field];
    const own =
      (field === 'assignee' || field === 'creator') && JSON.stringify(state?.value ?? null).includes(account);
    if (own) return [];
    // Whoever holds the task there is no helper: one may hold the old copy, another one the new.
    if (field === 'participants') return [[field, helpersBeside(view, snapshot, holders)]];
    return [[field, normalField(view, snapshot, field, principal(view, snapshot))]];
  });
  const replica = world.replicas.get(account);
  const copies = new Set(
    (replica?.comments ?? [])
      .filter(({ role, state }) => role === 'copy' && state === 'live')
      .flatMap(({ parts }) => parts.map(({ comment }) => comment)),
  );
  const surface = view.commentSurface(snapshot.world);
  // Copies that its people took off, and files that they hung on it, are their own choice.
  const chosenFiles = [...world.takenOff, ...world.hung]
    .filter((one) => one.account === account)
    .map(({ name }) => name);
  return {
    fields,
    files: snapshot.files
      .map(({ name }) => name)
      .filter((name) => !chosenFiles.includes(name))
      .sort(),
    comments: comments
      .filter(({ id }) => copies.has(id))
      .map(({ text }) => normalText(surface, text))
      .sort(),
  };
}

const helpersBeside = (
  view: AccountView,
  snapshot: Snapshot,
  holders: readonly (LocalPersonId | null)[],
): string =>
  normalPeople(helpers(view, snapshot, principal(view, snapshot)).filter((one) => !holders.includes(one)));

const holderIn = ({ view, snapshot }: Server): LocalPersonId | null => snapshot && principal(view, snapshot);

/** A status that the mapping holds or ignores: chosen by the account's people, or all that it made of a new task. */
function ownStatus(world: World, account: AccountId): boolean {
  const { snapshot } = serverOf(world, account);
  const { mapping } = world.context;
  const lens = snapshot && lensOf(mapping, account, snapshot);
  return !lens || lifecycleOf(lens, mapping.lifecycle, snapshot).is !== 'status';
}

test('L8: after any history an account shows what a new one would be shown', () => {
  const seen = shares();
  assertLaw(
    'L8',
    fc.property(aCase({ troubled: false, edits: 8 }), fc.nat(), (drawn, which) => {
      const generated = {
        ...drawn.generated,
        mapping: {
          ...drawn.generated.mapping,
          comments: { ...drawn.generated.mapping.comments, mirrorEdits: 'restore' as const },
        },
      };
      const one = { ...drawn, generated };
      const world = live(one);
      seen.count({
        ...features(one),
        'people beside the holder': (world.item.fields.participants?.value ?? []).length > 0,
        'files that cross': crossedFiles(world) > 0,
      });
      const mirrors = [...world.replicas.values()].filter(
        ({ account, state }) => account !== world.item.origin.account && state === 'live',
      );
      const mirror = mirrors[which % Math.max(mirrors.length, 1)];
      if (!mirror) return;
      const { account } = mirror;
      // Messages and files that began in the mirror belong to the task that goes.
      world.item = {
        ...world.item,
        messages: world.item.messages.filter((message) => message.origin.account !== account),
        files: world.item.files.filter((file) => file.account !== account),
      };
      const server = serverOf(world, account);
      // A mirror that a person deleted counts as gone once no list can lag behind it any more.
      world.now += 600_000;
      visit(world, account);
      rest(world);
      const chosenHere = ownStatus(world, account);
      const holderBefore = holderIn(server);
      const before = {
        ...world,
        servers: new Map([[account, { ...server }]]),
        replicas: new Map(world.replicas),
      };
      server.snapshot = null;
      server.comments = [];
      world.replicas.set(account, newReplica(world.item, account, world.now));
      rest(world);
      const own = chosenHere || ownStatus(world, account);
      const holders = [holderBefore, holderIn(server)];
      expect(shown(world, account, own, holders)).toEqual(shown(before, account, own, holders));
    }),
    200,
  );
  seen.hold('L8', {
    ...least,
    'concurrent edits of one field': 3,
    'server rewriting': 50,
    'people beside the holder': 4,
    'files that cross': 20,
  });
});
