/**
 * `npm run bench [-- NAME…]`: JSON lines while it measures, a table at the end, exit code 0 only if every limit holds.
 * Ended by a signal or by a fault it stops its servers and removes their folders first.
 */
import { constants } from 'node:os';
import { calls, limited } from './calls.ts';
import { day } from './day.ts';
import { hints } from './hints.ts';
import { memory } from './memory.ts';
import { reading } from './reading.ts';
import { type Figure, holds, tableOf } from './report.ts';
import { latency, throughput } from './speed.ts';
import { cut, cutOff } from './stand.ts';
import { start } from './start.ts';

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  calls,
  limited,
  reading,
  day,
  hints,
  latency,
  throughput,
  memory,
  start,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}

let signalled: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  // Ctrl-C below npm comes twice, from the terminal and from npm: a second one must not end us before the stand is away.
  process.on(signal, () => {
    signalled ??= signal;
    cutOff(new Error(`ended by ${signal}`));
  });
process.on('uncaughtException', cutOff);

async function measure(names: readonly string[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const found = await bench();
    for (const figure of found)
      process.stdout.write(`${JSON.stringify({ ...figure, holds: holds(figure) })}\n`);
    figures.push(...found);
    cut.throwIfAborted();
  }
  return figures;
}

try {
  const figures = await measure(wanted);
  process.stdout.write(
    `\nLimits of the emulators are off and they answer at once, unless the line says otherwise.\n\n${tableOf(figures)}\n`,
  );
  process.exitCode = figures.every(holds) ? 0 : 1;
} catch (error) {
  const why: unknown = cut.aborted ? cut.reason : error;
  process.stderr.write(`${why instanceof Error && !signalled ? (why.stack ?? why.message) : String(why)}\n`);
  // Requests that were cut off may still hold the process.
  process.exit(signalled ? 128 + constants.signals[signalled] : 1);
}
