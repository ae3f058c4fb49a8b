/** Reads rosters: CSV (RFC 4180) in UTF-8, with or without a byte-order mark, lines ended by CRLF or LF. */
import { YinxinError } from '@yinxin/core';

/** Data rows at most, and bytes. */
export const maxRosterRows = 100_000;
export const maxRosterBytes = 128 * 1024 * 1024;

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  /** Exactly as written, without the quotes around a cell. */
  readonly cells: readonly string[];
}

export interface Csv {
  readonly header: CsvRow;
  /** Empty rows between others are among them; those at the end are not. */
  readonly rows: readonly CsvRow[];
}

const utf16Marks: readonly (readonly [number, number])[] = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

function guessEncoding(bytes: Uint8Array): string {
  if (utf16Marks.some(([first, second]) => bytes[0] === first && bytes[1] === second)) return 'UTF-16';
  try {
    new TextDecoder('gb18030', { fatal: true }).decode(bytes);
    return 'GB18030';
  } catch {
    return 'unknown';
  }
}

/** @throws YinxinError ROSTER_ENCODING with `{likely}`, TOO_LARGE */
function decode(bytes: Uint8Array): string {
  if (bytes.length > maxRosterBytes) throw new YinxinError('TOO_LARGE', { maxBytes: maxRosterBytes });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new YinxinError('ROSTER_ENCODING', { likely: guessEncoding(bytes) });
  }
}

class CsvReader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next row, or undefined at the end. */
  next(): CsvRow | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const line = this.#line;
    const cells: string[] = [];
    do cells.push(this.#text[this.#at] === '"' ? this.#quotedCell() : this.#plainCell());
    while (this.#take(','));
    this.#endLine();
    return { line, cells };
  }

  #take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length || this.#text[this.#at] === '\n' || this.#text.startsWith('\r\n', this.#at);
  }

  #endLine(): void {
    if (!this.#isAtEnd()) throw new YinxinError('ROSTER_QUOTE', { line: this.#line, why: 'inside' });
    this.#take('\r');
    if (this.#take('\n')) this.#line += 1;
  }

  #plainCell(): string {
    const start = this.#at;
    while (!this.#isAtEnd() && this.#text[this.#at] !== ',') {
      if (this.#text[this.#at] === '"') throw new YinxinError('ROSTER_QUOTE', { line: this.#line, why: 'inside' });
      this.#at += 1;
    }
    return this.#text.slice(start, this.#at);
  }

  #quotedCell(): string {
    const opened = this.#line;
    let cell = '';
    this.#at += 1;
    for (;;) {
      const quote = this.#text.indexOf('"', this.#at);
      if (quote < 0) throw new YinxinError('ROSTER_QUOTE', { line: opened, why: 'open' });
      cell += this.#text.slice(this.#at, quote);
      this.#at = quote + 1;
      if (!this.#take('"')) break;
      cell += '"';
    }
    this.#line += cell.split('\n').length - 1;
    return cell;
  }
}

/** Whether every cell is empty: also what spreadsheets leave of a row whose cells were cleared. */
export function isEmptyRow(row: CsvRow): boolean {
  return row.cells.every((cell) => cell === '');
}

/**
 * Reads a roster's rows. Nothing is known of its columns yet.
 * @throws YinxinError TOO_LARGE, ROSTER_ENCODING `{likely}`, ROSTER_QUOTE `{line, why}`, ROSTER_EMPTY, ROSTER_TOO_LONG `{maxRows}`
 */
export function parseCsv(bytes: Uint8Array): Csv {
  const reader = new CsvReader(decode(bytes));
  const header = reader.next();
  const rows: CsvRow[] = [];
  let kept = 0;
  for (let row = reader.next(); row !== undefined; row = reader.next()) {
    rows.push(row);
    if (!isEmptyRow(row)) kept = rows.length;
    if (kept > maxRosterRows) throw new YinxinError('ROSTER_TOO_LONG', { maxRows: maxRosterRows });
  }
  if (header === undefined || kept === 0) throw new YinxinError('ROSTER_EMPTY');
  return { header, rows: rows.slice(0, kept) };
}

/** One line of CSV; cells are quoted where they must be. */
export function formatCsvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
