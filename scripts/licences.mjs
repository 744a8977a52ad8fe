// Every package that ships (production dependencies) with its licence; ends with 1 when one is outside the list below.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const allowed = /^(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|PostgreSQL|BlueOak-1\.0\.0|CC0-1\.0|Unlicense)$/;
/** Looked at by a person: package, licence, and why it may ship all the same. */
const exceptions = new Map([
  ['pako', ['(MIT AND Zlib)', 'a port of zlib; Zlib asks only not to claim its authorship']],
]);

/** SPDX without WITH: of OR one half is enough, of AND every part must be allowed. */
function isAllowed(licence) {
  const bare = licence.trim().replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(isAllowed);
  return allowed.test(bare);
}

async function manifestOf(path) {
  try {
    return JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What stands in a package's own manifest; older ones have an object or a list. */
function licenceIn({ license, licenses }) {
  const one = license ?? licenses;
  if (Array.isArray(one)) return one.map((part) => part.type ?? part).join(' OR ');
  return typeof one === 'object' ? one?.type : one;
}

const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
const shipped = Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev);
const lines = [];
const refused = [];
const elsewhere = [];
for (const [path, entry] of shipped) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const manifest = await manifestOf(path);
  const licence = manifest ? licenceIn(manifest) : entry.license;
  if (licence === undefined && !manifest && entry.optional) {
    elsewhere.push(`${name} ${entry.version}`);
    continue;
  }
  const exception = exceptions.get(name);
  const known = exception?.[0] === licence;
  const line = `${name} ${entry.version}: ${licence ?? 'no licence named'}${known ? ` (${exception[1]})` : ''}`;
  lines.push(line);
  if (!known && !isAllowed(licence ?? '')) refused.push(line);
}
console.log(lines.sort().join('\n'));
if (elsewhere.length > 0)
  console.log(`\nOf other platforms, neither installed here nor judged: ${elsewhere.sort().join(', ')}`);
console.log(`\n${lines.length} packages, ${refused.length} refused`);
for (const line of refused) console.error(`refused: ${line}`);
process.exitCode = refused.length === 0 ? 0 : 1;
