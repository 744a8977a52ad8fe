import { type Kysely, sql } from 'kysely';
import { type SpaceId } from '../../../errors/ids.ts';
import { chain, firstPrev } from '../../journal.ts';
import { type Commit, type Committed, type JournalEntry } from '../../port.ts';
import { column, leaseKey } from '../rows.ts';
import { putOperations } from './operations.ts';
import { touch } from './touch.ts';

/**
 * Keeps many items' changes in one transaction. An item whose version moved, or whose lease went to another worker, is
 * `stale` and leaves no trace. Locks are taken in one order: items, replicas, operations, the journal's head, marks.
 */
export async function commit(
  db: Kysely<unknown>,
  commits: readonly Commit[],
  salt: () => string,
): Promise<Committed[]> {
  const results = new Map<Commit, Committed>();
  const held = await heldLeases(db, commits);
  const seen = new Set<string>();
  const candidates = commits.filter((one) => {
    // Two changes of one item in one batch rest on the same version: the second is stale.
    const twice = seen.has(one.item.id);
    seen.add(one.item.id);
    return !twice && (one.claim === null || held.has(leaseKey(one.claim)));
  });
  const kept = await putItems(db, candidates);
  const fresh = candidates.filter((one) => kept.has(one.item.id));
  for (const one of fresh) results.set(one, { is: 'done', version: one.version + 1 });
  await putReplicas(db, fresh);
  await putOperations(
    db,
    fresh.flatMap((one) => one.operations),
  );
  const spaces = new Map<SpaceId, JournalEntry[]>();
  for (const one of fresh)
    if (one.journal.length > 0) spaces.set(one.space, [...(spaces.get(one.space) ?? []), ...one.journal]);
  for (const [space, entries] of [...spaces].sort(([a], [b]) => (a < b ? -1 : 1)))
    await appendJournal(db, space, entries, salt);
  await touch(
    db,
    fresh.flatMap((one) => one.touches),
  );
  return commits.map((one) => results.get(one) ?? { is: 'stale' });
}

async function heldLeases(db: Kysely<unknown>, commits: readonly Commit[]): Promise<Set<string>> {
  const claims = commits.flatMap((one) => one.claim ?? []);
  if (claims.length === 0) return new Set();
  const { rows } = await sql<{ account: string; task: string; epoch: number }>`
    select due.account, due.task, due.epoch::float8 from due
    join unnest(${column(claims, (one) => one.account)}::text[], ${column(claims, (one) => one.task)}::text[],
      ${column(claims, (one) => one.epoch)}::bigint[]) as mine(account, task, epoch)
      on due.account = mine.account and due.task = mine.task and due.epoch = mine.epoch
    where due.claimed_until is not null`.execute(db);
  return new Set(rows.map(leaseKey));
}

async function putItems(db: Kysely<unknown>, commits: readonly Commit[]): Promise<Set<string>> {
  if (commits.length === 0) return new Set();
  const sorted = [...commits].sort((a, b) => (a.item.id < b.item.id ? -1 : 1));
  const made = sorted.filter((one) => one.version === 0);
  const moved = sorted.filter((one) => one.version !== 0);
  const kept = new Set<string>();
  if (made.length > 0) {
    const { rows } = await sql<{ id: string }>`
      insert into items (id, space, version, doc, state, status)
      select id, space, 1, doc::json, state, status from unnest(
        ${column(made, (one) => one.item.id)}::text[], ${column(made, (one) => one.space)}::text[],
        ${column(made, (one) => JSON.stringify(one.item))}::text[],
        ${column(made, (one) => one.item.state)}::text[],
        ${column(made, statusOf)}::text[]) as given(id, space, doc, state, status)
      on conflict (id) do nothing returning id`.execute(db);
    for (const { id } of rows) kept.add(id);
  }
  if (moved.length > 0) {
    const { rows } = await sql<{ id: string }>`
      with given as (
        select * from unnest(${column(moved, (one) => one.item.id)}::text[],
          ${column(moved, (one) => one.version)}::bigint[],
          ${column(moved, (one) => JSON.stringify(one.item))}::text[],
          ${column(moved, (one) => one.item.state)}::text[],
          ${column(moved, statusOf)}::text[]) as given(id, version, doc, state, status)
      ), locked as (
        select items.id, given.doc, given.state, given.status from items join given on items.id = given.id and items.version = given.version
        order by items.id for update of items
      )
      update items set version = items.version + 1, doc = locked.doc::json, state = locked.state,
        status = locked.status
      from locked where items.id = locked.id returning items.id`.execute(db);
    for (const { id } of rows) kept.add(id);
  }
  return kept;
}

const statusOf = ({ item }: Commit): string | null => item.fields.status?.value ?? null;

async function putReplicas(db: Kysely<unknown>, commits: readonly Commit[]): Promise<void> {
  const rows = commits
    .flatMap((one) => [...new Map(one.replicas.map((replica) => [replica.account, replica])).values()])
    .sort((a, b) => (a.item === b.item ? (a.account < b.account ? -1 : 1) : a.item < b.item ? -1 : 1));
  if (rows.length === 0) return;
  await sql`
    insert into replicas (item, account, task, state, read_at, thread_read_at, doc)
    select item, account, task, state, read_at, thread_read_at, doc::json from unnest(
      ${column(rows, (row) => row.item)}::text[], ${column(rows, (row) => row.account)}::text[],
      ${column(rows, (row) => row.task ?? `new:${row.item}`)}::text[], ${column(rows, (row) => row.state)}::text[],
      ${column(rows, (row) => row.readAt)}::bigint[], ${column(rows, (row) => row.threadReadAt)}::bigint[],
      ${column(rows, (row) => JSON.stringify(row))}::text[])
      as given(item, account, task, state, read_at, thread_read_at, doc)
    on conflict (item, account) do update set
      task = excluded.task, state = excluded.state, read_at = excluded.read_at,
      thread_read_at = excluded.thread_read_at, doc = excluded.doc`.execute(db);
}

/** Numbers and hashes are given under the lock of the space's head, so that the chain has no gap and no fork. */
async function appendJournal(
  db: Kysely<unknown>,
  space: SpaceId,
  entries: readonly JournalEntry[],
  salt: () => string,
): Promise<void> {
  const { rows } = await sql<{ seq: number; hash: string }>`
    insert into journal_heads (space, seq, hash) values (${space}, 0, ${firstPrev})
    on conflict (space) do update set space = excluded.space
    returning seq::float8, hash`.execute(db);
  const head = rows[0] ?? { seq: 0, hash: firstPrev };
  const chained = chain(space, head, entries, salt);
  const last = chained.at(-1);
  if (!last) return;
  await sql`
    with bodies as (
      insert into journal_bodies (content, salt, body)
      select * from unnest(${column(chained, ({ row }) => row.content)}::text[],
        ${column(chained, (one) => one.salt)}::text[],
        ${column(chained, (one) => withoutNul(one.body))}::text[])
      on conflict (content) do nothing
    )
    insert into journal (space, seq, at, kind, item, account, actor, operation, content, prev, hash)
    select ${space}, * from unnest(
      ${column(chained, ({ row }) => row.seq)}::bigint[], ${column(chained, ({ row }) => row.at)}::bigint[],
      ${column(chained, ({ row }) => row.kind)}::text[], ${column(chained, ({ row }) => row.item)}::text[],
      ${column(chained, ({ row }) => row.account)}::text[], ${column(chained, ({ row }) => row.actor)}::text[],
      ${column(chained, ({ row }) => row.operation ?? null)}::text[],
      ${column(chained, ({ row }) => row.content)}::text[], ${column(chained, ({ row }) => row.prev)}::text[],
      ${column(chained, ({ row }) => row.hash)}::text[])`.execute(db);
  await sql`update journal_heads set seq = ${last.row.seq}, hash = ${last.row.hash} where space = ${space}`.execute(
    db,
  );
}

/** Bodies are JSON texts, in which NUL stands escaped; a raw one would be refused by the column. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\\u0000');
