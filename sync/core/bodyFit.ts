/** Texts that are too long for their place. Pure. */
import { type Block, type Inline, type Surface } from './body.ts';
import { plainText } from './bodyForm.ts';

/** Last paragraph of a copy that was cut, in the language of those who read it. Copies already made are known by it. */
export const cutNotice = 'Текст сокращён: целиком он здесь не помещается.';

/** Whether a mirror's last block is the notice, so that blocks of the origin are missing before it. */
export const isCutBy = (notice: string, shown: readonly Block[]): boolean => {
  const last = shown.at(-1);
  return last !== undefined && plainText([last]) === notice;
};

/** A block without the notice that somebody wrote on from; what is left is empty or theirs. */
export function withoutNotice(block: Block, notice: string): Block {
  if (block.kind !== 'paragraph') return block;
  const children = block.children.map((node) =>
    node.kind === 'text' ? { ...node, text: node.text.replace(notice, '') } : node,
  );
  return { ...block, children };
}

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
    children: `${text.slice(0, length).join('')}…`
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap((line, at): Inline[] => [
        ...(at === 0 ? [] : [{ kind: 'break' } as const]),
        { kind: 'text', text: line, marks: [] },
      ]),
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
