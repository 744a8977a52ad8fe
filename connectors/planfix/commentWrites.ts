/**
 * Comments written by the bridge (reference 8): author and time are the message's own, the mark is `sourceObjectId`,
 * a text longer than 64 KB goes in parts. A row of parts that broke off is taken up where it ended: what carries the
 * mark already is not written again.
 */
import { type LocalCommentId, type LocalFileId, type LocalTaskId } from '../../errors/ids.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type OpenSource } from '../port.ts';
import { type Answer, send, type Session } from './client.ts';
import { isForbidden, missingComment, presentOf, refusedAlone, remove } from './commentDeletions.ts';
import { type Prepared, prepareFiles } from './commentFiles.ts';
import { type Draft, type MadeComment, post } from './commentPosts.ts';
import { uploadAll } from './files.ts';
import { partsWritten, type Written, type WrittenPart } from './find.ts';
import { commentParts } from './split.ts';
import { notBegun, unsuccessful } from './troubles.ts';
import { type FactName, notice } from './unknowns.ts';

type WriteOf<Kind extends Write['kind']> = Extract<Write, { readonly kind: Kind }>;

export async function createComment(
  session: Session,
  one: WriteOf<'comment.create'>,
  open: OpenSource,
): Promise<Outcome> {
  const texts = commentParts(one.text);
  const written: Written =
    texts.length === 1 ? { is: 'found', parts: [] } : await partsWritten(session, one, texts);
  if (written.is === 'no') return { is: 'refused', at: session.runtime.now(), trouble: written.trouble };
  const behind = await showAnew(session, one.task, written.parts);
  if (behind !== null) return behind;
  const begun = written.parts.length > 0;
  const uploaded = await uploadAll(session, begun ? [] : one.files, open);
  if (uploaded.is === 'down') return notBegun(session, uploaded.answer, uploaded.tried);
  const draft: Draft = {
    task: one.task,
    mark: one.mark,
    author: one.author,
    at: one.plain === true ? null : one.at,
    notify: begun ? [] : one.notify,
    files: uploaded.made.map((file) => ({ id: Number(file.file) })),
  };
  const posted = await post(session, draft, texts, written.parts.length);
  if (posted.is === 'stopped') return posted.outcome;
  return {
    is: 'done',
    at: session.runtime.now(),
    made: { comments: [...madeOf(written.parts), ...posted.made], files: uploaded.made },
    failures: uploaded.failures,
  };
}

const madeOf = (parts: readonly WrittenPart[]): readonly MadeComment[] =>
  parts.map(({ comment, text }) => ({ comment, text }));

/** Gives parts that an earlier try wrote with an older text the present one. Null = all show it. */
async function showAnew(
  session: Session,
  task: LocalTaskId,
  parts: readonly WrittenPart[],
): Promise<Outcome | null> {
  for (const { comment, text } of parts.filter(({ current }) => !current)) {
    const answer = await editText(session, task, comment, { description: text });
    if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
    if (answer.is !== 'ok')
      return refusedAlone(unsuccessful(session, answer, 'comment', `POST /task/${task}/comments/${comment}`));
  }
  return null;
}

const editText = (
  session: Session,
  task: LocalTaskId,
  comment: LocalCommentId,
  json: Readonly<Record<string, unknown>>,
): Promise<Answer> =>
  send(session, {
    method: 'POST',
    path: `/task/${task}/comments/${comment}`,
    query: { silent: 'true' },
    json,
  });

/**
 * Each part gets its piece of the new text; pieces too many are posted, parts too many deleted. What may not be edited,
 * or is gone, is deleted and written again.
 */
export async function updateComments(
  session: Session,
  one: WriteOf<'comment.update'>,
  open: OpenSource,
): Promise<Outcome> {
  const prepared = await prepareFiles(session, one.comments[0], one.files, open);
  if (prepared.is === 'stopped') return prepared.outcome;
  const texts = commentParts(one.text);
  const made: MadeComment[] = [];
  for (const [index, comment] of one.comments.entries()) {
    const text = texts[index];
    if (text === undefined) break;
    const path = `/task/${one.task}/comments/${comment}`;
    const answer = await editText(session, one.task, comment, {
      description: text,
      ...(index === 0 ? listOf(prepared) : {}),
    });
    noteForeignEdit(session, one, answer);
    if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
    if (answer.is === 'refused' && (answer.code === missingComment || isForbidden(answer.code)))
      return writeAnew(session, one, texts, prepared);
    if (answer.is !== 'ok') return refusedAlone(unsuccessful(session, answer, 'comment', `POST ${path}`));
    made.push({ comment, text });
  }
  const removed = await remove(session, one.comments.slice(texts.length));
  if (removed.is === 'stopped') return removed.outcome;
  if (removed.why !== null) return refusedAlone(removed.why);
  // Pieces that an edit whose answer was lost has posted stand already.
  const sought = { ...one, after: null, except: one.comments, from: made.length };
  const written: Written =
    made.length === texts.length ? { is: 'found', parts: [] } : await partsWritten(session, sought, texts);
  if (written.is === 'no') return { is: 'refused', at: session.runtime.now(), trouble: written.trouble };
  const behind = await showAnew(session, one.task, written.parts);
  if (behind !== null) return behind;
  made.push(...madeOf(written.parts));
  const posted = await post(session, draftOf(one), texts, made.length);
  if (posted.is === 'stopped') return posted.outcome;
  return {
    is: 'done',
    at: session.runtime.now(),
    made: { comments: [...made, ...posted.made], files: prepared.made, means: 'update' },
    failures: prepared.failures,
  };
}

/** Whether what the bridge wrote in another's name can be edited by it. */
function noteForeignEdit(session: Session, one: WriteOf<'comment.update'>, answer: Answer): void {
  const { settings } = session;
  if (one.author === null || one.author === settings.actor || one.plain === true) return;
  const name: FactName = 'comments.editForeignText';
  const what = `an edit of a comment that was written as ${one.author}`;
  if (answer.is === 'ok') notice(session, name, 'allowed', `${what} was taken`);
  if (answer.is === 'refused' && isForbidden(answer.code))
    notice(session, name, 'refused', `${what}: code ${String(answer.code)}`);
}

const listOf = ({ list }: Prepared): Readonly<Record<string, unknown>> =>
  list === null ? {} : { files: list.map(numbered) };

const numbered = (file: LocalFileId): { readonly id: number } => ({ id: Number(file) });

const draftOf = (one: WriteOf<'comment.update'>, files: readonly LocalFileId[] = []): Draft => ({
  task: one.task,
  mark: one.mark,
  author: one.author,
  at: one.plain === true ? null : one.at,
  notify: [],
  files: files.map(numbered),
});

/** Deleted and written again; below what may not be deleted either, the new words follow up. */
async function writeAnew(
  session: Session,
  one: WriteOf<'comment.update'>,
  texts: readonly string[],
  prepared: Prepared,
): Promise<Outcome> {
  const at = session.runtime.now();
  const removed = await remove(session, one.comments);
  if (removed.is === 'stopped') return removed.outcome;
  const now = removed.left.length === 0 ? null : await presentOf(session, one.task, removed.left);
  if (now?.is === 'no') return { is: 'refused', at, trouble: now.trouble };
  const sought = { ...one, after: null, except: one.comments };
  const written = await partsWritten(session, sought, texts);
  if (written.is === 'no') return { is: 'refused', at, trouble: written.trouble };
  const behind = await showAnew(session, one.task, written.parts);
  if (behind !== null) return behind;
  const standing = now?.shown ?? [];
  // What stands keeps the files that it has.
  const files = standing.length === 0 ? prepared.own : prepared.made.map(({ file }) => file);
  const begun = written.parts.length > 0;
  const posted = await post(session, draftOf(one, begun ? [] : files), texts, written.parts.length);
  if (posted.is === 'stopped') return posted.outcome;
  return {
    is: 'done',
    at: session.runtime.now(),
    made: {
      comments: [...standing, ...madeOf(written.parts), ...posted.made],
      files: prepared.made,
      means: standing.length === 0 ? 'recreate' : 'follow-up',
    },
    failures: prepared.failures,
  };
}
