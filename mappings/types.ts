/**
 * A mapping as the engine uses it: loaded from YAML, checked, defaults filled in, immutable. The grammar that people
 * write stands in schema.ts; nothing past the loader sees it.
 */
import {
  type AccountId,
  type LifecycleStatus,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type RoleName,
  type SpaceId,
} from '../errors/ids.ts';

export type CrmKind = 'planfix' | 'bitrix24';

/** The fields of a task that can be shared. Assignee, participants and auditors are sets of people with different duties. */
export const fieldNames = [
  'title',
  'description',
  'status',
  'creator',
  'assignee',
  'participants',
  'auditors',
  'start',
  'deadline',
] as const;
export type FieldName = (typeof fieldNames)[number];

export type ConflictPolicy =
  | { readonly kind: 'latest' }
  | { readonly kind: 'hub' }
  | { readonly kind: 'role'; readonly role: RoleName }
  | { readonly kind: 'manual' };

export interface FieldRule {
  readonly name: FieldName;
  readonly conflict: ConflictPolicy;
  /** Roles that neither see nor change this field. */
  readonly hide: readonly RoleName[];
}

/** Which local tasks are shared of themselves. Naming a stand-in shares a task in any account, scope or not. */
export type Scope =
  { readonly kind: 'project'; readonly project: string } | { readonly kind: 'group'; readonly group: string };

export interface Member {
  readonly account: AccountId;
  readonly kind: CrmKind;
  readonly role: RoleName;
  /** `null` = a task of this account is shared only by naming a stand-in; of others' tasks it gets those that name it. */
  readonly scope: Scope | null;
  /** Planfix object (task type) that mirrors are created with. */
  readonly object: string | null;
  /** Who stands in this account for the people of another organisation. */
  readonly standIns: Readonly<Record<AccountId, LocalPersonId>>;
  /** Who is creator/assigner of a mirror here, so that people accept in their own card; never the acting user. */
  readonly acceptor:
    { readonly kind: 'creator' } | { readonly kind: 'person'; readonly person: LocalPersonId };
  /** Who gets the baton when a task is passed to this organisation without naming a person. */
  readonly defaultAssignee: LocalPersonId | null;
}

/** Columns of the kanban of the member's group. One that is not in `in` means nothing. */
export interface StageLens {
  readonly in: Readonly<Record<LocalStageId, LifecycleStatus>>;
  /** Where the card is put with the status that `out` of the lens gives. */
  readonly out: Readonly<Record<LifecycleStatus, LocalStageId>>;
}

/** `hold` = left alone and listed until a person decides; `ignore` = this account's own affair. */
export interface StatusLens {
  readonly in: Readonly<Record<LocalStatusId, LifecycleStatus | 'hold' | 'ignore'>>;
  readonly out: Readonly<Record<LifecycleStatus, LocalStatusId | 'hold'>>;
  /** Absent = columns mean nothing. */
  readonly stages?: StageLens;
}

/** Where a task stands in its account. */
export interface Position {
  readonly status: LocalStatusId;
  /** Absent = the account has no columns. */
  readonly stage?: LocalStageId | undefined;
}

export interface AccountStatuses {
  readonly everywhere: StatusLens | null;
  /** Planfix: lenses of single objects (task types) instead of `everywhere`. */
  readonly objects: Readonly<Record<string, StatusLens>>;
}

export interface LifecycleStep {
  readonly status: LifecycleStatus;
  readonly final: boolean;
  /** The status waits for acceptance by people of this role. */
  readonly acceptedBy?: RoleName;
}

/** Whether a column may tell a status: it neither ends a task nor hands it over for acceptance. */
export const isOpen = ({ final, acceptedBy }: LifecycleStep): boolean => !final && acceptedBy === undefined;

/**
 * What the position of a task means. A status that is final or waits for acceptance, one that is held or ignored, and one
 * without a row go before every column; otherwise a column with a row goes before the status. undefined = no row.
 */
export function meaningOf(
  lens: StatusLens,
  lifecycle: readonly LifecycleStep[],
  { status, stage }: Position,
): LifecycleStatus | 'hold' | 'ignore' | undefined {
  const told = Object.hasOwn(lens.in, status) ? lens.in[status] : undefined;
  if (stage === undefined || !lens.stages || !Object.hasOwn(lens.stages.in, stage)) return told;
  return lifecycle.some((step) => step.status === told && isOpen(step)) ? lens.stages.in[stage] : told;
}

/**
 * Where a task is put to show a lifecycle status. One that already means it is left alone, and a status that means it stays
 * where only the card has to be moved. Without a `stage` the card stays where it is.
 */
export function positionFor(
  lens: StatusLens,
  lifecycle: readonly LifecycleStep[],
  wanted: LifecycleStatus,
  current: Position | null,
): Position | 'hold' | 'unmapped' {
  if (current !== null && meaningOf(lens, lifecycle, current) === wanted) return current;
  const status = Object.hasOwn(lens.out, wanted) ? lens.out[wanted] : undefined;
  if (status === undefined) return 'unmapped';
  if (status === 'hold') return 'hold';
  const stage = lens.stages?.out[wanted];
  if (stage === undefined || current === null) return { status };
  return { status: lens.in[current.status] === wanted ? current.status : status, stage };
}

/**
 * One rule for a move. It restricts only the move that it names: a move that no rule names is free. Rules that name
 * the old status go before rules `from: any`; of several that remain, meeting one is enough.
 */
export interface Transition {
  readonly from: LifecycleStatus | 'any';
  readonly to: LifecycleStatus;
  /** Roles that may move; empty = every role. */
  readonly by: readonly RoleName[];
  /** `reason` (said in a comment) or names of fields that must not be empty. */
  readonly requires: readonly string[];
}

/** The rules of which a move must meet one; none = the move is free. */
export function rulesForMove(
  transitions: readonly Transition[],
  from: LifecycleStatus,
  to: LifecycleStatus,
): readonly Transition[] {
  const named = transitions.filter((rule) => rule.to === to);
  const exact = named.filter((rule) => rule.from === from);
  return exact.length > 0 ? exact : named.filter((rule) => rule.from === 'any');
}

/** Whether a role may make a move at all, whatever the move then requires. */
export const mayMove = (
  transitions: readonly Transition[],
  from: LifecycleStatus,
  to: LifecycleStatus,
  role: RoleName,
): boolean => {
  const rules = rulesForMove(transitions, from, to);
  return rules.length === 0 || rules.some((rule) => rule.by.length === 0 || rule.by.includes(role));
};

/** One person who has an own user in several accounts: account → local person. */
export type PersonRow = Readonly<Record<AccountId, LocalPersonId>>;

/** People of role `of` are shown to role `to` as the organisation `as`. */
export interface Facade {
  readonly of: RoleName;
  readonly to: RoleName;
  readonly as: AccountId;
}

export type Audience = 'addressed' | 'all' | 'none';

export interface CommentRules {
  /** Which comments of an account leave it. */
  readonly share: Readonly<Record<AccountId, Audience>>;
  readonly notify: 'addressed' | 'none';
  /** What becomes of a person's edit of a mirrored comment. */
  readonly mirrorEdits: 'restore' | 'keep' | 'add';
  /** Messages of a role that are handed on to a role which does not see it, under the facade. */
  readonly passOn: readonly { readonly of: RoleName; readonly to: RoleName }[];
}

/** When so many tasks of the space are closed or lose something within a time that a person is asked first. */
export interface Guard {
  /** Part of the open tasks, 0 to 1. 1 = nothing is ever held. */
  readonly share: number;
  /** As many always pass, however small the space is. */
  readonly atLeast: number;
  readonly withinMs: number;
}

/** Of a space that says nothing about it. */
export const defaultGuard: Guard = { share: 0.2, atLeast: 10, withinMs: 3_600_000 };

export interface Mapping {
  readonly space: SpaceId;
  /** Grows by one with every applied change. */
  readonly version: number;
  readonly hub: AccountId;
  readonly members: readonly Member[];
  readonly lifecycle: readonly LifecycleStep[];
  /** Empty = every move is free. */
  readonly transitions: readonly Transition[];
  readonly statuses: Readonly<Record<AccountId, AccountStatuses>>;
  readonly people: readonly PersonRow[];
  readonly facades: readonly Facade[];
  /** A field that is not here is not shared. */
  readonly fields: Readonly<Partial<Record<FieldName, FieldRule>>>;
  readonly comments: CommentRules;
  readonly files: { readonly share: boolean };
  /** Roles whose people, messages and files a role may see; its own is always there. Complete for every role. */
  readonly sees: Readonly<Record<RoleName, readonly RoleName[]>>;
  /** A person nobody maps: shown as the stand-in of the organisation, or left out; listed either way. */
  readonly unknownPerson: 'stand-in' | 'leave-out';
  readonly guard: Guard;
}

export const memberOf = (mapping: Mapping, account: AccountId): Member | undefined =>
  mapping.members.find((member) => member.account === account);
