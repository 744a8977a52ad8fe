import { describe, expect, test } from '@jest/globals';
import { fileNameMax, nameToSend, pairedFiles, sameFileName, sameFileSize } from './fileNames.ts';

describe('A name that is sent', () => {
  test.each([
    'бриф.pdf',
    'смета 😀 «финал».xlsx',
    '.gitignore',
    'CON',
    'a"b\'c`d.txt',
    '100% & <b>.html',
    'привет\u200Fשלום.txt',
    'архив.tar.gz',
  ])('stays as it is: %s', (name) => {
    expect(nameToSend(name)).toBe(name);
  });

  test.each([
    ['line\r\nend\u0000\u007F.txt', 'lineend.txt'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\отчёт.doc', 'C:_отчёт.doc'],
    ['счёт\u202Efdp.exe', 'счётfdp.exe'],
    [' акт.pdf ', 'акт.pdf'],
    ['..', 'file'],
    ['\u0001', 'file'],
  ])('loses what would make it something else: %j', (name, sent) => {
    expect(nameToSend(name)).toBe(sent);
  });

  test('is cut before its ending, and never through a character', () => {
    const long = nameToSend(`${'я'.repeat(400)}.docx`);
    expect(long).toHaveLength(fileNameMax);
    expect(long.endsWith('я.docx')).toBe(true);
    const emoji = nameToSend(`${'😀'.repeat(200)}.txt`);
    expect(emoji.length).toBeLessThanOrEqual(fileNameMax);
    expect([...emoji].every((sign) => sign === '😀' || '.txt'.includes(sign))).toBe(true);
    expect(nameToSend('a'.repeat(300))).toHaveLength(fileNameMax);
  });
});

describe('A name that is read', () => {
  test.each([
    ['акт.pdf', 'акт (1).pdf'],
    ['акт', 'акт (12)'],
    ['смета 😀.xlsx', 'смета _.xlsx'],
    ['a:b*c?.txt', 'a_b_c_.txt'],
    ['й.txt', 'и\u0306.txt'],
    ['../x.txt', '.._x.txt'],
  ])('is that which was sent: %s, %s', (sent, read) => {
    expect(sameFileName(sent, read)).toBe(true);
  });

  test.each([
    ['акт.pdf', 'акт2.pdf'],
    ['акт.pdf', 'акт.docx'],
    ['акт 1.pdf', 'акт (1).pdf'],
  ])('is another one: %s, %s', (sent, read) => {
    expect(sameFileName(sent, read)).toBe(false);
  });
});

test('sizes differ only where both are told: bytes with bytes, else kilobytes rounded up', () => {
  expect(sameFileSize({ size: 55 }, { size: null, kilobytes: 1 })).toBe(true);
  expect(sameFileSize({ size: 1025 }, { size: null, kilobytes: 1 })).toBe(false);
  expect(sameFileSize({ size: 55 }, { size: 56 })).toBe(false);
  expect(sameFileSize({ size: null }, { size: 56 })).toBe(true);
});

describe('Files in a place of ours', () => {
  const file = (name: string, size: number | null = null) => ({ name, size });

  test('two of one name are told by their sizes, else by their order', () => {
    const [small, large] = [file('акт.pdf', 10), file('акт.pdf', 20)];
    const [first, second] = [file('акт.pdf', 20), file('акт (1).pdf', 10)];
    const pairs = pairedFiles([small, large], [first, second]);
    expect([pairs.get(small), pairs.get(large)]).toEqual([second, first]);
    const [one, other] = [file('акт.pdf'), file('акт.pdf')];
    const read = [file('акт.pdf'), file('акт (1).pdf')];
    const again = pairedFiles([one, other], read);
    expect([again.get(one), again.get(other)]).toEqual(read);
  });

  test('one that is there once is found once', () => {
    const sent = [file('акт.pdf'), file('акт.pdf')];
    expect(pairedFiles(sent, [file('акт.pdf')]).size).toBe(1);
  });

  test('a name of its own goes before one that is merely alike', () => {
    const [numbered, plain] = [file('акт (1).pdf'), file('акт.pdf')];
    const [readPlain, readNumbered] = [file('акт.pdf'), file('акт (1).pdf')];
    const pairs = pairedFiles([numbered, plain], [readPlain, readNumbered]);
    expect([pairs.get(numbered), pairs.get(plain)]).toEqual([readNumbered, readPlain]);
  });
});
