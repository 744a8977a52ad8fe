import { describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { rehearseThree } from './three.ts';

const fromClient = async (three: Rehearsal, more: object = {}): Promise<number> => {
  const made = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Форма заявки',
    description: 'Нужна [B]форма[/B]',
    responsible: 77,
    group: 7,
    deadline: '2026-12-01T18:00:00+03:00',
    ...more,
  }) as { id: number };
  await three.settle();
  return made.id;
};

const fromIntegrator = async (three: Rehearsal, more: object = {}): Promise<number> => {
  const made = three.act('teyron', {
    as: 2,
    do: 'create task',
    name: 'Макет главной',
    description: '<p>Три <b>варианта</b></p>',
    assigner: 'user:2',
    assignees: ['contact:20'],
    project: 41,
    deadline: '2026-12-02T15:00Z',
    ...more,
  }) as { id: number };
  await three.settle();
  return made.id;
};

describe.each(['new', 'old'] as const)('Three companies, the client in the %s card', (card) => {
  test('what the client creates stands at the integrator with every field, and each side changes every field of the other', async () => {
    const three = await rehearseThree(card);
    const task = await fromClient(three, { start: '2026-11-25T10:00:00+03:00' });
    const mirror = only(planfixTasks(three, 'teyron'));
    expect(mirror).toMatchObject({
      title: 'Форма заявки',
      status: 1,
      assigner: 'contact:20',
      assignees: ['user:3'],
      deadline: '2026-12-01T15:00Z',
      start: '2026-11-25T07:00Z',
    });
    expect(mirror.description).toContain('<b>форма</b>');

    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task,
      title: 'Форма заявки v2',
      description: 'Нужны [B]две[/B] формы',
      deadline: '2026-12-03T12:00:00+03:00',
      auditors: [14],
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({
      title: 'Форма заявки v2',
      deadline: '2026-12-03T09:00Z',
    });
    expect(only(planfixTasks(three, 'teyron')).description).toContain('<b>две</b>');

    three.act('teyron', {
      as: 2,
      do: 'edit task',
      task: mirror.id,
      name: 'Форма заявки v3',
      deadline: '2026-12-04T09:00Z',
      start: '2026-11-26T07:00Z',
    });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({
      title: 'Форма заявки v3',
      deadline: '2026-12-04T12:00:00+03:00',
      start: '2026-11-26T10:00:00+03:00',
      creator: 12,
      responsible: 77,
    });
    expect(planfixTasks(three, 'pixel')).toHaveLength(0);
  });

  test('what the integrator creates stands in the client group; the client is its creator and accepts in her own card', async () => {
    const three = await rehearseThree(card);
    const origin = await fromIntegrator(three, { assignees: ['user:3'] });
    const mirror = only(bitrixTasks(three, 'romashka'));
    expect(mirror).toMatchObject({
      title: 'Макет главной',
      creator: 12,
      responsible: 77,
      group: 7,
      control: true,
      status: 2,
      deadline: '2026-12-02T18:00:00+03:00',
    });
    expect(mirror.description).toContain('[B]варианта[/B]');

    const at = async (status: number): Promise<number> => {
      three.act('teyron', { as: 3, do: 'set status', task: origin, status });
      await three.settle();
      return only(bitrixTasks(three, 'romashka')).status;
    };
    expect(await at(2)).toBe(3);
    expect(await at(6)).toBe(4);

    three.act('romashka', { as: 12, do: 'disapprove', task: mirror.id });
    await three.settle();
    // Bitrix24 puts a returned task back to "waiting" (2), which this mapping reads as new.
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(2);
    expect(only(planfixTasks(three, 'teyron')).status).toBe(1);

    expect(await at(2)).toBe(3);
    expect(await at(6)).toBe(4);
    three.act('romashka', { as: 12, do: 'approve', task: mirror.id });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(5);
    expect(only(planfixTasks(three, 'teyron')).status).toBe(3);
  });

  test('the client waits for the acceptance of what it created too', async () => {
    const three = await rehearseThree(card);
    const task = await fromClient(three);
    const mirror = only(planfixTasks(three, 'teyron'));
    for (const status of [2, 6]) {
      three.act('teyron', { as: 3, do: 'set status', task: mirror.id, status });
      await three.settle();
    }
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ status: 4 });
    three.act('romashka', { as: 12, do: 'approve', task });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).status).toBe(3);
  });

  test('the contractor gets the task with the baton, and the client learns nothing of it', async () => {
    const three = await rehearseThree(card);
    await fromClient(three);
    const { id } = only(planfixTasks(three, 'teyron'));
    three.forgetRequests();
    three.act('teyron', { as: 2, do: 'set assignees', task: id, users: ['contact:21'] });
    await three.settle();
    const theirs = only(planfixTasks(three, 'pixel'));
    expect(theirs).toMatchObject({ title: 'Форма заявки', assignees: ['user:2'], assigner: 'contact:5' });
    expect(only(bitrixTasks(three, 'romashka')).responsible).toBe(77);
    expect(three.requests('romashka')).toEqual({ reads: 0, writes: 0 });

    three.act('pixel', { as: 2, do: 'set status', task: theirs.id, status: 2 });
    three.act('pixel', { as: 2, do: 'add comment', task: theirs.id, text: '<p>Пиксель начал</p>' });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).status).toBe(2);
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(3);

    three.act('pixel', { as: 2, do: 'set assignees', task: theirs.id, users: ['contact:5'] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).assignees).toEqual(['user:3']);
    expect(only(planfixTasks(three, 'pixel')).assignees).toEqual(['contact:5']);
    expect(JSON.stringify(three.host('romashka').dump())).not.toMatch(/пиксел|pixel|дина|юсупов/iu);
  });

  test('participants and auditors cross where they exist, or stand for their organisation', async () => {
    const three = await rehearseThree(card);
    const task = await fromClient(three);
    const { id } = only(planfixTasks(three, 'teyron'));
    three.act('romashka', { as: 12, do: 'edit task', task, accomplices: [14] });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).accomplices).toEqual([14]);
    three.act('teyron', { as: 2, do: 'set auditors', task: id, users: ['user:2', 'contact:20'] });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).auditors).toEqual(
      expect.arrayContaining(['user:2', 'contact:20']),
    );
    expect(only(bitrixTasks(three, 'romashka')).accomplices).toEqual([14]);
  });

  test('a task out of scope and a task for oneself stay at home', async () => {
    const three = await rehearseThree(card);
    three.act('romashka', { as: 12, do: 'create task', title: 'Своё', responsible: 12, group: 7 });
    three.act('romashka', { as: 12, do: 'create task', title: 'Чужое', responsible: 14 });
    three.act('teyron', { as: 2, do: 'create task', name: 'Внутреннее', assignees: ['user:3'] });
    await three.settle();
    expect(bitrixTasks(three, 'romashka')).toHaveLength(2);
    expect(planfixTasks(three, 'teyron')).toHaveLength(1);
    expect(planfixTasks(three, 'pixel')).toHaveLength(0);
  });
});
