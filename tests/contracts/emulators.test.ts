import { describe, expect, test } from '@jest/globals';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import { afterwards } from './afterwards.ts';
import { readContracts, readNotYet } from './layout.ts';
import { type Outcome, runCase, schemaChecker, starterOf } from './runner.ts';

const { areas, worlds } = await readContracts();
const notYet = await readNotYet();
const starters = { planfix: starterOf(planfix), bitrix24: starterOf(bitrix24) };

function told(result: Outcome): unknown {
  return result.outcome === 'failed' ? result.differences : result.outcome;
}

for (const area of areas) {
  const validate = schemaChecker(area);
  describe(area.file, () => {
    for (const contract of area.cases) {
      const run = (): Outcome =>
        runCase(area.kind, contract, worlds[area.kind], starters[area.kind], validate, afterwards);
      if (notYet.includes(contract.id))
        test(`${contract.id} is not yet held (when it is, notYet.json has to lose it)`, () => {
          expect(run().outcome).toBe('failed');
        });
      else
        test(contract.id, () => {
          const result = run();
          expect(told(result)).toBe(result.outcome === 'skipped' ? 'skipped' : 'passed');
        });
    }
  });
}

test('every name in notYet.json is the name of a case', () => {
  const ids = new Set(areas.flatMap(({ cases }) => cases.map(({ id }) => id)));
  expect(notYet.filter((id) => !ids.has(id))).toEqual([]);
});
