/** What people do in the interface, in the words of README.md; rights hold, scenarios fire, notices go out. */
import { type Act, type Json } from '../common/types.ts';
import { isObject, listOf, refId, Refusal, toInteger, type JsonObject } from './answers.ts';
import { createItem } from './checklists.ts';
import { createComment, deleteComment, updateComment } from './commentChange.ts';
import { createContact } from './contacts.ts';
import { attachFile, storeFile } from './files.ts';
import { everyPerson, isAdmin, notify, personExists, personId, userOf } from './persons.ts';
import { maySee, mayEdit, rolesIn } from './rights.ts';
import { touchChanged } from './records.ts';
import { fire, press } from './scenarios.ts';
import { type Cause, type ChecklistItem, type Comment, type State, type Step, type Task } from './state.ts';
import { actorOf, createTask, moveToBin, updateTask } from './taskChange.ts';
import { type WriteContext } from './taskWrite.ts';

export type Performed =
  { readonly ok: true; readonly result: Json } | { readonly ok: false; readonly refused: string };

interface Hands {
  readonly step: Step;
  readonly act: Act;
  readonly cause: Cause;
  readonly context: WriteContext;
}

/** Does what a person does; a refusal is a sentence, nothing is changed then. */
export function perform(step: Step, act: Act): Performed {
  const { state } = step;
  const person = actingPerson(state, act.as);
  if (person === undefined) return { ok: false, refused: `Nobody is ${String(act.as)} in this account.` };
  const run = ACTS[act.do];
  if (run === undefined) {
    return {
      ok: false,
      refused: `Nobody can "${act.do}" here; the words are: ${Object.keys(ACTS).join(', ')}.`,
    };
  }
  const actor = actorOf(state, person);
  const cause: Cause = { actor, api: false, silent: false };
  const context: WriteContext = { state, actor, zone: actor.zone, keepMarks: true };
  try {
    return { ok: true, result: run({ step, act, cause, context }) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { ok: false, refused: `${refusal.message}.` };
  }
}

/** A number is an employee; 0 is an automation, which acts as the account's robot or administrator. */
function actingPerson(state: State, as: string | number): string | undefined {
  if (as === 0) {
    const users = [...state.users.values()];
    const robot =
      users.find((user) => user.role === 'Robot') ?? users.find((user) => isAdmin(state, `user:${user.id}`));
    return robot === undefined ? undefined : `user:${robot.id}`;
  }
  const person = personId(as);
  if (person === undefined || person.startsWith('group:') || !personExists(state, person)) return undefined;
  return userOf(state, person)?.status === 'Inactive' ? undefined : person;
}

function taskOf({ step, act, cause }: Hands, key = 'task'): Task {
  const id = toInteger(refId(act[key]));
  const task = id === undefined ? undefined : step.state.tasks.get(id);
  if (task === undefined) throw new Refusal(400, 1000, `There is no task ${String(refId(act[key]))}`);
  if (!maySee(step.state, cause.actor, task))
    throw new Refusal(400, 6, `This person can't see task ${task.id}`);
  return task;
}

function livingTask(hands: Hands): Task {
  const task = taskOf(hands);
  if (task.isDeleted) throw new Refusal(400, 1000, `Task ${task.id} is in the bin`);
  return task;
}

function commentOf({ step, act, cause }: Hands): { comment: Comment; task: Task } {
  const id = toInteger(refId(act['comment']));
  const comment = id === undefined ? undefined : step.state.comments.get(id);
  const task = comment === undefined ? undefined : step.state.tasks.get(comment.task);
  if (comment === undefined || task === undefined || comment.isDeleted || comment.system) {
    throw new Refusal(400, 5000, `There is no comment ${String(act['comment'])}`);
  }
  if (!maySee(step.state, cause.actor, task))
    throw new Refusal(400, 6, `This person can't see task ${task.id}`);
  return { comment, task };
}

/** `["user:3", "group:1", 4]`, one of them, or People as the API writes them. */
function peopleBody(value: Json): JsonObject {
  if (isObject(value) && (value['users'] !== undefined || value['groups'] !== undefined)) return value;
  const all = (Array.isArray(value) ? listOf(value) : value === null ? [] : [value]).map((one) => {
    const person = personId(one);
    if (person === undefined) throw new Refusal(400, 41, `Nobody is ${JSON.stringify(one)}`);
    return person;
  });
  return {
    users: all.filter((person) => !person.startsWith('group:')).map((id) => ({ id })),
    groups: all.filter((person) => person.startsWith('group:')).map((id) => ({ id: Number(id.slice(6)) })),
  };
}

/** A day `2026-12-01`, a moment `2026-12-01T10:00Z`, milliseconds, or any form that the API takes. */
function momentBody(value: Json): Json {
  if (typeof value === 'number') return { datetime: new Date(value).toISOString() };
  if (typeof value !== 'string') return value;
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (day !== null) return { date: `${day[3]}-${day[2]}-${day[1]}` };
  return value.includes('T') ? { datetime: value } : value;
}

function statusBody(state: State, processId: number, value: Json): Json {
  if (typeof value !== 'string' || toInteger(value) !== undefined)
    return { id: toInteger(refId(value)) ?? -1 };
  const set = state.processes.get(processId)?.statuses ?? [];
  const found = set.find((id) => state.statuses.get(id)?.name === value);
  if (found === undefined) throw new Refusal(400, 41, `The status set has no status "${value}"`);
  return { id: found };
}

const REFERENCES = ['project', 'object', 'template', 'parent', 'assigner', 'counterparty'];
const PLAIN = [
  'name',
  'description',
  'priority',
  'duration',
  'durationUnit',
  'resultChecking',
  'customFieldData',
];

/** An act's details as the body of a task write. */
function taskBody(hands: Hands, processId: number): Record<string, Json> {
  const { act, step } = hands;
  const body: Record<string, Json> = {};
  for (const key of PLAIN) if (act[key] !== undefined) body[key] = act[key];
  for (const key of REFERENCES) {
    const value = act[key];
    if (value !== undefined) body[key] = isObject(value) ? value : { id: value ?? 0 };
  }
  for (const key of ['assignees', 'participants', 'auditors']) {
    if (act[key] !== undefined) body[key] = peopleBody(act[key]);
  }
  Object.assign(body, dateBody(act['start'], 'startDateTime', 'hasStartDate'));
  Object.assign(body, dateBody(act['deadline'], 'endDateTime', 'hasEndDate'));
  if (act['status'] !== undefined) body['status'] = statusBody(step.state, processId, act['status']);
  const files = newFiles(hands, act['files']);
  if (files.length > 0) body['files'] = files;
  return body;
}

function dateBody(value: Json | undefined, key: string, flag: string): JsonObject {
  if (value === undefined) return {};
  return value === null ? { [flag]: false } : { [key]: momentBody(value) };
}

/** Uploads what an act brings: `{name, base64|text}`; a number is a file that is there. */
function newFiles({ step, cause }: Hands, files: Json | undefined): { id: number }[] {
  return listOf(files).map((file) => {
    if (!isObject(file)) return { id: toInteger(file) ?? -1 };
    if (file['base64'] === undefined && file['text'] === undefined)
      return { id: toInteger(refId(file)) ?? -1 };
    const content =
      typeof file['base64'] === 'string'
        ? new Uint8Array(Buffer.from(file['base64'], 'base64'))
        : new TextEncoder().encode(String(file['text'] ?? ''));
    return { id: storeFile(step.state, String(file['name'] ?? 'file'), content, cause.actor.person).id };
  });
}

function firstProcess(state: State, act: Act): number {
  const asked = state.objects.get(toInteger(refId(act['object'] ?? act['template'])) ?? -1);
  return (asked ?? [...state.objects.values()][0])?.process ?? 0;
}

function createTaskAct(hands: Hands): Json {
  const { step, act, cause, context } = hands;
  const task = createTask(step, taskBody(hands, firstProcess(step.state, act)), cause, context);
  return { id: task.id };
}

/** In the interface the transitions of the status set always hold. */
function editTask(hands: Hands, body?: JsonObject): Json {
  const { step, cause, context } = hands;
  const task = livingTask(hands);
  const failures = updateTask(step, task, body ?? taskBody(hands, task.processId), cause, context, true);
  const [failure] = failures;
  if (failure !== undefined)
    throw new Refusal(400, 6, `This person may not change ${failure.field} of task ${task.id}`);
  return { id: task.id };
}

function setStatus(hands: Hands): Json {
  const task = livingTask(hands);
  return editTask(hands, {
    status: statusBody(hands.step.state, task.processId, hands.act['status'] ?? null),
  });
}

function setPeople(role: 'assignees' | 'participants' | 'auditors') {
  return (hands: Hands): Json => {
    livingTask(hands);
    return editTask(hands, { [role]: peopleBody(hands.act['users'] ?? []) });
  };
}

function setDeadline(hands: Hands): Json {
  return editTask(hands, dateBody(hands.act['deadline'] ?? null, 'endDateTime', 'hasEndDate'));
}

/** The interface tells everybody in the task unless recipients are chosen. */
function chosenRecipients(hands: Hands, task: Task): JsonObject {
  const { act } = hands;
  if (act['recipients'] !== undefined && act['recipients'] !== null) return peopleBody(act['recipients']);
  const users = new Set([...task.assignees.users, ...task.participants.users, ...task.auditors.users]);
  if (task.assigner !== undefined) users.add(task.assigner);
  users.delete(hands.cause.actor.person);
  const groups = new Set([...task.assignees.groups, ...task.participants.groups, ...task.auditors.groups]);
  return { users: [...users].map((id) => ({ id })), groups: [...groups].map((id) => ({ id })) };
}

function addCommentAct(hands: Hands): Json {
  const { step, act, cause, context } = hands;
  const task = livingTask(hands);
  const body: JsonObject = {
    description: act['text'] ?? '',
    isHidden: act['hidden'] === true,
    isPinned: act['pinned'] === true,
    recipients: chosenRecipients(hands, task),
    files: newFiles(hands, act['files']),
  };
  const comment = createComment(step, task, body, cause, context);
  mention(hands, task);
  return { id: comment.id, files: comment.files };
}

/** Mentioned employees become participants. */
function mention({ step, act, cause }: Hands, task: Task): void {
  const { state } = step;
  const mentioned = listOf(act['mentions']).flatMap((one) => personId(one) ?? []);
  const known = new Set(
    [task.assignees, task.participants, task.auditors].flatMap((people) => everyPerson(state, people)),
  );
  const fresh = mentioned.filter((person) => !known.has(person) && person !== task.assigner);
  if (fresh.length > 0) {
    const before = { ...task };
    task.participants = { ...task.participants, users: [...task.participants.users, ...fresh] };
    touchChanged(state, task, step.now);
    fire(step, 'task.changed', task, cause, undefined, { before, fields: ['participants'] });
  }
  notify(step, mentioned, {
    about: 'mention',
    task: task.id,
    text: `Вас упомянули в задаче «${task.name}»`,
    except: [cause.actor.person],
  });
}

function editCommentAct(hands: Hands): Json {
  const { step, act, cause, context } = hands;
  const { comment, task } = commentOf(hands);
  const files = act['files'] === undefined ? {} : { files: newFiles(hands, act['files']) };
  const text = act['text'] === undefined ? {} : { description: act['text'] };
  if (act['text'] !== undefined && comment.owner !== cause.actor.person) {
    throw new Refusal(400, 6, `Only its author edits the text of comment ${comment.id}`);
  }
  const hidden = act['hidden'] === undefined ? {} : { isHidden: act['hidden'] };
  const recipients = act['recipients'] === undefined ? {} : { recipients: peopleBody(act['recipients']) };
  updateComment(step, task, comment, { ...text, ...files, ...hidden, ...recipients }, cause, context);
  return { id: comment.id };
}

function deleteCommentAct(hands: Hands): Json {
  const { comment } = commentOf(hands);
  deleteComment(hands.step.state, comment, hands.cause);
  return { id: comment.id };
}

/** The comment keeps its number and appears under another task. */
function moveComment(hands: Hands): Json {
  const { state } = hands.step;
  const { comment, task } = commentOf(hands);
  const target = livingTask(hands);
  if (!mayEdit(state, hands.cause.actor, task))
    throw new Refusal(400, 6, `This person may not edit task ${task.id}`);
  const left = (state.commentsByTask.get(task.id) ?? []).filter((id) => id !== comment.id);
  state.commentsByTask.set(task.id, left);
  comment.task = target.id;
  for (const { key } of comment.dataTags) {
    const entry = state.dataTagEntries.get(key);
    if (entry !== undefined) entry.task = target.id;
  }
  const feed = [...(state.commentsByTask.get(target.id) ?? []), comment.id].sort((a, b) => a - b);
  state.commentsByTask.set(target.id, feed);
  return { id: comment.id };
}

function attachFileAct(hands: Hands): Json {
  const { step, act, cause } = hands;
  const { state } = step;
  const task = livingTask(hands);
  const roles = rolesIn(state, task, cause.actor.person);
  if (!mayEdit(state, cause.actor, task) && !roles.includes('assignee')) {
    throw new Refusal(400, 6, `This person may not edit task ${task.id}`);
  }
  const name = String(act['name'] ?? 'file');
  const [added] = newFiles(hands, [{ name, ...bytesOf(act) }]);
  const file = added === undefined ? undefined : state.files.get(added.id);
  if (file === undefined) throw new Refusal(400, 7000, 'There is no such file');
  const before = { ...task };
  if (attachFile(step, task, file))
    fire(step, 'task.changed', task, cause, undefined, { before, fields: ['files'] });
  return { id: file.id };
}

function bytesOf(act: Act): JsonObject {
  return act['base64'] === undefined ? { text: act['text'] ?? '' } : { base64: act['base64'] };
}

function binAct(deleted: boolean) {
  return (hands: Hands): Json => {
    const { step, cause } = hands;
    const task = taskOf(hands);
    if (!mayEdit(step.state, cause.actor, task)) {
      throw new Refusal(400, 6, `This person may not ${deleted ? 'delete' : 'restore'} task ${task.id}`);
    }
    moveToBin(step, task, deleted, cause);
    return { id: task.id };
  };
}

function moveTask(hands: Hands): Json {
  return editTask(hands, { project: { id: refId(hands.act['project'] ?? 0) ?? 0 } });
}

function createContactAct({ step, act, cause }: Hands): Json {
  const { as: _as, do: _do, ...body } = act;
  return { id: createContact(step, body as JsonObject, cause.actor).id };
}

function addItemAct(hands: Hands): Json {
  const task = livingTask(hands);
  const item = createItem(hands.step, task, String(hands.act['name'] ?? ''), hands.act['isDone'] === true);
  return { id: item.id };
}

function itemOf({ step, act }: Hands): ChecklistItem {
  const item = step.state.checklistItems.get(toInteger(act['item']) ?? -1);
  if (item === undefined) throw new Refusal(400, 1000, `There is no checklist item ${String(act['item'])}`);
  return item;
}

function editItemAct(hands: Hands): Json {
  const item = itemOf(hands);
  if (typeof hands.act['name'] === 'string') item.name = hands.act['name'];
  if (typeof hands.act['isDone'] === 'boolean') item.isDone = hands.act['isDone'];
  return { id: item.id };
}

/** What stands under an item goes with it. */
function deleteItemAct(hands: Hands): Json {
  const { state } = hands.step;
  const item = itemOf(hands);
  const gone = new Set([item.id]);
  const ids = state.checklists.get(item.task) ?? [];
  for (let known = 0; known < gone.size;) {
    known = gone.size;
    for (const id of ids) if (gone.has(state.checklistItems.get(id)?.parent ?? 0)) gone.add(id);
  }
  for (const id of gone) state.checklistItems.delete(id);
  state.checklists.set(
    item.task,
    ids.filter((id) => !gone.has(id)),
  );
  return { id: item.id };
}

function dismissUser({ step, act, cause }: Hands): Json {
  const user = userOf(step.state, personId(act['user']) ?? '');
  if (user === undefined) throw new Refusal(400, 4000, `There is no employee ${String(act['user'])}`);
  if (!cause.actor.admin) throw new Refusal(400, 6, 'Only an administrator dismisses employees');
  user.status = 'Inactive';
  return { id: user.id };
}

function pressButton(hands: Hands): Json {
  const task = livingTask(hands);
  const button = String(hands.act['button'] ?? '');
  if (!press(hands.step, button, task)) throw new Refusal(400, 41, `There is no button "${button}"`);
  return { id: task.id };
}

const ACTS: Readonly<Record<string, (hands: Hands) => Json>> = {
  'create task': createTaskAct,
  'edit task': (hands) => editTask(hands),
  'set status': setStatus,
  'set assignees': setPeople('assignees'),
  'set participants': setPeople('participants'),
  'set auditors': setPeople('auditors'),
  'set deadline': setDeadline,
  'add comment': addCommentAct,
  'edit comment': editCommentAct,
  'delete comment': deleteCommentAct,
  'move comment': moveComment,
  'attach file': attachFileAct,
  'delete task': binAct(true),
  'restore task': binAct(false),
  'move task': moveTask,
  'create contact': createContactAct,
  'add checklist item': addItemAct,
  'edit checklist item': editItemAct,
  'delete checklist item': deleteItemAct,
  'dismiss user': dismissUser,
  'press button': pressButton,
};

/** Every word that `do` knows. */
export const actWords: readonly string[] = Object.keys(ACTS);
