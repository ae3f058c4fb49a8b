/** `export`: all that a body's gateway keeps of its certificates, into one file of lines or a folder of files; started again, it goes on. */
import { resolve } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type ExportTarget, openExport } from '../export-target.ts';
import { connectClient, type Gateway, withQuery } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { asOption, clientOption, outputOption, pinOption, trustOption } from '../options.ts';
import { chooseClient, findType, issuerOf } from '../registry.ts';
import { type Progress, startProgress } from '../terminal.ts';
import { type KnownTrust, loadTrust } from '../trust-list.ts';
import { loadTypes } from './types.ts';

/** Certificates with pictures are large. */
const pageLimit = 200;

interface Register {
  readonly issuer: string;
  readonly type: string;
}

async function findTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust | undefined> {
  try {
    return await loadTrust(home, inputs, context);
  } catch (error) {
    if (error instanceof YinxinError) return undefined;
    throw error;
  }
}

/** The body itself, and those that it took over, as far as a trust list tells. */
async function listManaged(body: string, home: Home, inputs: Inputs, context: Context): Promise<readonly string[]> {
  const known = await findTrust(home, inputs, context);
  const now = context.now();
  const isManaged = (issuer: string) => known?.trust.managerOf(issuer, now)?.issuer === body;
  const taken = known?.claims.issuers.filter(({ issuer }) => isManaged(issuer)) ?? [];
  return [...new Set([body, ...taken.map(({ issuer }) => issuer)])];
}

interface Course {
  readonly gateway: Gateway;
  readonly target: ExportTarget;
  readonly progress: Progress;
  /** Written in this run. */
  count: number;
}

async function exportRegister(course: Course, register: Register): Promise<void> {
  const { gateway, target, progress } = course;
  for (;;) {
    const after = String(target.lastOf(register));
    const text = await gateway.getText(withQuery('/v1/certificates', { ...register, after, limit: String(pageLimit) }));
    const lines = text.split('\n');
    // what does not end with a line end was cut off
    if (lines.pop() !== '') throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: gateway.url, status: 200 });
    await target.add(register, lines);
    course.count += lines.length;
    progress.report(course.count);
    if (lines.length < pageLimit) return;
  }
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const output = inputs.required('output');
  const home = await openHome(inputs, context);
  const client = await chooseClient(home, inputs, context, { scope: 'issue' });
  const gateway = connectClient(home, client, context);
  const wanted = inputs.text('type');
  const types = await loadTypes(home, inputs, context);
  const chosen = wanted === undefined ? types.map(({ type }) => type).sort() : [findType(types, wanted).type];
  const issuers = await listManaged(issuerOf(client), home, inputs, context);
  if (output === '') throw usageError('option-value', '-o');
  const target = await openExport(resolve(context.cwd, output));
  const label = say(context, { zh: '导出', en: 'Exporting' });
  const course: Course = { gateway, target, progress: startProgress(context, label, undefined), count: 0 };
  try {
    for (const issuer of issuers) for (const type of chosen) await exportRegister(course, { issuer, type });
  } finally {
    course.progress.finish();
    await target.close();
  }
  report(course, output, inputs, context);
  return 0;
}

function report({ count, target }: Course, output: string, inputs: Inputs, context: Context): void {
  if (inputs.flag('json')) {
    context.out.write(`${JSON.stringify({ output, written: count, total: target.total() }, null, 2)}\n`);
    return;
  }
  const [written, total] = [count.toLocaleString('en'), target.total().toLocaleString('en')];
  const words = {
    zh: `导出 ${written} 份到“${output}”，其中现有 ${total} 份。已删除个人信息的不在内，文件里没有持证人凭据。`,
    en: `Exported ${written} to “${output}”, which holds ${total}. Erased ones are left out; no file has the holder’s token.`,
  };
  context.out.write(`${say(context, words)}\n`);
}

export const exportCommand: Command = {
  name: 'export',
  synopsis: { zh: '-o 文件或文件夹', en: '-o FILE-OR-FOLDER' },
  summary: { zh: '导出本机关的全部证照', en: 'export all certificates of a body' },
  details: {
    zh: `导出网关所存本机关的证照（连同已接管机关的），每份都是可以查验的完整文件，不含持证人凭据。
-o 写 .ndjson 文件时一行一份；写文件夹时按机关和类型分放，一份一个文件。
中断后再写一遍同样的命令，接着上次最后一份导出；以后再写，只导出新的。`,
    en: `Exports what the gateway keeps of the body’s certificates (and of those it took over): whole files that verify, without the holder’s token.
Into a .ndjson file, one a line; or into a folder, by body and type, one file each.
Started again it goes on after the last one; later, it adds what is new.`,
  },
  examples: ['export -o certificates.ndjson', 'export --type business-licence -o exported/'],
  options: [
    outputOption(
      { zh: '写入 .ndjson 文件或文件夹', en: 'a .ndjson file or a folder' },
      { zh: '文件或文件夹', en: 'FILE_OR_FOLDER' },
    ),
    {
      name: 'type',
      kind: 'text',
      value: { zh: '类型', en: 'TYPE' },
      help: { zh: '只导出这一种（默认全部）', en: 'of this type alone (default: all)' },
    },
    asOption,
    clientOption,
    pinOption,
    trustOption,
  ],
  operands: [0, 0],
  run,
};
