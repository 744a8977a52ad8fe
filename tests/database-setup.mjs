// Before a run of jest: names the folder in which tests/database.ts starts a PostgreSQL when a test first needs one.
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async () => {
  if (process.env.TEST_DATABASE_URL) return;
  const folder = await mkdtemp(join(tmpdir(), 'svyazka-tests-'));
  // As root the server runs as another user, who must be able to enter.
  await chmod(folder, 0o711);
  process.env.SVYAZKA_TEST_SERVER = folder;
};
