/** One PostgreSQL server of our own: its folder made by initdb, started detached, found again, stopped. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverEnvironment } from './binaries.ts';
import { codeOf } from './error-code.ts';
import { databasePassword, giveTo, type Place } from './place.ts';
import { processCommand, processStart } from './processes.ts';

const run = promisify(execFile);

export const superuser = 'svyazka';
const major = '18';
const logBytesMax = 4_000_000;

/** What the server itself wrote down about its run (postmaster.pid). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Makes the cluster's folder if it is not there. Two processes may do so at once: the first to finish wins. */
export const ensureCluster = async (place: Place): Promise<void> => {
  const { cluster, user, binaries } = place;
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
    if (found === major) return;
    throw new Error(
      `The database in ${cluster} was made by PostgreSQL ${found}; this version of the bridge brings ${major}. ` +
        `Move it with pg_dump from the older version of the bridge, or start with an empty data folder.`,
    );
  }
  const parent = dirname(cluster);
  await removeUnfinished(parent, `${basename(cluster)}.new-`);
  const unfinished = `${cluster}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await giveTo(user, unfinished);
    await writeFile(passwordFile, `${await databasePassword(place.dataDir)}\n`, { mode: 0o600 });
    await giveTo(user, passwordFile);
    await run(
      binaries.initdb,
      [
        ...['-D', unfinished, '-U', superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ],
      { ...user, cwd: '/', env: serverEnvironment },
    );
    await rename(unfinished, cluster);
  } catch (error) {
    if (!existsSync(join(cluster, 'PG_VERSION')))
      throw new Error(`PostgreSQL's initdb could not make ${cluster}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
};

const removeUnfinished = async (parent: string, prefix: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (!Number.isNaN(pid) && processStart(pid) === undefined)
      await rm(join(parent, name), { recursive: true, force: true });
  }
};

/** The server that runs on this cluster, starting or started; undefined when none does. */
export const findPostmaster = async (cluster: string): Promise<Postmaster | undefined> => {
  const path = join(cluster, 'postmaster.pid');
  const [pid, , , port, , , , status] = (await readIfThere(path))?.split('\n') ?? [];
  const id = Number(pid);
  if (!id || processStart(id) === undefined) return undefined;
  if (processCommand(id) === 'postgres')
    return { pid: id, port: Number(port) || 0, ready: status?.trim() === 'ready' };
  // After a restart of the machine the pid may be anybody's, and PostgreSQL would believe that its server still runs.
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    // Somebody else cleared it first; anything else would keep the folder closed without a word.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await rm(aside, { force: true });
  return undefined;
};

const freePort = async (wanted: number | undefined): Promise<number> => {
  const probe = createServer();
  probe.listen(wanted ?? 0, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if (wanted !== undefined) return freePort(undefined);
    throw error;
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
};

/**
 * Starts the server, in a session of its own so that neither Ctrl-C nor our end reaches it. Resolves when it answers
 * or has ended: whoever calls looks again with `findPostmaster`, since another process may have been faster.
 * `port`: the one that it had before, taken again if it is free, so that open pools find it.
 * Returns the reason when it ended.
 */
export const startServer = async (place: Place, port: number | undefined): Promise<string | undefined> => {
  const { cluster, user, binaries, dataDir } = place;
  const logPath = join(dataDir, 'postgres.log');
  if (existsSync(logPath) && (await stat(logPath)).size > logBytesMax) await rename(logPath, `${logPath}.1`);
  const log = await open(logPath, 'a', 0o600);
  const logged = (await log.stat()).size;
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(await freePort(port)),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    jit: 'off',
    cluster_name: 'svyazka',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(binaries.postgres, ['-D', cluster, ...options], {
    ...user,
    cwd: '/',
    env: serverEnvironment,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended = false;
  const failed = new Promise<string>((resolve) => {
    server.once('error', (error) => {
      ended = true;
      resolve(error.message);
    });
    server.once('exit', (code, signal) => {
      ended = true;
      resolve(`postgres ended with ${signal ?? code}`);
    });
  });
  server.unref();
  await log.close();
  const isReady = async (): Promise<undefined> => {
    while (!ended) {
      const found = await findPostmaster(cluster);
      if (found && found.pid === server.pid && found.ready) return undefined;
      await sleep(20);
    }
  };
  const reason = await Promise.race([failed, isReady()]);
  if (reason === undefined) return undefined;
  const tail = (await readFile(logPath)).subarray(logged).toString('utf8').trim();
  return `${reason}. From ${logPath}: ${tail.slice(-800)}`;
};

const isGone = (pid: number): boolean =>
  processStart(pid) === undefined || processCommand(pid) !== 'postgres';

const goneWithin = async (pid: number, ms: number): Promise<boolean> => {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(20)) if (isGone(pid)) return true;
  return isGone(pid);
};

/**
 * Stops the server as `pg_ctl stop -m fast` does, and firmer if it does not end (`broken`: at once firmer): the journal
 * of PostgreSQL makes each of them safe for the data. Resolves when its process is gone.
 */
export const stopServer = async (cluster: string, pid: number, broken = false): Promise<void> => {
  const firmer = [
    ['SIGQUIT', 3_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, ms] of broken ? firmer : [['SIGINT', 60_000] as const, ...firmer]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
    if (await goneWithin(pid, ms)) return;
  }
  throw new Error(`The database server ${pid} on ${cluster} cannot be stopped: end it by hand.`);
};

/** Only its owner may read it, whatever the umask. */
export const writePrivately = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await chmod(unfinished, 0o600);
  await rename(unfinished, path);
};

/** A file's text; undefined when there is none. What is there and can't be read is an error, not an absence. */
export const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};
