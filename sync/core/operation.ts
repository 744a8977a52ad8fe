/** One write on one account: planned by the core, recorded by the engine, carried out by a connector, settled by the core. */
import {
  type AccountId,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type FieldName } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type DateValue, type FileRef } from './item.ts';
import {
  type CarriedFile,
  type CommentWorld,
  type Fingerprint,
  type RawComment,
  type Snapshot,
} from './replica.ts';

/** Raw values to write, whole: what is absent stays as it is. */
export interface WantedFields {
  readonly title?: string;
  readonly description?: string;
  readonly creator?: LocalPersonId;
  readonly assignees?: readonly LocalPersonId[];
  readonly participants?: readonly LocalPersonId[];
  readonly auditors?: readonly LocalPersonId[];
  readonly start?: DateValue | null;
  readonly deadline?: DateValue | null;
  /** Bitrix24 TASK_CONTROL, Planfix resultChecking. */
  readonly control?: boolean;
}

/** One step of a way between two statuses: a transition method, or a plain write of the status field. */
export interface StatusStep {
  /** `tasks.task.complete`; `set` = write the field; `card` = put the card into a column. */
  readonly via: string;
  /** The status that the task has after this step. */
  readonly gives: LocalStatusId;
  /** The column that this step puts the card into: it does nothing else. */
  readonly stage?: LocalStageId;
  /** Whose credential it goes out with; absent = the acting user's. */
  readonly as?: LocalPersonId;
}

export interface StatusMove {
  readonly from: LocalStatusId;
  readonly to: LocalStatusId;
  readonly steps: readonly StatusStep[];
}

/** A file that the engine streams from another account while the write is carried out. */
export interface FileSource {
  readonly shared: FileRef;
  readonly name: string;
  /** Bytes, where the source account tells them. */
  readonly size: number | null;
  /** Kilobytes rounded up, where it tells no more. */
  readonly kilobytes?: number;
  /** The comment of the source account that carries it; null = a file of the task itself. */
  readonly comment: LocalCommentId | null;
}

/** What becomes of the files of a copy whose message was edited. A person's own files on it are nobody's business. */
export interface FileChange {
  readonly add: readonly FileSource[];
  /** Carried already, and stay. */
  readonly keep: readonly CarriedFile[];
  /** Carried, and taken off at the origin. */
  readonly drop: readonly LocalFileId[];
  /** Parts of the thread's other copies: a file that lies there is none of this one's. */
  readonly besides: readonly LocalCommentId[];
  /** The copy says what it should; nothing but its files changes. */
  readonly wordsStand: boolean;
}

/** A line in the acting user's own name that says that the words above it were taken back. */
export interface Retraction {
  readonly text: string;
  readonly mark: Mark;
  /** Parts of the thread's other messages: a line that stands among them is said of another message. */
  readonly besides: readonly LocalCommentId[];
}

export type Write =
  | {
      readonly kind: 'task.create';
      readonly mark: Mark;
      readonly fields: WantedFields & { readonly title: string };
      /** Status of the new task; the connector walks there when it can't be born with it. */
      readonly status: LocalStatusId | null;
      /** Column of its card; absent = where the account puts new ones. */
      readonly stage?: LocalStageId;
      readonly object: string | null;
      readonly place: string | null;
      readonly files: readonly FileSource[];
    }
  | {
      readonly kind: 'task.update';
      readonly task: LocalTaskId;
      /** The reading that the write rests on; a connector that can re-reads in the same request and reports both. */
      readonly base: Snapshot;
      readonly set: WantedFields;
      readonly status: StatusMove | null;
      /** Nobody is told, where the API allows. */
      readonly silent: boolean;
    }
  | {
      readonly kind: 'task.join';
      readonly task: LocalTaskId;
      /** Takes part in the task already and asks back into this chat of it: a step that people see. */
      readonly chat?: string;
      /** Whether it takes part as a watcher, who may leave and come again. */
      readonly watches?: boolean;
    }
  | {
      readonly kind: 'file.attach';
      readonly task: LocalTaskId;
      readonly source: FileSource;
    }
  | {
      readonly kind: 'file.detach';
      readonly task: LocalTaskId;
      readonly base: Snapshot;
      readonly file: LocalFileId;
    }
  | {
      readonly kind: 'comment.create';
      readonly task: LocalTaskId;
      readonly world: CommentWorld;
      readonly chat: string | null;
      readonly message: MessageId;
      readonly mark: Mark;
      /** Markup of the world's surface, author line included; longer than the surface takes = the connector splits. */
      readonly text: string;
      /** Where the world lets us name the author and the time. */
      readonly author: LocalPersonId | null;
      readonly at: Instant;
      /** The acting user may write neither in another name nor for another time. */
      readonly plain?: boolean;
      readonly notify: readonly LocalPersonId[];
      readonly replyTo: LocalCommentId | null;
      readonly files: readonly FileSource[];
      /** The youngest comment known before this one: a look-up after a lost answer searches past it. */
      readonly after: LocalCommentId | null;
    }
  | {
      readonly kind: 'comment.update';
      readonly task: LocalTaskId;
      readonly world: CommentWorld;
      readonly chat: string | null;
      readonly comments: readonly LocalCommentId[];
      readonly text: string;
      readonly author: LocalPersonId | null;
      /** When update is refused: delete and create again with these. */
      readonly message: MessageId;
      readonly mark: Mark;
      readonly at: Instant;
      readonly plain?: boolean;
      /** Absent when the copy has no files and wants none. */
      readonly files?: FileChange;
    }
  | {
      readonly kind: 'comment.delete';
      readonly task: LocalTaskId;
      readonly world: CommentWorld;
      readonly chat: string | null;
      readonly comments: readonly LocalCommentId[];
      /** What is said below them, once, where they can not be deleted; absent where nothing may be said of it. */
      readonly instead?: Retraction;
    };

export type WriteKind = Write['kind'];

/** What a write made; a connector fills what applies. */
export interface Made {
  readonly task?: LocalTaskId;
  /** Parts of a comment, in order, with the text as sent. Of a deletion: what still stands, and the line below it. */
  readonly comments?: readonly { readonly comment: LocalCommentId; readonly text: string }[];
  readonly files?: readonly CarriedFile[];
  /** Chat comments have no own author: what carried it instead. */
  readonly means?: 'update' | 'recreate' | 'follow-up';
}

export type Outcome =
  | {
      readonly is: 'done';
      readonly at: Instant;
      readonly made: Made;
      /** Task as it was right before the write, when the same request read it: shows what a faster person had done. */
      readonly before?: Snapshot;
      /** Task as it was right after the write, when the same request read it. */
      readonly after?: Snapshot;
      /** Single fields (or `status`, a file's name) that the account refused while it took the rest. */
      readonly failures: readonly Trouble[];
    }
  /** Accepted, applied later (Planfix 202): settled by a later reading. */
  | { readonly is: 'queued'; readonly at: Instant }
  /** Surely not carried out. */
  | {
      readonly is: 'refused';
      readonly at: Instant;
      readonly trouble: Trouble;
      /** Earliest sensible next try, when the account said so (a limit). */
      readonly retryAt?: Instant;
      /** The task was no longer as the write had read it: it is read again, and what is wanted then is planned anew. */
      readonly overtaken?: true;
    }
  /** Perhaps carried out: look it up before trying again, not before `notBefore`. */
  | {
      readonly is: 'unknown';
      readonly at: Instant;
      readonly notBefore: Instant;
      readonly trouble: Trouble;
      /** Files whose bytes went out to their end: what came of them is known again by this. */
      readonly sent?: readonly SentFile[];
    };

export interface SentFile {
  readonly shared: FileRef;
  readonly print: Fingerprint;
}

/** What a look-up of an unknown creation found. */
export type Found =
  | { readonly is: 'task'; readonly task: LocalTaskId }
  | { readonly is: 'comments'; readonly comments: readonly RawComment[] }
  | { readonly is: 'nothing' }
  | { readonly is: 'cannot-tell'; readonly trouble: Trouble };

export type OperationState = 'intended' | 'sent' | 'queued' | 'unknown' | 'done' | 'refused' | 'dropped';

/** A write as the core plans it: what it is for, and the write itself. The key is the same for the same intent. */
export interface PlannedOperation {
  /** `task.create`, `task.update`, `comment.create/<message>`, …: at most one open operation per key and replica. */
  readonly key: string;
  /** Fields that it carries, for journal, isolation and own footsteps. */
  readonly fields: readonly (FieldName | 'comment' | 'file' | 'task')[];
  readonly lane: Lane;
  readonly write: Write;
  /** Names for the journal: whose edit this write carries (account that it came from). */
  readonly from: AccountId;
}

/** Urgency, most urgent first. */
export const lanes = ['status', 'comment', 'field', 'file', 'backfill'] as const;
export type Lane = (typeof lanes)[number];
