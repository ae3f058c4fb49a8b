/** Changes of status from a roster: one certificate a row, up to a thousand changes under one signature. */
import {
  type Act,
  basisPattern,
  documentPattern,
  type Identifier,
  type Instant,
  isJsonObject,
  type Json,
  parseIdentifier,
  parseInstant,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import type { Gateway } from '../gateway.ts';
import type { SourceRow } from '../rosters/roster.ts';
import { formatTime, readTime } from '../times.ts';
import type { Job, Part, Reading, RowProblem, Sending } from './job.ts';
import type { DoneChunk } from './run-file.ts';

/** As `POST /v1/status-changes` takes. */
const maxChanges = 1_000;
const maxChangesBytes = 900 * 1024;

/** What rows without a cell of their own say. */
export interface Decision {
  readonly basis: string | undefined;
  readonly document: string | undefined;
  readonly effective: Instant | undefined;
  /** With `correct`: sequence number of the mistaken act. */
  readonly corrects: number | undefined;
}

const headings = {
  certificate: ['证照标识', 'identifier', 'number'],
  basis: ['依据', '法律依据', 'basis'],
  document: ['文号', '决定文号', 'document'],
  effective: ['生效时间', 'effective'],
  corrects: ['更正序号', 'corrects'],
} as const;
type Name = keyof typeof headings;
const names = Object.keys(headings) as readonly Name[];

const fold = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase();

function nameColumn(heading: string): Name | undefined {
  return names.find((name) => headings[name].some((own) => own === fold(heading)));
}

export type ChangeColumns = readonly (Name | undefined)[];

/** Which column is which; others of the roster, such as a name, are left alone. @throws YinxinError ROSTER_HEADER with what is missing or there twice */
export function matchChangeColumns(header: readonly string[], act: Act, decision: Decision): ChangeColumns {
  const found = header.map(nameColumn);
  const repeated = names.filter((name) => found.filter((own) => own === name).length > 1);
  const has = (name: Name) => found.includes(name);
  const missing = names.filter((name) => {
    if (name === 'certificate') return !has(name);
    return (name === 'basis' || name === 'document') && !has(name) && decision[name] === undefined;
  });
  const unknown = act !== 'correct' && has('corrects') ? [headings.corrects[0]] : [];
  if (repeated.length + missing.length + unknown.length === 0) return found;
  const label = (name: Name) => ({ zh: headings[name][0], en: headings[name][1] });
  throw new YinxinError('ROSTER_HEADER', { act, unknown, repeated: repeated.map(label), missing: missing.map(label) });
}

interface Cells {
  readonly text: (name: Name) => string | undefined;
  readonly problem: (name: Name, code: RowProblem['code']) => RowProblem;
}

function readCells(columns: ChangeColumns, header: readonly string[], { cells }: SourceRow): Cells {
  return {
    text: (name) => {
      const cell = cells[columns.indexOf(name)]?.normalize('NFKC').trim();
      return cell === '' ? undefined : cell;
    },
    problem: (name, code) => ({ code, heading: header[columns.indexOf(name)] ?? headings[name][0] }),
  };
}

export interface ChangeErrand {
  readonly act: Act;
  readonly issuer: string;
  readonly decision: Decision;
  readonly header: readonly string[];
  readonly gateway: Gateway;
  readonly trust: Trust | undefined;
}

type Checked = Omit<Decision, 'basis' | 'document'> & { readonly basis: string; readonly document: string };

/** What the row decides, or every problem in it. */
function checkDecision(errand: ChangeErrand, { text, problem }: Cells): Checked | readonly RowProblem[] {
  const { act, decision, trust } = errand;
  const problems: RowProblem[] = [];
  const basis = text('basis') ?? decision.basis ?? '';
  const isKnown = basisPattern.test(basis) && (!trust || trust.basis(basis)?.acts.includes(act) === true);
  if (!isKnown) problems.push(problem('basis', basis === '' ? 'FIELD_MISSING' : 'BASIS_UNKNOWN'));
  // the year of a document number stands in brackets of its own, which compatibility forms do not change
  const document = text('document') ?? decision.document ?? '';
  if (!documentPattern.test(document))
    problems.push(problem('document', document === '' ? 'FIELD_MISSING' : 'FIELD_INVALID'));
  const written = text('effective');
  const effective = written === undefined ? decision.effective : readTime(written);
  if (written !== undefined && effective === undefined) problems.push(problem('effective', 'MALFORMED_TIME'));
  const sequence = text('corrects');
  if (sequence !== undefined && !/^[1-9]\d{0,8}$/.test(sequence)) problems.push(problem('corrects', 'FIELD_INVALID'));
  if (problems.length > 0) return problems;
  return { basis, document, effective, corrects: sequence === undefined ? decision.corrects : Number(sequence) };
}

function readCertificate(text: string): Identifier | undefined {
  try {
    return parseIdentifier(text).identifier;
  } catch {
    return undefined;
  }
}

/** The body whose certificates the roster's first good row names. */
export function findIssuer(columns: ChangeColumns, rows: readonly SourceRow[]): string | undefined {
  for (const { cells } of rows) {
    const named = readCertificate(cells[columns.indexOf('certificate')]?.normalize('NFKC').trim() ?? '');
    if (named) return parseIdentifier(named).issuer;
  }
  return undefined;
}

function readChange(errand: ChangeErrand, columns: ChangeColumns, row: SourceRow): Reading {
  if (row.cells.every((cell) => cell === '')) return { problems: [{ code: 'ROSTER_ROW_EMPTY' }] };
  const cells = readCells(columns, errand.header, row);
  const written = cells.text('certificate');
  const certificate = readCertificate(written ?? '');
  const checked = checkDecision(errand, cells);
  const problems: RowProblem[] = [];
  if (certificate === undefined)
    problems.push(cells.problem('certificate', written === undefined ? 'FIELD_MISSING' : 'MALFORMED_IDENTIFIER'));
  else if (parseIdentifier(certificate).issuer !== errand.issuer)
    problems.push(cells.problem('certificate', 'ISSUER_MISMATCH'));
  if (!('basis' in checked)) return { problems: [...problems, ...checked] };
  if (problems.length > 0 || certificate === undefined) return { problems };
  const { basis, document, effective, corrects } = checked;
  const change = {
    identifier: certificate,
    act: errand.act,
    basis,
    document,
    ...(effective !== undefined && { effective }),
    ...(corrects !== undefined && { corrects }),
  };
  return { ready: { line: row.line, body: JSON.stringify(change), certificate }, changes: [] };
}

/** One change alone is refused by its own code. */
const ownCodes = new Set([
  'CERTIFICATE_UNKNOWN',
  'CALLER_NOT_PERMITTED',
  'STATUS_STEP_ILLEGAL',
  'BASIS_UNKNOWN',
  'EFFECTIVE_ILLEGAL',
  'LIMIT_REACHED',
]);

function nameOnlyRow(error: unknown, part: Part): unknown {
  if (!(error instanceof YinxinError) || part.ready.length !== 1 || !ownCodes.has(error.code)) return error;
  return new YinxinError('ROWS_INVALID', { rows: [{ row: 0, code: error.code }] });
}

async function send(
  errand: ChangeErrand,
  part: Part,
  { key, onRows }: Sending,
): Promise<Omit<DoneChunk, 'chunk' | 'at'>> {
  const changes: readonly Json[] = part.ready.map(({ body }) => JSON.parse(body) as Json);
  const request = { issuer: errand.issuer, changes };
  const answer = await errand.gateway
    .postJson('/v1/status-changes', request, { 'idempotency-key': key })
    .catch((error: unknown) => {
      throw nameOnlyRow(error, part);
    });
  const facts = isJsonObject(answer) ? answer : {};
  onRows(part.ready.length);
  return {
    rows: part.ready.length,
    first: 0,
    batch: '',
    block: Number(facts['block'] ?? 0),
    time: typeof facts['time'] === 'string' ? facts['time'] : '',
  };
}

/** @throws YinxinError ROSTER_HEADER */
export function createChangeJob(errand: ChangeErrand): Job {
  const columns = matchChangeColumns(errand.header, errand.act, errand.decision);
  return {
    kind: errand.act,
    issuer: errand.issuer,
    type: undefined,
    maxRows: maxChanges,
    maxBytes: maxChangesBytes,
    inFlight: 2, // one after the other in the gateway anyway: they all change the same body's registers
    prepare: async () => undefined,
    read: (row) => readChange(errand, columns, row),
    send: (part, sending) => send(errand, part, sending),
    isKept: () => true,
    doneHeadings: ['办理时间', '区块'],
    doneCells: (_row, _at, { time, block }) => [time === '' ? '' : formatTime(parseInstant(time)), String(block)],
  };
}
