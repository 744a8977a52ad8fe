import { describe, expect, test } from '@jest/globals';
import { compareBody, compareHeaders, factsOf } from './compare.ts';
import { editedWorld } from './edits.ts';
import { formMap, formText } from './wire.ts';
import { type Json } from '../../emulators/common/types.ts';

function differing(
  expected: Json,
  actual: Json,
  must: string[] = [],
  world: Json = {},
  request: Json = {},
): string[] {
  return compareBody(expected, actual, factsOf({ world, request, must })).map(({ where }) => where);
}

describe('comparing answers', () => {
  test('invented values may differ, their types may not', () => {
    expect(differing({ id: 9010, guid: 'ab12' }, { id: 7, guid: 'other' })).toEqual([]);
    expect(differing({ id: 9010 }, { id: '9010' })).toEqual(['/body/id']);
    expect(differing({ tags: [] }, { tags: {} })).toEqual(['/body/tags']);
  });

  test('keys that a case shows are there, others may be', () => {
    expect(differing({ a: 1 }, { a: 1, b: 2 })).toEqual([]);
    expect(differing({ a: 1, b: { c: 2 } }, { a: 1, b: {} })).toEqual(['/body/b/c']);
    expect(differing({ a: null }, {})).toEqual([]);
  });

  test('lists have the length that the case shows', () => {
    expect(differing({ rows: [{ id: 1 }, { id: 2 }] }, { rows: [{ id: 1 }] })).toEqual(['/body/rows']);
  });

  test('ids and texts of the world and of the request are facts', () => {
    const world = { tasks: [{ id: 1001, name: 'Настроить обмен' }] };
    expect(differing({ id: 1001 }, { id: 1002 }, [], world)).toEqual(['/body/id']);
    expect(differing({ name: 'Настроить обмен' }, { name: 'другое' }, [], world)).toEqual(['/body/name']);
    expect(differing({ name: 'Новое имя' }, { name: 'другое' }, [], {}, { name: 'Новое имя' })).toEqual([
      '/body/name',
    ]);
  });

  test('a time is a fact where the request holds it, or the world under the same key', () => {
    const world = { tasks: [{ deadline: '2026-09-30T18:00:00+03:00' }] };
    const other = '2026-01-01T00:00:00+03:00';
    expect(differing({ deadline: '2026-09-30T18:00:00+03:00' }, { deadline: other }, [], world)).toEqual([
      '/body/deadline',
    ]);
    expect(differing({ lastLogin: '2026-09-30T18:00:00+03:00' }, { lastLogin: other }, [], world)).toEqual(
      [],
    );
  });

  test('a value that must names is a fact; so is any other that the same sentence allows', () => {
    expect(differing({ status: '5' }, { status: '4' }, ['status becomes 5.'])).toEqual(['/body/status']);
    expect(differing({ status: '4' }, { status: '5' }, ['leads to 4, not 5.'])).toEqual(['/body/status']);
    expect(differing({ code: 7001 }, { code: 40 }, ['code 7001 or 40'])).toEqual([]);
    expect(differing({ start: false }, { start: true }, ['start is now false'])).toEqual(['/body/start']);
  });

  test('errors are compared to the letter', () => {
    const error = { result: 'fail', code: 6, error: 'New comments not allowed' };
    expect(differing(error, { ...error, error: 'No' })).toEqual(['/body/error']);
    expect(differing({ error: { code: 'A', message: 'B' } }, { error: { code: 'C', message: 'B' } })).toEqual(
      ['/body/error/code'],
    );
  });

  test('media types and redirects are compared by what of them is a fact', () => {
    const facts = factsOf({
      world: { domain: 'vesna.bitrix24.ru' },
      request: { state: 'st-7' },
      must: [],
    });
    const wanted = {
      'Content-Type': 'text/html',
      Location: 'https://vesna.bitrix24.ru/cb?code=c0de&state=st-7',
    };
    const got = {
      'content-type': 'text/html; charset=utf-8',
      location: 'https://vesna.bitrix24.ru/cb?code=1&state=st-7',
    };
    expect(compareHeaders(wanted, got, facts)).toEqual([]);
    expect(
      compareHeaders(wanted, { ...got, location: 'https://other.example/cb?code=1&state=st-7' }, facts),
    ).toHaveLength(1);
    expect(compareHeaders({ 'X-Left': '1' }, {}, facts)).toHaveLength(1);
  });
});

describe('world edits', () => {
  const world = { tasks: [{ id: 1, tags: [{ key: 'a' }] }], tokens: [{ token: 't/1' }] };

  test('name elements of lists by id, key or token and leave the given world alone', () => {
    const edited = editedWorld(world, [
      { set: '/tasks/1/status', value: 2 },
      { set: '/settings/deep/one', value: true },
      { add: '/tasks/1/tags', value: { key: 'b' } },
      { add: '/comments', value: { id: 5 } },
      { remove: '/tokens/t~11' },
      { advance: '45s' },
    ]);
    expect(edited).toEqual({
      tasks: [{ id: 1, tags: [{ key: 'a' }, { key: 'b' }], status: 2 }],
      tokens: [],
      settings: { deep: { one: true } },
      comments: [{ id: 5 }],
    });
    expect(world.tokens).toHaveLength(1);
  });

  test('removing what is not there is an error', () => {
    expect(() => editedWorld(world, [{ remove: '/tasks/7' }])).toThrow(/no such element/);
  });
});

test('forms are written and read with PHP brackets', () => {
  const map = { taskId: '1', select: ['ID', 'TITLE'], data: { FIELDS: { ID: '5' } }, empty: '' };
  expect(formMap(formText(map))).toEqual(map);
});
