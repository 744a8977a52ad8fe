import { describe, expect, test } from '@jest/globals';
import { type Fault } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, planfixComments, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hours = 3_600_000;
const block = (word: string, count: number): string => `${word} `.repeat(count).trim();
/** Two parts in Planfix, whose comments hold 64 KB. */
const long = `${block('перед', 5_000)}\n\n${block('после', 5_000)}`;
/** Two parts in a chat, whose messages hold 20,000 characters. */
const longChat = `<p>${block('перед', 2_500)}</p><p>${block('после', 2_500)}</p>`;

const none = { when: 'after', delayMs: 1 } as const;
const cut = { when: 'after', cut: true } as const;
const early = { when: 'before', cut: true } as const;
const failed = { when: 'after', answer: { status: 502, body: { $raw: 'Bad gateway' } } } as const;
/** Longer than any server is said to work on a request. */
const late = { when: 'before', delayMs: 400_000 } as const;

type Way = Omit<Fault, 'on'>;

const counts = (shown: readonly string[]): Record<string, number> => {
  const words = shown.join(' ').split(/\s+/u);
  return {
    parts: shown.length,
    before: words.filter((word) => word === 'перед').length,
    after: words.filter((word) => word === 'после').length,
    disorder: words.lastIndexOf('перед') > words.indexOf('после') ? 1 : 0,
  };
};

/** Deletions and edits of comments that an account was asked for. */
const repairs = (three: Rehearsal, account: string): readonly string[] =>
  three
    .host(account)
    .log(0)
    .entries.filter(({ rest, write }) => rest && write)
    .map(({ method, target }) => `${method} ${target}`)
    .filter((line) => /^DELETE|comments\/\d+|message\.(?:delete|update)/u.test(line));

async function calm(three: Rehearsal): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const account of ['teyron', 'romashka']) await three.sweep(account);
    await three.settle(hours);
    three.runtime.advance(200_000);
  }
  expect(await three.store.openOperations(null)).toEqual([]);
}

describe.each(['kept always', 'dropped'])(
  'A comment in parts for a Planfix whose marks are %s',
  (sourceMarks) => {
    const ways: readonly (readonly [string, readonly Way[], boolean])[] = [
      ['its second part was cut off after it took effect', [none, cut], true],
      ['its second part was answered 502 after it took effect', [none, failed], true],
      ['its second part was cut off before it took effect', [none, early], true],
      ['its first part was cut off after it took effect', [cut], true],
      ['the effect of its second part came late', [none, late], false],
      ['the effect of its first part came late, and the second was cut off', [late, none, early], false],
      ['the effect of its first part came late, and the second was lost', [late, none, cut], false],
    ];
    test.each(ways)('stands there once and whole when %s', async (_, faults, clean) => {
      const three = await rehearseThree('old');
      three.host('teyron').setSettings({ sourceMarks });
      const { task, mirror } = await sharedTask(three);
      for (const fault of faults)
        three.host('teyron').addFault({ on: `POST /task/${String(mirror)}/comments/`, ...fault });
      three.act('romashka', { as: 12, do: 'add comment', task, text: long });
      await three.settle(20_000);
      // A reading before the answer may be looked up.
      await three.sweep('teyron');
      await three.settle(20_000);
      await three.settle(hours);
      await calm(three);
      expect(counts(texts(planfixComments(three, 'teyron')))).toMatchObject({
        parts: 2,
        before: 5_000,
        after: 5_000,
        disorder: 0,
      });
      expect(texts(bitrixSaid(three, 'romashka'))).toHaveLength(1);
      if (clean) expect(repairs(three, 'teyron')).toEqual([]);
    });
  },
);

describe.each(['kept always', 'dropped'])(
  'An edited comment, for a Planfix whose marks are %s',
  (sourceMarks) => {
    const ways: readonly (readonly [string, Way])[] = [
      ['was cut off after it took effect', cut],
      ['was cut off before it took effect', early],
      ['came late', late],
    ];
    test.each(ways)(
      'stands once and whole when the part that it grew by %s, and shrinks again',
      async (_, fault) => {
        const three = await rehearseThree('old');
        three.host('teyron').setSettings({ sourceMarks });
        const { task, mirror } = await sharedTask(three);
        const { id } = three.act('romashka', { as: 12, do: 'add comment', task, text: 'перед' }) as {
          id: number;
        };
        await three.settle();
        three.host('teyron').addFault({ on: `POST /task/${String(mirror)}/comments/`, ...fault });
        three.act('romashka', { as: 12, do: 'edit comment', task, comment: id, text: long });
        await three.settle(hours);
        await calm(three);
        expect(three.host('teyron').faults()).toEqual([]);
        expect(counts(texts(planfixComments(three, 'teyron')))).toMatchObject({
          parts: 2,
          before: 5_000,
          after: 5_000,
          disorder: 0,
        });
        three.act('romashka', { as: 12, do: 'edit comment', task, comment: id, text: 'перед' });
        await three.settle(hours);
        await calm(three);
        expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nперед']);
        expect(texts(bitrixSaid(three, 'romashka'))).toHaveLength(1);
      },
    );
  },
);

describe('A comment that a task chat takes in parts', () => {
  const ways: readonly (readonly [string, readonly Way[]])[] = [
    ['its second part was cut off after it took effect', [none, cut]],
    ['its second part was cut off before it took effect', [none, early]],
    ['its first part was cut off after it took effect', [cut]],
  ];
  test.each(ways)('stands there once and whole when %s', async (_, faults) => {
    const three = await rehearseThree('new');
    const { mirror } = await sharedTask(three);
    for (const fault of faults) three.host('romashka').addFault({ on: 'im.message.add', ...fault });
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: longChat,
      recipients: ['contact:20'],
    });
    await three.settle(hours);
    await calm(three);
    expect(counts(texts(bitrixSaid(three, 'romashka')))).toMatchObject({
      parts: 2,
      before: 2_500,
      after: 2_500,
      disorder: 0,
    });
    expect(texts(planfixComments(three, 'teyron'))).toHaveLength(1);
  });
});
