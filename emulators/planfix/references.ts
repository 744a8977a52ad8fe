/** Short lists of the document that a bridge hardly asks for (tags Contact, Project, Custom fields, Process). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, isObject, pick, Refusal, success, toInteger } from './answers.ts';
import { cardFiles } from './cards.ts';
import { contactById } from './contacts.ts';
import { definitions, OBJECT_TYPES } from './customFields.ts';
import { fileRef } from './fileView.ts';
import { numberParam, type Call, type Route } from './routes.ts';
import { type Named, type State } from './state.ts';

/** Files of a card: those that a write or `POST /file/{id}/attach/{kind}` has put there. */
const files = (state: State, more: Readonly<Record<string, Json>>): EmulatorResponse =>
  success({ files: cardFiles(more['files']).flatMap((id) => fileRef(state, id)) });

const get = (path: string, run: (call: Call) => EmulatorResponse, scope?: string): Route => ({
  method: 'GET',
  path,
  write: false,
  run,
  ...(scope === undefined ? {} : { scope }),
});

/** `{id, name}` of what records name in one of their keys, each once. */
function named(call: Call, values: Iterable<Json | undefined>): Json[] {
  const names = fieldNames(call.query.get('fields') ?? undefined, ['id', 'name']);
  const found = new Map<number, Json>();
  for (const value of values) {
    const id = toInteger(isObject(value) ? value['id'] : value);
    if (id === undefined || found.has(id)) continue;
    const name = isObject(value) ? (value['name'] ?? '') : '';
    found.set(id, pick({ id, name }, names));
  }
  return [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
}

const plain = (rows: readonly Named[]): Json[] => rows.map(({ id, name }) => ({ id, name }));

const fieldsOf = (kind: string, objectType: number): Route[] => [
  get(`/customfield/group/${kind}`, (call) => {
    const fields = [...call.state.customFields.values()].filter((field) => field.objectType === objectType);
    return success({
      customFieldSets: named(
        call,
        fields.map((field) => field.more['groupId']),
      ),
    });
  }),
  // Of tasks it is served with the other fields of tasks.
  ...(kind === 'task'
    ? []
    : [
        get(`/customfield/${kind}/{id}`, ({ state, query }) =>
          success({ customfields: definitions(state, objectType, query.get('fields')) }),
        ),
      ]),
];

export const referenceRoutes: readonly Route[] = [
  get('/contact/{id}/files', (call) => files(call.state, contactById(call, 'Contact').more), 'file_readonly'),
  get(
    '/project/{id}/files',
    (call) => {
      const id = numberParam(call, 0);
      const project = call.state.projects.get(id);
      if (project === undefined) throw new Refusal(400, 3000, `Project not found by id ${id}`);
      return files(call.state, project.more);
    },
    'file_readonly',
  ),
  {
    method: 'POST',
    path: '/contact/filters',
    scope: 'contact_readonly',
    write: false,
    run: () =>
      success({
        filters: [
          { id: ':contact', name: 'Контакты' },
          { id: ':company', name: 'Компании' },
        ],
      }),
  },
  get('/project/templates', (call) =>
    success({ templates: named(call, plain(call.state.projectTemplates)) }),
  ),
  get('/project/groups', (call) =>
    success({
      groups: named(
        call,
        [...call.state.projects.values()].map(({ more }) => more['group']),
      ),
    }),
  ),
  get('/directory/groups', (call) =>
    success({
      groups: named(call, plain([...call.state.directories.values()].flatMap(({ group }) => group ?? []))),
    }),
  ),
  get('/workspace/list', (call) =>
    success({
      workspaces: named(
        call,
        [...call.state.users.values()].map(({ more }) => more['workspace']),
      ),
    }),
  ),
  get('/process/contact', (call) => success({ processes: named(call, plain(call.state.contactProcesses)) })),
  ...Object.entries(OBJECT_TYPES)
    .filter(([kind]) => kind !== 'main')
    .flatMap(([kind, objectType]) => fieldsOf(kind, objectType)),
];
