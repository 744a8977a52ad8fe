/** Files of messages and of their copies: which of them a copy carries, and what an edit of the message makes of that. */
import { type AccountId, type LocalCommentId } from '../../errors/ids.ts';
import { type Context, view } from './context.ts';
import { pairedFiles } from './fileNames.ts';
import { type FileRef, type Message, type Party, type SharedFile } from './item.ts';
import { isTooLarge } from './tooLarge.ts';
import { type FileChange, type FileSource, type Made, type Write } from './operation.ts';
import { normalText } from './raw.ts';
import {
  type CarriedFile,
  type CommentWorld,
  type KnownComment,
  type RawFile,
  type Replica,
} from './replica.ts';

export const sourceOf = (file: SharedFile, message: Message | null): FileSource => ({
  shared: { account: file.account, file: file.file },
  name: file.name,
  size: file.size,
  ...(file.kilobytes === undefined ? {} : { kilobytes: file.kilobytes }),
  comment: message?.origin.comment ?? null,
});

/** A file that a person has put somewhere in this account. */
export const sharedFile = (account: AccountId, raw: RawFile, by: Party | null): SharedFile => ({
  account,
  file: raw.id,
  name: raw.name,
  size: raw.size,
  ...(raw.kilobytes === undefined ? {} : { kilobytes: raw.kilobytes }),
  by,
  state: 'live',
});

const same = (one: FileRef, other: FileRef): boolean =>
  one.account === other.account && one.file === other.file;

/** Files of a message that its copy in this account should carry; a note stands in the place of those too large for it. */
export const filesToCarry = (
  context: Context,
  replica: Pick<Replica, 'account' | 'tooLarge'>,
  message: Message,
): readonly SharedFile[] =>
  context.mapping.files.share
    ? message.files.filter((file) => file.state === 'live' && !isTooLarge(context, replica, file))
    : [];

/** Which of these sources lie in a place of ours that was found without its answer: told by their names and sizes. */
export function carriedByName(
  sources: readonly FileSource[],
  files: readonly RawFile[],
): readonly CarriedFile[] {
  const pairs = pairedFiles(sources, files);
  return sources.flatMap((source): CarriedFile[] => {
    const file = pairs.get(source);
    return file === undefined ? [] : [{ shared: source.shared, file: file.id }];
  });
}

/** What has to become of a copy's files; undefined when it has and wants none. */
export function fileChange(
  context: Context,
  replica: Replica,
  world: CommentWorld,
  message: Message,
  copy: KnownComment,
  text: string,
): FileChange | undefined {
  const wanted = filesToCarry(context, replica, message).map((file) => sourceOf(file, message));
  const carried = copy.files ?? [];
  const add = wanted.filter(({ shared }) => !carried.some((one) => same(one.shared, shared)));
  if (add.length + carried.length === 0) return undefined;
  const isWanted = (one: CarriedFile): boolean => wanted.some(({ shared }) => same(shared, one.shared));
  const drop = context.mapping.files.share ? carried.filter((one) => !isWanted(one)) : [];
  const keep = carried.filter((one) => !drop.includes(one));
  const changes = add.length + drop.length > 0;
  return {
    add,
    keep,
    drop: drop.map(({ file }) => file),
    besides: add.length > 0 ? partsOfOthers(replica, copy) : [],
    wordsStand: changes && saysAlready(context, replica, world, copy, text),
  };
}

const partsOfOthers = (replica: Replica, copy: KnownComment): LocalCommentId[] =>
  replica.comments
    .filter(({ message, role }) => role === 'copy' && message !== copy.message)
    .flatMap(({ parts }) => parts.map(({ comment }) => comment));

/** Wherever a long text was parted: between its parts no more than space differs. */
function saysAlready(
  context: Context,
  { account }: Replica,
  world: CommentWorld,
  copy: KnownComment,
  text: string,
): boolean {
  const here = view(context, account);
  const surface = here.commentSurface(world);
  const said = (markup: string): string =>
    normalText(surface, here.store.comment(world, markup)).replace(/\s+/gu, '');
  const stored = copy.parts.map((part) => said(part.text)).join('');
  const whole = normalText(surface, text).replace(/\s+/gu, '');
  return stored === whole || stored === said(text);
}

/** Files that a copy carries after a write. */
export function carriedAfter(
  earlier: KnownComment | undefined,
  write: Extract<Write, { kind: 'comment.create' | 'comment.update' }>,
  made: Made,
): readonly CarriedFile[] {
  const fresh = made.files ?? [];
  const dropped = write.kind === 'comment.update' ? (write.files?.drop ?? []) : [];
  const before = write.kind === 'comment.update' ? (earlier?.files ?? []) : [];
  const kept = before.filter(
    (one) => !dropped.includes(one.file) && !fresh.some(({ shared }) => same(shared, one.shared)),
  );
  return [...kept, ...fresh];
}

/** Whether all of a message's files are among those that its copy carries. */
export const carriesAll = (
  sources: readonly { readonly shared: FileRef }[],
  carried: readonly CarriedFile[],
): boolean => sources.every(({ shared }) => carried.some((one) => same(one.shared, shared)));
