/**
 * What the bridge keeps, as the engine, the webhooks and the commands use it. Two implementations: PostgreSQL and
 * in-memory, held equal by a model test. Everything is set-based: a call carries the work of a whole batch.
 */
import {
  type AccountId,
  type Instant,
  type ItemId,
  type LocalTaskId,
  type Mark,
  type OperationId,
  type SpaceId,
} from '../errors/ids.ts';
import { type Trouble } from '../errors/trouble.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type Item } from '../sync/core/item.ts';
import {
  type Lane,
  type OperationState,
  type Outcome,
  type PlannedOperation,
} from '../sync/core/operation.ts';
import { type Replica } from '../sync/core/replica.ts';

/** What a visit of a replica is to do: read one of the aspects, or only bring it to its projection. */
export const dueAspects = ['task', 'comments', 'deleted-comments', 'project'] as const;
export type DueAspect = (typeof dueAspects)[number];

/** A task that has work: a local task, or `new:<item>` for a replica that is to be created. */
export type DueTask = LocalTaskId | `new:${string}`;

/** A mark on a replica. Marks add up: aspects are united, the earliest time and the most urgent lane count. */
export interface Touch {
  readonly account: AccountId;
  readonly task: DueTask;
  readonly aspects: readonly DueAspect[];
  readonly lane: Lane;
  readonly dueAt: Instant;
  /** Follows the work from the hint to the write. */
  readonly correlation: string;
}

/** Work handed to one worker until `until`, or longer where it was renewed. */
export interface Claimed {
  readonly account: AccountId;
  readonly task: DueTask;
  readonly aspects: readonly DueAspect[];
  readonly lane: Lane;
  /** The mark's generation that this claim covers: what is touched later stays due. */
  readonly generation: number;
  /** Grows with every claim; a commit under an older epoch is refused. */
  readonly epoch: number;
  readonly until: Instant;
  readonly attempts: number;
  readonly correlation: string;
}

export interface Finish {
  readonly claim: Claimed;
  /** Touches of this task count from here on only: a burst of changes costs one visit. */
  readonly busyUntil: Instant | null;
}

/** Hands work back: it is tried again at `dueAt` and listed with its reason. */
export interface Defer {
  readonly claim: Claimed;
  readonly dueAt: Instant;
  readonly trouble: Trouble | null;
}

export interface DueRow {
  readonly account: AccountId;
  readonly task: DueTask;
  readonly aspects: readonly DueAspect[];
  readonly lane: Lane;
  readonly dueAt: Instant;
  readonly attempts: number;
  readonly trouble: Trouble | null;
}

export interface OperationRow {
  readonly id: OperationId;
  readonly item: ItemId;
  readonly account: AccountId;
  /** `new:<item>` until a creation has told its number. */
  readonly task: DueTask;
  readonly mark: Mark | null;
  readonly planned: PlannedOperation;
  readonly state: OperationState;
  readonly attempts: number;
  /** No look-up and no new try before. */
  readonly notBefore: Instant | null;
  readonly outcome: Outcome | null;
  readonly mappingVersion: number;
  readonly correlation: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** An operation that is about to go out, with the lease that it was planned under. */
export interface Send {
  readonly id: OperationId;
  readonly claim: Claimed;
}

/** Evidence: what was mirrored, said by whom. `body` goes beside the chain, so that it can be erased and the chain holds. */
export interface JournalEntry {
  readonly at: Instant;
  readonly kind: string;
  readonly item: ItemId;
  readonly account: AccountId;
  readonly actor: string;
  readonly operation?: OperationId;
  readonly body: string;
}

export interface JournalRow {
  readonly space: SpaceId;
  readonly seq: number;
  readonly at: Instant;
  readonly kind: string;
  readonly item: ItemId;
  readonly account: AccountId;
  readonly actor: string;
  readonly operation?: OperationId;
  /** Salted SHA-256 of the body, hex. */
  readonly content: string;
  /** `hash` of the row before; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256 of the row's canonical JSON (RFC 8785) without `hash`, hex. */
  readonly hash: string;
}

export interface LoadedItem {
  readonly item: Item;
  readonly version: number;
  readonly replicas: readonly Replica[];
  /** Operations without a known end. */
  readonly open: readonly OperationRow[];
}

/** One item's change, whole or not at all. */
export interface Commit {
  readonly space: SpaceId;
  readonly item: Item;
  /** Version that was loaded; 0 = the item is new. */
  readonly version: number;
  /** The lease under which the work was done; null for commands. */
  readonly claim: Claimed | null;
  readonly replicas: readonly Replica[];
  readonly operations: readonly OperationRow[];
  readonly touches: readonly Touch[];
  readonly journal: readonly JournalEntry[];
}

/** `stale`: somebody else changed the item, or the lease went to another worker; nothing of the commit was kept. */
export type Committed = { readonly is: 'done'; readonly version: number } | { readonly is: 'stale' };

export interface AccountRow {
  readonly account: AccountId;
  readonly kind: CrmKind;
  /** Encrypted settings (URL, token): only app/ can read them. */
  readonly sealed: string;
  readonly createdAt: Instant;
}

/** Tokens of an account that acts as an application; they change by themselves, unlike its settings. */
export interface TokenRow {
  readonly account: AccountId;
  /** 1 for the first. */
  readonly version: number;
  /** Encrypted; only app/ can read it. */
  readonly sealed: string;
}

export interface MappingRow {
  readonly space: SpaceId;
  readonly version: number;
  readonly source: string;
  readonly appliedAt: Instant;
}

/** How many items of a space may be closed or lose something within a time: the larger of the two numbers. */
export interface GuardRule {
  readonly now: Instant;
  readonly since: Instant;
  readonly allowedSince: Instant;
  /** Part (0 to 1) of the items that are open or were just to be closed. */
  readonly share: number;
  readonly atLeast: number;
  /** Statuses of the space's lifecycle in which an item is not open. */
  readonly final: readonly string[];
}

/** A webhook body that could not be used, or came with a wrong secret. */
export interface RejectedHint {
  readonly account: string;
  readonly at: Instant;
  readonly why: string;
  /** The first bytes, secrets removed. */
  readonly excerpt: string;
}

export interface Store {
  touch(touches: readonly Touch[]): Promise<void>;
  /**
   * Claims work of one account that is due, or will be within `lookAheadMs`: what is due first, most urgent, oldest.
   * What a worker left behind is due when its lease ends.
   */
  claim(
    account: AccountId,
    options: {
      readonly now: Instant;
      readonly limit: number;
      readonly leaseMs: number;
      readonly lookAheadMs: number;
    },
  ): Promise<readonly Claimed[]>;
  /** Keeps work in hand until `until` at least. Gives the claims that are still this worker's. */
  renew(claims: readonly Claimed[], until: Instant): Promise<ReadonlySet<Claimed>>;
  finish(finished: readonly Finish[]): Promise<void>;
  defer(deferred: readonly Defer[]): Promise<void>;
  /** When the account's next work is due, or the `nth` of it (1 = the next), claimed or not; null = there is none. */
  nextDue(account: AccountId, nth?: number): Promise<Instant | null>;
  due(account: AccountId | null): Promise<readonly DueRow[]>;
  /** Resolves when work may have come up for any account since the last call, or `signal` aborts. */
  onTouched(listener: (account: AccountId) => void): () => void;

  loadByTask(
    refs: readonly { readonly account: AccountId; readonly task: DueTask }[],
  ): Promise<readonly LoadedItem[]>;
  loadItems(ids: readonly ItemId[]): Promise<readonly LoadedItem[]>;
  listItems(space: SpaceId | null): Promise<readonly ItemId[]>;
  commit(commits: readonly Commit[]): Promise<readonly Committed[]>;
  /** Live tasks whose comments were read in full before `readBefore` or never, the longest ago first. */
  stalestThreads(
    account: AccountId,
    readBefore: Instant,
    activeSince: Instant,
    limit: number,
  ): Promise<readonly LocalTaskId[]>;
  operationsOf(item: ItemId, limit: number): Promise<readonly OperationRow[]>;
  operationByMark(mark: Mark): Promise<OperationRow | null>;
  openOperations(account: AccountId | null): Promise<readonly OperationRow[]>;
  /**
   * Kept right before a request goes out. Gives those that may go: still intended, and their lease still this worker's;
   * of the others nothing is changed.
   */
  markSent(sends: readonly Send[], at: Instant): Promise<ReadonlySet<OperationId>>;

  journal(space: SpaceId, fromSeq: number, limit: number): Promise<readonly JournalRow[]>;
  journalBody(content: string): Promise<{ readonly salt: string; readonly body: string } | null>;
  eraseJournalBody(content: string): Promise<void>;

  putAccount(row: AccountRow): Promise<void>;
  accounts(): Promise<readonly AccountRow[]>;
  tokens(account: AccountId): Promise<TokenRow | null>;
  /** Refuses (false) when the version is not the successor of the latest. Ends every lease. */
  putTokens(row: TokenRow): Promise<boolean>;
  /**
   * The right to renew tokens of this version, for one process at a time until `until`, which is also its name: no two
   * leases of a version may have the same. False when the version is another or a lease still runs.
   */
  leaseTokens(account: AccountId, version: number, now: Instant, until: Instant): Promise<boolean>;
  /** Hands a lease back unused; does nothing when it has ended. */
  freeTokens(account: AccountId, until: Instant): Promise<void>;
  /** Refuses (false) when the version is not the successor of the latest. */
  putMapping(row: MappingRow): Promise<boolean>;
  latestMappings(): Promise<readonly MappingRow[]>;
  mapping(space: SpaceId, version: number): Promise<MappingRow | null>;

  cursor(account: AccountId, name: string): Promise<string | null>;
  putCursor(account: AccountId, name: string, value: string): Promise<void>;

  /**
   * The right to read a change log, for one process at a time until `until`, which is also its name, and how far the log
   * was read; null while another lease runs.
   */
  openChangeLog(
    reader: string,
    now: Instant,
    until: Instant,
  ): Promise<{ readonly cursor: string | null } | null>;
  /** Refuses (false) when the lease is no longer this one: the log must not be read any further. */
  keepChangeLog(reader: string, until: Instant, cursor: string): Promise<boolean>;
  /** Hands a lease back; does nothing when it has ended. */
  closeChangeLog(reader: string, until: Instant): Promise<void>;

  /**
   * Which of these items may have their closing or deletions passed on now: those that did so since `since`, those that a
   * person let through since `allowedSince`, and as many others as keep within the limit; the rest is held until a person
   * lets it through. One decision at a time for a space.
   */
  passGuard(space: SpaceId, items: readonly ItemId[], rule: GuardRule): Promise<ReadonlySet<ItemId>>;
  /** Lets items through, or all that are held in the space (null), from where counting begins anew. Gives those let through. */
  openGuard(space: SpaceId, items: readonly ItemId[] | null, at: Instant): Promise<readonly ItemId[]>;

  rejectHint(hint: RejectedHint): Promise<void>;
  rejectedHints(limit: number): Promise<readonly RejectedHint[]>;
  close(): Promise<void>;
}
