/** Options of the commands that take a roster, and what they ask for. */
import { join, resolve } from 'node:path';
import type { Inputs, Option } from '../command.ts';
import type { Context } from '../context.ts';
import { runParents } from './known-runs.ts';
import type { Wishes } from './roster-run.ts';

export const allOrNothingOption: Option = {
  name: 'all-or-nothing',
  kind: 'flag',
  help: { zh: '有一行填错就整份退回，一份也不办', en: 'do nothing at all while a row is bad' },
};

export const rosterRunOptions: readonly Option[] = [
  {
    name: 'check',
    kind: 'flag',
    help: { zh: '只检查和预览，什么也不办', en: 'check and preview only; do nothing' },
  },
  allOrNothingOption,
  {
    name: 'again',
    kind: 'flag',
    help: { zh: '这份名册办完过，再办一次', en: 'once more, though this very roster was done' },
  },
];

export const rosterOption: Option = {
  name: 'roster',
  kind: 'text',
  value: { zh: '名册', en: 'ROSTER' },
  help: { zh: '按名册办理（CSV 或 XLSX，- 为标准输入）', en: 'from a roster (CSV or XLSX, - for standard input)' },
};

export const mapOption: Option = {
  name: 'map',
  kind: 'text',
  value: { zh: '文件', en: 'FILE' },
  help: { zh: '栏目对照文件，用于别的系统导出的名册', en: 'how the columns of another system’s export are meant' },
};

export const sheetOption: Option = {
  name: 'sheet',
  kind: 'text',
  value: { zh: '名称', en: 'NAME' },
  help: { zh: 'XLSX 里的工作表', en: 'the sheet of an XLSX' },
};

/** How the roster is to be read, as a run keeps it. */
export function readRosterOptions(inputs: Inputs, context: Context): { readonly [name: string]: string } {
  const [mapping, sheet] = [inputs.text('map'), inputs.text('sheet')];
  return {
    ...(mapping !== undefined && { mapping: resolve(context.cwd, mapping) }),
    ...(sheet !== undefined && { sheet }),
  };
}

/** What the person asked for besides. */
export function readWishes(
  inputs: Inputs,
  context: Context,
  parent: keyof typeof runParents,
  options: Wishes['options'],
): Wishes {
  const output = inputs.text('output');
  return {
    checkOnly: inputs.flag('check'),
    allOrNothing: inputs.flag('all-or-nothing'),
    quiet: inputs.flag('yes'),
    again: inputs.flag('again'),
    json: inputs.flag('json'),
    output: output === undefined ? undefined : resolve(context.cwd, output),
    parent: join(context.cwd, runParents[parent]),
    options,
  };
}
