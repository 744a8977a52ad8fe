/** Making an account's state of a world. */
import { type Address, type Instant, type Json, type SettingValue } from '../common/types.ts';
import { isObject } from './answers.ts';
import { DIRECTORY_FIELD } from './customFields.ts';
import { DAY, parseUtc } from './moments.ts';
import { nextId, orderedTouches } from './records.ts';
import { checkSettings, defaultSettings, type Settings } from './settings.ts';
import { type Contact, type Job, type NextIds, type State } from './state.ts';
import { renumberStatuses } from './statusIds.ts';
import { readForm, type JobForm, type WorldForm } from './worldForm.ts';
import { refOf, personOf, bytesOf, durationOf, without, byId, fieldOf } from './worldRead.ts';
import { addTasks, addFeed } from './worldTasks.ts';

export interface WorldOptions {
  readonly address: Address;
  readonly world: Json;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly seed: number;
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
    contactProcesses: form.contactProcesses.map(({ id, name }) => ({ id, name })),
    projectTemplates: form.projectTemplates.map(({ id, name }) => ({ id, name })),
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
        group: tag.group === undefined ? undefined : { id: tag.group.id, name: tag.group.name },
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
    contactComments: new Map(),
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
    deliveries: {
      waiting: [],
      inFlight: [],
      pausedUntil: 0,
      sent: 0,
      failed: 0,
      givenUp: 0,
      operations: { month: '', count: 0 },
      faults: [],
    },
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
  addNameFields(state, form);
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
      custom: new Map(),
      more: without(user, ['id', 'name', 'lastname', 'role', 'status', 'groups', 'customFieldData']),
    });
    for (const { id } of user.groups ?? []) {
      const members = state.groups.get(id)?.members;
      if (members !== undefined && !members.includes(`user:${user.id}`)) members.push(`user:${user.id}`);
    }
  }
  // A world tells no times of contacts and projects: they are older than anything that is asked for.
  const now = (state.startedAt ?? DAY) - DAY;
  const dumped = [
    'id',
    'name',
    'lastname',
    'isCompany',
    'isDeleted',
    'customFieldData',
    'times',
    'createdBy',
  ];
  for (const contact of [...form.contacts].sort((a, b) => a.id - b.id)) {
    const made: Contact = {
      id: contact.id,
      name: contact.name,
      lastname: contact.lastname ?? '',
      isCompany: contact.isCompany ?? false,
      isDeleted: contact.isDeleted ?? false,
      createdAt: contact.times?.created ?? now,
      createdBy: contact.createdBy,
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
      createdAt: project.times?.created ?? now,
      custom: new Map(),
      more: without(project, ['id', 'name', 'status', 'owner', 'customFieldData', 'times']),
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
      group: directory.group && { id: directory.group.id, name: directory.group.name },
      fields: (directory.fields ?? []).map((field) => fieldOf(field, DIRECTORY_FIELD)),
      entries: directory.entries.map((entry) => ({
        key: entry.key,
        parentKey: entry.parentKey ?? 0,
        name: entry.name ?? '',
        archived: entry.archived ?? false,
        isGroup: entry.isGroup ?? false,
        custom: new Map<number, Json>(),
      })),
      filters: directory.filters ?? [],
      denied: directory.denied,
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
    template: scenario.template,
    lastCommentFrom: scenario.lastCommentFrom,
    fields: scenario.fields,
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
    operations: { month: '', count: 0, ...deliveries.operations },
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
    comment: after([...state.comments.keys(), ...state.contactComments.keys()]),
    file: after(state.files.keys()),
    // People's numbers go on; those that companies have are skipped.
    contact: after([...state.contacts.values()].filter((one) => !one.isCompany).map((one) => one.id)),
    user: after(state.users.keys()),
    project: after(state.projects.keys()),
    entry: after(state.dataTagEntries.keys()),
    customField: after([
      ...state.customFields.keys(),
      ...[...state.dataTags.values(), ...state.directories.values()].flatMap(({ fields }) =>
        fields.map((field) => field.id),
      ),
    ]),
    job: 1,
  };
  const dumped: Readonly<Record<string, number>> = form.machine?.next ?? {};
  for (const row of Object.keys(found) as (keyof NextIds)[]) {
    state.next[row] = Math.max(found[row], dumped[row] ?? 0);
  }
}

/** A directory that tells no fields has at least the one of its entries' names. */
function addNameFields(state: State, form: WorldForm): void {
  for (const { id, fields } of form.directories) {
    const directory = state.directories.get(id);
    if (fields !== undefined || directory === undefined) continue;
    const field = { id: nextId(state, 'customField'), name: 'Название', type: 0 };
    directory.fields.push(fieldOf(field, DIRECTORY_FIELD));
  }
}

/** The moment that a world asks its clock to show. */
export function worldMoment(world: Json): Instant | undefined {
  const account = isObject(world) ? world['account'] : undefined;
  const now = isObject(account) ? account['now'] : undefined;
  return typeof now === 'string' ? parseUtc(now) : undefined;
}
