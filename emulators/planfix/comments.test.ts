import { describe, expect, test } from '@jest/globals';
import { bench, OLGA } from './testing.ts';

const fields = 'id,description,owner,isDeleted,dateTime';

describe('comments', () => {
  test('an administrator writes in another name and keeps the right to edit and delete', () => {
    const { call } = bench();
    const made = call('POST', '/task/1001/comments/', {
      description: 'Перенесено',
      owner: { id: 'contact:12' },
      dateTime: { date: '12-11-2026', time: '12:15' },
    });
    const id = Number(made.body['id']);
    expect(call('GET', `/comment/${id}?fields=${fields}`).body).toMatchObject({
      comment: {
        owner: { id: 'contact:12', name: 'Мария Ким' },
        dateTime: { date: '12-11-2026', time: '12:15' },
      },
    });
    expect(call('POST', `/task/1001/comments/${id}`, { description: 'Исправлено' }).status).toBe(200);
    expect(call('DELETE', `/comment/${id}`).status).toBe(200);
    const deleted = call('POST', '/task/1001/comments/list', { typeList: 'Deleted', fields: 'id' });
    expect(deleted.body['comments']).toEqual([{ id }]);
    const listed = call('POST', '/task/1001/comments/list', { typeList: 'Comments', fields: 'id' });
    expect(listed.body['comments']).toEqual([]);
  });

  test('with the strict setting only the shown owner edits a text', () => {
    const { call } = bench({}, { 'comments.editForeignText': 'owner only' });
    const made = call('POST', '/task/1001/comments/', { description: 'Текст', owner: { id: 'contact:12' } });
    const answer = call('POST', `/task/1001/comments/${String(made.body['id'])}`, { description: 'Другой' });
    expect([answer.status, answer.body['code']]).toEqual([400, 6]);
  });

  test('only named recipients hear of a comment; robots and contacts without an address never do', () => {
    const { call } = bench();
    expect(call('POST', '/task/1001/comments/', { description: 'Тихо' }).notices).toEqual([]);
    const loud = call('POST', '/task/1001/comments/', {
      description: 'Громко',
      recipients: { roles: ['assignee', 'participant'], users: [{ id: 'user:1' }] },
    });
    expect(loud.notices.map(({ to, email }) => [to, email])).toEqual([
      ['user:3', 'olga@vesna.example'],
      ['user:4', 'timur@vesna.example'],
      ['contact:12', 'maria@romashka.example'],
    ]);
  });

  test('a hidden comment is seen by its recipients and administrators alone', () => {
    const { call } = bench();
    const seen = (recipients: string[]) => {
      const users = recipients.map((id) => ({ id }));
      const made = call('POST', '/task/1001/comments/', {
        description: 'Тайна',
        isHidden: true,
        recipients: { users },
      });
      const rows = call('POST', '/task/1001/comments/list', { fields: 'id' }, OLGA).body['comments'] as {
        id: number;
      }[];
      return rows.some(({ id }) => id === made.body['id']);
    };
    expect(seen(['user:4'])).toBe(false);
    expect(seen(['user:3'])).toBe(true);
  });

  test('more than 64 KB with HTML is refused', () => {
    const { call } = bench();
    const answer = call('POST', '/task/1001/comments/', { description: 'ы'.repeat(32769) });
    expect([answer.status, answer.body['code']]).toEqual([400, 5001]);
    expect(call('POST', '/task/1001/comments/', { description: 'ы'.repeat(32768) }).status).toBe(201);
  });

  test('the default order is a setting', () => {
    const ids = (order: string) => {
      const { call } = bench({}, { 'comments.defaultOrder': order });
      for (const text of ['раз', 'два']) call('POST', '/task/1001/comments/', { description: text });
      const rows = call('POST', '/task/1001/comments/list', { fields: 'id' }).body['comments'];
      return (rows as { id: number }[]).map(({ id }) => id);
    };
    expect(ids('id Desc')).toEqual([2, 1]);
    expect(ids('id Asc')).toEqual([1, 2]);
  });

  test('scripts and handlers never survive, other HTML does byte for byte', () => {
    const { call } = bench();
    const html = '<p onclick="x()">Раз <b>два</b></p><script>alert(1)</script><ul><li>три</li></ul>';
    const made = call('POST', '/task/1001/comments/', { description: html });
    expect(call('GET', `/comment/${String(made.body['id'])}?fields=description`).body).toMatchObject({
      comment: { description: '<p>Раз <b>два</b></p><ul><li>три</li></ul>' },
    });
  });
});
