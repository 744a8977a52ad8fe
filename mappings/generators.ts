/**
 * Right mappings at random, for property tests: two to four accounts of both kinds, lenses that fold several statuses
 * into one, roles that do not see each other, facades, moves that only some may make, every way to settle conflicts.
 */
import fc from 'fast-check';
import {
  as,
  type AccountId,
  type LifecycleStatus,
  type LocalPersonId,
  type LocalStatusId,
  type RoleName,
  type SpaceId,
} from '../errors/ids.ts';
import {
  checkAgainstAccounts,
  checkMapping,
  type KnownAccount,
  type KnownStage,
  type KnownStatus,
} from './check.ts';
import { bitrix24Statuses } from './check-lens.ts';
import { listedColumns, someColumns, withKanban } from './generators-columns.ts';
import {
  defaultGuard,
  fieldNames,
  type Audience,
  type ConflictPolicy,
  type CrmKind,
  type Facade,
  type FieldName,
  type FieldRule,
  type LifecycleStep,
  type Mapping,
  type Member,
  type StatusLens,
  type Transition,
} from './types.ts';

export interface GeneratedMapping {
  readonly mapping: Mapping;
  /** Every status that tasks of an account can have; each has a row in its lens. */
  readonly statuses: Readonly<Record<AccountId, readonly KnownStatus[]>>;
  /** Columns of the kanban of an account's group; none where the mapping gives none a meaning. */
  readonly stages: Readonly<Record<AccountId, readonly KnownStage[]>>;
  /** The acting user of each account; it has no part in the mapping. */
  readonly actors: Readonly<Record<AccountId, LocalPersonId>>;
}

export interface MappingConstraints {
  /** At least 1; default 2. */
  readonly minAccounts?: number;
  /** At most 4; default 4. */
  readonly maxAccounts?: number;
  /** Every Bitrix24 account that can have a kanban has one; default: some. */
  readonly kanban?: boolean;
}

const accountNames = ['teyron', 'romashka', 'pixel', 'lavanda'].map((name) => as<AccountId>(name));
const roleNames = ['integrator', 'client', 'contractor', 'observer'].map((name) => as<RoleName>(name));
const lifecycleNames = ['new', 'in_progress', 'waiting_client', 'review', 'done', 'declined'].map((name) =>
  as<LifecycleStatus>(name),
);

/** Person number `n` of an account in the form of its CRM; 1 is the acting user, 20 to 23 stand in for the accounts. */
export const personOf = (kind: CrmKind, number: number): LocalPersonId =>
  as<LocalPersonId>(
    kind === 'planfix' ? `${number >= 20 && number < 30 ? 'contact' : 'user'}:${number}` : `${number}`,
  );

const listed = (kind: CrmKind, extra: number): readonly KnownStatus[] =>
  kind === 'bitrix24'
    ? Object.entries(bitrix24Statuses).map(([id, name]) => ({ id, name, objects: null }))
    : [
        ...['draft', 'new', 'in work', 'completed', 'postponed', 'rejected', 'done', 'cancelled'],
        ...Array.from({ length: extra }, (_, index) => `own ${index}`),
      ].map((name, index) => ({ id: `${index < 8 ? index : 93 + index}`, name, objects: null }));

/** A lens of `local` statuses: some shown each by one of its own, the rest folded into them, held or ignored. */
function aLens(
  kind: CrmKind,
  local: readonly KnownStatus[],
  lifecycle: readonly LifecycleStep[],
): fc.Arbitrary<StatusLens> {
  const steps = lifecycle.map((step) => step.status);
  const usable = local
    .map((status) => as<LocalStatusId>(status.id))
    .filter((id) => kind === 'planfix' || id !== '4');
  const waiting = lifecycle.find((step) => step.acceptedBy !== undefined)?.status;
  return fc
    .record({
      shown: fc.shuffledSubarray(steps, { minLength: 2 }),
      locals: fc.shuffledSubarray(usable, {
        minLength: Math.min(usable.length - 1, steps.length),
        maxLength: Math.min(usable.length, steps.length),
      }),
      rest: fc.array(fc.constantFrom<string>('fold', 'fold', 'hold', 'ignore'), {
        minLength: local.length,
        maxLength: local.length,
      }),
      salt: fc.nat(),
    })
    .map(({ shown, locals, rest, salt }): StatusLens => {
      const ways = new Map<LifecycleStatus, LocalStatusId>();
      shown.forEach((status, index) => {
        const id = locals[index];
        if (id !== undefined) ways.set(status, id);
      });
      // only Bitrix24's own waiting status may show a status that waits for acceptance, and nothing else
      if (kind === 'bitrix24' && waiting !== undefined && ways.has(waiting))
        ways.set(waiting, as<LocalStatusId>('4'));
      const meanings = [...ways.keys()];
      const meaningOf = new Map([...ways].map(([status, id]) => [id, status]));
      return {
        in: Object.fromEntries(
          local.map(({ id }, index) => {
            const folded = meanings[(salt + index) % meanings.length] ?? 'hold';
            const other = rest[index] === 'fold' ? folded : (rest[index] ?? 'hold');
            return [id, meaningOf.get(as<LocalStatusId>(id)) ?? other];
          }),
        ) as StatusLens['in'],
        out: Object.fromEntries(
          steps.map((status) => [status, ways.get(status) ?? 'hold']),
        ) as StatusLens['out'],
      };
    });
}

const aConflict = (roles: readonly RoleName[]): fc.Arbitrary<ConflictPolicy> =>
  fc.oneof(
    fc.constantFrom<ConflictPolicy>({ kind: 'latest' }, { kind: 'hub' }, { kind: 'manual' }),
    fc.constantFrom(...roles).map((role): ConflictPolicy => ({ kind: 'role', role })),
  );

const someOf = <Value>(values: readonly Value[]): fc.Arbitrary<Value[]> => fc.subarray([...values]);

function aField(
  name: FieldName,
  roles: readonly RoleName[],
  hubRole: RoleName,
): fc.Arbitrary<FieldRule | null> {
  const hidden =
    name === 'title' ? fc.constant<RoleName[]>([]) : someOf(roles.filter((role) => role !== hubRole));
  return fc
    .record({
      shared: fc.integer({ min: 0, max: 9 }),
      conflict: aConflict(roles),
      hide: hidden,
      hides: fc.boolean(),
    })
    .map(({ shared, conflict, hide, hides }) => {
      if (shared === 0 && name !== 'title') return null;
      const out = hides ? hide.filter((role) => conflict.kind !== 'role' || conflict.role !== role) : [];
      return { name, conflict, hide: out };
    });
}

const aTransition = (
  steps: readonly LifecycleStatus[],
  roles: readonly RoleName[],
): fc.Arbitrary<Transition> =>
  fc
    .record({
      from: fc.constantFrom<LifecycleStatus | 'any'>('any', ...steps),
      to: fc.constantFrom(...steps),
      by: someOf(roles),
      requires: fc.constantFrom<readonly string[]>([], [], ['reason'], ['deadline']),
    })
    .filter(({ from, to }) => from !== to);

/** Takes rows away from the end until nobody is trapped and everybody who accepts can move on. */
function withMovesThatWork(mapping: Mapping): Mapping {
  for (let kept = mapping.transitions.length; kept > 0; kept -= 1) {
    const tried = { ...mapping, transitions: mapping.transitions.slice(0, kept) };
    if (checkMapping(tried).every((finding) => finding.severity === 'warning')) return tried;
  }
  return { ...mapping, transitions: [] };
}

/** Drops acceptance where no account of the accepting role shows the status. */
function withAcceptanceThatShows(mapping: Mapping): Mapping {
  const shows = (step: LifecycleStep): boolean =>
    mapping.members.some(
      (member) =>
        member.role === step.acceptedBy &&
        (mapping.statuses[member.account]?.everywhere?.out[step.status] ?? 'hold') !== 'hold',
    );
  const kept = mapping.lifecycle.map(({ status, final, acceptedBy }) =>
    acceptedBy !== undefined && shows({ status, final, acceptedBy })
      ? { status, final, acceptedBy }
      : { status, final },
  );
  if (kept.some((step) => step.acceptedBy !== undefined)) return { ...mapping, lifecycle: kept };
  // then Bitrix24's waiting status may not be written either
  const statuses = Object.fromEntries(
    mapping.members.map(({ account, kind }) => {
      const { everywhere, objects } = mapping.statuses[account] ?? { everywhere: null, objects: {} };
      const out = Object.entries(everywhere?.out ?? {}).map(([status, local]) => [
        status,
        kind === 'bitrix24' && local === '4' ? 'hold' : local,
      ]);
      return [
        account,
        {
          everywhere:
            everywhere === null
              ? null
              : { in: everywhere.in, out: Object.fromEntries(out) as StatusLens['out'] },
          objects,
        },
      ];
    }),
  );
  return { ...mapping, lifecycle: kept, statuses };
}

interface Shape {
  readonly kinds: readonly CrmKind[];
  readonly lifecycle: readonly LifecycleStep[];
}

function aShape(min: number, max: number): fc.Arbitrary<Shape> {
  return fc
    .record({
      kinds: fc.array(fc.constantFrom<CrmKind>('planfix', 'bitrix24'), { minLength: min, maxLength: max }),
      size: fc.integer({ min: 3, max: lifecycleNames.length }),
      finals: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      waits: fc.option(fc.nat({ max: 5 })),
      accepts: fc.nat({ max: 3 }),
    })
    .map(({ kinds, size, finals, waits, accepts }) => ({
      kinds,
      lifecycle: lifecycleNames.slice(0, size).map((status, index) => {
        const role = roleNames[accepts % kinds.length];
        const acceptedBy =
          waits !== null && waits % size === index && role !== undefined ? { acceptedBy: role } : {};
        // the first two stay open, so that there is always somewhere to go
        return {
          status,
          final: index > 1 && finals[index] === true && !('acceptedBy' in acceptedBy),
          ...acceptedBy,
        };
      }),
    }));
}

/**
 * A mapping that checkMapping and checkAgainstAccounts find no problem with, and the statuses that its accounts have.
 * The first account is the hub; account and role of the same index belong together.
 */
export function aMapping({
  minAccounts = 2,
  maxAccounts = 4,
  kanban = false,
}: MappingConstraints = {}): fc.Arbitrary<GeneratedMapping> {
  return aShape(minAccounts, maxAccounts).chain(({ kinds, lifecycle }) => {
    const accounts = accountNames.slice(0, kinds.length);
    const roles = roleNames.slice(0, kinds.length);
    const [hub, hubRole] = [as<AccountId>('teyron'), as<RoleName>('integrator')];
    const steps = lifecycle.map((step) => step.status);
    const kindOf = (index: number): CrmKind => kinds[index] ?? 'planfix';
    const perAccount = <Value>(make: (index: number) => fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
      fc.tuple(...accounts.map((_, index) => make(index)));
    return fc
      .record({
        extra: fc.nat({ max: 3 }),
        mirrored: perAccount(() => fc.integer({ min: 0, max: 9 })),
        scoped: perAccount(() => (kanban ? fc.constant(true) : fc.boolean())),
        columns: perAccount(() => (kanban ? someColumns.map((one) => ({ ...one, on: true })) : someColumns)),
        acceptor: perAccount(() => fc.boolean()),
        share: perAccount(() => fc.constantFrom<Audience>('addressed', 'all', 'none')),
        seen: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        masked: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        passed: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        rows: fc.nat({ max: 2 }),
        fields: fc.tuple(...fieldNames.map((name) => aField(name, roles, hubRole))),
        transitions: fc.oneof(
          { weight: 1, arbitrary: fc.constant<Transition[]>([]) },
          { weight: 2, arbitrary: fc.array(aTransition(steps, roles), { minLength: 1, maxLength: 4 }) },
        ),
        notify: fc.constantFrom<'addressed' | 'none'>('addressed', 'none'),
        mirrorEdits: fc.constantFrom<'restore' | 'keep' | 'add'>('restore', 'keep', 'add'),
        files: fc.boolean(),
        unknownPerson: fc.constantFrom<'stand-in' | 'leave-out'>('stand-in', 'leave-out'),
      })
      .chain((drawn) =>
        perAccount((index) => aLens(kindOf(index), listed(kindOf(index), drawn.extra), lifecycle)).map(
          (lenses) => {
            const sees = Object.fromEntries(
              roles.map((role, viewer) => [
                role,
                roles.filter(
                  (other, index) =>
                    other === role ||
                    role === hubRole ||
                    other === hubRole ||
                    drawn.seen[viewer * 4 + index] === true,
                ),
              ]),
            );
            const hidden = roles.flatMap((to, viewer) =>
              roles
                .filter((of) => sees[to]?.includes(of) === false)
                .map((of) => ({ of, to, draw: viewer * 4 + roles.indexOf(of) })),
            );
            const facades = hidden
              .filter(({ draw }) => drawn.masked[draw] === true)
              .map(({ of, to }): Facade => ({ of, to, as: hub }));
            const mapping: Mapping = {
              space: as<SpaceId>('generated'),
              version: 1,
              hub,
              members: accounts.map((account, index): Member => {
                const kind = kindOf(index);
                const place = drawn.scoped[index] === true ? `${40 + index}` : null;
                return {
                  account,
                  kind,
                  role: roles[index] ?? hubRole,
                  scope:
                    place === null
                      ? null
                      : kind === 'planfix'
                        ? { kind: 'project', project: place }
                        : { kind: 'group', group: place },
                  object: null,
                  standIns: Object.fromEntries(
                    accounts.flatMap((other, number) =>
                      other === account ? [] : [[other, personOf(kind, 20 + number)]],
                    ),
                  ),
                  acceptor:
                    drawn.acceptor[index] === true
                      ? { kind: 'person', person: personOf(kind, 2) }
                      : { kind: 'creator' },
                  defaultAssignee: personOf(kind, 3),
                };
              }),
              lifecycle,
              transitions: drawn.transitions,
              statuses: Object.fromEntries(
                accounts.map((account, index) => [
                  account,
                  // one account in ten leaves its status alone
                  {
                    everywhere: index > 0 && drawn.mirrored[index] === 0 ? null : (lenses[index] ?? null),
                    objects: {},
                  },
                ]),
              ),
              people: Array.from({ length: accounts.length < 2 ? 0 : drawn.rows }, (_, row) =>
                Object.fromEntries(
                  accounts.slice(0, 2).map((account, index) => [account, personOf(kindOf(index), 4 + row)]),
                ),
              ),
              facades,
              fields: Object.fromEntries(
                drawn.fields.flatMap((rule) => (rule === null ? [] : [[rule.name, rule]])),
              ),
              comments: {
                share: Object.fromEntries(
                  accounts.map((account, index) => [account, drawn.share[index] ?? 'none']),
                ),
                notify: drawn.notify,
                mirrorEdits: drawn.mirrorEdits,
                passOn: hidden
                  .filter(({ draw }) => drawn.masked[draw] === true && drawn.passed[draw] === true)
                  .map(({ of, to }) => ({ of, to })),
              },
              files: { share: drawn.files },
              sees,
              unknownPerson: drawn.unknownPerson,
              guard: defaultGuard,
            };
            const whole = withMovesThatWork(withKanban(withAcceptanceThatShows(mapping), drawn.columns));
            return {
              mapping: whole,
              stages: listedColumns(whole),
              statuses: Object.fromEntries(
                accounts.map((account, index) => [account, listed(kindOf(index), drawn.extra)]),
              ),
              actors: Object.fromEntries(
                accounts.map((account, index) => [account, personOf(kindOf(index), 1)]),
              ),
            };
          },
        ),
      );
  });
}

/** The problems that the checker finds with a generated mapping: none, or the generator is wrong. */
export function problemsOf({ mapping, statuses, stages, actors }: GeneratedMapping): readonly string[] {
  const accounts = Object.fromEntries(
    mapping.members.map(({ account }): [string, KnownAccount] => [
      account,
      {
        statuses: statuses[account] ?? null,
        stages: stages[account] ?? null,
        actors: [actors[account] ?? as<LocalPersonId>('1')],
      },
    ]),
  );
  return [...checkMapping(mapping), ...checkAgainstAccounts(mapping, accounts)]
    .filter((finding) => finding.severity === 'problem')
    .map((finding) => finding.message);
}
