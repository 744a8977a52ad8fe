/**
 * Judges spaces that share accounts. One task may be a replica of two items there, so a status that one space writes is
 * read by the other as a person's. Whether that ever comes to rest is found by playing it: every edit that a person can
 * make, from every state that can be reached.
 */
import {
  as,
  type AccountId,
  type LifecycleStatus,
  type LocalStageId,
  type LocalStatusId,
  type SpaceId,
} from '../errors/ids.ts';
import { list, problem, type Finding, type Path } from './finding.ts';
import { mayMove, meaningOf, type Mapping, type Scope, type Position, type StatusLens } from './types.ts';

/** A finding with the space in whose document its path stands. */
export type SpaceFinding = Finding & { readonly space: SpaceId };

const inSpace = (space: SpaceId, path: Path, message: string, fix: string): SpaceFinding => ({
  ...problem(path, message, fix),
  space,
});

const accountsOf = (mapping: Mapping): readonly AccountId[] => mapping.members.map((one) => one.account);

/** Spaces that hang together by accounts that they share. */
function components(mappings: readonly Mapping[]): readonly (readonly Mapping[])[] {
  const left = [...mappings];
  const found: Mapping[][] = [];
  for (let first = left.shift(); first !== undefined; first = left.shift()) {
    const group = [first];
    for (const one of group) {
      const next = left.filter((other) =>
        accountsOf(other).some((account) => accountsOf(one).includes(account)),
      );
      for (const other of next) left.splice(left.indexOf(other), 1);
      group.push(...next);
    }
    found.push(group);
  }
  return found;
}

/** What one space makes of one task: its own status, and each account's status as it last agreed with it. */
interface SpaceState {
  readonly item: LifecycleStatus | null;
  readonly shadows: Readonly<Record<AccountId, LocalStatusId>>;
}

interface World {
  readonly locals: Readonly<Record<AccountId, LocalStatusId>>;
  readonly spaces: readonly SpaceState[];
}

/** The lens of each account in one space for one choice of objects. */
type Lenses = readonly Readonly<Record<AccountId, StatusLens>>[];

const meaning = (lens: StatusLens, local: LocalStatusId | undefined): string | undefined =>
  local !== undefined && Object.hasOwn(lens.in, local) ? lens.in[local] : undefined;

interface Step {
  readonly world: World;
  /** A move that the space's transitions did not allow, and that was put back. */
  readonly refused: boolean;
}

/** One reconcile of one space: lift what changed, settle it, write what differs. */
function reconcile(world: World, mapping: Mapping, place: number, lenses: Lenses): Step {
  const before = world.spaces[place] ?? { item: null, shadows: {} };
  const locals: Record<AccountId, LocalStatusId> = { ...world.locals };
  let item = before.item;
  let refused = false;
  for (const { account, role } of mapping.members) {
    const lens = lenses[place]?.[account];
    const local = locals[account];
    if (lens === undefined || local === undefined) continue;
    const lifted = meaning(lens, local);
    if (lifted === undefined || lifted === 'hold' || lifted === 'ignore') continue;
    if (lifted === item || lifted === meaning(lens, before.shadows[account])) continue;
    const wanted = lifted as LifecycleStatus;
    if (item === null || mayMove(mapping.transitions, item, wanted, role)) item = wanted;
    else refused = true;
  }
  if (item === null) return { world, refused };
  for (const { account } of mapping.members) {
    const lens = lenses[place]?.[account];
    if (lens === undefined) continue;
    const now = meaning(lens, locals[account]);
    if (now === item || now === 'hold' || now === 'ignore') continue;
    const target = Object.hasOwn(lens.out, item) ? lens.out[item] : undefined;
    if (target !== undefined && target !== 'hold') locals[account] = put(target, locals[account]);
  }
  const shadows = Object.fromEntries(
    accountsOf(mapping).flatMap((one) => (locals[one] === undefined ? [] : [[one, locals[one]]])),
  );
  const spaces = world.spaces.map((space, index) => (index === place ? { item, shadows } : space));
  return { world: { locals, spaces }, refused };
}

interface Rest {
  readonly world: World;
  readonly rests: boolean;
  readonly refused: boolean;
}

/** Reconciles space after space until a whole round changes nothing, or until a state comes back. */
function untilRest(start: World, mappings: readonly Mapping[], lenses: Lenses): Rest {
  let world = start;
  let refused = false;
  const seen = new Set<string>();
  for (;;) {
    const before = JSON.stringify(world);
    if (seen.has(before)) return { world, rests: false, refused };
    seen.add(before);
    let moved = false;
    for (const [place, mapping] of mappings.entries()) {
      const step = reconcile(world, mapping, place, lenses);
      moved ||= JSON.stringify(step.world) !== JSON.stringify(world);
      world = step.world;
      refused ||= step.refused;
    }
    if (!moved) return { world, rests: true, refused };
  }
}

/** Local statuses that differ in what some space makes of them: the others behave alike. */
function telling(account: AccountId, lenses: Lenses): readonly LocalStatusId[] {
  const known = lenses.flatMap((space) => Object.keys(space[account]?.in ?? {})) as LocalStatusId[];
  const byMeaning = new Map<string, LocalStatusId>();
  for (const local of known) {
    const meanings = lenses.map((space) => {
      const lens = space[account];
      return (lens === undefined ? undefined : meaning(lens, local)) ?? '';
    });
    if (!byMeaning.has(meanings.join('/'))) byMeaning.set(meanings.join('/'), local);
  }
  return [...byMeaning.values()];
}

/** States looked at for one choice of objects; most mappings have fewer. */
const mostStates = 200;

function play(mappings: readonly Mapping[], lenses: Lenses): SpaceFinding | null {
  const accounts = [...new Set(mappings.flatMap(accountsOf))];
  const shared = accounts.filter(
    (account) => mappings.filter((one) => accountsOf(one).includes(account)).length > 1,
  );
  const statuses = new Map(accounts.map((account) => [account, telling(account, lenses)]));
  const empty: World = { locals: {}, spaces: mappings.map(() => ({ item: null, shadows: {} })) };
  const queue: World[] = [empty];
  const known = new Set([JSON.stringify(empty)]);
  for (const world of queue) {
    for (const account of accounts) {
      for (const status of statuses.get(account) ?? []) {
        if (world.locals[account] === status) continue;
        const edited = { ...world, locals: { ...world.locals, [account]: status } };
        const rest = untilRest(edited, mappings, lenses);
        const told = tell(mappings, lenses, shared, { account, status }, rest);
        if (told !== null) return told;
        const key = JSON.stringify(rest.world);
        if (known.has(key) || known.size >= mostStates) continue;
        known.add(key);
        queue.push(rest.world);
      }
    }
  }
  return null;
}

function tell(
  mappings: readonly Mapping[],
  lenses: Lenses,
  shared: readonly AccountId[],
  edit: { readonly account: AccountId; readonly status: LocalStatusId },
  rest: Rest,
): SpaceFinding | null {
  const names = list(mappings.map((one) => one.space));
  const first = mappings.find((one) => accountsOf(one).includes(edit.account)) ?? mappings[0];
  if (first === undefined) return null;
  if (!rest.rests) {
    return inSpace(
      first.space,
      rest.refused ? ['transitions'] : ['statuses', edit.account],
      `when "${edit.account}" sets "${edit.status}", ${names} put the task back and forth for ever: each undoes what the other wrote in ${list(shared)}`,
      rest.refused
        ? `let both spaces allow the same moves to the people of ${list(shared)}, or let one space alone hold the rule`
        : `give ${list(shared)} the same meaning in both spaces, or write hold in one of them`,
    );
  }
  const kept = rest.world.locals[edit.account];
  if (rest.refused || kept === edit.status) return null;
  for (const [place, mapping] of mappings.entries()) {
    const lens = lenses[place]?.[edit.account];
    if (lens === undefined) continue;
    const meant = meaning(lens, edit.status);
    if (meant === undefined || meant === 'hold' || meant === 'ignore' || meant === meaning(lens, kept))
      continue;
    return inSpace(
      mapping.space,
      ['statuses', edit.account],
      `when "${edit.account}" sets "${edit.status}" ("${meant}"), it comes back from ${names} as "${kept ?? ''}", which means something else`,
      `give ${list(shared)} the same meaning in both spaces, or write hold in one of them`,
    );
  }
  return null;
}

/** Columns that some space names in an account. */
const columnsOf = (mappings: readonly Mapping[], account: AccountId): ReadonlySet<LocalStageId> =>
  new Set(
    mappings.flatMap((mapping) => {
      const { in: told, out } = mapping.statuses[account]?.everywhere?.stages ?? { in: {}, out: {} };
      return [...(Object.keys(told) as LocalStageId[]), ...Object.values<LocalStageId>(out)];
    }),
  );

/** A lens whose statuses are pairs of a status and a column, as a person or the bridge may set them. */
function flattened(mapping: Mapping, lens: StatusLens, columns: ReadonlySet<LocalStageId>): StatusLens {
  if (columns.size === 0) return lens;
  const positions = (Object.keys(lens.in) as LocalStatusId[]).flatMap((status): Position[] => [
    { status },
    ...[...columns].map((stage) => ({ status, stage })),
  ]);
  return {
    in: Object.fromEntries(
      positions.flatMap((position) => {
        const meant = meaningOf(lens, mapping.lifecycle, position);
        return meant === undefined ? [] : [[pairOf(position), meant]];
      }),
    ) as StatusLens['in'],
    out: Object.fromEntries(
      (Object.entries(lens.out) as [LifecycleStatus, LocalStatusId | 'hold'][]).map(([status, local]) => [
        status,
        local === 'hold' ? local : pairOf({ status: local, stage: lens.stages?.out[status] }),
      ]),
    ) as StatusLens['out'],
  };
}

const inColumn = ' in column ';
const pairOf = ({ status, stage }: Position): string =>
  stage === undefined ? status : `${status}${inColumn}${stage}`;

/** A status that is written without a column leaves the card where it is. */
function put(target: LocalStatusId, current: LocalStatusId | undefined): LocalStatusId {
  const [, column] = current?.split(inColumn) ?? [];
  return column === undefined || target.includes(inColumn)
    ? target
    : as<LocalStatusId>(`${target}${inColumn}${column}`);
}

/** Every choice of Planfix objects for the shared accounts, each with the lenses that apply then; at most 64. */
function choices(mappings: readonly Mapping[]): readonly Lenses[] {
  const accounts = [...new Set(mappings.flatMap(accountsOf))];
  let combinations: Readonly<Record<AccountId, string | null>>[] = [{}];
  for (const account of accounts) {
    const objects = new Set<string | null>(
      mappings.flatMap((one) => Object.keys(one.statuses[account]?.objects ?? {})),
    );
    if (mappings.some((one) => one.statuses[account]?.everywhere != null)) objects.add(null);
    if (objects.size === 0) continue;
    combinations = combinations
      .flatMap((chosen) => [...objects].map((object) => ({ ...chosen, [account]: object })))
      .slice(0, 64);
  }
  return combinations.map((chosen) =>
    mappings.map((mapping) =>
      Object.fromEntries(
        mapping.members.flatMap(({ account }) => {
          const statuses = mapping.statuses[account];
          const object = chosen[account] ?? null;
          const lens =
            (object === null ? undefined : statuses?.objects[object]) ?? statuses?.everywhere ?? null;
          return lens === null ? [] : [[account, flattened(mapping, lens, columnsOf(mappings, account))]];
        }),
      ),
    ),
  );
}

const samePlace = (one: Scope | null | undefined, other: Scope | null | undefined): boolean =>
  one != null && other != null && JSON.stringify(one) === JSON.stringify(other);

/** A mirror that lies in another space's scope is shared by it as well: it must not come back to an account that has the task. */
function doubles(mappings: readonly Mapping[]): readonly SpaceFinding[] {
  for (const start of mappings) {
    const placed = new Map(start.members.map((member) => [member.account, member.scope]));
    const joined = new Set([start]);
    for (const [account, scope] of placed) {
      for (const next of mappings) {
        const here = next.members.find((member) => member.account === account);
        if (joined.has(next) || here === undefined || !samePlace(here.scope, scope)) continue;
        joined.add(next);
        for (const member of next.members) {
          if (member.account === account) continue;
          if (!placed.has(member.account)) {
            placed.set(member.account, member.scope);
            continue;
          }
          const index = next.members.indexOf(here);
          return [
            inSpace(
              next.space,
              ['members', index, 'scope'],
              `mirrors that "${start.space}" makes in "${account}" lie in this scope too, so "${member.account}" would get a second copy of its own task`,
              `give the two spaces different projects or groups in "${account}"`,
            ),
          ];
        }
      }
    }
  }
  return [];
}

/**
 * What goes wrong only because spaces share accounts: statuses that are put back and forth, statuses that come back
 * changed, tasks that come back as copies. Give it every mapping that is in force, and the new one in place of its own.
 */
export function checkTogether(mappings: readonly Mapping[]): readonly SpaceFinding[] {
  return components(mappings)
    .filter((group) => group.length > 1)
    .flatMap((group) => {
      const orders = [group, [...group].reverse()];
      for (const order of orders) {
        for (const lenses of choices(order)) {
          const found = play(order, lenses);
          if (found !== null) return [found, ...doubles(group)];
        }
      }
      return doubles(group);
    });
}
