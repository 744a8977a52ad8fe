import { type Kysely, sql } from 'kysely';
import { type Migration } from '../migrate.ts';

/**
 * Documents are `json`, not `jsonb`: they are read whole, and texts of CRMs may hold what `jsonb` refuses (NUL).
 * Times are milliseconds since 1970 in `bigint`.
 */
export const first: Migration = {
  breaking: true,
  async up(db: Kysely<unknown>) {
    const statements = [
      `create table accounts (
        account text primary key,
        kind text not null,
        sealed text not null,
        created_at bigint not null
      )`,
      `create table mappings (
        space text not null,
        version integer not null,
        source text not null,
        applied_at bigint not null,
        primary key (space, version)
      )`,
      `create table due (
        account text not null,
        task text not null,
        aspects smallint not null,
        claimed_aspects smallint not null default 0,
        lane smallint not null,
        due_at bigint not null,
        busy_until bigint not null default 0,
        generation bigint not null,
        epoch bigint not null default 0,
        claimed_until bigint,
        attempts integer not null default 0,
        trouble json,
        correlation text not null,
        primary key (account, task)
      ) with (fillfactor = 70)`,
      `create index due_waiting on due (account, due_at) where aspects <> 0 or claimed_aspects <> 0`,
      `create table items (
        id text primary key,
        space text not null,
        version bigint not null,
        doc json not null
      ) with (fillfactor = 70)`,
      `create index items_space on items (space)`,
      `create table replicas (
        item text not null references items (id),
        account text not null,
        task text not null,
        state text not null,
        read_at bigint,
        thread_read_at bigint,
        doc json not null,
        primary key (item, account)
      ) with (fillfactor = 70)`,
      `create index replicas_task on replicas (account, task)`,
      `create index replicas_thread on replicas (account, thread_read_at nulls first) where state = 'live'`,
      `create table operations (
        seq bigint generated always as identity,
        id text primary key,
        item text not null,
        account text not null,
        task text not null,
        mark text,
        planned json not null,
        state text not null,
        attempts integer not null,
        not_before bigint,
        outcome json,
        mapping_version integer not null,
        correlation text not null,
        created_at bigint not null,
        updated_at bigint not null
      ) with (fillfactor = 70)`,
      `create index operations_item on operations (item, seq)`,
      `create index operations_open on operations (item) where state in ('intended', 'sent', 'queued', 'unknown')`,
      `create index operations_mark on operations (mark) where mark is not null`,
      `create table journal_heads (
        space text primary key,
        seq bigint not null,
        hash text not null
      )`,
      `create table journal (
        space text not null,
        seq bigint not null,
        at bigint not null,
        kind text not null,
        item text not null,
        account text not null,
        actor text not null,
        operation text,
        content text not null,
        prev text not null,
        hash text not null,
        primary key (space, seq)
      )`,
      `create table journal_bodies (
        content text primary key,
        salt text not null,
        body text not null
      )`,
      `create table cursors (
        account text not null,
        name text not null,
        value text not null,
        primary key (account, name)
      )`,
      `create table rejected_hints (
        seq bigint generated always as identity primary key,
        account text not null,
        at bigint not null,
        why text not null,
        excerpt text not null
      )`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
