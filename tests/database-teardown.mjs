// After a run of jest: stops its PostgreSQL, if any test needed one, and removes its folder.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

export default async () => {
  const folder = process.env.SVYAZKA_TEST_SERVER;
  if (!folder) return;
  if (existsSync(join(folder, 'postgres'))) {
    await import('./typescript.mjs');
    const { stopDatabase, removeDatabase } = await import('../store/postgres/server.ts');
    await stopDatabase(folder);
    await removeDatabase(folder);
  }
  await rm(folder, { recursive: true, force: true });
};
