/** Writes workbooks as a stream: every cell is text and formatted as text, so that no spreadsheet takes a number from it. The one file that knows yazl. */
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { layOut } from '../csv-writer.ts';
import { FileWriter } from '../file-writer.ts';
import type { RosterWriter } from '../source.ts';

const pieceCharacters = 64 * 1024;
const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships';
const contentTypes = 'http://schemas.openxmlformats.org/package/2006/content-types';
/** Numbers of the styles below. */
export const styles = { plain: 0, text: 1, header: 2, date: 3, note: 4, month: 5 } as const;

/** What XML cannot hold is written as `_xHHHH_`, and so is what would be taken for that. */
export function escapeXml(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what XML cannot hold
      /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** `A`, `B` … `XFD`. */
export function formatColumn(column: number): string {
  const letter = String.fromCharCode(0x41 + (column % 26));
  return column < 26 ? letter : formatColumn(Math.floor(column / 26) - 1) + letter;
}

/** One row; empty cells are left out. */
export function formatRow(line: number, cells: readonly string[], style: number): string {
  let row = `<row r="${line}">`;
  for (const [column, cell] of cells.entries()) {
    if (cell === '') continue;
    row += `<c r="${formatColumn(column)}${line}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`;
  }
  return `${row}</row>`;
}

/** A sheet: its XML, whole or in pieces. */
export interface SheetText {
  readonly name: string;
  readonly isHidden?: boolean;
  readonly pieces: AsyncIterable<string> | Iterable<string>;
}

/** Everything before the rows; `columns` gives the width and style of each column. */
export function openSheet(
  columns: readonly { readonly width: number; readonly style: number }[],
  isFrozen: boolean,
): string {
  const pane =
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>';
  const cols = columns
    .map(
      ({ width, style }, at) =>
        `<col min="${at + 1}" max="${at + 1}" width="${width}" style="${style}" customWidth="1"/>`,
    )
    .join('');
  return `${xmlHead}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">${isFrozen ? pane : ''}</sheetView></sheetViews>${cols === '' ? '' : `<cols>${cols}</cols>`}<sheetData>`;
}

const xf = (format: number, more = '') =>
  `<xf numFmtId="${format}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"${more}`;
const stylesXml = `${xmlHead}<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="等线"/></font><font><b/><sz val="11"/><name val="等线"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFF1EFE8"/><bgColor indexed="64"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">${xf(0, '/>')}${xf(49, '/>')}<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>${xf(164, '/>')}${xf(49, ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>')}${xf(165, '/>')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

function listParts(sheets: readonly SheetText[]): readonly (readonly [name: string, xml: string])[] {
  const numbers = sheets.map((_, at) => at + 1);
  const type = (part: string, kind: string) =>
    `<Override PartName="/xl/${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`;
  const relation = (id: number, kind: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${relations}/${kind}" Target="${target}"/>`;
  const sheet = ({ name, isHidden }: SheetText, at: number) =>
    `<sheet name="${escapeXml(name)}" sheetId="${at + 1}"${isHidden ? ' state="hidden"' : ''} r:id="rId${at + 1}"/>`;
  return [
    [
      '[Content_Types].xml',
      `${xmlHead}<Types xmlns="${contentTypes}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${type('workbook.xml', 'sheet.main')}${type('styles.xml', 'styles')}${numbers.map((at) => type(`worksheets/sheet${at}.xml`, 'worksheet')).join('')}</Types>`,
    ],
    [
      '_rels/.rels',
      `${xmlHead}<Relationships xmlns="${packageRelations}">${relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${xmlHead}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${sheets.map(sheet).join('')}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${xmlHead}<Relationships xmlns="${packageRelations}">${numbers.map((at) => relation(at, 'worksheet', `worksheets/sheet${at}.xml`)).join('')}${relation(numbers.length + 1, 'styles', 'styles.xml')}</Relationships>`,
    ],
    ['xl/styles.xml', stylesXml],
  ];
}

/** The same bytes whenever it is written. */
const madeAt = new Date(Date.UTC(2000, 0, 1));

/** A workbook as a stream of bytes. */
export function packWorkbook(sheets: readonly SheetText[]): AsyncIterable<Uint8Array> {
  const zip = new ZipFile();
  const options = { mtime: madeAt, mode: 0o100600 };
  for (const [name, xml] of listParts(sheets)) zip.addBuffer(Buffer.from(xml), name, options);
  for (const [at, { pieces }] of sheets.entries()) {
    zip.addReadStream(Readable.from(pieces, { objectMode: false }), `xl/worksheets/sheet${at + 1}.xml`, options);
  }
  zip.end();
  return Readable.from(zip.outputStream as AsyncIterable<Uint8Array>);
}

/** Pieces that are handed over one by one: `push` returns when the one before was taken. */
class Pieces implements AsyncIterable<string> {
  #waiting: { readonly piece: string | undefined; readonly taken: () => void } | undefined;
  #wake: (() => void) | undefined;

  push(piece: string | undefined): Promise<void> {
    return new Promise((taken) => {
      this.#waiting = { piece, taken };
      this.#wake?.();
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      while (this.#waiting === undefined) {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
      }
      const { piece, taken } = this.#waiting;
      this.#waiting = undefined;
      taken();
      if (piece === undefined) return;
      yield piece;
    }
  }
}

/** @throws YinxinError FILE_UNREADABLE */
export async function createXlsxWriter(
  path: string,
  sheet: string,
  header: readonly string[],
  width: number,
): Promise<RosterWriter> {
  const file = await FileWriter.create(path);
  const pieces = new Pieces();
  const columns = header.map(() => ({ width: 20, style: styles.text }));
  let text = openSheet(columns, true) + formatRow(1, header, styles.header);
  let line = 1;
  const packed = packWorkbook([{ name: sheet, pieces }]);
  const written = (async () => {
    for await (const bytes of packed) await file.write(bytes);
  })();
  // A full disk ends the writing while rows are still being added: then adding says so.
  let fault: unknown;
  const failed = written.catch((error: unknown) => {
    fault = error;
  });
  const push = async (piece: string | undefined) => {
    await Promise.race([pieces.push(piece), failed]);
    if (fault !== undefined) throw fault;
  };
  return {
    add: async (cells, last) => {
      line += 1;
      text += formatRow(line, layOut(cells, last, width), styles.text);
      if (text.length < pieceCharacters) return;
      const piece = text;
      text = '';
      await push(piece);
    },
    close: async () => {
      await push(`${text}</sheetData></worksheet>`);
      await push(undefined);
      await written;
      await file.close();
    },
    abandon: async () => {
      pieces.push(undefined);
      await failed;
      await file.abandon();
    },
  };
}
