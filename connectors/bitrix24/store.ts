/** What the portal does to values that it stores (reference §21, §23 no. 23 and 36). Pure; used to foresee, never to trust. */
import { type ServerStore } from '../../sync/core/account.ts';

export const limits = {
  /** Assumed, not documented. */
  titleMax: 255,
  /** Assumed, not documented. */
  descriptionMax: 65_535,
  /** Documented: longer messages are cut silently. */
  chatMessageMax: 20_000,
  /** im.v2.File.upload. */
  fileBytesMax: 104_857_600,
} as const;

const cutMark = ' (...)';

/** The first `max` characters as the server counts them: an emoji is one. */
export function firstCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  return [...text].slice(0, max).join('');
}

const longerThan = (text: string, max: number): boolean => text.length > max && [...text].length > max;

export const store: ServerStore = {
  title: (title) => firstCharacters(title, limits.titleMax),
  description: (markup) => firstCharacters(markup, limits.descriptionMax),
  comment: (world, markup) =>
    world === 'chat' && longerThan(markup, limits.chatMessageMax)
      ? firstCharacters(markup, limits.chatMessageMax - cutMark.length) + cutMark
      : markup,
  // A portal may cut earlier than the documents say (reference §23 no. 36).
  cut: (world, sent, read) =>
    world === 'chat' &&
    read.endsWith(cutMark) &&
    sent.length > read.length &&
    sent.startsWith(read.slice(0, -cutMark.length)),
  // Dates have a time of day, to the second.
  date: ({ at }) => ({ at: Math.floor(at / 1_000) * 1_000, timed: true }),
};
