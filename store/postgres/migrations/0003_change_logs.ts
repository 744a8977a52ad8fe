import { type Kysely, sql } from 'kysely';
import { type Migration } from '../migrate.ts';

/** How far the change log of an account's acting user was read, and a lease for the one who reads it. */
export const changeLogs: Migration = {
  breaking: false,
  async up(db: Kysely<unknown>) {
    await sql
      .raw(
        `create table change_logs (
          reader text primary key,
          cursor text,
          leased_until bigint not null default 0
        )`,
      )
      .execute(db);
  },
};
