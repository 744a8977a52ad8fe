/**
 * `svyazka.lock` in the data folder tells people and tools who holds the database and where it answers. It decides one
 * thing only: a server that does not answer is stopped if the process named here is dead, and left alone if it lives.
 * Who is the one bridge of a folder is decided by a lock in the database itself (docs/decisions).
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writePrivately } from './cluster.ts';
import { processStart } from './processes.ts';

const LockFile = z.object({
  owner: z.enum(['start', 'command', 'demo']),
  pid: z.int().positive(),
  processStart: z.string(),
  database: z.object({
    host: z.string(),
    port: z.int(),
    user: z.string(),
    password: z.string(),
    postmaster: z.int(),
  }),
});
export type LockFile = z.infer<typeof LockFile>;

const pathIn = (dataDir: string): string => join(dataDir, 'svyazka.lock');

/** What the file says; undefined when it is missing or was cut off by a crash, since nothing depends on it. */
export const readLockFile = async (dataDir: string): Promise<LockFile | undefined> => {
  const text = await readIfThere(pathIn(dataDir));
  if (text === undefined) return undefined;
  try {
    return LockFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export const ownerLives = (lock: LockFile): boolean => processStart(lock.pid) === lock.processStart;

/** A bridge writes its name over a command's, never a command over a living bridge's. */
export const writeLockFile = async (dataDir: string, lock: LockFile): Promise<void> => {
  const held = await readLockFile(dataDir);
  if (held && held.pid !== lock.pid && lock.owner === 'command' && ownerLives(held)) return;
  await writePrivately(pathIn(dataDir), `${JSON.stringify(lock, null, 2)}\n`);
};

export const removeLockFile = async (dataDir: string, pid: number): Promise<void> => {
  if ((await readLockFile(dataDir))?.pid === pid) await rm(pathIn(dataDir), { force: true });
};
