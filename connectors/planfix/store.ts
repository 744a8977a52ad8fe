/**
 * What Planfix does to values when it stores them (reference 4, 6.5, 9): minutes instead of moments, a comment's text
 * cut at 64 KB. Foreseen here, never trusted: what was read back decides.
 */
import { type ServerStore } from '../../sync/core/account.ts';
import { titleInPlane } from './astral.ts';
import { storedDate } from './dates.ts';

/** Longest comment in bytes of UTF-8, HTML included. */
export const commentBytesMax = 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text: string): number => encoder.encode(text).length;

/** The longest beginning of a text that fits, never half a character. */
export function cutToBytes(text: string, max: number): string {
  const bytes = encoder.encode(text);
  if (bytes.length <= max) return text;
  let end = max;
  // Continuation bytes (10xxxxxx) belong to a character that began earlier.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}

/**
 * `zone`: of the acting user. `takesAstral`: whether the account takes characters beyond the Basic Multilingual Plane, asked
 * at each title: the write that finds it out is read back by the same view.
 */
export const planfixStore = (zone: string, takesAstral: () => boolean = () => true): ServerStore => ({
  title: (title) => (takesAstral() ? title : titleInPlane(title)),
  description: (markup) => markup,
  comment: (_world, markup) => cutToBytes(markup, commentBytesMax),
  date: (date) => storedDate(date, zone),
});
