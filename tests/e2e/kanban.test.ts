import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId, type SpaceId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearsePair } from './three.ts';

const kanban = (changed?: (text: string) => string): Promise<Rehearsal> =>
  rehearsePair('new', 'kanban.yaml', changed);

const theirs = (pair: Rehearsal): { status: number; stage: number } => {
  const { status, stage } = only(bitrixTasks(pair, 'romashka'));
  return { status, stage };
};
const ours = (pair: Rehearsal): number => only(planfixTasks(pair, 'teyron')).status;

const moveCard = async (pair: Rehearsal, task: number, stage: number): Promise<void> => {
  pair.act('romashka', { as: 12, do: 'move task', task, stage });
  await pair.settle();
};
const setOurs = async (pair: Rehearsal, task: number, status: number): Promise<void> => {
  pair.act('teyron', { as: 3, do: 'set status', task, status });
  await pair.settle();
};

async function replicaOf(pair: Rehearsal, account: string, task: number): Promise<Replica> {
  const ref = { account: as<AccountId>(account), task: as<LocalTaskId>(String(task)) };
  const { replicas } = only(await pair.store.loadByTask([ref]));
  const replica = replicas.find((one) => one.account === ref.account);
  if (!replica) throw new Error(`no replica in ${account}`);
  return replica;
}

describe('Columns of a kanban', () => {
  test('a card that a client moves is a status elsewhere, and moved on it is another one', async () => {
    const pair = await kanban();
    const { task } = await sharedTask(pair);
    pair.act('romashka', { as: 12, do: 'start', task });
    await pair.settle();
    expect(ours(pair)).toBe(2);
    pair.forgetRequests();
    await moveCard(pair, task, 43);
    expect(ours(pair)).toBe(4);
    // The task is read with its column in one request, and nothing is written where the card was moved.
    expect(pair.requests('romashka')).toEqual({ reads: 1, writes: 0 });
    await moveCard(pair, task, 42);
    expect(ours(pair)).toBe(2);
    expect(theirs(pair)).toEqual({ status: 3, stage: 42 });
  });

  test("a change of the integrator's moves the card with the status in one request, and comes back as nobody's", async () => {
    const pair = await kanban();
    const { mirror } = await sharedTask(pair);
    pair.forgetRequests();
    await setOurs(pair, mirror, 4);
    expect(theirs(pair)).toEqual({ status: 3, stage: 43 });
    expect(pair.requests('romashka').writes).toBe(1);
    pair.forgetRequests();
    await pair.sweep('romashka');
    await pair.settle(86_400_000);
    expect(pair.requests('romashka').writes).toBe(0);
    expect(pair.requests('teyron').writes).toBe(0);
    expect(ours(pair)).toBe(4);
    await setOurs(pair, mirror, 2);
    expect(theirs(pair)).toEqual({ status: 3, stage: 42 });
  });

  test('a mirror is born with its card in the column of its status', async () => {
    const pair = await kanban();
    pair.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Ждём',
      assignees: ['user:3'],
      project: 41,
      status: 4,
    });
    await pair.settle();
    expect(theirs(pair)).toEqual({ status: 3, stage: 43 });
    expect(ours(pair)).toBe(4);
  });

  test('a column without a meaning is left to the client: no harm, no message, no move', async () => {
    const pair = await kanban();
    const { task, mirror } = await sharedTask(pair);
    await setOurs(pair, mirror, 2);
    pair.forgetRequests();
    await moveCard(pair, task, 44);
    expect(ours(pair)).toBe(2);
    expect(theirs(pair)).toEqual({ status: 3, stage: 44 });
    expect(pair.requests('romashka').writes + pair.requests('teyron').writes).toBe(0);
    expect((await replicaOf(pair, 'romashka', task)).troubles).toEqual([]);
    // From a column that means waiting into one that means nothing: what the status says counts again.
    await moveCard(pair, task, 43);
    expect(ours(pair)).toBe(4);
    await moveCard(pair, task, 44);
    expect(ours(pair)).toBe(2);
  });

  test('acceptance and the end go before every column', async () => {
    const pair = await kanban();
    const { task, mirror } = await sharedTask(pair);
    await setOurs(pair, mirror, 4);
    await setOurs(pair, mirror, 6);
    expect(theirs(pair)).toEqual({ status: 4, stage: 43 });
    expect(ours(pair)).toBe(6);
    pair.act('romashka', { as: 12, do: 'approve', task });
    await pair.settle();
    expect(ours(pair)).toBe(3);
    await moveCard(pair, task, 43);
    expect(ours(pair)).toBe(3);
  });

  test('«Начать» counts where the column says no more than the status, and not where it waits', async () => {
    const pair = await kanban();
    const { task } = await sharedTask(pair);
    await moveCard(pair, task, 43);
    expect(ours(pair)).toBe(4);
    pair.act('romashka', { as: 12, do: 'start', task });
    await pair.settle();
    expect(ours(pair)).toBe(4);
    expect(theirs(pair)).toEqual({ status: 3, stage: 43 });
    await moveCard(pair, task, 41);
    expect(ours(pair)).toBe(2);
  });

  test('outside of the group columns mean nothing, and a status that only a column shows is held and listed', async () => {
    const pair = await kanban();
    const { id: task } = pair.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Без группы',
      responsible: 77,
    }) as { id: number };
    await pair.settle();
    const mirror = only(planfixTasks(pair, 'teyron')).id;
    await setOurs(pair, mirror, 2);
    expect(theirs(pair)).toEqual({ status: 3, stage: 0 });
    pair.forgetRequests();
    await setOurs(pair, mirror, 4);
    expect(theirs(pair)).toEqual({ status: 3, stage: 0 });
    expect(pair.requests('romashka').writes).toBe(0);
    const { blocked } = await replicaOf(pair, 'romashka', task);
    expect(blocked['status']?.trouble).toMatchObject({
      code: 'E-STATUS-HELD',
      wanted: 'waiting_client',
      todo: 'Only a column of group 7 shows "waiting_client" in romashka, and the task stands elsewhere: put it into the group, or set the status by hand.',
    });
    // Put into the group, it is shown.
    pair.act('romashka', { as: 12, do: 'edit task', task, group: 7 });
    await pair.settle();
    expect(theirs(pair)).toEqual({ status: 3, stage: 43 });
    expect(ours(pair)).toBe(4);
  });

  test("a column that is not there any more is told, and what was written up to it is nobody's change", async () => {
    const pair = await kanban((text) =>
      text
        .replace("'43': waiting_client", "'99': waiting_client")
        .replace("waiting_client: '43'", "waiting_client: '99'"),
    );
    const { task, mirror } = await sharedTask(pair);
    await setOurs(pair, mirror, 4);
    expect(theirs(pair)).toEqual({ status: 3, stage: 0 });
    expect(ours(pair)).toBe(4);
    const { blocked } = await replicaOf(pair, 'romashka', task);
    expect(blocked['status']?.trouble).toMatchObject({
      about: 'status',
      answered: expect.stringContaining('NOT_FOUND'),
    });
    pair.forgetRequests();
    await pair.settle(86_400_000);
    expect(pair.requests('romashka').writes).toBe(0);
    // Other fields are not held up by it.
    pair.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма v2' });
    await pair.settle();
    expect(only(bitrixTasks(pair, 'romashka')).title).toBe('Форма v2');
  });

  test('the columns of a group are told in their order, and those of a group out of reach are an error', async () => {
    const { connector } = (await kanban()).deps.accounts.get(as<AccountId>('romashka')) ?? {};
    expect(await connector?.stages?.('7')).toEqual([
      { id: '41', name: 'Новые' },
      { id: '42', name: 'В работе' },
      { id: '43', name: 'Ждём ответа' },
      { id: '44', name: 'Когда-нибудь' },
      { id: '45', name: 'Готово' },
    ]);
    await expect(connector?.stages?.('999')).rejects.toThrow('E-REMOTE-RIGHT');
  });

  test('a mapping that gives columns a meaning invents no edit: cards go where the tasks stand', async () => {
    const pair = await kanban((text) =>
      text.replace(/ {4}stages:[\s\S]*?\n\n/u, '\n').replace("waiting_client: '3'", 'waiting_client: hold'),
    );
    const { task, mirror } = await sharedTask(pair);
    await setOurs(pair, mirror, 2);
    await moveCard(pair, task, 43);
    expect(ours(pair)).toBe(2);
    for (const [space, mapping] of (await kanban()).deps.mappings)
      (pair.deps.mappings as Map<SpaceId, Mapping>).set(space, mapping);
    await pair.sweep('romashka');
    pair.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма v2' });
    await pair.settle();
    expect(ours(pair)).toBe(2);
    expect(theirs(pair)).toEqual({ status: 3, stage: 42 });
  });
});
