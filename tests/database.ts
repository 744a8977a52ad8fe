/**
 * A database of its own for each test file, cloned from a migrated template. One PostgreSQL serves a whole run of jest:
 * started by the first test that needs it, stopped by `database-teardown.mjs`. With TEST_DATABASE_URL set (a user who
 * may create databases) that server is used instead.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { connectKysely } from '../store/postgres/connection.ts';
import { migrate } from '../store/postgres/migrate.ts';
import { migrations } from '../store/postgres/migrations/index.ts';
import { openDatabase } from '../store/postgres/server.ts';

export interface TestDatabase {
  readonly connectionString: string;
  /** Throws when a test has left connections to it open. */
  drop(): Promise<void>;
}

const templateLock = 0x5379_0002;

const server = async (): Promise<{ url: string; leave(): Promise<void> }> => {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, leave: () => Promise.resolve() };
  const folder = process.env['SVYAZKA_TEST_SERVER'];
  if (!folder) throw new Error('testDatabase() works inside of a jest run (tests/database-setup.mjs)');
  const { connectionString, release } = await openDatabase(folder, { owner: 'command', leaveRunning: true });
  return { url: connectionString, leave: release };
};

const inDatabase = (url: string, name: string): string => {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
};

const withClient = async <Result>(
  url: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

/** Named after what the migrations say, so that a changed one gets a template of its own. */
const templateName = async (): Promise<string> => {
  const folder = join(import.meta.dirname, '../store/postgres/migrations');
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort())
    if (file.endsWith('.ts')) hash.update(await readFile(join(folder, file)));
  return `svyazka_template_${hash.digest('hex').slice(0, 12)}`;
};

const makeTemplate = async (client: pg.Client, url: string, name: string): Promise<void> => {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount) return;
  // Under another name until it is complete: a run that was stopped half-way leaves no half template.
  const unfinished = `${name}_new`;
  await client.query(`drop database if exists ${unfinished}`);
  await client.query(`create database ${unfinished}`);
  const db = connectKysely<unknown>(inDatabase(url, unfinished), { max: 1, name: 'svyazka tests' });
  try {
    await migrate(db, migrations, { warn: () => undefined });
  } finally {
    await db.destroy();
  }
  await client.query(`alter database ${unfinished} rename to ${name}`);
};

const clone = (url: string): Promise<string> =>
  withClient(inDatabase(url, 'postgres'), async (client) => {
    // One at a time: PostgreSQL refuses to copy a template that somebody is just copying.
    await client.query('select pg_advisory_lock($1::bigint)', [templateLock]);
    const template = await templateName();
    await makeTemplate(client, url, template);
    const name = `svyazka_test_${randomBytes(6).toString('hex')}`;
    await client.query(`create database ${name} template ${template} strategy wal_log`);
    return name;
  });

/** A fresh, migrated database. Call `drop()` when the file's tests are done. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const { url, leave } = await server();
  const name = await clone(url).finally(leave);
  return {
    connectionString: inDatabase(url, name),
    drop: () =>
      withClient(inDatabase(url, 'postgres'), async (client) => {
        try {
          await client.query(`drop database ${name}`);
        } catch (cause) {
          const { rows } = await client.query(
            'select application_name, state, query from pg_stat_activity where datname = $1',
            [name],
          );
          throw new Error(`connections left open: ${JSON.stringify(rows)}`, { cause });
        }
      }),
  };
};
