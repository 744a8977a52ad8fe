/** What people changed in a task since the bridge last agreed with it, in the item's terms. */
import { type AccountId, type Instant, type LifecycleStatus, type LocalPersonId } from '../../errors/ids.ts';
import { type FieldName, fieldNames } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { cutNotice, mergeBodies3, mergeEdit, plainText } from './bodyLens.ts';
import { type Block, type Body } from './body.ts';
import { type AccountView } from './account.ts';
import { type Context, fieldRule, view } from './context.ts';
import { type FieldValues, type Item, type MarkedText, type Party } from './item.ts';
import { type Write } from './operation.ts';
import { appearance, liftPerson, sameParty } from './people.ts';
import { backToOrigin, namedFor } from './project.ts';
import { helpers, normalField, observers, principal, withWritten } from './raw.ts';
import { type Replica, type Snapshot } from './replica.ts';
import { lensOf, lifecycleOf, showsOwnStatus } from './statusLens.ts';

export type FieldChange = {
  [Name in FieldName]: {
    readonly field: Name;
    readonly value: FieldValues[Name];
    /** When a person did it, as well as the account tells. */
    readonly at: Instant;
    /** The value holds the item's present one too: nothing is lost, and there is no conflict. */
    readonly holdsPresent?: true;
  };
}[FieldName];

export interface Lifted {
  readonly changes: readonly FieldChange[];
  readonly troubles: readonly Trouble[];
  /** Fields whose snapshot value shows an open operation of ours, not a person: the shadow keeps the old value. */
  readonly masked: ReadonlySet<FieldName>;
  /** Written fields that came back as before: the account said yes and stored nothing. */
  readonly notStored: readonly FieldName[];
}

/**
 * `base` is the shadow; null = everything in `now` is new. `open` are writes of ours on this task whose end is not known
 * yet: the value before, every step between and the wanted value are all no change (law 7).
 */
export function liftFields(
  context: Context,
  item: Item,
  replica: Replica,
  base: Snapshot | null,
  now: Snapshot,
  open: readonly Write[],
  at: Instant,
): Lifted {
  const { account } = replica;
  const here = view(context, account);
  const preferred = base ? principal(here, base) : null;
  const changes: FieldChange[] = [];
  const troubles: Trouble[] = [];
  const masked = new Set<FieldName>();
  const notStored: FieldName[] = [];
  for (const field of fieldNames) {
    if (!fieldRule(context, account, field)) continue;
    const seen = normalField(here, now, field, preferred);
    const agreed = base ? normalField(here, base, field, preferred) : null;
    if (seen === agreed) {
      if (field === 'status') troubles.push(...statusTroubles(context, account, now));
      continue;
    }
    if (base && isFootstep(here, field, seen, base, now, open, preferred)) {
      masked.add(field);
      continue;
    }
    const written = replica.written[field];
    // Half of a way that was cut: nobody's doing.
    if (field === 'status' && written?.between?.includes(now.status)) continue;
    if (written && written.before === seen && written.wanted !== seen) {
      notStored.push(field);
      continue;
    }
    const lifted = liftField(context, item, account, field, base, now, at);
    if (lifted === null) continue;
    if ('code' in lifted) troubles.push(lifted);
    else changes.push(lifted);
  }
  return { changes, troubles, masked, notStored };
}

function isFootstep(
  here: AccountView,
  field: FieldName,
  seen: string,
  base: Snapshot,
  now: Snapshot,
  open: readonly Write[],
  preferred: LocalPersonId | null,
): boolean {
  const normal = (snapshot: Snapshot): string => normalField(here, snapshot, field, preferred);
  return open.some((write) => {
    if (write.kind !== 'task.update') return false;
    // Who held the task and works on it too is a helper as soon as another one holds it.
    const alongside = field === 'participants' && write.set.assignees !== undefined;
    if (!alongside && !carries(write, field)) return false;
    if (write.status !== null && field === 'status') {
      // A card that a person moves meanwhile is seen once it is known where the write ended.
      const { from, to, steps } = write.status;
      return [from, to, ...steps.map((step) => step.gives)].some((status) => status === now.status);
    }
    return seen === normal(withWritten(here, base, write.set)) || seen === normal(write.base);
  });
}

/** Whether an update writes a field. */
export function carries(write: Write, field: FieldName): boolean {
  if (write.kind === 'task.create') return true;
  if (write.kind !== 'task.update') return false;
  switch (field) {
    case 'status':
      return write.status !== null;
    case 'assignee':
      return write.set.assignees !== undefined;
    case 'participants':
      return write.set.participants !== undefined;
    default:
      return write.set[field] !== undefined;
  }
}

function statusTroubles(context: Context, account: AccountId, now: Snapshot): Trouble[] {
  const { mapping } = context;
  const lens = lensOf(mapping, account, now);
  if (!lens) return withoutLens(context, account, now);
  const here = view(context, account);
  if (showsOwnStatus(here, now))
    return [
      {
        code: 'E-STATUS-HELD',
        about: 'status',
        answered: `status "${now.status}" as ${here.actor} sees it, one of ${String(now.assignees.length)} assignees`,
        todo: `Take ${here.actor} off the assignees of task ${now.task} in ${account}: as one of several it is shown its own status, which may not be the task's.`,
      },
    ];
  const meaning = lifecycleOf(lens, mapping.lifecycle, now);
  if (meaning.is === 'unmapped')
    return [
      {
        code: 'E-STATUS-UNMAPPED',
        about: 'status',
        answered: `status "${now.status}"`,
        todo: `Add to statuses.${account}.in:  "${now.status}": <lifecycle status, hold or ignore>`,
      },
    ];
  if (meaning.is === 'hold')
    return [
      {
        code: 'E-STATUS-HELD',
        about: 'status',
        answered: `status "${now.status}"`,
        todo: `The mapping holds status "${now.status}" of ${account}: it does not cross until the task leaves it.`,
      },
    ];
  return [];
}

/** The status of the lifecycle that a task shows, or null. A task is read by the object and group that it has at that time. */
function meaningThere(context: Context, account: AccountId, task: Snapshot): LifecycleStatus | null {
  const lens = lensOf(context.mapping, account, task);
  const meaning = lens && lifecycleOf(lens, context.mapping.lifecycle, task);
  if (meaning?.is !== 'status' || showsOwnStatus(view(context, account), task)) return null;
  return meaning.status;
}

/** A task of an object (task type) that the mapping gives no statuses, while it gives some to others. */
function withoutLens(context: Context, account: AccountId, now: Snapshot): Trouble[] {
  const objects = Object.keys(context.mapping.statuses[account]?.objects ?? {});
  if (objects.length === 0) return [];
  return [
    {
      code: 'E-STATUS-UNMAPPED',
      about: 'status',
      answered: now.object === null ? 'a task without an object' : `object ${now.object}`,
      todo:
        now.object === null
          ? `Add \`in\` and \`out\` to statuses.${account}: they count for every task whose object has none of its own.`
          : `Add statuses.${account}.objects."${now.object}", or \`in\` and \`out\` for all objects without their own.`,
    },
  ];
}

function liftField(
  context: Context,
  item: Item,
  account: AccountId,
  field: FieldName,
  base: Snapshot | null,
  now: Snapshot,
  at: Instant,
): FieldChange | Trouble | null {
  const here = view(context, account);
  const changedAt = now.changedAt === null ? at : Math.min(now.changedAt, at);
  switch (field) {
    case 'title':
      return { field, value: now.title, at: changedAt };
    case 'description':
      return { field, ...liftDescription(context, item, account, base, now), at: changedAt };
    case 'status': {
      const [trouble] = statusTroubles(context, account, now);
      const meaning = meaningThere(context, account, now);
      if (trouble !== undefined || meaning === null) return trouble ?? null;
      // A mirror that was made without a status was born with the account's own: nobody chose that one.
      if (base?.status === '') return null;
      // Where the column was not read before, only the status tells what changed.
      const before = base && meaningThere(context, account, { ...base, stage: base.stage ?? now.stage });
      if (before === meaning) return null;
      const cardMoved = base?.stage !== undefined && base.stage !== now.stage;
      return { field, value: meaning, at: (cardMoved ? null : now.statusChangedAt) ?? changedAt };
    }
    case 'creator': {
      if (item.origin.account !== account) return null;
      return {
        field,
        value: now.creator === null ? null : liftPerson(context, account, now.creator),
        at: changedAt,
      };
    }
    case 'assignee': {
      const holder = principal(here, now, base ? principal(here, base) : null);
      const value = holder === null ? null : liftPerson(context, account, holder);
      return { field, value, at: changedAt };
    }
    case 'participants': {
      const holderBefore = base ? principal(here, base) : null;
      const before = base ? helpers(here, base, holderBefore) : [];
      const after = helpers(here, now, principal(here, now, holderBefore));
      return { field, value: editedParties(context, item, account, field, before, after), at: changedAt };
    }
    case 'auditors': {
      const before = base ? observers(here, base) : [];
      return {
        field,
        value: editedParties(context, item, account, field, before, observers(here, now)),
        at: changedAt,
      };
    }
    case 'start':
      return { field, value: now.start, at: changedAt };
    case 'deadline':
      return { field, value: now.deadline, at: changedAt };
  }
}

/** A set of people is edited, not replaced: who is hidden from this account stays in it. */
function editedParties(
  context: Context,
  item: Item,
  account: AccountId,
  field: 'participants' | 'auditors',
  before: readonly LocalPersonId[],
  after: readonly LocalPersonId[],
): readonly Party[] {
  const present = item.fields[field]?.value ?? [];
  const removed = new Set(before.filter((person) => !after.includes(person)));
  const kept = present.filter((party) => {
    const how = appearance(context, account, party);
    return !(how.is === 'person' && how.as !== 'facade' && removed.has(how.person));
  });
  const added = after
    .filter((person) => !before.includes(person))
    .map((person) => liftPerson(context, account, person))
    .filter((party) => party !== null)
    .filter((party) => !kept.some((one) => sameParty(one, party)));
  return [...kept, ...added];
}

/**
 * Whether a text says what an edit that waits put in, line by line, and nothing of what it took out: the write arrived
 * though nobody heard so, and the text was typed on top of it, in other paragraphs perhaps.
 */
function containsEdit(before: Body, waiting: Body, edited: Body): boolean {
  const lines = ({ blocks }: Body): readonly string[] =>
    plainText(blocks.map(({ block }) => block))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const [was, will, is] = [lines(before), lines(waiting), lines(edited)];
  const putIn = will.filter((line) => !was.includes(line));
  const takenOut = was.filter((line) => !will.includes(line));
  return (
    putIn.length + takenOut.length > 0 &&
    putIn.every((line) => is.includes(line)) &&
    !takenOut.some((line) => is.includes(line))
  );
}

/**
 * An edit on a mirror is carried block by block into the markup of the account that the text belongs to. Where that
 * account was edited itself while an edit from elsewhere waits to be written there, both stand when they touched
 * different blocks.
 */
function liftDescription(
  context: Context,
  item: Item,
  account: AccountId,
  base: Snapshot | null,
  now: Snapshot,
): { readonly value: MarkedText; readonly holdsPresent?: true } {
  const here = view(context, account);
  const surface = here.descriptionSurface();
  const present = item.fields.description?.value;
  const own: MarkedText = { account, surface: surface.name, markup: now.description };
  if (!present || base === null) return { value: own };
  if (present.account === account) {
    if (present.surface !== surface.name) return { value: own };
    const before = surface.parse(base.description);
    const waiting = surface.parse(present.markup);
    const edited = surface.parse(now.description);
    if (containsEdit(before, waiting, edited)) return { value: own, holdsPresent: true };
    const both = mergeBodies3(before, waiting, edited, surface);
    return both === undefined ? { value: own } : { value: { ...own, markup: both }, holdsPresent: true };
  }
  const origin = view(context, present.account);
  const originSurface = origin.surface(present.surface);
  const markup = mergeEdit({
    origin: originSurface.parse(present.markup),
    originSurface,
    before: surface.parse(base.description),
    after: surface.parse(now.description),
    mirrorSurface: surface,
    back: (block: Block) => backToOrigin(context, present.account, account, [block])[0] ?? block,
    forth: (block: Block) => namedFor(context, account, present.account, [block])[0] ?? block,
    notice: cutNotice,
  });
  return { value: { ...present, markup } };
}
