/** The story's stage in one process: no socket, no real time. */
import { seenIn } from '../judge/seen.ts';
import { type Dumps } from '../judge/judge.ts';
import { type Rehearsal } from '../rehearsal.ts';
import { accounts } from './people.ts';
import { type Company, type Seen, type Stage } from './stage.ts';

export const seenOf = (dumps: Dumps): Seen => {
  const at = (company: Company): Seen[Company] => {
    const key = accounts[company];
    if (key === undefined) throw new Error(`nobody plays ${company}`);
    return seenIn(key, dumps[company]);
  };
  return { romashka: at('romashka'), teyron: at('teyron'), pixel: at('pixel') };
};

export const dumpsOf = (rehearsal: Rehearsal): Dumps =>
  Object.fromEntries(Object.keys(accounts).map((account) => [account, rehearsal.host(account).dump()]));

export function rehearsedStage(rehearsal: Rehearsal, makeAct: Stage['makeAct']): Stage {
  const quiet = async (): Promise<Seen> => {
    await rehearsal.settle();
    return seenOf(dumpsOf(rehearsal));
  };
  return {
    act: (company, act) => Promise.resolve(rehearsal.act(company, act)),
    async until(what, holds, sweeping) {
      if (sweeping !== undefined) {
        // Threads that were read just now are not read again: time has to pass, as it does between sweeps.
        rehearsal.runtime.advance(61_000);
        await rehearsal.sweep(sweeping);
      }
      const seen = await quiet();
      if (!holds(seen))
        throw new Error(
          `all is quiet, and yet this did not come about: ${what}\n${JSON.stringify(seen, null, 1)}`,
        );
      return seen;
    },
    quiet,
    makeAct,
  };
}
