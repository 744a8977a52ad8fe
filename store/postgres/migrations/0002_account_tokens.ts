import { type Kysely, sql } from 'kysely';
import { type Migration } from '../migrate.ts';

/** Tokens that an account's CRM renews: sealed, with a version to compare and a lease for the one who renews. */
export const accountTokens: Migration = {
  breaking: false,
  async up(db: Kysely<unknown>) {
    await sql
      .raw(
        `create table account_tokens (
          account text primary key,
          version bigint not null,
          sealed text not null,
          leased_until bigint not null default 0
        )`,
      )
      .execute(db);
  },
};
