/**
 * New tasks by REST 3.0, under their mark as Idempotency-Key: sent again with the same body within a day, the portal
 * answers with the task that it made, even where a look-up did not show it yet (b24restdocs: api-reference/rest-v3.md,
 * tasks/tasks-task-add-rest-v3.md). What REST 3.0 has no methods for, the way to a status and the reading afterwards,
 * goes by version 2; and version 2 is the judge of whatever REST 3.0 refuses.
 */
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Attempt, done, failedOutcome, unknown } from './attempt.ts';
import { type Command, filled, type Param, type Params } from './batch.ts';
import { type AnswerV3 } from './client.ts';
import { addMethod, findTask } from './creations.ts';
import { type Answer, type Failure, strangeAnswer, troubleOf } from './failure.ts';
import { NewItem } from './schema.ts';
import { oddRow } from './service.ts';
import { type Session } from './session.ts';

type Creation = Extract<Write, { kind: 'task.create' }>;

/** A flood goes out in batches, which REST 3.0 takes no key for: two requests a task would hold everything else up. */
const atOnceMax = 5;

/** How long a list may take to show a task that the portal says it has made. */
const lagMs = 600_000;

/** Attempts of version 2, those of new tasks made ones of REST 3.0 where the portal is known to have it. */
export function underKeys(
  session: Session,
  writes: readonly Write[],
  attempts: readonly Attempt[],
): readonly Attempt[] {
  const flood = writes.filter(({ kind }) => kind === 'task.create').length > atOnceMax;
  if (flood || session.findings.value('creations') !== 'v3') return attempts;
  return attempts.map((attempt, index) => {
    const write = writes[index];
    return write?.kind === 'task.create' ? keyedAttempt(session, write, attempt) : attempt;
  });
}

const asNumber = (value: Param): Param => Number(value);
const asNumbers = (value: Param): Param => (Array.isArray(value) ? value.map((one) => Number(one)) : []);

/** Names and forms of REST 3.0 for the write fields of version 2 (b24restdocs: tasks/fields-rest-v3.md). */
const fieldsV3: Readonly<Record<string, readonly [string, (value: Param) => Param]>> = {
  TITLE: ['title', (value) => value],
  DESCRIPTION: ['description', (value) => value],
  CREATED_BY: ['creatorId', asNumber],
  RESPONSIBLE_ID: ['responsibleId', asNumber],
  ACCOMPLICES: ['accomplices', asNumbers],
  AUDITORS: ['auditors', asNumbers],
  START_DATE_PLAN: ['startPlan', (value) => value],
  END_DATE_PLAN: ['endPlan', (value) => value],
  DEADLINE: ['deadline', (value) => value],
  TASK_CONTROL: ['needsControl', (value) => value === 'Y'],
  XML_ID: ['xmlId', (value) => value],
  GROUP_ID: ['groupId', asNumber],
};

/** The same for the same fields: another body under one key is refused. A new task has no date to be emptied. */
function itemFields(fields: Param | undefined): Params {
  const named = Object.entries(fields ?? {}).flatMap(([name, value]) => {
    const form = fieldsV3[name];
    return form === undefined || value === '' ? [] : [[form[0], form[1](value as Param)] as const];
  });
  return Object.fromEntries(named);
}

/** `attempt` is that of version 2: it begins with the creation, whose number its other commands refer to. */
function keyedAttempt(session: Session, write: Creation, attempt: Attempt): Attempt {
  const [creation, ...further] = attempt.commands;
  if (creation?.method !== addMethod) return attempt;
  const byVersion2 = async (): Promise<Outcome> => attempt.settle(await session.client.run(attempt.commands));
  return {
    commands: [],
    settle: async () => {
      const fields = itemFields(creation.params['fields']);
      const answer = await session.client.callV3(addMethod, { fields }, write.mark);
      if (answer.is === 'ok') return made(session, write, answer, creation.key, further, attempt);
      if (!answer.certain) return failedOutcome(session, answer, 'task', addMethod);
      if (answer.code === 'IDEMPOTENCYKEYREUSEDEXCEPTION') return reused(session, write, answer, byVersion2);
      if (isAbsent(answer)) absent(session, answer);
      return isAbsent(answer) || answer.kind === 'refused'
        ? byVersion2()
        : failedOutcome(session, answer, 'task', addMethod);
    },
  };
}

/** The portal has no such method, or none for this credential. */
export const isAbsent = ({ kind, code, status }: Failure): boolean =>
  code === 'ERROR_METHOD_NOT_FOUND' || kind === 'scope' || (kind === 'answer' && status === 404);

/** The portal has REST 3.0 no more: from now on tasks are made by version 2, until it is found again. */
function absent({ findings, runtime }: Session, { code, status }: Failure): void {
  const how = `tasks.task.add of REST 3.0 is not to be had: ${code === '' ? String(status) : code}`;
  findings.learn({ name: 'creations', value: 'v2', how, at: runtime.now() });
}

/** It has REST 3.0, but not as documented: only a probe that writes could restore the trust. */
function unfit({ findings, runtime }: Session, how: string): void {
  findings.learn({ name: 'creations', value: 'unfit', how, at: runtime.now() });
}

async function made(
  session: Session,
  write: Creation,
  { result, key: told }: Extract<AnswerV3, { is: 'ok' }>,
  key: string,
  further: readonly Command[],
  { settle }: Attempt,
): Promise<Outcome> {
  const parsed = NewItem.safeParse(result);
  if (!parsed.success)
    return unknown(session, oddRow('task', addMethod, 'no task in the answer of REST 3.0'));
  const { id, xmlId } = parsed.data.item;
  if (!told.kept) unfit(session, 'tasks.task.add of REST 3.0 did not answer with the key that it was given');
  else if (xmlId !== write.mark) unfit(session, 'tasks.task.add of REST 3.0 does not keep xmlId');
  const task = { task: { id } };
  const marking: Command = {
    key: `${key}x`,
    method: 'tasks.task.update',
    params: { taskId: id, fields: { XML_ID: write.mark } },
  };
  const answers = await session.client.run([
    ...(xmlId === write.mark ? [] : [marking]),
    ...further.map((command) => ({
      ...command,
      params: (filled(command.params, new Map([[key, task]])) ?? command.params) as Params,
    })),
  ]);
  const added: Answer = { is: 'ok', result: task, total: null };
  return settle(new Map([...answers, [key, added]]));
}

/**
 * The portal has made a task under this mark within a day, from another body: the task has changed since, or the access
 * token that goes in the body. It is looked for; only when no list shows it for longer than lists lag is it taken for
 * deleted, and made anew.
 */
async function reused(
  session: Session,
  write: Creation,
  answer: Failure,
  byVersion2: () => Promise<Outcome>,
): Promise<Outcome> {
  const found = await findTask(session, write);
  if (found.is === 'task') return done(session, { task: found.task });
  if (found.is === 'cannot-tell') return unknown(session, found.trouble);
  const now = session.runtime.now();
  const since = session.reused.get(write.mark) ?? now;
  session.reused.set(write.mark, since);
  if (now - since >= lagMs) return byVersion2();
  const seen = strangeAnswer(false, answer.status, 'a task was made under this mark, and no list shows it');
  const trouble = { ...troubleOf(seen, 'task', addMethod), todo: 'Nothing to do: it is looked for again.' };
  return { is: 'unknown', at: now, notBefore: since + lagMs, trouble };
}
