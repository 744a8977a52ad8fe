/**
 * Files of a comment that stands already (reference 8.2, 10): `files` of an update replaces the list, so the list is read
 * right before, and what a person has put there stays.
 */
import { as, type LocalCommentId, type LocalFileId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type FileChange, type Made, type Outcome } from '../../sync/core/operation.ts';
import { type OpenSource } from '../port.ts';
import { send, type Session } from './client.ts';
import { uploadAll } from './files.ts';
import { Comment } from './schema.ts';
import { notBegun, oddAnswer } from './troubles.ts';

const missingComment = 5000;

export interface Prepared {
  readonly is: 'prepared';
  /** What the update names; null = it says nothing of files. */
  readonly list: readonly LocalFileId[] | null;
  /** What a comment written anew carries of this message. */
  readonly own: readonly LocalFileId[];
  readonly made: NonNullable<Made['files']>;
  readonly failures: readonly Trouble[];
}

const Held = Comment.pick({ files: true });

/**
 * Uploads what is to be added, but for what an update whose answer was lost has left there under its name. `stopped` =
 * nothing that people see was done.
 */
export async function prepareFiles(
  session: Session,
  comment: LocalCommentId | undefined,
  change: FileChange | undefined,
  open: OpenSource,
): Promise<Prepared | { readonly is: 'stopped'; readonly outcome: Outcome }> {
  const kept = (change?.keep ?? []).map(({ file }) => file);
  if (change === undefined || change.add.length + change.drop.length === 0 || comment === undefined)
    return { is: 'prepared', list: null, own: kept, made: [], failures: [] };
  const path = `/comment/${comment}`;
  const answer = await send(session, { method: 'GET', path, query: { fields: 'id,files' } });
  const isMissing = answer.is === 'refused' && answer.code === missingComment;
  if (!isMissing && (answer.is === 'refused' || answer.is === 'unclear'))
    return { is: 'stopped', outcome: notBegun(session, answer, `GET ${path}`) };
  const held = Held.safeParse(answer.is === 'ok' ? answer.data['comment'] : { files: [] });
  if (!held.success) {
    const trouble = oddAnswer('comment', `GET ${path}`, 'no files of the comment');
    return { is: 'stopped', outcome: { is: 'refused', at: session.runtime.now(), trouble } };
  }
  const present = held.data.files.map(({ id, name }) => ({ id: as<LocalFileId>(id), name }));
  const strangers = present.filter(({ id }) => !kept.includes(id) && !change.drop.includes(id));
  const found: NonNullable<Made['files']>[number][] = [];
  const missing = change.add.filter((source) => {
    const at = strangers.findIndex(({ name }) => name === source.name);
    const [file] = at < 0 ? [] : strangers.splice(at, 1);
    if (file !== undefined) found.push({ shared: source.shared, file: file.id });
    return file === undefined;
  });
  const uploaded = await uploadAll(session, missing, open);
  if (uploaded.is === 'down')
    return { is: 'stopped', outcome: notBegun(session, uploaded.answer, uploaded.tried) };
  const made = [...found, ...uploaded.made];
  const fresh = uploaded.made.map(({ file }) => file);
  const left = present.map(({ id }) => id).filter((id) => !change.drop.includes(id));
  return {
    is: 'prepared',
    list: [...left, ...fresh],
    own: [...kept, ...made.map(({ file }) => file)],
    made,
    failures: uploaded.failures,
  };
}
