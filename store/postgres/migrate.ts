/**
 * Brings the schema up to this code's version. Migrations are numbered and frozen; each says whether older code may
 * still run on what it makes. Any number of processes may start at once, of different versions too.
 */
import { type Kysely, sql } from 'kysely';
import { codeOf } from './error-code.ts';

export interface Migration {
  /** Whether code that does not know this migration would do harm on its schema. */
  readonly breaking: boolean;
  /** Imports nothing of the app, or its meaning would change with it. Runs in the transaction of all migrations. */
  up(db: Kysely<unknown>): Promise<void>;
}

/** By name: `0001_first`, without gaps. */
export type Migrations = Readonly<Record<string, Migration>>;

/** Newer code has changed the schema in a way that this code cannot work with. The process ends with `exitCode`. */
export class SchemaTooNew extends Error {
  readonly exitCode = 57;
  constructor(theirs: string, ours: string) {
    super(
      `The database has migration ${theirs}, which this version of the bridge (up to ${ours}) cannot work with. ` +
        'Start the newer version of the bridge, or restore a backup from before it.',
    );
    this.name = 'SchemaTooNew';
  }
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly breaking: boolean;
}

/** Named in pg_locks while somebody migrates; any number that nobody else in this database uses. */
const migrationLock = 0x5379_0001;

const ordered = (migrations: Migrations): (Migration & { number: number; name: string })[] => {
  const list = Object.entries(migrations).map(([name, { breaking, up }]) => ({
    number: Number(/^(\d{4})_[a-z0-9_]+$/.exec(name)?.[1]),
    name,
    breaking,
    up,
  }));
  list.sort((a, b) => a.number - b.number);
  list.forEach(({ number, name }, index) => {
    if (number !== index + 1)
      throw new Error(`Migration ${name} stands in place ${index + 1}: names are NNNN_words, without gaps.`);
  });
  return list;
};

const applied = async (db: Kysely<unknown>): Promise<Applied[]> =>
  (await sql<Applied>`select number, name, breaking from svyazka_migrations order by number`.execute(db))
    .rows;

/** What was applied, or nothing on a database that no migration has met yet. */
const appliedIfAny = async (db: Kysely<unknown>): Promise<Applied[]> => {
  try {
    return await applied(db);
  } catch (error) {
    if (codeOf(error) === '42P01') return [];
    throw error;
  }
};

const check = (
  found: readonly Applied[],
  ours: readonly Applied[],
  warn: (data: object, message: string) => void,
): void => {
  for (const { number, name } of found) {
    const own = ours[number - 1];
    if (own && own.name !== name)
      throw new Error(
        `The database has migration ${name} where this version has ${own.name}: it belongs to another history. ` +
          'Point DATABASE_URL at the right database.',
      );
  }
  const newer = found.slice(ours.length);
  const last = ours.at(-1)?.name ?? 'none';
  const breaking = newer.filter((migration) => migration.breaking).at(-1);
  if (breaking) throw new SchemaTooNew(breaking.name, last);
  const newest = newer.at(-1)?.name;
  if (newest) warn({ database: newest, ours: last }, 'database schema is newer, but compatible');
};

/**
 * Applies what is missing, all or nothing, and returns the names. Throws SchemaTooNew when newer code has made the
 * schema unusable for this one; warns when it is newer but compatible.
 */
export const migrate = async (
  db: Kysely<unknown>,
  migrations: Migrations,
  log: { warn(data: object, message: string): void },
): Promise<string[]> => {
  const ours = ordered(migrations);
  const warn = log.warn.bind(log);
  // Most starts find nothing to do, and need neither the lock nor a transaction.
  const seen = await appliedIfAny(db);
  if (seen.length >= ours.length) {
    check(seen, ours, warn);
    return [];
  }
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${migrationLock}::bigint)`.execute(transaction);
    await sql`create table if not exists svyazka_migrations (
      number integer primary key,
      name text not null,
      breaking boolean not null,
      applied_at timestamptz not null default now()
    )`.execute(transaction);
    const found = await applied(transaction);
    check(found, ours, warn);
    const missing = ours.slice(found.length);
    for (const { number, name, breaking, up } of missing) {
      try {
        await up(transaction);
      } catch (cause) {
        throw new Error(`Migration ${name} failed, the database is as it was: ${String(cause)}`, { cause });
      }
      await sql`insert into svyazka_migrations (number, name, breaking) values (${number}, ${name}, ${breaking})`.execute(
        transaction,
      );
    }
    return missing.map(({ name }) => name);
  });
};
