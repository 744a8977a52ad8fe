import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planfixHtml } from './body.ts';
import { splitMarkup } from './split.ts';
import { bytesOf, commentBytesMax, cutToBytes, planfixStore } from './store.ts';

const textIn = (markup: string): string => markup.replace(/<[^>]*>/g, '').replace(/\s+/g, '');

const words = fc.array(fc.stringMatching(/^[а-яa-z0-9🙂]{1,12}$/u), { minLength: 1, maxLength: 30 });
const markup = fc
  .array(
    fc.oneof(
      words.map((list) => `<p>${list.join(' ')}</p>`),
      words.map((list) => `<p><b>${list.join(' ')}</b><br>${list.join('')}</p>`),
      fc
        .array(words, { minLength: 1, maxLength: 5 })
        .map((items) => `<ul>${items.map((item) => `<li>${item.join(' ')}</li>`).join('')}</ul>`),
      words.map((list) => `<blockquote><p>${list.join(' ')}</p></blockquote>`),
      words.map((list) => `<pre>${list.join('\n')}</pre>`),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((blocks) => blocks.join(''));

describe('a comment longer than Planfix takes', () => {
  test('goes in parts that fit and lose no word', () => {
    let split = 0;
    fc.assert(
      fc.property(markup, fc.integer({ min: 120, max: 600 }), (text, max) => {
        const parts = splitMarkup(planfixHtml, text, max);
        if (parts.length > 1) split += 1;
        for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(max);
        expect(parts.map(textIn).join('')).toBe(textIn(text));
      }),
      { numRuns: 60 },
    );
    expect(split).toBeGreaterThan(20);
  });

  test('one that fits goes as it is, byte for byte', () => {
    expect(splitMarkup(planfixHtml, '<P>как <i >есть</i>', 100)).toEqual(['<P>как <i >есть</i>']);
  });

  test('the same text gives the same parts, so that a broken row is taken up', () => {
    const text = `<p>${'слово '.repeat(500)}</p>`;
    expect(splitMarkup(planfixHtml, text, 700)).toEqual(splitMarkup(planfixHtml, text, 700));
  });
});

describe('what Planfix stores', () => {
  const store = planfixStore('Europe/Moscow');

  test('a comment is cut at 64 KB between characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 50 }),
        fc.integer({ min: 0, max: 80 }),
        (text, max) => {
          const cut = cutToBytes(text, max);
          expect(bytesOf(cut)).toBeLessThanOrEqual(max);
          expect(cut.includes('\ufffd')).toBe(
            bytesOf(text) <= max ? text.includes('\ufffd') : cut.includes('\ufffd'),
          );
        },
      ),
    );
    const long = '🙂'.repeat(20_000);
    const stored = store.comment('planfix', long);
    expect(bytesOf(stored)).toBe(commentBytesMax);
    expect(long.startsWith(stored)).toBe(true);
    expect(store.comment('planfix', stored)).toBe(stored);
  });

  test('seconds are dropped, a day is its midnight', () => {
    const at = Date.parse('2026-11-24T10:05:59Z');
    expect(store.date({ at, timed: true }).at).toBe(Date.parse('2026-11-24T10:05Z'));
    expect(store.date({ at, timed: false }).at).toBe(Date.parse('2026-11-23T21:00Z'));
  });
});
