/**
 * The three places where text stands in Bitrix24: descriptions, comments of the old card, messages of a task's chat
 * (bitrix24-api.md, sections 14, 15, 21).
 */
import { type Block, type Inline, type Surface, type TextMark } from '../../sync/core/body.ts';
import { normalForm, type Shape, shapeBlocks } from '../../sync/core/bodyForm.ts';
import { type Dialect, escapeBbcode, escapeCode, escapeLines, parseBbcode } from './bbcode.ts';

const DOCUMENT: Shape = {
  headings: false,
  rules: false,
  lists: true,
  tables: true,
  // [CODE] is a block of its own.
  inlineCode: false,
  richQuotes: true,
  mentions: (person) => /^\d+$/.test(person),
};

const CHAT: Shape = { ...DOCUMENT, lists: false, tables: false, richQuotes: false };

const TAGS: Readonly<Record<TextMark, string>> = {
  bold: 'B',
  italic: 'I',
  underline: 'U',
  strike: 'S',
  code: '',
};

function printInline(node: Inline): string {
  switch (node.kind) {
    case 'text':
      return node.marks.reduceRight(
        (inside, mark) => (TAGS[mark] === '' ? inside : `[${TAGS[mark]}]${inside}[/${TAGS[mark]}]`),
        escapeBbcode(node.text),
      );
    case 'break':
      return '\n';
    case 'link':
      return `[URL=${node.href}]${printLine(node.children)}[/URL]`;
    case 'mention':
      return `[USER=${node.person}]${node.name}[/USER]`;
  }
}

const printLine = (children: readonly Inline[]): string => children.map(printInline).join('');

function printBlock(block: Block, dialect: Dialect): string {
  switch (block.kind) {
    case 'paragraph':
      return dialect === 'chat' ? escapeLines(printLine(block.children)) : printLine(block.children);
    case 'heading':
      return printLine(block.children);
    case 'list': {
      const items = block.items.map((item) => `[*]${printBlocks(item, dialect)}\n`);
      return `[LIST${block.ordered ? '=1' : ''}]\n${items.join('')}[/LIST]`;
    }
    case 'quote': {
      const inside = printBlocks(block.children, dialect);
      return dialect === 'chat' ? inside.replace(/^/gm, '>>') : `[QUOTE]\n${inside}\n[/QUOTE]`;
    }
    case 'code':
      return `[CODE]${escapeCode(block.text)}[/CODE]`;
    case 'table': {
      const rows = block.rows.map(
        (row) => `[TR]${row.map((cell) => `[TD]${printLine(cell)}[/TD]`).join('')}[/TR]\n`,
      );
      return `[TABLE]\n${rows.join('')}[/TABLE]`;
    }
    case 'rule':
      return '';
  }
}

/** A blank line stands between two paragraphs and between two quotes of a chat; a block tag needs none. */
function printBlocks(blocks: readonly Block[], dialect: Dialect): string {
  return blocks
    .map((block, at) => {
      const before = blocks[at - 1];
      const apart = before?.kind === block.kind && (block.kind === 'paragraph' || block.kind === 'quote');
      return `${before === undefined ? '' : apart ? '\n\n' : '\n'}${printBlock(block, dialect)}`;
    })
    .join('');
}

/** Two stretches that were no neighbours: a blank line between them, counting the line feeds already there. */
function seam(left: string, right: string): string {
  if (left === '' || right === '') return '';
  const there =
    (/\n*$/.exec(left.slice(-2))?.[0].length ?? 0) + (/^\n*/.exec(right.slice(0, 2))?.[0].length ?? 0);
  return '\n'.repeat(Math.max(0, 2 - there));
}

const surface = (name: string, dialect: Dialect, shape: Shape, maxLength: number): Surface => ({
  name,
  maxLength,
  parse: (markup) => parseBbcode(markup, dialect),
  print: (blocks) => printBlocks(shapeBlocks(blocks, shape), dialect),
  reduce: (blocks) => shapeBlocks(blocks, shape),
  normal: normalForm,
  seam,
});

/** A task's description. Its limit is not documented; 65,535 is the assumed one (section 23, row 23). */
export const bitrixDescription: Surface = surface('bitrix24.description', 'document', DOCUMENT, 65_535);

/** A comment of the old card (`POST_MESSAGE`): the same BBCode as a description. */
export const bitrixComment: Surface = surface('bitrix24.comment', 'document', DOCUMENT, 65_535);

/** A message of a task's chat: no lists, no tables; longer text is cut by the server without an error. */
export const bitrixChat: Surface = surface('bitrix24.chat', 'chat', CHAT, 20_000);
