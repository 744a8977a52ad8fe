/**
 * What a portal turns out to be by readings alone. A check asks for facts of which nothing is made but a line; what the
 * connector acts upon is asked at connecting and hourly (detect.ts). Each question is of the unknown it is named after.
 */
import { z } from 'zod';
import { type Answer } from './failure.ts';
import { isoMoment } from './fields.ts';
import { ChatMessage, MessagePage, TaskList } from './schema.ts';
import { type Session } from './session.ts';
import { learn } from './unknowns.ts';

/** Of a task, as far as these questions go: texts and numbers as they came. */
const Seen = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  changedDate: z.string().nullish(),
  chatId: z.union([z.string(), z.number()]).nullish(),
  createdBy: z.union([z.string(), z.number()]).nullish(),
  responsibleId: z.union([z.string(), z.number()]).nullish(),
  accomplices: z.unknown(),
  auditors: z.unknown(),
  tags: z.unknown(),
});
type Seen = z.infer<typeof Seen>;

const method = 'tasks.task.list';

/** Asks what can be asked of the liveliest tasks and of a batch; never throws. `granted`: scopes of the credential. */
export async function readUnknowns(session: Session, granted: readonly string[]): Promise<void> {
  const { client } = session;
  const answer = await client.call(method, {
    order: { ACTIVITY_DATE: 'desc' },
    select: [
      'ID',
      'CHANGED_DATE',
      'CHAT_ID',
      'CREATED_BY',
      'RESPONSIBLE_ID',
      'ACCOMPLICES',
      'AUDITORS',
      'TAGS',
    ],
    start: -1,
  });
  if (answer.is === 'failed') return;
  const list = TaskList.safeParse(answer.result);
  const tasks = (list.success ? list.data : []).flatMap((row) => Seen.safeParse(row).data ?? []);
  const total = answer.total;
  learn(
    session,
    'list.startMinusOneTotal',
    total === null ? 'absent' : String(total),
    `${method} with start -1 ${total === null ? 'tells no total' : 'tells a total'}`,
  );
  const [task] = tasks;
  if (task !== undefined) {
    learnZone(session, task);
    await learnPositional(session, task);
  }
  learnTags(session, tasks);
  await learnSeats(session, tasks);
  await learnOldList(session, tasks);
  await learnScope(session, granted);
  await learnBatch(session);
  learnTimes(session);
}

function learnZone(session: Session, { id, changedDate }: Seen): void {
  const offset = /[+-]\d\d:\d\d$/.exec(changedDate ?? '')?.[0];
  if (offset !== undefined) learn(session, 'portal.zone', offset, `times of task ${id} come with it`);
}

function learnTags(session: Session, tasks: readonly Seen[]): void {
  const tagged = tasks.find(
    ({ tags }) => typeof tags === 'object' && tags !== null && Object.keys(tags).length > 0,
  );
  if (tagged === undefined) return;
  const form = Array.isArray(tagged.tags) ? 'list' : 'map';
  learn(session, 'tags.form', form, `tags of task ${tagged.id} came as a ${form}`);
}

const chatOf = ({ chatId }: Seen): string | null =>
  chatId === null || chatId === undefined || String(chatId) === '0' ? null : `chat${String(chatId)}`;

/** A chat of the portal in which the acting user has no seat. */
async function learnSeats(session: Session, tasks: readonly Seen[]): Promise<void> {
  const { actor } = session.settings;
  const holds = (list: unknown): boolean =>
    typeof list === 'object' && list !== null && Object.values(list).some((one) => String(one) === actor);
  const strange = tasks.find(
    (task) =>
      chatOf(task) !== null &&
      ![task.createdBy, task.responsibleId].some((one) => String(one) === actor) &&
      !holds(task.accomplices) &&
      !holds(task.auditors),
  );
  const dialog = strange === undefined ? null : chatOf(strange);
  if (strange === undefined || dialog === null) return;
  const answer = await session.client.call('im.dialog.messages.get', { DIALOG_ID: dialog, LIMIT: 1 });
  const how = `the chat of task ${strange.id}, in which the acting user does not take part,`;
  if (answer.is === 'ok') learn(session, 'chat.readableBy', 'members-and-admins', `${how} was read`);
  else if (answer.code === 'ACCESS_ERROR') learn(session, 'chat.readableBy', 'members', `${how} is closed`);
}

/** What the list of the old card says of a task that has a chat in which people spoke. */
async function learnOldList(session: Session, tasks: readonly Seen[]): Promise<void> {
  const [task] = tasks.filter((one) => chatOf(one) !== null);
  const dialog = task === undefined ? null : chatOf(task);
  if (task === undefined || dialog === null) return;
  const answers = await session.client.run([
    { key: 'chat', method: 'im.dialog.messages.get', params: { DIALOG_ID: dialog, LIMIT: 50 } },
    {
      key: 'old',
      method: 'task.commentitem.getlist',
      params: { TASKID: Number(task.id), ORDER: { ID: 'asc' } },
    },
  ]);
  learnCommentGet(session, task.id, answers.get('old'), peopleSpoke(answers.get('chat')));
}

/** Whether a page of a chat shows what people said. */
export function peopleSpoke(answer: Answer | undefined): boolean {
  const page = MessagePage.safeParse(answer?.is === 'ok' ? answer.result : null);
  return (page.success ? page.data.messages : []).some((row) => {
    const message = ChatMessage.safeParse(row);
    return message.success && message.data.author_id !== '0' && message.data.params.IS_DELETED !== 'Y';
  });
}

export function learnCommentGet(
  session: Session,
  task: string,
  answer: Answer | undefined,
  spoke: boolean,
): void {
  const how = `task.commentitem.getlist of task ${task}, which has a chat,`;
  if (answer?.is === 'failed') {
    if (answer.kind === 'refused')
      learn(session, 'taskCard.commentGet', 'error-512', `${how} answered: ${answer.text}`);
    return;
  }
  const rows = Array.isArray(answer?.result) ? (answer.result as unknown[]) : null;
  if (rows === null) return;
  if (rows.length > 0) learn(session, 'taskCard.commentGet', 'content', `${how} tells what was said`);
  else if (spoke) learn(session, 'taskCard.commentGet', 'empty', `${how} tells nothing of what was said`);
}

/** The same parameters in their order and in another: whoever reads them by position understands one of the two. */
async function learnPositional(session: Session, { id }: Seen): Promise<void> {
  const asked = 'task.checklistitem.getlist';
  const order = { ID: 'asc' };
  const answers = await session.client.run([
    { key: 'straight', method: asked, params: { TASKID: Number(id), ORDER: order } },
    { key: 'crossed', method: asked, params: { ORDER: order, TASKID: Number(id) } },
  ]);
  const [straight, crossed] = [answers.get('straight'), answers.get('crossed')];
  if (straight?.is !== 'ok' || crossed === undefined) return;
  if (crossed.is === 'ok')
    learn(session, 'legacy.positional', 'named', `${asked} took them in another order`);
  else if (crossed.kind === 'refused')
    learn(session, 'legacy.positional', 'strict', `${asked} refused them in another order`);
}

/** REST 3.0 under the one of the two names that was granted. */
async function learnScope(session: Session, granted: readonly string[]): Promise<void> {
  const names = ['task', 'tasks'].filter((name) => granted.includes(name));
  const [name] = names;
  if (name === undefined || names.length > 1) return;
  const asked = 'tasks.task.field.list';
  const answer = await session.client.callV3(asked, { select: ['name'] });
  if (answer.is === 'ok')
    learn(session, 'v3.scopeName', `${name} is enough`, `${asked} of REST 3.0 answered`);
  else if (answer.kind === 'scope')
    learn(session, 'v3.scopeName', `${name} is not enough`, `${asked} of REST 3.0 asks for another scope`);
}

/** One command more than a batch has room for, each the least that there is. */
async function learnBatch(session: Session): Promise<void> {
  const cmd = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`c${String(index)}`, 'scope']));
  const answer = await session.client.call('batch', { halt: 0, cmd });
  if (answer.is === 'ok')
    learn(session, 'batch.overLength', 'per-command', 'a batch of 51 commands was answered one by one');
  else if (answer.code === 'ERROR_BATCH_LENGTH_EXCEEDED')
    learn(session, 'batch.overLength', 'http-400', 'a batch of 51 commands was refused as a whole');
}

/** By what the answers before have told. */
function learnTimes(session: Session): void {
  const times = session.client.operating();
  learn(
    session,
    'time.operating',
    times.size > 0 ? 'yes' : 'no',
    times.size > 0 ? 'answers tell it' : 'no answer told it',
  );
  const batch = times.get('batch');
  if (batch === undefined) return;
  const inner = [...times].some(([name, seconds]) => name !== 'batch' && seconds > 0);
  if (batch > 0)
    learn(session, 'limits.operatingChargedTo', 'batch', 'batches have a running time of their own');
  else if (inner)
    learn(session, 'limits.operatingChargedTo', 'inner', 'batches have none, the methods in them have');
}

/**
 * Whether lists filter by ACTIVITY_DATE, which is documented for sorting alone: the task of the latest activity is asked
 * for by its own moment, by the next second, and by a day later. Only what is exact to the second is trusted.
 */
export async function learnActivityFilter(session: Session): Promise<void> {
  const { client } = session;
  const latest = await client.call(method, {
    order: { ACTIVITY_DATE: 'desc' },
    select: ['ID', 'ACTIVITY_DATE'],
    start: -1,
  });
  const [row] = rowsOf(latest) ?? [];
  const active = Active.safeParse(row).data;
  const at = Date.parse(active?.activityDate ?? '');
  if (active === undefined || Number.isNaN(at)) return;
  const since = (key: string, from: number) => ({
    key,
    method,
    params: {
      filter: { ID: Number(active.id), '>=ACTIVITY_DATE': isoMoment(from) },
      select: ['ID'],
      start: -1,
    },
  });
  const answers = await client.run([since('own', at), since('next', at + 1_000), since('later', at + dayMs)]);
  const [own, next, later] = ['own', 'next', 'later'].map((key) => rowsOf(answers.get(key))?.length);
  if (own === undefined || next === undefined || later === undefined) return;
  const honoured = own === 1 && next === 0 && later === 0;
  learn(
    session,
    'list.activityFilter',
    honoured ? 'honoured' : 'ignored',
    honoured
      ? `task ${active.id} was listed for its own second and for none after it`
      : `task ${active.id} was listed ${later > 0 ? 'for a time after its last activity' : 'for another time than its own'}`,
  );
}

const dayMs = 86_400_000;
const Active = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  activityDate: z.string(),
});

function rowsOf(answer: Answer | undefined): readonly unknown[] | null {
  const list = TaskList.safeParse(answer?.is === 'ok' ? answer.result : null);
  return list.success ? list.data : null;
}
