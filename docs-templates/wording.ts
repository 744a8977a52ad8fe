/** Numbers, money and dates as Russian documents write them. Pure. */

/** No-break space: digits of a number and its unit stay on one line. */
const space = '\u00a0';

/** `час`, `часа`, `часов`: the form that goes with a whole number; fractions take the second (`1,5 часа`). */
export function plural(count: number, one: string, few: string, many: string): string {
  const whole = Math.abs(count);
  if (!Number.isInteger(whole)) return few;
  const tens = whole % 100;
  if (tens >= 11 && tens <= 14) return many;
  const units = whole % 10;
  if (units === 1) return one;
  return units >= 2 && units <= 4 ? few : many;
}

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/gu, space);

/** `1234567.5` → `1 234 567,5`; at most `decimals` digits after the comma. */
export function number(value: number, decimals = 6): string {
  const [whole = '0', part] = String(Number(Math.abs(value).toFixed(decimals))).split('.');
  return `${value < 0 ? '−' : ''}${grouped(whole)}${part === undefined ? '' : `,${part}`}`;
}

interface Split {
  readonly minus: boolean;
  readonly roubles: string;
  readonly kopecks: string;
}

/** Rounded to kopecks, halves away from zero; told from the decimal text, so that 1.005 gives 1.01 as on paper. */
function split(value: number): Split {
  const text = Math.abs(value).toString();
  const [whole = '0', part = ''] = text.includes('e') ? [Math.abs(value).toFixed(0)] : text.split('.');
  const thousandths = BigInt(whole) * 1000n + BigInt(part.slice(0, 3).padEnd(3, '0'));
  const kopecks = (thousandths + 5n) / 10n;
  return {
    minus: value < 0 && kopecks > 0n,
    roubles: (kopecks / 100n).toString(),
    kopecks: (kopecks % 100n).toString().padStart(2, '0'),
  };
}

/** `1234567.5` → `1 234 567,50 ₽`. */
export function money(value: number): string {
  const { minus, roubles, kopecks } = split(value);
  return `${minus ? '−' : ''}${grouped(roubles)},${kopecks}${space}₽`;
}

const hundreds = [
  '',
  'сто',
  'двести',
  'триста',
  'четыреста',
  'пятьсот',
  'шестьсот',
  'семьсот',
  'восемьсот',
  'девятьсот',
] as const;
const tens = [
  '',
  '',
  'двадцать',
  'тридцать',
  'сорок',
  'пятьдесят',
  'шестьдесят',
  'семьдесят',
  'восемьдесят',
  'девяносто',
] as const;
const units = [
  '',
  'один',
  'два',
  'три',
  'четыре',
  'пять',
  'шесть',
  'семь',
  'восемь',
  'девять',
  'десять',
  'одиннадцать',
  'двенадцать',
  'тринадцать',
  'четырнадцать',
  'пятнадцать',
  'шестнадцать',
  'семнадцать',
  'восемнадцать',
  'девятнадцать',
] as const;
/** Feminine where the thousands (and kopecks) ask for it. */
const feminine: Readonly<Record<number, string>> = { 1: 'одна', 2: 'две' };
const scales = [
  null,
  ['тысяча', 'тысячи', 'тысяч'],
  ['миллион', 'миллиона', 'миллионов'],
  ['миллиард', 'миллиарда', 'миллиардов'],
  ['триллион', 'триллиона', 'триллионов'],
] as const;

function triple(value: number, female: boolean): string[] {
  const rest = value % 100;
  const unit = rest < 20 ? rest : rest % 10;
  return [
    hundreds[Math.floor(value / 100)] ?? '',
    rest < 20 ? '' : (tens[Math.floor(rest / 10)] ?? ''),
    (female ? feminine[unit] : undefined) ?? units[unit] ?? '',
  ].filter((word) => word !== '');
}

/** A whole number below 10^15 in words: `21` → `двадцать один`. Throws RangeError beyond. */
export function inWords(value: number): string {
  if (!Number.isSafeInteger(value) || Math.abs(value) >= 1e15)
    throw new RangeError(`${String(value)} is no whole number below 10^15`);
  if (value === 0) return 'ноль';
  const words: string[] = [];
  let left = Math.abs(value);
  for (let scale = 0; left > 0; scale += 1, left = Math.floor(left / 1000)) {
    const part = left % 1000;
    const name = scales[scale];
    if (part > 0)
      words.unshift(...triple(part, scale === 1), ...(name ? [plural(part, name[0], name[1], name[2])] : []));
  }
  return [...(value < 0 ? ['минус'] : []), ...words].join(' ');
}

/** `1234.5` → `Одна тысяча двести тридцать четыре рубля 50 копеек`. Throws RangeError from 10^15 on. */
export function moneyInWords(value: number): string {
  const { minus, roubles, kopecks } = split(value);
  const text = [
    ...(minus ? ['минус'] : []),
    inWords(Number(roubles)),
    plural(Number(BigInt(roubles) % 100n), 'рубль', 'рубля', 'рублей'),
    kopecks,
    plural(Number(kopecks), 'копейка', 'копейки', 'копеек'),
  ].join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What people type as a number: `150 000,50`, `1.5`; null when it is none. */
export function readNumber(text: string): number | null {
  const plain = text.replace(/[\s\u00a0₽]/gu, '').replace(',', '.');
  return /^[-−]?\d+(?:\.\d+)?$/u.test(plain) ? Number(plain.replace('−', '-')) : null;
}

/** A calendar day and time of day as a document writes them, whatever zone they were told in. */
export interface Moment {
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  readonly day: number;
  /** `14:05`; null = the whole day. */
  readonly time: string | null;
}

const isDay = ({ year, month, day }: Moment): boolean => {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= last;
};

/** An instant in an IANA zone. */
export function momentAt(at: number, zone: string, timed: boolean): Moment {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    year: Number(part('year')),
    month: Number(part('month')),
    day: Number(part('day')),
    time: timed ? `${part('hour')}:${part('minute')}` : null,
  };
}

/** `2026-11-24` or `24.11.2026`; null when it is no day of the calendar. */
export function readDay(text: string): Moment | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(text.trim());
  const local = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/u.exec(text.trim());
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : local ? [local[3], local[2], local[1]] : [];
  if (year === undefined) return null;
  const moment = { year: Number(year), month: Number(month), day: Number(day), time: null };
  return isDay(moment) ? moment : null;
}

const months = [
  'января',
  'февраля',
  'марта',
  'апреля',
  'мая',
  'июня',
  'июля',
  'августа',
  'сентября',
  'октября',
  'ноября',
  'декабря',
] as const;
const two = (value: number): string => String(value).padStart(2, '0');

/** `«24» ноября 2026 г.` */
export const longDate = ({ day, month, year }: Moment): string =>
  `«${two(day)}»${space}${months[month - 1] ?? ''}${space}${String(year)}${space}г.`;

/** `24.11.2026` */
export const shortDate = ({ day, month, year }: Moment): string =>
  `${two(day)}.${two(month)}.${String(year)}`;

/** `24.11.2026 14:05`, or the day alone. */
export const dateAndTime = (moment: Moment): string =>
  moment.time === null ? shortDate(moment) : `${shortDate(moment)} ${moment.time}`;

export const isMoment = (value: unknown): value is Moment =>
  typeof value === 'object' &&
  value !== null &&
  'year' in value &&
  'month' in value &&
  'day' in value &&
  'time' in value;
