/** How many requests a change costs, counted from the emulators' access logs until all is quiet. */
import { sql } from 'kysely';
import { type Json } from '../emulators/common/types.ts';
import { type Figure } from './report.ts';
import { type Counted, type Name, openStand, pause, type Stand } from './stand.ts';

type Row = { readonly [key: string]: Json };
const rows = (dump: { readonly [key: string]: Json }, key: string): readonly Row[] =>
  (dump[key] ?? []) as readonly Row[];
const titleOf = (row: Row): string => String(row['title'] ?? row['name'] ?? '');

export async function waitFor(
  what: string,
  withinMs: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await pause(20);
  }
}

/** Makes tasks at the integrator and waits until each has its mirror. Gives their numbers on both sides, in order. */
export async function linked(
  stand: Stand,
  count: number,
): Promise<readonly { teyron: number; romashka: number }[]> {
  const made: number[] = [];
  for (let n = 1; n <= count; n += 1) {
    const { id } = (await stand.act('teyron', {
      as: 2,
      do: 'create task',
      name: `Задача ${String(n)}`,
      assignees: ['user:3'],
      project: 41,
      object: 31,
    })) as { id: number };
    made.push(id);
  }
  // Counted in our own database: to dump thousands of tasks again and again would slow down their making.
  await waitFor('mirrors', 120_000 + count * 100, async () => {
    const { rows: found } = await sql<{ count: number }>`
      select count(*)::float8 as count from replicas
      where account = 'romashka' and task not like 'new:%'`.execute(stand.bridge.db);
    return (found[0]?.count ?? 0) >= count;
  });
  await stand.quiet(120_000);
  const mirrors = new Map(
    rows(await stand.dump('romashka'), 'tasks').map((row) => [titleOf(row), Number(row['id'])]),
  );
  return made.map((teyron, index) => ({ teyron, romashka: mirrors.get(`Задача ${String(index + 1)}`) ?? 0 }));
}

export const rename = (stand: Stand, account: Name, task: number, title: string): Promise<Json> =>
  account === 'teyron'
    ? stand.act('teyron', { as: 2, do: 'edit task', task, name: title })
    : stand.act('romashka', { as: 1, do: 'edit task', task, title });

export async function titles(stand: Stand, account: Name): Promise<ReadonlyMap<number, string>> {
  return new Map(rows(await stand.dump(account), 'tasks').map((row) => [Number(row['id']), titleOf(row)]));
}

/** Automatic operations that the scenarios of Planfix have used this month. */
async function operations(stand: Stand): Promise<number> {
  const { machine } = (await stand.dump('teyron')) as unknown as {
    machine: { deliveries: { operations: { count: number } } };
  };
  return machine.deliveries.operations.count;
}

const accountNames = ['teyron', 'romashka'] as const;
const other = (account: Name): Name => (account === 'teyron' ? 'romashka' : 'teyron');

type Cost = Readonly<Record<Name, Counted>>;

const counted = async (stand: Stand): Promise<Cost> => ({
  teyron: await stand.counted('teyron'),
  romashka: await stand.counted('romashka'),
});

/** Requests from rest to rest. `change` waits until what it did is mirrored. */
async function costOf(stand: Stand, change: () => Promise<void>): Promise<Cost> {
  await pause(3_000);
  await stand.forget();
  await change();
  await stand.quiet(60_000);
  return counted(stand);
}

const sum = ({ teyron, romashka }: Cost, key: keyof Counted): number => teyron[key] + romashka[key];

const atMost = (what: string, value: number, limit: number, note?: string): Figure => ({
  bench: 'calls',
  what,
  value,
  unit: '',
  limit: { atMost: limit },
  ...(note === undefined ? {} : { note }),
});

async function callsFrom(
  stand: Stand,
  from: Name,
  tasks: readonly { readonly [account in Name]: number }[],
): Promise<Figure[]> {
  const to = other(from);
  const way = from === 'teyron' ? 'Planfix → Bitrix24' : 'Bitrix24 → Planfix';
  const [first, ...hundred] = tasks;
  if (!first) throw new Error('no task');
  const figures: Figure[] = [];
  const mirroredAs = (title: string, withinMs: number): Promise<void> =>
    waitFor('mirrored', withinMs, async () => (await titles(stand, to)).get(first[to]) === title);

  const usedBefore = await operations(stand);
  let atOnce: Cost | undefined;
  const one = await costOf(stand, async () => {
    await rename(stand, from, first[from], `Одна ${from}`);
    await mirroredAs(`Одна ${from}`, 10_000);
    atOnce = await counted(stand);
  });
  if (!atOnce) throw new Error('not counted');
  figures.push(
    atMost(`one change, ${way}: reads until mirrored`, sum(atOnce, 'reads'), 2),
    atMost(`one change, ${way}: writes until mirrored`, sum(atOnce, 'writes'), 1),
    atMost(`one change, ${way}: more reads until quiet`, sum(one, 'reads') - sum(atOnce, 'reads'), 1),
  );

  const twenty = await costOf(stand, async () => {
    for (let n = 1; n <= 20; n += 1) {
      await rename(stand, from, first[from], `Правка ${String(n)}`);
      await pause(95);
    }
    await mirroredAs('Правка 20', 20_000);
  });
  for (const side of accountNames)
    figures.push(
      atMost(`20 changes in 2 s, ${way}: reads at ${side}`, twenty[side].reads, 4),
      atMost(`20 changes in 2 s, ${way}: writes at ${side}`, twenty[side].writes, 2),
    );

  const many = await costOf(stand, async () => {
    const started = Date.now();
    for (const [index, task] of hundred.entries()) {
      await rename(stand, from, task[from], `Сто ${from} ${String(index)}`);
      await pause(Math.max(0, started + index * 9.5 - Date.now()));
    }
    await waitFor('all mirrored', 60_000, async () => {
      const seen = await titles(stand, to);
      return hundred.every((task, index) => seen.get(task[to]) === `Сто ${from} ${String(index)}`);
    });
  });
  for (const side of accountNames)
    figures.push(
      atMost(
        `100 tasks in 1 s, ${way}: reads at ${side}`,
        many[side].reads,
        6,
        `${String(many[side].writes)} writes`,
      ),
    );
  // Changes by people in Planfix may use one each; what the bridge writes there none.
  const used = (await operations(stand)) - usedBefore;
  figures.push(
    from === 'teyron'
      ? atMost(`changes by people, ${way}: automatic operations each`, used / (21 + hundred.length), 1)
      : atMost(`changes by people, ${way}: automatic operations for our own writes`, used, 0),
  );
  return figures;
}

export async function calls(): Promise<Figure[]> {
  const stand = await openStand({ limits: false, delayMs: 0 });
  try {
    const tasks = await linked(stand, 101);
    return [...(await callsFrom(stand, 'teyron', tasks)), ...(await callsFrom(stand, 'romashka', tasks))];
  } finally {
    await stand.close();
  }
}

/** With Planfix's limits on and Planfix written to. */
export async function limited(): Promise<Figure[]> {
  const stand = await openStand({ limits: true, delayMs: 0 });
  try {
    const tasks = await linked(stand, 30);
    const cost = await costOf(stand, async () => {
      for (const [index, task] of tasks.entries())
        await rename(stand, 'romashka', task.romashka, `Лимит ${String(index)}`);
      await waitFor('all mirrored', 180_000, async () => {
        const seen = await titles(stand, 'teyron');
        return tasks.every((task, index) => seen.get(task.teyron) === `Лимит ${String(index)}`);
      });
    });
    const { reads, writes } = cost.teyron;
    return [
      {
        bench: 'limited',
        what: 'Planfix written to under its limits: reads for each write',
        value: reads / writes,
        unit: '',
        limit: { atMost: 1 / 3 },
        note: `${String(reads)} reads, ${String(writes)} writes`,
      },
    ];
  } finally {
    await stand.close();
  }
}
