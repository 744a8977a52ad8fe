/**
 * Judges a compiled mapping by itself, and against what its accounts were found to have. Spaces that share accounts are
 * judged together by check-together.ts.
 */
import { type AccountId, type LocalPersonId } from '../errors/ids.ts';
import { lensesOf, lensRules, type PlacedLens } from './check-lens.ts';
import { peopleRules } from './check-people.ts';
import { roleRules } from './check-roles.ts';
import { problem, type Finding, type Section } from './finding.ts';
import { type Mapping } from './types.ts';

/** One status of an account, as its connector lists it. */
export interface KnownStatus {
  readonly id: string;
  readonly name: string;
  /** Planfix objects that know it; null = all. */
  readonly objects: readonly string[] | null;
}

/** What is known of a live account; what was not asked for is null. */
export interface KnownAccount {
  readonly statuses: readonly KnownStatus[] | null;
  /** Acting users: whom the account's credentials act as. */
  readonly actors: readonly LocalPersonId[];
}

/** Rules that read a section in `broken` are left out: their findings would only repeat that breakage. */
export function checkMapping(
  mapping: Mapping,
  broken: ReadonlySet<Section> = new Set<Section>(),
): readonly Finding[] {
  return [...roleRules, ...lensRules, ...peopleRules]
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
      ...againstActors(mapping, account, live.actors),
    ];
  });
}
