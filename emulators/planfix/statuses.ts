/** Routes of processes, objects and their status sets (section 7). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, pageRows, pick, Refusal, success } from './answers.ts';
import { definition } from './customFields.ts';
import { numberParam, type Call, type Route } from './routes.ts';
import { type State, type TaskObject } from './state.ts';
import { statusAnswer } from './taskView.ts';

const STATUS_FIELDS = ['id', 'name', 'color', 'isActive', 'hasDeadline', 'isAppliedIndividually', 'texts'];

function statusSet(call: Call, processId: number): EmulatorResponse {
  const { state, query } = call;
  const process = state.processes.get(processId);
  if (process === undefined) throw new Refusal(400, 41, `Process not find by id ${processId}`);
  const names = fieldNames(query.get('fields') ?? undefined, STATUS_FIELDS);
  const statuses = process.statuses.flatMap((id) => {
    const status = state.statuses.get(id);
    return status === undefined ? [] : [pick(statusAnswer(status), names)];
  });
  return success({ statuses });
}

function objectById(call: Call): TaskObject {
  const id = numberParam(call, 0);
  const object = call.state.objects.get(id);
  if (object === undefined) throw new Refusal(400, 41, `Object not find by id ${id}`);
  return object;
}

/** The object with its custom fields: the way to know which fields its tasks have. */
function objectRecord(state: State, object: TaskObject): Record<string, Json> {
  return {
    id: object.id,
    name: object.name,
    customFieldData: object.customFields.flatMap((id) => {
      const field = state.customFields.get(id);
      return field === undefined ? [] : [{ field: definition(field), value: null }];
    }),
  };
}

function getObject(call: Call): EmulatorResponse {
  const names = fieldNames(call.query.get('fields') ?? undefined, ['id', 'name', 'customFieldData']);
  return success({ object: pick(objectRecord(call.state, objectById(call)), names) });
}

function listObjects(call: Call): EmulatorResponse {
  const { state, body } = call;
  const names = fieldNames(body['fields'], ['id', 'name']);
  const rows = [...state.objects.values()].sort((a, b) => a.id - b.id);
  const page = pageRows(rows, body, state.settings);
  return success({ objects: page.map((object) => pick(objectRecord(state, object), names)) });
}

function listProcesses(call: Call): EmulatorResponse {
  const names = fieldNames(call.query.get('fields') ?? undefined, ['id', 'name']);
  const rows = [...call.state.processes.values()].sort((a, b) => a.id - b.id);
  return success({ processes: rows.map(({ id, name }) => pick({ id, name }, names)) });
}

export const statusRoutes: readonly Route[] = [
  { method: 'GET', path: '/process/task', write: false, run: listProcesses },
  {
    method: 'GET',
    path: '/process/task/{id}/statuses',
    write: false,
    run: (call) => statusSet(call, numberParam(call, 0)),
  },
  { method: 'GET', path: '/object/{id}', write: false, run: getObject },
  { method: 'POST', path: '/object/list', write: false, list: true, run: listObjects },
  {
    method: 'GET',
    path: '/object/{id}/statuses',
    write: false,
    run: (call) => statusSet(call, objectById(call).process),
  },
];
