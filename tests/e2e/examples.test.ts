import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { bitrixSaid, bitrixTasks, only, planfixComments, planfixTasks, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearsePair, rehearseThree, rehearseTwoPlanfix, rehearseTwoPortals } from './three.ts';

describe('Every example of a mapping runs', () => {
  test('these are all examples that there are', () => {
    const files = readdirSync(new URL('../../mappings/examples/', import.meta.url));
    expect(files.filter((name) => name.endsWith('.yaml')).sort()).toEqual([
      'bitrix24-bitrix24.yaml',
      'hub-two-members.yaml',
      'kanban.yaml',
      'planfix-bitrix24.yaml',
      'planfix-planfix.yaml',
    ]);
  });

  test('planfix-bitrix24: from the first word to acceptance', async () => {
    const pair = await rehearsePair();
    const { task, mirror: id } = await sharedTask(pair, { accomplices: [14] });
    pair.act('romashka', { as: 12, do: 'post message', task, text: 'Когда?' });
    pair.act('teyron', {
      as: 3,
      do: 'add comment',
      task: id,
      text: '<p>Завтра</p>',
      recipients: ['contact:20'],
    });
    await pair.settle();
    expect(texts(planfixComments(pair, 'teyron'))).toContain('Мария Лебедева (Ромашка):\nКогда?');
    expect(texts(bitrixSaid(pair, 'romashka'))).toContain('Борис Ким (ТЕЙРОН):\nЗавтра');
    for (const status of [2, 6]) {
      pair.act('teyron', { as: 3, do: 'set status', task: id, status });
      await pair.settle();
    }
    expect(only(bitrixTasks(pair, 'romashka')).status).toBe(4);
    pair.act('romashka', { as: 12, do: 'approve', task });
    await pair.settle();
    expect(only(planfixTasks(pair, 'teyron')).status).toBe(3);
  });

  test("planfix-planfix: each account keeps its own finer statuses, the client's acceptor is the assigner", async () => {
    const two = await rehearseTwoPlanfix();
    const { id } = two.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Корзина',
      assignees: ['user:3'],
      project: 50,
    }) as { id: number };
    await two.settle();
    // No scope at the client: nothing of it is shared until its stand-in is named.
    expect(planfixTasks(two, 'lavanda')).toHaveLength(0);
    two.act('teyron', { as: 2, do: 'set auditors', task: id, users: ['contact:25'] });
    await two.settle();
    const mirror = only(planfixTasks(two, 'lavanda'));
    expect(mirror).toMatchObject({
      title: 'Корзина',
      status: 1,
      assigner: 'user:5',
      assignees: ['contact:8'],
    });

    two.act('teyron', { as: 3, do: 'set status', task: id, status: 2 });
    await two.settle();
    expect(only(planfixTasks(two, 'lavanda')).status).toBe(2);
    two.act('lavanda', { as: 5, do: 'set status', task: mirror.id, status: 110 });
    await two.settle();
    expect(only(planfixTasks(two, 'teyron')).status).toBe(2);
    expect(only(planfixTasks(two, 'lavanda')).status).toBe(110);

    two.act('teyron', { as: 3, do: 'set status', task: id, status: 101 });
    await two.settle();
    expect(only(planfixTasks(two, 'lavanda')).status).toBe(6);
    two.act('teyron', {
      as: 2,
      do: 'add comment',
      task: id,
      text: '<p>Готово</p>',
      recipients: ['contact:25'],
    });
    two.act('lavanda', {
      as: 5,
      do: 'add comment',
      task: mirror.id,
      text: '<p>Смотрим</p>',
      recipients: ['contact:8'],
    });
    await two.settle();
    expect(texts(planfixComments(two, 'lavanda'))).toEqual(['Смотрим', 'Анна Смирнова (ТЕЙРОН):\nГотово']);
    expect(texts(planfixComments(two, 'teyron'))).toEqual(['Готово', 'Вера Орлова (Лаванда):\nСмотрим']);
    two.act('lavanda', { as: 5, do: 'set status', task: mirror.id, status: 3 });
    await two.settle();
    expect(only(planfixTasks(two, 'teyron')).status).toBe(3);
  });

  test('bitrix24-bitrix24: an order goes to the printer in the old card, and the agency accepts it in the new one', async () => {
    const two = await rehearseTwoPortals();
    const { id } = two.act('vesna', {
      as: 5,
      do: 'create task',
      title: 'Буклеты',
      responsible: 31,
      group: 21,
      files: [{ name: 'макет.pdf', text: 'макет' }],
    }) as { id: number };
    await two.settle();
    const mirror = only(bitrixTasks(two, 'pechat'));
    expect(mirror).toMatchObject({ title: 'Буклеты', creator: 9, responsible: 3, group: 4 });
    expect(mirror.files).toHaveLength(1);
    two.act('vesna', { as: 6, do: 'post message', task: id, text: 'Между собой' });
    two.act('vesna', { as: 5, do: 'post message', task: id, text: '[USER=31]Печать[/USER], тираж 500' });
    two.act('pechat', { as: 3, do: 'add comment', task: mirror.id, text: '[USER=9]Весна[/USER], приняли' });
    await two.settle();
    expect(texts(bitrixSaid(two, 'pechat')).at(-1)).toBe('Ирина Белова (Весна):\nПечать, тираж 500');
    expect(texts(bitrixSaid(two, 'pechat'))).toHaveLength(2);
    expect(texts(bitrixSaid(two, 'vesna')).at(-1)).toBe('Семён Чащин (Печать):\nВесна, приняли');
    two.act('pechat', { as: 3, do: 'start', task: mirror.id });
    await two.settle();
    expect(only(bitrixTasks(two, 'vesna')).status).toBe(3);
    two.act('pechat', { as: 3, do: 'complete', task: mirror.id });
    await two.settle();
    expect(only(bitrixTasks(two, 'vesna')).status).toBe(4);
    two.act('vesna', { as: 5, do: 'approve', task: id });
    await two.settle();
    expect(only(bitrixTasks(two, 'vesna')).status).toBe(5);
    expect(only(bitrixTasks(two, 'pechat')).status).toBe(5);
  });

  test('kanban: what waits for the client stands in a column of theirs, and the card goes on with the task', async () => {
    const pair = await rehearsePair('new', 'kanban.yaml');
    const { task, mirror: id } = await sharedTask(pair);
    for (const [status, shown] of [
      [2, { status: 3, stage: 42 }],
      [4, { status: 3, stage: 43 }],
      [6, { status: 4, stage: 43 }],
    ] as const) {
      pair.act('teyron', { as: 3, do: 'set status', task: id, status });
      await pair.settle();
      expect(only(bitrixTasks(pair, 'romashka'))).toMatchObject(shown);
    }
    pair.act('romashka', { as: 12, do: 'approve', task });
    await pair.settle();
    expect(only(planfixTasks(pair, 'teyron')).status).toBe(3);
  });

  test('hub-two-members: both members have the task, and neither learns of the other', async () => {
    const three = await rehearseThree();
    const { mirror: id } = await sharedTask(three);
    three.act('teyron', { as: 2, do: 'set assignees', task: id, users: ['contact:21'] });
    await three.settle();
    expect(planfixTasks(three, 'pixel')).toHaveLength(1);
    expect(JSON.stringify(three.host('romashka').dump())).not.toMatch(/пиксел|pixel/iu);
    expect(JSON.stringify(three.host('pixel').dump())).not.toMatch(/ромаш|romashka|лебедев/iu);
  });
});
