/**
 * Changes of existing tasks. A change goes out as get + update + status methods + get in one batch: the first reading
 * shows what a faster person had done (the core decides on a put-back), the last one what the portal made of it.
 */
import { type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type Attempt, done, failedOutcome, refused } from './attempt.ts';
import { type Command, reference } from './batch.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { type FieldGroup, fieldGroups, isoMoment, joined } from './fields.ts';
import { attachmentJobs, filesOf, getTask, taskTold, unreadable } from './read.ts';
import { TaskList, TaskResult, TaskRow } from './schema.ts';
import { snapshotOf } from './service.ts';
import { type Session, workOff } from './session.ts';
import { factOf, learn, notice } from './unknowns.ts';
import { hasArrived, ownSteps, statusTrouble, stepCommand, walkOn } from './walk.ts';

type Update = Extract<Write, { kind: 'task.update' }>;

const updateMethod = 'tasks.task.update';

/** A task from a reading inside a write; names of files that were never met are asked for. */
export async function snapshotFrom(
  session: Session,
  answer: Answer | undefined,
  task: LocalTaskId,
): Promise<Snapshot | null> {
  if (answer === undefined) return null;
  const told = taskTold(answer, task);
  if (told.is !== 'row') return null;
  const ignore = (): void => {
    // A name that can't be had now is asked for again by the next reading.
  };
  await workOff(session.client, attachmentJobs(session, told.row.ufTaskWebdavFiles, ignore));
  return snapshotOf(told.row, filesOf(session, told.row));
}

/** Planned ends of tasks whose start is to be written; a task that can't be read has none. */
export async function plannedEnds(
  session: Session,
  writes: readonly Write[],
): Promise<ReadonlyMap<LocalTaskId, Instant>> {
  const ends = new Map<LocalTaskId, Instant>();
  const jobs = writes.flatMap((write) =>
    write.kind === 'task.update' && write.set.start !== undefined
      ? [
          {
            method: 'tasks.task.get',
            params: { taskId: write.task, select: ['ID', 'END_DATE_PLAN'] },
            take: (answer: Answer): [] => {
              const result = answer.is === 'ok' ? TaskResult.safeParse(answer.result) : null;
              const row = TaskRow.pick({ endDatePlan: true }).safeParse(result?.data);
              if (row.success && row.data.endDatePlan !== null) ends.set(write.task, row.data.endDatePlan);
              return [];
            },
          },
        ]
      : [],
  );
  await workOff(session.client, jobs);
  return ends;
}

export function updateAttempt(
  session: Session,
  write: Update,
  key: string,
  ends: ReadonlyMap<LocalTaskId, Instant>,
): Attempt {
  const { task, base, set } = write;
  const groups = fieldGroups(set, base, session.settings.actor, ends.get(task) ?? null);
  const steps = write.status?.steps ?? [];
  // A batch goes out on one credential: from the first step that is another's on, the way goes on by itself.
  const { own, rest } = ownSteps(steps);
  const stepKey = (index: number): string => `${key}s${String(index)}`;
  const compare = compareCommand(session, write, `${key}c`);
  // Where the task is no longer as it was read, the reference has no value and what is called with it reaches no task.
  const target = compare === null ? task : reference(compare.key, 'tasks', '0', 'id');
  return {
    commands: [
      { key: `${key}b`, ...getTask(task) },
      ...(compare === null ? [] : [compare]),
      ...(groups.length === 0
        ? []
        : [{ key: `${key}u`, method: updateMethod, params: { taskId: target, fields: joined(groups) } }]),
      ...own.map((step, index) => stepCommand(stepKey(index), target, step)),
      { key: `${key}a`, ...getTask(task) },
    ],
    settle: async (answers) => {
      const reached = compare === null ? 'task' : reachedBy(write, key, compare.key, answers);
      if (reached === 'another state') return overtaken(session, task);
      if (reached === 'nothing') {
        const how = 'a list did not show a task that had not changed since it was read';
        learn(session, 'compare-and-set', 'no', how);
        const plain = updateAttempt(session, write, key, ends);
        return plain.settle(await session.client.run(plain.commands));
      }
      const first: Answers = {
        before: answers.get(`${key}b`),
        update: answers.get(`${key}u`),
        steps: own.map((_, index) => answers.get(stepKey(index))),
        after: answers.get(`${key}a`),
      };
      const arrived = first.after?.is === 'ok' && first.steps.every((answer) => answer?.is === 'ok');
      if (rest.length === 0 || !arrived) return settleUpdate(session, write, groups, first);
      const further = await walkOn(session, task, rest);
      return settleUpdate(session, write, groups, {
        ...first,
        steps: [...first.steps, ...further.steps],
        after: further.after,
      });
    },
  };
}

/** A list that has the task only while it is as it was read; null where that was not proved to guard anything. */
function compareCommand({ findings }: Session, { task, base }: Update, key: string): Command | null {
  if (findings.value('compare-and-set') !== 'guarded' || base.changedAt === null) return null;
  const filter = { ID: Number(task), '<=CHANGED_DATE': isoMoment(base.changedAt) };
  return { key, method: 'tasks.task.list', params: { filter, select: ['ID'], start: -1 } };
}

/** What a guarded change has reached: the task, nothing because a person was faster, or nothing without a reason. */
function reachedBy(
  { task, base }: Update,
  key: string,
  compareKey: string,
  answers: ReadonlyMap<string, Answer>,
): 'task' | 'another state' | 'nothing' {
  const compared = answers.get(compareKey);
  const list = TaskList.safeParse(compared?.is === 'ok' ? compared.result : null);
  if (list.success && list.data.length > 0) return 'task';
  const acted = [...answers].some(
    ([name, answer]) =>
      (name === `${key}u` || name.startsWith(`${key}s`)) && (answer.is === 'ok' || !answer.certain),
  );
  const before = answers.get(`${key}b`);
  const told = before === undefined ? null : taskTold(before, task);
  // What failed as a whole, or did something all the same, is read from the answers as ever.
  if (acted || told?.is !== 'row') return 'task';
  return told.row.changedDate === base.changedAt ? 'nothing' : 'another state';
}

const overtaken = (session: Session, task: LocalTaskId): Outcome => ({
  is: 'refused',
  at: session.runtime.now(),
  overtaken: true,
  trouble: {
    code: 'E-REMOTE-REFUSED',
    about: 'task',
    wanted: task,
    answered: 'the task has changed since it was read',
    todo: 'Nothing to do: it is read again.',
  },
});

interface Answers {
  readonly before: Answer | undefined;
  readonly update: Answer | undefined;
  readonly steps: readonly (Answer | undefined)[];
  readonly after: Answer | undefined;
}

async function settleUpdate(
  session: Session,
  write: Update,
  groups: readonly FieldGroup[],
  answers: Answers,
): Promise<Outcome> {
  const { task } = write;
  const noAssignee = write.set.assignees?.length === 0 ? [withoutAssignee()] : [];
  // What failed as a whole brought the same failure to every command.
  if (answers.before?.is === 'failed' && answers.before === answers.after)
    return failedOutcome(session, answers.before, 'task', updateMethod);
  const acted = [answers.update, ...answers.steps].some(
    (answer) => answer?.is === 'ok' || answer?.certain === false,
  );
  if (answers.before !== undefined && taskTold(answers.before, task).is === 'none' && !acted)
    return refused(session, unreadable(task));

  const failure = answers.update?.is === 'failed' ? answers.update : null;
  const lost = [answers.update, ...answers.steps].find(
    (answer): answer is Failure => answer?.is === 'failed' && !answer.certain,
  );
  const apart = failure?.kind === 'refused' && groups.length > 1;
  const single = apart ? await oneByOne(session, write, groups) : null;
  const fieldFailures =
    single?.failures ??
    (failure === null ? [] : groups.map(({ about }) => troubleOf(failure, about, updateMethod)));

  const after = await snapshotFrom(session, single?.after ?? answers.after, task);
  const updateLost = answers.update?.is === 'failed' && !answers.update.certain;
  const stepLost =
    lost !== undefined &&
    !updateLost &&
    after !== null &&
    write.status !== null &&
    !hasArrived(write.status, after);
  if (lost !== undefined && (after === null || updateLost || stepLost))
    return failedOutcome(session, lost, 'task', updateMethod);
  const before = await snapshotFrom(session, answers.before, task);
  const status =
    write.status === null ? null : await statusTrouble(session, task, write.status, answers.steps, after);
  const failures = [...fieldFailures, ...noAssignee, ...(status === null ? [] : [status])];
  const [first] = failures;
  const nothingTaken = fieldFailures.length === groups.length && (write.status === null || status !== null);
  if (first !== undefined && nothingTaken && !answers.steps.some((answer) => answer?.is === 'ok'))
    return refused(session, first);
  return {
    ...done(session, { task }, failures),
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
  } as Outcome;
}

const withoutAssignee = (): Trouble => ({
  code: 'E-REMOTE-REFUSED',
  about: 'assignee',
  wanted: 'nobody',
  todo: 'A Bitrix24 task always has one responsible: name a person or a stand-in in the mapping.',
});

/** After a refusal that does not say which field it meant: each by itself, in one more batch. */
async function oneByOne(
  session: Session,
  write: Update,
  groups: readonly FieldGroup[],
): Promise<{ readonly failures: readonly Trouble[]; readonly after: Answer | undefined }> {
  const taskId = write.task;
  const answers = await session.client.run([
    ...groups.map(({ params }, index) => ({
      key: `f${String(index)}`,
      method: updateMethod,
      params: { taskId, fields: params },
    })),
    { key: 'a', ...getTask(taskId) },
  ]);
  const single = groups.map((group, index) => ({ ...group, answer: answers.get(`f${String(index)}`) }));
  noticeFields(session, write, single);
  const failures = single.flatMap(({ about, answer }) =>
    answer?.is === 'failed' ? [troubleOf(answer, about, updateMethod)] : [],
  );
  return { failures, after: answers.get('a') };
}

/** Of a task of which the acting user is responsible and not the creator: what it may write there, as far as was tried. */
function noticeFields(
  session: Session,
  { base }: Update,
  single: readonly (FieldGroup & { readonly answer: Answer | undefined })[],
): void {
  const { actor } = session.settings;
  const refused = single.filter(({ answer }) => answer?.is === 'failed' && answer.kind === 'refused');
  if (base.creator === actor || !base.assignees.includes(actor) || refused.length === 0) return;
  const names = (some: typeof single): readonly string[] => some.flatMap(({ params }) => Object.keys(params));
  const before = (factOf(session, 'rights.responsibleFields') ?? 'none').split(', ');
  const taken = names(single.filter(({ answer }) => answer?.is === 'ok'));
  const allowed = new Set([...before, ...taken]);
  for (const name of ['none', ...names(refused)]) allowed.delete(name);
  notice(
    session,
    'rights.responsibleFields',
    allowed.size === 0 ? 'none' : [...allowed].sort().join(', '),
    `refused were ${names(refused).join(', ')}`,
  );
}

/** The acting user becomes a watcher; a task that is missing or closed to it is refused with 1048584. */
export function joinAttempt(
  session: Session,
  write: Extract<Write, { kind: 'task.join' }>,
  key: string,
): Attempt {
  const method = 'tasks.task.startwatch';
  return {
    commands: [{ key, method, params: { taskId: write.task } }],
    settle: (answers) => {
      const answer = answers.get(key);
      if (answer?.is !== 'failed') return done(session, { task: write.task });
      // Watching twice changes nothing: an answer that was lost is simply asked for again.
      return refused(
        session,
        answer.code === '1048584'
          ? { ...unreadable(write.task), tried: method }
          : troubleOf(answer, 'task', method),
      );
    },
  };
}
