/**
 * Bodies as a lens with complement: what a mirror shows is carried into an origin's own markup block by block, and a
 * block that nobody touched keeps its bytes. Blocks are compared by their normal form, never by bytes. Pure.
 */
import { type Block, type Body, type SourcedBlock, type Surface } from './body.ts';

export { plainText } from './bodyForm.ts';

/** Blocks that cannot be cut apart (one source, several blocks), and how they are compared; '' = nothing to read. */
interface Chunk {
  readonly source: string;
  readonly blocks: readonly Block[];
  readonly normals: readonly string[];
}

/** A stretch of the new markup: bytes that stay, or blocks to be printed. */
type Part =
  | { readonly kind: 'kept'; readonly chunk: Chunk; readonly from: number }
  | { readonly kind: 'printed'; readonly blocks: readonly Block[] };

function chunksOf(body: Body, surface: Surface): readonly Chunk[] {
  const groups: SourcedBlock[][] = [];
  for (const sourced of body.blocks) {
    if (sourced.source === '' && groups.length > 0) groups.at(-1)?.push(sourced);
    else groups.push([sourced]);
  }
  return groups.map((group) => {
    const normals = group.map(({ block }) => surface.normal(block)).filter((normal) => normal !== '');
    return {
      source: group.map(({ source }) => source).join(''),
      blocks: group.map(({ block }) => block),
      normals,
    };
  });
}

const isFiller = (chunk: Chunk): boolean => chunk.normals.length === 0;
const contentOf = (body: Body, surface: Surface): readonly Block[] =>
  body.blocks.map(({ block }) => block).filter((block) => surface.normal(block) !== '');
const sourceOf = (body: Body): string => body.blocks.map(({ source }) => source).join('');

const sameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, at) => text === right[at]);

/** Whether two bodies say the same as far as both surfaces can say it. */
export function sameBody(a: Body, aSurface: Surface, b: Body, bSurface: Surface): boolean {
  const normals = (body: Body): readonly string[] =>
    bSurface
      .reduce(aSurface.reduce(body.blocks.map(({ block }) => block)))
      .map((block) => bSurface.normal(block));
  return sameList(normals(a), normals(b));
}

/** Cells of the table that an exact alignment may fill; beyond it a greedy one is good enough. */
const EXACT_CELLS = 1_000_000;

/**
 * For each left text the index of the right text that it stays with, in order, or -1: a longest common subsequence,
 * or for very long unlike texts the next equal one.
 */
export function align(left: readonly string[], right: readonly string[]): readonly number[] {
  const pairs = left.map(() => -1);
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) {
    pairs[head] = head;
    head += 1;
  }
  let leftEnd = left.length;
  let rightEnd = right.length;
  while (leftEnd > head && rightEnd > head && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1;
    rightEnd -= 1;
    pairs[leftEnd] = rightEnd;
  }
  const rows = leftEnd - head;
  const columns = rightEnd - head;
  if (rows === 0 || columns === 0) return pairs;
  if (rows * columns > EXACT_CELLS) alignGreedily(left, right, pairs, head, leftEnd, rightEnd);
  else alignExactly(left, right, pairs, head, rows, columns);
  return pairs;
}

function alignExactly(
  left: readonly string[],
  right: readonly string[],
  pairs: number[],
  head: number,
  rows: number,
  columns: number,
): void {
  const width = columns + 1;
  /** Length of the longest common rest from (row, column) on. */
  const rest = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number): number => rest[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      rest[row * width + column] =
        left[head + row] === right[head + column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  let row = 0;
  let column = 0;
  while (row < rows && column < columns) {
    if (left[head + row] === right[head + column]) {
      pairs[head + row] = head + column;
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
}

function alignGreedily(
  left: readonly string[],
  right: readonly string[],
  pairs: number[],
  head: number,
  leftEnd: number,
  rightEnd: number,
): void {
  const places = new Map<string, number[]>();
  for (let index = rightEnd - 1; index >= head; index -= 1) {
    const text = right[index] ?? '';
    const list = places.get(text);
    if (list === undefined) places.set(text, [index]);
    else list.push(index);
  }
  let last = head - 1;
  for (let index = head; index < leftEnd; index += 1) {
    const list = places.get(left[index] ?? '') ?? [];
    while ((list.at(-1) ?? last + 1) <= last) list.pop();
    const place = list.pop();
    if (place === undefined) continue;
    pairs[index] = place;
    last = place;
  }
}

/** White space, line feeds and `<br>`: gaps that should not pile up where a block was taken out. */
const BLANK = /^(?:\s|<br\s*\/?>|&nbsp;)*$/i;

/**
 * Parts as markup. Checked by reading it back: should kept bytes and new ones not stay apart as wanted, the whole text
 * is printed anew, since what people read goes before bytes.
 */
function assemble(parts: readonly Part[], surface: Surface): string {
  const blocks = parts.flatMap((part) => (part.kind === 'kept' ? part.chunk.blocks : part.blocks));
  let markup = '';
  let next = 0;
  let gap = false;
  for (const part of withoutGaps(parts)) {
    const text = part.kind === 'kept' ? part.chunk.source : surface.print(part.blocks);
    if (text === '') continue;
    const neighbours = part.kind === 'kept' && part.from === next && !gap;
    if (!neighbours && surface.seam !== undefined) markup += surface.seam(markup, text);
    markup += text;
    gap = part.kind === 'printed';
    if (part.kind === 'kept') next = part.from + 1;
  }
  const wanted = surface.reduce(blocks).map((block) => surface.normal(block));
  const got = contentOf(surface.parse(markup), surface);
  return sameList(
    surface.reduce(got).map((block) => surface.normal(block)),
    wanted,
  )
    ? markup
    : surface.print(blocks);
}

/** Of two blank stretches that meet because the block between them is gone, one stays. */
function withoutGaps(parts: readonly Part[]): readonly Part[] {
  const blank = (part: Part | undefined): boolean =>
    part?.kind === 'kept' && isFiller(part.chunk) && BLANK.test(part.chunk.source);
  const out: Part[] = [];
  for (const part of parts) {
    const before = out.at(-1);
    const together = part.kind === 'kept' && before?.kind === 'kept' && part.from === before.from + 1;
    if (!together && blank(part) && blank(before)) continue;
    out.push(part);
  }
  return out;
}

/**
 * Markup that shows the wanted blocks. A wanted block that the current body already shows (same normal form, in order)
 * keeps its source bytes, others are printed; bytes between them stay as long as a neighbour does.
 */
export function putBlocks(wanted: readonly Block[], current: Body, surface: Surface): string {
  const blocks = surface.reduce(wanted);
  return edit(
    chunksOf(current, surface),
    blocks,
    blocks.map((block) => surface.normal(block)),
    surface,
  );
}

function edit(
  chunks: readonly Chunk[],
  blocks: readonly Block[],
  normals: readonly string[],
  surface: Surface,
): string {
  const units = chunks.map((chunk, index): Unit => ({
    chunks: [chunk],
    from: index,
    normals: chunk.normals,
  }));
  return carry(units, blocks, normals, (block) => block, surface);
}

/** Chunks of the origin and the texts by which the mirror shows them. */
interface Unit {
  readonly chunks: readonly Chunk[];
  readonly from: number;
  readonly normals: readonly string[];
}

/**
 * Units whose texts stand in `after` together and in order keep their bytes; between two such units the new blocks are
 * printed, one for each unit that went, the rest for the last one.
 */
function carry(
  units: readonly Unit[],
  after: readonly Block[],
  afterNormals: readonly string[],
  back: (block: Block) => Block,
  surface: Surface,
): string {
  const pairs = align(
    units.flatMap((unit) => unit.normals),
    afterNormals,
  );
  const parts: Part[] = [];
  let taken = 0;
  let first = 0;
  let waiting: Unit[] = [];
  const settle = (end: number): void => {
    parts.push(...replaced(waiting, after.slice(taken, end), back));
    waiting = [];
  };
  for (const unit of units) {
    const count = unit.normals.length;
    const place = pairs[first] ?? -1;
    const stays = count > 0 && place >= 0 && unit.normals.every((_, at) => pairs[first + at] === place + at);
    first += count;
    if (!stays) {
      waiting.push(unit);
      continue;
    }
    settle(place);
    parts.push(...keep(unit));
    taken = place + count;
  }
  settle(after.length);
  return assemble(parts, surface);
}

const keep = (unit: Unit): readonly Part[] =>
  unit.chunks.map((chunk, at) => ({ kind: 'kept', chunk, from: unit.from + at }));

function replaced(
  units: readonly Unit[],
  blocks: readonly Block[],
  back: (block: Block) => Block,
): readonly Part[] {
  const gone = units.filter((unit) => unit.normals.length > 0).length;
  const parts: Part[] = [];
  let used = 0;
  let seen = 0;
  const print = (count: number): void => {
    const chosen = blocks.slice(used, used + count);
    used += chosen.length;
    if (chosen.length > 0) parts.push({ kind: 'printed', blocks: chosen.map(back) });
  };
  if (gone === 0) print(blocks.length);
  for (const unit of units) {
    if (unit.normals.length === 0) {
      parts.push(...keep(unit));
      continue;
    }
    seen += 1;
    print(seen === gone ? blocks.length : 1);
  }
  return parts;
}
