/** Routes of data tags: typed rows that hang on comments (section 6.9). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import {
  fieldNames,
  isObject,
  listOf,
  pageRows,
  pick,
  refId,
  Refusal,
  success,
  toInteger,
  type JsonObject,
} from './answers.ts';
import { noteComment } from './commentChange.ts';
import { askedFields, customFieldData, definition, writeCustomFields } from './customFields.ts';
import { contactById } from './contacts.ts';
import { entryFieldTest } from './entryFilters.ts';
import { compileFilters } from './filters.ts';
import { assertSees, maySee, seesComment } from './rights.ts';
import { causeOf, numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { fire } from './scenarios.ts';
import { addComment, nextId } from './records.ts';
import {
  type Comment,
  type CustomField,
  type DataTag,
  type DataTagEntry,
  type State,
  type Task,
} from './state.ts';
import { blankComment } from './taskChange.ts';

function tagOf(call: Call, id: number | undefined, status = 404): DataTag {
  const tag = id === undefined ? undefined : call.state.dataTags.get(id);
  if (tag === undefined) throw new Refusal(status, 6000, `Data tag not found by id ${String(id)}`);
  return tag;
}

function fieldMap(tag: DataTag): Map<number, CustomField> {
  return new Map(tag.fields.map((field) => [field.id, field]));
}

function taskOf(call: Call): Task {
  const id = numberParam(call, 0);
  const task = call.state.tasks.get(id);
  if (task === undefined || task.isDeleted) throw new Refusal(400, 1000, `Task not found by id ${id}`);
  assertSees(call.state, call.actor, task);
  return task;
}

/** The tag that a body of entries names. @throws Refusal code 6000. */
function writtenTag(call: Call): DataTag {
  return tagOf(call, toInteger(refId(call.body['dataTag'])), 400);
}

/** Hangs the entries of a body on a comment. @throws Refusal codes 6000, 6011. */
function addEntries(call: Call, comment: Comment): number[] {
  const { state, body } = call;
  const tag = writtenTag(call);
  const items = listOf(body['items']).filter(isObject);
  if (items.length === 0) throw new Refusal(400, 6011, 'Error add entry');
  const fields = fieldMap(tag);
  return items.map((item) => {
    const entry: DataTagEntry = {
      key: nextId(state, 'entry'),
      dataTag: tag.id,
      task: comment.task,
      commentId: comment.id,
      custom: new Map(),
    };
    writeCustomFields(state, entry.custom, item['customFieldData'], (id) => fields.get(id), zoneOf(call));
    state.dataTagEntries.set(entry.key, entry);
    comment.dataTags.push({ dataTag: tag.id, key: entry.key });
    return entry.key;
  });
}

/** Entries of a new comment without text of its own. */
function postEntries(call: Call): EmulatorResponse {
  const { state, actor, now } = call;
  const task = taskOf(call);
  const comment = blankComment(state.next.comment, task.id, actor.person, now);
  const keys = addEntries(call, comment);
  nextId(state, 'comment');
  addComment(state, comment);
  noteComment(state, task, now);
  fire(call, 'datatag.added', task, causeOf(call), comment);
  return success({ keys, commentId: comment.id }, 201);
}

/** The same on the card of a contact: nobody is told, no scenario runs. */
function postContactEntries(call: Call): EmulatorResponse {
  const { state, actor, now } = call;
  const contact = contactById(call, 'Contact');
  const comment = blankComment(state.next.comment, 0, actor.person, now);
  const keys = addEntries(call, comment);
  nextId(state, 'comment');
  state.contactComments.set(comment.id, { contact: contact.id, comment });
  return success({ keys, commentId: comment.id }, 201);
}

/** More entries for a comment that is there. @throws Refusal code 5000. */
function addMore(call: Call, comment: Comment | undefined): EmulatorResponse {
  if (comment === undefined || comment.isDeleted || !seesComment(call.state, call.actor, comment)) {
    throw new Refusal(400, 5000, `Comment not found by id ${numberParam(call, 1)}`);
  }
  return success({ keys: addEntries(call, comment), commentId: comment.id }, 201);
}

function postMoreEntries(call: Call): EmulatorResponse {
  const task = taskOf(call);
  const comment = call.state.comments.get(numberParam(call, 1));
  return addMore(call, comment?.task === task.id ? comment : undefined);
}

function postMoreContactEntries(call: Call): EmulatorResponse {
  const contact = contactById(call, 'Contact');
  const found = call.state.contactComments.get(numberParam(call, 1));
  return addMore(call, found?.contact === contact.id ? found.comment : undefined);
}

/** The contact on whose card an entry is; undefined for one of a task. */
function contactOfEntry(state: State, entry: DataTagEntry): number | undefined {
  return state.contactComments.get(entry.commentId)?.contact;
}

function entryAnswer(call: Call, entry: DataTagEntry, names: readonly string[]): JsonObject {
  const { state } = call;
  const tag = state.dataTags.get(entry.dataTag);
  const contact = contactOfEntry(state, entry);
  const record = {
    key: entry.key,
    commentId: entry.commentId,
    task: contact === undefined ? { id: entry.task } : undefined,
    contact: contact === undefined ? undefined : { id: contact },
    dataTag: tag === undefined ? { id: entry.dataTag } : tagRecord(tag),
  };
  const asked = tag === undefined ? [] : askedFields(names, fieldMap(tag));
  const custom = customFieldData(state, entry.custom, asked, zoneOf(call));
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

/** Filters that ask for the task of an entry, as those of `/task/list` do (examples of the document). */
const OF_THE_TASK = new Set([1, 5, 7, 10, 12, 24, 51, 325]);

function entryTest(call: Call, filter: JsonObject): (entry: DataTagEntry) => boolean {
  if (!OF_THE_TASK.has(toInteger(filter['type']) ?? -1)) return entryFieldTest(call, filter);
  const tests = compileFilters(call, [filter]);
  return ({ task }) => {
    const own = call.state.tasks.get(task);
    return own !== undefined && tests.every((test) => test.holds(own));
  };
}

/** An entry is seen with its comment. */
function seesEntry({ state, actor }: Call, entry: DataTagEntry): boolean {
  const ofContact = state.contactComments.get(entry.commentId)?.comment;
  if (ofContact !== undefined) return seesComment(state, actor, ofContact);
  const comment = state.comments.get(entry.commentId);
  const task = state.tasks.get(entry.task);
  if (task === undefined || !maySee(state, actor, task)) return false;
  return comment === undefined || seesComment(state, actor, comment);
}

/** A number in a body; 0, the default of the document, asks for nothing. */
function askedNumber(value: Json | undefined): number | undefined {
  const bare = typeof value === 'string' ? value.replace(/^contact:/, '') : value;
  return toInteger(bare) || undefined;
}

function listEntries(call: Call): EmulatorResponse {
  const { state, body } = call;
  const tag = tagOf(call, numberParam(call, 0), 400);
  const [taskId, contactId] = [askedNumber(body['taskId']), askedNumber(body['contactId'])];
  const names = fieldNames(body['fields'], ['key'], 'key');
  const tests = listOf(body['filters'])
    .filter(isObject)
    .map((filter) => entryTest(call, filter));
  const rows = [...state.dataTagEntries.values()]
    .filter((entry) => entry.dataTag === tag.id && (taskId === undefined || entry.task === taskId))
    .filter((entry) => contactId === undefined || contactOfEntry(state, entry) === contactId)
    .filter((entry) => seesEntry(call, entry) && tests.every((test) => test(entry)))
    .sort((a, b) => a.key - b.key);
  const page = pageRows(rows, body, state.settings);
  return success({ dataTagEntries: page.map((entry) => entryAnswer(call, entry, names)) });
}

/** The entry that a path names. @throws Refusal code 6010, or 6 for one that the caller does not see. */
function entryByKey(call: Call): DataTagEntry {
  const key = numberParam(call, 0);
  const entry = call.state.dataTagEntries.get(key);
  if (entry === undefined) throw new Refusal(400, 6010, `Entry not found by key - ${key}`);
  if (!seesEntry(call, entry)) throw new Refusal(400, 6, `Access denied for data tag entry by key ${key}`);
  return entry;
}

function updateEntry(call: Call): EmulatorResponse {
  const { state, body } = call;
  const entry = entryByKey(call);
  const tag = state.dataTags.get(entry.dataTag);
  const fields = tag === undefined ? new Map<number, CustomField>() : fieldMap(tag);
  writeCustomFields(state, entry.custom, body['customFieldData'], (id) => fields.get(id), zoneOf(call));
  return success();
}

function removeEntry(call: Call): EmulatorResponse {
  const { state } = call;
  const { key, commentId } = entryByKey(call);
  state.dataTagEntries.delete(key);
  const comment = state.comments.get(commentId) ?? state.contactComments.get(commentId)?.comment;
  if (comment !== undefined) comment.dataTags = comment.dataTags.filter((link) => link.key !== key);
  return success();
}

/** A data tag with the definitions of its fields. */
function tagRecord({ id, name, group, fields }: DataTag): Record<string, Json> {
  return {
    id,
    name,
    ...(group === undefined ? {} : { group: { ...group } }),
    fields: fields.map(definition),
  };
}

function listTags(call: Call): EmulatorResponse {
  const { state, body } = call;
  const names = fieldNames(body['fields'], ['id', 'name']);
  const rows = [...state.dataTags.values()].map(tagRecord);
  return success({ dataTags: pageRows(rows, body, state.settings).map((row) => pick(row, names)) });
}

export const dataTagRoutes: readonly Route[] = [
  { method: 'POST', path: '/task/{id}/datatags/', scope: 'datatag_add', write: true, run: postEntries },
  {
    method: 'POST',
    path: '/task/{id}/datatags/{commentId}',
    scope: 'datatag_add',
    write: true,
    run: postMoreEntries,
  },
  {
    method: 'POST',
    path: '/contact/{id}/datatags/',
    scope: 'datatag_add',
    write: true,
    run: postContactEntries,
  },
  {
    method: 'POST',
    path: '/contact/{id}/datatags/{commentId}',
    scope: 'datatag_add',
    write: true,
    run: postMoreContactEntries,
  },
  {
    method: 'POST',
    path: '/datatag/list',
    scope: 'datatag_readonly',
    write: false,
    list: true,
    run: listTags,
  },
  {
    method: 'GET',
    path: '/datatag/{id}',
    scope: 'datatag_readonly',
    write: false,
    run: (call) => {
      const names = fieldNames(call.query.get('fields') ?? undefined, ['id', 'name']);
      return success({ dataTag: pick(tagRecord(tagOf(call, numberParam(call, 0))), names) });
    },
  },
  {
    method: 'POST',
    // The document shows its refusals with 400, unlike those of other lists.
    path: '/datatag/{id}/entry/list',
    scope: 'datatag_readonly',
    write: false,
    run: listEntries,
  },
  {
    method: 'GET',
    path: '/datatag/entry/{key}',
    scope: 'datatag_readonly',
    write: false,
    run: (call) => {
      const names = fieldNames(call.query.get('fields') ?? undefined, ['key'], 'key');
      return success({ dataTagEntry: entryAnswer(call, entryByKey(call), names) });
    },
  },
  { method: 'POST', path: '/datatag/entry/{key}', scope: 'datatag_update', write: true, run: updateEntry },
  { method: 'DELETE', path: '/datatag/entry/{key}', scope: 'datatag_delete', write: true, run: removeEntry },
];
