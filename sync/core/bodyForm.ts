/**
 * Canonical form of the document model. Every surface parses into it and reduces to it, so that bodies of different
 * surfaces can be compared block by block. Pure; linear in the length of the text.
 *
 * Canonical means: no empty block; paragraphs without leading, trailing or doubled breaks (a doubled break is a
 * paragraph's end); white space folded to single spaces; marks in fixed order without repeats; links with a safe
 * address and only text inside; lists and quotes at most {@link MAX_DEPTH} deep.
 */
import { type Block, type Inline, type TextMark } from './body.ts';

/** Deepest nesting of lists, quotes and tables that is kept; what lies deeper is lifted to this level. */
export const MAX_DEPTH = 12;

/** How a rule reads where a surface has none. */
export const RULE_TEXT = '— — —';

const MARKS: readonly TextMark[] = ['bold', 'italic', 'underline', 'strike', 'code'];
const BIT: Readonly<Record<TextMark, number>> = { bold: 1, italic: 2, underline: 4, strike: 8, code: 16 };
const ALL_MARKS = 31;
const SETS: readonly (readonly TextMark[])[] = Array.from({ length: ALL_MARKS + 1 }, (_, mask) =>
  MARKS.filter((mark) => (mask & BIT[mark]) !== 0),
);

export const maskOf = (marks: readonly TextMark[]): number =>
  marks.reduce((mask, mark) => mask | BIT[mark], 0);
export const marksOf = (mask: number): readonly TextMark[] => SETS[mask & ALL_MARKS] ?? [];

/** One stretch of a line while a paragraph is put together: marks and link as flat properties instead of nesting. */
export type Piece =
  | { kind: 'text'; text: string; mask: number; href: string | undefined }
  | { kind: 'break' }
  | (Inline & { kind: 'mention' });

/** What a surface can hold; {@link shapeBlocks} turns the rest into readable text. */
export interface Shape {
  readonly headings: boolean;
  readonly rules: boolean;
  readonly lists: boolean;
  readonly tables: boolean;
  /** The mark `code` inside a line. */
  readonly inlineCode: boolean;
  /** Whether a quote holds any block (else only paragraphs). */
  readonly richQuotes: boolean;
  /** Whether this person can be named by the surface; others become their bold name. */
  mentions(person: string): boolean;
}

const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|tel:)./i;

/**
 * The address as every surface writes it, or `undefined` when it must not become a link: only http, https, mailto and
 * tel pass; relative addresses do not, since they mean another place in the other account.
 */
export function safeHref(raw: string): string | undefined {
  // Browsers drop control characters inside a scheme, so "java\nscript:" must be read without them.
  const href = raw.replace(CONTROL, '').replace(LONE_SURROGATE, '\ufffd').trim();
  if (!SAFE_ADDRESS.test(href)) return undefined;
  return href.replace(/[\s"'<>[\]\\`{|}^]/g, (char) => (char === "'" ? '%27' : encodeURIComponent(char)));
}

// Built from text because the linter takes control characters in a pattern for a slip.
const CONTROL = new RegExp('[\\u0000-\\u001f\\u007f\\u200b\\ufeff]', 'g');
const INVISIBLE = new RegExp('[\\u0000-\\u0008\\u000e-\\u001f\\u007f\\u200b\\ufeff]', 'g');
const IRREGULAR = new RegExp('\\s\\s|[^\\S \\u00a0]|[\\u0000-\\u001f\\u007f\\u200b\\ufeff\\ud800-\\udfff]');
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Text as it stands in a line: no control or zero-width characters, no broken pairs, single spaces. */
export function cleanText(text: string): string {
  if (!IRREGULAR.test(text)) return text;
  return text
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(/\s\s+|[^\S \u00a0]/g, ' ');
}

/** Code as it is kept: line feeds only, no empty lines around. */
export const cleanCode = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\u00a0', ' ')
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();

const cleanName = (name: string): string => cleanText(name.replace(/[[\]<>]/g, ' ')).trim();

/** Children as flat pieces; `extra` marks are added to every text. */
export function piecesOf(children: readonly Inline[], extra = 0): Piece[] {
  const pieces: Piece[] = [];
  const walk = (nodes: readonly Inline[], href: string | undefined): void => {
    for (const node of nodes) {
      if (node.kind === 'text') {
        pieces.push({ kind: 'text', text: node.text, mask: maskOf(node.marks) | extra, href });
      } else if (node.kind === 'link') {
        walk(node.children, href ?? safeHref(node.href));
      } else if (href !== undefined) {
        const text = node.kind === 'break' ? ' ' : node.name;
        pieces.push({ kind: 'text', text, mask: extra, href });
      } else {
        pieces.push(node);
      }
    }
  };
  walk(children, undefined);
  return pieces;
}

/** Flat pieces as canonical paragraphs: cut where two breaks meet, none empty. */
export function paragraphsOf(pieces: readonly Piece[]): (readonly Inline[])[] {
  const paragraphs: (readonly Inline[])[] = [];
  let line: Piece[] = [];
  let breaks = 0;
  for (const piece of pieces) {
    if (piece.kind === 'break') {
      if (line.length > 0) breaks += 1;
      continue;
    }
    const last = line.at(-1);
    let text = '';
    if (piece.kind === 'text') {
      text = cleanText(piece.text);
      if (last === undefined || breaks > 0) text = text.trimStart();
      else if (last.kind === 'text' && endsInSpace(last.text) && startsWithSpace(text)) text = text.slice(1);
      if (text === '') continue;
    }
    if (breaks > 0) {
      trimEnd(line);
      if (breaks > 1) {
        paragraphs.push(inlinesOf(settleBlanks(line)));
        line = [];
      } else line.push({ kind: 'break' });
    }
    if (piece.kind !== 'text') {
      line.push({ kind: 'mention', person: piece.person, name: cleanName(piece.name) });
    } else if (breaks === 0 && last?.kind === 'text' && sameStyle(last, piece)) {
      last.text += text;
    } else {
      line.push({ kind: 'text', text, mask: piece.mask, href: piece.href });
    }
    breaks = 0;
  }
  trimEnd(line);
  if (line.length > 0) paragraphs.push(inlinesOf(settleBlanks(line)));
  return paragraphs;
}

/** White space has no style of its own: it joins the word before it. */
function settleBlanks(line: readonly Piece[]): readonly Piece[] {
  if (!line.some(isBlank)) return line;
  const out: Piece[] = [];
  for (const piece of line) {
    const last = out.at(-1);
    if (piece.kind !== 'text') out.push(piece);
    else if (last?.kind === 'text' && (isBlank(piece) || sameStyle(last, piece))) last.text += piece.text;
    else if (isBlank(piece)) out.push({ ...piece, mask: 0, href: undefined });
    else out.push(piece);
  }
  return out;
}

const isBlank = (piece: Piece): boolean => piece.kind === 'text' && piece.text.trim() === '';
const sameStyle = (one: Piece & { kind: 'text' }, other: Piece & { kind: 'text' }): boolean =>
  one.mask === other.mask && one.href === other.href;
const isSpace = (char: string | undefined): boolean => char !== undefined && char.trim() === '';
const startsWithSpace = (text: string): boolean => isSpace(text[0]);
const endsInSpace = (text: string): boolean => isSpace(text.at(-1));

function trimEnd(line: Piece[]): void {
  const last = line.at(-1);
  if (last?.kind !== 'text') return;
  last.text = last.text.trimEnd();
  if (last.text === '') line.pop();
}

/** Pieces of one paragraph with neighbours of one link joined under it. */
function inlinesOf(pieces: readonly Piece[]): readonly Inline[] {
  const children: Inline[] = [];
  for (let at = 0; at < pieces.length; at += 1) {
    const piece = pieces[at];
    if (piece === undefined) break;
    if (piece.kind !== 'text') {
      children.push(piece);
      continue;
    }
    if (piece.href === undefined) {
      children.push(textOf(piece.text, piece.mask));
      continue;
    }
    const { href } = piece;
    const inside: Inline[] = [];
    let end = at;
    for (let next: Piece | undefined = piece; next?.kind === 'text' && next.href === href;) {
      inside.push(textOf(next.text, next.mask));
      end += 1;
      next = pieces[end];
    }
    at = end - 1;
    children.push({ kind: 'link', href, children: inside });
  }
  return children;
}

const textOf = (text: string, mask: number): Inline => ({ kind: 'text', text, marks: marksOf(mask) });

/** Paragraphs as one line sequence, a break between each two. */
export function joinLines(lines: readonly (readonly Inline[])[]): readonly Inline[] {
  if (lines.length < 2) return lines[0] ?? [];
  return lines.flatMap((line, at) => (at === 0 ? line : [{ kind: 'break' } as const, ...line]));
}

const plain = (text: string): Inline => ({ kind: 'text', text, marks: [] });
const BULLETS = ['•', '◦', '▪'];

/**
 * Any blocks as lines of inline text, for places that hold nothing else (a table cell, a list in a chat): list items
 * with their bullet or number, table rows with ` | ` between cells, code line by line.
 */
export function linesOf(blocks: readonly Block[], depth = 0): (readonly Inline[])[] {
  return blocks.flatMap((block): (readonly Inline[])[] => {
    switch (block.kind) {
      case 'paragraph':
        return splitLines(block.children);
      case 'heading':
        return splitLines(bold(block.children));
      case 'list':
        return block.items.flatMap((item, index) => {
          const bullet = block.ordered ? `${String(index + 1)}.` : (BULLETS[Math.min(depth, 2)] ?? '•');
          return linesOf(item, depth + 1).map((line, at) =>
            at === 0 ? [plain(`${bullet} `), ...line] : line,
          );
        });
      case 'quote':
        return linesOf(block.children, depth);
      case 'code':
        return block.text.split('\n').map((line) => [plain(line)]);
      case 'table':
        return block.rows.map((row) =>
          row.flatMap((cell, at) => [
            ...(at === 0 ? [] : [plain(' | ')]),
            ...cell.map((node) => (node.kind === 'break' ? plain(' ') : node)),
          ]),
        );
      case 'rule':
        return [[plain(RULE_TEXT)]];
    }
  });
}

function splitLines(children: readonly Inline[]): (readonly Inline[])[] {
  const lines: Inline[][] = [[]];
  for (const node of children) {
    if (node.kind === 'break') lines.push([]);
    else lines.at(-1)?.push(node);
  }
  return lines;
}

const bold = (children: readonly Inline[]): readonly Inline[] =>
  children.map((node): Inline => {
    if (node.kind === 'text') return { ...node, marks: marksOf(maskOf(node.marks) | BIT.bold) };
    return node.kind === 'link' ? { ...node, children: bold(node.children) } : node;
  });

/** Blocks in canonical form, as far as a surface of this shape holds them. Idempotent. */
export function shapeBlocks(blocks: readonly Block[], shape: Shape, depth = 0): readonly Block[] {
  const paragraphs = (children: readonly Inline[]): (readonly Inline[])[] =>
    paragraphsOf(shapePieces(piecesOf(children), shape));
  const asParagraphs = (children: readonly Inline[]): Block[] =>
    paragraphs(children).map((line) => ({ kind: 'paragraph', children: line }));
  const oneLine = (children: readonly Inline[]): readonly Inline[] => joinLines(paragraphs(children));

  return blocks.flatMap((block): readonly Block[] => {
    switch (block.kind) {
      case 'paragraph':
        return asParagraphs(block.children);
      case 'heading': {
        if (!shape.headings) return asParagraphs(bold(block.children));
        const children = oneLine(block.children);
        return children.length === 0 ? [] : [{ ...block, children }];
      }
      case 'list': {
        if (!shape.lists || depth >= MAX_DEPTH) return asParagraphs(joinLines(linesOf([block])));
        const items = block.items
          .map((item) => shapeBlocks(item, shape, depth + 1))
          .filter((item) => item.length > 0);
        return items.length === 0 ? [] : [{ kind: 'list', ordered: block.ordered, items }];
      }
      case 'quote': {
        if (depth >= MAX_DEPTH) return shapeBlocks(block.children, shape, depth);
        const children = shape.richQuotes
          ? shapeBlocks(block.children, shape, depth + 1)
          : block.children.flatMap((child) => asParagraphs(joinLines(linesOf([child]))));
        return children.length === 0 ? [] : [{ kind: 'quote', children }];
      }
      case 'code': {
        const text = cleanCode(block.text);
        return text === '' ? [] : [{ kind: 'code', text }];
      }
      case 'table': {
        if (!shape.tables) return asParagraphs(joinLines(linesOf([block])));
        const rows = block.rows.filter((row) => row.length > 0).map((row) => row.map(oneLine));
        return rows.some((row) => row.some((cell) => cell.length > 0)) ? [{ kind: 'table', rows }] : [];
      }
      case 'rule':
        return shape.rules ? [block] : [{ kind: 'paragraph', children: [plain(RULE_TEXT)] }];
    }
  });
}

function shapePieces(pieces: readonly Piece[], shape: Shape): readonly Piece[] {
  return pieces.map((piece): Piece => {
    if (piece.kind === 'text') {
      return shape.inlineCode ? piece : { ...piece, mask: piece.mask & ~BIT.code };
    }
    if (piece.kind === 'break' || shape.mentions(piece.person)) return piece;
    return { kind: 'text', text: cleanName(piece.name), mask: BIT.bold, href: undefined };
  });
}

/**
 * Text by which two blocks are compared: white space, zero-width characters, order of marks and composed or
 * decomposed letters are folded; marks and links count on words only, never on the white space between them.
 */
export function normalForm(block: Block): string {
  const out: string[] = [];
  writeBlock(block, out);
  return out.join('');
}

/** Separators that no cleaned text contains. */
const OPEN = '\u0001';
const CLOSE = '\u0002';
const STATE = '\u0003';
const BREAK = '\u0004';
const PERSON = '\u0005';

function writeBlock(block: Block, out: string[]): void {
  switch (block.kind) {
    case 'paragraph':
      writeInlines(block.children, out);
      return;
    case 'heading':
      out.push(OPEN, 'h', String(block.level));
      writeInlines(block.children, out);
      break;
    case 'list':
      out.push(OPEN, block.ordered ? 'ol' : 'ul');
      for (const item of block.items) writeGroup('i', item, out);
      break;
    case 'quote':
      writeGroup('q', block.children, out);
      return;
    case 'code':
      out.push(OPEN, 'c', cleanCode(block.text).normalize('NFC'));
      break;
    case 'table':
      out.push(OPEN, 't');
      for (const row of block.rows) {
        out.push(OPEN, 'r');
        for (const cell of row) {
          out.push(OPEN, 'd');
          writeInlines(cell, out);
          out.push(CLOSE);
        }
        out.push(CLOSE);
      }
      break;
    case 'rule':
      out.push(OPEN, 'hr');
      break;
  }
  out.push(CLOSE);
}

function writeGroup(name: string, blocks: readonly Block[], out: string[]): void {
  out.push(OPEN, name);
  for (const block of blocks) {
    out.push(OPEN);
    writeBlock(block, out);
    out.push(CLOSE);
  }
  out.push(CLOSE);
}

function writeInlines(children: readonly Inline[], out: string[]): void {
  let state = '';
  const write = (text: string, next: string): void => {
    const words = text.normalize('NFC').replace(/\s+/g, ' ');
    if (next === state || words === ' ') {
      out.push(words);
      return;
    }
    const start = words.startsWith(' ') ? 1 : 0;
    out.push(words.slice(0, start), STATE, next, STATE, words.slice(start));
    state = next;
  };
  const walk = (nodes: readonly Inline[], href: string): void => {
    for (const node of nodes) {
      if (node.kind === 'text')
        write(node.text, node.marks.length === 0 ? href : `${node.marks.join()} ${href}`);
      else if (node.kind === 'link') walk(node.children, node.href);
      else if (node.kind === 'break') out.push(BREAK);
      else out.push(PERSON, node.name, PERSON);
    }
  };
  walk(children, '');
}

/** Blocks as plain text, for logs, search and journals: one line per line, bullets and numbers kept, no markup. */
export function plainText(blocks: readonly Block[]): string {
  return linesOf(blocks)
    .map((line) => line.map(inlineText).join(''))
    .join('\n');
}

function inlineText(node: Inline): string {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'mention') return node.name;
  return node.kind === 'break' ? '\n' : node.children.map(inlineText).join('');
}
