import { type Kysely, sql } from 'kysely';
import { type Instant } from '../../../errors/ids.ts';
import { type Claimed } from '../../port.ts';
import { column, leaseKey } from '../rows.ts';

/** Keeps claims in hand whose epoch still holds; a lease that lasts longer already stays as it is. */
export async function renew(
  db: Kysely<unknown>,
  claims: readonly Claimed[],
  until: Instant,
): Promise<Set<Claimed>> {
  if (claims.length === 0) return new Set();
  const { rows } = await sql<{ account: string; task: string; epoch: number }>`
    with mine as (
      select due.account, due.task from due
      join unnest(${column(claims, (one) => one.account)}::text[], ${column(claims, (one) => one.task)}::text[],
        ${column(claims, (one) => one.epoch)}::bigint[]) as given(account, task, epoch)
        on due.account = given.account and due.task = given.task and due.epoch = given.epoch
      where due.claimed_until is not null
      order by due.account, due.task
      for update of due
    )
    update due set claimed_until = greatest(due.claimed_until, ${until})
    from mine where due.account = mine.account and due.task = mine.task
    returning due.account, due.task, due.epoch::float8`.execute(db);
  const held = new Set(rows.map(leaseKey));
  return new Set(claims.filter((claim) => held.has(leaseKey(claim))));
}
