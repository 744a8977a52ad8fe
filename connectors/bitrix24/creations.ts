/**
 * New tasks: the task with its mark in XML_ID, the walk to its status and a reading afterwards in one batch, then its
 * files. XML_ID is the one field that keeps a key of ours and can be read back (reference §8).
 */
import { as, type LocalStatusId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import {
  type Found,
  type Made,
  type Outcome,
  type StatusMove,
  type Write,
} from '../../sync/core/operation.ts';
import { type OpenSource } from '../port.ts';
import { type Attempt, failedOutcome, unknown } from './attempt.ts';
import { reference } from './batch.ts';
import { type Answer, troubleOf } from './failure.ts';
import { fieldGroups, joined } from './fields.ts';
import { attachFile } from './files.ts';
import { ListedTask, TaskList, TaskResult, TaskRow } from './schema.ts';
import { oddRow, taskSelect } from './service.ts';
import { type Session, workOff } from './session.ts';
import { statusMove } from './statuses.ts';
import { snapshotFrom, statusTrouble, stepCommand } from './updates.ts';

type Creation = Extract<Write, { kind: 'task.create' }>;

const addMethod = 'tasks.task.add';
const bornAs = as<LocalStatusId>('2');

/** Who is responsible when nobody is named: a task cannot be without. */
const responsibleOf = ({ fields }: Creation, session: Session): string =>
  fields.assignees?.[0] ?? fields.creator ?? session.settings.actor;

function walk(session: Session, write: Creation): StatusMove | { readonly unreachable: string } {
  const { actor } = session.settings;
  const born = {
    status: bornAs,
    control: write.fields.control === true,
    creator: write.fields.creator ?? actor,
    actions: null,
  };
  return statusMove(born, write.status ?? bornAs, actor);
}

export function createAttempt(session: Session, write: Creation, key: string, open: OpenSource): Attempt {
  const { actor } = session.settings;
  const people = { creator: actor, assignees: [], participants: [], auditors: [] };
  const fields = {
    ...joined(fieldGroups({ creator: actor, ...write.fields }, people, actor, null)),
    RESPONSIBLE_ID: responsibleOf(write, session),
    XML_ID: write.mark,
    ...(write.place === null ? {} : { GROUP_ID: write.place }),
  };
  const move = walk(session, write);
  const steps = 'steps' in move ? move.steps : [];
  const taskId = reference(`${key}n`, 'task', 'id');
  return {
    commands: [
      { key: `${key}n`, method: addMethod, params: { fields } },
      ...steps.map((step, index) => stepCommand(`${key}s${String(index)}`, taskId, step)),
      { key: `${key}a`, method: 'tasks.task.get', params: { taskId, select: taskSelect } },
    ],
    settle: (answers) =>
      settleCreation(session, write, move, open, {
        added: answers.get(`${key}n`),
        steps: steps.map((_, index) => answers.get(`${key}s${String(index)}`)),
        after: answers.get(`${key}a`),
      }),
  };
}

async function settleCreation(
  session: Session,
  write: Creation,
  move: ReturnType<typeof walk>,
  open: OpenSource,
  answers: {
    readonly added: Answer | undefined;
    readonly steps: readonly (Answer | undefined)[];
    readonly after: Answer | undefined;
  },
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
      ? statusTrouble(move, answers.steps, after)
      : {
          code: 'E-STATUS-UNREACHABLE',
          about: 'status',
          answered: move.unreachable,
          todo: 'Change the status in the portal.',
        };
  const failures = status === null ? [] : [status];
  const files: NonNullable<Made['files']>[number][] = [];
  for (const source of write.files) {
    const told = await attachFile(session, task, source, open);
    if (told.is === 'made') files.push({ shared: source.shared, file: told.value });
    else failures.push(told.trouble);
  }
  const made: Made = { task, ...(files.length === 0 ? {} : { files }) };
  // A reading from before the files would show a task without them.
  const shown = after === null || files.length > 0 ? {} : { after };
  return { is: 'done', at: session.runtime.now(), made, failures, ...shown };
}

/** Newest tasks of one creator that are looked through for a mark; XML_ID can't be filtered by. */
const searchPages = 10;

/** The task that carries a mark, among the newest of its creator. */
export async function findTask(session: Session, write: Creation): Promise<Found> {
  const creator = write.fields.creator ?? session.settings.actor;
  let found: LocalTaskId | null = null;
  let trouble: Trouble | null = null;
  await workOff(
    session.client,
    Array.from({ length: searchPages }, (_, page) => ({
      method: 'tasks.task.list',
      params: {
        order: { ID: 'desc' },
        filter: { CREATED_BY: creator },
        select: ['ID', 'XML_ID'],
        start: page * 50,
      },
      take: (answer: Answer): [] => {
        const list = answer.is === 'ok' ? TaskList.safeParse(answer.result) : null;
        if (answer.is === 'failed') trouble = troubleOf(answer, 'task', 'tasks.task.list');
        else if (list?.success !== true) trouble = oddRow('task', 'tasks.task.list', 'no list of tasks');
        else
          for (const listed of list.data) {
            const row = ListedTask.safeParse(listed);
            if (row.success && row.data.xmlId === write.mark) found = as<LocalTaskId>(row.data.id);
          }
        return [];
      },
    })),
  );
  if (found !== null) return { is: 'task', task: found };
  return trouble === null ? { is: 'nothing' } : { is: 'cannot-tell', trouble };
}
