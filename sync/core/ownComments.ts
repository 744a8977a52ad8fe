/** Comments of an account that the bridge itself wrote, told from people's when their answer was lost. Pure. */
import { type Instant, type LocalPersonId, type Mark, type MessageId } from '../../errors/ids.ts';
import { type AccountView } from './account.ts';
import { partMark, partsMax } from './commentParts.ts';
import { type Message } from './item.ts';
import { type Write } from './operation.ts';
import { normalText } from './raw.ts';
import { type CommentWorld, type KnownComment, type RawComment } from './replica.ts';

/** Which message a mark belongs to, of those that this replica may carry a copy of. */
export type KnownMarks = ReadonlyMap<Mark, MessageId>;

/** Comments of a reading that nobody knew as parts of copies yet, by message and number of the part. */
export type Arrivals = Map<MessageId, Map<number, RawComment>>;

/** How the account is shown a message: the texts of its parts, and in whose hand. */
export interface ExpectedCopy {
  readonly texts: readonly string[];
  readonly author: LocalPersonId;
  /** It carries the message's time. */
  readonly timed: boolean;
}

export interface OwnHand {
  readonly here: AccountView;
  readonly world: CommentWorld;
  /** Messages of the item; those that do not reach the account are told by their mark only. */
  readonly messages: readonly Message[];
  readonly reaches: (message: Message) => boolean;
  readonly expected: (message: Message) => ExpectedCopy;
  readonly marks: KnownMarks;
  readonly open: readonly Write[];
}

/** `twin`: a copy that stands twice. `null`: not ours, as far as can be told. */
export type Own = { readonly message: Message; readonly part: number } | 'twin' | null;

/**
 * Whether an unknown comment is a part of a copy of ours: by its mark, else by the hand that copies are written with
 * and the text of a message that waits for its copy, or of one under way.
 */
export function ownPart(
  own: OwnHand,
  known: ReadonlyMap<MessageId, KnownComment>,
  arrivals: Arrivals,
  raw: RawComment,
): Own {
  const { here, world, messages, marks, open } = own;
  const isTaken = (message: MessageId, part: number): boolean => {
    const copy = known.get(message);
    if (copy !== undefined && (copy.state === 'deleted' || part < copy.parts.length)) return true;
    return arrivals.get(message)?.has(part) === true;
  };
  if (raw.mark !== null) {
    const marked = markedPart(marks, raw.mark);
    const message = messages.find(({ id }) => id === marked?.message);
    if (marked === null || message === undefined) return null;
    return isTaken(marked.message, marked.part) ? 'twin' : { message, part: marked.part };
  }
  const freePart = (message: MessageId, copy: ExpectedCopy, at: Instant): number | null | undefined => {
    if (raw.author !== copy.author || !sameMoment(copy, at, raw)) return undefined;
    const alike = copy.texts.flatMap((text, part) => (sameText(here, world, text, raw.text) ? [part] : []));
    return alike.length === 0 ? undefined : (alike.find((part) => !isTaken(message, part)) ?? null);
  };
  for (const write of open) {
    const message = write.kind === 'comment.create' && messages.find(({ id }) => id === write.message);
    if (write.kind !== 'comment.create' || !message || known.has(message.id)) continue;
    const sent: ExpectedCopy = {
      texts: here.commentParts(world, write.text),
      author: write.author ?? here.actor,
      timed: here.abilities.authored[world] && write.plain !== true,
    };
    const part = freePart(message.id, sent, write.at);
    if (typeof part === 'number') return { message, part };
  }
  let twin: 'twin' | null = null;
  for (const message of messages) {
    if (!own.reaches(message)) continue;
    const part = freePart(message.id, own.expected(message), message.at);
    if (typeof part === 'number') return { message, part };
    if (part === null) twin = 'twin';
  }
  return twin;
}

function markedPart(marks: KnownMarks, mark: Mark): { message: MessageId; part: number } | null {
  for (let part = 0; part <= partsMax; part += 1) {
    const message = marks.get(partMark(mark, part));
    if (message !== undefined) return { message, part };
  }
  return null;
}

/**
 * The copy that these parts make together with what was known of it. `null` while a creation whose end is not known
 * has more parts to show: what it lacks is added when that end is known, and not twice.
 */
export function arrivedCopy(
  { here, world, open, expected }: OwnHand,
  message: Message,
  earlier: KnownComment | undefined,
  arrived: ReadonlyMap<number, RawComment>,
): { readonly copy: KnownComment; readonly fresh: readonly RawComment[] } | null {
  const fresh = [...arrived].sort(([one], [other]) => one - other).map(([, raw]) => raw);
  const parts = [...(earlier?.parts ?? []), ...fresh.map(({ id, text }) => ({ comment: id, text }))];
  const creation = open.find((write) => write.kind === 'comment.create' && write.message === message.id);
  if (
    creation?.kind === 'comment.create' &&
    parts.length < here.commentParts(world, creation.text).length &&
    earlier === undefined
  )
    return null;
  const wanted = expected(message);
  const { texts, author } = wanted;
  const byHand = fresh.every((raw) => raw.author === author && sameMoment(wanted, message.at, raw));
  const says =
    parts.length === Math.max(texts.length, 1) &&
    parts.every(({ text }, part) => sameText(here, world, texts[part] ?? '', text));
  const [first] = fresh;
  return {
    fresh,
    copy: {
      message: message.id,
      role: 'copy',
      parts,
      // A copy that was sent before its origin was edited is behind it.
      version: byHand && says ? message.version : -1,
      state: 'live',
      at: earlier?.at ?? first?.at ?? message.at,
    },
  };
}

export const sameText = (here: AccountView, world: CommentWorld, sent: string, read: string): boolean =>
  sent === read ||
  normalText(here.commentSurface(world), here.store.comment(world, sent)) ===
    normalText(here.commentSurface(world), read) ||
  isCut(here, world, sent, read);

/** The account shows the beginning only of what it was given. */
export const isCut = (here: AccountView, world: CommentWorld, sent: string, read: string): boolean =>
  here.store.cut?.(world, sent, read) === true;

/** Copies carry their message's time where they can: the same words at another time are a person's own. */
const sameMoment = ({ timed }: Pick<ExpectedCopy, 'timed'>, at: Instant, raw: RawComment): boolean =>
  !timed || Math.floor(at / 60_000) === Math.floor(raw.at / 60_000);
