/** `npm run bench [-- NAME…]`: JSON lines while it measures, a table at the end, exit code 0 only if every limit holds. */
import { calls, limited } from './calls.ts';
import { hints } from './hints.ts';
import { type Figure, holds, tableOf } from './report.ts';
import { latency, throughput } from './speed.ts';
import { start } from './start.ts';

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  calls,
  limited,
  hints,
  latency,
  throughput,
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
const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const found = await bench();
  for (const figure of found)
    process.stdout.write(`${JSON.stringify({ ...figure, holds: holds(figure) })}\n`);
  figures.push(...found);
}
process.stdout.write(
  `\nLimits of the emulators are off and they answer at once, unless the line says otherwise.\n\n${tableOf(figures)}\n`,
);
process.exitCode = figures.every(holds) ? 0 : 1;
