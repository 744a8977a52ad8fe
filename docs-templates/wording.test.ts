import { describe, expect, test } from '@jest/globals';
import {
  dateAndTime,
  inWords,
  longDate,
  momentAt,
  money,
  moneyInWords,
  number,
  plural,
  readDay,
  readNumber,
  shortDate,
} from './wording.ts';

const plain = (text: string): string => text.replace(/\u00a0/gu, ' ');

describe('words by number', () => {
  test.each([
    [0, 'часов'],
    [1, 'час'],
    [2, 'часа'],
    [4, 'часа'],
    [5, 'часов'],
    [11, 'часов'],
    [14, 'часов'],
    [21, 'час'],
    [22, 'часа'],
    [111, 'часов'],
    [101, 'час'],
    [1.5, 'часа'],
    [-3, 'часа'],
  ])('%d %s', (count, word) => {
    expect(plural(count, 'час', 'часа', 'часов')).toBe(word);
  });
});

describe('numbers in words', () => {
  test.each([
    [0, 'ноль'],
    [1, 'один'],
    [2, 'два'],
    [11, 'одиннадцать'],
    [40, 'сорок'],
    [90, 'девяносто'],
    [100, 'сто'],
    [219, 'двести девятнадцать'],
    [1000, 'одна тысяча'],
    [2000, 'две тысячи'],
    [5000, 'пять тысяч'],
    [11_000, 'одиннадцать тысяч'],
    [21_021, 'двадцать одна тысяча двадцать один'],
    [112_000, 'сто двенадцать тысяч'],
    [1_000_000, 'один миллион'],
    [2_000_002, 'два миллиона два'],
    [1_000_000_000_000, 'один триллион'],
    [-7, 'минус семь'],
  ])('%d is %s', (value, words) => {
    expect(inWords(value)).toBe(words);
  });

  test('what has no words is refused', () => {
    expect(() => inWords(1e15)).toThrow(RangeError);
    expect(() => inWords(1.5)).toThrow(RangeError);
  });
});

describe('money', () => {
  test.each([
    [1_234_567.5, '1 234 567,50 ₽'],
    [0, '0,00 ₽'],
    [999, '999,00 ₽'],
    [1000, '1 000,00 ₽'],
    [1.005, '1,01 ₽'],
    [0.999, '1,00 ₽'],
    [-12.3, '−12,30 ₽'],
    [-0.001, '0,00 ₽'],
  ])('%d is %s', (value, text) => {
    expect(plain(money(value))).toBe(text);
  });

  test.each([
    [150_000, 'Сто пятьдесят тысяч рублей 00 копеек'],
    [1, 'Один рубль 00 копеек'],
    [2.01, 'Два рубля 01 копейка'],
    [1_234.52, 'Одна тысяча двести тридцать четыре рубля 52 копейки'],
    [0.11, 'Ноль рублей 11 копеек'],
    [1_000_011, 'Один миллион одиннадцать рублей 00 копеек'],
    [21_000_001, 'Двадцать один миллион один рубль 00 копеек'],
    [-5, 'Минус пять рублей 00 копеек'],
  ])('%d in words', (value, text) => {
    expect(moneyInWords(value)).toBe(text);
  });

  test('numbers are read as people type them', () => {
    expect(readNumber('150 000,50')).toBe(150_000.5);
    expect(readNumber('150\u00a0000 ₽')).toBe(150_000);
    expect(readNumber('-3.5')).toBe(-3.5);
    expect(readNumber('сто')).toBeNull();
    expect(plain(number(1_234_567.25))).toBe('1 234 567,25');
  });
});

describe('dates', () => {
  test('a moment is told in the zone asked for', () => {
    const at = Date.parse('2026-11-23T21:05:00Z');
    expect(plain(longDate(momentAt(at, 'Europe/Moscow', true)))).toBe('«24» ноября 2026 г.');
    expect(dateAndTime(momentAt(at, 'Europe/Moscow', true))).toBe('24.11.2026 00:05');
    expect(dateAndTime(momentAt(at, 'Europe/Moscow', false))).toBe('24.11.2026');
    expect(shortDate(momentAt(at, 'UTC', false))).toBe('23.11.2026');
  });

  test('days are read both ways, and only days of the calendar', () => {
    expect(readDay('2026-11-24')).toEqual(readDay('24.11.2026'));
    expect(readDay('31.02.2026')).toBeNull();
    expect(readDay('29.02.2028')).not.toBeNull();
    expect(readDay('завтра')).toBeNull();
  });
});
