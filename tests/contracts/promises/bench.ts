/** An account for the promises of the port, and what they write there. */
import { type Connector } from '../../../connectors/port.ts';
import { type Fault } from '../../../emulators/common/types.ts';
import {
  type Instant,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
} from '../../../errors/ids.ts';
import { type WantedFields } from '../../../sync/core/operation.ts';
import { type CommentsReading, type RawComment, type Snapshot } from '../../../sync/core/replica.ts';
import {
  creating,
  done,
  fileSource,
  minute,
  opening,
  readingOf,
  saying,
  type WriteOf,
} from '../portCalls.ts';

export interface ConnectorHarness {
  readonly connector: Connector;
  /** Employees who may create tasks, be assigned and watch; none of them is the acting user. */
  readonly people: {
    readonly creator: LocalPersonId;
    readonly assignee: LocalPersonId;
    readonly other: LocalPersonId;
  };
  readonly place: string | null;
  readonly object: string | null;
  /** A status that a new task can be born with, and one that it can go to from there in one or more steps. */
  readonly statuses: { readonly born: LocalStatusId; readonly next: LocalStatusId };
  /** A value that the account surely refuses while it takes others, and the name of its field. */
  readonly refused: { readonly set: WantedFields; readonly about: string };
  /** Names that faults use for the requests behind these writes and readings. */
  readonly requests: {
    readonly createTask: string;
    readonly createComment: string;
    readonly updateTask: string;
  };
  /** Whether the account can be asked which comments were deleted. */
  readonly tellsDeleted: boolean;
  now(): Instant;
  advance(ms: number): void;
  /** What people do, in tasks that they made themselves. */
  readonly acts: {
    createTask(title: string): Promise<LocalTaskId>;
    rename(task: LocalTaskId, title: string): Promise<void>;
    /** By `people.creator`. */
    comment(task: LocalTaskId, text: string): Promise<LocalCommentId>;
    deleteComment(task: LocalTaskId, comment: LocalCommentId): Promise<void>;
  };
  fault(fault: Fault): void;
  clearFaults(): void;
  /** REST requests that reached the account so far. */
  served(): number;
  /** Limits of the account, as it documents them, from now on. */
  limitsOn(): void;
}

/** Gives an account of its own to every test. */
export type Fresh = () => Promise<ConnectorHarness>;

export const fileBytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 251);
export const source = fileSource('Смета «Ромашки» 2026.xlsx', { size: fileBytes.length });
export const openBytes = opening(() => fileBytes, fileBytes.length);

/** An answer that says nothing of what was done. */
export const noAnswer: NonNullable<Fault['answer']> = { status: 503, body: { $raw: '' } };

type Create = WriteOf<'task.create'>;

export const creation = (
  { people, object, place }: ConnectorHarness,
  fields: Partial<Create['fields']> = {},
  more: Partial<Create> = {},
): Create =>
  creating(
    {
      title: 'Перенести сайт 🙂 & настроить',
      creator: people.creator,
      assignees: [people.assignee],
      ...fields,
    },
    { object, place, ...more },
  );

export async function create(
  bench: ConnectorHarness,
  fields: Partial<Create['fields']> = {},
): Promise<LocalTaskId> {
  const outcome = await done(bench, creation(bench, fields));
  if (outcome.made.task === undefined) throw new Error('the new task has no number');
  return outcome.made.task;
}

/** Words of `people.other` where the account takes an author, as the account writes them. */
export function say(
  { connector, people, now }: ConnectorHarness,
  known: Snapshot,
  text: string,
  more: Partial<WriteOf<'comment.create'>> = {},
): WriteOf<'comment.create'> {
  const { commentSurface, abilities } = connector.view([]);
  const paragraph = { kind: 'paragraph', children: [{ kind: 'text', text, marks: [] }] } as const;
  return saying(known, commentSurface(known.world).print([paragraph]), {
    author: abilities.authored[known.world] ? people.other : null,
    at: now() - 5 * minute,
    ...more,
  });
}

/** A text without what only the markup of its account adds. */
export function plain({ connector }: ConnectorHarness, known: Snapshot, markup: string): string {
  const surface = connector.view([]).commentSurface(known.world);
  return surface
    .parse(markup)
    .blocks.map(({ block }) => surface.normal(block))
    .filter((text) => text !== '')
    .join('\n');
}

export async function commentsOf(bench: ConnectorHarness, known: Snapshot): Promise<CommentsReading> {
  const { task, world, chat } = known;
  const found = await readingOf(bench, task, { aspects: ['comments', 'deleted-comments'], world, chat });
  if (found.is !== 'read' || found.comments === undefined) throw new Error(JSON.stringify(found));
  return found.comments;
}

export const byPeople = (comments: readonly RawComment[]): readonly RawComment[] =>
  comments.filter(({ system }) => !system);
