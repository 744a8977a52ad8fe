/** Plays rows of the table and says what they found. Shared by the files that share the rows. */
import { readFileSync } from 'node:fs';
import { type Exemption, exemptionsUnder } from './exemptions.ts';
import { lifeUnder } from './life.ts';
import { type OpenSockets } from './sockets.ts';
import { chosenBy, type Table } from './settings.ts';

export const table = JSON.parse(readFileSync(new URL('table.json', import.meta.url), 'utf8')) as Table;

/** Every fourth row travels over HTTP. */
export const overHttp = (row: number): boolean => row % 4 === 1;

export const rowNumbers: readonly number[] = table.rows.map((_, index) => index);

/** By fours, so that each half has its share of the rows over HTTP. */
const ofHalf = (half: number): readonly number[] =>
  rowNumbers.filter((row) => Math.floor(row / 4) % 2 === half);
export const halves = [ofHalf(0), ofHalf(1)] as const;

export interface Found {
  /** What no exemption of this row excuses. */
  readonly findings: readonly string[];
  readonly used: readonly Exemption[];
}

export async function playRow(row: number, sockets: OpenSockets): Promise<Found> {
  const chosen = chosenBy(table.rows[row] ?? [], table.factors);
  const exempt = exemptionsUnder(chosen);
  const found = await lifeUnder(chosen, overHttp(row) ? { sockets } : {});
  await sockets.close();
  return {
    findings: found.filter((finding) => !exempt.some(({ excuses }) => excuses.test(finding))),
    used: exempt.filter(({ excuses }) => found.some((finding) => excuses.test(finding))),
  };
}
