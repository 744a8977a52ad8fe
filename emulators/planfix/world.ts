/** Making an account's state of a world. */
import { type Address, type Instant, type Json, type SettingValue } from '../common/types.ts';
import { isObject } from './answers.ts';
import { storedValue } from './customFields.ts';
import { DAY, parseUtc, readMoment } from './moments.ts';
import { noPeople, personId } from './persons.ts';
import { checkSettings, defaultSettings, type Settings } from './settings.ts';
import { addChecklistItem, addComment, addTask, orderedTouches } from './records.ts';
import {
  type Contact,
  type CustomField,
  type DateChange,
  type Job,
  type Moment,
  type NextIds,
  type People,
  type State,
  type Task,
} from './state.ts';
import { renumberStatuses } from './statusIds.ts';
import { blankComment, blankTask } from './taskChange.ts';
import {
  readForm,
  type ChangeForm,
  type CommentForm,
  type CustomFieldForm,
  type CustomValuesForm,
  type JobForm,
  type PeopleForm,
  type PersonForm,
  type ReferenceForm,
  type TaskForm,
  type WorldForm,
} from './worldForm.ts';

export interface WorldOptions {
  readonly address: Address;
  readonly world: Json;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly seed: number;
}

/** Times of a world are UTC, whatever zone its account has. */
const ZONE = 'UTC';

function refOf(value: ReferenceForm | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : value.id;
}

function personOf(value: PersonForm | undefined, bare: 'user' | 'contact' = 'user'): string | undefined {
  if (value === undefined) return undefined;
  return personId(typeof value === 'object' ? value.id : value, bare);
}

function peopleOf(form: PeopleForm | readonly PersonForm[] | undefined): People {
  if (form === undefined) return noPeople();
  if (Array.isArray(form)) return { users: form.flatMap((one) => personOf(one) ?? []), groups: [] };
  const { users = [], groups = [] } = form as PeopleForm;
  return {
    users: users.flatMap((one) => personOf(one) ?? []),
    groups: groups.flatMap((one) => refOf(one) ?? []),
  };
}

function instantOf(value: Json | undefined): Instant | undefined {
  return readMoment(value, ZONE)?.at;
}

/** A planned date of a world, with its has… flags. */
function plannedOf(value: Json | undefined, hasDate = true, hasTime = true): Moment | undefined {
  const moment = hasDate ? readMoment(value, ZONE) : undefined;
  if (moment === undefined || hasTime) return moment;
  return { at: Math.floor(moment.at / DAY) * DAY, hasTime: false };
}

function bytesOf(form: { base64?: string | undefined; text?: string | undefined }): Uint8Array | undefined {
  if (form.base64 !== undefined) return new Uint8Array(Buffer.from(form.base64, 'base64'));
  return form.text === undefined ? undefined : new TextEncoder().encode(form.text);
}

/** `45s`, `1m`, `2h`, or milliseconds. */
function durationOf(value: string | number | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(value);
  if (match === null) throw new TypeError(`Planfix emulator: a scenario's delay can't be read: ${value}`);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY }[match[2] ?? 'ms'] ?? 1;
  return Number(match[1]) * unit;
}

function without(form: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, Json> {
  const rest: Record<string, Json> = {};
  for (const [key, value] of Object.entries(form)) {
    if (value !== undefined && !keys.includes(key)) rest[key] = value as Json;
  }
  return rest;
}

function byId<Value extends { id: number }>(values: readonly Value[]): Map<number, Value> {
  return new Map([...values].sort((a, b) => a.id - b.id).map((value) => [value.id, value]));
}

function fieldOf(form: CustomFieldForm, objectType: number): CustomField {
  return {
    id: form.id,
    name: form.name,
    type: form.type,
    objectType: form.objectType ?? objectType,
    enumValues: form.enumValues,
    directoryId: form.directoryId,
    more: without(form, ['id', 'name', 'type', 'objectType', 'enumValues', 'directoryId']),
  };
}

function settingsOf(form: WorldForm, given: Readonly<Record<string, SettingValue>> | undefined): Settings {
  const { plan, timezone } = form.account;
  const settings = defaultSettings();
  if (plan?.perDay !== undefined) settings['limits.perDay'] = plan.perDay;
  if (plan?.perSecond !== undefined) settings['limits.perSecond'] = plan.perSecond;
  if (plan?.maxFileBytes !== undefined) settings['file.maxBytes'] = plan.maxFileBytes;
  if (timezone !== undefined) settings.timezone = timezone;
  const dumped = (form.machine?.settings ?? {}) as Readonly<Record<string, SettingValue>>;
  // The numbers of the world's statuses are the dump's or the usual ones; other ones come by renumbering.
  const { 'status.systemIds': _wished, ...rest } = checkSettings(given ?? {});
  return Object.assign(settings, checkSettings(dumped), rest);
}

/** The account that a world describes. @throws TypeError with a readable text. */
export function stateOf(options: WorldOptions): State {
  const form = readForm(options.world);
  const settings = settingsOf(form, options.settings);
  const startedAt = form.account.now === undefined ? undefined : parseUtc(form.account.now);
  const state: State = {
    address: options.address,
    settings,
    random: form.machine?.random ?? options.seed | 0,
    startedAt,
    lastNow: form.machine?.lastNow ?? startedAt ?? 0,
    account: {
      name: form.account.name,
      baseUrl: form.account.baseUrl ?? `https://${form.account.name}.planfix.ru/rest`,
      timezone: settings.timezone,
      state: form.account.state ?? 'active',
      ownDomain: form.account.ownDomain,
      more: without(form.account, [
        'name',
        'baseUrl',
        'now',
        'timezone',
        'state',
        'usedToday',
        'ownDomain',
        'plan',
      ]),
    },
    tokens: new Map(),
    users: new Map(),
    groups: new Map(),
    positions: form.positions.map(({ id, name }) => ({ id, name })),
    contacts: new Map(),
    contactGroups: form.contactGroups.map(({ id, name }) => ({ id, name })),
    contactTemplates: form.contactTemplates.map(({ id, name }) => ({ id, name })),
    projects: new Map(),
    statuses: new Map(),
    processes: new Map(),
    objects: new Map(),
    templates: form.templates.map(({ id, name }) => ({ id, name })),
    customFields: byId(form.customFields.map((field) => fieldOf(field, 0))),
    directories: new Map(),
    dataTags: byId(
      form.dataTags.map((tag) => ({
        id: tag.id,
        name: tag.name,
        fields: tag.fields.map((field) => fieldOf(field, 4)),
      })),
    ),
    dataTagEntries: new Map(),
    tasks: new Map(),
    taskIds: [],
    touches: [],
    children: new Map(),
    checklistItems: new Map(),
    checklists: new Map(),
    comments: new Map(),
    commentsByTask: new Map(),
    files: new Map(),
    taskFilters: form.taskFilters,
    scenarios: [],
    incomingWebhooks: form.incomingWebhooks.map((hook) => ({ ...hook })),
    web: form.web.map((page) => {
      const content = bytesOf(page);
      return { url: page.url, name: page.name, bytes: content?.length ?? page.bytes ?? 0, content };
    }),
    next: { task: 1, comment: 1, file: 1, contact: 1, user: 1, project: 1, entry: 1, customField: 1, job: 1 },
    usage: {
      usedToday: form.account.usedToday ?? 0,
      day: form.machine?.usage.day,
      remaining: form.machine?.usage.remaining,
      remainingAt: form.machine?.usage.remainingAt ?? 0,
      buckets: new Map(form.machine?.usage.buckets.map(([key, { left, at }]) => [key, { left, at }])),
    },
    deliveries: { waiting: [], inFlight: [], pausedUntil: 0, sent: 0, failed: 0, givenUp: 0, faults: [] },
    queued: form.machine?.queued.map((update) => ({ ...update })) ?? [],
    syncs: new Map(form.machine?.syncs),
    about: form.about,
  };
  addPeople(state, form);
  addSets(state, form);
  addFiles(state, form);
  addTasks(state, form);
  addFeed(state, form);
  addScenarios(state, form);
  setNextIds(state, form);
  state.touches = orderedTouches(state.tasks.values());
  const statusIds = checkSettings(options.settings ?? {})['status.systemIds'];
  if (statusIds !== undefined) renumberStatuses(state, statusIds);
  return state;
}

function addPeople(state: State, form: WorldForm): void {
  for (const token of form.tokens) {
    state.tokens.set(token.token, {
      token: token.token,
      user: token.user,
      scopes: token.scopes ?? 'all',
      active: token.active ?? true,
      timezone: token.timezone,
    });
  }
  state.groups = byId(
    form.userGroups.map(({ id, name, members = [] }) => ({ id, name, members: [...members] })),
  );
  for (const user of [...form.users].sort((a, b) => a.id - b.id)) {
    state.users.set(user.id, {
      id: user.id,
      name: user.name,
      lastname: user.lastname ?? '',
      role: user.role ?? 'User',
      status: user.status ?? 'Active',
      more: without(user, ['id', 'name', 'lastname', 'role', 'status', 'groups']),
    });
    for (const { id } of user.groups ?? []) {
      const members = state.groups.get(id)?.members;
      if (members !== undefined && !members.includes(`user:${user.id}`)) members.push(`user:${user.id}`);
    }
  }
  // A world tells no times of contacts: they are older than anything that is asked for.
  const now = (state.startedAt ?? DAY) - DAY;
  const dumped = ['id', 'name', 'lastname', 'isCompany', 'isDeleted', 'customFieldData', 'times'];
  for (const contact of [...form.contacts].sort((a, b) => a.id - b.id)) {
    const made: Contact = {
      id: contact.id,
      name: contact.name,
      lastname: contact.lastname ?? '',
      isCompany: contact.isCompany ?? false,
      isDeleted: contact.isDeleted ?? false,
      createdAt: contact.times?.created ?? now,
      changedAt: contact.times?.changed ?? now,
      custom: new Map(),
      more: without(contact, dumped),
    };
    state.contacts.set(made.id, made);
  }
  state.projects = byId(
    form.projects.map((project) => ({
      id: project.id,
      name: project.name,
      status: refOf(project.status) ?? 2,
      owner: personOf(project.owner),
      more: without(project, ['id', 'name', 'status', 'owner']),
    })),
  );
}

function addSets(state: State, form: WorldForm): void {
  state.statuses = byId(
    form.statuses.map((status) => ({
      id: status.id,
      name: status.name,
      color: status.color ?? '#808080',
      isActive: status.isActive ?? true,
      hasDeadline: status.hasDeadline ?? false,
      isAppliedIndividually: status.isAppliedIndividually ?? false,
      texts: (status.texts ?? [{ lang: 'Ru', name: status.name }]).map(({ lang, name }) => ({ lang, name })),
    })),
  );
  state.processes = byId(
    form.processes.map((process) => ({
      id: process.id,
      name: process.name,
      statuses: [...process.statuses],
      commentsForbidden: process.commentsForbidden ?? [],
      transitions: process.transitions?.map(({ from, to }) => ({ from, to: [...to] })),
    })),
  );
  state.objects = byId(
    form.objects.map((object) => ({
      id: object.id,
      name: object.name,
      process: object.process,
      customFields: [...(object.customFields ?? [])],
      fieldsForbidden: object.fieldsForbidden ?? [],
    })),
  );
  state.directories = byId(
    form.directories.map((directory) => ({
      id: directory.id,
      name: directory.name,
      entries: directory.entries.map((entry) => ({
        key: entry.key,
        parentKey: entry.parentKey ?? 0,
        name: entry.name,
        archived: entry.archived ?? false,
        isGroup: entry.isGroup ?? false,
        custom: new Map<number, Json>(),
      })),
    })),
  );
}

function addFiles(state: State, form: WorldForm): void {
  for (const file of [...form.files].sort((a, b) => a.id - b.id)) {
    const content = bytesOf(file);
    state.files.set(file.id, {
      id: file.id,
      name: file.name,
      bytes: content?.length ?? file.bytes ?? 0,
      content,
      owner: file.owner,
      denied: file.denied === 'all' || file.denied === true,
      where: file.in,
    });
  }
}

function taskOf(state: State, form: TaskForm): Task {
  const object = state.objects.get(refOf(form.object) ?? -1);
  const created = form.times?.created ?? instantOf(form.dateTime) ?? state.startedAt ?? 0;
  return {
    ...blankTask(form.id, created),
    internalId: form.internalId,
    name: form.name,
    description: form.description ?? '',
    priority: form.priority === 'Urgent' ? 'Urgent' : 'NotUrgent',
    status: refOf(form.status) ?? state.settings['status.systemIds'].new,
    processId: form.processId ?? object?.process ?? 0,
    resultChecking: form.resultChecking ?? false,
    type: form.type ?? 'Task',
    assigner: personOf(form.assigner),
    parent: refOf(form.parent),
    object: refOf(form.object),
    template: refOf(form.template),
    project: refOf(form.project),
    counterparty: personOf(form.counterparty, 'contact'),
    start: plannedOf(form.startDateTime, form.hasStartDate, form.hasStartTime),
    end: plannedOf(form.endDateTime, form.hasEndDate, form.hasEndTime),
    delayedTill: plannedOf(form.delayedTillDate),
    completedAt: form.times?.completed ?? instantOf(form.actualCompletionDate),
    doneAt: form.times?.done,
    changedAt: form.times?.changed ?? instantOf(form.dateOfLastUpdate) ?? created,
    commentedAt: form.times?.commented,
    duration: form.duration,
    durationUnit: form.durationUnit,
    durationType: form.durationType,
    inFavorites: form.inFavorites ?? false,
    isSummary: form.isSummary ?? false,
    isSequential: form.isSequential ?? false,
    assignees: peopleOf(form.assignees),
    participants: peopleOf(form.participants),
    auditors: peopleOf(form.auditors),
    individualStatuses: (form.individualStatuses ?? []).map(({ id, status }) => ({ id, status })),
    recurrence: form.recurrence,
    isDeleted: form.isDeleted ?? false,
    files: (form.files ?? []).flatMap((file) => refOf(file) ?? []),
    tags: form.tags,
    sourceObjectId: form.sourceObjectId ?? undefined,
    sourceDataVersion: form.sourceDataVersion ?? undefined,
  };
}

/** Values in the answers' shapes; computed ones are taken as they stand. */
function addValues(
  state: State,
  to: Map<number, Json>,
  values: CustomValuesForm,
  fields: ReadonlyMap<number, CustomField>,
) {
  for (const { field, value } of values ?? []) {
    const known = fields.get(field.id);
    const stored = known === undefined ? value : storedValue(state, known, value, ZONE);
    if (stored !== undefined && stored !== null) to.set(field.id, stored);
  }
}

function addTasks(state: State, form: WorldForm): void {
  for (const task of [...form.tasks].sort((a, b) => a.id - b.id)) addTask(state, taskOf(state, task));
  // Only now: values may point to any task.
  for (const { id, customFieldData } of form.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined) addValues(state, task.custom, customFieldData, state.customFields);
  }
  for (const { id, customFieldData } of form.contacts) {
    const contact = state.contacts.get(id);
    if (contact !== undefined) addValues(state, contact.custom, customFieldData, state.customFields);
  }
  for (const directory of form.directories) {
    for (const { key, customFieldData } of directory.entries) {
      const entry = state.directories.get(directory.id)?.entries.find((candidate) => candidate.key === key);
      if (entry !== undefined) addValues(state, entry.custom, customFieldData, state.customFields);
    }
  }
  for (const { task, items } of form.checklists) {
    for (const item of items) {
      addChecklistItem(state, {
        id: item.id,
        task,
        name: item.name,
        isDone: item.isDone ?? false,
        assignees: peopleOf(item.assignees),
        createdAt: item.at ?? instantOf(item.dateTime) ?? state.startedAt ?? 0,
      });
    }
  }
}

function changeOf(form: ChangeForm | undefined): DateChange | undefined {
  if (form === undefined) return undefined;
  return {
    old: plannedOf(form.oldDateTime, true, form.hasOldTime),
    new: plannedOf(form.newDateTime, true, form.hasNewTime),
  };
}

function addFeedComment(state: State, form: CommentForm): { task: Task; at: Instant } {
  const task = state.tasks.get(refOf(form.task) ?? -1);
  if (task === undefined)
    throw new TypeError(`Planfix emulator: comment ${form.id} of this world has no task`);
  const owner = personOf(form.owner) ?? 'user:0';
  const at = form.at ?? instantOf(form.dateTime) ?? state.startedAt ?? 0;
  const { changeStatus } = form;
  addComment(state, {
    ...blankComment(form.id, task.id, owner, at),
    createdBy: form.createdBy ?? owner,
    system: form.system ?? false,
    type: form.type ?? 'Comment',
    fromType: form.fromType ?? (form.system === true ? 'None' : 'Planfix'),
    description: form.description ?? '',
    isDeleted: form.isDeleted ?? false,
    isPinned: form.isPinned ?? false,
    isHidden: form.isHidden ?? false,
    recipients: peopleOf(form.recipients),
    files: (form.files ?? []).flatMap((file) => refOf(file) ?? []),
    changeStatus:
      changeStatus === undefined
        ? undefined
        : { oldStatusId: changeStatus.oldStatusId, newStatusId: changeStatus.newStatusId },
    changeStart: changeOf(form.changeTaskStartDate),
    changeEnd: changeOf(form.changeTaskExpectDate),
    sourceObjectId: form.sourceObjectId ?? undefined,
    sourceDataVersion: form.sourceDataVersion ?? undefined,
  });
  return { task, at };
}

function addFeed(state: State, form: WorldForm): void {
  for (const comment of [...form.comments].sort((a, b) => a.id - b.id)) {
    const { task, at } = addFeedComment(state, comment);
    // A dump tells the exact moment of the last comment itself.
    const told = form.machine !== undefined || comment.system === true || comment.isDeleted === true;
    if (!told) task.commentedAt = Math.max(task.commentedAt ?? 0, at);
  }
  for (const entry of [...form.dataTagEntries].sort((a, b) => a.key - b.key)) {
    const task = refOf(entry.task) ?? 0;
    const custom = new Map<number, Json>();
    const fields = state.dataTags.get(entry.dataTag)?.fields ?? [];
    addValues(state, custom, entry.customFieldData, byId(fields));
    state.dataTagEntries.set(entry.key, {
      key: entry.key,
      dataTag: entry.dataTag,
      task,
      commentId: entry.commentId,
      custom,
    });
    state.comments.get(entry.commentId)?.dataTags.push({ dataTag: entry.dataTag, key: entry.key });
  }
}

function jobOf(form: JobForm): Job {
  const { rendered, settles } = form;
  return {
    id: form.id,
    scenario: form.scenario,
    task: form.task,
    comment: form.comment,
    dueAt: form.dueAt,
    attempts: form.attempts,
    rendered:
      rendered === undefined
        ? undefined
        : {
            method: rendered.method,
            url: rendered.url,
            headers: { ...rendered.headers },
            body: rendered.body,
          },
    inFlightSince: form.inFlightSince,
    settles: settles === undefined ? undefined : { at: settles.at, status: settles.status },
    delayAnswerMs: form.delayAnswerMs,
    answerStatus: form.answerStatus,
  };
}

function addScenarios(state: State, form: WorldForm): void {
  state.scenarios = form.scenarios.map((scenario) => ({
    id: scenario.id,
    name: scenario.name ?? '',
    on: scenario.on,
    request: {
      method: scenario.request.method,
      url: scenario.request.url,
      headers: { ...scenario.request.headers },
      body: scenario.request.body,
    },
    retry: scenario.retry ?? true,
    delayMs: durationOf(scenario.delay),
    restartCountdown: scenario.restartCountdown ?? false,
    enabled: scenario.enabled ?? true,
    authorNot: scenario.authorNot,
    author: scenario.author,
    object: scenario.object,
    project: scenario.project,
    status: scenario.status,
  }));
  const deliveries = form.machine?.deliveries;
  if (deliveries === undefined) return;
  state.deliveries = {
    waiting: deliveries.waiting.map(jobOf),
    inFlight: deliveries.inFlight.map(jobOf),
    pausedUntil: deliveries.pausedUntil,
    sent: deliveries.sent,
    failed: deliveries.failed,
    givenUp: deliveries.givenUp,
    faults: deliveries.faults.map(({ times, drop, double, delayMs, receiverStatus }) => ({
      times,
      drop,
      double,
      delayMs,
      receiverStatus,
    })),
  };
}

function setNextIds(state: State, form: WorldForm): void {
  const after = (ids: Iterable<number>) => {
    let last = 0;
    for (const id of ids) last = Math.max(last, id);
    return last + 1;
  };
  const found: NextIds = {
    task: after([...state.taskIds, ...state.checklistItems.keys()]),
    comment: after(state.comments.keys()),
    file: after(state.files.keys()),
    // People's numbers go on; those that companies have are skipped.
    contact: after([...state.contacts.values()].filter((one) => !one.isCompany).map((one) => one.id)),
    user: after(state.users.keys()),
    project: after(state.projects.keys()),
    entry: after(state.dataTagEntries.keys()),
    customField: after([
      ...state.customFields.keys(),
      ...[...state.dataTags.values()].flatMap((tag) => tag.fields.map((field) => field.id)),
    ]),
    job: 1,
  };
  const dumped: Readonly<Record<string, number>> = form.machine?.next ?? {};
  for (const row of Object.keys(found) as (keyof NextIds)[]) {
    state.next[row] = Math.max(found[row], dumped[row] ?? 0);
  }
}

/** The moment that a world asks its clock to show. */
export function worldMoment(world: Json): Instant | undefined {
  const account = isObject(world) ? world['account'] : undefined;
  const now = isObject(account) ? account['now'] : undefined;
  return typeof now === 'string' ? parseUtc(now) : undefined;
}
