/** What a write's outcome makes of the replica: new shadow, known comments and files, or why it is blocked. */
import { as, type Instant, type LocalStatusId } from '../../errors/ids.ts';
import { type FieldName, fieldNames } from '../../mappings/types.ts';
import { type AccountView } from './account.ts';
import { healsByTime, retryDelayMs, unblocked, without } from './blocks.ts';
import { type Context, view } from './context.ts';
import { type Conflict, type Item } from './item.ts';
import { carries, liftFields } from './lift.ts';
import { mergeFields } from './merge.ts';
import { refusedAuthor } from './plain.ts';
import { settleComment, settleFile } from './settleComments.ts';
import { learntTooLarge } from './tooLarge.ts';
import { type Outcome, type PlannedOperation, type StatusMove, type Write } from './operation.ts';
import { wantedText } from './plan.ts';
import { cardOf, circumstances, normalField, principal, statusWish, withField, withWritten } from './raw.ts';
import { type Blocked, type Replica, type Snapshot, type Written } from './replica.ts';

export interface Settled {
  readonly item: Item;
  readonly replica: Replica;
  /** A person was faster than the write: both values are kept, and the next plan puts the winner in place. */
  readonly conflicts: readonly Conflict[];
  /** The account should be read again to learn what it made of the write. */
  readonly reread: boolean;
}

export function settle(
  context: Context,
  item: Item,
  replica: Replica,
  operation: PlannedOperation,
  outcome: Outcome,
): Settled {
  const same: Settled = { item, replica, conflicts: [], reread: false };
  const wiser = learntTooLarge(replica, operation.write, outcome);
  switch (outcome.is) {
    case 'queued':
    case 'unknown':
      return { ...same, reread: true };
    case 'refused':
      // A file that does not fit is left out of the next plan: nothing else of this write was refused.
      return {
        ...same,
        replica: wiser === replica ? refused(context, replica, operation, outcome) : wiser,
      };
    case 'done':
      return movedOn(replica, settleDone(context, item, wiser, operation, outcome));
  }
}

/** A status that forbade comments is another one now, whoever moved it. */
const movedOn = (before: Replica, settled: Settled): Settled => ({
  ...settled,
  replica: allowedAgain(before, settled.replica),
});

/** Comments that were forbidden while the task stood as it did are tried again when it stands otherwise. */
export function allowedAgain(before: Replica, after: Replica): Replica {
  const stands = ({ shadow }: Replica): string => JSON.stringify([shadow?.status, shadow?.assignees]);
  if (stands(before) === stands(after)) return after;
  const blocked = Object.entries(after.blocked).filter(
    ([, { trouble }]) => trouble.code !== 'E-COMMENT-FORBIDDEN',
  );
  return { ...after, blocked: Object.fromEntries(blocked) };
}

type Done = Extract<Outcome, { is: 'done' }>;

function settleDone(
  context: Context,
  item: Item,
  replica: Replica,
  operation: PlannedOperation,
  outcome: Done,
): Settled {
  const { write } = operation;
  const cleared = unblocked(replica, operation.key);
  switch (write.kind) {
    case 'task.create':
      return { item, conflicts: [], ...created(context, item, cleared, write, outcome) };
    case 'task.update':
      return updated(context, item, cleared, write, outcome);
    case 'task.join': {
      const here = view(context, replica.account);
      const shadow = replica.shadow;
      return {
        item,
        conflicts: [],
        reread: false,
        replica: {
          ...seated(cleared, write, outcome.at),
          shadow:
            outcome.after ??
            (shadow ? { ...shadow, auditors: [...new Set([...shadow.auditors, here.actor])] } : null),
        },
      };
    }
    case 'file.attach':
    case 'file.detach':
      return { item, conflicts: [], reread: false, replica: settleFile(cleared, write, outcome) };
    case 'comment.create':
    case 'comment.update':
    case 'comment.delete':
      return {
        item,
        conflicts: [],
        reread: false,
        replica: settleComment(context, item, cleared, replica, write, outcome),
      };
  }
}

/** Whether it has a seat now the next reading tells; what the chat refused meanwhile is tried again. */
const seated = (
  { outsideChat: _, ...replica }: Replica,
  { chat }: Extract<Write, { kind: 'task.join' }>,
  at: Instant,
): Replica => ({ ...withoutRefusals(replica), ...(chat === undefined ? {} : { askedBackAt: at }) });

/** A replica whose comments are not held up any more by what a missing seat refused. */
export const withoutRefusals = (replica: Replica): Replica => ({
  ...replica,
  blocked: Object.fromEntries(
    Object.entries(replica.blocked).filter(
      ([key, { trouble }]) =>
        key !== 'chat.join' && !(key.startsWith('comment.') && trouble.code === 'E-REMOTE-RIGHT'),
    ),
  ),
});

/**
 * A refusal that may mean any of several fields isolates them; one that means a single thing blocks it until its wanted
 * value, the task or the mapping changes, or until time may have healed it.
 */
function refused(
  context: Context,
  replica: Replica,
  operation: PlannedOperation,
  { trouble, at, retryAt }: Extract<Outcome, { is: 'refused' }>,
): Replica {
  const { write } = operation;
  const heals = healsByTime(trouble);
  const named =
    write.kind === 'comment.create' &&
    view(context, replica.account).abilities.authored[write.world] &&
    write.plain !== true;
  // Perhaps it may only not speak in another's name: the same is said in its own.
  if (named && trouble.code === 'E-REMOTE-RIGHT') return refusedAuthor(replica, at);
  if (write.kind === 'task.update' && operation.fields.length > 1 && !heals)
    return { ...replica, isolate: true };
  const keys = write.kind === 'task.update' ? operation.fields : [operation.key];
  const blocks = keys.map((key): [string, Blocked] => {
    const wanted = wantedBy(context, replica, operation, key);
    const earlier = replica.blocked[key];
    const tries = earlier?.wanted === wanted ? earlier.tries + 1 : 0;
    const again = heals ? Math.max(retryAt ?? 0, at + retryDelayMs(tries)) : null;
    const block: Blocked = { wanted, retryAt: again, tries, trouble };
    return [
      key,
      write.kind === 'task.update' && key === 'status'
        ? statusHeld(view(context, replica.account), write.base, earlier, block)
        : block,
    ];
  });
  return { ...replica, blocked: { ...replica.blocked, ...Object.fromEntries(blocks) } };
}

/** As many ways as a task can stand in until somebody looks at why it does not come to its status. */
const stoodMax = 20;

/** A status that did not come about, with how the task stood then and whenever the same was tried before. */
function statusHeld(
  here: AccountView,
  base: Snapshot,
  earlier: Blocked | undefined,
  block: Blocked,
): Blocked {
  const { wanted, trouble } = block;
  const before = earlier?.wanted === wanted ? (earlier.stood ?? []) : [];
  return {
    ...block,
    trouble: { ...trouble, wanted: statusWish(here, base, wanted) },
    stood: [...new Set([...before, circumstances(here, base)])].slice(-stoodMax),
  };
}

function wantedBy(context: Context, replica: Replica, operation: PlannedOperation, key: string): string {
  const { write } = operation;
  if (write.kind !== 'task.update' || !isFieldName(key)) return wantedText(operation);
  const here = view(context, replica.account);
  return normalField(here, written(here, write), key, preferredAfter(here, write));
}

const isFieldName = (field: string | undefined): field is FieldName =>
  fieldNames.some((name) => name === field);

/** The task as an update means it to be. A card that it does not move stands where it was last `seen`. */
function written(
  here: AccountView,
  write: Extract<Write, { kind: 'task.update' }>,
  seen: Snapshot = write.base,
): Snapshot {
  const next = withWritten(here, write.base, write.set);
  return write.status
    ? { ...next, status: write.status.to, stage: cardOf(write.status) ?? seen.stage }
    : next;
}

const preferredAfter = (here: AccountView, write: Extract<Write, { kind: 'task.update' }>) =>
  write.set.assignees === undefined ? principal(here, write.base) : (write.set.assignees[0] ?? null);

function created(
  context: Context,
  item: Item,
  replica: Replica,
  write: Extract<Write, { kind: 'task.create' }>,
  outcome: Done,
): { replica: Replica; reread: boolean } {
  const here = view(context, replica.account);
  const task = outcome.made.task ?? null;
  if (task === null) return { replica, reread: false };
  // The task was found meanwhile, and perhaps read: what it was created with is older.
  if (replica.task !== null) return { replica, reread: true };
  const empty: Snapshot = {
    task,
    title: '',
    description: '',
    status: write.status ?? as<LocalStatusId>(''),
    stage: write.stage,
    object: write.object,
    creator: null,
    assignees: [],
    participants: [],
    auditors: here.abilities.mustTakePart ? [here.actor] : [],
    start: null,
    deadline: null,
    place: write.place,
    files: [],
    changedAt: null,
    statusChangedAt: null,
    control: false,
    world: here.kind === 'planfix' ? 'planfix' : 'chat',
    chat: null,
    actions: null,
    deleted: false,
    mark: write.mark,
  };
  const files = outcome.made.files ?? [];
  const shadow = outcome.after ?? withWritten(here, empty, write.fields);
  return {
    replica: {
      ...replica,
      task,
      state: 'live',
      shadow,
      readAt: outcome.after ? outcome.at : replica.readAt,
      linkedAt: outcome.at,
      files: [...replica.files, ...files.map((one) => ({ ...one, role: 'copy' as const }))],
      written: outcome.after
        ? {}
        : { ...bornWith(here, empty, shadow), ...bornOnTheWay(here, shadow, write) },
    },
    reread: outcome.after === undefined || item.files.length > 0,
  };
}

/** What a new task was given: a reading that shows nothing of it instead tells of the account, not of a person. */
function bornWith(here: AccountView, empty: Snapshot, given: Snapshot): Replica['written'] {
  return Object.fromEntries(
    fieldNames.flatMap((field) => {
      const before = normalField(here, empty, field);
      const wanted = normalField(here, given, field);
      return before === wanted ? [] : [[field, { before, wanted }] as const];
    }),
  );
}

/** Where a new task may stand until its way to its status was gone: no reading has shown how far that went. */
function bornOnTheWay(
  here: AccountView,
  given: Snapshot,
  { status }: Extract<Write, { kind: 'task.create' }>,
): Replica['written'] {
  const { bornAs } = here;
  if (bornAs === null || status === null) return {};
  const move = here.statusMove({ ...given, status: bornAs }, status);
  const steps = 'steps' in move ? move.steps : [];
  return {
    status: { before: bornAs, wanted: status, between: [bornAs, ...steps.map(({ gives }) => gives)] },
  };
}

function updated(
  context: Context,
  item: Item,
  replica: Replica,
  write: Extract<Write, { kind: 'task.update' }>,
  outcome: Done,
): Settled {
  const { account } = replica;
  const here = view(context, account);
  const preferred = preferredAfter(here, write);
  const wanted = written(here, write, outcome.after);
  const mine = fieldNames.filter((field) => carries(write, field));
  const failed = new Map(outcome.failures.map((trouble) => [trouble.about, trouble]));

  // A person who was faster than the write: lifted from what the same request read before it.
  let next = item;
  let conflicts: readonly Conflict[] = [];
  let base = write.base;
  if (outcome.before) {
    const lifted = liftFields(context, item, replica, base, outcome.before, [], outcome.at);
    const merged = mergeFields(context, item, account, base, lifted.changes, outcome.at);
    next = merged.item;
    conflicts = merged.conflicts;
    base = outcome.before;
  }

  // Without a reading of its own the write tells of its own fields only, and not where something newer was agreed on.
  const agreed = (outcome.before ? null : replica.shadow) ?? base;
  const overtaken = (field: FieldName): boolean =>
    normalField(here, agreed, field, principal(here, agreed)) !==
    normalField(here, base, field, principal(here, base));

  let shadow = outcome.after ?? agreed;
  let blocked: Record<string, Blocked> = { ...replica.blocked };
  const unread: Replica['written'] = outcome.after ? {} : { ...replica.written };
  const stillWritten = { ...unread };
  for (const field of mine) {
    const want = normalField(here, wanted, field, preferred);
    blocked = without(blocked, field);
    const failure = failed.get(field);
    if (failure) {
      const earlier = replica.blocked[field];
      const tries = earlier?.wanted === want ? earlier.tries + 1 : 0;
      const retryAt = healsByTime(failure) ? outcome.at + retryDelayMs(tries) : null;
      const block: Blocked = { wanted: want, retryAt, tries, trouble: failure };
      blocked[field] = field === 'status' ? statusHeld(here, base, earlier, block) : block;
      if (!outcome.after) {
        // Where the way ended is seen only when the task is read.
        if (write.status !== null && field === 'status') stillWritten[field] = onTheWay(write.status);
        continue;
      }
    }
    if (outcome.after) {
      const got = normalField(here, outcome.after, field, preferred);
      if (got !== want && !failure) {
        const block = notStored(account, field, want, got);
        blocked[field] = field === 'status' ? statusHeld(here, base, undefined, block) : block;
      }
    } else if (!overtaken(field)) {
      stillWritten[field] = {
        before: normalField(here, write.base, field, principal(here, write.base)),
        wanted: want,
      };
      shadow = withField(shadow, wanted, field);
    }
  }
  if (outcome.after) {
    // What changed between the two readings of one request and was not ours is a person's edit: the shadow stays behind it.
    // A helper who was given the task by this write is none any more.
    const left = write.set.assignees === undefined ? base : { ...base, assignees: outcome.after.assignees };
    for (const field of fieldNames) {
      if (mine.includes(field)) continue;
      const seen = normalField(here, outcome.after, field, preferred);
      if (seen !== normalField(here, left, field, preferred)) shadow = withField(shadow, left, field);
    }
  }
  return {
    item: next,
    conflicts,
    replica: {
      ...replica,
      shadow,
      readAt: outcome.after ? outcome.at : replica.readAt,
      written: stillWritten,
      blocked,
    },
    reread: outcome.after === undefined,
  };
}

/** A way of which nobody knows where it ended: what stands on it is ours, and the next plan goes on from there. */
export const onTheWay = ({ from, to, steps }: StatusMove): Written => ({
  before: from,
  wanted: to,
  between: steps.filter(({ stage }) => stage === undefined).map(({ gives }) => gives),
});

/** The account took the write and shows something else: its answer is taken as it is until the wanted value changes. */
export function notStored(account: string, field: string, wanted: string, got: string): Blocked {
  return {
    wanted,
    retryAt: null,
    tries: 0,
    trouble: {
      code: 'E-FIELD-NOT-STORED',
      about: field,
      wanted: wanted.slice(0, 200),
      answered: got.slice(0, 200),
      todo: `Look at the ${field} in ${account}: it took the change and shows another value. Change it there or at its origin.`,
    },
  };
}

/** A task in several statuses at once shows one of them when all its assignees have it (planfix-api, section 7). */
export function statusNotTaken(here: AccountView, task: Snapshot, { wanted, before }: Written): Blocked {
  const block = notStored('', 'status', wanted, before);
  return {
    ...block,
    trouble: {
      code: 'E-STATUS-UNREACHABLE',
      about: 'status',
      wanted: statusWish(here, task, wanted),
      answered: `the change was taken, and task ${task.task} with its ${String(task.assignees.length)} assignees still shows ${before}`,
      todo: `Where a status is set for each assignee (Planfix: Account management, Statuses), the task has it only when all of them have it: let them set it, or set it by hand. It is tried again when the task's status or people change.`,
    },
  };
}
