import { describe, expect, test } from '@jest/globals';
import { type Fault } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, texts } from './look.ts';
import { clientTask, type Deed, integratorTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const cut = { when: 'after', cut: true } as const;
const failed = { when: 'after', answer: { status: 502, body: { $raw: 'Bad gateway' } } } as const;
const early = { when: 'before', cut: true } as const;
const ways: readonly (readonly [string, Omit<Fault, 'on'>])[] = [
  ['the connection was cut after the write took effect', cut],
  ['a gateway answered 502 after the write took effect', failed],
  ['the connection was cut before the write took effect', early],
];

const hours = 3_600_000;
const brief = Buffer.from('бриф').toString('base64');

async function fromClient(three: Rehearsal, more: Deed = {}): Promise<number> {
  const id = clientTask(three, more);
  await three.settle(hours);
  return id;
}

/** Operations without a known end, and faults that nothing ran into: neither may be left. */
async function unsettled(three: Rehearsal): Promise<readonly string[]> {
  for (const account of ['teyron', 'romashka', 'pixel']) expect(three.host(account).faults()).toEqual([]);
  const open = await three.store.openOperations(null);
  return open.map(({ planned, state }) => `${planned.key} ${state}`);
}

describe.each(ways)('When %s', (_, way) => {
  test('a task for Planfix is created exactly once, with its files', async () => {
    const three = await rehearseThree();
    three.host('teyron').addFault({ on: 'POST /task/', ...way });
    await fromClient(three, { files: [{ name: 'бриф.pdf', base64: brief }] });
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма');
    expect(fileBytes(three, 'teyron').get('бриф.pdf')).toEqual([brief]);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
    expect(await unsettled(three)).toEqual([]);
  });

  test.each(['new', 'old'] as const)(
    'a task for Bitrix24 is created exactly once, with its files, in the %s card',
    async (card) => {
      const three = await rehearseThree(card);
      three.host('romashka').addFault({ on: 'tasks.task.add', ...way });
      integratorTask(three, { files: [{ name: 'бриф.pdf', base64: brief }] });
      await three.settle(hours);
      expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ title: 'Макет', creator: 12 });
      expect(fileBytes(three, 'romashka').get('бриф.pdf')).toEqual([brief]);
      expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(1);
      expect(await unsettled(three)).toEqual([]);
    },
  );

  test.each(['new', 'old'] as const)('a comment stands exactly once in each world, %s card', async (card) => {
    const three = await rehearseThree(card);
    const task = await fromClient(three);
    const mirror = only(planfixTasks(three, 'teyron')).id;
    three.host('teyron').addFault({ on: `POST /task/${String(mirror)}/comments/`, ...way });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    await three.settle(hours);
    expect(texts(planfixComments(three, 'teyron'))).toEqual([
      'Мария Лебедева (Ромашка):\nРаз',
      'Мария Лебедева (Ромашка):\nРаз',
    ]);
    three
      .host('romashka')
      .addFault({ on: card === 'new' ? 'im.message.add' : 'task.commentitem.add', ...way });
    for (const text of ['<p>Два</p>', '<p>Три</p>'])
      three.act('teyron', { as: 2, do: 'add comment', task: mirror, text, recipients: ['contact:20'] });
    await three.settle(hours);
    expect(texts(bitrixSaid(three, 'romashka')).slice(2)).toEqual([
      'Анна Смирнова (ТЕЙРОН):\nДва',
      'Анна Смирнова (ТЕЙРОН):\nТри',
    ]);
    expect(await unsettled(three)).toEqual([]);
  });

  test('a changed field and a status arrive all the same on both sides', async () => {
    const three = await rehearseThree();
    const task = await fromClient(three);
    const mirror = only(planfixTasks(three, 'teyron')).id;
    three.host('teyron').addFault({ on: `POST /task/${String(mirror)}`, ...way });
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await three.settle(hours);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    three.host('romashka').addFault({ on: 'tasks.task.update', ...way });
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 3' });
    await three.settle(hours);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Форма 3');
    three.host('romashka').addFault({ on: 'tasks.task.start', ...way });
    three.act('teyron', { as: 3, do: 'set status', task: mirror, status: 2 });
    await three.settle(hours);
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(3);
    expect(only(planfixTasks(three, 'teyron')).status).toBe(2);
    expect(await unsettled(three)).toEqual([]);
  });

  test('an attached file stands exactly once', async () => {
    const three = await rehearseThree();
    const task = await fromClient(three);
    const mirror = only(planfixTasks(three, 'teyron')).id;
    three.host('romashka').addFault({ on: 'tasks.task.files.attach', ...way });
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, name: 'смета.txt', base64: brief });
    await three.settle(hours);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
    three.host('teyron').addFault({ on: 'POST /file/{id}/attach/{kind}', ...way });
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'фото.jpg', base64: brief });
    await three.settle(hours);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(2);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
    expect(await unsettled(three)).toEqual([]);
  });
});
