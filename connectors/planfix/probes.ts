/** What readings alone tell of the undocumented, asked by a check: each probe is one request at most. */
import { type CheckLine, type LocalStatus } from '../port.ts';
import { type Answer, send, type Session } from './client.ts';
import { toDateAndTime } from './dates.ts';
import { listRows } from './pages.ts';
import { noteEndpoint } from './recent.ts';
import { Comment, Moment, Numbered } from './schema.ts';
import { learn } from './unknowns.ts';

const dayMs = 86_400_000;

/** Requests a day that the paid plans allow (reference 4). */
const plans = [20_000, 50_000, 100_000];

/** More are left than a smaller plan has at all. */
export function learnPlan(session: Session, remaining: number): void {
  const least = plans.find((perDay) => remaining <= perDay) ?? plans.at(-1) ?? 0;
  const earlier = Number(session.findings.value('limits.perDay')?.replace('at least ', '') ?? 0);
  if (least < earlier) return;
  learn(session, 'limits.perDay', `at least ${String(least)}`, `${String(remaining)} were left`);
}

export function learnStatuses(session: Session, statuses: readonly LocalStatus[]): void {
  const numbers = statuses.map(({ id, name }) => `${id} ${name}`).join(', ');
  if (numbers !== '') learn(session, 'status.systemIds', numbers, 'the lists of statuses name them');
}

/** `rows`: the newest tasks with their moments. */
export async function learnByReading(
  session: Session,
  rows: readonly unknown[],
  zone: CheckLine['state'],
): Promise<void> {
  await askForCommentList(session);
  await askForMissingTask(session);
  if (zone === 'ok') await askForDay(session, rows);
}

async function askForCommentList(session: Session): Promise<void> {
  const { date } = toDateAndTime(session.runtime.now() - dayMs, session.settings.zone);
  const filters = [{ type: 3000, operator: 'gt', value: { dateType: 'otherDate', dateValue: date } }];
  const json = { pageSize: 1, fields: 'id', typeList: 'Comments', filters };
  const list = { path: '/comment/list', json, key: 'comments', about: 'comments of all tasks' };
  noteEndpoint(session, await listRows(session, list, () => true));
}

/** A number that no account comes to. */
const never = '2147483647';

async function askForMissingTask(session: Session): Promise<void> {
  const path = `/task/${never}`;
  const answer = await send(session, { method: 'GET', path, query: { fields: 'id' } });
  const says = answer.is === 'refused' && [400, 404].includes(answer.status);
  if (!says || answer.code === null || ![0, 1000].includes(answer.code)) return;
  learn(session, 'task.missingGet', `${String(answer.status)} code ${String(answer.code)}`, `GET ${path}`);
}

/** Whether "later than a day" means from its midnight on: asked of a task that was made on that day. */
async function askForDay(session: Session, rows: readonly unknown[]): Promise<void> {
  const [row] = rows;
  const [task, moment] = [Numbered.safeParse(row), Moment.safeParse(row)];
  const at = Date.parse((moment.success ? moment.data.dateTime?.datetime : undefined) ?? '');
  if (!task.success || Number.isNaN(at)) return;
  const { id } = task.data;
  const { date } = toDateAndTime(at, session.settings.zone);
  const found = idsIn(
    await send(session, {
      method: 'POST',
      path: '/task/list',
      json: {
        offset: 0,
        pageSize: 1,
        fields: 'id',
        filters: [
          { type: 57, operator: 'equal', value: [Number(id)] },
          { type: 12, operator: 'gt', value: { dateType: 'otherDate', dateValue: date } },
        ],
      },
    }),
  );
  if (found === null) return;
  const isShown = found.includes(id);
  const what = `task ${id}, made on ${date}, ${isShown ? 'is' : 'is not'} later than that day`;
  learn(session, 'dates.gtOtherDateInclusive', isShown ? 'yes' : 'no', what);
}

function idsIn(answer: Answer): readonly string[] | null {
  const rows = answer.is === 'ok' ? answer.data['tasks'] : undefined;
  return Array.isArray(rows) ? rows.flatMap((row) => Numbered.safeParse(row).data?.id ?? []) : null;
}

const Said = Comment.pick({ dateTime: true });

/** `task`: a row with its moments; `comments`: its newest ones. A comment may carry an earlier time, never a later one. */
export function learnFromThread(session: Session, task: unknown, comments: readonly unknown[]): void {
  const changed = Moment.safeParse(task);
  const said = Said.safeParse(comments[0]);
  if (!changed.success || !said.success) return;
  const changedAt = Date.parse(changed.data.dateOfLastUpdate?.datetime ?? '');
  const saidAt = Date.parse(said.data.dateTime.datetime ?? '');
  if (saidAt > changedAt)
    learn(
      session,
      'comments.touchTaskChangedTime',
      'no',
      'a comment is younger than the last change of its task',
    );
}
