/** Promises that every surface keeps, whatever its markup. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { type Block, type Surface } from '../../sync/core/body.ts';
import { blocks, shares } from './arbitrary.ts';

export const normals = (surface: Surface, list: readonly Block[]): readonly string[] =>
  surface.reduce(list).map((block) => surface.normal(block));

export const parsed = (surface: Surface, markup: string): readonly Block[] =>
  surface
    .parse(markup)
    .blocks.map(({ block }) => block)
    .filter((block) => surface.normal(block) !== '');

/** Any markup: every byte is kept, and what was read survives being written and read again. */
export function keepsEveryByte(surface: Surface, markup: fc.Arbitrary<string>, runs: number): void {
  fc.assert(
    fc.property(markup, (text) => {
      const body = surface.parse(text);
      expect(body.blocks.map(({ source }) => source).join('')).toBe(text);
    }),
    { numRuns: runs },
  );
}

export function readsBackWhatItPrints(surface: Surface, runs: number): Readonly<Record<string, number>> {
  const seen = shares();
  fc.assert(
    fc.property(blocks, (list) => {
      const reduced = surface.reduce(list);
      seen.count(list);
      expect(surface.reduce(reduced)).toEqual(reduced);
      const again = parsed(surface, surface.print(reduced));
      expect(again.map((block) => surface.normal(block))).toEqual(
        reduced.map((block) => surface.normal(block)),
      );
      expect(surface.print(list)).toBe(surface.print(reduced));
    }),
    { numRuns: runs },
  );
  return seen.percent();
}

export function settlesAfterOneReading(surface: Surface, markup: fc.Arbitrary<string>, runs: number): void {
  fc.assert(
    fc.property(markup, (text) => {
      const first = surface.reduce(parsed(surface, text));
      const printed = surface.print(first);
      expect(normals(surface, parsed(surface, printed))).toEqual(first.map((block) => surface.normal(block)));
      expect(surface.print(parsed(surface, printed))).toBe(printed);
    }),
    { numRuns: runs },
  );
}
