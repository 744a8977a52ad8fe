import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { type Fact, facts, vesna } from './factTable.ts';
import { at } from './testing.ts';

const refused = (
  says: string,
  page: string,
  method: string,
  send: Json,
  error: readonly [string, string],
  more: Partial<Fact> = {},
): Fact => ({ says, page, as: 5, method: `api/tasks.task.${method}`, send, error, ...more });

const request = 'VALIDATION_REQUESTVALIDATIONEXCEPTION';
const task = { title: 'Смета', creatorId: 5, responsibleId: 7 };

facts('requests of REST 3.0 that are refused', [
  refused('the id is required', 'rest-v3.md', 'get', {}, [request, '"field":"id"']),
  refused('a text is no number', 'tasks-task-get-rest-v3.md', 'get', { id: '101' }, [request, '`int`']),
  refused('fields are required', 'tasks-task-add-rest-v3.md', 'add', {}, [request, '"field":"fields"']),
  refused('a title is required', 'tasks-task-add-rest-v3.md', 'add', { fields: { ...task, title: '' } }, [
    request,
    '"field":"title"',
  ]),
  refused(
    'a deadline is a moment',
    'tasks-task-add-rest-v3.md',
    'add',
    { fields: { ...task, deadline: 'скоро' } },
    [request, '`DateTime`'],
  ),
  refused(
    'a responsible who is not there is told at his field',
    'tasks-task-add-rest-v3.md',
    'add',
    { fields: { ...task, responsibleId: 99 } },
    [request, '"field":"responsibleId"'],
  ),
  refused(
    'a parent that is not there is told at its field',
    'tasks-task-add-rest-v3.md',
    'add',
    { fields: { ...task, parentId: 999 } },
    [request, '"field":"parentId"'],
  ),
  refused(
    'a plan that ends before it starts is told at its end',
    'tasks-task-add-rest-v3.md',
    'add',
    { fields: { ...task, startPlan: '2026-10-02T10:00:00+03:00', endPlan: '2026-10-01T10:00:00+03:00' } },
    [request, '"field":"endPlan"'],
  ),
  refused(
    'a field that tasks do not have is unknown',
    'rest-v3.md',
    'add',
    { fields: { ...task, colour: 1 } },
    ['UNKNOWNDTOPROPERTYEXCEPTION', 'colour'],
  ),
  refused(
    'an update of what is not there is a refusal of access',
    'tasks-task-update-rest-v3.md',
    'update',
    { id: 999, fields: { title: 'Иначе' } },
    ['ACCESSDENIEDEXCEPTION', ''],
    { status: 403 },
  ),
  refused(
    'so is a deletion',
    'tasks-task-delete-rest-v3.md',
    'delete',
    { id: 999 },
    ['ACCESSDENIEDEXCEPTION', ''],
    {
      status: 403,
    },
  ),
  refused('a read of what is not there is not', 'tasks-task-get-rest-v3.md', 'get', { id: 2 }, [
    'ENTITYNOTFOUNDEXCEPTION',
    '`2`',
  ]),
  refused('select is a list', 'tasks-task-field-list.md', 'list', { select: 'id' }, [
    'INVALIDSELECTEXCEPTION',
    'id',
  ]),
  refused('an order has a direction', 'tasks-task-list-rest-v3.md', 'list', { order: { id: 'up' } }, [
    'INVALIDORDEREXCEPTION',
    'up',
  ]),
  refused(
    'an order is by what can be sorted',
    'tasks-task-list-rest-v3.md',
    'list',
    { order: { description: 'ASC' } },
    ['INVALIDORDEREXCEPTION', 'description'],
  ),
  refused('a limit is a number', 'tasks-task-list-rest-v3.md', 'list', { pagination: { limit: 'abc' } }, [
    'INVALIDPAGINATIONEXCEPTION',
    'abc',
  ]),
  refused('a limit is not zero', 'tasks-task-list-rest-v3.md', 'list', { pagination: { limit: 0 } }, [
    'INVALIDPAGINATIONEXCEPTION',
    'limit',
  ]),
  refused('a filter by an unknown field', 'rest-v3.md', 'list', { filter: [['colour', '=', 1]] }, [
    'UNKNOWNDTOPROPERTYEXCEPTION',
    'colour',
  ]),
  refused(
    'a filter by a field that is not for it',
    'tasks-task-list-rest-v3.md',
    'list',
    { filter: [['title', 'А']] },
    [request, 'Filterable'],
  ),
  refused('an operator that is none', 'rest-v3.md', 'list', { filter: [['id', 'like', 1]] }, [
    'UNKNOWNFILTEROPERATOREXCEPTION',
    'like',
  ]),
  refused('a value of another type', 'rest-v3.md', 'list', { filter: [['id', '>', 'a']] }, [
    request,
    '`int`',
  ]),
  refused('a filter that is no list', 'rest-v3.md', 'list', { filter: { id: 101 } }, [
    'INVALIDFILTEREXCEPTION',
    '101',
  ]),
  refused('files are a list', 'tasks-task-file-attach.md', 'file.attach', { taskId: 110, fileIds: 6467 }, [
    request,
    '"field":"fileIds"',
  ]),
  refused(
    'results are of a task',
    'tasks-task-result-list-rest-v3.md',
    'result.list',
    { filter: [['id', 1]] },
    ['VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION', 'filter.taskId'],
  ),
  refused(
    'files of a result can not be named',
    'tasks-task-result-add.md',
    'result.add',
    { fields: { taskId: 102, text: 'Готово', fileIds: [1] } },
    ['VALIDATION_DTOVALIDATIONEXCEPTION', '"field":"fileIds"'],
  ),
  refused(
    'a message of no task chat makes no result',
    'tasks-task-result-addfromchatmessage.md',
    'result.addfromchatmessage',
    { fields: { messageId: 1 } },
    [request, '"field":"messageId"'],
  ),
  refused('a field that is not described', 'tasks-task-field-list.md', 'field.list', { select: ['colour'] }, [
    'UNKNOWNDTOPROPERTYEXCEPTION',
    'DtoFieldDto',
  ]),
]);

facts('answers of REST 3.0', [
  {
    says: 'tasks are sorted by other fields than the id, and come in pages',
    page: 'tasks-task-list-rest-v3.md',
    as: 5,
    method: 'api/tasks.task.list',
    send: {
      select: ['id', 'status', 'deadline'],
      filter: [
        {
          logic: 'or',
          conditions: [
            ['id', [101, 102]],
            ['id', 'between', [103, 105]],
          ],
        },
      ],
      order: { status: 'DESC', id: 'ASC' },
      pagination: { limit: 3, page: 1 },
    },
    answers: {
      items: [
        { id: 104, status: 'completed', deadline: null },
        { id: 103, status: 'supposedly_completed', deadline: null },
        { id: 102, status: 'in_progress', deadline: null },
      ],
    },
  },
  {
    says: 'rights are told by their names',
    page: 'tasks-task-access-get.md',
    as: 5,
    method: 'api/tasks.task.access.get',
    send: { id: 102 },
    answers: { read: true, edit: true, deadline: true, changeStatus: true, approve: false, sort: false },
  },
  {
    says: 'an item tells of subtasks, checklists and the person who asks',
    page: 'tasks-task-get-rest-v3.md',
    as: 5,
    method: 'api/tasks.task.get',
    send: { id: 108 },
    answers: {
      item: {
        containsChecklist: true,
        containsSubTasks: false,
        isMultitask: false,
        inFavorite: [],
        epicId: null,
      },
    },
  },
  {
    says: 'a descriptor is cut to what is asked',
    page: 'tasks-task-field-get.md',
    as: 5,
    method: 'api/tasks.task.field.get',
    send: { name: 'deadline', select: ['name', 'sortable', 'filterable'] },
    answers: { item: { name: 'deadline', sortable: true, filterable: false } },
  },
]);

describe('REST 3.0 around its methods', () => {
  const hook = '/rest/api/5/auth0rh00kvesna5';

  test('parameters of a query are not read (rest-v3.md)', () => {
    const got = vesna().request('GET', `${hook}/tasks.task.get?id=101`);
    expect(got.status).toBe(400);
    expect(at(got.body, 'error', 'validation', 0, 'field')).toBe('id');
  });

  test('the documentation has a short name and needs no body (rest-v3.md)', () => {
    const short = vesna().request('GET', `${hook}/documentation`).body['result'];
    expect(short).toEqual(vesna().request('POST', `${hook}/rest.documentation.openapi`).body['result']);
    expect(at(short, 'paths', '/tasks.task.get')).toBeDefined();
  });

  test('a batch in the format of version 2 is refused (rest-v3.md)', () => {
    const body = { halt: 0, cmd: { a: 'tasks.task.get?id=101' } };
    const got = vesna().call(5, 'api/batch', body);
    expect(at(got.body, 'error', 'code')).toBe('BITRIX_REST_V3_EXCEPTION_INVALIDSELECTEXCEPTION');
  });

  test('results are found by their state and their author (tasks-task-result-list-rest-v3.md)', () => {
    const portal = vesna();
    for (const user of [5, 7, 7]) {
      portal.call(user, 'api/tasks.task.result.add', { fields: { taskId: 102, text: `от ${String(user)}` } });
    }
    const list = (filter: Json, more: { readonly [key: string]: Json } = {}): Json =>
      at(portal.call(5, 'api/tasks.task.result.list', { filter, ...more }).body, 'result', 'items') ?? null;
    const own = list(
      [
        ['taskId', 102],
        ['authorId', '=', 7],
      ],
      { select: ['id', 'text'], order: { id: 'DESC' } },
    );
    expect(own).toEqual([
      { id: 54, text: 'от 7' },
      { id: 53, text: 'от 7' },
    ]);
    expect(
      list([
        ['taskId', 102],
        ['status', 'closed'],
      ]),
    ).toEqual([]);
  });
});
