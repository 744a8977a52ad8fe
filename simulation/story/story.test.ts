import { beforeAll, describe, expect, test } from '@jest/globals';
import { makeDocument } from '../../docs-templates/make.ts';
import { type AccountId, as, type LocalTaskId, type RoleName } from '../../errors/ids.ts';
import { noon, rehearseThree } from '../../tests/e2e/three.ts';
import { falsifications } from '../judge/falsify.ts';
import { type Dumps, judge } from '../judge/judge.ts';
import { type StoryRecord } from '../judge/record.ts';
import { accounts, statuses } from './people.ts';
import { dumpsOf, rehearsedStage } from './rehearsed.ts';
import { playStory } from './story.ts';

let record: StoryRecord = { accounts, statuses, tasks: [] };
let dumps: Dumps = {};
const headlines: string[] = [];

beforeAll(async () => {
  const three = await rehearseThree();
  const stage = rehearsedStage(three, async (company, task, extra) => {
    const { fileName, docx } = await makeDocument({
      deps: three.deps,
      template: 'akt',
      account: as<AccountId>(company),
      task: as<LocalTaskId>(task),
      forRole: as<RoleName>('client'),
      attach: true,
      extra,
    });
    return { fileName, bytes: docx };
  });
  record = await playStory(stage, noon, ({ headline }) => headlines.push(headline));
  dumps = dumpsOf(three);
});

describe('the story of three companies', () => {
  test('is told to its end, and the judge finds that the accounts agree', () => {
    expect(headlines.at(-1)).toMatch(/closed on every side/u);
    expect(judge(record, dumps)).toEqual([]);
  });

  test.each(
    falsifications({ accounts, statuses, tasks: [] }, { client: 'romashka', integrator: 'teyron' }).map(
      ({ what }) => what,
    ),
  )('the judge catches %s', (what) => {
    const found = falsifications(record, { client: 'romashka', integrator: 'teyron' }).find(
      (one) => one.what === what,
    );
    const findings = judge(record, found?.falsify(dumps) ?? dumps);
    expect(findings).toContainEqual(expect.stringMatching(found?.finding ?? /never/u));
  });
});
