import { describe, expect, test } from '@jest/globals';
import { type Act } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, only, planfixTasks, texts } from './look.ts';
import { clientTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

/** Automatic operations that a Planfix account's scenarios have used this month. */
function operations(three: Rehearsal, account: string): number {
  const { machine } = three.host(account).dump() as {
    machine: { deliveries: { operations: { count: number } } };
  };
  return machine.deliveries.operations.count;
}

async function used(three: Rehearsal, account: string, act: Act): Promise<Record<string, number>> {
  const before = { teyron: operations(three, 'teyron'), pixel: operations(three, 'pixel') };
  three.act(account, act);
  await three.settle();
  return {
    teyron: operations(three, 'teyron') - before.teyron,
    pixel: operations(three, 'pixel') - before.pixel,
  };
}

describe.each(['token user', 'owner'])(
  'Automatic operations of Planfix, a comment in the name of another being by its %s',
  (commentAuthor) => {
    test('at most one for each change by a person, none for our own writes', async () => {
      const three = await rehearseThree();
      for (const account of ['teyron', 'pixel'])
        three.host(account).setSettings({ 'scenarios.commentAuthor': commentAuthor });
      const task = clientTask(three);
      await three.settle();
      const mirror = only(planfixTasks(three, 'teyron')).id;
      expect(operations(three, 'teyron')).toBe(0);

      const none = { teyron: 0, pixel: 0 };
      const client: Act[] = [
        { as: 12, do: 'edit task', task, title: 'Форма 2', deadline: '2026-12-03T12:00:00+03:00' },
        { as: 12, do: 'post message', task, text: 'Когда будет готово?' },
        { as: 12, do: 'attach file', task, name: 'Логотип.svg', text: '<svg/>' },
      ];
      for (const act of client) expect(await used(three, 'romashka', act)).toEqual(none);

      const one = { teyron: 1, pixel: 0 };
      const integrator: Act[] = [
        { as: 2, do: 'edit task', task: mirror, name: 'Форма 3', deadline: '2026-12-04T09:00Z' },
        { as: 3, do: 'set status', task: mirror, status: 2 },
        { as: 2, do: 'add comment', task: mirror, text: 'К пятнице', recipients: ['contact:20'] },
        { as: 2, do: 'attach file', task: mirror, name: 'Макет.txt', text: 'макет' },
        { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] },
      ];
      for (const act of integrator) expect(await used(three, 'teyron', act)).toEqual(one);

      const theirs = only(planfixTasks(three, 'pixel')).id;
      const started = await used(three, 'pixel', { as: 2, do: 'set status', task: theirs, status: 6 });
      expect(started).toEqual({ teyron: 0, pixel: 1 });
    });
  },
);

describe('A month whose automatic operations are used up', () => {
  test('is a month without hints: the sweep finds what people change', async () => {
    const three = await rehearseThree();
    const task = clientTask(three);
    await three.settle();
    const mirror = only(planfixTasks(three, 'teyron')).id;
    await three.sweep('teyron');
    three.host('teyron').setSettings({ 'scenarios.perMonth': 1 });
    for (const name of ['Форма А', 'Форма Б']) {
      three.act('teyron', { as: 2, do: 'edit task', task: mirror, name });
      await three.settle();
    }
    const title = (): unknown =>
      (three.host('romashka').dump() as { tasks: { id: number; title: string }[] }).tasks.find(
        ({ id }) => id === task,
      )?.title;
    expect(operations(three, 'teyron')).toBe(1);
    expect(title()).toBe('Форма А');
    three.runtime.advance(60_000);
    await three.sweep('teyron');
    await three.settle();
    expect(title()).toBe('Форма Б');
  });
});

describe('The button on a card', () => {
  test('brings edits and deletions of comments across at once, for one operation', async () => {
    const three = await rehearseThree();
    clientTask(three);
    await three.settle();
    const mirror = only(planfixTasks(three, 'teyron')).id;
    const says = (text: string): number => {
      const act = { as: 2, do: 'add comment', task: mirror, text, recipients: ['contact:20'] };
      return (three.act('teyron', act) as { id: number }).id;
    };
    const [first, second] = [says('К пятнице'), says('Не туда')];
    await three.settle();
    three.act('teyron', { as: 2, do: 'edit comment', comment: first, text: 'К понедельнику' });
    three.act('teyron', { as: 2, do: 'delete comment', comment: second });
    await three.settle();
    const said = (): string => texts(bitrixSaid(three, 'romashka')).join('|');
    expect(said()).toContain('К пятнице');

    const press = { as: 2, do: 'press button', task: mirror, button: 'Сверить' };
    expect(await used(three, 'teyron', press)).toEqual({ teyron: 1, pixel: 0 });
    expect(said()).toContain('К понедельнику');
    expect(said()).not.toMatch(/пятнице|Не туда/u);
  });
});
