import { type Kysely, sql } from 'kysely';
import { as, type Instant, type ItemId, type SpaceId } from '../../../errors/ids.ts';
import { decideGuard, type Guarded, type GuardState } from '../../guard.ts';
import { type GuardRule } from '../../port.ts';
import { column } from '../rows.ts';

/** In a transaction: until it ends nobody else decides for this space. */
async function lockSpace(db: Kysely<unknown>, space: SpaceId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`guard ${space}`}))`.execute(db);
}

export async function passGuard(
  db: Kysely<unknown>,
  space: SpaceId,
  asked: readonly ItemId[],
  rule: GuardRule,
): Promise<ReadonlySet<ItemId>> {
  await lockSpace(db, space);
  const { rows } = await sql<{ item: string; state: GuardState; at: number }>`
    select item, state, at::float8 from guarded
    where space = ${space} and (item = any(${asked}::text[]) or (state = 'passed' and at > ${rule.since}))`.execute(
    db,
  );
  const known = new Map(rows.map(({ item, state, at }): [string, Guarded] => [item, { state, at }]));
  const went = new Set(
    rows.flatMap(({ item, state, at }) => (state === 'passed' && at > rule.since ? [as<ItemId>(item)] : [])),
  );
  return decideGuard(asked, rule, {
    stateOf: (item) => known.get(item),
    went,
    open: async (also) => {
      const counted = await sql<{ open: number }>`
        select count(*)::float8 as open from items
        where space = ${space} and (id = any(${[...also]}::text[])
          or (state is distinct from 'parted' and (status is null or status <> all(${rule.final}::text[]))))`.execute(
        db,
      );
      return counted.rows[0]?.open ?? 0;
    },
    keep: async (decided) => {
      const entries = [...decided];
      await sql`
        insert into guarded (space, item, state, at)
        select ${space}, item, state, ${rule.now}::bigint from unnest(
          ${column(entries, ([item]) => item)}::text[], ${column(entries, ([, state]) => state)}::text[])
          as given(item, state)
        on conflict (space, item) do update set state = excluded.state, at = excluded.at`.execute(db);
    },
  });
}

export async function openGuard(
  db: Kysely<unknown>,
  space: SpaceId,
  asked: readonly ItemId[] | null,
  at: Instant,
): Promise<readonly ItemId[]> {
  await lockSpace(db, space);
  const { rows } = await sql<{ item: string }>`
    update guarded set state = 'allowed', at = ${at}
    where space = ${space} and state = 'held' and (${asked}::text[] is null or item = any(${asked}::text[]))
    returning item`.execute(db);
  if (asked === null)
    await sql`
      update guarded set state = 'allowed', at = ${at} where space = ${space} and state = 'passed'`.execute(
      db,
    );
  return rows.map(({ item }) => as<ItemId>(item)).sort();
}
