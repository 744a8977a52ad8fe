/** How soon, and how many: latency over emulators that take 50 ms, and durable mirrored changes a second. */
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { linked, rename, titles, waitFor } from './calls.ts';
import { bareRate } from './hints.ts';
import { type Figure } from './report.ts';
import { openStand, pause, type Stand } from './stand.ts';

export async function latency(): Promise<Figure[]> {
  const delayMs = 50;
  const stand = await openStand({ limits: false, delayMs });
  const figures: Figure[] = [];
  try {
    const tasks = await linked(stand, 100);
    for (const [from, to, needed] of [
      ['teyron', 'romashka', 2],
      ['romashka', 'teyron', 3],
    ] as const) {
      const times: number[] = [];
      for (const [index, task] of tasks.entries()) {
        const title = `Скорость ${from} ${String(index)}`;
        await pause(120 + (index % 5) * 60);
        await stand.forget();
        const started = Date.now();
        await rename(stand, from, task[from], title);
        // The account's own log tells when the write came in; it took effect one answer later at most. To look at all tasks
        // while that is waited for would keep the emulator from answering.
        let written: number | undefined;
        await waitFor('written', 20_000, async () => {
          written = (await stand.log(to)).entries.find((entry) => entry.rest && entry.write)?.at;
          return written !== undefined;
        });
        times.push((written ?? Infinity) - started + delayMs);
        await waitFor('mirrored', 20_000, async () => (await titles(stand, to)).get(task[to]) === title);
      }
      times.sort((a, b) => a - b);
      const p95 = times[Math.floor(times.length * 0.95)] ?? Infinity;
      figures.push({
        bench: 'latency',
        what: `${from} → ${to}: p95 by the calls it needs (${String(needed)} × ${String(delayMs)} ms)`,
        value: p95 / (needed * delayMs),
        unit: '',
        limit: { atMost: 2 },
        note: `median ${String(Math.round(times[Math.floor(times.length / 2)] ?? 0))} ms, p95 ${String(Math.round(p95))} ms`,
      });
    }
  } finally {
    await stand.close();
  }
  return figures;
}

async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** All processes of the bench's own server that a session shows: sessions, writers, checkpointer. */
async function databaseCpuSeconds({ bridge }: Stand): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity`.execute(bridge.db);
  const each = await Promise.all(rows.map(({ pid }) => cpuSeconds(pid)));
  return each.reduce((sum, one) => sum + one, 0);
}

/** Tasks of the flow: enough that its beginning and its end, where pauses spare requests, weigh little. */
const flow = 3_000;

export async function throughput(): Promise<Figure[]> {
  const stand = await openStand({ limits: false, delayMs: 0 });
  try {
    const bare = await bareRate(stand.connectionString, 5);
    const tasks = await linked(stand, flow);
    const before = {
      own: process.cpuUsage(),
      emulators: await cpuSeconds(stand.emulatorsPid),
      database: await databaseCpuSeconds(stand),
    };
    const started = performance.now();
    // Changes come from both sides, each task changed once.
    await Promise.all(
      [0, 1, 2, 3].map(async (part) => {
        for (let index = part; index < tasks.length; index += 4) {
          const task = tasks[index];
          if (task)
            await rename(
              stand,
              index % 2 === 0 ? 'teyron' : 'romashka',
              index % 2 === 0 ? task.teyron : task.romashka,
              `Поток ${String(index)}`,
            );
        }
      }),
    );
    // Written changes are counted from the journal, which is durable; looking into the accounts would slow them down.
    const written = async (): Promise<number> => {
      const { rows } = await sql<{ count: number }>`
        select count(distinct item)::float8 as count from journal where kind = 'write.task.update'`.execute(
        stand.bridge.db,
      );
      return rows[0]?.count ?? 0;
    };
    await waitFor('all mirrored', 120_000, async () => (await written()) >= tasks.length);
    const seconds = (performance.now() - started) / 1000;
    const own = process.cpuUsage(before.own);
    const emulators = (await cpuSeconds(stand.emulatorsPid)) - before.emulators;
    const database = (await databaseCpuSeconds(stand)) - before.database;
    const [there, here] = await Promise.all([titles(stand, 'romashka'), titles(stand, 'teyron')]);
    for (const [index, task] of tasks.entries())
      if (
        there.get(task.romashka) !== `Поток ${String(index)}` ||
        here.get(task.teyron) !== `Поток ${String(index)}`
      )
        throw new Error(`task ${String(task.teyron)} is not mirrored`);
    const perSecond = tasks.length / seconds;
    return [
      { bench: 'throughput', what: 'bare express, one insert a request', value: bare, unit: '/s' },
      {
        bench: 'throughput',
        what: 'durable mirrored changes',
        value: perSecond,
        unit: '/s',
        note: 'goal: 0.2 of the bare server',
      },
      {
        bench: 'throughput',
        what: 'mirrored changes by bare express',
        value: perSecond / bare,
        unit: '',
        limit: { atLeast: 0.057 },
      },
      {
        bench: 'throughput',
        what: 'CPU of bridge and bench client',
        value: (own.user + own.system) / 1e6 / seconds,
        unit: 'cores',
      },
      {
        bench: 'throughput',
        what: 'CPU of emulators',
        value: emulators / seconds,
        unit: 'cores',
      },
      { bench: 'throughput', what: 'CPU of PostgreSQL', value: database / seconds, unit: 'cores' },
    ];
  } finally {
    await stand.close();
  }
}
