/** «Акт выполненных работ»: the ready template, as data of a page. */
import { docxOf, paragraph, row, table } from './ooxml.ts';

const grey = '595959';
const head = 'EDF1F5';

const title = [
  paragraph('АКТ № {номер}', { bold: true, size: 32, align: 'center', after: 20 }),
  paragraph('сдачи-приёмки выполненных работ', { size: 24, align: 'center', after: 160 }),
  table([4650, 4650], [row('', { content: paragraph('{дата | дата}', { align: 'right', after: 0 }) })], {
    lines: false,
  }),
];

const parties = [
  paragraph('', { after: 0 }),
  table(
    [2300, 7000],
    [
      row(
        { content: paragraph('Исполнитель', { color: grey, after: 0 }), fill: head },
        { content: paragraph('{исполнитель}', { bold: true, after: 0 }) },
      ),
      row(
        { content: paragraph('Заказчик', { color: grey, after: 0 }), fill: head },
        { content: paragraph('{заказчик}', { bold: true, after: 0 }) },
      ),
      row(
        { content: paragraph('Основание', { color: grey, after: 0 }), fill: head },
        '{#дополнительно.договор}{дополнительно.договор}, {/}задача № {задача.номер} «{задача.название}»{#задача.срок}, срок {задача.срок | дата_кратко}{/}',
      ),
    ],
  ),
];

const works = [
  paragraph(
    'Исполнитель сдал, а Заказчик принял следующие работы. Работы выполнены полностью, претензий по объёму, качеству и срокам Заказчик не имеет.',
    { align: 'both', before: 200, after: 140 },
  ),
  table(
    [700, 5900, 2700],
    [
      row(
        { content: paragraph('№', { bold: true, align: 'center', after: 0 }), fill: head },
        { content: paragraph('Наименование работ', { bold: true, after: 0 }), fill: head },
        { content: paragraph('Стоимость', { bold: true, align: 'right', after: 0 }), fill: head },
      ),
      row({ content: paragraph('1', { align: 'center', after: 0 }) }, '{задача.название}', {
        content: paragraph('{сумма | деньги}', { align: 'right', after: 0 }),
      }),
      row(
        { content: paragraph('Итого', { bold: true, align: 'right', after: 0 }), span: 2 },
        { content: paragraph('{сумма | деньги}', { bold: true, align: 'right', after: 0 }) },
      ),
    ],
    { header: true },
  ),
  paragraph('Всего выполнено работ на сумму: **{сумма | прописью}**.', { before: 140, after: 40 }),
  paragraph(
    '{#дополнительно.ндс}В том числе НДС: {дополнительно.ндс | деньги}.{/}{^дополнительно.ндс}НДС не облагается.{/}',
    { after: 140 },
  ),
];

const files = [
  paragraph('{#файлы.length > 0}', { after: 0 }),
  paragraph('Переданные материалы', { bold: true, before: 60, after: 80, keepNext: true }),
  table(
    [700, 8600],
    [row({ content: paragraph('{#файлы}{$index + 1}', { align: 'center', after: 0 }) }, '{название}{/}')],
  ),
  paragraph('{/}', { after: 0 }),
];

const side = (role: string, name: string): string =>
  [
    paragraph(role, { color: grey, after: 20 }),
    paragraph(name, { bold: true, after: 420 }),
    paragraph('______________________ / ______________ /', { after: 20 }),
    paragraph('М. П.', { color: grey, size: 18, after: 0 }),
  ].join('');

const signatures = [
  paragraph('', { before: 200, after: 0, keepNext: true }),
  table(
    [4650, 4650],
    [row({ content: side('Исполнитель', '{исполнитель}') }, { content: side('Заказчик', '{заказчик}') })],
    { lines: false },
  ),
  paragraph('', { after: 0 }),
];

/** Bytes of `templates/akt.docx`. */
export const akt = (): Uint8Array =>
  docxOf([...title, ...parties, ...works, ...files, ...signatures].join(''));
