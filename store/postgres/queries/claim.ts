import { type Kysely, sql } from 'kysely';
import { type AccountId, type Instant } from '../../../errors/ids.ts';
import { type Claimed, type DueTask } from '../../port.ts';
import { aspectsOf, laneOf } from '../rows.ts';

interface Row {
  task: string;
  aspects: number;
  lane: number;
  due_from: number;
  generation: number;
  epoch: number;
  claimed_until: number;
  attempts: number;
  correlation: string;
}

/**
 * Hands due work of one account to this worker; rows that another worker is just taking are passed over. A lease that
 * ended unfinished makes its row due, however late the mark that came upon it meanwhile (`least` passes over null).
 */
export async function claim(
  db: Kysely<unknown>,
  account: AccountId,
  options: {
    readonly now: Instant;
    readonly limit: number;
    readonly leaseMs: number;
    readonly lookAheadMs: number;
  },
): Promise<Claimed[]> {
  const { now, limit, leaseMs, lookAheadMs } = options;
  const { rows } = await sql<Row>`
    with free as (
      select account, task, least(due_at, claimed_until) as due_from from due
      where account = ${account} and (aspects <> 0 or claimed_aspects <> 0)
        and (claimed_until <= ${now} or claimed_until is null and due_at <= ${now + lookAheadMs})
      order by least(due_at, claimed_until) > ${now}, lane, due_from, task
      limit ${limit}
      for update skip locked
    )
    update due set
      claimed_aspects = due.claimed_aspects | due.aspects, aspects = 0, epoch = due.epoch + 1,
      claimed_until = ${now + leaseMs}
    from free where due.account = free.account and due.task = free.task
    returning due.task, due.claimed_aspects as aspects, due.lane, free.due_from::float8, due.generation::float8,
      due.epoch::float8, due.claimed_until::float8, due.attempts, due.correlation`.execute(db);
  return rows
    .sort(
      (a, b) =>
        Number(a.due_from > now) - Number(b.due_from > now) ||
        a.lane - b.lane ||
        a.due_from - b.due_from ||
        (a.task < b.task ? -1 : 1),
    )
    .map((row) => ({
      account,
      task: row.task as DueTask,
      aspects: aspectsOf(row.aspects),
      lane: laneOf(row.lane),
      generation: row.generation,
      epoch: row.epoch,
      until: row.claimed_until,
      attempts: row.attempts,
      correlation: row.correlation,
    }));
}
