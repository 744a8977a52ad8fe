/**
 * task.*.getmanifest: what the positional methods say of themselves (task-checklist-item-get-manifest.md and its
 * neighbours of the vendor's reference). Programs are told not to rely on it.
 */
import { type Json } from '../common/types.ts';
import { answer, type Method } from './call.ts';

const writable = ['PARENT_ID', 'TITLE', 'SORT_INDEX', 'IS_COMPLETE', 'IS_IMPORTANT', 'MEMBERS'];
const dated = ['TOGGLED_BY', 'TOGGLED_DATE'];

/** Fields by which task.checklistitem.getlist sorts. */
export const sortable = ['ID', 'PARENT_ID', 'CREATED_BY', ...writable.slice(1, 5), ...dated];

const readable = [
  'ID',
  'TASK_ID',
  'PARENT_ID',
  'CREATED_BY',
  ...writable.slice(1, 5),
  ...dated,
  'MEMBERS',
  'ATTACHMENTS',
];

interface Fields {
  readonly alias: string;
  readonly head: { readonly [key: string]: Json };
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  readonly sortable: readonly string[];
  readonly filterable?: readonly string[];
  readonly dates: readonly string[];
  readonly methods: { readonly [name: string]: Json };
}

const manifest = (fields: Fields): Json => {
  const named = (kind: string): string => `REST: ${kind} ${fields.alias} data fields`;
  return {
    ...fields.head,
    'REST: shortname alias to class': fields.alias,
    [named('writable')]: [...fields.writable],
    [named('readable')]: [...fields.readable],
    [named('sortable')]: [...fields.sortable],
    ...(fields.filterable === undefined ? {} : { [named('filterable')]: [...fields.filterable] }),
    'REST: date fields': [...fields.dates],
    'REST: available methods': { getmanifest: { staticMethod: true, params: [] }, ...fields.methods },
  };
};

const parameter = (
  description: string,
  type: string,
  allowedKeys?: readonly string[],
  more: { readonly [key: string]: Json } = {},
): Json => ({
  description,
  type,
  ...(allowedKeys === undefined ? {} : { allowedKeys: [...allowedKeys] }),
  ...more,
});

const described = (
  mandatoryParamsCount: number,
  params: readonly Json[],
  more: { readonly [key: string]: Json } = {},
): Json => ({ mandatoryParamsCount, params: [...params], ...more });

const onTask = parameter('taskId', 'integer');
const onItem = [onTask, parameter('itemId', 'integer')];
const allowed = (names: readonly string[]): { readonly [key: string]: Json } => ({
  allowedKeysInReturnValue: [...names],
});
const inItem = { staticMethod: false };
const asked = described(3, [...onItem, parameter('actionId', 'integer')], inItem);
const prefixes = { allowedKeyPrefixes: ['!', '<=', '<', '>=', '>'] };
const warning = 'rely on format of this manifest, it can be changed without any notification';

const checklist = manifest({
  alias: 'checklistitem',
  head: { 'Manifest version': '2.0', Warning: `don't ${warning}` },
  writable,
  readable,
  sortable,
  dates: ['TOGGLED_DATE'],
  methods: {
    get: described(2, onItem, allowed(readable)),
    getlist: described(1, [onTask, parameter('arOrder', 'array', sortable)], {
      staticMethod: true,
      ...allowed(readable),
      collectionInReturnValue: true,
    }),
    add: described(2, [onTask, parameter('arFields', 'array', writable)], { staticMethod: true }),
    update: described(3, [...onItem, parameter('arFields', 'array', writable)], inItem),
    delete: described(2, onItem, inItem),
    complete: described(2, onItem, inItem),
    renew: described(2, onItem, inItem),
    moveafteritem: described(3, [...onItem, parameter('afterItemId', 'integer')], inItem),
    isactionallowed: asked,
  },
});

const commentWritable = ['POST_MESSAGE', 'AUTHOR_ID', 'POST_DATE', 'UF_FORUM_MESSAGE_DOC'];
const commentOrder = ['ID', 'AUTHOR_ID', 'AUTHOR_NAME', 'AUTHOR_EMAIL', 'POST_DATE'];
const commentFilter = ['ID', 'AUTHOR_ID', 'AUTHOR_NAME', 'POST_DATE'];
const commentReadable = [
  'POST_MESSAGE_HTML',
  ...commentOrder,
  'POST_DATE',
  ...commentWritable,
  'ATTACHED_OBJECTS',
];

const comment = manifest({
  alias: 'commentitem',
  head: { 'Manifest version': '1.1', Warning: `don't ${warning}` },
  writable: commentWritable,
  readable: commentReadable,
  sortable: commentOrder,
  filterable: commentFilter,
  dates: ['POST_DATE'],
  methods: {
    getlist: {
      staticMethod: true,
      mandatoryParamsCount: 1,
      params: [
        onTask,
        parameter('arOrder', 'array', commentOrder),
        parameter('arFilter', 'array', commentFilter, prefixes),
      ],
      ...allowed(commentReadable),
      collectionInReturnValue: true,
    },
    get: described(2, onItem, allowed(commentReadable)),
    add: described(2, [onTask, parameter('arFields', 'array', commentWritable)], { staticMethod: true }),
    update: described(3, [...onItem, parameter('arFields', 'array', commentWritable)], inItem),
    delete: described(2, onItem, inItem),
    isactionallowed: asked,
  },
});

const elapsedDates = ['CREATED_DATE', 'DATE_START', 'DATE_STOP'];
const elapsedReadable = [
  'ID',
  'TASK_ID',
  'USER_ID',
  'COMMENT_TEXT',
  'SECONDS',
  'MINUTES',
  'SOURCE',
  ...elapsedDates,
];
const elapsedWritable = ['USER_ID', 'COMMENT_TEXT', 'SECONDS', 'SOURCE', ...elapsedDates];
const elapsedOrder = ['ID', 'TASK_ID', 'USER_ID', 'SECONDS', 'MINUTES', ...elapsedDates];
const elapsedFilter = ['ID', 'TASK_ID', 'USER_ID', 'CREATED_DATE'];
const sums = ['MAX', 'MIN', 'COUNT', 'SUM', 'AVG'];

const elapsed = manifest({
  alias: 'elapseditem',
  head: {
    'Manifest version': '1.2',
    'Manifest change date': '22 Feb 2018',
    Warning: `Don't ${warning}s!`,
  },
  writable: elapsedWritable,
  readable: elapsedReadable,
  sortable: elapsedOrder,
  filterable: elapsedFilter,
  dates: elapsedDates,
  methods: {
    getlist: {
      staticMethod: true,
      params: [
        onTask,
        parameter('order', 'array', elapsedOrder),
        parameter('filter', 'array', elapsedFilter, prefixes),
        parameter('select', 'array', undefined, {
          allowedValues: ['', '*', ...elapsedReadable],
          allowedAggregations: [...sums],
          allowedValuesInAggregation: ['ID', 'USER_ID', 'SECONDS', 'MINUTES'],
        }),
        parameter('params', 'array', ['NAV_PARAMS']),
      ],
      ...allowed(elapsedReadable),
      allowedAggregations: [...sums],
      collectionInReturnValue: true,
    },
    get: described(2, onItem, allowed(elapsedReadable)),
    add: described(2, [onTask, parameter('fields', 'array', elapsedWritable)], { staticMethod: true }),
    update: described(3, [...onItem, parameter('fields', 'array', elapsedWritable)], inItem),
    delete: described(2, onItem, inItem),
    isactionallowed: asked,
  },
});

const says = (resource: string, manifest: Json): Method => ({
  name: `task.${resource}.getmanifest`,
  version: 2,
  scope: ['task', 'tasks'],
  write: false,
  positional: [],
  run: () => answer(manifest),
});

export const manifestMethods: readonly Method[] = [
  says('checklistitem', checklist),
  says('commentitem', comment),
  says('elapseditem', elapsed),
];
