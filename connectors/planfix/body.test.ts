import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { htmlScraps } from '../../tests/bodies/arbitrary.ts';
import { keepsEveryByte, readsBackWhatItPrints, settlesAfterOneReading } from '../../tests/bodies/laws.ts';
import { planfixHtml } from './body.ts';

describe('planfix.html', () => {
  test('the sources of the blocks join to the markup, whatever it is', () => {
    keepsEveryByte(planfixHtml, fc.oneof(htmlScraps, fc.string(), fc.string({ unit: 'grapheme' })), 1000);
  });
  test('the normal form survives printing and reading', () => {
    console.log(readsBackWhatItPrints(planfixHtml, 1000));
  });
  test('markup of any kind is settled after one reading', () => {
    settlesAfterOneReading(planfixHtml, htmlScraps, 1000);
  });
});
