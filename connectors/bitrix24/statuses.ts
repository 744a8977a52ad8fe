/**
 * Ways between the statuses of a task (reference §10). A way prefers the transition methods, which the portal guards by
 * the status that the task really has; writing the status field is the last means, for editors only.
 */
import { as, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type StatusMove, type StatusStep } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type LocalStatus } from '../port.ts';

const id = (code: string): LocalStatusId => as<LocalStatusId>(code);

/** What the portal calls them; 1 and 7 are not in use any more and never written. */
export const statusList: readonly LocalStatus[] = [
  { id: id('2'), name: 'Ждёт выполнения', objects: null, final: false },
  { id: id('3'), name: 'Выполняется', objects: null, final: false },
  { id: id('4'), name: 'Ждёт контроля', objects: null, final: false },
  { id: id('5'), name: 'Завершена', objects: null, final: true },
  { id: id('6'), name: 'Отложена', objects: null, final: false },
];

type Facts = Pick<Snapshot, 'status' | 'control' | 'creator' | 'actions'>;

interface Transition {
  /** Method below `tasks.task.`, and the flag of `task.action` that allows it. */
  readonly name: string;
  readonly from: readonly string[];
  gives(task: Facts, actor: LocalPersonId): string;
  /** Whether it may be counted on later in a way, when the portal's flags say nothing about it yet. */
  foreseen(task: Facts, actor: LocalPersonId): boolean;
}

const always = (): boolean => true;
const byCreator = (task: Facts, actor: LocalPersonId): boolean => task.control && task.creator === actor;

/** In order of preference where two lead to the same status: a return for rework tells people more than a renewal. */
export const transitions: readonly Transition[] = [
  { name: 'start', from: ['2', '6'], gives: () => '3', foreseen: always },
  { name: 'pause', from: ['3'], gives: () => '2', foreseen: always },
  { name: 'defer', from: ['2', '3'], gives: () => '6', foreseen: always },
  {
    name: 'complete',
    from: ['2', '3', '6'],
    // With control on, completion by anybody but the creator only asks for acceptance.
    gives: (task, actor) => (task.control && task.creator !== actor ? '4' : '5'),
    foreseen: always,
  },
  { name: 'approve', from: ['4'], gives: () => '5', foreseen: byCreator },
  { name: 'disapprove', from: ['4'], gives: () => '2', foreseen: byCreator },
  { name: 'renew', from: ['4', '5', '6', '7'], gives: () => '2', foreseen: always },
];

/** Shortest way by transition methods, or null. */
function wayByMethods(task: Facts, to: string, actor: LocalPersonId): readonly StatusStep[] | null {
  const seen = new Set<string>([task.status]);
  let ways: { readonly at: string; readonly steps: readonly StatusStep[] }[] = [
    { at: task.status, steps: [] },
  ];
  while (ways.length > 0) {
    const next: typeof ways = [];
    for (const way of ways)
      for (const transition of transitions) {
        const first = way.steps.length === 0;
        const allowed =
          first && task.actions !== null
            ? task.actions.includes(transition.name)
            : transition.foreseen(task, actor);
        const gives = transition.gives(task, actor);
        if (!allowed || !transition.from.includes(way.at) || seen.has(gives)) continue;
        const steps = [...way.steps, { via: `tasks.task.${transition.name}`, gives: id(gives) }];
        if (gives === to) return steps;
        seen.add(gives);
        next.push({ at: gives, steps });
      }
    ways = next;
  }
  return null;
}

/**
 * The way from the task's status to `to` as `actor`, or why there is none. Completing a controlled task as somebody
 * else than its creator gives 4: a wanted 5 is then reached only by approval or, for an editor, by writing the field.
 */
export function statusMove(
  task: Facts,
  to: LocalStatusId,
  actor: LocalPersonId,
): StatusMove | { readonly unreachable: string } {
  if (task.status === to) return { from: task.status, to, steps: [] };
  if (!statusList.some((status) => status.id === to))
    return { unreachable: `Bitrix24 has no status ${to}: the statuses are 2 to 6` };
  const steps = wayByMethods(task, to, actor);
  if (steps !== null) return { from: task.status, to, steps };
  if (task.actions === null || task.actions.includes('edit'))
    return { from: task.status, to, steps: [{ via: 'set', gives: to }] };
  return {
    unreachable: `no transition leads from ${task.status} to ${to} for the acting user, who may not edit the task: make it the creator or an administrator`,
  };
}
