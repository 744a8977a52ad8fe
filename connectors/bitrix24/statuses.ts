/**
 * Ways between the statuses of a task (reference §10), searched over transition methods and over those whose credentials
 * the account has. A way prefers the methods, which the portal guards by the status that the task really has; writing
 * the status field is the last means, for editors only.
 */
import { as, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type StatusMove, type StatusStep } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type Findings } from '../findings.ts';
import { type Actor, type LocalStatus } from '../port.ts';

const id = (code: string): LocalStatusId => as<LocalStatusId>(code);

/** What the portal calls them; 1 and 7 are not in use any more and never written. */
export const statusList: readonly LocalStatus[] = [
  { id: id('2'), name: 'Ждёт выполнения', objects: null, final: false },
  { id: id('3'), name: 'Выполняется', objects: null, final: false },
  { id: id('4'), name: 'Ждёт контроля', objects: null, final: false },
  { id: id('5'), name: 'Завершена', objects: null, final: true },
  { id: id('6'), name: 'Отложена', objects: null, final: false },
];

/** What every new task is. */
export const bornAs: LocalStatusId = id('2');

type Facts = Pick<Snapshot, 'status' | 'control' | 'creator' | 'actions'> &
  Partial<Pick<Snapshot, 'assignees' | 'participants'>>;

interface Transition {
  /** Method below `tasks.task.`, and the flag of `task.action` that allows it. */
  readonly name: string;
  readonly from: readonly string[];
  gives(task: Facts, person: LocalPersonId, ways: Ways): string;
  /** Who may: anybody who works on the task, or whoever accepts its result while control is on. */
  readonly by: 'worker' | 'judge';
}

/** In order of preference where two lead to the same status: a return for rework tells people more than a renewal. */
export const transitions: readonly Transition[] = [
  { name: 'start', from: ['2', '6'], gives: () => '3', by: 'worker' },
  { name: 'pause', from: ['3'], gives: () => '2', by: 'worker' },
  { name: 'defer', from: ['2', '3'], gives: () => '6', by: 'worker' },
  {
    name: 'complete',
    from: ['2', '3', '6'],
    // With control on, completion by anybody but the creator only asks for acceptance.
    gives: (task, person, { straight }) =>
      task.control && !(straight && task.creator === person) ? '4' : '5',
    by: 'worker',
  },
  { name: 'approve', from: ['4'], gives: () => '5', by: 'judge' },
  { name: 'disapprove', from: ['4'], gives: () => '2', by: 'judge' },
  { name: 'renew', from: ['4', '5', '6', '7'], gives: () => '2', by: 'worker' },
];

/** What no document tells of the ways of a portal (reference §23 no. 17, 18 and 30). */
export interface Ways {
  /** Statuses from which a transition works, where they are others than the table's. */
  readonly from: Readonly<Record<string, readonly string[]>>;
  /** Under control its creator completes a task without accepting it. */
  readonly straight: boolean;
  /** The status field takes only what a transition would make. */
  readonly bound: boolean;
}

export const usualWays: Ways = { from: {}, straight: true, bound: false };

export function waysIn(findings: Findings): Ways {
  const told = findings.value('status.transitionSources')?.matchAll(/([a-z]+)((?: [1-7])*)(?:;|$)/g) ?? [];
  return {
    from: Object.fromEntries(
      [...told].map(([, name = '', from = '']) => [name, from.split(' ').filter((status) => status !== '')]),
    ),
    straight: findings.value('status.creatorCompletesStraight') !== 'no',
    bound: findings.value('status.updateObeysGraph') === 'yes',
  };
}

const sourcesOf = ({ name, from }: Transition, ways: Ways): readonly string[] => ways.from[name] ?? from;

/** One whose credential a step may go out with. */
interface Mover {
  readonly person: LocalPersonId;
  /** Absent for the acting user. */
  readonly as?: LocalPersonId;
  may(transition: Transition, first: boolean): boolean;
}

/** The portal tells what the acting user may do at once; what comes later is foreseen: who moves it now may move it then. */
const actingUser = (task: Facts, person: LocalPersonId): Mover => {
  const { actions } = task;
  const works =
    actions?.some((flag) => flag === 'edit' || transitions.some(({ name }) => name === flag)) ?? true;
  return {
    person,
    may: ({ name, by }, first) => {
      if (first && actions !== null) return actions.includes(name);
      return by === 'worker' ? works : task.control && task.creator === person;
    },
  };
};

/** Of others it tells nothing: what their part in the task allows is foreseen (who may, reference §10). */
const another = (task: Facts, { person, administrator }: Actor): Mover => {
  const leads = administrator || task.creator === person;
  const works = leads || [...(task.assignees ?? []), ...(task.participants ?? [])].includes(person);
  return { person, as: person, may: ({ by }) => (by === 'worker' ? works : leads && task.control) };
};

interface Way {
  readonly at: string;
  readonly steps: readonly StatusStep[];
  /** Steps that are not the acting user's. */
  readonly lent: number;
}

/** The way by transition methods with the fewest steps, and of those the fewest as others; null = there is none. */
function wayByMethods(
  task: Facts,
  to: string,
  movers: readonly Mover[],
  ways: Ways,
): readonly StatusStep[] | null {
  const seen = new Set<string>([task.status]);
  let found: readonly Way[] = [{ at: task.status, steps: [], lent: 0 }];
  while (found.length > 0) {
    const reached = new Map<string, Way>();
    for (const way of found)
      for (const transition of transitions)
        for (const mover of movers) {
          const gives = transition.gives(task, mover.person, ways);
          if (!sourcesOf(transition, ways).includes(way.at) || seen.has(gives)) continue;
          if (!mover.may(transition, way.steps.length === 0)) continue;
          const lent = way.lent + (mover.as === undefined ? 0 : 1);
          if ((reached.get(gives)?.lent ?? Infinity) <= lent) continue;
          const step = { via: `tasks.task.${transition.name}`, gives: id(gives), ...asOf(mover) };
          reached.set(gives, { at: gives, steps: [...way.steps, step], lent });
        }
    const arrived = reached.get(to);
    if (arrived !== undefined) return arrived.steps;
    for (const status of reached.keys()) seen.add(status);
    found = [...reached.values()];
  }
  return null;
}

const asOf = (mover: Pick<Mover, 'as'>): Pick<StatusStep, 'as'> =>
  mover.as === undefined ? {} : { as: mover.as };

/**
 * The way from the task's status to `to` as `actor`, helped by `others` where it may not, or why there is none.
 * Completing a controlled task as somebody else than its creator gives 4: a wanted 5 is then reached only by approval or,
 * for an editor, by writing the field.
 */
export function statusMove(
  task: Facts,
  to: LocalStatusId,
  actor: LocalPersonId,
  others: readonly Actor[] = [],
  ways: Ways = usualWays,
): StatusMove | { readonly unreachable: string } {
  if (task.status === to) return { from: task.status, to, steps: [] };
  if (!statusList.some((status) => status.id === to))
    return { unreachable: `Bitrix24 has no status ${to}: the statuses are 2 to 6` };
  const movers = [actingUser(task, actor), ...others.map((other) => another(task, other))];
  const steps = wayByMethods(task, to, movers, ways);
  if (steps !== null) return { from: task.status, to, steps };
  if (ways.bound && !isEdge(task, to, ways))
    return {
      unreachable: `no transition leads from ${task.status} to ${to}, and this portal takes no other status`,
    };
  const mayWrite = task.actions === null || task.actions.includes('edit');
  const editor = others.find(({ person, administrator }) => administrator || person === task.creator);
  if (mayWrite || editor !== undefined)
    return {
      from: task.status,
      to,
      steps: [
        { via: 'set', gives: to, ...asOf(mayWrite || editor === undefined ? {} : { as: editor.person }) },
      ],
    };
  return { unreachable: noWay(task, to, actor, others) };
}

/** Whether a transition leads from the task's status to `to`, whoever would go it. */
const isEdge = (task: Facts, to: string, ways: Ways): boolean =>
  transitions.some(
    (transition) =>
      sourcesOf(transition, ways).includes(task.status) &&
      (transition.gives(task, as<LocalPersonId>(''), ways) === to ||
        (transition.name === 'complete' && (to === '4' || to === '5'))),
  );

/** Why no way leads to a status, and what would open one. */
function noWay(task: Facts, to: string, actor: LocalPersonId, others: readonly Actor[]): string {
  const people = [`the acting user ${actor}`, ...others.map(({ person }) => `user ${person}`)].join(' or ');
  const judges = task.status === '4' && task.control;
  const needed = judges
    ? `only the creator${task.creator === null ? '' : ` (user ${task.creator})`} or an administrator accepts or returns it`
    : 'only its creator, its responsible, its participants or an administrator may move it';
  return `no transition leads from ${task.status} to ${to} for ${people}: ${needed}`;
}
