import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeView } from '../../connectors/bitrix24/view.ts';
import { planfixView } from '../../connectors/planfix/view.ts';
import { as, type AccountId, type Instant, type LocalPersonId } from '../../errors/ids.ts';
import { type LocalPerson } from '../../sync/core/account.ts';
import { type Context, view, withoutAuthors } from '../../sync/core/context.ts';
import { type Message, type Party } from '../../sync/core/item.ts';
import { mentionsIn } from '../../sync/core/body.ts';
import { copyOf } from '../../sync/core/messages.ts';
import { type CommentWorld, type Replica } from '../../sync/core/replica.ts';
import { retraction } from '../../sync/core/retraction.ts';
import {
  type Companies,
  type Company,
  everybody,
  mappingOf,
  someCompanies,
  standIn,
} from '../laws/companies.ts';
import { marks } from '../laws/world.ts';

/** Everybody of a company has its secret name in theirs, wherever they are named. */
const secretOf = ({ account }: Pick<Company, 'account'>): string => `Тайна-${account}`;
const actorOf = ({ kind }: Company): string => (kind === 'planfix' ? 'user:1' : '1');
const staffOf = ({ kind }: Company): readonly string[] =>
  kind === 'planfix' ? ['user:2', 'user:3'] : ['12', '14'];

function peopleOf(companies: Companies, one: Company): LocalPerson[] {
  const person = (
    id: string,
    name: string,
    email: string | null,
    kind: LocalPerson['kind'],
  ): LocalPerson => ({
    id: as<LocalPersonId>(id),
    name,
    email,
    kind,
    active: true,
  });
  const others = everybody(companies).filter(({ account }) => account !== one.account);
  return [
    person(actorOf(one), 'Связка', null, 'robot'),
    ...staffOf(one).map((id) =>
      person(id, `Имя ${secretOf(one)}`, `${id}@${one.account}.example`, 'employee'),
    ),
    ...others.map((other) => person(standIn(one.kind, other.account), secretOf(other), null, 'contact')),
  ];
}

function contextOf(companies: Companies): Context {
  const views = everybody(companies).map((one) => {
    const settings = {
      account: as<AccountId>(one.account),
      kind: one.kind,
      url: 'https://nowhere.example',
      token: null,
      actor: as<LocalPersonId>(actorOf(one)),
      organisation: secretOf(one),
      zone: 'Europe/Moscow',
      ca: null,
      serverMaxMs: 60_000,
    };
    const made = one.kind === 'planfix' ? planfixView : makeView;
    return [settings.account, made(settings, peopleOf(companies, one))] as const;
  });
  return { mapping: mappingOf(companies), views: new Map(views) };
}

interface Case {
  readonly companies: Companies;
  /** Who of the hidden company speaks: one of its people, somebody unknown, itself, or nobody in particular. */
  readonly speaker: 'person' | 'stranger' | 'organisation' | 'nobody';
  /** Through whose account: its own, or by its stand-in at the hub. */
  readonly at: 'its own' | 'the hub';
  readonly mention: 'its person' | 'its stand-in' | 'none';
  readonly oldCard: boolean;
  readonly taken: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  companies: someCompanies,
  speaker: fc.constantFrom('person', 'stranger', 'organisation', 'nobody'),
  at: fc.constantFrom('its own', 'the hub'),
  mention: fc.constantFrom('its person', 'its stand-in', 'none'),
  oldCard: fc.boolean(),
  taken: fc.boolean(),
});

/** What a hidden company says, and the account that must not learn of it. */
function said({ companies, speaker, at, mention, taken }: Case): { message: Message; hidden: Company } {
  const [hidden] = companies.hidden;
  if (!hidden) throw new Error('nobody is hidden');
  const home = as<AccountId>(hidden.account);
  const origin = at === 'its own' ? hidden : companies.hub;
  const account = as<AccountId>(origin.account);
  const own = as<LocalPersonId>(staffOf(hidden)[0] ?? '');
  const parties: Record<Case['speaker'], Party | null> = {
    person: { kind: 'person', home, person: own },
    stranger: {
      kind: 'person',
      home,
      person: as<LocalPersonId>(hidden.kind === 'planfix' ? 'user:99' : '99'),
    },
    organisation: { kind: 'organisation', home },
    nobody: null,
  };
  const called =
    mention === 'none'
      ? null
      : origin === hidden
        ? own
        : as<LocalPersonId>(standIn(origin.kind, hidden.account));
  const surface = contextOf(companies).views.get(account)?.commentSurface('chat');
  if (!surface) throw new Error('no surface');
  const words = (mentioned: LocalPersonId | null): string =>
    surface.print([
      {
        kind: 'paragraph',
        children: [
          { kind: 'text', text: 'готово ', marks: [] },
          ...(mentioned === null
            ? []
            : [{ kind: 'mention' as const, person: mentioned, name: `Имя ${secretOf(hidden)}` }]),
        ],
      },
    ]);
  // Where a text has no mentions, a name in it is a word like any other.
  const keeps = mentionsIn(surface.parse(words(called)).blocks.map(({ block }) => block)).length > 0;
  const markup = words(keeps ? called : null);
  const message: Message = {
    id: as(`${account}/1`),
    origin: { account, comment: as('1') },
    author: parties[speaker],
    authorName: `Имя ${secretOf(hidden)}`,
    at: 0 as Instant,
    text: { account, surface: surface.name, markup },
    files: [],
    replyTo: null,
    addressed: [as<AccountId>(companies.client.account)],
    hidden: false,
    provenance: { organisation: home, space: as('drawn') },
    state: taken ? 'deleted' : 'live',
    version: 1,
  };
  return { message, hidden };
}

const replicaOf = (account: AccountId): Replica => ({
  item: as('item'),
  account,
  task: null,
  shadow: null,
  readAt: null,
  comments: [],
  twins: [],
  files: [],
  linkedAt: null,
  threadReadAt: null,
  state: 'live',
  blocked: {},
  written: {},
  isolate: false,
  troubles: [],
});

describe('Where no author can be named, the line in their place', () => {
  test.each([true, false])('names nobody whom the reader may not see (names by a line: %s)', (plain) => {
    const seen = { facade: 0, plain: 0, retracted: 0, mentions: 0 };
    fc.assert(
      fc.property(cases, (one) => {
        const given = contextOf(one.companies);
        const reader = as<AccountId>(one.companies.client.account);
        const context = plain ? withoutAuthors(given, reader) : given;
        const { message, hidden } = said(one);
        const world: CommentWorld =
          one.companies.client.kind === 'planfix' ? 'planfix' : one.oldCard ? 'old-card' : 'chat';
        const { text, author } = copyOf(context, { account: reader }, world, message, [message]);
        expect(text).not.toContain(secretOf(hidden));
        expect(author).not.toBe(standIn(one.companies.client.kind, hidden.account));
        if (plain) expect(author).toBeNull();
        const named = author === null ? '' : (view(given, reader).person(author)?.name ?? '');
        expect(named).not.toContain(secretOf(hidden));
        const line = retraction(
          context,
          replicaOf(reader),
          world,
          message,
          marks,
          (shownIn, said) => copyOf(shownIn, { account: reader }, world, said, [message]).text,
        );
        expect(line?.text ?? '').not.toContain(secretOf(hidden));
        if (one.companies.facade) seen.facade += 1;
        if (author === null) seen.plain += 1;
        if (line !== undefined) seen.retracted += 1;
        if (message.text.markup.includes(secretOf(hidden))) seen.mentions += 1;
      }),
      { numRuns: 300 },
    );
    expect(seen.facade).toBeGreaterThan(50);
    expect(seen.plain).toBeGreaterThan(50);
    expect(seen.mentions).toBeGreaterThan(50);
    expect(seen.retracted).toBeGreaterThan(5);
  });
});
