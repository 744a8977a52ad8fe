/**
 * Names of files as two systems keep them. A Drive numbers a second file of one name, "акт (1).pdf" (b24restdocs:
 * disk/folder/disk-folder-upload-file.md), and a server may put another sign in place of one that it does not take: the
 * name that was sent and the name that is read are compared by what both are known to keep. Pure.
 */

/** Longest name, in UTF-16 units, that both CRMs and the disks of those who download surely hold. */
export const fileNameMax = 255;

const noNames = new Set(['', '.', '..']);

/**
 * A name as it is sent: without line ends and other control characters, which a header or a path would take for
 * something else, without marks that turn the direction of reading, by which "fdp.exe" reads as a document, and with
 * nothing that makes it a path. Everything else stays. Longer than `fileNameMax` it is cut before its ending.
 */
export function nameToSend(name: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069\uFEFF]/gu, '')
    .replace(/[/\\]/g, '_')
    .trim();
  if (noNames.has(clean)) return 'file';
  if (clean.length <= fileNameMax) return clean;
  const ending = /\.[^.]{1,20}$/u.exec(clean)?.[0] ?? '';
  const head = clean.slice(0, fileNameMax - ending.length);
  // Half a pair of an emoji is no character.
  return `${head.replace(/[\uD800-\uDBFF]$/, '')}${ending}`;
}

/** What every server keeps of a name: letters and digits, and not the number that tells it from its namesakes. */
const kept = (name: string): string =>
  nameToSend(name)
    .normalize('NFC')
    .replace(/ ?\(\d{1,6}\)(?=(?:\.[^.]*)?$)/u, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** Whether a name that was read may be one that was sent. */
export const sameFileName = (sent: string, read: string): boolean =>
  sent === read || kept(sent) === kept(read);

/** What is known of a file's length: bytes, or no more than kilobytes rounded up (Planfix). */
export interface FileSize {
  readonly size: number | null;
  readonly kilobytes?: number | undefined;
}

export interface NamedFile extends FileSize {
  readonly name: string;
}

/** False only where the two surely differ. */
export function sameFileSize(one: FileSize, other: FileSize): boolean {
  if (one.size !== null && other.size !== null) return one.size === other.size;
  const kilobytes = ({ size, kilobytes: told }: FileSize): number | undefined =>
    size === null ? told : Math.ceil(size / 1024);
  const [left, right] = [kilobytes(one), kilobytes(other)];
  return left === undefined || right === undefined || left === right;
}

/** From the surest likeness to the faintest: a server changes names, and a new version of a file its length. */
const likenesses: readonly ((sent: NamedFile, read: NamedFile) => boolean)[] = [
  (sent, read) => sent.name === read.name && sameFileSize(sent, read),
  (sent, read) => sameFileName(sent.name, read.name) && sameFileSize(sent, read),
  (sent, read) => sent.name === read.name,
  (sent, read) => sameFileName(sent.name, read.name),
];

/**
 * Which read file each sent one is, each at most once: for files in a place where all those that are alike are ours.
 * Two of one name keep their order.
 */
export function pairedFiles<Sent extends NamedFile, Read extends NamedFile>(
  sent: readonly Sent[],
  read: readonly Read[],
): ReadonlyMap<Sent, Read> {
  const pairs = new Map<Sent, Read>();
  const left = [...read];
  for (const alike of likenesses)
    for (const one of sent) {
      if (pairs.has(one)) continue;
      const at = left.findIndex((other) => alike(one, other));
      const [found] = at < 0 ? [] : left.splice(at, 1);
      if (found !== undefined) pairs.set(one, found);
    }
  return pairs;
}
