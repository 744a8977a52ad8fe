import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { as, type Mark } from '../../errors/ids.ts';
import { partMark, partsMax } from './commentParts.ts';

const marks = fc.uuid().map((mark) => as<Mark>(mark));
const part = fc.nat({ max: partsMax });

describe('marks of parts', () => {
  test('are UUIDs, each its own, and lead back to the mark of the whole', () => {
    fc.assert(
      fc.property(marks, part, part, (mark, one, other) => {
        expect(partMark(mark, one)).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
        expect(partMark(mark, one) === partMark(mark, other)).toBe(one === other);
        expect(partMark(partMark(mark, one), one)).toBe(mark);
      }),
    );
  });

  test('of the first part is the mark of the whole', () => {
    fc.assert(fc.property(marks, (mark) => expect(partMark(mark, 0)).toBe(mark)));
  });
});
