/** L4, no invention, no loss (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccountId } from '../../errors/ids.ts';
import { member, sees } from '../../sync/core/context.ts';
import { type DateValue, type FieldValues, type Party } from '../../sync/core/item.ts';
import { reaches } from '../../sync/core/audience.ts';
import { appearance, liftPerson } from '../../sync/core/people.ts';
import { aCase } from './case.ts';
import { edit } from './hands.ts';
import { follow, rest } from './rounds.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { crossedFiles, type Turnout, type World, worldOf } from './world.ts';

const told = ['title', 'status', 'assignee', 'start', 'deadline'] as const;
type Told = (typeof told)[number];

/** Minutes are the finest that an account keeps of a date. */
const minute = (at: number | undefined): number | undefined =>
  at === undefined ? undefined : Math.floor(at / 60_000);

/** What people typed and what the item holds, made comparable. */
const plainTyped = (field: Told, value: unknown): unknown =>
  typeof value === 'number' && (field === 'start' || field === 'deadline') ? minute(value) : value;

function plainHeld(field: Told, value: FieldValues[Told] | undefined): unknown {
  if (value === undefined || field === 'title') return value;
  return field === 'status' || field === 'assignee'
    ? JSON.stringify(value)
    : minute((value as DateValue | null)?.at);
}

/** Whom the task names no longer is not listened to; what was done there waits for being named again. */
const listenedTo = (world: World, account: AccountId): boolean =>
  world.replicas.get(account)?.state !== 'parted';

/** Whether two values look the same to people of an account: who of another organisation holds a task is its own business. */
function looksAlike(world: World, field: Told, account: AccountId, over: unknown, value: unknown): boolean {
  if (field !== 'assignee' || over === undefined || value === undefined) return over === value;
  const look = (party: unknown): unknown => {
    const how = appearance(world.context, account, JSON.parse(String(party)) as Party);
    if (how.is === 'person') return how.person;
    const { hub } = world.context.mapping;
    return how.is === 'hidden' ? member(world.context, account).standIns[hub] : how.is;
  };
  return look(over) === look(value);
}

function expectValues(world: World, field: Told): void {
  const { item } = world;
  const values = world.typed
    .filter((entry) => entry.field === field)
    .map((entry) => ({
      ...entry,
      value: plainTyped(field, entry.value),
      over: plainTyped(field, entry.over),
    }));
  const state = item.fields[field];
  const inForce = plainHeld(field, state?.value);
  if (state) expect(values.map(({ value }) => value)).toContain(inForce);
  const kept = new Set(
    item.conflicts
      .filter((conflict) => conflict.field === field)
      .flatMap(({ lost, won }) =>
        [lost, won].map(({ value }) => plainHeld(field, value as FieldValues[Told])),
      ),
  );
  const lost = values.filter(
    ({ account, value, over, inWindow, takenBack }, index) =>
      value !== undefined &&
      // To the minute it is what stood there already: nothing was changed.
      value !== over &&
      listenedTo(world, account) &&
      !inWindow &&
      !takenBack &&
      value !== inForce &&
      !kept.has(value) &&
      // Who was faster does not matter where both look the same.
      !values
        .slice(field === 'assignee' ? 0 : index + 1)
        .some((later) => looksAlike(world, field, later.account, later.over, value)),
  );
  expect({ field, lost }).toEqual({ field, lost: [] });
}

/** Sets of people are edited person by person: who was put to the task is there, who was taken off it is not. */
function expectPeople(world: World, field: Turnout['field']): void {
  const { context, item } = world;
  const state = item.fields[field];
  const turnouts = world.turnouts.filter((one) => one.field === field);
  const key = (party: Party): string => JSON.stringify(party);
  const partyOf = ({ account, person }: Turnout): Party | null => liftPerson(context, account, person);
  const added = turnouts.filter(({ is }) => is === 'added');
  const names = new Set(added.map((one) => key(partyOf(one) as Party)));
  const present = new Set((state?.value ?? []).map(key));
  for (const one of present) expect(names).toContain(one);
  for (const name of names) {
    const party = JSON.parse(name) as Party;
    const about = turnouts.filter((one) => {
      if (one.is === 'added') return key(partyOf(one) as Party) === name;
      const how = appearance(context, one.account, party);
      return how.is === 'person' && how.as !== 'facade' && how.person === one.person;
    });
    const last = about.at(-1);
    if (!last || !listenedTo(world, last.account)) continue;
    // What was done at once by two hands may end either way.
    if (about.some(({ is, rests }) => is !== last.is && rests >= last.rests)) continue;
    expect({ field, name, present: present.has(name) }).toEqual({
      field,
      name,
      present: last.is === 'added',
    });
  }
}

/** A file that hangs on a task hangs once wherever its organisation may be seen, until a person there takes it off. */
function expectFiles(world: World): void {
  const { context, item } = world;
  const takenOff = (account: AccountId, name: string): boolean =>
    world.takenOff.some((one) => one.account === account && one.name === name);
  for (const file of item.files)
    expect(world.hung).toContainEqual({ account: file.account, name: file.name });
  for (const { account: home, name } of world.hung) {
    if (!context.mapping.files.share || !listenedTo(world, home)) continue;
    const gone = takenOff(home, name);
    if (!gone) expect(item.files.filter((file) => file.name === name)).toMatchObject([{ state: 'live' }]);
    for (const server of world.servers.values()) {
      if (server.account === home || world.replicas.get(server.account)?.state !== 'live') continue;
      const standing = (server.snapshot?.files ?? []).filter((file) => file.name === name).length;
      const wanted = gone || !sees(context, server.account, home) || takenOff(server.account, name) ? 0 : 1;
      expect({ in: server.account, name, standing }).toEqual({ in: server.account, name, standing: wanted });
    }
  }
}

/** The paragraphs that people of the world typed into a description, wherever they stand in a value. */
const wordsIn = (value: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(value ?? null).match(/Слова \d+/gu) ?? []);

/** A description is written by paragraphs: nobody here takes one away, so each stands or is kept as a conflict. */
function expectParagraphs(world: World): void {
  const { item } = world;
  const paragraphs = world.typed.filter(({ field }) => field === 'description');
  const standing = wordsIn(item.fields.description?.value);
  const kept = wordsIn(item.conflicts.filter(({ field }) => field === 'description'));
  for (const words of standing) expect(paragraphs.map(({ value }) => value)).toContain(words);
  for (const { account, value } of paragraphs)
    if (listenedTo(world, account) && !standing.has(String(value))) expect(kept).toContain(value);
}

/** An answer repeats what it answers in a quote, and says it no second time. */
const withoutQuotes = (text: string): string =>
  text.replace(/<blockquote>[\s\S]*?<\/blockquote>|\[QUOTE\][\s\S]*?\[\/QUOTE\]|^>>.*$/gmu, '');

/** What was said is one message, and stands once wherever it may be read, unless a person there took it away. */
function expectMessages(world: World): void {
  const { context, item } = world;
  for (const server of world.servers.values()) {
    const replica = world.replicas.get(server.account);
    if (replica?.state !== 'live') continue;
    const said = server.comments.flatMap(({ text }) => withoutQuotes(text).match(/Сказано \d+/gu) ?? []);
    expect(said).toEqual([...new Set(said)]);
    const known = new Map(replica.comments.map((comment) => [comment.message, comment]));
    const here = new Map(server.comments.map((comment) => [comment.id, comment]));
    const heard = new Set(replica.comments.flatMap(({ parts }) => parts.map(({ comment }) => comment)));
    expect([...here.keys()].filter((id) => !heard.has(id) && !replica.twins.includes(id))).toEqual([]);
    for (const message of item.messages) {
      if (message.state !== 'live' || !reaches(context, message, server.account)) continue;
      const copy = known.get(message.id);
      expect(copy).toBeDefined();
      const [first] = copy?.parts ?? [];
      if (copy?.state !== 'live' || !first) continue;
      const stands = here.get(first.comment);
      expect(stands?.files.map(({ name }) => name)).toEqual(
        context.mapping.files.share ? message.files.map(({ name }) => name) : [],
      );
    }
  }
}

test('L4: every value in force was typed by somebody, and every typed one is in force, overwritten knowingly, or kept as a conflict', () => {
  const seen = shares();
  assertLaw(
    'L4',
    fc.property(aCase({ troubled: false, edits: 12, fewest: 5 }), fc.nat({ max: 5 }), (drawn, race) => {
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
      // A copy that a person took away counts as gone once no list can lag behind it any more.
      world.now += 600_000;
      rest(world);
      const { item } = world;
      const origin = item.origin.account;
      const elsewhere = (field: string): boolean =>
        world.typed.some((entry) => entry.field === field && entry.account !== origin);
      seen.count({
        ...features(one),
        'edits between reading and write': races > 0,
        'comments that cross': item.messages.some((message) =>
          [...world.servers.keys()].some((account) => reaches(world.context, message, account)),
        ),
        'statuses set by two':
          new Set(world.typed.filter(({ field }) => field === 'status').map(({ account }) => account)).size >=
          2,
        'cards moved by people': world.cards > 0,
        'tasks given on by a mirror': elsewhere('assignee'),
        'people taken off': world.turnouts.some(({ is }) => is === 'removed'),
        'files that cross': crossedFiles(world) > 0,
      });
      for (const field of told) expectValues(world, field);
      for (const field of ['participants', 'auditors'] as const) expectPeople(world, field);
      expectFiles(world);
      expectParagraphs(world);
      expectMessages(world);
    }),
    250,
  );
  seen.hold('L4', {
    ...least,
    'edits between reading and write': 10,
    'comments that cross': 12,
    'statuses set by two': 8,
    'cards moved by people': 5,
    'tasks given on by a mirror': 6,
    'people taken off': 4,
    'files that cross': 25,
  });
});
