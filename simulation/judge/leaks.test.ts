import { describe, expect, test } from '@jest/globals';
import PizZip from 'pizzip';
import { wordsIn } from './leaks.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a word that may not stand in an account', () => {
  test('is found in texts, names and keys, whatever the case of its letters', () => {
    const dump = { tasks: [{ title: 'Форма', text: 'делает ПИКСЕЛЬ' }], people: { пиксель: 1 } };
    expect(wordsIn(dump, ['Пиксель'])).toEqual([
      { word: 'Пиксель', where: 'tasks.0.text' },
      { word: 'Пиксель', where: 'people' },
    ]);
    expect(wordsIn(dump, ['Дина'])).toEqual([]);
  });

  test('is found inside of a file', () => {
    expect(wordsIn({ files: [{ base64: base64('от студии Пиксель') }] }, ['Пиксель'])).toHaveLength(1);
  });

  test('is found inside of a document of Word, though tags cut it in two', () => {
    const archive = new PizZip();
    archive.file('word/document.xml', '<w:t>Пик</w:t><w:t>сель</w:t>');
    const leaks = wordsIn({ files: [{ base64: archive.generate({ type: 'base64' }) }] }, ['Пиксель']);
    expect(leaks).toEqual([{ word: 'Пиксель', where: 'files.0.base64 (inside the file)' }]);
  });
});
