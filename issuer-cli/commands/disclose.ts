/** `disclose`: a file that shows only some of the fields, and verifies like the first. Made here; nothing is sent. */
import { resolve } from 'node:path';
import { type CertificateFile, type CertificateType, discloseFields, formatCertificateFile } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { writeAtomically } from '../files.ts';
import { openHome } from '../home.ts';
import { outputOption, pinOption, trustOption } from '../options.ts';
import { findField } from '../rosters/roster.ts';
import { readCertificate } from '../target.ts';
import { loadNames } from '../trust-list.ts';

/** The type's labels, where a trust list is at hand; keys need none. */
async function findDefinition(
  file: CertificateFile,
  inputs: Inputs,
  context: Context,
): Promise<CertificateType | undefined> {
  const trust = await loadNames(await openHome(inputs, context), inputs, context);
  return trust?.type(file.body.type, file.body.typeVersion);
}

/** What may be named: the labels that are printed on the certificate, where the type is known. */
function listChoices(shown: readonly string[], type: CertificateType | undefined, context: Context): string {
  const labels = type?.fields.filter(({ key }) => shown.includes(key)).map(({ label }) => say(context, label));
  return (labels ?? shown).join(say(context, { zh: '、', en: ', ' }));
}

/** Keys of the fields to show, as they were named. */
interface Shown {
  readonly keys: readonly string[];
  readonly names: readonly string[];
}

async function readKeys(file: CertificateFile, inputs: Inputs, context: Context): Promise<Shown> {
  const names = inputs
    .required('fields')
    .split(/[,，]/)
    .map((name) => name.trim());
  const shown = Object.keys(file.fields);
  if (names.every((name) => shown.includes(name))) return { keys: names, names };
  const type = await findDefinition(file, inputs, context);
  const keys = names.map((name) => {
    const key = (type && findField(type, name)?.key) ?? name;
    if (!shown.includes(key))
      throw usageError('field', name.slice(0, 40), { choices: listChoices(shown, type, context) });
    return key;
  });
  return { keys, names };
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const file = await readCertificate(inputs.operand(0), context);
  const output = inputs.required('output');
  const { keys, names } = await readKeys(file, inputs, context);
  await writeAtomically(resolve(context.cwd, output), formatCertificateFile(discloseFields(file, keys)));
  const hidden = Object.keys(file.fields).length - new Set(keys).size;
  if (inputs.flag('json')) context.out.write(`${JSON.stringify({ file: output, shown: keys, hidden }, null, 2)}\n`);
  else {
    const zh = `已写好“${output}”：显示 ${names.join('、')}，隐去 ${hidden} 栏。它不含持证人凭据，可以交给别人。`;
    context.out.write(
      `${say(context, { zh, en: `Wrote “${output}”: shows ${names.join(', ')}, hides ${hidden} fields. It carries no holder token and may be given away.` })}\n`,
    );
  }
  return 0;
}

export const discloseCommand: Command = {
  name: 'disclose',
  synopsis: { zh: '证照文件', en: 'FILE' },
  summary: { zh: '只出示几栏：另存一份隐去其余栏目的证照', en: 'show only some fields: a file that hides the others' },
  details: {
    zh: '在本机完成，不联网。新文件同样可以查验。栏目可以写键名或名称，用逗号隔开。',
    en: 'Done on this machine. The new file verifies like the first. Fields are named by key or label, separated by commas.',
  },
  examples: ['disclose certificate.yinxin.json --fields holderName,validTo -o shown.yinxin.json'],
  options: [
    {
      name: 'fields',
      kind: 'text',
      value: { zh: '栏目,栏目', en: 'FIELD,FIELD' },
      help: { zh: '要显示的栏目', en: 'the fields to show' },
    },
    outputOption({ zh: '新文件', en: 'the new file' }),
    trustOption,
    pinOption,
  ],
  operands: [1, 1],
  run,
};
