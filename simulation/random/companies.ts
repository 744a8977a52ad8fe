/** The accounts of a drawn world, its mapping, and who works where: companies know each other by their stand-ins. */
import { type Json } from '../../emulators/common/types.ts';
import { loadMapping } from '../../mappings/load.ts';
import { fieldNames, type CrmKind, type Mapping } from '../../mappings/types.ts';
import { bitrixWorld, planfixWorld } from '../worlds.ts';
import { type CompanyPlan, type Meaning, type WorldPlan } from './story.ts';

/** Account, and the root that every name of the company bears. */
export const houses = [
  ['olkha', 'Ольха', 'ольх'],
  ['bereza', 'Берёза', 'берёз'],
  ['klen', 'Клён', 'клён'],
  ['yasen', 'Ясень', 'ясен'],
  ['ryabina', 'Рябина', 'рябин'],
] as const;

const houseOf = (account: string): (typeof houses)[number] => {
  const found = houses.find(([name]) => name === account);
  if (!found) throw new Error(`no company has the account ${account}`);
  return found;
};

export const organisationOf = (account: string): string => houseOf(account)[1];
/** What stands in no account that may not learn of the company. */
export const tracesOf = (account: string): readonly string[] => [account, houseOf(account)[2]];

const numberOf = (account: string): number => houses.findIndex(([name]) => name === account);

/** Who stands for a company in another one's account. */
export const standIn = (kind: CrmKind, of: string): string =>
  kind === 'planfix' ? `contact:${String(20 + numberOf(of))}` : String(70 + numberOf(of));

const staff: Readonly<Record<CrmKind, readonly [number, number]>> = { planfix: [2, 3], bitrix24: [12, 14] };

/** Number of a company's first or second person in its account. */
export const personOf = (kind: CrmKind, person: number): number => staff[kind][person % 2] ?? staff[kind][0];

/** The same as people of the account name it in a field. */
export const named = (kind: CrmKind, person: number): string =>
  kind === 'planfix' ? `user:${String(personOf(kind, person))}` : String(personOf(kind, person));

const firstNames = ['Анна', 'Борис'];
const nameOf = (account: string, person: number): string =>
  `${firstNames[person % 2] ?? ''} ${organisationOf(account)}`;

export const project = 41;
export const group = 7;

const systemStatuses = ['draft', 'new', 'inWork', 'completed', 'postponed', 'rejected', 'done', 'cancelled'];

/** Numbers of an account's statuses by what they mean to its people. */
export function statusesOf({ kind, settings }: CompanyPlan): Readonly<Record<Meaning, string>> {
  if (kind === 'bitrix24') return { new: '2', in_progress: '3', waiting: '6', done: '5' };
  const renumbered = (settings['status.systemIds'] ?? {}) as Readonly<Record<string, number>>;
  const id = (usual: number): string => String(renumbered[systemStatuses[usual] ?? ''] ?? usual);
  return { new: id(1), in_progress: id(2), waiting: id(4), done: id(3) };
}

function lensOf(company: CompanyPlan): { in: Record<string, string>; out: Record<string, string> } {
  const statuses = statusesOf(company);
  const other =
    company.kind === 'bitrix24'
      ? ['4']
      : [0, 5, 6, 7].map((usual) => {
          const renumbered = (company.settings['status.systemIds'] ?? {}) as Readonly<Record<string, number>>;
          return String(renumbered[systemStatuses[usual] ?? ''] ?? usual);
        });
  return {
    in: {
      ...Object.fromEntries(other.map((id) => [id, 'hold'])),
      ...Object.fromEntries(Object.entries(statuses).map(([meaning, id]) => [id, meaning])),
    },
    out: { ...statuses },
  };
}

/** Whether people of `viewer` may know of `other`: the hub of all, all of the hub, others as the plan says. */
export const seesOf =
  ({ companies: [hub], sees }: WorldPlan) =>
  (viewer: string, other: string): boolean =>
    viewer === other ||
    viewer === hub?.account ||
    other === hub?.account ||
    sees.includes(`${viewer} ${other}`);

/** Throws when what was drawn is no right mapping. */
export function mappingOf(plan: WorldPlan, shared: readonly string[] = fieldNames, version = 1): Mapping {
  const { companies, conflict } = plan;
  const [hub] = companies;
  if (!hub) throw new Error('a world without companies');
  const sees = seesOf(plan);
  const members = companies.map((one) => ({
    account: one.account,
    role: one.role,
    ...(one.scoped
      ? { scope: one.kind === 'planfix' ? { project: String(project) } : { group: String(group) } }
      : {}),
    ...(one.kind === 'planfix' ? { object: '31' } : {}),
    stand_ins: Object.fromEntries(
      companies
        .filter((other) => other !== one && sees(one.account, other.account))
        .map(({ account }) => [account, standIn(one.kind, account)]),
    ),
    acceptor: named(one.kind, 0),
    default_assignee: named(one.kind, 0),
  }));
  const space = {
    space: 'drawn',
    hub: hub.account,
    members,
    privacy: Object.fromEntries(
      companies.map(({ role, account }) => [
        role,
        {
          sees: companies
            .filter((other) => other.account !== account && sees(account, other.account))
            .map((other) => other.role),
        },
      ]),
    ),
    lifecycle: ['new', 'in_progress', 'waiting', 'done'],
    final: ['done'],
    statuses: Object.fromEntries(companies.map((one) => [one.account, lensOf(one)])),
    fields: fieldNames.filter((name) => shared.includes(name)).map((name) => ({ name, conflict })),
    comments: {
      share: Object.fromEntries(companies.map(({ account, share }) => [account, share])),
      notify: 'addressed',
    },
  };
  const accounts = Object.fromEntries(companies.map(({ account, kind }) => [account, { kind }]));
  const loaded = loadMapping(JSON.stringify(space, null, 1), { fileName: 'drawn.yaml', accounts, version });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.mapping;
}

export interface DrawnAccount {
  readonly account: string;
  readonly kind: CrmKind;
  readonly world: Json;
  readonly credential: string;
  readonly actor: string;
  readonly zone: string;
}

export const hookOf = (account: string): string => `https://bridge.example/webhooks/${account}`;

export function accountOf(plan: WorldPlan, company: CompanyPlan): DrawnAccount {
  const { account, kind, card, settings } = company;
  const sees = seesOf(plan);
  const others = plan.companies.filter((one) => one !== company && sees(account, one.account));
  const common = { account, kind };
  if (kind === 'planfix') {
    const token = `c0ffee00c0ffee00c0ffee00c0ffee0${String(numberOf(account))}`;
    const zone = String(settings['timezone'] ?? 'Europe/Moscow');
    const world = planfixWorld({
      name: account,
      token,
      people: [
        { id: 1, name: 'Связка', lastname: 'Робот', role: 'Robot' },
        { id: 2, name: nameOf(account, 0), lastname: '', role: 'Admin', email: `a@${account}.example` },
        { id: 3, name: nameOf(account, 1), lastname: '', role: 'User', email: `b@${account}.example` },
      ],
      contacts: others.map((one) => ({
        id: 20 + numberOf(one.account),
        name: organisationOf(one.account),
      })),
      projects: [{ id: project, name: 'Сайт' }],
      object: 31,
      webhook: hookOf(account),
      sparing: true,
    }) as { readonly [key: string]: Json };
    const tokens = [{ token, user: 'user:1', scopes: 'all' }];
    return { ...common, credential: token, actor: 'user:1', zone, world: { ...world, tokens } };
  }
  const incoming = { user: 1, secret: 'svyazkahook00001' };
  const world: Json = bitrixWorld({
    name: account,
    card,
    people: [
      { id: 1, name: 'Мост Связка', email: `svyazka@${account}.example`, admin: true },
      { id: 12, name: nameOf(account, 0), email: `a@${account}.example` },
      { id: 14, name: nameOf(account, 1), email: `b@${account}.example` },
      ...others.map((one) => ({
        id: 70 + numberOf(one.account),
        name: organisationOf(one.account),
        email: '',
        type: 'extranet' as const,
      })),
    ],
    group: { id: group, name: 'Сайт' },
    incoming,
    webhook: hookOf(account),
    applicationToken: 'ab12cd34ef56ab12cd34ef56ab12cd34',
  });
  return { ...common, credential: `/rest/1/${incoming.secret}`, actor: '1', zone: 'Europe/Moscow', world };
}
