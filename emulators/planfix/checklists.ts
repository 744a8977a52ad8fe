/**
 * Routes of checklists: small tasks without a way to be deleted (section 6.7). Their refusals and the item above an item
 * are those of document 1.6.9.
 */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, onlyKeys, pageRows, pick, refId, Refusal, success, toInteger } from './answers.ts';
import { timePoint } from './moments.ts';
import { everyPerson, includesPerson, noPeople, peopleAnswer, readPeople } from './persons.ts';
import { mayEdit, taskDenied } from './rights.ts';
import { causeOf, numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { addChecklistItem, nextId, touchChanged } from './records.ts';
import { type ChecklistItem, type State, type Step, type Task } from './state.ts';
import { readableTask, updated } from './tasks.ts';

const ITEM_KEYS: ReadonlySet<string> = new Set(['name', 'isDone', 'assignees', 'parent']);
const MAX_ITEMS = 150;

function itemRecord(call: Call, item: ChecklistItem): Record<string, Json> {
  const { state } = call;
  const ids = state.settings['status.systemIds'];
  const status = state.statuses.get(item.isDone ? ids.completed : ids.new);
  const done: Record<string, Json> =
    state.settings['checklist.doneField'] === 'isDone'
      ? { isDone: item.isDone }
      : { status: { id: status?.id ?? (item.isDone ? ids.completed : ids.new), name: status?.name ?? '' } };
  return {
    id: item.id,
    name: item.name,
    ...done,
    parent: { id: item.parent ?? item.task },
    type: 'Checkmark',
    dateTime: timePoint(item.createdAt, zoneOf(call)),
    assignees: peopleAnswer(state, item.assignees),
  };
}

function listItems(call: Call): EmulatorResponse {
  const { state, body } = call;
  const task = readableTask(call, numberParam(call, 0));
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const items = (state.checklists.get(task.id) ?? []).flatMap((id) => state.checklistItems.get(id) ?? []);
  const page = pageRows(items, body, state.settings);
  return success({ items: page.map((item) => pick(itemRecord(call, item), names)) });
}

function itemOf(call: Call, task: Task): ChecklistItem {
  const id = numberParam(call, 1);
  const item = call.state.checklistItems.get(id);
  if (item === undefined || item.task !== task.id) {
    throw new Refusal(400, 600, `Checklist item not found by id - ${id}`);
  }
  return item;
}

function getItem(call: Call): EmulatorResponse {
  const item = itemOf(call, readableTask(call, numberParam(call, 0)));
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  return success({ item: pick(itemRecord(call, item), names) });
}

function assertWritable(state: State): void {
  if (!state.settings['checklist.write']) throw new Refusal(405, 0, 'Method not allowed');
}

function touchParent(step: Step, task: Task): void {
  if (step.state.settings['checklist.touchTaskChangedTime']) touchChanged(step.state, task, step.now);
}

/**
 * The item that a write puts an item under; the task itself is none.
 * @throws Refusal with `code` when the task has no such item, or it is `item` or stands below it.
 */
function parentOf(
  state: State,
  task: Task,
  value: Json,
  code: number,
  item?: ChecklistItem,
): number | undefined {
  const id = toInteger(refId(value));
  if (id === task.id) return undefined;
  const missing = new Refusal(400, code, `Parent task or checklist item not found by id - ${String(id)}`);
  for (let above = id; above !== undefined; above = state.checklistItems.get(above)?.parent) {
    if (above === item?.id) throw missing;
  }
  if (id === undefined || state.checklistItems.get(id)?.task !== task.id) throw missing;
  return id;
}

/** Adds an item at the end of a task's checklist. @throws Refusal code 601 past 150 items. */
export function createItem(step: Step, task: Task, name: string, isDone: boolean): ChecklistItem {
  const { state, now } = step;
  if ((state.checklists.get(task.id)?.length ?? 0) >= MAX_ITEMS)
    throw new Refusal(400, 601, 'Failed to create checklist item');
  const item: ChecklistItem = {
    id: nextId(state, 'task'),
    task: task.id,
    parent: undefined,
    name,
    isDone,
    assignees: noPeople(),
    createdAt: now,
  };
  addChecklistItem(state, item);
  touchParent(step, task);
  return item;
}

function isGiven(value: Json | undefined): value is Json {
  return value !== undefined && value !== null;
}

function postItem(call: Call): EmulatorResponse {
  const { state, actor, body } = call;
  assertWritable(state);
  const task = readableTask(call, numberParam(call, 0));
  if (!mayEdit(state, actor, task) && !includesPerson(state, task.assignees, actor.person))
    throw taskDenied(task.id);
  onlyKeys(body, ITEM_KEYS, state.settings);
  if (typeof body['name'] !== 'string' || body['name'] === '') {
    throw new Refusal(400, 601, 'Checklist item name is required');
  }
  const assignees = readPeople(state, body['assignees']);
  const parent = isGiven(body['parent']) ? parentOf(state, task, body['parent'], 601) : undefined;
  const item = createItem(call, task, body['name'], body['isDone'] === true);
  item.assignees = assignees;
  item.parent = parent;
  return success({ id: item.id }, 201);
}

function postItemUpdate(call: Call): EmulatorResponse {
  const { state, actor, body } = call;
  assertWritable(state);
  const task = readableTask(call, numberParam(call, 0));
  const item = itemOf(call, task);
  onlyKeys(body, ITEM_KEYS, state.settings);
  const allowed =
    mayEdit(state, actor, task) ||
    everyPerson(state, item.assignees).includes(actor.person) ||
    includesPerson(state, task.assignees, actor.person);
  if (!allowed) throw taskDenied(task.id);
  const assignees = body['assignees'] === undefined ? undefined : readPeople(state, body['assignees']);
  const parent = isGiven(body['parent']) ? parentOf(state, task, body['parent'], 602, item) : item.parent;
  item.parent = parent;
  if (typeof body['name'] === 'string') item.name = body['name'];
  if (typeof body['isDone'] === 'boolean') item.isDone = body['isDone'];
  if (assignees !== undefined) item.assignees = assignees;
  if (!causeOf(call).silent) touchParent(call, task);
  return updated(state);
}

export const checklistRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/task/{id}/checklist/list',
    scope: 'task_readonly',
    write: false,
    list: true,
    run: listItems,
  },
  {
    method: 'GET',
    path: '/task/{id}/checklist/{itemId}',
    scope: 'task_readonly',
    write: false,
    run: getItem,
  },
  { method: 'POST', path: '/task/{id}/checklist', scope: 'task_add', write: true, run: postItem },
  {
    method: 'POST',
    path: '/task/{id}/checklist/{itemId}',
    scope: 'task_update',
    write: true,
    run: postItemUpdate,
  },
];
