/** The shared task: canonical fields, messages and files of one item, as all organisations together know it. */
import {
  type AccountId,
  type Instant,
  type ItemId,
  type LifecycleStatus,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalTaskId,
  type MessageId,
  type SpaceId,
} from '../../errors/ids.ts';
import { type FieldName } from '../../mappings/types.ts';

/** Somebody who takes part: a person of a home organisation, or an organisation named as a whole (by its stand-in). */
export type Party =
  | { readonly kind: 'person'; readonly home: AccountId; readonly person: LocalPersonId }
  | { readonly kind: 'organisation'; readonly home: AccountId };

/** A moment, or a whole day when the CRM holds no time of day (`at` is then that day's midnight in the account's zone). */
export interface DateValue {
  readonly at: Instant;
  readonly timed: boolean;
}

/** Text in the markup of the account that it belongs to; other accounts see it through their surface. */
export interface MarkedText {
  readonly account: AccountId;
  /** Name of the surface (Surface.name) that reads it. */
  readonly surface: string;
  readonly markup: string;
}

export interface FieldValues {
  readonly title: string;
  readonly description: MarkedText;
  readonly status: LifecycleStatus;
  readonly creator: Party | null;
  readonly assignee: Party | null;
  readonly participants: readonly Party[];
  readonly auditors: readonly Party[];
  readonly start: DateValue | null;
  readonly deadline: DateValue | null;
}

/** A field's present value and whose edit it is. */
export interface FieldState<Value> {
  readonly value: Value;
  readonly by: AccountId;
  /** When it was changed: the CRM's own time where it tells one, else the reading's. */
  readonly at: Instant;
}

export type ItemFields = { readonly [Name in FieldName]?: FieldState<FieldValues[Name]> };

/** A file's identity: the account that holds the original, and its id there. */
export interface FileRef {
  readonly account: AccountId;
  readonly file: LocalFileId;
}

export interface SharedFile extends FileRef {
  readonly name: string;
  /** Bytes, where its account tells them. */
  readonly size: number | null;
  /** Kilobytes rounded up, where its account tells no more. */
  readonly kilobytes?: number;
  /** Whose file it is; decides which roles see it. */
  readonly by: Party | null;
  readonly state: 'live' | 'removed';
}

/** One comment of an item. Its id is derived from where it was written, so that nobody needs to remember it. */
export interface Message {
  readonly id: MessageId;
  readonly origin: { readonly account: AccountId; readonly comment: LocalCommentId };
  readonly author: Party | null;
  /** How its origin prints the author's name; shown elsewhere only to roles that see the author. */
  readonly authorName: string;
  readonly at: Instant;
  readonly text: MarkedText;
  readonly files: readonly SharedFile[];
  readonly replyTo: MessageId | null;
  /** Of each quote in the text, in order: messages whose words it repeats. Absent = none is known. */
  readonly quotes?: readonly (readonly MessageId[])[];
  /** Organisations whose stand-in is mentioned, quoted, named as recipient, or whose message is replied to. */
  readonly addressed: readonly AccountId[];
  /** Planfix: visible only to those notified; never crosses. */
  readonly hidden: boolean;
  /** What a person made of a copy goes back to where the comment was written, and to nobody else: it quotes the copy. */
  readonly onlyTo?: AccountId;
  /** Which organisation wrote it and in which space; a second space carries it on by its own audience only. */
  readonly provenance: { readonly organisation: AccountId; readonly space: SpaceId };
  readonly state: 'live' | 'deleted';
  /** Grows with every edit, deletion or undeletion at the origin. */
  readonly version: number;
}

/** A value that lost against another one, kept so that nothing a person wrote is gone. */
export interface Conflict {
  readonly field: FieldName;
  readonly at: Instant;
  readonly won: { readonly by: AccountId; readonly value: FieldValues[FieldName] };
  readonly lost: { readonly by: AccountId; readonly value: FieldValues[FieldName] };
  /** `manual` conflicts wait for a person. */
  readonly settled: 'latest' | 'hub' | 'role' | 'waits' | 'transition';
}

export interface Item {
  readonly id: ItemId;
  readonly space: SpaceId;
  /** The task that it began with. */
  readonly origin: { readonly account: AccountId; readonly task: LocalTaskId };
  readonly fields: ItemFields;
  readonly messages: readonly Message[];
  readonly files: readonly SharedFile[];
  readonly conflicts: readonly Conflict[];
  /** Linked by command: shared whatever scope and people say. */
  readonly pinned: boolean;
  /** `parted`: unlinked, or its scope ended; nothing crosses any more and nothing is deleted. */
  readonly state: 'shared' | 'parted';
}
