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
  'UTF-16': {
    what: {
      zh: '名册存成了 UTF-16（“Unicode 文本”），不予读取。',
      en: 'The roster was saved as UTF-16 (“Unicode text”), which is not read.',
    },
    next: {
      zh: '请另存为“CSV UTF-8（逗号分隔）(*.csv)”或 XLSX，再试一次。',
      en: 'Save it as “CSV UTF-8” or XLSX, then try again.',
    },
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
  const act = text(details, 'act');
  if (act) {
    return {
      what: { zh: `名册的表头不对：${list('zh')}。`, en: `The header is not right: ${list('en')}.` },
      next: {
        zh: '名册须有“证照标识”一栏，可有“依据”“文号”“生效时间”（更正时还有“更正序号”）；没有的用 --basis、--document 等选项。',
        en: 'A column “identifier” is needed; “basis”, “document”, “effective” (and “corrects” with correct) may be there, else the options such as --basis count.',
      },
    };
  }
  const command = `yinxin template ${text(details, 'type')}`;
  if (details['headless'] === true) {
    return {
      what: {
        zh: '名册里没有一个认得的栏目名，像是缺了表头。',
        en: 'No column of the type is in the header: it seems to be missing.',
      },
      next: {
        zh: `请把“${command}”给出的表头放在第一行。`,
        en: `Put the header that “${command}” gives on the first line.`,
      },
    };
  }
  const wanted = text(details, 'wanted');
  if (wanted === 'issue') {
    return {
      what: {
        zh: `这份名册有“${listWords(details['unknown'], 'zh').slice(1, -1)}”一栏，是换发用的。`,
        en: `This roster has a column ${listWords(details['unknown'], 'en')}, which is for reissuing.`,
      },
      next: {
        zh: '换发请用“yinxin reissue --roster 名册”；不是换发的，请删去这一列。',
        en: 'To reissue, use “yinxin reissue --roster ROSTER”; otherwise take the column out.',
      },
    };
  }
  if (wanted === 'reissue') {
    return {
      what: {
        zh: '名册里没有“原证照标识”一栏，不知道换发哪一份。',
        en: 'The roster has no column “supersedes”: it is not known what to reissue.',
      },
      next: {
        zh: `请用“${command} --reissue”取得换发的表头。`,
        en: `Get the header for reissuing with “${command} --reissue”.`,
      },
    };
  }
  const hasUnknown = listWords(details['unknown'], 'zh') !== '';
  return {
    what: {
      zh: `名册的表头与证照类型对不上：${list('zh')}。`,
      en: `The header does not fit the type: ${list('en')}.`,
    },
    next: hasUnknown
      ? {
          zh: `请删去不认识的列（如序号、备注），或在对照文件里写明不读（--map，ignored）；正确的表头：“${command}”。`,
          en: `Take out the unknown columns, or name them in a mapping (--map, ignored); the right header: “${command}”.`,
        }
      : { zh: `请用“${command}”取得正确的表头。`, en: `Get the right header with “${command}”.` },
  };
}

/** Why a mapping is refused; `name` is what it is about. */
const mappingFaults: { readonly [why: string]: (name: string) => Words } = {
  json: () => ({ zh: '对照文件不是 JSON。', en: 'The mapping file is not JSON.' }),
  format: () => ({
    zh: '对照文件里应写 "format": "yinxin-mapping/1"。',
    en: 'The mapping file does not say "format": "yinxin-mapping/1".',
  }),
  member: (name) => ({
    zh: `对照文件里不认识“${name}”，或它的写法不对。`,
    en: `“${name}” in the mapping file is unknown or not of the right kind.`,
  }),
  twice: (name) => ({ zh: `对照文件里“${name}”出现了两次。`, en: `The mapping file gives “${name}” twice.` }),
  'field-unknown': (name) => ({
    zh: `对照文件里的栏目“${name}”不属于这种证照。`,
    en: `The type has no field “${name}” that the mapping file names.`,
  }),
  'column-missing': (name) => ({
    zh: `名册里没有对照文件所写的列“${name}”。`,
    en: `The roster has no column “${name}” that the mapping file names.`,
  }),
  'constant-invalid': (name) => ({
    zh: `对照文件给“${name}”的固定内容填写不对。`,
    en: `What the mapping file gives “${name}” for every row is not valid.`,
  }),
  'other-type': (name) => ({
    zh: `对照文件是为另一种证照（${name}）写的。`,
    en: `The mapping file was written for another type (${name}).`,
  }),
};

function explainSheets(details: ErrorDetails): { what: Words } {
  const sheets = { zh: listWords(details['sheets'], 'zh'), en: listWords(details['sheets'], 'en') };
  const wanted = text(details, 'wanted');
  if (wanted !== '') {
    return {
      what: {
        zh: `工作簿里没有工作表“${wanted}”，有的是${sheets.zh}。`,
        en: `There is no sheet “${wanted}”, but ${sheets.en}.`,
      },
    };
  }
  return {
    what: {
      zh: `有几张工作表都像是名册：${sheets.zh}。`,
      en: `Several sheets could be the roster: ${sheets.en}.`,
    },
  };
}

function explainOtherType(details: ErrorDetails): { what: Words; next: Words } {
  const name = isJsonObject(details['name']) ? details['name'] : {};
  const other = text(details, 'other');
  return {
    what: {
      zh: `这份名册的栏目属于“${String(name['zh'])}”，不是要办的证照。`,
      en: `These columns are of “${String(name['en'])}”, another type than was asked for.`,
    },
    next: {
      zh: `要签发它，请加“--type ${other}”；否则请换名册。`,
      en: `To issue that, add “--type ${other}”; otherwise take the other roster.`,
    },
  };
}

export const rosterExplains: Explains = {
  ROSTER_ENCODING: (details) => encodings[text(details, 'likely')],
  ROSTER_ENCODING_MIXED: (details) => ({
    what: {
      zh: `名册是 ${text(details, 'encoding')} 编码，第 ${text(details, 'line')} 行却不是。`,
      en: `The roster is in ${text(details, 'encoding')}, but line ${text(details, 'line')} is not.`,
    },
  }),
  ROSTER_MAPPING: (details) => {
    const what = mappingFaults[text(details, 'why')]?.(text(details, 'name'));
    return what && { what };
  },
  ROSTER_SHEETS: explainSheets,
  ROSTER_TYPE_OTHER: explainOtherType,
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
  ROSTER_REPEATED: (details) => ({
    what: {
      zh: `这份名册已经办完过，结果在“${text(details, 'folder')}”。`,
      en: `This very roster was done before, into “${text(details, 'folder')}”.`,
    },
    next: {
      zh: `办得怎样：yinxin runs show ${text(details, 'run')}，若有没有办成的行，在该文件夹的 failed 文件里。确需整份再办一次，请加 --again。`,
      en: `See yinxin runs show ${text(details, 'run')}; rows that failed, if any, are in its folder. To do all of it once more add --again.`,
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
  idNumber: { zh: '请以文本填写，字母大写。', en: 'Enter it as text, letters in capitals.' },
  uscc: { zh: '请填 18 位统一社会信用代码，以文本填写。', en: 'The 18 characters of the credit code, as text.' },
  image: {
    zh: '请写图片的文件名，图片放在名册所在的文件夹。',
    en: 'The name of a file in the roster’s folder.',
  },
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

/** Such a number may be right all the same: a text of a workbook is, and in CSV an apostrophe says so. */
const lostNumber: Words = {
  zh: "请把该列设为“文本”，从原始资料重新填写号码，存为 XLSX；在 CSV 里，号码确以三个 0 结尾的，请在前面加英文单引号（'）。",
  en: "Format the column as Text, enter the number again from the source and save as XLSX; in CSV put an apostrophe (') before a number that really ends in three zeros.",
};

/** How a field is filled in; empty where its label says enough. */
export function explainField(field: Field, language: Language): string {
  if (field.enum) {
    const choices = field.enum.join(language === 'zh' ? '、' : ', ');
    return language === 'zh' ? `请填其中之一：${choices}。` : `Write one of: ${choices}.`;
  }
  const long = field.longTermValue;
  if (long === undefined) return kindHints[field.kind]?.[language] ?? '';
  return language === 'zh'
    ? `请写作 2026-11-20；没有期限的写“${long}”。`
    : `Write it as 2026-11-20; without an end “${long}”.`;
}

/** Why one cell of a roster is refused, and how to write it. Never the value itself. */
export function explainCell(field: Field | undefined, code: ErrorCode, language: Language): Explanation {
  const usual = sentence(code, language);
  if (field === undefined) return usual;
  if (code === 'ROSTER_NUMBER_LOST' && (field.kind === 'idNumber' || field.kind === 'uscc')) {
    return { what: usual.what, next: lostNumber[language] };
  }
  if (code === 'ENUM_INVALID') return { what: usual.what, next: explainField(field, language) };
  const hint =
    code === 'FIELD_INVALID' || code === 'DATE_INVALID' || code === 'DATE_AMBIGUOUS'
      ? kindHints[field.kind]
      : undefined;
  return { what: usual.what, next: hint?.[language] ?? usual.next };
}
