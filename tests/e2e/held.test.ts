import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, only, planfixComments, planfixTasks, texts } from './look.ts';
import { unmappedPeople } from '../../sync/core/people.ts';
import { contextOf } from '../../sync/engine/deps.ts';
import { clientTask, sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

const hours = 3_600_000;

interface Listed {
  readonly account: string;
  readonly code: string;
  readonly about: string;
  readonly todo: string;
}

/** Everything that the bridge lists as not done, by account. */
async function listed(three: Rehearsal): Promise<Listed[]> {
  const loaded = await three.store.loadItems(await three.store.listItems(null));
  return loaded.flatMap(({ replicas }) =>
    replicas.flatMap(({ account, troubles, blocked }) =>
      [...troubles, ...Object.values(blocked).map(({ trouble }) => trouble)].map(({ code, about, todo }) => ({
        account,
        code,
        about,
        todo,
      })),
    ),
  );
}

const about = async (three: Rehearsal, account: string): Promise<string[]> => [
  ...new Set(
    (await listed(three)).filter((one) => one.account === account).map((one) => `${one.code} ${one.about}`),
  ),
];

describe('What cannot be written is held and listed, and holds up nothing else', () => {
  test('a status that the mapping holds stays at home and is listed; fields and comments go on', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Не берём</p>',
      recipients: ['contact:20'],
    });
    await three.settle();
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 5 });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ status: 2, title: 'Форма 2' });
    expect(only(planfixTasks(three, 'teyron')).status).toBe(5);
    expect(await about(three, 'romashka')).toContain('E-STATUS-HELD status');
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Почему?' });
    await three.settle();
    expect(texts(planfixComments(three, 'teyron')).at(-1)).toBe('Мария Лебедева (Ромашка):\nПочему?');
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 2 });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(3);
    expect(await about(three, 'romashka')).toEqual([]);
  });

  test('a status without a row is held and reported with the line to paste', async () => {
    const mapping = hubMapping();
    const teyron = as<AccountId>('teyron');
    const lens = mapping.statuses[teyron]?.everywhere;
    const rows = Object.entries(lens?.in ?? {}).filter(([id]) => id !== '4');
    const cutDown: Mapping = {
      ...mapping,
      statuses: {
        ...mapping.statuses,
        [teyron]: {
          objects: {},
          everywhere: {
            in: Object.fromEntries(rows) as Record<LocalStatusId, never>,
            out: lens?.out ?? {},
          },
        },
      },
    };
    const three = await rehearseThree('new', { mappings: [cutDown] });
    const { mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 4 });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ status: 2, title: 'Форма 2' });
    expect(only(planfixTasks(three, 'teyron')).status).toBe(4);
    const report = (await listed(three)).find(({ code }) => code === 'E-STATUS-UNMAPPED');
    expect(report?.account).toBe('teyron');
    expect(report?.todo).toContain('statuses.teyron.in');
    expect(report?.todo).toContain('"4":');
  });

  test('a person without a row is shown by the stand-in, and is listed', async () => {
    const three = await rehearseThree();
    const { mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['user:2'] });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).responsible).toBe(77);
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    const context = contextOf(three.deps, hubMapping());
    if (!loaded || !context) throw new Error('no item');
    expect(unmappedPeople(context, loaded.item, as<AccountId>('romashka'))).toEqual([
      { home: 'teyron', person: 'user:2', places: ['assignee'], shownAs: '77' },
    ]);
    expect(unmappedPeople(context, loaded.item, as<AccountId>('teyron'))).toEqual([
      { home: 'romashka', person: '12', places: ['creator'], shownAs: 'contact:20' },
    ]);
  });

  test('an organisation that nobody stands for is listed, and the other fields cross', async () => {
    const mapping = hubMapping();
    const members = mapping.members.map((one) =>
      one.account === as<AccountId>('teyron')
        ? { ...one, standIns: { [as<AccountId>('pixel')]: as<LocalPersonId>('contact:21') } }
        : one,
    );
    const three = await rehearseThree('new', { mappings: [{ ...mapping, members }] });
    await sharedTask(three);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма');
    expect(await about(three, 'teyron')).toContain('E-PERSON-UNMAPPED creator');
  });

  test('a refused field is isolated: the others cross, and it is listed until it changes', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    const refusal = { status: 400, body: { result: 'fail', code: 3001, error: 'Bad value' } };
    const target = `POST /task/${String(only(planfixTasks(three, 'teyron')).id)}`;
    // The write of both, then the first field alone, are refused; the rest is taken.
    three.host('teyron').addFault({ on: target, answer: refusal, times: 2 });
    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task,
      title: 'Форма 2',
      deadline: '2026-12-05T12:00:00+03:00',
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({
      title: 'Форма',
      deadline: '2026-12-05T09:00Z',
    });
    expect(await about(three, 'teyron')).toEqual(['E-REMOTE-REFUSED title']);
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 3' });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 3');
    expect(await about(three, 'teyron')).toEqual([]);
  });

  test('one task that is refused holds up no other', async () => {
    const three = await rehearseThree();
    const first = await sharedTask(three, { title: 'Первая' });
    const second = await sharedTask(three, { title: 'Вторая' });
    three.host('teyron').addFault({
      on: `POST /task/${String(first.mirror)}`,
      answer: { status: 400, body: { result: 'fail', code: 3001, error: 'Bad value' } },
      times: 50,
    });
    three.act('romashka', { as: 12, do: 'edit task', task: first.task, title: 'Первая 2' });
    three.act('romashka', { as: 12, do: 'edit task', task: second.task, title: 'Вторая 2' });
    three.act('romashka', { as: 12, do: 'post message', task: first.task, text: 'Слово' });
    await three.settle();
    expect(planfixTasks(three, 'teyron').map(({ title }) => title)).toEqual(['Первая', 'Вторая 2']);
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
  });

  test('a comment that is refused holds up neither later comments nor fields', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.host('teyron').addFault({
      on: `POST /task/${String(mirror)}/comments/`,
      answer: { status: 400, body: { result: 'fail', code: 3001, error: 'Bad text' } },
    });
    for (const text of ['Плохой', 'Хороший'])
      three.act('romashka', { as: 12, do: 'post message', task, text });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle();
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nХороший']);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    expect((await about(three, 'teyron')).length).toBe(1);
  });

  test('a success that stores nothing is listed and is not written for ever', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.host('teyron').addFault({
      on: `POST /task/${String(mirror)}`,
      when: 'before',
      answer: { status: 200, body: { result: 'success' } },
      times: 50,
    });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    three.forgetRequests();
    await three.settle(hours);
    expect(three.requests('teyron').writes).toBeLessThanOrEqual(2);
    expect(await about(three, 'teyron')).toContain('E-FIELD-NOT-STORED title');
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 2');
  });

  test('an account that is down loses nothing: the change arrives when it is back', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    three.host('teyron').addFault({ on: '*', answer: { status: 503 }, times: 8 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Слово' });
    await three.settle(4 * hours);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test('an update that Planfix accepts for later (202) is settled by a later reading', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    three.host('teyron').setSettings({ 'task.queueProbability': 1, 'task.queueDelayMs': 20_000 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(hours);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 2');
    expect(await three.store.openOperations(null)).toEqual([]);
  });
});

describe('A move of the status that the mapping forbids', () => {
  test('a refusal without a reason is put back and listed; said with a reason in one go it stands', async () => {
    const three = await rehearseThree();
    const { mirror } = await sharedTask(three);
    three.runtime.advance(hours);
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 5 });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).status).toBe(1);
    expect(await about(three, 'teyron')).toEqual(['E-TRANSITION status']);
    three.runtime.advance(hours);
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 5 });
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, text: '<p>Не наше</p>', recipients: [] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).status).toBe(5);
    expect(await about(three, 'teyron')).toEqual([]);
  });

  test("acceptance belongs to the client: the integrator's own is put back", async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    for (const status of [2, 6, 3]) {
      three.act('teyron', { as: 2, do: 'set status', task: mirror, status });
      await three.settle();
    }
    expect(only(planfixTasks(three, 'teyron')).status).toBe(6);
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ id: task, status: 4 });
    expect(await about(three, 'teyron')).toEqual(['E-TRANSITION status']);
    three.act('romashka', { as: 12, do: 'approve', task });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).status).toBe(3);
    expect(await about(three, 'teyron')).toEqual([]);
  });
});

describe('When no hint ever arrives', () => {
  test.each(['new', 'old'] as const)('sweeps find tasks, changes and comments, %s card', async (card) => {
    const three = await rehearseThree(card, { hints: () => false });
    const sweeps = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1)
        for (const account of ['teyron', 'romashka', 'pixel']) {
          three.runtime.advance(70_000);
          await three.sweep(account);
          await three.settle();
        }
    };
    await sweeps();
    const task = clientTask(three);
    await sweeps();
    const mirror = only(planfixTasks(three, 'teyron')).id;
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Два</p>',
      recipients: ['contact:20'],
    });
    await sweeps();
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 2');
    expect(texts(planfixComments(three, 'teyron'))).toContain('Мария Лебедева (Ромашка):\nРаз');
    expect(texts(bitrixSaid(three, 'romashka'))).toContain('Анна Смирнова (ТЕЙРОН):\nДва');
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 3' });
    const first = bitrixSaid(three, 'romashka').find(({ text }) => text === 'Раз');
    const word = card === 'new' ? 'message' : 'comment';
    three.act('romashka', { as: 12, do: `edit ${word}`, task, [word]: first?.id ?? 0, text: 'Раз, два' });
    await sweeps();
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 3');
    expect(texts(planfixComments(three, 'teyron'))).toContain('Мария Лебедева (Ромашка):\nРаз, два');
  });
});
