/** What the documents of a CRM leave open, row by row: what tells it in one account, and what for. */
import { type Findings } from './findings.ts';
import { type CheckLine } from './port.ts';

/**
 * `reading`: asked by readings, at connecting, now and then and by a check. `scratch`: only by writing into something of
 * the acting user's own. `work`: ordinary answers show it by the way. `use`: it is met, not known: whoever needs it asks
 * there and then, or nobody needs it.
 */
export type ToldBy = 'reading' | 'scratch' | 'work' | 'use';

export interface Unknown {
  /** As the reference names its setting, or as findings were named before. */
  readonly name: string;
  readonly told: ToldBy;
  /** Goes on from "shows itself only …" or "is told …": `when a message is read`. */
  readonly when: string;
  /** What the bridge does with it, or why nothing. */
  readonly use: string;
  /** A connection acts upon it: another value is another connection. */
  readonly acted?: true;
  /** Values with which less works. */
  readonly less?: readonly string[];
}

const unseen: Readonly<Record<ToldBy, string>> = {
  reading: 'not known; is told',
  scratch: 'not known; --scratch would tell,',
  work: 'shows itself only',
  use: 'shows itself only',
};

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** One line for each unknown: its value with proof and day, or what would tell it. */
export const factLines = (unknowns: readonly Unknown[], findings: Findings): readonly CheckLine[] =>
  unknowns.map(({ name, told, when, use, less = [] }): CheckLine => {
    const about = `fact: ${name}`;
    const finding = findings.of(name);
    if (finding !== null)
      return {
        about,
        state: less.includes(finding.value) ? 'warning' : 'ok',
        found: `${finding.value}: ${finding.how} (${dayOf(finding.at)}); ${use}`,
      };
    return { about, state: 'unknown', found: `${unseen[told]} ${when}; ${use}` };
  });
