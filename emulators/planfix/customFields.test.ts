import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench } from './testing.ts';

const types: readonly (readonly [number, Json, Json])[] = [
  [0, 'строка', 'строка'],
  [1, '99', 99],
  [2, '<p>x</p>', '<p>x</p>'],
  [3, { date: '11-12-2026' }, { date: '11-12-2026', time: '00:00', datetime: '2026-12-11T00:00Z' }],
  [4, { time: '17:55' }, { time: '17:55' }],
  [5, '21-12-2026 12:15:00', { date: '21-12-2026', time: '12:15', datetime: '2026-12-21T12:15Z' }],
  [7, 1, true],
  [8, 'Голубь', 'Голубь'],
  [9, { id: 2 }, { id: 2, value: 'Тверь' }],
  [10, { id: 12 }, { id: 'contact:12', name: 'Мария Ким' }],
  [11, { id: 3 }, { id: 'user:3', name: 'Ольга Ветрова' }],
  [13, { id: 'group:1' }, { id: 'group:1', name: 'Разработка' }],
  [
    14,
    [{ id: 'user:2' }, { id: 'group:1' }],
    [
      { id: 'user:2', name: 'Павел Орлов' },
      { id: 'group:1', name: 'Разработка' },
    ],
  ],
  [
    15,
    [{ id: 1 }, { id: 2 }],
    [
      { id: 1, value: 'Москва' },
      { id: 2, value: 'Тверь' },
    ],
  ],
  [16, { id: 1002 }, { id: 1002, name: 'Справочник' }],
  [20, ['обмен'], ['обмен']],
  [22, { id: 50 }, { id: 50, name: 'Сайт' }],
];

const lists = {
  customFields: [
    ...types.map(([type]) => ({ id: 300 + type, name: `Поле ${type}`, type, directoryId: 60 })),
    { id: 306, name: 'Окно', type: 6 },
  ],
  objects: [
    { id: 30, name: 'Задача', process: 1, customFields: [...types.map(([type]) => 300 + type), 306] },
  ],
  directories: [
    {
      id: 60,
      name: 'Города',
      entries: [
        { key: 1, name: 'Москва' },
        { key: 2, name: 'Тверь' },
      ],
    },
  ],
};

describe('custom fields', () => {
  test.each(types)('type %d is written in one shape and read in the other', (type, written, shown) => {
    const { call } = bench(lists);
    const read = () => call('GET', `/task/1001?fields=id,${300 + type}`).body['task'];
    call('POST', '/task/1001', { customFieldData: [{ field: { id: 300 + type }, value: written }] });
    expect(read()).toMatchObject({ customFieldData: [{ field: { id: 300 + type, type }, value: shown }] });
    call('POST', '/task/1001', { customFieldData: [{ field: { id: 300 + type }, value: null }] });
    expect(read()).toEqual({ id: 1001 });
  });

  test('only a period with both ends is stored; a bare duration empties it', () => {
    const { call } = bench(lists);
    const write = (value: Json) => {
      call('POST', '/task/1001', { customFieldData: [{ field: { id: 306 }, value }] });
      return call('GET', '/task/1001?fields=306').body['task'];
    };
    expect(write({ from: { time: '10:00' }, to: { time: '10:30' } })).toMatchObject({
      customFieldData: [{ value: { durationSec: 1800 } }],
    });
    expect(write({ from: { time: '00:00' }, to: { time: '00:00' } })).toMatchObject({
      customFieldData: [{ value: { durationSec: 86400 } }],
    });
    expect(write({ durationSec: 60 })).toEqual({ id: 1001 });
  });

  test.each(types.filter(([, written]) => Array.isArray(written)))(
    'an empty set of type %d is no value, what is no set or names nothing known is stored nowhere (sections 3 and 5)',
    (type, written) => {
      const { call } = bench(lists);
      const write = (value: Json) => {
        call('POST', '/task/1001', { customFieldData: [{ field: { id: 300 + type }, value }] });
        return call('GET', `/task/1001?fields=id,${300 + type}`).body['task'];
      };
      const full = write(written);
      expect(full).toMatchObject({ customFieldData: [{ field: { id: 300 + type } }] });
      expect(write('user:99')).toEqual(full);
      if (type !== 20) expect(write([{ id: 'user:99' }])).toEqual(full);
      expect(write([])).toEqual({ id: 1001 });
    },
  );

  test('an entry of a directory is emptied by number 0 and by an empty text (section 6.6)', () => {
    for (const nothing of [0, '']) {
      const { call } = bench(lists);
      const write = (id: Json) =>
        call('POST', '/task/1001', { customFieldData: [{ field: { id: 309 }, value: { id } }] });
      write('2');
      expect(call('GET', '/task/1001?fields=309').body['task']).toMatchObject({
        customFieldData: [{ value: { id: 2, value: 'Тверь' }, stringValue: 'Тверь' }],
      });
      write(nothing);
      expect(call('GET', '/task/1001?fields=309').body['task']).toEqual({ id: 1001 });
    }
  });
});
