import { describe, expect, test } from '@jest/globals';
import { wordsOfBbcode, wordsOfHtml } from './plainText.ts';

describe('what a person reads', () => {
  test('of HTML: paragraphs and items are lines, marks and entities are gone', () => {
    expect(
      wordsOfHtml('<p>Нужна <b>форма</b>&nbsp;заявки &amp; поле:</p>\n<ul><li>имя</li><li>тел.</li></ul>'),
    ).toBe('Нужна форма заявки & поле:\nимя\nтел.');
    expect(wordsOfHtml('одна<br/>две<script>alert(1)</script>')).toBe('одна\nдве');
  });

  test('of BBCode the same words as of the HTML that it came from', () => {
    expect(wordsOfBbcode('Нужна [B]форма[/B] заявки &amp; поле:\n[LIST][*]имя[*]тел.[/LIST]')).toBe(
      'Нужна форма заявки & поле:\nимя\nтел.',
    );
    expect(wordsOfBbcode('[USER=12]Мария[/USER], [URL=https://a.example]ссылка[/URL]')).toBe('Мария, ссылка');
    expect(wordsOfBbcode('- имя\n- тел.')).toBe('имя\nтел.');
  });

  test('square brackets that are no markup stay', () => {
    expect(wordsOfBbcode('см. [1] и [черновик]')).toBe('см. [1] и [черновик]');
  });
});
