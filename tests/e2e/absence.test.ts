import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Json } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { retry } from '../../sync/engine/link.ts';
import { bitrixSaid, bitrixTasks, only, planfixComments, planfixTasks, texts } from './look.ts';
import { integratorTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hours = 3_600_000;
const hook = (account: string): string => `https://bridge.example/webhooks/${account}`;

/** The bridge's user of the client is no administrator: it sees the tasks that it takes part in. */
function ofAnOrdinaryUser(): Promise<Rehearsal> {
  const { teyron, romashka, pixel } = threeCompanies(hook);
  const world = structuredClone(romashka.world) as {
    users: { id: number; admin: boolean }[];
    groups: { owner: number; members: number[]; moderators?: number[] }[];
  };
  for (const user of world.users) if (user.id === 1) user.admin = false;
  for (const group of world.groups) {
    group.owner = 12;
    group.members = group.members.filter((member) => member !== 1);
    group.moderators = [];
  }
  const unlimited = { 'limits.perSecond': 0, 'limits.perDay': 0 };
  return rehearseThree('new', {
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited },
      {
        ...romashka,
        world: world as unknown as Json,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
      },
      { ...pixel, account: 'pixel', credential: pixel.token, settings: unlimited },
    ],
  });
}

async function replicaOf(three: Rehearsal, account: string, task: number): Promise<Replica> {
  const loaded = only(
    await three.store.loadByTask([{ account: as<AccountId>(account), task: as<LocalTaskId>(String(task)) }]),
  );
  return only(loaded.replicas.filter((replica) => replica.account === account));
}

const troublesOf = async (three: Rehearsal, account: string, task: number): Promise<string[]> =>
  (await replicaOf(three, account, task)).troubles.map(({ code }) => code);

async function look(three: Rehearsal, account: string, task: number): Promise<void> {
  await three.store.touch([
    {
      account: as<AccountId>(account),
      task: as<LocalTaskId>(String(task)),
      aspects: ['task', 'comments'],
      lane: 'field',
      dueAt: three.runtime.now(),
      correlation: 'a look',
    },
  ]);
  await three.settle();
}

const here = (three: Rehearsal, mirror: number) =>
  only(planfixTasks(three, 'teyron').filter(({ id }) => id === mirror));

describe('A task that is away', () => {
  test('out of the sight of the acting user is no deletion: it is listed, nothing changes elsewhere, and it goes on by itself when it is seen again', async () => {
    const three = await ofAnOrdinaryUser();
    const { task, mirror } = await sharedTask(three, { auditors: [1] });
    const before = here(three, mirror);
    three.act('romashka', { as: 12, do: 'edit task', task, auditors: [] });
    await three.settle();
    expect((await replicaOf(three, 'romashka', task)).state).toBe('unreadable');
    expect(await troublesOf(three, 'romashka', task)).toEqual(['E-TASK-UNREADABLE']);
    expect(here(three, mirror)).toEqual(before);
    const words = { text: '<p>Вы здесь?</p>', recipients: ['contact:20'] };
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, ...words });
    await three.settle();
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual([]);
    // Nobody tells the bridge of it: its hints are dropped, and the sweep would find nothing either.
    three.host('romashka').addFault({ on: 'webhook', drop: true, times: 10 });
    three.act('romashka', { as: 12, do: 'edit task', task, auditors: [1] });
    await three.settle(hours);
    expect(await troublesOf(three, 'romashka', task)).toEqual([]);
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Анна Смирнова (ТЕЙРОН):\nВы здесь?']);
  });

  test('is looked for ever more rarely', async () => {
    const three = await ofAnOrdinaryUser();
    const { task } = await sharedTask(three, { auditors: [1] });
    three.act('romashka', { as: 12, do: 'edit task', task, auditors: [] });
    await three.settle();
    three.forgetRequests();
    await three.settle(30 * 24 * hours);
    expect(three.requests('romashka').reads).toBeLessThan(50);
    expect((await replicaOf(three, 'romashka', task)).state).toBe('unreadable');
  });

  test('that the acting user still sees is joined again when somebody takes it out of the task', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'edit task', task, auditors: [] });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka').filter(({ id }) => id === task)).auditors).toContain(1);
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Слышно?' });
    await three.settle();
    expect(texts(planfixComments(three, 'teyron'))).toContain('Мария Лебедева (Ромашка):\nСлышно?');
    expect(here(three, mirror).title).toBe('Форма');
  });

  test.each(['flag', 'missing'])(
    'because people deleted it, told by %s, stays in every other account; restored, it goes on',
    async (way) => {
      const three = await rehearseThree();
      three.host('teyron').setSettings({ 'task.deletedGet': way });
      const { task, mirror } = await sharedTask(three);
      three.act('teyron', { as: 2, do: 'delete task', task: mirror });
      await look(three, 'teyron', mirror);
      expect(await troublesOf(three, 'teyron', mirror)).toEqual(['E-TASK-GONE']);
      three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
      await three.settle();
      expect(only(bitrixTasks(three, 'romashka').filter(({ id }) => id === task)).title).toBe('Форма 2');
      three.host('teyron').addFault({ on: 'webhook', drop: true, times: 10 });
      three.act('teyron', { as: 2, do: 'restore task', task: mirror });
      await three.settle(36 * hours);
      expect(here(three, mirror).title).toBe('Форма 2');
      expect(await troublesOf(three, 'teyron', mirror)).toEqual([]);
    },
  );

  test('to a token that lost its rights (code 6) is no deletion, and goes on when it is asked by hand', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    const refusal = { status: 400, body: { result: 'fail', code: 6, error: 'Access denied' } };
    for (const on of [`GET /task/${String(mirror)}`, 'POST /task/list'])
      three.host('teyron').addFault({ on, answer: refusal, times: 1 });
    await look(three, 'teyron', mirror);
    expect(await troublesOf(three, 'teyron', mirror)).toEqual(['E-TASK-UNREADABLE']);
    expect(only(bitrixTasks(three, 'romashka').filter(({ id }) => id === task)).title).toBe('Форма');
    three.host('teyron').clearFaults();
    const [item] = await three.store.loadByTask([
      { account: as<AccountId>('teyron'), task: as<LocalTaskId>(String(mirror)) },
    ]);
    if (item === undefined) throw new Error('no item');
    await retry(three.deps, item);
    await three.settle();
    expect(await troublesOf(three, 'teyron', mirror)).toEqual([]);
  });

  test('whose reading broke off half-way is read again, without a new hint', async () => {
    const three = await rehearseThree();
    const mirrors = [integratorTask(three, { name: 'Один' }), integratorTask(three, { name: 'Два' })];
    await three.settle();
    for (const mirror of mirrors)
      three.host('teyron').addFault({
        on: `POST /task/${String(mirror)}/comments/list`,
        answer: { status: 503, body: '' },
        times: 1,
      });
    for (const task of mirrors)
      three.act('teyron', {
        as: 2,
        do: 'add comment',
        task,
        text: `<p>Слово ${String(task)}</p>`,
        recipients: ['contact:20'],
      });
    await three.settle(hours);
    for (const mirror of mirrors) expect(await troublesOf(three, 'teyron', mirror)).toEqual([]);
    const items = await three.store.loadItems(await three.store.listItems(null));
    expect(items.map(({ item }) => item.messages.length)).toEqual([1, 1]);
  });
});
