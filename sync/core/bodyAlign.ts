/** Pairs two sequences of texts: the ground of every comparison block by block. Pure. */

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
