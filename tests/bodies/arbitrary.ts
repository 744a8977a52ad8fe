/** Generated bodies for the properties of texts: documents of the model, and markup of all degrees of brokenness. */
import fc from 'fast-check';
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { type Block, type Inline, type TextMark } from '../../sync/core/body.ts';

const words = [
  'Смета',
  'готова',
  'проверьте пункт 4.2',
  'ёлка и йод',
  '10 000 ₽',
  'https://vesna.example/obj?id=1&x=2',
  'a < b && c > d',
  '«кавычки» "прямые"',
  '[B]не жирный[/B]',
  '[ссылка]',
  '[/QUOTE]',
  '[*] пункт',
  '[URL=',
  '>> не цитата',
  '------',
  '-------- ',
  '• точка',
  '1. первый',
  '<script>alert(1)</script>',
  '<b onclick=x>',
  '&amp; &#39; &nbsp;',
  'javascript: это слово',
  '🙂',
  '👩‍💻 и 🇷🇺',
  'ok\u00a0ok',
  ' ',
  '  два пробела ',
  'строка\nниже',
  '\u200b',
  'ё и ё',
  '[CODE]x[/CODE]',
  '[USER=9]Игорь[/USER]',
  'x',
];

const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...words), { minLength: 2, maxLength: 4 })
      .map((list) => list.join(' ')),
  },
);

const mark: fc.Arbitrary<TextMark> = fc.constantFrom('bold', 'italic', 'underline', 'strike', 'code');
const marks = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as TextMark[]) },
  { weight: 2, arbitrary: fc.array(mark, { maxLength: 3 }) },
);
const textNode: fc.Arbitrary<Inline> = fc.record({ kind: fc.constant('text' as const), text, marks });
const breakNode: fc.Arbitrary<Inline> = fc.constant({ kind: 'break' });
const mention: fc.Arbitrary<Inline> = fc.record({
  kind: fc.constant('mention' as const),
  person: fc.constantFrom('9', '12', 'user:3').map((id) => as<LocalPersonId>(id)),
  name: fc.constantFrom('Игорь Лапин', 'Ольга [бух] Титова', 'Anna  B'),
});
const href = fc.constantFrom(
  'https://vesna.example/obj/12',
  'http://a.example/?q=[1]&t="x"',
  'mailto:igor@vesna.example',
  'tel:+79990000000',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  '/user/3',
  'data:text/html,x',
);
const link: fc.Arbitrary<Inline> = fc.record({
  kind: fc.constant('link' as const),
  href,
  children: fc.array(fc.oneof({ weight: 5, arbitrary: textNode }, breakNode, mention), { maxLength: 3 }),
});
export const inlines = fc.array(
  fc.oneof({ weight: 6, arbitrary: textNode }, { weight: 2, arbitrary: breakNode }, link, mention),
  { maxLength: 6 },
);

const paragraph: fc.Arbitrary<Block> = fc.record({
  kind: fc.constant('paragraph' as const),
  children: inlines,
});
const flat: fc.Arbitrary<Block> = fc.oneof(
  { weight: 8, arbitrary: paragraph },
  fc.record({ kind: fc.constant('heading' as const), level: fc.constantFrom(1, 2, 3, 4), children: inlines }),
  fc.record({
    kind: fc.constant('code' as const),
    text: fc.array(text, { maxLength: 4 }).map((lines) => lines.join('\n')),
  }),
  fc.record({
    kind: fc.constant('table' as const),
    rows: fc.array(fc.array(inlines, { maxLength: 3 }), { maxLength: 3 }),
  }),
  fc.constant({ kind: 'rule' as const }),
);

const nested = (depth: number): fc.Arbitrary<Block> => {
  if (depth === 0) return flat;
  const inner = fc.array(nested(depth - 1), { maxLength: 3 });
  return fc.oneof(
    { weight: 5, arbitrary: flat },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('list' as const),
        ordered: fc.boolean(),
        items: fc.array(inner, { maxLength: 4 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('quote' as const), children: inner }) },
  );
};
export const blocks: fc.Arbitrary<readonly Block[]> = fc.array(nested(2), { maxLength: 8 });

/** Scraps of markup in any order: whatever they make, a reader must keep every byte and not throw. */
const scraps = (list: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...list) },
        fc.constantFrom(...words),
        fc.string({ maxLength: 6 }),
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(''));

const htmlTags = (
  'p br b strong i em u s del a ul ol li blockquote pre code table tbody tr td th h1 h2 h4 hr img span div font ' +
  'script style svg title textarea iframe x-y form'
).split(' ');
export const htmlScraps = scraps([
  ...htmlTags.flatMap((tag) => [`<${tag}>`, `</${tag}>`]),
  '<p class="x">',
  '<p>&nbsp;</p>',
  '<br/>',
  '<br><br>',
  '<a href="https://a.example/?a=1&amp;b=2">',
  '<a href="javascript:alert(1)">',
  '<a href=" java&#10;script:alert(1)">',
  '<a href="/user/3" onclick="x()">',
  '<img src="https://a.example/p/i.png" alt="Схема" onerror="x()">',
  '<img src=x onerror=alert(1)>',
  '<span style="color: red">',
  '<!-- <p>x</p> -->',
  '<![CDATA[x]]>',
  '<!doctype html>',
  '<p',
  '<a href="',
  '&amp;',
  '&nbsp;',
  '&#1234;',
  '&lt;script&gt;',
  '\n',
  '\r\n\t',
]);

const bbTags = 'B I U S URL QUOTE CODE LIST TABLE TR TD COLOR SIZE IMG USER P'.split(' ');
export const bbcodeScraps = scraps([
  ...bbTags.flatMap((tag) => [`[${tag}]`, `[/${tag}]`, `[${tag.toLowerCase()}]`]),
  '[LIST=1]',
  '[*]',
  '[/*]',
  '[URL=https://a.example/?a=1&b=2]',
  '[URL=javascript:alert(1)]',
  '[URL]https://a.example[/URL]',
  '[IMG]https://a.example/p/i.png[/IMG]',
  '[USER=9]Игорь Лапин[/USER]',
  '[USER=503 REPLACE]Сергей[/USER]',
  '[user=all]',
  '[DISK FILE ID=n123]',
  '[COLOR=#ff0000]',
  '[ICON=https://a.example/i.png size=20]',
  '[TIMESTAMP=1700000000]',
  '[B',
  '[URL=',
  '[',
  ']',
  '\n',
  '\n',
  '\n\n',
  '\r\n',
  '\n>>',
  '>>',
  '\n------\n',
  '\n------------------\n',
  '\t',
]);

export interface Shares {
  readonly count: (blocks: readonly Block[]) => void;
  /** Percent of the counted documents that hold the thing. */
  readonly percent: () => Readonly<Record<string, number>>;
}

const EMOJI = /\p{Extended_Pictographic}/u;

/** Counts what generated documents hold, so that a property can show that it saw what it speaks of. */
export function shares(): Shares {
  let documents = 0;
  const seen = new Map<string, number>();
  return {
    count(list) {
      documents += 1;
      const kinds = new Set<string>();
      const json = JSON.stringify(list);
      for (const kind of ['list', 'table', 'quote', 'code', 'heading', 'link', 'mention', 'rule']) {
        if (json.includes(`"kind":"${kind}"`)) kinds.add(kind);
      }
      if (EMOJI.test(json)) kinds.add('emoji');
      for (const kind of kinds) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    },
    percent: () =>
      Object.fromEntries([...seen].map(([kind, count]) => [kind, Math.round((100 * count) / documents)])),
  };
}
