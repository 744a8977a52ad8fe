/** What the core may know of a Planfix account: data and pure functions. */
import { type LocalPersonId } from '../../errors/ids.ts';
import { type AccountView, type LocalPerson } from '../../sync/core/account.ts';
import { type StatusStep } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type AccountSettings } from '../port.ts';
import { planfixHtml } from './body.ts';
import { fileBytesMax } from './files.ts';
import { commentParts } from './split.ts';
import { planfixStore } from './store.ts';

export function planfixView(settings: AccountSettings, people: readonly LocalPerson[]): AccountView {
  const byId = new Map<LocalPersonId, LocalPerson>(people.map((person) => [person.id, person]));
  const byEmail = new Map<string, LocalPerson>();
  for (const person of people) {
    if (person.email === null) continue;
    const known = byEmail.get(person.email);
    // Employees and contacts may share an address: who works here comes first.
    if (known === undefined || rank(person) < rank(known)) byEmail.set(person.email, person);
  }
  return {
    account: settings.account,
    kind: 'planfix',
    organisation: settings.organisation,
    actor: settings.actor,
    actors: (settings.actors ?? []).map(({ person }) => person),
    bornAs: null,
    abilities: {
      guard: 'none',
      authored: { planfix: true, 'old-card': false, chat: false },
      refusesAuthors: settings.findings?.value('comments.ownerAllowed') === 'refused',
      markedComments: true,
      mustTakePart: false,
      singleAssignee: false,
      acceptance: null,
      statusPerAssignee: true,
      detachesFiles: true,
      bornWithFiles: true,
      fileBytesMax,
    },
    store: planfixStore(settings.zone, () => settings.findings?.value('html.rejectAstral') !== 'refused'),
    descriptionSurface: () => planfixHtml,
    commentSurface: () => planfixHtml,
    commentParts: (_world, markup) => commentParts(markup),
    surface: () => planfixHtml,
    /**
     * The status is a field: one step from anywhere to anywhere. Whether the process allows the move, and whether an
     * individual status then holds for all assignees, shows only in the answer and the next reading (reference 7).
     */
    statusMove: (snapshot, to) => {
      if (!/^\d+$/.test(to)) return { unreachable: `"${to}" is no status of Planfix: they are numbers` };
      const step = { via: 'set', gives: to, ...moverOf(settings, byId.get(settings.actor), snapshot) };
      return { from: snapshot.status, to, steps: snapshot.status === to ? [] : [step] };
    },
    person: (id) => byId.get(id),
    personByEmail: (email) => byEmail.get(email.toLowerCase()),
  };
}

/**
 * Whose credential a status goes out with: the acting user's while it is a robot, which has every right, or takes part in
 * the task as one who may (reference 6.4, table of rights); else that of another actor of whom the same is known.
 */
function moverOf(
  { actor, actors = [] }: AccountSettings,
  acting: LocalPerson | undefined,
  { creator, assignees, auditors }: Snapshot,
): Pick<StatusStep, 'as'> {
  const takesPart = (person: LocalPersonId): boolean => [creator, ...assignees, ...auditors].includes(person);
  if (acting?.kind === 'robot' || takesPart(actor)) return {};
  const other = actors.find(({ person, administrator }) => administrator || takesPart(person));
  return other === undefined ? {} : { as: other.person };
}

const rank = (person: LocalPerson): number =>
  (person.active ? 0 : 2) + (person.kind === 'employee' || person.kind === 'robot' ? 0 : 1);
