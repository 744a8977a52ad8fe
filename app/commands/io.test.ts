import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { counted, outliveReader, plain } from './io.ts';

describe('What a command says', () => {
  test('what a stranger sent commands no terminal', () => {
    expect(plain('one\ntwo \u001b[2J\u009b0m\r\u0007 Слайдер')).toBe(
      'one\ntwo \ufffd[2J\ufffd0m\ufffd\ufffd Слайдер',
    );
  });

  test('one is not many', () => {
    expect([0, 1, 2].map((count) => counted(count, 'person', 'people'))).toEqual([
      '0 people',
      '1 person',
      '2 people',
    ]);
  });

  test('a reader that goes away ends no command; any other trouble of the output does', () => {
    const output = new PassThrough();
    outliveReader(output);
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const full = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    expect(() => output.emit('error', gone)).not.toThrow();
    expect(() => output.emit('error', full)).toThrow('ENOSPC');
  });
});
