/** A portal of which everything was found out: creations under keys, messages with ids, guarded changes, whole stories long. */
import { describe, expect, test } from '@jest/globals';
import { type Fault } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixTasks, texts } from './look.ts';
import { integratorTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hours = 3_600_000;
const brief = Buffer.from('бриф').toString('base64');

const known = { creations: 'v3', 'template-id': 'unique', 'compare-and-set': 'guarded' } as const;
const found = (card: 'new' | 'old' = 'new', touches = false): Promise<Rehearsal> =>
  rehearseThree(card, {}, undefined, {
    known,
    settings: { 'im.templateId': 'dedupes', 'chat.touchesChangedDate': touches },
  });

const ways: readonly (readonly [string, Omit<Fault, 'on'>])[] = [
  ['the connection was cut after the write took effect', { when: 'after', cut: true }],
  [
    'a gateway answered 502 after it',
    { when: 'after', answer: { status: 502, body: { $raw: 'Bad gateway' } } },
  ],
  ['the connection was cut before it', { when: 'before', cut: true }],
];

async function settled(three: Rehearsal): Promise<void> {
  await three.settle(hours);
  expect(await three.store.openOperations(null)).toEqual([]);
  expect(three.host('romashka').faults()).toEqual([]);
}

describe.each(ways)('When %s', (_, way) => {
  test.each(['new', 'old'] as const)('a task stands once, with its files, in the %s card', async (card) => {
    const three = await found(card);
    three.host('romashka').addFault({ on: 'tasks.task.add', ...way });
    integratorTask(three, { files: [{ name: 'бриф.pdf', base64: brief }] });
    await settled(three);
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ title: 'Макет', creator: 12 });
    expect(fileBytes(three, 'romashka').get('бриф.pdf')).toEqual([brief]);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(1);
  });

  test('a comment stands once', async () => {
    const three = await found();
    const task = integratorTask(three);
    await settled(three);
    three.host('romashka').addFault({ on: 'im.message.add', ...way });
    for (const text of ['<p>Два</p>', '<p>Три</p>'])
      three.act('teyron', { as: 2, do: 'add comment', task, text, recipients: ['contact:20'] });
    await settled(three);
    expect(texts(bitrixSaid(three, 'romashka'))).toEqual([
      'Анна Смирнова (ТЕЙРОН):\nДва',
      'Анна Смирнова (ТЕЙРОН):\nТри',
    ]);
  });
});

test.each([false, true])(
  'fields, statuses and comments cross and come to rest, chats moving the time of change: %s',
  async (touches) => {
    const three = await found('new', touches);
    const task = integratorTask(three);
    await settled(three);
    const mirror = only(bitrixTasks(three, 'romashka')).id;
    three.act('teyron', { as: 2, do: 'edit task', task, name: 'Макет 2' });
    three.act('teyron', { as: 2, do: 'add comment', task, text: '<p>Раз</p>', recipients: ['contact:20'] });
    three.act('romashka', { as: 12, do: 'post message', task: mirror, text: 'Два' });
    await settled(three);
    three.act('romashka', { as: 12, do: 'post message', task: mirror, text: 'Три' });
    three.act('teyron', { as: 2, do: 'edit task', task, name: 'Макет 3' });
    three.act('teyron', { as: 3, do: 'set status', task, status: 2 });
    await settled(three);
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({ title: 'Макет 3', status: 3 });
    expect(only(planfixTasks(three, 'teyron'))).toMatchObject({ title: 'Макет 3', status: 2 });
  },
);
