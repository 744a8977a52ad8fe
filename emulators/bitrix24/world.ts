/** From a world (contracts' world.json or a dump of our own) to the state of a portal, and the small default world. */
import { type Address, type Instant, type Json, type SettingValue } from '../common/types.ts';
import { freshCrm, readCrm } from './crmWorld.ts';
import { emptyRecency } from './recency.ts';
import { checkedSetting, defaultSettings } from './settings.ts';
import { type Application, type Portal, type State } from './state.ts';
import { asList, asRecord } from './values.ts';
import {
  flagAt,
  idAt,
  idsAt,
  intAt,
  maybeInt,
  maybeText,
  momentAt,
  type Row,
  rowAt,
  rowsAt,
  textAt,
  textsAt,
} from './worldReader.ts';
import { completeDisk, readDisk } from './worldDisk.ts';
import { highest, readTasks } from './worldTasks.ts';

/** Where the clock of a world without `now` stands. */
export const defaultNow = Date.parse('2026-09-28T10:00:00+03:00');

export const allScopes = ['task', 'tasks', 'im', 'disk', 'user', 'sonet_group', 'department'];

const conditions: Readonly<Record<string, Portal['condition']>> = {
  overload: 'overload',
  deleted: 'deleted',
};

const readPortal = (row: Row): Portal => {
  const rate = asRecord(row['rate']);
  return {
    domain: textAt(row, 'domain', 'portal.bitrix24.ru'),
    memberId: textAt(row, 'member_id', '0'.repeat(32)),
    serverEndpoint: textAt(row, 'server_endpoint', 'https://oauth.bitrix24.tech/rest/'),
    utcOffset: textAt(row, 'utc_offset', '+03:00'),
    now: maybeText(row, 'now'),
    plan: textAt(row, 'plan', 'professional'),
    burst: intAt(rate, 'burst', 50),
    drainPerSecond: intAt(rate, 'drain_per_second', 2),
    operatingLimitSeconds: intAt(row, 'operating_limit_seconds', 480),
    restV3: flagAt(row, 'rest_v3', true),
    condition: conditions[textAt(row, 'state', 'active')] ?? 'active',
    formerDomains: textsAt(row, 'former_domains'),
    browserUser: maybeInt(row, 'browser_user'),
  };
};

const readApplication = (value: Json | undefined): Application | null => {
  if (value === undefined || value === null) return null;
  const row = rowAt(value, 'application');
  return {
    clientId: textAt(row, 'client_id'),
    clientSecret: textAt(row, 'client_secret'),
    redirectUri: textAt(row, 'redirect_uri'),
    handler: textAt(row, 'handler', '') || null,
    installPath: textAt(row, 'install_path', '') || null,
    apiOnly: flagAt(row, 'api_only', false),
    applicationToken: textAt(row, 'application_token'),
    scope: textsAt(row, 'scope'),
    status: textAt(row, 'status', 'L'),
    version: intAt(row, 'version', 1),
    installed: flagAt(row, 'installed', true),
    unfinished: flagAt(row, 'unfinished', false),
    paidUntil: momentAt(row, 'paid_until'),
    allowedUsers: row['allowed_users'] == null ? null : idsAt(row, 'allowed_users'),
    tokens: new Map(
      rowsAt(row['tokens'], 'application/tokens').map((token) => [
        textAt(token, 'access_token'),
        {
          token: textAt(token, 'access_token'),
          user: idAt(token, 'user', 'application/tokens'),
          expires: momentAt(token, 'expires'),
          expired: flagAt(token, 'expired', false),
        },
      ]),
    ),
    refreshTokens: new Map(
      rowsAt(row['refresh_tokens'], 'application/refresh_tokens').map((token) => [
        textAt(token, 'token'),
        {
          token: textAt(token, 'token'),
          user: idAt(token, 'user', 'application/refresh_tokens'),
          dead: flagAt(token, 'dead', false),
        },
      ]),
    ),
    codes: rowsAt(row['codes'], 'application/codes').map((code) => ({
      code: textAt(code, 'code'),
      user: idAt(code, 'user', 'application/codes'),
      issued: momentAt(code, 'issued') ?? 0,
      used: flagAt(code, 'used', false),
    })),
  };
};

const empty = (account: string, address: Address, seed: number, portal: Portal, now: Instant): State => ({
  account,
  address,
  chance: seed | 0,
  settings: defaultSettings(),
  portal,
  application: null,
  outgoing: null,
  handlers: [],
  placements: [],
  robots: [],
  options: new Map(),
  offline: [],
  hooks: new Map(),
  bucket: { level: 0, at: now },
  operating: new Map(),
  users: new Map(),
  departments: new Map(),
  groups: new Map(),
  customFields: [],
  crm: freshCrm(),
  tasks: new Map(),
  taskIds: [],
  changed: emptyRecency(),
  activity: emptyRecency(),
  checkItems: new Map(),
  comments: new Map(),
  chats: new Map(),
  messages: new Map(),
  templateIds: new Map(),
  storages: new Map(),
  folders: new Map(),
  files: new Map(),
  attachments: new Map(),
  links: new Map(),
  elapsed: new Map(),
  results: new Map(),
  imEvents: new Map(),
  idempotent: new Map(),
  next: new Map(),
  waiting: [],
  sendFaults: [],
  forcedStatus: new Map(),
  openings: new Map(),
  sent: 0,
  lost: 0,
  switched: false,
});

const readPeople = (state: State, world: Row): void => {
  for (const row of rowsAt(world['users'], 'users')) {
    const id = idAt(row, 'id', 'users');
    state.users.set(id, {
      id,
      name: textAt(row, 'name', `Пользователь ${id}`),
      position: textAt(row, 'position'),
      admin: flagAt(row, 'admin', false),
      type: textAt(row, 'type', 'employee'),
      active: flagAt(row, 'active', true),
      email: textAt(row, 'email'),
      departments: idsAt(row, 'departments'),
      hidden: flagAt(row, 'hidden', false),
      externalAuthId: textAt(row, 'external_auth_id'),
      extra: asRecord(row['extra']),
    });
  }
  for (const row of rowsAt(world['departments'], 'departments')) {
    const id = idAt(row, 'id', 'departments');
    state.departments.set(id, {
      id,
      name: textAt(row, 'name'),
      parent: maybeInt(row, 'parent'),
      head: maybeInt(row, 'head'),
      sort: intAt(row, 'sort', 500),
    });
  }
  for (const row of rowsAt(world['groups'], 'groups')) {
    const id = idAt(row, 'id', 'groups');
    state.groups.set(id, {
      id,
      name: textAt(row, 'name'),
      description: textAt(row, 'description'),
      owner: idAt(row, 'owner', `groups/${id}`),
      moderators: idsAt(row, 'moderators'),
      members: idsAt(row, 'members'),
      visible: flagAt(row, 'visible', true),
      opened: flagAt(row, 'opened', false),
      project: flagAt(row, 'project', false),
      extranet: flagAt(row, 'extranet', false),
      stages: rowsAt(row['stages'], `groups/${id}/stages`).map((stage) => ({
        id: idAt(stage, 'id', 'stages'),
        title: textAt(stage, 'title'),
        system: maybeText(stage, 'system'),
        color: textAt(stage, 'color', '00C4FB'),
      })),
    });
  }
  for (const row of rowsAt(world['custom_fields'], 'custom_fields')) {
    state.customFields.push({
      id: idAt(row, 'id', 'custom_fields'),
      name: textAt(row, 'name'),
      title: textAt(row, 'title'),
      type: textAt(row, 'type', 'string'),
      mandatory: flagAt(row, 'mandatory', false),
      multiple: flagAt(row, 'multiple', false),
      xmlId: textAt(row, 'xmlId', textAt(row, 'name')),
      sort: intAt(row, 'sort', 100),
    });
  }
};

const readAccess = (state: State, world: Row, now: Instant): void => {
  state.application = readApplication(world['application']);
  if (world['outgoing_webhook'] != null) {
    const row = rowAt(world['outgoing_webhook'], 'outgoing_webhook');
    state.outgoing = {
      applicationToken: textAt(row, 'application_token'),
      handlerId: textAt(row, 'event_handler_id', '1'),
      handler: maybeText(row, 'handler'),
      events: textsAt(row, 'events').map((event) => event.toUpperCase()),
    };
  }
  for (const row of rowsAt(world['incoming_webhooks'], 'incoming_webhooks')) {
    const secret = textAt(row, 'secret');
    state.hooks.set(secret, {
      user: idAt(row, 'user', 'incoming_webhooks'),
      secret,
      scope: textsAt(row, 'scope'),
    });
  }
  state.placements = rowsAt(world['placements'], 'placements').map((row) => ({
    placement: textAt(row, 'placement'),
    handler: textAt(row, 'handler'),
    user: intAt(row, 'user', 0),
    title: textAt(row, 'title', ''),
    description: textAt(row, 'description', ''),
    languages: asRecord(row['languages']),
    options: asRecord(row['options']),
  }));
  state.robots = textsAt(world, 'robots');
  state.options = new Map(
    Object.entries(asRecord(world['options'])).map(([owner, kept]) => [owner, asRecord(kept)]),
  );
  state.handlers = rowsAt(world['event_handlers'], 'event_handlers').map((row) => ({
    id: idAt(row, 'id', 'event_handlers'),
    event: textAt(row, 'event').toUpperCase(),
    handler: maybeText(row, 'handler'),
    user: idAt(row, 'user', 'event_handlers'),
    authType: intAt(row, 'auth_type', 0),
    offline: flagAt(row, 'offline', false),
    connector: maybeText(row, 'connector'),
    options: asRecord(row['options']),
    rang: momentAt(row, 'rang'),
  }));
  state.offline = rowsAt(world['offline_events'], 'offline_events').map((row) => ({
    id: idAt(row, 'id', 'offline_events'),
    messageId: textAt(row, 'message_id'),
    event: textAt(row, 'event').toUpperCase(),
    task: intAt(row, 'task', 0),
    data: row['data'] == null ? null : asRecord(row['data']),
    user: intAt(row, 'user', 0),
    connector: maybeText(row, 'connector'),
    date: momentAt(row, 'date') ?? now,
    process: maybeText(row, 'process_id'),
    reserved: momentAt(row, 'reserved') ?? (row['process_id'] == null ? null : now),
    error: flagAt(row, 'error', false),
  }));
  for (const row of rowsAt(world['operating_used'], 'operating_used')) {
    const key = `${textAt(row, 'secret')}|${textAt(row, 'method').toLowerCase()}`;
    const minutes = state.operating.get(key) ?? new Map<number, number>();
    const at = Math.floor((momentAt(row, 'at') ?? now) / 60_000);
    const spent = row['seconds'];
    minutes.set(at, (minutes.get(at) ?? 0) + (typeof spent === 'number' ? spent : 0));
    state.operating.set(key, minutes);
  }
};

const counters: readonly (readonly [string, (state: State) => Iterable<number>, number])[] = [
  ['task', (state) => state.tasks.keys(), 1],
  ['comment', (state) => state.comments.keys(), 1],
  ['checklist_item', (state) => state.checkItems.keys(), 1],
  ['disk_file', (state) => [...state.files.keys(), ...state.folders.keys()], 8801],
  ['message', (state) => state.messages.keys(), 1],
  ['attachment', (state) => state.attachments.keys(), 1],
  ['chat', (state) => state.chats.keys(), 1],
  ['elapsed', (state) => state.elapsed.keys(), 1],
  ['result', (state) => state.results.keys(), 1],
  ['offline_event', (state) => state.offline.map((row) => row.id), 1],
  ['handler', (state) => state.handlers.map((handler) => handler.id), 1],
  ['custom_field', (state) => state.customFields.map((field) => field.id), 1],
  ['user', (state) => state.users.keys(), 1],
  ['department', (state) => state.departments.keys(), 1],
  ['crm_item', (state) => [...state.crm.items.values()].map((item) => item.id), 1],
  ['crm_comment', (state) => state.crm.comments.keys(), 1],
  ['group', (state) => state.groups.keys(), 1],
  [
    'stage',
    (state) => [...state.groups.values()].flatMap((group) => group.stages.map((stage) => stage.id)),
    1,
  ],
  ['tag', (state) => [...state.tasks.values()].flatMap((task) => task.tags.map((tag) => tag.id)), 1],
  [
    'history',
    (state) => [...state.tasks.values()].flatMap((task) => task.history.map((entry) => entry.id)),
    1,
  ],
  ['forum_topic', (state) => [...state.tasks.values()].map((task) => task.forumTopic ?? 0), 1],
  ['storage', (state) => [...state.storages.keys()].filter((id) => id < 2500), 2466],
  ['folder', (state) => [...state.folders.keys()].filter((id) => id < 7800), 7790],
];

const setCounters = (state: State, given: Row): void => {
  for (const [kind, ids, least] of counters) {
    // Ids that a world names win over the highest number in use, as long as they are free.
    state.next.set(kind, intAt(given, kind, Math.max(least, highest(ids(state)) + 1)));
  }
  for (const [kind, value] of Object.entries(given)) {
    if (typeof value === 'number') state.next.set(kind, value);
  }
};

/**
 * Builds the state of a portal from a world.
 * @throws TypeError with a readable text for a world that it can't read
 */
export const readWorld = (options: {
  readonly account: string;
  readonly address: Address;
  readonly world: Json;
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly seed: number;
}): State => {
  const world = rowAt(options.world, 'world');
  const portalRow = rowAt(world['portal'], 'portal');
  const portal = readPortal(portalRow);
  const now = momentAt(portalRow, 'now') ?? defaultNow;
  const state = empty(options.account, options.address, options.seed, portal, now);
  if (portalRow['task_card'] === 'old') state.settings.set('taskCard.mode', 'old');
  for (const [name, value] of Object.entries({ ...asRecord(world['settings']), ...options.settings })) {
    state.settings.set(name, checkedSetting(name, value));
  }
  readPeople(state, world);
  readAccess(state, world, now);
  readDisk(state, world, now);
  completeDisk(state, now);
  // Chats and history lines made on the way take numbers above those that the world uses.
  const given = asRecord(world['next_ids']);
  state.next.set('chat', intAt(given, 'chat', 100_001));
  state.next.set('history', intAt(given, 'history', 24_001));
  state.next.set('forum_topic', intAt(given, 'forum_topic', 1701));
  readTasks(state, world, now);
  readCrm(state, world, now);
  const made = new Map(state.next);
  setCounters(state, given);
  for (const [kind, value] of made) state.next.set(kind, Math.max(value, state.next.get(kind) ?? 1));
  restore(state, world);
  return state;
};

/** What only a dump of our own holds: generator, subscriptions, idempotency, pending faults. */
const restore = (state: State, world: Row): void => {
  const emulator = asRecord(world['emulator']);
  if (typeof emulator['chance'] === 'number') state.chance = emulator['chance'];
  state.switched = flagAt(emulator, 'switched', false);
  const bucket = asRecord(emulator['bucket']);
  if (typeof bucket['level'] === 'number' && typeof bucket['at'] === 'number') {
    state.bucket = { level: bucket['level'], at: bucket['at'] };
  }
  for (const row of rowsAt(emulator['im_events'], 'emulator/im_events')) {
    state.imEvents.set(idAt(row, 'user', 'im_events'), {
      subscribed: flagAt(row, 'subscribed', true),
      events: rowsAt(row['events'], 'im_events/events').map((event) => ({
        id: idAt(event, 'id', 'im_events/events'),
        type: textAt(event, 'type'),
        date: momentAt(event, 'date') ?? 0,
        chat: intAt(event, 'chat', 0),
        data: event['data'] ?? null,
      })),
    });
  }
  for (const row of rowsAt(emulator['idempotent'], 'emulator/idempotent')) {
    state.idempotent.set(textAt(row, 'key'), {
      at: momentAt(row, 'at') ?? 0,
      body: textAt(row, 'body'),
      answer: textAt(row, 'answer'),
    });
  }
  for (const item of asList(emulator['template_ids'])) {
    const row = asRecord(item);
    state.templateIds.set(textAt(row, 'id'), intAt(row, 'message', 0));
  }
};
