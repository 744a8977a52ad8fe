/**
 * Values that a write of the bridge overwrites unseen, as the APIs allow no other way (docs/laws.md, L4; docs/limits.md): the
 * ledger is told, so that the judge does not look for them. In Planfix what was typed after the reading that the write rests
 * on; in Bitrix24, where each write tells what it overwrote, only when nobody heard its answer.
 */
import { type EmulatorHost } from '../../emulators/common/host.ts';
import { type EmulatorRequest } from '../../emulators/common/types.ts';
import { type JudgedWorld, type Ledger, numberIn } from '../judge/ledger.ts';
import { seenIn } from '../judge/seen.ts';
import { valueOf } from '../judge/verdict.ts';

/** How long before a write is sent the bridge may have read what it rests on, ms. */
const maxAgeMs = 5_000;

/** How long Planfix may keep a write that it accepted for later, ms (setting task.queueDelayMs). */
const queuedMs = 30_000;

/** Whether a request may change a field of a task. */
const writes = ({ method, target }: EmulatorRequest, kind: 'planfix' | 'bitrix24'): boolean =>
  method === 'POST' && (kind === 'planfix' ? /\/task\/\d+(?:\?|$)/u : /batch|tasks\.task\./u).test(target);

/**
 * Asked before a request is served (null = what was accepted earlier takes effect); gives what is to be done after it.
 * `dying`: a worker may die before it hears the answer.
 */
export function watchWrites(
  judged: JudgedWorld,
  ledger: Ledger,
  host: EmulatorHost,
  request: EmulatorRequest | null,
  sentAt: number,
  dying: boolean,
): (() => void) | null {
  const here = judged.accounts.find(({ account }) => account === host.account);
  if (!here || (request !== null && !writes(request, here.kind))) return null;
  const guarded = here.kind === 'bitrix24';
  if (guarded && (request === null || !(dying || host.faults().length > 0))) return null;
  const since = guarded ? 0 : sentAt - maxAgeMs - (request === null ? queuedMs : 0);
  const fresh = ledger.typed.filter(
    ({ account, at, inWindow }) => account === host.account && at >= since && !inWindow,
  );
  if (fresh.length === 0) return null;
  const valuesNow = (): readonly string[][] => {
    const { tasks } = seenIn(here, host.dump());
    return fresh.map(({ task, field }) => {
      const seen = tasks.find(({ title }) => numberIn(title) === task);
      return seen ? valueOf(judged, here, seen, field).split(' ') : [];
    });
  };
  const before = valuesNow();
  return () => {
    const heard = guarded && !dying && host.log().entries.at(-1)?.fault === undefined;
    if (heard) return;
    const after = valuesNow();
    fresh.forEach((typed, index) => {
      if (before[index]?.includes(typed.value) && after[index]?.includes(typed.value) !== true)
        typed.inWindow = true;
    });
  };
}
