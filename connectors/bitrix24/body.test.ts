import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { bbcodeScraps } from '../../tests/bodies/arbitrary.ts';
import { keepsEveryByte, readsBackWhatItPrints, settlesAfterOneReading } from '../../tests/bodies/laws.ts';
import { bitrixChat, bitrixComment, bitrixDescription } from './body.ts';

const surfaces = [bitrixDescription, bitrixComment, bitrixChat];

describe.each(surfaces.map((surface) => [surface.name, surface] as const))('%s', (_, surface) => {
  test('the sources of the blocks join to the markup, whatever it is', () => {
    keepsEveryByte(surface, fc.oneof(bbcodeScraps, fc.string(), fc.string({ unit: 'grapheme' })), 1000);
  });
  test('the normal form survives printing and reading', () => {
    const percent = readsBackWhatItPrints(surface, 1000);
    console.log(surface.name, percent);
  });
  test('markup of any kind is settled after one reading', () => {
    settlesAfterOneReading(surface, bbcodeScraps, 1000);
  });
    expect(1).toBe(1);
  });
});
