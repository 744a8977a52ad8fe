/** What a reading without a task means: the account did not come to it, or the task is out of the acting user's sight. */
import { type AccountId, type Instant, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble, type TroubleCode } from '../../errors/trouble.ts';
import { type Reading, type Replica } from '../core/replica.ts';

/** What hit the request and says nothing of the task: the same reading is made again, and nothing is listed of the task. */
const passing: ReadonlySet<TroubleCode> = new Set<TroubleCode>([
  'E-REMOTE-DOWN',
  'E-REMOTE-LIMIT',
  'E-REMOTE-PLAN',
  'E-REMOTE-AUTH',
]);

/** Why a reading should be made again as if it had not been made; null = it says something of the task. */
export const passingTrouble = (reading: Reading | null): Trouble | null =>
  reading?.is === 'unreadable' && passing.has(reading.trouble.code) ? reading.trouble : null;

const minMs = { unreadable: 600_000, gone: 86_400_000 };

/** An unreadable task is looked for weekly at least, for nothing tells that the acting user may see it again. */
const unreadableMaxMs = 7 * 86_400_000;

/**
 * When a task that was not there is looked for again: after as long as it has been away, so ever more rarely. A deleted
 * one may be restored.
 */
export function lookAgainAt({ state, readAt }: Replica, now: Instant): Instant | null {
  if (state !== 'unreadable' && state !== 'gone') return null;
  const away = now - (readAt ?? now);
  return state === 'gone'
    ? now + Math.max(away, minMs.gone)
    : now + Math.min(Math.max(away, minMs.unreadable), unreadableMaxMs);
}

/**
 * Readings with what the others of their place tell: where no task of a project or group can be read any more, it is the
 * place that the acting user lost. A place whose other tasks were read lost nothing but the task.
 */
export function placed(
  account: AccountId,
  readings: ReadonlyMap<LocalTaskId, Reading>,
  placeOf: (task: LocalTaskId) => string | null,
): ReadonlyMap<LocalTaskId, Reading> {
  const lost = new Map<string, number>();
  const seen = new Set<string>();
  for (const [task, reading] of readings) {
    const place = placeOf(task);
    if (place === null) continue;
    if (isUnreadable(reading)) lost.set(place, (lost.get(place) ?? 0) + 1);
    else seen.add(place);
  }
  return new Map(
    [...readings].map(([task, reading]) => {
      const place = placeOf(task);
      const count = place === null ? 0 : (lost.get(place) ?? 0);
      if (!isUnreadable(reading) || place === null || count < 2 || seen.has(place)) return [task, reading];
      return [task, { ...reading, trouble: placeLost(account, reading.trouble, place, count) }];
    }),
  );
}

const isUnreadable = (reading: Reading): reading is Extract<Reading, { is: 'unreadable' }> =>
  reading.is === 'unreadable' && reading.trouble.code === 'E-TASK-UNREADABLE';

const placeLost = (account: AccountId, trouble: Trouble, place: string, count: number): Trouble => ({
  ...trouble,
  answered: `${trouble.answered ?? 'no access'}; so of all ${String(count)} tasks of project or group ${place} that were asked for`,
  todo: `Add the acting user of ${account} to project or group ${place} again: not single tasks are out of its sight, but the place. They are looked for again by themselves, and by svyazka retry.`,
});
