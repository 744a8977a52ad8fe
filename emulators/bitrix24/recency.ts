/**
 * Which tasks were touched when, readable from the newest down without sorting everything: an append-only list in
 * which only the last entry of each id counts, swept when the outdated entries outweigh the living.
 */
import { type Instant } from '../common/types.ts';

export interface Recency {
  entries: { at: Instant; id: number }[];
  /** Index of the entry that counts, by id. */
  last: Map<number, number>;
  sorted: boolean;
}

export const emptyRecency = (): Recency => ({ entries: [], last: new Map(), sorted: true });

/** Notes that `id` was touched at `at`. */
export const touch = (recency: Recency, id: number, at: Instant): void => {
  const newest = recency.entries.at(-1);
  if (newest !== undefined && newest.at > at) recency.sorted = false;
  recency.last.set(id, recency.entries.length);
  recency.entries.push({ at, id });
  if (recency.entries.length > 2 * recency.last.size + 64) sweep(recency);
};

export const forget = (recency: Recency, id: number): void => {
  recency.last.delete(id);
};

const sweep = (recency: Recency): void => {
  const living = recency.entries.filter((entry, index) => recency.last.get(entry.id) === index);
  if (!recency.sorted) living.sort((a, b) => a.at - b.at || a.id - b.id);
  recency.entries = living;
  recency.sorted = true;
  recency.last = new Map(living.map((entry, index) => [entry.id, index]));
};

/** Calls `visit` with ids from the newest to the oldest until it answers false. */
export const newestFirst = (recency: Recency, visit: (id: number, at: Instant) => boolean): void => {
  if (!recency.sorted) sweep(recency);
  for (let index = recency.entries.length - 1; index >= 0; index -= 1) {
    const entry = recency.entries[index];
    if (entry === undefined || recency.last.get(entry.id) !== index) continue;
    if (!visit(entry.id, entry.at)) return;
  }
};

/** Ids touched at or after `bound`, oldest first. */
export const touchedSince = (recency: Recency, bound: Instant): number[] => {
  const ids: number[] = [];
  newestFirst(recency, (id, at) => {
    if (at < bound) return false;
    ids.push(id);
    return true;
  });
  return ids.reverse();
};
