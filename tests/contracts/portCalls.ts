/** The port as the suites here call it, one thing at a time: readings, writes, and what a write says by default. */
import { type Connector, ConnectorError, type OpenSource, type ReadRequest } from '../../connectors/port.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type FileSource, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Reading, type Snapshot } from '../../sync/core/replica.ts';

export interface Connected {
  readonly connector: Connector;
}

export type WriteOf<Kind extends Write['kind']> = Extract<Write, { kind: Kind }>;
export type Done = Extract<Outcome, { is: 'done' }>;

export const minute = 60_000;
export const taskId = (id: string): LocalTaskId => as<LocalTaskId>(id);
export const person = (id: string): LocalPersonId => as<LocalPersonId>(id);
export const statusId = (id: string): LocalStatusId => as<LocalStatusId>(id);
export const commentId = (id: string): LocalCommentId => as<LocalCommentId>(id);
export const fileId = (id: string): LocalFileId => as<LocalFileId>(id);
export const mark = (number: number): Mark =>
  as<Mark>(`0c091b1f-a735-44e9-a56c-${String(number).padStart(12, '0')}`);

export const noFiles: OpenSource = () => Promise.reject(new Error('no file was to be opened'));

/** A file of another account. */
export const fileSource = (name: string, more: Partial<FileSource> = {}): FileSource => ({
  shared: { account: as<AccountId>('elsewhere'), file: fileId(name) },
  name,
  size: null,
  comment: null,
  ...more,
});

/** Every file that is asked for opens with these bytes. */
export const opening =
  (bytesFor: (name: string) => Uint8Array | string, size: number | null = null): OpenSource =>
  (asked) => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      const whole = bytesFor(asked.name);
      const all = typeof whole === 'string' ? new TextEncoder().encode(whole) : whole;
      yield await Promise.resolve(all.subarray(0, 1000));
      yield all.subarray(1000);
    }
    return Promise.resolve({ name: asked.name, size, bytes: bytes() });
  };

export async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Of a task that nothing is known of: its row alone, unless `more` says otherwise. */
export const asking = (task: LocalTaskId, more: Partial<ReadRequest> = {}): ReadRequest => ({
  task,
  aspects: ['task'],
  commentsAfter: null,
  world: null,
  chat: null,
  ...more,
});

export async function readingOf(
  { connector }: Connected,
  task: LocalTaskId,
  more: Partial<ReadRequest> = {},
): Promise<Reading> {
  const found = (await connector.read([asking(task, more)])).get(task);
  if (found === undefined) throw new Error(`task ${task} has no reading`);
  return found;
}

export async function snapshotOf(bench: Connected, task: LocalTaskId): Promise<Snapshot> {
  const found = await readingOf(bench, task);
  if (found.is !== 'read' || found.snapshot === undefined)
    throw new Error(`task ${task}: ${JSON.stringify(found)}`);
  return found.snapshot;
}

export async function written({ connector }: Connected, one: Write, open = noFiles): Promise<Outcome> {
  const [outcome, ...others] = await connector.write([one], open);
  if (outcome === undefined || others.length > 0) throw new Error('one write has one outcome');
  return outcome;
}

/** The outcome of a write that has to succeed. */
export async function done(bench: Connected, one: Write, open = noFiles): Promise<Done> {
  const outcome = await written(bench, one, open);
  if (outcome.is !== 'done') throw new Error(`${one.kind}: ${JSON.stringify(outcome)}`);
  return outcome;
}

export const madeBy = (outcome: Done): readonly LocalCommentId[] =>
  (outcome.made.comments ?? []).map(({ comment }) => comment);

/** What the connector said when it could not answer. */
export async function failureOf(asked: Promise<unknown>): Promise<ConnectorError> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export const creating = (
  fields: WriteOf<'task.create'>['fields'],
  more: Partial<WriteOf<'task.create'>> = {},
): WriteOf<'task.create'> => ({
  kind: 'task.create',
  mark: mark(1),
  fields,
  status: null,
  object: null,
  place: null,
  files: [],
  ...more,
});

export const updating = (base: Snapshot, more: Partial<WriteOf<'task.update'>>): WriteOf<'task.update'> => ({
  kind: 'task.update',
  task: base.task,
  base,
  set: {},
  status: null,
  silent: false,
  ...more,
});

type Thread = Pick<Snapshot, 'task' | 'world' | 'chat'>;

const message = ({ task, world, chat }: Thread) => ({
  task,
  world,
  chat,
  message: as<MessageId>('message'),
  mark: mark(2),
  author: null,
  at: Date.parse('2026-11-20T10:00Z'),
});

export const saying = (
  thread: Thread,
  text: string,
  more: Partial<WriteOf<'comment.create'>> = {},
): WriteOf<'comment.create'> => ({
  ...message(thread),
  kind: 'comment.create',
  text,
  notify: [],
  replyTo: null,
  files: [],
  after: null,
  ...more,
});

export const editing = (
  thread: Thread,
  comments: readonly LocalCommentId[],
  text: string,
  more: Partial<WriteOf<'comment.update'>> = {},
): WriteOf<'comment.update'> => ({ ...message(thread), kind: 'comment.update', comments, text, ...more });

export const removing = (
  { task, world, chat }: Thread,
  comments: readonly LocalCommentId[],
): WriteOf<'comment.delete'> => ({ kind: 'comment.delete', task, world, chat, comments });
