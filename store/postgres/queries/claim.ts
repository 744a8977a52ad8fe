import { type Kysely, sql } from 'kysely';
import { type AccountId, type Instant } from '../../../errors/ids.ts';
import { type Claimed, type DueTask } from '../../port.ts';
import { aspectsOf, laneOf } from '../rows.ts';

interface Row {
  task: string;
  aspects: number;
  lane: number;
  due_at: number;
  generation: number;
  epoch: number;
  claimed_until: number;
  attempts: number;
  correlation: string;
}

/** Hands due work of one account to this worker; rows that another worker is just taking are passed over. */
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
      select account, task from due
      where account = ${account} and (aspects <> 0 or claimed_aspects <> 0)
        and (claimed_until is null or claimed_until <= ${now}) and due_at <= ${now + lookAheadMs}
      order by due_at > ${now}, lane, due_at, task
      limit ${limit}
      for update skip locked
    )
    update due set
      claimed_aspects = due.claimed_aspects | due.aspects, aspects = 0, epoch = due.epoch + 1,
      claimed_until = ${now + leaseMs}
    from free where due.account = free.account and due.task = free.task
    returning due.task, due.claimed_aspects as aspects, due.lane, due.due_at::float8, due.generation::float8,
      due.epoch::float8, due.claimed_until::float8, due.attempts, due.correlation`.execute(db);
  return rows
    .sort(
      (a, b) =>
        Number(a.due_at > now) - Number(b.due_at > now) ||
        a.lane - b.lane ||
        a.due_at - b.due_at ||
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
