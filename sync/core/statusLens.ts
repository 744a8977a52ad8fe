/** Statuses between an account and the space's lifecycle (design, section 3). */
import { type AccountId, type LifecycleStatus, type LocalStatusId } from '../../errors/ids.ts';
import {
  type LifecycleStep,
  type Mapping,
  meaningOf,
  memberOf,
  type Position,
  type StatusLens,
} from '../../mappings/types.ts';
import { type AccountView } from './account.ts';
import { type Snapshot } from './replica.ts';

/** What decides by which lens a task is read: its object in Planfix, its group in Bitrix24. */
export type Placed = Pick<Snapshot, 'object' | 'place'>;

/** The lens of a task; null = its status is not mirrored. Columns count in the group alone that they belong to. */
export function lensOf(mapping: Mapping, account: AccountId, task: Placed): StatusLens | null {
  const lens = lensOfObject(mapping, account, task);
  if (!lens?.stages || task.place === groupOf(mapping, account)) return lens;
  // Without the columns a status that only they tell apart can not be shown.
  const shown = (Object.entries(lens.out) as [LifecycleStatus, LocalStatusId | 'hold'][]).map(
    ([status, local]) => [status, lens.in[local as LocalStatusId] === status ? local : 'hold'],
  );
  return { in: lens.in, out: Object.fromEntries(shown) as StatusLens['out'] };
}

/**
 * Ids of statuses are those of the whole account: one that a task brought along from another object means what it meant
 * there, until a status of its new object is set.
 */
function lensOfObject(mapping: Mapping, account: AccountId, { object }: Placed): StatusLens | null {
  const { everywhere = null, objects = {} } = mapping.statuses[account] ?? {};
  const own = object === null || !Object.hasOwn(objects, object) ? everywhere : (objects[object] ?? null);
  const others = [...Object.values(objects), ...(everywhere === null ? [] : [everywhere])].filter(
    (lens) => lens !== own,
  );
  if (own === null || others.length === 0) return own;
  return { ...own, in: Object.assign({}, ...others.map((lens) => lens.in), own.in) as StatusLens['in'] };
}

const groupOf = (mapping: Mapping, account: AccountId): string | null => {
  const scope = memberOf(mapping, account)?.scope;
  return scope?.kind === 'group' ? scope.group : null;
};

/** The group whose columns would show a status, where a task stands outside of it; null = they would not. */
export function groupThatShows(
  mapping: Mapping,
  account: AccountId,
  task: Placed,
  status: LifecycleStatus,
): string | null {
  const lens = lensOfObject(mapping, account, task);
  const group = groupOf(mapping, account);
  return lens?.stages && lens.out[status] !== 'hold' && task.place !== group ? group : null;
}

/**
 * Whether the status that the acting user sees may be its own and not the task's: it is one of several assignees, and
 * each of them may have a status for himself (Planfix, planfix-api section 7).
 */
export const showsOwnStatus = ({ abilities, actor }: AccountView, { assignees }: Snapshot): boolean =>
  abilities.statusPerAssignee && assignees.length > 1 && assignees.includes(actor);

/** Whether a task may be in several statuses at once, so that it has a written one only when all assignees have it. */
export const hasManyStatuses = ({ abilities }: AccountView, { assignees }: Snapshot): boolean =>
  abilities.statusPerAssignee && (assignees.length > 1 || assignees.some((one) => one.startsWith('group:')));

/** What the position of a task means; `unmapped` = no row. */
export function lifecycleOf(
  lens: StatusLens,
  lifecycle: readonly LifecycleStep[],
  position: Position,
):
  | { readonly is: 'status'; readonly status: LifecycleStatus }
  | { readonly is: 'hold' | 'ignore' | 'unmapped' } {
  const meaning = meaningOf(lens, lifecycle, position);
  if (meaning === undefined) return { is: 'unmapped' };
  if (meaning === 'hold') return { is: 'hold' };
  if (meaning === 'ignore') return { is: 'ignore' };
  return { is: 'status', status: meaning as LifecycleStatus };
}
