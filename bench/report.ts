/** Figures as JSON lines while they come, and one table at the end. */
export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Absent = printed only. */
  readonly limit?: { readonly atMost: number } | { readonly atLeast: number };
  readonly note?: string;
}

export const holds = ({ value, limit }: Figure): boolean =>
  !limit || ('atMost' in limit ? value <= limit.atMost : value >= limit.atLeast);

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3));

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.bench,
    figure.what,
    `${rounded(figure.value)} ${figure.unit}`.trim(),
    figure.limit
      ? 'atMost' in figure.limit
        ? `≤ ${rounded(figure.limit.atMost)}`
        : `≥ ${rounded(figure.limit.atLeast)}`
      : '',
    figure.limit ? (holds(figure) ? 'holds' : 'FALLS SHORT') : '',
    figure.note ?? '',
  ]);
  const all = [['bench', 'what', 'measured', 'limit', '', ''], ...rows];
  const widths = all.reduce<number[]>(
    (wide, row) => row.map((cell, index) => Math.max(wide[index] ?? 0, cell.length)),
    [],
  );
  return all
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
