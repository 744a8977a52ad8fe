/** The whole state of one emulated Bitrix24 portal: plain data, indexed by id. Ids are numbers, times are Instants. */
import { type Address, type Effect, type Instant, type Json, type SettingValue } from '../common/types.ts';
import { type Crm } from './crmWorld.ts';
import { type Placement } from './placements.ts';
import { type Recency } from './recency.ts';

export interface Portal {
  domain: string;
  memberId: string;
  serverEndpoint: string;
  /** `+03:00` as the world gave it; the setting `portal.zone` wins. */
  utcOffset: string;
  now: string | null;
  plan: string;
  burst: number;
  drainPerSecond: number;
  operatingLimitSeconds: number;
  restV3: boolean;
  condition: 'active' | 'overload' | 'deleted';
  formerDomains: string[];
  browserUser: number | null;
}

export interface AccessToken {
  token: string;
  user: number;
  expires: Instant | null;
  expired: boolean;
}

export interface RefreshToken {
  token: string;
  user: number;
  dead: boolean;
}

export interface Application {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** The page that a frame opens, and the one that it opens until the application is installed. */
  handler: string | null;
  installPath: string | null;
  /** Without an interface: the portal calls `installPath` by itself. */
  apiOnly: boolean;
  applicationToken: string;
  scope: string[];
  status: string;
  version: number;
  installed: boolean;
  /** Its installation page is still to call BX24.installFinish: its tokens work already, events wait. */
  unfinished: boolean;
  paidUntil: Instant | null;
  allowedUsers: number[] | null;
  tokens: Map<string, AccessToken>;
  refreshTokens: Map<string, RefreshToken>;
  codes: { code: string; user: number; issued: Instant; used: boolean }[];
}

export interface OutgoingWebhook {
  applicationToken: string;
  handlerId: string;
  handler: string | null;
  events: string[];
}

export interface Handler {
  id: number;
  event: string;
  handler: string | null;
  user: number;
  authType: number;
  offline: boolean;
  connector: string | null;
  options: { readonly [key: string]: Json };
  /** When ONOFFLINEEVENT was last sent to this handler. */
  rang: Instant | null;
}

export interface OfflineRow {
  id: number;
  messageId: string;
  event: string;
  task: number;
  /** `data` of the event, the ids as texts. */
  data: { readonly [key: string]: Json } | null;
  user: number;
  connector: string | null;
  date: Instant;
  process: string | null;
  reserved: Instant | null;
  error: boolean;
}

export interface Hook {
  user: number;
  secret: string;
  scope: string[];
}

export interface User {
  id: number;
  name: string;
  position: string;
  admin: boolean;
  type: string;
  active: boolean;
  email: string;
  departments: number[];
  hidden: boolean;
  externalAuthId: string;
  extra: { readonly [key: string]: Json };
}

export interface Department {
  id: number;
  name: string;
  parent: number | null;
  head: number | null;
  sort: number;
}

export interface Stage {
  id: number;
  title: string;
  system: string | null;
  color: string;
}

export interface Group {
  id: number;
  name: string;
  description: string;
  owner: number;
  moderators: number[];
  members: number[];
  visible: boolean;
  opened: boolean;
  project: boolean;
  extranet: boolean;
  stages: Stage[];
}

export interface HistoryEntry {
  id: number;
  at: Instant;
  field: string;
  from: string | null;
  to: string | null;
  user: number;
}

export interface Task {
  id: number;
  title: string;
  description: string;
  creator: number;
  responsible: number;
  accomplices: number[];
  auditors: number[];
  status: number;
  priority: number;
  mark: string | null;
  group: number;
  stage: number;
  parent: number | null;
  deadline: Instant | null;
  startPlan: Instant | null;
  endPlan: Instant | null;
  started: Instant | null;
  created: Instant;
  changed: Instant;
  activity: Instant;
  statusChanged: Instant | null;
  closed: Instant | null;
  changedBy: number;
  statusChangedBy: number | null;
  closedBy: number;
  control: boolean;
  allowChangeDeadline: boolean;
  allowTimeTracking: boolean;
  matchWorkTime: boolean;
  addInReport: boolean;
  estimate: number;
  xmlId: string | null;
  guid: string;
  card: 'new' | 'old';
  chat: number | null;
  forumTopic: number | null;
  tags: { id: number; title: string }[];
  crm: string[];
  attachments: number[];
  custom: { [name: string]: Json };
  /** SE_PARAMETER codes that are on: 1 dates from subtasks, 2 completes with subtasks, 3 result required. */
  parameters: number[];
  dependsOn: { task: number; type: number }[];
  checklist: number[];
  comments: number[];
  results: number[];
  elapsed: number[];
  history: HistoryEntry[];
  viewed: Map<number, Instant>;
  favoriteOf: number[];
  mutedOf: number[];
  pinnedOf: number[];
  version: number;
}

export interface CheckItem {
  id: number;
  task: number;
  parent: number;
  title: string;
  sort: number;
  complete: boolean;
  important: boolean;
  createdBy: number;
  toggledBy: number | null;
  toggled: Instant | null;
  members: { id: number; type: 'A' | 'U' }[];
}

export interface Comment {
  id: number;
  task: number;
  author: number;
  date: Instant;
  text: string;
  attachments: number[];
}

export interface Chat {
  id: number;
  task: number;
  members: number[];
  /** Message ids in ascending order. */
  messages: number[];
  /** The last message that is hidden from a member who was added without the history, by user. */
  hidden: Map<number, number>;
}

export interface Message {
  id: number;
  chat: number;
  author: number;
  date: Instant;
  text: string;
  files: number[];
  edited: boolean;
  deleted: boolean;
  /** Who likes it. */
  likes: number[];
  uuid: string | null;
  templateId: string | null;
  replyTo: number | null;
}

export interface Storage {
  id: number;
  name: string;
  entityType: 'user' | 'common' | 'group' | 'restapp';
  entityId: string;
  root: number;
}

export interface Folder {
  id: number;
  name: string;
  storage: number;
  parent: number;
  writableBy: number[] | null;
  createdBy: number;
  created: Instant;
  chat: number | null;
  /** When it was moved to the trash, and by whom. */
  trashed: { at: Instant; by: number } | null;
}

/** What a file held before it was overwritten. */
export interface PastVersion {
  number: number;
  name: string;
  bytes: Uint8Array;
  created: Instant;
  createdBy: number;
}

export interface DiskFile {
  id: number;
  name: string;
  size: number;
  storage: number;
  folder: number;
  chat: number | null;
  readableBy: number[] | null;
  /** Absent while the bytes of a file that the world names by size only were never asked for. */
  bytes: Uint8Array | null;
  createdBy: number;
  created: Instant;
  updated: Instant;
  version: number;
  past: PastVersion[];
  deleted: 0 | 3;
  /** When it was last moved to the trash, and by whom; stays when it comes back. */
  trashed: { at: Instant; by: number } | null;
}

export interface Attachment {
  id: number;
  disk: number;
  on: 'task' | 'comment' | 'result' | 'check item';
  /** The id of the task or comment. */
  owner: number;
  task: number;
  created: Instant;
  createdBy: number;
}

export interface Link {
  token: string;
  auth: string;
  user: number;
  file: number | null;
  folder: number | null;
  /** Number of an earlier version of the file; null for the present one. */
  version: number | null;
  once: boolean;
}

export interface Elapsed {
  id: number;
  task: number;
  user: number;
  seconds: number;
  text: string;
  created: Instant;
}

export interface TaskResult {
  id: number;
  task: number;
  author: number;
  text: string;
  created: Instant;
  updated: Instant | null;
  closed: boolean;
  message: number | null;
  comment: number | null;
  files: number[];
}

export interface ImEvent {
  id: number;
  type: string;
  date: Instant;
  chat: number;
  data: Json;
}

export interface CustomField {
  id: number;
  name: string;
  title: string;
  type: string;
  mandatory: boolean;
  multiple: boolean;
  xmlId: string;
  sort: number;
}

export interface SendFault {
  times: number;
  drop: boolean;
  double: boolean;
  delayMs: number;
  receiverStatus: number | null;
  applicationToken: string | null;
}

export interface State {
  account: string;
  address: Address;
  /** State of the seeded generator. */
  chance: number;
  settings: Map<string, SettingValue>;
  portal: Portal;
  application: Application | null;
  outgoing: OutgoingWebhook | null;
  handlers: Handler[];
  /** What the application put into the interface, and the codes of its automation rules. */
  placements: Placement[];
  robots: string[];
  /** What the application keeps in the portal, by owner: itself or a user. */
  options: Map<string, { readonly [key: string]: Json }>;
  offline: OfflineRow[];
  hooks: Map<string, Hook>;
  bucket: { level: number; at: Instant };
  /** Seconds used, by `credential|method`, in minutes. */
  operating: Map<string, Map<number, number>>;
  users: Map<number, User>;
  departments: Map<number, Department>;
  groups: Map<number, Group>;
  customFields: CustomField[];
  crm: Crm;
  tasks: Map<number, Task>;
  /** Ids of the tasks in ascending order. */
  taskIds: number[];
  changed: Recency;
  activity: Recency;
  checkItems: Map<number, CheckItem>;
  comments: Map<number, Comment>;
  chats: Map<number, Chat>;
  messages: Map<number, Message>;
  templateIds: Map<string, number>;
  storages: Map<number, Storage>;
  folders: Map<number, Folder>;
  files: Map<number, DiskFile>;
  attachments: Map<number, Attachment>;
  links: Map<string, Link>;
  elapsed: Map<number, Elapsed>;
  results: Map<number, TaskResult>;
  /** What was recorded for a user; after unsubscribe it stays until it is old or acknowledged. */
  imEvents: Map<number, { subscribed: boolean; events: ImEvent[] }>;
  idempotent: Map<string, { at: Instant; body: string; answer: string }>;
  next: Map<string, number>;
  /** Events that wait for their delay. */
  waiting: { at: Instant; effect: Effect }[];
  sendFaults: SendFault[];
  /** What receivers are taken to have answered, by delivery. */
  forcedStatus: Map<string, number>;
  /** Frames that were opened and whose page has not come yet, with the user. */
  openings: Map<string, number>;
  /** Events sent, and those that the receiver did not take: Bitrix24 never repeats them. */
  sent: number;
  lost: number;
  switched: boolean;
}

/** Takes the next id of a kind and moves the counter. */
export const nextId = (state: State, kind: string): number => {
  const id = state.next.get(kind) ?? 1;
  state.next.set(kind, id + 1);
  return id;
};

/** A number of 0 ≤ n < 1 from the seeded generator of the state (mulberry32). */
export const chance = (state: { chance: number }): number => {
  state.chance = (state.chance + 0x6d2b79f5) | 0;
  let t = Math.imul(state.chance ^ (state.chance >>> 15), 1 | state.chance);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

/** Lower-case hex of the given length from the seeded generator. */
export const randomHex = (state: { chance: number }, length: number): string => {
  let text = '';
  while (text.length < length) {
    text += Math.floor(chance(state) * 0x100000000)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, length);
};

/** People of a task in order of their part in it, each once. */
export const participants = (task: Task): number[] => [
  ...new Set([task.creator, task.responsible, ...task.accomplices, ...task.auditors]),
];

/** Inserts an id into an ascending list, at the end in the usual case. */
export const insertAscending = (ids: number[], id: number): void => {
  const last = ids.at(-1);
  if (last === undefined || last < id) {
    ids.push(id);
    return;
  }
  const at = lowerBound(ids, id);
  if (ids[at] !== id) ids.splice(at, 0, id);
};

/** Index of the first id that is not less than `id`. */
export const lowerBound = (ids: readonly number[], id: number): number => {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Removes an id from an ascending list. */
export const removeAscending = (ids: number[], id: number): void => {
  const at = lowerBound(ids, id);
  if (ids[at] === id) ids.splice(at, 1);
};
