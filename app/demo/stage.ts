/** The story's stage over real HTTP: people act through the control API of the emulated accounts, the bridge through REST. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json } from '../../emulators/common/types.ts';
import { makeDocument } from '../../docs-templates/make.ts';
import { type AccountId, as, type LocalTaskId, type RoleName } from '../../errors/ids.ts';
import { type Dumps } from '../../simulation/judge/judge.ts';
import { seenOf } from '../../simulation/story/rehearsed.ts';
import { type Seen, type Stage } from '../../simulation/story/stage.ts';
import { type Ground, companies, startedOf } from './ground.ts';

const lookEveryMs = 120;
const patienceMs = 40_000;
/** A thread that was read just before somebody edited it is passed over by one sweep and read by the next. */
const sweepEveryMs = 3_000;

export interface LiveStage extends Stage {
  dumps(): Promise<Dumps>;
  /** Real time of the last act, ms. */
  actedAt(): number;
}

interface ActAnswer {
  readonly ok: boolean;
  readonly result?: Json;
  readonly refused?: string;
}

/** `stopped` ends all waiting with an error. */
export function liveStage(ground: Ground, stopped: AbortSignal): LiveStage {
  const { bridge, emulators } = ground;
  let actedAt = Date.now();

  const dumps = async (): Promise<Dumps> => {
    const pairs = companies.map(async (company) => {
      const { control } = startedOf(emulators, company);
      const answer = await fetch(`${control}/dump`);
      return [company, ((await answer.json()) as { readonly world: unknown }).world] as const;
    });
    return Object.fromEntries(await Promise.all(pairs));
  };

  const until: Stage['until'] = async (what, holds, sweeping) => {
    const giveUpAt = Date.now() + patienceMs;
    let sweepAt = Date.now();
    for (;;) {
      stopped.throwIfAborted();
      const seen = seenOf(await dumps());
      if (holds(seen)) return seen;
      if (Date.now() > giveUpAt)
        throw new Error(`${String(patienceMs / 1000)} seconds went by, and this did not come about: ${what}`);
      if (sweeping !== undefined && Date.now() >= sweepAt) {
        await bridge.sweepNow(as<AccountId>(sweeping));
        sweepAt = Date.now() + sweepEveryMs;
      }
      await sleep(lookEveryMs, undefined, { signal: stopped });
    }
  };

  const isQuiet = async (): Promise<boolean> => {
    const idle = companies.every((company) => emulators.host(company).idle(Date.now(), 0).idle);
    if (!idle || (await bridge.store.due(null)).length > 0) return false;
    return (await bridge.store.openOperations(null)).length === 0;
  };

  return {
    dumps,
    actedAt: () => actedAt,
    async act(company, act) {
      const { control } = startedOf(emulators, company);
      const answer = await fetch(`${control}/act`, {
        method: 'POST',
        body: JSON.stringify(act),
      });
      actedAt = Date.now();
      const acted = (await answer.json()) as ActAnswer;
      if (!acted.ok || acted.result === undefined)
        throw new Error(`${company} refused "${act.do}": ${acted.refused ?? String(answer.status)}`);
      return acted.result;
    },
    until,
    async quiet(): Promise<Seen> {
      const giveUpAt = Date.now() + patienceMs;
      // Work may come up just after the last was done (an event under way): two looks in a row have to agree.
      for (let agreed = 0; agreed < 2;) {
        stopped.throwIfAborted();
        agreed = (await isQuiet()) ? agreed + 1 : 0;
        if (Date.now() > giveUpAt)
          throw new Error(
            `the bridge still has work after ${String(patienceMs / 1000)} seconds: ${JSON.stringify(await bridge.store.due(null))}`,
          );
        await sleep(lookEveryMs, undefined, { signal: stopped });
      }
      return seenOf(await dumps());
    },
    async makeAct(company, task, values) {
      actedAt = Date.now();
      const { fileName, docx } = await makeDocument({
        deps: bridge.deps,
        template: 'akt',
        account: as<AccountId>(company),
        task: as<LocalTaskId>(task),
        forRole: as<RoleName>('client'),
        attach: true,
        extra: values,
      });
      return { fileName, bytes: docx };
    },
  };
}
