/** What was wrong with a command line. */
import type { ErrorDetails, Words } from '@yinxin/core';
import { type Explain, text } from './explanation.ts';

const usageProblems: {
  readonly [problem: string]: (name: string, details: ErrorDetails) => { what: Words; next?: Words };
} = {
  'unknown-command': (name, details) => ({
    what: { zh: `没有“${name}”这个命令。`, en: `There is no command “${name}”.` },
    ...(text(details, 'near') && {
      next: {
        zh: `是不是想写“yinxin ${text(details, 'near')}”？`,
        en: `Did you mean “yinxin ${text(details, 'near')}”?`,
      },
    }),
  }),
  'unknown-option': (name) => ({ what: { zh: `没有“${name}”这个选项。`, en: `There is no option “${name}”.` } }),
  'option-value': (name) => ({
    what: {
      zh: `选项“${name}”的用法不对：缺少内容，或不该有内容。`,
      en: `Option “${name}” lacks a value, or takes none.`,
    },
  }),
  'option-missing': (name) => ({ what: { zh: `缺少选项“${name}”。`, en: `Option “${name}” is missing.` } }),
  'option-choice': (name, details) => ({
    what: {
      zh: `选项“${name}”只能是：${text(details, 'choices')}。`,
      en: `Option “${name}” must be one of: ${text(details, 'choices')}.`,
    },
  }),
  'operand-missing': () => ({ what: { zh: '没有写明要处理什么。', en: 'What to work on is missing.' } }),
  'operand-extra': (name) => ({ what: { zh: `多写了“${name}”。`, en: `“${name}” is one too many.` } }),
  'file-needed': () => ({
    what: { zh: '这里需要证照文件，不能只给标识。', en: 'This needs the certificate file, not its number.' },
    next: { zh: '请写以 .yinxin.json 结尾的文件。', en: 'Name the file ending in .yinxin.json.' },
  }),
  'type-unnamed': (name) => ({
    what: { zh: `从文件名“${name}”看不出是哪种证照。`, en: `The file name “${name}” does not say which type this is.` },
    next: {
      zh: '请加 --type 类型，例如 --type business-licence。',
      en: 'Add --type TYPE, for example --type business-licence.',
    },
  }),
  gateway: (name) => ({
    what: { zh: `网关地址“${name}”不是 http 或 https 地址。`, en: `“${name}” is not an http or https address.` },
    next: { zh: '请写作 http://localhost:8080 的样子。', en: 'Write it like http://localhost:8080.' },
  }),
  time: (name, details) => ({
    what: {
      zh: `选项“${name}”的时间“${text(details, 'value')}”写法不对。`,
      en: `The time “${text(details, 'value')}” of “${name}” is badly written.`,
    },
    next: {
      zh: '请写作 2026-11-20、“2026-11-20 17:00”（北京时间）或 2026-11-20T09:00:00Z。',
      en: 'Write 2026-11-20, “2026-11-20 17:00” (Beijing time) or 2026-11-20T09:00:00Z.',
    },
  }),
  domain: (name) => ({
    what: { zh: `区划代码“${name}”应为六位数字。`, en: `The region code “${name}” should be six digits.` },
    next: { zh: '例如 --domain 510100（成都）。', en: 'For example --domain 510100 (Chengdu).' },
  }),
  'domain-unknown': (name, details) => ({
    what: { zh: `“${name}”不在网络的任何城市之内。`, en: `“${name}” lies in no city of the network.` },
    next: {
      zh: `请写六位区划代码或城市名；网络里有：${text(details, 'choices')}。`,
      en: `Write six digits or a city’s name; in the network: ${text(details, 'choices')}.`,
    },
  }),
  matter: (name, details) => ({
    what: { zh: `没有登记“${name}”这个事项。`, en: `There is no matter “${name}”.` },
    next: { zh: `请从中选择：${text(details, 'choices')}。`, en: `Choose one: ${text(details, 'choices')}.` },
  }),
  anywhere: () => ({
    what: {
      zh: '--anywhere 不能与 --domain、--matter 同时写。',
      en: '--anywhere excludes --domain and --matter.',
    },
    next: { zh: '请只写其中之一。', en: 'Write one of them.' },
  }),
  height: (name) => ({
    what: { zh: `账本高度“${name}”应为正整数。`, en: `The ledger height “${name}” should be a whole number from 1.` },
    next: { zh: '例如 --height 120，即账本的前 120 个区块。', en: 'For example --height 120: the first 120 blocks.' },
  }),
  'height-offline': () => ({
    what: {
      zh: '账本以前的高度只有网关知道，断网时不能查。',
      en: 'Only the gateway knows how the ledger stood at a past height.',
    },
    next: { zh: '请去掉 --offline 或 --height。', en: 'Leave out --offline or --height.' },
  }),
  past: (name, details) => ({
    what: {
      zh: `选项“${name}”的日期“${text(details, 'value')}”已经过去。`,
      en: `The date “${text(details, 'value')}” of “${name}” has passed.`,
    },
    next: { zh: '请写今天或以后的日期。', en: 'Name today or a later day.' },
  }),
  number: (name, details) => ({
    what: {
      zh: `选项“${name}”的“${text(details, 'value')}”应为正整数。`,
      en: `“${text(details, 'value')}” of “${name}” should be a whole number from 1.`,
    },
  }),
  document: (name) => ({
    what: { zh: `“${name}”不是规范的文号。`, en: `“${name}” is not an official document number.` },
    next: {
      zh: '请写作 示范〔2026〕1号（年份用六角括号〔〕）。',
      en: 'Write it like 示范〔2026〕1号, the year in 〔〕.',
    },
  }),
  basis: (name) => ({
    what: { zh: `“${name}”不是法律依据代码。`, en: `“${name}” is not a code of a legal basis.` },
    next: {
      zh: '请写代码，例如 licence-law-69（行政许可法第六十九条）。',
      en: 'Write a code such as licence-law-69 (Administrative Licence Law, article 69).',
    },
  }),
  assignment: (name) => ({
    what: { zh: `“${name}”应写作“栏目=内容”。`, en: `“${name}” should be “field=value”.` },
    next: { zh: '例如 --set holderName=深圳示例有限公司。', en: 'For example --set holderName=… .' },
  }),
  field: (name, details) => ({
    what: { zh: `这种证照没有栏目“${name}”。`, en: `This type has no field “${name}”.` },
    next: { zh: `栏目有：${text(details, 'choices')}。`, en: `Its fields: ${text(details, 'choices')}.` },
  }),
  'which-issuer': (_name, details) => ({
    what: {
      zh: `有几个机关都可以办理：${text(details, 'choices')}。`,
      en: `Several bodies could do this: ${text(details, 'choices')}.`,
    },
    next: { zh: '请用 --as 指明以哪个机关的名义办理。', en: 'Name the one that acts with --as.' },
  }),
  'named-twice': (name) => ({
    what: { zh: `证照 ${name} 写了两次。`, en: `Certificate ${name} is named twice.` },
    next: { zh: '请只写一次。', en: 'Name it once.' },
  }),
  'one-issuer': () => ({
    what: { zh: '这些证照由不同机关颁发，不能一次办理。', en: 'These certificates are of different issuing bodies.' },
    next: { zh: '请按颁发机关分几次办理。', en: 'Do it once per body.' },
  }),
  'file-there': (name) => ({
    what: {
      zh: `已有“${name}”，不覆盖它，里面可能是填好的名册。`,
      en: `“${name}” exists and is not overwritten: it may be a roster that somebody filled in.`,
    },
    next: { zh: '请用 -o 写另一个文件名，或先把它移走。', en: 'Choose another name with -o, or move it away first.' },
  }),
  'folder-used': (name) => ({
    what: {
      zh: `文件夹“${name}”里已有办完的一批，它的对照表不能覆盖。`,
      en: `The folder “${name}” holds a finished run, whose list is not overwritten.`,
    },
    next: { zh: '请用 -o 换一个文件夹，或不写 -o。', en: 'Choose another folder with -o, or leave -o out.' },
  }),
  'folder-busy': (name) => ({
    what: {
      zh: `文件夹“${name}”里有另一份名册还没办完，或正在另一个窗口里办。`,
      en: `The folder “${name}” holds an unfinished run of another roster, or one that goes on in another window.`,
    },
    next: { zh: '请换一个文件夹，或先用原名册办完。', en: 'Choose another folder, or finish that roster first.' },
  }),
  'run-unknown': (name) => ({
    what: { zh: `没有“${name}”这次办理。`, en: `There is no run “${name}”.` },
    next: { zh: '请用“yinxin runs”查看。', en: 'See “yinxin runs”.' },
  }),
  'run-unclear': (name) => ({
    what: { zh: `不止一次办理以“${name}”开头。`, en: `More than one run begins with “${name}”.` },
    next: { zh: '请多写几位。', en: 'Give more letters.' },
  }),
  'run-finished': (name) => ({
    what: { zh: `“${name}”已经办完。`, en: `“${name}” is finished.` },
    next: { zh: '没有什么要接着办的。', en: 'There is nothing to go on with.' },
  }),
  'roster-or-named': () => ({
    what: {
      zh: '要么写证照，要么写 --roster 名册，只能写一样。',
      en: 'Either certificates or --roster must be given, and only one of them.',
    },
  }),
  'unknown-verb': (name, details) => ({
    what: {
      zh: `“yinxin ${text(details, 'noun')}”没有“${name}”。`,
      en: `“yinxin ${text(details, 'noun')}” has no “${name}”.`,
    },
    next: { zh: `可以写：${text(details, 'choices')}。`, en: `Write one of: ${text(details, 'choices')}.` },
  }),
  successor: () => ({
    what: { zh: '没有写明由谁承接，或写了两样。', en: 'It is not said who takes over, or both were said.' },
    next: { zh: '请写 --successor 机关，或 --no-successor。', en: 'Write --successor ISSUER, or --no-successor.' },
  }),
  proposal: (name) => ({
    what: { zh: `“${name}”不是提案编号。`, en: `“${name}” is no proposal’s id.` },
    next: {
      zh: '请用“yinxin proposal list”查看，写开头至少 6 位。',
      en: 'See “yinxin proposal list”; give its first 6 digits or more.',
    },
  }),
  'proposal-unclear': (name) => ({
    what: { zh: `不止一项提案以“${name}”开头。`, en: `More than one proposal begins with “${name}”.` },
    next: { zh: '请多写几位。', en: 'Give more digits.' },
  }),
  'agreement-unclear': (name) => ({
    what: { zh: `不止一项协议叫“${name}”。`, en: `More than one agreement is called “${name}”.` },
    next: { zh: '请写编号（yinxin agreement list）。', en: 'Give its id (yinxin agreement list).' },
  }),
  'which-domain': (_name, details) => ({
    what: {
      zh: `这里有几个城市的管理文件：${text(details, 'choices')}。`,
      en: `There are files of several cities here: ${text(details, 'choices')}.`,
    },
    next: { zh: '请用 --as 指明城市。', en: 'Name the city with --as.' },
  }),
  'list-key': () => ({
    what: {
      zh: '--list 换的是本市的清单密钥，不写机关、--use、--from、--until、--recovery。',
      en: '--list is for the city’s own key: it takes no body, --use, --from, --until or --recovery.',
    },
  }),
  'too-many': (_name, details) => ({
    what: { zh: `一次最多办理 ${text(details, 'max')} 份。`, en: `At most ${text(details, 'max')} at once.` },
    next: { zh: '请分几次办理。', en: 'Split them.' },
  }),
};

export const explainUsage: Explain = (details) => {
  const found = usageProblems[text(details, 'problem')]?.(text(details, 'name'), details);
  const command = text(details, 'command');
  const help = command ? `yinxin help ${command}` : 'yinxin help';
  return found && { next: { zh: `请看“${help}”。`, en: `See “${help}”.` }, ...found };
};
