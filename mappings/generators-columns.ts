/** Kanbans at random for mappings that are right without them (generators.ts). */
import fc from 'fast-check';
import { as, type AccountId, type LocalStageId } from '../errors/ids.ts';
import { type KnownStage } from './check.ts';
import { isOpen, type LifecycleStep, type Mapping, type StatusLens } from './types.ts';

/** How the columns of an account's kanban are drawn; each list has a place for each status of the lifecycle. */
export interface Columns {
  readonly on: boolean;
  /** The column means its status, and does not only keep its cards. */
  readonly means: readonly boolean[];
  /** A status that no local one shows is shown by the column alone. */
  readonly alone: readonly boolean[];
  readonly untouched: boolean;
}

export const someColumns: fc.Arbitrary<Columns> = fc.record({
  on: fc.constantFrom(true, true, false),
  means: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  alone: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  untouched: fc.boolean(),
});

const columnFor = (index: number): LocalStageId => as<LocalStageId>(`${51 + index}`);

/** A lens with columns for the statuses that it shows, and for some that nothing but a column shows. */
function withColumns(lens: StatusLens, lifecycle: readonly LifecycleStep[], drawn: Columns): StatusLens {
  const steps = lifecycle.map((step, index) => ({ ...step, index, column: columnFor(index) }));
  const shown = steps.filter(({ status }) => lens.out[status] !== 'hold');
  const host = shown.find(isOpen);
  if (host === undefined) return lens;
  const alone = steps.filter(
    (step) => isOpen(step) && !shown.includes(step) && drawn.alone[step.index] === true,
  );
  const means = [...shown.filter((step) => isOpen(step) && drawn.means[step.index] === true), ...alone];
  const untouched = drawn.untouched ? { '0': host.status } : {};
  return {
    in: lens.in,
    out: {
      ...lens.out,
      ...Object.fromEntries(alone.map(({ status }) => [status, lens.out[host.status] ?? 'hold'])),
    },
    stages: {
      in: { ...untouched, ...Object.fromEntries(means.map(({ status, column }) => [column, status])) },
      out: Object.fromEntries([...shown, ...alone].map(({ status, column }) => [status, column])),
    },
  };
}

/** The mapping with a kanban in some of its groups: as right as it was. */
export function withKanban(mapping: Mapping, drawn: readonly Columns[]): Mapping {
  const statuses = mapping.members.map(({ account, kind, scope }, index) => {
    const own = mapping.statuses[account] ?? { everywhere: null, objects: {} };
    const columns = drawn[index];
    return own.everywhere !== null && kind === 'bitrix24' && scope !== null && columns?.on === true
      ? [account, { ...own, everywhere: withColumns(own.everywhere, mapping.lifecycle, columns) }]
      : [account, own];
  });
  return { ...mapping, statuses: Object.fromEntries(statuses) as Mapping['statuses'] };
}

/** The columns of each account with a kanban: one for each status, and one that nobody gave a meaning. */
export const listedColumns = (mapping: Mapping): Readonly<Record<AccountId, readonly KnownStage[]>> =>
  Object.fromEntries(
    mapping.members.map(({ account }) => [
      account,
      mapping.statuses[account]?.everywhere?.stages === undefined
        ? []
        : ['50', ...mapping.lifecycle.map((_, index) => columnFor(index))].map((id) => ({
            id,
            name: `column ${id}`,
          })),
    ]),
  );
