/** Companies at random around one hub: of which kind each account is, who is scoped, what roles are called, who hides. */
import fc from 'fast-check';
import { type Act, type Json } from '../../emulators/common/types.ts';
import { loadMapping } from '../../mappings/load.ts';
import { type CrmKind, type Mapping } from '../../mappings/types.ts';
import { type RehearsedAccount } from '../../simulation/rehearsal.ts';
import { bitrixWorld, planfixWorld } from '../../simulation/worlds.ts';

export interface Company {
  readonly account: string;
  readonly kind: CrmKind;
  readonly role: string;
  readonly scoped: boolean;
}

export interface Companies {
  readonly hub: Company;
  /** The one that may not see those behind the hub. */
  readonly client: Company;
  readonly hidden: readonly Company[];
  readonly facade: boolean;
  readonly passOn: boolean;
}

const aKind = fc.constantFrom<CrmKind>('planfix', 'bitrix24');

export const someCompanies: fc.Arbitrary<Companies> = fc
  .record({
    kinds: fc.tuple(aKind, aKind, aKind, aKind),
    roles: fc.shuffledSubarray(['integrator', 'client', 'contractor', 'designer', 'observer'], {
      minLength: 4,
      maxLength: 4,
    }),
    scoped: fc.tuple(fc.boolean(), fc.boolean()),
    hidden: fc.integer({ min: 1, max: 2 }),
    facade: fc.boolean(),
    passOn: fc.boolean(),
  })
  .map(({ kinds, roles, scoped, hidden, facade, passOn }) => {
    const company = (index: number, account: string, isScoped: boolean): Company => ({
      account,
      kind: kinds[index] ?? 'planfix',
      role: roles[index] ?? `role ${String(index)}`,
      scoped: isScoped,
    });
    return {
      hub: company(0, 'teyron', true),
      client: company(1, 'romashka', scoped[0]),
      hidden: [company(2, 'pixel', false), company(3, 'lavanda', false)].slice(0, hidden),
      facade: facade || passOn,
      passOn,
    };
  });

/** Who stands for a company in the hub's account, and the hub in everybody else's. */
const order = ['teyron', 'romashka', 'pixel', 'lavanda'];
export const standIn = (kind: CrmKind, of: string): string =>
  kind === 'planfix' ? `contact:${String(20 + order.indexOf(of))}` : String(70 + order.indexOf(of));

const place = { planfix: { project: '41' }, bitrix24: { group: '7' } } as const;
const staff = { planfix: ['user:2', 'user:3'], bitrix24: ['12', '14'] } as const;

const lenses = {
  planfix: {
    in: { '0': 'ignore', '1': 'new', '2': 'in_progress', '3': 'done', '5': 'hold', '6': 'hold', '7': 'hold' },
    out: { new: '1', in_progress: '2', done: '3' },
    waiting: '4',
  },
  bitrix24: {
    in: { '2': 'new', '3': 'in_progress', '4': 'hold', '5': 'done' },
    out: { new: '2', in_progress: '3', done: '5' },
    waiting: '6',
  },
} as const;

/** Those behind the hub hold the status that hub and client share. */
function statusesOf({ hidden }: Companies, one: Company): unknown {
  const lens = lenses[one.kind];
  const holds = hidden.includes(one);
  return {
    in: { ...lens.in, [lens.waiting]: holds ? 'hold' : 'waiting' },
    out: { ...lens.out, waiting: holds ? 'hold' : lens.waiting },
  };
}

const shared = ['title', 'description', 'status', 'creator', 'assignee', 'start', 'deadline'];

export const everybody = ({ hub, client, hidden }: Companies): readonly Company[] => [hub, client, ...hidden];

export function mappingOf(companies: Companies): Mapping {
  const { hub, client, hidden, facade, passOn } = companies;
  const members = everybody(companies).map((one) => ({
    account: one.account,
    role: one.role,
    ...(one.scoped ? { scope: place[one.kind] } : {}),
    stand_ins: Object.fromEntries(
      (one === hub ? [client, ...hidden] : [hub]).map(({ account }) => [account, standIn(one.kind, account)]),
    ),
    // Whoever acts in this world takes part everywhere.
    acceptor: staff[one.kind][0],
    default_assignee: staff[one.kind][0],
  }));
  const space = {
    space: 'drawn',
    hub: hub.account,
    members,
    facades: facade ? hidden.map(({ role }) => ({ of: role, to: client.role, as: hub.account })) : [],
    lifecycle: ['new', 'in_progress', 'waiting', 'done'],
    final: ['done'],
    statuses: Object.fromEntries(
      everybody(companies).map((one) => [one.account, statusesOf(companies, one)]),
    ),
    fields: [
      ...shared.map((name) => ({ name })),
      { name: 'participants', hide: hidden.map(({ role }) => role) },
    ],
    comments: {
      share: Object.fromEntries(
        everybody(companies).map((one) => [one.account, one === hub ? 'addressed' : 'all']),
      ),
      notify: 'addressed',
      pass_on: passOn ? hidden.map(({ role }) => ({ of: role, to: client.role })) : [],
    },
  };
  const accounts = Object.fromEntries(everybody(companies).map(({ account, kind }) => [account, { kind }]));
  const loaded = loadMapping(JSON.stringify(space), { fileName: 'drawn.yaml', accounts, version: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.mapping;
}

/** An account of a company, with everybody else's stand-in under the names given. */
export function accountOf(
  companies: Companies,
  { account, kind }: Company,
  nameOf: (account: string) => string,
): RehearsedAccount {
  const others = everybody(companies).filter((one) => one.account !== account);
  const webhook = `https://bridge.example/webhooks/${account}`;
  const common = { account, kind, organisation: nameOf(account), zone: 'Europe/Moscow' };
  if (kind === 'planfix') {
    const token = `c0ffee00c0ffee00c0ffee00c0ffee0${String(order.indexOf(account))}`;
    const world: Json = planfixWorld({
      name: account,
      token,
      people: [
        { id: 1, name: 'Связка', lastname: 'Робот', role: 'Robot' },
        { id: 2, name: 'Анна', lastname: nameOf(account), role: 'Admin', email: `a@${account}.example` },
        { id: 3, name: 'Борис', lastname: nameOf(account), role: 'User', email: `b@${account}.example` },
      ],
      contacts: others.map((one) => ({ id: 20 + order.indexOf(one.account), name: nameOf(one.account) })),
      projects: [{ id: 41, name: 'Сайт' }],
      object: 31,
      webhook,
    });
    const settings = { 'limits.perSecond': 0, 'limits.perDay': 0 };
    return { ...common, credential: token, actor: 'user:1', world, settings };
  }
  const incoming = { user: 1, secret: 'svyazkahook00001' };
  const world: Json = bitrixWorld({
    name: account,
    card: 'new',
    people: [
      { id: 1, name: 'Мост Связка', email: `svyazka@${account}.example`, admin: true },
      { id: 12, name: `Мария ${nameOf(account)}`, email: `m@${account}.example` },
      { id: 14, name: `Олег ${nameOf(account)}`, email: `o@${account}.example` },
      ...others.map((one) => ({
        id: 70 + order.indexOf(one.account),
        name: nameOf(one.account),
        email: '',
        type: 'extranet' as const,
      })),
    ],
    group: { id: 7, name: 'Сайт' },
    incoming,
    webhook,
    applicationToken: 'ab12cd34ef56ab12cd34ef56ab12cd34',
  });
  return { ...common, credential: `/rest/1/${incoming.secret}`, actor: '1', world };
}

/** What people of a company do, in the words of their CRM. */
export interface Hands {
  create(title: string, alongside: readonly string[]): Act;
  say(task: number, text: string, to: string | null): Act;
  retitle(task: number, title: string): Act;
  /** To a stand-in, or null = to one of their own. */
  give(task: number, to: string | null): Act;
  /** Sets the status that those behind the hub hold. */
  wait(task: number): Act;
}

export const handsOf = (kind: CrmKind): Hands => (kind === 'planfix' ? planfixHands : bitrixHands);

const planfixHands: Hands = {
  create: (name, alongside) => ({
    as: 2,
    do: 'create task',
    name,
    description: '<p>Три варианта</p>',
    assigner: 'user:2',
    assignees: ['user:3'],
    participants: [...alongside],
    project: 41,
  }),
  say: (task, text, to) => ({
    as: 2,
    do: 'add comment',
    task,
    text: `<p>${text}</p>`,
    ...(to === null ? {} : { recipients: [to] }),
  }),
  retitle: (task, name) => ({ as: 2, do: 'edit task', task, name }),
  give: (task, to) => ({ as: 2, do: 'edit task', task, assignees: [to ?? 'user:3'] }),
  wait: (task) => ({ as: 2, do: 'set status', task, status: 4 }),
};

const bitrixHands: Hands = {
  create: (title, alongside) => ({
    as: 12,
    do: 'create task',
    title,
    description: 'Три варианта',
    responsible: 14,
    accomplices: alongside.map(Number),
    group: 7,
  }),
  say: (task, text, to) => ({
    as: 12,
    do: 'post message',
    task,
    text: to === null ? text : `[USER=${to}]вам[/USER] ${text}`,
  }),
  retitle: (task, title) => ({ as: 12, do: 'edit task', task, title }),
  give: (task, to) => ({ as: 12, do: 'edit task', task, responsible: Number(to ?? 14) }),
  wait: (task) => ({ as: 12, do: 'defer', task }),
};
