/**
 * What people do in the chats of tasks and no webhook tells: the acting user's messenger events, kept for a day and only
 * since it subscribed. A call with an offset forgets every event before it, for whoever reads that user's events
 * (b24restdocs: chat-bots/chat-bots-v2/im.v2/events/event-get.md, event-subscribe.md). An event is a hint like any other:
 * what the chat holds now a reading of it tells.
 */
import { as, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Aspect, ConnectorError, type SweepCursor, type Swept } from '../port.ts';
import { type Answer, connectorError, type Failure } from './failure.ts';
import { ChatEvent, ChatEvents, shapeOf } from './schema.ts';
import { isTaskNumber, oddRow } from './service.ts';
import { type Job, type Session } from './session.ts';

const method = 'im.v2.Event.get';
const page = 1_000;
/** A portal whose module is too old, or whose credential lacks the scope, is asked again after a day. */
const absentMs = 86_400_000;

/** Failures that say that this account has no such record at all. */
const isAbsence = ({ kind, code }: Failure): boolean =>
  kind === 'scope' || code === 'ERROR_METHOD_NOT_FOUND' || code === 'ERROR_METHOD_NOT_ALLOWED';

const numberOf = (cursor: SweepCursor | null, name: string): number | null => {
  const value = cursor?.[name];
  return typeof value === 'number' ? value : null;
};

/** Whose events they are: the acting user of one portal, under whichever name the account has here. */
export const readerOf = ({ settings }: Pick<Session, 'settings'>): string =>
  `${new URL(settings.url).host} ${settings.actor}`;

/** What an event asks to be read again, if it is about a task's chat at all. */
function hintOf(row: unknown, actor: string): { task: LocalTaskId; aspects: readonly Aspect[] } | null {
  const parsed = ChatEvent.safeParse(row);
  // What can't be understood is no reason to stand still: the threads are read again in their turn.
  if (!parsed.success || parsed.data.data.chat?.entityType !== 'TASKS_TASK') return null;
  const { type, data } = parsed.data;
  const task = data.chat?.entityId ?? '';
  if (!isTaskNumber(task)) return null;
  const about = (aspects: readonly Aspect[]) => ({ task: as<LocalTaskId>(task), aspects });
  // Only the author edits a message: what bears our name was written by us, and what we wrote we know.
  const ours = data.message?.authorId === actor || data.message?.authorId === '0';
  switch (type) {
    case 'ONIMV2REACTIONCHANGE':
      return null;
    case 'ONIMV2MESSAGEADD':
      return ours ? null : about(['comments']);
    case 'ONIMV2MESSAGEUPDATE':
      return ours ? null : about(['deleted-comments']);
    case 'ONIMV2JOINCHAT':
      return data.user?.id === actor ? about(['deleted-comments']) : null;
    default:
      return about(['deleted-comments']);
  }
}

const nothing = (next: SweepCursor): Swept => ({ tasks: [], next, more: false });

/** What the answer tells, or why it tells nothing. */
function told(
  session: Session,
  cursor: SweepCursor | null,
  answer: Answer | undefined,
): Swept | ConnectorError {
  const { runtime, settings } = session;
  if (answer === undefined) return new ConnectorError(oddRow('comment', method, 'no answer'));
  if (answer.is === 'failed') {
    if (isAbsence(answer)) return nothing({ absentUntil: runtime.now() + absentMs });
    return connectorError(answer, 'comment', method);
  }
  const parsed = ChatEvents.safeParse(answer.result);
  if (!parsed.success) return new ConnectorError(oddRow('comment', method, shapeOf(parsed.error)));
  const { events, nextOffset, hasMore } = parsed.data;
  const offset = numberOf(cursor, 'offset');
  const next = Math.max(nextOffset, offset ?? 0);
  if (hasMore && events.length > 0 && next === offset)
    return new ConnectorError(oddRow('comment', method, 'more events, and no way to them'));
  const tasks = events.flatMap((event) => hintOf(event, settings.actor) ?? []);
  return {
    tasks,
    // Before the first event there is no number that could be confirmed.
    next: events.length === 0 && offset === null ? { offset: null } : { offset: next },
    more: hasMore && events.length > 0,
  };
}

const isAbsent = (cursor: SweepCursor | null, now: Instant): boolean =>
  (numberOf(cursor, 'absentUntil') ?? 0) > now;

const paramsOf = (cursor: SweepCursor | null): Job['params'] => {
  const offset = numberOf(cursor, 'offset');
  return { limit: page, ...(offset === null ? {} : { offset }) };
};

/** See ChangeLog.read. The subscription is asked for every time: another program of that user may have ended it. */
export async function readChatLog(session: Session, cursor: SweepCursor | null): Promise<Swept> {
  if (cursor !== null && isAbsent(cursor, session.runtime.now())) return nothing(cursor);
  const answers = await session.client.run([
    { key: 'subscribe', method: 'im.v2.Event.subscribe', params: {} },
    { key: 'events', method, params: paramsOf(cursor) },
  ]);
  const subscribed = answers.get('subscribe');
  // Nothing is kept for who is not subscribed: an empty record says nothing then.
  const swept = told(session, cursor, subscribed?.is === 'failed' ? subscribed : answers.get('events'));
  if (swept instanceof ConnectorError) throw swept;
  return swept;
}

/** The same beside a reading of chats, in its request; null where nothing is to be asked. */
export function chatLogJob(
  session: Session,
  cursor: SweepCursor | null,
  take: (swept: Swept) => void,
): Job | null {
  // Where it is not subscribed yet, the sweep does that.
  if (cursor === null || isAbsent(cursor, session.runtime.now())) return null;
  return {
    method,
    params: paramsOf(cursor),
    take: (answer) => {
      const swept = told(session, cursor, answer);
      // Why nothing was told the sweep learns by itself, and says so; nothing was forgotten meanwhile.
      if (!(swept instanceof ConnectorError)) take(swept);
      return [];
    },
  };
}
