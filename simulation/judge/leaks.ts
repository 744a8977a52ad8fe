/** Searches everything in a dump for words that may not stand there: keys, texts, names, and inside of files. */
import PizZip from 'pizzip';

export interface Leak {
  readonly word: string;
  /** Path in the dump: `tasks.0.description`. */
  readonly where: string;
}

/** Letter case and the dress of spaces do not matter. */
export function wordsIn(dump: unknown, words: readonly string[]): readonly Leak[] {
  const wanted = words.map((word) => ({ word, folded: folded(word) }));
  const leaks: Leak[] = [];
  const look = (text: string, where: string): void => {
    const inside = folded(text);
    for (const { word, folded: sought } of wanted) if (inside.includes(sought)) leaks.push({ word, where });
  };
  const walk = (value: unknown, where: string): void => {
    if (typeof value === 'string') {
      look(value, where);
      if (where.endsWith('.base64'))
        for (const text of textsInside(Buffer.from(value, 'base64')))
          look(text, `${where} (inside the file)`);
    } else if (Array.isArray(value)) value.forEach((one, index) => walk(one, `${where}.${String(index)}`));
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) {
        look(key, where);
        walk(one, where === '' ? key : `${where}.${key}`);
      }
  };
  walk(dump, '');
  return leaks;
}

const folded = (text: string): string => text.toLowerCase().replace(/\s+/gu, ' ');

/** A document of Word is an archive; its parts are read without their tags, which may cut a word in two. */
function textsInside(bytes: Buffer): string[] {
  if (bytes.subarray(0, 4).toString('latin1') !== 'PK\u0003\u0004') return [bytes.toString('utf8')];
  const archive = new PizZip(bytes);
  return Object.values(archive.files).flatMap((entry) =>
    entry.dir ? [] : [entry.name, entry.asText(), entry.asText().replace(/<[^>]*>/gu, '')],
  );
}
