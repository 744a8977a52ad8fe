/**
 * A day of 300 lively tasks on the smallest plan of Planfix, on simulated time: whether the requests of the day are
 * enough, and after what time each change by a person is seen on the other side.
 */
import { type Json } from '../emulators/common/types.ts';
import { as, type AccountId } from '../errors/ids.ts';
import { type Rehearsal } from '../simulation/rehearsal.ts';
import { usualLimits } from '../sync/governor/governor.ts';
import { sweep } from '../sync/engine/sweep.ts';
import { sweepEveryMs, sweepOptions } from '../sync/engine/thrift.ts';
import { rehearsePair } from './rehearsed.ts';
import { type Figure } from './report.ts';
import { cut } from './stand.ts';

const tasksCount = 300;
const dayMs = 86_400_000;
/** Midnight in Planfix's account and of the bridge's count of the day. */
const start = Date.parse('2026-11-24T00:00:00Z');
/** People work from nine to eighteen in Moscow. */
const [workFrom, workTo] = [start + 6 * 3_600_000, start + 15 * 3_600_000];

type Row = { readonly [key: string]: Json };
type Kind = 'status' | 'field' | 'comment' | 'edit' | 'deletion' | "client's comment" | "client's field";

/** How often people do what to each task in the day. */
const habits: Readonly<Record<Kind, number>> = {
  status: 2,
  field: 1,
  comment: 2,
  edit: 1,
  deletion: 1,
  "client's comment": 1,
  "client's field": 1,
};

interface Waiting {
  readonly kind: Kind;
  /** What was changed: only its last value can still be seen, and counts from the first change that was not. */
  readonly of: string;
  /** Where it is to be seen. */
  readonly at: Account;
  readonly since: number;
  seen(side: Side): boolean;
}

/** An account as its people see it. */
interface Side {
  readonly tasks: ReadonlyMap<number, Row>;
  /** All that is said in comments. */
  readonly words: string;
}

const accounts = ['teyron', 'romashka'] as const;
type Account = (typeof accounts)[number];

interface Pair {
  readonly teyron: number;
  readonly romashka: number;
}

/** Numbers in 0..1 that are the same in each run. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const rowsOf = (dump: Json, key: string): readonly Row[] => ((dump as Row)[key] ?? []) as readonly Row[];

function look(rehearsal: Rehearsal, account: Account): Side {
  const dump = rehearsal.host(account).dump();
  const comments =
    account === 'teyron'
      ? rowsOf(dump, 'comments').map((comment) => comment['description'])
      : rowsOf(dump, 'chats')
          .flatMap((chat) => rowsOf(chat, 'messages'))
          .map((message) => message['text']);
  return {
    tasks: new Map(rowsOf(dump, 'tasks').map((row) => [Number(row['id']), row])),
    words: comments.join('\n'),
  };
}

/** Tasks that stand on both sides when the day begins. */
async function prepared(rehearsal: Rehearsal): Promise<readonly Pair[]> {
  const made = Array.from({ length: tasksCount }, (_, n) => {
    const { id } = rehearsal.act('teyron', {
      as: 2,
      do: 'create task',
      name: `Задача ${String(n)}`,
      assignees: ['user:3'],
      project: 41,
      object: 31,
    }) as { id: number };
    return id;
  });
  await rehearsal.settle(3_600_000);
  const mirrors = new Map(
    [...look(rehearsal, 'romashka').tasks.values()].map((row) => [String(row['title']), Number(row['id'])]),
  );
  return made.map((teyron, n) => ({ teyron, romashka: mirrors.get(`Задача ${String(n)}`) ?? 0 }));
}

/** What people know of their own doings. */
interface Diary {
  readonly said: Map<number, readonly { readonly id: number; readonly word: string }[]>;
  /** Tasks that wait for the client. */
  readonly waits: Set<number>;
}

/** Carries out one thing that somebody does; gives where it is to be seen. null = there was nothing to do it to. */
function done(
  rehearsal: Rehearsal,
  kind: Kind,
  { teyron, romashka }: Pair,
  n: number,
  { said, waits }: Diary,
): Pick<Waiting, 'of' | 'at' | 'seen'> | null {
  const word = `слово${String(n)}.`;
  const says = ({ words }: Side): boolean => words.includes(word);
  const mine = said.get(teyron) ?? [];
  const [first, ...rest] = mine;
  switch (kind) {
    case 'status': {
      const [status, shown] = waits.has(teyron) ? [2, 3] : [4, 6];
      if (!waits.delete(teyron)) waits.add(teyron);
      rehearsal.act('teyron', { as: 3, do: 'set status', task: teyron, status });
      return {
        of: `status ${String(teyron)}`,
        at: 'romashka',
        seen: ({ tasks }) => tasks.get(romashka)?.['status'] === shown,
      };
    }
    case 'field':
      rehearsal.act('teyron', { as: 2, do: 'edit task', task: teyron, name: word });
      return {
        of: `title ${String(teyron)}`,
        at: 'romashka',
        seen: ({ tasks }) => tasks.get(romashka)?.['title'] === word,
      };
    case 'comment': {
      const { id } = rehearsal.act('teyron', {
        as: 3,
        do: 'add comment',
        task: teyron,
        text: word,
        recipients: ['contact:20'],
      }) as { id: number };
      said.set(teyron, [...mine, { id, word }]);
      return { of: `comment ${String(id)}`, at: 'romashka', seen: says };
    }
    case 'edit':
      if (!first) return null;
      said.set(teyron, [...rest, { id: first.id, word }]);
      rehearsal.act('teyron', { as: 3, do: 'edit comment', comment: first.id, text: word });
      return { of: `comment ${String(first.id)}`, at: 'romashka', seen: says };
    case 'deletion':
      if (!first) return null;
      said.set(teyron, rest);
      rehearsal.act('teyron', { as: 3, do: 'delete comment', comment: first.id });
      return {
        of: `comment ${String(first.id)}`,
        at: 'romashka',
        seen: ({ words }) => !words.includes(first.word),
      };
    case "client's comment":
      rehearsal.act('romashka', { as: 12, do: 'add comment', task: romashka, text: word });
      return { of: word, at: 'teyron', seen: says };
    case "client's field":
      rehearsal.act('romashka', { as: 12, do: 'edit task', task: romashka, title: word });
      return {
        of: `title ${String(teyron)}`,
        at: 'teyron',
        seen: ({ tasks }) => tasks.get(teyron)?.['name'] === word,
      };
  }
}

/** Every act of the day with its moment, the same in each run. */
function plannedActs(): { readonly at: number; readonly kind: Kind; readonly task: number }[] {
  const draw = drawer(7);
  const acts = Array.from({ length: tasksCount }, (_, task) =>
    (Object.entries(habits) as [Kind, number][]).flatMap(([kind, times]) =>
      Array.from({ length: times }, () => ({
        at: Math.floor(workFrom + draw() * (workTo - workFrom)),
        kind,
        task,
      })),
    ),
  );
  return acts.flat().sort((one, other) => one.at - other.at);
}

/** Times until the other side saw what was done, ms, by kind. */
type Lags = ReadonlyMap<Kind, readonly number[]>;

async function liveThroughADay(
  rehearsal: Rehearsal,
  pairs: readonly Pair[],
): Promise<{ readonly lags: Lags; readonly unseen: readonly Waiting[] }> {
  const { runtime, deps } = rehearsal;
  const acts = plannedActs();
  const diary: Diary = { said: new Map(), waits: new Set() };
  const lags = new Map<Kind, number[]>();
  let waiting: Waiting[] = [];
  let [nextAct, sweepAt] = [0, start];
  while (runtime.now() < start + dayMs) {
    cut.throwIfAborted();
    const now = runtime.now();
    for (let act = acts[nextAct]; act !== undefined && act.at <= now; act = acts[nextAct]) {
      const pair = pairs[act.task];
      const told = pair === undefined ? null : done(rehearsal, act.kind, pair, nextAct, diary);
      if (told !== null) {
        const since = waiting.find(({ of }) => of === told.of)?.since ?? now;
        waiting = [...waiting.filter(({ of }) => of !== told.of), { ...told, kind: act.kind, since }];
      }
      nextAct += 1;
    }
    if (sweepAt <= now) {
      for (const account of accounts) {
        const { limit, balance } = rehearsal.governor(account);
        await sweep(deps, as<AccountId>(account), sweepOptions(limit, balance(), now));
      }
      sweepAt = now + sweepEveryMs;
    }
    const next = Math.min(acts[nextAct]?.at ?? Infinity, sweepAt);
    await rehearsal.settle(Math.max(next - runtime.now(), 0));
    if (waiting.length > 0) {
      const sides = new Map([...new Set(waiting.map(({ at }) => at))].map((at) => [at, look(rehearsal, at)]));
      const isSeen = ({ at, seen }: Waiting): boolean => {
        const side = sides.get(at);
        return side !== undefined && seen(side);
      };
      for (const { kind, since } of waiting.filter(isSeen))
        lags.set(kind, [...(lags.get(kind) ?? []), runtime.now() - since]);
      waiting = waiting.filter((one) => !isSeen(one));
    }
    if (runtime.now() < next) runtime.advance(next - runtime.now());
  }
  return { lags, unseen: waiting };
}

const minutes = (ms: number): number => ms / 60_000;

export async function day(): Promise<Figure[]> {
  const perDay = usualLimits.planfix.perDay ?? 0;
  const rehearsal = await rehearsePair({
    card: 'new',
    start: start - 2 * 3_600_000,
    // Without the list of all comments of an account, which not every account has.
    teyron: { 'limits.perSecond': 1, 'limits.perDay': perDay, commentListEndpoint: false },
    limit: usualLimits.planfix,
  });
  const pairs = await prepared(rehearsal);
  for (const account of accounts) await rehearsal.sweep(account, 0);
  rehearsal.runtime.advance(Math.max(start - rehearsal.runtime.now(), 0));
  rehearsal.forgetRequests();
  const { lags, unseen } = await liveThroughADay(rehearsal, pairs);
  const { reads, writes } = rehearsal.requests('teyron');
  const longest = (kinds: readonly Kind[]): number =>
    Math.max(...kinds.flatMap((kind) => lags.get(kind) ?? [Infinity]));
  const seen = [...lags.values()].reduce((sum, { length }) => sum + length, 0);
  const figure = (what: string, value: number, unit: string, atMost: number, note?: string): Figure => ({
    bench: 'day',
    what: `${String(tasksCount)} lively tasks: ${what}`,
    value,
    unit,
    limit: { atMost },
    ...(note === undefined ? {} : { note }),
  });
  return [
    figure('requests to Planfix in the day', reads + writes, '', perDay, `${String(writes)} writes`),
    figure(
      'edits and deletions of comments seen after, at most',
      minutes(longest(['edit', 'deletion'])),
      'min',
      95,
    ),
    figure('statuses seen after, at most', minutes(longest(['status'])), 'min', 1),
    figure('changes never seen', unseen.length, '', 0, `${String(seen)} seen`),
  ];
}
