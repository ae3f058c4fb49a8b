/** What came of a run: which line of the roster became which certificate. */
import { join } from 'node:path';
import { type CertificateType, formatIdentifier, type Identifier } from '@yinxin/core';
import { nameFile } from './batches.ts';
import { type Context, say } from './context.ts';
import { formatCsvLine } from './csv.ts';
import { nameFrom, writeAtomically } from './files.ts';
import type { Run } from './run-file.ts';
import { paint } from './terminal.ts';
import { formatTable } from './width.ts';

const listName = 'issued.csv';
/** More certificates than this are not listed one by one. */
const listedAtMost = 20;

export interface Issued {
  /** Of the roster. */
  readonly line: number;
  readonly identifier: Identifier;
}

/** First versions are numbered as their entries; `lines` are those of the roster's rows. */
export function listIssued({ file }: Run, type: CertificateType, lines: readonly number[]): readonly Issued[] {
  const entries = file.chunks.flatMap(({ first, rows }) => Array.from({ length: rows }, (_, at) => first + at));
  return entries.map((serial, row) => ({
    line: lines[row] ?? 0,
    identifier: formatIdentifier({ typeCode: type.code, issuer: file.issuer, serial, version: 1 }),
  }));
}

/** Writes `issued.csv`: line, number, file. No value of a certificate is in it. */
export async function writeIssued(folder: string, issued: readonly Issued[], context: Context): Promise<void> {
  const head = [
    say(context, { zh: '名册行', en: 'line' }),
    say(context, { zh: '证照标识', en: 'number' }),
    say(context, { zh: '文件', en: 'file' }),
  ];
  const rows = issued.map(({ line, identifier }) => formatCsvLine([String(line), identifier, nameFile(identifier)]));
  await writeAtomically(join(folder, listName), `\ufeff${formatCsvLine(head)}${rows.join('')}`);
}

function withFiles({ folder }: Run, issued: readonly Issued[], context: Context) {
  const named = nameFrom(context.cwd, folder);
  return issued.map((item) => ({ ...item, file: join(named, nameFile(item.identifier)) }));
}

/** For machines. */
export function toIssuedJson(run: Run, issued: readonly Issued[], context: Context): string {
  const { issuer, type, chunks } = run.file;
  const folder = nameFrom(context.cwd, run.folder);
  const facts = { issuer, type, folder, batches: chunks, certificates: withFiles(run, issued, context) };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** For people: how many, by whom, which, where, and how to verify one. */
export function formatIssued(
  run: Run,
  issued: readonly Issued[],
  type: CertificateType,
  body: string,
  context: Context,
): string {
  const files = withFiles(run, issued, context);
  const folder = nameFrom(context.cwd, run.folder);
  const first = files[0]?.file ?? '';
  const done = say(context, {
    zh: `已签发 ${files.length} 份${type.name.zh}（${body}）。`,
    en: `Issued ${files.length}: ${type.name.en} (${body}).`,
  });
  const head = [say(context, { zh: '名册行', en: 'Line' }), say(context, { zh: '证照标识', en: 'Number' })];
  const rows = files.map(({ line, identifier }) => [String(line), identifier]);
  const table = files.length <= listedAtMost ? formatTable([head, ...rows], '  ') : '';
  const where = say(context, {
    zh: `证照文件：${folder}/（对照表 ${listName}）\n查验一份：yinxin verify ${first}`,
    en: `Files: ${folder}/ (which is whose: ${listName})\nVerify one: yinxin verify ${first}`,
  });
  return `${paint(context, context.out, 'good', done)}\n${table}${where}\n`;
}
