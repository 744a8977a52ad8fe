import { describe, expect, test } from '@jest/globals';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

describe('Sets of people, which Planfix replaces whole', () => {
  test('whom somebody has just added is not dropped by a change of the other side', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'set participants', task: mirror, users: ['user:3'] });
    three.act('romashka', { as: 12, do: 'edit task', task, accomplices: [14] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).participants).toContain('user:3');
    expect(only(bitrixTasks(three, 'romashka')).accomplices).toContain(14);

    three.act('romashka', { as: 12, do: 'edit task', task, accomplices: [] });
    three.act('teyron', { as: 2, do: 'set participants', task: mirror, users: ['user:3', 'user:2'] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).participants).toEqual(
      expect.arrayContaining(['user:3', 'user:2']),
    );
  });

  test('a passed baton replaces the assignees alone: other sets stay as they are', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'set auditors', task: mirror, users: ['user:2'] });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    three.act('romashka', { as: 12, do: 'delegate', task, user: 12 });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({
      title: 'Форма 2',
      assignees: ['contact:20'],
      auditors: ['user:2'],
    });
  });
});

describe('An employee who becomes a contact', () => {
  test('goes on being of the same organisation: the other side sees no change', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Как дела?' });
    await three.settle();
    const before = only(bitrixTasks(three, 'romashka'));
    three.forgetRequests();

    const { id } = three.act('teyron', {
      as: 2,
      do: 'create contact',
      name: 'Борис',
      lastname: 'Ким',
      email: 'boris@teyron.example',
    }) as { id: number };
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: [`contact:${String(id)}`] });
    three.act('teyron', { as: 2, do: 'dismiss user', user: 3 });
    const connected = [...three.deps.accounts.values()].find(
      ({ connector }) => connector.account === 'teyron',
    );
    if (connected) connected.view = connected.connector.view(await connected.connector.people());
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).assignees).toEqual([`contact:${String(id)}`]);
    expect(only(bitrixTasks(three, 'romashka'))).toEqual(before);
    expect(three.requests('romashka').writes).toBe(0);

    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({
      title: 'Форма 2',
      assignees: [`contact:${String(id)}`],
    });
  });
});
