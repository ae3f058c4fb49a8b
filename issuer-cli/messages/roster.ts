/** What is wrong with a roster, by line and column. Never the value itself. */
import {
  type ErrorCode,
  type ErrorDetails,
  type Field,
  isJsonObject,
  type Json,
  sentence,
  type Words,
} from '@yinxin/core';
import type { Language } from '../context.ts';
import { type Explains, type Explanation, text } from './explanation.ts';

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

export const rosterExplains: Explains = {
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
  TYPE_LEGACY: () => ({ next: { zh: '补录存量请加 --stock。', en: 'For stock add --stock.' } }),
};

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
