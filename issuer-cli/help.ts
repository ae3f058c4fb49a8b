/** The help: what a clerk wants to do, in the words of the office. */
import type { Words } from '@yinxin/core';
import type { Command, Noun, Option } from './command.ts';
import { type Context, say } from './context.ts';
import { commonOptions } from './options.ts';
import { formatTable, wrapText } from './width.ts';

const groups: readonly { readonly title: Words; readonly names: readonly string[] }[] = [
  { title: { zh: '签发证照', en: 'Issuing' }, names: ['types', 'template', 'issue', 'reissue', 'watch', 'runs'] },
  { title: { zh: '查验证照', en: 'Verifying' }, names: ['verify', 'show', 'history', 'trust', 'lists', 'matters'] },
  { title: { zh: '出示证照', en: 'Presenting' }, names: ['code', 'disclose'] },
  {
    title: { zh: '变更状态', en: 'Changing the status' },
    names: ['suspend', 'resume', 'cancel', 'revoke', 'withdraw', 'forfeit', 'correct', 'bases'],
  },
  {
    title: { zh: '管理本市（城市管理员）', en: 'Governing a city (its administrator)' },
    names: ['issuer', 'key', 'entitlement', 'agreement', 'proposal'],
  },
  { title: { zh: '保管数据', en: 'Keeping the data' }, names: ['export', 'erase', 'vault'] },
  { title: { zh: '帮助', en: 'Help' }, names: ['help'] },
];

const title: Words = {
  zh: '印信 yinxin：把名册变成电子证照；让任何人当场查清真假、是否有效。',
  en: 'yinxin: turn rosters into electronic certificates, and let anyone check at once whether one is genuine and in force.',
};

const usage: Words = { zh: '用法：', en: 'Usage: ' };
const firstSteps: Words = { zh: '第一次用，照这三步做', en: 'First steps' };
const steps: readonly (readonly [string, Words])[] = [
  [
    'yinxin template business-licence -o business-licence.csv',
    { zh: '取得名册模板，用表格软件逐行填写', en: 'get a roster template and fill it in' },
  ],
  [
    'yinxin issue business-licence.csv',
    {
      zh: '先检查、预览，确认后签发；填错的行连同原因退回',
      en: 'check, preview, confirm, issue; bad rows are returned with the reason',
    },
  ],
  ['yinxin verify certificates/…/….yinxin.json', { zh: '查验其中一份', en: 'verify one of the files' }],
];

const closing: Words = {
  zh: `“证照”可以写文件（….yinxin.json）或证照标识（1.2.156.…）。
每个命令的详细说明：yinxin help 命令。英文说明：加 --lang en。
结束码：0 办成或有效；1 被拒绝或无效；2 命令写错；3 无法确认或连不上；70 程序出错。
`,
  en: `CERT is a file (….yinxin.json) or a certificate number (1.2.156.…).
More on each command: yinxin help COMMAND. Chinese: --lang zh.
Exit codes: 0 done or valid; 1 refused or invalid; 2 usage; 3 could not check, or unreachable; 70 a bug.
`,
};

/** A verb alone, without its noun. */
const verbOf = ({ name }: Command, noun: Noun) => name.slice(noun.name.length + 1);

function describeNoun(noun: Noun, context: Pick<Context, 'language'>): readonly string[] {
  const verbs = noun.verbs.map((verb) => verbOf(verb, noun)).join('|');
  return [`${noun.name} …`, say(context, { zh: `${noun.summary.zh}：${verbs}`, en: `${noun.summary.en}: ${verbs}` })];
}

/** The help of the whole command. */
export function formatHelp(
  commands: readonly Command[],
  nouns: readonly Noun[],
  context: Pick<Context, 'language'>,
): string {
  const lines = groups.map(({ title: heading, names }) => {
    const rows = names.flatMap((name) => {
      const command = commands.find((candidate) => candidate.name === name);
      if (command) return [[`${name} ${say(context, command.synopsis)}`.trim(), say(context, command.summary)]];
      const noun = nouns.find((candidate) => candidate.name === name);
      return noun ? [describeNoun(noun, context)] : [];
    });
    return { heading: say(context, heading), rows };
  });
  const width = lines.flatMap(({ rows }) => rows);
  const table = formatTable(width, '  ').split('\n');
  let at = 0;
  const body = lines.map(({ heading, rows }) => {
    const part = table.slice(at, at + rows.length);
    at += rows.length;
    return `${heading}\n${part.join('\n')}\n`;
  });
  const first = steps.map(([command, words], index) => `  ${index + 1}. ${command}\n     ${say(context, words)}\n`);
  const synopsis = say(context, { zh: '命令 [选项]', en: 'COMMAND [OPTIONS]' });
  return [
    `${say(context, title)}\n`,
    `${say(context, usage)}yinxin ${synopsis}\n`,
    ...body,
    `${say(context, firstSteps)}\n${first.join('')}`,
    say(context, closing),
  ].join('\n');
}

function formatOption(option: Option, context: Pick<Context, 'language'>): readonly string[] {
  const short = option.short ? `-${option.short}, ` : '    ';
  const value = option.value ? ` ${say(context, option.value)}` : '';
  return [`${short}--${option.name}${value}`, say(context, option.help)];
}

/** One line: how the command is written. */
export function formatSynopsis(command: Command, context: Pick<Context, 'language'>): string {
  return `${`${say(context, usage)}yinxin ${command.name} ${say(context, command.synopsis)}`.trimEnd()}\n`;
}

/** One line: the command as one would type it. */
export function formatExample(command: Command, context: Pick<Context, 'language'>): string {
  const [example] = command.examples;
  return example === undefined ? '' : `${say(context, { zh: '例如：', en: 'For example: ' })}yinxin ${example}\n`;
}

/** The help of a noun: what can be done with it. */
export function formatNounHelp(noun: Noun, context: Pick<Context, 'language'>): string {
  const rows = noun.verbs.map((verb) => [
    `${verbOf(verb, noun)} ${say(context, verb.synopsis)}`.trim(),
    say(context, verb.summary),
  ]);
  const synopsis = say(context, { zh: '做什么 [选项]', en: 'VERB [OPTIONS]' });
  const more = say(context, {
    zh: `每一项的详细说明：yinxin help ${noun.name} 做什么。`,
    en: `More on each: yinxin help ${noun.name} VERB.`,
  });
  return [
    `${say(context, noun.summary)}\n`,
    `${say(context, usage)}yinxin ${noun.name} ${synopsis}\n`,
    `${formatTable(rows, '  ')}`,
    `${more}\n`,
  ].join('\n');
}

/** The help of one command. */
export function formatCommandHelp(command: Command, context: Pick<Context, 'language'>): string {
  const others = commonOptions.filter(({ name }) => command.options.every((own) => own.name !== name));
  const options = [...command.options, ...others].map((option) => formatOption(option, context));
  const details = say(context, command.details)
    .split('\n')
    .flatMap((line) => wrapText(line, 96));
  return [
    `${say(context, command.summary)}\n\n${formatSynopsis(command, context)}`,
    `${details.join('\n')}\n`,
    `${say(context, { zh: '选项', en: 'Options' })}\n${formatTable(options, '  ')}`,
    `${say(context, { zh: '例子', en: 'Examples' })}\n${command.examples.map((line) => `  yinxin ${line}\n`).join('')}`,
  ].join('\n');
}
