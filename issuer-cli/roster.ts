/** From the rows of a roster to the values of certificates: every problem is found and named by line and column before anything is sent. */
import {
  type CertificateType,
  calendarDateAt,
  checkValues,
  deriveValidity,
  type ErrorCode,
  type Field,
  type FieldValue,
  type FieldValues,
  type Instant,
  isErrorCode,
  parseCell,
  YinxinError,
} from '@yinxin/core';
import { type Csv, type CsvRow, isEmptyRow } from './csv.ts';

/** A problem (or, with HOLDER_REPEATED, a warning) in one row. Never a value. */
export interface RosterFinding {
  /** Line of the file. */
  readonly line: number;
  readonly field?: Field;
  readonly code: ErrorCode;
  /** With HOLDER_REPEATED: the line before it with the same holder. */
  readonly otherLine?: number;
}

export interface Roster {
  /** Values of the rows, in their order; complete only when there are no problems. */
  readonly rows: readonly FieldValues[];
  /** Line of each of `rows`. */
  readonly lines: readonly number[];
  readonly problems: readonly RosterFinding[];
  readonly warnings: readonly RosterFinding[];
}

/** The base64 SM3 of a picture by the name that the roster gives; undefined where it could not be read. */
export type Pictures = ReadonlyMap<string, string | undefined>;

/** What people write for the same label: full-width brackets, spaces, other capitals. */
function foldLabel(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, '').toLowerCase();
}

/** The field that a key or label names. */
export function findField(type: CertificateType, name: string): Field | undefined {
  const namesOf = ({ key, label }: Field) => [key, label.zh, label.en];
  const wanted = foldLabel(name);
  return (
    type.fields.find((field) => namesOf(field).includes(name)) ??
    type.fields.find((field) => namesOf(field).some((own) => foldLabel(own) === wanted))
  );
}

/**
 * The field of each column: a column is headed by the field's key, its Chinese or its English label.
 * @throws YinxinError ROSTER_HEADER with `{type, unknown, repeated, missing}`: headings, and labels of required fields
 */
export function parseHeader(type: CertificateType, header: CsvRow): readonly Field[] {
  const found = header.cells.map((cell) => findField(type, cell));
  const unknown = header.cells.filter((_, column) => found[column] === undefined);
  const fields = found.filter((field) => field !== undefined);
  const repeated = fields.filter((field, column) => fields.indexOf(field) !== column);
  const missing = type.fields.filter((field) => field.required && !fields.includes(field));
  if (unknown.length + repeated.length + missing.length === 0) return fields;
  throw new YinxinError('ROSTER_HEADER', {
    type: type.type,
    unknown: unknown.map((cell) => cell.slice(0, 40)),
    repeated: repeated.map(({ label }) => ({ ...label })),
    missing: missing.map(({ label }) => ({ ...label })),
  });
}

/** Names in the columns of pictures. */
export function listPictures(fields: readonly Field[], csv: Csv): ReadonlySet<string> {
  const columns = [...fields.entries()].filter(([, { kind }]) => kind === 'image').map(([column]) => column);
  const names = csv.rows.flatMap(({ cells }) => columns.map((column) => cells[column] ?? ''));
  return new Set(names.filter((name) => name !== ''));
}

function parseValue(field: Field, cell: string, pictures: Pictures): FieldValue | undefined {
  if (field.kind === 'image') return cell === '' ? undefined : pictures.get(cell);
  try {
    return parseCell(field, cell);
  } catch (error) {
    if (error instanceof YinxinError) return cell; // refused by checkValues with all the others
    throw error;
  }
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

interface RowResult {
  readonly values: FieldValues;
  readonly problems: readonly RosterFinding[];
}

/** The values that a reissue or a roster's row would have, or every problem in them. */
export function checkRow(type: CertificateType, values: FieldValues, line: number, now: Instant): RowResult {
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

function readRow(
  type: CertificateType,
  fields: readonly Field[],
  row: CsvRow,
  pictures: Pictures,
  now: Instant,
): RowResult {
  const { line, cells } = row;
  if (isEmptyRow(row)) return { values: {}, problems: [{ line, code: 'ROSTER_ROW_EMPTY' }] };
  if (cells.length !== fields.length) return { values: {}, problems: [{ line, code: 'ROSTER_COLUMNS' }] };
  const values: { [key: string]: FieldValue } = {};
  const unreadable: Field[] = [];
  for (const [column, field] of fields.entries()) {
    const cell = cells[column] ?? '';
    const value = parseValue(field, cell, pictures);
    if (value !== undefined) values[field.key] = value;
    else if (cell !== '') unreadable.push(field);
  }
  const { values: checked, problems } = checkRow(type, values, line, now);
  const others = problems.filter(({ field }) => field === undefined || !unreadable.includes(field));
  return {
    values: checked,
    problems: [...unreadable.map((field) => ({ line, field, code: 'IMAGE_UNREADABLE' as const })), ...others],
  };
}

/** Two rows whose claim fields are the same: lawful, and often a mistake. */
function findRepeated(
  type: CertificateType,
  rows: readonly FieldValues[],
  lines: readonly number[],
): readonly RosterFinding[] {
  const seen = new Map<string, number>();
  return rows.flatMap((values, row): RosterFinding[] => {
    const holder = JSON.stringify(type.claim.map((key) => values[key]));
    const line = lines[row] ?? 0;
    const otherLine = seen.get(holder);
    if (otherLine === undefined) seen.set(holder, line);
    return otherLine === undefined ? [] : [{ line, otherLine, code: 'HOLDER_REPEATED' }];
  });
}

/** Reads every row; bad ones are named, and then nothing of the roster may be sent. */
export function readRoster(
  type: CertificateType,
  fields: readonly Field[],
  csv: Csv,
  pictures: Pictures,
  now: Instant,
): Roster {
  const results = csv.rows.map((row) => readRow(type, fields, row, pictures, now));
  const rows = results.map(({ values }) => values);
  const lines = csv.rows.map(({ line }) => line);
  const problems = results.flatMap((result) => result.problems);
  return { rows, lines, problems, warnings: problems.length > 0 ? [] : findRepeated(type, rows, lines) };
}
