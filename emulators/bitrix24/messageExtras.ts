/** What a message may carry beside its text: attachments, buttons, menus (attachments.md and its neighbours of the vendor's reference). */
import { type Json } from '../common/types.ts';
import { isList, isRecord, type Params, pick, refuse } from './values.ts';

/** Longest written form of each. */
const most = 60_000;

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch (problem) {
    if (problem instanceof SyntaxError) return undefined;
    throw problem;
  }
};

/** A map or a list, written out or as JSON; `N` and nothing take away what was there. */
const readable = (value: Json): boolean => {
  if (value === null || value === '' || value === 'N') return true;
  const inner = typeof value === 'string' ? parsed(value) : value;
  return isRecord(inner) || isList(inner);
};

/** Refuses ATTACH, KEYBOARD and MENU that are no such thing or too long; the emulator keeps none of them. */
export const checkExtras = (params: Params): void => {
  for (const name of ['ATTACH', 'KEYBOARD', 'MENU']) {
    const value = pick(params, name);
    if (value === undefined) continue;
    const word = name.toLowerCase();
    if (!readable(value)) refuse(400, `${name}_ERROR`, `Incorrect ${word} params`);
    if (JSON.stringify(value).length > most) {
      refuse(400, `${name}_OVERSIZE`, `You have exceeded the maximum allowable size of ${word}`);
    }
  }
};
