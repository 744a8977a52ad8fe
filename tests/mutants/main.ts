/**
 * `npm run mutants`: breaks the code on purpose, one line at a time, in a copy of the tree, and fails unless the test of
 * the law that the line serves notices within 1,000 runs. A mutant whose text is no longer found fails too.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';

const rowsOf = z.array(
  z.object({ name: z.string(), file: z.string(), find: z.string().min(1), replace: z.string() }),
);

interface Mutant {
  readonly law: string;
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

type Verdict = 'caught' | 'SURVIVED' | 'NO LONGER APPLIES';

const root = process.cwd();
/** Rooms that a law's test may load. */
const rooms = [
  'connectors',
  'emulators',
  'errors',
  'mappings',
  'runtime',
  'simulation',
  'store',
  'sync',
  'tests',
];
const secondsMax = 150;

async function mutants(): Promise<Mutant[]> {
  const folder = join(root, 'tests/mutants');
  const found: Mutant[] = [];
  for (const file of (await readdir(folder)).sort())
    if (file.endsWith('.json'))
      for (const row of rowsOf.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))))
        found.push({ law: basename(file, '.json').toUpperCase(), ...row });
  return found;
}

async function copyOfTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'svyazka-mutants-'));
  for (const room of rooms) await cp(join(root, room), join(copy, room), { recursive: true });
  for (const file of ['package.json', 'jest.config.js']) await cp(join(root, file), join(copy, file));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** What the law's test printed until it ended. */
function runLaw(copy: string, law: string): Promise<string> {
  // The engine's laws take a second a run: what they do not notice early they never do.
  const runs = law === 'L5' || law === 'L6' ? '40' : '1000';
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules/jest/bin/jest.js'),
        '--runInBand',
        `--testTimeout=${String(secondsMax * 1_000)}`,
        `tests/laws/law${law.slice(1)}.test.ts`,
      ],
      {
        cwd: copy,
        env: { ...process.env, LAW_RUNS: runs, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const timer = setTimeout(() => child.kill('SIGTERM'), secondsMax * 1_000);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

async function judge(copy: string, mutant: Mutant): Promise<Verdict> {
  const target = join(copy, mutant.file);
  const sound = await readFile(target, 'utf8');
  if (sound.split(mutant.find).length !== 2) return 'NO LONGER APPLIES';
  await writeFile(
    target,
    sound.replace(mutant.find, () => mutant.replace),
  );
  try {
    const printed = await runLaw(copy, mutant.law);
    return printed.includes(`${mutant.law} broken.`) ? 'caught' : 'SURVIVED';
  } finally {
    await writeFile(target, sound);
  }
}

const only = process.argv.slice(2).map((law) => law.toUpperCase());
const all = (await mutants()).filter(({ law }) => only.length === 0 || only.includes(law));
const queue = [...all];
const verdicts = new Map<Mutant, Verdict>();

async function worker(): Promise<void> {
  const copy = await copyOfTree();
  try {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const verdict = await judge(copy, next);
      verdicts.set(next, verdict);
      process.stdout.write(`${next.law}  ${verdict.padEnd(18)}${next.name}\n`);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
const passed = [...verdicts.values()].filter((verdict) => verdict === 'caught').length;
process.stdout.write(`${String(passed)} passed, ${String(all.length - passed)} failed\n`);
process.exitCode = passed === all.length && all.length > 0 ? 0 : 1;
