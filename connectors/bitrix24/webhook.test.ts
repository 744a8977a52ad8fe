import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applicationToken, readBitrix24Hints } from './webhook.ts';

const body = (event: string, data: string): string =>
  `event=${event}&event_handler_id=417&${data}&ts=1790578800&auth[domain]=vesna.bitrix24.ru&auth[application_token]=m3n8`;

describe('Hints of a Bitrix24 event', () => {
  test.each([
    ['ONTASKADD', 'data[FIELDS_BEFORE]=undefined&data[FIELDS_AFTER][ID]=101', ['task', 'comments']],
    ['ONTASKUPDATE', 'data[FIELDS_BEFORE][ID]=101&data[FIELDS_AFTER][ID]=101', ['task']],
    ['OnTaskUpdate', 'data%5BFIELDS_AFTER%5D%5BID%5D=101', ['task']],
    ['ONTASKDELETE', 'data[FIELDS_BEFORE][ID]=101&data[FIELDS_AFTER]=undefined', ['task']],
    [
      'ONTASKCOMMENTADD',
      'data[FIELDS_AFTER][ID]=0&data[FIELDS_AFTER][MESSAGE_ID]=9003&data[FIELDS_AFTER][TASK_ID]=101',
      ['comments'],
    ],
    ['ONTASKCOMMENTADD', 'data[FIELDS_AFTER][ID]=3201&data[FIELDS_AFTER][TASK_ID]=101', ['comments']],
    [
      'ONTASKCOMMENTUPDATE',
      'data[FIELDS_BEFORE][ID]=3101&data[FIELDS_BEFORE][TASK_ID]=101',
      ['comments', 'deleted-comments'],
    ],
  ])('%s names its task', (event, data, aspects) => {
    expect(readBitrix24Hints(body(event, data), null)).toEqual([{ is: 'task', task: '101', aspects }]);
  });

  test('a comment without its task, another event and no event are nothing', () => {
    for (const text of [
      body('ONTASKCOMMENTADD', 'data[FIELDS_AFTER][ID]=3201'),
      body('ONTASKUPDATE', 'data[FIELDS_AFTER][ID]=undefined'),
      body('ONAPPTEST', 'data[QUERY][any]=1'),
      '',
    ])
      expect(readBitrix24Hints(text, 'application/x-www-form-urlencoded')).toMatchObject([{ is: 'nothing' }]);
  });

  test('the token of the sender is told as it came', () => {
    expect(applicationToken(body('ONTASKADD', 'data=1'))).toBe('m3n8');
    expect(applicationToken('event=ONTASKADD')).toBeNull();
  });

  test('anything at all gives a list, and only whole numbers ever name a task', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'event',
        '=',
        '&',
        'ONTASKUPDATE',
        'data[FIELDS_AFTER][ID]',
        '%',
        '%5',
        '[',
        '7',
        '-1',
        '0',
      ),
    );
    const told = { task: 0, nothing: 0 };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.option(fc.string()), (pieces, contentType) => {
        const prefix = pieces.length % 2 === 0 ? 'event=ONTASKUPDATE&data[FIELDS_AFTER][ID]=' : '';
        const number = pieces.length % 4 === 0 ? `${String(pieces.length + 1)}&` : '';
        const text = prefix + number + pieces.join('');
        const hints = readBitrix24Hints(text, contentType);
        expect(hints).toHaveLength(1);
        for (const hint of hints) {
          told[hint.is] += 1;
          if (hint.is === 'task') expect(hint.task).toMatch(/^[1-9]\d*$/);
        }
        expect(() => applicationToken(text)).not.toThrow();
      }),
      { numRuns: 500 },
    );
    expect(told.task).toBeGreaterThan(20);
    expect(told.nothing).toBeGreaterThan(50);
  });
});
