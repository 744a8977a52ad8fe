/**
 * Comments of all tasks in one list (reference 8.1, `POST /comment/list` of the newer API; it wants a filter by date or
 * author). It finds what is new or changed in many threads with few requests; the threads themselves are read after it.
 */
import { as, type Instant, type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type CommentsReading, type RawComment } from '../../sync/core/replica.ts';
import { ConnectorError, type RecentComments } from '../port.ts';
import { type Session } from './client.ts';
import { toDateAndTime } from './dates.ts';
import { type List, type Listed, listRows, type Row } from './pages.ts';
import { Comment, commentFields, DeletedComment, OfTask } from './schema.ts';
import { commentOf } from './service.ts';
import { connectorError, isAccountWide } from './troubles.ts';
import { type FactName, notice } from './unknowns.ts';

const writtenOn = 3000;
/** Whether `gt` means the day itself is not certain (reference 5.2), and the zone may be another: one day earlier. */
const dayMs = 86_400_000;

/** See Connector.recentComments. Throws ConnectorError for troubles of the whole account. */
export async function recentComments(session: Session, since: Instant): Promise<RecentComments | null> {
  const living = await listed(session, 'Comments', since);
  const removed = living && (await listed(session, 'Deleted', since));
  if (living === null || removed === null) return null;
  const threads = new Map<LocalTaskId, { list: RawComment[]; deleted: LocalCommentId[] }>();
  const threadOf = (row: unknown): { list: RawComment[]; deleted: LocalCommentId[] } | null => {
    const place = OfTask.safeParse(row);
    if (!place.success) return null;
    const task = as<LocalTaskId>(place.data.task.id);
    const thread = threads.get(task) ?? { list: [], deleted: [] };
    threads.set(task, thread);
    return thread;
  };
  // A row that can't be understood here is met again where its thread is read.
  for (const { row } of living) {
    const comment = Comment.safeParse(row);
    const raw = comment.success ? commentOf(comment.data, session.settings.zone) : null;
    if (comment.success && raw !== null && comment.data.isDeleted !== true) threadOf(row)?.list.push(raw);
  }
  for (const { row } of removed) {
    const comment = DeletedComment.safeParse(row);
    if (comment.success) threadOf(row)?.deleted.push(as<LocalCommentId>(comment.data.id));
  }
  const readings = [...threads].map(([task, { list, deleted }]): [LocalTaskId, CommentsReading] => [
    task,
    {
      list: list.sort((one, other) => Number(one.id) - Number(other.id)),
      extent: { kind: 'after', known: null },
      deleted,
    },
  ]);
  return { readings: new Map(readings), rows: living.length + removed.length };
}

/** Null where the account has no such list, or does not let this token see it. */
async function listed(
  session: Session,
  typeList: 'Comments' | 'Deleted',
  since: Instant,
): Promise<readonly Row[] | null> {
  const { date } = toDateAndTime(since - dayMs, session.settings.zone);
  const list: List = {
    path: '/comment/list',
    json: {
      fields: typeList === 'Deleted' ? 'id,isDeleted,task' : `${commentFields},task`,
      typeList,
      resultOrder: [{ field: 'id', direction: 'Desc' }],
      filters: [{ type: writtenOn, operator: 'gt', value: { dateType: 'otherDate', dateValue: date } }],
    },
    key: 'comments',
    about: 'comments of all tasks',
  };
  const told = await listRows(session, list);
  noteEndpoint(session, told);
  if (told.is === 'rows') return told.rows;
  if (told.is === 'odd') throw new ConnectorError(told.trouble);
  if (told.is === 'refused' && !isAccountWide(told)) return null;
  throw connectorError(told, list.about, `POST ${list.path}`);
}

/** A method that is not there answers as a page that is not: what else is refused says nothing of the account. */
export function noteEndpoint(session: Session, told: Listed): void {
  const name: FactName = 'commentListEndpoint';
  if (told.is === 'rows') notice(session, name, 'yes', 'POST /comment/list gave a list');
  if (told.is === 'refused' && (told.status === 404 || told.status === 405) && (told.code ?? 0) === 0)
    notice(session, name, 'no', `POST /comment/list: HTTP ${String(told.status)}`);
}
