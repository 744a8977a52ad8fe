import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { outliveReader } from './io.ts';

describe('What a command says', () => {
  test('a reader that goes away ends no command; any other trouble of the output does', () => {
    const output = new PassThrough();
    outliveReader(output);
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const full = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    expect(() => output.emit('error', gone)).not.toThrow();
    expect(() => output.emit('error', full)).toThrow('ENOSPC');
  });
});
