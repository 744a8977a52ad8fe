import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LifecycleStatus, type LocalStatusId } from '../errors/ids.ts';
import { checkAgainstAccounts, type KnownAccount } from './check.ts';
import { lensRules } from './check-lens.ts';
import { stageRules } from './check-stages.ts';
import { printPath, type Finding } from './finding.ts';
import { formatProblems, loadMapping } from './load.ts';
import { type LifecycleStep, meaningOf, type Mapping, type Position, type StatusLens } from './types.ts';

const kanban = readFileSync(new URL('./examples/kanban.yaml', import.meta.url), 'utf8');
const accounts = { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' } } as const;
const load = (text: string): ReturnType<typeof loadMapping> =>
  loadMapping(text, { fileName: 'a.yaml', accounts, version: 1 });

function loaded(text: string): Mapping {
  const told = load(text);
  if (!told.ok) throw new Error(formatProblems(told.problems));
  return told.mapping;
}

function changed(from: string, to: string): string {
  if (kanban.split(from).length !== 2) throw new Error(`not one place: ${from}`);
  return kanban.replace(from, to);
}

describe('what the position of a task means', () => {
  const { lifecycle, statuses } = loaded(kanban);
  const lens = statuses[as<AccountId>('romashka')]?.everywhere as StatusLens;
  test.each([
    ['2', undefined, 'new', 'a portal that tells no column'],
    ['2', '0', 'new', 'a card that was never moved'],
    ['2', '43', 'waiting_client', 'a column with a row'],
    ['3', '43', 'waiting_client', 'a column with a row, whatever the open status'],
    ['3', '44', 'in_progress', 'a column without a row'],
    ['4', '43', 'review', 'a status that waits for acceptance'],
    ['5', '43', 'done', 'a final status'],
    ['6', '43', 'ignore', 'a status that the mapping ignores'],
    ['9', '43', undefined, 'a status without a row'],
  ])('%s in column %s is %s: %s', (status, stage, meant, _why) => {
    expect(meaningOf(lens, lifecycle, { status, stage } as Position)).toBe(meant);
  });
});

const product = <Value>(choices: readonly Value[], length: number): Value[][] =>
  length === 0
    ? [[]]
    : product(choices, length - 1).flatMap((tail) => choices.map((choice) => [...tail, choice]));

const rows = (keys: readonly string[], values: readonly (string | null)[]): object =>
  Object.fromEntries(keys.flatMap((key, index) => (values[index] == null ? [] : [[key, values[index]]])));

describe('columns of a lens', () => {
  const open = ['a', 'b'];
  const lifecycle = [
    { status: 'a', final: false },
    { status: 'b', final: false },
    { status: 'f', final: true },
  ] as LifecycleStep[];
  const example = loaded(kanban);

  test('of all small lenses exactly those are refused whose written pair can come back as something else', () => {
    let refused = 0;
    let looked = 0;
    for (const [one, two] of product([...open, 'hold'], 2))
      for (const shown of product(['2', '3', 'hold'], 2))
        for (const meant of ['a', 'b', null])
          for (const cards of product(['50', '51', null], 2)) {
            const lens = {
              in: { 2: one, 3: two, 5: 'f' },
              out: { a: shown[0], b: shown[1], f: '5' },
              stages: { in: rows(['51'], [meant]), out: rows(open, cards) },
            } as unknown as StatusLens;
            // the oracle writes each status into a task whose card stands anywhere, and reads it back
            const read = (status: string, column: string): string | undefined => {
              const told = lens.in[status as LocalStatusId];
              return open.includes(told ?? '') && column === '51' && meant !== null ? meant : told;
            };
            const loses = [...open, 'f'].some((status, index) => {
              const local = lens.out[status as LifecycleStatus] ?? 'hold';
              if (local === 'hold') return index < 2 && cards[index] != null;
              return ['0', '50', '51'].some((before) => read(local, cards[index] ?? before) !== status);
            });
            const mapping = {
              ...example,
              lifecycle,
              transitions: [],
              statuses: { romashka: { everywhere: lens, objects: {} } },
            } as Mapping;
            const findings = [...lensRules, ...stageRules]
              .flatMap((rule) => rule.find(mapping))
              .filter((finding) => finding.path.includes('out'));
            looked += 1;
            if (loses) refused += 1;
            if (findings.length > 0 !== loses) throw new Error(JSON.stringify({ lens, loses, findings }));
          }
    expect(looked).toBe(2_187);
    expect(refused).toBeGreaterThan(1_000);
    expect(refused).toBeLessThan(2_100);
  });

  test.each([
    [
      'a column that would complete a task',
      "'43': waiting_client }",
      "'43': waiting_client, '45': done }",
      'statuses.romashka.stages.in.45',
      'a column can not mean "done": a card that is put there is not completed in Bitrix24',
      'remove the row; stages.out.done puts the card there when the task becomes "done"',
    ],
    [
      'a column that would wait for acceptance',
      "'43': waiting_client }",
      "'43': waiting_client, '44': review }",
      'statuses.romashka.stages.in.44',
      'a column can not mean "review", which waits for acceptance: a card that is put there waits for nobody in Bitrix24',
      'remove the row; stages.out.review puts the card there when the task becomes "review"',
    ],
    [
      'a misspelt meaning',
      "'43': waiting_client }",
      "'43': waiting_cleint }",
      'statuses.romashka.stages.in.43',
      '"waiting_cleint" is not a status of the lifecycle',
      'did you mean "waiting_client"?',
    ],
    [
      'a card that stays in a column of another meaning',
      ", in_progress: '42'",
      '',
      'statuses.romashka.stages.out',
      'nothing says where the card of a task with "in_progress" goes: left in a column that means "waiting_client" it would come back as that',
      'add a row in_progress: "<column>"',
    ],
    [
      'a card that is put into a column of another meaning',
      "in_progress: '42'",
      "in_progress: '43'",
      'statuses.romashka.stages.out.in_progress',
      'the card of a task with "in_progress" goes to column "43", and what stands there comes back as "waiting_client"',
      'put it into a column without a row in stages.in, or write "43": in_progress there',
    ],
    [
      'a card that is put where no card can be put',
      "new: '41'",
      "new: '0'",
      'statuses.romashka.stages.out.new',
      '"0" says that a card was never moved: no card can be put there',
      'write the number of the first column, as task.stages.get tells it',
    ],
    [
      'columns without a group',
      "    scope: { group: '7' } # the columns below are this group's\n",
      '',
      'statuses.romashka.stages',
      'columns belong to a group, and "romashka" has no group as its scope',
      'add scope: { group: "<id>" } to the member, or remove `stages`',
    ],
    [
      'columns in Planfix',
      "review: '6', done: '3' }",
      "review: '6', done: '3' }\n    stages: { in: { '9': waiting_client }, out: { new: '8', in_progress: '8', waiting_client: '9' } }",
      'statuses.teyron.stages',
      'the API of Planfix knows no columns of a planner, only statuses',
      'remove the key',
    ],
    [
      'columns beside no statuses',
      "    in: { '2': new, '3': in_progress, '4': review, '5': done, '6': ignore }\n    # two statuses become \"3\": the column tells them apart\n    out: { new: '2', in_progress: '3', waiting_client: '3', review: '4', done: '5' }\n",
      '',
      'statuses.romashka.stages',
      'columns are given, and no statuses',
      'add `in` and `out`: a card has a column beside its status',
    ],
  ])('%s is told with its fix', (_, from, to, path, message, fix) => {
    const told = load(changed(from, to));
    if (told.ok) throw new Error('the mapping was accepted');
    expect(told.problems).toContainEqual(expect.objectContaining({ path, message, fix }));
  });

  test('two statuses that only a column tells apart are refused without it', () => {
    const told = load(changed("waiting_client: '43', done: '45' }", "waiting_client: '42', done: '45' }"));
    expect(told.ok ? [] : told.problems.map(({ path }) => path)).toContain(
      'statuses.romashka.out.waiting_client',
    );
  });
});

describe('columns against the group', () => {
  const told = (findings: readonly Finding[]): string[] =>
    findings.map((one) => `${one.severity} ${printPath(one.path)}: ${one.message} → ${one.fix}`);
  const against = (text: string, stages: KnownAccount['stages']): string[] =>
    told(
      checkAgainstAccounts(loaded(text), {
        [as<AccountId>('romashka')]: { statuses: null, actors: [], stages: stages ?? null },
      }),
    );
  const columns = ['41', '42', '43', '45'].map((id) => ({ id, name: `Колонка ${id}` }));

  test('a group that has them all, and one that could not be asked, say nothing', () => {
    expect(against(kanban, columns)).toEqual([]);
    expect(against(kanban, null)).toEqual([]);
  });

  test('a column that the group does not have is told with those that it has', () => {
    expect(against(kanban, columns.slice(0, 3))).toEqual([
      'problem statuses.romashka.stages.out.done: group 7 of "romashka" has no column "45" → choose one of "41" (Колонка 41), "42" (Колонка 42), "43" (Колонка 43)',
    ]);
    expect(against(kanban, [])).toContainEqual(expect.stringContaining('give the group a kanban first'));
  });

  test('the first column that means something else than a card that was never moved is told', () => {
    const first = changed("in: { '43': waiting_client }", "in: { '41': new, '43': waiting_client }");
    expect(against(first, columns)).toEqual([
      'warning statuses.romashka.stages.in: "41" (Колонка 41) is the first column, and a card that was never moved stands there as "0", which means nothing of its own → write "0": new as well',
    ]);
  });
});

test('a status that is written and that each assignee has for himself is told', () => {
  const statuses = [...'01234567'].map((id) => ({
    id,
    name: `s${id}`,
    objects: null,
    individual: id === '1' || id === '5',
  }));
  const found = checkAgainstAccounts(loaded(kanban), { [as<AccountId>('teyron')]: { statuses, actors: [] } });
  expect(found.map(({ severity, path, message }) => [severity, printPath(path), message])).toEqual([
    [
      'warning',
      'statuses.teyron.out',
      '"teyron" keeps "1 s1" for each assignee: a task with several of them has it only when all have it, so it may not take it from the bridge',
    ],
  ]);
});
