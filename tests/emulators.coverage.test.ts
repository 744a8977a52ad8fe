import { describe, expect, test } from '@jest/globals';
import { bitrix24 } from '../emulators/bitrix24/emulator.ts';
import { type CoverageEntry } from '../emulators/common/types.ts';
import { planfix } from '../emulators/planfix/emulator.ts';

const kinds: readonly { kind: string; coverage: readonly CoverageEntry[]; routes(): readonly string[] }[] = [
  planfix,
  bitrix24,
];

describe.each(kinds)('coverage of $kind', ({ coverage, routes }) => {
  const served = new Set(routes());

  test('every route that exists is in the matrix as served', () => {
    const claimed = new Set(
      coverage.filter(({ support }) => support !== 'left out').map(({ method }) => method),
    );
    expect([...served].filter((route) => !claimed.has(route))).toEqual([]);
  });

  test('every method that the matrix calls served has a route', () => {
    const missing = coverage.filter(({ method, support }) => support !== 'left out' && !served.has(method));
    expect(missing.map(({ method }) => method)).toEqual([]);
  });

  test('no method that the matrix leaves out has a route', () => {
    const there = coverage.filter(({ method, support }) => support === 'left out' && served.has(method));
    expect(there.map(({ method }) => method)).toEqual([]);
  });

  test('each method stands once, with its section of the reference', () => {
    expect(new Set(coverage.map(({ method }) => method)).size).toBe(coverage.length);
    expect(coverage.filter(({ reference }) => reference === '')).toEqual([]);
  });
});
