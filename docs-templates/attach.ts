/**
 * Puts a document into a task. The file is known to the bridge before the account has it, so that a reading in between
 * does not take it for a person's file and hand it on to accounts that may not read it.
 */
import { type AccountId, as, type LocalFileId, type LocalTaskId, type OperationId } from '../errors/ids.ts';
import { type Commit, type LoadedItem, type OperationRow, type Touch } from '../store/port.ts';
import { type Context, sees } from '../sync/core/context.ts';
import { type FileRef, type SharedFile } from '../sync/core/item.ts';
import { type Outcome } from '../sync/core/operation.ts';
import { type Replica } from '../sync/core/replica.ts';
import { readersOf } from './data.ts';
import { type Attached, type DocumentDeps } from './make.ts';
import { DocumentRefused } from './refused.ts';

export interface Attachment {
  readonly account: AccountId;
  readonly task: LocalTaskId;
  /** For whose eyes the document was made. */
  readonly reader: AccountId;
  /** `key` is equal for equal name and content. */
  readonly file: { readonly name: string; readonly bytes: Uint8Array; readonly key: string };
}

/** Begins the identity of a file whose original is no account's but a document made here. */
const madeHere = 'document:';

/** Files of an item's tasks that are documents made before. */
export const documentsOf = ({ replicas }: LoadedItem): FileRef[] =>
  replicas.flatMap(({ account, files }) =>
    files
      .filter(({ shared }) => shared.file.startsWith(madeHere))
      .map(({ file }): FileRef => ({ account, file })),
  );

/** No lease covers a command: until this is over its upload is not looked for, and from then on no request of it goes out. */
const patienceMs = 300_000;

/** Somebody may change the item at the same moment: then it is loaded again. */
const tries = 8;

/** Throws DocumentRefused when it may not or can not be attached. */
export async function attach(deps: DocumentDeps, context: Context, one: Attachment): Promise<Attached> {
  const { account, task, reader, file } = one;
  const connected = deps.accounts.get(account);
  if (!connected) throw new DocumentRefused(`Account ${account} is not reachable.`);
  const readers = readersOf(context, reader);
  if (account !== reader && !readers.includes(account))
    throw new DocumentRefused(
      `Made for ${reader}, the document tells what ${account} may not see. Attach it to the task of ${reader}.`,
    );
  const shared: FileRef = { account, file: as<LocalFileId>(`${madeHere}${file.key}`) };
  const operation = deps.runtime.uuid();
  const begun = await changed(deps, context, one, (loaded, replica) => {
    if (knownAs(replica, shared)) return null;
    if (loaded.open.some((row) => row.planned.key === operationKey(shared)))
      throw new DocumentRefused('The same document is being attached. Look again in a few minutes.');
    return { ...commitOf(loaded), operations: [operationRow(deps, one, loaded, shared, operation, context)] };
  });
  const shownTo = audience(context, begun.loaded, one, readers);
  if (begun.row === null) {
    // Its answer may have been lost: then the bridge found the file, and nobody has handed it on yet.
    if (shownTo.length > 0)
      await changed(deps, context, one, (loaded, replica) => {
        const made = replica.files.find((known) => known.shared.file === shared.file)?.file;
        const done = loaded.item.files.some((other) => other.account === account && other.file === made);
        return made === undefined || done
          ? null
          : {
              ...commitOf(loaded),
              ...handedOn(loaded, replica, one, made),
              touches: touchesOf(loaded, shownTo, deps.runtime.now(), deps.runtime.uuid()),
            };
      });
    return { account, task, is: 'already', shownTo };
  }
  const { row } = begun;
  const { connector } = connected;
  const [outcome] = await connector.write(
    [row.planned.write],
    () => Promise.resolve({ name: file.name, size: file.bytes.length, bytes: once(file.bytes) }),
    () => Promise.resolve(row.createdAt + patienceMs - connector.serverMaxMs),
  );
  if (!outcome) throw new Error('a write without an outcome');
  await changed(deps, context, one, (loaded, replica) =>
    settled(deps, one, loaded, replica, row, outcome, shared, shownTo),
  );
  if (outcome.is === 'done') return { account, task, is: 'attached', shownTo };
  throw new DocumentRefused(
    outcome.is === 'refused'
      ? `${account} did not take the file: ${outcome.trouble.answered ?? ''} ${outcome.trouble.todo}`
      : `${account} did not say whether it took the file. Run the command again in a few minutes: it attaches only what is missing.`,
  );
}

const operationKey = (shared: FileRef): string => `file.attach/${shared.account}/${shared.file}`;

/** The known file, while the task still shows it: what a person took off may be attached anew. */
const knownAs = (replica: Replica, shared: FileRef): boolean =>
  replica.files.some(
    (one) =>
      one.shared.file === shared.file && replica.shadow?.files.some((raw) => raw.id === one.file) === true,
  );

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Accounts besides the task's own that get the file: nobody, as soon as one who would get it may not read it. */
function audience(
  context: Context,
  { item, replicas }: LoadedItem,
  { account, reader }: Attachment,
  readers: readonly AccountId[],
): AccountId[] {
  const { mapping } = context;
  if (!mapping.files.share || item.state !== 'shared') return [];
  const getting = mapping.members
    .map((one) => one.account)
    .filter((one) => one !== account && sees(context, one, reader));
  const allMay = getting.every((one) => one === reader || readers.includes(one));
  return allMay
    ? getting.filter((one) => replicas.some((replica) => replica.account === one && replica.state === 'live'))
    : [];
}

/** Loads the item, commits what `change` makes of it, and does so again when somebody was faster; null = no change. */
async function changed(
  deps: DocumentDeps,
  context: Context,
  { account, task }: Attachment,
  change: (loaded: LoadedItem, replica: Replica) => Commit | null,
): Promise<{ readonly loaded: LoadedItem; readonly row: OperationRow | null }> {
  for (let left = tries; left > 0; left -= 1) {
    const found = await deps.store.loadByTask([{ account, task }]);
    const loaded = found.find(({ item }) => item.space === context.mapping.space);
    const replica = loaded?.replicas.find((one) => one.account === account);
    if (!loaded || !replica) throw new DocumentRefused(`${account}:${task} is no longer shared.`);
    const commit = change(loaded, replica);
    if (commit === null) return { loaded, row: null };
    const [committed] = await deps.store.commit([commit]);
    if (committed?.is === 'done') return { loaded, row: commit.operations[0] ?? null };
  }
  throw new DocumentRefused(`${account}:${task} is changed again and again. Try once more in a minute.`);
}

const commitOf = ({ item, version }: LoadedItem): Commit => ({
  space: item.space,
  item,
  version,
  claim: null,
  replicas: [],
  operations: [],
  touches: [],
  journal: [],
});

function operationRow(
  deps: DocumentDeps,
  { account, task, reader, file }: Attachment,
  { item }: LoadedItem,
  shared: FileRef,
  id: string,
  { mapping }: Context,
): OperationRow {
  const now = deps.runtime.now();
  const source = { shared, name: file.name, size: file.bytes.length, comment: null };
  return {
    id: as<OperationId>(id),
    item: item.id,
    account,
    task,
    mark: null,
    planned: {
      key: operationKey(shared),
      fields: ['file'],
      lane: 'file',
      from: reader,
      write: { kind: 'file.attach', task, source },
    },
    state: 'sent',
    attempts: 1,
    notBefore: now + patienceMs,
    outcome: null,
    mappingVersion: mapping.version,
    correlation: id,
    createdAt: now,
    updatedAt: now,
  };
}

/** The item once the account has answered: the file is known by its content, and handed on under its owner's name. */
function settled(
  deps: DocumentDeps,
  attachment: Attachment,
  loaded: LoadedItem,
  replica: Replica,
  row: OperationRow,
  outcome: Outcome,
  shared: FileRef,
  shownTo: readonly AccountId[],
): Commit {
  const { account, reader, file } = attachment;
  const now = deps.runtime.now();
  const kept: Outcome =
    outcome.is === 'done'
      ? { is: 'done', at: outcome.at, made: outcome.made, failures: outcome.failures }
      : outcome;
  const ended: OperationRow = {
    ...row,
    state: outcome.is,
    outcome: kept,
    notBefore: outcome.is === 'unknown' ? outcome.notBefore : null,
    updatedAt: now,
  };
  const commit: Commit = { ...commitOf(loaded), operations: [ended] };
  const made = outcome.is === 'done' ? outcome.made.files?.[0]?.file : undefined;
  if (made === undefined) return commit;
  const raw = { id: made, name: file.name, size: file.bytes.length };
  const { shadow } = replica;
  const crosses = shownTo.length > 0;
  const { item } = loaded;
  const known: Replica = {
    ...replica,
    shadow: shadow && { ...shadow, files: [...shadow.files.filter(({ id }) => id !== made), raw] },
    files: [
      ...replica.files.filter((one) => one.file !== made && one.shared.file !== shared.file),
      { file: made, shared, role: 'copy' },
    ],
  };
  return {
    ...commit,
    ...(crosses ? handedOn(loaded, known, attachment, made) : { replicas: [known] }),
    touches: crosses ? touchesOf(loaded, shownTo, now, row.correlation) : [],
    journal: [
      {
        at: now,
        kind: 'document.attached',
        item: item.id,
        account,
        actor: 'command',
        operation: row.id,
        body: JSON.stringify({ name: file.name, key: file.key, for: reader, shownTo }),
      },
    ],
  };
}

/** The file as one of the item's, owned by whom it was made for: accounts that see that organisation get it. */
function handedOn(
  { item }: LoadedItem,
  replica: Replica,
  { account, reader, file }: Attachment,
  made: LocalFileId,
): Pick<Commit, 'item' | 'replicas'> {
  const ref: FileRef = { account, file: made };
  const owned: SharedFile = {
    ...ref,
    name: file.name,
    size: file.bytes.length,
    by: { kind: 'organisation', home: reader },
    state: 'live',
  };
  const others = item.files.filter((one) => one.account !== account || one.file !== made);
  return {
    item: { ...item, files: [...others, owned] },
    replicas: [{ ...replica, files: [...replica.files, { file: made, shared: ref, role: 'origin' }] }],
  };
}

const touchesOf = (
  { replicas }: LoadedItem,
  shownTo: readonly AccountId[],
  now: number,
  correlation: string,
): Touch[] =>
  replicas.flatMap(({ account, task }) =>
    task !== null && shownTo.includes(account)
      ? [{ account, task, aspects: ['project'], lane: 'file', dueAt: now, correlation }]
      : [],
  );
