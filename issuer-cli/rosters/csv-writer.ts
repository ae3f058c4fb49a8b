/** Writes CSV as the roster had it: same encoding, mark and separator, lines ended by CRLF. */
import { FileWriter } from './file-writer.ts';
import { encodeGb18030 } from './gb18030.ts';
import type { RosterShape, RosterWriter, Separator } from './source.ts';

const pieceCharacters = 64 * 1024;

/** Whether a cell must stand in quotes: it holds the separator, a quote or a line end. One pass is faster than four searches. */
function needsQuotes(cell: string, separator: number): boolean {
  for (let at = 0; at < cell.length; at += 1) {
    const unit = cell.charCodeAt(at);
    if (unit < 0x40 && (unit === separator || unit === 0x22 || unit === 0x0a || unit === 0x0d)) return true;
  }
  return false;
}

/** One line of CSV; cells are quoted where they must be, and never changed: see README.md on cells that a spreadsheet would take for formulas. */
export function formatCsvLine(cells: readonly string[], separator: Separator = ','): string {
  const mark = separator.charCodeAt(0);
  let line = '';
  for (let column = 0; column < cells.length; column += 1) {
    const cell = cells[column] ?? '';
    if (column > 0) line += separator;
    line += needsQuotes(cell, mark) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
  return `${line}\r\n`;
}

const utf8 = new TextEncoder();

/** The cells of a row, as many as the header has and what is surplus, then the last ones. */
export function layOut(cells: readonly string[], last: readonly string[], width: number): readonly string[] {
  if (cells.length === width) return [...cells, ...last];
  const own = [...cells];
  while (own.length > width && own.at(-1) === '') own.pop();
  while (own.length < width) own.push('');
  return [...own, ...last];
}

/** @throws YinxinError FILE_UNREADABLE */
export async function createCsvWriter(
  path: string,
  { encoding, hasMark, separator }: Omit<Extract<RosterShape, { kind: 'csv' }>, 'kind' | 'headerLine'>,
  header: readonly string[],
  width: number,
): Promise<RosterWriter> {
  const file = await FileWriter.create(path);
  let text = (hasMark ? '\ufeff' : '') + formatCsvLine(header, separator);
  const flush = () => {
    const bytes = encoding === 'GB18030' ? encodeGb18030(text) : utf8.encode(text);
    text = '';
    return file.write(bytes);
  };
  return {
    add: async (cells, last) => {
      text += formatCsvLine(layOut(cells, last, width), separator);
      if (text.length >= pieceCharacters) await flush();
    },
    close: async () => {
      await flush();
      await file.close();
    },
    abandon: () => file.abandon(),
  };
}
