/**
 * The one port behind which every CRM stands. Set-based: a request to read or write names many tasks, and the connector
 * finds the fewest HTTP requests. Types only. A connector knows nothing of mappings, roles or other accounts.
 */
import {
  type AccountId,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStageId,
  type LocalStatusId,
  type LocalTaskId,
} from '../errors/ids.ts';
import { type Trouble } from '../errors/trouble.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type AccountView, type LocalPerson } from '../sync/core/account.ts';
import { type FileSource, type Found, type Outcome, type Write } from '../sync/core/operation.ts';
import { type CommentsReading, type CommentWorld, type Reading } from '../sync/core/replica.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { type Findings } from './findings.ts';

export type Aspect = 'task' | 'comments' | 'deleted-comments';

export interface ReadRequest {
  readonly task: LocalTaskId;
  readonly aspects: readonly Aspect[];
  /** Read comments younger than this one only; null = all of them. */
  readonly commentsAfter: LocalCommentId | null;
  /** What an earlier reading told, so that nothing is asked twice. */
  readonly world: CommentWorld | null;
  readonly chat: string | null;
}

/** Where a sweep stands; plain data, only the connector reads it. */
export type SweepCursor = { readonly [key: string]: string | number | null };

export interface Swept {
  /** May name a task twice or one that did not change; may never miss one. */
  readonly tasks: readonly { readonly task: LocalTaskId; readonly aspects: readonly Aspect[] }[];
  readonly next: SweepCursor;
  /** True when more waits and `changedSince` should be called again with `next`. */
  readonly more: boolean;
}

/**
 * A record of changes that an account keeps for its acting user and hands out once. Reading on from a cursor lets the
 * account forget everything before it, for every reader of that user: one reads it at a time, and from a cursor whose
 * tasks are kept.
 */
export interface ChangeLog {
  /** Whose record it is: the same for all accounts that act as that user. */
  readonly reader: string;
  /** `null` = it was never read. Throws ConnectorError; an account without such a record tells nothing. */
  read(cursor: SweepCursor | null): Promise<Swept>;
}

/** A change log that is read by the way, in the requests of a reading, where that costs none of its own. */
export interface Alongside {
  readonly cursor: SweepCursor | null;
  /** Called once at most, before the reading ends; what is told there happened before the task was read. */
  told(swept: Swept): void;
}

export interface LocalStatus {
  readonly id: LocalStatusId;
  readonly name: string;
  /** Planfix objects that know it; null = all. */
  readonly objects: readonly string[] | null;
  readonly final: boolean;
  /** Each assignee has it for himself, and the task only when all of them have it. */
  readonly individual?: boolean;
}

/** A column of a group's kanban. */
export interface LocalStage {
  readonly id: LocalStageId;
  readonly name: string;
}

/** A task type of an account (Planfix "object"). */
export interface LocalObject {
  readonly id: string;
  readonly name: string;
}

export interface FileStream {
  readonly name: string;
  /** Exact bytes where known. */
  readonly size: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Comments of many tasks, read together. */
export interface RecentComments {
  /** What is not in them, nothing is said of. */
  readonly readings: ReadonlyMap<LocalTaskId, CommentsReading>;
  /** Rows that the account told. */
  readonly rows: number;
}

/** Opens a file of another account for a write; throws ConnectorError. */
export type OpenSource = (source: FileSource) => Promise<FileStream>;

/**
 * The moment after which no request of a write may go out; asked right before each of them. One that came too late was
 * surely not sent, and a write that ended so is `refused` with E-REMOTE-DOWN.
 */
export type NotAfter = () => Promise<Instant>;

/** A read, look-up or check that failed as a whole; writes never throw it, their outcome is a value. */
export class ConnectorError extends Error {
  readonly trouble: Trouble;
  /** Earliest sensible next try, when the account said so. */
  readonly retryAt: Instant | null;
  constructor(trouble: Trouble, retryAt: Instant | null = null, options?: ErrorOptions) {
    super(`${trouble.code} ${trouble.about}: ${trouble.answered ?? trouble.todo}`, options);
    this.name = 'ConnectorError';
    this.trouble = trouble;
    this.retryAt = retryAt;
  }
}

export interface CheckLine {
  /** `credential`, `acting user`, `right: write comments as others`, `zone`, … */
  readonly about: string;
  readonly state: 'ok' | 'warning' | 'failed' | 'unknown';
  readonly found: string;
  readonly todo?: string;
}

export interface Connector {
  readonly account: AccountId;
  readonly kind: CrmKind;
  /** Tasks that one reading takes, and writes that one request carries, at most. */
  readonly batch: { readonly read: number; readonly write: number };
  /** Longest time that the server works on a request whose answer was lost, ms: no look-up of an unknown outcome before. */
  readonly serverMaxMs: number;
  /** Throws ConnectorError only when nothing could be read at all (credential, account down, limit). */
  read(requests: readonly ReadRequest[], alongside?: Alongside): Promise<ReadonlyMap<LocalTaskId, Reading>>;
  /** One outcome for each write, in order. Never throws. */
  write(writes: readonly Write[], open: OpenSource, notAfter?: NotAfter): Promise<readonly Outcome[]>;
  /** Looks for the lasting effect of a creation whose answer was lost. Never throws. */
  find(write: Extract<Write, { kind: 'task.create' | 'comment.create' }>): Promise<Found>;
  /** `null` = begin now: the cursor of this moment, nothing listed. */
  changedSince(cursor: SweepCursor | null): Promise<Swept>;
  /** Absent where the CRM has none. */
  readonly changes?: ChangeLog;
  /**
   * Comments written since a moment or earlier, of whichever task, as they read now; `null` = this account does not list
   * them together. Absent where the CRM never does. Throws ConnectorError.
   */
  readonly recentComments?: (since: Instant) => Promise<RecentComments | null>;
  people(): Promise<readonly LocalPerson[]>;
  statuses(): Promise<readonly LocalStatus[]>;
  /** Columns of a group's kanban in their order, where the CRM tells them; none = it has none. Throws ConnectorError. */
  readonly stages?: (group: string) => Promise<readonly LocalStage[]>;
  /** Task types, where the CRM has them. Throws ConnectorError. */
  readonly objects?: () => Promise<readonly LocalObject[]>;
  openFile(task: LocalTaskId, comment: LocalCommentId | null, file: LocalFileId): Promise<FileStream>;
  /**
   * Probes of credential, rights, limits and features; what they find out is learnt. They only read, unless `scratch`
   * allows a task of the acting user's own, which is removed again and told of.
   */
  check(options?: { readonly scratch: boolean }): Promise<readonly CheckLine[]>;
  /** Learns what the account's plan and version give, reading only: at connecting, and now and then. Never throws. */
  readonly detect?: () => Promise<void>;
  /** Read-only: whether the configured zone is the acting user's, where times come without one. Never throws. */
  readonly proveZone?: () => Promise<CheckLine>;
  /** The account's people change rarely: the caller keeps them and hands them in. */
  view(people: readonly LocalPerson[]): AccountView;
}

/** Access tokens of an application, given by whoever keeps them. Both throw ConnectorError when none is to be had. */
export interface TokenSource {
  current(): Promise<string>;
  /** A token in place of `refused`, which the account no longer takes. */
  renew(refused: string): Promise<string>;
}

export interface ApplicationAccess {
  readonly tokens: TokenSource;
  /** Name under which the application queues events: our own changes that carry it are left out. null = no queue. */
  readonly eventsKey: string | null;
}

/** Another person or robot of an account, with a credential of its own: steps of a status may go out with it. */
export interface Actor {
  readonly person: LocalPersonId;
  /** In the form of the account's own, at the same server. */
  readonly url: string;
  /** Planfix: token. Bitrix24: the secret is in the URL. */
  readonly token: string | null;
  /** Has the rights of an administrator there, as whoever gave the credential says. */
  readonly administrator: boolean;
}

export interface AccountSettings {
  readonly account: AccountId;
  readonly kind: CrmKind;
  /** Planfix: `https://vesna.planfix.ru/rest`; Bitrix24: `https://vesna.bitrix24.ru/rest/1/secret`. No slash at the end. */
  readonly url: string;
  /** Planfix: token. Bitrix24: the secret is in the URL. */
  readonly token: string | null;
  /** Bitrix24 as an application: its token goes with each call, `url` is `https://vesna.bitrix24.ru/rest`. */
  readonly application?: ApplicationAccess;
  readonly actor: LocalPersonId;
  /** Others whose credentials the bridge has; everything but steps of a status is the acting user's. */
  readonly actors?: readonly Actor[];
  readonly organisation: string;
  /** IANA zone of the acting user (Planfix date and time without offset). */
  readonly zone: string;
  /** PEM of an extra certificate authority for this account's server (emulators). */
  readonly ca: string | null;
  readonly serverMaxMs: number;
  /** What earlier probes and answers told; absent: nothing is known, and what is learnt is not kept. */
  readonly findings?: Findings;
}

export type MakeConnector = (settings: AccountSettings, runtime: Runtime) => Connector;

/** What a webhook's body tells; the receiver stores the body first and asks afterwards. */
export type Hint =
  | { readonly is: 'task'; readonly task: LocalTaskId; readonly aspects: readonly Aspect[] }
  /** Ours to count and list, not to act on. */
  | { readonly is: 'nothing'; readonly why: string };

/** Reads a webhook's body; total: anything at all gives a list. Planfix: bodies broken by unescaped text still yield their number. */
export type ReadHints = (body: string, contentType: string | null) => readonly Hint[];
