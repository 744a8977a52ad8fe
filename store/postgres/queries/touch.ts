import { type Kysely, sql } from 'kysely';
import { type Touch } from '../../port.ts';
import { column, mergeTouches } from '../rows.ts';

/** Marks tasks due. A task that was just worked on waits until `busy_until`; a mark that is there already only grows. */
export async function touch(db: Kysely<unknown>, touches: readonly Touch[]): Promise<void> {
  const rows = mergeTouches(touches);
  if (rows.length === 0) return;
  // One statement, so that a hint costs one way to the database and back: some CRMs send the next only then.
  await sql`
    with kept as (
    insert into due (account, task, aspects, lane, due_at, generation, correlation)
    select * from unnest(
      ${column(rows, (row) => row.account)}::text[], ${column(rows, (row) => row.task)}::text[],
      ${column(rows, (row) => row.bits)}::smallint[], ${column(rows, (row) => row.lane)}::smallint[],
      ${column(rows, (row) => row.dueAt)}::bigint[], ${column(rows, (row) => row.count)}::bigint[],
      ${column(rows, (row) => row.correlation)}::text[])
    on conflict (account, task) do update set
      due_at = case when due.aspects = 0
        then greatest(excluded.due_at, due.busy_until)
        else least(due.due_at, greatest(excluded.due_at, due.busy_until)) end,
      lane = case when due.aspects = 0 then excluded.lane else least(due.lane, excluded.lane) end,
      correlation = case when due.aspects = 0 then excluded.correlation else due.correlation end,
      aspects = due.aspects | excluded.aspects,
      generation = due.generation + excluded.generation
    returning due.account)
    select pg_notify('svyazka_due', account) from (select distinct account from kept) touched`.execute(db);
}
