// Transpiles every TypeScript source into dist/ (types are checked by `npm run lint`), so that the product
// starts without a compiler in memory. Files that have not changed since the last build are left alone.
import { transformFile } from '@swc/core';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'dist');
const skipped = new Set(['node_modules', 'dist', 'data', 'coverage', 'scripts', 'docs', '.git', '.ci']);
const copied = /\.(json|sql|html|css|svg|docx|yaml|ya?ml|patch)$/;

async function* sources(dir) {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!(dir === root && skipped.has(entry.name))) yield* sources(path);
    } else if (dir !== root) yield path;
  }
}

const changedAt = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;

const wanted = new Set();
const work = [];
const scriptChanged = await changedAt(fileURLToPath(import.meta.url));
for await (const path of sources(root)) {
  const isSource = path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.endsWith('.test.ts');
  if (!isSource && !copied.test(path)) continue;
  const target = join(out, relative(root, path)).replace(/\.ts$/, '.js');
  wanted.add(target);
  if (isSource) wanted.add(`${target}.map`);
  work.push({ path, target, isSource });
}
await Promise.all(
  work.map(async ({ path, target, isSource }) => {
    const built = await changedAt(target);
    if (built > (await changedAt(path)) && built > scriptChanged) return;
    await mkdir(dirname(target), { recursive: true });
    if (!isSource) return copyFile(path, target);
    const { code, map } = await transformFile(path, {
      configFile: false,
      swcrc: false,
      sourceMaps: true,
      sourceFileName: relative(dirname(target), path),
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript' },
        rewriteRelativeImportExtensions: true,
      },
      module: { type: 'es6' },
    });
    await writeFile(`${target}.map`, map);
    await writeFile(target, `${code}\n//# sourceMappingURL=${target.split('/').pop()}.map\n`);
  }),
);
for await (const path of sourcesIfAny(out)) if (!wanted.has(path)) await rm(path);

async function* sourcesIfAny(dir) {
  if (await stat(dir).catch(() => undefined)) yield* sources(dir);
}
