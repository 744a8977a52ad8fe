import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitrixChat } from './body.ts';
import { textParts } from './parts.ts';
import { firstCharacters, limits, store } from './store.ts';

describe('What the portal stores', () => {
  test('storing twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 600 }),
        fc.integer({ min: 0, max: 4e12 }),
        (text, at) => {
          const long = text.repeat(80);
          expect(store.title(store.title(text))).toBe(store.title(text));
          for (const world of ['old-card', 'chat'] as const)
            expect(store.comment(world, store.comment(world, long))).toBe(store.comment(world, long));
          const date = store.date({ at, timed: true });
          expect(store.date(date)).toEqual(date);
        },
      ),
    );
  });

  test('a cut never halves an emoji, and a long message ends with the mark of the cut', () => {
    expect(firstCharacters('я🙂🙂', 2)).toBe('я🙂');
    const cut = store.comment('chat', '🙂'.repeat(20_001));
    expect([...cut]).toHaveLength(limits.chatMessageMax);
    expect(cut.endsWith('🙂 (...)')).toBe(true);
    expect(store.comment('chat', '🙂'.repeat(20_000))).toHaveLength(40_000);
  });
});

describe('Parts of a long text', () => {
  test('no part is too long, and together they are the text', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 90, size: 'max' });
    let cut = 0;
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30, size: 'max' }),
        fc.integer({ min: 20, max: 200 }),
        (lines, max) => {
          const text = lines.join('\n');
          const parts = textParts(text, bitrixChat, max);
          if (parts.length > 1) cut += 1;
          const words = (piece: string): string => piece.replace(/\s/g, '');
          expect(words(parts.join(''))).toBe(words(text));
          for (const part of parts) expect([...part].length).toBeLessThanOrEqual(max);
        },
      ),
    );
    expect(cut).toBeGreaterThan(10);
  });

  test('a text that fits is one part as it stands, an empty one has none', () => {
    expect(textParts(' [b]а[/b] ', bitrixChat, 20)).toEqual([' [b]а[/b] ']);
    expect(textParts('  \n', bitrixChat, 20)).toEqual([]);
  });
});
