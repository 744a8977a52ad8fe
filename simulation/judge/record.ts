/** What the people of a story did, in the story's own words: the judge measures the accounts against it. */
import { type AccountKey, type SeenFile } from './seen.ts';

export interface Person {
  readonly name: string;
  /** Account of the organisation that the person works for. */
  readonly home: string;
}

export interface RecordedComment {
  readonly author: Person;
  /** As a person reads it, without markup. */
  readonly text: string;
  readonly files: readonly SeenFile[];
  /** Accounts whose people read it, the author's own among them. */
  readonly readers: readonly string[];
}

export interface RecordedFile extends SeenFile {
  readonly readers: readonly string[];
}

export interface RecordedTask {
  readonly title: string;
  readonly text: string;
  /** A word of the story's own table of equal statuses. */
  readonly status: string;
  readonly creator: Person;
  readonly holder: Person;
  readonly deadline: number | null;
  /** Accounts where the task lives, each once. */
  readonly accounts: readonly string[];
  readonly comments: readonly RecordedComment[];
  readonly files: readonly RecordedFile[];
}

export interface StoryAccount extends AccountKey {
  readonly organisation: string;
  /** How people of other accounts appear here: by name, or as the organisation of the account named. */
  readonly sees: Readonly<Record<string, 'by name' | { readonly as: string }>>;
  /** Words that may stand nowhere in this account, not even inside a file. */
  readonly neverReads: readonly string[];
}

export interface StoryRecord {
  readonly accounts: Readonly<Record<string, StoryAccount>>;
  /** Numbers of equal statuses by account. */
  readonly statuses: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly tasks: readonly RecordedTask[];
}
