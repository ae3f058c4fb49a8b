/** Rows of a request, checked before anything is stored or signed. Pure: it runs beside the main thread too. */
import {
  type CalendarDate,
  type CertificateType,
  checkValues,
  deriveValidity,
  type FieldValues,
  isErrorCode,
  type Json,
  type RowFinding,
  type Validity,
  YinxinError,
} from '@yinxin/core';

export interface CheckedRow extends Validity {
  readonly values: FieldValues;
}

type RowProblem = Omit<RowFinding, 'row'>;

function toProblem({ code, details }: YinxinError): RowProblem {
  const { key } = details;
  return typeof key === 'string' ? { code, key } : { code };
}

/** What a row was refused for; FIELDS_INVALID names all of a row's fields at once. @throws what is no refusal */
export function toFindings(row: number, error: unknown): readonly RowFinding[] {
  if (!(error instanceof YinxinError)) throw error;
  const { problems } = error.details;
  if (error.code !== 'FIELDS_INVALID' || !Array.isArray(problems)) return [{ row, ...toProblem(error) }];
  return problems.map(({ key, code }: { key: string; code: string }) => ({
    row,
    key,
    code: isErrorCode(code) ? code : error.code,
  }));
}

/** What is wrong with a request's rows, in their order. */
export const rowsInvalid = (findings: readonly RowFinding[]) =>
  new YinxinError('ROWS_INVALID', {
    rows: findings.toSorted((a, b) => a.row - b.row) as unknown as Json, // plain members only
  });

/** Checks the rows of one request, one after the other. */
export class RowChecker {
  readonly findings: RowFinding[] = [];
  readonly warnings: RowFinding[] = [];
  readonly #type: CertificateType;
  readonly #issuedOn: CalendarDate;
  readonly #holders = new Set<string>();

  constructor(type: CertificateType, issuedOn: CalendarDate) {
    this.#type = type;
    this.#issuedOn = issuedOn;
  }

  /** Undefined for a row that is refused: why is in `findings`. */
  check(row: number, values: { readonly [key: string]: unknown }): CheckedRow | undefined {
    try {
      const checked = checkValues(this.#type, values);
      this.#noteHolder(row, checked);
      const { validFrom, validUntil } = deriveValidity(this.#type, checked, this.#issuedOn);
      return { values: checked, validFrom, validUntil };
    } catch (error) {
      this.findings.push(...toFindings(row, error));
      return undefined;
    }
  }

  #noteHolder(row: number, values: FieldValues): void {
    const holder = JSON.stringify(this.#type.claim.map((key) => values[key]));
    if (this.#holders.has(holder)) this.warnings.push({ row, code: 'HOLDER_REPEATED' });
    this.#holders.add(holder);
  }
}
