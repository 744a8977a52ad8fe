/**
 * Probes that write, only when they are allowed: a task of the acting user with itself as creator and responsible, its
 * chat, and nothing else. What is made is removed, and told of either way.
 */
import { type CheckLine } from '../port.ts';
import { addMethod } from './creations.ts';
import { type Failure } from './failure.ts';
import { NewItem, TaskResult } from './schema.ts';
import { taskOf } from './rights.ts';
import { chatLines } from './scratchChat.ts';
import { failedLine, guardLines, learnLengths, learnWays, title } from './scratchTask.ts';
import { type Session } from './session.ts';
import { factOf, learn } from './unknowns.ts';

/** Finds out by a task of its own what readings can not tell; what fails is a line, what is found out a fact. */
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
    if (task.chat !== null) lines.push(...(await chatLines(session, task.id, task.chat)));
    await learnWays(session, task.id);
    await learnLengths(session, task.id);
    lines.push(...(await keyLines(session, keyed)));
  } finally {
    for (const id of [task.id, ...new Set(keyed)]) lines.push(await removed(session, id));
  }
  return lines;
}

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

/** The same creation twice under one key. */
async function keyLines(session: Session, made: string[]): Promise<readonly CheckLine[]> {
  const { client, settings, runtime } = session;
  if ((factOf(session, 'creations') ?? 'v2') === 'v2') return [];
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
  learn(
    session,
    'creations',
    fit ? 'v3' : 'unfit',
    fit
      ? 'a task made twice under one key stood once, with its mark'
      : new Set(made).size === 1
        ? 'a task made under a key came without its key or its mark'
        : 'a task made twice under one key stood twice',
  );
  return [];
}
