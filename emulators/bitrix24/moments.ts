/** Dates as the portal writes and reads them: ISO 8601 with the portal's offset, whole seconds. */
import { type Instant, type Json } from '../common/types.ts';
import { word } from './settings.ts';
import { type State } from './state.ts';

const offsetPattern = /^([+-])(\d{2}):?(\d{2})$/;

/** Offset of the portal: its text and its length in milliseconds. */
export const zone = (state: State): { text: string; ms: number } => {
  const text = word(state, 'portal.zone') || state.portal.utcOffset;
  const match = offsetPattern.exec(text);
  if (match === null) return { text: '+00:00', ms: 0 };
  const ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return { text, ms: match[1] === '-' ? -ms : ms };
};

/** `2026-09-28T10:00:00+03:00`, or null. */
export const iso = (state: State, at: Instant | null): string | null => {
  if (at === null) return null;
  const { text, ms } = zone(state);
  return new Date(at + ms).toISOString().slice(0, 19) + text;
};

/** As `iso` for a moment that is there. */
export const isoAt = (state: State, at: Instant): string => iso(state, at) ?? '';

/** Stored moments have whole seconds. */
export const seconds = (at: Instant): Instant => Math.floor(at / 1000) * 1000;

const full =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
const russian = /^(\d{2})\.(\d{2})\.(\d{4})(?:\s+(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** A moment from ISO text (without offset: portal time) or `DD.MM.YYYY HH:MM:SS`; undefined when it is none. */
export const moment = (state: State, value: Json | undefined): Instant | undefined => {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  let match = full.exec(text);
  if (match !== null) {
    const offset = match[7] ?? zone(state).text;
    const at = Date.parse(
      `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}${offset}`,
    );
    return Number.isNaN(at) ? undefined : at;
  }
  match = russian.exec(text);
  if (match === null) return undefined;
  const at = Date.parse(
    `${match[3]}-${match[2]}-${match[1]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}${zone(state).text}`,
  );
  return Number.isNaN(at) ? undefined : at;
};
