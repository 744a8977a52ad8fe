/**
 * Where the bridge's own PostgreSQL keeps its files and whom it runs as. An ordinary user: in the data folder, as that
 * user. Root, as whom PostgreSQL refuses to run: as a system user, in the data folder if that user can enter it, else
 * in a folder below /var/lib/svyazka that `<data folder>/postgres` links to.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link as fileLink,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, type ServerUser, usableBinaries } from './binaries.ts';
import { codeOf } from './error-code.ts';

const run = promisify(execFile);

/** What root makes outside of the data folder. */
const outside = '/var/lib/svyazka';

export interface Place {
  readonly dataDir: string;
  /** PostgreSQL's own folder (its PGDATA). */
  readonly cluster: string;
  /** Undefined: the server runs as we do. */
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
}

const idOf = async (flag: '-u' | '-g', name: string): Promise<number | undefined> => {
  try {
    return Number((await run('id', [flag, name])).stdout);
  } catch {
    return undefined; // id ends with 1 for a name that it does not know
  }
};

const userNamed = async (name: string): Promise<ServerUser | undefined> => {
  const [uid, gid] = [await idOf('-u', name), await idOf('-g', name)];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
};

const makeUser = async (): Promise<ServerUser | undefined> => {
  const ways: [string, string[]][] = [
    [
      'useradd',
      ['--system', '--user-group', '--home-dir', outside, '--shell', '/usr/sbin/nologin', 'svyazka'],
    ],
    ['adduser', ['-S', '-D', '-H', '-h', outside, '-s', '/sbin/nologin', 'svyazka']],
  ];
  for (const [program, options] of ways) {
    try {
      await run(program, options);
    } catch {
      continue; // the next way, and at last `nobody`
    }
    const made = await userNamed('svyazka');
    if (made) return made;
  }
  return undefined;
};

const systemUser = async (): Promise<ServerUser> => {
  const user =
    (await userNamed('svyazka')) ??
    (await userNamed('postgres')) ??
    (await makeUser()) ??
    (await userNamed('nobody'));
  if (user) return user;
  throw new Error(
    'PostgreSQL refuses to run as root, and no system user for it could be made. ' +
      'Make one (useradd --system svyazka), run the bridge as an ordinary user, or set DATABASE_URL.',
  );
};

/** Whether that user may walk down to the folder; as owner, group or other, as the mode bits say. */
const canEnter = async (folder: string, { uid, gid }: ServerUser): Promise<boolean> => {
  for (let at = await realpath(folder); ; at = dirname(at)) {
    const facts = await stat(at);
    const bit = facts.uid === uid ? 0o100 : facts.gid === gid ? 0o010 : 0o001;
    if (!(facts.mode & bit)) return false;
    if (at === dirname(at)) return true;
  }
};

const statIfAny = async (path: string) => {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Whoever throws a temporary clone away leaves its database here. Only what belonged to a folder below the system's
 * temporary one is cleared: any other folder may be away for a while (a volume that is not mounted).
 */
const clearThrownAway = async (): Promise<void> => {
  const temporary = `${await realpath(tmpdir())}${sep}`;
  for (const name of await readdir(outside)) {
    const home = join(outside, name);
    const record = join(home, 'data-folder');
    if (!(await statIfAny(record)) || (await statIfAny(join(home, 'postgres', 'postmaster.pid')))) continue;
    const dataDir = (await readFile(record, 'utf8')).trim();
    if (dataDir.startsWith(temporary) && !(await statIfAny(dataDir)))
      await rm(home, { recursive: true, force: true });
  }
};

/** Makes a home outside and links the data folder to it; of two that race, the second uses the first's. */
const makeHomeOutside = async (dataDir: string, link: string): Promise<void> => {
  await mkdir(outside, { recursive: true });
  await chmod(outside, 0o711);
  await clearThrownAway();
  const home = join(outside, randomBytes(6).toString('hex'));
  await mkdir(home, { mode: 0o711 });
  await chmod(home, 0o711);
  await writeFile(join(home, 'data-folder'), `${dataDir}\n`);
  try {
    await symlink(join(home, 'postgres'), link);
  } catch (error) {
    await rm(home, { recursive: true });
    if (codeOf(error) !== 'EEXIST') throw error;
  }
};

/** Finds or makes the place of this data folder's PostgreSQL (the database itself is made later). */
export const findPlace = async (folder: string): Promise<Place> => {
  if (process.platform === 'win32')
    throw new Error('On Windows the bridge has no PostgreSQL of its own: set DATABASE_URL, or use WSL.');
  const root = process.getuid?.() === 0;
  const made = await mkdir(folder, { recursive: true });
  const dataDir = await realpath(folder);
  if (made !== undefined) await chmod(dataDir, root ? 0o711 : 0o700);
  const link = join(dataDir, 'postgres');
  if (!root)
    return {
      dataDir,
      cluster: await clusterBehind(link),
      user: undefined,
      binaries: await usableBinaries(undefined, dataDir),
    };

  const owner = await ownerOf(link);
  const user = owner ?? (await systemUser());
  if (!(await statIfAny(link)) && !(await canEnter(dataDir, user))) await makeHomeOutside(dataDir, link);
  const cluster = await clusterBehind(link);
  if (!(await canEnter(dirname(cluster), user)))
    throw new Error(
      `The database in ${cluster} belongs to user ${user.uid}, who can no longer enter ${dirname(cluster)}. ` +
        `Give that user the way again (chmod o+x on each folder above it).`,
    );
  return { dataDir, cluster, user, binaries: await usableBinaries(user, outside) };
};

const clusterBehind = async (link: string): Promise<string> =>
  (await statIfAny(link))?.isSymbolicLink() ? readlink(link) : link;

/** Whoever owns an existing database runs its server, whatever user would be chosen today. */
const ownerOf = async (link: string): Promise<ServerUser | undefined> => {
  try {
    const { uid, gid } = await stat(link);
    return uid === 0 ? undefined : { uid, gid };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * The database's password, made once per data folder. It is kept apart from the lock file, which people delete.
 * Throws what the file system throws.
 */
export const databasePassword = async (dataDir: string): Promise<string> => {
  const path = join(dataDir, 'postgres.password');
  if (!(await statIfAny(path))) {
    // Linked when complete: of two that race, one wins and nobody reads half a password.
    const unfinished = `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
    await writeFile(unfinished, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true });
    try {
      await fileLink(unfinished, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      await rm(unfinished);
    }
  }
  const password = (await readFile(path, 'utf8')).trim();
  if (password) return password;
  throw new Error(`${path} is empty: restore it from a backup; the database opens with no other password.`);
};

export const giveTo = async (user: ServerUser | undefined, path: string): Promise<void> => {
  if (user) await chown(path, user.uid, user.gid);
};

/**
 * Removes the database of this data folder for good, also what stands outside of it. The server must have been
 * stopped. For demos and tests.
 */
export const removeDatabase = async (dataDir: string): Promise<void> => {
  const link = join(dataDir, 'postgres');
  const cluster = await clusterBehind(link);
  await rm(cluster === link ? cluster : dirname(cluster), { recursive: true, force: true });
  await rm(link, { recursive: true, force: true });
  for (const name of ['postgres.password', 'postgres.log', 'svyazka.lock'])
    await rm(join(dataDir, name), { force: true });
};
