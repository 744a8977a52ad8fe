/** What the core may know of a Planfix account: data and pure functions. */
import { type LocalPersonId } from '../../errors/ids.ts';
import { type AccountView, type LocalPerson } from '../../sync/core/account.ts';
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
    abilities: {
      guard: 'none',
      authored: { planfix: true, 'old-card': false, chat: false },
      markedComments: true,
      mustTakePart: false,
      singleAssignee: false,
      acceptance: null,
      detachesFiles: true,
      fileBytesMax,
    },
    store: planfixStore(settings.zone),
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
      const steps = snapshot.status === to ? [] : [{ via: 'set', gives: to }];
      return { from: snapshot.status, to, steps };
    },
    person: (id) => byId.get(id),
    personByEmail: (email) => byEmail.get(email.toLowerCase()),
  };
}

const rank = (person: LocalPerson): number =>
  (person.active ? 0 : 2) + (person.kind === 'employee' || person.kind === 'robot' ? 0 : 1);
