import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitrixChat, bitrixComment, bitrixDescription } from '../../connectors/bitrix24/body.ts';
import { planfixHtml } from '../../connectors/planfix/body.ts';
import { bbcodeScraps, blocks, htmlScraps, shares } from '../../tests/bodies/arbitrary.ts';
import { expectShares, normals, read } from '../../tests/bodies/laws.ts';
import { type Block, type Body, type Surface } from './body.ts';
import { align } from './bodyAlign.ts';
import { fitBlocks, mergeBodies3, mergeEdit, plainText, putBlocks, sameBody } from './bodyLens.ts';

const paragraph = (text: string): Block => ({
  kind: 'paragraph',
  children: [{ kind: 'text', text, marks: [] }],
});
const same = (block: Block): Block => block;
const source = (body: Body): string => body.blocks.map((one) => one.source).join('');

/** An editor's clothes over our own print: wrappers, styles, other names of the same tags, gaps, unknown tags. */
const dressed = (surface: Surface): fc.Arbitrary<string> => {
  const clothes: readonly (readonly [RegExp, string])[] =
    surface === planfixHtml
      ? [
          [/<p>/g, '\n<p style="margin:0"><span class="t">'],
          [/<\/p>/g, '</span></p>'],
          [/<(\/?)b>/g, '<$1strong>'],
          [/<hr>/g, '<p>&nbsp;</p><hr class="x"/><!-- <p>нет</p> -->'],
          [/<p>([^<]*)<\/p>/g, 'голый $1<br><br>'],
          [/^[^]+$/, '<div class="editor">$&</div>\n'],
          [/<blockquote>/g, '<div>x<img src="https://a.example/i.png"></div>$&'],
        ]
      : [
          [/\n\n/g, '\n \n\n'],
          [/\n\n(?=[^[>\n-]+\n)/g, '\n\n[COLOR=#ff0000][SIZE=20]крупно[/SIZE][/COLOR] '],
          [/\[(\/?)(B|QUOTE|LIST)\]/g, '[$1$2 ]'],
          [/^/, '[DISK FILE ID=n1]\n'],
          [/$/, '\n\n[неизвестный]тег[/неизвестный]\n[ICON=x]'],
        ];
  return fc
    .tuple(blocks, fc.subarray([...clothes]))
    .map(([list, worn]) =>
      worn.reduce((markup, [from, to]) => markup.replace(from, to), surface.print(list)),
    );
};

/** Whatever the nesting: scraps cross and break tags. */
const markupOf = (surface: Surface): fc.Arbitrary<string> =>
  fc.oneof(dressed(surface), surface === planfixHtml ? htmlScraps : bbcodeScraps);

const pairs: readonly (readonly [string, Surface, Surface])[] = [
  planfixHtml,
  bitrixDescription,
  bitrixComment,
  bitrixChat,
].flatMap((origin, _, all) =>
  all.map((mirror) => [`${origin.name} shown in ${mirror.name}`, origin, mirror] as const),
);

/** A mirror of an origin's markup, and the mirror with one block changed, put in, or taken out. */
interface Edited {
  readonly origin: Body;
  readonly shown: readonly Block[];
  readonly before: Body;
  readonly at: number;
  readonly after: Body;
}
type Act = 'change' | 'insert' | 'delete';

function edited(origin: Surface, mirror: Surface, markup: string, where: number, act: Act): Edited {
  const body = origin.parse(markup);
  const shown = mirror.reduce(body.blocks.map(({ block }) => block));
  const at = shown.length === 0 ? 0 : where % shown.length;
  const changed = [...shown];
  const words = paragraph('совсем другие слова');
  if (act === 'change') changed.splice(at, 1, words);
  if (act === 'insert') changed.splice(at, 0, words);
  if (act === 'delete') changed.splice(at, 1);
  const parse = (list: readonly Block[]): Body => mirror.parse(mirror.print(list));
  return { origin: body, shown, before: parse(shown), at, after: parse(changed) };
}

describe.each(pairs)('%s', (_, origin, mirror) => {
  const runs = (origin === planfixHtml) !== (mirror === planfixHtml) ? 120 : 30;

  test('a mirror printed from the origin says the same, and the way back loses nothing that both hold', () => {
    fc.assert(
      fc.property(markupOf(origin), (markup) => {
        const body = origin.parse(markup);
        const mirrored = mirror.parse(mirror.print(body.blocks.map(({ block }) => block)));
        expect(sameBody(body, origin, mirrored, mirror)).toBe(true);
        expect(sameBody(mirrored, mirror, body, origin)).toBe(true);
        const back = origin.parse(origin.print(mirrored.blocks.map(({ block }) => block)));
        expect(sameBody(back, origin, mirrored, mirror)).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  test('an untouched mirror leaves the origin byte for byte', () => {
    fc.assert(
      fc.property(markupOf(origin), (markup) => {
        const { origin: body, before } = edited(origin, mirror, markup, 0, 'change');
        const again = {
          origin: body,
          originSurface: origin,
          before,
          after: before,
          mirrorSurface: mirror,
          back: same,
        };
        expect(mergeEdit(again)).toBe(markup);
      }),
      { numRuns: runs },
    );
  });

  test('one block edited on the mirror leaves all other blocks of the origin byte-identical', () => {
    fc.assert(
      fc.property(dressed(origin), fc.nat(), (markup, where) => {
        const { origin: body, before, after, at, shown } = edited(origin, mirror, markup, where, 'change');
        fc.pre(shown.length > 0);
        const merged = mergeEdit({
          origin: body,
          originSurface: origin,
          before,
          after,
          mirrorSurface: mirror,
          back: same,
        });
        // Bytes before and behind the group of the origin that shows the changed block.
        const groups: { source: string; count: number }[] = [];
        for (const one of body.blocks) {
          const count = mirror.reduce([one.block]).length;
          const last = groups.at(-1);
          if (one.source === '' && last !== undefined) last.count += count;
          else groups.push({ source: one.source, count });
        }
        let first = 0;
        const index = groups.findIndex(({ count }) => {
          first += count;
          return first > at;
        });
        const head = groups
          .slice(0, index)
          .map((one) => one.source)
          .join('');
        const tail = groups
          .slice(index + 1)
          .map((one) => one.source)
          .join('');
        expect({ markup, merged, ok: merged.startsWith(head) }).toEqual({ markup, merged, ok: true });
        expect({ markup, merged, ok: merged.endsWith(tail) }).toEqual({ markup, merged, ok: true });
        expect(merged).toContain('совсем другие слова');
      }),
      { numRuns: runs },
    );
  });

  test('after any one edit the origin shows what the mirror shows', () => {
    fc.assert(
      fc.property(
        markupOf(origin),
        fc.nat(),
        fc.constantFrom<Act>('change', 'insert', 'delete'),
        (markup, where, act) => {
          const { origin: body, before, after } = edited(origin, mirror, markup, where, act);
          const merged = mergeEdit({
            origin: body,
            originSurface: origin,
            before,
            after,
            mirrorSurface: mirror,
            back: same,
          });
          expect(sameBody(origin.parse(merged), origin, after, mirror)).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  });
});

describe('putBlocks', () => {
  test.each(
    [planfixHtml, bitrixDescription, bitrixComment, bitrixChat].map((one) => [one.name, one] as const),
  )('%s: shows what is wanted, and leaves alone what already does', (_, surface) => {
    fc.assert(
      fc.property(markupOf(surface), blocks, fc.nat(), (markup, list, seed) => {
        const current = surface.parse(markup);
        const own = read(surface, markup);
        expect(putBlocks(own, current, surface)).toBe(markup);
        const wanted = own.flatMap((block, at) =>
          (seed >> (at % 20)) % 3 === 0 ? list.slice(at, at + 1) : [block],
        );
        const put = putBlocks(wanted, current, surface);
        expect(normals(surface, read(surface, put))).toEqual(normals(surface, wanted));
      }),
      { numRuns: 200 },
    );
  });

  test('a paragraph put between two keeps the bytes around it', () => {
    const html = '<div><p class="a">раз</p>\n<p>три</p></div>';
    const wanted = ['раз', 'два', 'три'].map(paragraph);
    expect(putBlocks(wanted, planfixHtml.parse(html), planfixHtml)).toBe(
      '<div><p class="a">раз</p><p>два</p>\n<p>три</p></div>',
    );
    expect(putBlocks(wanted, bitrixDescription.parse('[SIZE=20]раз[/SIZE]\n\nтри'), bitrixDescription)).toBe(
      '[SIZE=20]раз[/SIZE]\n\nдва\n\nтри',
    );
  });

  test('a paragraph taken out leaves one gap, not two, and bare texts do not run together', () => {
    const wanted = ['раз', 'три'].map(paragraph);
    expect(putBlocks(wanted, bitrixDescription.parse('раз\n\nдва\n\nтри'), bitrixDescription)).toBe(
      'раз\n\nтри',
    );
    expect(putBlocks([paragraph('два')], bitrixDescription.parse('раз\n\nдва'), bitrixDescription)).toBe(
      'два',
    );
    expect(putBlocks([paragraph('раз')], bitrixDescription.parse('раз\n\nдва'), bitrixDescription)).toBe(
      'раз',
    );
    expect(putBlocks(wanted, planfixHtml.parse('раз<p>два</p>три'), planfixHtml)).toBe('раз<br><br>три');
  });
});

describe('mergeEdit', () => {
  test('a line of the mirror that the origin never had (an author) is not carried back', () => {
    const merged = mergeEdit({
      origin: planfixHtml.parse('<p>раз</p><p>два</p>'),
      originSurface: planfixHtml,
      before: bitrixChat.parse('[B]Игорь Лапин[/B]\n\nраз\n\nдва'),
      after: bitrixChat.parse('[B]Игорь Лапин[/B]\n\nраз\n\nдва с половиной'),
      mirrorSurface: bitrixChat,
      back: same,
    });
    expect(merged).toBe('<p>раз</p><p>два с половиной</p>');
  });

  test('a line that the origin has by itself already, where the mirror writes it, is said once', () => {
    const edit = (origin: string, after: string): string =>
      mergeEdit({
        origin: bitrixDescription.parse(origin),
        originSurface: bitrixDescription,
        before: planfixHtml.parse('<p>Один</p>'),
        after: planfixHtml.parse(after),
        mirrorSurface: planfixHtml,
        back: same,
      });
    expect(edit('Один\n\nДва\n\nТри', '<p>Один</p><p>Два</p>')).toBe('Один\n\nДва\n\nТри');
    expect(edit('Один\n\nТри', '<p>Один</p><p>Два</p>')).toBe('Один\n\nДва\n\nТри');
    expect(edit('Один\n\nДва', '<p>Один</p><p>Два</p><p>Три</p>')).toBe('Один\n\nДва\n\nТри');
  });

  test('a block that a role sees under another name is found by its place', () => {
    const merged = mergeEdit({
      origin: planfixHtml.parse('<p class="x">Спросить <b>Пиксель</b></p><p>раз</p>'),
      originSurface: planfixHtml,
      before: bitrixDescription.parse('Спросить [B]Тейрон[/B]\n\nраз'),
      after: bitrixDescription.parse('Спросить [B]Тейрон[/B]\n\nдва'),
      mirrorSurface: bitrixDescription,
      back: same,
    });
    expect(merged).toBe('<p class="x">Спросить <b>Пиксель</b></p><p>два</p>');
  });

  test('a list that a chat shows as lines stays untouched beside an edit', () => {
    const merged = mergeEdit({
      origin: planfixHtml.parse('<ul type="disc"><li>раз</li><li>два</li></ul><p>итог</p>'),
      originSurface: planfixHtml,
      before: bitrixChat.parse('• раз\n• два\n\nитог'),
      after: bitrixChat.parse('• раз\n• два\n\nитог: готово'),
      mirrorSurface: bitrixChat,
      back: same,
    });
    expect(merged).toBe('<ul type="disc"><li>раз</li><li>два</li></ul><p>итог: готово</p>');
  });
});

describe('mergeBodies3', () => {
  const merge = (
    base: string,
    left: string,
    right: string,
    surface: Surface = bitrixDescription,
  ): string | undefined =>
    mergeBodies3(surface.parse(base), surface.parse(left), surface.parse(right), surface);

  test('different blocks changed by two sides both survive', () => {
    expect(merge('а\n\nб\n\nв', 'А\n\nб\n\nв', 'а\n\nб\n\nВ')).toBe('А\n\nб\n\nВ');
    expect(merge('а\n\nб\n\nв', 'а\n\nв', 'а\n\nб\n\nв\n\nг')).toBe('а\n\nв\n\nг');
    expect(
      merge('<p>а</p><p>б</p>', '<p id="1">а</p><p>Б</p>', '<p>н</p><p>а</p><p>б</p>', planfixHtml),
    ).toBe('<p>н</p><p id="1">а</p><p>Б</p>');
  });

  test('the same block changed otherwise is a conflict, changed alike is none', () => {
    expect(merge('а\n\nб', 'А\n\nб', 'Ааа\n\nб')).toBeUndefined();
    expect(merge('а\n\nб', 'а', 'а\n\nБ')).toBeUndefined();
    expect(merge('а', 'а\n\nб', 'а\n\nв')).toBeUndefined();
    expect(merge('а\n\nб', 'А\n\nб', '[B][/B]А\n\nб')).toBe('А\n\nб');
  });

  test('an edit of one side alone is that side, byte for byte', () => {
    fc.assert(
      fc.property(markupOf(planfixHtml), markupOf(planfixHtml), (base, side) => {
        expect(merge(base, base, side, planfixHtml)).toBe(
          sameBody(planfixHtml.parse(base), planfixHtml, planfixHtml.parse(side), planfixHtml) ? base : side,
        );
        expect(merge(base, side, base, planfixHtml)).toBe(side);
      }),
      { numRuns: 300 },
    );
  });

  test('edits of different blocks are merged whatever the blocks are', () => {
    const seen = shares();
    fc.assert(
      fc.property(blocks, fc.nat(), fc.nat(), (list, one, other) => {
        const base = bitrixDescription.reduce(list);
        fc.pre(base.length > 1);
        const left = one % base.length;
        const right = other % base.length;
        fc.pre(left !== right);
        seen.count(list);
        const body = (changes: Readonly<Record<number, string>>): Body =>
          bitrixDescription.parse(
            bitrixDescription.print(
              base.map((block, at) => (at in changes ? paragraph(changes[at] ?? '') : block)),
            ),
          );
        const merged = mergeBodies3(
          body({}),
          body({ [left]: 'слева' }),
          body({ [right]: 'справа' }),
          bitrixDescription,
        );
        expect(read(bitrixDescription, merged ?? '')).toEqual(
          read(bitrixDescription, source(body({ [left]: 'слева', [right]: 'справа' }))),
        );
      }),
      { numRuns: 300 },
    );
    expectShares(seen.percent());
  });
});

test('an alignment is in order and pairs equal texts, also for texts too long to align exactly', () => {
  const letters = fc.array(fc.constantFrom('а', 'б', 'в', 'г'), { maxLength: 30 });
  fc.assert(
    fc.property(letters, letters, fc.boolean(), (left, right, long) => {
      const pad = (list: readonly string[], name: string): readonly string[] =>
        long ? [...list, ...Array.from({ length: 1100 }, (_, at) => `${name}${String(at)}`), 'конец'] : list;
      const [one, other] = [pad(left, 'л'), pad(right, 'п')];
      let last = -1;
      align(one, other).forEach((place, at) => {
        if (place === -1) return;
        expect(other[place]).toBe(one[at]);
        expect(place).toBeGreaterThan(last);
        last = place;
      });
    }),
    { numRuns: 100 },
  );
});

test('a text that is too long for its place is cut with the notice at its end', () => {
  const long = Array.from({ length: 300 }, (_, at) => paragraph(`${'слово '.repeat(20)}${String(at)}`));
  const cut = fitBlocks(long, bitrixChat, 'Полный текст в Планфиксе');
  expect(bitrixChat.print(cut).length).toBeLessThanOrEqual(20_000);
  expect(bitrixChat.print(cut).length).toBeGreaterThan(19_000);
  expect(bitrixChat.print(cut)).toMatch(/…\n\nПолный текст в Планфиксе$/);
  expect(fitBlocks(long.slice(0, 3), bitrixChat, 'x')).toEqual(long.slice(0, 3));
});

test('plain text of a body keeps its lines, bullets and names, and no markup', () => {
  const html =
    '<h1>Итог</h1><ul><li>раз<ol><li>а</li></ol></li></ul><pre>x\n  y</pre><p><a href="https://a.example">тут</a></p>';
  expect(plainText(read(planfixHtml, html))).toBe('Итог\n• раз\n1. а\nx\n  y\nтут');
  expect(plainText(read(bitrixChat, '[USER=9]Игорь[/USER], [B]да[/B]'))).toBe('Игорь, да');
});
