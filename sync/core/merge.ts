/** Brings what people changed in one account into the item; two edits of one field are settled and both kept. */
import { type AccountId, type Instant } from '../../errors/ids.ts';
import { type ConflictPolicy, type FieldName, rulesForMove } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Context, fieldRule, member, view } from './context.ts';
import { type Conflict, type FieldState, type FieldValues, type Item, type ItemFields } from './item.ts';
import { type FieldChange } from './lift.ts';
import { projectField } from './project.ts';
import { normalField, principal } from './raw.ts';
import { type Snapshot } from './replica.ts';

export interface Merged {
  readonly item: Item;
  /** Fields whose canonical value changed. */
  readonly changed: readonly FieldName[];
  readonly conflicts: readonly Conflict[];
  readonly troubles: readonly Trouble[];
}

/** Times of two CRMs closer than this say nothing of who was later. */
const uncertaintyMs = 60_000;

/** `shadow` is what the bridge last agreed with this account: it tells whether a change from elsewhere still waits to be written there. */
export function mergeFields(
  context: Context,
  item: Item,
  account: AccountId,
  shadow: Snapshot | null,
  changes: readonly FieldChange[],
  at: Instant,
): Merged {
  let fields: ItemFields = item.fields;
  const changed: FieldName[] = [];
  const conflicts: Conflict[] = [];
  const troubles: Trouble[] = [];
  for (const change of changes) {
    const present: FieldState<FieldValues[FieldName]> | undefined = item.fields[change.field];
    const next = { value: change.value, by: account, at: change.at };
    if (present && sameValue(present.value, change.value)) continue;
    if (change.field === 'status') {
      const refusal = forbiddenMove(context, item, account, change.value);
      if (refusal) {
        troubles.push(refusal);
        if (present) conflicts.push(conflict(change.field, at, present, next, 'transition'));
        continue;
      }
    }
    const waits = change.holdsPresent !== true && isPending(context, item, account, shadow, change.field);
    if (present && waits) {
      const policy = fieldRule(context, account, change.field)?.conflict ?? { kind: 'latest' };
      const verdict = settle(context, policy, account, present, next);
      conflicts.push(
        verdict.wins === 'next'
          ? conflict(change.field, at, next, present, verdict.settled)
          : conflict(change.field, at, present, next, verdict.settled),
      );
      if (verdict.wins === 'present') continue;
    }
    fields = { ...fields, [change.field]: next };
    changed.push(change.field);
  }
  return {
    item: { ...item, fields, conflicts: [...item.conflicts, ...conflicts] },
    changed,
    conflicts,
    troubles,
  };
}

const conflict = (
  field: FieldName,
  at: Instant,
  won: FieldState<FieldValues[FieldName]>,
  lost: FieldState<FieldValues[FieldName]>,
  settled: Conflict['settled'],
): Conflict => ({
  field,
  at,
  won: { by: won.by, value: won.value },
  lost: { by: lost.by, value: lost.value },
  settled,
});

const sameValue = (a: FieldValues[FieldName], b: FieldValues[FieldName]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Sets of people are edited person by person and never conflict. */
const mergesByElement = new Set<FieldName>(['participants', 'auditors']);

/** Whether the item holds a value from elsewhere that this account has not been shown yet. */
function isPending(
  context: Context,
  item: Item,
  account: AccountId,
  shadow: Snapshot | null,
  field: FieldName,
): boolean {
  if (shadow === null || mergesByElement.has(field)) return false;
  const here = view(context, account);
  const projection = projectField(context, item, account, field, shadow);
  const present = item.fields[field];
  // A value that can not be shown there has not been seen there either.
  if (projection.is === 'held') return field === 'description' || present?.by !== account;
  // Over a status of the account's own nothing is written: what came since it was set has not been seen.
  if (projection.is === 'nothing' && field === 'status')
    return present !== undefined && present.by !== account;
  return (
    projection.is === 'wanted' &&
    projection.normal !== normalField(here, shadow, field, principal(here, shadow))
  );
}

interface Verdict {
  readonly wins: 'present' | 'next';
  readonly settled: Conflict['settled'];
}

function settle(
  context: Context,
  policy: ConflictPolicy,
  account: AccountId,
  present: FieldState<FieldValues[FieldName]>,
  next: FieldState<FieldValues[FieldName]>,
): Verdict {
  const { hub } = context.mapping;
  switch (policy.kind) {
    case 'manual':
      return { wins: 'present', settled: 'waits' };
    case 'hub':
      if (account === hub) return { wins: 'next', settled: 'hub' };
      if (present.by === hub) return { wins: 'present', settled: 'hub' };
      break;
    case 'role': {
      if (member(context, account).role === policy.role) return { wins: 'next', settled: 'role' };
      const byRole = context.mapping.members.find((one) => one.account === present.by)?.role;
      if (byRole === policy.role) return { wins: 'present', settled: 'role' };
      break;
    }
    case 'latest':
      break;
  }
  if (Math.abs(next.at - present.at) <= uncertaintyMs) {
    if (account === hub) return { wins: 'next', settled: 'hub' };
    if (present.by === hub) return { wins: 'present', settled: 'hub' };
  }
  return { wins: next.at >= present.at ? 'next' : 'present', settled: 'latest' };
}

/** Why a role may not move the item to a status, if the mapping's transitions forbid it. */
function forbiddenMove(
  context: Context,
  item: Item,
  account: AccountId,
  to: FieldValues['status'],
): Trouble | null {
  const { transitions } = context.mapping;
  const from = item.fields.status?.value;
  if (transitions.length === 0 || from === undefined) return null;
  const { role } = member(context, account);
  const ways = rulesForMove(transitions, from, to);
  if (ways.length === 0) return null;
  const open = ways.filter((way) => way.by.length === 0 || way.by.includes(role));
  const missing = open.map((way) => way.requires.filter((need) => !fulfils(item, account, need)));
  if (missing.some((needs) => needs.length === 0)) return null;
  const lacking = missing[0];
  return {
    code: 'E-TRANSITION',
    about: 'status',
    wanted: `${from} → ${to} by ${role}`,
    todo: lacking
      ? `Missing for this move: ${lacking.join(', ')}. Add it and set the status again; the status was put back.`
      : `Only ${[...new Set(ways.flatMap((way) => way.by))].join(', ') || 'nobody'} may move ${from} → ${to}; the status was put back.`,
  };
}

/** `reason` = a comment of that organisation since the status was set; a field's name = it has a value. */
function fulfils(item: Item, account: AccountId, need: string): boolean {
  if (need === 'reason') {
    const since = item.fields.status?.at ?? 0;
    return item.messages.some(
      (message) =>
        message.state === 'live' && message.provenance.organisation === account && message.at >= since,
    );
  }
  const state = Object.entries(item.fields).find(([name]) => name === need)?.[1];
  return state !== undefined && state.value !== null && state.value !== '';
}
