/** The store in memory: for the laws, the simulation and rehearsals. Held equal to PostgreSQL by a model test. */
import { type AccountId, type Instant, type ItemId, type OperationId, type SpaceId } from '../errors/ids.ts';
import { type Lane, lanes } from '../sync/core/operation.ts';
import { type Trouble } from '../errors/trouble.ts';
import { type Item } from '../sync/core/item.ts';
import { type Replica } from '../sync/core/replica.ts';
import { decideGuard, type Guarded } from './guard.ts';
import { chain, firstPrev } from './journal.ts';
import {
  type AccountRow,
  type Claimed,
  type Commit,
  type Committed,
  type DueAspect,
  type DueTask,
  type JournalRow,
  type LoadedItem,
  type MappingRow,
  type OperationRow,
  type RejectedHint,
  type Store,
  type TokenRow,
  type Touch,
} from './port.ts';

interface Due {
  readonly account: AccountId;
  readonly task: DueTask;
  aspects: Set<DueAspect>;
  claimedAspects: Set<DueAspect>;
  lane: Lane;
  dueAt: Instant;
  busyUntil: Instant;
  generation: number;
  epoch: number;
  claimedUntil: Instant | null;
  attempts: number;
  trouble: Trouble | null;
  correlation: string;
}

/** Since when the work of a free row is due. */
const dueFrom = (row: Due): Instant => Math.min(row.dueAt, row.claimedUntil ?? row.dueAt);

export const moreUrgent = (a: Lane, b: Lane): Lane => (lanes.indexOf(a) <= lanes.indexOf(b) ? a : b);

const openStates = new Set(['intended', 'sent', 'queued', 'unknown']);

/** `salt` makes the salts of journal bodies. */
export function memoryStore(salt: () => string): Store {
  const due = new Map<AccountId, Map<DueTask, Due>>();
  const items = new Map<ItemId, { item: Item; version: number }>();
  const replicas = new Map<ItemId, Map<AccountId, Replica>>();
  const byTask = new Map<string, Set<ItemId>>();
  const operations = new Map<OperationId, OperationRow>();
  const itemOperations = new Map<ItemId, OperationId[]>();
  const journals = new Map<SpaceId, JournalRow[]>();
  const bodies = new Map<string, { salt: string; body: string }>();
  const accountRows = new Map<AccountId, AccountRow>();
  const mappings = new Map<SpaceId, MappingRow[]>();
  const tokens = new Map<AccountId, { row: TokenRow; leasedUntil: Instant }>();
  const cursors = new Map<string, string>();
  const changeLogs = new Map<string, { cursor: string | null; leasedUntil: Instant }>();
  const guarded = new Map<SpaceId, Map<ItemId, Guarded>>();
  const rejected: RejectedHint[] = [];
  const listeners = new Set<(account: AccountId) => void>();

  const taskKey = (account: AccountId, task: DueTask): string => `${account} ${task}`;
  const rowsOf = (account: AccountId): Map<DueTask, Due> => {
    const rows = due.get(account) ?? new Map<DueTask, Due>();
    due.set(account, rows);
    return rows;
  };

  function touchAll(touches: readonly Touch[]): void {
    for (const touch of touches) {
      const rows = rowsOf(touch.account);
      const row = rows.get(touch.task);
      if (!row) {
        rows.set(touch.task, {
          account: touch.account,
          task: touch.task,
          aspects: new Set(touch.aspects),
          claimedAspects: new Set(),
          lane: touch.lane,
          dueAt: touch.dueAt,
          busyUntil: 0,
          generation: 1,
          epoch: 0,
          claimedUntil: null,
          attempts: 0,
          trouble: null,
          correlation: touch.correlation,
        });
      } else {
        const dueAt = Math.max(touch.dueAt, row.busyUntil);
        const idle = row.aspects.size === 0;
        row.dueAt = idle ? dueAt : Math.min(row.dueAt, dueAt);
        row.lane = idle ? touch.lane : moreUrgent(row.lane, touch.lane);
        if (idle) row.correlation = touch.correlation;
        for (const aspect of touch.aspects) row.aspects.add(aspect);
        row.generation += 1;
      }
    }
    for (const account of new Set(touches.map((touch) => touch.account)))
      for (const listener of listeners) listener(account);
  }

  const held = (claim: Claimed): Due | undefined => {
    const row = due.get(claim.account)?.get(claim.task);
    return row && row.epoch === claim.epoch && row.claimedUntil !== null ? row : undefined;
  };

  function load(id: ItemId): LoadedItem | null {
    const found = items.get(id);
    if (!found) return null;
    const open = (itemOperations.get(id) ?? [])
      .map((one) => operations.get(one))
      .filter((row) => row !== undefined)
      .filter((row) => openStates.has(row.state));
    return {
      item: found.item,
      version: found.version,
      replicas: [...(replicas.get(id)?.values() ?? [])].sort((a, b) => (a.account < b.account ? -1 : 1)),
      open,
    };
  }

  function commitOne(commit: Commit): Committed {
    const { item, version } = commit;
    const present = items.get(item.id);
    if ((present?.version ?? 0) !== version) return { is: 'stale' };
    if (commit.claim && !held(commit.claim)) return { is: 'stale' };
    items.set(item.id, { item, version: version + 1 });
    const mine = replicas.get(item.id) ?? new Map<AccountId, Replica>();
    replicas.set(item.id, mine);
    for (const replica of commit.replicas) {
      const earlier = mine.get(replica.account);
      if (earlier) byTask.get(taskKey(replica.account, earlier.task ?? `new:${item.id}`))?.delete(item.id);
      mine.set(replica.account, replica);
      const key = taskKey(replica.account, replica.task ?? `new:${item.id}`);
      byTask.set(key, (byTask.get(key) ?? new Set()).add(item.id));
    }
    for (const row of commit.operations) {
      if (!operations.has(row.id))
        itemOperations.set(item.id, [...(itemOperations.get(item.id) ?? []), row.id]);
      operations.set(row.id, row);
    }
    if (commit.journal.length > 0) {
      const rows = journals.get(commit.space) ?? [];
      journals.set(commit.space, rows);
      const last = rows.at(-1);
      const head = { seq: last?.seq ?? 0, hash: last?.hash ?? firstPrev };
      for (const { row, salt: used, body } of chain(commit.space, head, commit.journal, salt)) {
        rows.push(row);
        bodies.set(row.content, { salt: used, body });
      }
    }
    touchAll(commit.touches);
    return { is: 'done', version: version + 1 };
  }

  return {
    async touch(touches) {
      touchAll(touches);
    },
    async claim(account, { now, limit, leaseMs, lookAheadMs }) {
      const free = [...(due.get(account)?.values() ?? [])].filter(
        (row) =>
          (row.aspects.size > 0 || row.claimedAspects.size > 0) &&
          (row.claimedUntil === null || row.claimedUntil <= now),
      );
      const chosen = free
        .filter((row) => dueFrom(row) <= now + lookAheadMs)
        .sort(
          (a, b) =>
            Number(dueFrom(a) > now) - Number(dueFrom(b) > now) ||
            lanes.indexOf(a.lane) - lanes.indexOf(b.lane) ||
            dueFrom(a) - dueFrom(b) ||
            (a.task < b.task ? -1 : 1),
        )
        .slice(0, limit);
      return chosen.map((row) => {
        for (const aspect of row.aspects) row.claimedAspects.add(aspect);
        row.aspects = new Set();
        row.epoch += 1;
        row.claimedUntil = now + leaseMs;
        return {
          account,
          task: row.task,
          aspects: [...row.claimedAspects].sort(),
          lane: row.lane,
          generation: row.generation,
          epoch: row.epoch,
          until: row.claimedUntil,
          attempts: row.attempts,
          correlation: row.correlation,
        };
      });
    },
    async renew(claims, until) {
      const kept = new Set<Claimed>();
      for (const claim of claims) {
        const row = held(claim);
        if (!row) continue;
        row.claimedUntil = Math.max(row.claimedUntil ?? until, until);
        kept.add(claim);
      }
      return kept;
    },
    async finish(finished) {
      for (const { claim, busyUntil } of finished) {
        const row = held(claim);
        if (!row) continue;
        row.claimedAspects = new Set();
        row.claimedUntil = null;
        row.attempts = 0;
        row.trouble = null;
        if (busyUntil !== null) {
          row.busyUntil = busyUntil;
          if (row.aspects.size > 0) row.dueAt = Math.max(row.dueAt, busyUntil);
        }
        if (row.aspects.size > 0) for (const listener of listeners) listener(claim.account);
      }
    },
    async defer(deferred) {
      for (const { claim, dueAt, trouble } of deferred) {
        const row = held(claim);
        if (!row) continue;
        for (const aspect of row.claimedAspects) row.aspects.add(aspect);
        row.claimedAspects = new Set();
        row.claimedUntil = null;
        row.dueAt = dueAt;
        row.attempts += 1;
        row.trouble = trouble;
      }
    },
    async nextDue(account, nth = 1) {
      const times = [...(due.get(account)?.values() ?? [])]
        .filter((row) => row.aspects.size > 0 || row.claimedAspects.size > 0)
        .map((row) => row.claimedUntil ?? row.dueAt)
        .sort((a, b) => a - b);
      return times[nth - 1] ?? null;
    },
    async due(account) {
      return [...due.values()]
        .flatMap((rows) => [...rows.values()])
        .filter(
          (row) =>
            (account === null || row.account === account) &&
            (row.aspects.size > 0 || row.claimedAspects.size > 0),
        )
        .sort((a, b) =>
          a.account === b.account ? (a.task < b.task ? -1 : 1) : a.account < b.account ? -1 : 1,
        )
        .map((row) => ({
          account: row.account,
          task: row.task,
          aspects: [...new Set([...row.aspects, ...row.claimedAspects])].sort(),
          lane: row.lane,
          dueAt: row.dueAt,
          attempts: row.attempts,
          trouble: row.trouble,
        }));
    },
    onTouched(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async loadByTask(refs) {
      const ids = new Set(
        refs.flatMap(({ account, task }) => [...(byTask.get(taskKey(account, task)) ?? [])]),
      );
      return [...ids].sort().flatMap((id) => load(id) ?? []);
    },
    async loadItems(ids) {
      return [...new Set(ids)].sort().flatMap((id) => load(id) ?? []);
    },
    async listItems(space) {
      return [...items.values()]
        .filter(({ item }) => space === null || item.space === space)
        .map(({ item }) => item.id)
        .sort();
    },
    async commit(commits) {
      return commits.map(commitOne);
    },
    async stalestThreads(account, readBefore, activeSince, limit) {
      return [...replicas.values()]
        .flatMap((mine) => mine.get(account) ?? [])
        .filter(
          (replica) =>
            replica.task !== null &&
            replica.state === 'live' &&
            (replica.threadReadAt ?? 0) < readBefore &&
            (replica.readAt ?? 0) >= activeSince,
        )
        .sort((a, b) => (a.threadReadAt ?? 0) - (b.threadReadAt ?? 0) || (a.item < b.item ? -1 : 1))
        .slice(0, limit)
        .flatMap((replica) => replica.task ?? []);
    },
    async operationsOf(item, limit) {
      const ids = itemOperations.get(item) ?? [];
      return ids
        .map((id) => operations.get(id))
        .filter((row) => row !== undefined)
        .reverse()
        .slice(0, limit);
    },
    async operationByMark(mark) {
      return [...operations.values()].reverse().find((row) => row.mark === mark) ?? null;
    },
    async openOperations(account) {
      return [...operations.values()].filter(
        (row) => openStates.has(row.state) && (account === null || row.account === account),
      );
    },
    async markSent(sends, at) {
      const marked = new Set<OperationId>();
      for (const { id, claim } of sends) {
        const row = operations.get(id);
        if (row?.state !== 'intended' || !held(claim)) continue;
        operations.set(id, { ...row, state: 'sent', attempts: row.attempts + 1, updatedAt: at });
        marked.add(id);
      }
      return marked;
    },
    async journal(space, fromSeq, limit) {
      return (journals.get(space) ?? []).filter((row) => row.seq >= fromSeq).slice(0, limit);
    },
    async journalBody(content) {
      return bodies.get(content) ?? null;
    },
    async eraseJournalBody(content) {
      bodies.delete(content);
    },
    async putAccount(row) {
      accountRows.set(row.account, row);
    },
    async accounts() {
      return [...accountRows.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
    },
    async tokens(account) {
      return tokens.get(account)?.row ?? null;
    },
    async putTokens(row) {
      if (row.version !== (tokens.get(row.account)?.row.version ?? 0) + 1) return false;
      tokens.set(row.account, { row, leasedUntil: 0 });
      return true;
    },
    async leaseTokens(account, version, now, until) {
      const kept = tokens.get(account);
      if (kept?.row.version !== version || kept.leasedUntil > now) return false;
      kept.leasedUntil = until;
      return true;
    },
    async freeTokens(account, until) {
      const kept = tokens.get(account);
      if (kept?.leasedUntil === until) kept.leasedUntil = 0;
    },
    async putMapping(row) {
      const rows = mappings.get(row.space) ?? [];
      if (row.version !== (rows.at(-1)?.version ?? 0) + 1) return false;
      mappings.set(row.space, [...rows, row]);
      return true;
    },
    async latestMappings() {
      return [...mappings.values()]
        .flatMap((rows) => rows.at(-1) ?? [])
        .sort((a, b) => (a.space < b.space ? -1 : 1));
    },
    async mapping(space, version) {
      return mappings.get(space)?.find((row) => row.version === version) ?? null;
    },
    async cursor(account, name) {
      return cursors.get(`${account} ${name}`) ?? null;
    },
    async putCursor(account, name, value) {
      cursors.set(`${account} ${name}`, value);
    },
    async openChangeLog(reader, now, until) {
      const kept = changeLogs.get(reader);
      if (kept !== undefined && kept.leasedUntil > now) return null;
      changeLogs.set(reader, { cursor: kept?.cursor ?? null, leasedUntil: until });
      return { cursor: kept?.cursor ?? null };
    },
    async keepChangeLog(reader, until, cursor) {
      const kept = changeLogs.get(reader);
      if (kept?.leasedUntil !== until) return false;
      kept.cursor = cursor;
      return true;
    },
    async closeChangeLog(reader, until) {
      const kept = changeLogs.get(reader);
      if (kept?.leasedUntil === until) kept.leasedUntil = 0;
    },
    async passGuard(space, asked, rule) {
      const rows = guarded.get(space) ?? new Map<ItemId, Guarded>();
      guarded.set(space, rows);
      const recent = [...rows].filter(([, row]) => row.state === 'passed' && row.at > rule.since);
      const went = new Set(recent.map(([id]) => id));
      return decideGuard(asked, rule, {
        stateOf: (id) => rows.get(id),
        went,
        open: async (also) =>
          [...items.values()].filter(
            ({ item }) =>
              item.space === space &&
              (also.has(item.id) ||
                (item.state === 'shared' && !rule.final.includes(item.fields.status?.value ?? ''))),
          ).length,
        keep: async (decided) => {
          for (const [id, state] of decided) rows.set(id, { state, at: rule.now });
        },
      });
    },
    async openGuard(space, asked, at) {
      const rows = guarded.get(space) ?? new Map<ItemId, Guarded>();
      const opened = [...rows].flatMap(([id, { state }]) =>
        state === 'held' && (asked === null || asked.includes(id)) ? [id] : [],
      );
      for (const id of opened) rows.set(id, { state: 'allowed', at });
      if (asked === null)
        for (const [id, { state }] of rows) if (state === 'passed') rows.set(id, { state: 'allowed', at });
      return opened.sort();
    },
    async rejectHint(hint) {
      rejected.push(hint);
    },
    async rejectedHints(limit) {
      return rejected.slice(-limit).reverse();
    },
    async close() {
      listeners.clear();
    },
  };
}
