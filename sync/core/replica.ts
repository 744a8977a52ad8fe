/** A task of one account: what was read of it in the account's raw terms, and what the bridge last agreed with it. */
import {
  type AccountId,
  type Instant,
  type ItemId,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type DateValue, type FileRef } from './item.ts';
import { type Trouble } from '../../errors/trouble.ts';

export interface RawFile {
  readonly id: LocalFileId;
  readonly name: string;
  /** Bytes where the account tells bytes, else null. */
  readonly size: number | null;
  /** Kilobytes rounded up, where an account tells no more than these (Planfix). */
  readonly kilobytes?: number;
}

/** What the bridge saw of a file's bytes while they went through it. */
export interface Fingerprint {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A task as its account shows it to the acting user. Structure is common, values are the account's own. */
export interface Snapshot {
  readonly task: LocalTaskId;
  readonly title: string;
  /** Markup of the account's description surface. */
  readonly description: string;
  readonly status: LocalStatusId;
  /** Bitrix24: column of the group's kanban, "0" until the card is moved; absent = never read. */
  readonly stage?: LocalStageId | undefined;
  /** Planfix: object (task type); null elsewhere. */
  readonly object: string | null;
  readonly creator: LocalPersonId | null;
  /** Bitrix24: exactly one, the responsible. Planfix: any number, groups too. */
  readonly assignees: readonly LocalPersonId[];
  /** Bitrix24: accomplices. */
  readonly participants: readonly LocalPersonId[];
  readonly auditors: readonly LocalPersonId[];
  readonly start: DateValue | null;
  readonly deadline: DateValue | null;
  /** Planfix project or Bitrix24 group; null = none. */
  readonly place: string | null;
  /** Files of the task itself (description), not of its comments. */
  readonly files: readonly RawFile[];
  readonly changedAt: Instant | null;
  /** When the status was changed last, where the account tells. */
  readonly statusChangedAt: Instant | null;
  /** "The creator accepts the result" is on (Planfix resultChecking, Bitrix24 TASK_CONTROL). */
  readonly control: boolean;
  /** Which comment world the task has. */
  readonly world: CommentWorld;
  /** Bitrix24: chat of the new card. */
  readonly chat: string | null;
  /** What the acting user may do now, where the account tells (Bitrix24 `action`). */
  readonly actions: readonly string[] | null;
  readonly deleted: boolean;
  /** The bridge's own mark, when the task carries one (Planfix sourceObjectId, Bitrix24 XML_ID). */
  readonly mark: Mark | null;
}

export type CommentWorld = 'planfix' | 'old-card' | 'chat';

export interface RawComment {
  readonly id: LocalCommentId;
  readonly author: LocalPersonId | null;
  readonly authorName: string;
  readonly at: Instant;
  /** Markup of the world's comment surface. */
  readonly text: string;
  readonly files: readonly RawFile[];
  readonly recipients: readonly LocalPersonId[];
  readonly replyTo: LocalCommentId | null;
  readonly hidden: boolean;
  /** Written by the CRM itself (status changed, joined the chat): never crosses. */
  readonly system: boolean;
  readonly mark: Mark | null;
}

/** Comments of one task as one reading showed them, oldest first. */
export interface CommentsReading {
  readonly list: readonly RawComment[];
  /**
   * `all`: what is not in the list does not exist. `after`: only comments younger than `known` were read, nothing can
   * be said of older ones.
   */
  readonly extent:
    { readonly kind: 'all' } | { readonly kind: 'after'; readonly known: LocalCommentId | null };
  /** Known to be deleted, where the account tells so. */
  readonly deleted: readonly LocalCommentId[];
}

/** What one reading of a task brought; an aspect that was not asked for is absent. */
export type Reading =
  | {
      readonly is: 'read';
      readonly at: Instant;
      readonly snapshot?: Snapshot;
      readonly comments?: CommentsReading;
      /** What was asked for and could not be read while the rest could (comments of a chat without a seat in it). */
      readonly troubles?: readonly Trouble[];
      /** The comments stand in a chat that the acting user has no seat in. */
      readonly outsideChat?: boolean;
    }
  /** The account says that the task does not exist or is in the bin. */
  | { readonly is: 'gone'; readonly at: Instant }
  /** Missing or no access: the account does not tell which; or the answer could not be understood. */
  | { readonly is: 'unreadable'; readonly at: Instant; readonly trouble: Trouble };

/** Version of a copy that the bridge itself took back: it comes again when its message reaches the account again. */
export const takenBack = 0;

/** A file of a message as it lies with a copy of the message. */
export interface CarriedFile {
  readonly shared: FileRef;
  readonly file: LocalFileId;
  /** Of the bytes that were sent; absent where the file was found and not sent. */
  readonly print?: Fingerprint;
}

/** A part of a comment, as it reads. `was`: its number on the old card, where the task moved to the new one since. */
export interface KnownPart {
  readonly comment: LocalCommentId;
  readonly text: string;
  readonly was?: LocalCommentId;
}

/** A task that moved to the new card keeps its old comments; a reading of the chat says nothing of them. */
export const worldOfComment = (id: LocalCommentId): CommentWorld =>
  id.startsWith('chat:') ? 'chat' : id.startsWith('comment:') ? 'old-card' : 'planfix';

/** A comment of this replica that the bridge knows. */
export interface KnownComment {
  readonly message: MessageId;
  /** `origin`: written here by a person. `copy`: written here by the bridge. */
  readonly role: 'origin' | 'copy';
  /** The parts of one message in order; more than one when the text did not fit. */
  readonly parts: readonly KnownPart[];
  /** Message.version that these parts show. */
  readonly version: number;
  readonly state: 'live' | 'deleted';
  /** Of a deleted copy: its words could not be deleted, and the last part says that they were taken back. */
  readonly stands?: boolean;
  readonly at: Instant;
  /** Of a copy where authors can be named: it is the acting user's own all the same, and its first line names the author. */
  readonly plain?: boolean;
  /** Of a copy: the message's files that came with it, as far as is known. */
  readonly files?: readonly CarriedFile[];
}

/** A comment that the bridge wrote twice by accident; to be removed. */
export type Twin = LocalCommentId;

/** A file of this replica's task that the bridge knows, and which shared file it is. */
export interface KnownFile {
  readonly file: LocalFileId;
  readonly shared: FileRef;
  readonly role: 'origin' | 'copy';
  /** Of a copy: the bytes that were sent. */
  readonly print?: Fingerprint;
}

/** Something that can't be written now: not tried again while the wanted value stays the same, or until `retryAt`. */
export interface Blocked {
  /** The wanted value in normal form; another wanted value is a new try. */
  readonly wanted: string;
  readonly retryAt: Instant | null;
  /** How often it was tried for this wanted value. */
  readonly tries: number;
  /** Of a status: how the task stood each time (`circumstances`). One that stands otherwise is a new try. */
  readonly stood?: readonly string[];
  readonly trouble: Trouble;
}

/** A value that was written and has not been read back yet. */
export interface Written {
  readonly before: string;
  readonly wanted: string;
  /** Of a status: what stands when the way was cut before its end. */
  readonly between?: readonly string[];
}

export interface Replica {
  readonly item: ItemId;
  readonly account: AccountId;
  /** null = to be created. */
  readonly task: LocalTaskId | null;
  /** What the task looked like when the bridge last agreed with it; null before the first reading. */
  readonly shadow: Snapshot | null;
  /** When the snapshot was read last (freshness of the shadow is this, not the time of the agreement). */
  readonly readAt: Instant | null;
  readonly comments: readonly KnownComment[];
  readonly twins: readonly Twin[];
  readonly files: readonly KnownFile[];
  /** Files that the account refused for their size, or for want of room: a note stands in their place. */
  readonly tooLarge?: readonly FileRef[];
  /** When this replica joined its item: what was said before is history. */
  readonly linkedAt: Instant | null;
  /** Joined by command: wanted until it is unlinked, whoever is named. */
  readonly linkedByHand?: boolean;
  /** When all comments were last read to the end. */
  readonly threadReadAt: Instant | null;
  readonly state: 'wanted' | 'live' | 'gone' | 'unreadable' | 'parted';
  /** When its people ceased to be named: they are told so once. Absent where a command parted it. */
  readonly partedAt?: Instant | null;
  /** The acting user has no seat in the chat of the task: nothing is read or written there until it has. */
  readonly outsideChat?: boolean;
  /** When it asked back last. */
  readonly askedBackAt?: Instant;
  /** The account refused to name authors of comments here: a first line names them instead. */
  readonly plainComments?: boolean;
  /** When it refused last. */
  readonly plainSince?: Instant;
  /** By field name, or key of an operation. */
  readonly blocked: Readonly<Record<string, Blocked>>;
  /** By field name. */
  readonly written: Readonly<Record<string, Written>>;
  /** Fields go one by one after a refusal that did not say which of them it meant. */
  readonly isolate: boolean;
  /** What the last reading brought up and nobody can write: an unmapped status, a person without a counterpart. */
  readonly troubles: readonly Trouble[];
}
