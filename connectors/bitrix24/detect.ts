/**
 * What the portal's plan and version give, asked by readings alone: at connecting and now and then, for a plan changes,
 * and the card of tasks with it. What each answer proves stands in docs/decisions/0015.
 */
import { reference } from './batch.ts';
import { type Answer } from './failure.ts';
import { isoMoment } from './fields.ts';
import { isAbsent } from './keyed.ts';
import { learnActivityFilter } from './readings.ts';
import { DatedTask, FieldItems, License, ListedTask, TaskList, TaskResult } from './schema.ts';
import { type Session } from './session.ts';
import { learn } from './unknowns.ts';

/** Never throws; what could not be asked stays as it was known. */
export async function detect(session: Session): Promise<void> {
  await detectCreations(session);
  await learnActivityFilter(session);
  const { client, settings } = session;
  const first = await client.run([
    {
      key: 'newest',
      method: 'tasks.task.list',
      params: { order: { ID: 'desc' }, select: ['ID', 'CHANGED_DATE'], start: -1 },
    },
    // An incoming webhook may not ask.
    ...(settings.application === undefined ? [] : [{ key: 'info', method: 'app.info', params: {} }]),
  ]);
  const info = License.safeParse(resultOf(first.get('info')));
  if (info.success) learn(session, 'plan', info.data.LICENSE, 'app.info names it');
  const [row] = listed(first.get('newest')) ?? [];
  const newest = DatedTask.safeParse(row);
  if (newest.success) await detectByTask(session, newest.data);
}

/** The methods of task fields and of tasks come with one version (b24restdocs: tasks/tasks-task-field-list.md). */
async function detectCreations(session: Session): Promise<void> {
  const method = 'tasks.task.field.list';
  const answer = await session.client.callV3(method, { select: ['name'] });
  if (answer.is === 'failed') {
    const { code, status } = answer;
    if (isAbsent(answer))
      learn(session, 'creations', 'v2', `${method} of REST 3.0: ${code === '' ? String(status) : code}`);
    return;
  }
  const fields = FieldItems.safeParse(answer.result);
  const keepsMark = fields.success && fields.data.items.some(({ name }) => name === 'xmlId');
  if (!keepsMark) learn(session, 'creations', 'v2', `${method} of REST 3.0 names no xmlId`);
  // What a creation has disproved is not restored by a reading.
  else if (session.findings.value('creations') !== 'unfit')
    learn(session, 'creations', 'v3', `${method} of REST 3.0 names xmlId`);
}

async function detectByTask(
  session: Session,
  { id, changedDate }: { readonly id: string; readonly changedDate: number | null },
): Promise<void> {
  const before = (at: number) => ({
    method: 'tasks.task.list',
    params: { filter: { ID: Number(id), '<=CHANGED_DATE': isoMoment(at) }, select: ['ID'], start: -1 },
  });
  const changed = changedDate ?? session.client.serverNow();
  const answers = await session.client.run([
    { key: 'got', method: 'tasks.task.get', params: { taskId: id, select: ['ID', 'CHAT_ID'] } },
    { key: 'since', ...before(changed) },
    { key: 'none', ...before(changed - day) },
    {
      key: 'unresolved',
      method: 'tasks.task.get',
      params: { taskId: reference('none', 'tasks', '0', 'id'), select: ['ID'] },
    },
  ]);
  const got = TaskResult.safeParse(resultOf(answers.get('got')));
  if (got.success && typeof got.data === 'object' && got.data !== null) {
    const chat = (got.data as { readonly chatId?: unknown }).chatId;
    const hasChat = chat !== undefined && chat !== null && chat !== false && String(chat) !== '0';
    learn(session, 'card', hasChat ? 'chat' : 'comments', `task ${id} ${hasChat ? 'has a' : 'has no'} chat`);
  }
  const [since, none] = [listed(answers.get('since')), listed(answers.get('none'))];
  const unresolved = answers.get('unresolved');
  if (since === null || none === null || unresolved === undefined || changedDate === null) return;
  const reached = reachedWithout(unresolved);
  if (reached === null) return;
  const filters = since.length === 1 && none.length === 0;
  learn(
    session,
    'compare-and-set',
    !reached && filters ? 'guarded' : 'no',
    !reached
      ? `a reference without a value reaches no task (${answerText(unresolved)}); lists ${filters ? '' : 'do not '}filter by the time of change`
      : 'a reference without a value reached a task',
  );
}

const day = 86_400_000;

/** Whether a call whose reference had no value reached a task; an odd answer, or none, does not tell. */
function reachedWithout(answer: Answer): boolean | null {
  if (answer.is === 'failed') return answer.kind === 'refused' && answer.certain ? false : null;
  const result = TaskResult.safeParse(answer.result);
  if (!result.success) return null;
  if (result.data === null) return false;
  return ListedTask.safeParse(result.data).success ? true : null;
}

const resultOf = (answer: Answer | undefined): unknown => (answer?.is === 'ok' ? answer.result : undefined);

function listed(answer: Answer | undefined): readonly unknown[] | null {
  const list = TaskList.safeParse(resultOf(answer));
  return list.success ? list.data : null;
}

const answerText = (answer: Answer): string =>
  answer.is === 'ok' ? 'an empty result' : [answer.code, answer.text].join(' ').trim();
