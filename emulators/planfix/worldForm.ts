/** The form of a world: the contracts' world.json, or a dump of our own with its extra keys. */
import { z } from 'zod';

const json = z.json();
const record = z.record(z.string(), json);
const id = z.number().int();
const person = z.union([z.string(), z.number(), z.looseObject({ id: z.union([z.string(), z.number()]) })]);
const reference = z.union([id, z.looseObject({ id })]).nullable();
const people = z.looseObject({ users: z.array(person).optional(), groups: z.array(reference).optional() });
const point = json;
const named = z.looseObject({ id, name: z.string() });
const ban = z.looseObject({
  status: id.optional(),
  role: z.string().optional(),
  user: z.string().optional(),
  field: z.string().optional(),
});
const customValues = z.array(z.looseObject({ field: z.looseObject({ id }), value: json })).optional();
const customField = z.looseObject({
  id,
  name: z.string(),
  type: z.number().int(),
  objectType: z.number().int().optional(),
  enumValues: z.array(z.string()).optional(),
  directoryId: id.optional(),
});
const bytes = { bytes: z.number().optional(), base64: z.string().optional(), text: z.string().optional() };
const change = z.looseObject({
  oldDateTime: point.optional(),
  newDateTime: point.optional(),
  hasOldTime: z.boolean().optional(),
  hasNewTime: z.boolean().optional(),
});

const task = z.looseObject({
  id,
  internalId: id.optional(),
  name: z.string(),
  description: z.string().optional(),
  priority: z.string().optional(),
  status: reference.optional(),
  processId: id.optional(),
  resultChecking: z.boolean().optional(),
  type: z.string().optional(),
  assigner: person.optional(),
  parent: reference.optional(),
  object: reference.optional(),
  template: reference.optional(),
  project: reference.optional(),
  counterparty: person.optional(),
  dateTime: point.optional(),
  startDateTime: point.optional(),
  endDateTime: point.optional(),
  hasStartDate: z.boolean().optional(),
  hasEndDate: z.boolean().optional(),
  hasStartTime: z.boolean().optional(),
  hasEndTime: z.boolean().optional(),
  delayedTillDate: point.optional(),
  actualCompletionDate: point.optional(),
  dateOfLastUpdate: point.optional(),
  duration: z.number().optional(),
  durationUnit: z.string().optional(),
  durationType: z.string().optional(),
  inFavorites: z.boolean().optional(),
  isSummary: z.boolean().optional(),
  isSequential: z.boolean().optional(),
  assignees: people.optional(),
  participants: people.optional(),
  auditors: people.optional(),
  individualStatuses: z.array(z.looseObject({ id: z.string(), status: id })).optional(),
  recurrence: json.optional(),
  isDeleted: z.boolean().optional(),
  files: z.array(reference).optional(),
  customFieldData: customValues,
  tags: json.optional(),
  sourceObjectId: z.string().nullable().optional(),
  sourceDataVersion: z.string().nullable().optional(),
  /** Exact times of a dump, in milliseconds. */
  times: z
    .looseObject({
      created: z.number(),
      changed: z.number(),
      commented: z.number().optional(),
      completed: z.number().optional(),
      done: z.number().optional(),
    })
    .optional(),
});

const comment = z.looseObject({
  id,
  task: reference,
  system: z.boolean().optional(),
  owner: person,
  createdBy: z.string().optional(),
  dateTime: point.optional(),
  at: z.number().optional(),
  type: z.string().optional(),
  fromType: z.string().optional(),
  description: z.string().optional(),
  isDeleted: z.boolean().optional(),
  isPinned: z.boolean().optional(),
  isHidden: z.boolean().optional(),
  recipients: people.optional(),
  files: z.array(reference).optional(),
  changeStatus: z.looseObject({ oldStatusId: id, newStatusId: id }).optional(),
  changeTaskStartDate: change.optional(),
  changeTaskExpectDate: change.optional(),
  sourceObjectId: z.string().nullable().optional(),
  sourceDataVersion: z.string().nullable().optional(),
});

const contactComment = comment.omit({ task: true }).extend({ contact: person });

const rendered = z.looseObject({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
});

const job = z.looseObject({
  id,
  scenario: id,
  task: id,
  comment: id.optional(),
  dueAt: z.number(),
  attempts: z.number(),
  rendered: rendered.optional(),
  inFlightSince: z.number(),
  settles: z.looseObject({ at: z.number(), status: z.number() }).optional(),
  delayAnswerMs: z.number(),
  answerStatus: z.number().optional(),
});

const machine = z.looseObject({
  settings: record,
  random: z.number(),
  lastNow: z.number(),
  next: z.record(z.string(), z.number()),
  usage: z.looseObject({
    day: z.number().optional(),
    remaining: z.number().optional(),
    remainingAt: z.number(),
    buckets: z.array(z.tuple([z.string(), z.looseObject({ left: z.number(), at: z.number() })])),
  }),
  deliveries: z.looseObject({
    waiting: z.array(job),
    inFlight: z.array(job),
    pausedUntil: z.number(),
    sent: z.number(),
    failed: z.number(),
    givenUp: z.number(),
    operations: z.object({ month: z.string(), count: z.number() }).optional(),
    faults: z.array(
      z.looseObject({
        times: z.number(),
        drop: z.boolean(),
        double: z.boolean(),
        delayMs: z.number().optional(),
        receiverStatus: z.number().optional(),
      }),
    ),
  }),
  queued: z.array(
    z.looseObject({
      at: z.number(),
      task: id,
      body: record,
      actor: z.looseObject({ person: z.string(), admin: z.boolean(), zone: z.string() }),
      silent: z.boolean(),
    }),
  ),
  syncs: z.array(z.tuple([z.string(), z.number()])),
});

export const worldForm = z.looseObject({
  about: z.string().optional(),
  account: z.looseObject({
    name: z.string(),
    baseUrl: z.string().optional(),
    now: z.string().optional(),
    timezone: z.string().optional(),
    state: z.string().optional(),
    usedToday: z.number().optional(),
    ownDomain: z.string().optional(),
    plan: z
      .looseObject({
        perDay: z.number().optional(),
        perSecond: z.number().optional(),
        maxFileBytes: z.number().optional(),
      })
      .optional(),
  }),
  tokens: z
    .array(
      z.looseObject({
        token: z.string(),
        user: z.string(),
        scopes: z.union([z.literal('all'), z.array(z.string())]).optional(),
        active: z.boolean().optional(),
        timezone: z.string().optional(),
      }),
    )
    .default([]),
  users: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        lastname: z.string().nullable().optional(),
        role: z.string().optional(),
        status: z.string().optional(),
        groups: z.array(z.looseObject({ id })).optional(),
        customFieldData: customValues,
      }),
    )
    .default([]),
  userGroups: z
    .array(z.looseObject({ id, name: z.string(), members: z.array(z.string()).optional() }))
    .default([]),
  positions: z.array(named).default([]),
  contacts: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        lastname: z.string().nullable().optional(),
        isCompany: z.boolean().optional(),
        isDeleted: z.boolean().optional(),
        createdBy: z.string().optional(),
        customFieldData: customValues,
        times: z.looseObject({ created: z.number(), changed: z.number() }).optional(),
      }),
    )
    .default([]),
  contactGroups: z.array(named).default([]),
  contactTemplates: z.array(named).default([]),
  contactProcesses: z.array(named).default([]),
  projectTemplates: z.array(named).default([]),
  projects: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        status: reference.optional(),
        owner: person.optional(),
        customFieldData: customValues,
        times: z.looseObject({ created: z.number() }).optional(),
      }),
    )
    .default([]),
  statuses: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        color: z.string().optional(),
        isActive: z.boolean().optional(),
        hasDeadline: z.boolean().optional(),
        isAppliedIndividually: z.boolean().optional(),
        texts: z.array(z.looseObject({ lang: z.string(), name: z.string() })).optional(),
      }),
    )
    .default([]),
  processes: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        statuses: z.array(id),
        commentsForbidden: z.array(ban).optional(),
        transitions: z.array(z.looseObject({ from: id, to: z.array(id) })).optional(),
      }),
    )
    .default([]),
  objects: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        process: id,
        customFields: z.array(id).optional(),
        fieldsForbidden: z.array(ban).optional(),
      }),
    )
    .default([]),
  templates: z.array(named).default([]),
  customFields: z.array(customField).default([]),
  directories: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        group: named.optional(),
        fields: z.array(customField).optional(),
        filters: z.array(record).optional(),
        denied: z.enum(['all', 'writes']).optional(),
        entries: z
          .array(
            z.looseObject({
              key: id,
              name: z.string().optional(),
              parentKey: id.optional(),
              archived: z.boolean().optional(),
              isGroup: z.boolean().optional(),
              customFieldData: customValues,
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  dataTags: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        group: named.optional(),
        fields: z.array(customField).default([]),
      }),
    )
    .default([]),
  dataTagEntries: z
    .array(
      z.looseObject({ key: id, dataTag: id, task: reference, commentId: id, customFieldData: customValues }),
    )
    .default([]),
  tasks: z.array(task).default([]),
  checklists: z
    .array(
      z.looseObject({
        task: id,
        items: z.array(
          z.looseObject({
            id,
            name: z.string(),
            parent: reference.optional(),
            isDone: z.boolean().optional(),
            assignees: z.union([z.array(person), people]).optional(),
            dateTime: point.optional(),
            at: z.number().optional(),
          }),
        ),
      }),
    )
    .default([]),
  comments: z.array(comment).default([]),
  contactComments: z.array(contactComment).default([]),
  files: z
    .array(
      z.looseObject({
        id,
        name: z.string(),
        in: z.string().optional(),
        owner: z.string().optional(),
        denied: z.union([z.string(), z.boolean()]).optional(),
        ...bytes,
      }),
    )
    .default([]),
  taskFilters: z.array(record).default([]),
  scenarios: z
    .array(
      z.looseObject({
        id,
        name: z.string().optional(),
        on: z.string(),
        request: rendered,
        retry: z.boolean().optional(),
        delay: z.union([z.string(), z.number()]).optional(),
        restartCountdown: z.boolean().optional(),
        enabled: z.boolean().optional(),
        authorNot: z.array(z.string()).optional(),
        author: z.array(z.string()).optional(),
        object: z.array(id).optional(),
        project: z.array(id).optional(),
        status: z.array(id).optional(),
        template: z.array(id).optional(),
        lastCommentFrom: z.array(z.enum(['employee', 'contact', 'robot'])).optional(),
        fields: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  incomingWebhooks: z
    .array(
      z.looseObject({
        id,
        address: z.string(),
        user: z.string(),
        parameters: z.array(z.string()).default([]),
        operation: record,
        answer: z.string().default('json'),
      }),
    )
    .default([]),
  web: z.array(z.looseObject({ url: z.string(), name: z.string(), ...bytes })).default([]),
  machine: machine.optional(),
});

export type WorldForm = z.infer<typeof worldForm>;
export type TaskForm = z.infer<typeof task>;
export type CommentForm = z.infer<typeof comment>;
export type ContactCommentForm = z.infer<typeof contactComment>;
export type JobForm = z.infer<typeof job>;
export type PeopleForm = z.infer<typeof people>;
export type PersonForm = z.infer<typeof person>;
export type ReferenceForm = z.infer<typeof reference>;
export type CustomValuesForm = z.infer<typeof customValues>;
export type CustomFieldForm = z.infer<typeof customField>;
export type ChangeForm = z.infer<typeof change>;

/** Reads a world. @throws TypeError naming every place that it can't read. */
export function readForm(world: unknown): WorldForm {
  const read = worldForm.safeParse(world);
  if (read.success) return read.data;
  const places = read.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`);
  throw new TypeError(`Planfix emulator: this world can't be read:\n${places.slice(0, 20).join('\n')}`);
}
