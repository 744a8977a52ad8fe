import { type Kysely, sql } from 'kysely';
import { type Migration } from '../migrate.ts';

/**
 * Items whose closing or deletions were passed on, held back or let through by a person, and enough of each item to count
 * those that are open without reading documents. Rows that older code wrote count as open.
 */
export const guard: Migration = {
  breaking: false,
  async up(db: Kysely<unknown>) {
    const statements = [
      `alter table items add column state text, add column status text`,
      `create table guarded (
        space text not null,
        item text not null,
        state text not null,
        at bigint not null,
        primary key (space, item)
      )`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
