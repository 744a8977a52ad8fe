/** Standing in the way: what can't be written now, and until when. Pure. */
import { catalogue, type Trouble } from '../../errors/trouble.ts';
import { type Replica } from './replica.ts';

export const unblocked = (replica: Replica, key: string): Replica => ({
  ...replica,
  blocked: without(replica.blocked, key),
});

export const without = <Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([one]) => one !== key));

/** Doubles from half a minute to an hour. */
export const retryDelayMs = (tries: number): number => Math.min(30_000 * 2 ** tries, 3_600_000);

export const healsByTime = ({ code }: Trouble): boolean => catalogue[code].retry === 'later';
