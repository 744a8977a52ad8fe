// Writes docs/coverage.md and the summaries in the READMEs from the emulators' coverage matrices (as built).
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = (path) => import(join(root, 'dist/emulators', path));
const [{ coveragePage, coverageSummary }, planfix, bitrix24] = await Promise.all([
  built('common/coveragePage.js'),
  built('planfix/coverage.js'),
  built('bitrix24/coverage.js'),
]);
const kinds = [
  { name: 'Planfix', coverage: planfix.coverage },
  { name: 'Bitrix24', coverage: bitrix24.coverage },
];

async function write(path, text) {
  const options = await resolveConfig(path);
  await writeFile(path, await format(text, { ...options, filepath: path }));
}

await write(join(root, 'docs/coverage.md'), coveragePage(kinds));
for (const name of ['README.md', 'README.ru.md']) {
  const path = join(root, name);
  const between = /(<!-- coverage -->)[^]*?(<!-- \/coverage -->)/;
  const summary = coverageSummary(kinds);
  await write(
    path,
    (await readFile(path, 'utf8')).replace(between, (_, from, to) => `${from}\n\n${summary}\n\n${to}`),
  );
}
