/**
 * Bodies as a lens with complement: what a mirror shows is carried into an origin's own markup block by block, and a
 * block that nobody touched keeps its bytes. Blocks are compared by their normal form, never by bytes. Pure.
 */
import { type Block, type Body, mentionsIn, type SourcedBlock, type Surface } from './body.ts';
import { align } from './bodyAlign.ts';
import { isCutBy, withoutNotice } from './bodyFit.ts';

export { cutNotice, fitBlocks } from './bodyFit.ts';
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
    const blocks = group.map(({ block }) => block);
    return {
      source: group.map(({ source }) => source).join(''),
      blocks,
      normals: surface.reduce(blocks).map((block) => surface.normal(block)),
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

/** White space, line feeds and `<br>`: gaps that should not pile up where a block was taken out. */
const BLANK = /^(?:\s|<br\s*\/?>|&nbsp;)*$/i;

/**
 * Parts as markup. Checked by reading it back: should kept bytes and new ones not stay apart as wanted, the whole text
 * is printed anew, since what people read goes before bytes.
 */
function assemble(parts: readonly Part[], total: number, surface: Surface): string {
  const blocks = parts.flatMap((part) => (part.kind === 'kept' ? part.chunk.blocks : part.blocks));
  let markup = '';
  let next = 0;
  let gap = false;
  for (const part of withoutGaps(parts, total)) {
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

/** Of two blank stretches that meet because the block between them is gone, one stays; at either end none. */
function withoutGaps(parts: readonly Part[], total: number): readonly Part[] {
  const blank = (part: Part | undefined): boolean =>
    part?.kind === 'kept' && isFiller(part.chunk) && BLANK.test(part.chunk.source);
  const out: Part[] = [];
  for (const part of parts) {
    const before = out.at(-1);
    const from = part.kind === 'kept' ? part.from : -1;
    const together = before === undefined ? from === 0 : before.kind === 'kept' && from === before.from + 1;
    const meets = before === undefined || blank(before);
    if (together || !meets || !blank(part)) out.push(part);
  }
  const last = out.at(-1);
  if (out.length > 1 && last?.kind === 'kept' && last.from < total - 1 && blank(last)) out.pop();
  return out;
}

/**
 * Markup that shows the wanted blocks. A wanted block that the current body already shows (same normal form, in order)
 * keeps its source bytes, others are printed; bytes between them stay as long as a neighbour does. `says` = what a block
 * of the current body that mentions people means among the wanted ones, where that is not the block itself.
 */
export function putBlocks(
  wanted: readonly Block[],
  current: Body,
  surface: Surface,
  says: (blocks: readonly Block[]) => readonly Block[] = (blocks) => blocks,
): string {
  const blocks = surface.reduce(wanted);
  const normals = blocks.map((block) => surface.normal(block));
  const units = unitsOf(chunksOf(current, surface)).map((unit) => {
    const own = unit.chunks.flatMap((chunk) => chunk.blocks);
    if (mentionsIn(own).length === 0) return unit;
    return { ...unit, normals: surface.reduce(says(own)).map((block) => surface.normal(block)) };
  });
  const shown = units.flatMap((unit) => unit.normals);
  return sameList(shown, normals)
    ? sourceOf(current)
    : carry(units, blocks, normals, (block) => block, surface);
}

const unitsOf = (chunks: readonly Chunk[]): readonly Unit[] =>
  chunks.map((chunk, from) => ({ chunks: [chunk], from, normals: chunk.normals }));

/** Chunks of the origin and the texts by which the mirror shows them. */
interface Unit {
  readonly chunks: readonly Chunk[];
  readonly from: number;
  readonly normals: readonly string[];
  /** What the origin says here and the mirror did not yet: written into the mirror too, it is said once. */
  readonly ahead?: readonly string[];
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
    const [blocks, normals] = [after.slice(taken, end), afterNormals.slice(taken, end)];
    parts.push(...(beside(waiting, blocks, normals, back) ?? replaced(waiting, blocks, back)));
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
  const total = units.reduce((sum, unit) => sum + unit.chunks.length, 0);
  return assemble(parts, total, surface);
}

/** New blocks of which the origin has some by itself already, because both sides were told the same; else undefined. */
function beside(
  units: readonly Unit[],
  blocks: readonly Block[],
  normals: readonly string[],
  back: (block: Block) => Block,
): readonly Part[] | undefined {
  if (units.some((unit) => unit.normals.length > 0)) return undefined;
  const pairs = align(
    units.flatMap((unit) => unit.ahead ?? []),
    normals,
  );
  const last = pairs.findLastIndex((place) => place >= 0);
  if (last === -1) return undefined;
  const parts: Part[] = [];
  let used = 0;
  let first = 0;
  const print = (end: number): void => {
    const chosen = blocks.slice(used, end);
    if (chosen.length > 0) parts.push({ kind: 'printed', blocks: chosen.map(back) });
  };
  for (const unit of units) {
    const count = unit.ahead?.length ?? 0;
    const places = pairs.slice(first, first + count).filter((place) => place >= 0);
    for (const place of places) {
      print(place);
      used = place + 1;
    }
    parts.push(...keep(unit));
    if (first <= last && last < first + count) {
      print(blocks.length);
      used = blocks.length;
    }
    first += count;
  }
  return parts;
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

export interface MirrorEdit {
  readonly origin: Body;
  readonly originSurface: Surface;
  /** The mirror as it last agreed with the origin. */
  readonly before: Body;
  /** The mirror as a person left it. */
  readonly after: Body;
  readonly mirrorSurface: Surface;
  /** A block written on the mirror as the origin says it (mentions of people, above all). */
  readonly back: (block: Block) => Block;
  /** The other way, where it is known; it only makes the match of unlike blocks surer. */
  readonly forth?: (block: Block) => Block;
  /** Last paragraph of a mirror that was cut (`fitBlocks`): blocks that it does not show stay in the origin. */
  readonly notice?: string;
}

/**
 * The origin's markup with an edit of its mirror carried in: blocks that the editor left alone keep the origin's
 * bytes, changed and new ones are printed at their place, deleted ones go. An origin block that the mirror shows as
 * several is made anew from all of them as soon as one changed.
 */
export function mergeEdit(edit: MirrorEdit): string {
  const { origin, originSurface, mirrorSurface, back, notice } = edit;
  const shown = contentOf(edit.before, mirrorSurface);
  const before = shown.map((block) => mirrorSurface.normal(block));
  const after = contentOf(edit.after, mirrorSurface);
  const normals = after.map((block) => mirrorSurface.normal(block));
  if (sameList(before, normals)) return sourceOf(origin);
  const units = originUnits(edit);
  if (notice === undefined || !isCutBy(notice, shown))
    return carry(matchUnits(units, before, matchUnlike), after, normals, back, originSurface);

  const { matched, whole } = cutUnits(units, before);
  const pairs = align(before, normals);
  const own = new Set(pairs.slice(whole).filter((place) => place >= 0));
  const written = mirrorSurface
    .reduce(after.filter((_, at) => !own.has(at)).map((block) => withoutNotice(block, notice)))
    .filter((block) => mirrorSurface.normal(block) !== '');
  const said = written.map((block) => mirrorSurface.normal(block));
  return carry(matched, written, said, back, originSurface);
}

/**
 * The same for a mirror that was cut: `whole` of its blocks stand for blocks of the origin, then come the start of the
 * first block that did not fit, if any, and the notice. No edit reaches a block of the origin that is not shown whole.
 */
function cutUnits(
  units: readonly Unit[],
  before: readonly string[],
): { readonly matched: readonly Unit[]; readonly whole: number } {
  const shown = before.slice(0, -1);
  for (const whole of [shown.length, shown.length - 1]) {
    const count = unitsShowing(units, shown.slice(0, Math.max(whole, 0)));
    if (whole < 0 || count === undefined) continue;
    return { matched: [...units.slice(0, count), ...units.slice(count).map(unseen)], whole };
  }
  const whole = shown.length - (shown.at(-1)?.endsWith('…') === true ? 1 : 0);
  return { matched: matchUnits(units, shown.slice(0, whole), matchApart), whole };
}

const unseen = (unit: Unit): Unit => ({ ...unit, normals: [] });

/** How many first units are shown by exactly these texts. */
function unitsShowing(units: readonly Unit[], shown: readonly string[]): number | undefined {
  let taken = 0;
  let count = 0;
  for (const { normals } of units) {
    if (taken === shown.length) break;
    if (!normals.every((text, at) => text === shown[taken + at])) return undefined;
    taken += normals.length;
    count += 1;
  }
  return taken === shown.length ? count : undefined;
}

/** Where it is not sure which chunks a cut mirror shows, none is touched. */
const matchApart = (run: readonly Unit[], shown: readonly string[]): readonly Unit[] =>
  shown.length === 0 ? run.map(unseen) : [{ chunks: [], from: -1, normals: shown }, ...run.map(unseen)];

/** The chunks of the origin with the texts by which the mirror should show them. */
function originUnits(edit: MirrorEdit): readonly Unit[] {
  const { originSurface, mirrorSurface, forth = (block: Block) => block } = edit;
  return unitsOf(chunksOf(edit.origin, originSurface)).map((unit) => {
    const blocks = unit.chunks.flatMap((chunk) => chunk.blocks.map(forth));
    return { ...unit, normals: mirrorSurface.reduce(blocks).map((block) => mirrorSurface.normal(block)) };
  });
}

/** Which blocks of the mirror stand for which chunks of the origin, in the order of both. */
function matchUnits(
  chunks: readonly Unit[],
  before: readonly string[],
  unlike: (run: readonly Unit[], shown: readonly string[]) => readonly Unit[],
): readonly Unit[] {
  const pairs = align(
    chunks.flatMap((unit) => unit.normals),
    before,
  );
  const units: Unit[] = [];
  let run: Unit[] = [];
  let first = 0;
  let taken = 0;
  const settle = (end: number): void => {
    units.push(...unlike(run, before.slice(taken, end)));
    run = [];
  };
  for (const unit of chunks) {
    const place = pairs[first] ?? -1;
    const count = unit.normals.length;
    const exact = count > 0 && place >= 0 && unit.normals.every((_, at) => pairs[first + at] === place + at);
    first += count;
    if (!exact) {
      run.push(unit);
      continue;
    }
    settle(place);
    units.push(unit);
    taken = place + count;
  }
  settle(before.length);
  return units;
}

/** Chunks that the mirror shows otherwise than expected (a name that a role sees differently): by place, else as one. */
function matchUnlike(run: readonly Unit[], shown: readonly string[]): readonly Unit[] {
  const expected = run.reduce((sum, unit) => sum + unit.normals.length, 0);
  if (expected === shown.length) {
    let taken = 0;
    return run.map((unit) => {
      taken += unit.normals.length;
      return { ...unit, normals: shown.slice(taken - unit.normals.length, taken) };
    });
  }
  const hidden = run.map((unit): Unit => ({ ...unit, normals: [] }));
  if (shown.length === 0) return run.map((unit): Unit => ({ ...unit, normals: [], ahead: unit.normals }));
  const firstShown = run.findIndex((unit) => unit.normals.length > 0);
  const lastShown = run.findLastIndex((unit) => unit.normals.length > 0);
  if (firstShown === -1) return [{ chunks: [], from: -1, normals: shown }, ...hidden];
  const middle = run.slice(firstShown, lastShown + 1);
  const one: Unit = {
    chunks: middle.flatMap((unit) => unit.chunks),
    from: middle[0]?.from ?? 0,
    normals: shown,
  };
  return [...hidden.slice(0, firstShown), one, ...hidden.slice(lastShown + 1)];
}

/** A block with the bytes behind it that carry no text. */
interface Segment {
  readonly parts: readonly Part[];
  readonly normal: string;
}

function segmentsOf(body: Body, surface: Surface, offset: number): readonly Segment[] {
  const segments: { parts: Part[]; normal: string }[] = [];
  let leading: Part[] = [];
  chunksOf(body, surface).forEach((chunk, at) => {
    const part: Part = { kind: 'kept', chunk, from: offset + at };
    if (!isFiller(chunk)) {
      segments.push({ parts: [...leading, part], normal: chunk.normals.join('\n') });
      leading = [];
    } else if (segments.length === 0) leading.push(part);
    else segments.at(-1)?.parts.push(part);
  });
  return segments;
}

/** Base blocks [from, to) became the side's blocks [start, end). */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
}

function hunksOf(base: readonly Segment[], side: readonly Segment[]): readonly Hunk[] {
  const pairs = align(
    base.map(({ normal }) => normal),
    side.map(({ normal }) => normal),
  );
  const hunks: Hunk[] = [];
  let from = 0;
  let start = 0;
  for (let to = 0; to <= base.length; to += 1) {
    const end = to === base.length ? side.length : (pairs[to] ?? -1);
    if (end === -1) continue;
    if (to > from || end > start) hunks.push({ from, to, segments: side.slice(start, end) });
    from = to + 1;
    start = end + 1;
  }
  return hunks;
}

const saysSame = (one: Hunk, other: Hunk): boolean =>
  one.from === other.from &&
  one.to === other.to &&
  sameList(
    one.segments.map(({ normal }) => normal),
    other.segments.map(({ normal }) => normal),
  );

const collide = (one: Hunk, other: Hunk): boolean =>
  (one.from < other.to && other.from < one.to) ||
  (one.from === one.to && other.from === other.to && one.from === other.from);

/**
 * Two edits of one body, both made from `base`, all three on one surface: the markup with both, or `undefined` when
 * they changed the same block otherwise or put something in at the same place. What neither changed keeps the bytes
 * of `left`.
 */
export function mergeBodies3(base: Body, left: Body, right: Body, surface: Surface): string | undefined {
  const apart = left.blocks.length + 1;
  const baseSegments = segmentsOf(base, surface, 0);
  const leftSegments = segmentsOf(left, surface, 0);
  const rightSegments = segmentsOf(right, surface, apart);
  const ours = hunksOf(baseSegments, leftSegments);
  const theirs = hunksOf(baseSegments, rightSegments).filter(
    (hunk) => !ours.some((own) => saysSame(own, hunk)),
  );
  if (theirs.some((hunk) => ours.some((own) => collide(own, hunk)))) return undefined;
  if (theirs.length === 0) return sourceOf(left);
  if (ours.length === 0) return sourceOf(right);

  const hunks = [...ours, ...theirs].sort((one, other) => one.from - other.from || one.to - other.to);
  const unchanged = pairsOf(baseSegments, leftSegments);
  const parts: Part[] = [];
  let at = 0;
  const copy = (to: number): void => {
    for (; at < to; at += 1) parts.push(...(leftSegments[unchanged[at] ?? -1]?.parts ?? []));
  };
  for (const hunk of hunks) {
    copy(hunk.from);
    parts.push(...hunk.segments.flatMap((segment) => segment.parts));
    at = Math.max(at, hunk.to);
  }
  copy(baseSegments.length);
  return assemble(parts, apart - 1, surface);
}

const pairsOf = (base: readonly Segment[], side: readonly Segment[]): readonly number[] =>
  align(
    base.map(({ normal }) => normal),
    side.map(({ normal }) => normal),
  );
