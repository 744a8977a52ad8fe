/**
 * One reconcile of one replica: what was read is lifted and merged into the item, and the writes are planned that bring
 * this replica to its projection. Other replicas are only named when their own projection asks for work, so that an
 * account never hears of what concerns others.
 */
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type FieldName, fieldNames } from '../../mappings/types.ts';
import { reaches } from './audience.ts';
import { type Context, member, sees, view } from './context.ts';
import { type Conflict, type FileRef, type Item, type Message, type Party, type SharedFile } from './item.ts';
import { type FieldChange, liftFields } from './lift.ts';
import { sameFileName } from './fileNames.ts';
import { mergeFields } from './merge.ts';
import { sharedFile } from './messageFiles.ts';
import { liftComments } from './messages.ts';
import { type KnownMarks } from './ownComments.ts';
import { type PlannedOperation, type Write } from './operation.ts';
import { joins } from './people.ts';
import { type Marks, plan, type Plan } from './plan.ts';
import { circumstances, withField } from './raw.ts';
import { type KnownFile, type Reading, type Replica, type Snapshot } from './replica.ts';
import { allowedAgain, notStored, statusNotTaken, withoutRefusals } from './settle.ts';
import { hasManyStatuses } from './statusLens.ts';

/** What a reconcile changed in the item, for the journal. */
export type Fact =
  | { readonly kind: 'item.shared' | 'item.parted' | 'item.resumed' }
  | { readonly kind: 'field'; readonly field: FieldName }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'message.added' | 'message.edited' | 'message.deleted'; readonly message: Message }
  | { readonly kind: 'file.added' | 'file.removed'; readonly file: SharedFile }
  | { readonly kind: 'replica.gone' | 'replica.back' };

export interface State {
  readonly item: Item;
  readonly replicas: ReadonlyMap<AccountId, Replica>;
}

export interface Reconciled {
  readonly item: Item;
  readonly replica: Replica;
  /** Replicas that begin to be wanted with this reconcile. */
  readonly joined: readonly Replica[];
  /** Other replicas that stop being wanted. */
  readonly parted: readonly Replica[];
  /** Other replicas that are wanted again: nobody listened to them meanwhile, so they have to be read. */
  readonly resumed: readonly AccountId[];
  /** Other accounts whose own projection has work now. */
  readonly due: readonly AccountId[];
  /** What their plans hold; the engine leaves out what is under way there already. */
  readonly wantedElsewhere: ReadonlyMap<AccountId, readonly PlannedOperation[]>;
  /** Other accounts with nothing to write whose list of held fields is not what it should be. */
  readonly unlisted: readonly AccountId[];
  readonly operations: readonly PlannedOperation[];
  readonly facts: readonly Fact[];
}

export function newReplica(item: Item, account: AccountId, at: Instant): Replica {
  const origin = item.origin.account === account;
  return {
    item: item.id,
    account,
    task: origin ? item.origin.task : null,
    shadow: null,
    readAt: null,
    comments: [],
    twins: [],
    files: [],
    linkedAt: at,
    threadReadAt: null,
    state: origin ? 'live' : 'wanted',
    blocked: {},
    written: {},
    isolate: false,
    troubles: [],
  };
}

/** `reading` = null: nothing was read, only the projection changed. `open`: writes of ours on this task without a known end. */
export function reconcile(
  context: Context,
  state: State,
  account: AccountId,
  reading: Reading | null,
  open: readonly Write[],
  marks: Marks,
  now: Instant,
): Reconciled {
  const before = state.replicas.get(account);
  if (!before) throw new Error(`item ${state.item.id} has no replica in ${account}`);
  const facts: Fact[] = [];
  let item = state.item;
  let replica = before;

  // Nothing is taken from a copy of whom the task names no longer, until it names them again.
  const silent =
    item.state === 'shared' &&
    before.state === 'parted' &&
    !members(context, item, state.replicas, now).resumed.has(account);
  if (silent) {
    // Its copy stays as it was agreed on last.
  } else if (reading?.is === 'gone' || (reading?.is === 'read' && reading.snapshot?.deleted === true)) {
    if (replica.state !== 'gone') facts.push({ kind: 'replica.gone' });
    replica = { ...replica, state: 'gone', troubles: [goneTrouble(account, replica)] };
  } else if (reading?.is === 'unreadable') {
    replica = { ...replica, state: 'unreadable', troubles: [reading.trouble] };
  } else if (reading) {
    if (replica.state === 'gone' || replica.state === 'unreadable') {
      if (replica.state === 'gone') facts.push({ kind: 'replica.back' });
      replica = { ...replica, state: 'live' };
    }
    const liftThread = (): void => {
      const world = reading.snapshot?.world ?? replica.shadow?.world;
      if (!reading.comments || world === undefined || item.state !== 'shared') return;
      const known = knownMarks(context, item, account, marks);
      const lifted = liftComments(context, item, replica, world, reading.comments, known, reading.at, open);
      item = lifted.item;
      replica = lifted.replica;
      for (const message of lifted.added) facts.push({ kind: 'message.added', message });
      for (const message of lifted.edited) facts.push({ kind: 'message.edited', message });
      for (const message of lifted.deleted) facts.push({ kind: 'message.deleted', message });
    };
    // What was said comes first: it may be the reason that a move of the status requires.
    const knownBefore = replica.shadow !== null;
    if (knownBefore) liftThread();
    if (reading.snapshot) {
      const lifted = liftTask(context, item, replica, reading.snapshot, open, reading.at, facts);
      item = lifted.item;
      replica = allowedAgain(replica, lifted.replica);
    }
    if (!knownBefore) liftThread();
    if (reading.outsideChat === true) replica = { ...replica, outsideChat: true };
    else if (replica.outsideChat === true && reading.comments) {
      const { outsideChat: _, ...back } = replica;
      replica = {
        ...withoutRefusals(back),
        troubles: back.troubles.filter(({ code, about }) => code !== 'E-REMOTE-RIGHT' || about !== 'comment'),
      };
    }
    if (facts.length > 0) replica = perhapsThereNow(replica);
    if (reading.troubles) replica = { ...replica, troubles: merged(replica.troubles, reading.troubles) };
  }

  const membership = members(context, item, state.replicas, now);
  const mine = membership.parted.find((one) => one.account === account);
  if (mine) replica = parting(replica, now);
  const resumed = membership.resumed.has(account);
  if (resumed && replica.state === 'parted') replica = resuming(replica);

  const planned = plan(context, item, replica, marks, now);
  replica = {
    ...replica,
    blocked: { ...pruned(replica, planned), ...planned.held },
    troubles: merged(merged(lasting(replica.troubles), planned.troubles), waitingConflicts(item, account)),
  };

  const wantedElsewhere = new Map<AccountId, readonly PlannedOperation[]>();
  const unlisted: AccountId[] = [];
  for (const [other, replicaThere] of state.replicas) {
    if (other === account) continue;
    const theirState =
      membership.parted.find((one) => one.account === other) ??
      (membership.resumed.has(other) ? resuming(replicaThere) : replicaThere);
    const theirs = plan(context, item, theirState, marks, now);
    if (theirs.operations.length > 0) wantedElsewhere.set(other, theirs.operations);
    else if (theirState.state === 'live' && listsOther(replicaThere, theirs.held)) unlisted.push(other);
  }
  for (const fresh of membership.joined) {
    const theirs = plan(context, item, fresh, marks, now).operations;
    if (theirs.length > 0) wantedElsewhere.set(fresh.account, theirs);
  }

  return {
    item,
    replica,
    joined: membership.joined,
    parted: membership.parted.filter((one) => one.account !== account),
    resumed: [...membership.resumed].filter((one) => one !== account),
    due: [...wantedElsewhere.keys()],
    wantedElsewhere,
    unlisted,
    operations: planned.operations,
    facts,
  };
}

/** Which files do not fit the plan says each time. */
const lasting = (troubles: readonly Trouble[]): readonly Trouble[] =>
  troubles.filter(({ code }) => code !== 'E-FILE-TOO-LARGE');

const listsOther = (replica: Replica, held: Replica['blocked']): boolean =>
  replica.shadow !== null &&
  fieldNames.some((field) => replica.blocked[field]?.wanted !== held[field]?.wanted);

const parting = (replica: Replica, now: Instant): Replica => ({
  ...replica,
  state: 'parted',
  partedAt: replica.state === 'live' ? now : null,
});

const resuming = (replica: Replica): Replica => ({
  ...replica,
  state: replica.task === null ? 'wanted' : 'live',
  partedAt: null,
});

/** What no longer stands in the way: a block whose field is right by now says nothing. One that is tried again counts on. */
function pruned(replica: Replica, { held, operations }: Plan): Replica['blocked'] {
  const tried = new Set<string>(operations.flatMap(({ fields }) => fields));
  const kept = Object.entries(replica.blocked).filter(
    ([key]) => key in held || tried.has(key) || !(fieldNames as readonly string[]).includes(key),
  );
  return Object.fromEntries(kept);
}

const merged = (a: readonly Trouble[], b: readonly Trouble[]): readonly Trouble[] => {
  const key = (trouble: Trouble): string => `${trouble.code} ${trouble.about} ${trouble.wanted ?? ''}`;
  const seen = new Set(a.map(key));
  return [...a, ...b.filter((trouble) => !seen.has(key(trouble)))];
};

const goneTrouble = (account: AccountId, replica: Replica): Trouble => ({
  code: 'E-TASK-GONE',
  about: 'task',
  answered: `${account} says that task ${replica.task ?? ''} is deleted`,
  todo: `Restore task ${replica.task ?? ''} in ${account}, or part the item: svyazka unlink ${account}:${replica.task ?? ''}. The other copies stay as they are.`,
});

function liftTask(
  context: Context,
  item: Item,
  replica: Replica,
  snapshot: Snapshot,
  open: readonly Write[],
  at: Instant,
  facts: Fact[],
): { item: Item; replica: Replica } {
  const { account } = replica;
  let next = item;
  if (account === item.origin.account && !item.pinned) {
    const shared = joins(context, account, snapshot);
    if (item.state === 'shared' && !shared) {
      facts.push({ kind: 'item.parted' });
      next = { ...item, state: 'parted' };
    } else if (item.state === 'parted' && shared) {
      facts.push({ kind: 'item.resumed' });
      next = { ...item, state: 'shared' };
    }
  }
  if (next.state === 'parted') return { item: next, replica: { ...replica, readAt: at } };

  const base = replica.shadow;
  const lifted = liftFields(context, next, replica, base, snapshot, open, at);
  const outcome = mergeFields(context, next, account, base, lifted.changes, at);
  for (const field of outcome.changed) facts.push({ kind: 'field', field });
  for (const conflict of outcome.conflicts) facts.push({ kind: 'conflict', conflict });
  next = outcome.item;

  let shadow = snapshot;
  if (base) for (const field of lifted.masked) shadow = withField(shadow, base, field);
  const here = view(context, account);
  const stored = lifted.notStored.flatMap((field) => {
    const before = replica.written[field];
    if (!before) return [];
    const isStatus = field === 'status';
    const block =
      isStatus && hasManyStatuses(here, snapshot)
        ? statusNotTaken(here, snapshot, before)
        : notStored(account, field, before.wanted, before.before);
    const stood = isStatus ? { stood: [circumstances(here, snapshot)] } : {};
    return [[field, { ...block, ...stood }] as const];
  });
  const blocked = { ...stillBlocking(replica, lifted.changes), ...Object.fromEntries(stored) };
  const written = Object.fromEntries(
    Object.entries(replica.written).filter(([field]) => lifted.masked.has(field as FieldName)),
  );

  const files = liftFiles(context, next, replica, snapshot, open, facts);
  return {
    item: { ...next, files: files.shared },
    replica: {
      ...replica,
      shadow,
      readAt: at,
      blocked,
      written,
      isolate: lifted.changes.length > 0 ? false : replica.isolate,
      files: files.known,
      troubles: [...lifted.troubles, ...merged(outcome.troubles, standing(next, replica.troubles))],
    },
  };
}

/** Listed for good: no change of the task mends a second copy, or a comment that went without its files. */
const lastingly = ['twin/', 'files/'];

/** A change by a person lifts what was blocked until something changes: its own field, and every refused comment or file. */
function stillBlocking(replica: Replica, changes: readonly FieldChange[]): Replica['blocked'] {
  if (changes.length === 0) return replica.blocked;
  const changed = new Set<string>(changes.map(({ field }) => field));
  return Object.fromEntries(
    Object.entries(replica.blocked).filter(
      ([key, { retryAt }]) =>
        retryAt !== null ||
        lastingly.some((prefix) => key.startsWith(prefix)) ||
        ((fieldNames as readonly string[]).includes(key) && !changed.has(key)),
    ),
  );
}

/** What an account wanted before a status may have come with what people just did there: it is tried at once. */
const perhapsThereNow = (replica: Replica): Replica => ({
  ...replica,
  blocked: Object.fromEntries(
    Object.entries(replica.blocked).filter(([, { trouble }]) => trouble.code !== 'E-STATUS-WAITS'),
  ),
});

/** A move that was put back stays listed while the item still stands where it was moved from. */
const standing = (item: Item, troubles: readonly Trouble[]): readonly Trouble[] => {
  const from = `${item.fields.status?.value ?? ''} →`;
  return troubles.filter(({ code, wanted }) => code === 'E-TRANSITION' && wanted?.startsWith(from) === true);
};

/** Values of this account that wait for a person, while the value that stands instead is still the one of the conflict. */
function waitingConflicts(item: Item, account: AccountId): readonly Trouble[] {
  const latest = new Map(item.conflicts.map((conflict) => [conflict.field, conflict]));
  return [...latest.values()].flatMap(({ field, settled, won, lost }): Trouble[] => {
    if (settled !== 'waits' || lost.by !== account) return [];
    if (JSON.stringify(item.fields[field]?.value) !== JSON.stringify(won.value)) return [];
    return [
      {
        code: 'E-CONFLICT-WAITS',
        about: field,
        wanted: JSON.stringify(lost.value),
        todo: `The ${field} was changed on two sides at once. Set it again on either side to the value that should stand.`,
      },
    ];
  });
}

function liftFiles(
  context: Context,
  item: Item,
  replica: Replica,
  snapshot: Snapshot,
  open: readonly Write[],
  facts: Fact[],
): { shared: readonly SharedFile[]; known: readonly KnownFile[] } {
  const { account } = replica;
  if (!context.mapping.files.share) return { shared: item.files, known: replica.files };
  const shared = [...item.files];
  const known: KnownFile[] = [...replica.files];
  const owner: Party = { kind: 'organisation', home: account };
  // A file like that which an attachment without a known end carries is ours until that end is known (law 7).
  const underway = open.flatMap((write) => (write.kind === 'file.attach' ? [write.source.name] : []));
  for (const raw of snapshot.files) {
    if (known.some((one) => one.file === raw.id)) continue;
    if (underway.some((name) => sameFileName(name, raw.name))) continue;
    const ref: FileRef = { account, file: raw.id };
    const file = sharedFile(account, raw, owner);
    shared.push(file);
    known.push({ file: raw.id, shared: ref, role: 'origin' });
    facts.push({ kind: 'file.added', file });
  }
  for (const one of replica.files) {
    if (one.role !== 'origin' || snapshot.files.some((raw) => raw.id === one.file)) continue;
    const index = shared.findIndex((file) => file.account === account && file.file === one.file);
    const file = shared[index];
    if (!file || file.state === 'removed') continue;
    shared[index] = { ...file, state: 'removed' };
    facts.push({ kind: 'file.removed', file });
  }
  return { shared, known };
}

export function knownMarks(context: Context, item: Item, account: AccountId, marks: Marks): KnownMarks {
  return new Map(
    item.messages
      .filter((message) => message.origin.account !== account && reaches(context, message, account))
      .map((message) => [marks.message(message.id, account), message.id]),
  );
}

interface Membership {
  readonly joined: readonly Replica[];
  readonly parted: readonly Replica[];
  readonly resumed: ReadonlySet<AccountId>;
}

/** Who has a replica: the origin, the hub, members with a scope of their own, those whom the task names or a command linked. */
function members(
  context: Context,
  item: Item,
  replicas: ReadonlyMap<AccountId, Replica>,
  now: Instant,
): Membership {
  const joined: Replica[] = [];
  const parted: Replica[] = [];
  const resumed = new Set<AccountId>();
  if (item.state === 'parted') return { joined, parted, resumed };
  const named = namedHomes(item);
  for (const { account, scope } of context.mapping.members) {
    const replica = replicas.get(account);
    const wanted =
      account === item.origin.account ||
      account === context.mapping.hub ||
      ((scope !== null || named.has(account)) && sees(context, account, item.origin.account)) ||
      named.has(account) ||
      replica?.linkedByHand === true;
    if (wanted && !replica) joined.push(newReplica(item, account, now));
    else if (wanted && replica?.state === 'parted') resumed.add(account);
    else if (!wanted && replica && replica.state !== 'parted') parted.push(parting(replica, now));
  }
  return { joined, parted, resumed };
}

function namedHomes(item: Item): Set<AccountId> {
  const { assignee, creator, participants, auditors } = item.fields;
  const parties = [
    assignee?.value,
    creator?.value,
    ...(participants?.value ?? []),
    ...(auditors?.value ?? []),
  ];
  return new Set(parties.filter((party) => party != null).map((party) => party.home));
}

/** Begins an item with a task that was just read for the first time. */
export function beginItem(
  context: Context,
  account: AccountId,
  snapshot: Snapshot,
  id: Item['id'],
  pinned: boolean,
): Item | null {
  member(context, account);
  if (!pinned && !joins(context, account, snapshot)) return null;
  return {
    id,
    space: context.mapping.space,
    origin: { account, task: snapshot.task },
    fields: {},
    messages: [],
    files: [],
    conflicts: [],
    pinned,
    state: 'shared',
  };
}
