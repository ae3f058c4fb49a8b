/** What every roster is, whatever its form: a header and rows of text cells, read again and again in constant memory. */
import type { ErrorCode } from '@yinxin/core';

/** Rows of one block at most. */
export const blockRows = 1024;

/** A cell that cannot be taken as it stands: a formula, a number that lost digits. Column −1 is the whole row. */
export interface Flaw {
  readonly column: number;
  readonly code: ErrorCode;
}

/** What was changed so that a cell could be read; shown before anything is issued, never silent. */
export type ChangeKind =
  /** Full-width digits, letters, signs or spaces became plain ones. */
  | 'full-width'
  /** Spaces around or inside a number were left out. */
  | 'spaces'
  /** Another way of writing a date. */
  | 'date-form'
  /** A date that the spreadsheet keeps as a number of days. */
  | 'date-number'
  /** A date that was written with a time of 00:00, or with a day where only year and month count. */
  | 'date-part'
  /** Lower-case letters of a number became capitals. */
  | 'capitals'
  /** Thousands separators left out, decimals filled up. */
  | 'number-form'
  /** The apostrophe by which a spreadsheet marks text was left out. */
  | 'text-mark';

export interface SourceRow {
  /** Line of the file, or row of the sheet, on which it begins; from 1. */
  readonly line: number;
  /** As the file shows them. */
  readonly cells: readonly string[];
  readonly flaws?: readonly Flaw[];
  /** What reading the file itself changed: dates kept as numbers. */
  readonly changes?: readonly { readonly column: number; readonly kind: ChangeKind }[];
  /** Given for rows of a workbook: numbers and texts are told apart there. `from1904`: its days are counted from 1904. */
  readonly book?: { readonly from1904: boolean };
}

export type Separator = ',' | '\t' | ';';

export type RosterShape =
  | {
      readonly kind: 'csv';
      readonly encoding: 'UTF-8' | 'GB18030';
      readonly hasMark: boolean;
      readonly separator: Separator;
      readonly headerLine: number;
    }
  | { readonly kind: 'xlsx'; readonly sheet: string; readonly headerLine: number };

/** A roster that can be read again and again in constant memory, in blocks. */
export interface RosterFile {
  readonly shape: RosterShape;
  /** Headings, as written; empty columns at the end are not among them. */
  readonly header: readonly string[];
  /**
   * From the first data row, in blocks of at most 1,024; empty rows at the end are left out, those between others are there.
   * @throws YinxinError ROSTER_ENCODING, ROSTER_ENCODING_MIXED, ROSTER_QUOTE with `{line}`, TOO_LARGE, ROSTER_DAMAGED, ROSTER_BOMB
   */
  blocks(): AsyncIterable<readonly SourceRow[]>;
  close(): Promise<void>;
}

/** Rows are on disk for good when `close` has returned; until then the file has another name. */
export interface RosterWriter {
  /** A row of the roster, and what stands in the last columns. One call at a time. */
  add(cells: readonly string[], last: readonly string[]): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** Whether every cell is empty: also what spreadsheets leave of a row whose cells were cleared. */
export function isEmptyRow(cells: readonly string[]): boolean {
  for (const cell of cells) if (cell !== '') return false;
  return true;
}
