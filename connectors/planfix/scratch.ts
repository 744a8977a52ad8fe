/**
 * Probes that write, only when they are allowed: one task of the acting user alone, as creator and assignee, with comments,
 * files and an item of a checklist in it, and nothing else. It goes into the bin at the end where the account lets it; else
 * it is closed, and named for a person to delete.
 */
import { as, type LocalTaskId, type Mark } from '../../errors/ids.ts';
import { type CheckLine, type LocalStatus } from '../port.ts';
import { send, type Session } from './client.ts';
import { toDateAndTime, toTimePoint } from './dates.ts';
import { noteMade, noteMark } from './marks.ts';
import { Created, Task, taskFields } from './schema.ts';
import { commentProbes, rightLine, title } from './scratchComments.ts';
import { snapshotOf } from './service.ts';
import { learn, notice } from './unknowns.ts';
import { noteStored, noteWritten, storedLine } from './zone.ts';

export interface ScratchOptions {
  readonly statuses: readonly LocalStatus[];
  /** False where a date would be stored as another moment anyway. */
  readonly dates: boolean;
}

const dayMs = 86_400_000;

/** Finds out by a task of its own what readings can not tell; what fails is a line. Never throws. */
export async function scratch(session: Session, options: ScratchOptions): Promise<readonly CheckLine[]> {
  const actor = { users: [{ id: session.settings.actor }] };
  const mark = as<Mark>(session.runtime.uuid());
  const tried = 'POST /task/';
  const added = await send(session, {
    method: 'POST',
    path: '/task/',
    json: { name: title, description: title, assignees: actor, sourceObjectId: mark },
  });
  const right = rightLine('task_add', added, tried);
  const created = Created.safeParse(added.is === 'ok' ? added.data : undefined);
  if (!created.success) return [right];
  const task = as<LocalTaskId>(created.data.id);
  noteMade(session, 'task', task, mark);
  const lines: CheckLine[] = [right, { about: 'scratch: made', state: 'ok', found: `task ${task}` }];
  try {
    await learnFromBirth(session, task);
    lines.push(...(await updateLines(session, task, options)));
    lines.push(...(await commentProbes(session, task)));
    await learnOfChecklist(session, task);
  } finally {
    lines.push(await removed(session, task, options.statuses));
  }
  return lines;
}

async function taskAsRead(session: Session, task: LocalTaskId): Promise<Task | null> {
  const answer = await send(session, { method: 'GET', path: `/task/${task}`, query: { fields: taskFields } });
  const read = Task.safeParse(answer.is === 'ok' ? answer.data['task'] : undefined);
  return read.success ? read.data : null;
}

async function learnFromBirth(session: Session, task: LocalTaskId): Promise<void> {
  const read = await taskAsRead(session, task);
  if (read === null) return;
  const { mark } = snapshotOf(read, session.settings.zone);
  noteMark(session, 'task', task, mark);
  const kept = read.description === title;
  learn(session, 'html.rewrite', kept ? 'kept' : 'rewritten', `«${title}» is read as «${read.description}»`);
}

/** A moment and no assignees are written, and read back. */
async function updateLines(
  session: Session,
  task: LocalTaskId,
  { dates }: ScratchOptions,
): Promise<readonly CheckLine[]> {
  const { zone } = session.settings;
  const deadline = { at: session.runtime.now() + 10 * dayMs, timed: true };
  const path = `/task/${task}`;
  const answer = await send(session, {
    method: 'POST',
    path,
    query: { silent: 'true' },
    json: {
      assignees: { users: [], groups: [] },
      ...(dates ? { endDateTime: toTimePoint(deadline, zone), hasEndDate: true, hasEndTime: true } : {}),
    },
  });
  const lines = [rightLine('task_update', answer, `POST ${path}`)];
  if (answer.is !== 'ok') return lines;
  notice(
    session,
    'task.updateBody',
    answer.data['result'] === undefined ? 'empty' : 'success',
    `POST ${path}`,
  );
  const read = await taskAsRead(session, task);
  if (read === null) return lines;
  const none = read.assignees.length === 0;
  learn(
    session,
    'people.emptyListClears',
    none ? 'yes' : 'no',
    none ? 'the only assignee was taken off' : 'the only assignee stayed',
  );
  if (!dates) return lines;
  noteWritten(session, task, { deadline });
  const snapshot = snapshotOf(read, zone);
  noteStored(session, task, snapshot);
  const { date, time } = toDateAndTime(deadline.at, zone);
  return [...lines, storedLine(session, `${date} ${time}`, deadline.at, snapshot.deadline?.at ?? null)];
}

async function learnOfChecklist(session: Session, task: LocalTaskId): Promise<void> {
  const path = `/task/${task}/checklist`;
  const added = await send(session, { method: 'POST', path, json: { name: title } });
  const isAbsent = added.is === 'refused' && [404, 405].includes(added.status) && (added.code ?? 0) === 0;
  if (added.is === 'ok') learn(session, 'checklist.write', 'yes', `POST ${path} was taken`);
  if (isAbsent) learn(session, 'checklist.write', 'no', `POST ${path}: HTTP ${String(added.status)}`);
  if (added.is !== 'ok') return;
  const listed = await send(session, {
    method: 'POST',
    path: `${path}/list`,
    json: { offset: 0, pageSize: 1, fields: 'id,name,isDone,status' },
  });
  const [item] =
    listed.is === 'ok' && Array.isArray(listed.data['items']) ? (listed.data['items'] as unknown[]) : [];
  if (typeof item !== 'object' || item === null) return;
  const field = ['isDone', 'status'].find((name) => name in item);
  if (field !== undefined) learn(session, 'checklist.doneField', field, `an item shows ${field}`);
}

/** Whatever the account says, it is looked for: success is no proof. */
async function removed(
  session: Session,
  task: LocalTaskId,
  statuses: readonly LocalStatus[],
): Promise<CheckLine> {
  const path = `/task/${task}`;
  const written = await send(session, {
    method: 'POST',
    path,
    query: { silent: 'true' },
    json: { isDeleted: true },
  });
  const got = await send(session, { method: 'GET', path, query: { fields: 'id,isDeleted' } });
  const isMissing = got.is === 'refused' && got.code !== null && [0, 1000].includes(got.code);
  const shown =
    got.is === 'ok' ? (got.data['task'] as { readonly isDeleted?: unknown } | undefined) : undefined;
  const isFlagged = shown?.isDeleted === true;
  const about = 'scratch: removed';
  const name = 'task.isDeletedWritable';
  if (isMissing || isFlagged) {
    learn(session, name, 'yes', `a write of isDeleted moved task ${task} to the bin`);
    const how = isFlagged ? `GET ${path} shows isDeleted` : `GET ${path}: it is not there`;
    learn(session, 'task.deletedGet', isFlagged ? 'flag' : 'missing', how);
    await learnOfBin(session, task);
    return { about, state: 'ok', found: `task ${task} is in the bin` };
  }
  if (written.is === 'ok' && got.is === 'ok')
    learn(session, name, 'no', `task ${task} stayed after a write of isDeleted`);
  const closed = await close(session, task, statuses);
  return {
    about,
    state: 'warning',
    found: `task ${task} stays${closed ? ', closed' : ''}: Planfix did not move it to the bin`,
    todo: `Delete task ${task} («${title}») by hand.`,
  };
}

async function learnOfBin(session: Session, task: LocalTaskId): Promise<void> {
  const listed = await send(session, {
    method: 'POST',
    path: '/task/list',
    json: {
      offset: 0,
      pageSize: 1,
      fields: 'id',
      filters: [{ type: 57, operator: 'equal', value: [Number(task)] }],
    },
  });
  const rows = listed.is === 'ok' ? listed.data['tasks'] : undefined;
  if (!Array.isArray(rows)) return;
  const what = `task ${task} in the bin is ${rows.length > 0 ? '' : 'not '}listed`;
  learn(session, 'task.listShowsDeleted', rows.length > 0 ? 'yes' : 'no', what);
}

/** Its name in the two languages of Planfix decides which final status means that the work is over. */
const over = /заверш|complet|finish/iu;

async function close(
  session: Session,
  task: LocalTaskId,
  statuses: readonly LocalStatus[],
): Promise<boolean> {
  const status = statuses.find(({ final, name }) => final && over.test(name));
  if (status === undefined) return false;
  const path = `/task/${task}`;
  await send(session, {
    method: 'POST',
    path,
    query: { silent: 'true' },
    json: { status: { id: Number(status.id) } },
  });
  const read = await taskAsRead(session, task);
  return read?.status.id === status.id;
}
