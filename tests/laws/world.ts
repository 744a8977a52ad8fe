/**
 * Tiny accounts in memory around the pure core: a snapshot and comments per account, a server that stores what it is given
 * in its own way, people who edit at any moment. One `visit` is what the engine does for an account: read, reconcile,
 * write, settle.
 */
import fc from 'fast-check';
import { makeView as bitrixView } from '../../connectors/bitrix24/view.ts';
import { type AccountSettings } from '../../connectors/port.ts';
import { planfixView } from '../../connectors/planfix/view.ts';
import {
  as,
  type AccountId,
  type ItemId,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { aMapping, type GeneratedMapping, personOf } from '../../mappings/generators.ts';
import { type FieldName } from '../../mappings/types.ts';
import { type AccountView, type LocalPerson, type ServerStore } from '../../sync/core/account.ts';
import { type Context, fieldRule, member } from '../../sync/core/context.ts';
import { type DateValue, type Item } from '../../sync/core/item.ts';
import { carries } from '../../sync/core/lift.ts';
import { type Outcome, type PlannedOperation, type Write } from '../../sync/core/operation.ts';
import { type Marks } from '../../sync/core/plan.ts';
import { withField } from '../../sync/core/raw.ts';
import { beginItem, type Fact, newReplica, reconcile } from '../../sync/core/reconcile.ts';
import { type RawComment, type Reading, type Replica, type Snapshot } from '../../sync/core/replica.ts';
import { settle } from '../../sync/core/settle.ts';

/** What a server does with values: foreseen by the view, except `swallows`. */
export interface ServerWays {
  readonly titleMax: number;
  readonly reprints: boolean;
  /** Fields that it accepts and never stores. */
  readonly swallows: readonly FieldName[];
  /** Fields for which it refuses a whole update, without saying which. */
  readonly refuses: readonly FieldName[];
}

export interface Edit {
  /** Index of the account; taken modulo their number. */
  readonly who: number;
  readonly what:
    | 'title'
    | 'description'
    | 'status'
    | 'assignee'
    | 'participants'
    | 'auditors'
    | 'start'
    | 'deadline'
    | 'comment'
    | 'edit comment'
    | 'delete comment'
    | 'nothing';
  readonly draw: number;
  /** `none`: the next edit comes at once; `visit`: one account is visited; `rest`: everything comes to rest first. */
  readonly then: 'none' | 'visit' | 'rest';
}

export interface Case {
  readonly generated: GeneratedMapping;
  readonly ways: readonly ServerWays[];
  readonly origin: number;
  readonly edits: readonly Edit[];
}

const writable: readonly FieldName[] = ['title', 'description', 'start', 'deadline', 'auditors'];

const aServer = (troubled: boolean): fc.Arbitrary<ServerWays> =>
  fc.record({
    titleMax: fc.constantFrom(255, 255, 8),
    reprints: fc.boolean(),
    swallows: troubled
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constant<FieldName[]>([]) },
          { weight: 1, arbitrary: fc.constantFrom<FieldName[]>(['deadline'], ['start'], ['auditors']) },
        )
      : fc.constant<FieldName[]>([]),
    refuses: troubled
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constant<FieldName[]>([]) },
          { weight: 1, arbitrary: fc.constantFrom(...writable).map((field) => [field]) },
        )
      : fc.constant<FieldName[]>([]),
  });

export const anEdit: fc.Arbitrary<Edit> = fc.record({
  who: fc.nat({ max: 3 }),
  what: fc.constantFrom<Edit['what']>(
    'title',
    'title',
    'description',
    'status',
    'status',
    'assignee',
    'participants',
    'auditors',
    'start',
    'deadline',
    'comment',
    'comment',
    'edit comment',
    'delete comment',
  ),
  draw: fc.nat({ max: 9_999 }),
  then: fc.constantFrom<Edit['then']>('none', 'none', 'visit', 'rest'),
});

export interface CaseOptions {
  /** Servers that swallow and refuse values. */
  readonly troubled: boolean;
  readonly edits: number;
}

export const aCase = ({ troubled, edits }: CaseOptions): fc.Arbitrary<Case> =>
  fc.record({
    generated: aMapping({ minAccounts: 2, maxAccounts: 4 }),
    ways: fc.array(aServer(troubled), { minLength: 4, maxLength: 4 }),
    origin: fc.nat({ max: 3 }),
    edits: fc.array(anEdit, { minLength: 0, maxLength: edits }),
  });

export interface Typed {
  readonly account: AccountId;
  readonly field: FieldName;
  readonly value: unknown;
  /** What the person saw in that field before. */
  readonly over: unknown;
  /** Typed between the reading and the write of an account that nothing guards. */
  readonly inWindow: boolean;
}

export interface Server {
  readonly account: AccountId;
  readonly view: AccountView;
  readonly ways: ServerWays;
  readonly statuses: readonly LocalStatusId[];
  snapshot: Snapshot | null;
  comments: RawComment[];
}

export interface World {
  readonly context: Context;
  readonly servers: ReadonlyMap<AccountId, Server>;
  readonly typed: Typed[];
  readonly facts: { readonly account: AccountId; readonly fact: Fact }[];
  item: Item;
  replicas: Map<AccountId, Replica>;
  now: number;
  serial: number;
  writes: number;
  /** Writes of a status to a task whose status meant the same already. */
  needless: number;
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

const noon = Date.parse('2026-11-24T09:00:00Z');

/** A world in which a person of the origin has just set a task. */
export function worldOf({ generated, ways, origin }: Case): World {
  const { mapping, statuses } = generated;
  const servers = new Map<AccountId, Server>();
  mapping.members.forEach(({ account, kind }, index) => {
    const way = ways[index] ?? { titleMax: 255, reprints: false, swallows: [], refuses: [] };
    servers.set(account, {
      account,
      view: viewOf(account, kind, way),
      ways: way,
      statuses: (statuses[account] ?? []).map(({ id }) => as<LocalStatusId>(id)),
      snapshot: null,
      comments: [],
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
    title: 'Задача 0',
    description:
      kind === 'planfix' ? '<p>Первое <b>слово</b></p><p>Второе</p>' : 'Первое [B]слово[/B]\nВторое',
    creator: personOf(kind, 2),
    assignees: [personOf(kind, 3)],
    deadline: { at: noon + 86_400_000, timed: true },
  };
  const item = beginItem(context, first.account, server.snapshot, as<ItemId>('item'), true);
  if (!item) throw new Error('a pinned task always joins');
  return {
    context,
    servers,
    typed: [
      { account: first.account, field: 'title' as const, value: 'Задача 0', over: '', inWindow: false },
      { account: first.account, field: 'start' as const, value: undefined, over: undefined, inWindow: false },
      {
        account: first.account,
        field: 'deadline' as const,
        value: noon + 86_400_000,
        over: undefined,
        inWindow: false,
      },
    ].filter(({ field }) => fieldRule(context, first.account, field) !== undefined),
    facts: [],
    item,
    replicas: new Map([[first.account, newReplica(item, first.account, noon)]]),
    now: noon,
    serial: 0,
    writes: 0,
    needless: 0,
    between: null,
  };
}

function emptySnapshot({ view }: Server, task: LocalTaskId): Snapshot {
  const planfix = view.kind === 'planfix';
  return {
    task,
    title: '',
    description: '',
    status: as<LocalStatusId>(planfix ? '1' : '2'),
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

/** What a person's hand leaves of one edit; null = there is nothing to edit. */
export function edit(world: World, { who, what, draw }: Edit, inWindow = false): void {
  const accounts = [...world.servers.keys()];
  const account = accounts[who % accounts.length];
  const server = account === undefined ? undefined : world.servers.get(account);
  if (!server?.snapshot || server.snapshot.deleted) return;
  world.now += 1_000 + (draw % 3) * 45_000;
  world.serial += 1;
  const { view } = server;
  const before = server.snapshot;
  const number = 2 + (draw % 5);
  const anybody = personOf(view.kind, draw % 4 === 0 ? 20 + (draw % world.servers.size) : number);
  const person =
    member(world.context, server.account).standIns[accounts[draw % accounts.length] ?? server.account] ===
      anybody || draw % 4 !== 0
      ? anybody
      : personOf(view.kind, number);
  const date: DateValue = { at: noon + (world.serial + 1) * 3_600_000 + 17_400, timed: true };
  const change = (more: Partial<Snapshot>): void => {
    server.snapshot = { ...before, ...more, changedAt: world.now };
  };
  const record = (field: FieldName, value: unknown, over: unknown): void => {
    if (fieldRule(world.context, server.account, field) !== undefined)
      world.typed.push({
        account: server.account,
        field,
        value,
        over,
        inWindow: inWindow && view.abilities.guard === 'none',
      });
  };
  switch (what) {
    case 'title': {
      const title = `Задача ${String(world.serial)}`;
      record('title', title, before.title);
      return change({ title });
    }
    case 'description': {
      const words = `Слова ${String(world.serial)}`;
      const paragraph = view.kind === 'planfix' ? `<p>${words}</p>` : `\n${words}`;
      record('description', words, undefined);
      return change({ description: `${before.description}${paragraph}` });
    }
    case 'status': {
      const status = server.statuses[draw % server.statuses.length] ?? before.status;
      return change({ status, statusChangedAt: world.now });
    }
    case 'assignee':
      return change({ assignees: [person] });
    case 'participants':
      return change({ participants: draw % 3 === 0 ? [] : [person] });
    case 'auditors': {
      const kept = before.auditors.filter((one) => one === view.actor);
      return change({ auditors: draw % 3 === 0 ? kept : [...kept, person] });
    }
    case 'start':
      record('start', date.at, before.start?.at);
      return change({ start: date });
    case 'deadline':
      record('deadline', date.at, before.deadline?.at);
      return change({ deadline: date });
    case 'comment':
      server.comments = [...server.comments, aComment(world, server, person, draw)];
      return;
    case 'edit comment':
    case 'delete comment': {
      if (server.comments.length === 0) return;
      const chosen = server.comments[draw % server.comments.length];
      server.comments =
        what === 'delete comment'
          ? server.comments.filter((one) => one !== chosen)
          : server.comments.map((one) =>
              one === chosen ? { ...one, text: `Исправлено ${String(world.serial)}` } : one,
            );
      return;
    }
    case 'nothing':
      return;
  }
}

/** As the connectors name comments: what is said in a task chat and under the old card are told apart by it. */
function commentId(world: World, { view, snapshot }: Server): LocalCommentId {
  const number = String(1_000 + world.serial);
  if (view.kind === 'planfix') return as<LocalCommentId>(number);
  return as<LocalCommentId>(`${snapshot?.world === 'old-card' ? 'comment' : 'chat'}:${number}`);
}

function aComment(world: World, server: Server, person: LocalPersonId, draw: number): RawComment {
  const { view, account } = server;
  const standIns = Object.values(member(world.context, account).standIns) as LocalPersonId[];
  const recipient = draw % 2 === 0 ? standIns[draw % Math.max(standIns.length, 1)] : undefined;
  return {
    id: commentId(world, server),
    author: standIns.includes(person) ? personOf(view.kind, 2) : person,
    authorName: view.person(person)?.name ?? 'Кто-то',
    at: world.now,
    text: `Сказано ${String(world.serial)}`,
    files: [],
    recipients: recipient === undefined ? [] : [recipient],
    replyTo: null,
    hidden: draw % 7 === 0 && view.kind === 'planfix',
    system: false,
    mark: null,
  };
}

const refusedTrouble = { code: 'E-REMOTE-REFUSED', about: 'task', todo: 'Look at the value.' } as const;

/** The server does what a write asks, in its own way. */
export function carryOut(world: World, server: Server, write: Write): Outcome {
  world.now += 200;
  world.serial += 1;
  world.writes += 1;
  const { view, ways } = server;
  const at = world.now;
  const reprinted = (markup: string): string => {
    if (!ways.reprints) return markup;
    const surface = view.descriptionSurface();
    return surface.print(surface.parse(markup).blocks.map(({ block }) => block));
  };
  const minutes = (date: DateValue): DateValue => {
    const { at: moment, timed } = view.store.date(date);
    return { at: Math.floor(moment / 60_000) * 60_000, timed };
  };
  const stored = (base: Snapshot, set: Extract<Write, { kind: 'task.update' }>['set']): Snapshot => {
    let next: Snapshot = {
      ...base,
      ...(set.title === undefined ? {} : { title: view.store.title(set.title) }),
      ...(set.description === undefined
        ? {}
        : { description: reprinted(view.store.description(set.description)) }),
      ...(set.creator === undefined ? {} : { creator: set.creator }),
      ...(set.assignees === undefined ? {} : { assignees: set.assignees }),
      ...(set.participants === undefined ? {} : { participants: set.participants }),
      ...(set.auditors === undefined ? {} : { auditors: set.auditors }),
      ...(set.start === undefined ? {} : { start: set.start && minutes(set.start) }),
      ...(set.deadline === undefined ? {} : { deadline: set.deadline && minutes(set.deadline) }),
      ...(set.control === undefined ? {} : { control: set.control }),
      changedAt: at,
    };
    for (const field of ways.swallows) next = withField(next, base, field);
    return next;
  };
  const done = (made: Extract<Outcome, { is: 'done' }>['made']): Outcome => ({
    is: 'done',
    at,
    made,
    failures: [],
  });
  switch (write.kind) {
    case 'task.create': {
      const base = emptySnapshot(server, as<LocalTaskId>(String(500 + world.serial)));
      const snapshot = {
        ...stored({ ...base, place: write.place, mark: write.mark }, write.fields),
        status: write.status ?? base.status,
      };
      const auditors = view.abilities.mustTakePart
        ? [...new Set([...snapshot.auditors, view.actor])]
        : snapshot.auditors;
      server.snapshot = { ...snapshot, auditors };
      return done({ task: base.task });
    }
    case 'task.update': {
      const before = server.snapshot ?? write.base;
      const meaning = world.context.mapping.statuses[server.account]?.everywhere?.in;
      if (write.status && meaning?.[write.status.from] === meaning?.[write.status.to]) world.needless += 1;
      if (ways.refuses.some((field) => carries(write, field)))
        return { is: 'refused', at, trouble: refusedTrouble };
      const after = stored(before, write.set);
      server.snapshot = write.status ? { ...after, status: write.status.to, statusChangedAt: at } : after;
      const guarded = view.abilities.guard === 'in-request';
      return {
        is: 'done',
        at,
        made: {},
        failures: [],
        ...(guarded ? { before, after: server.snapshot } : {}),
      };
    }
    case 'task.join': {
      if (server.snapshot)
        server.snapshot = { ...server.snapshot, auditors: [...server.snapshot.auditors, view.actor] };
      return done({});
    }
    case 'comment.create': {
      const id = commentId(world, server);
      const author = write.author ?? view.actor;
      server.comments = [
        ...server.comments,
        {
          id,
          author,
          authorName: view.person(author)?.name ?? '',
          at,
          text: view.store.comment(write.world, write.text),
          files: [],
          recipients: write.notify,
          replyTo: write.replyTo,
          hidden: false,
          system: false,
          mark: view.abilities.markedComments ? write.mark : null,
        },
      ];
      return done({ comments: [{ comment: id, text: write.text }] });
    }
    case 'comment.update': {
      const [first] = write.comments;
      server.comments = server.comments.map((one) => (one.id === first ? { ...one, text: write.text } : one));
      return done({
        comments: first === undefined ? [] : [{ comment: first, text: write.text }],
        means: 'update',
      });
    }
    case 'comment.delete':
      server.comments = server.comments.filter((one) => !write.comments.includes(one.id));
      return done({});
    case 'file.attach':
    case 'file.detach':
      return done({});
  }
}

export function readingOf(world: World, account: AccountId): Reading | null {
  const server = serverOf(world, account);
  if (!server.snapshot) return null;
  return {
    is: 'read',
    at: world.now,
    snapshot: server.snapshot,
    comments: { list: server.comments, extent: { kind: 'all' }, deleted: [] },
  };
}

/** Reads, reconciles, writes and settles one account. Gives back what was planned. */
export function visit(world: World, account: AccountId): readonly PlannedOperation[] {
  if (!world.replicas.has(account)) return [];
  world.now += 500;
  const result = reconcile(
    world.context,
    { item: world.item, replicas: world.replicas },
    account,
    readingOf(world, account),
    [],
    marks,
    world.now,
  );
  world.item = result.item;
  world.replicas.set(account, result.replica);
  for (const other of [...result.joined, ...result.parted]) world.replicas.set(other.account, other);
  for (const fact of result.facts) world.facts.push({ account, fact });
  const server = serverOf(world, account);
  if (result.operations.some(({ write }) => write.kind === 'task.update')) world.between?.(server);
  for (const operation of result.operations) {
    const replica = world.replicas.get(account);
    if (!replica) break;
    const outcome = carryOut(world, server, operation.write);
    const settled = settle(world.context, world.item, replica, operation, outcome);
    world.item = settled.item;
    world.replicas.set(account, settled.replica);
  }
  return result.operations;
}

export const roundsMax = 60;

/** Visits everybody in turn until nobody has anything to write. Throws when that does not come about. */
export function rest(world: World): number {
  let last: readonly PlannedOperation[] = [];
  for (let round = 1; round <= roundsMax; round += 1) {
    const before = JSON.stringify(world.item);
    const planned = [...world.servers.keys()].flatMap((account) => visit(world, account));
    if (planned.length === 0 && JSON.stringify(world.item) === before) return round;
    last = planned;
  }
  throw new Error(
    `not at rest after ${String(roundsMax)} rounds: ${JSON.stringify(last.map(({ key, write, from }) => ({ key, from, write }))).slice(0, 1_500)}`,
  );
}

/** A whole history: the first sync, then every edit, then rest. */
export function live(one: Case): World {
  const world = worldOf(one);
  rest(world);
  for (const step of one.edits) {
    edit(world, step);
    follow(world, step);
  }
  rest(world);
  return world;
}

export function follow(world: World, step: Edit): void {
  const accounts = [...world.servers.keys()];
  if (step.then === 'visit') visit(world, accounts[step.draw % accounts.length] ?? world.item.origin.account);
  if (step.then === 'rest') rest(world);
}
