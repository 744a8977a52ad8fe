/**
 * Comments written by the bridge (reference 8): author and time are the message's own, the mark is `sourceObjectId`,
 * a text longer than 64 KB goes in parts. A row of parts that broke off is taken up where it ended: what carries the
 * mark already is not written again.
 */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { partMark } from '../../sync/core/commentParts.ts';
import { type Made, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type OpenSource } from '../port.ts';
import { type Answer, type Refused, send, type Session } from './client.ts';
import { toDateAndTime } from './dates.ts';
import { type Prepared, prepareFiles } from './commentFiles.ts';
import { uploadAll } from './files.ts';
import { partsWritten, type Written, type WrittenPart } from './find.ts';
import { Created } from './schema.ts';
import { peopleOf } from './service.ts';
import { commentParts } from './split.ts';
import { notBegun, oddAnswer, unknown, unsuccessful } from './troubles.ts';
import { mayShift } from './zone.ts';

type WriteOf<Kind extends Write['kind']> = Extract<Write, { readonly kind: Kind }>;
type MadeComment = NonNullable<Made['comments']>[number];

const missingComment = 5000;

/** Names the bridge as the application that `sourceObjectId` belongs to; the same in every account. */
const sourceId = '6f0f7a6e-0c5d-4b8e-9d55-2f1c8f3f7a10';

interface Draft {
  readonly task: LocalTaskId;
  readonly mark: Mark;
  readonly author: LocalPersonId | null;
  /** null = now, for the account lets no other time be named. */
  readonly at: Instant | null;
  readonly notify: readonly LocalPersonId[];
  readonly files: readonly { readonly id: number }[];
}

type Posted =
  | { readonly is: 'posted'; readonly made: readonly MadeComment[] }
  | { readonly is: 'stopped'; readonly outcome: Outcome };

/** Posts the texts from part `from` on in order; the first carries recipients and files. */
async function post(session: Session, draft: Draft, texts: readonly string[], from = 0): Promise<Posted> {
  const path = `/task/${draft.task}/comments/`;
  const tried = `POST ${path}`;
  const made: MadeComment[] = [];
  for (const [index, text] of texts.slice(from).entries()) {
    const mark = partMark(draft.mark, from + index);
    const answer = await send(session, {
      method: 'POST',
      path,
      json: bodyOf(session, { ...draft, mark }, text, index === 0),
    });
    if (answer.is === 'refused' || answer.is === 'unclear') {
      return { is: 'stopped', outcome: unsuccessful(session, answer, 'comment', tried) };
    }
    const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
    if (!created.success) {
      return {
        is: 'stopped',
        outcome: unknown(session, oddAnswer('comment', tried, 'no number of the comment')),
      };
    }
    made.push({ comment: as<LocalCommentId>(created.data.id), text });
  }
  return { is: 'posted', made };
}

function bodyOf(
  session: Session,
  draft: Draft,
  text: string,
  first: boolean,
): Readonly<Record<string, unknown>> {
  const { people } = peopleOf(draft.notify);
  const told = first && people.users.length + people.groups.length > 0;
  return {
    description: text,
    sourceId,
    sourceObjectId: draft.mark,
    ...(draft.author === null ? {} : { owner: { id: draft.author } }),
    // A time that the account would take for another one is worse than the time of writing.
    ...(draft.at === null || mayShift(session)
      ? {}
      : { dateTime: toDateAndTime(draft.at, session.settings.zone) }),
    // Nobody named is nobody told (reference 8.3).
    ...(told ? { recipients: people } : {}),
    ...(first && draft.files.length > 0 ? { files: draft.files } : {}),
  };
}

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
      return edited(unsuccessful(session, answer, 'comment', `POST /task/${task}/comments/${comment}`));
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
    if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
    if (answer.is === 'refused' && (answer.code === missingComment || answer.code === 6)) {
      return recreate(session, one, texts, answer, prepared);
    }
    if (answer.is !== 'ok') return edited(unsuccessful(session, answer, 'comment', `POST ${path}`));
    made.push({ comment, text });
  }
  const removed = await remove(session, one.comments.slice(texts.length));
  if (removed !== null) return removed;
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

async function recreate(
  session: Session,
  one: WriteOf<'comment.update'>,
  texts: readonly string[],
  why: Refused,
  prepared: Prepared,
): Promise<Outcome> {
  const removed = await remove(session, one.comments);
  if (removed !== null) {
    if (removed.is !== 'refused') return removed;
    const first = unsuccessful(
      session,
      why,
      'comment',
      `POST /task/${one.task}/comments/${one.comments.join(',')}`,
    );
    return edited(first.is === 'refused' ? first : removed);
  }
  const sought = { ...one, after: null, except: one.comments };
  const written = await partsWritten(session, sought, texts);
  if (written.is === 'no') return { is: 'refused', at: session.runtime.now(), trouble: written.trouble };
  const behind = await showAnew(session, one.task, written.parts);
  if (behind !== null) return behind;
  const begun = written.parts.length > 0;
  const posted = await post(session, draftOf(one, begun ? [] : prepared.own), texts, written.parts.length);
  if (posted.is === 'stopped') return posted.outcome;
  return {
    is: 'done',
    at: session.runtime.now(),
    made: { comments: [...madeOf(written.parts), ...posted.made], files: prepared.made, means: 'recreate' },
    failures: prepared.failures,
  };
}

/** A refusal of this comment alone, by the name that the catalogue has for it. */
function edited(outcome: Outcome): Outcome {
  if (outcome.is !== 'refused') return outcome;
  const own = outcome.trouble.code === 'E-REMOTE-REFUSED' || outcome.trouble.code === 'E-REMOTE-RIGHT';
  return own ? { ...outcome, trouble: { ...outcome.trouble, code: 'E-COMMENT-EDIT' } } : outcome;
}

/** Deletes comments; one that is gone is deleted already. Null = all are gone. */
async function remove(session: Session, comments: readonly LocalCommentId[]): Promise<Outcome | null> {
  for (const comment of comments) {
    const answer = await send(session, { method: 'DELETE', path: `/comment/${comment}` });
    if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
    if (answer.is === 'refused' && answer.code === missingComment) continue;
    if (answer.is !== 'ok') return unsuccessful(session, answer, 'comment', `DELETE /comment/${comment}`);
  }
  return null;
}

export async function deleteComments(session: Session, one: WriteOf<'comment.delete'>): Promise<Outcome> {
  const removed = await remove(session, one.comments);
  if (removed !== null) return edited(removed);
  return { is: 'done', at: session.runtime.now(), made: {}, failures: [] };
}
