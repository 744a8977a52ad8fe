import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commandText, filled, needsOwnCall, type Param, reference } from './batch.ts';

/** Reads a command as PHP does: brackets open levels, names and values are percent-decoded once. */
function asPhpReads(query: string): unknown {
  const root: Record<string, unknown> = {};
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [name = '', value = ''] = pair.split('=');
    const path = decodeURIComponent(name).replaceAll(']', '').split('[');
    let level = root;
    for (const step of path.slice(0, -1)) level = (level[step] ??= {}) as Record<string, unknown>;
    level[path.at(-1) ?? ''] = decodeURIComponent(value);
  }
  return root;
}

const asTexts = (value: Param): unknown =>
  Array.isArray(value)
    ? Object.fromEntries((value as readonly Param[]).map((part, index) => [String(index), asTexts(part)]))
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asTexts(part as Param)]))
      : String(value);

describe('Commands of a batch', () => {
  test('nested values stand in brackets, encoded once, in their order', () => {
    expect(
      commandText({
        method: 'tasks.task.list',
        params: { filter: { '>=CHANGED_DATE': '2026-09-28T09:30:00+03:00' }, select: ['ID', 'TITLE'] },
      }),
    ).toBe(
      'tasks.task.list?filter[%3E%3DCHANGED_DATE]=2026-09-28T09%3A30%3A00%2B03%3A00&select[0]=ID&select[1]=TITLE',
    );
    expect(commandText({ method: 'user.current', params: {} })).toBe('user.current');
    expect(
      commandText({ method: 'm', params: { id: reference('new', 'task', 'id'), on: true, off: null } }),
    ).toBe('m?id=$result[new][task][id]&on=1&off=');
  });

  test('whatever people write comes out of the query as it went in', () => {
    const key = fc.stringMatching(/^[A-Z_>=<!]{1,8}$/);
    const text = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 20 });
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.array(text, { minLength: 1, maxLength: 4 }),
      fc.dictionary(key, text, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true }), (params) => {
        const [, query = ''] = commandText({ method: 'm', params }).split('?');
        expect(asPhpReads(query)).toEqual(asTexts(params));
      }),
    );
  });

  test('a text that the server would fill, and an empty list, ask for a call of their own', () => {
    expect(needsOwnCall('Цена $result[a][task][title]')).toBe(true);
    expect(needsOwnCall({ fields: { TITLE: '$RESULT' } })).toBe(true);
    expect(needsOwnCall({ fields: { AUDITORS: [] } })).toBe(true);
    expect(needsOwnCall({ taskId: reference('a', 'task', 'id'), fields: { TITLE: 'result $5' } })).toBe(
      false,
    );
  });

  test('references are filled from earlier results, and one without a value fills nothing', () => {
    const results = new Map<string, unknown>([['n', { task: { id: '201' } }]]);
    expect(filled({ taskId: reference('n', 'task', 'id'), list: [1, 'a'] }, results)).toEqual({
      taskId: '201',
      list: [1, 'a'],
    });
    expect(filled({ taskId: reference('n', 'task', 'none') }, results)).toBeUndefined();
    expect(filled({ taskId: reference('other') }, results)).toBeUndefined();
  });
});
