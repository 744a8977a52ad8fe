/** Cuts a comment that is longer than Planfix takes into parts, each whole HTML of its own. Pure. */
import { type Block, type Inline, type Surface } from '../../sync/core/body.ts';
import { planfixHtml } from './body.ts';
import { bytesOf, commentBytesMax, cutToBytes } from './store.ts';

/** The parts that a comment's text goes in. */
export const commentParts = (text: string): readonly string[] =>
  splitMarkup(planfixHtml, text, commentBytesMax);

/** Parts of at most `max` bytes, in order; one part, the very text, when it fits. */
export function splitMarkup(surface: Surface, markup: string, max: number): readonly string[] {
  if (bytesOf(markup) <= max) return [markup];
  const pieces = surface
    .parse(markup)
    .blocks.flatMap(({ block, source }) => fit(surface, block, source, max));
  const parts: string[] = [];
  let open: { readonly text: string; readonly bytes: number } | null = null;
  for (const piece of pieces) {
    const bytes = bytesOf(piece);
    if (open !== null && open.bytes + bytes <= max) {
      open = { text: open.text + piece, bytes: open.bytes + bytes };
      continue;
    }
    if (open !== null) parts.push(open.text);
    open = { text: piece, bytes };
  }
  if (open !== null) parts.push(open.text);
  return parts;
}

function fit(surface: Surface, block: Block, source: string, max: number): readonly string[] {
  if (bytesOf(source) <= max) return [source];
  const halves = halve(block);
  // What has no middle any more (one link of a monstrous address) is cut as the server would cut it.
  if (halves === null) return [cutToBytes(source, max)];
  return halves.flatMap((half) => fit(surface, half, surface.print([half]), max));
}

function middle<Value>(values: readonly Value[]): readonly [readonly Value[], readonly Value[]] | null {
  if (values.length < 2) return null;
  const at = Math.ceil(values.length / 2);
  return [values.slice(0, at), values.slice(at)];
}

/** A block as two blocks of about half its size; null when it can't be parted. */
function halve(block: Block): readonly [Block, Block] | null {
  switch (block.kind) {
    case 'paragraph':
    case 'heading': {
      const parted = middle(block.children) ?? alone(block.children);
      return (
        parted && [
          { ...block, children: parted[0] },
          { ...block, children: parted[1] },
        ]
      );
    }
    case 'list': {
      const parted = middle(block.items);
      if (parted !== null)
        return [
          { ...block, items: parted[0] },
          { ...block, items: parted[1] },
        ];
      const inside = halves(block.items[0] ?? []);
      return (
        inside && [
          { ...block, items: [inside[0]] },
          { ...block, items: [inside[1]] },
        ]
      );
    }
    case 'quote': {
      const inside = halves(block.children);
      return (
        inside && [
          { ...block, children: inside[0] },
          { ...block, children: inside[1] },
        ]
      );
    }
    case 'code': {
      const parted = halveText(block.text);
      return (
        parted && [
          { ...block, text: parted[0] },
          { ...block, text: parted[1] },
        ]
      );
    }
    case 'table': {
      const parted = middle(block.rows);
      if (parted !== null)
        return [
          { ...block, rows: parted[0] },
          { ...block, rows: parted[1] },
        ];
      const cells = middle(block.rows[0] ?? []);
      return (
        cells && [
          { ...block, rows: [cells[0]] },
          { ...block, rows: [cells[1]] },
        ]
      );
    }
    case 'rule':
      return null;
  }
}

function halves(blocks: readonly Block[]): readonly [readonly Block[], readonly Block[]] | null {
  const parted = middle(blocks);
  if (parted !== null) return parted;
  const [only] = blocks;
  const inside = only === undefined ? null : halve(only);
  return inside && [[inside[0]], [inside[1]]];
}

function alone(children: readonly Inline[]): readonly [readonly Inline[], readonly Inline[]] | null {
  const [only] = children;
  if (only === undefined || only.kind === 'break' || only.kind === 'mention') return null;
  if (only.kind === 'text') {
    const parted = halveText(only.text);
    return parted && [[{ ...only, text: parted[0] }], [{ ...only, text: parted[1] }]];
  }
  const inside = middle(only.children) ?? alone(only.children);
  return inside && [[{ ...only, children: inside[0] }], [{ ...only, children: inside[1] }]];
}

/** At a space near the middle where there is one; never inside a surrogate pair. */
function halveText(text: string): readonly [string, string] | null {
  if (text.length < 2) return null;
  const half = Math.floor(text.length / 2);
  const space = text.lastIndexOf(' ', half);
  let at = space > half / 2 ? space + 1 : half;
  const code = text.charCodeAt(at);
  if (code >= 0xdc00 && code <= 0xdfff) at -= 1;
  return at <= 0 || at >= text.length ? null : [text.slice(0, at), text.slice(at)];
}
