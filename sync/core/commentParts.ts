/** A message that stands in an account as several comments. Pure. */
import { as, type Mark } from '../../errors/ids.ts';

/**
 * The mark of one part of a message, counted from 0, from the mark of the whole; doing it again with the same number
 * gives back the mark of the whole. Each part has its own, so that no part is taken for another's double.
 */
export function partMark(mark: Mark, part: number): Mark {
  if (part === 0) return mark;
  const last = Number.parseInt(mark.slice(-2), 16) ^ part;
  return as<Mark>(`${mark.slice(0, -2)}${last.toString(16).padStart(2, '0')}`);
}

/** More parts than this has no message: an account that takes 20,000 characters at once would hold five million. */
export const partsMax = 255;
