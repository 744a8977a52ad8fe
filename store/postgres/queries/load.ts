import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type AccountId } from '../../../errors/ids.ts';
import { type Item } from '../../../sync/core/item.ts';
import { type Replica } from '../../../sync/core/replica.ts';
import { type DueTask, type LoadedItem, type OperationRow } from '../../port.ts';
import { column } from '../rows.ts';
import { operationColumns, operationOf, type OperationRecord } from './operations.ts';

export async function loadByTask(
  db: Kysely<unknown>,
  refs: readonly { readonly account: AccountId; readonly task: DueTask }[],
): Promise<LoadedItem[]> {
  if (refs.length === 0) return [];
  return load(
    db,
    sql`select replicas.item from replicas
      join unnest(${column(refs, (ref) => ref.account)}::text[], ${column(refs, (ref) => ref.task)}::text[])
        as wanted(account, task) using (account, task)`,
  );
}

export async function loadItems(db: Kysely<unknown>, ids: readonly string[]): Promise<LoadedItem[]> {
  if (ids.length === 0) return [];
  return load(db, sql`select unnest(${[...ids]}::text[])`);
}

/** Items with their replicas and their operations without a known end, as of one moment. */
async function load(db: Kysely<unknown>, ids: RawBuilder<unknown>): Promise<LoadedItem[]> {
  const { rows } = await sql<{
    version: number;
    item: Item;
    replicas: Replica[] | null;
    open: OperationRecord[] | null;
  }>`
    select items.version::float8 as version, items.doc as item,
      (select json_agg(replicas.doc order by replicas.account) from replicas where replicas.item = items.id) as replicas,
      (select json_agg(row_to_json(open) order by open.seq) from (
        select ${sql.raw(operationColumns)}, seq from operations
        where operations.item = items.id and state in ('intended', 'sent', 'queued', 'unknown')) open) as open
    from items where items.id in (${ids}) order by items.id`.execute(db);
  return rows.map(({ version, item, replicas, open }) => ({
    item,
    version,
    replicas: [...(replicas ?? [])].sort((a, b) => (a.account < b.account ? -1 : 1)),
    open: (open ?? []).map((row): OperationRow => operationOf(row)),
  }));
}
