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
import { entryTest } from './filters.ts';
import { assertSees, maySee } from './rights.ts';
import { causeOf, numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { fire } from './scenarios.ts';
import { addComment, nextId } from './records.ts';
import { type Comment, type CustomField, type DataTag, type DataTagEntry, type Task } from './state.ts';
import { blankComment } from './taskChange.ts';

function tagOf(call: Call, id: number | undefined): DataTag {
  const tag = id === undefined ? undefined : call.state.dataTags.get(id);
  if (tag === undefined) throw new Refusal(404, 6000, `Data tag not found by id ${String(id)}`);
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

function addEntries(call: Call, comment: Comment, tag: DataTag): number[] {
  const { state, body } = call;
  const items = listOf(body['items']).filter(isObject);
  if (items.length === 0) throw new Refusal(400, 6011, 'Data tag entry create error');
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
  const { state, actor, body, now } = call;
  const task = taskOf(call);
  const tag = tagOf(call, toInteger(refId(body['dataTag'])));
  const comment = blankComment(state.next.comment, task.id, actor.person, now);
  const keys = addEntries(call, comment, tag);
  nextId(state, 'comment');
  addComment(state, comment);
  noteComment(state, task, now);
  fire(call, 'datatag.added', task, causeOf(call), comment);
  return success({ keys, commentId: comment.id }, 201);
}

function postMoreEntries(call: Call): EmulatorResponse {
  const { state, body } = call;
  const task = taskOf(call);
  const id = numberParam(call, 1);
  const comment = state.comments.get(id);
  if (comment === undefined || comment.task !== task.id || comment.isDeleted) {
    throw new Refusal(400, 5000, `Comment not found by id ${id}`);
  }
  const keys = addEntries(call, comment, tagOf(call, toInteger(refId(body['dataTag']))));
  return success({ keys, commentId: comment.id }, 201);
}

function entryAnswer(call: Call, entry: DataTagEntry, names: readonly string[]): JsonObject {
  const { state } = call;
  const tag = state.dataTags.get(entry.dataTag);
  const record = {
    key: entry.key,
    commentId: entry.commentId,
    task: { id: entry.task },
    dataTag: { id: entry.dataTag, name: tag?.name ?? '' },
  };
  const asked = tag === undefined ? [] : askedFields(names, fieldMap(tag));
  const custom = customFieldData(state, entry.custom, asked, zoneOf(call));
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

function listEntries(call: Call): EmulatorResponse {
  const { state, actor, body } = call;
  const tag = tagOf(call, numberParam(call, 0));
  const taskId = toInteger(body['taskId']);
  const names = fieldNames(body['fields'], ['key'], 'key');
  const tests = listOf(body['filters'])
    .filter(isObject)
    .map((filter) => entryTest(call, filter));
  const rows = [...state.dataTagEntries.values()]
    .filter((entry) => entry.dataTag === tag.id && (taskId === undefined || entry.task === taskId))
    .filter((entry) => tests.every((test) => test(entry)))
    .filter((entry) => {
      const task = state.tasks.get(entry.task);
      return task !== undefined && maySee(state, actor, task);
    })
    .sort((a, b) => a.key - b.key);
  const page = pageRows(rows, body, state.settings);
  return success({ dataTagEntries: page.map((entry) => entryAnswer(call, entry, names)) });
}

function entryByKey(call: Call): DataTagEntry {
  const key = numberParam(call, 0);
  const entry = call.state.dataTagEntries.get(key);
  if (entry === undefined) throw new Refusal(404, 6010, `Data tag entry not found by key ${key}`);
  const task = call.state.tasks.get(entry.task);
  if (task !== undefined) assertSees(call.state, call.actor, task);
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
  const entry = entryByKey(call);
  state.dataTagEntries.delete(entry.key);
  const comment = state.comments.get(entry.commentId);
  if (comment !== undefined) comment.dataTags = comment.dataTags.filter(({ key }) => key !== entry.key);
  return success();
}

/** A data tag with the definitions of its fields. */
function tagRecord({ id, name, fields }: DataTag): Record<string, Json> {
  return { id, name, fields: fields.map(definition) };
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
    path: '/datatag/{id}/entry/list',
    scope: 'datatag_readonly',
    write: false,
    list: true,
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
