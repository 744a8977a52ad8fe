/**
 * Filters and orders of list methods over rows as they are shown: prefixes of keys, lists as alternatives
 * (user-get.md, sonet-group-get.md and disk-folder-get-children.md of the vendor's reference print the same prefixes).
 */
import { type Json } from '../common/types.ts';
import { moment } from './moments.ts';
import { type State } from './state.ts';
import { asList, asRecord, asText, isList, isRecord, isYes } from './values.ts';

export interface Row {
  readonly [key: string]: Json;
}

const prefixes = [
  ...['!><', '!=%', '!%=', '!@', '!%', '!=', '><', '=%', '%=', '>=', '<='],
  ...['>', '<', '@', '%', '?', '!', '='],
] as const;

type Prefix = (typeof prefixes)[number];

/** Splits a key into its prefix and its field; without prefix the values are equal. */
export const prefixed = (key: string): { readonly prefix: Prefix; readonly field: string } => {
  const prefix = prefixes.find((sign) => key.startsWith(sign));
  return prefix === undefined ? { prefix: '=', field: key } : { prefix, field: key.slice(prefix.length) };
};

const folded = (value: Json): string => asText(value).toLowerCase();

const texts = (value: Json): string[] => (isList(value) ? value : [value]).map(folded);

/** Less than, equal to or greater than zero; NaN for what can't be compared. Numbers, moments, then texts. */
const compared = (state: State, have: Json, wanted: Json): number => {
  const [a, b] = [folded(have), folded(wanted)];
  if (a === '' || b === '') return Number.NaN;
  const numbers = [Number(a), Number(b)] as const;
  if (!numbers.some(Number.isNaN)) return numbers[0] - numbers[1];
  const [at, bound] = [moment(state, have), moment(state, wanted)];
  if (at !== undefined) return bound === undefined ? Number.NaN : at - bound;
  return a < b ? -1 : a > b ? 1 : 0;
};

/** The pattern of `=%`: `%` stands for anything. */
const like = (text: string, pattern: string): boolean => {
  const parts = pattern.split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
};

const equal = (state: State, have: Json, wanted: Json): boolean =>
  typeof have === 'boolean' && !isList(wanted)
    ? have === isYes(wanted)
    : texts(have).includes(folded(wanted)) || compared(state, have, wanted) === 0;

const meets = (state: State, have: Json, prefix: Prefix, value: Json): boolean => {
  const wanted: readonly Json[] = isList(value) || isRecord(value) ? asList(value) : [value];
  const some = (test: (item: Json) => boolean): boolean => wanted.some(test);
  const within = (): boolean => {
    const [low = null, high = null] = wanted;
    return compared(state, have, low) >= 0 && compared(state, have, high) <= 0;
  };
  switch (prefix) {
    case '>':
      return some((item) => compared(state, have, item) > 0);
    case '>=':
      return some((item) => compared(state, have, item) >= 0);
    case '<':
      return some((item) => compared(state, have, item) < 0);
    case '<=':
      return some((item) => compared(state, have, item) <= 0);
    case '><':
      return within();
    case '!><':
      return !within();
    case '%':
    case '?':
      return some((item) => texts(have).some((text) => text.includes(folded(item))));
    case '!%':
      return !some((item) => texts(have).some((text) => text.includes(folded(item))));
    case '=%':
    case '%=':
      return some((item) => texts(have).some((text) => like(text, folded(item))));
    case '!=%':
    case '!%=':
      return !some((item) => texts(have).some((text) => like(text, folded(item))));
    case '!':
    case '!=':
    case '!@':
      return !some((item) => equal(state, have, item));
    case '=':
    case '@':
      return some((item) => equal(state, have, item));
  }
};

/** Whether a row meets every condition of a filter; keys that the row does not have are ignored, as PHP's filters do. */
export const rowPasses = (state: State, row: Row, filter: Json | undefined): boolean =>
  Object.entries(asRecord(filter)).every(([key, value]) => {
    const { prefix, field } = prefixed(key);
    const have = row[field.toUpperCase()];
    return have === undefined || meets(state, have, prefix, value);
  });

/** Rows in the order of `order` (`{FIELD: 'ASC'}`), several fields one after the other. */
export const rowsInOrder = <One extends Row>(state: State, rows: readonly One[], order: Row): One[] => {
  const by = Object.entries(order).map(([name, direction]) => ({
    field: name.toUpperCase(),
    sign: asText(direction).toUpperCase().startsWith('DESC') ? -1 : 1,
  }));
  return [...rows].sort((a, b) => {
    for (const { field, sign } of by) {
      const [x, y] = [a[field] ?? '', b[field] ?? ''];
      const difference = compared(state, x, y);
      const sure = Number.isNaN(difference)
        ? folded(x) < folded(y)
          ? -1
          : folded(x) > folded(y)
            ? 1
            : 0
        : difference;
      if (sure !== 0) return sure * sign;
    }
    return 0;
  });
};
