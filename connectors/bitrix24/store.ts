/** What the portal does to values that it stores (reference §21, §23 no. 23 and 36). Pure; used to foresee, never to trust. */
import { type ServerStore } from '../../sync/core/account.ts';
import { type Findings } from '../findings.ts';

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

export type Limits = Readonly<Record<keyof typeof limits, number>>;

/** What was found to be less in this portal; what holds more is not trusted. */
export function limitsIn(findings: Findings): Limits {
  const least = (name: string, documented: number): number => {
    const found = /^[1-9]\d*$/.exec(findings.value(name) ?? '');
    return found === null ? documented : Math.min(documented, Number(found[0]));
  };
  return {
    ...limits,
    titleMax: least('limits.titleMax', limits.titleMax),
    descriptionMax: least('limits.descriptionMax', limits.descriptionMax),
    chatMessageMax: least('limits.chatMessageMax', limits.chatMessageMax),
  };
}

/** Largest file that a chat is given: less than the smallest that was refused. */
export function chatFileMax(findings: Findings): number {
  const refused = /^[1-9]\d*$/.exec(findings.value('limits.chatFileMax') ?? '');
  return refused === null ? limits.fileBytesMax : Math.min(limits.fileBytesMax, Number(refused[0]) - 1);
}

const cutMark = ' (...)';

/** The first `max` characters as the server counts them: an emoji is one. */
export function firstCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  return [...text].slice(0, max).join('');
}

const longerThan = (text: string, max: number): boolean => text.length > max && [...text].length > max;

export const storeWithin = ({ titleMax, descriptionMax, chatMessageMax }: Limits): ServerStore => ({
  title: (title) => firstCharacters(title, titleMax),
  description: (markup) => firstCharacters(markup, descriptionMax),
  comment: (world, markup) =>
    world === 'chat' && longerThan(markup, chatMessageMax)
      ? firstCharacters(markup, chatMessageMax - cutMark.length) + cutMark
      : markup,
  // A portal may cut earlier than the documents say (reference §23 no. 36).
  cut: (world, sent, read) =>
    world === 'chat' &&
    read.endsWith(cutMark) &&
    sent.length > read.length &&
    sent.startsWith(read.slice(0, -cutMark.length)),
  // Dates have a time of day, to the second.
  date: ({ at }) => ({ at: Math.floor(at / 1_000) * 1_000, timed: true }),
});

export const store: ServerStore = storeWithin(limits);
