import { describe, expect, test } from '@jest/globals';
import { docxOf, paragraph, row, table, textOf } from './ooxml.ts';
import { type DocumentData, renderDocument } from './render.ts';

const plain = (text: string): string => text.replace(/\u00a0/gu, ' ');

const data: DocumentData = {
  задача: {
    название: 'Сайт & <лендинг>',
    срок: { year: 2026, month: 11, day: 24, time: '18:00' },
    пусто: null,
  },
  сумма: '1 234 567,50',
  строки: [
    { имя: 'Вёрстка', часов: 1 },
    { имя: 'Тексты', часов: 22 },
  ],
  участники: [
    { имя: 'Ольга', организация: 'Тейрон' },
    { имя: 'Пётр', организация: 'Тейрон' },
  ],
  никого: [],
  дополнительно: {},
};

const template = (...texts: string[]): Uint8Array => docxOf(texts.map((text) => paragraph(text)).join(''));

function lines(bytes: Uint8Array): string[] {
  const rendered = renderDocument(bytes, data);
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems, null, 2));
  return textOf(rendered.docx).map(plain);
}

const problems = (bytes: Uint8Array) => {
  const rendered = renderDocument(bytes, data);
  return rendered.ok ? [] : rendered.problems;
};

describe('a template', () => {
  test('takes Cyrillic names and keeps signs that XML reserves', () => {
    expect(lines(template('{задача.название}', 'До {задача.срок}'))).toEqual([
      'Сайт & <лендинг>',
      'До 24.11.2026 18:00',
    ]);
  });

  test('writes dates and money the Russian way', () => {
    expect(
      lines(
        template(
          '{задача.срок | дата}; {задача.срок | дата_кратко}',
          '{сумма | деньги} ({сумма | прописью})',
          '{"2026-03-08" | дата}',
        ),
      ),
    ).toEqual([
      '«24» ноября 2026 г.; 24.11.2026',
      '1 234 567,50 ₽ (Один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь рублей 50 копеек)',
      '«08» марта 2026 г.',
    ]);
  });

  test('has conditions, their contrary and comparisons', () => {
    expect(
      lines(
        template(
          '{#никого}есть{/}{^никого}никого{/}',
          '{#задача.срок}срок{/}{#задача.пусто}пусто{/}',
          '{#строки.length > 1}много{/}',
          '{#дополнительно.ндс}НДС{/}{^дополнительно.ндс}без НДС{/}',
        ),
      ),
    ).toEqual(['никого', 'срок', 'много', 'без НДС']);
  });

  test('repeats a table row for each entry, with the right ending for each number', () => {
    const body = table(
      [4000, 4000],
      [row('{#строки}{$index + 1}. {имя}', '{часов} {часов | слово:"час":"часа":"часов"}{/}')],
    );
    expect(lines(docxOf(body))).toEqual(['1. Вёрстка', '1 час', '2. Тексты', '22 часа']);
  });

  test('repeats paragraphs and joins names', () => {
    expect(
      lines(
        template('{#участники}', '{имя} ({организация})', '{/участники}', '{участники | имена | список}'),
      ),
    ).toEqual(['Ольга (Тейрон)', 'Пётр (Тейрон)', 'Ольга, Пётр']);
  });

  test('reckons, compares and chooses', () => {
    const bytes = template(
      '{(ставка * 20 / 120) | деньги}',
      '{#номер == "7"}седьмой{/}{#номер == "8" || ставка > 1}ещё{/}',
      '{ставка > 1 ? "много" : "мало"}',
    );
    const rendered = renderDocument(bytes, { ставка: '150000', номер: '7' });
    expect(rendered.ok && textOf(rendered.docx).map(plain)).toEqual(['25 000,00 ₽', 'седьмойещё', 'много']);
  });

  test('leaves an absent value empty', () => {
    expect(lines(template('[{задача.пусто}] [{задача.пусто | дата}]'))).toEqual(['[] []']);
  });

  test('gives equal bytes for equal content', () => {
    const one = renderDocument(template('{сумма}'), data);
    const two = renderDocument(template('{сумма}'), data);
    expect(one).toEqual(two);
  });
});

describe('a mistake is told by its paragraph, with the fix', () => {
  test('a variable that does not exist', () => {
    const found = problems(
      template('Первый', 'Второй: {задача.название}', 'Третий: {задача.названее} и {цена}'),
    );
    expect(found).toEqual([
      {
        tag: 'задача.названее',
        paragraph: { number: 3, text: 'Третий: {задача.названее} и {цена}' },
        message: '"задача" has no "названее".',
        fix: 'Write "задача.название". It has: название, срок, пусто.',
      },
      {
        tag: 'цена',
        paragraph: { number: 3, text: 'Третий: {задача.названее} и {цена}' },
        message: 'There is no variable "цена".',
        fix: 'Correct the name, or give its value: --set цена=…',
      },
    ]);
  });

  test('a name inside a filter, a choice, a denial or an index is looked at too', () => {
    for (const text of [
      '{цена | деньги}',
      '{сумма | слово:один:"b":"c"}',
      '{сумма ? цена : сумма}',
      '{#!цена}x{/}',
      '{строки[цена].имя}',
      '{сумма || цена}',
    ])
      expect(problems(template(text)).map((one) => one.message)).toEqual([
        expect.stringContaining('There is no variable'),
      ]);
    expect(
      problems(template('{сумма ? 1 : 2}', '{строки[0].имя}', '{#!сумма}x{/}', '{строки.length}')),
    ).toEqual([]);
  });

  test('a section that is not closed', () => {
    const [found] = problems(template('Начало', '{#строки}{имя}'));
    expect(found).toMatchObject({ paragraph: { number: 2 }, message: '"{#строки}" is never closed.' });
  });

  test('a section that was not opened', () => {
    const [found] = problems(template('Начало', 'Ещё', 'конец {/строки}'));
    expect(found).toMatchObject({ paragraph: { number: 3 }, tag: 'строки' });
  });

  test('a brace that is missing', () => {
    const [found] = problems(template('Раз', 'Имя: {сумма'));
    expect(found?.paragraph).toEqual({ number: 2, text: 'Имя: {сумма' });
    expect(found?.fix).toContain('}');
  });

  test('an unknown filter and a broken expression', () => {
    const found = problems(template('{сумма | рубли}', 'x', '{сумма +}'));
    expect(found.map((one) => one.paragraph?.number)).toEqual([1, 3]);
    expect(found[0]?.fix).toContain('деньги');
  });

  test('a filter that can not write its value', () => {
    const [found] = problems(template('{задача.название | деньги}'));
    expect(found).toMatchObject({ paragraph: { number: 1 } });
    expect(found?.message).toContain('can not read "Сайт & <лендинг>" as a number');
  });

  test('a list or a group where a value should stand', () => {
    expect(problems(template('{строки}'))[0]?.fix).toContain('{#строки}');
    expect(problems(template('{задача}'))[0]?.fix).toContain('{задача.название}');
  });

  test('what JavaScript objects have of themselves is no variable', () => {
    expect(problems(template('{задача.constructor}', '{toString}', '{constructor}'))).toHaveLength(3);
  });

  test('a file that is no document', () => {
    expect(problems(new TextEncoder().encode('hello'))[0]?.message).toBe('The template is no .docx file.');
    expect(problems(new Uint8Array())[0]?.message).toBe('The template is no .docx file.');
  });
});
