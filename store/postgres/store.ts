/** The store on PostgreSQL. Hot paths have one file each under queries/. */
import { type Kysely, sql } from 'kysely';
import {
  type AccountId,
  as,
  type Instant,
  type ItemId,
  type LocalTaskId,
  type SpaceId,
} from '../../errors/ids.ts';
import { type CrmKind } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import {
  type AccountRow,
  type Commit,
  type Committed,
  type DueTask,
  type JournalRow,
  type MappingRow,
  type RejectedHint,
  type Store,
} from '../port.ts';
import { codeOf } from './error-code.ts';
import { type Listening, listen } from './listen.ts';
import { closeChangeLog, keepChangeLog, openChangeLog } from './queries/changeLogs.ts';
import { claim } from './queries/claim.ts';
import { commit } from './queries/commit.ts';
import { openGuard, passGuard } from './queries/guard.ts';
import { loadByTask, loadItems } from './queries/load.ts';
import { markSent, selectOperations } from './queries/operations.ts';
import { defer, finish } from './queries/release.ts';
import { renew } from './queries/renew.ts';
import { freeTokens, leaseTokens, putTokens, selectTokens } from './queries/tokens.ts';
import { touch } from './queries/touch.ts';
import { aspectsOf, laneOf } from './rows.ts';

export interface PostgresStoreOptions {
  readonly db: Kysely<unknown>;
  readonly connectionString: string;
  /** Makes the salts of journal bodies. */
  readonly salt: () => string;
  readonly log: { warn(data: object, message: string): void };
}

/** Two workers that waited for each other's rows: one of them is told to try again. */
const retried = new Set(['40001', '40P01']);

export async function postgresStore({
  db,
  connectionString,
  salt,
  log,
}: PostgresStoreOptions): Promise<Store> {
  const listeners = new Set<(account: AccountId) => void>();
  const wake = (account: string): void => {
    for (const listener of listeners) listener(as<AccountId>(account));
  };
  const listening: Listening = await listen(connectionString, 'svyazka_due', wake, log);

  async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= 5 || !retried.has(codeOf(error))) throw error;
      }
    }
  }

  const inTransaction = <Result>(work: (trx: Kysely<unknown>) => Promise<Result>): Promise<Result> =>
    patiently(() => db.transaction().execute(work));

  /** A document that the database refuses must not hold up the others of its batch. */
  async function commitAll(commits: readonly Commit[]): Promise<readonly Committed[]> {
    if (commits.length === 0) return [];
    try {
      return await inTransaction((trx) => commit(trx, commits, salt));
    } catch (error) {
      if (commits.length === 1 || !isRefusal(error)) throw error;
      const [middle] = [Math.ceil(commits.length / 2)];
      const halves = [commits.slice(0, middle), commits.slice(middle)];
      const results: Committed[] = [];
      for (const half of halves) results.push(...(await commitPart(half)));
      return results;
    }
  }

  async function commitPart(commits: readonly Commit[]): Promise<readonly Committed[]> {
    try {
      return await commitAll(commits);
    } catch (error) {
      log.warn({ item: commits[0]?.item.id, err: error }, 'the database refused a change');
      return commits.map(() => ({ is: 'stale' }) as const);
    }
  }

  return {
    touch: (touches) => patiently(() => touch(db, touches)),
    claim: (account, options) => claim(db, account, options),
    renew: (claims, until) => renew(db, claims, until),
    async finish(finished) {
      for (const account of await finish(db, finished)) wake(account);
    },
    defer: (deferred) => defer(db, deferred),
    async nextDue(account, nth = 1) {
      const { rows } = await sql<{ at: number }>`
        select coalesce(claimed_until, due_at)::float8 as at from due
        where account = ${account} and (aspects <> 0 or claimed_aspects <> 0)
        order by at limit 1 offset ${nth - 1}`.execute(db);
      return rows[0]?.at ?? null;
    },
    async due(account) {
      const { rows } = await sql<{
        account: string;
        task: string;
        aspects: number;
        lane: number;
        due_at: number;
        attempts: number;
        trouble: Trouble | null;
      }>`
        select account, task, aspects | claimed_aspects as aspects, lane, due_at::float8, attempts, trouble from due
        where (aspects <> 0 or claimed_aspects <> 0) and (${account}::text is null or account = ${account})
        order by account collate "C", task collate "C"`.execute(db);
      return rows.map((row) => ({
        account: as<AccountId>(row.account),
        task: row.task as DueTask,
        aspects: aspectsOf(row.aspects),
        lane: laneOf(row.lane),
        dueAt: row.due_at,
        attempts: row.attempts,
        trouble: row.trouble,
      }));
    },
    onTouched(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    loadByTask: (refs) => loadByTask(db, refs),
    loadItems: (ids) => loadItems(db, ids),
    async listItems(space) {
      const { rows } = await sql<{ id: string }>`
        select id from items where ${space}::text is null or space = ${space} order by id collate "C"`.execute(
        db,
      );
      return rows.map((row) => as<ItemId>(row.id));
    },
    commit: commitAll,
    async stalestThreads(account, readBefore: Instant, activeSince: Instant, limit) {
      const { rows } = await sql<{ task: string }>`
        select task from replicas
        where account = ${account} and state = 'live' and task not like 'new:%'
          and coalesce(thread_read_at, 0) < ${readBefore} and coalesce(read_at, 0) >= ${activeSince}
        order by thread_read_at nulls first, item collate "C" limit ${limit}`.execute(db);
      return rows.map((row) => as<LocalTaskId>(row.task));
    },
    operationsOf: (item, limit) => selectOperations(db, { by: 'item', item, limit }),
    operationByMark: async (mark) => (await selectOperations(db, { by: 'mark', mark }))[0] ?? null,
    openOperations: (account) => selectOperations(db, { by: 'open', account }),
    markSent: (sends, at) => markSent(db, sends, at),
    journal: (space, fromSeq, limit) => selectJournal(db, space, fromSeq, limit),
    async journalBody(content) {
      const { rows } = await sql<{ salt: string; body: string }>`
        select salt, body from journal_bodies where content = ${content}`.execute(db);
      return rows[0] ?? null;
    },
    async eraseJournalBody(content) {
      await sql`delete from journal_bodies where content = ${content}`.execute(db);
    },
    async putAccount(row) {
      await sql`
        insert into accounts (account, kind, sealed, created_at)
        values (${row.account}, ${row.kind}, ${row.sealed}, ${row.createdAt})
        on conflict (account) do update set kind = excluded.kind, sealed = excluded.sealed,
          created_at = excluded.created_at`.execute(db);
    },
    async accounts() {
      const { rows } = await sql<{ account: string; kind: CrmKind; sealed: string; created_at: number }>`
        select account, kind, sealed, created_at::float8 from accounts order by account collate "C"`.execute(
        db,
      );
      return rows.map((row): AccountRow => ({
        account: as<AccountId>(row.account),
        kind: row.kind,
        sealed: row.sealed,
        createdAt: row.created_at,
      }));
    },
    tokens: (account) => selectTokens(db, account),
    putTokens: (row) => putTokens(db, row),
    leaseTokens: (account, version, now, until) => leaseTokens(db, account, version, now, until),
    freeTokens: (account, until) => freeTokens(db, account, until),
    async putMapping(row) {
      const { numAffectedRows } = await sql`
        insert into mappings (space, version, source, applied_at)
        select ${row.space}, ${row.version}::integer, ${row.source}, ${row.appliedAt}::bigint
        where ${row.version}::integer = 1 + coalesce((select max(version) from mappings where space = ${row.space}), 0)
        on conflict (space, version) do nothing`.execute(db);
      return numAffectedRows === 1n;
    },
    async latestMappings() {
      const { rows } = await sql<MappingRecord>`
        select distinct on (space collate "C") space, version, source, applied_at::float8 from mappings
        order by space collate "C", version desc`.execute(db);
      return rows.map(mappingOf);
    },
    async mapping(space, version) {
      const { rows } = await sql<MappingRecord>`
        select space, version, source, applied_at::float8 from mappings
        where space = ${space} and version = ${version}`.execute(db);
      return rows[0] ? mappingOf(rows[0]) : null;
    },
    async cursor(account, name) {
      const { rows } = await sql<{ value: string }>`
        select value from cursors where account = ${account} and name = ${name}`.execute(db);
      return rows[0]?.value ?? null;
    },
    async putCursor(account, name, value) {
      await sql`
        insert into cursors (account, name, value) values (${account}, ${name}, ${value})
        on conflict (account, name) do update set value = excluded.value`.execute(db);
    },
    openChangeLog: (reader, now, until) => openChangeLog(db, reader, now, until),
    keepChangeLog: (reader, until, cursor) => keepChangeLog(db, reader, until, cursor),
    closeChangeLog: (reader, until) => closeChangeLog(db, reader, until),
    passGuard: (space, asked, rule) => inTransaction((trx) => passGuard(trx, space, asked, rule)),
    openGuard: (space, asked, at) => inTransaction((trx) => openGuard(trx, space, asked, at)),
    async rejectHint({ account, at, why, excerpt }) {
      await sql`
        insert into rejected_hints (account, at, why, excerpt)
        values (${account}, ${at}, ${why}, ${excerpt.replaceAll('\u0000', '')})`.execute(db);
    },
    async rejectedHints(limit) {
      const { rows } = await sql<RejectedHint>`
        select account, at::float8, why, excerpt from rejected_hints order by seq desc limit ${limit}`.execute(
        db,
      );
      return rows;
    },
    async close() {
      listeners.clear();
      await listening.close();
      await db.destroy();
    },
  };
}

/** The statement itself was refused (data, constraint), as against a lost connection. */
const isRefusal = (error: unknown): boolean => /^2[23]/u.test(codeOf(error));

interface MappingRecord {
  space: string;
  version: number;
  source: string;
  applied_at: number;
}

const mappingOf = (row: MappingRecord): MappingRow => ({
  space: as<SpaceId>(row.space),
  version: row.version,
  source: row.source,
  appliedAt: row.applied_at,
});

async function selectJournal(
  db: Kysely<unknown>,
  space: SpaceId,
  fromSeq: number,
  limit: number,
): Promise<JournalRow[]> {
  const { rows } = await sql<JournalRow & { operation: string | null }>`
    select space, seq::float8, at::float8, kind, item, account, actor, operation, content, prev, hash from journal
    where space = ${space} and seq >= ${fromSeq} order by seq limit ${limit}`.execute(db);
  return rows.map(({ operation, ...row }) => (operation === null ? row : { ...row, operation }));
}
