/** `code`: the QR symbol of a certificate, for the holder (by the token in the file) or the issuing body (by its client). */
import { extname, resolve } from 'node:path';
import { type CodeAnswer, type Instant, isJsonObject, type Json, YinxinError } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { writeAtomically } from '../files.ts';
import { certificatePath, connectClient, connectGateway, type Gateway, withQuery } from '../gateway.ts';
import { type Home, openHome, readClients } from '../home.ts';
import { asOption, clientOption, outputOption } from '../options.ts';
import { chooseClient } from '../registry.ts';
import { drawSymbol, formatSymbolText, type QrSymbol } from '../symbol.ts';
import { readTarget, type Target } from '../target.ts';
import { parseTime } from '../times.ts';

/** @throws YinxinError GATEWAY_UNREACHABLE when it is none */
function parseCodeAnswer(json: Json, gateway: string): Pick<CodeAnswer, 'digits' | 'symbol'> {
  const [digits, symbol] = isJsonObject(json) ? [json['digits'], json['symbol']] : [];
  if (typeof digits !== 'string' || typeof symbol !== 'string')
    throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 200 });
  return { digits, symbol };
}

/** The end of the last day named: a code that nobody can use any more is a slip of the pen. */
function readExpiry(inputs: Inputs, context: Context): Instant | undefined {
  const text = inputs.text('expires');
  if (text === undefined) return undefined;
  const expires = parseTime('--expires', text, true);
  if (expires <= context.now()) throw usageError('past', '--expires', { value: text.slice(0, 40) });
  return expires;
}

async function connectOperator(home: Home, { issuer }: Target, inputs: Inputs, context: Context): Promise<Gateway> {
  return connectClient(home, await chooseClient(home, inputs, context, { scope: 'issue', issuer }), context);
}

/** Nobody in particular, at the gateway that issued, as far as a client file of that body is at hand to tell where that is. */
async function connectHolder(home: Home, { issuer }: Target, inputs: Inputs, context: Context): Promise<Gateway> {
  const issuing = (await readClients(home, inputs, context)).find((client) => client.issuer === issuer);
  return connectGateway(home.isNamed || !issuing ? home.gateway : issuing.gateway, undefined, context);
}

async function fetchCode(
  target: Target,
  inputs: Inputs,
  context: Context,
): Promise<Pick<CodeAnswer, 'digits' | 'symbol'>> {
  const home = await openHome(inputs, context);
  const token = target.file?.holderToken;
  const expires = readExpiry(inputs, context);
  const path = withQuery(certificatePath('/v1/certificates', target.identifier, '/code'), {
    face: inputs.flag('closed') ? 'closed' : 'open',
    purpose: inputs.text('purpose'),
    addressee: inputs.text('to'),
    expires,
  });
  const headers = token === undefined ? {} : { authorization: `Yinxin-Holder ${token}` };
  const gateway = await (token === undefined ? connectOperator : connectHolder)(home, target, inputs, context);
  return parseCodeAnswer(await gateway.getJson(path, headers), gateway.url);
}

const writers: { readonly [extension: string]: (symbol: QrSymbol) => Promise<string | Uint8Array> } = {
  '.svg': (symbol) => symbol.toSvg(),
  '.png': (symbol) => symbol.toPng(),
};

function chooseWriter(output: string | undefined): ((symbol: QrSymbol) => Promise<string | Uint8Array>) | undefined {
  if (output === undefined) return undefined;
  const writer = writers[extname(output).toLowerCase()];
  if (!writer) throw usageError('option-choice', '-o', { choices: '*.svg, *.png' });
  return writer;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const output = inputs.text('output');
  const writer = chooseWriter(output);
  const target = await readTarget(inputs.operand(0), context);
  const code = await fetchCode(target, inputs, context);
  const symbol = drawSymbol(code.symbol);
  if (writer && output !== undefined) await writeAtomically(resolve(context.cwd, output), await writer(symbol));
  if (inputs.flag('json')) {
    const { version, correction } = symbol;
    context.out.write(
      `${JSON.stringify({ identifier: target.identifier, ...code, version, correction, ...(output !== undefined && { file: output }) }, null, 2)}\n`,
    );
    return 0;
  }
  if (output === undefined) context.out.write(formatSymbolText(symbol, context.out.isTerminal));
  else
    context.err.write(
      `${say(context, { zh: `已写好“${output}”（建议印成 40 毫米见方）。`, en: `Wrote “${output}” (print it 40 mm wide).` })}\n`,
    );
  return 0;
}

export const codeCommand: Command = {
  name: 'code',
  synopsis: { zh: '证照', en: 'CERT' },
  summary: { zh: '生成证照的二维码', en: 'the QR code of a certificate' },
  details: {
    zh: `不写 -o 时显示在屏幕上。写文件时用 .svg 或 .png。
写文件名是持证人出示：凭文件里的持证人凭据；只写标识是颁发机关办理：凭其客户端文件。
二维码默认显示照面上的几栏；加 --closed 则不含任何内容，只能联网查验。
可以写明给谁、作何用、用到何时，别人拿去也不能作他用。`,
    en: `Without -o it is shown on the terminal; files are .svg or .png.
A file is the holder’s way (by the token in it); a number that of the issuing body (by its client file).
The code shows the few fields of the face; with --closed it shows none.
It can be bound to an addressee, a purpose and a last day.`,
  },
  examples: [
    'code certificate.yinxin.json -o code.png',
    'code certificate.yinxin.json --closed --to 示范银行 --purpose 开户 --expires 2026-12-31',
  ],
  options: [
    outputOption({ zh: '写入 .svg 或 .png 文件', en: 'write an .svg or .png file' }),
    { name: 'closed', kind: 'flag', help: { zh: '不含照面内容', en: 'show no field' } },
    {
      name: 'purpose',
      kind: 'text',
      value: { zh: '用途', en: 'TEXT' },
      help: { zh: '作何用途', en: 'what it is for' },
    },
    {
      name: 'to',
      kind: 'text',
      value: { zh: '接收方', en: 'ADDRESSEE' },
      help: { zh: '出示给谁', en: 'whom it is for' },
    },
    {
      name: 'expires',
      kind: 'text',
      value: { zh: '日期', en: 'DATE' },
      help: { zh: '用到哪一天（含当日）', en: 'last day of its use' },
    },
    asOption,
    clientOption,
  ],
  operands: [1, 1],
  run,
};
