import { type CoverageEntry } from '../common/types.ts';

export const coverage: readonly CoverageEntry[] = [];
