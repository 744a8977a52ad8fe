/** What a task of the acting user's own shows: whether changes can be guarded, its ways between statuses, what is cut. */
import { z } from 'zod';
import { type CheckLine } from '../port.ts';
import { reference } from './batch.ts';
import { type Answer, troubleOf } from './failure.ts';
import { isoMoment } from './fields.ts';
import { TaskList, TaskResult, TaskRow } from './schema.ts';
import { type Session } from './session.ts';
import { learn } from './unknowns.ts';

export const title = 'Svyazka: a probe, removed at once';
const day = 86_400_000;
const update = 'tasks.task.update';

export const failedLine = (about: string, answer: Answer, method: string): CheckLine => {
  if (answer.is === 'ok') return { about, state: 'failed', found: 'an answer without what was made' };
  const { answered, todo } = troubleOf(answer, about, method);
  return { about, state: 'failed', found: answered ?? 'refused', todo };
};

const taskIn = (answer: Answer | undefined): unknown =>
  TaskResult.safeParse(answer?.is === 'ok' ? answer.result : null).data;

const Texts = z.object({ title: z.string().catch(''), description: z.string().nullish().catch(null) });
const Standing = TaskRow.pick({ status: true, action: true });

/** A guarded change of a task that stands otherwise must not reach it, and one of a task that stands so must. */
export async function guardLines(session: Session, id: string): Promise<readonly CheckLine[]> {
  const { client } = session;
  const attempt = (key: string, before: number, text: string) => [
    {
      key: `${key}list`,
      method: 'tasks.task.list',
      params: { filter: { ID: Number(id), '<=CHANGED_DATE': isoMoment(before) }, select: ['ID'], start: -1 },
    },
    {
      key: `${key}update`,
      method: update,
      params: { taskId: reference(`${key}list`, 'tasks', '0', 'id'), fields: { TITLE: text } },
    },
    { key: `${key}get`, method: 'tasks.task.get', params: { taskId: id, select: ['ID', 'TITLE'] } },
  ];
  const now = client.serverNow();
  const answers = await client.run([
    ...attempt('never', now - day, `${title}!`),
    ...attempt('then', now + day, `${title}?`),
  ]);
  const got = answers.get('neverget');
  if (got?.is !== 'ok') return [failedLine('probe: compare-and-set', got ?? noAnswer, 'tasks.task.get')];
  const titleIn = (key: string): string | undefined => Texts.safeParse(taskIn(answers.get(key))).data?.title;
  const list = answers.get('neverlist');
  const listed = TaskList.safeParse(list?.is === 'ok' ? list.result : null);
  const held = titleIn('neverget') === title && (listed.data ?? []).length === 0;
  const reached = titleIn('thenget') === `${title}?`;
  learn(
    session,
    'compare-and-set',
    held && reached ? 'guarded' : 'no',
    held
      ? reached
        ? 'a change of a task that stood otherwise did not reach it'
        : 'a change of a task that stood as it should did not reach it'
      : 'a change of a task that stood otherwise reached it',
  );
  return [];
}

const noAnswer: Answer = { is: 'ok', result: null, total: null };

const transitions = ['start', 'pause', 'defer', 'complete', 'renew'] as const;
/** A way through all statuses that transitions would make too, and at its end one that they would not. */
const way = ['6', '3', '4', '5', '6'] as const;

/**
 * What the task offers in each status tells from where each transition works; whether a closed task can be put off by its
 * field, whether the field is bound by them; and how its creator completes it under control, the rest.
 */
export async function learnWays(session: Session, id: string): Promise<void> {
  const { client } = session;
  const get = (key: string) => ({
    key,
    method: 'tasks.task.get',
    params: { taskId: id, select: ['ID', 'STATUS'] },
  });
  const set = (key: string, fields: Readonly<Record<string, string>>) => ({
    key,
    method: update,
    params: { taskId: id, fields },
  });
  const answers = await client.run([
    get('g'),
    ...way.flatMap((STATUS, index) => [set(`s${String(index)}`, { STATUS }), get(`g${String(index)}`)]),
    { key: 'renew', method: 'tasks.task.renew', params: { taskId: id } },
    set('control', { TASK_CONTROL: 'Y' }),
    get('under'),
    { key: 'complete', method: 'tasks.task.complete', params: { taskId: id } },
    get('done'),
  ]);
  const standing = (key: string) => Standing.safeParse(taskIn(answers.get(key))).data;
  const offered = new Map<string, readonly string[]>();
  for (const key of ['g', ...way.map((_, index) => `g${String(index)}`)]) {
    const seen = standing(key);
    if (seen?.action != null) offered.set(seen.status, seen.action);
  }
  // What a task never stood in, is as documented; so is 7, which no task gets any more.
  if (['2', '3', '4', '5', '6'].every((status) => offered.has(status)))
    learn(
      session,
      'status.transitionSources',
      transitions
        .map((name) => {
          const from = [...offered].filter(([, actions]) => actions.includes(name)).map(([status]) => status);
          return [name, ...from.sort(), ...(name === 'renew' ? ['7'] : [])].join(' ');
        })
        .join('; '),
      'a task of the acting user offered these in each status',
    );
  const closed = standing(`g${String(way.length - 2)}`);
  const last = answers.get(`s${String(way.length - 1)}`);
  if (closed?.status === '5' && !(offered.get('5') ?? []).includes('defer')) {
    const free = standing(`g${String(way.length - 1)}`)?.status === '6';
    if (free) learn(session, 'status.updateObeysGraph', 'no', 'a closed task was put off by its field');
    else if (last?.is === 'failed' && last.kind === 'refused')
      learn(session, 'status.updateObeysGraph', 'yes', 'a closed task was not put off by its field');
  }
  const end = standing('done')?.status;
  if (
    answers.get('control')?.is === 'ok' &&
    standing('under')?.status === '2' &&
    (end === '4' || end === '5')
  )
    learn(
      session,
      'status.creatorCompletesStraight',
      end === '5' ? 'yes' : 'no',
      `a task under control stood in ${end} when its creator had completed it`,
    );
}

const lengths = [
  { name: 'limits.titleMax', field: 'TITLE', asked: 300, of: 'title' },
  { name: 'limits.descriptionMax', field: 'DESCRIPTION', asked: 70_000, of: 'description' },
] as const;

/** What comes back of texts longer than are assumed to be held; a portal that refuses them tells nothing. */
export async function learnLengths(session: Session, id: string): Promise<void> {
  for (const { name, field, asked, of } of lengths) {
    const text = title.padEnd(asked, '.');
    const written = await session.client.call(update, { taskId: id, fields: { [field]: text } });
    if (written.is === 'failed') continue;
    const got = await session.client.call('tasks.task.get', { taskId: id, select: ['ID', field] });
    const read = Texts.safeParse(taskIn(got)).data?.[of] ?? '';
    if (read === '' || !text.startsWith(read)) continue;
    const held = read.length < asked ? String(read.length) : `more than ${String(asked - 1)}`;
    learn(session, name, held, `of ${String(asked)} characters ${String(read.length)} stood`);
  }
}
