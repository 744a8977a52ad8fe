/**
 * New tasks: the task with its mark in XML_ID, the walk to its status and a reading afterwards in one batch. XML_ID is the
 * one field that keeps a key of ours and can be read back (reference §8). Files are attached by writes of their own.
 */
import { as, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import {
  type Found,
  type Outcome,
  type StatusMove,
  type StatusStep,
  type Write,
} from '../../sync/core/operation.ts';
import { withCard } from '../../sync/core/raw.ts';
import { type Attempt, failedOutcome, unknown } from './attempt.ts';
import { type Command, type Params, reference } from './batch.ts';
import { type Answer, troubleOf } from './failure.ts';
import { type FieldGroup, fieldGroups, joined } from './fields.ts';
import { MarkedTask, shapeOf, TaskList, TaskResult, TaskRow } from './schema.ts';
import { oddRow, taskSelect } from './service.ts';
import { type Session, workOff } from './session.ts';
import { bornAs, statusMove } from './statuses.ts';
import { snapshotFrom } from './updates.ts';
import { statusTrouble, stepCommand } from './walk.ts';

type Creation = Extract<Write, { kind: 'task.create' }>;

export const addMethod = 'tasks.task.add';

function walk(session: Session, write: Creation): StatusMove | { readonly unreachable: string } {
  const { actor } = session.settings;
  const born = {
    status: bornAs,
    control: write.fields.control === true,
    creator: write.fields.creator ?? actor,
    actions: null,
  };
  const move = statusMove(born, write.status ?? bornAs, actor, [], session.facts.ways);
  return 'steps' in move ? withCard(move, write.stage, undefined) : move;
}

/** What a task can't be made without; the rest can be written afterwards, one by one. */
const essential = new Set(['title', 'assignee']);

interface Plan {
  readonly move: ReturnType<typeof walk>;
  readonly steps: readonly StatusStep[];
  readonly groups: readonly FieldGroup[];
  readonly frame: Params;
}

function planOf(session: Session, write: Creation): Plan {
  const { actor } = session.settings;
  const people = { creator: actor, assignees: [], participants: [], auditors: [] };
  const assignees = write.fields.assignees?.slice(0, 1) ?? [];
  const move = walk(session, write);
  return {
    move,
    steps: 'steps' in move ? move.steps : [],
    // A new task has nobody in its lists: an empty one is not worth saying.
    groups: fieldGroups({ creator: actor, ...write.fields, assignees }, people, actor, null).filter(
      ({ params }) => !Object.values(params).some((value) => Array.isArray(value) && value.length === 0),
    ),
    frame: {
      ...(assignees.length === 0 ? { RESPONSIBLE_ID: write.fields.creator ?? actor } : {}),
      XML_ID: write.mark,
      ...(write.place === null ? {} : { GROUP_ID: write.place }),
    },
  };
}

/** The creation with `first` in it, the groups `later` as updates of their own, the steps and a reading. */
function commandsOf(
  key: string,
  { frame, steps }: Plan,
  first: readonly FieldGroup[],
  later: readonly FieldGroup[],
): readonly Command[] {
  const taskId = reference(`${key}n`, 'task', 'id');
  return [
    { key: `${key}n`, method: addMethod, params: { fields: { ...joined(first), ...frame } } },
    ...later.map(({ params }, index) => ({
      key: `${key}f${String(index)}`,
      method: 'tasks.task.update',
      params: { taskId, fields: params },
    })),
    ...steps.map((step, index) => stepCommand(`${key}s${String(index)}`, taskId, step)),
    { key: `${key}a`, method: 'tasks.task.get', params: { taskId, select: taskSelect } },
  ];
}

export function createAttempt(session: Session, write: Creation, key: string): Attempt {
  const plan = planOf(session, write);
  const later = plan.groups.filter(({ about }) => !essential.has(about));
  return {
    commands: commandsOf(key, plan, plan.groups, []),
    settle: async (answers) => {
      const added = answers.get(`${key}n`);
      if (added?.is !== 'failed' || added.kind !== 'refused' || later.length === 0)
        return settleCreation(session, plan, [], answersOf(key, plan, [], answers));
      // A refusal does not say which field it meant: the bare task first, then field by field.
      const bare = plan.groups.filter(({ about }) => essential.has(about));
      const again = await session.client.run(commandsOf(key, plan, bare, later));
      return settleCreation(session, plan, later, answersOf(key, plan, later, again));
    },
  };
}

interface Answers {
  readonly added: Answer | undefined;
  readonly later: readonly (Answer | undefined)[];
  readonly steps: readonly (Answer | undefined)[];
  readonly after: Answer | undefined;
}

const answersOf = (
  key: string,
  plan: Plan,
  later: readonly FieldGroup[],
  answers: ReadonlyMap<string, Answer>,
): Answers => ({
  added: answers.get(`${key}n`),
  later: later.map((_, index) => answers.get(`${key}f${String(index)}`)),
  steps: plan.steps.map((_, index) => answers.get(`${key}s${String(index)}`)),
  after: answers.get(`${key}a`),
});

async function settleCreation(
  session: Session,
  { move }: Plan,
  later: readonly FieldGroup[],
  answers: Answers,
): Promise<Outcome> {
  const { added } = answers;
  if (added?.is === 'failed') return failedOutcome(session, added, 'task', addMethod);
  const result = TaskResult.safeParse(added?.result);
  const row = TaskRow.pick({ id: true }).safeParse(result.success ? result.data : null);
  if (!row.success) return unknown(session, oddRow('task', addMethod, 'no task in the answer'));
  const task = as<LocalTaskId>(row.data.id);
  const after = await snapshotFrom(session, answers.after, task);
  const status: Trouble | null =
    'steps' in move
      ? await statusTrouble(session, task, move, answers.steps, after)
      : {
          code: 'E-STATUS-UNREACHABLE',
          about: 'status',
          answered: move.unreachable,
          todo: 'Change the status in the portal.',
        };
  const failures = later.flatMap(({ about }, index) => {
    const answer = answers.later[index];
    return answer?.is === 'failed' ? [troubleOf(answer, about, 'tasks.task.update')] : [];
  });
  if (status !== null) failures.push(status);
  const shown = after === null ? {} : { after };
  return { is: 'done', at: session.runtime.now(), made: { task }, failures, ...shown };
}

/** Newest tasks of one creator that are looked through for a mark; XML_ID can't be filtered by. */
const searchPages = 10;

/** The task that carries a mark, among the newest of its creator. */
export async function findTask(session: Session, write: Creation): Promise<Found> {
  const { actor } = session.settings;
  // A creator that the portal refused is written afterwards: until then the acting user stands there.
  const creators = [...new Set([write.fields.creator ?? actor, actor])];
  let found: LocalTaskId | null = null;
  let trouble: Trouble | null = null;
  await workOff(
    session.client,
    Array.from({ length: searchPages }, (_, page) => ({
      method: 'tasks.task.list',
      params: {
        order: { ID: 'desc' },
        filter: { CREATED_BY: creators },
        select: ['ID', 'XML_ID'],
        start: page * 50,
      },
      take: (answer: Answer): [] => {
        const list = answer.is === 'ok' ? TaskList.safeParse(answer.result) : null;
        if (answer.is === 'failed') trouble = troubleOf(answer, 'task', 'tasks.task.list');
        else if (list?.success !== true) trouble = oddRow('task', 'tasks.task.list', 'no list of tasks');
        else
          for (const listed of list.data) {
            const row = MarkedTask.safeParse(listed);
            // The task sought may be behind such a row: "nothing" would make it twice.
            if (!row.success) trouble = oddRow('task', 'tasks.task.list', shapeOf(row.error));
            if (row.success && row.data.xmlId === write.mark) found = as<LocalTaskId>(row.data.id);
          }
        return [];
      },
    })),
  );
  if (found !== null) return { is: 'task', task: found };
  return trouble === null ? { is: 'nothing' } : { is: 'cannot-tell', trouble };
}
