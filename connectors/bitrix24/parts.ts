/** Texts longer than a message can be, cut where a reader would cut them. */
import { type Surface } from '../../sync/core/body.ts';
import { type CommentWorld } from '../../sync/core/replica.ts';
import { bitrixChat, bitrixComment } from './body.ts';
import { firstCharacters, type Limits, limits } from './store.ts';

const lengthOf = (text: string): number => [...text].length;

/** A block that is too long by itself: at line ends where there are any, else anywhere. */
function slices(text: string, max: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (lengthOf(rest) > max) {
    const head = firstCharacters(rest, max);
    const line = head.lastIndexOf('\n');
    const end = line > 0 ? line + 1 : head.length;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return rest === '' ? parts : [...parts, rest];
}

/** Parts of at most `max` characters, at block boundaries; an empty text has none. */
export function textParts(text: string, surface: Surface, max: number | undefined): readonly string[] {
  if (text.trim() === '') return [];
  if (max === undefined || text.length <= max || lengthOf(text) <= max) return [text];
  const parts: string[] = [];
  let part = '';
  for (const source of surface.parse(text).blocks.flatMap((block) => slices(block.source, max))) {
    if (part !== '' && lengthOf(part) + lengthOf(source) > max) {
      parts.push(part);
      part = '';
    }
    part += source;
  }
  return [...parts, part].filter((piece) => piece.trim() !== '');
}

/** The messages of a chat, or comments of the old card, as which a text is written. */
export function commentParts(
  world: CommentWorld,
  text: string,
  { chatMessageMax }: Limits = limits,
): readonly string[] {
  return world === 'chat'
    ? textParts(text, bitrixChat, chatMessageMax)
    : textParts(text, bitrixComment, bitrixComment.maxLength);
}
