/** What stands behind `|` in a template. */
import {
  dateAndTime,
  isMoment,
  longDate,
  type Moment,
  money,
  moneyInWords,
  number,
  plural,
  readDay,
  readNumber,
  shortDate,
} from './wording.ts';

/** A filter was given what it can not write. */
export class FilterRefused extends Error {
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message);
    this.name = 'FilterRefused';
    this.fix = fix;
  }
}

type Filter = (value: unknown, ...more: readonly unknown[]) => unknown;

/** A value as it stands without a filter. */
export const printed = (value: Moment | number): string =>
  typeof value === 'number' ? number(value) : dateAndTime(value);

const shown = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : `"${String(value)}"`;

/** Nothing stays nothing, so that an absent deadline is an empty place and no error. */
const orNothing =
  (filter: Filter): Filter =>
  (value, ...more) =>
    value === null || value === undefined || value === '' ? '' : filter(value, ...more);

const dates = (name: string, write: (moment: Moment) => string): Filter =>
  orNothing((value) => {
    const moment = typeof value === 'string' ? readDay(value) : isMoment(value) ? value : null;
    if (moment) return write(moment);
    throw new FilterRefused(
      `"${name}" can not write ${shown(value)} as a date.`,
      'Give a date of the task, or one written 2026-11-24 or 24.11.2026.',
    );
  });

const numeric = (value: unknown, name: string): number => {
  const read = typeof value === 'string' ? readNumber(value) : value;
  if (typeof read === 'number' && Number.isFinite(read) && Math.abs(read) < 1e15) return read;
  throw new FilterRefused(
    `"${name}" can not read ${shown(value)} as a number.`,
    'Give a number such as 150000 or "150 000,50".',
  );
};

const numbers = (name: string, write: (value: number, ...more: readonly unknown[]) => string): Filter =>
  orNothing((value, ...more) => write(numeric(value, name), ...more));

export const filters: Readonly<Record<string, Filter>> = {
  дата: dates('дата', longDate),
  дата_кратко: dates('дата_кратко', shortDate),
  дата_время: dates('дата_время', dateAndTime),
  деньги: numbers('деньги', money),
  прописью: numbers('прописью', moneyInWords),
  число: numbers('число', (value) => number(value)),
  слово: numbers('слово', (value, one, few, many) => plural(value, String(one), String(few), String(many))),
  список: (value) => {
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
    throw new FilterRefused('"список" joins texts only.', 'Name what to join: участники | имена | список.');
  },
  имена: (value) => {
    const names = (Array.isArray(value) ? value : []).map((one: unknown) =>
      typeof one === 'object' && one !== null && 'имя' in one ? String(one.имя) : null,
    );
    if (Array.isArray(value) && !names.includes(null)) return names;
    throw new FilterRefused('"имена" takes people.', 'Write it after участники or наблюдатели.');
  },
};
