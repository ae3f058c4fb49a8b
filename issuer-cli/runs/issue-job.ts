/** Certificates from a roster: issued for the first time, or in the place of others. */
import {
  type CertificateType,
  canonicalize,
  type FieldValues,
  type Instant,
  type Json,
  parseIdentifier,
  utf8,
} from '@yinxin/core';
import { nameFile } from '../batches.ts';
import type { Gateway } from '../gateway.ts';
import { readPictures } from '../pictures.ts';
import { type Columns, listPictures, type Pictures, readRow, type SourceRow } from '../rosters/roster.ts';
import { CertificateWriter, isChunkKept, nameCertificate, placeChunk, type Register } from './certificates.ts';
import type { Job, Part, Reading, ReadyRow, Sending } from './job.ts';
import type { DoneChunk } from './run-file.ts';

/** As `POST /v1/batches` takes. */
const maxRows = 4_096;
const maxBytes = 12 * 1024 * 1024;
const inFlight = 6;

export interface IssueErrand extends Register {
  readonly kind: 'issue' | 'reissue';
  readonly type: CertificateType;
  readonly columns: Columns;
  /** Path of the roster, beside which pictures lie. */
  readonly roster: string;
  readonly stock: boolean;
  readonly gateway: Gateway;
  /** Of the run; called when certificates are to be written. */
  readonly place: () => { readonly folder: string; readonly chunks: number };
}

/** Canonical JSON of the values of these keys (RFC 8785), which are sorted once. */
function canonicalWriter(keys: readonly string[]): (values: FieldValues) => string {
  const members = [...keys].sort().map((key) => ({ key, head: `${JSON.stringify(key)}:` }));
  return (values) => {
    const written: string[] = [];
    for (const { key, head } of members) {
      const value = values[key];
      if (value === undefined) continue;
      // a text that passed holds nothing that canonical JSON writes in another way
      written.push(head + (typeof value === 'string' ? JSON.stringify(value) : canonicalize(value as Json)));
    }
    return `{${written.join()}}`;
  };
}

/** The certificate that a row reissues. @returns the problem when it is none of this register */
function checkSuperseded(
  { issuer, type }: Register,
  text: string | undefined,
): 'FIELD_MISSING' | 'MALFORMED_IDENTIFIER' | 'TYPE_MISMATCH' | 'ISSUER_MISMATCH' | undefined {
  if (text === undefined || text === '') return 'FIELD_MISSING';
  try {
    const parsed = parseIdentifier(text);
    if (parsed.typeCode !== type.code) return 'TYPE_MISMATCH';
    return parsed.issuer === issuer ? undefined : 'ISSUER_MISMATCH';
  } catch {
    return 'MALFORMED_IDENTIFIER';
  }
}

const supersededHeading = '原证照标识';

function createReader(errand: IssueErrand, pictures: () => Pictures): (row: SourceRow, now: Instant) => Reading {
  const { fields, claim } = errand.type;
  const write = canonicalWriter(fields.map(({ key }) => key));
  const writeHolder = canonicalWriter(claim);
  return (source, now) => {
    const read = readRow(errand.columns, source, pictures(), now);
    if ('problems' in read) return { problems: read.problems };
    const { values, supersedes, changes } = read;
    const ready = { line: source.line, body: write(values) };
    if (errand.kind === 'issue') return { ready, holder: writeHolder(values), changes };
    const code = checkSuperseded(errand, supersedes);
    if (code !== undefined || supersedes === undefined)
      return { problems: [{ code: code ?? 'FIELD_MISSING', heading: supersededHeading }] };
    return { ready: { ...ready, certificate: parseIdentifier(supersedes).identifier }, changes };
  };
}

const toRow = ({ body, certificate }: ReadyRow) =>
  certificate === undefined ? `{"values":${body}}` : `{"supersedes":"${certificate}","values":${body}}`;

function writeRequest({ issuer, type, stock }: IssueErrand, { ready }: Part): Uint8Array {
  const head = `{"issuer":${JSON.stringify(issuer)},"type":${JSON.stringify(type.type)},"rows":[`;
  return utf8(`${head}${ready.map(toRow).join()}]${stock ? ',"stock":true' : ''}}`);
}

async function send(
  errand: IssueErrand,
  part: Part,
  { key, signal, onRows }: Sending,
): Promise<Omit<DoneChunk, 'chunk' | 'at'>> {
  const { folder, chunks } = errand.place();
  const writer = new CertificateWriter(part, errand, placeChunk(folder, part, chunks === 1), onRows);
  const reading = { onLine: writer.takeLine, signal };
  const headers = { 'idempotency-key': key };
  await errand.gateway.postLines('/v1/batches', writeRequest(errand, part), headers, reading);
  return writer.finish();
}

export function createIssueJob(errand: IssueErrand): Job {
  const { kind, issuer, type, columns, roster } = errand;
  const hasPictures = type.fields.some((field) => field.kind === 'image');
  let pictures: Pictures = new Map();
  const placeOf = (part: Part) => {
    const { folder, chunks } = errand.place();
    return placeChunk(folder, part, chunks === 1);
  };
  return {
    kind,
    issuer,
    type,
    maxRows,
    maxBytes,
    inFlight,
    prepare: async (rows) => {
      if (hasPictures) pictures = await readPictures(roster, listPictures(columns, rows));
    },
    read: createReader(errand, () => pictures),
    send: (part, sending) => send(errand, part, sending),
    isKept: (part, done) => isChunkKept(part, done, errand, placeOf(part)),
    doneHeadings: ['证照标识', '文件'],
    doneCells: (row, at, { first }, part) => {
      const identifier = nameCertificate(errand, row, first + at);
      const { sub } = placeOf(part);
      return [identifier, sub === '' ? nameFile(identifier) : `${sub}/${nameFile(identifier)}`];
    },
  };
}
