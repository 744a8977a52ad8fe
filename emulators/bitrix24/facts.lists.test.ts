import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { facts, vesna } from './factTable.ts';
import { at } from './testing.ts';

const ids = (user: number, method: string, send: Json): Json[] =>
  ((vesna().call(user, method, send).body['result'] ?? []) as Json[]).map((row) => at(row, 'ID') ?? null);

describe('people and departments', () => {
  const cases: readonly (readonly [string, Json, readonly string[]])[] = [
    ['the beginning of a word', { FILTER: { '=%LAST_NAME': 'Д%' } }, ['5']],
    ['a part of a word anywhere', { FILTER: { '%LAST_NAME': 'ро' } }, ['5']],
    ['not a part of a word', { FILTER: { '!%EMAIL': 'vesna' } }, ['15']],
    ['not a pattern', { FILTER: { '!%=LAST_NAME': '%ов%' } }, ['9', '11', '15']],
    ['not in a list', { FILTER: { '!@ID': [1, 5, 7, 9] } }, ['11', '15', '21']],
    ['beside a bound', { FILTER: { '>ID': 9, '<=ID': 15 } }, ['11', '15']],
    ['active as a word', { FILTER: { ACTIVE: 'N' } }, ['21']],
    ['any name at once', { FILTER: { NAME_SEARCH: 'юдин' } }, ['11']],
    ['a department', { FILTER: { UF_DEPARTMENT: [1] } }, ['1']],
    ['the other way round', { sort: 'ID', order: 'DESC', FILTER: { '@ID': [5, 7] } }, ['7', '5']],
    ['by last name', { sort: 'LAST_NAME', FILTER: { '@ID': [5, 7, 21] } }, ['21', '5', '7']],
    ['keys at the top level', { ID: [5, 7], LAST_NAME: 'Титова' }, ['7']],
  ];
  for (const [says, send, wanted] of cases) {
    test(`user.get: ${says} (user-get.md)`, () => {
      expect(ids(1, 'user.get', send)).toEqual(wanted);
    });
  }

  test('user.get shows what select names, masks included (user-get.md)', () => {
    const portal = vesna();
    const send = { FILTER: { ID: 5 }, select: ['ID', 'NAME', 'UF_*', 'NO_SUCH'] };
    expect(portal.call(1, 'user.get', send).body['result']).toEqual([
      { ID: '5', NAME: 'Сергей', UF_DEPARTMENT: [3], UF_EMPLOYMENT_DATE: '' },
    ]);
  });

  test('user.search finds people by the name of their department (user-search.md)', () => {
    expect(ids(1, 'user.search', { FILTER: { UF_DEPARTMENT_NAME: 'Вес' } })).toEqual(['1']);
    expect(ids(1, 'user.search', { FILTER: { FIND: 'сметчик' } })).toEqual(['7']);
  });

  test('department.get filters by parent and by head and sorts (department-get.md)', () => {
    expect(ids(1, 'department.get', { PARENT: 1 })).toEqual(['3']);
    expect(ids(1, 'department.get', { UF_HEAD: 5 })).toEqual(['3']);
    expect(ids(1, 'department.get', { sort: 'NAME', order: 'DESC' })).toEqual(['3', '1']);
  });
});

const grouped =
  (names: readonly string[]) =>
  (portal: ReturnType<typeof vesna>): Json => {
    for (const NAME of names) portal.call(5, 'sonet_group.create', { NAME });
    return null;
  };

facts('groups', [
  {
    says: 'the newest group comes first',
    page: 'sonet-group-get.md',
    first: grouped(['Вторая', 'Третья']),
    as: 5,
    method: 'sonet_group.get',
    send: { FILTER: { '><ID': [12, 20], '!%NAME': 'яя' } },
    answers: expected([
      ['14', 'Третья'],
      ['13', 'Вторая'],
      ['12', 'Весенний запуск'],
    ]),
  },
  {
    says: 'an administrator sees groups of others when he asks as administrator',
    page: 'sonet-group-get.md',
    as: 1,
    method: 'sonet_group.get',
    send: { IS_ADMIN: 'Y', FILTER: { ID: 12 } },
    answers: expected([['12', 'Весенний запуск']]),
  },
  {
    says: 'and not otherwise',
    page: 'sonet-group-get.md',
    as: 1,
    method: 'sonet_group.get',
    send: { FILTER: { ID: 12 } },
    answers: [],
  },
  {
    says: 'a group is made and told of',
    page: 'on-sonet-group-add.md',
    first: (portal) => {
      portal.act(0, 'set outgoing webhook', {
        handler: 'https://svyazka.example/hook',
        events: ['ONSONETGROUPADD'],
      });
      return null;
    },
    as: 5,
    method: 'sonet_group.create',
    send: { NAME: 'Новая', OWNER_ID: 7 },
    answers: 13,
    events: ['ONSONETGROUPADD'],
  },
  {
    says: 'people are added by an administrator, their numbers come as texts',
    page: 'sonet-group-user-add.md',
    as: 1,
    method: 'sonet_group.user.add',
    send: { GROUP_ID: 12, USER_ID: [1, 5] },
    answers: ['1'],
  },
  {
    says: 'nobody else adds people without asking',
    page: 'sonet-group-user-add.md',
    as: 5,
    method: 'sonet_group.user.add',
    send: { GROUP_ID: 12, USER_ID: 1 },
    error: ['', 'No permissions to add users'],
  },
  {
    says: 'a group without number is a wrong one',
    page: 'sonet-group-user-get.md',
    as: 5,
    method: 'sonet_group.user.get',
    error: ['', 'Wrong socialnetwork group ID'],
  },
  {
    says: 'workgroups are sorted and name the number of their members as the page does',
    page: 'socialnetwork-api-workgroup-list.md',
    first: grouped(['Аварийная']),
    as: 5,
    method: 'socialnetwork.api.workgroup.list',
    send: { order: { NAME: 'ASC' }, select: ['ID', 'NAME', 'NUMBER_OF_MEMBERS'], filter: { '!%NAME': 'яя' } },
    answers: {
      workgroups: [
        { id: '13', name: 'Аварийная', numberOfMembers: '1' },
        { id: '12', name: 'Весенний запуск', numberOfMembers: '4' },
      ],
    },
  },
]);

function expected(rows: readonly (readonly [string, string])[]): Json {
  const portal = vesna();
  grouped(['Вторая', 'Третья'])(portal);
  const all = portal.call(5, 'sonet_group.get', {}).body['result'] as Json[];
  return rows.map(([id]) => all.find((row) => at(row, 'ID') === id) ?? null);
}

facts('disk', [
  {
    says: 'the name of a file stands in data',
    page: 'disk-folder-upload-file.md',
    as: 5,
    method: 'disk.folder.uploadfile',
    send: { id: 7730, fileContent: ['a.txt', 'YQ=='] },
    error: ['DISK_BASE_SERVICE_22001', 'NAME'],
  },
  {
    says: 'a folder without number lacks an argument',
    page: 'disk-folder-upload-file.md',
    as: 5,
    method: 'disk.folder.uploadfile',
    error: ['ERROR_ARGUMENT', 'Invalid value of parameter {Parameter #0}'],
  },
  {
    says: 'a name that is taken is refused',
    page: 'disk-file-rename.md',
    as: 5,
    method: 'disk.file.rename',
    send: { id: 6465, newName: 'Перечень.xlsx' },
    error: ['DISK_OBJ_22000', 'Перечень.xlsx'],
  },
  {
    says: 'a name can not be empty',
    page: 'disk-file-rename.md',
    as: 5,
    method: 'disk.file.rename',
    send: { id: 6465, newName: '' },
    error: ['0', 'Empty name'],
  },
  {
    says: 'a deleted file lies in the trash',
    page: 'disk-file-mark-deleted.md',
    as: 1,
    method: 'disk.file.markdeleted',
    send: { id: 6465 },
    answers: { ID: '6465', DELETED_TYPE: '3' },
  },
]);

test('children of a folder are filtered by prefixes and sorted (disk-folder-get-children.md)', () => {
  expect(ids(5, 'disk.folder.getchildren', { id: 7730, filter: { '%NAME': '.xlsx' } })).toEqual(['6467']);
  expect(ids(5, 'disk.folder.getchildren', { id: 7730, filter: { '!ID': 6467 } })).toEqual(['6465']);
  expect(ids(5, 'disk.folder.getchildren', { id: 7730, order: { NAME: 'DESC' } })).toEqual(['6467', '6465']);
});

test('files and folders are moved, copied and removed as trees (disk-folder-move-to.md and its neighbours)', () => {
  const portal = vesna();
  const made = (NAME: string) =>
    Number(at(portal.call(5, 'disk.folder.addsubfolder', { id: 7730, data: { NAME } }).body, 'result', 'ID'));
  const [june, july] = [made('Июнь'), made('Июль')];
  const moved = portal.call(5, 'disk.file.moveto', { id: 6465, targetFolderId: june }).body['result'];
  expect(moved).toMatchObject({ ID: '6465', PARENT_ID: june });
  const copy = portal.call(5, 'disk.folder.copyto', { id: june, targetFolderId: july }).body['result'];
  expect(copy).toMatchObject({ NAME: 'Июнь', PARENT_ID: String(july) });
  const inside = portal.call(5, 'disk.folder.getchildren', { id: at(copy, 'ID') ?? 0 }).body['result'];
  expect(inside).toMatchObject([{ NAME: 'Инструкция.docx', TYPE: 'file' }]);
  expect(portal.call(5, 'disk.folder.moveto', { id: june, targetFolderId: june }).body['result']).toBe(false);
  expect(portal.call(5, 'disk.folder.rename', { id: june, newName: 'Июль' }).body['error']).toBe(
    'DISK_OBJ_22000',
  );
  expect(portal.call(5, 'disk.folder.deletetree', { id: july }).body['result']).toBe(true);
  expect(portal.call(5, 'disk.folder.get', { id: at(copy, 'ID') ?? 0 }).body['error']).toBe(
    'ERROR_NOT_FOUND',
  );
  expect(portal.call(5, 'disk.file.get', { id: 6465 }).status).toBe(200);
  const root = portal.call(1, 'disk.folder.deletetree', { id: 7700 }).body;
  expect(root['error_description']).toBe('Could not delete root folder');
});

describe('events of an application', () => {
  const handler = 'https://svyazka.example/hook';
  const call = (
    portal: ReturnType<typeof vesna>,
    method: string,
    send: { readonly [key: string]: Json },
    user = 1,
  ) =>
    portal.request(
      'POST',
      `/rest/${method}`,
      { 'content-type': 'application/json' },
      JSON.stringify({ ...send, auth: `at-valid-user${String(user)}` }),
    );

  test('the list of events is for applications, by scope (events.md)', () => {
    const portal = vesna();
    expect(portal.call(1, 'events').status).toBe(403);
    expect(call(portal, 'events', { SCOPE: 'user' }).body['result']).toEqual(['ONUSERADD']);
    const own = call(portal, 'events', {}).body['result'];
    expect(own).toContain('ONTASKADD');
    expect(own).not.toContain('ONCRMDEALADD');
    expect(call(portal, 'events', { FULL: true }).body['result']).toContain('ONCRMDEALADD');
  });

  test('unbind takes what its parameters name, everything when they name nothing (event-unbind.md)', () => {
    const portal = vesna();
    for (const event of ['ONTASKADD', 'ONTASKUPDATE']) call(portal, 'event.bind', { event, handler });
    call(portal, 'event.bind', { event: 'ONTASKADD', handler: `${handler}/2` });
    call(portal, 'event.bind', { event: 'ONTASKADD', event_type: 'offline' });
    expect(call(portal, 'event.unbind', { event: 'ONTASKADD' }).body['result']).toEqual({ count: 2 });
    expect(call(portal, 'event.unbind', {}).body['result']).toEqual({ count: 1 });
    expect(call(portal, 'event.unbind', { event_type: 'offline' }, 7)).toMatchObject({
      status: 403,
      body: { error: 'ACCESS_DENIED' },
    });
    expect(call(portal, 'event.unbind', { event_type: 'offline' }).body['result']).toEqual({ count: 1 });
  });

  test('a batch of the queue that nobody confirms is deleted after 30 days (offline-events.md)', () => {
    const portal = vesna();
    call(portal, 'event.bind', { event: 'ONTASKUPDATE', event_type: 'offline' });
    portal.call(5, 'tasks.task.update', { taskId: 102, fields: { TITLE: 'Иначе' } });
    const got = call(portal, 'event.offline.get', { clear: 0 }).body['result'];
    expect(at(got, 'events')).toHaveLength(1);
    portal.pass(29 * 86_400_000);
    const list = () => {
      const [token] = portal.state.application?.tokens.values() ?? [];
      if (token !== undefined) token.expires = null;
      return call(portal, 'event.offline.list', {}).body['result'];
    };
    expect(list()).toHaveLength(1);
    portal.pass(2 * 86_400_000);
    expect(list()).toEqual([]);
    expect(at(call(portal, 'event.offline.get', {}).body, 'result', 'events')).toEqual([]);
  });

  test('a new person is told of with his fields (on-user-add.md)', () => {
    const portal = vesna();
    call(portal, 'event.bind', { event: 'ONUSERADD', handler });
    portal.act(1, 'create user', {
      id: 31,
      name: 'Вера Новикова',
      email: 'nova@vesna.example',
      departments: [3],
    });
    const [event] = portal.events();
    expect(event).toMatchObject({
      event: 'ONUSERADD',
      data: { ID: '31', ACTIVE: 'Y', NAME: 'Вера', EMAIL: 'nova@vesna.example', UF_DEPARTMENT: ['3'] },
    });
  });
});
