/**
 * Probes that write, only when they are allowed: a task of the acting user with itself as creator and responsible, its
 * chat, and nothing else. What is made is removed, and told of either way.
 */
import { type CheckLine } from '../port.ts';
import { reference } from './batch.ts';
import { addMethod } from './creations.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { isoMoment } from './fields.ts';
import { NewId, NewItem, TaskList, TaskResult } from './schema.ts';
import { type Session } from './session.ts';
import { taskOf } from './rights.ts';
import { type FactName, learn } from './unknowns.ts';

const title = 'Svyazka: a probe, removed at once';
const day = 86_400_000;

/** Finds out by a task of its own what readings can not tell; what fails is a line. */
export async function scratch(session: Session): Promise<readonly CheckLine[]> {
  const { client, settings } = session;
  const fields = { TITLE: title, RESPONSIBLE_ID: settings.actor };
  const added = await client.call(addMethod, { fields });
  const made = TaskResult.safeParse(added.is === 'ok' ? added.result : null);
  const task = taskOf(made.success && made.data !== null ? added : undefined);
  if (task === null) return [failedLine('scratch: task', added, addMethod)];
  const keyed: string[] = [];
  const lines: CheckLine[] = [{ about: 'scratch: made', state: 'ok', found: `task ${task.id}` }];
  try {
    lines.push(...(await guardLines(session, task.id)));
    if (task.chat !== null) lines.push(...(await messageLines(session, task.chat)));
    lines.push(...(await keyLines(session, keyed)));
  } finally {
    for (const id of [task.id, ...new Set(keyed)]) lines.push(await removed(session, id));
  }
  return lines;
}

const failedLine = (about: string, answer: Answer, method: string): CheckLine => {
  if (answer.is === 'ok') return { about, state: 'failed', found: 'an answer without what was made' };
  const { answered, todo } = troubleOf(answer, about, method);
  return { about, state: 'failed', found: answered ?? 'refused', todo };
};

async function removed({ client }: Session, id: string): Promise<CheckLine> {
  const method = 'tasks.task.delete';
  const answer = await client.call(method, { taskId: id });
  return answer.is === 'ok'
    ? { about: 'scratch: removed', state: 'ok', found: `task ${id}` }
    : {
        ...failedLine('scratch: removed', answer, method),
        todo: `Delete the task ${id} («${title}») by hand.`,
      };
}

function told(session: Session, name: FactName, value: string, how: string): CheckLine {
  learn(session, name, value, how);
  return { about: `probe: ${name}`, state: 'ok', found: `${value}: ${how}` };
}

const ids = (answer: Answer | undefined): readonly unknown[] => {
  const list = TaskList.safeParse(answer?.is === 'ok' ? answer.result : null);
  return list.success ? list.data : [];
};

/** A guarded change of a task that stands otherwise must not reach it, and one of a task that stands so must. */
async function guardLines(session: Session, id: string): Promise<readonly CheckLine[]> {
  const { client } = session;
  const attempt = (key: string, before: number, text: string) => [
    {
      key: `${key}list`,
      method: 'tasks.task.list',
      params: { filter: { ID: Number(id), '<=CHANGED_DATE': isoMoment(before) }, select: ['ID'], start: -1 },
    },
    {
      key: `${key}update`,
      method: 'tasks.task.update',
      params: { taskId: reference(`${key}list`, 'tasks', '0', 'id'), fields: { TITLE: text } },
    },
    { key: `${key}get`, method: 'tasks.task.get', params: { taskId: id, select: ['ID', 'TITLE'] } },
  ];
  const now = client.serverNow();
  const answers = await client.run([
    ...attempt('never', now - day, `${title}!`),
    ...attempt('then', now + day, `${title}?`),
  ]);
  const titleIn = (answer: Answer | undefined): unknown => {
    const result = TaskResult.safeParse(answer?.is === 'ok' ? answer.result : null);
    return (result.data as { readonly title?: unknown } | null | undefined)?.title;
  };
  const held = titleIn(answers.get('neverget')) === title && ids(answers.get('neverlist')).length === 0;
  const reached = titleIn(answers.get('thenget')) === `${title}?`;
  return [
    told(
      session,
      'compare-and-set',
      held && reached ? 'guarded' : 'no',
      held
        ? reached
          ? 'a change of a task that stood otherwise did not reach it'
          : 'a change of a task that stood as it should did not reach it'
        : 'a change of a task that stood otherwise reached it',
    ),
  ];
}

/** The same message twice under one TEMPLATE_ID; both are deleted. */
async function messageLines(session: Session, chat: string): Promise<readonly CheckLine[]> {
  const { client, runtime } = session;
  const method = 'im.message.add';
  const template = runtime.uuid();
  const say = (): Promise<Answer> =>
    client.call(method, { DIALOG_ID: `chat${chat}`, MESSAGE: title, TEMPLATE_ID: template });
  const [first, second] = [await say(), await say()];
  const numbers = [first, second].flatMap((answer) => {
    const id = NewId.safeParse(answer.is === 'ok' ? answer.result : null);
    return id.success ? [id.data] : [];
  });
  if (numbers.length < 2)
    return [failedLine('probe: template-id', first.is === 'ok' ? second : first, method)];
  const unique = new Set(numbers).size === 1;
  const edited = await client.call('im.message.update', {
    MESSAGE_ID: Number(numbers[0]),
    MESSAGE: `${title}.`,
  });
  const deleted = await Promise.all(
    [...new Set(numbers)].map((id) => client.call('im.message.delete', { MESSAGE_ID: Number(id) })),
  );
  const right = (what: string, answer: Answer | undefined, tried: string): CheckLine =>
    answer?.is === 'ok'
      ? { about: `right: ${what} own messages`, state: 'ok', found: 'done' }
      : failedLine(`right: ${what} own messages`, answer ?? first, tried);
  return [
    told(
      session,
      'template-id',
      unique ? 'unique' : 'plain',
      unique ? 'a message sent twice under one TEMPLATE_ID stood once' : 'it stood twice',
    ),
    right('edit', edited, 'im.message.update'),
    right('delete', deleted.find(({ is }) => is === 'failed') ?? deleted[0], 'im.message.delete'),
  ];
}

/** The same creation twice under one key. */
async function keyLines(session: Session, made: string[]): Promise<readonly CheckLine[]> {
  const { client, settings, runtime } = session;
  if ((session.findings.value('creations') ?? 'v2') === 'v2') return [];
  const mark = runtime.uuid();
  const actor = Number(settings.actor);
  const fields = { title, creatorId: actor, responsibleId: actor, xmlId: mark };
  const failures: Failure[] = [];
  const keys: boolean[] = [];
  let kept = true;
  for (let time = 0; time < 2; time += 1) {
    const answer = await client.callV3(addMethod, { fields }, mark);
    if (answer.is === 'failed') failures.push(answer);
    const item = NewItem.safeParse(answer.is === 'ok' ? answer.result : null);
    if (!item.success) continue;
    made.push(item.data.item.id);
    kept &&= item.data.item.xmlId === mark;
    if (answer.is === 'ok') keys.push(answer.key.kept);
  }
  const [failure] = failures;
  if (failure !== undefined) return [failedLine('probe: creations', failure, addMethod)];
  const fit = new Set(made).size === 1 && keys.every(Boolean) && kept;
  return [
    told(
      session,
      'creations',
      fit ? 'v3' : 'unfit',
      fit
        ? 'a task made twice under one key stood once, with its mark'
        : new Set(made).size === 1
          ? 'a task made under a key came without its key or its mark'
          : 'a task made twice under one key stood twice',
    ),
  ];
}
