/** The state of one emulated Planfix account: plain data, owned and changed by the machine alone. */
import { type Address, type Effect, type Instant, type Json } from '../common/types.ts';
import { type Settings } from './settings.ts';

/** A planned moment. Without time `at` is 00:00Z of the day, whatever zone the reader lives in. */
export interface Moment {
  at: Instant;
  hasTime: boolean;
}

/** People of a task in one role: `user:3`, `contact:12`; groups are bare numbers (section 6.3). */
export interface People {
  users: string[];
  groups: number[];
}

export interface Token {
  token: string;
  /** `user:1`. */
  user: string;
  scopes: 'all' | string[];
  active: boolean;
  timezone: string | undefined;
}

export interface User {
  id: number;
  name: string;
  lastname: string;
  role: string;
  status: string;
  custom: Map<number, Json>;
  /** Every other key of the answer: email, phones, position, telegram, … */
  more: Record<string, Json>;
}

export interface Group {
  id: number;
  name: string;
  members: string[];
}

export interface Contact {
  id: number;
  name: string;
  lastname: string;
  isCompany: boolean;
  isDeleted: boolean;
  createdAt: Instant;
  /** Who added it, `user:1`; the world need not say. */
  createdBy: string | undefined;
  changedAt: Instant;
  custom: Map<number, Json>;
  more: Record<string, Json>;
}

export interface Named {
  id: number;
  name: string;
}

export interface Project extends Named {
  status: number;
  owner: string | undefined;
  createdAt: Instant;
  custom: Map<number, Json>;
  more: Record<string, Json>;
}

export interface StatusText {
  lang: string;
  name: string;
}

export interface Status {
  id: number;
  name: string;
  color: string;
  isActive: boolean;
  hasDeadline: boolean;
  isAppliedIndividually: boolean;
  texts: StatusText[];
}

/** Who may not do a thing: every key that stands must hold. */
export interface Ban {
  status?: number | undefined;
  role?: string | undefined;
  user?: string | undefined;
  field?: string | undefined;
}

export interface Process extends Named {
  statuses: number[];
  commentsForbidden: Ban[];
  transitions: { from: number; to: number[] }[] | undefined;
}

export interface TaskObject extends Named {
  process: number;
  customFields: number[];
  fieldsForbidden: Ban[];
}

export interface CustomField {
  id: number;
  name: string;
  type: number;
  objectType: number;
  enumValues: string[] | undefined;
  directoryId: number | undefined;
  more: Record<string, Json>;
}

export interface DirectoryEntry {
  key: number;
  parentKey: number;
  name: string;
  archived: boolean;
  isGroup: boolean;
  custom: Map<number, Json>;
}

export interface Directory extends Named {
  group: Named | undefined;
  /** Its own custom fields; the first line holds the names of the entries. */
  fields: CustomField[];
  entries: DirectoryEntry[];
  /** Saved filters of its entries. */
  filters: Record<string, Json>[];
  /** No token may touch it (`all`), or none may change its entries (`writes`). */
  denied: 'all' | 'writes' | undefined;
}

export interface DataTag extends Named {
  group: Named | undefined;
  fields: CustomField[];
}

export interface DataTagEntry {
  key: number;
  dataTag: number;
  /** 0 when its comment is one of a contact card. */
  task: number;
  commentId: number;
  custom: Map<number, Json>;
}

export interface Task {
  id: number;
  internalId: number | undefined;
  name: string;
  description: string;
  priority: 'Urgent' | 'NotUrgent';
  status: number;
  processId: number;
  resultChecking: boolean;
  type: string;
  assigner: string | undefined;
  parent: number | undefined;
  object: number | undefined;
  template: number | undefined;
  project: number | undefined;
  counterparty: string | undefined;
  createdAt: Instant;
  start: Moment | undefined;
  end: Moment | undefined;
  delayedTill: Moment | undefined;
  completedAt: Instant | undefined;
  doneAt: Instant | undefined;
  changedAt: Instant;
  commentedAt: Instant | undefined;
  duration: number | undefined;
  durationUnit: string | undefined;
  durationType: string | undefined;
  inFavorites: boolean;
  isSummary: boolean;
  isSequential: boolean;
  assignees: People;
  participants: People;
  auditors: People;
  individualStatuses: { id: string; status: number }[];
  recurrence: Json | undefined;
  isDeleted: boolean;
  /** Field id to its stored value (form: customFields.ts). */
  custom: Map<number, Json>;
  /** Files of the description. */
  files: number[];
  tags: Json | undefined;
  sourceObjectId: string | undefined;
  sourceDataVersion: string | undefined;
}

/** A moved date in a system entry; the moments are absent when there was or is none. */
export interface DateChange {
  old: Moment | undefined;
  new: Moment | undefined;
}

export interface Comment {
  id: number;
  task: number;
  /** The shown author. */
  owner: string;
  /** Whose token or hands wrote it; differs from the owner when an administrator wrote in another's name. */
  createdBy: string;
  /** An entry of the system, seen only in `typeList:"All"`. */
  system: boolean;
  createdAt: Instant;
  type: string;
  fromType: string;
  description: string;
  isDeleted: boolean;
  isPinned: boolean;
  isHidden: boolean;
  recipients: People;
  files: number[];
  dataTags: { dataTag: number; key: number }[];
  changeStatus: { oldStatusId: number; newStatusId: number } | undefined;
  changeStart: DateChange | undefined;
  changeEnd: DateChange | undefined;
  sourceObjectId: string | undefined;
  sourceDataVersion: string | undefined;
}

/** A comment of a contact card; its `task` is 0. */
export interface ContactComment {
  contact: number;
  comment: Comment;
}

export interface ChecklistItem {
  id: number;
  task: number;
  /** The item above it; undefined = it stands right under the task. */
  parent: number | undefined;
  name: string;
  isDone: boolean;
  assignees: People;
  createdAt: Instant;
}

export interface StoredFile {
  id: number;
  name: string;
  /** Byte count; the bytes themselves are made from the id when `content` is absent. */
  bytes: number;
  content: Uint8Array | undefined;
  owner: string | undefined;
  /** No token may touch it. */
  denied: boolean;
  /** Free words of the world about where the file hangs. */
  where: string | undefined;
}

export interface ScenarioRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** An automatic scenario whose one operation is an HTTP request (section 13). */
export interface Scenario {
  id: number;
  name: string;
  on: string;
  request: ScenarioRequest;
  retry: boolean;
  /** Milliseconds between the event and the execution. */
  delayMs: number;
  /** A new event of the same task starts the delay anew. */
  restartCountdown: boolean;
  enabled: boolean;
  /** Conditions; an absent one always holds. */
  authorNot: string[] | undefined;
  author: string[] | undefined;
  object: number[] | undefined;
  project: number[] | undefined;
  status: number[] | undefined;
  template: number[] | undefined;
  lastCommentFrom: CommentAuthor[] | undefined;
  /** Of `field.changed`: keys of the API, numbers of custom fields; absent = any. */
  fields: string[] | undefined;
}

export type CommentAuthor = 'employee' | 'contact' | 'robot';

export interface IncomingWebhook {
  id: number;
  address: string;
  user: string;
  parameters: string[];
  operation: Record<string, Json>;
  answer: string;
}

/** One execution of a scenario: waiting for its time, in the thread, in flight, or waiting for its repetition. */
export interface Job {
  id: number;
  scenario: number;
  task: number;
  comment: number | undefined;
  dueAt: Instant;
  /** Attempts already made. */
  attempts: number;
  /** The request as first rendered. */
  rendered: ScenarioRequest | undefined;
  inFlightSince: Instant;
  /** The answer that is known but (a fault says so) arrives only at this moment. */
  settles: { at: Instant; status: number } | undefined;
  delayAnswerMs: number;
  answerStatus: number | undefined;
}

export interface SendFault {
  times: number;
  drop: boolean;
  double: boolean;
  delayMs: number | undefined;
  receiverStatus: number | undefined;
}

/** An update answered with 202 that is applied later. */
export interface QueuedUpdate {
  at: Instant;
  task: number;
  body: Record<string, Json>;
  actor: Actor;
  silent: boolean;
}

export interface NextIds {
  task: number;
  comment: number;
  file: number;
  contact: number;
  user: number;
  project: number;
  entry: number;
  customField: number;
  job: number;
}

/** On whose behalf something happens. */
export interface Actor {
  /** `user:1` or `contact:12`. */
  person: string;
  admin: boolean;
  /** IANA name. */
  zone: string;
}

export interface Account {
  name: string;
  baseUrl: string;
  timezone: string;
  state: string;
  ownDomain: string | undefined;
  more: Record<string, Json>;
}

export interface Usage {
  /** Requests of the day `day` (UTC midnight) already made. */
  usedToday: number;
  day: Instant | undefined;
  /** The remembered value of X-RateLimit-Remaining. */
  remaining: number | undefined;
  remainingAt: Instant;
  /** Per account (key "") or token: what is left of the burst and when that was computed. */
  buckets: Map<string, { left: number; at: Instant }>;
}

export interface Deliveries {
  /** Not yet sent, or waiting for a repetition: by dueAt, then by id. */
  waiting: Job[];
  inFlight: Job[];
  pausedUntil: Instant;
  sent: number;
  failed: number;
  givenUp: number;
  /** Automatic operations of the month (UTC, `2026-11`): what a plan limits. */
  operations: { month: string; count: number };
  faults: SendFault[];
}

export interface State {
  address: Address;
  settings: Settings;
  /** Seed of the generator; changes with each draw. */
  random: number;
  /** The `now` of the world it was made from. */
  startedAt: Instant | undefined;
  /** The latest moment that it has seen. */
  lastNow: Instant;
  account: Account;
  tokens: Map<string, Token>;
  users: Map<number, User>;
  groups: Map<number, Group>;
  positions: Named[];
  contacts: Map<number, Contact>;
  contactGroups: Named[];
  contactTemplates: Named[];
  contactProcesses: Named[];
  projectTemplates: Named[];
  projects: Map<number, Project>;
  statuses: Map<number, Status>;
  processes: Map<number, Process>;
  objects: Map<number, TaskObject>;
  templates: Named[];
  customFields: Map<number, CustomField>;
  directories: Map<number, Directory>;
  dataTags: Map<number, DataTag>;
  dataTagEntries: Map<number, DataTagEntry>;
  tasks: Map<number, Task>;
  /** Ascending. */
  taskIds: number[];
  /** Every touch of a task in order of time: what the sweep filters read from its end. */
  touches: { at: Instant; task: number }[];
  children: Map<number, Set<number>>;
  checklistItems: Map<number, ChecklistItem>;
  checklists: Map<number, number[]>;
  comments: Map<number, Comment>;
  commentsByTask: Map<number, number[]>;
  contactComments: Map<number, ContactComment>;
  files: Map<number, StoredFile>;
  taskFilters: Record<string, Json>[];
  scenarios: Scenario[];
  incomingWebhooks: IncomingWebhook[];
  web: { url: string; name: string; bytes: number; content: Uint8Array | undefined }[];
  next: NextIds;
  usage: Usage;
  deliveries: Deliveries;
  queued: QueuedUpdate[];
  /** Application (sourceId) to the moment of its last contact sync. */
  syncs: Map<string, Instant>;
  about: string | undefined;
}

/** What lies behind a change: who, over REST or by hand, and whether silent. */
export interface Cause {
  readonly actor: Actor;
  readonly api: boolean;
  readonly silent: boolean;
}

/** A step of the machine in progress: where its effects are collected. */
export interface Step {
  readonly state: State;
  readonly now: Instant;
  readonly effects: Effect[];
}
