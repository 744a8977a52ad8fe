/**
 * Files that an account does not take for their size: what stands in their place there, and how it becomes known. The
 * note is part of the projection: it is made anew from the same facts, so it never grows and is nobody's edit. Pure.
 */
import { type AccountId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Block } from './body.ts';
import { type Context, sees, view } from './context.ts';
import { nameToSend } from './fileNames.ts';
import { type FileRef, type Item, type Message, type SharedFile } from './item.ts';
import { type FileSource, type Outcome, type Write } from './operation.ts';
import { shownName } from './project.ts';
import { type Replica } from './replica.ts';

const same = (one: FileRef, other: FileRef): boolean =>
  one.account === other.account && one.file === other.file;

/** Whether an account takes no file like this: more than it says that it takes, or it refused this one. */
export function isTooLarge(
  context: Context,
  replica: Pick<Replica, 'account' | 'tooLarge'>,
  file: SharedFile,
): boolean {
  const { fileBytesMax } = view(context, replica.account).abilities;
  // Rounded up: at least a byte of the last kilobyte is there.
  const least = file.size ?? ((file.kilobytes ?? 1) - 1) * 1024 + 1;
  return least > fileBytesMax || isLearntTooLarge(replica, file);
}

/** Files of a message that its copy in this account does without. */
export const filesLeftOut = (
  context: Context,
  replica: Pick<Replica, 'account' | 'tooLarge'>,
  message: Message,
): readonly SharedFile[] =>
  context.mapping.files.share
    ? message.files.filter((file) => file.state === 'live' && isTooLarge(context, replica, file))
    : [];

const units = ['КБ', 'МБ', 'ГБ', 'ТБ'] as const;

/** As people say it: `3,2 ГБ`, `45 МБ`. */
export function spokenSize({ size, kilobytes }: Pick<SharedFile, 'size' | 'kilobytes'>): string | null {
  let left = size === null ? kilobytes : size / 1024;
  if (left === undefined) return null;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  const rounded = left < 10 && unit > 0 ? Math.round(left * 10) / 10 : Math.max(1, Math.round(left));
  return `${String(rounded).replace('.', ',')} ${units[unit] ?? ''}`;
}

/**
 * What is said in the place of a file that does not fit, in the language of those who read it: which file, how large, and
 * where it lies by the name under which they know that company.
 */
export function noteOf(context: Context, replica: Pick<Replica, 'account'>, file: SharedFile): Block {
  const size = spokenSize(file);
  const home = context.views.get(file.account)?.organisation ?? file.account;
  const where = shownName(context, replica.account, { kind: 'organisation', home: file.account }, home);
  const text = `Файл «${nameToSend(file.name)}»${size === null ? '' : ` (${size})`} сюда не помещается. Он лежит в задаче у компании «${where}».`;
  return { kind: 'paragraph', children: [{ kind: 'text', text, marks: [] }] };
}

/** Files of the task itself, from elsewhere, that this account may see. */
export const taskFilesFor = (context: Context, item: Item, account: AccountId): readonly SharedFile[] =>
  context.mapping.files.share
    ? item.files.filter(
        (file) =>
          file.account !== account &&
          file.state === 'live' &&
          sees(context, account, file.by?.home ?? file.account),
      )
    : [];

export const tooLargeTrouble = (replica: Pick<Replica, 'account'>, file: SharedFile): Trouble => ({
  code: 'E-FILE-TOO-LARGE',
  about: file.name,
  wanted:
    file.size === null
      ? `file ${file.file} of ${file.account}`
      : `${String(file.size)} bytes, file ${file.file} of ${file.account}`,
  todo: `Put the file where both sides can open it and send the link. Once ${replica.account} takes it after all: svyazka retry.`,
});

/** Sources of a write: what it would carry over. */
export function sourcesOf(write: Write): readonly FileSource[] {
  switch (write.kind) {
    case 'task.create':
    case 'comment.create':
      return write.files;
    case 'comment.update':
      return write.files?.add ?? [];
    case 'file.attach':
      return [write.source];
    case 'task.update':
    case 'task.join':
    case 'file.detach':
    case 'comment.delete':
      return [];
  }
}

/** Whether the account itself has refused this file for its size. */
export const isLearntTooLarge = ({ tooLarge = [] }: Pick<Replica, 'tooLarge'>, file: FileRef): boolean =>
  tooLarge.some((one) => same(one, file));

/** A replica that knows which files of a write were refused for their size. */
export function learntTooLarge(replica: Replica, write: Write, outcome: Outcome): Replica {
  const refused =
    outcome.is === 'refused' ? [outcome.trouble] : outcome.is === 'done' ? outcome.failures : [];
  const made = outcome.is === 'done' ? (outcome.made.files ?? []) : [];
  const left = sourcesOf(write).filter(({ shared }) => !made.some((one) => same(one.shared, shared)));
  const learnt: FileRef[] = [];
  for (const { code, about } of refused) {
    if (code !== 'E-FILE-TOO-LARGE') continue;
    // Of two with one name the larger one is meant.
    const [source] = left
      .filter(({ name, shared }) => name === about && !learnt.some((one) => same(one, shared)))
      .sort((one, other) => (other.size ?? 0) - (one.size ?? 0));
    if (source !== undefined) learnt.push(source.shared);
  }
  return learnt.length === 0
    ? replica
    : {
        ...replica,
        tooLarge: [
          ...(replica.tooLarge ?? []).filter((one) => !learnt.some((other) => same(one, other))),
          ...learnt,
        ],
      };
}
