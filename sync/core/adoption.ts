/**
 * A task that moves to the new card may bring its old comments along: no page says whether a portal copies them into the
 * chat. What stands there again, by the same hand or the portal's own, at the same minute or at the time of the move, with
 * the same words and in the same order, is the comment that is known already. Pure.
 */
import { type Instant, type LocalCommentId, type LocalPersonId, type MessageId } from '../../errors/ids.ts';
import { type Context, view } from './context.ts';
import { type Message } from './item.ts';
import { liftPerson, sameParty } from './people.ts';
import { type RawComment, type Replica, worldOfComment } from './replica.ts';

/** An old comment, or a part of one, that stands in the chat again. */
export interface Again {
  readonly message: MessageId;
  /** Its number on the old card. */
  readonly was: LocalCommentId;
}

interface OldPart extends Again {
  readonly at: Instant;
  readonly words: string;
  readonly isBy: (raw: RawComment) => boolean;
}

const numberIn = (id: LocalCommentId): number => Number(/\d+$/u.exec(id)?.[0] ?? 0);

/**
 * By their number in the chat, the messages of a reading of it that are old comments of the task. `authorOf`: as whom a copy
 * was written on the old card.
 */
export function comeAgain(
  context: Context,
  replica: Replica,
  messages: readonly Message[],
  list: readonly RawComment[],
  authorOf: (copied: Message) => LocalPersonId | null,
): ReadonlyMap<LocalCommentId, Again> {
  const old = oldParts(context, replica, messages, authorOf);
  const found = new Map<LocalCommentId, Again>();
  if (old.length === 0) return found;
  const here = view(context, replica.account);
  const chat = here.commentSurface('chat');
  const wordsOf = new Map(
    list.map((raw) => [raw.id, said(chat.parse(raw.text).blocks.map(({ block }) => chat.normal(block)))]),
  );
  const known = new Set(replica.comments.flatMap(({ parts }) => parts.map(({ comment }) => comment)));
  const moved = new Set(
    replica.comments.flatMap(({ parts }) =>
      parts.flatMap(({ comment, was }) => (was === undefined ? [] : [comment])),
    ),
  );
  const isAgain = (raw: RawComment | undefined, part: OldPart | undefined): boolean =>
    raw !== undefined &&
    part !== undefined &&
    !known.has(raw.id) &&
    wordsOf.get(raw.id) === part.words &&
    part.isBy(raw);
  let free = old;
  for (const [index, raw] of list.entries()) {
    const [before, after] = [list[index - 1], list[index + 1]];
    const follows = before !== undefined && (found.has(before.id) || moved.has(before.id));
    const part = free.find(
      (one, at) =>
        isAgain(raw, one) &&
        // At another time the words may be a person's who says them again; several in a row are not.
        (minute(one.at) === minute(raw.at) || raw.system || follows || isAgain(after, free[at + 1])),
    );
    if (part === undefined) continue;
    found.set(raw.id, { message: part.message, was: part.was });
    free = free.filter((one) => one !== part);
  }
  return found;
}

const minute = (at: Instant): number => Math.floor(at / 60_000);
const said = (blocks: readonly string[]): string => blocks.filter((text) => text !== '').join('\n');

/** What stood on the old card and is not known to stand in the chat, in the order of its numbers. */
function oldParts(
  context: Context,
  replica: Replica,
  messages: readonly Message[],
  authorOf: (copied: Message) => LocalPersonId | null,
): readonly OldPart[] {
  const { account } = replica;
  const here = view(context, account);
  const old = here.commentSurface('old-card');
  const chat = here.commentSurface('chat');
  const byId = new Map(messages.map((message) => [message.id, message]));
  const parts = replica.comments.flatMap((comment): OldPart[] => {
    const message = byId.get(comment.message);
    if (message === undefined || comment.state !== 'live') return [];
    const hands = [here.actor, authorOf(message)];
    const isBy = (raw: RawComment): boolean =>
      raw.author === null ||
      (comment.role === 'copy'
        ? hands.includes(raw.author)
        : sameParty(liftPerson(context, account, raw.author), message.author));
    return comment.parts
      .filter((part) => worldOfComment(part.comment) === 'old-card')
      .map((part): OldPart => {
        const blocks = chat.reduce(old.parse(part.text).blocks.map(({ block }) => block));
        const words = said(blocks.map((block) => chat.normal(block)));
        return { message: comment.message, was: part.comment, at: message.at, words, isBy };
      });
  });
  return parts.sort((one, other) => numberIn(one.was) - numberIn(other.was));
}
