/** Who may pass when many items are closed or lose something at once; both stores decide by it. */
import { type Instant, type ItemId } from '../errors/ids.ts';
import { type GuardRule } from './port.ts';

export type GuardState = 'passed' | 'held' | 'allowed';

export interface Guarded {
  readonly state: GuardState;
  readonly at: Instant;
}

/** What a store knows of one space. Called under its lock. */
export interface GuardBook {
  stateOf(item: ItemId): Guarded | undefined;
  /** Passed since `rule.since`. */
  readonly went: ReadonlySet<ItemId>;
  /** How many items of the space are open, or among these. */
  open(also: ReadonlySet<ItemId>): Promise<number>;
  keep(decided: ReadonlyMap<ItemId, GuardState>): Promise<void>;
}

/** Counting is spared while `atLeast` is not used up. */
export async function decideGuard(
  asked: readonly ItemId[],
  rule: GuardRule,
  book: GuardBook,
): Promise<ReadonlySet<ItemId>> {
  const may = new Set<ItemId>();
  const fresh = new Set<ItemId>();
  for (const item of asked) {
    const known = book.stateOf(item);
    if (known?.state === 'held') continue;
    const free = book.went.has(item) || (known?.state === 'allowed' && known.at > rule.allowedSince);
    (free ? may : fresh).add(item);
  }
  if (fresh.size === 0) return may;
  const most =
    book.went.size + fresh.size <= rule.atLeast
      ? rule.atLeast
      : Math.max(rule.atLeast, Math.floor(rule.share * (await book.open(new Set([...book.went, ...fresh])))));
  const decided = new Map<ItemId, GuardState>();
  // None of a crowd goes ahead of the others: half of a mistake is a mistake that nobody finds.
  const passes = book.went.size + fresh.size <= most;
  for (const item of fresh) {
    decided.set(item, passes ? 'passed' : 'held');
    if (passes) may.add(item);
  }
  await book.keep(decided);
  return may;
}
