/** What the core may know of a Bitrix24 account. Pure. */
import { as, type LocalStatusId } from '../../errors/ids.ts';
import { type AccountView, type Abilities, type LocalPerson } from '../../sync/core/account.ts';
import { type Surface } from '../../sync/core/body.ts';
import { type Findings } from '../findings.ts';
import { type AccountSettings } from '../port.ts';
import { bitrixChat, bitrixComment, bitrixDescription } from './body.ts';
import { commentParts } from './parts.ts';
import { type Facts } from './session.ts';
import { bornAs, statusMove, usualWays, waysIn } from './statuses.ts';
import { limits, limitsIn, storeWithin } from './store.ts';

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

/** What is known of the account as its connection begins. */
export const factsIn = (findings: Findings | undefined): Facts =>
  findings === undefined
    ? { limits, ways: usualWays }
    : { limits: limitsIn(findings), ways: waysIn(findings) };

export function makeView(
  settings: AccountSettings,
  people: readonly LocalPerson[],
  { limits: within, ways }: Facts = factsIn(settings.findings),
): AccountView {
  const description: Surface = { ...bitrixDescription, maxLength: within.descriptionMax };
  const chat: Surface = { ...bitrixChat, maxLength: within.chatMessageMax };
  const surfaces = new Map([description, bitrixComment, chat].map((surface) => [surface.name, surface]));
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
    store: storeWithin(within),
    descriptionSurface: () => description,
    commentSurface: (world) => (world === 'chat' ? chat : bitrixComment),
    commentParts: (world, markup) => commentParts(world, markup, within),
    surface: (name) => surfaces.get(name) ?? description,
    statusMove: (snapshot, to) => statusMove(snapshot, to, settings.actor, settings.actors, ways),
    person: (id) => byId.get(id),
    personByEmail: (email) => byEmail.get(email.toLowerCase()),
  };
}
