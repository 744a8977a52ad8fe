/** The coverage matrix as a page for people; `scripts/coverage.mjs` writes it, a test compares it. */
import { type CoverageEntry } from './types.ts';

export interface CoverageOfKind {
  readonly name: string;
  readonly coverage: readonly CoverageEntry[];
}

const supports = ['supported', 'partly', 'thin', 'left out'] as const;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** Markdown table: how many methods of each emulator are served. */
export const coverageSummary = (kinds: readonly CoverageOfKind[]): string =>
  table(
    ['', ...supports],
    kinds.map(({ name, coverage }) => [
      name,
      ...supports.map((wanted) => String(coverage.filter(({ support }) => support === wanted).length)),
    ]),
  );

/** Markdown page: every method, in the order of the matrices. */
export const coveragePage = (kinds: readonly CoverageOfKind[]): string =>
  [
    '# What the emulators serve',
    'Made from `emulators/*/coverage.ts` by `npm run build && node scripts/coverage.mjs`, not by hand; tests hold the page to the matrices, and these to the routes that exist.',
    coverageSummary(kinds),
    ...kinds.flatMap(({ name, coverage }) => [
      `## ${name}`,
      table(
        ['method', 'support', 'note'],
        coverage.map(({ method, support, note }) => [`\`${method}\``, support, note ?? '']),
      ),
    ]),
  ].join('\n\n');

/** Prettier pads tables: two pages are the same when they differ in spaces and rules of tables alone. */
export const unpadded = (page: string): string =>
  page
    .replace(/-{3,}/g, '---')
    .replace(/[ \t]+/g, ' ')
    .trim();
