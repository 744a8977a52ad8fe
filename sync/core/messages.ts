/** Comments of a task as messages of the item: lifted where people write them, projected to who may read them. */
import { type AccountId, type Instant, type LocalPersonId, type MessageId, as } from '../../errors/ids.ts';
import { type AccountView } from './account.ts';
import { type Again, comeAgain } from './adoption.ts';
import { reaches } from './audience.ts';
import { type Block, mentionsIn } from './body.ts';
import { type Context, member, view, withoutAuthors } from './context.ts';
import { withCutShort } from './cutShort.ts';
import { type Item, type Message, type Party, type SharedFile } from './item.ts';
import { type Write } from './operation.ts';
import { carriedByName, carriesAll, filesToCarry, sharedFile, sourceOf } from './messageFiles.ts';
import { filesLeftOut, noteOf } from './tooLarge.ts';
import {
  arrivedCopy,
  type Arrivals,
  type ExpectedCopy,
  type KnownMarks,
  ownPart,
  type OwnHand,
  sameText,
} from './ownComments.ts';
import { appearance, liftPerson } from './people.ts';
import { formOf, isPlain } from './plain.ts';
import { shownName } from './project.ts';
import { answeredWords, partyOf, quotationsIn, repeatersOf, wordsFor } from './quotes.ts';
import { normalText, principal } from './raw.ts';
import {
  type CommentsReading,
  type CommentWorld,
  type KnownComment,
  type RawComment,
  type Replica,
  worldOfComment,
} from './replica.ts';

export const messageId = (account: AccountId, comment: string): MessageId =>
  as<MessageId>(`${account}/${comment}`);

export interface LiftedComments {
  readonly item: Item;
  readonly replica: Replica;
  readonly added: readonly Message[];
  readonly edited: readonly Message[];
  readonly deleted: readonly Message[];
}

/** Young copies may be missing from a list that lags behind our own writes; what a list showed once is gone with it. */
const listLagMs = 120_000;

export function liftComments(
  context: Context,
  item: Item,
  replica: Replica,
  world: CommentWorld,
  reading: CommentsReading,
  marks: KnownMarks,
  at: Instant,
  open: readonly Write[] = [],
): LiftedComments {
  const { account } = replica;
  const here = view(context, account);
  const surface = here.commentSurface(world);
  const messages = new Map(item.messages.map((message) => [message.id, message]));
  const known = new Map(replica.comments.map((comment) => [comment.message, comment]));
  const byComment = new Map(
    replica.comments.flatMap((comment) =>
      comment.parts.map((part) => [part.comment, comment.message] as const),
    ),
  );
  const hand: OwnHand = {
    here,
    world,
    messages: item.messages,
    reaches: (message) => reaches(context, message, account),
    expected: expectedCopies(context, item, replica, world, at),
    marks,
    open,
  };
  const arrivals: Arrivals = new Map();
  const added: Message[] = [];
  const edited: Message[] = [];
  const deleted: Message[] = [];
  const twins = new Set(replica.twins);
  const seen = new Set(reading.list.map((comment) => comment.id));
  const gone = new Set(reading.deleted.filter((id) => !seen.has(id)));

  const again =
    world === 'chat'
      ? comeAgain(
          context,
          replica,
          item.messages,
          reading.list,
          (copied) => copyOf(context, replica, 'old-card', copied, item.messages).author,
        )
      : new Map<string, Again>();

  for (const raw of reading.list) {
    const message = byComment.get(raw.id);
    const moved = again.get(raw.id);
    const movedTo = moved && known.get(moved.message);
    if (moved && movedTo) {
      known.set(moved.message, {
        ...movedTo,
        parts: movedTo.parts.map((part) =>
          part.comment === moved.was ? { comment: raw.id, text: raw.text, was: moved.was } : part,
        ),
      });
      byComment.set(raw.id, moved.message);
      continue;
    }
    if (message === undefined) {
      if (raw.system || twins.has(raw.id)) continue;
      const own = ownPart(hand, known, arrivals, raw);
      if (own === 'twin') twins.add(raw.id);
      else if (own !== null) {
        const parts = arrivals.get(own.message.id) ?? new Map<number, RawComment>();
        arrivals.set(own.message.id, parts.set(own.part, raw));
        byComment.set(raw.id, own.message.id);
      } else if (!isOwnHand(here, raw)) {
        const fresh = newMessage(context, item, account, surface.name, raw, byComment, messages);
        messages.set(fresh.id, fresh);
        known.set(fresh.id, {
          message: fresh.id,
          role: 'origin',
          parts: [{ comment: raw.id, text: raw.text }],
          version: fresh.version,
          state: 'live',
          at: raw.at,
        });
        byComment.set(raw.id, fresh.id);
        added.push(fresh);
      }
      continue;
    }
    const comment = known.get(message);
    const present = messages.get(message);
    if (!comment || !present) continue;
    if (comment.role === 'origin') {
      const next = editedAtOrigin(context, account, surface.name, comment, present, raw, [
        ...messages.values(),
      ]);
      if (next) {
        messages.set(message, next);
        known.set(message, {
          ...comment,
          parts: comment.parts.map((part) => ({ ...part, comment: raw.id, text: raw.text })),
          version: next.version,
          state: 'live',
        });
        edited.push(next);
      }
    } else if (comment.state === 'live' && !sameText(here, world, partText(comment, raw), raw.text)) {
      const settled = editedMirror(context, item, account, world, comment, present, raw, at);
      known.set(message, settled.comment);
      if (settled.added) {
        messages.set(settled.added.id, settled.added);
        added.push(settled.added);
      }
    }
  }

  for (const [id, parts] of arrivals) {
    const message = messages.get(id);
    const earlier = known.get(id);
    const arrived = message && arrivedCopy(hand, message, earlier, parts);
    if (!message || !arrived) continue;
    const sources = filesToCarry(context, replica, message).map((file) => sourceOf(file, message));
    const found = arrived.fresh.flatMap((raw) => raw.files);
    const files = [...(earlier?.files ?? []), ...carriedByName(sources, found)];
    // One whose files are not to be seen is behind its origin.
    const version = carriesAll(sources, files) ? arrived.copy.version : -1;
    const form = formOf(here, world, arrived.fresh[0]?.author ?? null);
    known.set(id, { ...arrived.copy, version, ...form, ...(files.length === 0 ? {} : { files }) });
  }

  for (const comment of known.values()) {
    if (comment.state === 'deleted' || comment.parts.length === 0) continue;
    const left = comment.parts.filter(
      ({ comment: id }) =>
        !gone.has(id) &&
        (seen.has(id) ||
          worldOfComment(id) !== world ||
          reading.extent.kind === 'after' ||
          (comment.role === 'copy' && at - comment.at <= listLagMs)),
    );
    if (left.length === comment.parts.length) continue;
    const present = messages.get(comment.message);
    if (comment.role === 'origin' && present) {
      const next: Message = { ...present, state: 'deleted', version: present.version + 1 };
      messages.set(next.id, next);
      known.set(next.id, { ...comment, state: 'deleted', version: next.version });
      deleted.push(next);
    } else if (comment.role === 'copy' && context.mapping.comments.mirrorEdits === 'restore') {
      if (left.length === 0) known.delete(comment.message);
      else if (present && saysStill(hand, present, comment, left))
        known.set(comment.message, { ...comment, parts: left });
      else known.set(comment.message, { ...comment, parts: left, version: -1 });
    } else known.set(comment.message, { ...comment, state: 'deleted' });
  }

  for (const repeater of repeatersOf(item.messages, [...messages.values()]))
    messages.set(repeater.id, { ...repeater, version: repeater.version + 1 });

  return {
    item: { ...item, messages: [...messages.values()] },
    replica: {
      ...replica,
      comments: [...known.values()],
      blocked: withCutShort(here, world, replica, [...known.values()], reading.list),
      twins: [...twins],
      threadReadAt: reading.extent.kind === 'all' ? at : replica.threadReadAt,
    },
    added,
    edited,
    deleted,
  };
}

/** Whether a copy still says all that it should by its last parts: what went was older words that it had followed up. */
function saysStill(
  { here, world, expected }: OwnHand,
  message: Message,
  { version, files }: KnownComment,
  left: KnownComment['parts'],
): boolean {
  const { texts } = expected(message);
  const last = left.slice(-texts.length);
  return (
    version === message.version &&
    files === undefined &&
    last.length === texts.length &&
    last.every(({ text }, part) => sameText(here, world, texts[part] ?? '', text))
  );
}

const partText = (comment: KnownComment, raw: RawComment): string =>
  comment.parts.find((part) => part.comment === raw.id)?.text ?? '';

/** A comment that nobody of the account wrote: the acting user's own hand. */
const isOwnHand = (here: AccountView, raw: RawComment): boolean => raw.author === here.actor;

/** How copies of messages are written in an account; each is made once, for a thread may be long. */
function expectedCopies(
  context: Context,
  item: Item,
  replica: Replica,
  world: CommentWorld,
  at: Instant,
): (message: Message) => ExpectedCopy {
  const here = view(context, replica.account);
  const plainly = withoutAuthors(context, replica.account);
  const copies = new Map(replica.comments.map((comment) => [comment.message, comment]));
  const made = new Map<Message, ExpectedCopy>();
  return (message) => {
    const earlier = made.get(message);
    if (earlier) return earlier;
    const plain = isPlain(here, replica, copies.get(message.id), at);
    const { text, author } = copyOf(plain ? plainly : context, replica, world, message, item.messages);
    const parts = here.commentParts(world, text);
    const copy = {
      texts: parts.length === 0 ? [text] : parts,
      author: author ?? here.actor,
      timed: here.abilities.authored[world] && !plain,
    };
    made.set(message, copy);
    return copy;
  };
}

function newMessage(
  context: Context,
  item: Item,
  account: AccountId,
  surface: string,
  raw: RawComment,
  byComment: ReadonlyMap<string, MessageId>,
  messages: ReadonlyMap<MessageId, Message>,
): Message {
  const author = raw.author === null ? null : liftPerson(context, account, raw.author);
  const blocks = blocksOf(context, account, surface, raw);
  const quotes = quotationsIn(context, account, blocks, [...messages.values()]);
  const repliedTo = raw.replyTo === null ? undefined : byComment.get(raw.replyTo);
  const answered = repliedTo === undefined ? undefined : messages.get(repliedTo);
  return {
    id: messageId(account, raw.id),
    origin: { account, comment: raw.id },
    author,
    authorName: raw.authorName,
    at: raw.at,
    text: { account, surface, markup: raw.text },
    files: raw.files.map((file) => sharedFile(account, file, author)),
    replyTo: answered ? answered.id : null,
    addressed: addressedBy(context, account, raw, blocks, [
      ...(answered ? [answered] : []),
      ...quotedBy(context, account, quotes, messages),
    ]),
    ...(quotes === undefined ? {} : { quotes }),
    hidden: raw.hidden,
    provenance: { organisation: author?.home ?? account, space: item.space },
    state: 'live',
    version: 1,
  };
}

const blocksOf = (context: Context, account: AccountId, surface: string, raw: RawComment): readonly Block[] =>
  view(context, account)
    .surface(surface)
    .parse(raw.text)
    .blocks.map(({ block }) => block);

/** Whom a quote speaks to: where comments name recipients these alone say it. */
const quotedBy = (
  context: Context,
  account: AccountId,
  quotes: Message['quotes'],
  messages: ReadonlyMap<MessageId, Message>,
): readonly Message[] =>
  view(context, account).kind === 'planfix'
    ? []
    : (quotes ?? []).flatMap((of) => of.flatMap((id) => messages.get(id) ?? []));

/** Organisations that a comment speaks to: mentioned, named as recipients, answered or quoted. */
function addressedBy(
  context: Context,
  account: AccountId,
  raw: RawComment,
  blocks: readonly Block[],
  repeated: readonly Message[],
): AccountId[] {
  const people = new Set<LocalPersonId>([...raw.recipients, ...mentionsIn(blocks)]);
  const homes = new Set<AccountId>();
  for (const person of people) {
    const party = liftPerson(context, account, person);
    if (party && party.home !== account) homes.add(party.home);
  }
  for (const { provenance } of repeated)
    if (provenance.organisation !== account) homes.add(provenance.organisation);
  return [...homes];
}

function editedAtOrigin(
  context: Context,
  account: AccountId,
  surface: string,
  comment: KnownComment,
  present: Message,
  raw: RawComment,
  messages: readonly Message[],
): Message | null {
  const here = view(context, account);
  const sameWords =
    normalText(here.surface(surface), partText(comment, raw)) === normalText(here.surface(surface), raw.text);
  const files: SharedFile[] = raw.files.map((file) => sharedFile(account, file, present.author));
  // What moved to the chat from the old card has its files there under other numbers.
  const moved = comment.parts.some(({ was }) => was !== undefined);
  const told = (list: readonly SharedFile[]): string =>
    moved ? JSON.stringify(list.map(({ name }) => name)) : list.map(({ file }) => file).join(' ');
  const sameFiles = told(files) === told(present.files);
  const blocks = blocksOf(context, account, surface, raw);
  const { quotes: quotedBefore, ...kept } = present;
  const quotes = sameWords
    ? quotedBefore
    : quotationsIn(
        context,
        account,
        blocks,
        messages.filter(({ id }) => id !== present.id),
        present,
      );
  const byId = new Map(messages.map((message) => [message.id, message]));
  const addressed = [
    ...new Set([
      ...present.addressed,
      ...addressedBy(context, account, raw, blocks, quotedBy(context, account, quotes, byId)),
    ]),
  ];
  const sameAudience = raw.hidden === present.hidden && addressed.length === present.addressed.length;
  if (sameWords && sameFiles && sameAudience && present.state === 'live') return null;
  return {
    ...kept,
    ...(quotes === undefined ? {} : { quotes }),
    text: sameWords ? present.text : { account, surface, markup: raw.text },
    files: sameFiles ? present.files : files,
    hidden: raw.hidden,
    addressed,
    state: 'live',
    // Copies say what they said when only their audience is another one.
    version: sameWords && sameFiles && present.state === 'live' ? present.version : present.version + 1,
  };
}

/** A message is edited at its origin; what becomes of an edit elsewhere the mapping says. */
function editedMirror(
  context: Context,
  item: Item,
  account: AccountId,
  world: CommentWorld,
  comment: KnownComment,
  present: Message,
  raw: RawComment,
  at: Instant,
): { comment: KnownComment; added?: Message } {
  const shown = comment.parts.map((part) => (part.comment === raw.id ? { ...part, text: raw.text } : part));
  switch (context.mapping.comments.mirrorEdits) {
    case 'keep':
      return { comment: { ...comment, parts: shown } };
    case 'restore':
      return { comment: { ...comment, parts: shown, version: -1 } };
    case 'add': {
      const surface = view(context, account).commentSurface(world).name;
      const added: Message = {
        ...present,
        id: messageId(account, `${raw.id}#${String(at)}`),
        origin: { account, comment: raw.id },
        author: { kind: 'organisation', home: account },
        authorName: view(context, account).organisation,
        at,
        text: { account, surface, markup: raw.text },
        files: [],
        replyTo: present.id,
        addressed: [...new Set([present.provenance.organisation, present.origin.account])],
        hidden: false,
        onlyTo: present.origin.account,
        provenance: { organisation: account, space: item.space },
        state: 'live',
        version: 1,
      };
      return { comment: { ...comment, parts: shown, version: -1 }, added };
    }
  }
}

export interface CopyText {
  /** Markup of the target's comment surface, author line included where nothing else can name the author. */
  readonly text: string;
  /** Author to write it as, where the world allows. */
  readonly author: LocalPersonId | null;
}

/**
 * A message of a thread as an account is shown it; a note stands in the place of each file that does not fit there.
 * `thread`: all messages of the item, for what is quoted and answered.
 */
export function copyOf(
  context: Context,
  replica: Pick<Replica, 'account' | 'tooLarge'>,
  world: CommentWorld,
  message: Message,
  thread: readonly Message[],
): CopyText {
  const { account } = replica;
  const here = view(context, account);
  const surface = here.commentSurface(world);
  const party = partyOf(message);
  const how = appearance(context, account, party);
  const author =
    here.abilities.authored[world] && how.is === 'person' && how.person !== here.actor ? how.person : null;
  const itself =
    author !== null && how.is === 'person' && (how.as === 'self' || party.kind === 'organisation');
  const line: Block[] =
    itself || (author !== null && how.is === 'person' && how.as === 'facade')
      ? []
      : [
          {
            kind: 'paragraph',
            children: [
              {
                kind: 'text',
                text: `${shownName(context, account, party, message.authorName)}:`,
                marks: ['bold'],
              },
            ],
          },
        ];
  const notes = filesLeftOut(context, replica, message).map((file) => noteOf(context, replica, file));
  return {
    text: surface.print(
      surface.reduce([
        ...line,
        ...answeredWords(context, account, world, message, thread),
        ...wordsFor(context, account, message, thread),
        ...notes,
      ]),
    ),
    author,
  };
}

/**
 * Who is told of a mirrored comment: those it names as they exist there, else the holder and the assigner of that account's
 * own task. Stand-ins and contacts are told nothing: whom they stand for reads in another account.
 */
export function notified(context: Context, item: Item, replica: Replica, message: Message): LocalPersonId[] {
  const { account, shadow } = replica;
  if (context.mapping.comments.notify === 'none') return [];
  const here = view(context, account);
  const standIns = new Set(Object.values(member(context, account).standIns));
  const isStaff = (person: LocalPersonId): boolean =>
    person !== here.actor && !standIns.has(person) && here.person(person)?.kind !== 'contact';
  const local = (party: Party | null | undefined): LocalPersonId[] => {
    if (!party) return [];
    const how = appearance(context, account, party);
    return how.is === 'person' && how.as === 'self' && isStaff(how.person) ? [how.person] : [];
  };
  const { blocks } = view(context, message.text.account)
    .surface(message.text.surface)
    .parse(message.text.markup);
  const named = new Set<LocalPersonId>(
    mentionsIn(blocks.map(({ block }) => block)).flatMap((person) =>
      local(liftPerson(context, message.text.account, person)),
    ),
  );
  const answered = item.messages.find((one) => one.id === message.replyTo);
  for (const person of local(answered?.author)) named.add(person);
  if (named.size > 0 || shadow === null) return [...named];
  const responsible = [principal(here, shadow), shadow.creator].filter((person) => person !== null);
  return [...new Set(responsible)].filter(isStaff);
}
