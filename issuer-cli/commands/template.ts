/** `template`: the first line of a roster, ready to be filled in. */
import { resolve } from 'node:path';
import type { CertificateType, Field } from '@yinxin/core';
import { formatValue } from '../certificate-view.ts';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { formatCsvLine } from '../csv.ts';
import { writeAtomically } from '../files.ts';
import { openHome } from '../home.ts';
import { outputOption } from '../options.ts';
import { findType } from '../registry.ts';
import { loadTypes } from './types.ts';

/** So that spreadsheets in China take the file for UTF-8. */
const byteOrderMark = '\ufeff';

const headings: { readonly [language: string]: (field: Field) => string } = {
  zh: ({ label }) => label.zh,
  en: ({ label }) => label.en,
  key: ({ key }) => key,
};

function exampleOf(field: Field): string {
  return field.kind === 'image' ? 'photo.png' : formatValue(field.example);
}

/** A roster's header, and a row of examples where asked for. */
export function formatTemplate(type: CertificateType, heading: (field: Field) => string, withExample: boolean): string {
  const header = formatCsvLine(type.fields.map(heading));
  return withExample ? header + formatCsvLine(type.fields.map(exampleOf)) : header;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const heading = headings[inputs.text('lang') ?? 'zh'];
  if (!heading) throw usageError('option-choice', '--lang', { choices: 'zh, en, key' });
  const type = findType(await loadTypes(await openHome(inputs, context), inputs, context), inputs.operand(0));
  const template = formatTemplate(type, heading, inputs.flag('example'));
  const output = inputs.text('output');
  if (output === undefined) {
    context.out.write(template);
    return 0;
  }
  await writeAtomically(resolve(context.cwd, output), byteOrderMark + template);
  const zh = `已写好“${output}”：${say(context, type.name)}，${type.fields.length} 栏。从第二行起逐行填写，保存为“CSV UTF-8”。`;
  context.err.write(
    `${say(context, { zh, en: `Wrote “${output}”: ${type.fields.length} columns. Fill in from the second line; save as “CSV UTF-8”.` })}\n`,
  );
  return 0;
}

export const templateCommand: Command = {
  name: 'template',
  synopsis: { zh: '证照类型', en: 'TYPE' },
  summary: { zh: '取得名册模板（第一行是栏目名）', en: 'a roster template: the header line' },
  details: {
    zh: `名册是 CSV 表格：第一行写栏目名，以后每行一份证照。选填的栏目可以整列删去，各栏次序随意。
照片栏写图片的文件名，图片放在名册所在的文件夹。`,
    en: `A roster is a CSV table: the header names the fields, each further row is one certificate. Columns of optional fields may be left out; their order is free.
For a picture give the name of a file in the roster’s folder.`,
  },
  examples: ['template business-licence -o business-licence.csv', 'template 居住证 --example'],
  options: [
    outputOption({ zh: '写入这个文件', en: 'write it to this file' }),
    { name: 'example', kind: 'flag', help: { zh: '再加一行示例', en: 'add a row of examples' } },
    {
      name: 'lang',
      kind: 'text',
      value: { zh: 'zh|en|key', en: 'zh|en|key' },
      help: { zh: '栏目名用中文（默认）、英文或键名', en: 'header in Chinese (default), English or keys' },
    },
  ],
  operands: [1, 1],
  run,
};
