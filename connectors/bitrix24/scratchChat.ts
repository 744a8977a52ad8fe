/** What the chat of a task of the acting user's own shows; every message is deleted again. */
import { type CheckLine } from '../port.ts';
import { addComment, addMessage } from './comments.ts';
import { type Answer } from './failure.ts';
import { isoMoment } from './fields.ts';
import { learnCommentGet } from './readings.ts';
import { ChatMessage, DatedTask, MessagePage, NewId, TaskResult } from './schema.ts';
import { failedLine, title } from './scratchTask.ts';
import { type Session } from './session.ts';
import { limits } from './store.ts';
import { learn } from './unknowns.ts';

const day = 86_400_000;
/** Times of change count whole seconds. */
const apartMs = 2_000;

const numberIn = (answer: Answer | undefined): string | null => {
  const id = NewId.safeParse(answer?.is === 'ok' ? answer.result : null);
  return id.success && /^[1-9]\d*$/.test(id.data) ? id.data : null;
};

export async function chatLines(session: Session, task: string, chat: string): Promise<readonly CheckLine[]> {
  const { client, runtime } = session;
  const say = (MESSAGE: string, template: object = {}): Promise<Answer> =>
    client.call(addMessage, { DIALOG_ID: `chat${chat}`, MESSAGE, ...template });
  const changed = async (): Promise<number | null> =>
    changedIn(await client.call('tasks.task.get', dated(task)));

  const before = await changed();
  await runtime.sleep(apartMs);
  const template = { TEMPLATE_ID: runtime.uuid() };
  const said = [await say(title, template), await say(title, template)];
  const [first, second] = said.map(numberIn);
  if (first == null || second == null)
    return [failedLine('probe: template-id', said.find(({ is }) => is === 'failed') ?? noAnswer, addMessage)];
  const unique = first === second;
  learn(
    session,
    'template-id',
    unique ? 'unique' : 'plain',
    unique ? 'a message sent twice under one TEMPLATE_ID stood once' : 'it stood twice',
  );
  const after = await changed();
  if (before !== null && after !== null)
    learn(
      session,
      'chat.touchesChangedDate',
      before === after ? 'no' : 'yes',
      `a message ${before === after ? 'left' : 'moved'} the time of change of its task`,
    );
  const edited = await client.call('im.message.update', { MESSAGE_ID: Number(first), MESSAGE: `${title}.` });
  await learnComments(session, task, chat, first);
  const long = numberIn(await say(title.padEnd(limits.chatMessageMax, '.')));
  const texts = await messagesOf(session, chat);
  const held = long === null ? undefined : texts.get(long)?.text.length;
  if (held !== undefined)
    learn(
      session,
      'limits.chatMessageMax',
      String(held),
      `of ${String(limits.chatMessageMax)} characters ${String(held)} stood`,
    );
  return [right('edit', edited, 'im.message.update'), await removed(session, chat, [...texts.keys()], first)];
}

const noAnswer: Answer = { is: 'ok', result: null, total: null };

const dated = (taskId: string) => ({ taskId, select: ['ID', 'CHANGED_DATE'] });

function changedIn(answer: Answer): number | null {
  const result = TaskResult.safeParse(answer.is === 'ok' ? answer.result : null);
  return DatedTask.safeParse(result.data).data?.changedDate ?? null;
}

/** The methods of the old card, tried on the new one. */
async function learnComments(session: Session, task: string, chat: string, message: string): Promise<void> {
  const { client } = session;
  const edit = await client.call('task.commentitem.update', {
    TASKID: Number(task),
    ITEMID: Number(message),
    FIELDS: { POST_MESSAGE: title },
  });
  if (edit.is === 'ok') learn(session, 'taskCard.commentUpdate', 'works', 'it edited a message');
  else if (edit.kind === 'refused')
    learn(
      session,
      'taskCard.commentUpdate',
      /#512\b|not found/i.test(edit.text) || edit.code === '512' ? 'error-512' : 'error-4',
      `it refused to edit an own message: ${edit.text}`,
    );
  const list = await client.call('task.commentitem.getlist', { TASKID: Number(task), ORDER: { ID: 'asc' } });
  learnCommentGet(session, task, list, true);
  const wanted = Math.floor((client.serverNow() - day) / 1_000) * 1_000;
  const words = `${title} (2)`;
  const added = numberIn(
    await client.call(addComment, {
      TASKID: Number(task),
      FIELDS: { POST_MESSAGE: words, POST_DATE: isoMoment(wanted) },
    }),
  );
  const row = [...(await messagesOf(session, chat))].find(([, { text }]) => text === words);
  if (added === null || row === undefined) return;
  const returns = row[0] === added ? 'message' : 'comment';
  const kept = row[1].date === wanted;
  learn(
    session,
    'taskCard.commentAdd',
    `${returns}, ${kept ? 'its time kept' : 'its time not kept'}`,
    `it answered with the number of a ${returns}; whether an author is honoured was not tried`,
  );
}

interface Said {
  readonly text: string;
  readonly date: number;
  readonly deleted: boolean;
}

/** What the acting user said in the chat lately, by numbers. */
async function messagesOf({ client, settings }: Session, chat: string): Promise<ReadonlyMap<string, Said>> {
  const answer = await client.call('im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 50 });
  const page = MessagePage.safeParse(answer.is === 'ok' ? answer.result : null);
  const said = new Map<string, Said>();
  for (const row of page.data?.messages ?? []) {
    const message = ChatMessage.safeParse(row);
    if (!message.success || message.data.author_id !== settings.actor) continue;
    const { id, text, date, params } = message.data;
    said.set(id, { text, date, deleted: params.IS_DELETED !== undefined });
  }
  return said;
}

async function removed(
  session: Session,
  chat: string,
  ids: readonly string[],
  first: string,
): Promise<CheckLine> {
  const method = 'im.message.delete';
  const answers = new Map<string, Answer>();
  for (const id of ids) answers.set(id, await session.client.call(method, { MESSAGE_ID: Number(id) }));
  const failed = [...answers].find(([, answer]) => answer.is === 'failed');
  if (failed !== undefined) return right('delete', failed[1], method);
  const stands = (await messagesOf(session, chat)).get(first);
  if (stands === undefined || stands.deleted)
    learn(
      session,
      'chat.deletedMessages',
      stands === undefined ? 'gone' : 'marked',
      stands === undefined
        ? 'a deleted message was not in its dialog any more'
        : 'a deleted message stood in its dialog, marked',
    );
  return right('delete', answers.get(first) ?? noAnswer, method);
}

const right = (what: string, answer: Answer, tried: string): CheckLine =>
  answer.is === 'ok'
    ? { about: `right: ${what} own messages`, state: 'ok', found: 'done' }
    : failedLine(`right: ${what} own messages`, answer, tried);
