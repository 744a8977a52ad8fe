import { describe, expect, test } from '@jest/globals';
import { type Connector } from '../../connectors/port.ts';
import { as, type AccountId, type LocalPersonId, type LocalTaskId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';
import { visit } from '../../sync/engine/visit.ts';
import { bitrixSaid, bitrixTasks, only, planfixComments, planfixTasks, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

const account = (name: string): AccountId => as<AccountId>(name);

/** A task of the client that the integrator handed on to the contractor. */
async function handedOn(three: Rehearsal): Promise<{ task: number; mirror: number; order: number }> {
  const { task, mirror } = await sharedTask(three);
  three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] });
  await three.settle();
  return { task, mirror, order: only(planfixTasks(three, 'pixel')).id };
}

describe('Between organisations', () => {
  test('of an organisation that a task names no longer nothing crosses, neither words nor fields', async () => {
    const three = await rehearseThree();
    const { task, mirror, order } = await handedOn(three);
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['user:3'] });
    await three.settle();
    three.act('pixel', { as: 2, do: 'add comment', task: order, text: '<p>Между нами</p>' });
    three.act('pixel', { as: 2, do: 'edit task', task: order, name: 'Форма, пиксель' });
    three.act('pixel', { as: 2, do: 'set assignees', task: order, users: ['contact:5'] });
    await three.settle();
    three.act('pixel', { as: 2, do: 'set assignees', task: order, users: ['user:2'] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({ title: 'Форма', assignees: ['user:3'] });
    expect(texts(planfixComments(three, 'teyron'))).toEqual([]);
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ id: task, title: 'Форма' });
  });

  test('an organisation that is named again shows what it did meanwhile', async () => {
    const three = await rehearseThree();
    const { mirror, order } = await handedOn(three);
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['user:3'] });
    await three.settle();
    three.act('pixel', { as: 2, do: 'add comment', task: order, text: '<p>Готово наполовину</p>' });
    await three.settle();
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] });
    await three.settle();
    three.runtime.advance(180_000);
    await three.sweep('pixel');
    await three.settle();
    expect(texts(planfixComments(three, 'teyron')).join()).toContain('Готово наполовину');
  });

  test('a copy that the hub edited is no new word of the hub to those who may not read its origin', async () => {
    const mapping = hubMapping();
    const open: Mapping = {
      ...mapping,
      comments: {
        ...mapping.comments,
        mirrorEdits: 'add',
        share: { ...mapping.comments.share, [account('teyron')]: 'all' },
      },
    };
    const three = await rehearseThree('new', { mappings: [open] });
    const { order } = await handedOn(three);
    three.act('pixel', { as: 2, do: 'add comment', task: order, text: '<p>Наша цена — 5000</p>' });
    await three.settle();
    const copy = only(planfixComments(three, 'teyron'));
    three.act('teyron', {
      as: 'contact:21',
      do: 'edit comment',
      comment: copy.id,
      text: '<p><b>Дина Юсупова (Пиксель):</b></p><p>Наша цена — 4000</p>',
    });
    three.runtime.advance(180_000);
    await three.sweep('teyron');
    await three.settle();
    expect(texts(planfixComments(three, 'pixel')).join()).toContain('4000');
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual([]);
  });

  test('a person who says the same in two accounts keeps both comments', async () => {
    const mapping = hubMapping();
    const row = {
      [account('romashka')]: as<LocalPersonId>('14'),
      [account('teyron')]: as<LocalPersonId>('user:2'),
    };
    const three = await rehearseThree('new', {
      mappings: [{ ...mapping, people: [...mapping.people, row] }],
    });
    const { task, mirror } = await handedOn(three);
    three.act('romashka', { as: 14, do: 'post message', task, text: 'Да' });
    await three.settle();
    three.runtime.advance(3_600_000);
    const own = three.act('teyron', { as: 2, do: 'add comment', task: mirror, text: '<p>Да</p>' }) as {
      id: number;
    };
    await three.settle();
    three.runtime.advance(180_000);
    await three.sweep('teyron');
    await three.settle();
    const said = planfixComments(three, 'teyron');
    expect(said.map(({ id }) => id)).toContain(own.id);
    expect(texts(said)).toEqual(['Да', 'Да']);
  });

  test('what is edited while its copy is under way arrives as it was edited', async () => {
    const three = await rehearseThree('old');
    const { task } = await handedOn(three);
    const { id: comment } = three.act('romashka', { as: 12, do: 'add comment', task, text: 'Срок 5-го' }) as {
      id: number;
    };
    const accounts = three.deps.accounts as Map<AccountId, ConnectedAccount>;
    const connected = accounts.get(account('teyron'));
    if (!connected) throw new Error('teyron is not connected');
    let meanwhile = true;
    const write: Connector['write'] = async (writes, open) => {
      const outcomes = await connected.connector.write(writes, open);
      if (meanwhile && writes.some(({ kind }) => kind === 'comment.create')) {
        meanwhile = false;
        three.act('romashka', { as: 12, do: 'edit comment', task, comment, text: 'Срок 7-го' });
        await three.store.touch([
          {
            account: account('romashka'),
            task: as<LocalTaskId>(String(task)),
            aspects: ['comments'],
            lane: 'comment',
            dueAt: three.runtime.now(),
            correlation: 'test',
          },
        ]);
        await visit(three.deps, account('romashka'));
      }
      return outcomes;
    };
    accounts.set(account('teyron'), { ...connected, connector: { ...connected.connector, write } });
    await three.settle(3_600_000);
    expect(meanwhile).toBe(false);
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nСрок 7-го']);
  });

  test('whom a mention names is told to nobody who may not see them, whoever edited the description', async () => {
    const three = await rehearseThree();
    three.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Макет',
      description: '<p>Начало</p>',
      assignees: ['contact:21'],
      participants: ['contact:20'],
      project: 41,
    });
    await three.settle();
    const client = only(bitrixTasks(three, 'romashka'));
    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task: client.id,
      description: 'Начало\n\nСпросите [USER=14]Олега[/USER] и [USER=1]робота[/USER]',
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).description).toContain('Спросите');
    expect(only(planfixTasks(three, 'pixel')).description).toContain('Спросите');
    expect(only(planfixTasks(three, 'pixel')).description).not.toMatch(/Олег|Ромашка/u);
  });

  test('who was mentioned in a description of the client itself stays unknown to the contractor', async () => {
    const three = await rehearseThree();
    const { task, order } = await handedOn(three);
    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task,
      description: 'Спросите [USER=14]Олега[/USER] и [USER=1]робота[/USER]',
    });
    await three.settle();
    const shown = planfixTasks(three, 'pixel').find(({ id }) => id === order)?.description;
    expect(shown).toContain('Спросите');
    expect(shown).not.toMatch(/Олег|Ромашка/u);
  });
});
