/** What comments and files in a task of the acting user alone tell of an account (see scratch.ts). */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { TransportError } from '../../runtime/runtime.ts';
import { type CheckLine, ConnectorError } from '../port.ts';
import { type Answer, mayMeanCharacters, send, sendAsWritten, type Session } from './client.ts';
import { sourceId } from './commentPosts.ts';
import { toDateAndTime } from './dates.ts';
import { openFile, uploadBytes } from './files.ts';
import { noteMade, noteMark } from './marks.ts';
import { Comment, commentFields, Created } from './schema.ts';
import { commentOf } from './service.ts';
import { troubleOf } from './troubles.ts';
import { learn } from './unknowns.ts';

/** What the acting user may do there. */
export function rightLine(right: string, answer: Answer, tried: string): CheckLine {
  const about = `right: ${right}`;
  if (answer.is === 'ok' || answer.is === 'queued') return { about, state: 'ok', found: 'done' };
  const { answered, code, todo } = troubleOf(answer, about, tried);
  return { about, state: 'failed', found: answered ?? code, todo };
}

export const title = 'Svyazka: a probe, removed at once';
const hourMs = 3_600_000;

export async function commentProbes(session: Session, task: LocalTaskId): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = [];
  const [first, second] = [await uploaded(session, 'probe-1.txt'), await uploaded(session, 'probe-2.txt')];
  lines.push(rightLine('file_add', first.answer, 'POST /file/'));
  if (first.file !== null) await downloaded(session, first.file);
  const mark = as<Mark>(session.runtime.uuid());
  const said = await say(session, task, {
    description: title,
    sourceId,
    sourceObjectId: mark,
    ...(first.file === null ? {} : { files: [{ id: Number(first.file) }] }),
  });
  lines.push(rightLine('comment_add', said.answer, `POST /task/${task}/comments/`));
  if (said.comment === null) return lines;
  noteMade(session, 'comment', said.comment, mark);
  const made = [said.comment];
  const edited = await send(session, {
    method: 'POST',
    path: `/task/${task}/comments/${said.comment}`,
    query: { silent: 'true' },
    json: {
      description: `${title}.`,
      ...(second.file === null ? {} : { files: [{ id: Number(second.file) }] }),
    },
  });
  lines.push(rightLine('comment_update', edited, `POST /task/${task}/comments/${said.comment}`));
  const now = await read(session, said.comment);
  const shown = now === null ? null : commentOf(now, session.settings.zone);
  if (shown !== null) noteMark(session, 'comment', said.comment, shown.mark);
  if (edited.is === 'ok' && first.file !== null && second.file !== null && now !== null)
    learnOfFiles(session, now, first.file, second.file);
  made.push(...(await learnOfTimes(session, task)), ...(await learnOfEmoji(session, task)));
  let removal: Answer | null = null;
  for (const comment of made) {
    const answer = await send(session, { method: 'DELETE', path: `/comment/${comment}` });
    removal = removal === null || answer.is === 'refused' ? answer : removal;
  }
  if (removal === null) return lines;
  lines.push(rightLine('comment_delete', removal, 'DELETE /comment/{id}'));
  if (removal.is === 'ok') await learnOfDeleted(session, said.comment);
  return lines;
}

interface Said {
  readonly answer: Answer;
  readonly comment: LocalCommentId | null;
}

async function say(
  session: Session,
  task: LocalTaskId,
  json: Readonly<Record<string, unknown>>,
): Promise<Said> {
  const answer = await send(session, { method: 'POST', path: `/task/${task}/comments/`, json });
  const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
  return { answer, comment: created.success ? as<LocalCommentId>(created.data.id) : null };
}

async function read(session: Session, comment: LocalCommentId): Promise<Comment | null> {
  const answer = await send(session, {
    method: 'GET',
    path: `/comment/${comment}`,
    query: { fields: commentFields },
  });
  const told = Comment.safeParse(answer.is === 'ok' ? answer.data['comment'] : undefined);
  return told.success ? told.data : null;
}

async function uploaded(
  session: Session,
  name: string,
): Promise<{ readonly answer: Answer; readonly file: LocalFileId | null }> {
  const answer = await uploadBytes(session, name, new TextEncoder().encode(title));
  const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
  return { answer, file: created.success ? as<LocalFileId>(created.data.id) : null };
}

/** Read to its end, for a download that breaks off proves nothing; how it came is noticed where files are opened. */
async function downloaded(session: Session, file: LocalFileId): Promise<void> {
  try {
    const { bytes } = await openFile(session, file);
    for await (const chunk of bytes) if (chunk.length > 0) continue;
  } catch (error) {
    if (!(error instanceof ConnectorError) && !(error instanceof TransportError)) throw error;
  }
}

function learnOfFiles(session: Session, now: Comment, before: LocalFileId, after: LocalFileId): void {
  const ids = now.files.map(({ id }) => id);
  if (!ids.includes(after)) return;
  const stays = ids.includes(before);
  const what = stays
    ? 'a file that an update does not name stays'
    : 'a file that an update does not name goes';
  learn(session, 'comments.filesReplaceOnUpdate', stays ? 'no' : 'yes', what);
}

/** Another time is as much a right of its own as another author, and names nobody. */
async function learnOfTimes(session: Session, task: LocalTaskId): Promise<readonly LocalCommentId[]> {
  const { zone } = session.settings;
  const at: Instant = session.runtime.now() - 48 * hourMs;
  const said = await say(session, task, { description: title, dateTime: toDateAndTime(at, zone) });
  const name = 'comments.ownerAllowed';
  if (said.answer.is === 'refused' && said.answer.code === 6)
    learn(session, name, 'refused', 'a comment with another time: code 6, one without was taken');
  if (said.comment === null) return [];
  const now = await read(session, said.comment);
  const shown = now === null ? null : commentOf(now, zone);
  if (shown !== null && session.runtime.now() - shown.at > 24 * hourMs)
    learn(session, name, 'allowed', 'a comment with another time was taken, and shows it');
  return [said.comment];
}

async function learnOfEmoji(session: Session, task: LocalTaskId): Promise<readonly LocalCommentId[]> {
  const path = `/task/${task}/comments/`;
  const answer = await sendAsWritten(session, { method: 'POST', path, json: { description: `${title} 🙂` } });
  const name = 'html.rejectAstral';
  if (answer.is === 'ok') learn(session, name, 'taken', 'a comment with an emoji was taken');
  if (answer.is === 'refused' && mayMeanCharacters(answer))
    learn(
      session,
      name,
      'refused',
      `a comment with an emoji: code ${String(answer.code)}, one without was taken`,
    );
  const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
  return created.success ? [as<LocalCommentId>(created.data.id)] : [];
}

async function learnOfDeleted(session: Session, comment: LocalCommentId): Promise<void> {
  const path = `/comment/${comment}`;
  const answer = await send(session, { method: 'GET', path, query: { fields: 'id,isDeleted' } });
  const name = 'comments.deletedGet';
  if (answer.is === 'refused' && answer.code === 5000)
    learn(session, name, 'missing', `GET ${path} of a deleted comment: code 5000`);
  const told =
    answer.is === 'ok' ? (answer.data['comment'] as { readonly isDeleted?: unknown } | undefined) : undefined;
  if (told?.isDeleted === true)
    learn(session, name, 'flag', `GET ${path} of a deleted comment shows isDeleted`);
}
