/**
 * The rest of what older programs call: rights by number, files, history, comments and the plan for the day
 * (api-reference/tasks/deprecated and tasks/planner of the vendor's reference, whose pages print few answers).
 */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { addComment, attachedObjects } from './comments.ts';
import { storeFile } from './diskStore.ts';
import { legacyError } from './legacy.ts';
import { isoAt } from './moments.ts';
import { chatOf, post } from './posts.ts';
import { actionsOf, canWork } from './rights.ts';
import { type Task } from './state.ts';
import { attach, finish, note } from './taskWrite.ts';
import { oldTaskAt, taskItem } from './taskItem.ts';
import { asInt, asRecord, asText, type Params } from './values.ts';

/** Actions by the numbers of task-item-get-allowed-actions.md. */
const numbered = [
  'accept',
  'decline',
  'complete',
  'approve',
  'disapprove',
  'start',
  'delegate',
  'remove',
  'edit',
  'defer',
  'renew',
  'create',
  'changeDeadline',
  'checklistAddItems',
  'elapsedtime.add',
  'edit.originator',
  'pause',
  'dayplan.timer.toggle',
];

const allowed = (call: Call, task: Task): number[] => {
  const actions = actionsOf(call.state, task, call.user);
  return numbered.flatMap((name, index) => (actions[name] === true ? [index + 1] : []));
};

const workable = (call: Call, task: Task): Task =>
  canWork(call.state, task, call.user) ? task : legacyError(4, 'Action is not allowed');

/** The file comes as a map or as two parameters beside the task. */
const addFile = (call: Call, task: Task, params: Params): number => {
  workable(call, task);
  const map = asRecord(params['FILE']);
  const name = asText(map['NAME'] ?? params['FILE']);
  const content = asText(map['CONTENT'] ?? params['CONTENT']);
  if (name === '' || content === '') legacyError(256, 'Wrong arguments');
  const bytes = new Uint8Array(Buffer.from(content, 'base64'));
  const storage = [...call.state.storages.values()].find(
    (one) => one.entityType === 'user' && one.entityId === String(call.user),
  );
  const place = { storage: storage?.id ?? 0, folder: storage?.root ?? 0 };
  const file = storeFile(call, { name, bytes, ...place, unique: true });
  const id = attach(call, task, file.id);
  setFiles(call, task, [...task.attachments, id]);
  return id;
};

const setFiles = (call: Call, task: Task, attachments: number[]): void => {
  const before = task.attachments.join(',');
  task.attachments = attachments;
  note(call, task, 'UF_TASK_WEBDAV_FILES', before, attachments.join(','));
  const people = [task.creator, task.responsible, ...task.accomplices, ...task.auditors];
  finish(call, task, people, 'task.changed', task.title);
};

const log = (call: Call, task: Task): Json =>
  task.history.map((entry): Json => ({
    CREATED_DATE: isoAt(call.state, entry.at),
    USER_ID: String(entry.user),
    TASK_ID: String(task.id),
    FIELD: entry.field,
    FROM_VALUE: entry.from ?? '',
    TO_VALUE: entry.to ?? '',
  }));

/** task.comment.add: a comment of the old card, a message of the new one. */
const comment = (call: Call, task: Task, params: Params): number => {
  const given = params['COMMENTTEXT'];
  const text = asText(asRecord(given)['POST_MESSAGE'] ?? given);
  if (text === '') legacyError(256, 'Wrong arguments');
  const chat = chatOf(call.state, task);
  return chat === undefined
    ? addComment(call, task, { author: call.user, text, files: [] }).id
    : post(call, chat, { author: call.user, text }).id;
};

export const olderTaskMethods: readonly Method[] = [
  taskItem('getallowedactions', false, [], (call, task) => answer(allowed(call, task))),
  taskItem('isactionallowed', false, ['ACTIONID'], (call, task, params) =>
    answer(allowed(call, task).includes(asInt(params['ACTIONID']) ?? 0)),
  ),
  taskItem('getfiles', false, [], (call, task) =>
    answer(Object.values(asRecord(attachedObjects(call, task.attachments)))),
  ),
  taskItem('addfile', true, ['FILE', 'CONTENT'], (call, task, params) => answer(addFile(call, task, params))),
  taskItem('deletefile', true, ['ATTACHMENT_ID'], (call, task, params) => {
    workable(call, task);
    const id = asInt(params['ATTACHMENT_ID']) ?? 0;
    if (!task.attachments.includes(id)) legacyError(4, 'Action is not allowed');
    call.state.attachments.delete(id);
    setFiles(
      call,
      task,
      task.attachments.filter((other) => other !== id),
    );
    return answer(true);
  }),
  {
    name: 'task.logitem.list',
    version: 2,
    scope: ['task', 'tasks'],
    write: false,
    positional: ['TASKID'],
    run: (call, params) => answer(log(call, oldTaskAt(call, params, 'list'))),
  },
  {
    name: 'task.comment.add',
    version: 2,
    scope: ['task', 'tasks'],
    write: true,
    positional: ['TASKID', 'COMMENTTEXT'],
    run: (call, params) => answer(comment(call, oldTaskAt(call, params, 'add'), params)),
  },
  {
    // Nobody puts a task into his plan for the day by a method, so it is empty.
    name: 'task.planner.getlist',
    version: 2,
    scope: ['task', 'tasks'],
    write: false,
    positional: [],
    run: () => answer([]),
  },
];
