/** How many requests a change costs, counted from the emulators' access logs until all is quiet. */
import { type Json } from '../emulators/common/types.ts';
import { type Figure } from './report.ts';
import { type Name, openStand, pause, type Stand } from './stand.ts';

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
  await waitFor(
    'mirrors',
    120_000 + count * 100,
    async () => rows(await stand.dump('romashka'), 'tasks').length >= count,
  );
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

const other = (account: Name): Name => (account === 'teyron' ? 'romashka' : 'teyron');

export async function calls(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const stand = await openStand({ limits: false, delayMs: 0 });
  try {
    const tasks = await linked(stand, 101);
    const [first] = tasks;
    if (!first) throw new Error('no task');
    for (const from of ['teyron', 'romashka'] as const) {
      const to = other(from);
      const way = from === 'teyron' ? 'Planfix → Bitrix24' : 'Bitrix24 → Planfix';
      await pause(3_000);
      await stand.forget();
      await rename(stand, from, first[from], `Одна ${from}`);
      await waitFor(
        'mirrored',
        10_000,
        async () => (await titles(stand, to)).get(first[to]) === `Одна ${from}`,
      );
      const now = [await stand.counted('teyron'), await stand.counted('romashka')];
      const sum = (key: 'reads' | 'writes'): number => now.reduce((all, one) => all + one[key], 0);
      figures.push({
        bench: 'calls',
        what: `one change, ${way}: reads until mirrored`,
        value: sum('reads'),
        unit: '',
        limit: { atMost: 2 },
      });
      figures.push({
        bench: 'calls',
        what: `one change, ${way}: writes until mirrored`,
        value: sum('writes'),
        unit: '',
        limit: { atMost: 1 },
      });
      await stand.quiet(20_000);
      const later = [await stand.counted('teyron'), await stand.counted('romashka')];
      const more = later.reduce((all, one) => all + one.reads, 0) - sum('reads');
      figures.push({
        bench: 'calls',
        what: `one change, ${way}: more reads until quiet`,
        value: more,
        unit: '',
        limit: { atMost: 1 },
      });

      await pause(3_000);
      await stand.forget();
      for (let n = 1; n <= 20; n += 1) {
        await rename(stand, from, first[from], `Правка ${String(n)}`);
        await pause(95);
      }
      await waitFor('mirrored', 20_000, async () => (await titles(stand, to)).get(first[to]) === 'Правка 20');
      await stand.quiet(20_000);
      for (const side of ['teyron', 'romashka'] as const) {
        const { reads, writes } = await stand.counted(side);
        figures.push({
          bench: 'calls',
          what: `20 changes in 2 s, ${way}: reads at ${side}`,
          value: reads,
          unit: '',
          limit: { atMost: 4 },
        });
        figures.push({
          bench: 'calls',
          what: `20 changes in 2 s, ${way}: writes at ${side}`,
          value: writes,
          unit: '',
          limit: { atMost: 2 },
        });
      }

      await pause(3_000);
      await stand.forget();
      const started = Date.now();
      for (const [index, task] of tasks.slice(1).entries()) {
        await rename(stand, from, task[from], `Сто ${from} ${String(index)}`);
        await pause(Math.max(0, started + index * 9.5 - Date.now()));
      }
      await waitFor('all mirrored', 60_000, async () => {
        const seen = await titles(stand, to);
        return tasks.slice(1).every((task, index) => seen.get(task[to]) === `Сто ${from} ${String(index)}`);
      });
      await stand.quiet(30_000);
      for (const side of ['teyron', 'romashka'] as const) {
        const { reads, writes } = await stand.counted(side);
        figures.push({
          bench: 'calls',
          what: `100 tasks in 1 s, ${way}: reads at ${side}`,
          value: reads,
          unit: '',
          limit: { atMost: 6 },
          note: `${String(writes)} writes`,
        });
      }
    }
  } finally {
    await stand.close();
  }
  return figures;
}

/** With Planfix's limits on and Planfix written to. */
export async function limited(): Promise<Figure[]> {
  const stand = await openStand({ limits: true, delayMs: 0 });
  try {
    const tasks = await linked(stand, 30);
    await pause(3_000);
    await stand.forget();
    for (const [index, task] of tasks.entries())
      await rename(stand, 'romashka', task.romashka, `Лимит ${String(index)}`);
    await waitFor('all mirrored', 180_000, async () => {
      const seen = await titles(stand, 'teyron');
      return tasks.every((task, index) => seen.get(task.teyron) === `Лимит ${String(index)}`);
    });
    await stand.quiet(60_000);
    const { reads, writes } = await stand.counted('teyron');
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
