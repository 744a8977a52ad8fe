/** The state as plain data, in the form of a world with a few keys of our own (README.md names them). */
import { type Json } from '../common/types.ts';
import { dateChange } from './commentView.ts';
import { contactRecord } from './contacts.ts';
import { definition, shownValue } from './customFields.ts';
import { entryFields } from './directories.ts';
import { fileBytes, fileRef, kilobytes } from './fileView.ts';
import { timePoint } from './moments.ts';
import { peopleAnswer, personRef } from './persons.ts';
import { type Comment, type CustomField, type Scenario, type State, type Task } from './state.ts';
import { taskAnswer } from './taskView.ts';

const ZONE = 'UTC';

/** JSON of plain values; keys without a value fall out. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function valuesOf(
  state: State,
  values: ReadonlyMap<number, Json>,
  fields: ReadonlyMap<number, CustomField>,
): Json[] {
  return [...values]
    .sort(([a], [b]) => a - b)
    .map(([id, stored]) => {
      const field = fields.get(id);
      return { field: { id }, value: field === undefined ? stored : shownValue(state, field, stored, ZONE) };
    });
}

const TASK_FIELDS =
  `id name description priority processId resultChecking type assigner parent object template project
  counterparty dateTime startDateTime endDateTime hasStartDate hasEndDate hasStartTime hasEndTime delayedTillDate
  actualCompletionDate dateOfLastUpdate duration durationUnit durationType inFavorites isSummary isSequential
  assignees participants auditors recurrence isDeleted files tags sourceObjectId sourceDataVersion`.split(
    /\s+/,
  );

function taskForm(state: State, task: Task): Json {
  const actor = { person: 'user:0', admin: true, zone: ZONE };
  return plain({
    ...taskAnswer({ state, actor, now: state.lastNow }, task, TASK_FIELDS),
    status: task.status,
    internalId: task.internalId,
    individualStatuses: task.individualStatuses.length === 0 ? undefined : task.individualStatuses,
    customFieldData: valuesOf(state, task.custom, state.customFields),
    times: {
      created: task.createdAt,
      changed: task.changedAt,
      commented: task.commentedAt,
      completed: task.completedAt,
      done: task.doneAt,
    },
  });
}

function commentForm(state: State, comment: Comment): Json {
  return plain({
    id: comment.id,
    task: { id: comment.task },
    system: comment.system ? true : undefined,
    owner: personRef(state, comment.owner),
    createdBy: comment.createdBy,
    dateTime: timePoint(comment.createdAt, ZONE),
    at: comment.createdAt,
    type: comment.type,
    fromType: comment.fromType,
    description: comment.description,
    isDeleted: comment.isDeleted,
    isPinned: comment.isPinned,
    isHidden: comment.isHidden,
    recipients: peopleAnswer(state, comment.recipients),
    files: comment.files.flatMap((id) => fileRef(state, id)),
    changeStatus: comment.changeStatus,
    changeTaskStartDate: dateChange(comment.changeStart, ZONE),
    changeTaskExpectDate: dateChange(comment.changeEnd, ZONE),
    sourceObjectId: comment.sourceObjectId,
    sourceDataVersion: comment.sourceDataVersion,
  });
}

function scenarioForm(scenario: Scenario): Json {
  const { delayMs, ...rest } = scenario;
  return plain({ ...rest, delay: delayMs });
}

function sorted<Value extends { id: number }>(values: Iterable<Value>): Value[] {
  return [...values].sort((a, b) => a.id - b.id);
}

function people(state: State): Record<string, Json> {
  return {
    tokens: [...state.tokens.values()].map((token) => plain(token)),
    users: sorted(state.users.values()).map(({ id, name, lastname, role, status, custom, more }) =>
      plain({
        ...more,
        id,
        name,
        lastname,
        role,
        status,
        groups: sorted(state.groups.values())
          .filter((group) => group.members.includes(`user:${id}`))
          .map((group) => ({ id: group.id, name: group.name })),
        customFieldData: valuesOf(state, custom, state.customFields),
      }),
    ),
    userGroups: sorted(state.groups.values()).map(plain),
    positions: plain(state.positions),
    contacts: sorted(state.contacts.values()).map((contact) =>
      plain({
        ...contactRecord({ state, zone: ZONE }, contact),
        customFieldData: valuesOf(state, contact.custom, state.customFields),
        times: { created: contact.createdAt, changed: contact.changedAt },
        createdBy: contact.createdBy,
        createdDate: undefined,
        dateOfLastUpdate: undefined,
      }),
    ),
    contactGroups: plain(state.contactGroups),
    contactTemplates: plain(state.contactTemplates),
    contactProcesses: plain(state.contactProcesses),
    projectTemplates: plain(state.projectTemplates),
  };
}

function machine(state: State): Json {
  const { usage } = state;
  return plain({
    settings: state.settings,
    random: state.random,
    lastNow: state.lastNow,
    next: state.next,
    usage: {
      day: usage.day,
      remaining: usage.remaining,
      remainingAt: usage.remainingAt,
      buckets: [...usage.buckets],
    },
    deliveries: state.deliveries,
    queued: state.queued,
    syncs: [...state.syncs],
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Everything of an account, accepted again as a world. Lists are in the order of their numbers. */
export function dumpState(state: State): Json {
  const { account, settings } = state;
  return {
    ...(state.about === undefined ? {} : { about: state.about }),
    account: plain({
      ...account.more,
      name: account.name,
      baseUrl: account.baseUrl,
      now: timePointUtc(state.lastNow),
      timezone: settings.timezone,
      state: account.state,
      ownDomain: account.ownDomain,
      usedToday: state.usage.usedToday,
      plan: {
        perDay: settings['limits.perDay'],
        perSecond: settings['limits.perSecond'],
        maxFileBytes: settings['file.maxBytes'],
      },
    }),
    ...people(state),
    projects: sorted(state.projects.values()).map(({ more, custom, createdAt, ...project }) =>
      plain({
        ...more,
        ...project,
        customFieldData: valuesOf(state, custom, state.customFields),
        times: { created: createdAt },
      }),
    ),
    statuses: sorted(state.statuses.values()).map(plain),
    processes: sorted(state.processes.values()).map(plain),
    objects: sorted(state.objects.values()).map(plain),
    templates: plain(state.templates),
    customFields: sorted(state.customFields.values()).map(definition),
    directories: sorted(state.directories.values()).map((directory) =>
      plain({
        ...directory,
        fields: directory.fields.map(definition),
        entries: directory.entries.map(({ custom, ...entry }) => ({
          ...entry,
          customFieldData: valuesOf(state, custom, entryFields(state, directory)),
        })),
      }),
    ),
    dataTags: sorted(state.dataTags.values()).map(({ id, name, group, fields }) =>
      plain({ id, name, group, fields: fields.map(definition) }),
    ),
    dataTagEntries: [...state.dataTagEntries.values()].map(({ custom, ...entry }) => ({
      ...entry,
      customFieldData: valuesOf(
        state,
        custom,
        new Map(state.dataTags.get(entry.dataTag)?.fields.map((field) => [field.id, field])),
      ),
    })),
    tasks: state.taskIds.flatMap((id) => {
      const task = state.tasks.get(id);
      return task === undefined ? [] : [taskForm(state, task)];
    }),
    checklists: [...state.checklists]
      .sort(([a], [b]) => a - b)
      .map(([task, ids]) => ({
        task,
        items: ids.flatMap((id) => {
          const item = state.checklistItems.get(id);
          if (item === undefined) return [];
          return {
            id,
            name: item.name,
            parent: { id: item.parent ?? task },
            isDone: item.isDone,
            assignees: peopleAnswer(state, item.assignees),
            dateTime: timePoint(item.createdAt, ZONE),
            at: item.createdAt,
          };
        }),
      })),
    comments: sorted(state.comments.values()).map((comment) => commentForm(state, comment)),
    contactComments: [...state.contactComments.values()].map(({ contact, comment }) =>
      plain({
        ...(commentForm(state, comment) as object),
        task: undefined,
        contact: { id: `contact:${contact}` },
      }),
    ),
    files: sorted(state.files.values()).map((file) =>
      plain({
        id: file.id,
        name: file.name,
        size: kilobytes(file.bytes),
        bytes: file.bytes,
        base64: base64(fileBytes(file)),
        in: file.where,
        owner: file.owner,
        denied: file.denied ? 'all' : undefined,
      }),
    ),
    taskFilters: plain(state.taskFilters),
    scenarios: state.scenarios.map(scenarioForm),
    incomingWebhooks: plain(state.incomingWebhooks),
    web: state.web.map(({ url, name, bytes, content }) =>
      plain({ url, name, bytes, base64: content === undefined ? undefined : base64(content) }),
    ),
    machine: machine(state),
  };
}

function timePointUtc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
