/** Sends a few rows in one request, and fetches the certificates that come of them. Rosters go by `runs/`. */

import { join } from 'node:path';
import {
  type BatchSummary,
  type CertificateFile,
  type CertificateType,
  canonicalize,
  type FieldValues,
  formatCertificateFile,
  type Identifier,
  isJsonObject,
  type Json,
  toCertificateFile,
  YinxinError,
} from '@yinxin/core';
import { writeAtomically } from './files.ts';
import { type Gateway, withQuery } from './gateway.ts';

const pageSize = '500';
/** Files that are written at a time. */
const writersAtOnce = 8;

export interface BatchOrder {
  readonly issuer: string;
  readonly type: CertificateType;
  readonly rows: readonly FieldValues[];
  readonly stock: boolean;
  /** With a reissue of one row. */
  readonly supersedes?: Identifier;
}

function foreign(gateway: Gateway): YinxinError {
  return new YinxinError('GATEWAY_UNREACHABLE', { gateway: gateway.url, status: 200 });
}

function parseSummary(json: Json, gateway: Gateway): BatchSummary {
  const isSummary = isJsonObject(json) && typeof json['id'] === 'string' && typeof json['first'] === 'number';
  if (!isSummary) throw foreign(gateway);
  return json as unknown as BatchSummary; // the OpenAPI document fixes the rest
}

/** Sends one request of rows. Under the same key the same rows are issued once, however often they are sent. */
export async function sendBatch(gateway: Gateway, order: BatchOrder, idempotencyKey: string): Promise<BatchSummary> {
  const { issuer, type, rows, stock, supersedes } = order;
  const body: Json = {
    issuer,
    type: type.type,
    rows: rows.map((values) => ({ values: { ...values }, ...(supersedes !== undefined && { supersedes }) })),
    ...(stock && { stock }),
  };
  return parseSummary(await gateway.postJson('/v1/batches', body, { 'idempotency-key': idempotencyKey }), gateway);
}

function parsePage(
  json: Json,
  gateway: Gateway,
): { readonly certificates: readonly CertificateFile[]; readonly next: number | null } {
  if (!isJsonObject(json) || !Array.isArray(json['certificates'])) throw foreign(gateway);
  const next = json['next'];
  return { certificates: json['certificates'].map(toCertificateFile), next: typeof next === 'number' ? next : null };
}

/** Each file must be of its own row: nobody is handed another's certificate. */
function checkFile(file: CertificateFile, order: BatchOrder, entry: number, values: FieldValues | undefined): void {
  const { body, fields } = file;
  const isOwn = body.entry === entry && body.issuer === order.issuer && body.type === order.type.type;
  if (!isOwn || values === undefined || canonicalize({ ...fields }) !== canonicalize({ ...values })) {
    throw new YinxinError('FIELDS_MISMATCH', { entry });
  }
}

/** The certificates of a batch, in order, each checked against its row. */
export async function* fetchCertificates(
  gateway: Gateway,
  order: BatchOrder,
  summary: BatchSummary,
): AsyncGenerator<readonly CertificateFile[]> {
  let done = 0;
  for (let after: number | null = summary.first - 1; after !== null; ) {
    const path = withQuery(`/v1/batches/${encodeURIComponent(summary.id)}`, { after: String(after), limit: pageSize });
    const page = parsePage(await gateway.getJson(path), gateway);
    for (const file of page.certificates) {
      checkFile(file, order, summary.first + done, order.rows[done]);
      done += 1;
    }
    yield page.certificates;
    after = page.next;
  }
  if (done !== order.rows.length) throw foreign(gateway);
}

/** `<identifier>.yinxin.json`. */
export function nameFile(identifier: Identifier): string {
  return `${identifier}.yinxin.json`;
}

/** Writes certificates into a folder, each under its own identifier. */
export async function writeCertificates(folder: string, files: readonly CertificateFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += writersAtOnce) {
    const some = files.slice(at, at + writersAtOnce);
    await Promise.all(
      some.map((file) => writeAtomically(join(folder, nameFile(file.body.id)), formatCertificateFile(file))),
    );
  }
}
