/** `issue`: a roster becomes signed, anchored certificates. Every bad row is named first; then nothing is sent. */
import { basename, join, resolve } from 'node:path';
import {
  type BatchSummary,
  type CertificateType,
  type ClientFile,
  isErrorCode,
  isJsonObject,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import { type BatchOrder, type Chunk, fetchCertificates, sendBatch, splitRows, writeCertificates } from '../batches.ts';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { maxRosterBytes, maxRosterRows, parseCsv } from '../csv.ts';
import { nameFrom, readBytes } from '../files.ts';
import { connectClient, type Gateway } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { formatIssued, listIssued, toIssuedJson, writeIssued } from '../issued.ts';
import { asOption, clientOption, outputOption, pinOption, yesOption } from '../options.ts';
import { readPictures } from '../pictures.ts';
import { chooseClient, findType, issuerOf, requireOpen } from '../registry.ts';
import { listPictures, type Pictures, parseHeader, type Roster, type RosterFinding, readRoster } from '../roster.ts';
import { formatFindings, listFindings } from '../roster-view.ts';
import { beginRun, openRun, type Run, saveRun } from '../run-file.ts';
import { confirm, type Progress, paint, startProgress } from '../terminal.ts';
import { formatDay } from '../times.ts';
import { loadTrust } from '../trust-list.ts';

/** The type that `--type` names, or with whose slug or name the file's name begins. */
function chooseType(types: readonly CertificateType[], path: string, named: string | undefined): CertificateType {
  if (named !== undefined) return findType(types, named);
  const name = basename(path);
  const beginsWith = (word: string) => name.startsWith(word) && /^(?!\p{L})/u.test(name.slice(word.length));
  const fitting = types.flatMap((type) => [type.type, type.name.zh].filter(beginsWith).map((word) => ({ type, word })));
  const longest = fitting.sort((a, b) => b.word.length - a.word.length)[0];
  if (!longest) throw usageError('type-unnamed', name.slice(0, 80));
  return longest.type;
}

interface Prepared {
  readonly type: CertificateType;
  readonly roster: Roster;
  readonly bytes: Uint8Array;
  readonly pictures: Pictures;
}

async function prepare(
  path: string,
  types: readonly CertificateType[],
  inputs: Inputs,
  context: Context,
): Promise<Prepared> {
  const bytes = await readBytes(path, maxRosterBytes);
  const type = chooseType(types, path, inputs.text('type'));
  if (type.legacy && !inputs.flag('stock')) throw new YinxinError('TYPE_LEGACY', { type: type.type });
  const csv = parseCsv(bytes);
  const fields = parseHeader(type, csv.header);
  const pictures = await readPictures(path, listPictures(fields, csv));
  return { type, roster: readRoster(type, fields, csv, pictures, context.now()), bytes, pictures };
}

function refuseRoster(problems: readonly RosterFinding[], inputs: Inputs, context: Context): ExitCode {
  const rows = new Set(problems.map(({ line }) => line)).size;
  const zh = `名册里有 ${rows} 行填写不对，共 ${problems.length} 处；一份也没有签发。`;
  const head = say(context, { zh, en: `${rows} rows have ${problems.length} problems; nothing was issued.` });
  context.err.write(`${paint(context, context.err, 'bad', head)}\n${formatFindings(problems, context)}`);
  context.err.write(
    `${say(context, { zh: '改正后再运行同一命令。', en: 'Correct them and run the command again.' })}\n[ROWS_INVALID]\n`,
  );
  if (inputs.flag('json')) {
    context.out.write(
      `${JSON.stringify({ error: { code: 'ROWS_INVALID', rows: listFindings(problems, context) } }, null, 2)}\n`,
    );
  }
  return 1;
}

/** What the gateway found in rows that this command had passed. */
function toFindings(error: YinxinError, { start }: Chunk, { type, roster }: Prepared): readonly RosterFinding[] {
  const rows = error.details['rows'];
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((item): RosterFinding[] => {
    const json = isJsonObject(item) ? item : {};
    const field = type.fields.find(({ key }) => key === json['key']);
    const code = json['code'];
    const line = roster.lines[start + Number(json['row'])];
    return isErrorCode(code) && line !== undefined ? [{ line, code, ...(field && { field }) }] : [];
  });
}

interface Errand {
  readonly prepared: Prepared;
  readonly gateway: Gateway;
  readonly client: ClientFile;
  readonly stock: boolean;
  readonly context: Context;
}

async function issueChunk(
  run: Run,
  chunk: Chunk,
  number: number,
  { prepared, gateway, client, stock }: Errand,
  onWritten: (rows: number) => void,
): Promise<BatchSummary> {
  const order: BatchOrder = { issuer: issuerOf(client), type: prepared.type, rows: chunk.rows, stock };
  const summary = await sendBatch(gateway, order, `${run.file.run}-${number}`);
  let written = 0;
  for await (const files of fetchCertificates(gateway, order, summary)) {
    await writeCertificates(run.folder, files);
    written += files.length;
    onWritten(written);
  }
  return summary;
}

/** Sends what is not done yet; after every chunk the run file knows of it. */
async function issueChunks(started: Run, errand: Errand, progress: Progress): Promise<Run> {
  let run = started;
  const chunks = splitRows(errand.prepared.roster.rows);
  for (const [number, chunk] of chunks.entries()) {
    if (number < run.file.chunks.length) continue;
    const isLast = number === chunks.length - 1;
    try {
      const { id, first, block } = await issueChunk(run, chunk, number, errand, (rows) =>
        progress.report(chunk.start + rows),
      );
      const done = { first, rows: chunk.rows.length, batch: id, block };
      run = { folder: run.folder, file: { ...run.file, chunks: [...run.file.chunks, done], finished: isLast } };
      await saveRun(run);
    } catch (error) {
      progress.finish();
      if (error instanceof YinxinError && error.code === 'ROWS_INVALID')
        throw new RowsRefused(toFindings(error, chunk, errand.prepared));
      tellHowToGoOn(run, errand.context);
      throw error;
    }
  }
  progress.finish();
  return run;
}

class RowsRefused extends Error {
  readonly findings: readonly RosterFinding[];
  constructor(findings: readonly RosterFinding[]) {
    super('rows refused');
    this.findings = findings;
  }
}

function countDone({ chunks }: Run['file']): number {
  return chunks.reduce((sum, { rows }) => sum + rows, 0);
}

function tellHowToGoOn({ folder: path, file }: Run, context: Context): void {
  const folder = nameFrom(context.cwd, path);
  const done = countDone(file);
  const zh = `已办成 ${done} 份，共 ${file.rows} 份（${folder}）。再运行同一命令会接着办，不会重复签发。`;
  context.err.write(
    `${say(context, { zh, en: `${done} of ${file.rows} are done (${folder}). The same command goes on from here; nothing is issued twice.` })}\n`,
  );
}

/** Who issues, and into which folder. */
interface Plan {
  readonly errand: Errand;
  readonly run: Run;
  /** The issuing body, in words. */
  readonly body: string;
}

async function makePlan(prepared: Prepared, { home, trust }: Known, inputs: Inputs, context: Context): Promise<Plan> {
  const { type, roster, bytes, pictures } = prepared;
  const client = await chooseClient(home, inputs, context, { scope: 'issue', type: type.type }, trust);
  const issuer = issuerOf(client);
  requireOpen(trust, issuer, context.now());
  const stock = inputs.flag('stock');
  const output = inputs.text('output');
  const place = {
    output: output === undefined ? undefined : resolve(context.cwd, output),
    parent: join(context.cwd, 'certificates'),
    day: formatDay(context.now()),
    again: inputs.flag('yes'),
  };
  const wanted = { issuer, type: type.type, stock, rows: roster.rows.length, bytes, pictures };
  return {
    errand: { prepared, gateway: connectClient(home, client, context), client, stock, context },
    run: await openRun(place, wanted, context.random),
    body: say(context, trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer }),
  };
}

async function carryOut({ errand, run: started, body }: Plan, inputs: Inputs, context: Context): Promise<ExitCode> {
  const { roster } = errand.prepared;
  await beginRun(started);
  const before = countDone(started.file);
  if (before > 0) tellHowToGoOn(started, context);
  const label = say(context, { zh: '签发', en: 'Issuing' });
  const done = await issueChunks(started, errand, startProgress(context, label, roster.rows.length, before));
  const { type } = errand.prepared;
  const issued = listIssued(done, type, roster.lines);
  await writeIssued(done.folder, issued, context);
  const isJson = inputs.flag('json');
  context.out.write(isJson ? toIssuedJson(done, issued, context) : formatIssued(done, issued, type, body, context));
  return 0;
}

function askToIssue({ errand, body }: Plan, inputs: Inputs, context: Context): Promise<boolean> {
  const { roster, type } = errand.prepared;
  const question = say(context, {
    zh: `将以${body}的名义签发 ${roster.rows.length} 份${type.name.zh}。确定吗？`,
    en: `${roster.rows.length} certificates (${type.name.en}) will be issued by ${body}. Go on?`,
  });
  return confirm(context, question, inputs.flag('yes'));
}

interface Known {
  readonly home: Home;
  readonly trust: Trust;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const path = resolve(context.cwd, inputs.operand(0));
  const home = await openHome(inputs, context);
  const { trust } = await loadTrust(home, inputs, context);
  const prepared = await prepare(path, trust.types, inputs, context);
  const { problems, warnings } = prepared.roster;
  if (problems.length > 0) return refuseRoster(problems, inputs, context);
  if (warnings.length > 0) context.err.write(formatFindings(warnings, context));
  const plan = await makePlan(prepared, { home, trust }, inputs, context);
  if (!(await askToIssue(plan, inputs, context))) return 1;
  try {
    return await carryOut(plan, inputs, context);
  } catch (error) {
    if (error instanceof RowsRefused) return refuseRoster(error.findings, inputs, context);
    throw error;
  }
}

export const issueCommand: Command = {
  name: 'issue',
  synopsis: { zh: '名册.csv', en: 'ROSTER.csv' },
  summary: { zh: '按名册签发证照', en: 'issue certificates from a roster' },
  details: {
    zh: `先逐行检查，有一行填错就逐行指出（行、栏目、问题、怎么办），一份也不签发。
证照类型从文件名得知（如 business-licence-2026.csv、营业执照.csv），否则写 --type。
名册须是 UTF-8 的 CSV，最多 ${maxRosterRows.toLocaleString('en')} 行。照片写文件名，放在名册所在的文件夹。
中途断网或停电，再运行同一命令即接着办，不会重复签发。同一名册办完后再办，须加 --yes。
每份证照一个文件，文件名就是证照标识；它含持证人凭据，只交给持证人本人。`,
    en: `Every row is checked first; bad rows are named (line, column, problem, what to do), and then nothing is issued.
The type is known from the file’s name (business-licence-2026.csv, 营业执照.csv) or --type.
A roster is CSV in UTF-8 with at most ${maxRosterRows.toLocaleString('en')} rows. For a picture give the name of a file in the roster’s folder.
After a broken connection or power cut the same command goes on; nothing is issued twice. A roster that was issued needs --yes to be issued again.
Each certificate is a file named after its number; it carries the holder’s token: give it to the holder only.`,
  },
  examples: ['issue business-licence.csv', 'issue 名册.csv --type 营业执照 --as 深圳市市场监督管理局 -o 证照'],
  options: [
    { name: 'type', kind: 'text', value: { zh: '类型', en: 'TYPE' }, help: { zh: '证照类型', en: 'the type' } },
    asOption,
    clientOption,
    outputOption(
      {
        zh: '证照存放的文件夹（默认 certificates/类型-日期）',
        en: 'folder for the files (default certificates/TYPE-DATE)',
      },
      { zh: '文件夹', en: 'FOLDER' },
    ),
    {
      name: 'stock',
      kind: 'flag',
      help: { zh: '补录停止新发的证照的存量', en: 'digitised stock of a type no longer issued' },
    },
    pinOption,
    yesOption,
  ],
  operands: [1, 1],
  run,
};
