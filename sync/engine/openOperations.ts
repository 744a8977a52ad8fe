/** Operations whose end is not known: looked up by mark or by reading before anything is tried again (design, section 6). */
import { type Connector, ConnectorError } from '../../connectors/port.ts';
import { type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { fieldNames } from '../../mappings/types.ts';
import { type OperationRow } from '../../store/port.ts';
import { view } from '../core/context.ts';
import { sameFileName, sameFileSize } from '../core/fileNames.ts';
import { carries } from '../core/lift.ts';
import { carriedByName } from '../core/messageFiles.ts';
import { type Made, type Outcome, type Write } from '../core/operation.ts';
import { normalField, principal, withWritten } from '../core/raw.ts';
import { type CarriedFile, type RawFile, type Reading, type Replica } from '../core/replica.ts';
import { TransportError } from '../../runtime/runtime.ts';
import { withOutcome } from './records.ts';
import { printOf } from './transfers.ts';
import { ownReplica, type Work } from './work.ts';

/** What was accepted for later and is still not there after this was lost in the account's queue. */
const queuePatienceMs = 120_000;

/** Longest time between two look-ups of an operation of which nothing can be learnt. */
const seldomMs = 1_800_000;

export type Resolution =
  /** Not to be looked up yet. */
  | { readonly is: 'waits'; readonly row: OperationRow; readonly until: Instant }
  /** It took effect. */
  | { readonly is: 'done'; readonly row: OperationRow; readonly outcome: Outcome }
  /** It surely did not; the next plan tries anew. */
  | { readonly is: 'dropped'; readonly row: OperationRow }
  /** A reading of the task will tell. */
  | { readonly is: 'reading'; readonly row: OperationRow };

/** Nothing can be learnt of it now: each wait is as long as all that were before it, so that the trouble costs little. */
const noWord = (row: OperationRow, now: Instant): Resolution => ({
  is: 'waits',
  row,
  until: now + Math.min(Math.max(now - row.updatedAt, 30_000), seldomMs),
});

const dropped = (row: OperationRow, now: Instant): Resolution => ({
  is: 'dropped',
  row: { ...row, state: 'dropped', updatedAt: now },
});

/** A reading does not show it: what was accepted for later may still come for a while. */
const notThere = (row: OperationRow, now: Instant): Resolution =>
  row.state === 'queued' && now - row.updatedAt < queuePatienceMs
    ? { is: 'waits', row, until: now + 10_000 }
    : dropped(row, now);

const tookEffect = (row: OperationRow, made: Made, now: Instant): Resolution => {
  const outcome: Outcome = { is: 'done', at: now, made, failures: [] };
  return { is: 'done', row: withOutcome(row, outcome, now), outcome };
};

/** `sent` without an answer means that its sender died: it is as unknown as a lost answer. */
const lookUpFrom = (row: OperationRow, serverMaxMs: number): Instant =>
  row.notBefore ?? (row.state === 'sent' ? row.updatedAt + serverMaxMs : row.updatedAt);

export async function resolve(connector: Connector, row: OperationRow, now: Instant): Promise<Resolution> {
  if (row.state === 'intended') return dropped(row, now);
  const from = lookUpFrom(row, connector.serverMaxMs);
  if (now < from) return { is: 'waits', row, until: from };
  const { write } = row.planned;
  switch (write.kind) {
    case 'task.create':
    case 'comment.create': {
      const found = await connector.find(write);
      switch (found.is) {
        case 'task': {
          const files = await filesOf(connector, found.task, write);
          if (files === null) return noWord(row, now);
          return tookEffect(row, { task: found.task, files }, now);
        }
        case 'comments': {
          const comments = found.comments.map(({ id, text }) => ({ comment: id, text }));
          const there = found.comments.flatMap((comment) => comment.files);
          return tookEffect(row, { comments, files: carriedByName(write.files, there) }, now);
        }
        case 'nothing':
          return dropped(row, now);
        case 'cannot-tell':
          return noWord(row, now);
      }
      break;
    }
    case 'task.update':
    case 'file.attach':
      return { is: 'reading', row };
    case 'task.join':
    case 'file.detach':
    case 'comment.update':
    case 'comment.delete':
      // Doing these twice does no more than doing them once.
      return dropped(row, now);
  }
}

/** Files that a found task was created with: taken for missing they would be attached once more. `null` = not readable now. */
async function filesOf(
  connector: Connector,
  task: LocalTaskId,
  write: Write,
): Promise<NonNullable<Made['files']> | null> {
  if (write.kind !== 'task.create' || write.files.length === 0) return [];
  const request = { task, aspects: ['task'], commentsAfter: null, world: null, chat: null } as const;
  const reading = (await connector.read([request])).get(task);
  if (reading?.is !== 'read' || !reading.snapshot) return null;
  return carriedByName(write.files, reading.snapshot.files);
}

/** What a reading of the task tells of an update or a file whose answer was lost. */
export async function resolveByReading(
  connector: Connector,
  work: Work,
  row: OperationRow,
  reading: Reading | null,
  now: Instant,
): Promise<Resolution> {
  const { write } = row.planned;
  // A task that is gone takes its write with it; should it come back, what is wanted is planned anew.
  if (reading?.is === 'gone' || (reading?.is === 'read' && reading.snapshot?.deleted === true))
    return dropped(row, now);
  if (reading?.is !== 'read' || !reading.snapshot) return noWord(row, now);
  const { snapshot } = reading;
  const replica = ownReplica(work);
  if (write.kind === 'file.attach') {
    const fresh = snapshot.files.filter(({ id }) => !replica.files.some(({ file }) => file === id));
    return leftBehind(connector, row, write, fresh, now);
  }
  if (write.kind !== 'task.update') return dropped(row, now);
  return shows(work, replica, write, snapshot) ? tookEffect(row, {}, now) : notThere(row, now);
}

/**
 * The file that an attachment without a known end has left, if any. Somebody may have added one of that name meanwhile:
 * where the bytes that went out are known, they decide; what another hand put there is then lifted as anybody's file.
 */
async function leftBehind(
  connector: Connector,
  row: OperationRow,
  { task, source }: Extract<Write, { kind: 'file.attach' }>,
  fresh: readonly RawFile[],
  now: Instant,
): Promise<Resolution> {
  const sent = row.outcome?.is === 'unknown' ? row.outcome.sent : undefined;
  const print = sent?.find(
    ({ shared }) => shared.account === source.shared.account && shared.file === source.shared.file,
  )?.print;
  const size = print === undefined ? source : { size: print.bytes };
  const alike = fresh.filter((file) => sameFileName(source.name, file.name) && sameFileSize(size, file));
  // Whoever still bears the very name comes first.
  alike.sort((one, other) => Number(other.name === source.name) - Number(one.name === source.name));
  for (const file of alike) {
    const bytes = print === undefined ? 'equal' : await compared(connector, task, file, print.sha256);
    if (bytes === 'unreadable') return noWord(row, now);
    if (bytes === 'other') continue;
    const made: CarriedFile = {
      shared: source.shared,
      file: file.id,
      ...(print === undefined ? {} : { print }),
    };
    return tookEffect(row, { files: [made] }, now);
  }
  return notThere(row, now);
}

async function compared(
  connector: Connector,
  task: LocalTaskId,
  file: RawFile,
  sha256: string,
): Promise<'equal' | 'other' | 'unreadable'> {
  try {
    const print = await printOf(await connector.openFile(task, null, file.id));
    return print.sha256 === sha256 ? 'equal' : 'other';
  } catch (error) {
    if (error instanceof ConnectorError || error instanceof TransportError) return 'unreadable';
    throw error;
  }
}

function shows(
  work: Work,
  replica: Replica,
  write: Extract<Write, { kind: 'task.update' }>,
  snapshot: NonNullable<Replica['shadow']>,
): boolean {
  const here = view(work.context, replica.account);
  const updated = withWritten(here, write.base, write.set);
  const wanted = write.status ? { ...updated, status: write.status.to } : updated;
  const preferred = write.set.assignees?.[0] ?? principal(here, write.base);
  return fieldNames
    .filter((field) => carries(write, field))
    .every(
      (field) =>
        normalField(here, wanted, field, preferred) === normalField(here, snapshot, field, preferred),
    );
}
