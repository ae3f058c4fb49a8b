/** What went wrong, in the words of the office: core's sentences, made exact where the command knows more (line, column, option, file). */
import {
  type ErrorCode,
  type ErrorDetails,
  type Field,
  isJsonObject,
  type Json,
  sentence,
  type Words,
  type YinxinError,
} from '@yinxin/core';
import type { Language } from './context.ts';
import { actWords, statusWords } from './verdict-words.ts';

export interface Explanation {
  readonly what: string;
  readonly next: string;
}

type Explain = (details: ErrorDetails) => { readonly what?: Words; readonly next?: Words } | undefined;

const text = (details: ErrorDetails, name: string): string => {
  const value = details[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

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
  past: (name, details) => ({
    what: {
      zh: `选项“${name}”的日期“${text(details, 'value')}”已经过去。`,
      en: `The date “${text(details, 'value')}” of “${name}” has passed.`,
    },
    next: { zh: '请写今天或以后的日期。', en: 'Name today or a later day.' },
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
  'folder-used': (name) => ({
    what: {
      zh: `文件夹“${name}”里已有办完的一批，它的对照表不能覆盖。`,
      en: `The folder “${name}” holds a finished run, whose list is not overwritten.`,
    },
    next: { zh: '请用 -o 换一个文件夹，或不写 -o。', en: 'Choose another folder with -o, or leave -o out.' },
  }),
  'folder-busy': (name) => ({
    what: {
      zh: `文件夹“${name}”里有另一份名册还没办完。`,
      en: `The folder “${name}” holds an unfinished run of another roster.`,
    },
    next: { zh: '请换一个文件夹，或先用原名册办完。', en: 'Choose another folder, or finish that roster first.' },
  }),
  'too-many': (_name, details) => ({
    what: { zh: `一次最多办理 ${text(details, 'max')} 份。`, en: `At most ${text(details, 'max')} at once.` },
    next: { zh: '请分几次办理。', en: 'Split them.' },
  }),
};

const encodings: { readonly [likely: string]: { what: Words; next?: Words } } = {
  GB18030: {
    what: {
      zh: '名册不是 UTF-8 编码：它是 Excel 按 GBK/GB18030 保存的。',
      en: 'The roster is not UTF-8: Excel saved it as GBK/GB18030.',
    },
    next: {
      zh: '请在 Excel 里“另存为”，保存类型选“CSV UTF-8（逗号分隔）(*.csv)”，再试一次。',
      en: 'In Excel choose “Save As” and the type “CSV UTF-8 (Comma delimited)”, then try again.',
    },
  },
  'UTF-16': {
    what: {
      zh: '名册不是 UTF-8 编码：它存成了 UTF-16（“Unicode 文本”）。',
      en: 'The roster is not UTF-8: it was saved as UTF-16 (“Unicode text”).',
    },
    next: { zh: '请另存为“CSV UTF-8（逗号分隔）(*.csv)”，再试一次。', en: 'Save it as “CSV UTF-8”, then try again.' },
  },
};

function listWords(value: Json | undefined, language: Language): string {
  if (!Array.isArray(value)) return '';
  const items = value.map((item) => (isJsonObject(item) ? String(item[language]) : String(item)));
  return items.map((item) => (language === 'zh' ? `“${item}”` : `“${item}”`)).join(language === 'zh' ? '、' : ', ');
}

function explainHeader(details: ErrorDetails): { what: Words; next: Words } {
  const parts: readonly (readonly [string, string, string])[] = [
    ['unknown', '不认识的栏目', 'unknown columns'],
    ['repeated', '重复的栏目', 'repeated columns'],
    ['missing', '缺少必填栏目', 'missing required columns'],
  ];
  const list = (language: Language) =>
    parts
      .map(([name, zh, en]) => [language === 'zh' ? zh : `${en} `, listWords(details[name], language)])
      .filter(([, items]) => items !== '')
      .map(([label, items]) => `${label}${items}`)
      .join(language === 'zh' ? '；' : '; ');
  const command = `yinxin template ${text(details, 'type')}`;
  return {
    what: {
      zh: `名册第一行（表头）与证照类型对不上：${list('zh')}。`,
      en: `The header does not fit the type: ${list('en')}.`,
    },
    next: { zh: `请用“${command}”取得正确的表头。`, en: `Get the right header with “${command}”.` },
  };
}

const fileFaults: { readonly [reason: string]: Words } = {
  EACCES: { zh: '没有权限', en: 'permission denied' },
  EPERM: { zh: '没有权限', en: 'permission denied' },
  EROFS: { zh: '这里只能读，不能写', en: 'the place is read-only' },
  EISDIR: { zh: '它是文件夹，不是文件', en: 'it is a folder, not a file' },
  ENOTDIR: { zh: '路径中有一段不是文件夹', en: 'a part of its path is no folder' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
};

const exact: { readonly [code in ErrorCode]?: Explain } = {
  USAGE: (details) => {
    const found = usageProblems[text(details, 'problem')]?.(text(details, 'name'), details);
    const command = text(details, 'command');
    const help = command ? `yinxin help ${command}` : 'yinxin help';
    return found && { next: { zh: `请看“${help}”。`, en: `See “${help}”.` }, ...found };
  },
  ROSTER_ENCODING: (details) => encodings[text(details, 'likely')],
  ROSTER_HEADER: explainHeader,
  ROSTER_QUOTE: (details) => {
    const line = text(details, 'line');
    if (text(details, 'why') !== 'open') {
      return {
        what: { zh: `第 ${line} 行有引号出现在单元格中间。`, en: `On line ${line} a quote stands inside a cell.` },
        next: {
          zh: '请把整格用引号括起来，格内的引号写两遍，或改用中文引号“”。',
          en: 'Put the whole cell in quotes and double those inside.',
        },
      };
    }
    return {
      what: { zh: `第 ${line} 行的引号一直没有合上。`, en: `The quote opened on line ${line} is never closed.` },
      next: { zh: '请从这一行开始检查引号是否成对。', en: 'From this line on, check that quotes come in pairs.' },
    };
  },
  ROSTER_TOO_LONG: (details) => ({
    what: {
      zh: `名册超过 ${Number(details['maxRows']).toLocaleString('en')} 行的上限。`,
      en: `The roster has more than ${Number(details['maxRows']).toLocaleString('en')} rows.`,
    },
  }),
  ROSTER_REPEATED: (details) => ({
    what: {
      zh: `这份名册已经签发过，证照在“${text(details, 'folder')}”。`,
      en: `This very roster was issued before, into “${text(details, 'folder')}”.`,
    },
  }),
  FILE_UNREADABLE: (details) => {
    const [file, reason] = [text(details, 'file'), text(details, 'reason')];
    if (reason === 'ENOENT') return { what: { zh: `找不到“${file}”。`, en: `There is no “${file}”.` } };
    if (!file) return undefined;
    const why = fileFaults[reason] ?? { zh: reason, en: reason };
    return {
      what: { zh: `“${file}”读不出或写不进：${why.zh}。`, en: `“${file}” cannot be read or written: ${why.en}.` },
    };
  },
  GATEWAY_UNREACHABLE: (details) => {
    const gateway = text(details, 'gateway');
    if (text(details, 'why') === 'x509')
      return {
        what: {
          zh: `网关 ${gateway} 的 HTTPS 证书不受这台机器信任。`,
          en: `The HTTPS certificate of ${gateway} is not trusted on this machine.`,
        },
        next: {
          zh: '请核对地址；自签的证书用环境变量 NODE_EXTRA_CA_CERTS 指明其根证书文件。',
          en: 'Check the address; for a certificate of your own name its root file in NODE_EXTRA_CA_CERTS.',
        },
      };
    if (details['status'] === undefined)
      return {
        what: { zh: `连不上网关 ${gateway}。`, en: `The gateway ${gateway} does not answer.` },
        next: {
          zh: '请检查网络，确认网关已启动，或用 --gateway 指明地址。',
          en: 'Check the network and that the gateway runs, or name it with --gateway.',
        },
      };
    return {
      what: {
        zh: `${gateway} 有回应，但不是印信网关（HTTP ${text(details, 'status')}）。`,
        en: `${gateway} answers, but not as a Yinxin gateway (HTTP ${text(details, 'status')}).`,
      },
      next: { zh: '请用 --gateway 指明地址。', en: 'Name the gateway with --gateway.' },
    };
  },
  CLIENT_FILE_MISSING: (details) =>
    details['issuer'] === undefined
      ? undefined
      : {
          what: {
            zh: `这里没有“${text(details, 'issuer')}”有权办理此事的客户端文件。`,
            en: `There is no client file here by which “${text(details, 'issuer')}” may do this.`,
          },
          next: {
            zh: '请核对机关，用 --client 指明它的客户端文件，或到有这份文件的机器上办理。',
            en: 'Check the body, name its client file with --client, or do it on the machine that has it.',
          },
        },
  // As a finding of `verify` it has core's sentence; here a body was refused its own order.
  NOT_ENTITLED: (details) =>
    details['command'] === undefined
      ? undefined
      : {
          what: { zh: '该机关无权颁发这种证照。', en: 'The body is not entitled to issue this type.' },
          next: {
            zh: '请用 --as 指明有权的机关，或核对证照类型。',
            en: 'Name an entitled body with --as, or check the type.',
          },
        },
  TYPE_LEGACY: () => ({ next: { zh: '补录存量请加 --stock。', en: 'For stock add --stock.' } }),
  TRUST_MISSING: (details) =>
    text(details, 'why') === 'pin'
      ? {
          what: {
            zh: '没有信任根文件（pin.json），无法判断信任清单的真假。',
            en: 'There is no pin (pin.json) to judge a trust list by.',
          },
          next: {
            zh: '请用 --pin 指明，或把它放进 .yinxin 文件夹。',
            en: 'Name it with --pin, or put it into the .yinxin folder.',
          },
        }
      : undefined,
  TYPE_UNKNOWN: (details) => ({
    what: { zh: `没有“${text(details, 'type')}”这种证照。`, en: `There is no type “${text(details, 'type')}”.` },
    next: { zh: '请用“yinxin types”查看所有类型。', en: 'List all types with “yinxin types”.' },
  }),
  CLAIMS_REQUIRED: () => ({
    next: {
      zh: '请用证照文件或二维码查验；或加“--claim 栏目=内容”（可写多次）核对持证人所说；或加“--purpose 事由”以机关身份查询。',
      en: 'Verify the file or the code; or add “--claim FIELD=VALUE” for what the holder says; or “--purpose TEXT” to ask as a body.',
    },
  }),
  STATUS_STEP_ILLEGAL: (details) => {
    const [status, act] = [statusWords[text(details, 'from')], actWords[text(details, 'act')]];
    if (!status || !act) return undefined;
    const certificate = text(details, 'certificate');
    return {
      what: {
        zh: `证照${certificate && ` ${certificate} `}目前${status.zh}，不能${act.zh}。`,
        en: `The certificate ${certificate && `${certificate} `}is ${status.en} at present and cannot be ${act.en}.`,
      },
      next: { zh: '请用“yinxin history 证照”查看它的历史。', en: 'Look at its history with “yinxin history CERT”.' },
    };
  },
};

/** What happened and what to do, in one language. */
export function explainError(error: Pick<YinxinError, 'code' | 'details'>, language: Language): Explanation {
  const usual = sentence(error.code, language);
  const own = exact[error.code]?.(error.details);
  return { what: own?.what?.[language] ?? usual.what, next: own?.next?.[language] ?? usual.next };
}

const kindHints: { readonly [kind in Field['kind']]?: Words } = {
  string: {
    zh: '请写 1 到 200 字，首尾不留空格，中间不换行，不含看不见的字符。',
    en: 'Write 1 to 200 characters in one line, without spaces at the ends or invisible characters.',
  },
  text: {
    zh: '请写 1 到 4000 字，首尾不留空格，中间不换行，不含看不见的字符。',
    en: 'Write 1 to 4,000 characters in one line, without spaces at the ends or invisible characters.',
  },
  address: {
    zh: '请写 1 到 4000 字，首尾不留空格，中间不换行，不含看不见的字符。',
    en: 'Write 1 to 4,000 characters in one line, without spaces at the ends or invisible characters.',
  },
  date: { zh: '请写作 2026-11-20，并核对先后。', en: 'Write it as 2026-11-20, and check the order.' },
  datetime: { zh: '请写作 2026-11-20T09:30。', en: 'Write it as 2026-11-20T09:30.' },
  yearMonth: { zh: '请写作 2026-11。', en: 'Write it as 2026-11.' },
  number: { zh: '请写数字，例如 89.5，不加单位和千分号。', en: 'Write a number such as 89.5, without unit or commas.' },
  integer: {
    zh: '请写整数，例如 12，不加单位和千分号。',
    en: 'Write a whole number such as 12, without unit or commas.',
  },
  money: {
    zh: '请写金额，例如 5000000.00，不加“元”和千分号。',
    en: 'Write an amount such as 5000000.00, without currency or commas.',
  },
  phone: {
    zh: '请写手机号或带区号的座机号，例如 0755-12345678。',
    en: 'Write a mobile number, or a landline with its area code.',
  },
  region: { zh: '请写六位行政区划代码。', en: 'Write the six digits of the region code.' },
  list: {
    zh: '几项之间用分号“；”隔开，每项不超过 200 字。',
    en: 'Separate items with “;”, 200 characters each at most.',
  },
  record: { zh: '请写作“名称=内容；名称=内容”。', en: 'Write “name=value;name=value”.' },
};

/** Why one cell of a roster is refused, and how to write it. Never the value itself. */
export function explainCell(field: Field | undefined, code: ErrorCode, language: Language): Explanation {
  const usual = sentence(code, language);
  if (field === undefined) return usual;
  if (code === 'ENUM_INVALID' && field.enum) {
    const choices = field.enum.join(language === 'zh' ? '、' : ', ');
    return { what: usual.what, next: language === 'zh' ? `请填其中之一：${choices}。` : `Write one of: ${choices}.` };
  }
  const hint = code === 'FIELD_INVALID' || code === 'DATE_INVALID' ? kindHints[field.kind] : undefined;
  return { what: usual.what, next: hint?.[language] ?? usual.next };
}
