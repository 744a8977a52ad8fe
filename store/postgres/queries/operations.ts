import { type Kysely, sql } from 'kysely';
import {
  type AccountId,
  as,
  type Instant,
  type ItemId,
  type Mark,
  type OperationId,
} from '../../../errors/ids.ts';
import { type OperationState, type Outcome, type PlannedOperation } from '../../../sync/core/operation.ts';
import { type DueTask, type OperationRow, type Send } from '../../port.ts';
import { column } from '../rows.ts';

export interface OperationRecord {
  id: string;
  item: string;
  account: string;
  task: string;
  mark: string | null;
  planned: PlannedOperation;
  state: OperationState;
  attempts: number;
  not_before: number | null;
  outcome: Outcome | null;
  mapping_version: number;
  correlation: string;
  created_at: number;
  updated_at: number;
}

export const operationColumns =
  'id, item, account, task, mark, planned, state, attempts, not_before::float8, outcome, mapping_version, ' +
  'correlation, created_at::float8, updated_at::float8';

export const operationOf = (row: OperationRecord): OperationRow => ({
  id: as<OperationId>(row.id),
  item: as<ItemId>(row.item),
  account: as<AccountId>(row.account),
  task: row.task as DueTask,
  mark: row.mark === null ? null : as<Mark>(row.mark),
  planned: row.planned,
  state: row.state,
  attempts: row.attempts,
  notBefore: row.not_before,
  outcome: row.outcome,
  mappingVersion: row.mapping_version,
  correlation: row.correlation,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Inserts operations, or brings those that are there to their new state. */
export async function putOperations(db: Kysely<unknown>, given: readonly OperationRow[]): Promise<void> {
  // Of one operation named twice in a batch the last state counts.
  const rows = [...new Map(given.map((row) => [row.id, row])).values()];
  if (rows.length === 0) return;
  await sql`
    insert into operations (id, item, account, task, mark, planned, state, attempts, not_before, outcome,
      mapping_version, correlation, created_at, updated_at)
    select id, item, account, task, mark, planned::json, state, attempts, not_before, outcome::json, mapping_version,
      correlation, created_at, updated_at
    from unnest(
      ${column(rows, (row) => row.id)}::text[], ${column(rows, (row) => row.item)}::text[],
      ${column(rows, (row) => row.account)}::text[], ${column(rows, (row) => row.task)}::text[],
      ${column(rows, (row) => row.mark)}::text[], ${column(rows, (row) => JSON.stringify(row.planned))}::text[],
      ${column(rows, (row) => row.state)}::text[], ${column(rows, (row) => row.attempts)}::integer[],
      ${column(rows, (row) => row.notBefore)}::bigint[],
      ${column(rows, (row) => (row.outcome === null ? null : JSON.stringify(row.outcome)))}::text[],
      ${column(rows, (row) => row.mappingVersion)}::integer[], ${column(rows, (row) => row.correlation)}::text[],
      ${column(rows, (row) => row.createdAt)}::bigint[], ${column(rows, (row) => row.updatedAt)}::bigint[])
      with ordinality as given(id, item, account, task, mark, planned, state, attempts, not_before, outcome,
        mapping_version, correlation, created_at, updated_at, place)
    order by place
    on conflict (id) do update set
      state = excluded.state, attempts = excluded.attempts, not_before = excluded.not_before,
      outcome = excluded.outcome, task = excluded.task, updated_at = excluded.updated_at`.execute(db);
}

/** The leases are locked until the marks stand: nobody takes one over in between. */
export async function markSent(
  db: Kysely<unknown>,
  sends: readonly Send[],
  at: Instant,
): Promise<Set<OperationId>> {
  if (sends.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    with given as (
      select * from unnest(
        ${column(sends, ({ id }) => id)}::text[], ${column(sends, ({ claim }) => claim.account)}::text[],
        ${column(sends, ({ claim }) => claim.task)}::text[], ${column(sends, ({ claim }) => claim.epoch)}::bigint[])
        as given(id, account, task, epoch)
    ), held as (
      select due.account, due.task, due.epoch from due
      where due.claimed_until is not null
        and (due.account, due.task, due.epoch) in (select account, task, epoch from given)
      order by due.account, due.task
      for share
    )
    update operations set state = 'sent', attempts = operations.attempts + 1, updated_at = ${at}
    from given join held using (account, task, epoch)
    where operations.id = given.id and operations.state = 'intended'
    returning operations.id`.execute(db);
  return new Set(rows.map(({ id }) => as<OperationId>(id)));
}

export async function selectOperations(
  db: Kysely<unknown>,
  which:
    | { readonly by: 'item'; readonly item: ItemId; readonly limit: number }
    | { readonly by: 'mark'; readonly mark: Mark }
    | { readonly by: 'open'; readonly account: AccountId | null },
): Promise<OperationRow[]> {
  const columns = sql.raw(operationColumns);
  const query =
    which.by === 'item'
      ? sql<OperationRecord>`
          select ${columns} from operations where item = ${which.item} order by seq desc limit ${which.limit}`
      : which.by === 'mark'
        ? sql<OperationRecord>`select ${columns} from operations where mark = ${which.mark} order by seq desc limit 1`
        : sql<OperationRecord>`
            select ${columns} from operations where state in ('intended', 'sent', 'queued', 'unknown')
              and (${which.account}::text is null or account = ${which.account}) order by seq`;
  return (await query.execute(db)).rows.map(operationOf);
}
