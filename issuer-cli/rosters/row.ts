/** From a row of a roster to the values of one certificate, or every problem in it by column. It runs twice over a million rows: see README.md. */
import {
  type CertificateType,
  calendarDateAt,
  checkValue,
  checkValues,
  deriveValidity,
  type ErrorCode,
  type Field,
  type FieldValue,
  type FieldValues,
  type Identifier,
  type Instant,
  isErrorCode,
  parseIdentifier,
  YinxinError,
} from '@yinxin/core';
import { CellTalk, type Pictures, toPlain } from './cells.ts';
import type { Columns } from './columns.ts';
import { type ChangeKind, isEmptyRow, type SourceRow } from './source.ts';

export type { Pictures } from './cells.ts';

/** A problem (or, with HOLDER_REPEATED, a warning) in one row. Never a value. */
export interface RosterFinding {
  /** Line of the file. */
  readonly line: number;
  readonly field?: Field;
  /** The heading, where the column holds no field. */
  readonly heading?: string;
  readonly code: ErrorCode;
  /** With HOLDER_REPEATED: the line before it with the same holder. */
  readonly otherLine?: number;
}

/** What was changed in a cell so that it could be read. */
export interface Change {
  readonly line: number;
  readonly field: Field;
  readonly kind: ChangeKind;
}

export type RowResult =
  | { readonly values: FieldValues; readonly supersedes?: Identifier; readonly changes: readonly Change[] }
  | { readonly problems: readonly RosterFinding[] };

const noChanges: readonly Change[] = [];

/** A list that is made only when there is something to put into it: nearly every row has no problem and no change. */
class Notes {
  readonly #row: SourceRow;
  problems: RosterFinding[] | undefined;
  changes: Change[] | undefined;

  constructor(row: SourceRow) {
    this.#row = row;
  }

  refuse(
    code: ErrorCode,
    place: { readonly field?: Field | undefined; readonly heading?: string | undefined } = {},
  ): void {
    const { field, heading } = place;
    this.problems ??= [];
    this.problems.push({
      line: this.#row.line,
      code,
      ...(field ? { field } : heading === undefined ? {} : { heading: heading.slice(0, 40) }),
    });
  }

  change(field: Field, kind: ChangeKind): void {
    this.changes ??= [];
    if (!this.changes.some((change) => change.field === field && change.kind === kind))
      this.changes.push({ line: this.#row.line, field, kind });
  }
}

function isHeaderAgain({ header }: Columns, cells: readonly string[]): boolean {
  return cells[0] === header[0] && header.every((heading, column) => heading === cells[column]);
}

/** What is wrong with the row as a whole. */
function findRowProblem(columns: Columns, { cells, flaws }: SourceRow): ErrorCode | undefined {
  const whole = flaws?.find(({ column }) => column < 0);
  if (whole) return whole.code;
  if (isEmptyRow(cells)) return 'ROSTER_ROW_EMPTY';
  if (isHeaderAgain(columns, cells)) return 'ROSTER_HEADER_AGAIN';
  const { width } = columns;
  const hasSurplus = cells.length > width && !isEmptyRow(cells.slice(width));
  return cells.length < width || hasSurplus ? 'ROSTER_COLUMNS' : undefined;
}

function takeFlaws(columns: Columns, row: SourceRow, notes: Notes): void {
  for (const { column, code } of row.flaws ?? []) {
    const field = columns.fields[column];
    if (field || column === columns.supersedes) notes.refuse(code, { field, heading: columns.header[column] });
  }
}

function isFlawed({ flaws }: SourceRow, column: number): boolean {
  return flaws?.some((flaw) => flaw.column === column) ?? false;
}

function readSupersedes(columns: Columns, row: SourceRow, notes: Notes): Identifier | undefined {
  const text = toPlain(row.cells[columns.supersedes] ?? '').trim();
  if (text === '' || isFlawed(row, columns.supersedes)) return undefined;
  try {
    return parseIdentifier(text).identifier;
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    notes.refuse(error.code, { heading: columns.header[columns.supersedes] });
    return undefined;
  }
}

function readValues(columns: Columns, row: SourceRow, pictures: Pictures, notes: Notes): FieldValues {
  const { cells, flaws } = row;
  const talk = new CellTalk(pictures, row.book);
  const values: { [key: string]: FieldValue } = {};
  for (const { field, column, read } of columns.steps) {
    if (flaws !== undefined && column >= 0 && isFlawed(row, column)) continue;
    const cell = column < 0 ? '' : (cells[column] ?? '');
    if (columns.exact !== undefined) talk.isExact = columns.exact.has(column);
    const value = column < 0 ? columns.constants[field.key] : cell === '' ? undefined : read(cell, talk);
    if (talk.changes !== undefined) {
      for (const kind of talk.changes) notes.change(field, kind);
      talk.changes = undefined;
    }
    if (talk.problem !== undefined) {
      notes.refuse(talk.problem, { field });
      talk.problem = undefined;
    } else if (value !== undefined) {
      values[field.key] = value;
      if (typeof value !== 'string') checkItems(columns.type, field, value, notes);
    } else if (field.required) notes.refuse('FIELD_MISSING', { field });
  }
  return values;
}

function checkItems({ holder }: CertificateType, field: Field, value: FieldValue, notes: Notes): void {
  try {
    checkValue(field, value, holder.kind);
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    notes.refuse(error.code, { field });
  }
}

function checkDates(type: CertificateType, values: FieldValues, now: Instant, notes: Notes): void {
  try {
    deriveValidity(type, values, calendarDateAt(now));
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    const key = error.details['key'];
    notes.refuse(error.code, { field: type.fields.find((field) => field.key === key) });
  }
}

/**
 * The values of a row, as `checkValues` would let them pass, in the type's order; and what was changed so that they do. Or every problem, by
 * column. `pictures` holds what the row's picture columns name.
 */
export function readRow(columns: Columns, row: SourceRow, pictures: Pictures, now: Instant): RowResult {
  const notes = new Notes(row);
  const problem = findRowProblem(columns, row);
  if (problem !== undefined) {
    notes.refuse(problem);
    return { problems: notes.problems ?? [] };
  }
  if (row.flaws) takeFlaws(columns, row, notes);
  const values = readValues(columns, row, pictures, notes);
  const supersedes = columns.supersedes < 0 ? undefined : readSupersedes(columns, row, notes);
  if (notes.problems === undefined) checkDates(columns.type, values, now, notes);
  if (notes.problems !== undefined) return { problems: notes.problems };
  for (const { column, kind } of row.changes ?? []) {
    const field = columns.fields[column];
    if (field) notes.change(field, kind);
  }
  const changes = notes.changes ?? noChanges;
  return supersedes === undefined ? { values, changes } : { values, supersedes, changes };
}

function isProblem(item: unknown): item is { readonly key: string; readonly code: ErrorCode } {
  return typeof item === 'object' && item !== null && 'key' in item && 'code' in item && isErrorCode(item.code);
}

/** Problems of values, by key. */
function listProblems(error: YinxinError): readonly { readonly key: string; readonly code: ErrorCode }[] {
  const problems = error.details['problems'];
  if (Array.isArray(problems)) return problems.filter(isProblem);
  return [{ key: String(error.details['key']), code: error.code }];
}

/** Values that come from elsewhere than a roster, or every problem in them. */
export function checkRow(
  type: CertificateType,
  values: FieldValues,
  line: number,
  now: Instant,
): { readonly values: FieldValues; readonly problems: readonly RosterFinding[] } {
  try {
    const checked = checkValues(type, values);
    deriveValidity(type, checked, calendarDateAt(now));
    return { values: checked, problems: [] };
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    const problems = listProblems(error).map(({ key, code }): RosterFinding => {
      const field = type.fields.find((candidate) => candidate.key === key);
      return { line, code, ...(field && { field }) };
    });
    return { values, problems };
  }
}
