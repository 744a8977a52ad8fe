/**
 * What people wrote in a world of companies, as they remember it: every value, what they saw in its place before, every
 * comment and file. The judge measures the accounts against it (verdict.ts).
 */
import { type AccountKey } from './seen.ts';

export type ToldField = 'title' | 'description' | 'deadline' | 'status' | 'holder';

/** One value that a person set. Words of a description are written and taken away one by one. */
export interface Typed {
  readonly task: number;
  readonly account: string;
  readonly field: ToldField;
  /** As everybody would name it: a word, a moment in ms, a meaning of a status, an organisation's account. */
  readonly value: string;
  /** What the person saw there before; of a description, the words that were taken away. */
  readonly over: readonly string[];
  readonly at: number;
  /** It was overwritten where nothing can guard a write, by one that had been read for before it was typed. */
  inWindow: boolean;
}

export interface Said {
  /** Words that nobody else says: `слово12к`. */
  readonly word: string;
  readonly task: number;
  readonly account: string;
  readonly person: number;
  /** The other organisation that it is addressed to; null = nobody in particular. */
  readonly to: string | null;
  readonly hidden: boolean;
  readonly file: string | null;
  /** Which wording of it stands. */
  version: number;
  state: 'live' | 'deleted';
  /** Number in its own account. */
  readonly local: string;
}

export interface Attached {
  readonly name: string;
  readonly task: number;
  readonly account: string;
}

export interface ToldTask {
  readonly number: number;
  readonly account: string;
  /** Accounts that it names beside its holder. */
  readonly named: Set<string>;
  /** Accounts that held it at some time. */
  readonly held: Set<string>;
}

export interface Ledger {
  readonly tasks: ToldTask[];
  readonly typed: Typed[];
  readonly said: Said[];
  readonly attached: Attached[];
}

export const emptyLedger = (): Ledger => ({ tasks: [], typed: [], said: [], attached: [] });

/** An account as the judge knows it: who its people may know of, and what its statuses mean. */
export interface JudgedAccount extends AccountKey {
  readonly account: string;
  readonly scoped: boolean;
  readonly share: 'all' | 'addressed';
  readonly sees: ReadonlySet<string>;
  /** Number of a status → what it means to everybody. */
  readonly statuses: Readonly<Record<string, string>>;
  /** What may stand nowhere in this account: names of those that its people may not know of. */
  readonly neverReads: readonly string[];
}

export interface JudgedWorld {
  readonly hub: string;
  readonly accounts: readonly JudgedAccount[];
  /** Name of an organisation → its account. */
  readonly organisations: Readonly<Record<string, string>>;
  /** Fields whose sharing changed on the way: that they agree is not asked. */
  readonly unsteady: ReadonlySet<ToldField>;
}

/** The number in a title: `№12 …`. */
export const numberIn = (title: string): number | null => {
  const found = /№(\d+)/u.exec(title);
  return found ? Number(found[1]) : null;
};

/** Words that somebody wrote, wherever they stand. */
export const wordsOf = (text: string): readonly string[] => text.match(/слово\d+[а-я]?/gu) ?? [];
