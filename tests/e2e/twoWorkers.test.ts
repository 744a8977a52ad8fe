import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId, type OperationId } from '../../errors/ids.ts';
import { type Rehearsal, type RehearsalOptions } from '../../simulation/rehearsal.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Commit, type Store } from '../../store/port.ts';
import { type Outcome } from '../../sync/core/operation.ts';
import { visit } from '../../sync/engine/visit.ts';
import { afterTheLease, anotherWorker, around, becomes } from './around.ts';
import { only, planfixComments, planfixTasks, rows, texts } from './look.ts';
import { rehearseThree } from './three.ts';

const teyron = as<AccountId>('teyron');
const hours = 3_600_000;

/** What happens at one point of the first worker's way, once, and never inside what it causes itself. */
interface Moments {
  beforeCommit: (commits: readonly Commit[]) => Promise<void>;
  beforeMark: (operations: readonly OperationId[]) => Promise<void>;
  afterMark: (operations: readonly OperationId[]) => Promise<void>;
}

const nothing = async (): Promise<void> => {};

/** The three companies over a store at which something can happen right before a call reaches it. */
async function rehearseWatched(
  options: Partial<RehearsalOptions> = {},
  card: 'new' | 'old' = 'new',
): Promise<{ three: Rehearsal; moments: Moments; store: Store }> {
  let salts = 0;
  const store = memoryStore(() => `salt ${String((salts += 1))}`);
  const moments: Moments = { beforeCommit: nothing, beforeMark: nothing, afterMark: nothing };
  const watched: Store = {
    ...store,
    commit: async (commits) => {
      await moments.beforeCommit(commits);
      return store.commit(commits);
    },
    markSent: async (sends, at) => {
      const ids = sends.map(({ id }) => id);
      await moments.beforeMark(ids);
      const marked = await store.markSent(sends, at);
      await moments.afterMark(ids);
      return marked;
    },
  };
  return { three: await rehearseThree(card, { ...options, store: watched }), moments, store };
}

function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: () => void = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** Does something the first time that the integrator's operation of a key is named. */
function atFirst(
  store: Store,
  key: string,
  deed: () => Promise<void>,
): { readonly at: (operations: readonly OperationId[]) => Promise<void>; readonly over: () => boolean } {
  let over = false;
  return {
    over: () => over,
    at: async (operations) => {
      const open = await store.openOperations(teyron);
      if (over || !open.some(({ id, planned }) => operations.includes(id) && planned.key.startsWith(key)))
        return;
      over = true;
      await deed();
    },
  };
}

function clientTask(three: Rehearsal): number {
  const made = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Форма',
    responsible: 77,
    group: 7,
  }) as { id: number };
  return made.id;
}

async function shared(three: Rehearsal): Promise<{ task: number; mirror: number }> {
  const task = clientTask(three);
  await three.settle(hours);
  return { task, mirror: only(planfixTasks(three, 'teyron')).id };
}

const say = (three: Rehearsal, task: number, text: string): unknown =>
  three.act('romashka', { as: 12, do: 'post message', task, text });

/** Every write that the journal tells of, by its operation. */
async function journalled(three: Rehearsal): Promise<string[]> {
  const [item] = await three.store.loadItems(await three.store.listItems(null));
  const found = await three.store.journal(item?.item.space ?? as('none'), 1, 10_000);
  return found.flatMap(({ kind, operation }) =>
    kind.startsWith('write.') && operation !== undefined ? [`${kind} ${operation}`] : [],
  );
}

/** Comments of the integrator's task that ever stood there, also those that were removed again. */
const everSaid = (three: Rehearsal): number =>
  rows(three.host('teyron').dump(), 'comments').filter((comment) => comment['type'] === 'Comment').length;

async function quietAndOnce(three: Rehearsal): Promise<void> {
  await three.settle(hours);
  expect(await three.store.openOperations(null)).toEqual([]);
  // A task that was deleted is looked for again another day, in case it is restored.
  const soon = three.runtime.now() + hours;
  expect((await three.store.due(null)).filter(({ dueAt }) => dueAt <= soon)).toEqual([]);
  const written = await journalled(three);
  expect(written).toEqual([...new Set(written)]);
}

const lost: Outcome = {
  is: 'unknown',
  at: 0,
  notBefore: 0,
  trouble: { code: 'E-REMOTE-UNKNOWN', about: 'task', todo: 'Nothing: it is looked up.' },
};

describe('An answer that comes after another worker has settled its write', () => {
  test.each(['answered', 'lost'] as const)('is journalled once for a changed field, %s', async (how) => {
    const { three } = await rehearseWatched();
    const { task, mirror } = await shared(three);
    const late = around(three, teyron, 'task.update', {
      after: async (outcome) => {
        await afterTheLease(three, teyron, mirror);
        return how === 'lost' ? lost : outcome;
      },
    });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await quietAndOnce(three);
    expect([late(), only(planfixTasks(three, 'teyron')).title]).toEqual([true, 'Форма 2']);
    expect((await journalled(three)).filter((one) => one.startsWith('write.task.update'))).toHaveLength(1);
  });

  test.each(['answered', 'lost'] as const)('is journalled once for a comment, %s', async (how) => {
    const { three } = await rehearseWatched();
    const { task, mirror } = await shared(three);
    const late = around(three, teyron, 'comment.create', {
      after: async (outcome) => {
        await afterTheLease(three, teyron, mirror);
        return how === 'lost' ? lost : outcome;
      },
    });
    say(three, task, 'Раз');
    await quietAndOnce(three);
    expect([late(), everSaid(three)]).toEqual([true, 1]);
    expect((await journalled(three)).filter((one) => one.startsWith('write.comment.create'))).toHaveLength(1);
  });

  test.each(['answered', 'lost'] as const)('is journalled once for a new task, %s', async (how) => {
    const { three } = await rehearseWatched();
    const late = around(three, teyron, 'task.create', {
      after: async (outcome) => {
        const [item] = await three.store.listItems(null);
        await afterTheLease(three, teyron, `new:${item ?? ''}`);
        return how === 'lost' ? lost : outcome;
      },
    });
    clientTask(three);
    await quietAndOnce(three);
    expect([late(), planfixTasks(three, 'teyron').length]).toEqual([true, 1]);
    expect((await journalled(three)).filter((one) => one.startsWith('write.task.create'))).toHaveLength(1);
  });

  test('takes nothing away from the copy that was put back meanwhile', async () => {
    const { three } = await rehearseWatched();
    const { task, mirror } = await shared(three);
    around(three, teyron, 'comment.create', {
      after: async (outcome) => {
        await afterTheLease(three, teyron, mirror);
        const [said] = planfixComments(three, 'teyron');
        three.act('teyron', { as: 1, do: 'delete comment', comment: said?.id ?? 0 });
        await three.store.touch([
          {
            account: teyron,
            task: as<LocalTaskId>(String(mirror)),
            aspects: ['deleted-comments'],
            lane: 'field',
            dueAt: three.runtime.now(),
            correlation: 'another worker',
          },
        ]);
        three.runtime.advance(10_000);
        await visit(three.deps, teyron);
        return outcome;
      },
    });
    say(three, task, 'Раз');
    await quietAndOnce(three);
    expect(texts(planfixComments(three, 'teyron'))).toHaveLength(1);
    expect((await journalled(three)).filter((one) => one.startsWith('write.comment.delete'))).toEqual([]);
  });
});

/** Commands of people change the item again and again, as an `unlink` or `retry` would. */
async function bump(store: Store): Promise<void> {
  const [loaded] = await store.loadItems(await store.listItems(null));
  if (!loaded) return;
  const { item, version } = loaded;
  await store.commit([
    { space: item.space, item, version, claim: null, replicas: [], operations: [], touches: [], journal: [] },
  ]);
}

/** The item changes right before each of the next `times` commits that close a written comment. */
function changingItem(moments: Moments, store: Store, times: number): void {
  let left = times;
  moments.beforeCommit = async (commits) => {
    const closes = commits.some(({ operations }) =>
      operations.some(({ state, planned }) => state === 'done' && planned.key.startsWith('comment.create')),
    );
    if (!closes || left === 0) return;
    left -= 1;
    await bump(store);
  };
}

describe('An outcome that is settled upon an item which changes all the while', () => {
  test.each([1, 3, 4, 10, 40])('loses nothing of what comes after it, changed %d times', async (times) => {
    // No hint of the integrator's account comes to the help.
    const { three, moments, store } = await rehearseWatched({ hints: (account) => account !== 'teyron' });
    const { task } = await shared(three);
    changingItem(moments, store, times);
    for (const text of ['Раз', 'Два', 'Три']) say(three, task, text);
    await quietAndOnce(three);
    expect(texts(planfixComments(three, 'teyron'))).toHaveLength(3);
    expect(everSaid(three)).toBe(3);
  });
});

describe('A worker that sleeps beyond its lease', () => {
  test.each(['before', 'while'] as const)(
    '%s a write is marked as sent, leaves it to the next one',
    async (when) => {
      const { three, moments, store } = await rehearseWatched();
      const { task, mirror } = await shared(three);
      const sleep = atFirst(store, 'comment.create', () => afterTheLease(three, teyron, mirror));
      moments[when === 'before' ? 'beforeMark' : 'afterMark'] = sleep.at;
      say(three, task, 'Раз');
      await quietAndOnce(three);
      expect([sleep.over(), everSaid(three)]).toEqual([true, 1]);
      expect((await journalled(three)).filter((one) => one.startsWith('write.comment.create'))).toHaveLength(
        1,
      );
    },
  );

  test.each(['before', 'while'] as const)(
    '%s a new task is marked as sent, leaves it to the next one',
    async (when) => {
      const { three, moments, store } = await rehearseWatched();
      const sleep = atFirst(store, 'task.create', async () => {
        const [item] = await three.store.listItems(null);
        await afterTheLease(three, teyron, `new:${item ?? ''}`);
      });
      moments[when === 'before' ? 'beforeMark' : 'afterMark'] = sleep.at;
      clientTask(three);
      await quietAndOnce(three);
      expect([sleep.over(), planfixTasks(three, 'teyron').length]).toEqual([true, 1]);
    },
  );

  test('with the request in its hand, leaves one lasting comment and tells of what took effect', async () => {
    const { three } = await rehearseWatched();
    const { task, mirror } = await shared(three);
    const late = around(three, teyron, 'comment.create', {
      before: () => afterTheLease(three, teyron, mirror),
    });
    say(three, task, 'Раз');
    await quietAndOnce(three);
    await three.sweep('teyron');
    await quietAndOnce(three);
    expect([late(), texts(planfixComments(three, 'teyron')).length]).toEqual([true, 1]);
    expect((await journalled(three)).filter((one) => one.startsWith('write.comment.create'))).toHaveLength(
      everSaid(three),
    );
  });

  test('while it reads, writes nothing in vain', async () => {
    const { three } = await rehearseWatched();
    const { task } = await shared(three);
    three.runtime.advance(10_000);
    let reads = 0;
    becomes(three, teyron, (connector) => ({
      read: async (requests) => {
        reads += 1;
        if (reads === 1) three.runtime.advance(three.deps.settings.leaseMs - 20_000);
        return connector.read(requests);
      },
    }));
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await quietAndOnce(three);
    const dropped = (await three.store.operationsOf(only(await three.store.listItems(null)), 100)).filter(
      ({ state }) => state === 'dropped',
    );
    expect([reads > 0, dropped.length]).toEqual([true, 1]);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
  });
});

describe('A worker that has just made a task', () => {
  test('writes no comment that another one writes under the number of the task', async () => {
    const { three, moments, store } = await rehearseWatched({}, 'old');
    const task = clientTask(three);
    say(three, task, 'Раз');
    // The other one has seen the comment as not sent yet when the first one sends it, and keeps what it saw afterwards.
    const [seen, kept] = [signal(), signal()];
    moments.beforeCommit = async (commits) => {
      if (!commits.some(({ operations }) => operations.some(({ state }) => state === 'dropped'))) return;
      seen.give();
      await kept.given;
    };
    let other: Promise<void> | undefined;
    const meanwhile = atFirst(store, 'comment.create', async () => {
      other = anotherWorker(three, teyron, only(planfixTasks(three, 'teyron')).id);
      await Promise.race([seen.given, other]);
    });
    moments.beforeMark = meanwhile.at;
    around(three, teyron, 'comment.create', {
      after: async (outcome) => {
        kept.give();
        await other;
        return outcome;
      },
    });
    await quietAndOnce(three);
    expect([meanwhile.over(), everSaid(three)]).toEqual([true, 1]);
    expect((await journalled(three)).filter((one) => one.startsWith('write.comment.create'))).toHaveLength(1);
  });
});

describe('A write that the store does not mark as sent', () => {
  test('is sent by whoever has it, and not by this worker', async () => {
    let unmarked = 0;
    const memory = memoryStore(() => 'salt');
    const store: Store = {
      ...memory,
      markSent: async (sends, at) => {
        unmarked += sends.length;
        return unmarked > sends.length ? memory.markSent(sends, at) : new Set();
      },
    };
    const three = await rehearseThree('new', { store });
    const asked: number[] = [];
    for (const account of ['teyron', 'romashka'] as const)
      becomes(three, as<AccountId>(account), (connector) => ({
        write: async (writes, open, notAfter) => {
          asked.push(unmarked);
          return connector.write(writes, open, notAfter);
        },
      }));
    clientTask(three);
    await three.settle(hours);
    expect(planfixTasks(three, 'teyron')).toHaveLength(1);
    expect(asked[0]).toBeGreaterThan(1);
  });
});

describe('A write whose answer was lost', () => {
  test('is looked for no more once its task is deleted', async () => {
    const { three } = await rehearseWatched();
    const { task, mirror } = await shared(three);
    const cut = around(three, teyron, 'task.update', {
      after: async () => {
        three.act('teyron', { as: 1, do: 'delete task', task: mirror });
        return { ...lost, at: three.runtime.now(), notBefore: three.runtime.now() + 60_000 };
      },
    });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await quietAndOnce(three);
    expect([cut(), planfixTasks(three, 'teyron')]).toEqual([true, []]);
  });
});
