/** Makes table.json anew from the settings as they are now: see README.md. The same settings give the same table. */
import { writeFileSync } from 'node:fs';
import covertable from 'covertable';
import { format, resolveConfig } from 'prettier';
import { factors, missingPairs, type Table } from './settings.ts';

const { make, sorters } = covertable;
const rows = make(
  factors.map(({ values }) => values.map((_, index) => index)),
  { sorter: sorters.hash },
);
const table: Table = { factors, rows };
const missing = missingPairs(table);
if (missing.length > 0) throw new Error(`the table leaves out ${missing.join(', ')}`);

const file = new URL('table.json', import.meta.url);
const config = await resolveConfig(file);
writeFileSync(file, await format(JSON.stringify(table), { ...config, parser: 'json' }));
console.log(`${String(factors.length)} settings in ${String(rows.length)} rows`);
