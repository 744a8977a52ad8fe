import { parseArgs } from 'node:util';
import { afterwards } from './afterwards.ts';
import { readContracts, type Kind } from './layout.ts';
import { type Outcome, runCase, schemaChecker, type StartAccount, starterOf } from './runner.ts';

const usage = `npm run contracts -- [--dir DIR] [--only ID] [--json]

Runs the cases of a folder laid out like tests/contracts/cases (planfix/*.json, bitrix24/*.json) against the
emulators. --only takes a case's id, or the beginning of ids followed by *.`;

/** Loaded when a case needs it, so that an emulator that does not load fails only its own cases. */
async function starterFor(kind: Kind): Promise<StartAccount> {
  try {
    if (kind === 'planfix') return starterOf((await import('../../emulators/planfix/emulator.ts')).planfix);
    return starterOf((await import('../../emulators/bitrix24/emulator.ts')).bitrix24);
  } catch (error) {
    return () => {
      throw new Error(`the ${kind} emulator does not load`, { cause: error });
    };
  }
}

function print(result: Outcome, json: boolean): void {
  if (json) console.log(JSON.stringify(result));
  else if (result.outcome === 'skipped') console.log(`skipped ${result.id}: ${result.reason}`);
  else if (result.outcome === 'failed') {
    console.log(`FAILED ${result.id}`);
    for (const { where, wanted, got } of result.differences.slice(0, 12))
      console.log(`    ${where === '' ? '(case)' : where}\n      wanted ${wanted}\n      got    ${got}`);
    if (result.differences.length > 12)
      console.log(`    and ${String(result.differences.length - 12)} more differences (--json shows all)`);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { areas, worlds } = await readContracts(values.dir);
  const { only } = values;
  const followUps = values.dir === undefined ? afterwards : {};
  const wanted = (id: string): boolean =>
    only === undefined || (only.endsWith('*') ? id.startsWith(only.slice(0, -1)) : id === only);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const starters = new Map<Kind, StartAccount>();
  for (const area of areas) {
    const cases = area.cases.filter(({ id }) => wanted(id));
    if (cases.length === 0) continue;
    const start = starters.get(area.kind) ?? (await starterFor(area.kind));
    starters.set(area.kind, start);
    const validate = schemaChecker(area);
    for (const contract of cases) {
      const result = runCase(area.kind, contract, worlds[area.kind], start, validate, followUps);
      counts[result.outcome] += 1;
      print(result, values.json);
    }
  }
  if (only !== undefined && counts.passed + counts.failed + counts.skipped === 0) {
    console.error(`no case is called ${only}`);
    return 2;
  }
  console.log(
    `${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
  );
  return counts.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
