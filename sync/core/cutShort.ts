/** Copies of which an account shows no more than the beginning, because it cut them without an error: listed while they do. */
import { type LocalCommentId, type MessageId } from '../../errors/ids.ts';
import { type AccountView } from './account.ts';
import { isCut } from './ownComments.ts';
import {
  type Blocked,
  type CommentWorld,
  type KnownComment,
  type RawComment,
  type Replica,
} from './replica.ts';

const prefix = 'cut/';

/** What is blocked, with the copies that this reading shows cut and without those that it shows whole. */
export function withCutShort(
  here: AccountView,
  world: CommentWorld,
  { blocked }: Replica,
  copies: readonly KnownComment[],
  list: readonly RawComment[],
): Replica['blocked'] {
  const read = new Map<LocalCommentId, string>(list.map(({ id, text }) => [id, text]));
  const cut = new Map<MessageId, Blocked>();
  const whole = new Set<string>();
  for (const { message, role, state, parts } of copies) {
    const shown = parts.filter(({ comment }) => read.has(comment));
    const short = shown.find(({ comment, text }) => isCut(here, world, text, read.get(comment) ?? ''));
    if (role === 'copy' && state === 'live' && short !== undefined)
      cut.set(message, cutShort(here, short.comment, read.get(short.comment) ?? ''));
    else if (state === 'deleted' || shown.length > 0) whole.add(`${prefix}${message}`);
  }
  if (cut.size === 0 && !Object.keys(blocked).some((key) => whole.has(key))) return blocked;
  return Object.fromEntries([
    ...Object.entries(blocked).filter(([key]) => !whole.has(key)),
    ...[...cut].map(([message, block]) => [`${prefix}${message}`, block] as const),
  ]);
}

const cutShort = (here: AccountView, comment: LocalCommentId, shown: string): Blocked => ({
  wanted: '',
  retryAt: null,
  tries: 0,
  trouble: {
    code: 'E-TEXT-TOO-LONG',
    about: 'comment',
    wanted: comment,
    answered: `the first ${String([...shown].length)} characters of it`,
    todo: `${here.account} cuts comments that long. The rest stands where the comment was written: shorten it there, or send it as a file.`,
  },
});
