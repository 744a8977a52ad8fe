/** Marks of another application on everything that can carry them (section 5.4). */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench, type Row } from './testing.ts';

const MARKS = {
  sourceObjectId: '0c091b1f-a735-44e9-a56c-43435e7a40b6',
  sourceDataVersion: 'AADJIgAAAAA=',
};
const SOURCE = '5f0b2c1d-1111-4222-8333-944444444444';

/** How each thing is written and read; only bodies of comments have a key for the application. */
const THINGS: readonly (readonly [string, string, Row, string])[] = [
  ['task', '/task/1001', {}, '/task/1001'],
  ['contact', '/contact/12', {}, '/contact/12'],
  ['user', '/user/3', {}, '/user/3'],
  ['project', '/project/50', {}, '/project/50'],
  ['comment', '/task/1001/comments/', { description: 'Привет' }, '/comment/'],
];

describe.each(THINGS)('marks of a %s', (kind, path, body, read) => {
  const shown = (setting: string, more: Row = {}): Json => {
    const { call } = bench({}, { sourceMarks: setting });
    const { id } = call('POST', path, { ...body, ...MARKS, ...more }).body;
    const at = kind === 'comment' ? `${read}${String(id)}` : read;
    const answer = call('GET', `${at}?fields=sourceObjectId,sourceDataVersion`).body[kind] as Row;
    return Object.fromEntries(Object.entries(answer).filter(([key]) => key !== 'id'));
  };

  test('are shown as they were written', () => {
    expect(shown('kept always')).toEqual(MARKS);
  });

  test('are dropped where the account keeps none, or none without an application', () => {
    expect(shown('dropped')).toEqual({});
    expect(shown('only with sourceId')).toEqual({});
  });

  if (kind === 'comment') {
    test('are kept with the application that writes them', () => {
      expect(shown('only with sourceId', { sourceId: SOURCE })).toEqual(MARKS);
      expect(shown('dropped', { sourceId: SOURCE })).toEqual({});
    });
  }
});
