import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { testDatabase, type TestDatabase } from '../../tests/database.ts';
import { connectKysely } from './connection.ts';
import { migrate, type Migrations, SchemaTooNew } from './migrate.ts';
import { migrations } from './migrations/index.ts';

let database: TestDatabase;
const open: Kysely<unknown>[] = [];
const warnings: string[] = [];
const log = { warn: (_data: object, message: string) => void warnings.push(message) };

beforeAll(async () => {
  database = await testDatabase();
  // The template's own migrations are not what these tests are about.
  await sql`drop schema public cascade; create schema public`.execute(connect());
});
afterAll(() => database.drop());
afterEach(async () => {
  await sql`drop schema public cascade; create schema public`.execute(connect());
  for (const db of open.splice(0)) await db.destroy();
  warnings.length = 0;
});

const connect = (): Kysely<unknown> => {
  const db = connectKysely<unknown>(database.connectionString, { max: 1, name: 'migrate.test' });
  open.push(db);
  return db;
};
const tables = async (): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename like 'toy%' order by 1`.execute(
    connect(),
  );
  return rows.map(({ name }) => name);
};
const making = (table: string, breaking = false) => ({
  breaking,
  up: async (db: Kysely<unknown>) => {
    await db.schema.createTable(table).addColumn('id', 'integer').execute();
  },
});

describe('migrations', () => {
  const two: Migrations = { '0001_one': making('toy_one'), '0002_two': making('toy_two') };

  test('are applied once, in order, and what came later is added', async () => {
    expect(await migrate(connect(), { '0001_one': making('toy_one') }, log)).toStrictEqual(['0001_one']);
    expect(await migrate(connect(), two, log)).toStrictEqual(['0002_two']);
    expect(await migrate(connect(), two, log)).toStrictEqual([]);
    expect(await tables()).toStrictEqual(['toy_one', 'toy_two']);
  });

  test('twenty processes that start at once all succeed, and each migration ran once', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => migrate(connect(), two, log)));
    expect(results.flat().sort()).toStrictEqual(['0001_one', '0002_two']);
  });

  test('one that fails leaves the database as it was, and says its name', async () => {
    const broken: Migrations = {
      '0001_one': making('toy_one'),
      '0002_broken': { breaking: false, up: () => Promise.reject(new Error('no')) },
    };
    await expect(migrate(connect(), broken, log)).rejects.toThrow('0002_broken');
    expect(await tables()).toStrictEqual([]);
  });

  test('a newer breaking schema refuses older code, with an exit code of its own and both names', async () => {
    await migrate(connect(), { ...two, '0003_three': making('toy_three', true) }, log);
    const refused = await migrate(connect(), two, log).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SchemaTooNew);
    expect(refused).toMatchObject({ exitCode: 57 });
    expect(String(refused)).toMatch(/0003_three.*0002_two/);
  });

  test('a newer compatible schema is only warned of', async () => {
    await migrate(connect(), { ...two, '0003_three': making('toy_three') }, log);
    expect(await migrate(connect(), two, log)).toStrictEqual([]);
    expect(warnings).toStrictEqual(['database schema is newer, but compatible']);
  });

  test('a database of another history is refused', async () => {
    await migrate(connect(), { '0001_other': making('toy_other') }, log);
    await expect(migrate(connect(), two, log)).rejects.toThrow('0001_other where this version has 0001_one');
  });

  test('a gap in the numbers is refused before anything runs', async () => {
    await expect(migrate(connect(), { '0002_two': making('toy_two') }, log)).rejects.toThrow('0002_two');
  });
});

test('every file of the folder stands in the list', async () => {
  const files = (await readdir(join(import.meta.dirname, 'migrations'))).filter((file) => /^\d/.test(file));
  expect(Object.keys(migrations).sort()).toStrictEqual(
    files
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => file.replace('.ts', ''))
      .sort(),
  );
});
