/** What the document and the help page "Сложные фильтры сотрудников" say of employees beside the contract cases. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, world, type Bench, type Row } from './testing.ts';

const details: Readonly<Record<number, Row>> = {
  2: { position: { id: 7, name: 'Директор' }, languageCode: 'En', extension: '107' },
  3: {
    midname: 'Игоревна',
    birthDate: '03-03-1990',
    phones: [{ number: '+79160000003' }],
    customFieldData: [{ field: { id: 500 }, value: 'кабинет 5' }],
  },
};
const lists = {
  users: (world['users'] as readonly Row[]).map((user) => ({ ...user, ...details[Number(user['id'])] })),
  positions: [
    { id: 7, name: 'Директор' },
    { id: 8, name: 'Разработчик' },
  ],
  customFields: [
    ...(world['customFields'] as readonly Row[]),
    { id: 500, name: 'Место', type: 0, objectType: 6 },
    { id: 501, name: 'Стаж', type: 1, objectType: 6 },
  ],
};

function found({ call }: Bench, filter: Row): readonly number[] {
  const { users } = call('POST', '/user/list', { fields: 'id', filters: [filter] }).body;
  return (users as readonly { id: number }[]).map(({ id }) => id);
}

function shown({ call }: Bench, id: number, fields: string): Json | undefined {
  return call('GET', `/user/${id}?fields=${fields}`).body['user'];
}

describe('user filters', () => {
  const account = bench(lists);
  account.call('POST', '/user/4', { customFieldData: [{ field: { id: 501 }, value: 9 }] });
  const day = (dateValue: string) => ({ dateType: 'otherDate', dateValue });
  const cases: readonly (readonly [string, Row, readonly number[]])[] = [
    ['9001 asks for a group', { type: 9001, value: 1 }, [3, 4]],
    ['9001 asks for the rest', { type: 9001, operator: 'notequal', value: 'group:1' }, [1, 2]],
    ['9002 asks for a part of a phone', { type: 9002, value: '916' }, [3]],
    ['9003 asks for a part of the address', { type: 9003, value: 'olga@' }, [3]],
    ['9003 asks for the rest', { type: 9003, operator: 'notequal', value: 'vesna' }, [1]],
    ['9004 asks for a short number', { type: 9004, value: '107' }, [2]],
    ['9005 asks for the name of the position', { type: 9005, value: 'директор' }, [2]],
    ['9005 asks for the rest', { type: 9005, operator: 'notequal', value: 'Директор' }, [1, 3, 4]],
    ['9127 asks for the number of the position', { type: 9127, value: 7 }, [2]],
    ['9006 takes the name without the middle one', { type: 9006, value: 'Ольга Ветрова' }, [3]],
    ['9006 takes the surname first', { type: 9006, value: 'Ветрова Ольга' }, [3]],
    ['9008 asks for a number', { type: 9008, value: 3 }, [3]],
    ['9008 asks for the rest', { type: 9008, operator: 'notequal', value: 3 }, [1, 2, 4]],
    ['9008 asks for greater numbers', { type: 9008, operator: 'gt', value: 2 }, [3, 4]],
    ['9008 asks for lesser numbers', { type: 9008, operator: 'lt', value: 2 }, [1]],
    ['9009 asks for a role', { type: 9009, value: 'Admin' }, [2]],
    ['9120 asks for the birthday', { type: 9120, value: day('03-03-1990') }, [3]],
    ['9120 asks for the older', { type: 9120, operator: 'lt', value: day('01-01-2000') }, [3]],
    ['9122 asks for the middle name', { type: 9122, value: 'игорев' }, [3]],
    ['9124 asks for the language', { type: 9124, value: 'En' }, [2]],
    ['9124 asks for the rest', { type: 9124, operator: 'notequal', value: 'En' }, [1, 3, 4]],
    ['9101 asks for a text', { type: 9101, field: 500, operator: 'have', value: 'кабинет' }, [3]],
    ['9102 compares numbers', { type: 9102, field: 501, operator: 'gt', value: 5 }, [4]],
  ];
  test.each(cases)('%s', (_name, filter, ids) => {
    expect(found(account, { operator: 'equal', ...filter })).toEqual(ids);
  });
});

describe('what an employee keeps', () => {
  test('a creation keeps every key of the document but the password, and so does a dump', () => {
    const account = bench(lists);
    const body = {
      name: 'Анна',
      midname: 'Павловна',
      lastname: 'Юрьева',
      gender: 'Female',
      languageCode: 'En',
      birthDate: { date: '01-12-2000', time: '00:00', datetime: '2000-12-01T00:00Z' },
      role: 'User',
      login: 'anna',
      email: 'anna@vesna.example',
      secondaryEmails: ['anna@dom.example'],
      status: 'Active',
    };
    const made = account.call('POST', '/user/', {
      ...body,
      password: 'тайна',
      groups: [{ id: 1 }],
      phones: [{ number: '+79160000005', type: 2 }],
      position: { id: 8 },
      customFieldData: [{ field: { id: 500 }, value: 'удалённо' }],
    });
    expect(made.status).toBe(201);
    const id = Number(made.body['id']);
    const names = `${Object.keys(body).join()},password,groups,phones,position,500`;
    const whole = {
      id,
      ...body,
      groups: [{ id: 1, name: 'Разработка' }],
      phones: [{ number: '+79160000005', maskedNumber: '+7 (916) 000-00-05', type: 2 }],
      position: { id: 8, name: 'Разработчик' },
      customFieldData: [{ field: { id: 500, objectType: 6 }, value: 'удалённо' }],
    };
    expect(shown(account, id, names)).toMatchObject(whole);
    expect(shown(account, id, names)).not.toHaveProperty('password');
    expect(shown(bench(planfix.dump(account.state) as Row), id, names)).toEqual(shown(account, id, names));
  });

  test('a field of another kind of object is taken without effect', () => {
    const account = bench(lists);
    account.call('POST', '/user/3', { customFieldData: [{ field: { id: 200 }, value: 'чужое' }] });
    expect(shown(account, 3, '200')).toEqual({ id: 3 });
  });

  test.each<readonly [string, Json, Json | undefined, readonly string[]]>([
    ['by number', { id: 8 }, { id: 8, name: 'Разработчик' }, []],
    ['by name', { name: 'Разработчик' }, { id: 8, name: 'Разработчик' }, []],
    ['by nothing', { id: 0 }, undefined, []],
    [
      'by an unknown name',
      { name: 'manager' },
      { id: 7, name: 'Директор' },
      ['Position not found by name - manager'],
    ],
  ])('a position is written %s', (_how, position, kept, errors) => {
    const account = bench(lists);
    const { status, body } = account.call('POST', '/user/2', { position });
    expect(status).toBe(200);
    expect(body['failures']).toEqual(
      errors.length === 0 ? undefined : errors.map((error) => ({ field: 'position', error })),
    );
    expect(shown(account, 2, 'position')).toEqual({
      id: 2,
      ...(kept === undefined ? {} : { position: kept }),
    });
  });

  test('groups that are null stay, an update of nobody is refused as the document words it', () => {
    const account = bench(lists);
    account.call('POST', '/user/3', { groups: null, birthDate: null });
    expect(shown(account, 3, 'groups,birthDate')).toMatchObject({
      groups: [{ id: 1 }],
      birthDate: { date: '03-03-1990' },
    });
    const refused = account.call('POST', '/user/99', { name: 'Нет' });
    expect([refused.status, refused.body['error']]).toEqual([404, 'Employee not found by id - 99']);
  });
});

test('positions answer under their own word, the older method under posts', () => {
  const { call } = bench(lists);
  expect(call('GET', '/user/positions').body['positions']).toEqual(lists.positions);
  expect(call('GET', '/user/posts').body['posts']).toEqual(lists.positions);
});
