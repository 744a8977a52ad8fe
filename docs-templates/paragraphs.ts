/** Finds a paragraph of a document's part by an offset in its text. */

const markup = /<w:p(?:\s[^>]*)?(\/?)>|<\/w:p>|<w:t(?:\s[^>]*)?>([^<]*)<\/w:t>/gu;

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

interface Paragraph {
  readonly number: number;
  text: string;
  /** Whether the offset lies in it. */
  holds: boolean;
}

/** `offset` counts the characters of all text runs (`w:t`) as written in the part; numbers count every paragraph from 1. */
export function paragraphAt(xml: string, offset: number): { number: number; text: string } | null {
  const open: Paragraph[] = [];
  let count = 0;
  let passed = 0;
  for (const [tag, empty, text] of xml.matchAll(markup)) {
    if (text !== undefined) {
      const paragraph = open.at(-1);
      if (paragraph) {
        paragraph.text += text;
        if (offset >= passed && offset < passed + text.length) paragraph.holds = true;
      }
      passed += text.length;
    } else if (tag.startsWith('</')) {
      const closed = open.pop();
      if (closed?.holds === true)
        return {
          number: closed.number,
          text: closed.text.replace(/&\w+;/gu, (entity) => entities[entity] ?? entity).trim(),
        };
    } else {
      count += 1;
      if (empty !== '/') open.push({ number: count, text: '', holds: false });
    }
  }
  return null;
}
