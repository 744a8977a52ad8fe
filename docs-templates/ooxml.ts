/** The little of WordprocessingML that our own templates are made of, and reading a document's text. */
import PizZip from 'pizzip';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export interface Look {
  readonly bold?: boolean;
  readonly italic?: boolean;
  /** Half points. */
  readonly size?: number;
  readonly color?: string;
  readonly align?: 'left' | 'center' | 'right' | 'both';
  /** Twentieths of a point. */
  readonly before?: number;
  readonly after?: number;
  readonly keepNext?: boolean;
}

/** `**bold**` parts are bold. */
export function paragraph(text: string, look: Look = {}): string {
  const { align = 'left', before = 0, after = 80 } = look;
  const runs = text
    .split('**')
    .map((part, index) =>
      part === '' ? '' : run(part, { ...look, bold: look.bold === true || index % 2 === 1 }),
    )
    .join('');
  const keep = look.keepNext === true ? '<w:keepNext/>' : '';
  return `<w:p><w:pPr>${keep}<w:spacing w:before="${String(before)}" w:after="${String(after)}"/><w:jc w:val="${align}"/></w:pPr>${runs}</w:p>`;
}

function run(text: string, { bold, italic, size, color }: Look): string {
  const properties = [
    bold === true ? '<w:b/>' : '',
    italic === true ? '<w:i/>' : '',
    color === undefined ? '' : `<w:color w:val="${color}"/>`,
    size === undefined ? '' : `<w:sz w:val="${String(size)}"/><w:szCs w:val="${String(size)}"/>`,
  ].join('');
  return `<w:r>${properties === '' ? '' : `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${escaped(text)}</w:t></w:r>`;
}

export interface Cell {
  readonly content: string;
  readonly fill?: string;
  readonly span?: number;
}

/** Texts become paragraphs; cells bring their own. */
export const row = (...cells: (string | Cell)[]): readonly Cell[] =>
  cells.map((cell) => (typeof cell === 'string' ? { content: paragraph(cell, { after: 0 }) } : cell));

/** `widths` in twentieths of a point; `lines` = rules around the cells. */
export function table(
  widths: readonly number[],
  rows: readonly (readonly Cell[])[],
  look: { readonly lines?: boolean; readonly header?: boolean } = {},
): string {
  const { lines = true, header = false } = look;
  const side = (name: string): string =>
    `<w:${name} w:val="${lines ? 'single' : 'nil'}"${lines ? ' w:sz="4" w:space="0" w:color="A6A6A6"' : ''}/>`;
  const borders = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV'].map(side).join('');
  const total = widths.reduce((sum, width) => sum + width, 0);
  const cells = (one: readonly Cell[]): string => {
    let column = 0;
    return one
      .map(({ content, fill, span = 1 }) => {
        const width = widths.slice(column, column + span).reduce((sum, each) => sum + each, 0);
        column += span;
        const spanned = span > 1 ? `<w:gridSpan w:val="${String(span)}"/>` : '';
        const shade = fill === undefined ? '' : `<w:shd w:val="clear" w:color="auto" w:fill="${fill}"/>`;
        return `<w:tc><w:tcPr><w:tcW w:w="${String(width)}" w:type="dxa"/>${spanned}${shade}</w:tcPr>${content}</w:tc>`;
      })
      .join('');
  };
  const body = rows
    .map((one, index) => {
      const repeated = header && index === 0 ? '<w:tblHeader/>' : '';
      return `<w:tr><w:trPr><w:cantSplit/>${repeated}</w:trPr>${cells(one)}</w:tr>`;
    })
    .join('');
  const margins =
    '<w:tblCellMar><w:top w:w="60" w:type="dxa"/><w:left w:w="100" w:type="dxa"/><w:bottom w:w="60" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar>';
  return `<w:tbl><w:tblPr><w:tblW w:w="${String(total)}" w:type="dxa"/><w:tblBorders>${borders}</w:tblBorders><w:tblLayout w:type="fixed"/>${margins}</w:tblPr><w:tblGrid>${widths.map((width) => `<w:gridCol w:w="${String(width)}"/>`).join('')}</w:tblGrid>${body}</w:tbl>`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const openPackage = 'http://schemas.openxmlformats.org/package/2006';
const typed = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

/** A4 with the margins of Russian business papers. Equal bodies give equal bytes. */
export function docxOf(body: string): Uint8Array {
  const page =
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="850" w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>';
  const parts: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `<Types xmlns="${openPackage}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${typed}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="${typed}.styles+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${openPackage}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="${openPackage}/relationships"><Relationship Id="rId1" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'word/styles.xml': `<w:styles xmlns:w="${word}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="Times New Roman"/><w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="ru-RU"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>`,
    'word/document.xml': `<w:document xmlns:w="${word}"><w:body>${body}${page}</w:body></w:document>`,
  };
  const zip = new PizZip();
  const date = new Date(2000, 0, 1);
  for (const [name, content] of Object.entries(parts))
    zip.file(name, declaration + content, { date, createFolders: false });
  return zip.generate({ type: 'uint8array', compression: 'DEFLATE' });
}

/** The text of a document's paragraphs in order, table cells included, empty ones left out. */
export function textOf(docx: Uint8Array): string[] {
  const xml = new PizZip(docx).file('word/document.xml')?.asText() ?? '';
  return xml
    .split('</w:p>')
    .map((part) =>
      [...part.matchAll(/<w:t(?:\s[^>]*)?>([^<]*)<\/w:t>|<w:br\/>/gu)]
        .map(([tag, text]) => (tag === '<w:br/>' ? '\n' : (text ?? '')))
        .join('')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&apos;', "'")
        .replaceAll('&amp;', '&'),
    )
    .filter((text) => text.trim() !== '');
}
