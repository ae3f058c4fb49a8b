/** A roster in CSV: comma, tab or semicolon; UTF-8 with or without mark, or GB18030. Two gigabytes take no more memory than two pages. */
import { YinxinError } from '@yinxin/core';
import { CsvParser } from './csv-parser.ts';
import { detectForm, readTexts, type TextForm } from './encoding.ts';
import { Blocks, findHeader, headRows, type LooksLikeHeader, trimHeader } from './rows.ts';
import { isEmptyRow, type RosterFile, type Separator, type SourceRow } from './source.ts';

const separators: readonly Separator[] = [',', '\t', ';'];

/** The first rows of a piece of text. @throws YinxinError ROSTER_QUOTE */
function readHead(text: string, separator: Separator): readonly SourceRow[] {
  const rows: SourceRow[] = [];
  const parser = new CsvParser(separator);
  for (let at = 0; at < text.length && rows.length < headRows; ) {
    const feed = text.indexOf('\n', at);
    const next = feed < 0 ? text.length : feed + 1;
    parser.read(text.slice(at, next), rows);
    at = next;
  }
  return rows;
}

function tryHead(text: string, separator: Separator): readonly SourceRow[] {
  try {
    return readHead(text, separator);
  } catch (error) {
    if (error instanceof YinxinError) return []; // quotes do not fit this separator
    throw error;
  }
}

/** The separator by which a row names fields; else the one that cuts the first row into most cells. */
function findSeparator(text: string, looksLikeHeader: LooksLikeHeader): Separator {
  const heads = separators.map((separator) => ({ separator, rows: tryHead(text, separator) }));
  const named = heads.find(({ rows }) => rows.some(({ cells }) => looksLikeHeader?.(cells) === true));
  if (named) return named.separator;
  const widthOf = (rows: readonly SourceRow[]) => rows.find(({ cells }) => !isEmptyRow(cells))?.cells.length ?? 0;
  return heads.reduce((best, head) => (widthOf(head.rows) > widthOf(best.rows) ? head : best)).separator;
}

/** The first piece that holds a row. */
async function readStart(path: string, form: TextForm): Promise<string> {
  for await (const text of readTexts(path, form)) return text;
  return '';
}

async function* readBlocks(
  path: string,
  form: TextForm,
  separator: Separator,
  headerLine: number,
): AsyncGenerator<readonly SourceRow[]> {
  const parser = new CsvParser(separator);
  const blocks = new Blocks();
  const rows: SourceRow[] = [];
  for await (const text of readTexts(path, form)) {
    parser.read(text, rows);
    for (const row of rows) if (row.line > headerLine) blocks.add(row);
    rows.length = 0;
    yield* blocks.take();
  }
  parser.end();
  yield* blocks.end();
}

/** Why there is no header: nothing is there, or a quote that opens and never closes. */
async function findFault(path: string, form: TextForm, separator: Separator): Promise<YinxinError> {
  try {
    for await (const _ of readBlocks(path, form, separator, 0));
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  return new YinxinError('ROSTER_EMPTY');
}

/** @throws YinxinError FILE_UNREADABLE, TOO_LARGE, ROSTER_ENCODING, ROSTER_ENCODING_MIXED, ROSTER_QUOTE, ROSTER_EMPTY */
export async function openCsv(path: string, looksLikeHeader: LooksLikeHeader): Promise<RosterFile> {
  const form = await detectForm(path);
  const start = await readStart(path, form);
  const separator = findSeparator(start, looksLikeHeader);
  const header = findHeader(readHead(start, separator), looksLikeHeader);
  if (header === undefined) throw await findFault(path, form, separator);
  return {
    shape: { kind: 'csv', ...form, separator, headerLine: header.line },
    header: trimHeader(header.cells),
    blocks: () => readBlocks(path, form, separator, header.line),
    close: async () => {}, // every reading opens the file for itself
  };
}
