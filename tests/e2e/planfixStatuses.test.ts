import { describe, expect, test } from '@jest/globals';
import { type Json, type SettingValue } from '../../emulators/common/types.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { only, planfixTasks, type Row, rows } from './look.ts';
import { rehearseTwoPlanfix } from './three.ts';

/** Statuses of two objects instead of the account's; a third object has none. */
const twoObjects = (text: string): string =>
  text.replace(
    /( {2}teyron:\n) {4}# the object[\s\S]*?( {2}lavanda:\n {4}in:)/u,
    `$1    objects:
      '31':
        in: { '1': new, '2': in_progress, '101': review, '102': waiting_client, '3': done, '7': cancelled }
        out: { new: '1', in_progress: '2', review: '101', waiting_client: '102', done: '3', cancelled: '7' }
      '32':
        in: { '1': new, '2': in_progress, '201': review, '3': done, '7': cancelled }
        out: { new: '1', in_progress: '2', review: '201', waiting_client: hold, done: '3', cancelled: '7' }
$2`,
  );

const process = (id: number, statuses: readonly number[]): Row => ({
  id,
  name: `Набор ${String(id)}`,
  statuses,
});

/** Three objects with a set of statuses each; «На приёмке» (101) is set for each assignee, and the system's own are not. */
const threeObjects = (world: Json): Json => {
  const statuses = rows(world, 'statuses').map((one) =>
    one['id'] === 101 ? { ...one, isAppliedIndividually: true } : one,
  );
  const [first] = statuses;
  return {
    ...(world as { [key: string]: Json }),
    statuses: [...statuses, { ...first, id: 201, name: 'Сдано', isActive: true }],
    processes: [process(1, [1, 2, 101, 102, 3, 7]), process(2, [1, 2, 201, 3, 7]), process(3, [1, 2, 3])],
    objects: [31, 32, 33].map((id, index) => ({
      id,
      name: `Объект ${String(id)}`,
      process: index + 1,
      customFields: [],
    })),
    templates: [],
  } as unknown as Json;
};

const rehearsal = (): Promise<Rehearsal> => rehearseTwoPlanfix(twoObjects, threeObjects);

async function shared(two: Rehearsal, more: object = {}): Promise<{ ours: number; theirs: number }> {
  const { name = 'Корзина' } = more as { name?: string };
  const { id: ours } = two.act('teyron', {
    as: 2,
    do: 'create task',
    name,
    object: 31,
    assignees: ['user:3'],
    auditors: ['contact:25'],
    project: 50,
    ...more,
  }) as { id: number };
  await two.settle();
  return { ours, theirs: only(planfixTasks(two, 'lavanda').filter((task) => task.title === name)).id };
}

const statusIn = (two: Rehearsal, account: string, task: number): number =>
  only(planfixTasks(two, account).filter(({ id }) => id === task)).status;

async function set(
  two: Rehearsal,
  account: string,
  person: number,
  task: number,
  status: number,
): Promise<void> {
  two.act(account, { as: person, do: 'set status', task, status });
  await two.settle();
}

async function replicaOf(two: Rehearsal, account: string, task: number): Promise<Replica> {
  const ref = { account: as<AccountId>(account), task: as<LocalTaskId>(String(task)) };
  const { replicas } = only(await two.store.loadByTask([ref]));
  const replica = replicas.find((one) => one.account === ref.account);
  if (!replica) throw new Error(`no replica in ${account}`);
  return replica;
}

const settings = (two: Rehearsal, values: Readonly<Record<string, SettingValue>>): void => {
  two.host('teyron').setSettings(values);
};

describe('Statuses of single objects', () => {
  test('one status of the space is two local ones, each in its own object', async () => {
    const two = await rehearsal();
    const one = await shared(two, { name: 'Внедрение' });
    const other = await shared(two, { name: 'Поддержка', object: 32 });
    for (const { theirs } of [one, other]) await set(two, 'lavanda', 5, theirs, 6);
    expect(statusIn(two, 'teyron', one.ours)).toBe(101);
    expect(statusIn(two, 'teyron', other.ours)).toBe(201);
    await set(two, 'teyron', 3, one.ours, 2);
    await set(two, 'teyron', 3, other.ours, 2);
    expect(statusIn(two, 'lavanda', one.theirs)).toBe(2);
    expect(statusIn(two, 'lavanda', other.theirs)).toBe(2);
    await set(two, 'teyron', 3, other.ours, 201);
    expect(statusIn(two, 'lavanda', other.theirs)).toBe(6);
  });

  test('a status that an object can not show is held there alone', async () => {
    const two = await rehearsal();
    const one = await shared(two, { name: 'Внедрение' });
    const other = await shared(two, { name: 'Поддержка', object: 32 });
    for (const { theirs } of [one, other]) await set(two, 'lavanda', 5, theirs, 4);
    expect(statusIn(two, 'teyron', one.ours)).toBe(102);
    expect(statusIn(two, 'teyron', other.ours)).toBe(1);
    const { blocked } = await replicaOf(two, 'teyron', other.ours);
    expect(blocked['status']?.trouble.code).toBe('E-STATUS-HELD');
  });

  test('a task of an object without statuses is listed, all else of it crosses, and it joins in when it gets another object', async () => {
    const two = await rehearsal();
    const { ours, theirs } = await shared(two, { name: 'Разное', object: 33 });
    await set(two, 'teyron', 3, ours, 2);
    two.act('teyron', { as: 2, do: 'edit task', task: ours, name: 'Разное 2' });
    await two.settle();
    expect(only(planfixTasks(two, 'lavanda'))).toMatchObject({ title: 'Разное 2', status: 1 });
    await set(two, 'lavanda', 5, theirs, 4);
    expect(statusIn(two, 'teyron', ours)).toBe(2);
    const listed = (await replicaOf(two, 'teyron', ours)).troubles;
    expect(listed).toEqual([
      {
        code: 'E-STATUS-UNMAPPED',
        about: 'status',
        answered: 'object 33',
        todo: 'Add statuses.teyron.objects."33", or `in` and `out` for all objects without their own.',
      },
    ]);
    two.act('teyron', { as: 2, do: 'edit task', task: ours, object: 31 });
    await two.settle();
    expect((await replicaOf(two, 'teyron', ours)).troubles).toEqual([]);
    // What the client set meanwhile stands, for nobody set anything here since.
    expect(statusIn(two, 'teyron', ours)).toBe(102);
    expect(statusIn(two, 'lavanda', theirs)).toBe(4);
  });

  test('a task that gets another object keeps what its status meant, and goes on in the statuses of the new one', async () => {
    const two = await rehearsal();
    const { ours, theirs } = await shared(two);
    await set(two, 'teyron', 3, ours, 101);
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
    two.forgetRequests();
    two.act('teyron', { as: 2, do: 'edit task', task: ours, object: 32 });
    await two.settle();
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
    expect(two.requests('lavanda').writes).toBe(0);
    expect((await replicaOf(two, 'teyron', ours)).troubles).toEqual([]);
    await set(two, 'lavanda', 5, theirs, 2);
    await set(two, 'lavanda', 5, theirs, 6);
    expect(statusIn(two, 'teyron', ours)).toBe(201);
  });
});

describe('A status that each assignee has for himself', () => {
  const both = { assignees: ['user:3', 'user:2'] };

  test("set by one of two it is not the task's, set by both it is", async () => {
    const two = await rehearsal();
    const { ours, theirs } = await shared(two, both);
    await set(two, 'teyron', 3, ours, 2);
    expect(statusIn(two, 'lavanda', theirs)).toBe(2);
    two.forgetRequests();
    await set(two, 'teyron', 3, ours, 101);
    expect(statusIn(two, 'lavanda', theirs)).toBe(2);
    expect(two.requests('lavanda').writes).toBe(0);
    await set(two, 'teyron', 2, ours, 101);
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
  });

  test('where the bridge sets it for all, it is set and stays', async () => {
    const two = await rehearsal();
    const { ours, theirs } = await shared(two, both);
    await set(two, 'lavanda', 5, theirs, 6);
    expect(statusIn(two, 'teyron', ours)).toBe(101);
    expect((await replicaOf(two, 'teyron', ours)).blocked).toEqual({});
  });

  test('where the task does not take it from the bridge, that is listed, nothing comes back, and it is not tried again in vain', async () => {
    const two = await rehearsal();
    settings(two, { 'status.individualByOthers': 'nothing' });
    const { ours, theirs } = await shared(two, both);
    await set(two, 'lavanda', 5, theirs, 6);
    await two.sweep('teyron');
    await two.settle(86_400_000);
    expect(statusIn(two, 'teyron', ours)).toBe(1);
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
    const { blocked } = await replicaOf(two, 'teyron', ours);
    expect(blocked['status']?.trouble).toMatchObject({
      code: 'E-STATUS-UNREACHABLE',
      wanted: `status "101" of task ${String(ours)} in teyron, which stands in "1"`,
      answered: `the change was taken, and task ${String(ours)} with its 2 assignees still shows 1`,
    });
    two.forgetRequests();
    two.act('teyron', { as: 2, do: 'edit task', task: ours, name: 'Корзина 2' });
    await two.settle(86_400_000);
    expect(two.requests('teyron').writes).toBe(0);
    // With one assignee it is the task's own at once.
    two.act('teyron', { as: 2, do: 'set assignees', task: ours, users: ['user:3'] });
    await two.settle();
    expect(statusIn(two, 'teyron', ours)).toBe(101);
    expect((await replicaOf(two, 'teyron', ours)).blocked).toEqual({});
  });

  test('what the task did not take is no trouble any more once all its assignees have it', async () => {
    const two = await rehearsal();
    settings(two, { 'status.individualByOthers': 'nothing' });
    const { ours, theirs } = await shared(two, both);
    await set(two, 'lavanda', 5, theirs, 6);
    for (const person of [2, 3]) await set(two, 'teyron', person, ours, 101);
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
    expect((await replicaOf(two, 'teyron', ours)).blocked).toEqual({});
  });

  test('what the acting user is shown as one of several assignees counts for nobody, until it is taken off', async () => {
    const two = await rehearsal();
    settings(two, { 'status.perUserView': true });
    const { ours, theirs } = await shared(two, { assignees: ['user:3', 'user:1'] });
    await set(two, 'lavanda', 5, theirs, 6);
    // Written, it would be shown to the bridge alone, as if the task had it.
    expect(statusIn(two, 'teyron', ours)).toBe(1);
    expect((await replicaOf(two, 'teyron', ours)).troubles).toEqual([
      expect.objectContaining({
        code: 'E-STATUS-HELD',
        answered: 'status "1" as user:1 sees it, one of 2 assignees',
      }),
    ]);
    two.act('teyron', { as: 2, do: 'set assignees', task: ours, users: ['user:3'] });
    await two.settle();
    expect(statusIn(two, 'teyron', ours)).toBe(101);
    expect(statusIn(two, 'lavanda', theirs)).toBe(6);
    expect((await replicaOf(two, 'teyron', ours)).troubles).toEqual([]);
  });
});
