/**
 * Files on their way from one account to another: opened where they lie, and counted and hashed while they go by, a chunk
 * at a time. What ends before its announced length, or goes on beyond it, breaks the upload off and is never taken for done.
 */
import { createHash } from 'node:crypto';
import { ConnectorError, type FileStream, type OpenSource } from '../../connectors/port.ts';
import { type LocalTaskId } from '../../errors/ids.ts';
import { type FileRef } from '../core/item.ts';
import { type FileSource, type Made, type Outcome, type Write } from '../core/operation.ts';
import { type Fingerprint } from '../core/replica.ts';
import { sourcesOf } from '../core/tooLarge.ts';
import { type EngineDeps } from './deps.ts';
import { type Leases } from './lease.ts';
import { type Work } from './work.ts';

export interface Transfers {
  /** Opens a file at the account that has the original. Leases last while it is read. */
  readonly open: OpenSource;
  /** What an outcome says of files, with the fingerprints of those whose bytes went out to their end. */
  readonly withPrints: (write: Write, outcome: Outcome) => Outcome;
}

const keyOf = ({ account, file }: FileRef): string => `${account}/${file}`;

export function transfersOf(deps: EngineDeps, leases: Leases, works: readonly Work[]): Transfers {
  const prints = new Map<string, Fingerprint>();
  return {
    open: async (source) => {
      const from = deps.accounts.get(source.shared.account);
      const task = works
        .map((work) => work.state.replicas.get(source.shared.account)?.task)
        .find((one): one is LocalTaskId => one != null && hasFile(works, source, one));
      if (!from || task === undefined)
        throw new ConnectorError({
          code: 'E-FILE-UNREADABLE',
          about: source.name,
          todo: `The account ${source.shared.account} that holds the file is not connected.`,
        });
      const stream = await from.connector.openFile(task, source.comment, source.shared.file);
      prints.delete(keyOf(source.shared));
      const bytes = printed(stream, (print) => prints.set(keyOf(source.shared), print));
      return { ...stream, bytes: underLease(deps, leases, works, bytes) };
    },
    withPrints: (write, outcome) => {
      if (outcome.is === 'done' && outcome.made.files !== undefined) {
        const files: NonNullable<Made['files']> = outcome.made.files.map((one) => {
          const print = prints.get(keyOf(one.shared));
          return print === undefined ? one : { ...one, print };
        });
        return { ...outcome, made: { ...outcome.made, files } };
      }
      if (outcome.is !== 'unknown') return outcome;
      const sent = sourcesOf(write).flatMap(({ shared }) => {
        const print = prints.get(keyOf(shared));
        return print === undefined ? [] : [{ shared, print }];
      });
      return sent.length === 0 ? outcome : { ...outcome, sent };
    },
  };
}

const torn = (name: string, answered: string): ConnectorError =>
  new ConnectorError({
    code: 'E-FILE-UNREADABLE',
    about: name,
    answered,
    todo: 'Nothing, unless it lasts: it is read again. Else see whether the file can be opened where it was written.',
  });

/** The bytes of a file, told to `done` once they have all gone by. */
async function* printed(
  { name, size, bytes }: FileStream,
  done: (print: Fingerprint) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (size !== null && count > size) throw torn(name, `more than the ${String(size)} bytes announced`);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== null && count < size)
    throw torn(name, `${String(count)} bytes where ${String(size)} were announced`);
  done({ bytes: count, sha256: hash.digest('hex') });
}

/** The fingerprint of a file that an account holds. Throws as its bytes do. */
export async function printOf(stream: FileStream): Promise<Fingerprint> {
  let print: Fingerprint | null = null;
  for await (const _ of printed(stream, (found) => (print = found)));
  const found = print as Fingerprint | null;
  if (found === null) throw torn(stream.name, 'no end of the file');
  return found;
}

async function* underLease(
  deps: EngineDeps,
  leases: Leases,
  works: readonly Work[],
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const claims = works.map(({ claim }) => claim);
  const stillOurs = async (): Promise<void> => {
    await leases.keep(claims);
    if (claims.some((claim) => leases.until(claim) < deps.runtime.now()))
      throw new ConnectorError({
        code: 'E-REMOTE-DOWN',
        about: 'file',
        answered: 'another worker took the task over while the file was read',
        todo: 'Nothing: the other worker sends it.',
      });
  };
  for await (const chunk of bytes) {
    await stillOurs();
    yield chunk;
  }
  // An upload may be a message by itself: without its end it is none.
  await stillOurs();
}

function hasFile(works: readonly Work[], source: FileSource, task: LocalTaskId): boolean {
  return works.some((work) => {
    if (work.state.replicas.get(source.shared.account)?.task !== task) return false;
    const { item } = work.state;
    return (
      item.files.some((file) => file.account === source.shared.account && file.file === source.shared.file) ||
      item.messages.some((message) =>
        message.files.some(
          (file) => file.account === source.shared.account && file.file === source.shared.file,
        ),
      )
    );
  });
}
