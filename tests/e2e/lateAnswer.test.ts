import { describe, expect, test } from '@jest/globals';
import { type Connector } from '../../connectors/port.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';
import { visit } from '../../sync/engine/visit.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const romashka = as<AccountId>('romashka');
const teyron = as<AccountId>('teyron');

/** The next update of an account is carried out at once and answered only when `meanwhile` is over. */
function answersLate(three: Rehearsal, account: AccountId, meanwhile: () => Promise<void>): () => boolean {
  const connected = three.deps.accounts.get(account);
  if (!connected) throw new Error(`no account ${account}`);
  const accounts = three.deps.accounts as Map<AccountId, ConnectedAccount>;
  let answered = false;
  const late: Connector = {
    ...connected.connector,
    write: async (writes, open) => {
      const outcomes = await connected.connector.write(writes, open);
      if (!answered && writes.some(({ kind }) => kind === 'task.update')) {
        answered = true;
        await meanwhile();
      }
      return outcomes;
    },
  };
  accounts.set(account, { ...connected, connector: late });
  return () => answered;
}

/** Another worker, to whom the lease of the first one has fallen, reads the task and keeps what it saw. */
async function anotherWorker(three: Rehearsal, account: AccountId, task: number): Promise<void> {
  const touch = {
    account,
    task: as<LocalTaskId>(String(task)),
    aspects: ['task'],
    lane: 'field',
    dueAt: three.runtime.now(),
    correlation: 'another worker',
  } as const;
  await three.store.touch([touch]);
  await visit(three.deps, account);
}

async function conflicts(three: Rehearsal): Promise<readonly unknown[]> {
  const loaded = await three.store.loadItems(await three.store.listItems(null));
  return only(loaded).item.conflicts;
}

describe('An answer that comes after another worker took over', () => {
  test('puts no older reading of Bitrix24 over what was agreed on since', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    let crossed = '';
    const answered = answersLate(three, romashka, async () => {
      three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
      three.runtime.advance(three.deps.settings.leaseMs + 10_000);
      await anotherWorker(three, romashka, task);
      await visit(three.deps, teyron);
      crossed = only(planfixTasks(three, 'teyron')).title;
      three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 3' });
      three.runtime.advance(10_000);
      await anotherWorker(three, teyron, mirror);
    });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, description: '<p>Поля</p>' });
    await three.settle();
    expect([answered(), crossed]).toEqual([true, 'Форма 2']);
    expect(await conflicts(three)).toEqual([]);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 3');
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 3');
    expect(only(bitrixTasks(three, 'romashka')).description).toContain('Поля');
    expect(only(planfixTasks(three, 'teyron')).description).toContain('Поля');
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test('puts no older reading of Planfix over what was agreed on since', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    let crossed = '';
    const answered = answersLate(three, teyron, async () => {
      three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
      three.runtime.advance(three.deps.settings.leaseMs + 10_000);
      await anotherWorker(three, teyron, mirror);
      await visit(three.deps, romashka);
      crossed = only(bitrixTasks(three, 'romashka')).title;
      three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 3' });
      three.runtime.advance(10_000);
      await anotherWorker(three, romashka, task);
    });
    three.act('romashka', { as: 12, do: 'edit task', task, description: 'Поля' });
    await three.settle();
    expect([answered(), crossed]).toEqual([true, 'Форма 2']);
    expect(await conflicts(three)).toEqual([]);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 3');
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 3');
    expect(only(bitrixTasks(three, 'romashka')).description).toContain('Поля');
    expect(only(planfixTasks(three, 'teyron')).description).toContain('Поля');
    expect(await three.store.openOperations(null)).toEqual([]);
  });
});
