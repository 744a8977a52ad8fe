/** Methods beside those that a bridge calls: Drive's versions and trash, the messenger, older tasks, applications. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { facts, vesna } from './factTable.ts';
import { at, type TestPortal } from './testing.ts';
import { asRecord } from './values.ts';

const result = (portal: TestPortal, user: number, method: string, send: Json = {}): Json =>
  portal.call(user, method, send).body['result'] ?? null;

const byApplication = (portal: TestPortal, method: string, send: { readonly [key: string]: Json }): Json => {
  const body = JSON.stringify({ ...send, auth: 'at-valid-user1' });
  return portal.request('POST', `/rest/${method}`, { 'content-type': 'application/json' }, body).body;
};

const overwritten = (portal: TestPortal): Json => {
  portal.call(5, 'disk.file.uploadversion', { id: 6467, fileContent: ['a.xlsx', 'c2Vjb25k'] });
  return null;
};

facts('Drive', [
  {
    says: 'a new version is told with its number as a number',
    page: 'disk-file-upload-version.md',
    as: 5,
    method: 'disk.file.uploadVersion',
    send: { id: 6467, fileContent: ['a.xlsx', 'c2Vjb25k'] },
    answers: { ID: '6467', GLOBAL_CONTENT_VERSION: 2, SIZE: '6' },
  },
  {
    says: 'an earlier version stays readable by itself',
    page: 'disk-version-get.md',
    first: overwritten,
    as: 5,
    method: 'disk.version.get',
    send: { id: 6467001 },
    answers: { OBJECT_ID: '6467', SIZE: '15010', GLOBAL_CONTENT_VERSION: '1', NAME: 'Перечень.xlsx' },
  },
  {
    says: 'what was before becomes the newest version again',
    page: 'disk-file-restore-from-version.md',
    first: overwritten,
    as: 5,
    method: 'disk.file.restoreFromVersion',
    send: { id: 6467, versionId: 6467001 },
    answers: { SIZE: '15010', GLOBAL_CONTENT_VERSION: 3 },
  },
  {
    says: 'a version of another file is refused',
    page: 'disk-file-restore-from-version.md',
    first: overwritten,
    as: 5,
    method: 'disk.file.restoreFromVersion',
    send: { id: 6465, versionId: 6467001 },
    error: ['DISK_FILE_22004', 'another file'],
  },
  {
    says: 'a file in the trash says when and by whom it came there',
    page: 'disk-file-mark-deleted.md',
    as: 5,
    method: 'disk.file.markDeleted',
    send: { id: 6467 },
    answers: { DELETED_TYPE: '3', DELETE_TIME: '2026-09-28T10:00:00+03:00', DELETED_BY: '5' },
  },
  {
    says: 'a file that comes back says so as a number and remembers who had thrown it away',
    page: 'disk-file-restore.md',
    first: (portal) => result(portal, 5, 'disk.file.markDeleted', { id: 6467 }),
    as: 5,
    method: 'disk.file.restore',
    send: { id: 6467 },
    answers: { DELETED_TYPE: 0, DELETED_BY: '5' },
  },
  {
    says: 'a folder in the trash is out of reach of other methods',
    page: 'disk-folder-restore.md',
    first: (portal) => result(portal, 5, 'disk.folder.markDeleted', { id: 7730 }),
    as: 5,
    method: 'disk.folder.get',
    send: { id: 7730 },
    error: ['ERROR_NOT_FOUND', 'Could not find entity with id `7730`'],
  },
  {
    says: 'and comes back by its number',
    page: 'disk-folder-restore.md',
    first: (portal) => result(portal, 5, 'disk.folder.markDeleted', { id: 7730 }),
    as: 5,
    method: 'disk.folder.restore',
    send: { id: 7730 },
    answers: { ID: '7730', DELETED_TYPE: 0, DELETED_BY: '5' },
  },
  {
    says: 'the root of a storage is not thrown away',
    page: 'disk-folder-mark-deleted.md',
    as: 5,
    method: 'disk.folder.markDeleted',
    send: { id: 7700 },
    error: ['DISK_OBJ_22000', 'Could not delete root folder'],
  },
  {
    says: 'a new folder was deleted by nobody',
    page: 'disk-folder-add-subfolder.md',
    as: 5,
    method: 'disk.folder.addSubFolder',
    send: { id: 7730, data: { NAME: 'Июль' } },
    answers: { DELETED_TYPE: 0, DELETED_BY: null },
  },
  {
    says: 'a level of access that does not exist is refused',
    page: 'disk-folder-share-to-user.md',
    as: 5,
    method: 'disk.folder.shareToUser',
    send: { id: 7730, userId: 7, taskName: 'disk_access_all' },
    error: ['ACCESS_DENIED', 'Access denied'],
  },
]);

facts('the messenger', [
  {
    says: 'the caller himself without an id',
    page: 'im-user-get.md',
    as: 7,
    method: 'im.user.get',
    answers: { id: 7, first_name: 'Ольга', last_name: 'Титова', email: 'titova@vesna.example' },
  },
  {
    says: 'nobody by a number that nobody has',
    page: 'im-user-get.md',
    as: 7,
    method: 'im.user.get',
    send: { ID: 99 },
    error: ['USER_NOT_EXISTS', 'User does not exist'],
  },
  {
    says: 'people by their numbers, the list as a JSON text too',
    page: 'im-user-list-get.md',
    as: 7,
    method: 'im.user.list.get',
    send: { ID: '[5,7]' },
    answers: { 5: { id: 5 }, 7: { id: 7 } },
  },
  {
    says: 'a list of people must be one',
    page: 'im-user-list-get.md',
    as: 7,
    method: 'im.user.list.get',
    error: ['INVALID_FORMAT', 'A wrong format for the ID field is passed'],
  },
  {
    says: 'a like is given once',
    page: 'im-message-like.md',
    first: (portal) => result(portal, 5, 'im.message.like', { MESSAGE_ID: 9003, ACTION: 'plus' }),
    as: 5,
    method: 'im.message.like',
    send: { MESSAGE_ID: 9003, ACTION: 'plus' },
    error: ['WITHOUT_CHANGES', 'Action completed without changes'],
  },
  {
    says: 'a chat is read up to a message',
    page: 'im-dialog-read.md',
    as: 5,
    method: 'im.dialog.read',
    send: { DIALOG_ID: 'chat2101', MESSAGE_ID: 9002 },
    answers: { dialogId: 'chat2101', chatId: 2101, lastId: 9002, counter: 1 },
  },
  {
    says: 'departments are for employees',
    page: 'im-department-get.md',
    as: 15,
    method: 'im.department.get',
    send: { ID: [1] },
    status: 403,
    error: ['ACCESS_ERROR', 'Only intranet users have access to this method'],
  },
  {
    says: 'a department bears the names of those above it',
    page: 'im-department-get.md',
    as: 5,
    method: 'im.department.get',
    send: { ID: [3] },
    answers: [{ id: 3, name: 'Проекты', full_name: 'Проекты / Весна', manager_user_id: 5 }],
  },
  {
    says: 'a notification needs a text',
    page: 'im-notify-personal-add.md',
    as: 5,
    method: 'im.notify.personal.add',
    send: { USER_ID: 7, MESSAGE: ' ' },
    error: ['MESSAGE_EMPTY', "Message can't be empty"],
  },
]);

facts('older methods of tasks, groups and people', [
  {
    says: 'the history in its older words',
    page: 'task-log-item-list.md',
    as: 5,
    method: 'task.logitem.list',
    send: [102],
    answers: [
      {
        CREATED_DATE: '2026-09-21T09:15:00+03:00',
        USER_ID: '5',
        TASK_ID: '102',
        FIELD: 'NEW',
        FROM_VALUE: '',
        TO_VALUE: '',
      },
    ],
  },
  {
    says: 'rights by the numbers of the page: 3 is to complete',
    page: 'task-item-get-allowed-actions.md',
    as: 7,
    method: 'task.item.isactionallowed',
    send: [102, 3],
    answers: true,
  },
  {
    says: 'a group by its number, its numbers as numbers',
    page: 'socialnetwork-api-workgroup-get.md',
    as: 5,
    method: 'socialnetwork.api.workgroup.get',
    send: { params: { groupId: 12, select: ['TAGS'] } },
    answers: { ID: 12, OWNER_ID: 5, TYPE: 'project', MEMBERS: [5, 7, 9, 11], TAGS: [], VISIBLE: 'N' },
  },
  {
    says: 'a group out of reach is not found',
    page: 'socialnetwork-api-workgroup-get.md',
    as: 15,
    method: 'socialnetwork.api.workgroup.get',
    send: { params: { groupId: 12 } },
    error: ['SONET_CONTROLLER_WORKGROUP_NOT_FOUND', 'Workgroup not found.'],
  },
  {
    says: 'an operation belongs to its tool',
    page: 'sonet-group-feature-access.md',
    as: 5,
    method: 'sonet_group.feature.access',
    send: { GROUP_ID: 12, FEATURE: 'tasks', OPERATION: 'full_post' },
    error: ['', 'Wrong operation'],
  },
  {
    says: 'only an administrator invites people',
    page: 'user-add.md',
    as: 5,
    method: 'user.add',
    send: { EMAIL: 'new@vesna.example' },
    error: ['ERROR_CORE', 'access_denied'],
  },
  {
    says: 'an address of a person is his alone',
    page: 'user-add.md',
    as: 1,
    method: 'user.add',
    send: { EMAIL: 'titova@vesna.example' },
    error: ['ERROR_ARGUMENT', 'A user with this email already exists'],
  },
]);

facts('shapes that the pages print', [
  {
    says: 'a descriptor says of every trait, the first field of an access is its id',
    page: 'tasks-task-access-field-get.md',
    as: 5,
    method: 'api/tasks.task.access.field.get',
    send: { name: 'id' },
    answers: {
      item: { name: 'id', type: 'int', filterable: true, sortable: true, editable: false, multiple: false },
    },
  },
  {
    says: 'a related object has a descriptor beside the number of it, dates are objects',
    page: 'tasks-task-field-list.md',
    as: 5,
    method: 'api/tasks.task.field.get',
    send: { name: 'responsible', select: ['name', 'type', 'multiple'] },
    answers: { item: { name: 'responsible', type: 'object', multiple: false } },
  },
  {
    says: 'the numbers of files in a message are texts, their dates empty maps',
    page: 'im-disk-file-commit.md',
    as: 5,
    method: 'im.disk.file.commit',
    send: { CHAT_ID: 2101, FILE_ID: [6465] },
    answers: {
      DISK_ID: ['6465'],
      FILES: { upload6465: { id: 6465, date: {} } },
      FILE_MODELS: { upload6465: { realObjectId: 6465, createdBy: '5', size: 118_204, createTime: {} } },
    },
  },
  {
    says: 'a chat tells what may be done to it, who has read it and where its task stands',
    page: 'im-dialog-get.md',
    as: 5,
    method: 'im.dialog.get',
    send: { DIALOG_ID: 'chat2101' },
    answers: {
      restrictions: { rename: false, send: true, leave_owner: false },
      entity_link: { type: 'TASKS_TASK', url: '/company/personal/user/5/tasks/task/view/101/' },
      readed_list: [{ user_id: 7 }, { user_id: 9 }, { user_id: 11 }],
      last_message_views: { message_id: 9003, count_of_viewers: 0 },
    },
  },
  {
    says: 'people of a chat show their addresses, files what a viewer needs',
    page: 'im-dialog-messages-get.md',
    as: 5,
    method: 'im.dialog.messages.get',
    send: { DIALOG_ID: 'chat2101', LIMIT: 1 },
    answers: {
      users: [{ id: 7, email: 'titova@vesna.example' }],
      files: [{ viewerAttrs: { objectId: '5501', imChatId: 2101, title: 'Черновик сметы.xlsx' } }],
    },
  },
  {
    says: 'a mobile client is told the caller’s role and the dialog',
    page: 'socialnetwork-api-workgroup-list.md',
    as: 5,
    method: 'socialnetwork.api.workgroup.list',
    send: { select: ['ID', 'AVATAR'], params: { mode: 'mobile', shouldSelectDialogId: 'Y' } },
    answers: {
      workgroups: [
        {
          id: '12',
          avatar: '',
          imageId: null,
          additionalData: { role: 'A', initiatedByType: '' },
          dialogId: '',
        },
      ],
    },
  },
  {
    says: 'fields of people have names, also those that tasks never show',
    page: 'user-fields.md',
    as: 5,
    method: 'user.fields',
    answers: { UF_PHONE_INNER: 'Внутренний телефон', PERSONAL_PHOTO: 'Фотография', WORK_FAX: 'WORK_FAX' },
  },
]);

describe('what these methods leave behind', () => {
  test('an earlier version is downloaded as it was, the present one as it is', () => {
    const portal = vesna();
    overwritten(portal);
    const links = (result(portal, 5, 'disk.file.getVersions', { id: 6467 }) as readonly Json[]).map((row) =>
      String(at(row, 'DOWNLOAD_URL')),
    );
    const bytes = links.map(
      (link) => portal.request('GET', new URL(link).pathname + new URL(link).search).bytes,
    );
    expect(bytes.map((one) => one.length)).toEqual([6, 15_010]);
  });

  test('a like stands in the message and is heard as ONIMV2REACTIONCHANGE (events.md)', () => {
    const portal = vesna();
    portal.call(7, 'im.v2.Event.subscribe');
    portal.call(5, 'im.message.like', { MESSAGE_ID: 9003 });
    const read = result(portal, 7, 'im.dialog.messages.get', { DIALOG_ID: 'chat2101' });
    expect(at(read, 'messages', 0, 'params', 'LIKE')).toEqual([5]);
    const heard = at(result(portal, 7, 'im.v2.Event.get'), 'events', 0);
    expect(heard).toMatchObject({
      type: 'ONIMV2REACTIONCHANGE',
      data: { reaction: 'like', action: 'add', message: { id: 9003 }, user: { id: 5 } },
    });
  });

  test('a dismissed person is no longer active (user-update.md)', () => {
    const portal = vesna();
    const id = result(portal, 1, 'user.add', { EMAIL: 'n@vesna.example', NAME: 'Нина', UF_DEPARTMENT: [3] });
    portal.call(1, 'user.update', { ID: id, ACTIVE: 'N', PERSONAL_MOBILE: '+7' });
    expect(at(result(portal, 1, 'user.get', { ID: id }), 0)).toMatchObject({
      ACTIVE: false,
      NAME: 'Нина',
      PERSONAL_MOBILE: '+7',
      UF_DEPARTMENT: [3],
    });
  });

  test('empty telephones of a person are empty texts (user-get.md)', () => {
    expect(at(result(vesna(), 5, 'user.get', { ID: 7 }), 0)).toMatchObject({
      PERSONAL_MOBILE: '',
      WORK_PHONE: '',
      PERSONAL_CITY: '',
    });
  });

  test('an application keeps its options, a webhook has none (app-option-get.md)', () => {
    const portal = vesna();
    byApplication(portal, 'app.option.set', { options: { data: 'value' } });
    byApplication(portal, 'user.option.set', { options: { mine: '1' } });
    expect(at(byApplication(portal, 'app.option.get', {}), 'result')).toEqual({ data: 'value' });
    expect(at(byApplication(portal, 'user.option.get', { option: 'mine' }), 'result')).toBe('1');
    expect(portal.call(1, 'app.option.get').body).toMatchObject({ error: 'AccessException' });
  });

  test('a file comes to a task and leaves it by the older methods (task-item-add-file.md)', () => {
    const portal = vesna();
    const file = { NAME: 'a.txt', CONTENT: 'YQ==' };
    const id = result(portal, 5, 'task.item.addfile', { TASK_ID: 102, FILE: file });
    const files = result(portal, 5, 'task.item.getfiles', [102]) as readonly Json[];
    expect(files.map((one) => asRecord(one)['ATTACHMENT_ID'])).toEqual([String(id)]);
    expect(result(portal, 5, 'task.item.deletefile', { TASK_ID: 102, ATTACHMENT_ID: id })).toBe(true);
    expect(result(portal, 5, 'task.item.getfiles', [102])).toEqual([]);
  });

  test('what positional methods say of themselves names their fields (task-comment-item-get-manifest.md)', () => {
    const portal = vesna();
    const manifest = result(portal, 5, 'task.commentitem.getmanifest');
    expect(at(manifest, 'REST: shortname alias to class')).toBe('commentitem');
    expect(at(result(portal, 5, 'task.elapseditem.getmanifest'), 'Manifest change date')).toBe('22 Feb 2018');
  });
});
