/** What is wrong or doubtful in a mapping, told by its path in the YAML; the loader adds line and column. */
import { type Mapping } from './types.ts';

/** Keys and list positions (from 0) from the top of the document. */
export type Path = readonly (string | number)[];

/** Top-level keys of the document, and `kinds`: what the configured accounts are. */
export type Section =
  | 'space'
  | 'hub'
  | 'members'
  | 'lifecycle'
  | 'final'
  | 'acceptance'
  | 'transitions'
  | 'statuses'
  | 'people'
  | 'facades'
  | 'fields'
  | 'comments'
  | 'files'
  | 'privacy'
  | 'unknown_person'
  | 'guard'
  | 'kinds';

export interface Finding {
  /** A `problem` refuses the mapping; a `warning` is printed. */
  readonly severity: 'problem' | 'warning';
  readonly path: Path;
  readonly message: string;
  /** What to write or do, without the arrow. */
  readonly fix: string;
}

/** A check of a compiled mapping. It runs only when the sections that it reads were understood. */
export interface Rule {
  readonly name: string;
  readonly needs: readonly Section[];
  readonly find: (mapping: Mapping) => readonly Finding[];
}

export const problem = (path: Path, message: string, fix: string): Finding => ({
  severity: 'problem',
  path,
  message,
  fix,
});

export const warning = (path: Path, message: string, fix: string): Finding => ({
  severity: 'warning',
  path,
  message,
  fix,
});

/** `statuses.romashka.out.done`, `members[1].role`. */
export const printPath = (path: Path): string =>
  path.reduce<string>((printed, step) => {
    if (typeof step === 'number') return `${printed}[${step}]`;
    const key = /^[\p{L}\p{N}_-]+$/u.test(step) ? step : JSON.stringify(step);
    return printed === '' ? key : `${printed}.${key}`;
  }, '');

/** `"a", "b" or "c"`. */
export const list = (words: readonly string[], last = 'and'): string => {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)}`;
};

/** Letters to add, take, change or swap with a neighbour. */
function distance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= left.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column - 1) + (same ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(left.length, right.length);
}

/** The known word that a misspelt one most likely means. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.min(3, Math.floor(word.length / 3)));
  const scored = known
    .map((candidate) => ({
      candidate,
      far: distance(word.slice(0, 64).toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ far }) => far <= reach)
    .sort((one, other) => one.far - other.far);
  return scored[0]?.candidate;
}

/** `did you mean "client"?`, else the list to choose from. */
export const suggest = (word: string, known: readonly string[]): string => {
  const close = nearest(word, known);
  if (close !== undefined) return `did you mean "${close}"?`;
  return known.length === 0 ? 'remove it' : `write ${list(known, 'or')}`;
};
