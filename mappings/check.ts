/**
 * Judges a compiled mapping by itself, and against what its accounts were found to have. Spaces that share accounts are
 * judged together by check-together.ts.
 */
import { type AccountId, type LocalPersonId } from '../errors/ids.ts';
import { lensesOf, lensRules, type PlacedLens } from './check-lens.ts';
import { peopleRules } from './check-people.ts';
import { roleRules } from './check-roles.ts';
import { againstStages, stageRules } from './check-stages.ts';
import { list, problem, warning, type Finding, type Section } from './finding.ts';
import { type Mapping } from './types.ts';

/** One status of an account, as its connector lists it. */
export interface KnownStatus {
  readonly id: string;
  readonly name: string;
  /** Planfix objects that know it; null = all. */
  readonly objects: readonly string[] | null;
  /** Planfix: each assignee has it for himself, and the task only when all of them have it. */
  readonly individual?: boolean;
}

/** A column of the kanban of the member's group. */
export interface KnownStage {
  readonly id: string;
  readonly name: string;
}

/** What is known of a live account; what was not asked for is null. */
export interface KnownAccount {
  readonly statuses: readonly KnownStatus[] | null;
  /** In their order; absent where none were asked for. */
  readonly stages?: readonly KnownStage[] | null;
  /** Acting users: whom the account's credentials act as. */
  readonly actors: readonly LocalPersonId[];
}

/** Rules that read a section in `broken` are left out: their findings would only repeat that breakage. */
export function checkMapping(
  mapping: Mapping,
  broken: ReadonlySet<Section> = new Set<Section>(),
): readonly Finding[] {
  return [...roleRules, ...lensRules, ...stageRules, ...peopleRules]
    .filter((rule) => !rule.needs.some((section) => broken.has(section)))
    .flatMap((rule) => rule.find(mapping));
}

function againstStatuses(
  { account, object, path, lens }: PlacedLens,
  statuses: readonly KnownStatus[],
  ownLens: ReadonlySet<string>,
): readonly Finding[] {
  const here = statuses.filter(({ objects }) =>
    object === null
      ? objects === null || objects.some((one) => !ownLens.has(one))
      : objects?.includes(object) !== false,
  );
  const ids = new Set(here.map((status) => status.id));
  const of = object === null ? `"${account}"` : `object "${object}" of "${account}"`;
  return [
    ...here
      .filter((status) => !Object.hasOwn(lens.in, status.id))
      .map((status) =>
        problem(
          [...path, 'in'],
          `no row says what "${status.id}" (${status.name}) of ${of} means`,
          `add "${status.id}": <lifecycle status>, or hold, or ignore`,
        ),
      ),
    ...Object.entries(lens.out)
      .filter(([, local]) => local !== 'hold' && !ids.has(local))
      .map(([status, local]) =>
        problem(
          [...path, 'out', status],
          `${of} has no status "${local}"`,
          `choose one of ${here.map((one) => `"${one.id}" (${one.name})`).join(', ')}`,
        ),
      ),
    ...individually(here, of, path, lens),
  ];
}

/** A status that is written and that Planfix keeps for each assignee. */
function individually(
  here: readonly KnownStatus[],
  of: string,
  path: PlacedLens['path'],
  lens: PlacedLens['lens'],
): readonly Finding[] {
  const written = Object.values(lens.out);
  const kept = here.filter(({ id, individual }) => individual === true && written.some((one) => one === id));
  if (kept.length === 0) return [];
  const names = list(kept.map(({ id, name }) => `${id} ${name}`));
  return [
    warning(
      [...path, 'out'],
      `${of} keeps ${names} for each assignee: a task with several of them has it only when all have it, so it may not take it from the bridge`,
      'nothing to do where tasks have one assignee; else let the status be set for all participants (Planfix: Account management, Statuses), or map to one that is',
    ),
  ];
}

function againstActors(
  mapping: Mapping,
  account: AccountId,
  actors: readonly LocalPersonId[],
): readonly Finding[] {
  const index = mapping.members.findIndex((member) => member.account === account);
  const member = mapping.members[index];
  if (member === undefined) return [];
  const named: readonly (readonly [key: string, id: LocalPersonId | null])[] = [
    ['acceptor', member.acceptor.kind === 'person' ? member.acceptor.person : null],
    ['default_assignee', member.defaultAssignee],
    ...(Object.entries(member.standIns) as [string, LocalPersonId][]),
  ];
  return named
    .filter(([, id]) => id !== null && actors.includes(id))
    .map(([key, id]) =>
      problem(
        [
          'members',
          index,
          ...(key === 'acceptor' || key === 'default_assignee' ? [key] : ['stand_ins', key]),
        ],
        `"${id ?? ''}" is the acting user of "${account}": what it does is the bridge's own doing, so it can be nobody's part`,
        'name another person',
      ),
    );
}

/**
 * Judges the mapping by what its accounts were found to have: each status of theirs has a row, each status that is
 * written exists there, and no acting user is given a part. Accounts that are missing in `accounts` are not judged.
 */
export function checkAgainstAccounts(
  mapping: Mapping,
  accounts: Readonly<Record<AccountId, KnownAccount>>,
): readonly Finding[] {
  return mapping.members.flatMap(({ account }) => {
    const live = Object.hasOwn(accounts, account) ? accounts[account] : undefined;
    if (live === undefined) return [];
    const statuses = live.statuses;
    const ownLens = new Set(Object.keys(mapping.statuses[account]?.objects ?? {}));
    return [
      ...(statuses === null
        ? []
        : lensesOf(mapping)
            .filter((placed) => placed.account === account)
            .flatMap((placed) => againstStatuses(placed, statuses, ownLens))),
      ...againstStages(mapping, account, live.stages ?? null),
      ...againstActors(mapping, account, live.actors),
    ];
  });
}
