import { type Json } from '../common/types.ts';
import { facts } from './factTable.ts';
import { type TestPortal } from './testing.ts';

const result = (portal: TestPortal, user: number, method: string, send: Json): Json =>
  portal.call(user, method, send).body['result'] ?? null;

const customField = (portal: TestPortal, type: string, more: { readonly [key: string]: Json } = {}): Json =>
  result(portal, 1, 'task.item.userfield.add', {
    PARAMS: { USER_TYPE_ID: type, FIELD_NAME: `UF_AUTO_${type.toUpperCase()}`, ...more },
  });

const written = (
  portal: TestPortal,
  type: string,
  value: Json,
  more: { readonly [key: string]: Json } = {},
): void => {
  customField(portal, type, more);
  portal.call(5, 'tasks.task.update', {
    taskId: 102,
    fields: { [`UF_AUTO_${type.toUpperCase()}`]: value },
  });
};

facts('tasks of version 2', [
  {
    says: 'empty fields are missing fields',
    page: 'tasks-task-add.md',
    as: 5,
    method: 'tasks.task.add',
    send: { fields: {} },
    error: ['100', 'Could not find value for parameter {fields} (internal error)'],
  },
  {
    says: 'an update names at least one field',
    page: 'tasks-task-update.md',
    as: 5,
    method: 'tasks.task.update',
    send: { taskId: 102, fields: [] },
    error: ['100', '{fields}'],
    events: [],
  },
  {
    says: 'a plan of more than a hundred years is too long',
    page: 'tasks-task-add.md',
    as: 5,
    method: 'tasks.task.add',
    send: {
      fields: {
        TITLE: 'Стройка',
        RESPONSIBLE_ID: 7,
        START_DATE_PLAN: '2026-09-28T10:00:00+03:00',
        END_DATE_PLAN: '2326-09-28T10:00:00+03:00',
      },
    },
    error: ['ERROR_CORE', 'слишком большая'],
  },
  {
    says: 'access of whoever does not see the task is an empty list of actions',
    page: 'tasks-task-get-access.md',
    as: 9,
    method: 'tasks.task.getaccess',
    send: { taskId: 106 },
    answers: { allowedActions: [] },
  },
  {
    says: 'people who do not exist may do nothing',
    page: 'tasks-task-get-access.md',
    as: 5,
    method: 'tasks.task.getaccess',
    send: { taskId: 102, users: [99] },
    answers: { allowedActions: { 99: { CREATE: false, EDIT: false, 'FAVORITE.ADD': false } } },
  },
  {
    says: 'a file id that is no number is a wrong type',
    page: 'tasks-task-files-attach.md',
    as: 5,
    method: 'tasks.task.files.attach',
    send: { taskId: 110, fileId: 'n6467' },
    error: ['100', 'Invalid value {n6467} to match with parameter {fileId}. Should be value of type int.'],
  },
  {
    says: 'counters are two maps beside a total of one',
    page: 'tasks-task-counters-get.md',
    as: 7,
    method: 'tasks.task.counters.get',
    answers: { expired: { counter: 0, code: 6291456 }, new_comments: { counter: 0, code: 12582912 } },
  },
  {
    says: 'counters of a group out of reach are refused',
    page: 'tasks-task-counters-get.md',
    as: 15,
    method: 'tasks.task.counters.get',
    send: { groupId: 12 },
    error: ['0', 'Group not found or access denied.'],
  },
  {
    says: 'a favourite that is out of reach has a code of its own',
    page: 'tasks-task-favorite-add.md',
    as: 9,
    method: 'tasks.task.favorite.add',
    send: { taskId: 106 },
    error: ['1', 'Task not found or not accessible'],
  },
  {
    says: 'pinning what is out of reach is an empty result',
    page: 'tasks-task-pin.md',
    as: 9,
    method: 'tasks.task.pin',
    send: { id: 106 },
    answers: [],
  },
  {
    says: 'muting takes the number as id',
    page: 'tasks-task-mute.md',
    as: 7,
    method: 'tasks.task.mute',
    send: { id: 102 },
    answers: { task: { id: '102', isMuted: 'Y' } },
  },
  {
    says: 'a link between tasks tells of the task that it leads to',
    page: 'events-tasks/on-task-update.md',
    as: 5,
    method: 'task.dependence.add',
    send: { taskIdFrom: 101, taskIdTo: 102, linkType: 2 },
    answers: [],
    events: ['ONTASKUPDATE'],
  },
  {
    says: 'a link that stands can not be made again',
    page: 'task-dependence-add.md',
    first: (portal) => result(portal, 5, 'task.dependence.add', [101, 102, 2]),
    as: 5,
    method: 'task.dependence.add',
    send: [101, 102, 2],
    error: ['ILLEGAL_NEW_LINK', 'Связь'],
  },
  {
    says: 'a link that does not stand can not be removed',
    page: 'task-dependence-delete.md',
    as: 5,
    method: 'task.dependence.delete',
    send: [101, 102],
    error: ['ILLEGAL_NEW_LINK', 'Связи'],
  },
  {
    says: 'history is filtered by several fields',
    page: 'tasks-task-history-list.md',
    first: (portal) =>
      result(portal, 5, 'tasks.task.update', {
        taskId: 102,
        fields: { TITLE: 'Иначе', ALLOW_TIME_TRACKING: 'Y' },
      }),
    as: 5,
    method: 'tasks.task.history.list',
    send: { taskId: 102, filter: { FIELD: ['TITLE', 'ALLOW_TIME_TRACKING'] }, order: { createdDate: 'asc' } },
    answers: {
      list: [{ field: 'TITLE' }, { field: 'ALLOW_TIME_TRACKING', value: { from: 'N', to: 'Y' } }] as Json,
    },
  },
  {
    says: 'counters of a row stand under counter',
    page: 'tasks-task-list.md',
    as: 5,
    method: 'tasks.task.list',
    send: { filter: { ID: 102 }, select: ['ID', 'COUNTERS'] },
    answers: {
      tasks: [{ id: '102', counter: { counters: { expired: 0 }, color: 'gray', value: 0 } }] as Json,
    },
  },
  {
    says: 'a description can come as HTML, and no time spent is null',
    page: 'tasks-task-list.md',
    as: 5,
    method: 'tasks.task.list',
    send: {
      filter: { ID: 101 },
      select: ['ID', 'DESCRIPTION'],
      params: { WITH_PARSED_DESCRIPTION: 'Y', WITH_TIMER_INFO: 'Y' },
    },
    answers: {
      tasks: [
        {
          timeElapsed: null,
          parsedDescription:
            '<b>Срочно.</b> Смета по <a href="https://vesna.example/obj/12">объекту 12</a>, вопросы к <a href="/company/personal/user/9/">Игорь Лапин</a>',
        },
      ] as Json,
    },
  },
]);

facts('custom fields of tasks', [
  {
    says: 'a number is read as text',
    page: 'user-field/index.md',
    first: (portal) => {
      written(portal, 'double', 12.5);
      return null;
    },
    as: 5,
    method: 'tasks.task.get',
    send: { taskId: 102, select: ['ID', 'UF_AUTO_DOUBLE'] },
    answers: { task: { ufAutoDouble: '12.5' } },
  },
  {
    says: 'yes and no are 1 and 0',
    page: 'user-field/index.md',
    first: (portal) => {
      written(portal, 'boolean', 'Y');
      return null;
    },
    as: 5,
    method: 'tasks.task.get',
    send: { taskId: 102, select: ['ID', 'UF_*'] },
    answers: { task: { ufAutoBoolean: '1', ufCrmTask: [] } },
  },
  {
    says: 'a moment is read with the offset of the portal',
    page: 'data-types.md',
    first: (portal) => {
      written(portal, 'datetime', '2026-10-01T12:00:00Z');
      return null;
    },
    as: 5,
    method: 'tasks.task.get',
    send: { taskId: 102, select: ['UF_AUTO_DATETIME'] },
    answers: { task: { ufAutoDatetime: '2026-10-01T15:00:00+03:00' } },
  },
  {
    says: 'several values are a list',
    page: 'task-item-user-field-add.md',
    first: (portal) => {
      written(portal, 'string', ['а', 'б'], { MULTIPLE: 'Y' });
      return null;
    },
    as: 5,
    method: 'tasks.task.get',
    send: { taskId: 102, select: ['UF_AUTO_STRING'] },
    answers: { task: { ufAutoString: ['а', 'б'] } },
  },
  {
    says: 'tasks are found by a custom number',
    page: 'tasks-task-list.md',
    first: (portal) => {
      written(portal, 'double', '7');
      return null;
    },
    as: 5,
    method: 'tasks.task.list',
    send: { filter: { '>=UF_AUTO_DOUBLE': 7 }, select: ['ID'] },
    answers: { tasks: [{ id: '102' }] as Json },
  },
  {
    says: 'the prefix UF_ is added',
    page: 'task-item-user-field-add.md',
    first: (portal) =>
      result(portal, 1, 'task.item.userfield.add', {
        PARAMS: { USER_TYPE_ID: 'string', FIELD_NAME: 'CODE' },
      }),
    as: 5,
    method: 'task.item.userfield.get',
    send: { ID: '$' },
    answers: { FIELD_NAME: 'UF_CODE', ENTITY_ID: 'TASKS_TASK', XML_ID: 'UF_CODE' },
  },
  {
    says: 'lists of custom fields hold the three of the portal itself',
    page: 'task-item-user-field-get-list.md',
    as: 5,
    method: 'task.item.userfield.getlist',
    send: [{ FIELD_NAME: 'asc' }, { MULTIPLE: 'Y' }],
    answers: [
      expectedField('UF_CRM_TASK', 'crm'),
      expectedField('UF_TASK_WEBDAV_FILES', 'disk_file'),
    ] as Json,
  },
  ...(
    [
      ['a type is required', { FIELD_NAME: 'A' }, "The 'USER_TYPE_ID' field is not found"],
      [
        'a type that tasks do not have is refused',
        { USER_TYPE_ID: 'money', FIELD_NAME: 'A' },
        'Invalid user type',
      ],
      ['a name is required', { USER_TYPE_ID: 'string' }, "The 'FIELD_NAME' field is not found"],
      [
        'a name is given once',
        { USER_TYPE_ID: 'string', FIELD_NAME: 'UF_CRM_TASK' },
        'The field UF_CRM_TASK for the object TASKS_TASK already exists',
      ],
    ] as const
  ).map(([says, PARAMS, text]) => ({
    says,
    page: 'task-item-user-field-add.md',
    as: 1,
    method: 'task.item.userfield.add',
    send: { PARAMS },
    error: ['ERROR_CORE', text] as const,
  })),
  {
    says: 'only an administrator makes fields',
    page: 'task-item-user-field-add.md',
    as: 5,
    method: 'task.item.userfield.add',
    send: { PARAMS: { USER_TYPE_ID: 'string', FIELD_NAME: 'A' } },
    error: ['ERROR_CORE', 'Access denied'],
  },
  {
    says: 'a field that is not there has a code of its own',
    page: 'task-item-user-field-get.md',
    as: 5,
    method: 'task.item.userfield.get',
    send: [77],
    error: ['ERROR_NOT_FOUND', "The entity with ID '77' is not found"],
  },
]);

function expectedField(name: string, type: string): Json {
  return {
    ID: name === 'UF_CRM_TASK' ? '100001' : '100003',
    ENTITY_ID: 'TASKS_TASK',
    FIELD_NAME: name,
    USER_TYPE_ID: type,
    XML_ID: name === 'UF_CRM_TASK' ? '' : 'TASK_WEBDAV_FILES',
    SORT: '100',
    MULTIPLE: 'Y',
    MANDATORY: 'N',
    SHOW_FILTER: 'N',
    SHOW_IN_LIST: 'N',
    EDIT_IN_LIST: 'N',
    IS_SEARCHABLE: 'N',
    SETTINGS: name === 'UF_CRM_TASK' ? { LEAD: 'Y', CONTACT: 'Y', COMPANY: 'Y', DEAL: 'Y' } : [],
  };
}
