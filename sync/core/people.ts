/** People across accounts: a local person as a party of the item, and a party as somebody local. */
import { type AccountId, type LocalPersonId } from '../../errors/ids.ts';
import { type LocalPerson } from './account.ts';
import { type Context, facadeOf, fieldRule, member, sees, view } from './context.ts';
import { type Item, type Party } from './item.ts';
import { type Snapshot } from './replica.ts';

/** The row of the mapping that names a person; its first account is the person's home. */
function rowHome(context: Context, account: AccountId, person: LocalPersonId): Party | undefined {
  const row = context.mapping.people.find((one) => one[account] === person);
  if (!row) return undefined;
  const [home] = Object.keys(row) as AccountId[];
  const homePerson = home === undefined ? undefined : row[home];
  return home === undefined || homePerson === undefined
    ? undefined
    : { kind: 'person', home, person: homePerson };
}

const ownStaff = (person: LocalPerson | undefined): boolean =>
  person === undefined || person.kind === 'employee' || person.kind === 'group' || person.kind === 'robot';

/** Who a local person is. `null` = the acting user, who is nobody. */
export function liftPerson(context: Context, account: AccountId, person: LocalPersonId): Party | null {
  const here = view(context, account);
  if (person === here.actor) return null;
  const standIns = Object.entries(member(context, account).standIns) as [AccountId, LocalPersonId][];
  const standsFor = standIns.find(([, local]) => local === person);
  if (standsFor) return { kind: 'organisation', home: standsFor[0] };
  const byRow = rowHome(context, account, person);
  if (byRow) return byRow;
  const known = here.person(person);
  if (!ownStaff(known) && known?.email) {
    for (const other of context.mapping.members) {
      if (other.account === account) continue;
      const there = view(context, other.account).personByEmail(known.email);
      if (there && there.kind === 'employee')
        return { kind: 'person', home: other.account, person: there.id };
    }
  }
  return { kind: 'person', home: account, person };
}

/** How a party appears in an account, and why not where it doesn't. */
export type Appearance =
  | { readonly is: 'person'; readonly person: LocalPersonId; readonly as: 'self' | 'stand-in' | 'facade' }
  /** The account's own organisation, nobody in particular. */
  | { readonly is: 'own-organisation' }
  | { readonly is: 'hidden' }
  | { readonly is: 'nobody'; readonly missing: string };

export function appearance(context: Context, account: AccountId, party: Party): Appearance {
  if (party.home === account)
    return party.kind === 'person'
      ? { is: 'person', person: party.person, as: 'self' }
      : { is: 'own-organisation' };
  const standIns = member(context, account).standIns;
  if (!sees(context, account, party.home)) {
    const facade = facadeOf(context, account, party.home);
    if (!facade) return { is: 'hidden' };
    if (facade.as === account) return { is: 'own-organisation' };
    const mask = standIns[facade.as];
    return mask === undefined
      ? { is: 'nobody', missing: `a stand-in for ${facade.as} in ${account}` }
      : { is: 'person', person: mask, as: 'facade' };
  }
  if (party.kind === 'person') {
    const row = context.mapping.people.find((one) => one[party.home] === party.person);
    const byRow = row?.[account];
    if (byRow !== undefined) return { is: 'person', person: byRow, as: 'self' };
    const email = context.views.get(party.home)?.person(party.person)?.email;
    const here = view(context, account);
    const byEmail = email ? here.personByEmail(email) : undefined;
    if (byEmail && byEmail.active && byEmail.id !== here.actor)
      return { is: 'person', person: byEmail.id, as: 'self' };
    if (context.mapping.unknownPerson === 'leave-out' && standIns[party.home] === undefined)
      return { is: 'hidden' };
  }
  const standIn = standIns[party.home];
  return standIn === undefined
    ? { is: 'nobody', missing: `a stand-in for ${party.home} in ${account}` }
    : { is: 'person', person: standIn, as: 'stand-in' };
}

export type PersonPlace = 'assignee' | 'creator' | 'participants' | 'auditors' | 'comments';

export interface UnmappedPerson {
  readonly home: AccountId;
  readonly person: LocalPersonId;
  /** Where the item names them; as one of the participants or auditors they are not shown at all. */
  readonly places: readonly PersonPlace[];
  /** `null` = left out. */
  readonly shownAs: LocalPersonId | null;
}

/** People of an item's messages, and of its fields that the account shares, whom an account knows by their stand-in only, or not at all: for `status` and `item`. */
export function unmappedPeople(context: Context, item: Item, account: AccountId): UnmappedPerson[] {
  const { fields } = item;
  const shared = (name: Exclude<PersonPlace, 'comments'>): (Party | null)[] =>
    fieldRule(context, account, name) ? [fields[name]?.value ?? null].flat() : [];
  const named: Record<PersonPlace, (Party | null)[]> = {
    assignee: shared('assignee'),
    creator: shared('creator'),
    participants: shared('participants'),
    auditors: shared('auditors'),
    comments: item.messages.map(({ author }) => author),
  };
  const found = new Map<string, UnmappedPerson>();
  for (const [place, parties] of Object.entries(named) as [PersonPlace, (Party | null)[]][])
    for (const party of parties) {
      if (party?.kind !== 'person' || !sees(context, account, party.home)) continue;
      const how = appearance(context, account, party);
      if (how.is === 'person' && how.as === 'self') continue;
      const { home, person } = party;
      const places = new Set(found.get(`${home} ${person}`)?.places).add(place);
      const shownAs = how.is === 'person' ? how.person : null;
      found.set(`${home} ${person}`, { home, person, places: [...places], shownAs });
    }
  return [...found.values()];
}

export const sameParty = (a: Party | null, b: Party | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.home === b.home &&
    a.kind === b.kind &&
    (a.kind === 'organisation' || (b.kind === 'person' && a.person === b.person)));

/** Organisations that a task names: by people of theirs, or by their stand-in. */
export function namedOrganisations(context: Context, account: AccountId, snapshot: Snapshot): Set<AccountId> {
  const named = new Set<AccountId>();
  const people = [
    ...(snapshot.creator === null ? [] : [snapshot.creator]),
    ...snapshot.assignees,
    ...snapshot.participants,
    ...snapshot.auditors,
  ];
  for (const person of people) {
    const party = liftPerson(context, account, person);
    if (party && party.home !== account) named.add(party.home);
  }
  return named;
}

/** Whether a task that the bridge does not know yet joins the space: its scope holds it, or it names another organisation. */
export function joins(context: Context, account: AccountId, snapshot: Snapshot): boolean {
  if (snapshot.deleted) return false;
  if (namedOrganisations(context, account, snapshot).size > 0) return true;
  const scope = member(context, account).scope;
  if (scope === null) return false;
  const place = scope.kind === 'project' ? scope.project : scope.group;
  if (snapshot.place !== place) return false;
  return !isForOneself(context, account, snapshot);
}

/** A task that somebody set for themselves stays at home. */
function isForOneself(context: Context, account: AccountId, snapshot: Snapshot): boolean {
  const actor = view(context, account).actor;
  const others = [...snapshot.assignees, ...snapshot.participants, ...snapshot.auditors].filter(
    (person) => person !== actor && person !== snapshot.creator,
  );
  return others.length === 0 && snapshot.creator !== null && snapshot.assignees.includes(snapshot.creator);
}
