import { type Json } from '../../emulators/common/types.ts';
import { type CaseRequest } from './layout.ts';

/**
 * A request made after a case's own, to see what its `must` says of the time afterwards. Pointers go into
 * `{status, body}`; an element of a list is named by its id (`id`, `ID`, `key`) or else by its index.
 */
export interface FollowUp {
  readonly request: CaseRequest;
  readonly has?: Readonly<Record<string, Json>>;
  readonly lacks?: readonly string[];
}

function read(path: string, token = 'robot'): CaseRequest {
  return { method: 'GET', path, headers: { Authorization: `Bearer ${token}-token-0001` } };
}

function ask(path: string, body: Json, token = 'robot'): CaseRequest {
  return { method: 'POST', path, headers: { Authorization: `Bearer ${token}-token-0001` }, body };
}

const secrets: Readonly<Record<number, string>> = {
  1: 'adm1nh00kvesna01',
  5: 'auth0rh00kvesna5',
  7: 'w0rkerh00kvesna7',
};

function call(user: number, method: string, body: Json, base = '/rest'): CaseRequest {
  return { method: 'POST', path: `${base}/${String(user)}/${secrets[user] ?? ''}/${method}`, body };
}

function comments(typeList: string, fields: string, token?: string): CaseRequest {
  return ask('/task/1001/comments/list', { offset: 0, pageSize: 100, fields, typeList }, token);
}

function task(id: number | string, fields: string, token?: string): CaseRequest {
  return read(`/task/${String(id)}?fields=${fields}`, token);
}

function b24Task(id: number, select: readonly string[]): CaseRequest {
  return call(1, 'tasks.task.get', { taskId: id, select });
}

const chat = call(5, 'im.dialog.messages.get', { DIALOG_ID: 'chat2101', LIMIT: 50 });
const oldComments = call(5, 'task.commentitem.getlist', { TASKID: 107, ORDER: { ID: 'asc' } });
const checklist = call(5, 'task.checklistitem.getlist', { TASKID: 108, ORDER: { ID: 'asc' } });

/** `{{id}}` is the id that the case's own answer gave, under `id` or as `result`. */
export const afterwards: Readonly<Record<string, readonly FollowUp[]>> = {
  'planfix.comment.create.plain': [
    {
      request: read('/comment/{{id}}?fields=id,description,owner'),
      has: { '/body/comment/owner/id': 'user:1', '/body/comment/description': 'Готово, проверьте' },
    },
  ],
  'planfix.comment.create.as-other-author': [
    {
      request: read('/comment/{{id}}?fields=id,owner,dateTime,sourceObjectId'),
      has: {
        '/body/comment/owner/id': 'contact:12',
        '/body/comment/dateTime/date': '12-11-2026',
        '/body/comment/dateTime/time': '12:15',
        '/body/comment/sourceObjectId': '0c091b1f-a735-44e9-a56c-43435e7a40b6',
      },
    },
  ],
  'planfix.comment.create.same-file-twice': [
    { request: read('/comment/5001?fields=id,files'), has: { '/body/comment/files/0/id': 9001 } },
    { request: read('/comment/{{id}}?fields=id,files'), has: { '/body/comment/files/0/id': 9001 } },
  ],
  'planfix.comment.create.hidden': [
    {
      request: comments('Comments', 'id,description', 'olga'),
      has: { '/body/comments/{{id}}/description': 'Внутреннее' },
    },
  ],
  'planfix.comment.update.text': [
    {
      request: read('/comment/5010?fields=id,description,dateTime,isPinned,owner'),
      has: {
        '/body/comment/description': 'Готово, проверьте ещё раз',
        '/body/comment/dateTime/time': '07:00',
        '/body/comment/isPinned': true,
        '/body/comment/owner/id': 'user:1',
      },
    },
  ],
  'planfix.comment.update.foreign-text': [
    {
      request: read('/comment/5002?fields=id,description'),
      has: { '/body/comment/description': 'Спасибо! Когда <b>тест</b>?' },
    },
  ],
  'planfix.comment.delete': [
    { request: comments('Comments', 'id'), lacks: ['/body/comments/5010/id'] },
    { request: comments('Deleted', 'id'), has: { '/body/comments/5010/id': 5010 } },
  ],
  'planfix.datatag.entry.creates-comment': [
    {
      request: ask('/datatag/59/entry/list', {
        offset: 0,
        pageSize: 100,
        fields: 'key,commentId,task,185',
        taskId: 1001,
      }),
      has: { '/body/dataTagEntries/0/task/id': 1001 },
    },
  ],
  'planfix.file.delete': [{ request: read('/file/9010?fields=id'), has: { '/body/code': 7000 } }],
  'planfix.file.rename': [
    {
      request: read('/file/9001?fields=id,name,size'),
      has: { '/body/file/name': 'Акт сверки (подписан).pdf', '/body/file/size': 2048 },
    },
  ],
  'planfix.file.attach.task': [
    {
      request: task(1001, 'id,files'),
      has: { '/body/task/files/9002/id': 9002, '/body/task/files/9010/id': 9010 },
    },
  ],
  'planfix.file.upload': [
    {
      request: read('/file/{{id}}?fields=id,name,size'),
      has: { '/body/file/name': 'тест-файл.bin', '/body/file/size': 2048 },
    },
  ],
  'planfix.status.set': [
    { request: task(1001, 'id,status'), has: { '/body/task/status/id': 101 } },
    {
      request: ask('/task/1001/comments/list', {
        offset: 0,
        pageSize: 1,
        fields: 'id,changeStatus',
        typeList: 'All',
        resultOrder: [{ field: 'id', direction: 'Desc' }],
      }),
      has: {
        '/body/comments/0/changeStatus/oldStatusId': 2,
        '/body/comments/0/changeStatus/newStatusId': 101,
      },
    },
  ],
  'planfix.status.transition-refused': [
    { request: task(1002, 'id,status'), has: { '/body/task/status/id': 1 } },
  ],
  'planfix.task.create.minimal': [
    {
      request: task('{{id}}', 'id,name,type,assigner'),
      has: {
        '/body/task/name': 'Обновить прайс',
        '/body/task/type': 'Task',
        '/body/task/assigner/id': 'user:1',
      },
    },
  ],
  'planfix.task.create.full': [
    {
      request: task(
        '{{id}}',
        'id,name,description,priority,status,assigner,parent,project,counterparty,hasEndDate,hasEndTime,startDateTime,endDateTime,dateTime,participants,auditors,200,208',
      ),
      has: {
        '/body/task/name': 'Перенести сайт',
        '/body/task/description': '<p>С хостинга <i>заказчика</i></p>',
        '/body/task/priority': 'Urgent',
        '/body/task/status/id': 2,
        '/body/task/assigner/id': 'contact:12',
        '/body/task/parent/id': 1001,
        '/body/task/project/id': 50,
        '/body/task/counterparty/id': 'contact:20',
        '/body/task/hasEndDate': true,
        '/body/task/hasEndTime': false,
        '/body/task/dateTime/date': '20-11-2026',
        '/body/task/startDateTime/time': '09:00',
        '/body/task/endDateTime/date': '01-12-2026',
        '/body/task/participants/users/0/id': 'user:4',
        '/body/task/auditors/users/0/id': 'user:2',
        '/body/task/customFieldData/0/value': 'ВСН-18/26',
        '/body/task/customFieldData/1/value': 'Чат',
      },
    },
  ],
  'planfix.task.create.unknown-priority': [
    { request: task('{{id}}', 'id,priority'), has: { '/body/task/priority': 'NotUrgent' } },
  ],
  'planfix.task.create.source-mark': [
    {
      request: task('{{id}}', 'id,sourceObjectId,sourceDataVersion'),
      has: {
        '/body/task/sourceObjectId': '0c091b1f-a735-44e9-a56c-43435e7a40b6',
        '/body/task/sourceDataVersion': 'AADJIgAAAAA=',
      },
    },
  ],
  'planfix.task.update.name': [
    {
      request: task(1001, 'id,name,description,priority,dateOfLastUpdate'),
      has: {
        '/body/task/name': 'Настроить обмен с 1С:УТ',
        '/body/task/description': '<p>Номенклатура и остатки, раз в час 🙂</p>',
        '/body/task/priority': 'Urgent',
        '/body/task/dateOfLastUpdate/time': '07:30',
      },
    },
  ],
  'planfix.task.update.silent': [{ request: task(1001, 'id,status'), has: { '/body/task/status/id': 101 } }],
  'planfix.task.update.queued': [{ request: task(1001, 'id,name'), has: { '/body/task/name': 'Позже' } }],
  'planfix.task.update.failures': [
    {
      request: task(1001, 'id,name,counterparty'),
      has: { '/body/task/name': 'Имя принято', '/body/task/counterparty/id': 'contact:20' },
    },
  ],
  'planfix.task.update.clear-dates': [
    {
      request: task(1001, 'id,hasStartDate,hasEndDate'),
      has: { '/body/task/hasStartDate': false, '/body/task/hasEndDate': false },
    },
  ],
  'planfix.task.update.assignees-replace': [
    {
      request: task(1001, 'id,assignees'),
      has: {
        '/body/task/assignees/users/user:4/id': 'user:4',
        '/body/task/assignees/users/contact:12/id': 'contact:12',
        '/body/task/assignees/groups/1/id': 1,
      },
      lacks: ['/body/task/assignees/users/user:3/id'],
    },
  ],
  'planfix.task.update.files-replace': [
    {
      request: task(1001, 'id,files'),
      has: { '/body/task/files/9001/id': 9001 },
      lacks: ['/body/task/files/9002/id'],
    },
    { request: read('/comment/5001?fields=id,files'), has: { '/body/comment/files/9001/id': 9001 } },
  ],
  'planfix.task.update.custom-unattached': [
    { request: task(1001, 'id,230'), lacks: ['/body/task/customFieldData/0'] },
  ],
  'planfix.task.update.list-outside-enum': [
    { request: task(1001, 'id,208'), has: { '/body/task/customFieldData/0/value': 'Голубь' } },
  ],
  'planfix.task.update.period-shape': [
    { request: task(1001, 'id,206'), has: { '/body/task/customFieldData/0/value/durationSec': 1800 } },
  ],
  'planfix.task.update.is-deleted': [
    {
      request: ask('/task/list', { offset: 0, pageSize: 100, fields: 'id' }),
      lacks: ['/body/tasks/1005/id'],
    },
  ],
  'planfix.checklist.check': [
    {
      request: ask('/task/1001/checklist/list', { offset: 0, pageSize: 100, fields: 'id,name,isDone' }),
      has: { '/body/items/1102/isDone': true, '/body/items/1102/name': 'Согласовать поля' },
    },
  ],
  'planfix.checklist.rename': [
    {
      request: ask('/task/1001/checklist/list', { offset: 0, pageSize: 100, fields: 'id,name,isDone' }),
      has: { '/body/items/1102/isDone': false, '/body/items/1102/name': 'Согласовать перечень полей' },
    },
  ],
  'bitrix24.comment.add.ok': [{ request: oldComments, has: { '/body/result/{{id}}/AUTHOR_ID': '7' } }],
  'bitrix24.comment.add.author': [
    {
      request: oldComments,
      has: {
        '/body/result/{{id}}/AUTHOR_ID': '11',
        '/body/result/{{id}}/POST_DATE': '2026-09-26T18:00:00+03:00',
      },
    },
  ],
  'bitrix24.comment.update.ok': [
    { request: oldComments, has: { '/body/result/3101/POST_MESSAGE': 'Проверь пункты 4.2 и 4.3' } },
  ],
  'bitrix24.comment.delete.ok': [{ request: oldComments, lacks: ['/body/result/3102/ID'] }],
  'bitrix24.comment.new-card.add': [
    { request: chat, has: { '/body/result/messages/0/text': 'Пишу старым методом' } },
  ],
  'bitrix24.checklist.complete.ok': [
    {
      request: checklist,
      has: { '/body/result/647/IS_COMPLETE': 'Y', '/body/result/647/TOGGLED_BY': '7' },
    },
  ],
  'bitrix24.checklist.renew.ok': [{ request: checklist, has: { '/body/result/643/IS_COMPLETE': 'N' } }],
  'bitrix24.checklist.delete.ok': [{ request: checklist, lacks: ['/body/result/647/ID'] }],
  'bitrix24.task.files.write': [
    {
      request: b24Task(110, ['ID', 'UF_TASK_WEBDAV_FILES']),
      has: { '/body/result/task/ufTaskWebdavFiles': [2213, 2215] },
    },
  ],
  'bitrix24.task.files.write.forgets-old': [
    {
      request: b24Task(110, ['ID', 'UF_TASK_WEBDAV_FILES']),
      has: { '/body/result/task/ufTaskWebdavFiles': [2215] },
    },
  ],
  'bitrix24.task.delete.ok': [{ request: b24Task(104, ['ID']), has: { '/status': 200, '/body/result': [] } }],
  'bitrix24.status.complete.with-control': [
    {
      request: b24Task(105, ['ID', 'STATUS', 'CLOSED_DATE']),
      has: { '/body/result/task/status': '4', '/body/result/task/closedDate': null },
    },
  ],
  'bitrix24.status.start.already-started': [
    { request: b24Task(102, ['ID', 'STATUS']), has: { '/body/result/task/status': '3' } },
  ],
  'bitrix24.status.startwatch.ok': [
    {
      request: b24Task(101, ['ID', 'AUDITORS']),
      has: { '/body/result/task/auditors': ['11', '1'] },
    },
  ],
  'bitrix24.stages.move.ok': [
    {
      request: b24Task(101, ['ID', 'STAGE_ID', 'STATUS']),
      has: { '/body/result/task/stageId': '32', '/body/result/task/status': '2' },
    },
  ],
  'bitrix24.chat.send.v3.ok': [
    {
      request: chat,
      has: {
        '/body/result/messages/0/author_id': 7,
        '/body/result/messages/0/text': 'Смета готова на [b]80 %[/b]',
      },
    },
  ],
  'bitrix24.chat.message.add.ok': [
    { request: chat, has: { '/body/result/messages/{{id}}/text': 'Смета готова' } },
  ],
  'bitrix24.chat.message.update.ok': [
    {
      request: chat,
      has: {
        '/body/result/messages/9003/text': 'Приложила черновик, версия 2',
        '/body/result/messages/9003/date': '2026-09-28T09:40:00+03:00',
      },
    },
  ],
  'bitrix24.task.v3.update.ok': [
    { request: b24Task(101, ['ID', 'TITLE']), has: { '/body/result/task/title': 'Смета, редакция 2' } },
  ],
};
