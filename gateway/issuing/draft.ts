/** The certificates of one request before they are signed (core/FORMATS.md): rows checked, secrets drawn and fields committed to; then, from a first entry on, bodies, leaves, tokens and what the vault keeps. */
import {
  type BatchRequest,
  type Body,
  type CalendarDate,
  type CertificateType,
  calendarDateAt,
  commitFields,
  deriveFaceSalt,
  deriveValidity,
  type FieldValues,
  formatBody,
  formatIdentifier,
  hashCommitments,
  hashFace,
  holderTokenRandomBytes,
  type Instant,
  pickFace,
  type RowFinding,
  secretBytes,
  sm3,
  toBase64,
  toHolderToken,
  toLeafOf,
  type Validity,
} from '@yinxin/core';
import type { Random } from '../platform.ts';
import { pageEntries } from '../vault/layout.ts';
import type { VaultRecord } from '../vault/record-text.ts';
import { type SealedRecords, sealRecords } from '../vault/sealing.ts';
import { PageWriter } from './lines.ts';
import type { AskedReissue, Reissue } from './reissues.ts';
import { type CheckedRow, RowChecker, toFindings } from './rows.ts';
import type { Numbered, NumberInput } from './workers/jobs.ts';

/** Rows between two turns of the event loop: some three milliseconds. */
const rowsPerTurn = 64;
const hashBytes = 32;

export type Turn = () => Promise<void>;

interface CommittedRow extends CheckedRow {
  readonly secret: Uint8Array;
  readonly fields: string;
  readonly face: string;
}

export interface Checked {
  readonly findings: readonly RowFinding[];
  readonly warnings: readonly RowFinding[];
  readonly reissues: readonly AskedReissue[];
}

/** A certificate before it is signed. */
export interface Certified {
  readonly body: Body;
  /** As core's `formatBody` writes it. */
  readonly formatted: string;
  readonly fields: FieldValues;
  /** base64. */
  readonly secret: string;
  readonly leaf: Uint8Array;
  /** The holder's, 32 bytes. */
  readonly token: Uint8Array;
}

type Made = Pick<NumberInput, 'first' | 'issuedAt' | 'reissues' | 'key' | 'wantsLines'>;

/** The random part of the token of the request's certificate at this index. */
export function tokenPart(tokens: Uint8Array, index: number): Uint8Array {
  return tokens.subarray(index * holderTokenRandomBytes, (index + 1) * holderTokenRandomBytes);
}

export class Draft {
  readonly #issuer: string;
  readonly #type: CertificateType;
  readonly #issuedOn: CalendarDate;
  readonly #rows: readonly CommittedRow[];
  readonly #tokens: Uint8Array;

  constructor(
    issuer: string,
    type: CertificateType,
    issuedOn: CalendarDate,
    rows: readonly CommittedRow[],
    tokens: Uint8Array,
  ) {
    this.#issuer = issuer;
    this.#type = type;
    this.#issuedOn = issuedOn;
    this.#rows = rows;
    this.#tokens = tokens;
  }

  /** Can be made again from another entry on, when others took these. */
  async number({ first, issuedAt, reissues, key, wantsLines }: Made, random: Random, turn: Turn): Promise<Numbered> {
    const { validities, findings } = this.#validitiesOn(calendarDateAt(issuedAt));
    const leaves = new Uint8Array(findings.length > 0 ? 0 : this.#rows.length * hashBytes);
    if (findings.length > 0) return { findings, leaves, sealed: [], tokens: new Uint8Array(), pages: [] };
    const sealed: SealedRecords[] = [];
    const pages = new PageWriter();
    let records: VaultRecord[] = [];
    for (const made of this.certify({ first, issuedAt, reissues }, validities)) {
      const { body, fields, secret, leaf, token } = made;
      const at = body.entry - first;
      if (at % rowsPerTurn === rowsPerTurn - 1) await turn();
      leaves.set(leaf, at * hashBytes);
      records.push({ body, fields, secret, holderTokenHash: toBase64(sm3(token)) });
      if (wantsLines) {
        pages.add({ entry: body.entry, body: made.formatted, fields, secret, holderToken: toBase64(token) });
      }
      if (records.length < pageEntries && at < this.#rows.length - 1) continue;
      sealed.push(sealRecords(key, this.#type, records, random));
      records = [];
      await turn();
    }
    return { findings, leaves, sealed, tokens: this.#tokens.slice(), pages: pages.end() };
  }

  /** The certificates one after the other. */
  *certify(
    { first, issuedAt, reissues }: Pick<Made, 'first' | 'issuedAt' | 'reissues'>,
    validities: readonly Validity[] = this.#rows,
  ): Generator<Certified> {
    const reissueOf = new Map(reissues.map((reissue) => [reissue.row, reissue]));
    for (const [at, row] of this.#rows.entries()) {
      const body = this.#toBody(row, validities[at] ?? row, first + at, issuedAt, reissueOf.get(at));
      const formatted = formatBody(body);
      const leaf = toLeafOf(formatted);
      const token = toHolderToken(tokenPart(this.#tokens, at), leaf);
      yield { body, formatted, fields: row.values, secret: toBase64(row.secret), leaf, token };
    }
  }

  /** Rows were checked for the day on which they came; on the next one a row without dates of its own has others. */
  #validitiesOn(day: CalendarDate): { readonly validities: readonly Validity[]; readonly findings: RowFinding[] } {
    const findings: RowFinding[] = [];
    if (day === this.#issuedOn) return { validities: this.#rows, findings };
    const validities = this.#rows.map((row, at) => {
      try {
        return deriveValidity(this.#type, row.values, day);
      } catch (error) {
        findings.push(...toFindings(at, error));
        return row;
      }
    });
    return { validities, findings };
  }

  #toBody(
    { fields, face }: CommittedRow,
    { validFrom, validUntil }: Validity,
    entry: number,
    issuedAt: Instant,
    reissue: Reissue | undefined,
  ): Body {
    const type = this.#type;
    const issuer = this.#issuer;
    const serial = reissue?.serial ?? entry;
    const version = reissue?.version ?? 1;
    return {
      format: 'yinxin-certificate/1',
      id: formatIdentifier({ typeCode: type.code, issuer, serial, version }),
      entry,
      type: type.type,
      typeVersion: type.version,
      issuer,
      issuedAt,
      validFrom,
      validUntil,
      supersedes: reissue?.supersedes ?? null,
      fields,
      face,
    };
  }
}

/** Every row is checked before anything is drawn. The draft is there when there are no findings. */
export async function draftRequest(
  { issuer, rows }: BatchRequest,
  type: CertificateType,
  issuedAt: Instant,
  random: Random,
  turn: Turn,
): Promise<Checked & { readonly draft?: Draft }> {
  const issuedOn = calendarDateAt(issuedAt);
  const checker = new RowChecker(type, issuedOn);
  const checked: CheckedRow[] = [];
  const reissues: AskedReissue[] = [];
  for (const [at, { values, supersedes }] of rows.entries()) {
    if (at % rowsPerTurn === rowsPerTurn - 1) await turn();
    const row = checker.check(at, values);
    if (row) checked.push(row);
    if (supersedes !== undefined) reissues.push({ row: at, supersedes });
  }
  const { findings, warnings } = checker;
  if (findings.length > 0) return { findings, warnings, reissues };
  const committed = await commitRows(checked, type, random, turn);
  const tokens = random(rows.length * holderTokenRandomBytes).slice();
  return { findings, warnings, reissues, draft: new Draft(issuer, type, issuedOn, committed, tokens) };
}

/** Secrets are drawn, never derived from content. */
async function commitRows(
  rows: readonly CheckedRow[],
  type: CertificateType,
  random: Random,
  turn: Turn,
): Promise<readonly CommittedRow[]> {
  const secrets = random(rows.length * secretBytes).slice();
  const committed: CommittedRow[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % rowsPerTurn === rowsPerTurn - 1) await turn();
    const secret = secrets.subarray(at * secretBytes, (at + 1) * secretBytes);
    committed.push({
      ...row,
      secret,
      fields: hashCommitments(commitFields(secret, row.values)),
      face: hashFace(deriveFaceSalt(secret), pickFace(type.face, row.values)),
    });
  }
  return committed;
}
