/** From the document that people write to the Mapping that the engine uses: every default is filled in here. */
import {
  as,
  type AccountId,
  type LifecycleStatus,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type RoleName,
  type SpaceId,
} from '../errors/ids.ts';
import { type MappingDocument } from './schema.ts';
import {
  defaultGuard,
  fieldNames,
  type AccountStatuses,
  type Audience,
  type ConflictPolicy,
  type CrmKind,
  type FieldName,
  type FieldRule,
  type Guard,
  type Mapping,
  type Member,
  type StageLens,
  type StatusLens,
} from './types.ts';

type MemberDocument = MappingDocument['members'][number];
type StatusesDocument = NonNullable<MappingDocument['statuses']>[string];

const roles = (names: readonly string[]): readonly RoleName[] => names.map((name) => as<RoleName>(name));

function member(document: MemberDocument, kind: CrmKind): Member {
  const { scope, acceptor } = document;
  return {
    account: as<AccountId>(document.account),
    kind,
    role: as<RoleName>(document.role),
    scope:
      scope?.project !== undefined
        ? { kind: 'project', project: scope.project }
        : scope?.group !== undefined
          ? { kind: 'group', group: scope.group }
          : null,
    object: document.object ?? null,
    standIns: (document.stand_ins ?? {}) as Record<AccountId, LocalPersonId>,
    acceptor:
      acceptor === undefined || acceptor === 'creator'
        ? { kind: 'creator' }
        : { kind: 'person', person: as<LocalPersonId>(acceptor) },
    defaultAssignee:
      document.default_assignee === undefined ? null : as<LocalPersonId>(document.default_assignee),
  };
}

const lens = (document: { in: Record<string, string>; out: Record<string, string> }): StatusLens => ({
  in: document.in as Record<LocalStatusId, LifecycleStatus | 'hold' | 'ignore'>,
  out: document.out as Record<LifecycleStatus, LocalStatusId | 'hold'>,
});

const columns = (document: NonNullable<StatusesDocument['stages']>): StageLens => ({
  in: document.in as Record<LocalStageId, LifecycleStatus>,
  out: document.out as Record<LifecycleStatus, LocalStageId>,
});

const accountStatuses = (document: StatusesDocument | undefined): AccountStatuses => ({
  everywhere:
    document?.in === undefined && document?.out === undefined
      ? null
      : {
          ...lens({ in: document.in ?? {}, out: document.out ?? {} }),
          ...(document.stages === undefined ? {} : { stages: columns(document.stages) }),
        },
  objects: Object.fromEntries(
    Object.entries(document?.objects ?? {}).map(([object, one]) => [object, lens(one)]),
  ),
});

function conflictPolicy(text: string | undefined): ConflictPolicy {
  if (text?.startsWith('role:') === true)
    return { kind: 'role', role: as<RoleName>(text.slice('role:'.length)) };
  return { kind: text === 'hub' || text === 'manual' ? text : 'latest' };
}

function fields(document: MappingDocument['fields']): Partial<Record<FieldName, FieldRule>> {
  const listed = document ?? fieldNames.map((name) => ({ name, conflict: undefined, hide: undefined }));
  return Object.fromEntries(
    listed.map(({ name, conflict, hide }) => [
      name,
      { name, conflict: conflictPolicy(conflict), hide: roles(hide ?? []) },
    ]),
  );
}

/** Each role sees itself; without a word about it also the hub's role, and the hub's role sees everybody. */
function sees(document: MappingDocument): Record<RoleName, readonly RoleName[]> {
  const all = [...new Set(document.members.map((one) => one.role))];
  const hubRole = document.members.find((one) => one.account === document.hub)?.role;
  const seen = (role: string): readonly string[] =>
    document.privacy?.[role]?.sees ?? (role === hubRole ? all : hubRole === undefined ? [] : [hubRole]);
  return Object.fromEntries(all.map((role) => [role, roles([...new Set([role, ...seen(role)])])]));
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationMs(text: string): number {
  const unit = text.at(-1);
  return Number.parseInt(text, 10) * (unit === 'm' || unit === 'h' || unit === 'd' ? unitMs[unit] : NaN);
}

function guard(document: MappingDocument['guard']): Guard {
  const { share, at_least: atLeast, within } = document ?? {};
  return {
    share: share === undefined ? defaultGuard.share : Number.parseInt(share, 10) / 100,
    atLeast: atLeast ?? defaultGuard.atLeast,
    withinMs: within === undefined ? defaultGuard.withinMs : durationMs(within),
  };
}

/**
 * Total: names that refer to nothing stay as they are, for the checker to tell.
 * `kindOf` gives the CRM of a configured account.
 */
export function compile(
  document: MappingDocument,
  kindOf: (account: string) => CrmKind,
  version: number,
): Mapping {
  const accounts = document.members.map((one) => one.account);
  const share = document.comments?.share ?? {};
  const statusesOf = document.statuses ?? {};
  return {
    space: as<SpaceId>(document.space),
    version,
    hub: as<AccountId>(document.hub),
    members: document.members.map((one) => member(one, kindOf(one.account))),
    lifecycle: (document.lifecycle ?? []).map((status) => {
      const acceptedBy = document.acceptance?.[status];
      return {
        status: as<LifecycleStatus>(status),
        final: document.final?.includes(status) === true,
        ...(acceptedBy === undefined ? {} : { acceptedBy: as<RoleName>(acceptedBy) }),
      };
    }),
    transitions: (document.transitions ?? []).map(({ from, to, by, requires }) => ({
      from: as<LifecycleStatus>(from),
      to: as<LifecycleStatus>(to),
      by: roles(by ?? []),
      requires: requires ?? [],
    })),
    statuses: Object.fromEntries(
      [...new Set([...accounts, ...Object.keys(statusesOf)])].map((account) => [
        account,
        accountStatuses(statusesOf[account]),
      ]),
    ),
    people: (document.people ?? []).map((row) => row as Record<AccountId, LocalPersonId>),
    facades: (document.facades ?? []).map((facade) => ({
      of: as<RoleName>(facade.of),
      to: as<RoleName>(facade.to),
      as: as<AccountId>(facade.as),
    })),
    fields: fields(document.fields),
    comments: {
      share: Object.fromEntries(
        [...new Set([...accounts, ...Object.keys(share)])].map((account): [string, Audience] => [
          account,
          share[account] ?? 'addressed',
        ]),
      ),
      notify: document.comments?.notify ?? 'addressed',
      mirrorEdits: document.comments?.mirror_edits ?? 'restore',
      passOn: (document.comments?.pass_on ?? []).map(({ of, to }) => ({
        of: as<RoleName>(of),
        to: as<RoleName>(to),
      })),
    },
    files: { share: document.files?.share ?? true },
    sees: {
      ...sees(document),
      ...Object.fromEntries(
        Object.entries(document.privacy ?? {})
          .filter(([role]) => !document.members.some((one) => one.role === role))
          .map(([role, entry]) => [role, roles([...new Set([role, ...entry.sees])])]),
      ),
    },
    unknownPerson: document.unknown_person ?? 'stand-in',
    guard: guard(document.guard),
  };
}
