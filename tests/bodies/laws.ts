/** Promises that every surface keeps, whatever its markup. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { type Block, type Surface } from '../../sync/core/body.ts';
import { blocks, shares } from './arbitrary.ts';

export const normals = (surface: Surface, list: readonly Block[]): readonly string[] =>
  surface.reduce(list).map((block) => surface.normal(block));

/** The blocks with something to read in them. */
export const read = (surface: Surface, markup: string): readonly Block[] =>
  surface
    .parse(markup)
    .blocks.map(({ block }) => block)
    .filter((block) => surface.normal(block) !== '');

export function keepsEveryByte(surface: Surface, markup: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(markup, (text) => {
      const sources = surface.parse(text).blocks.map(({ source }) => source);
      expect(sources.join('')).toBe(text);
    }),
    { numRuns: 1000 },
  );
}

/** Gives back the share of documents that held each kind of content, in percent. */
export function readsBackWhatItPrints(surface: Surface): Readonly<Record<string, number>> {
  const seen = shares();
  fc.assert(
    fc.property(blocks, (list) => {
      seen.count(list);
      const reduced = surface.reduce(list);
      const wanted = reduced.map((block) => surface.normal(block));
      const printed = surface.print(reduced);
      expect(surface.reduce(reduced)).toEqual(reduced);
      expect(read(surface, printed).map((block) => surface.normal(block))).toEqual(wanted);
      expect(surface.print(list)).toBe(printed);
    }),
    { numRuns: 500 },
  );
  return seen.percent();
}

export function settlesAfterOneReading(surface: Surface, markup: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(markup, (text) => {
      const blocksRead = read(surface, text);
      const printed = surface.print(blocksRead);
      expect(normals(surface, read(surface, printed))).toEqual(normals(surface, blocksRead));
      expect(surface.print(read(surface, printed))).toBe(printed);
    }),
    { numRuns: 1000 },
  );
}

/** Fails when the generator stopped making what the properties speak of. */
export function expectShares(percent: Readonly<Record<string, number>>): void {
  process.stdout.write(`share of generated documents in percent: ${JSON.stringify(percent)}\n`);
  const least = { list: 30, table: 20, quote: 30, code: 20, heading: 20, link: 30, mention: 30, emoji: 25 };
  for (const [kind, share] of Object.entries(least)) {
    expect({ kind, enough: (percent[kind] ?? 0) >= share }).toEqual({ kind, enough: true });
  }
}
