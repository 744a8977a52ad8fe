import { beforeEach, describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type OperationRow } from '../../store/port.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { bitrixSaid, only, planfixComments, rows, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const bridge = 1;

describe('The seat of the acting user in a task chat', () => {
  let three: Rehearsal;
  let task = 0;
  let mirror = 0;

  const clientSays = (text: string): void => {
    three.act('romashka', { as: 12, do: 'post message', task, text });
  };
  const integratorSays = (text: string): void => {
    three.act('teyron', { as: 2, do: 'add comment', task: mirror, text, recipients: ['contact:20'] });
  };
  const takeOut = (): void => {
    three.act('romashka', { as: 12, do: 'remove from chat', task, user: bridge });
  };
  const members = (): number[] =>
    only(rows(three.host('romashka').dump(), 'chats').filter((chat) => chat['task'] === task))[
      'members'
    ] as number[];
  const loaded = async () =>
    only(
      await three.store.loadByTask([
        { account: as<AccountId>('romashka'), task: as<LocalTaskId>(String(task)) },
      ]),
    );
  const replica = async (): Promise<Replica> =>
    only((await loaded()).replicas.filter(({ account }) => account === 'romashka'));
  const joins = async (): Promise<OperationRow[]> =>
    (await three.store.operationsOf((await loaded()).item.id, 100)).filter(
      ({ planned }) => planned.write.kind === 'task.join',
    );

  beforeEach(async () => {
    three = await rehearseThree('new');
    ({ task, mirror } = await sharedTask(three));
    three.runtime.advance(180_000);
  });

  test('is taken by an operation of its own, which the list of writes shows', async () => {
    const [join] = await joins();
    expect(join).toMatchObject({ state: 'done', planned: { key: 'task.join', lane: 'comment' } });
    expect(members()).toContain(bridge);
  });

  test('is asked back when somebody takes it away, and nothing said meanwhile is lost', async () => {
    takeOut();
    clientSays('Пока вас не было');
    integratorSays('<p>И мы говорили</p>');
    await three.settle();
    expect(members()).toContain(bridge);
    expect((await joins()).map(({ planned, state }) => [planned.key, state])).toContainEqual([
      'chat.join',
      'done',
    ]);
    expect(texts(planfixComments(three, 'teyron'))).toContain('Мария Лебедева (Ромашка):\nПока вас не было');
    expect(texts(bitrixSaid(three, 'romashka'))).toContain('Анна Смирнова (ТЕЙРОН):\nИ мы говорили');
    const { outsideChat, troubles } = await replica();
    expect(outsideChat).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  test('is asked back once a day, not again and again; until then it is listed', async () => {
    takeOut();
    clientSays('Раз');
    await three.settle();
    takeOut();
    clientSays('Два');
    integratorSays('<p>Ответ</p>');
    await three.settle();
    clientSays('Три');
    await three.settle();
    await three.store.touch([
      {
        account: as<AccountId>('romashka'),
        task: as<LocalTaskId>(String(task)),
        aspects: ['task'],
        lane: 'field',
        dueAt: three.runtime.now(),
        correlation: 'a look at the task alone',
      },
    ]);
    await three.settle();
    expect(members()).not.toContain(bridge);
    expect((await joins()).filter(({ planned }) => planned.key === 'chat.join')).toHaveLength(1);
    const { troubles, blocked } = await replica();
    expect([...troubles, ...Object.values(blocked).map(({ trouble }) => trouble)]).toContainEqual(
      expect.objectContaining({ code: 'E-REMOTE-RIGHT', about: 'comment' }),
    );
    three.runtime.advance(86_400_000);
    clientSays('Четыре');
    await three.settle();
    expect(members()).toContain(bridge);
    expect(texts(planfixComments(three, 'teyron'))).toHaveLength(5);
    expect(texts(bitrixSaid(three, 'romashka'))).toContain('Анна Смирнова (ТЕЙРОН):\nОтвет');
  });

  test('that it can not take back by itself is listed; fields go on; a person who adds it back ends that', async () => {
    three.act('romashka', { as: 12, do: 'edit task', task, accomplices: [bridge], auditors: [] });
    await three.settle();
    takeOut();
    clientSays('Пока вас не было');
    await three.settle();
    expect((await replica()).blocked['chat.join']?.trouble).toMatchObject({ code: 'E-REMOTE-RIGHT' });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
    await three.settle();
    expect(only(rows(three.host('romashka').dump(), 'tasks').filter(({ id }) => id === task))['title']).toBe(
      'Форма 2',
    );
    takeOut();
    three.act('romashka', { as: 12, do: 'add to chat', task, user: bridge });
    clientSays('Теперь слышно');
    await three.settle();
    expect(texts(planfixComments(three, 'teyron'))).toEqual([
      'Мария Лебедева (Ромашка):\nПока вас не было',
      'Мария Лебедева (Ромашка):\nТеперь слышно',
    ]);
    expect((await replica()).blocked['chat.join']).toBeUndefined();
  });
});
