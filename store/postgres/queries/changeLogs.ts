import { type Kysely, sql } from 'kysely';
import { type Instant } from '../../../errors/ids.ts';

/** One statement: of readers that come at once the row's lock lets one through, the others find its lease. */
export async function openChangeLog(
  db: Kysely<unknown>,
  reader: string,
  now: Instant,
  until: Instant,
): Promise<{ readonly cursor: string | null } | null> {
  const { rows } = await sql<{ cursor: string | null }>`
    insert into change_logs as log (reader, leased_until) values (${reader}, ${until})
    on conflict (reader) do update set leased_until = excluded.leased_until where log.leased_until <= ${now}
    returning cursor`.execute(db);
  return rows[0] ?? null;
}

export async function keepChangeLog(
  db: Kysely<unknown>,
  reader: string,
  until: Instant,
  cursor: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update change_logs set cursor = ${cursor} where reader = ${reader} and leased_until = ${until}`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

export async function closeChangeLog(db: Kysely<unknown>, reader: string, until: Instant): Promise<void> {
  await sql`
    update change_logs set leased_until = 0 where reader = ${reader} and leased_until = ${until}`.execute(db);
}
