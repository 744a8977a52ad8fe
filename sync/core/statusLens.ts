/** Statuses between an account and the space's lifecycle (design, section 3). */
import { type AccountId, type LifecycleStatus, type LocalStatusId } from '../../errors/ids.ts';
import { type Mapping, type StatusLens } from '../../mappings/types.ts';

export function lensOf(mapping: Mapping, account: AccountId, object: string | null): StatusLens | null {
  const statuses = mapping.statuses[account];
  if (!statuses) return null;
  return (object === null ? undefined : statuses.objects[object]) ?? statuses.everywhere;
}

/** What a local status means; `unmapped` = no row. */
export function lifecycleOf(
  lens: StatusLens,
  status: LocalStatusId,
):
  | { readonly is: 'status'; readonly status: LifecycleStatus }
  | { readonly is: 'hold' | 'ignore' | 'unmapped' } {
  const meaning = lens.in[status];
  if (meaning === undefined) return { is: 'unmapped' };
  if (meaning === 'hold') return { is: 'hold' };
  if (meaning === 'ignore') return { is: 'ignore' };
  return { is: 'status', status: meaning as LifecycleStatus };
}

/** The local status that shows a lifecycle status; one that already means it is left alone. */
export function localStatusFor(
  lens: StatusLens,
  wanted: LifecycleStatus,
  current: LocalStatusId | null,
): LocalStatusId | 'hold' | 'unmapped' {
  if (current !== null && lens.in[current] === wanted) return current;
  return lens.out[wanted] ?? 'unmapped';
}
