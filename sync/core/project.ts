/** What an account should show of an item: one projection through which everything that leaves for it goes. */
import {
  type AccountId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
} from '../../errors/ids.ts';
import { type FieldName, positionFor } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type AccountView } from './account.ts';
import { type Block, type Surface, mapMentions } from './body.ts';
import { cutNotice, fitBlocks, putBlocks } from './bodyLens.ts';
import { type Context, facadeOf, fieldRule, member, sees, view } from './context.ts';
import { type Item, type MarkedText, type Party } from './item.ts';
import { type WantedFields } from './operation.ts';
import { type Appearance, appearance, liftPerson } from './people.ts';
import {
  helpers,
  normalDate,
  normalPeople,
  normalPosition,
  normalText,
  normalTitle,
  observers,
  principal,
} from './raw.ts';
import { type Snapshot } from './replica.ts';
import { groupThatShows, lensOf, lifecycleOf, showsOwnStatus } from './statusLens.ts';

export type Projection =
  /** Not shared with this account, or the item has no value. */
  | { readonly is: 'nothing' }
  | {
      readonly is: 'wanted';
      /** Comparable with `normalField` of the account's snapshot. */
      readonly normal: string;
      readonly set: WantedFields;
      readonly status: LocalStatusId | null;
      /** Column for the card; absent = it stays where it is. */
      readonly stage?: LocalStageId | undefined;
      readonly troubles: readonly Trouble[];
    }
  | { readonly is: 'held'; readonly troubles: readonly Trouble[] };

const wanted = (normal: string, set: WantedFields, troubles: readonly Trouble[] = []): Projection => ({
  is: 'wanted',
  normal,
  set,
  status: null,
  troubles,
});

const nobody = (about: FieldName | 'comment', missing: string): Trouble => ({
  code: 'E-PERSON-UNMAPPED',
  about,
  wanted: missing,
  todo: `Name ${missing} in the mapping (members: stand_ins) or add a row to people.`,
});

/** `current` is the account's task as last read: what already means the wanted value stays. */
export function projectField(
  context: Context,
  item: Item,
  account: AccountId,
  field: FieldName,
  current: Snapshot | null,
): Projection {
  if (!fieldRule(context, account, field)) return { is: 'nothing' };
  const here = view(context, account);
  switch (field) {
    case 'title': {
      const state = item.fields.title;
      return state ? wanted(normalTitle(here, state.value), { title: state.value }) : { is: 'nothing' };
    }
    case 'description': {
      const state = item.fields.description;
      return state ? projectDescription(context, account, state.value, current) : { is: 'nothing' };
    }
    case 'status':
      return projectStatus(context, item, account, current);
    case 'creator':
      return projectCreator(context, item, account, current);
    case 'assignee':
      return projectAssignee(context, item, account, current);
    case 'participants':
      return projectHelpers(context, item, account, current);
    case 'auditors': {
      const state = item.fields.auditors;
      if (!state) return { is: 'nothing' };
      const { people, troubles } = shownPeople(context, account, state.value, 'auditors');
      const actor = current?.auditors.includes(here.actor) === true ? [here.actor] : [];
      const kept = current ? observers(here, current).filter((person) => people.includes(person)) : [];
      const all = [...new Set([...kept, ...people])];
      return wanted(normalPeople(people), { auditors: [...all, ...actor] }, troubles);
    }
    case 'start': {
      const state = item.fields.start;
      if (!state) return { is: 'nothing' };
      const stored = state.value === null ? null : here.store.date(state.value);
      return wanted(normalDate(stored), { start: state.value });
    }
    case 'deadline': {
      const state = item.fields.deadline;
      if (!state) return { is: 'nothing' };
      const stored = state.value === null ? null : here.store.date(state.value);
      return wanted(normalDate(stored), { deadline: state.value });
    }
  }
}

function projectStatus(
  context: Context,
  item: Item,
  account: AccountId,
  current: Snapshot | null,
): Projection {
  const state = item.fields.status;
  const { mapping } = context;
  const task = current ?? placeOfMirror(context, account);
  const lens = lensOf(mapping, account, task);
  if (!state || !lens) return { is: 'nothing' };
  if (current && showsOwnStatus(view(context, account), current)) return { is: 'nothing' };
  // A status that is held, ignored or unknown here is a person's doing that nobody may write over; lifting lists it.
  if (current && lifecycleOf(lens, mapping.lifecycle, current).is !== 'status') return { is: 'nothing' };
  const wantedThere = positionFor(lens, mapping.lifecycle, state.value, current);
  if (wantedThere === 'hold' || wantedThere === 'unmapped') {
    const group = groupThatShows(mapping, account, task, state.value);
    const held =
      group === null
        ? `The mapping holds "${state.value}" in ${account}: set the status there by hand or give it a local status.`
        : `Only a column of group ${group} shows "${state.value}" in ${account}, and the task stands elsewhere: put it into the group, or set the status by hand.`;
    return {
      is: 'held',
      troubles: [
        {
          code: wantedThere === 'hold' ? 'E-STATUS-HELD' : 'E-STATUS-UNMAPPED',
          about: 'status',
          wanted: state.value,
          todo:
            wantedThere === 'hold' ? held : `Add to statuses.${account}.out:  ${state.value}: "<status id>"`,
        },
      ],
    };
  }
  const { status, stage = current?.stage } = wantedThere;
  return { is: 'wanted', normal: normalPosition({ status, stage }), set: {}, status, stage, troubles: [] };
}

/** Where a task that is still to be made will stand. */
function placeOfMirror(context: Context, account: AccountId): Pick<Snapshot, 'object' | 'place'> {
  const { scope, object } = member(context, account);
  return { object, place: scope === null ? null : scope.kind === 'project' ? scope.project : scope.group };
}

/** In both CRMs the creator accepts the result, so the mapping's acceptor decides who that is in a mirror. */
function projectCreator(
  context: Context,
  item: Item,
  account: AccountId,
  current: Snapshot | null,
): Projection {
  const state = item.fields.creator;
  if (item.origin.account === account) return { is: 'nothing' };
  const { acceptor } = member(context, account);
  if (acceptor.kind === 'person') return wanted(acceptor.person, { creator: acceptor.person });
  if (!state?.value) return { is: 'nothing' };
  const found = shownOne(context, account, state.value, current?.creator ?? null);
  if (found.is === 'nobody') return { is: 'held', troubles: [nobody('creator', found.missing)] };
  return wanted(found.person, { creator: found.person });
}

type Shown =
  | { readonly is: 'person'; readonly person: LocalPersonId }
  | { readonly is: 'nobody'; readonly missing: string };

/** One person who shows a party where somebody must stand: the hub answers for whom the role may not see. */
function shownOne(context: Context, account: AccountId, party: Party, current: LocalPersonId | null): Shown {
  const how = appearance(context, account, party);
  switch (how.is) {
    case 'person':
      return { is: 'person', person: how.person };
    case 'own-organisation': {
      const stays =
        current !== null && liftPerson(context, account, current)?.home === account ? current : null;
      const person = stays ?? member(context, account).defaultAssignee;
      return person === null
        ? { is: 'nobody', missing: `a default_assignee of ${account}` }
        : { is: 'person', person };
    }
    case 'hidden': {
      const hub = member(context, account).standIns[context.mapping.hub];
      return hub === undefined
        ? { is: 'nobody', missing: `a stand-in for ${context.mapping.hub} in ${account}` }
        : { is: 'person', person: hub };
    }
    case 'nobody':
      return { is: 'nobody', missing: how.missing };
  }
}

function projectAssignee(
  context: Context,
  item: Item,
  account: AccountId,
  current: Snapshot | null,
): Projection {
  const state = item.fields.assignee;
  if (!state) return { is: 'nothing' };
  const here = view(context, account);
  const holder = current ? principal(here, current) : null;
  if (state.value === null) {
    if (!here.abilities.singleAssignee) return wanted('', { assignees: [] });
    return { is: 'nothing' };
  }
  const found = shownOne(context, account, state.value, holder);
  if (found.is === 'nobody') return { is: 'held', troubles: [nobody('assignee', found.missing)] };
  const stays = current?.assignees.includes(found.person) === true ? found.person : null;
  const others = here.abilities.singleAssignee
    ? []
    : (current?.assignees ?? []).filter((person) => person !== (stays ?? holder));
  return wanted(found.person, { assignees: [found.person, ...others.filter((one) => one !== found.person)] });
}

function projectHelpers(
  context: Context,
  item: Item,
  account: AccountId,
  current: Snapshot | null,
): Projection {
  const state = item.fields.participants;
  if (!state) return { is: 'nothing' };
  const here = view(context, account);
  const assignee = projectField(context, item, account, 'assignee', current);
  const holder =
    assignee.is === 'wanted' ? (assignee.normal as LocalPersonId) : current ? principal(here, current) : null;
  const { people: shown, troubles } = shownPeople(context, account, state.value, 'participants');
  const people = shown.filter((person) => person !== holder);
  const assignees = here.abilities.singleAssignee
    ? []
    : (current?.assignees ?? []).filter((person) => people.includes(person));
  const actor = current?.participants.includes(here.actor) === true ? [here.actor] : [];
  const kept = current
    ? helpers(here, current, holder).filter(
        (person) => people.includes(person) && !assignees.includes(person),
      )
    : [];
  const participants = [...new Set([...kept, ...people.filter((person) => !assignees.includes(person))])];
  return wanted(
    normalPeople(people),
    {
      participants: [...participants, ...actor],
      ...(here.abilities.singleAssignee || holder === null ? {} : { assignees: [holder, ...assignees] }),
    },
    troubles,
  );
}

/**
 * People beside the holder: those with an own user here, and organisations named as a whole. Who else of another
 * organisation works on the task is that organisation's business.
 */
function shownPeople(
  context: Context,
  account: AccountId,
  parties: readonly Party[],
  about: FieldName,
): { people: LocalPersonId[]; troubles: Trouble[] } {
  const people = new Set<LocalPersonId>();
  const troubles: Trouble[] = [];
  for (const party of parties) {
    const how = appearance(context, account, party);
    if (
      how.is === 'person' &&
      (how.as === 'self' || (how.as === 'stand-in' && party.kind === 'organisation'))
    )
      people.add(how.person);
    if (how.is === 'nobody' && party.kind === 'organisation') troubles.push(nobody(about, how.missing));
  }
  return { people: [...people], troubles };
}

/** The name of a party as an account may read it; a hidden one goes by its facade, or by the hub's name. */
export function shownName(context: Context, account: AccountId, party: Party, name: string): string {
  const organisation = (home: AccountId): string => context.views.get(home)?.organisation ?? home;
  if (party.home === account) return name;
  if (sees(context, account, party.home))
    return party.kind === 'person' ? `${name} (${organisation(party.home)})` : organisation(party.home);
  const facade = facadeOf(context, account, party.home);
  return organisation(facade?.as ?? context.mapping.hub);
}

/** Text of one account as blocks that another may read: mentions become local people or names they may know. */
export function blocksFor(context: Context, account: AccountId, text: MarkedText): readonly Block[] {
  const parsed = view(context, text.account).surface(text.surface).parse(text.markup);
  return namedFor(
    context,
    account,
    text.account,
    parsed.blocks.map(({ block }) => block),
  );
}

/**
 * Blocks of the account `home` with its people as another account may read them. A name that becomes part of the text
 * is one that all `readers` may know.
 */
export function namedFor(
  context: Context,
  account: AccountId,
  home: AccountId,
  blocks: readonly Block[],
  readers: readonly AccountId[] = [account],
): readonly Block[] {
  if (home === account) return blocks;
  return mapMentions(blocks, (person, name) => {
    const party = liftPerson(context, home, person);
    const known = (one: Party): string =>
      shownName(context, readers.find((reader) => !sees(context, reader, one.home)) ?? account, one, name);
    if (party === null) return { kind: 'text', text: known({ kind: 'organisation', home }), marks: [] };
    const how: Appearance = appearance(context, account, party);
    // A stand-in tells nobody who was meant: a person behind it is named in words.
    if (
      how.is === 'person' &&
      (how.as === 'self' || (how.as === 'stand-in' && party.kind === 'organisation'))
    )
      return {
        kind: 'mention',
        person: how.person,
        name: view(context, account).person(how.person)?.name ?? shownName(context, account, party, name),
      };
    return { kind: 'text', text: known(party), marks: [] };
  });
}

/** Blocks written on a mirror as the origin's text says them: what is carried into that text is read by everybody. */
export function backToOrigin(
  context: Context,
  origin: AccountId,
  mirror: AccountId,
  blocks: readonly Block[],
): readonly Block[] {
  const readers = context.mapping.members.map(({ account }) => account);
  return namedFor(context, origin, mirror, blocks, readers);
}

/** Cut to fit, an account's own text would lose words that stand nowhere else there: it stays as it is instead. */
function tooLong({ account, store }: AccountView, markup: string, current: Snapshot | null): Trouble {
  const over = markup.length - store.description(markup).length;
  return {
    code: 'E-TEXT-TOO-LONG',
    about: 'description',
    wanted: `${String(markup.length)} characters`,
    todo: `Shorten the description of task ${current?.task ?? ''} in ${account}, or the copy of it that was edited, by ${String(over)} characters. Until then ${account} keeps its text, and the other copies show the longer one.`,
  };
}

function projectDescription(
  context: Context,
  account: AccountId,
  text: MarkedText,
  current: Snapshot | null,
): Projection {
  const here: AccountView = view(context, account);
  const surface: Surface = here.descriptionSurface();
  const cutOff = (markup: string): boolean => here.store.description(markup).length < markup.length;
  if (text.account === account && text.surface === surface.name)
    return cutOff(text.markup)
      ? { is: 'held', troubles: [tooLong(here, text.markup, current)] }
      : wanted(normalText(surface, text.markup), { description: text.markup });
  const whole = surface.reduce(blocksFor(context, account, text));
  // What the account would cut off without a word is cut here and said; whether depends on the text alone.
  const blocks = cutOff(surface.print(whole)) ? fitBlocks(whole, surface, cutNotice) : whole;
  // Whom a block of this account mentions, the origin says in words: such a block stays while it says the same.
  const { surface: home } = text;
  const returned = (own: readonly Block[]): readonly Block[] => {
    const there = view(context, text.account).surface(home);
    return namedFor(
      context,
      account,
      text.account,
      there.reduce(backToOrigin(context, text.account, account, own)),
    );
  };
  const kept = putBlocks(blocks, surface.parse(current?.description ?? ''), surface, returned);
  const markup = cutOff(kept) ? surface.print(blocks) : kept;
  return wanted(normalText(surface, here.store.description(markup)), { description: markup });
}
