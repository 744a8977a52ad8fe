import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostmaster } from './cluster.ts';
import { readLockFile } from './lock-file.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'svyazka-lock-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder in the place of a file can't be read by anybody, root included, as a file of another user can't. */
function folderWith(file: string): string {
  const made = mkdtempSync(join(folder, 'data-'));
  mkdirSync(join(made, file));
  return made;
}

describe('Who holds the database', () => {
  test('is nobody while no file says so, or while the file was cut off', async () => {
    const empty = mkdtempSync(join(folder, 'data-'));
    expect(await readLockFile(empty)).toBeUndefined();
    expect(await findPostmaster(empty)).toBeUndefined();
    writeFileSync(join(empty, 'svyazka.lock'), '{"owner":"sta');
    expect(await readLockFile(empty)).toBeUndefined();
  });

  test('is not taken for nobody when the file is there and can not be read', async () => {
    await expect(readLockFile(folderWith('svyazka.lock'))).rejects.toThrow('EISDIR');
    await expect(findPostmaster(folderWith('postmaster.pid'))).rejects.toThrow('EISDIR');
  });
});
