/** `reissue`: the same certificate with corrected values and the next version; the older one is superseded at the same moment. */
import { join, resolve } from 'node:path';
import {
  type CertificateFile,
  type CertificateType,
  type FieldValue,
  isErrorCode,
  isJsonObject,
  parseCell,
  toHex,
  YinxinError,
} from '@yinxin/core';
import { fetchCertificates, nameFile, sendBatch, writeCertificates } from '../batches.ts';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { makeFolder, nameFrom } from '../files.ts';
import { connectClient } from '../gateway.ts';
import { openHome } from '../home.ts';
import { asOption, clientOption, outputOption, pinOption, yesOption } from '../options.ts';
import { chooseClient, issuerOf, requireOpen } from '../registry.ts';
import { formatFindings } from '../roster-view.ts';
import { checkRow, findField } from '../rosters/roster.ts';
import { openErrand } from '../runs/errands.ts';
import {
  mapOption,
  readRosterOptions,
  readWishes,
  rosterOption,
  rosterRunOptions,
  sheetOption,
} from '../runs/options.ts';
import { runRoster } from '../runs/roster-run.ts';
import { dropSource, openSource } from '../runs/source.ts';
import { chooseType } from '../runs/types.ts';
import { readTarget } from '../target.ts';
import { confirm } from '../terminal.ts';
import { loadTrust } from '../trust-list.ts';
import { fetchCertificate } from './show.ts';

const listLabels = ({ fields }: CertificateType, context: Context) =>
  fields.map(({ label }) => say(context, label)).join(say(context, { zh: '、', en: ', ' }));

/** The values with those that `--set` changes; an empty one takes a field away. */
function changeValues(
  type: CertificateType,
  file: CertificateFile,
  settings: readonly string[],
  context: Context,
): { readonly [key: string]: FieldValue } {
  const values = new Map(Object.entries(file.fields));
  for (const text of settings) {
    const [, name, cell] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || cell === undefined)
      throw usageError('assignment', text.split('=')[0]?.slice(0, 40) ?? '');
    const field = findField(type, name);
    if (!field) throw usageError('field', name.slice(0, 40), { choices: listLabels(type, context) });
    const value = parseCell(field, cell);
    if (value === undefined) values.delete(field.key);
    else values.set(field.key, value);
  }
  return Object.fromEntries(values);
}

/** One certificate is no roster: the row's own code says why, such as a certificate that was revoked. */
function nameCause(error: unknown, certificate: string): unknown {
  const rows = error instanceof YinxinError && error.code === 'ROWS_INVALID' ? error.details['rows'] : undefined;
  const [row] = Array.isArray(rows) ? rows : [];
  const code = isJsonObject(row) ? row['code'] : undefined;
  return isErrorCode(code) ? new YinxinError(code, { certificate }) : error;
}

/** Many at once: the type's columns, and one that names the certificate in whose place each is issued. */
async function runRosterOf(name: string, inputs: Inputs, context: Context): Promise<ExitCode> {
  if (inputs.operands.length > 0 || inputs.texts('set').length > 0) throw usageError('roster-or-named', 'reissue');
  const home = await openHome(inputs, context);
  const { trust } = await loadTrust(home, inputs, context);
  const type = chooseType(trust.types, name, inputs.text('type'));
  const source = await openSource(name, context);
  try {
    const options = readRosterOptions(inputs, context);
    const wanted = { kind: 'reissue', type, stock: type.legacy, path: source.path, options };
    const errand = await openErrand(wanted, trust, { home, inputs, context });
    const wishes = readWishes(inputs, context, 'certificates', options);
    return await runRoster({ source, errand, wishes, home, context });
  } finally {
    await dropSource(source);
  }
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const roster = inputs.text('roster');
  if (roster !== undefined) return runRosterOf(roster, inputs, context);
  const settings = inputs.texts('set');
  if (settings.length === 0) throw usageError('option-missing', '--set');
  const target = await readTarget(inputs.operand(0), context);
  const home = await openHome(inputs, context);
  const { trust } = await loadTrust(home, inputs, context);
  const { issuer } = target;
  requireOpen(trust, issuer, context.now());
  const client = await chooseClient(home, inputs, context, { scope: 'issue', issuer }, trust);
  const current = await fetchCertificate(home, inputs, context, target);
  const type = trust.types.find((candidate) => candidate.type === current.body.type);
  if (!type) throw new YinxinError('TYPE_UNKNOWN', { type: current.body.type });
  const { values, problems } = checkRow(type, changeValues(type, current, settings, context), 1, context.now());
  if (problems.length > 0) {
    context.err.write(formatFindings(problems, context));
    throw new YinxinError('FIELDS_INVALID');
  }
  const question = say(context, {
    zh: `换发后原证（${target.identifier}）即失效。确定吗？`,
    en: `The present certificate (${target.identifier}) will be superseded. Go on?`,
  });
  if (!(await confirm(context, question, inputs.flag('yes')))) return 1;
  const gateway = connectClient(home, client, context);
  const order = { issuer: issuerOf(client), type, rows: [values], stock: type.legacy, supersedes: current.body.id };
  const summary = await sendBatch(gateway, order, toHex(context.random(16))).catch((error: unknown) => {
    throw nameCause(error, target.identifier);
  });
  const folder = resolve(context.cwd, inputs.text('output') ?? '.');
  await makeFolder(folder);
  for await (const files of fetchCertificates(gateway, order, summary)) {
    await writeCertificates(folder, files);
    for (const { body } of files) report(body, nameFrom(context.cwd, join(folder, nameFile(body.id))), inputs, context);
  }
  return 0;
}

function report(body: CertificateFile['body'], path: string, inputs: Inputs, context: Context): void {
  if (inputs.flag('json'))
    context.out.write(`${JSON.stringify({ identifier: body.id, supersedes: body.supersedes, file: path }, null, 2)}\n`);
  else
    context.out.write(
      `${say(context, { zh: `已换发：${body.id}\n原证失效：${body.supersedes ?? ''}\n证照文件：${path}`, en: `Reissued: ${body.id}\nSuperseded: ${body.supersedes ?? ''}\nFile: ${path}` })}\n`,
    );
}

export const reissueCommand: Command = {
  name: 'reissue',
  synopsis: { zh: '证照 | --roster 名册', en: 'CERT | --roster ROSTER' },
  summary: { zh: '换发：改正内容，原证同时失效', en: 'correct values; the older certificate is superseded' },
  details: {
    zh: '从网关取得现有内容，改正 --set 所写的栏目，签发下一版本；原证同时变为“已换发”。栏目可写键名或名称；内容留空表示删去选填栏目。\n--roster：按名册换发，栏目为该类型的栏目和“原证照标识”；与 issue 一样先检查、预览、确认，办不成的行退回，可接着办。',
    en: 'Takes the present values from the gateway, changes those given with --set, and issues the next version; the older one becomes superseded at the same moment. A field is named by key or label; an empty value removes an optional field.\n--roster: from a roster with the type’s columns and “superseded certificate”; checked, previewed, confirmed and gone on with as by issue, and failed rows are returned.',
  },
  examples: [
    'reissue certificate.yinxin.json --set legalRepresentative=李示范',
    'reissue 1.2.156.3005.2.….001.X --set 名称=深圳示例有限公司 -o 证照',
  ],
  options: [
    {
      name: 'set',
      kind: 'texts',
      value: { zh: '栏目=内容', en: 'FIELD=VALUE' },
      help: { zh: '改正的栏目，可写多次', en: 'a value to change; repeat it for more' },
    },
    rosterOption,
    {
      name: 'type',
      kind: 'text',
      value: { zh: '类型', en: 'TYPE' },
      help: { zh: '名册的证照类型', en: 'the roster’s type' },
    },
    ...rosterRunOptions,
    mapOption,
    sheetOption,
    outputOption(
      {
        zh: '新证存放的文件夹（默认当前文件夹；名册：certificates/类型-日期）',
        en: 'folder for the new files (default: here; of a roster: certificates/TYPE-DATE)',
      },
      { zh: '文件夹', en: 'FOLDER' },
    ),
    asOption,
    clientOption,
    pinOption,
    yesOption,
  ],
  operands: [0, 1],
  run,
};
