/**
 * Tiny accounts in memory around the pure core: a snapshot and comments per account, a server that stores what it is given
 * in its own way (server.ts), people who edit at any moment (hands.ts). A visit (rounds.ts) is what the engine does for an
 * account: read, reconcile, write, settle.
 */
import { makeView as bitrixView } from '../../connectors/bitrix24/view.ts';
import { type AccountSettings } from '../../connectors/port.ts';
import { planfixView } from '../../connectors/planfix/view.ts';
import {
  as,
  type AccountId,
  type ItemId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { personOf } from '../../mappings/generators.ts';
import { type FieldName, type Member } from '../../mappings/types.ts';
import { type AccountView, type LocalPerson, type ServerStore } from '../../sync/core/account.ts';
import { type Context, fieldRule } from '../../sync/core/context.ts';
import { type Item } from '../../sync/core/item.ts';
import { liftPerson } from '../../sync/core/people.ts';
import { type Marks } from '../../sync/core/plan.ts';
import { beginItem, type Fact, newReplica } from '../../sync/core/reconcile.ts';
import { type RawComment, type Replica, type Snapshot } from '../../sync/core/replica.ts';
import { type Case, type ServerWays } from './case.ts';

/** One value that a person set, in the order of their doing. */
export interface Typed {
  readonly account: AccountId;
  readonly field: FieldName;
  /** In the item's terms where the accounts' own differ (status, assignee); undefined = nothing that crosses. */
  readonly value: unknown;
  /** What the person saw in that field before. */
  readonly over: unknown;
  /** Typed between the reading and the write of an account that nothing guards. */
  readonly inWindow: boolean;
  /** What stood there when the bridge left: no edit, as far as anybody can tell. */
  readonly takenBack: boolean;
}

/** A person put to a task, or taken off it, beside its holder. */
export interface Turnout {
  readonly account: AccountId;
  readonly field: 'participants' | 'auditors';
  readonly person: LocalPersonId;
  readonly is: 'added' | 'removed';
  /** How often everything had come to rest before. */
  readonly rests: number;
}

/** Fields whose value means something else in each account: what their people see stands for a value of the item. */
export const meantFields = ['status', 'assignee'] as const;
export type MeantField = (typeof meantFields)[number];

export interface Server {
  readonly account: AccountId;
  readonly view: AccountView;
  readonly ways: ServerWays;
  readonly statuses: readonly LocalStatusId[];
  /** Columns that a card may be moved into; none = no kanban. */
  readonly stages: readonly LocalStageId[];
  snapshot: Snapshot | null;
  comments: RawComment[];
  /** The item's values that its people see at present, and those that the last visit left there. */
  shows: Partial<Record<MeantField, string>>;
  agreed: Partial<Record<MeantField, string>>;
}

export interface World {
  readonly context: Context;
  readonly servers: ReadonlyMap<AccountId, Server>;
  readonly typed: Typed[];
  readonly turnouts: Turnout[];
  /** Files that people hung on a task, by their names, which are never the same twice. */
  readonly hung: { readonly account: AccountId; readonly name: string }[];
  /** Files that people took off a task: originals and copies. */
  readonly takenOff: { readonly account: AccountId; readonly name: string }[];
  readonly facts: { readonly account: AccountId; readonly fact: Fact }[];
  item: Item;
  replicas: Map<AccountId, Replica>;
  now: number;
  serial: number;
  writes: number;
  /** Writes of a status to a task whose status meant the same already. */
  needless: number;
  /** How often a person moved a card to another column. */
  cards: number;
  /** How often everything came to rest. */
  rests: number;
  /** Called between the reading and the write of an account. */
  between: ((server: Server) => void) | null;
}

export const marks: Marks = {
  task: (item, account) => as<Mark>(`svz-${item.id}-${account}`),
  message: (message, account) => as<Mark>(`svz-${message}-${account}`),
};

const names = ['', 'Связка', 'Анна', 'Борис', 'Вера', 'Глеб', 'Дина'];

function peopleOf(kind: 'planfix' | 'bitrix24'): LocalPerson[] {
  const own = names.flatMap((name, index): LocalPerson[] =>
    index === 0
      ? []
      : [
          {
            id: personOf(kind, index),
            name,
            email: null,
            kind: index === 1 ? 'robot' : 'employee',
            active: true,
          },
        ],
  );
  const others = [20, 21, 22, 23].map((number): LocalPerson => ({
    id: personOf(kind, number),
    name: `Организация ${String(number)}`,
    email: null,
    kind: kind === 'planfix' ? 'contact' : 'guest',
    active: true,
  }));
  return [...own, ...others];
}

function viewOf(account: AccountId, kind: 'planfix' | 'bitrix24', ways: ServerWays): AccountView {
  const settings: AccountSettings = {
    account,
    kind,
    url: 'https://example.invalid',
    token: null,
    actor: personOf(kind, 1),
    organisation: `Компания ${account}`,
    zone: 'Europe/Moscow',
    ca: null,
    serverMaxMs: 60_000,
  };
  const made =
    kind === 'planfix' ? planfixView(settings, peopleOf(kind)) : bitrixView(settings, peopleOf(kind));
  const store: ServerStore = { ...made.store, title: (title) => title.slice(0, ways.titleMax) };
  return { ...made, store };
}

export const serverOf = (world: World, account: AccountId): Server => {
  const server = world.servers.get(account);
  if (!server) throw new Error(`no server of ${account}`);
  return server;
};

/** What people of an account mean by a status and the column of its card; undefined = it does not cross. JSON, as other values here. */
export function meaningOf(
  { mapping }: Context,
  { account }: Server,
  { status, stage, place }: Pick<Snapshot, 'status' | 'stage' | 'place'>,
): string | undefined {
  const lens = mapping.statuses[account]?.everywhere;
  const told = lens?.in[status];
  if (told === undefined || told === 'hold' || told === 'ignore') return undefined;
  const step = mapping.lifecycle.find((one) => one.status === told);
  const decided = step?.final === true || step?.acceptedBy !== undefined;
  const scope = mapping.members.find((one) => one.account === account)?.scope;
  const inGroup = scope?.kind === 'group' && scope.group === place;
  const column = decided || !inGroup || stage === undefined ? undefined : lens?.stages?.in[stage];
  return JSON.stringify(column ?? told);
}

const placeOf = ({ scope }: Member): string | null =>
  scope === null ? null : scope.kind === 'project' ? scope.project : scope.group;

export const noon = Date.parse('2026-11-24T09:00:00Z');

/** A world in which a person of the origin has just set a task. */
export function worldOf({ generated, ways, origin, outside }: Case): World {
  const { mapping, statuses, stages } = generated;
  const servers = new Map<AccountId, Server>();
  mapping.members.forEach(({ account, kind }, index) => {
    const way = ways[index] ?? {
      titleMax: 255,
      reprints: false,
      swallows: [],
      refuses: [],
      refusesFiles: false,
    };
    servers.set(account, {
      account,
      view: viewOf(account, kind, way),
      ways: way,
      statuses: (statuses[account] ?? []).map(({ id }) => as<LocalStatusId>(id)),
      stages: (stages[account] ?? []).map(({ id }) => as<LocalStageId>(id)),
      snapshot: null,
      comments: [],
      shows: {},
      agreed: {},
    });
  });
  const context: Context = {
    mapping,
    views: new Map([...servers].map(([account, { view }]) => [account, view])),
  };
  const first = mapping.members[origin % mapping.members.length];
  if (!first) throw new Error('a mapping without members');
  const server = servers.get(first.account);
  if (!server) throw new Error('a member without a server');
  const kind = first.kind;
  server.snapshot = {
    ...emptySnapshot(server, as<LocalTaskId>('100')),
    place: outside ? null : placeOf(first),
    title: 'Задача 0',
    description:
      kind === 'planfix' ? '<p>Первое <b>слово</b></p><p>Второе</p>' : 'Первое [B]слово[/B]\nВторое',
    creator: personOf(kind, 2),
    assignees: [personOf(kind, 3)],
    deadline: { at: noon + 86_400_000, timed: true },
    files: [{ id: as<LocalFileId>('90'), name: 'Файл 0', size: 10 }],
  };
  const meaning = meaningOf(context, server, server.snapshot);
  const holder = JSON.stringify(liftPerson(context, first.account, personOf(kind, 3)));
  server.shows = { ...(meaning === undefined ? {} : { status: meaning }), assignee: holder };
  server.agreed = server.shows;
  const item = beginItem(context, first.account, server.snapshot, as<ItemId>('item'), true);
  if (!item) throw new Error('a pinned task always joins');
  return {
    context,
    servers,
    typed: [
      {
        account: first.account,
        field: 'title' as const,
        value: 'Задача 0',
        over: '',
        inWindow: false,
        takenBack: false,
      },
      {
        account: first.account,
        field: 'start' as const,
        value: undefined,
        over: undefined,
        inWindow: false,
        takenBack: false,
      },
      {
        account: first.account,
        field: 'deadline' as const,
        value: noon + 86_400_000,
        over: undefined,
        inWindow: false,
        takenBack: false,
      },
      ...(meaning === undefined
        ? []
        : [
            {
              account: first.account,
              field: 'status' as const,
              value: meaning,
              over: undefined,
              inWindow: false,
              takenBack: false,
            },
          ]),
      {
        account: first.account,
        field: 'assignee' as const,
        value: holder,
        over: undefined,
        inWindow: false,
        takenBack: false,
      },
    ].filter(({ field }) => fieldRule(context, first.account, field) !== undefined),
    turnouts: [],
    hung: server.snapshot.files.map(({ name }) => ({ account: first.account, name })),
    takenOff: [],
    facts: [],
    item,
    replicas: new Map([[first.account, newReplica(item, first.account, noon)]]),
    now: noon,
    serial: 0,
    writes: 0,
    needless: 0,
    cards: 0,
    rests: 0,
    between: null,
  };
}

export function emptySnapshot({ view }: Server, task: LocalTaskId): Snapshot {
  const planfix = view.kind === 'planfix';
  return {
    task,
    title: '',
    description: '',
    status: as<LocalStatusId>(planfix ? '1' : '2'),
    stage: planfix ? undefined : as<LocalStageId>('0'),
    object: null,
    creator: view.actor,
    assignees: planfix ? [] : [view.actor],
    participants: [],
    auditors: planfix ? [] : [view.actor],
    start: null,
    deadline: null,
    place: null,
    files: [],
    changedAt: null,
    statusChangedAt: null,
    control: false,
    world: planfix ? 'planfix' : 'chat',
    chat: planfix ? null : '9',
    actions: null,
    deleted: false,
    mark: null,
  };
}

/** How many files stand in an account that were hung on a task or a comment in another one. */
export const crossedFiles = ({ servers, replicas }: World): number =>
  [...servers.values()].reduce((sum, { account, comments }) => {
    const replica = replicas.get(account);
    const copies = new Set(
      (replica?.comments ?? []).flatMap(({ role, parts }) =>
        role === 'copy' ? parts.map(({ comment }) => comment) : [],
      ),
    );
    const said = comments.filter(({ id, files }) => copies.has(id) && files.length > 0);
    return sum + said.length + (replica?.files ?? []).filter(({ role }) => role === 'copy').length;
  }, 0);
