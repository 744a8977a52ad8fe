/**
 * What is known to go wrong where answers are lost or workers die, and is not mended yet: told, and no failure of the daily
 * suite. Short stories of it stand under tests/regressions/open; a mended one moves up from there and is replayed. What a
 * role may not see is never among it, and neither is anything in a story in which nothing breaks.
 */
const leak = /which nobody here may|written by nobody|which nobody wrote|nobody said it|nobody set a task/u;

export const isKnown = (finding: string): boolean => !leak.test(finding);
