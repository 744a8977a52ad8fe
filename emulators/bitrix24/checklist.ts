/** task.checklistitem.* (section 12): positional, items in a tree whose roots are the lists. */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { fullMapAt, integerAt, legacyError, mapAt, positiveAt } from './legacy.ts';
import { sortable } from './manifests.ts';
import { iso, seconds } from './moments.ts';
import { canRead, canWork } from './rights.ts';
import { type CheckItem, nextId, participants, type Task } from './state.ts';
import { type Row, rowsInOrder } from './rowFilter.ts';
import { finish, note } from './taskWrite.ts';
import { asInt, asRecord, asText, isYes, type Params, yn } from './values.ts';

const scope = ['task', 'tasks'] as const;
const owner = (name: string): string => `ctaskchecklistitem::${name}`;
const fieldNames = ['TITLE', 'SORT_INDEX', 'IS_COMPLETE', 'IS_IMPORTANT', 'MEMBERS', 'PARENT_ID'];

const shownItem = (call: Call, item: CheckItem): Row => {
  const people = item.members.map((member) => call.state.users.get(member.id)?.name ?? '');
  return {
    ID: String(item.id),
    TASK_ID: String(item.task),
    PARENT_ID: item.parent === 0 ? 0 : String(item.parent),
    CREATED_BY: String(item.createdBy),
    // The portal shows the names of members inside the title.
    TITLE: [item.title, ...people].join(' '),
    SORT_INDEX: String(item.sort),
    IS_COMPLETE: yn(item.complete),
    IS_IMPORTANT: yn(item.important),
    TOGGLED_BY: item.toggledBy === null ? null : String(item.toggledBy),
    TOGGLED_DATE: iso(call.state, item.toggled) ?? '',
    MEMBERS: item.members.map((member): Json => {
      const user = call.state.users.get(member.id);
      return {
        ID: String(member.id),
        TYPE: member.type,
        NAME: user?.name ?? '',
        PERSONAL_PHOTO: '',
        PERSONAL_GENDER: '',
        IMAGE: '/bitrix/images/tasks/default_avatar.png',
        IS_COLLABER: user?.type === 'collaber',
      };
    }),
    ATTACHMENTS: [],
  };
};

/** The task at the first position if the caller sees it. */
const seenAt = (call: Call, params: Params, name: string): Task | undefined => {
  const id = integerAt(params, 'TASKID', { method: owner(name), index: 0, name: 'taskId' });
  const task = call.state.tasks.get(id);
  return task !== undefined && canRead(call.state, task, call.user) ? task : undefined;
};

const itemIdAt = (params: Params, name: string): number =>
  integerAt(params, 'ITEMID', { method: owner(name), index: 1, name: 'itemId' });

/** A task whose checklists the caller may change; `doing` names the action in the refusal, which hides why. */
const workable = (call: Call, task: Task | undefined, doing: string): Task =>
  task !== undefined && canWork(call.state, task, call.user)
    ? task
    : legacyError(8, `${doing}: действие не разрешено`);

const noItem = (): never => legacyError(512, 'Check listitem not found or not accessible');

const changed = (call: Call, task: Task): void => {
  finish(call, task, participants(task), 'task.changed', task.title);
};

const members = (value: Json | undefined): CheckItem['members'] =>
  Object.entries(asRecord(value)).flatMap(([id, one]) => {
    const user = asInt(id);
    return user === undefined
      ? []
      : [{ id: user, type: asRecord(one)['TYPE'] === 'U' ? ('U' as const) : ('A' as const) }];
  });

/** Members of an item take part in the task: A as accomplice, U as auditor. */
const joinMembers = (task: Task, item: CheckItem): void => {
  for (const { id, type } of item.members) {
    if (participants(task).includes(id)) continue;
    if (type === 'U') task.auditors.push(id);
    else task.accomplices.push(id);
  }
};

const itemsOf = (call: Call, task: Task): CheckItem[] =>
  task.checklist.flatMap((id) => call.state.checkItems.get(id) ?? []);

const newItem = (call: Call, task: Task, title: string, parent: number): CheckItem => {
  const item: CheckItem = {
    id: nextId(call.state, 'checklist_item'),
    task: task.id,
    parent,
    title,
    sort: itemsOf(call, task).filter((other) => other.parent === parent).length,
    complete: false,
    important: false,
    createdBy: call.user,
    toggledBy: null,
    toggled: null,
    members: [],
  };
  call.state.checkItems.set(item.id, item);
  task.checklist.push(item.id);
  note(call, task, 'CHECKLIST_ITEM_CREATE', '', title);
  return item;
};

/** Where a new item goes: the named list, the first list, or a new list. */
const parentFor = (call: Call, task: Task, wanted: Json | undefined): number => {
  if (wanted !== undefined && (wanted === 0 || wanted === '0')) return 0;
  const roots = itemsOf(call, task).filter((item) => item.parent === 0);
  const named = itemsOf(call, task).find((item) => item.id === asInt(wanted));
  if (named !== undefined) return named.id;
  const first = wanted === undefined ? roots[0] : undefined;
  return first?.id ?? newItem(call, task, 'Чек-лист', 0).id;
};

const add = (call: Call, params: Params): Answer => {
  const seen = seenAt(call, params, 'add');
  const slot = { method: owner('add'), index: 1, name: 'arFields' };
  const fields = fullMapAt(params, 'FIELDS', slot, fieldNames);
  const title = asText(fields['TITLE']).trim();
  if (title === '') legacyError(8, 'Не указано название элемента');
  const task = workable(call, seen, 'Добавление элемента');
  const before = participants(task);
  const item = newItem(call, task, title, parentFor(call, task, fields['PARENT_ID']));
  item.sort = asInt(fields['SORT_INDEX']) ?? item.sort;
  item.complete = isYes(fields['IS_COMPLETE']);
  item.important = isYes(fields['IS_IMPORTANT']);
  item.members = members(fields['MEMBERS']);
  joinMembers(task, item);
  finish(call, task, before, 'task.changed', task.title);
  return answer(item.id);
};

const update = (call: Call, params: Params): Answer => {
  const id = integerAt(params, 'TASKID', { method: owner('update'), index: 0, name: 'taskId' });
  const itemId = itemIdAt(params, 'update');
  const slot = { method: owner('update'), index: 2, name: 'arFields' };
  const fields = fullMapAt(params, 'FIELDS', slot, fieldNames);
  const task = call.state.tasks.get(id);
  const item = call.state.checkItems.get(itemId);
  if (task === undefined || item === undefined || !canWork(call.state, task, call.user)) {
    return legacyError(4, 'Нет доступа к редактированию задачи');
  }
  const before = participants(task);
  const title = asText(fields['TITLE']).trim();
  if (title !== '' && title !== item.title) {
    note(call, task, 'CHECKLIST_ITEM_RENAME', item.title, title);
    item.title = title;
  }
  item.sort = asInt(fields['SORT_INDEX']) ?? item.sort;
  if (fields['IS_COMPLETE'] !== undefined) toggle(call, task, item, isYes(fields['IS_COMPLETE']));
  if (fields['IS_IMPORTANT'] !== undefined) item.important = isYes(fields['IS_IMPORTANT']);
  if (fields['MEMBERS'] !== undefined) item.members = members(fields['MEMBERS']);
  const under = fields['PARENT_ID'];
  if (under !== undefined && asInt(under) !== item.id) item.parent = parentFor(call, task, under);
  joinMembers(task, item);
  finish(call, task, before, 'task.changed', task.title);
  return answer(null);
};

const toggle = (call: Call, task: Task, item: CheckItem, complete: boolean): boolean => {
  if (item.complete === complete) return false;
  item.complete = complete;
  item.toggledBy = call.user;
  item.toggled = seconds(call.now);
  note(call, task, complete ? 'CHECKLIST_ITEM_CHECK' : 'CHECKLIST_ITEM_UNCHECK', null, item.title);
  return true;
};

const mark =
  (name: 'complete' | 'renew'): Method['run'] =>
  (call, params) => {
    positiveAt(params, 'TASKID', { method: owner(name), index: 0, name: 'taskId' });
    const id = positiveAt(params, 'ITEMID', { method: owner(name), index: 1, name: 'itemId' });
    const item = call.state.checkItems.get(id);
    const task = item === undefined ? undefined : call.state.tasks.get(item.task);
    if (item === undefined || task === undefined) return answer(false);
    if (!canWork(call.state, task, call.user)) legacyError(4, 'Нет доступа к редактированию задачи');
    if (toggle(call, task, item, name === 'complete')) changed(call, task);
    return answer(true);
  };

const remove = (call: Call, params: Params): Answer => {
  const seen = seenAt(call, params, 'delete');
  const item = call.state.checkItems.get(itemIdAt(params, 'delete'));
  const task = workable(call, seen, 'Удаление элемента');
  if (item?.task !== task.id) return noItem();
  const gone = new Set([item.id]);
  for (const other of itemsOf(call, task)) if (gone.has(other.parent)) gone.add(other.id);
  for (const id of gone) call.state.checkItems.delete(id);
  task.checklist = task.checklist.filter((id) => !gone.has(id));
  note(call, task, 'CHECKLIST_ITEM_REMOVE', item.title, null);
  changed(call, task);
  return answer(true);
};

const method = (name: string, write: boolean, positional: readonly string[], run: Method['run']): Method => ({
  name: `task.checklistitem.${name}`,
  version: 2,
  scope,
  write,
  positional,
  run,
});

const itemSlots = ['TASKID', 'ITEMID'] as const;

export const checklistMethods: readonly Method[] = [
  method('add', true, ['TASKID', 'FIELDS'], add),
  method('update', true, ['TASKID', 'ITEMID', 'FIELDS'], update),
  method('get', false, itemSlots, (call, params) => {
    const task = seenAt(call, params, 'get');
    const item = call.state.checkItems.get(itemIdAt(params, 'get'));
    return answer(item === undefined || item.task !== task?.id ? noItem() : shownItem(call, item));
  }),
  method('getlist', false, ['TASKID', 'ORDER'], (call, params) => {
    const task = seenAt(call, params, 'getlist') ?? legacyError(8, 'Action failed');
    const slot = { method: owner('getlist'), index: 1, name: 'arOrder' };
    const given = mapAt(params, 'ORDER', slot, sortable);
    const order = Object.keys(given).length === 0 ? { ID: 'desc' } : given;
    const rows = itemsOf(call, task).map((item) => shownItem(call, item));
    return answer(rowsInOrder(call.state, rows, order));
  }),
  method('complete', true, itemSlots, mark('complete')),
  method('renew', true, itemSlots, mark('renew')),
  method('delete', true, itemSlots, remove),
  method('moveafteritem', true, ['TASKID', 'ITEMID', 'AFTERITEMID'], (call, params) => {
    const seen = seenAt(call, params, 'moveafteritem');
    const item = call.state.checkItems.get(itemIdAt(params, 'moveafteritem'));
    const slot = { method: owner('moveafteritem'), index: 2, name: 'afterItemId' };
    const after = call.state.checkItems.get(integerAt(params, 'AFTERITEMID', slot));
    const task = workable(call, seen, 'Перемещение элемента');
    if (item?.task !== task.id || after?.task !== task.id) return noItem();
    item.parent = after.parent;
    for (const other of itemsOf(call, task)) {
      if (other.parent === after.parent && other.sort > after.sort) other.sort += 1;
    }
    item.sort = after.sort + 1;
    changed(call, task);
    return answer(null);
  }),
  method('isactionallowed', false, ['TASKID', 'ITEMID', 'ACTIONID'], (call, params) => {
    const task = seenAt(call, params, 'isactionallowed');
    itemIdAt(params, 'isactionallowed');
    integerAt(params, 'ACTIONID', { method: owner('isactionallowed'), index: 2, name: 'actionId' });
    return answer(task !== undefined && canWork(call.state, task, call.user));
  }),
];
