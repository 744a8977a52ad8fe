/**
 * A client and its integrator whose client accepts, returns and declines in its own card: in Bitrix24 with a Planfix hub,
 * and in Planfix with a Bitrix24 hub. "Postponed" of Bitrix24 stands for "declined" there, for it has no such status.
 */
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { type AccountId, as, type LocalPersonId } from '../../errors/ids.ts';
import { loadMapping } from '../../mappings/load.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../simulation/rehearsal.ts';
import { threeCompanies, twoPlanfixAccounts, twoPortals } from '../../simulation/worlds.ts';
import { type Json } from '../../emulators/common/types.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';
import { noon } from './three.ts';

type World = { readonly [key: string]: Json };

const common = `
lifecycle: [new, in_progress, review, done, declined]
final: [done, declined]
acceptance: { review: client }
transitions:
  - { from: review, to: done, by: [client] }
  - { from: any, to: declined, by: [client], requires: [reason] }
fields: [{ name: title }, { name: status }, { name: creator }, { name: assignee }]
`;

const planfixStatuses = `
    in: { '0': ignore, '1': new, '2': in_progress, '3': done, '4': hold, '5': declined, '6': review, '7': declined }
    out: { new: '1', in_progress: '2', review: '6', done: '3', declined: '5' }`;
const bitrixStatuses = `
    in: { '2': new, '3': in_progress, '4': review, '5': done, '6': declined }
    out: { new: '2', in_progress: '3', review: '4', done: '5', declined: '6' }`;

const bitrixClient = `
space: client-in-bitrix24
hub: teyron
members:
  - { account: teyron, role: integrator, scope: { project: '41' }, object: '31', stand_ins: { romashka: 'contact:20' }, default_assignee: 'user:3' }
  - { account: romashka, role: client, scope: { group: '7' }, stand_ins: { teyron: '77' }, acceptor: '12', default_assignee: '12' }
${common}
statuses:
  teyron:${planfixStatuses}
  romashka:${bitrixStatuses}
comments: { share: { teyron: all, romashka: all } }
`;

export const planfixClient = `
space: client-in-planfix
hub: vesna
members:
  - { account: vesna, role: integrator, scope: { group: '21' }, stand_ins: { lavanda: '31' }, default_assignee: '6' }
  - { account: lavanda, role: client, scope: { project: '3' }, object: '30', stand_ins: { vesna: 'contact:8' }, acceptor: 'user:5', default_assignee: 'user:5' }
${common}
statuses:
  vesna:${bitrixStatuses}
  lavanda:${planfixStatuses}
comments: { share: { vesna: all, lavanda: all } }
`;

function mappingOf(text: string, accounts: Record<string, { kind: 'planfix' | 'bitrix24' }>): Mapping {
  const loaded = loadMapping(text, { fileName: 'clients', accounts, version: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.mapping;
}

const hook = (account: string): string => `https://bridge.example/webhooks/${account}`;
const unlimited = { 'limits.perSecond': 0, 'limits.perDay': 0 };
export const secretOf = (user: number): string => `secretofuser${String(user).padStart(4, '0')}`;

/** The portal's world with incoming webhooks of these users too. */
export const withHooksOf = (world: World, users: readonly number[]): World => {
  const [first] = world['incoming_webhooks'] as World[];
  const given = users.map((user) => ({ ...first, user, secret: secretOf(user) }));
  return { ...world, incoming_webhooks: [...(world['incoming_webhooks'] as World[]), ...given] };
};

/** The portal's world in which the acting user is an employee like others, who leads nothing. */
export const withoutAdministrator = (world: World): World => ({
  ...world,
  users: (world['users'] as World[]).map((user) => (user['id'] === 1 ? { ...user, admin: false } : user)),
  groups: (world['groups'] as World[]).map((group) => ({ ...group, owner: 6 })),
});

/** The account's world whose one process lets a task go only from new to work, and from work to what was handed in. */
export const oneWayProcess = (world: World): World => ({
  ...world,
  processes: (world['processes'] as World[]).map((process) => ({
    ...process,
    transitions: [
      { from: 1, to: [2] },
      { from: 2, to: [6] },
    ],
  })),
});

export interface ClientOptions {
  /** The world of the Planfix account. */
  readonly planfix?: (world: World) => World;
  /** Users of the portal whose credentials the bridge has beside the acting user's. */
  readonly actors?: readonly number[];
  readonly portal?: (world: World) => World;
  readonly options?: Partial<RehearsalOptions>;
  readonly settings?: Readonly<Record<string, boolean>>;
  readonly planfixSettings?: Readonly<Record<string, string>>;
}

/** From now on the bridge has the credential of another user of Весна. */
export async function giveCredential(three: Rehearsal, user: number): Promise<void> {
  const { vesna } = twoPortals(hook);
  const account = as<AccountId>('vesna');
  const url = (path: string): string => `https://vesna.bitrix24.ru${path}`;
  const connector = makeBitrix24(
    {
      account,
      kind: 'bitrix24',
      url: url(`/rest/1/${vesna.incoming.secret}`),
      token: null,
      actor: as<LocalPersonId>('1'),
      actors: [
        {
          person: as<LocalPersonId>(String(user)),
          url: url(`/rest/${String(user)}/${secretOf(user)}`),
          token: null,
          administrator: false,
        },
      ],
      organisation: vesna.organisation,
      zone: vesna.zone,
      ca: null,
      serverMaxMs: 60_000,
    },
    three.runtime,
  );
  const view = connector.view(await connector.people());
  (three.deps.accounts as Map<AccountId, ConnectedAccount>).set(account, {
    connector,
    view,
    peopleReadAt: three.runtime.now(),
    visitsAtOnce: 1,
  });
}

/** ТЕЙРОН in Planfix (hub) and its client Ромашка in Bitrix24: Maria (12) accepts. */
export async function clientInBitrix24(given: ClientOptions = {}): Promise<Rehearsal> {
  const { teyron, romashka } = threeCompanies(hook);
  const { actors = [], portal = (world: World) => world } = given;
  return rehearse({
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited },
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/1/${romashka.incoming.secret}`,
        world: portal(withHooksOf(romashka.world, [12, 14, 77])),
        settings: given.settings ?? {},
        actors: actors.map((user) => ({
          person: String(user),
          credential: `/rest/${String(user)}/${secretOf(user)}`,
        })),
      },
    ],
    mappings: [mappingOf(bitrixClient, { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' } })],
    start: noon,
    ...given.options,
  });
}

/** Весна in Bitrix24 (hub; Pavel, 6, works; the guest 31 stands for the client) and its client Лаванда in Planfix: Vera (user:5) accepts. */
export async function clientInPlanfix(given: ClientOptions = {}): Promise<Rehearsal> {
  const { vesna } = twoPortals(hook);
  const { lavanda } = twoPlanfixAccounts(hook);
  const { actors = [], portal = (world: World) => world, planfix = (world: World) => world } = given;
  return rehearse({
    accounts: [
      {
        ...vesna,
        account: 'vesna',
        credential: `/rest/1/${vesna.incoming.secret}`,
        world: portal(withHooksOf(vesna.world, [5, 6, 31])),
        settings: given.settings ?? {},
        actors: actors.map((user) => ({
          person: String(user),
          credential: `/rest/${String(user)}/${secretOf(user)}`,
        })),
      },
      {
        ...lavanda,
        account: 'lavanda',
        credential: lavanda.token,
        world: planfix(lavanda.world),
        settings: { ...unlimited, ...given.planfixSettings },
      },
    ],
    mappings: [mappingOf(planfixClient, { vesna: { kind: 'bitrix24' }, lavanda: { kind: 'planfix' } })],
    start: noon,
    ...given.options,
  });
}
