/** What the outcome of a write on a comment, or on a file of a task, makes of the replica. Pure. */
import { type AccountView } from './account.ts';
import { healsByTime, retryDelayMs, unblocked } from './blocks.ts';
import { type Context, view, withoutAuthors } from './context.ts';
import { type Item } from './item.ts';
import { carriedAfter, carriesAll } from './messageFiles.ts';
import { copyOf } from './messages.ts';
import { type Outcome, type Write } from './operation.ts';
import { sameText } from './ownComments.ts';
import { formOf, refusedAuthor, tookAuthor } from './plain.ts';
import { commentWanted } from './plan.ts';
import { type KnownComment, type Replica, takenBack } from './replica.ts';
import { isLearntTooLarge, sourcesOf } from './tooLarge.ts';

type Done = Extract<Outcome, { is: 'done' }>;

/** `before`: with what stood in the way of this write. */
export const settleComment = (
  context: Context,
  item: Item,
  replica: Replica,
  before: Replica,
  write: Extract<Write, { kind: 'comment.create' | 'comment.update' | 'comment.delete' }>,
  outcome: Done,
): Replica => withoutFiles(settledComment(context, item, replica, write, outcome), before, write, outcome);

export function settleFile(
  replica: Replica,
  write: Extract<Write, { kind: 'file.attach' | 'file.detach' }>,
  outcome: Done,
): Replica {
  const shadow = outcome.after ?? replica.shadow;
  if (write.kind === 'file.detach')
    return {
      ...replica,
      files: replica.files.filter((file) => file.file !== write.file),
      shadow: shadow ? { ...shadow, files: shadow.files.filter((file) => file.id !== write.file) } : null,
    };
  const files = outcome.made.files ?? [];
  const { name, size, kilobytes } = write.source;
  const fresh = files.map(({ file }) => ({
    id: file,
    name,
    size,
    ...(kilobytes === undefined ? {} : { kilobytes }),
  }));
  return {
    ...replica,
    shadow: shadow
      ? {
          ...shadow,
          files: [...shadow.files.filter((one) => !fresh.some(({ id }) => id === one.id)), ...fresh],
        }
      : null,
    files: [...replica.files, ...files.map((one) => ({ ...one, role: 'copy' as const }))],
  };
}

/**
 * A comment that went without some of its files. What time may heal is tried again by an edit of it; the rest stays listed
 * until an edit carries it after all. One that is too large is listed by itself.
 */
function withoutFiles(
  replica: Replica,
  before: Replica,
  write: Extract<Write, { kind: 'comment.create' | 'comment.update' | 'comment.delete' }>,
  { at, failures }: Done,
): Replica {
  const changes =
    write.kind === 'comment.create' ||
    (write.kind === 'comment.update' &&
      (write.files?.add ?? []).length + (write.files?.drop ?? []).length > 0);
  if (!changes) return replica;
  const carried = replica.comments.find(({ message }) => message === write.message)?.files ?? [];
  const missing = sourcesOf(write).filter(
    (source) => !carriesAll([source], carried) && !isLearntTooLarge(replica, source.shared),
  );
  const lasting = `files/${write.message}`;
  const retried = `comment.update/${write.message}`;
  const open = unblocked(unblocked(replica, lasting), retried);
  const others = failures.filter(({ code }) => code !== 'E-FILE-TOO-LARGE');
  const passing = missing.length === 0 ? undefined : others.find(healsByTime);
  const trouble = passing ?? others[0];
  if (trouble === undefined) return open;
  if (passing === undefined)
    return {
      ...open,
      blocked: { ...open.blocked, [lasting]: { wanted: '', retryAt: null, tries: 0, trouble } },
    };
  const wanted = commentWanted(write.text, missing);
  const earlier = before.blocked[retried];
  const tries = earlier?.wanted === wanted ? earlier.tries + 1 : 0;
  return {
    ...open,
    comments: open.comments.map((one) => (one.message === write.message ? { ...one, version: -1 } : one)),
    blocked: { ...open.blocked, [retried]: { wanted, retryAt: at + retryDelayMs(tries), tries, trouble } },
  };
}

function settledComment(
  context: Context,
  item: Item,
  replica: Replica,
  write: Extract<Write, { kind: 'comment.create' | 'comment.update' | 'comment.delete' }>,
  { made, at, failures }: Done,
): Replica {
  if (write.kind === 'comment.delete') {
    const gone = new Set(write.comments);
    return {
      ...replica,
      twins: replica.twins.filter((twin) => !gone.has(twin)),
      comments: replica.comments.map((comment) =>
        comment.role === 'copy' && comment.parts.some((part) => gone.has(part.comment))
          ? takenBackAs(comment, made)
          : comment,
      ),
    };
  }
  // A message that was edited while its copy was under way is ahead of the copy.
  const message = item.messages.find(({ id }) => id === write.message);
  const here = view(context, replica.account);
  const shown = write.plain === true ? withoutAuthors(context, replica.account) : context;
  const current =
    message !== undefined && copyOf(shown, replica, write.world, message, item.messages).text === write.text;
  const earlier = replica.comments.find((comment) => comment.message === write.message);
  const files = carriedAfter(earlier, write, made);
  // Files that nobody knows about any more, for the answer that named them was lost, are looked for by an edit.
  const lost = write.kind === 'comment.create' && failures.length === 0 && !carriesAll(write.files, files);
  const parts = made.comments ?? earlier?.parts ?? [];
  // Before what follows up stands what could not be edited.
  const saying =
    made.means === 'follow-up' ? parts.slice(-here.commentParts(write.world, write.text).length) : parts;
  const version = current && !lost && isWhole(here, write, saying) ? message.version : -1;
  const known: KnownComment = {
    message: write.message,
    role: 'copy',
    parts,
    version,
    state: 'live',
    at: earlier && made.means !== 'recreate' ? earlier.at : at,
    ...formOf(here, write.world, write.author),
    ...(files.length === 0 ? {} : { files }),
  };
  const next = {
    ...replica,
    comments: [...replica.comments.filter((comment) => comment.message !== write.message), known],
  };
  if (write.kind !== 'comment.create') return next;
  // Written without a try, for the account was found to refuse: from now on this thread tries once a day.
  if (write.plain === true && replica.plainComments !== true) return refusedAuthor(next, at);
  return known.plain === false ? tookAuthor(next) : next;
}

/** A copy that was deleted, or whose words still stand with a line below them that takes them back. */
const takenBackAs = (comment: KnownComment, { comments }: Done['made']): KnownComment => ({
  ...comment,
  state: 'deleted',
  version: takenBack,
  ...(comments === undefined ? {} : { parts: comments, stands: true }),
});

/** Whether all parts of a text that goes in parts are there: one that was refused, or lost for good, comes with an edit. */
function isWhole(
  here: AccountView,
  { world, text }: Extract<Write, { kind: 'comment.create' | 'comment.update' }>,
  parts: KnownComment['parts'],
): boolean {
  const sent = here.commentParts(world, text);
  return (
    sent.length < 2 || sent.every((piece, part) => sameText(here, world, piece, parts[part]?.text ?? ''))
  );
}
