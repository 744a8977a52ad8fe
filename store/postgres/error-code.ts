/** The code of a system's or database's error (`ENOENT`, `57P03`), empty when it has none. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
