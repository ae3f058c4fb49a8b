/** Rosters for tests: files of given bytes, workbooks of given XML, and what reading them gives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { ZipFile } from 'yazl';
import { type OpenOptions, openRoster, type RosterFile, type SourceRow } from '../../../issuer-cli/rosters/roster.ts';
import { loadType } from '../../fixtures/certificates.ts';

export const vectors = new URL('../../vectors/rosters/', import.meta.url);
export const licence = loadType('business-licence');
export const goodRow: readonly string[] = [
  '91990300DEMB00022U',
  '甲公司',
  '有限责任公司',
  '李示范',
  '5000000.00',
  '2025-06-16',
  '2025-06-16',
  '2045-06-15',
  '深圳市示范区1号',
  '五金',
  '示范局',
  '2025-06-16',
];
export const labels = licence.fields.map(({ label }) => label.zh);

/** A folder of its own for a suite; `write` gives the path. */
export function makeFiles(): {
  write(name: string, content: string | Uint8Array): string;
  /** Under a name that no other has. */
  writeNext(content: string | Uint8Array, extension?: string): string;
  path(name: string): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-rosters-'));
  const path = (name: string) => join(folder, name);
  let count = 0;
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  return {
    path,
    write,
    writeNext: (content, extension = 'csv') => {
      count += 1;
      return write(`${count}.${extension}`, content);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function collect(roster: RosterFile): Promise<readonly SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const block of roster.blocks()) rows.push(...block);
  return rows;
}

/** Shape, header and rows of a file. */
export async function readAll(path: string, options: OpenOptions = {}) {
  const roster = await openRoster(path, options);
  try {
    return { shape: roster.shape, header: roster.header, rows: await collect(roster) };
  } finally {
    await roster.close();
  }
}

/** The code and details with which a file is refused, wherever it is. */
export async function refusalOf(
  path: string,
  options: OpenOptions = {},
): Promise<readonly [code: string, details: object]> {
  try {
    await readAll(path, options);
  } catch (error) {
    if (error instanceof YinxinError) return [error.code, error.details];
    throw error;
  }
  return ['accepted', {}];
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface WorkbookParts {
  /** Rows of the one sheet, as XML. */
  readonly rows?: string;
  /** Behind the rows. */
  readonly tail?: string;
  readonly workbookPr?: string;
  /** Codes of number formats; the style of the same number, from 1, has it. */
  readonly formats?: readonly string[];
  /** `si` elements. */
  readonly strings?: string;
  readonly contentTypes?: string;
  /** Parts added, or put in the place of others. */
  readonly more?: { readonly [name: string]: string };
}

/** Parts of a workbook as Excel writes them, by name. */
export function makeParts(wanted: WorkbookParts): { readonly [name: string]: string } {
  const { rows = '', tail = '', workbookPr = '', formats = [], strings = '', contentTypes = '', more = {} } = wanted;
  const relation = (id: number, kind: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${office}/${kind}" Target="${target}"/>`;
  const relations = (items: string) =>
    `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items}</Relationships>`;
  const codes = formats.map(
    (code, at) => `<numFmt numFmtId="${170 + at}" formatCode="${code.replaceAll('"', '&quot;')}"/>`,
  );
  const xfs = formats.map((_, at) => `<xf numFmtId="${170 + at}"/>`);
  return {
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${contentTypes}</Types>`,
    '_rels/.rels': relations(relation(1, 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}">${workbookPr}<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      relation(1, 'worksheet', 'worksheets/sheet1.xml') +
        relation(2, 'styles', 'styles.xml') +
        relation(3, 'sharedStrings', '/xl/sharedStrings.xml'),
    ),
    'xl/styles.xml': `${head}<styleSheet xmlns="${main}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `${head}<sst xmlns="${main}">${strings}</sst>`,
    'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData>${tail}</worksheet>`,
    ...more,
  };
}

export async function zip(parts: { readonly [name: string]: string | Uint8Array }): Promise<Uint8Array> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(parts)) file.addBuffer(Buffer.from(content), name);
  file.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.outputStream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The cells of the only data row below a header of as many letters. */
export function makeWorkbook(wanted: WorkbookParts): Promise<Uint8Array> {
  return zip(makeParts(wanted));
}

export const textCell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
export const textRow = (cells: readonly string[]) => `<row>${cells.map(textCell).join('')}</row>`;
