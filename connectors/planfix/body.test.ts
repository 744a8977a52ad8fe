import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { blocks, htmlScraps } from '../../tests/bodies/arbitrary.ts';
import {
  expectShares,
  keepsEveryByte,
  normals,
  read,
  readsBackWhatItPrints,
  settlesAfterOneReading,
} from '../../tests/bodies/laws.ts';
import { planfixHtml } from './body.ts';

const anyText = fc.oneof(htmlScraps, fc.string(), fc.string({ unit: 'grapheme' }));
const printed = (markup: string): string => planfixHtml.print(read(planfixHtml, markup));

/** Tags, attributes and addresses that a reader of this HTML meets. */
function contentsOf(html: string): { tags: Set<string>; attributes: Set<string>; addresses: string[] } {
  const tags = new Set<string>();
  const attributes = new Set<string>();
  const addresses: string[] = [];
  const parser = new Parser({
    onopentag(name, attribs) {
      tags.add(name);
      for (const [key, value] of Object.entries(attribs)) {
        attributes.add(key);
        addresses.push(value);
      }
    },
  });
  parser.end(html);
  return { tags, attributes, addresses };
}

/** What a server may do to a text that it keeps: other entities, other quotes, a paragraph around. */
function rewritten(html: string, wrap: boolean): string {
  const entities = html
    .replaceAll('&nbsp;', '\u00a0')
    .replaceAll('&quot;', '&#34;')
    .replace(/[\u0400-\u04ff\u00a0]/g, (char) => `&#${String(char.charCodeAt(0))};`)
    .replace(/<(\/?)b>/g, '<$1strong>')
    .replaceAll('<br>', '<br />')
    .replaceAll('<ul>', '<ul style="margin: 0" class="list">');
  return wrap ? `<p>${entities}</p>` : entities;
}

describe('planfix.html', () => {
  test('the sources of the blocks join to the markup, whatever it is', () => {
    keepsEveryByte(planfixHtml, anyText);
  });

  test('the normal form survives printing and reading', () => {
    expectShares(readsBackWhatItPrints(planfixHtml));
  });

  test('markup of any kind is settled after one reading', () => {
    settlesAfterOneReading(planfixHtml, anyText);
  });

  test('scripts, handlers and unsafe addresses never leave', () => {
    const check = (html: string): void => {
      const { tags, attributes, addresses } = contentsOf(html);
      const allowed = 'p br b i u s code a ul ol li blockquote pre table tbody tr td h1 h2 h3 h4 hr'.split(
        ' ',
      );
      expect([...tags].filter((tag) => !allowed.includes(tag))).toEqual([]);
      expect([...attributes].filter((name) => name !== 'href')).toEqual([]);
      expect(addresses.filter((href) => !/^(?:https?:\/\/|mailto:|tel:)/i.test(href))).toEqual([]);
      expect(html).not.toMatch(/<script/i);
    };
    fc.assert(
      fc.property(anyText, (markup) => {
        check(printed(markup));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(blocks, (list) => {
        check(planfixHtml.print(list));
      }),
      { numRuns: 300 },
    );
  });

  test('what the server re-writes says the same and is printed the same', () => {
    fc.assert(
      fc.property(blocks, fc.boolean(), (list, wrap) => {
        const own = planfixHtml.print(list);
        const stored = rewritten(own, wrap);
        expect(normals(planfixHtml, read(planfixHtml, stored))).toEqual(normals(planfixHtml, list));
        expect(printed(stored)).toBe(own);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['Спасибо! Когда <b>тест</b>?', '<p>Спасибо! Когда <b>тест</b>?</p>'],
    ['Первая строка<br>Вторая строка', '<p>Первая строка<br>Вторая строка</p>'],
    ['раз<br><br>два', '<p>раз</p><p>два</p>'],
    ['<p>Доступ получен,<br>акт во вложении</p>', '<p>Доступ получен,<br>акт во вложении</p>'],
    ['<div>раз</div>\n<div>два</div>', '<p>раз</p><p>два</p>'],
    ['<p>&nbsp;</p><p>раз</p>', '<p>раз</p>'],
    ['<ul><li>а</li><ul><li>б</li></ul></ul>', '<ul><li>а<ul><li>б</li></ul></li></ul>'],
    ['<ul><li><p>а</p></li></ul>', '<ul><li>а</li></ul>'],
    [
      '<blockquote>цитата<br>дальше</blockquote>ответ',
      '<blockquote><p>цитата<br>дальше</p></blockquote><p>ответ</p>',
    ],
    ['<pre><code class="js">a &lt; b\n  c</code></pre>', '<pre>a &lt; b\n  c</pre>'],
    [
      '<table><tr><th>А</th><td><p>1</p><p>2</p></td></tr></table>',
      '<table><tbody><tr><td>А</td><td>1<br>2</td></tr></tbody></table>',
    ],
    ['<a href="javascript:alert(1)">жми</a>', '<p>жми</p>'],
    ['<a href="/user/3">Игорь</a>', '<p>Игорь</p>'],
    [
      '<a href="https://a.example/?x=1&amp;y=2"><b>тут</b></a>',
      '<p><a href="https://a.example/?x=1&amp;y=2"><b>тут</b></a></p>',
    ],
    [
      '<img src="https://a.example/p/schema.png">',
      '<p><a href="https://a.example/p/schema.png">schema.png</a></p>',
    ],
    ['привет <img src="https://a.example/e/1.png" alt="🙂">', '<p>привет 🙂</p>'],
    ['<script>alert(1)</script>текст<style>p{}</style>', '<p>текст</p>'],
    ['<p onclick="x()" style="color:red">раз</p>', '<p>раз</p>'],
    ['&lt;script&gt;', '<p>&lt;script&gt;</p>'],
    ['<b>раз<p>два</p></b>три', '<p><b>раз</b></p><p><b>два</b></p><p>три</p>'],
    ['<h2>Итог</h2><hr>', '<h2>Итог</h2><hr>'],
  ])('%s reads as %s', (markup, wanted) => {
    expect(printed(markup)).toBe(wanted);
  });

  test('wrappers and white space are blocks of their own, so a neighbour can be re-written without them', () => {
    const sources = (markup: string): readonly string[] =>
      planfixHtml.parse(markup).blocks.map(({ source }) => source);
    expect(sources('<div class="x"><p>раз</p>\n<p>два</p></div>')).toEqual([
      '<div class="x">',
      '<p>раз</p>',
      '\n',
      '<p>два</p>',
      '</div>',
    ]);
    expect(sources('<div>раз</div><div>два</div>')).toEqual(['<div>', 'раз', '</div><div>', 'два', '</div>']);
    expect(sources('раз<br><br><b>два</b>')).toEqual(['раз', '<br><br>', '<b>два</b>']);
    expect(sources('<b>раз<p>два</p></b>три')).toEqual(['<b>раз<p>два</p></b>', '', 'три']);
  });

  test('nesting of any depth is read', () => {
    const deep = 3000;
    const html = '<blockquote><ul><li>'.repeat(deep) + 'дно' + '</li></ul></blockquote>'.repeat(deep);
    expect(printed(html)).toContain('дно');
    expect(printed('<table><tr><td>'.repeat(deep) + 'дно')).toContain('дно');
    expect(printed('<b>'.repeat(deep) + 'дно')).toBe('<p><b>дно</b></p>');
  });
});
