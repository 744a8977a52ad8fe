import { type Kysely, sql } from 'kysely';
import { type Defer, type Finish } from '../../port.ts';
import { column } from '../rows.ts';

/** Ends claims whose epoch still holds; what was touched meanwhile stays due. Gives the accounts that have such. */
export async function finish(db: Kysely<unknown>, finished: readonly Finish[]): Promise<string[]> {
  if (finished.length === 0) return [];
  const { rows } = await sql<{ account: string; waiting: boolean }>`
    update due set
      claimed_aspects = 0, claimed_until = null, attempts = 0, trouble = null,
      busy_until = coalesce(done.busy_until, due.busy_until),
      due_at = case when due.aspects <> 0 then greatest(due.due_at, coalesce(done.busy_until, 0)) else due.due_at end
    from unnest(
      ${column(finished, ({ claim }) => claim.account)}::text[], ${column(finished, ({ claim }) => claim.task)}::text[],
      ${column(finished, ({ claim }) => claim.epoch)}::bigint[],
      ${column(finished, ({ busyUntil }) => busyUntil)}::bigint[]) as done(account, task, epoch, busy_until)
    where due.account = done.account and due.task = done.task and due.epoch = done.epoch
      and due.claimed_until is not null
    returning due.account, due.aspects <> 0 as waiting`.execute(db);
  return [...new Set(rows.filter((row) => row.waiting).map((row) => row.account))];
}

/** Hands claims back with their reason. */
export async function defer(db: Kysely<unknown>, deferred: readonly Defer[]): Promise<void> {
  if (deferred.length === 0) return;
  await sql`
    update due set
      aspects = due.aspects | due.claimed_aspects, claimed_aspects = 0, claimed_until = null,
      due_at = back.due_at, attempts = due.attempts + 1, trouble = back.trouble::json
    from unnest(
      ${column(deferred, ({ claim }) => claim.account)}::text[], ${column(deferred, ({ claim }) => claim.task)}::text[],
      ${column(deferred, ({ claim }) => claim.epoch)}::bigint[], ${column(deferred, ({ dueAt }) => dueAt)}::bigint[],
      ${column(deferred, ({ trouble }) => (trouble === null ? null : JSON.stringify(trouble)))}::text[])
      as back(account, task, epoch, due_at, trouble)
    where due.account = back.account and due.task = back.task and due.epoch = back.epoch
      and due.claimed_until is not null`.execute(db);
}
