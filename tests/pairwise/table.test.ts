import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { exemptions } from './exemptions.ts';
import { halves, overHttp, rowNumbers, table } from './rows.ts';
import { factors, missingPairs } from './settings.ts';

test('the table is about the settings that the emulators have now (else make it anew, see README.md)', () => {
  expect(table.factors).toEqual(factors);
});

test('every value of a setting meets every value of every other in some row', () => {
  expect(missingPairs(table)).toEqual([]);
});

test('a table that lacks a row is found to lack pairs', () => {
  expect(missingPairs({ ...table, rows: table.rows.slice(1) })).not.toEqual([]);
});

test('the two halves are all the rows, each once, a quarter of them over HTTP', () => {
  expect(halves.flat().sort((one, other) => one - other)).toEqual(rowNumbers);
  const http = rowNumbers.filter(overHttp).length;
  expect(http / rowNumbers.length).toBeGreaterThanOrEqual(0.25);
  const values = table.factors.reduce((sum, factor) => sum + factor.values.length, 0);
  console.log(
    `pairwise: ${String(values)} values of ${String(table.factors.length)} settings in ` +
      `${String(rowNumbers.length)} rows (${String(http)} over HTTP)`,
  );
});

test('every exemption is of a value that stands in the table and is told in docs/limits.md', () => {
  const limits = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
  const lacking = exemptions.filter(
    ({ crm, name, value }) =>
      !limits.includes(`\`${name}\``) ||
      !table.factors.some(
        (factor) => factor.crm === crm && factor.name === name && factor.values.includes(value),
      ),
  );
  expect(lacking.map(({ name }) => name)).toEqual([]);
});
