import { describe, expect, test } from '@jest/globals';
import { type SpaceId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { bitrixTasks, only, planfixTasks } from './look.ts';
import { rehearseThree, rehearseTwoPortals } from './three.ts';

describe('A mention that a mirror adds to a description of another account', () => {
  test('stays a mention where it was written, and is words at a Planfix origin', async () => {
    const three = await rehearseThree();
    three.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Макет',
      description: '<p>Начало</p><p>Конец</p>',
      assignees: ['user:3'],
      project: 41,
    });
    await three.settle();
    const { id } = only(bitrixTasks(three, 'romashka'));
    const typed = 'Начало\n\nСпросите [USER=14]Олега[/USER] и [USER=77]ТЕЙРОН[/USER]\n\nКонец';
    three.act('romashka', { as: 12, do: 'edit task', task: id, description: typed });
    await three.settle();
    const { description } = only(planfixTasks(three, 'teyron'));
    expect(description).toMatch(/^<p>Начало<\/p><p>Спросите .*ТЕЙРОН<\/p><p>Конец<\/p>$/u);
    expect(only(bitrixTasks(three, 'romashka')).description).toBe(typed);

    three.act('teyron', {
      as: 2,
      do: 'edit task',
      task: only(planfixTasks(three, 'teyron')).id,
      description: description.replace('Начало', 'Сначала'),
    });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).description).toBe(typed.replace('Начало', 'Сначала'));

    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task: id,
      description: typed.replace('Начало', 'Сначала').replace('Спросите', 'Позовите'),
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).description).toBe(
      description.replace('Начало', 'Сначала').replace('Спросите', 'Позовите'),
    );
    expect(only(bitrixTasks(three, 'romashka')).description).toContain('Позовите [USER=14]Олега[/USER] и');
  });

  test('names at a Bitrix24 origin the user that the person has there', async () => {
    const two = await rehearseTwoPortals();
    const mappings = two.deps.mappings as Map<SpaceId, Mapping>;
    const [space, mapping] = only([...mappings]);
    const family = { pechat: '3', vesna: '6' } as Mapping['people'][number];
    mappings.set(space, { ...mapping, people: [family] });
    two.act('vesna', {
      as: 5,
      do: 'create task',
      title: 'Буклеты',
      description: 'Тираж 500',
      responsible: 31,
      group: 21,
    });
    await two.settle();
    const mirror = only(bitrixTasks(two, 'pechat'));
    const typed = 'Тираж 500\n\nПечатает [USER=3]Семён[/USER], спасибо [USER=9]Весне[/USER]';
    two.act('pechat', { as: 9, do: 'edit task', task: mirror.id, description: typed });
    await two.settle();
    expect(only(bitrixTasks(two, 'vesna')).description).toBe(
      'Тираж 500\n\nПечатает [USER=6]Павел Зуев[/USER], спасибо Весне',
    );
    expect(only(bitrixTasks(two, 'pechat')).description).toBe(typed);
  });
});

describe('A description of Bitrix24 that an edit of its mirror makes too long', () => {
  const words = 'слово '.repeat(10_000).trim();
  const more = 'ещё '.repeat(3_000).trim();

  test.each(['new', 'old'] as const)(
    'stays whole and is listed; later edits of both sides meet, and it goes on once it fits, %s card',
    async (card) => {
      const three = await rehearseThree(card);
      const { id: task } = three.act('romashka', {
        as: 12,
        do: 'create task',
        title: 'Форма',
        description: `Начало\n\n${words}\n\nКонец`,
        responsible: 77,
        group: 7,
      }) as { id: number };
      await three.settle();
      const atClient = (): string => only(bitrixTasks(three, 'romashka')).description;
      const atIntegrator = (): string => only(planfixTasks(three, 'teyron')).description;
      const { id } = only(planfixTasks(three, 'teyron'));
      const listed = async (): Promise<readonly string[]> => {
        const [loaded] = await three.store.loadItems(await three.store.listItems(null));
        expect(loaded?.item.conflicts).toEqual([]);
        const replica = loaded?.replicas.find(({ account }) => account === 'romashka');
        return Object.values(replica?.blocked ?? {}).map(({ trouble }) => `${trouble.code}: ${trouble.todo}`);
      };
      const edited = atIntegrator().replace('<p>Конец</p>', `<p>${more}</p><p>Конец</p>`);
      three.act('teyron', { as: 2, do: 'edit task', task: id, description: edited });
      await three.settle();
      expect(atClient()).toBe(`Начало\n\n${words}\n\nКонец`);
      expect(atIntegrator()).toBe(edited);
      const [trouble, ...others] = await listed();
      expect(others).toEqual([]);
      expect(trouble).toMatch(/^E-TEXT-TOO-LONG: .*description of task \d+ in romashka/u);
      expect(trouble).toContain(`task ${String(task)} in romashka`);

      three.act('romashka', {
        as: 12,
        do: 'edit task',
        task,
        description: `Сначала\n\n${words}\n\nКонец`,
      });
      await three.settle();
      expect(atClient()).toBe(`Сначала\n\n${words}\n\nКонец`);
      expect(atIntegrator()).toBe(edited.replace('Начало', 'Сначала'));
      expect(await listed()).toHaveLength(1);

      const short = atIntegrator().replace(more, 'ещё');
      three.act('teyron', { as: 2, do: 'edit task', task: id, description: short });
      await three.settle();
      expect(atClient()).toBe(`Сначала\n\n${words}\n\nещё\n\nКонец`);
      expect(atIntegrator()).toBe(short);
      expect(await listed()).toEqual([]);
    },
  );

  test('keeps the edit that lost in a conflict record when both sides write on one paragraph', async () => {
    const three = await rehearseThree();
    const { id: task } = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Форма',
      description: `Начало\n\n${words}`,
      responsible: 77,
      group: 7,
    }) as { id: number };
    await three.settle();
    const { id, description } = only(planfixTasks(three, 'teyron'));
    const edited = description.replace('Начало', `Начало ${more}`);
    three.act('teyron', { as: 2, do: 'edit task', task: id, description: edited });
    await three.settle();
    three.runtime.advance(600_000);
    three.act('romashka', { as: 12, do: 'edit task', task, description: `Конец\n\n${words}` });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).description).toBe(`Конец\n\n${words}`);
    expect(only(planfixTasks(three, 'teyron')).description).toContain('<p>Конец</p>');
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    expect(JSON.stringify(only(loaded?.item.conflicts ?? []).lost)).toContain(more);
  });
});
