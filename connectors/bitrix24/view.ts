/** What the core may know of a Bitrix24 account. Pure. */
import { as, type LocalStatusId } from '../../errors/ids.ts';
import { type AccountView, type Abilities, type LocalPerson } from '../../sync/core/account.ts';
import { type Surface } from '../../sync/core/body.ts';
import { type AccountSettings } from '../port.ts';
import { bitrixChat, bitrixComment, bitrixDescription } from './body.ts';
import { commentParts } from './parts.ts';
import { bornAs, statusMove } from './statuses.ts';
import { limits, store } from './store.ts';

/** `silent` has no meaning here: every write tells the task's people as the portal sees fit. */
export const abilities: Abilities = {
  guard: 'in-request',
  authored: { planfix: false, 'old-card': true, chat: false },
  markedComments: false,
  mustTakePart: true,
  singleAssignee: true,
  acceptance: as<LocalStatusId>('4'),
  statusPerAssignee: false,
  detachesFiles: true,
  bornWithFiles: false,
  fileBytesMax: limits.fileBytesMax,
};

const surfaces: ReadonlyMap<string, Surface> = new Map(
  [bitrixDescription, bitrixComment, bitrixChat].map((surface) => [surface.name, surface]),
);

export function makeView(settings: AccountSettings, people: readonly LocalPerson[]): AccountView {
  const byId = new Map(people.map((person) => [person.id, person]));
  const byEmail = new Map<string, LocalPerson>();
  for (const person of people) {
    if (person.email === null) continue;
    // One address may stand at a dismissed employee too; whoever works there is meant.
    const known = byEmail.get(person.email);
    if (known === undefined || (!known.active && person.active)) byEmail.set(person.email, person);
  }
  return {
    account: settings.account,
    kind: 'bitrix24',
    organisation: settings.organisation,
    actor: settings.actor,
    actors: (settings.actors ?? []).map(({ person }) => person),
    bornAs,
    abilities,
    store,
    descriptionSurface: () => bitrixDescription,
    commentSurface: (world) => (world === 'chat' ? bitrixChat : bitrixComment),
    commentParts,
    surface: (name) => surfaces.get(name) ?? bitrixDescription,
    statusMove: (snapshot, to) => statusMove(snapshot, to, settings.actor, settings.actors),
    person: (id) => byId.get(id),
    personByEmail: (email) => byEmail.get(email.toLowerCase()),
  };
}
