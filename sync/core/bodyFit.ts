/** Texts that are too long for their place. Pure. */
import { type Block, type Surface } from './body.ts';
import { plainText } from './bodyForm.ts';

/**
 * Blocks cut so that their markup fits the surface, with `notice` as the last paragraph; unchanged when they fit.
 */
export function fitBlocks(blocks: readonly Block[], surface: Surface, notice: string): readonly Block[] {
  const limit = surface.maxLength;
  if (limit === undefined || surface.print(blocks).length <= limit) return blocks;
  const tail: Block = { kind: 'paragraph', children: [{ kind: 'text', text: notice, marks: [] }] };
  const fits = (count: number): boolean => surface.print([...blocks.slice(0, count), tail]).length <= limit;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return [...blocks.slice(0, low), ...startOf(blocks[low], blocks.slice(0, low), tail, surface, limit), tail];
}

/** As much of a block's plain text as still fits before the notice. */
function startOf(
  block: Block | undefined,
  before: readonly Block[],
  tail: Block,
  surface: Surface,
  limit: number,
): readonly Block[] {
  if (block === undefined) return [];
  const text = [...plainText([block])];
  const cut = (length: number): Block => ({
    kind: 'paragraph',
    children: [{ kind: 'text', text: `${text.slice(0, length).join('')}…`, marks: [] }],
  });
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (surface.print([...before, cut(middle), tail]).length <= limit) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? [] : [cut(low)];
}
