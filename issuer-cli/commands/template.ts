/** `template`: the first line of a roster, ready to be filled in: CSV, or a workbook with choices and notes. */
import { basename, resolve } from 'node:path';
import type { Field } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { exists, writeAtomically } from '../files.ts';
import { openHome } from '../home.ts';
import { outputOption } from '../options.ts';
import { findType } from '../registry.ts';
import { formatTemplate, type TemplateWishes, writeTemplateWorkbook } from '../rosters/template.ts';
import { loadTypes } from './types.ts';

/** So that spreadsheets in China take the file for UTF-8. */
const byteOrderMark = '\ufeff';

interface Headings {
  readonly field: (field: Field) => string;
  readonly supersedes: string;
}

const headings: { readonly [language: string]: Headings } = {
  zh: { field: ({ label }) => label.zh, supersedes: '原证照标识' },
  en: { field: ({ label }) => label.en, supersedes: 'Superseded certificate' },
  key: { field: ({ key }) => key, supersedes: 'supersedes' },
};

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const heading = headings[inputs.text('lang') ?? 'zh'];
  if (!heading) throw usageError('option-choice', '--lang', { choices: 'zh, en, key' });
  const type = findType(await loadTypes(await openHome(inputs, context), inputs, context), inputs.operand(0));
  const wishes: TemplateWishes = {
    heading: heading.field,
    withExample: inputs.flag('example'),
    supersedes: inputs.flag('reissue') ? heading.supersedes : undefined,
    language: context.language,
  };
  const output = inputs.text('output');
  if (output === undefined) {
    context.out.write(formatTemplate(type, wishes));
    return 0;
  }
  const path = resolve(context.cwd, output);
  if (await exists(path)) throw usageError('file-there', basename(path));
  const isWorkbook = output.toLowerCase().endsWith('.xlsx');
  if (isWorkbook) await writeTemplateWorkbook(path, type, wishes);
  else await writeAtomically(path, byteOrderMark + formatTemplate(type, wishes));
  const next = isWorkbook
    ? { zh: '说明在第二张工作表。', en: 'Notes are on the second sheet.' }
    : { zh: '用 Excel 或 WPS 保存时，CSV 的两种编码都可以。', en: 'Either encoding in which Excel saves CSV will do.' };
  const zh = `已写好“${output}”：${say(context, type.name)}，${type.fields.length} 栏。从第二行起逐行填写。${next.zh}`;
  context.err.write(
    `${say(context, { zh, en: `Wrote “${output}”: ${type.fields.length} columns. Fill in from the second line. ${next.en}` })}\n`,
  );
  return 0;
}

export const templateCommand: Command = {
  name: 'template',
  synopsis: { zh: '证照类型', en: 'TYPE' },
  summary: { zh: '取得名册模板（第一行是栏目名）', en: 'a roster template: the header line' },
  details: {
    zh: `名册的第一行写栏目名，以后每行一份证照。选填的栏目可以整列删去，各栏次序随意。
文件名以 .xlsx 结尾时写成工作簿：有下拉选项、填写提示和说明，证件号码列已设为文本；否则写成 CSV。
照片栏写图片的文件名，图片放在名册所在的文件夹。`,
    en: `The header of a roster names the fields, each further row is one certificate. Columns of optional fields may be left out; their order is free.
A name that ends in .xlsx gives a workbook with choices, hints and notes, its columns of numbers formatted as text; any other name CSV.
For a picture give the name of a file in the roster’s folder.`,
  },
  examples: ['template business-licence -o business-licence.xlsx', 'template 居住证 --example'],
  options: [
    outputOption({ zh: '写入这个文件', en: 'write it to this file' }),
    { name: 'example', kind: 'flag', help: { zh: '再加一行示例', en: 'add a row of examples' } },
    {
      name: 'reissue',
      kind: 'flag',
      help: { zh: '再加一列“原证照标识”，供换发用', en: 'add the column for the certificate that a row reissues' },
    },
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
