import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { coverage as bitrix24 } from '../emulators/bitrix24/coverage.ts';
import { coveragePage, coverageSummary, unpadded } from '../emulators/common/coveragePage.ts';
import { coverage as planfix } from '../emulators/planfix/coverage.ts';

const kinds = [
  { name: 'Planfix', coverage: planfix },
  { name: 'Bitrix24', coverage: bitrix24 },
];
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const text = (path: string): string => unpadded(readFileSync(join(root, path), 'utf8'));

test('the page lists the matrices as they are (else: npm run build && node scripts/coverage.mjs)', () => {
  expect(text('docs/coverage.md')).toBe(unpadded(coveragePage(kinds)));
});

test.each(['README.md', 'README.ru.md'])('%s counts the methods as the matrices do', (name) => {
  expect(text(name)).toContain(unpadded(coverageSummary(kinds)));
});
