/** Rows of a request, checked before anything is drawn, stored or signed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BatchRequest,
  type CalendarDate,
  type CertificateType,
  calendarDateAt,
  checkValues,
  deriveValidity,
  type ErrorCode,
  type FieldValues,
  type Identifier,
  type Instant,
  isErrorCode,
  isSupersedable,
  type Json,
  latestStatus,
  parseIdentifier,
  type RosterRow,
  type RowFinding,
  standingChanges,
  type Validity,
  YinxinError,
} from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';

/** Rows that one request may carry. */
export const maxRows = 4_096;
/** Rows between two chances for other requests. */
export const rowsPerTurn = 256;
const maxVersion = 999;

/** What a row supersedes: the entry, and the identifier's parts that the reissue keeps. */
export interface Reissue {
  readonly supersedes: Identifier;
  readonly entry: number;
  readonly serial: string;
  /** Of the reissue. */
  readonly version: number;
}

export interface CheckedRow extends Validity {
  readonly values: FieldValues;
  readonly reissue: Reissue | undefined;
}

export interface CheckedRows {
  readonly rows: readonly CheckedRow[];
  readonly warnings: readonly RowFinding[];
}

type RowProblem = Omit<RowFinding, 'row'>;

function toProblem({ code, details }: YinxinError): RowProblem {
  const { key } = details;
  return typeof key === 'string' ? { code, key } : { code };
}

/** FIELDS_INVALID names all of a row's fields at once. */
function toProblems(error: unknown): readonly RowProblem[] {
  if (!(error instanceof YinxinError)) throw error;
  const { problems } = error.details;
  if (error.code !== 'FIELDS_INVALID' || !Array.isArray(problems)) return [toProblem(error)];
  return problems.map(({ key, code }: { key: string; code: string }) => ({
    key,
    code: isErrorCode(code) ? code : error.code,
  }));
}

class RowChecker {
  readonly findings: RowFinding[] = [];
  readonly warnings: RowFinding[] = [];
  readonly #type: CertificateType;
  readonly #issuedOn: CalendarDate;
  readonly #holders = new Set<string>();

  constructor(type: CertificateType, issuedAt: Instant) {
    this.#type = type;
    this.#issuedOn = calendarDateAt(issuedAt);
  }

  refuse(row: number, error: unknown): void {
    this.findings.push(...toProblems(error).map((problem) => ({ row, ...problem })));
  }

  check(row: number, { values }: RosterRow): (Validity & { readonly values: FieldValues }) | undefined {
    try {
      const checked = checkValues(this.#type, values);
      this.#noteHolder(row, checked);
      return { values: checked, ...deriveValidity(this.#type, checked, this.#issuedOn) };
    } catch (error) {
      this.refuse(row, error);
      return undefined;
    }
  }

  #noteHolder(row: number, values: FieldValues): void {
    const holder = JSON.stringify(this.#type.claim.map((key) => values[key]));
    if (this.#holders.has(holder)) this.warnings.push({ row, code: 'HOLDER_REPEATED' });
    this.#holders.add(holder);
  }
}

const refused = (code: ErrorCode) => new YinxinError(code);

/** @throws YinxinError MALFORMED_IDENTIFIER, CERTIFICATE_UNKNOWN, ISSUER_MISMATCH, TYPE_MISMATCH, SUPERSESSION_ILLEGAL */
async function findReissue(
  readModel: ReadModel,
  { issuer, type }: BatchRequest,
  supersedes: string,
  taken: Set<number>,
): Promise<Reissue> {
  const parsed = parseIdentifier(supersedes);
  const ref = await readModel.findEntry(parsed);
  if (!ref) throw refused('CERTIFICATE_UNKNOWN');
  if (ref.issuer !== issuer) throw refused('ISSUER_MISMATCH');
  if (ref.type !== type) throw refused('TYPE_MISMATCH');
  const { changes } = await readModel.knowledge(ref);
  const standing = standingChanges(changes, readModel.trust(), issuer);
  const isFirst = changes.every(({ act }) => act !== 'supersede') && !taken.has(ref.entry);
  if (!isFirst || !isSupersedable(latestStatus(standing)) || parsed.version >= maxVersion)
    throw refused('SUPERSESSION_ILLEGAL');
  taken.add(ref.entry);
  return { supersedes: parsed.identifier, entry: ref.entry, serial: parsed.serial, version: parsed.version + 1 };
}

/** @throws YinxinError INPUT_INVALID without rows, TOO_MANY_ROWS, ROWS_INVALID `{rows}` naming every problem of every row */
export async function checkRows(
  readModel: ReadModel,
  type: CertificateType,
  request: BatchRequest,
  issuedAt: Instant,
): Promise<CheckedRows> {
  if (request.rows.length === 0) throw new YinxinError('INPUT_INVALID', { member: 'rows' });
  if (request.rows.length > maxRows) throw new YinxinError('TOO_MANY_ROWS', { max: maxRows });
  const checker = new RowChecker(type, issuedAt);
  const taken = new Set<number>();
  const rows: CheckedRow[] = [];
  for (const [at, row] of request.rows.entries()) {
    if (at % rowsPerTurn === rowsPerTurn - 1) await nextTurn();
    const checked = checker.check(at, row);
    try {
      const { supersedes } = row;
      const reissue = supersedes === undefined ? undefined : await findReissue(readModel, request, supersedes, taken);
      if (checked) rows.push({ ...checked, reissue });
    } catch (error) {
      checker.refuse(at, error);
    }
  }
  const { findings, warnings } = checker;
  if (findings.length > 0) throw new YinxinError('ROWS_INVALID', { rows: findings as unknown as Json }); // plain members only
  return { rows, warnings };
}
