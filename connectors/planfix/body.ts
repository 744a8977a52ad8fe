/**
 * Planfix's HTML (descriptions, comments, text fields with the editor) as a body and back. The set of tags is the one
 * that the editor makes; what else comes is read through to its text (planfix-api.md, section 9).
 */
import { Parser } from 'htmlparser2';
import { type Block, type Body, type Inline, type Surface, type TextMark } from '../../sync/core/body.ts';
import { type BodyBuilder, buildBody, plainBody } from '../../sync/core/bodyBuilder.ts';
import { normalForm, safeHref, type Shape, shapeBlocks } from '../../sync/core/bodyForm.ts';

const SHAPE: Shape = {
  headings: true,
  rules: true,
  lists: true,
  tables: true,
  inlineCode: true,
  richQuotes: true,
  // No form of a mention in Planfix's HTML is documented, so none is invented: the name stands in bold.
  mentions: () => false,
};

const MARK_TAGS: Readonly<Record<string, TextMark>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strike',
  del: 'strike',
  strike: 'strike',
  code: 'code',
  kbd: 'code',
  samp: 'code',
  tt: 'code',
};
const HEADINGS: Readonly<Record<string, 1 | 2 | 3 | 4>> = { h1: 1, h2: 2, h3: 3, h4: 4, h5: 4, h6: 4 };
const FRAMES: Readonly<Record<string, 'quote' | 'list' | 'item' | 'table' | 'row' | 'cell'>> = {
  blockquote: 'quote',
  ul: 'list',
  ol: 'list',
  menu: 'list',
  li: 'item',
  table: 'table',
  tr: 'row',
  td: 'cell',
  th: 'cell',
};
/** Tags that only end a paragraph. */
const EDGES = new Set(
  (
    'address article aside body caption center colgroup dd details div dl dt fieldset figcaption figure footer ' +
    'form head header html legend main nav section summary tbody tfoot thead'
  ).split(' '),
);
/** Tags whose content is no text for people. */
const SILENT = new Set(
  (
    'applet audio canvas datalist frameset iframe math noembed noframes noscript object script select style svg ' +
    'template textarea title video xmp'
  ).split(' '),
);

const VOID = new Set(
  'area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr'.split(
    ' ',
  ),
);

const own = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

function parse(markup: string): Body {
  if (!markup.includes('<') && !markup.includes('&')) return plainBody(markup);
  const builder = buildBody(markup);
  /** Open elements that are silent or preformatted; links by what was opened for them. */
  let silent = 0;
  let ended = false;
  let pre: { at: number; text: string; depth: number } | undefined;
  const hrefs: (string | undefined)[] = [];

  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        const at = parser.startIndex;
        if (SILENT.has(name)) silent += 1;
        if (silent > 0) return;
        if (pre !== undefined) {
          if (name === 'pre') pre.depth += 1;
          if (name === 'br') pre.text += '\n';
          return;
        }
        if (name === 'pre') {
          builder.edge(at);
          pre = { at, text: '', depth: 1 };
        } else if (name === 'br') builder.lineBreak(at);
        else if (name === 'hr') builder.rule(at, parser.endIndex + 1);
        else if (name === 'img') readImage(builder, attributes, at, parser.endIndex + 1, hrefs.length > 0);
        else if (name === 'a') {
          const href = safeHref(attributes['href'] ?? '');
          hrefs.push(href);
          builder.openInline(at, undefined, href);
        } else if (!VOID.has(name)) openTag(builder, name, at);
      },
      ontext(text) {
        if (silent > 0) return;
        if (pre === undefined) builder.text(text, parser.startIndex);
        else pre.text += text;
      },
      onclosetag(name, implied) {
        const end = ended ? markup.length : implied ? parser.startIndex : parser.endIndex + 1;
        if (SILENT.has(name)) {
          silent -= 1;
          return;
        }
        if (silent > 0 || VOID.has(name)) return;
        if (pre !== undefined) {
          if (name === 'pre') pre.depth -= 1;
          if (pre.depth > 0) return;
          builder.code(pre.text, pre.at, end);
          pre = undefined;
        } else if (name === 'a') builder.closeInline(end, undefined, hrefs.pop());
        else closeTag(builder, name, ended ? end : parser.startIndex, end);
      },
    },
    { decodeEntities: true },
  );
  parser.write(markup);
  ended = true;
  parser.end();
  return builder.finish();
}

function openTag(builder: BodyBuilder, name: string, at: number): void {
  const frame = own(FRAMES, name);
  if (frame !== undefined) builder.open(frame, at, name === 'ol');
  else if (name === 'p') builder.openParagraph(at);
  else if (Object.hasOwn(HEADINGS, name)) builder.openParagraph(at, own(HEADINGS, name));
  else if (EDGES.has(name)) builder.edge(at);
  else builder.openInline(at, own(MARK_TAGS, name));
}

function closeTag(builder: BodyBuilder, name: string, at: number, end: number): void {
  const frame = own(FRAMES, name);
  if (frame !== undefined) builder.close(frame, at, end);
  else if (name === 'p' || Object.hasOwn(HEADINGS, name)) builder.closeParagraph(end);
  else if (EDGES.has(name)) builder.edge(at);
  else builder.closeInline(end, own(MARK_TAGS, name));
}

/** A picture crosses as a file; in the text it leaves a link to its address, or its alternative text. */
function readImage(
  builder: BodyBuilder,
  attributes: Readonly<Record<string, string>>,
  at: number,
  end: number,
  insideLink: boolean,
): void {
  const alt = attributes['alt'] ?? '';
  const src = safeHref(attributes['src'] ?? '');
  const href = src !== undefined && /^https?:/i.test(src) ? src : undefined;
  // Editors put emoji in as pictures with the emoji as alternative text.
  const isEmoji = /\p{Extended_Pictographic}/u.test(alt) && !/[\p{L}\p{N}]/u.test(alt);
  if (href === undefined || insideLink || isEmoji) {
    builder.text(alt, at);
    return;
  }
  builder.openInline(at, undefined, href);
  builder.text(alt.trim() === '' ? (href.split(/[?#]/)[0]?.split('/').at(-1) ?? '') || href : alt, at);
  builder.closeInline(end, undefined, href);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\u00a0': '&nbsp;',
};
const escapeText = (text: string): string => text.replace(/[&<>"\u00a0]/g, (char) => ESCAPES[char] ?? char);

const OPEN_MARKS: Readonly<Record<TextMark, string>> = {
  bold: 'b',
  italic: 'i',
  underline: 'u',
  strike: 's',
  code: 'code',
};

function printInline(node: Inline): string {
  switch (node.kind) {
    case 'text':
      return node.marks.reduceRight(
        (inside, mark) => `<${OPEN_MARKS[mark]}>${inside}</${OPEN_MARKS[mark]}>`,
        escapeText(node.text),
      );
    case 'break':
      return '<br>';
    case 'link':
      return `<a href="${escapeText(node.href)}">${printLine(node.children)}</a>`;
    case 'mention':
      return `<b>${escapeText(node.name)}</b>`;
  }
}

const printLine = (children: readonly Inline[]): string => children.map(printInline).join('');

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${printLine(block.children)}</p>`;
    case 'heading':
      return `<h${String(block.level)}>${printLine(block.children)}</h${String(block.level)}>`;
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul';
      return `<${tag}>${block.items.map((item) => `<li>${printItem(item)}</li>`).join('')}</${tag}>`;
    }
    case 'quote':
      return `<blockquote>${block.children.map(printBlock).join('')}</blockquote>`;
    case 'code':
      return `<pre>${escapeText(block.text)}</pre>`;
    case 'table': {
      const rows = block.rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${printLine(cell)}</td>`).join('')}</tr>`,
      );
      return `<table><tbody>${rows.join('')}</tbody></table>`;
    }
    case 'rule':
      return '<hr>';
  }
}

/** A first paragraph stands bare, as the editor writes it, unless another one follows it. */
function printItem(blocks: readonly Block[]): string {
  const [first, second] = blocks;
  if (first?.kind !== 'paragraph' || second?.kind === 'paragraph') return blocks.map(printBlock).join('');
  return printLine(first.children) + blocks.slice(1).map(printBlock).join('');
}

const BLOCK_TAG = /^<\/?(?:p|h[1-6]|[uo]l|li|blockquote|pre|table|hr|div)\b/i;

/** Two bare texts that were no neighbours must not run together. */
function seam(left: string, right: string): string {
  const tail = left.trimEnd();
  const ends = tail.endsWith('>') && BLOCK_TAG.test(tail.slice(tail.lastIndexOf('<')));
  return left === '' || right === '' || ends || BLOCK_TAG.test(right.trimStart()) ? '' : '<br><br>';
}

/**
 * Planfix HTML. `maxLength` reads the documented 64 KB as bytes of UTF-8 (planfix-api.md, 8.3): Cyrillic takes two.
 */
export const planfixHtml: Surface = {
  name: 'planfix.html',
  maxLength: 32_000,
  parse,
  print: (blocks) => shapeBlocks(blocks, SHAPE).map(printBlock).join(''),
  reduce: (blocks) => shapeBlocks(blocks, SHAPE),
  normal: normalForm,
  seam,
};
