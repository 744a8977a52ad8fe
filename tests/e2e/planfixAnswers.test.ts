import { describe, expect, test } from '@jest/globals';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';

const hours = 3_600_000;
const success = (more: object = {}) => ({ status: 200, body: { result: 'success', ...more } });

/** Some hours pass, with a sweep and a reading of every thread now and then. */
async function later(three: Rehearsal): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    three.runtime.advance(hours / 2);
    for (const account of ['teyron', 'romashka']) await three.sweep(account);
    await three.settle(hours);
  }
}

const listed = async (three: Rehearsal): Promise<string[]> => {
  const all = await three.store.loadItems(await three.store.listItems(null));
  return all.flatMap(({ replicas }) =>
    replicas.flatMap(({ blocked }) =>
      Object.values(blocked).map(({ trouble }) => `${trouble.code} ${trouble.about}`),
    ),
  );
};

describe('What Planfix accepts for later (202)', () => {
  test.each(['stored', 'lost'])('a comment that is then %s stands once', async (fate) => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.host('teyron').addFault({
      on: `POST /task/${String(mirror)}/comments/`,
      when: fate === 'stored' ? 'after' : 'before',
      answer: { status: 202 },
      times: 1,
    });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Когда?' });
    await three.settle(hours);
    await later(three);
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    expect(bitrixSaid(three, 'romashka')).toHaveLength(1);
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test.each(['stored', 'lost'])('a file that is then %s hangs there once', async (fate) => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'А.txt', text: 'а' });
    await three.settle();
    const attached = three
      .host('teyron')
      .log()
      .entries.some(({ operation }) => operation.includes('/attach/'));
    expect(attached).toBe(true);
    three.host('teyron').addFault({
      on: 'POST /file/{id}/attach/{kind}',
      when: fate === 'stored' ? 'after' : 'before',
      answer: { status: 202 },
      times: 1,
    });
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'Б.txt', text: 'б' });
    await three.settle(hours);
    await later(three);
    expect([...fileBytes(three, 'teyron')].map(([name, all]) => [name, all.length])).toEqual([
      ['А.txt', 1],
      ['Б.txt', 1],
    ]);
  });

  test('a status and a field change at once, and no step between is taken for an edit', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.host('teyron').setSettings({ 'task.queueProbability': 1, 'task.queueDelayMs': 30_000 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(5_000);
    three.act('teyron', { as: 3, do: 'set status', task: mirror, status: 2 });
    await later(three);
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({ status: 2, title: 'Форма 2' });
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ status: 3, title: 'Форма 2' });
  });
});

describe('A success of Planfix that stored nothing', () => {
  test('of a field is found by reading, listed, and takes nothing from the origin', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three
      .host('teyron')
      .addFault({ on: `POST /task/${String(mirror)}`, when: 'before', answer: success(), times: 100 });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(hours);
    await later(three);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 2');
    expect(await listed(three)).toContain('E-FIELD-NOT-STORED title');
  });

  test('of a comment takes nothing from the origin, and the comment stands or is listed', async () => {
    const three = await rehearseThree();
    const { task, mirror } = await sharedTask(three);
    three.host('teyron').addFault({
      on: `POST /task/${String(mirror)}/comments/`,
      when: 'before',
      answer: { status: 201, body: { result: 'success', id: 900_001 } },
      times: 1,
    });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Когда?' });
    await three.settle(hours);
    await later(three);
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual(['Когда?']);
    const stands = planfixComments(three, 'teyron').length;
    expect(stands === 1 || (await listed(three)).length > 0).toBe(true);
  });

  test('of a file takes nothing from the origin, and the file hangs there or is listed', async () => {
    const three = await rehearseThree();
    const { task } = await sharedTask(three);
    three
      .host('teyron')
      .addFault({ on: 'POST /file/{id}/attach/{kind}', when: 'before', answer: success(), times: 1 });
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'А.txt', text: 'а' });
    await three.settle(hours);
    await later(three);
    expect([...fileBytes(three, 'romashka').keys()]).toEqual(['А.txt']);
    expect(fileBytes(three, 'teyron').size === 1 || (await listed(three)).length > 0).toBe(true);
  });
});
