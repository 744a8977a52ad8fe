import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPlanfixHints } from './webhook.ts';

const json = 'application/json';

/** What people write into titles and comments: quotes, slashes, line ends, whole templates. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '\\', '\n', '{', '}', '","task":"77', '"task":{"id":"9"}', ': ', 'обмен '),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('reading the bodies of Planfix webhooks', () => {
  test('any text at all gives hints and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        fc.option(fc.string()),
        (body, type) => {
          const hints = readPlanfixHints(body, type);
          expect(hints.length).toBeGreaterThan(0);
          for (const hint of hints) {
            if (hint.is === 'task') expect(hint.task).toMatch(/^[1-9]\d{0,14}$/);
            else expect(hint.why).not.toBe('');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a template broken by any unescaped text still yields its number', () => {
    let broken = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), hostileText, (number, text) => {
        const body = `{"event":"task.changed","task":"${String(number)}","name":"${text}"}`;
        if (!isJson(body)) broken += 1;
        const [hint] = readPlanfixHints(body, json);
        expect(hint).toMatchObject({ is: 'task', task: String(number) });
      }),
      { numRuns: 300 },
    );
    expect(broken).toBeGreaterThan(75);
  });

  test.each([
    ['{"event":"task.update","task":{"id":"1001","name":"Обмен с "1С:УТ""}}', '1001'],
    ['{"task":{"name":"a "b" c","generalId":"1003","id":"9999"', '1003'],
    ['{"task":{"id":"77","generalId":"1003"}}', '1003'],
    ['{"task":1001}', '1001'],
    ['{"taskId":" 001001 "}', '1001'],
    ['{"Задача.Номер":"12"}', '12'],
    ['event=task.changed&task=1001', '1001'],
    ['?task=1001&name=%D0%9E', '1001'],
    ['1001', '1001'],
    ['task: 1001', '1001'],
  ])('%s names task %s', (body, task) => {
    expect(readPlanfixHints(body, null)).toMatchObject([{ is: 'task', task }]);
  });

  test.each([
    '',
    '   ',
    '{}',
    '[]',
    'null',
    '{"task":{}}',
    '{"task":"{{Задача.Номер}}"}',
    '{"task":-4}',
    '{"task":1.5}',
  ])('%s names nothing', (body) => {
    expect(readPlanfixHints(body, json)).toMatchObject([{ is: 'nothing' }]);
  });

  test('the event says what is worth reading, an unknown one asks for all of it', () => {
    const aspects = (event: string): unknown =>
      readPlanfixHints(JSON.stringify({ event, task: '5' }), json).map((hint) =>
        hint.is === 'task' ? hint.aspects : null,
      );
    expect(aspects('task.changed')).toEqual([['task']]);
    expect(aspects('comment.created')).toEqual([['comments']]);
    expect(aspects('task.created')).toEqual([['task', 'comments']]);
    expect(aspects('button')).toEqual([['task', 'comments', 'deleted-comments']]);
    expect(aspects('что-то')).toEqual([['task', 'comments']]);
  });

  test('a list of events gives a hint for each', () => {
    expect(readPlanfixHints('[{"task":1},{"task":2},{}]', json).map((hint) => hint.is)).toEqual([
      'task',
      'task',
      'nothing',
    ]);
  });

  test('a large body that matches nothing is read in a moment', () => {
    const body = `{"task":{${'"task":{"x":'.repeat(20_000)}`;
    expect(readPlanfixHints(body, json)).toMatchObject([{ is: 'nothing' }]);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
