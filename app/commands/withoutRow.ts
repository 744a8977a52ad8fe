/** People without a row in the mapping, for `status` and `item`: where they appear, as whom, and the row that is missing. */
import { type AccountId, type LocalPersonId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type LoadedItem } from '../../store/port.ts';
import { type AccountView } from '../../sync/core/account.ts';
import { type Context } from '../../sync/core/context.ts';
import { type PersonPlace, unmappedPeople } from '../../sync/core/people.ts';
import { type Account, viewOf } from '../accounts.ts';
import { keptPeople } from '../people.ts';
import { type Session } from './session.ts';

export interface Directory {
  readonly views: ReadonlyMap<AccountId, AccountView>;
  /** Accounts whose people the bridge has not read yet, or not in today's form: who is matched there by e-mail is not known. */
  readonly unread: ReadonlySet<AccountId>;
}

export interface WithoutRow {
  /** Where the person is not known. */
  readonly account: AccountId;
  readonly home: AccountId;
  readonly person: LocalPersonId;
  readonly name: string | null;
  /** `nobody`: no stand-in is named for the home, so that what needs a person is held. */
  readonly fallback: 'stand-in' | 'left-out' | 'nobody';
  readonly shownAs: LocalPersonId | null;
  /** Where the tasks name the person. Nobody is shown for one of the participants or auditors. */
  readonly places: readonly PersonPlace[];
  /** As `svyazka item` takes them; `account:(new)` while the copy is to be created. */
  readonly tasks: readonly string[];
  /** False = an equal e-mail address may stand for the row: people of one of the two accounts were not read yet. */
  readonly emailsCompared: boolean;
  /** Line of YAML for `people:`, the local id to be filled in. */
  readonly row: string;
}

/** People of the accounts as the bridge read them last; asks no account. */
export async function directoryOf(session: Session, accounts: readonly Account[]): Promise<Directory> {
  const views = new Map<AccountId, AccountView>();
  const unread = new Set<AccountId>();
  for (const account of accounts) {
    const people = await keptPeople(session.opened.store, session.secrets, account.account);
    if (people === null) unread.add(account.account);
    views.set(account.account, viewOf(account, people ?? []));
  }
  return { views, unread };
}

/** Everybody whom an account of these items knows neither by a row nor by e-mail, once for each account. */
export function withoutRow(
  mapping: Mapping,
  { views, unread }: Directory,
  items: readonly LoadedItem[],
): readonly WithoutRow[] {
  const context: Context = { mapping, views };
  const found = new Map<string, WithoutRow>();
  for (const { item, replicas } of items) {
    if (item.state !== 'shared') continue;
    for (const { account, task, state, comments } of replicas) {
      const isMember = mapping.members.some((member) => member.account === account);
      if (!isMember || state === 'gone' || state === 'parted') continue;
      const here = new Set(comments.map(({ message }) => message));
      const shown = { ...item, messages: item.messages.filter(({ id }) => here.has(id)) };
      for (const { home, person, places, shownAs } of unmappedPeople(context, shown, account)) {
        const key = `${account} ${home} ${person}`;
        const known = found.get(key);
        found.set(key, {
          account,
          home,
          person,
          name: views.get(home)?.person(person)?.name ?? nameBySaying(items, home, person),
          fallback: fallbackOf(mapping, shownAs),
          shownAs,
          places: [...new Set([...(known?.places ?? []), ...places])],
          tasks: [...(known?.tasks ?? []), `${account}:${task ?? '(new)'}`],
          emailsCompared: !unread.has(account) && !unread.has(home),
          row: rowFor(mapping, account, home, person),
        });
      }
    }
  }
  return [...found.values()];
}

const fallbackOf = ({ unknownPerson }: Mapping, shownAs: LocalPersonId | null): WithoutRow['fallback'] => {
  if (shownAs !== null) return 'stand-in';
  return unknownPerson === 'leave-out' ? 'left-out' : 'nobody';
};

/** A name that the person's own comments carry. */
function nameBySaying(items: readonly LoadedItem[], home: AccountId, person: LocalPersonId): string | null {
  const said = items
    .flatMap(({ item }) => item.messages)
    .find(({ author }) => author?.kind === 'person' && author.home === home && author.person === person);
  return said?.authorName ?? null;
}

/** The person's row with the account added; the home stands first, as rows want it. */
function rowFor(mapping: Mapping, account: AccountId, home: AccountId, person: LocalPersonId): string {
  const row = mapping.people.find((one) => one[home] === person) ?? { [home]: person };
  const cells = Object.entries(row).map(([name, id]) => `${name}: '${id}'`);
  return `- { ${[...cells, `${account}: '<id in ${account}>'`].join(', ')} }`;
}

function fallbackText({ fallback, shownAs, home, account, places }: WithoutRow): string {
  if (fallback === 'left-out') return 'they are left out (unknown_person: leave-out)';
  const without = places.filter((place) => place === 'participants' || place === 'auditors');
  const among = `among the ${without.join(' and ')}`;
  if (without.length === places.length) return `they are not shown ${among}`;
  const shown =
    fallback === 'stand-in'
      ? `the stand-in ${shownAs ?? ''} is shown for them`
      : `nobody stands for ${home} in ${account}, so what needs a person is held`;
  return without.length === 0 ? shown : `${shown}, except ${among}`;
}

/** For people: what became of the person, and what to add. */
export function withoutRowText(one: WithoutRow): string {
  const tasks = one.tasks.slice(0, 5).join(', ');
  const more = one.tasks.length > 5 ? ` and ${String(one.tasks.length - 5)} more` : '';
  return [
    `  ${one.account} does not know ${one.name ?? 'a person'} (${one.home}/${one.person}): ${fallbackText(one)}; in ${tasks}${more}`,
    ...(one.emailsCompared
      ? []
      : ['      (people of an account were not read yet: an equal e-mail address may still match them)']),
    `      → add to people: ${one.row}`,
  ].join('\n');
}
