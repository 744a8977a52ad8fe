/**
 * Puts a body together from what a surface's reader meets, in the order of the markup. Tolerant: frames that are left
 * open are closed, what stands in a wrong place gets the place that it needs. Keeps every byte: a block's source
 * runs from where it opened to where it closed, and bytes that carry no text (white space between blocks, wrappers)
 * become blocks of their own, an empty paragraph each, so that re-writing a neighbour does not touch them.
 */
import { type Block, type Body, type Inline, type SourcedBlock, type TextMark } from './body.ts';
import {
  cleanCode,
  MAX_DEPTH,
  joinLines,
  linesOf,
  maskOf,
  paragraphsOf,
  type Piece,
  piecesOf,
} from './bodyForm.ts';
import { type LocalPersonId } from '../../errors/ids.ts';

export type FrameKind = 'quote' | 'item' | 'cell' | 'list' | 'table' | 'row';

/** One shape for all kinds, since they are made by the thousand: each fills the list that its kind needs. */
interface Frame {
  readonly kind: FrameKind;
  readonly start: number;
  readonly ordered: boolean;
  /** Lists and quotes around and including this frame; `tables` likewise. */
  readonly depth: number;
  readonly tables: number;
  /** Of a quote, an item, a cell. */
  readonly blocks: Block[];
  /** Of a list. */
  readonly items: Block[][];
  /** Of a table. */
  readonly rows: (readonly (readonly Inline[])[])[];
  /** Of a row. */
  readonly cells: (readonly Inline[])[];
}

/** Every `at` is an offset into the markup where the construct begins, every `end` the offset just behind it. */
export interface BodyBuilder {
  text(text: string, at: number): void;
  lineBreak(at: number): void;
  mention(person: LocalPersonId, name: string, at: number): void;
  /** An inline tag that may carry a mark or a link; each needs its `closeInline` with the same value. */
  openInline(at: number, mark?: TextMark, href?: string): void;
  closeInline(end: number, mark?: TextMark, href?: string): void;
  /** The edge of a paragraph without a tag of its own (a blank line, a `div`). */
  edge(at: number): void;
  /** A paragraph or heading with a tag of its own, both ends. */
  openParagraph(at: number, level?: 1 | 2 | 3 | 4): void;
  closeParagraph(end: number): void;
  open(kind: FrameKind, at: number, ordered?: boolean): void;
  /** Closes the nearest frame of that kind and what is open inside it; without one, only ends the paragraph. */
  close(kind: FrameKind, at: number, end: number): void;
  code(text: string, at: number, end: number): void;
  rule(at: number, end: number): void;
  /** Whether a frame of this kind is open. */
  inside(kind: FrameKind): boolean;
  finish(): Body;
}

const EMPTY: Block = { kind: 'paragraph', children: [] };
/** Tables in cells of tables are read as lines in any case; beyond this depth their tags are not even counted. */
const MAX_TABLES = 4;

export function buildBody(markup: string): BodyBuilder {
  const out: SourcedBlock[] = [];
  const frames: Frame[] = [];
  let cut = 0;

  let pieces: Piece[] = [];
  let start = -1;
  let level: 0 | 1 | 2 | 3 | 4 = 0;
  let breaks = 0;
  /** Where the running gap began, or -1 when that is inside an inline tag and the bytes cannot be cut there. */
  let breakAt = -1;

  /** Open inline tags and paragraph tags: while there are any, the bytes cannot be cut. */
  let held = 0;
  let waiting: Block[] = [];
  let waitingStart = -1;
  const marks: Record<TextMark, number> = { bold: 0, italic: 0, underline: 0, strike: 0, code: 0 };
  let mask = 0;
  const links: string[] = [];

  const emit = (blocks: readonly Block[], from: number, end: number): void => {
    if (held > 0 || waitingStart !== -1) {
      if (waitingStart === -1) waitingStart = from;
      waiting.push(...blocks);
      if (held > 0) return;
    }
    const all = waitingStart === -1 ? blocks : waiting;
    const first = waitingStart === -1 ? from : waitingStart;
    waiting = [];
    waitingStart = -1;
    if (all.length === 0) return;
    if (first > cut) out.push({ block: EMPTY, source: markup.slice(cut, first) });
    all.forEach((block, at) => out.push({ block, source: at === 0 ? markup.slice(first, end) : '' }));
    cut = end;
  };

  /** Ends the running paragraph at this offset. */
  const flush = (at: number): void => {
    const from = start === -1 ? at : start;
    // A gap at a paragraph's end stays behind when the paragraph is written anew.
    const end = breaks > 1 && held === 0 && breakAt !== -1 ? breakAt : at;
    const paragraphs = pieces.length === 0 ? [] : paragraphsOf(pieces);
    const blocks: Block[] =
      level > 0 && paragraphs.length > 0
        ? [{ kind: 'heading', level: level === 0 ? 1 : level, children: joinLines(paragraphs) }]
        : paragraphs.map((children) => ({ kind: 'paragraph', children }));
    pieces = [];
    start = -1;
    breaks = 0;
    const frame = frames.at(-1);
    if (frame === undefined) emit(blocks, from, end);
    else blocks.forEach((block) => append(frame, block));
  };

  const append = (frame: Frame, block: Block): void => {
    if (isFlow(frame.kind)) frame.blocks.push(block);
    else if (frame.kind === 'list') frame.items.push([block]);
    else if (frame.kind === 'row') frame.cells.push(lineOf([block]));
    else frame.rows.push([lineOf([block])]);
  };

  const push = (kind: FrameKind, at: number, ordered = false, blocks: Block[] = []): void => {
    const top = frames.at(-1);
    const depth = (top?.depth ?? 0) + (kind === 'list' || kind === 'quote' ? 1 : 0);
    const tables = (top?.tables ?? 0) + (kind === 'table' ? 1 : 0);
    const lifts = depth > MAX_DEPTH && (kind === 'quote' || kind === 'item');
    const around = lifts ? frames.findLast((frame) => isFlow(frame.kind)) : undefined;
    frames.push({
      kind,
      start: at,
      ordered,
      depth,
      tables,
      blocks: around?.blocks ?? blocks,
      items: [],
      rows: [],
      cells: [],
    });
  };

  /** Text and blocks stand in an item of a list, in a cell of a table: opens the one that is missing. */
  const need = (at: number): void => {
    const kind = frames.at(-1)?.kind;
    if (kind === 'list') push('item', at);
    if (kind === 'table') push('row', at);
    if (kind === 'table' || kind === 'row') push('cell', at);
  };

  const blocksOf = (frame: Frame): readonly Block[] => {
    // Too deep: its blocks went to the frame around it as they came.
    if (frame.depth > MAX_DEPTH && frame.kind !== 'table') return [];
    if (frame.kind === 'quote' && frame.blocks.length > 0) {
      return [{ kind: 'quote', children: frame.blocks }];
    }
    if (frame.kind === 'list' && frame.items.length > 0) {
      return [{ kind: 'list', ordered: frame.ordered, items: frame.items }];
    }
    if (frame.kind === 'table' && frame.rows.some((row) => row.some((cell) => cell.length > 0))) {
      return [{ kind: 'table', rows: frame.rows }];
    }
    return [];
  };

  const closeTop = (end: number): void => {
    flush(end);
    const frame = frames.pop();
    const parent = frames.at(-1);
    if (frame === undefined) return;
    if (frame.kind === 'item' && parent?.kind === 'list') {
      if (frame.blocks.length > 0 && frame.depth <= MAX_DEPTH) parent.items.push(frame.blocks);
    } else if (frame.kind === 'cell' && parent?.kind === 'row') {
      parent.cells.push(lineOf(frame.blocks));
    } else if (frame.kind === 'row' && parent?.kind === 'table') {
      if (frame.cells.length > 0) parent.rows.push(frame.cells);
    } else {
      const blocks = blocksOf(frame);
      if (parent === undefined) emit(blocks, frame.start, end);
      else blocks.forEach((block) => append(parent, block));
    }
  };

  const nearest = (...kinds: readonly FrameKind[]): number =>
    frames.findLastIndex((frame) => kinds.includes(frame.kind));

  const closeDownTo = (depth: number, end: number): void => {
    while (frames.length > depth) closeTop(end);
  };

  const content = (at: number): void => {
    if (breaks > 1 && pieces.length > 0 && level === 0) flush(breakAt === -1 ? at : breakAt);
    breaks = 0;
    need(at);
    if (start === -1) start = at;
  };

  const whole = (block: Block, at: number, end: number): void => {
    flush(at);
    need(at);
    const frame = frames.at(-1);
    if (frame === undefined) emit([block], at, end);
    else append(frame, block);
  };

  return {
    text(text, at) {
      if (text.trim() === '') {
        if (pieces.length > 0 && breaks === 0) pieces.push({ kind: 'text', text, mask, href: links.at(-1) });
        return;
      }
      content(at);
      pieces.push({ kind: 'text', text, mask, href: links.at(-1) });
    },

    lineBreak(at) {
      if (pieces.length === 0) return;
      if (breaks === 0) breakAt = held > 0 ? -1 : at;
      breaks += 1;
      pieces.push({ kind: 'break' });
    },

    mention(person, name, at) {
      const href = links.at(-1);
      content(at);
      if (href === undefined) pieces.push({ kind: 'mention', person, name });
      else pieces.push({ kind: 'text', text: name, mask, href });
    },

    openInline(at, mark, href) {
      if (breaks > 1 && pieces.length > 0 && level === 0 && held === 0) flush(breakAt === -1 ? at : breakAt);
      if (start === -1) start = at;
      held += 1;
      if (mark !== undefined) {
        marks[mark] += 1;
        mask |= maskOf([mark]);
      }
      if (href !== undefined) links.push(href);
    },

    closeInline(end, mark, href) {
      held -= 1;
      if (mark !== undefined) {
        marks[mark] -= 1;
        if (marks[mark] === 0) mask &= ~maskOf([mark]);
      }
      if (href !== undefined) links.splice(links.lastIndexOf(href), 1);
      if (frames.length === 0 && pieces.length === 0 && held === 0 && waitingStart !== -1) flush(end);
    },

    edge: flush,

    openParagraph(at, headingLevel) {
      flush(at);
      need(at);
      start = at;
      held += 1;
      level = headingLevel ?? 0;
    },

    closeParagraph(end) {
      held -= 1;
      flush(end);
      level = 0;
    },

    open(kind, at, ordered = false) {
      flush(at);
      const top = frames.at(-1);
      if (kind === 'item') {
        const list = nearest('list');
        if (list === -1) return;
        closeDownTo(list + 1, at);
        push(kind, at);
      } else if (kind === 'row') {
        const table = nearest('table');
        if (table === -1) return;
        closeDownTo(table + 1, at);
        push(kind, at);
      } else if (kind === 'cell') {
        const row = nearest('row', 'table');
        if (row === -1) return;
        closeDownTo(row + 1, at);
        if (frames.at(-1)?.kind === 'table') push('row', at);
        push(kind, at);
      } else if (kind === 'list') {
        // A list right inside a list belongs to the item before it.
        if (top?.kind === 'list') push('item', at, false, top.items.pop());
        else need(at);
        push(kind, at, ordered);
      } else if (kind === 'table') {
        if (top !== undefined && top.tables >= MAX_TABLES) return;
        need(at);
        push(kind, at);
      } else {
        need(at);
        push(kind, at);
      }
    },

    close(kind, at, end) {
      const index = nearest(kind);
      if (index === -1) flush(at);
      else closeDownTo(index, end);
    },

    code(text, at, end) {
      const clean = cleanCode(text);
      if (clean === '') flush(end);
      else whole({ kind: 'code', text: clean }, at, end);
    },

    rule(at, end) {
      whole({ kind: 'rule' }, at, end);
    },

    inside: (kind) => nearest(kind) !== -1,

    finish() {
      closeDownTo(0, markup.length);
      held = 0;
      flush(markup.length);
      if (cut < markup.length) out.push({ block: EMPTY, source: markup.slice(cut) });
      return { blocks: out };
    },
  };
}

const isFlow = (kind: FrameKind): boolean => kind === 'quote' || kind === 'item' || kind === 'cell';

const lineOf = (blocks: readonly Block[]): readonly Inline[] =>
  joinLines(paragraphsOf(piecesOf(joinLines(linesOf(blocks)))));

/** A body of one plain line, or of white space: the quick path of every surface. */
export function plainBody(markup: string): Body {
  if (markup === '') return { blocks: [] };
  const [children] = paragraphsOf([{ kind: 'text', text: markup, mask: 0, href: undefined }]);
  const block: Block = children === undefined ? EMPTY : { kind: 'paragraph', children };
  return { blocks: [{ block, source: markup }] };
}
