/** The tasks that most stories of this folder begin with. */
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { only, planfixTasks } from './look.ts';

/** Keys of the act that make a task other than usual. */
export type Deed = Readonly<Record<string, unknown>>;

/** Maria of the client asks the integrator for a form; the number of her task. Nothing has crossed yet. */
export function clientTask(three: Rehearsal, more: Deed = {}): number {
  const made = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Форма',
    responsible: 77,
    group: 7,
    ...more,
  }) as { id: number };
  return made.id;
}

/** Anna of the integrator gives Boris a task in the client's project; its number. Nothing has crossed yet. */
export function integratorTask(three: Rehearsal, more: Deed = {}): number {
  const made = three.act('teyron', {
    as: 2,
    do: 'create task',
    name: 'Макет',
    assignees: ['user:3'],
    project: 41,
    ...more,
  }) as { id: number };
  return made.id;
}

/** The client's task when all is quiet: its number there, and at the integrator, where no other bears its title. */
export async function sharedTask(
  three: Rehearsal,
  more: Deed = {},
): Promise<{ task: number; mirror: number }> {
  const { title = 'Форма' } = more;
  const task = clientTask(three, more);
  await three.settle();
  return { task, mirror: only(planfixTasks(three, 'teyron').filter((one) => one.title === title)).id };
}
