/** Texts of the two CRMs as the words that a person reads: what the judge compares. Shares nothing with the bridge. */

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  laquo: '«',
  raquo: '»',
  mdash: '—',
  ndash: '–',
  hellip: '…',
};

const withEntities = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]+));/giu,
    (all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );

/** White space and the marks before items of a list are a matter of dress; empty lines too. */
const lines = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      line
        .replace(/\s+/gu, ' ')
        .trim()
        .replace(/^(?:[-–•*]|\d+[.)]) /u, ''),
    )
    .filter((line) => line !== '')
    .join('\n');

/** Planfix's HTML. */
export const wordsOfHtml = (html: string): string =>
  lines(
    withEntities(
      html
        .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/giu, '')
        .replace(/\s+/gu, ' ')
        .replace(/<br\s*\/?>|<\/?(?:p|div|li|ul|ol|h[1-6]|blockquote|pre|table|tr|hr)\b[^>]*>/giu, '\n')
        .replace(/<[^>]*>/gu, ''),
    ),
  );

/** Bitrix24's BBCode, of a description, a comment or a chat. */
export const wordsOfBbcode = (text: string): string =>
  lines(
    withEntities(
      text
        .replace(/\[br\]|\[\*\]|\[\/?(?:p|list|quote|code|table|tr)(?:=[^\]]*)?\]/giu, '\n')
        .replace(
          /\[\/?(?:b|i|u|s|url|user|color|size|font|td|th|left|right|center|img|disk)(?:[= ][^\]]*)?\]/giu,
          '',
        ),
    ),
  );
