/** What the documents of Planfix leave open; the zone has a line of its own. */
import { type Unknown } from '../unknowns.ts';

export const unknowns: readonly Unknown[] = [];
