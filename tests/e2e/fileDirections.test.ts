/** A file crosses in every direction, from task and comment, with equal bytes, once, and is not carried back. */
import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks } from './look.ts';
import { clientTask, integratorTask } from './tasks.ts';
import { rehearseThree, rehearseTwoPlanfix, rehearseTwoPortals } from './three.ts';

const bytes = Buffer.from(Uint8Array.from({ length: 5_000 }, (_, at) => (at * 13) % 256)).toString('base64');
const name = 'смета «весна» (1) 😀.xlsx';
const file = { name, base64: bytes };

type Deed = Readonly<Record<string, unknown>>;

interface Side {
  readonly account: string;
  readonly kind: 'planfix' | 'bitrix24';
  readonly as: number;
}

interface Direction {
  readonly way: string;
  readonly begin: () => Promise<Rehearsal>;
  readonly from: Side;
  readonly to: Side;
  /** Makes the shared task at `from`; its number. */
  readonly task: (all: Rehearsal) => number;
  /** What makes a comment of `from` cross. */
  readonly addressed: Deed;
}

const teyron: Side = { account: 'teyron', kind: 'planfix', as: 2 };
const romashka: Side = { account: 'romashka', kind: 'bitrix24', as: 12 };
const lavanda: Side = { account: 'lavanda', kind: 'planfix', as: 5 };
const vesna: Side = { account: 'vesna', kind: 'bitrix24', as: 5 };
const pechat: Side = { account: 'pechat', kind: 'bitrix24', as: 3 };

const made = (result: unknown): number => (result as { id: number }).id;

const directions: readonly Direction[] = [
  ...(['new', 'old'] as const).flatMap((card): Direction[] => [
    {
      way: `Planfix to Bitrix24, ${card} card`,
      begin: () => rehearseThree(card),
      from: teyron,
      to: romashka,
      task: (all) => integratorTask(all),
      addressed: { recipients: ['contact:20'] },
    },
    {
      way: `Bitrix24, ${card} card, to Planfix`,
      begin: () => rehearseThree(card),
      from: romashka,
      to: teyron,
      task: (all) => clientTask(all),
      addressed: {},
    },
  ]),
  {
    way: 'Planfix to Planfix',
    begin: rehearseTwoPlanfix,
    from: lavanda,
    to: teyron,
    task: (all) =>
      made(
        all.act('lavanda', {
          as: 5,
          do: 'create task',
          name: 'Витрина',
          assignees: ['contact:8'],
          project: 3,
        }),
      ),
    addressed: { recipients: ['contact:8'] },
  },
  {
    way: 'Bitrix24, new card, to Bitrix24, old card',
    begin: rehearseTwoPortals,
    from: vesna,
    to: pechat,
    task: (all) =>
      made(all.act('vesna', { as: 5, do: 'create task', title: 'Визитки', responsible: 31, group: 21 })),
    addressed: { text: '[USER=31]Печать[/USER], вот' },
  },
];

const filesOfTask = (all: Rehearsal, { account, kind }: Side): readonly string[] =>
  kind === 'planfix' ? only(planfixTasks(all, account)).files : only(bitrixTasks(all, account)).files;

const filesSaid = (all: Rehearsal, { account, kind }: Side): readonly string[] =>
  (kind === 'planfix' ? planfixComments(all, account) : bitrixSaid(all, account)).flatMap(
    ({ files }) => files,
  );

/** Everything is swept twice, so that what comes twice, or comes back, would have come. */
async function look(all: Rehearsal, sides: readonly Side[]): Promise<void> {
  await all.settle();
  for (let round = 0; round < 2; round += 1) {
    all.runtime.advance(180_000);
    for (const { account } of sides) await all.sweep(account);
    await all.settle();
  }
}

describe.each(directions)('$way:', ({ begin, from, to, task: create, addressed }) => {
  test.each(['at birth', 'later'] as const)('a file of the task, attached %s', async (when) => {
    const all = await begin();
    if (when === 'at birth') {
      const act = all.act;
      // The first act is the task's creation: the file comes along with it.
      create({ ...all, act: (account, deed) => act(account, { ...deed, files: [file] }) });
    } else {
      const task = create(all);
      await all.settle();
      all.act(from.account, { as: from.as, do: 'attach file', task, ...file });
    }
    await look(all, [from, to]);
    expect(fileBytes(all, to.account).get(name)).toEqual([bytes]);
    expect([filesOfTask(all, from).length, filesOfTask(all, to).length]).toEqual([1, 1]);
    expect([filesSaid(all, from), filesSaid(all, to)]).toEqual([[], []]);
  });

  test('a file of a comment', async () => {
    const all = await begin();
    const task = create(all);
    await all.settle();
    all.act(from.account, {
      as: from.as,
      do: from.kind === 'planfix' ? 'add comment' : 'post message',
      task,
      text: 'Смета',
      ...addressed,
      files: [file],
    });
    await look(all, [from, to]);
    expect(fileBytes(all, to.account).get(name)).toEqual([bytes]);
    expect([filesSaid(all, from).length, filesSaid(all, to).length]).toEqual([1, 1]);
    expect([filesOfTask(all, from), filesOfTask(all, to)]).toEqual([[], []]);
  });
});
