import { describe, expect, test } from '@jest/globals';
import { done, person, snapshotOf, taskId, updating } from '../contracts/portCalls.ts';
import { planfixAccount } from './account.ts';

const groups = { userGroups: [{ id: 12, name: 'Отдел', members: ['user:2'] }] };

describe('People of Planfix', () => {
  test('an employee, a contact and a group of one number are three: listed, read and written as such', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow', world: groups });
    const known = await account.connector.people();
    const twelve = known.filter(({ id }) => /:12$/.test(id)).map(({ id, kind }) => `${id} ${kind}`);
    expect(twelve.sort()).toEqual(['contact:12 contact', 'group:12 group', 'user:12 employee']);

    const { id } = account.act({
      as: 2,
      do: 'create task',
      name: 'Форма',
      assignees: ['user:12', 'group:12'],
      participants: ['contact:12'],
    });
    const before = await snapshotOf(account, taskId(String(id)));
    expect(before).toMatchObject({ assignees: ['user:12', 'group:12'], participants: ['contact:12'] });

    await done(
      account,
      updating(before, {
        set: {
          assignees: [person('contact:12'), person('group:12')],
          participants: [person('user:12')],
          auditors: [person('user:2')],
        },
      }),
    );
    expect(await snapshotOf(account, taskId(String(id)))).toMatchObject({
      assignees: ['contact:12', 'group:12'],
      participants: ['user:12'],
      auditors: ['user:2'],
    });
  });

  test('a set of people that is not among the wanted ones stays as it is', async () => {
    const account = planfixAccount({ zone: 'Europe/Moscow' });
    const task = account.act({ as: 2, do: 'create task', name: 'Форма', assignees: ['user:12'] }).id;
    const before = await snapshotOf(account, taskId(String(task)));
    account.act({ as: 2, do: 'set participants', task, users: ['contact:12'] });
    await done(account, updating(before, { set: { title: 'Форма 2', auditors: [person('user:2')] } }));
    expect(await snapshotOf(account, taskId(String(task)))).toMatchObject({
      title: 'Форма 2',
      assignees: ['user:12'],
      participants: ['contact:12'],
      auditors: ['user:2'],
    });
  });
});
