import { describe, expect, test } from '@jest/globals';
import { type Fault } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, planfixComments, planfixTasks, texts } from './look.ts';
import { rehearseThree } from './three.ts';

/** A small generator of its own, so that a seed says everything. */
function dice(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const faultsOf: readonly Omit<Fault, 'on'>[] = [
  { when: 'after', cut: true },
  { when: 'before', cut: true },
  { when: 'after', answer: { status: 502 } },
  { when: 'before', answer: { status: 503 } },
];

/** A move that a person's interface does not offer just now is simply not made. */
const attempt = (act: () => void): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('refused')) throw error;
  }
};

async function storm(seed: number, card: 'new' | 'old'): Promise<Rehearsal> {
  const roll = dice(seed);
  const three = await rehearseThree(card, { hints: () => roll(4) !== 0 });
  // A sweep begins with the moment of the first one, as the bridge does when an account is added.
  for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account);
  const clientTasks = (): number[] => bitrixTasks(three, 'romashka').map(({ id }) => id);
  const ourTasks = (): number[] => planfixTasks(three, 'teyron').map(({ id }) => id);
  const contractorTasks = (): number[] => planfixTasks(three, 'pixel').map(({ id }) => id);
  const any = (list: readonly number[]): number => list[roll(list.length)] ?? 0;
  let said = 0;
  const word = (): string => `слово ${String((said += 1))}`;
  const deeds: (() => void)[] = [
    () => three.act('romashka', { as: 12, do: 'create task', title: word(), responsible: 77, group: 7 }),
    () => three.act('teyron', { as: 2, do: 'create task', name: word(), assignees: ['user:3'], project: 41 }),
    () => three.act('romashka', { as: 12, do: 'edit task', task: any(clientTasks()), title: word() }),
    () => three.act('teyron', { as: 2, do: 'edit task', task: any(ourTasks()), name: word() }),
    () =>
      three.act('romashka', {
        as: 12,
        do: 'edit task',
        task: any(clientTasks()),
        deadline: `2026-12-${String(10 + roll(18))}T12:00:00+03:00`,
      }),
    () =>
      three.act('teyron', {
        as: 2,
        do: 'set deadline',
        task: any(ourTasks()),
        deadline: `2026-12-${String(10 + roll(18))}T09:00Z`,
      }),
    () => three.act('romashka', { as: 12, do: 'post message', task: any(clientTasks()), text: word() }),
    () =>
      three.act('teyron', {
        as: 2,
        do: 'add comment',
        task: any(ourTasks()),
        text: `<p>${word()}</p>`,
        recipients: ['contact:20'],
      }),
    () =>
      three.act('teyron', {
        as: 2,
        do: 'set status',
        task: any(ourTasks()),
        status: [2, 6, 2, 4][roll(4)] ?? 2,
      }),
    () =>
      three.act('romashka', {
        as: 12,
        do: ['approve', 'disapprove'][roll(2)] ?? '',
        task: any(clientTasks()),
      }),
    () =>
      three.act('teyron', { as: 2, do: 'edit task', task: any(ourTasks()), description: `<p>${word()}</p>` }),
    () =>
      three.act('teyron', {
        as: 2,
        do: 'attach file',
        task: any(ourTasks()),
        name: `${word()}.txt`,
        text: word(),
      }),
    () => {
      const own = planfixComments(three, 'teyron').filter(({ author }) => author === 'user:2');
      const one = own[roll(own.length)];
      if (one) three.act('teyron', { as: 2, do: 'edit comment', comment: one.id, text: `<p>${word()}</p>` });
    },
    () => {
      const own = planfixComments(three, 'teyron').filter(({ author }) => author === 'user:2');
      const one = own[roll(own.length)];
      if (one && roll(3) === 0) three.act('teyron', { as: 2, do: 'delete comment', comment: one.id });
    },
    () =>
      three.act('teyron', {
        as: 2,
        do: 'set assignees',
        task: any(ourTasks()),
        users: [roll(2) === 0 ? 'contact:21' : 'user:3'],
      }),
    () =>
      three.act('pixel', {
        as: 2,
        do: 'set status',
        task: any(contractorTasks()),
        status: [2, 6][roll(2)] ?? 2,
      }),
    () =>
      three.act('pixel', {
        as: 2,
        do: 'add comment',
        task: any(contractorTasks()),
        text: '<p>Пиксель: вопрос</p>',
      }),
    () =>
      three.act('romashka', {
        as: 12,
        do: 'edit task',
        task: any(clientTasks()),
        responsible: [14, 77][roll(2)] ?? 77,
      }),
  ];
  for (let step = 0; step < 40; step += 1) {
    attempt(deeds[step === 0 ? 0 : roll(deeds.length)] ?? (() => undefined));
    if (roll(5) === 0)
      three.host(['teyron', 'romashka'][roll(2)] ?? '').addFault({
        on: '*',
        ...(faultsOf[roll(faultsOf.length)] ?? { cut: true }),
      });
    if (roll(2) === 0) await three.settle(roll(20_000));
    else three.runtime.advance(roll(5_000));
  }
  for (const account of ['teyron', 'romashka', 'pixel']) three.host(account).clearFaults();
  await three.settle(7_200_000);
  for (let round = 0; round < 4; round += 1) {
    three.runtime.advance(300_000);
    for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account, 50);
    await three.settle(7_200_000);
  }
  return three;
}

/** Status of the integrator's account as the mapping means it in the client's. */
const shown: Readonly<Record<number, number>> = { 1: 2, 2: 3, 3: 5, 4: 6, 6: 4 };

describe.each(['new', 'old'] as const)(
  'After a storm of edits, lost answers and lost hints, %s card',
  (card) => {
    test.each(Array.from({ length: 6 }, (_, index) => index + 1))(
      'everything agrees and nothing stands twice (seed %i)',
      async (seed) => {
        const three = await storm(seed, card);
        expect(await three.store.openOperations(null)).toEqual([]);
        const ours = planfixTasks(three, 'teyron');
        const theirs = bitrixTasks(three, 'romashka');
        const brief = (
          title: string,
          deadline: string | null,
          status: number | undefined,
          files: number,
        ): string => JSON.stringify([title, deadline === null ? null : Date.parse(deadline), status, files]);
        expect(
          ours
            .map(({ title, deadline, status, files }) => brief(title, deadline, shown[status], files.length))
            .sort(),
        ).toEqual(
          theirs
            .map(({ title, deadline, status, files }) => brief(title, deadline, status, files.length))
            .sort(),
        );
        expect(JSON.stringify(three.host('romashka').dump())).not.toMatch(/пиксел|pixel|юсупов/iu);
        const plain = (text: string): string => text.replace(/^[^\n]*:\n/u, '');
        const ofClientAndUs = planfixComments(three, 'teyron').filter(
          ({ author }) => author !== 'contact:21',
        );
        expect(texts(ofClientAndUs).map(plain).sort()).toEqual(
          texts(bitrixSaid(three, 'romashka')).map(plain).sort(),
        );
      },
    );
  },
);
