/**
 * Opens the bridge's own PostgreSQL. With DATABASE_URL set nothing of this runs.
 *
 * The server belongs to nobody: it runs detached, everyone who needs it holds a session with a shared advisory lock, and
 * the last to leave (who gets that lock alone) stops it. The locks end with their session, so a killed process leaves
 * none behind, and its orphaned server is simply used on by the next who opens the folder.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  ensureCluster,
  findPostmaster,
  type Postmaster,
  startServer,
  stopServer,
  superuser,
} from './cluster.ts';
import { codeOf } from './error-code.ts';
import { ownerLives, readLockFile, removeLockFile, writeLockFile } from './lock-file.ts';
import { databasePassword, findPlace, type Place } from './place.ts';
import { processStart } from './processes.ts';

export { removeDatabase } from './place.ts';

export type DatabaseOwner = 'start' | 'command' | 'demo';

export interface OpenDatabase {
  /** postgresql://… of the bridge's database on 127.0.0.1. Holds the password. */
  readonly connectionString: string;
  /** Whether this call started the server, rather than joining one that ran. */
  readonly owned: boolean;
  /** Leaves the database; the last to leave stops the server and waits until its process is gone. */
  release(): Promise<void>;
}

export interface OpenOptions {
  /** `start` and `demo` are the one bridge of a folder; any number of commands may join. */
  readonly owner: DatabaseOwner;
  /** Told of what was repaired or lost meanwhile; at debug also why a session ended. */
  readonly log?: {
    warn(data: object, message: string): void;
    debug(data: object, message: string): void;
  };
  /** The last to leave leaves the server running: for whoever stops it by other means (a test run). */
  readonly leaveRunning?: boolean;
  /** How long to wait for a server that does not answer before it counts as broken; 30 s unless told. */
  readonly patienceMs?: number;
}

/** Another bridge runs on this data folder. */
export class AlreadyRunning extends Error {
  readonly pid: number | undefined;
  readonly dataDir: string;
  constructor(pid: number | undefined, dataDir: string) {
    super(
      `A bridge already runs on the data folder ${dataDir} (process ${pid ?? 'unknown'}). ` +
        'Stop it first, or give this one a folder of its own with SVYAZKA_DATA_DIR.',
    );
    this.name = 'AlreadyRunning';
    this.pid = pid;
    this.dataDir = dataDir;
  }
}

const database = 'svyazka';
const lockClass = 0x5379;
/** Shared by everyone who needs the server; alone by the one who stops it. */
const inUse = 1;
/** Held by the one bridge of the folder. */
const bridge = 2;

interface Session {
  readonly client: pg.Client;
  readonly postmaster: Postmaster;
  readonly started: boolean;
}

const ask = async (client: pg.Client, sql: string, values: unknown[]): Promise<boolean> =>
  (await client.query<{ yes: boolean }>(sql, values)).rows[0]?.yes === true;

const connect = async (
  place: Place,
  port: number,
  { owner, log, patienceMs = 30_000 }: OpenOptions,
): Promise<pg.Client> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: await databasePassword(place.dataDir),
    database: 'postgres',
    application_name: `svyazka ${owner} ${process.pid}`,
    connectionTimeoutMillis: Math.min(5_000, patienceMs),
    keepAlive: true,
  });
  // A lost session is met by its 'end'; this only tells why.
  client.on('error', (error) => log?.debug({ error: error.message }, 'database session broke'));
  await client.connect();
  return client;
};

const makeDatabase = async (client: pg.Client): Promise<void> => {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (rowCount) return;
  try {
    await client.query(`create database ${database}`);
  } catch (error) {
    // Another process made it at the same moment.
    if (!['42P04', '23505'].includes(codeOf(error))) throw error;
  }
};

/** The process that holds the bridge's lock, as it named itself. */
const bridgeHolder = async (client: pg.Client): Promise<number | undefined> => {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [lockClass, bridge],
  );
  return Number(rows[0]?.name.split(' ').pop()) || undefined;
};

/** Server down or going down: look again. Anything else will not change by waiting. */
const passes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03', '53300', '08006']);

const isPassing = (error: unknown): boolean =>
  passes.has(codeOf(error)) || /timeout|terminated|connection error/i.test(String(error));

/** Leaves, and stops the server if nobody else is in. */
const leave = async (place: Place, { client, postmaster }: Session): Promise<void> => {
  try {
    await client.query('select pg_advisory_unlock_all()');
    if (await ask(client, 'select pg_try_advisory_lock($1, $2) as yes', [lockClass, inUse]))
      await stopServer(place.cluster, postmaster.pid);
  } catch (error) {
    if (!isPassing(error)) throw error; // the server is down already: whoever stopped it saw to that
  } finally {
    await client.end();
  }
};

/** A server that is just ending still holds its folder for a moment; what does not start for longer will not, ms. */
const startPatienceMs = 30_000;

/**
 * Enters the database, starting the server if none runs. Every crash of anybody at any point leaves either no server,
 * or a server without locks, and both are entered here.
 */
const enter = async (place: Place, options: OpenOptions): Promise<Session> => {
  const { owner, log, patienceMs = 30_000 } = options;
  let started = false;
  let silentSince = Date.now();
  let startingSince = Date.now();
  let reason = '';
  for (;;) {
    await ensureCluster(place);
    const postmaster = await findPostmaster(place.cluster);
    if (!postmaster) {
      const failure = await startServer(place, (await readLockFile(place.dataDir))?.database.port);
      started = failure === undefined;
      if (failure !== undefined) {
        reason = failure;
        if (Date.now() - startingSince > startPatienceMs)
          throw new Error(`PostgreSQL does not start. ${failure}`);
        await sleep(100);
      }
      continue;
    }
    startingSince = Date.now();
    if (!postmaster.ready) {
      // Starting, perhaps repairing itself after a crash, or stopping: both end by themselves.
      await sleep(30);
      continue;
    }
    let client: pg.Client | undefined;
    try {
      client = await connect(place, postmaster.port, options);
      const session = { client, postmaster, started };
      if (!(await ask(client, 'select pg_try_advisory_lock_shared($1, $2) as yes', [lockClass, inUse]))) {
        // Somebody stops the server right now.
        await client.end();
        await sleep(30);
        silentSince = Date.now();
        continue;
      }
      await settle(place, session, owner);
      return session;
    } catch (error) {
      await client?.end();
      if (!isPassing(error)) throw error;
      reason = String(error);
    }
    if (Date.now() - silentSince > patienceMs) {
      const lock = await readLockFile(place.dataDir);
      if (lock && lock.pid !== process.pid && ownerLives(lock))
        throw new Error(
          `The database of process ${lock.pid} on ${place.dataDir} does not answer (${reason}). ` +
            'Stop that process and try again.',
        );
      log?.warn({ postmaster: postmaster.pid, reason }, 'database server does not answer and is stopped');
      await stopServer(place.cluster, postmaster.pid, true);
      silentSince = Date.now();
    }
    await sleep(50);
  }
};

const settle = async (place: Place, session: Session, owner: DatabaseOwner): Promise<void> => {
  const { client, postmaster } = session;
  if (
    owner !== 'command' &&
    !(await ask(client, 'select pg_try_advisory_lock($1, $2) as yes', [lockClass, bridge]))
  ) {
    const holder = await bridgeHolder(client);
    await leave(place, session);
    throw new AlreadyRunning(holder, place.dataDir);
  }
  await makeDatabase(client);
  await writeLockFile(place.dataDir, {
    owner,
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    database: {
      host: '127.0.0.1',
      port: postmaster.port,
      user: superuser,
      password: await databasePassword(place.dataDir),
      postmaster: postmaster.pid,
    },
  });
};

/**
 * Opens the database of a data folder: makes it, starts it, joins it, or adopts what a killed process left.
 * Throws AlreadyRunning when a second bridge is to start on the folder; any other error says what to do.
 * While it is open, a server that went away is started again on the same port; pools connect anew by themselves.
 */
export const openDatabase = async (folder: string, options: OpenOptions): Promise<OpenDatabase> => {
  const place = await findPlace(folder);
  const first = await enter(place, options);
  const connectionString = `postgresql://${superuser}:${await databasePassword(place.dataDir)}@127.0.0.1:${first.postmaster.port}/${database}`;
  /** Undefined: the server could not be started again. */
  let current: Promise<Session | undefined> = Promise.resolve(first);
  let released: Promise<void> | undefined;

  const enterAgain = async (): Promise<Session | undefined> => {
    try {
      const session = await enter(place, options);
      watch(session);
      return session;
    } catch (error) {
      options.log?.warn({ error }, 'database server could not be started again');
      return undefined;
    }
  };
  const watch = ({ client }: Session): void => {
    client.once('end', () => {
      if (released) return;
      options.log?.warn({ dataDir: place.dataDir }, 'database server went away and is started again');
      current = enterAgain();
    });
  };
  watch(first);

  const release = async (): Promise<void> => {
    const session = await current;
    if (session && options.leaveRunning) await session.client.end();
    else if (session) await leave(place, session);
    await removeLockFile(place.dataDir, process.pid);
  };
  return {
    connectionString,
    owned: first.started,
    release: () => (released ??= release()),
  };
};

/** Stops whatever server runs on the folder's database, whoever uses it. For test runs, after `leaveRunning`. */
export const stopDatabase = async (folder: string): Promise<void> => {
  const { cluster } = await findPlace(folder);
  const postmaster = await findPostmaster(cluster);
  if (postmaster) await stopServer(cluster, postmaster.pid);
};
