import { type Json } from '../common/types.ts';
import { facts } from './factTable.ts';
import { type TestPortal } from './testing.ts';

const result = (portal: TestPortal, user: number, method: string, send: Json): Json =>
  portal.call(user, method, send).body['result'] ?? null;

const elapsed = (portal: TestPortal): Json => {
  for (const [user, seconds] of [
    [7, 60],
    [5, 7200],
    [7, 600],
  ] as const) {
    portal.pass(60_000);
    portal.call(user, 'task.elapseditem.add', [102, { SECONDS: seconds, COMMENT_TEXT: String(seconds) }]);
  }
  return null;
};

facts('checklists', [
  {
    says: 'fields are required',
    page: 'task-checklist-item-add.md',
    as: 5,
    method: 'task.checklistitem.add',
    send: [108, {}],
    error: [
      'ERROR_CORE',
      '#256; Param #1 (arFields) expected by method ctaskchecklistitem::add(), but not given.',
    ],
  },
  {
    says: 'a task out of reach refuses the new item with #8',
    page: 'task-checklist-item-add.md',
    as: 15,
    method: 'task.checklistitem.add',
    send: [108, { TITLE: 'Пункт' }],
    error: ['ERROR_CORE', '8/TE/ACTION_FAILED_TO_BE_PROCESSED'],
  },
  {
    says: 'an item of a task out of reach is not found',
    page: 'task-checklist-item-get.md',
    as: 15,
    method: 'task.checklistitem.get',
    send: [108, 643],
    error: ['ERROR_CORE', '512/TE/ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE'],
  },
  {
    says: 'a deletion without access is refused with #8',
    page: 'task-checklist-item-delete.md',
    as: 15,
    method: 'task.checklistitem.delete',
    send: [108, 643],
    error: ['ERROR_CORE', '8/TE/ACTION_FAILED_TO_BE_PROCESSED'],
  },
  {
    says: 'numbers that are not above zero are an assertion',
    page: 'task-checklist-item-complete.md',
    as: 7,
    method: 'task.checklistitem.complete',
    send: [108, 0],
    error: ['ERROR_CORE', 'TASKS_ERROR_ASSERT_EXCEPTION'],
  },
  {
    says: 'an order by an unknown field is refused',
    page: 'task-checklist-item-get-list.md',
    as: 5,
    method: 'task.checklistitem.getlist',
    send: [108, { IS_COMPLETED: 'asc' }],
    error: ['ERROR_CORE', 'ctaskchecklistitem::getlist() must not contain key \\"IS_COMPLETED\\"'],
  },
  {
    says: 'items are moved within one task',
    page: 'task-checklist-item-move-after-item.md',
    first: (portal) => result(portal, 5, 'task.checklistitem.add', [101, { TITLE: 'Другая' }]),
    as: 5,
    method: 'task.checklistitem.moveafteritem',
    send: [108, 643, '$'],
    error: ['ERROR_CORE', '#512'],
  },
  {
    says: 'what may be done is asked with an action',
    page: 'task-checklist-item-is-action-allowed.md',
    as: 5,
    method: 'task.checklistitem.isactionallowed',
    send: [108, 643],
    error: ['ERROR_CORE', 'Param #2 (actionId) expected by method ctaskchecklistitem::isactionallowed()'],
  },
]);

facts('elapsed time', [
  {
    says: 'rows come in the wanted order with the wanted fields',
    page: 'task-elapsed-item-get-list.md',
    first: elapsed,
    as: 5,
    method: 'task.elapseditem.getlist',
    send: [102, { SECONDS: 'desc' }, {}, ['ID', 'SECONDS']],
    answers: [
      { ID: '62', SECONDS: '7200' },
      { ID: '63', SECONDS: '600' },
      { ID: '61', SECONDS: '60' },
    ],
  },
  {
    says: 'rows are filtered by prefixes',
    page: 'task-elapsed-item-get-list.md',
    first: elapsed,
    as: 5,
    method: 'task.elapseditem.getlist',
    send: [102, { ID: 'asc' }, { '!USER_ID': 5, '>=CREATED_DATE': '2026-09-28T10:02:00+03:00' }, ['ID']],
    answers: [{ ID: '63' }],
  },
  {
    says: 'pages are named by size and number',
    page: 'task-elapsed-item-get-list.md',
    first: elapsed,
    as: 5,
    method: 'task.elapseditem.getlist',
    send: [102, { ID: 'asc' }, {}, ['ID'], { NAV_PARAMS: { nPageSize: 2, iNumPage: 2 } }],
    answers: [{ ID: '63' }],
  },
  {
    says: 'the records of others are changed by who edits the task',
    page: 'task-elapsed-item-is-action-allowed.md',
    first: elapsed,
    as: 7,
    method: 'task.elapseditem.isactionallowed',
    send: [102, 62, 2],
    answers: false,
  },
]);

const comment = (portal: TestPortal): Json => {
  portal.call(7, 'tasks.task.result.addFromComment', { commentId: 3102 });
  return null;
};

facts('old comments and results', [
  ...(['update', 'delete'] as const).map((name) => ({
    says: `${name} of a comment that is not there is not allowed`,
    page: `task-comment-item-${name}.md`,
    as: 1,
    method: `task.commentitem.${name}`,
    send: name === 'update' ? [107, 9999, { POST_MESSAGE: 'Правка' }] : [107, 9999],
    error: ['ERROR_CORE', '4/TE/ACTION_NOT_ALLOWED'] as const,
  })),
  {
    says: 'what may be done with a comment is asked with an action',
    page: 'task-comment-item-is-action-allowed.md',
    as: 5,
    method: 'task.commentitem.isactionallowed',
    send: [107, 3101],
    error: ['ERROR_CORE', 'Param #2 (actionId) expected by method ctaskcommentitem::isactionallowed()'],
  },
  {
    says: 'not any of several authors',
    page: 'task-comment-item-get-list.md',
    as: 5,
    method: 'task.commentitem.getlist',
    send: [107, { ID: 'asc' }, { '!AUTHOR_ID': [5, 7] }],
    answers: [],
  },
  {
    says: 'only the author or an administrator makes a result of a comment',
    page: 'tasks-task-result-add-from-comment.md',
    as: 5,
    method: 'tasks.task.result.addFromComment',
    send: { commentId: 3102 },
    error: ['0', 'Access denied.'],
  },
  {
    says: 'an open result is not added again',
    page: 'tasks-task-result-add-from-comment.md',
    first: comment,
    as: 7,
    method: 'tasks.task.result.addFromComment',
    send: { commentId: 3102 },
    error: ['0', 'Result already exists.'],
  },
  {
    says: 'a comment that is not there makes no result',
    page: 'tasks-task-result-add-from-comment.md',
    as: 7,
    method: 'tasks.task.result.addFromComment',
    send: { commentId: 9999 },
    error: ['0', 'Comment not found.'],
  },
  {
    says: 'a task id of a wrong type is told for results as parameters are',
    page: 'tasks-task-result-list.md',
    as: 5,
    method: 'tasks.task.result.list',
    send: { taskId: 'x' },
    error: ['100', 'Should be value of type int.'],
  },
]);

facts('stages', [
  {
    says: 'a stage moves behind another',
    page: 'task-stages-update.md',
    first: (portal) => result(portal, 5, 'task.stages.update', { id: 33, fields: { AFTER_ID: 31 } }),
    as: 5,
    method: 'task.stages.get',
    send: { entityId: 12 },
    answers: { 33: { SORT: '200' }, 32: { SORT: '300' } },
  },
  {
    says: 'the first stage stays',
    page: 'task-stages-delete.md',
    as: 5,
    method: 'task.stages.delete',
    send: { id: 31 },
    error: ['CANT_DELETE_FIRST', 'первую'],
  },
]);
