/** Going a way between statuses: the call of each step, on whose credential, and why it did not get there. */
import { type LocalPersonId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type StatusMove, type StatusStep } from '../../sync/core/operation.ts';
import { cardOf, normalPosition } from '../../sync/core/raw.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type Command, type Params } from './batch.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { getTask } from './read.ts';
import { ListedTask, ResultInfo, TaskList } from './schema.ts';
import { type Session } from './session.ts';

/** The call of one step. A card is moved by b24restdocs: api-reference/tasks/stages/task-stages-move-task.md. */
export function stepCommand(key: string, taskId: Params[string], step: StatusStep): Command {
  const { via, gives, stage } = step;
  if (stage !== undefined)
    return { key, method: 'task.stages.movetask', params: { id: taskId, stageId: stage } };
  return via === 'set'
    ? { key, method: 'tasks.task.update', params: { taskId, fields: { STATUS: gives } } }
    : { key, method: via, params: { taskId } };
}

/** Whether a task stands where a way leads: in its status, and its card in the column, if the way moves that. */
export const hasArrived = (move: StatusMove, { status, stage }: Snapshot): boolean =>
  status === move.to && [undefined, stage].includes(cardOf(move));

/** The steps that the acting user begins with, and the rest of the way. */
export function ownSteps(steps: readonly StatusStep[]): {
  readonly own: readonly StatusStep[];
  readonly rest: readonly StatusStep[];
} {
  const lent = steps.findIndex((step) => step.as !== undefined);
  return lent < 0 ? { own: steps, rest: [] } : { own: steps.slice(0, lent), rest: steps.slice(lent) };
}

/** Goes the rest of a way, each step on the credential of its actor, up to the first that fails; then the task is read. */
export async function walkOn(
  session: Session,
  task: LocalTaskId,
  steps: readonly StatusStep[],
): Promise<{ readonly steps: readonly Answer[]; readonly after: Answer }> {
  const answers: Answer[] = [];
  for (const step of steps) {
    const answer = await callStep(session, task, step);
    answers.push(answer);
    if (answer.is === 'failed') break;
  }
  const { method, params } = getTask(task);
  return { steps: answers, after: await session.client.call(method, params) };
}

async function callStep(session: Session, task: LocalTaskId, step: StatusStep): Promise<Answer> {
  const { method, params } = stepCommand('', task, step);
  if (step.as === undefined) return session.client.call(method, params);
  const todo = `Give ${session.settings.account} the credential of user ${step.as} again: svyazka account actor add ${session.settings.account}`;
  const client = session.actors.get(step.as);
  if (client === undefined) return gone(step.as, todo);
  const answer = await client.call(method, params);
  // A credential that is not taken any more is this actor's: the account itself answers.
  const own = answer.is === 'failed' && (answer.kind === 'auth' || answer.kind === 'scope');
  return own ? { ...answer, kind: 'refused', todo } : answer;
}

const gone = (person: LocalPersonId, todo: string): Failure => ({
  is: 'failed',
  kind: 'refused',
  certain: true,
  status: 0,
  code: '',
  text: `there is no credential of user ${person} any more`,
  retryAt: null,
  todo,
});

/** What is left to say about a status after its steps: nothing when the task stands where it should. */
export async function statusTrouble(
  session: Session,
  task: LocalTaskId,
  move: StatusMove,
  steps: readonly (Answer | undefined)[],
  after: Snapshot | null,
): Promise<Trouble | null> {
  if (after !== null && hasArrived(move, after)) return null;
  const wanted = normalPosition({ status: move.to, stage: cardOf(move) });
  for (const [index, answer] of steps.entries()) {
    const step = move.steps[index];
    if (answer?.is !== 'failed' || step === undefined) continue;
    const trouble = troubleOf(answer, 'status', stepCommand('', task, step).method, wanted);
    const why = answer.kind === 'refused' && closes(step) ? await whatIsMissing(session, task) : null;
    return why === null ? withActor(trouble, step) : { ...trouble, ...why };
  }
  if (after === null) return null;
  return {
    code: 'E-STATUS-UNREACHABLE',
    about: 'status',
    wanted,
    tried: move.steps.map((step) => stepCommand('', task, step).method).join(', '),
    answered: `the task stands in status ${normalPosition(after)}`,
    todo: 'Look at the task in the portal: its control flag, its creator or a rule of its column leads this change elsewhere.',
  };
}

const withActor = (trouble: Trouble, { as: person }: StatusStep): Trouble =>
  person === undefined ? trouble : { ...trouble, tried: `${trouble.tried ?? ''} as user ${person}` };

const closes = ({ via }: StatusStep): boolean => /\.(complete|approve)$/.test(via);

/**
 * What a task lacks that refused its completion. The portal's answer does not tell it, and no field of the task either
 * (reference §10): its list does, `WITH_RESULT_INFO`, and its open subtasks.
 */
async function whatIsMissing(
  session: Session,
  task: LocalTaskId,
): Promise<Pick<Trouble, 'code' | 'answered' | 'todo'> | null> {
  const list = 'tasks.task.list';
  const answers = await session.client.run([
    {
      key: 'result',
      method: list,
      params: { filter: { ID: task }, select: ['ID'], params: { WITH_RESULT_INFO: 'Y' } },
    },
    {
      key: 'below',
      method: list,
      params: { filter: { PARENT_ID: task, '!REAL_STATUS': 5 }, select: ['ID'] },
    },
  ]);
  const rows = (key: string): readonly unknown[] => {
    const answer = answers.get(key);
    return answer?.is === 'ok' ? (TaskList.safeParse(answer.result).data ?? []) : [];
  };
  const [info] = rows('result').map((row) => ResultInfo.safeParse(row).data);
  if (info?.taskRequireResult === 'Y' && info.taskHasOpenResult !== 'Y')
    return {
      code: 'E-STATUS-WAITS',
      answered: `task ${task} must have a result before it is completed, and has none`,
      todo: `Add a result to task ${task} in the portal, or take that demand off it; the bridge tries again by itself.`,
    };
  const below = rows('below').flatMap((row) => ListedTask.safeParse(row).data?.id ?? []);
  if (below.length > 0)
    return {
      code: 'E-STATUS-WAITS',
      answered: `subtasks of task ${task} are open: ${below.slice(0, 10).join(', ')}`,
      todo: `Complete the subtasks of task ${task} in the portal; the bridge tries again by itself.`,
    };
  return null;
}
