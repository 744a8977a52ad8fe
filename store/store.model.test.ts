/** The store in memory and PostgreSQL are one: the same commands get the same answers from both. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AccountId,
  as,
  type ItemId,
  type LifecycleStatus,
  type LocalTaskId,
  type Mark,
  type OperationId,
  type SpaceId,
} from '../errors/ids.ts';
import { type Item } from '../sync/core/item.ts';
import { lanes, type OperationState } from '../sync/core/operation.ts';
import { type Replica } from '../sync/core/replica.ts';
import { testDatabase, type TestDatabase } from '../tests/database.ts';
import { brokenAt } from './journal.ts';
import { memoryStore } from './memory.ts';
import {
  type Claimed,
  type Commit,
  dueAspects,
  type LoadedItem,
  type Send,
  type Store,
  type Touch,
} from './port.ts';
import { connectKysely } from './postgres/connection.ts';
import { postgresStore } from './postgres/store.ts';

let database: TestDatabase;
let opened: ReturnType<typeof connectKysely<unknown>>;
let real: Store;
let realSalts = 0;

beforeAll(async () => {
  database = await testDatabase();
  const { connectionString } = database;
  opened = connectKysely<unknown>(connectionString, { max: 3, name: 'svyazka model' });
  real = await postgresStore({
    db: opened,
    connectionString,
    salt: () => `salt ${String((realSalts += 1))}`,
    log: { warn: () => undefined },
  });
});

afterAll(async () => {
  await real.close();
  await opened.destroy();
  await database.drop();
});

/** Texts that a database may choke on: NUL, halves of a character, emoji. */
const aText = fc.constantFrom('просто', 'a\u0000b', '\ud800', '\udfff конец', '👍🏽', '', '"\\\'', '\u2028');

const aPlainText = fc.constantFrom('просто', '👍🏽', '', '"\\\'', '\u2028');

type Command =
  | { readonly do: 'touch'; readonly touches: readonly (readonly [number, number, number, number, number])[] }
  | { readonly do: 'claim'; readonly account: number; readonly limit: number; readonly lookAheadMs: number }
  | { readonly do: 'renew'; readonly which: number; readonly forMs: number }
  | { readonly do: 'finish'; readonly which: number; readonly busyMs: number | null }
  | { readonly do: 'defer'; readonly which: number; readonly inMs: number; readonly text: string }
  | {
      readonly do: 'commit';
      readonly item: number;
      readonly stale: boolean;
      readonly text: string;
      readonly task: number | null;
      readonly state: OperationState;
      readonly withClaim: boolean;
    }
  | { readonly do: 'sent'; readonly item: number; readonly back: number }
  | { readonly do: 'mapping'; readonly version: number; readonly text: string }
  | { readonly do: 'cursor'; readonly name: string; readonly text: string }
  | { readonly do: 'tokens'; readonly version: number; readonly text: string }
  | { readonly do: 'lease'; readonly version: number; readonly forMs: number; readonly free: boolean }
  | {
      readonly do: 'log';
      readonly forMs: number;
      readonly late: boolean;
      readonly text: string;
      readonly close: boolean;
    }
  | {
      readonly do: 'guard';
      readonly asked: readonly number[];
      readonly share: number;
      readonly atLeast: number;
    }
  | { readonly do: 'open'; readonly which: number | null }
  | { readonly do: 'hint'; readonly text: string }
  | { readonly do: 'erase' }
  | { readonly do: 'wait'; readonly ms: number };

const small = fc.nat({ max: 2 });

const aCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('touch' as const),
      touches: fc.array(
        fc.tuple(
          small,
          small,
          fc.nat({ max: 3 }),
          fc.nat({ max: 4 }),
          fc.constantFrom(0, 0, 10, 2_500, 3_600_000),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      account: fc.nat({ max: 1 }),
      limit: fc.integer({ min: 1, max: 3 }),
      lookAheadMs: fc.constantFrom(0, 2_000),
    }),
  },
  fc.record({
    do: fc.constant('renew' as const),
    which: fc.nat({ max: 5 }),
    forMs: fc.constantFrom(5, 60_000),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      which: fc.nat({ max: 5 }),
      busyMs: fc.option(fc.nat({ max: 3_000 })),
    }),
  },
  fc.record({
    do: fc.constant('defer' as const),
    which: fc.nat({ max: 5 }),
    inMs: fc.nat({ max: 3_000 }),
    text: aText,
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      item: small,
      stale: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
      text: aText,
      task: fc.option(fc.nat({ max: 2 })),
      state: fc.constantFrom<OperationState>('intended', 'sent', 'unknown', 'queued', 'done', 'refused'),
      withClaim: fc.boolean(),
    }),
  },
  fc.record({ do: fc.constant('sent' as const), item: small, back: fc.constantFrom(0, 0, 1) }),
  fc.record({
    do: fc.constant('mapping' as const),
    version: fc.integer({ min: 1, max: 3 }),
    text: aPlainText,
  }),
  fc.record({ do: fc.constant('cursor' as const), name: fc.constantFrom('a', 'b'), text: aPlainText }),
  fc.record({
    do: fc.constant('tokens' as const),
    version: fc.integer({ min: 1, max: 3 }),
    text: aPlainText,
  }),
  fc.record({
    do: fc.constant('lease' as const),
    version: fc.integer({ min: 1, max: 3 }),
    forMs: fc.constantFrom(5, 30, 20_000),
    free: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('log' as const),
    forMs: fc.constantFrom(5, 30, 20_000),
    late: fc.boolean(),
    text: aPlainText,
    close: fc.boolean(),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('guard' as const),
      asked: fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
      share: fc.constantFrom(0.2, 0.7, 1),
      atLeast: fc.nat({ max: 2 }),
    }),
  },
  fc.record({ do: fc.constant('open' as const), which: fc.option(small) }),
  fc.record({ do: fc.constant('hint' as const), text: aPlainText }),
  fc.record({ do: fc.constant('erase' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 40_000 }) }),
);

/** A worker's way with one task, which chance alone would seldom find. */
const aWay: fc.Arbitrary<Command[]> = fc
  .record({ item: small, text: aText, task: fc.nat({ max: 2 }), back: fc.constantFrom(0, 0, 1) })
  .map(({ item, text, task, back }) => [
    { do: 'touch', touches: [[1, task, 0, 0, 0]] },
    { do: 'claim', account: 1, limit: 3, lookAheadMs: 0 },
    { do: 'commit', item, stale: false, text, task, state: 'intended', withClaim: true },
    { do: 'sent', item, back },
  ]);

const aHistory: fc.Arbitrary<Command[]> = fc
  .array(
    fc.oneof({ weight: 8, arbitrary: aCommand.map((command) => [command]) }, { weight: 1, arbitrary: aWay }),
    { minLength: 5, maxLength: 14 },
  )
  .map((ways) => ways.flat());

/** One store under test with what its caller remembers of it. Names are the run's own: runs share one database. */
interface Side {
  readonly store: Store;
  readonly claims: Claimed[];
  readonly answers: unknown[];
  /** Operations that were marked as sent. */
  marked: number;
}

const at0 = 1_790_000_000_000;

async function obey(side: Side, run: string, commands: readonly Command[]): Promise<void> {
  const { store, claims, answers } = side;
  const account = (index: number): AccountId => as<AccountId>(`${run}-account-${String(index)}`);
  const itemId = (index: number): ItemId => as<ItemId>(`${run}-item-${String(index)}`);
  const space = as<SpaceId>(`${run}-space`);
  const task = (index: number): LocalTaskId => as<LocalTaskId>(String(index));
  let now = at0;
  let serial = 0;
  for (const command of commands) {
    now += 10;
    serial += 1;
    switch (command.do) {
      case 'touch':
        await store.touch(
          command.touches.map(([of, number, aspect, lane, inMs]): Touch => ({
            account: account(of),
            task: task(number),
            aspects: [dueAspects[aspect] ?? 'task'],
            lane: lanes[lane] ?? 'field',
            dueAt: now + inMs,
            correlation: `c${String(serial)}`,
          })),
        );
        break;
      case 'claim': {
        const claimed = await store.claim(account(command.account), {
          now,
          limit: command.limit,
          leaseMs: 30_000,
          lookAheadMs: command.lookAheadMs,
        });
        claims.push(...claimed);
        answers.push(claimed.map((one) => ({ ...one, aspects: [...one.aspects].sort() })));
        break;
      }
      case 'renew': {
        const claim = claims[command.which % Math.max(claims.length, 1)];
        const given = claim ? [claim] : [];
        const held = await store.renew(given, now + command.forMs);
        answers.push(given.map((one) => held.has(one)));
        break;
      }
      case 'finish': {
        const claim = claims[command.which % Math.max(claims.length, 1)];
        if (claim)
          await store.finish([{ claim, busyUntil: command.busyMs === null ? null : now + command.busyMs }]);
        break;
      }
      case 'defer': {
        const claim = claims[command.which % Math.max(claims.length, 1)];
        if (claim)
          await store.defer([
            {
              claim,
              dueAt: now + command.inMs,
              trouble: { code: 'E-OURS', about: 'task', answered: command.text, todo: 'Look.' },
            },
          ]);
        break;
      }
      case 'commit': {
        const id = itemId(command.item);
        const [present] = await store.loadItems([id]);
        answers.push(await store.commit([commitOf(id, present, command)]));
        break;
      }
      case 'sent': {
        const rows = await store.operationsOf(itemId(command.item), 2);
        const claim = claims.at(-1 - command.back);
        const sends = claim ? rows.map(({ id }): Send => ({ id, claim })) : [];
        const marked = await store.markSent(sends, now);
        side.marked += marked.size;
        answers.push([...marked].sort());
        break;
      }
      case 'mapping':
        answers.push(
          await store.putMapping({ space, version: command.version, source: command.text, appliedAt: now }),
        );
        break;
      case 'cursor':
        await store.putCursor(account(0), command.name, command.text);
        answers.push(await store.cursor(account(0), command.name));
        break;
      case 'tokens':
        answers.push(
          await store.putTokens({ account: account(0), version: command.version, sealed: command.text }),
          await store.tokens(account(0)),
        );
        break;
      case 'lease': {
        const until = now + command.forMs;
        const leased = await store.leaseTokens(account(0), command.version, now, until);
        if (command.free) await store.freeTokens(account(0), leased ? until : until + 1);
        answers.push(leased);
        break;
      }
      case 'log': {
        const reader = `${run} reader`;
        const until = now + command.forMs;
        const opened = await store.openChangeLog(reader, now, until);
        const mine = opened === null || command.late ? until + 1 : until;
        answers.push(opened, await store.keepChangeLog(reader, mine, command.text));
        if (command.close) await store.closeChangeLog(reader, mine);
        break;
      }
      case 'guard': {
        const asked = command.asked.map(itemId);
        const { share, atLeast } = command;
        const rule = {
          now,
          since: now - 60_000,
          allowedSince: now - 90_000,
          share,
          atLeast,
          final: ['done'],
        };
        answers.push([...(await store.passGuard(space, asked, rule))].sort());
        break;
      }
      case 'open':
        answers.push(
          await store.openGuard(space, command.which === null ? null : [itemId(command.which)], now),
        );
        break;
      case 'hint':
        await store.rejectHint({ account: account(0), at: now, why: 'unreadable', excerpt: command.text });
        answers.push(await store.rejectedHints(1));
        break;
      case 'erase': {
        const [row] = await store.journal(space, 1, 1);
        if (row) await store.eraseJournalBody(row.content);
        break;
      }
      case 'wait':
        now += command.ms;
    }
    await look();
  }

  function commitOf(
    id: ItemId,
    present: LoadedItem | undefined,
    command: Extract<Command, { do: 'commit' }>,
  ): Commit {
    const item: Item = {
      id,
      space,
      origin: { account: account(0), task: task(7) },
      fields: {
        title: { value: command.text, by: account(0), at: now },
        ...(command.state === 'done' || command.state === 'queued'
          ? { status: { value: as<LifecycleStatus>(command.state), by: account(0), at: now } }
          : {}),
      },
      messages: [],
      files: [],
      conflicts: [],
      pinned: false,
      state: command.state === 'refused' ? 'parted' : 'shared',
    };
    const replica: Replica = {
      item: id,
      account: account(1),
      task: command.task === null ? null : task(command.task),
      shadow: null,
      readAt: now,
      comments: [],
      twins: [],
      files: [],
      linkedAt: now,
      threadReadAt: command.state === 'done' ? now : null,
      state: command.task === null ? 'wanted' : 'live',
      blocked: {},
      written: { title: { before: command.text, wanted: `${command.text}!` } },
      isolate: false,
      troubles: [],
    };
    const version = (present?.version ?? 0) + (command.stale ? 1 : 0);
    return {
      space,
      item,
      version,
      claim: command.withClaim ? (claims.at(-1) ?? null) : null,
      replicas: [replica],
      operations: [
        {
          id: as<OperationId>(`${run}-operation-${String(serial)}`),
          item: id,
          account: account(1),
          task: replica.task ?? `new:${id}`,
          mark: as<Mark>(`${run}-mark-${String(serial)}`),
          planned: {
            key: 'task.join',
            fields: [],
            lane: 'comment',
            from: account(0),
            write: { kind: 'task.join', task: task(1) },
          },
          state: command.state,
          attempts: 0,
          notBefore: null,
          outcome: null,
          mappingVersion: 1,
          correlation: `c${String(serial)}`,
          createdAt: now,
          updatedAt: now,
        },
      ],
      touches: [],
      journal: [
        { at: now, kind: 'field', item: id, account: account(1), actor: command.text, body: command.text },
      ],
    };
  }

  /** All that can be asked. */
  async function look(): Promise<void> {
    const refs = [0, 1, 2].map((index) => ({ account: account(1), task: task(index) }));
    const journal = await store.journal(space, 1, 1_000);
    expect(brokenAt(journal)).toBeNull();
    const bodies = [];
    for (const { content } of journal.slice(-2)) bodies.push(await store.journalBody(content));
    answers.push({
      due: await store.due(account(0)),
      other: await store.due(account(1)),
      next: [
        await store.nextDue(account(0)),
        await store.nextDue(account(1)),
        await store.nextDue(account(2)),
        await store.nextDue(account(0), 2),
        await store.nextDue(account(0), 3),
      ],
      items: await store.listItems(space),
      loaded: await store.loadItems([itemId(0), itemId(1), itemId(2)]),
      byTask: await store.loadByTask(refs),
      operations: await store.operationsOf(itemId(0), 3),
      open: (await store.openOperations(account(1))).map(({ id }) => id).sort(),
      byMark: await store.operationByMark(as<Mark>(`${run}-mark-${String(serial)}`)),
      threads: await store.stalestThreads(account(1), now, at0, 5),
      latest: (await store.latestMappings()).filter((row) => row.space === space),
      first: await store.mapping(space, 1),
      journal: journal.map(({ seq, kind, actor, prev, hash, content }) => ({
        seq,
        kind,
        actor,
        prev,
        hash,
        content,
      })),
      bodies,
    });
  }
}

test('the same commands get the same answers from memory and PostgreSQL, and both chains hold', async () => {
  let run = 0;
  let claimed = 0;
  let marked = 0;
  let commits = 0;
  await fc.assert(
    fc.asyncProperty(aHistory, async (commands) => {
      run += 1;
      const name = `run${String(run)}`;
      let salts = realSalts;
      const memory: Side = {
        store: memoryStore(() => `salt ${String((salts += 1))}`),
        claims: [],
        answers: [],
        marked: 0,
      };
      const postgres: Side = { store: real, claims: [], answers: [], marked: 0 };
      await obey(postgres, name, commands);
      await obey(memory, name, commands);
      claimed += memory.claims.length;
      marked += memory.marked;
      commits += commands.filter((one) => one.do === 'commit').length;
      expect(postgres.answers).toEqual(memory.answers);
    }),
    { numRuns: 70, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
  );
  process.stdout.write(
    `store: ${String(run)} runs, ${String(claimed)} claims, ${String(commits)} commits, ${String(marked)} sent\n`,
  );
  expect(claimed).toBeGreaterThan(run / 2);
  expect(commits).toBeGreaterThan(run);
  expect(marked).toBeGreaterThan(run / 8);
});
