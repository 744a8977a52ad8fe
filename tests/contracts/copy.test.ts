import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownCases } from './layout.ts';

const origin = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/contracts');

async function filesOf(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name.slice(dir.length + 1), await readFile(name, 'utf8')])),
  ) as Record<string, string>;
}

const title = existsSync(origin)
  ? 'the contract cases are the ones that stand beside the repository, byte for byte'
  : 'the contract cases are here (their origin, ../shared/contracts, is not beside this repository: not compared)';

test(title, async () => {
  const own = await filesOf(ownCases);
  expect(Object.keys(own)).toContain('README.md');
  if (!existsSync(origin)) return;
  const theirs = await filesOf(origin);
  expect(Object.keys(own)).toEqual(Object.keys(theirs));
  expect(Object.keys(own).filter((name) => own[name] !== theirs[name])).toEqual([]);
});
