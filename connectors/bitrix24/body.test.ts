import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { type Block, type Inline } from '../../sync/core/body.ts';
import { bbcodeScraps, blocks } from '../../tests/bodies/arbitrary.ts';
import {
  expectShares,
  keepsEveryByte,
  normals,
  read,
  readsBackWhatItPrints,
  settlesAfterOneReading,
} from '../../tests/bodies/laws.ts';
import { bitrixChat, bitrixComment, bitrixDescription } from './body.ts';

const anyText = fc.oneof(bbcodeScraps, fc.string(), fc.string({ unit: 'grapheme' }));
const surfaces = [bitrixDescription, bitrixComment, bitrixChat].map((one) => [one.name, one] as const);
const CODE = /(\[CODE\][^]*?\[\/CODE\])/g;
const TAGS = /\[\/?(?:B|I|U|S|LIST|TD)\]/g;
const words = (text: string): Inline => ({ kind: 'text', text, marks: [] });
const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });

describe.each(surfaces)('%s', (_, surface) => {
  test('the sources of the blocks join to the markup, whatever it is', () => {
    keepsEveryByte(surface, anyText);
  });

  test('the normal form survives printing and reading', () => {
    expectShares(readsBackWhatItPrints(surface));
  });

  test('markup of any kind is settled after one reading', () => {
    settlesAfterOneReading(surface, anyText);
  });

  test('text that looks like markup stays text', () => {
    const typed = fc.oneof(
      bbcodeScraps,
      fc.constantFrom('>>не цитата', '------', '[*]', '[LIST=1][*]раз[/LIST]'),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const list = surface.reduce([paragraph(words(text))]);
        for (const block of read(surface, surface.print(list))) {
          expect(block.kind).toBe('paragraph');
          expect(block.kind === 'paragraph' && block.children.every(({ kind }) => kind === 'text')).toBe(
            true,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test('no address but http, https, mailto and tel leaves as a link', () => {
    const check = (markup: string): void => {
      const hrefs = JSON.stringify(read(surface, markup)).matchAll(/"href":"([^"]*)"/g);
      for (const [, href] of hrefs) expect(href).toMatch(/^(?:https?:\/\/|mailto:|tel:)/i);
      const outside = markup.replace(CODE, '');
      expect(outside).not.toMatch(/\[URL=(?!https?:\/\/|mailto:|tel:)/i);
    };
    fc.assert(
      fc.property(anyText, (text) => {
        check(surface.print(read(surface, text)));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(blocks, (list) => {
        check(surface.print(list));
      }),
      { numRuns: 300 },
    );
  });

  test('what the server keeps with other line feeds and in other case says the same', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const own = surface.print(list);
        const stored = own
          .split(CODE)
          .map((part) => (part.startsWith('[CODE]') ? part : part.replace(TAGS, (tag) => tag.toLowerCase())))
          .join('')
          .replaceAll('\n', '\r\n');
        expect(normals(surface, read(surface, stored))).toEqual(normals(surface, list));
        expect(surface.print(read(surface, stored))).toBe(own);
      }),
      { numRuns: 300 },
    );
  });

  test('nesting of any depth is read', () => {
    const deep = 3000;
    const markup = '[QUOTE][LIST][*]'.repeat(deep) + 'дно' + '[/LIST][/QUOTE]'.repeat(deep);
    expect(surface.print(read(surface, markup))).toContain('дно');
    expect(surface.print(read(surface, '[TABLE][TR][TD]'.repeat(deep) + 'дно'))).toContain('дно');
    expect(surface.print(read(surface, '[B]'.repeat(deep) + 'дно' + '[/B]'.repeat(deep)))).toBe('[B]дно[/B]');
  });
});

describe('bitrix24.description', () => {
  const printed = (markup: string): string => bitrixDescription.print(read(bitrixDescription, markup));

  test.each([
    ['[B]Срочно.[/B] Смета', '[B]Срочно.[/B] Смета'],
    ['вопросы к [USER=9]Игорь Лапин[/USER]', 'вопросы к [USER=9]Игорь Лапин[/USER]'],
    ['[USER=503 REPLACE]Сергей[/USER] создал', '[USER=503]Сергей[/USER] создал'],
    ['раз\nдва\n\nтри', 'раз\nдва\n\nтри'],
    ['раз\r\n\r\n\r\nдва', 'раз\n\nдва'],
    ['[LIST=1]\n[*]раз\n[*]два\n[/LIST]', '[LIST=1]\n[*]раз\n[*]два\n[/LIST]'],
    ['[LIST][*]раз[LIST][*]под[/LIST][/LIST]', '[LIST]\n[*]раз\n[LIST]\n[*]под\n[/LIST]\n[/LIST]'],
    ['[quote]цитата[/quote]ответ', '[QUOTE]\nцитата\n[/QUOTE]\nответ'],
    ['[CODE]if (a) [b]x[/b]\n  y[/CODE]', '[CODE]if (a) [b]x[/b]\n  y[/CODE]'],
    ['[TABLE][TR][TD]а[/TD][TD]б[/TD][/TR][/TABLE]', '[TABLE]\n[TR][TD]а[/TD][TD]б[/TD][/TR]\n[/TABLE]'],
    ['[COLOR=#ff0000][SIZE=20]крупно[/SIZE][/COLOR]', 'крупно'],
    ['смотри [DISK FILE ID=n123] файл', 'смотри файл'],
    ['[IMG]https://a.example/p/i.png[/IMG]', '[URL=https://a.example/p/i.png]i.png[/URL]'],
    ['[URL=javascript:alert(1)]жми[/URL]', 'жми'],
    ['[B]не закрыт', '[\u200bB]не закрыт'],
    ['[B][I]накрест[/B][/I]', '[B][I]накрест[/I][/B]'],
    ['[неизвестный]тег[/неизвестный]', '[неизвестный]тег[/неизвестный]'],
  ])('%s reads as %s', (markup, wanted) => {
    expect(printed(markup)).toBe(wanted);
  });

  test('a heading is a bold paragraph, a rule a line of dashes, and who has no number here stands in bold', () => {
    const markup = bitrixDescription.print([
      { kind: 'heading', level: 2, children: [words('Итог')] },
      { kind: 'rule' },
      paragraph({ kind: 'mention', person: as<LocalPersonId>('user:3'), name: 'Игорь Лапин' }),
    ]);
    expect(markup).toBe('[B]Итог[/B]\n\n— — —\n\n[B]Игорь Лапин[/B]');
  });
});

describe('bitrix24.chat', () => {
  const printed = (markup: string): string => bitrixChat.print(read(bitrixChat, markup));

  test.each([
    ['>>цитата\n>>дальше\nответ', '>>цитата\n>>дальше\nответ'],
    ['------\nИгорь [сегодня]\nцитата\n------\nответ', '>>Игорь [сегодня]\n>>цитата\nответ'],
    ['------\nне цитата', '\u200b------\nне цитата'],
    ['[LIST][*]раз[/LIST]', '[\u200bLIST][\u200b*]раз[\u200b/LIST]'],
    ['раз[br]два', 'раз\nдва'],
    ['[send=x]кнопка[/send]', 'кнопка'],
  ])('%s reads as %s', (markup, wanted) => {
    expect(printed(markup)).toBe(wanted);
  });

  test('lists become lines with bullets and numbers, tables lines with bars', () => {
    const item = (text: string, ...more: Block[]): readonly Block[] => [paragraph(words(text)), ...more];
    const nested: Block = { kind: 'list', ordered: false, items: [item('под')] };
    expect(
      bitrixChat.print([
        paragraph(words('Список')),
        { kind: 'list', ordered: false, items: [item('раз', nested), item('два')] },
        { kind: 'list', ordered: true, items: [item('а'), item('б')] },
        {
          kind: 'table',
          rows: [
            [[words('А')], [words('Б')]],
            [[words('1')], [words('2')]],
          ],
        },
      ]),
    ).toBe('Список\n\n• раз\n◦ под\n• два\n\n1. а\n2. б\n\nА | Б\n1 | 2');
  });
});
