import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testDatabase, type TestDatabase } from '../../tests/database.ts';
import { connectKysely } from './connection.ts';
import { migrations } from './migrations/index.ts';
import { schemaOf } from './schema.ts';

/**
 * SHA-256 of each migration's file. A new migration gets a line here; a line that stands here is never changed, since
 * databases that have the migration would not get the change.
 */
const frozen: Readonly<Record<string, string>> = {
  '0001_first': 'a3f683bc01376a877cc37fcc43bc2cc1fef29e47a4cecd80b7e700a0c9ab36cd',
  '0002_account_tokens': '4abc1e4bde65705ddb7c7120223db3fe15b3abe3247d153cb75b3eb561b19336',
  '0003_change_logs': '9933bb9542abfc2b598571a5d3d85c20c30a55651baf01d600b404c79600ffa3',
  '0004_guard': 'fd2f4d5ceacdaba8ad5df6342ed8c4c0c446b9ded91e2bfd105fd1fdd17e81f3',
};

const textOf = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'migrations', `${name}.ts`), 'utf8');

/** Whatever line ends a checkout gives. */
const sumOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');

/** What is wrong with a migration's text, and what to do; undefined when it is as it was. */
const complaint = (name: string, text: string, sums = frozen): string | undefined => {
  const sum = sums[name];
  if (sum === sumOf(text)) return undefined;
  return sum === undefined
    ? `Migration ${name} is new: freeze it by the line '${name}': '${sumOf(text)}' in this test.`
    : `Migration ${name} has changed, and databases that have it will not get the change: put its text back and add a new migration.`;
};

describe('migrations are frozen', () => {
  test('the text of each is what it was when it was added', async () => {
    const complaints = await Promise.all(
      Object.keys(migrations).map(async (name) => complaint(name, await textOf(name))),
    );
    expect(complaints.filter((one) => one !== undefined)).toStrictEqual([]);
  });

  test('none that was frozen is gone', () => {
    expect(Object.keys(migrations)).toStrictEqual(Object.keys(frozen));
  });

  test('a changed one is told to be put back, a new one which line to add; line ends do not count', () => {
    const sums = { '0001_one': sumOf('a\nb\n') };
    expect(complaint('0001_one', 'a\nc\n', sums)).toMatch(/0001_one has changed.*add a new migration/);
    expect(complaint('0002_two', 'a', sums)).toContain(`'0002_two': '${sumOf('a')}'`);
    expect(complaint('0001_one', 'a\r\nb\r\n', sums)).toBeUndefined();
  });
});

describe('the schema', () => {
  let database: TestDatabase;
  let db: Kysely<unknown>;
  beforeAll(async () => {
    database = await testDatabase();
    db = connectKysely<unknown>(database.connectionString, { max: 1, name: 'schema.test' });
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  test('that all migrations make is the one in schema.sql (SVYAZKA_WRITE_SCHEMA=1 writes it)', async () => {
    const path = join(import.meta.dirname, 'schema.sql');
    const made = `-- What all migrations together make, for reading: written and compared by schema.test.ts.\n\n${await schemaOf(db)}`;
    if (process.env['SVYAZKA_WRITE_SCHEMA']) await writeFile(path, made);
    expect(made).toBe(await readFile(path, 'utf8'));
  });

  test.each([
    ['a column', 'alter table due add extra integer default 7', 'extra integer default 7'],
    ['a constraint', 'alter table due add constraint lane_known check (lane < 9)', 'lane_known'],
    ['an index', 'create index due_lane on due (lane)', 'due_lane'],
    ['how a table is stored', 'alter table journal set (fillfactor = 55)', 'fillfactor=55'],
    ['a view', 'create view waiting as select task from due', 'create view waiting'],
    [
      'a function and its trigger',
      `create function kept() returns trigger language plpgsql as 'begin return new; end';
       create trigger kept_due before update on due for each row execute function kept()`,
      'TRIGGER kept_due',
    ],
    ['a type', "create type mood as enum ('calm')", "create type mood as enum 'calm'"],
  ])('shows %s', async (_what, statement, shown) => {
    expect(await schemaOf(db)).not.toContain(shown);
    await sql`begin`.execute(db);
    try {
      await sql.raw(statement).execute(db);
      expect(await schemaOf(db)).toContain(shown);
    } finally {
      await sql`rollback`.execute(db);
    }
  });
});
