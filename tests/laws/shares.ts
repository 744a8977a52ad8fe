/** What share of the generated cases strained a law, and the run of a property that says how to replay it. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { type Case } from './case.ts';

export interface Shares {
  count(features: Readonly<Record<string, boolean>>): void;
  /** Prints the percentages and fails below `least`. */
  hold(law: string, least: Readonly<Record<string, number>>): void;
}

export function shares(): Shares {
  let cases = 0;
  const seen = new Map<string, number>();
  return {
    count(features) {
      cases += 1;
      for (const [name, shown] of Object.entries(features))
        seen.set(name, (seen.get(name) ?? 0) + (shown ? 1 : 0));
    },
    hold(law, least) {
      const percent = Object.fromEntries(
        [...seen].map(([name, times]) => [name, Math.round((100 * times) / Math.max(cases, 1))]),
      );
      process.stdout.write(`${law}: ${String(cases)} cases, in percent ${JSON.stringify(percent)}\n`);
      const short = Object.entries(least).filter(([name, share]) => (percent[name] ?? 0) < share);
      expect(short).toEqual([]);
    },
  };
}

/** What every law counts of a case. */
export function features({ generated, ways, edits }: Case): Readonly<Record<string, boolean>> {
  const { mapping } = generated;
  const count = mapping.members.length;
  const together = edits.some((one, index) => {
    const next = edits[index + 1];
    return (
      next !== undefined &&
      one.then === 'none' &&
      one.what === next.what &&
      one.who % count !== next.who % count
    );
  });
  const roles = mapping.members.map(({ role }) => role);
  return {
    'three accounts': count >= 3,
    'concurrent edits of one field': together,
    'many-to-one lens': Object.values(mapping.statuses).some(({ everywhere }) => {
      const meanings = Object.values(everywhere?.in ?? {}).filter(
        (one) => one !== 'hold' && one !== 'ignore',
      );
      return new Set(meanings).size < meanings.length;
    }),
    kanban: mapping.members.some(
      ({ account }) => mapping.statuses[account]?.everywhere?.stages !== undefined,
    ),
    'hidden differences': roles.some((role) => (mapping.sees[role] ?? []).length < new Set(roles).size),
    'server rewriting': ways
      .slice(0, count)
      .some((way) => way.reprints || way.titleMax < 255 || way.swallows.length > 0),
  };
}

export const least: Readonly<Record<string, number>> = {
  'three accounts': 40,
  'concurrent edits of one field': 5,
  'many-to-one lens': 50,
  kanban: 10,
  'hidden differences': 25,
  'server rewriting': 60,
};

const given = process.env['LAW_SEED'];

/**
 * Runs of a law: 1,000 under `npm run mutants`, fewer in the daily suite. LAW_SEED and LAW_PATH replay a failing run, as
 * fast-check prints them.
 */
export const runs = (usual: number): fc.Parameters<unknown> => {
  const path = process.env['LAW_PATH'];
  return {
    numRuns: Number(process.env['LAW_RUNS'] ?? usual),
    // A mutant is caught or not: nobody reads its smallest case.
    endOnFailure: process.env['LAW_RUNS'] !== undefined,
    ...(given === undefined ? {} : { seed: Number(given) }),
    ...(path === undefined ? {} : { path }),
  };
};

/** Asserts a property; a failing run says how the same run is had again. */
export function assertLaw<Values extends unknown[]>(
  law: string,
  property: fc.IProperty<Values>,
  usual: number,
): void {
  judge(law, fc.check(property, runs(usual) as fc.Parameters<Values>));
}

/** The same for a property that waits for the engine. */
export async function assertLawOfEngine<Values extends unknown[]>(
  law: string,
  property: fc.IAsyncProperty<Values>,
  usual: number,
  examples: Values[] = [],
): Promise<void> {
  judge(law, await fc.check(property, { ...(runs(usual) as fc.Parameters<Values>), examples }));
}

function judge<Values>(law: string, result: fc.RunDetails<Values>): void {
  if (!result.failed) return;
  const { seed, counterexamplePath, errorInstance: cause } = result;
  const replay = `LAW_SEED=${String(seed)} LAW_PATH=${String(counterexamplePath)} npm test -- tests/laws/law${law.slice(1)}.test.ts`;
  throw new Error(
    `${law} broken. Replay: ${replay}\n${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}
