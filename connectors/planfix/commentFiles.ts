/**
 * Files of a comment that stands already (reference 8.2, 10): `files` of an update replaces the list, so the list is read
 * right before, and what a person has put there stays.
 */
import { as, type LocalCommentId, type LocalFileId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type NamedFile, pairedFiles } from '../../sync/core/fileNames.ts';
import { type FileChange, type Made, type Outcome } from '../../sync/core/operation.ts';
import { type CarriedFile } from '../../sync/core/replica.ts';
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

/** The files of a comment as they stand now; of one that is gone, none. */
async function heldBy(
  session: Session,
  comment: LocalCommentId,
): Promise<
  | { readonly is: 'held'; readonly files: readonly (NamedFile & { readonly id: LocalFileId })[] }
  | { readonly is: 'stopped'; readonly outcome: Outcome }
> {
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
  const files = held.data.files.map(({ id, name, size }) => ({
    id: as<LocalFileId>(id),
    name,
    size: null,
    ...(size == null ? {} : { kilobytes: size }),
  }));
  return { is: 'held', files };
}

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
  const before = await heldBy(session, comment);
  if (before.is === 'stopped') return before;
  const strangers = before.files.filter(({ id }) => !kept.includes(id) && !change.drop.includes(id));
  const pairs = pairedFiles(change.add, strangers);
  const found: CarriedFile[] = change.add.flatMap((source) => {
    const file = pairs.get(source);
    return file === undefined ? [] : [{ shared: source.shared, file: file.id }];
  });
  const missing = change.add.filter((source) => !pairs.has(source));
  const uploaded = await uploadAll(session, missing, open);
  if (uploaded.is === 'down')
    return { is: 'stopped', outcome: notBegun(session, uploaded.answer, uploaded.tried) };
  const made = [...found, ...uploaded.made];
  const fresh = uploaded.made.map(({ file }) => file);
  // An upload takes its time: what somebody has put there meanwhile must be in the list as well.
  const now = fresh.length === 0 ? before : await heldBy(session, comment);
  if (now.is === 'stopped') return now;
  const left = now.files.map(({ id }) => id).filter((id) => !change.drop.includes(id));
  return {
    is: 'prepared',
    list: [...left, ...fresh],
    own: [...kept, ...made.map(({ file }) => file)],
    made,
    failures: uploaded.failures,
  };
}
