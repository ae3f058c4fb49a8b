/** Every word that is the page's own, in each language: a missing one is a build error. Sentences of codes come from core. */
import type { Language, Sentence, Words } from '@yinxin/core';

export type { Language };

export interface PageWords {
  readonly htmlLang: string;
  readonly brand: string;
  readonly switchTo: string;
  readonly switchLang: string;
  readonly switchLabel: string;
  readonly title: string;
  readonly lead: string;
  readonly fieldLabel: string;
  readonly submit: string;
  readonly chooseFile: string;
  readonly dropHere: string;
  readonly again: string;
  readonly working: string;
  readonly insecure: Sentence;
  readonly noTrust: Sentence;
  /** What to do where a number is not enough: this page takes no values to compare. */
  readonly noClaims: string;
  readonly oneAtATime: string;
  readonly help: {
    readonly idle: string;
    readonly code: (digits: number) => string;
    readonly good: string;
    readonly partial: string;
    readonly badCheck: string;
    readonly badStructure: string;
    readonly file: (name: string) => string;
    readonly parts: readonly [type: string, issuer: string, serial: string, version: string, check: string];
  };
  readonly next: string;
  readonly statusAsOf: (time: string) => string;
  readonly checkSuccessor: string;
  readonly certificate: {
    readonly heading: string;
    readonly number: string;
    readonly issued: string;
    readonly period: (from: string, until: string | undefined) => string;
    readonly snapshot: (on: string, days: number | undefined) => string;
    readonly secret: string;
    readonly omitted: (count: number) => string;
    readonly numberShowsNone: string;
  };
  readonly managedBy: (name: string) => string;
  /** Where, for what and about when is asked. */
  readonly asking: {
    readonly label: string;
    readonly place: readonly [before: string, after: string];
    readonly matter: string;
    readonly heading: string;
    readonly whichPlace: string;
    readonly whichMatter: string;
    readonly noMatter: string;
    readonly whichDay: string;
    readonly today: string;
    readonly otherDay: string;
    readonly dayNote: string;
    readonly more: string;
    readonly height: string;
    readonly heightNote: string;
    readonly done: string;
    readonly cancel: string;
    /** Said with the verdict, so that it is never taken for one of today. */
    readonly onDay: (day: string) => string;
    readonly atHeight: (height: number) => string;
    readonly backToNow: string;
    readonly asOfThen: (time: string) => string;
  };
  readonly recognition: {
    readonly by: (agreement: string) => string;
    readonly agreement: string;
    readonly contact: string;
    readonly matters: string;
    readonly state: string;
    readonly why: { readonly [why in 'not-begun' | 'ended' | 'suspended']: string };
    readonly noRule: (home: string, here: string, type: string) => string;
    readonly chooseMatter: string;
  };
  readonly basis: string;
  readonly duration: (count: number, unit: 'minute' | 'hour' | 'day') => string;
  readonly listedAsOf: (time: string, age: string) => string;
  readonly timeWithAge: (time: string, age: string) => string;
  readonly bound: string;
  readonly listEnd: string;
  readonly code: string;
  readonly list: string;
  readonly parts: {
    readonly heading: string;
    readonly hereNote: (domain: string, time: string, age: string | undefined) => string;
    readonly serverNote: string;
    readonly serverNumberNote: string;
    readonly serverSilent: string;
    readonly serverNotAsked: string;
    readonly openNote: string;
    readonly person: string;
  };
  readonly anchoredBy: (domain: string) => string;
  readonly firstKey: string;
  readonly date: (year: number, month: number, day: number) => string;
  readonly time: (date: string, clock: string) => string;
  readonly colon: string;
  readonly comma: string;
}

/** In the marks of a title, unless it has them. */
const quoteTitle = (title: string) => (title.includes('《') ? title : `《${title}》`);

const zh: PageWords = {
  htmlLang: 'zh-CN',
  brand: '印信',
  switchTo: 'English',
  switchLang: 'en',
  switchLabel: 'Switch to English',
  title: '查验证照',
  lead: '输入证照标识，扫描二维码，或把证照文件拖到这里。',
  fieldLabel: '证照标识或二维码内容',
  submit: '查验',
  chooseFile: '选择证照文件',
  dropHere: '松开即查验',
  again: '再查一份',
  working: '正在查验…',
  insecure: {
    what: '本页没有经安全连接打开，浏览器不能自行查验文件和二维码。',
    next: '请用 https 地址重新打开本页；证照标识仍可由服务器查询。',
  },
  noTrust: { what: '还没有取得信任清单，无法判断。', next: '请联网后再查；不能因此认定证照有问题。' },
  noClaims: '请扫它的二维码，或选择它的证照文件。',
  oneAtATime: '一次查验一份，请只放一个文件。',
  help: {
    idle: '用扫码枪不必点选，直接扫描即可。',
    code: (digits) => `二维码内容，${digits} 位数字。`,
    good: '号码的校验位正确。',
    partial: '还没有输完。',
    badCheck: '校验位不对，多半是输错了一位，请逐字核对。这不说明证照有假。',
    badStructure: '不像证照标识，请对照原件。',
    file: (name) => `文件 ${name}`,
    parts: ['类型', '机构', '流水号', '版本', '校验'],
  },
  next: '下一步',
  statusAsOf: (time) => `状态截至 ${time}`,
  checkSuccessor: '查验新证',
  certificate: {
    heading: '照面内容',
    number: '证照标识',
    issued: '签发',
    period: (from, until) => `有效期 ${from} 至 ${until ?? '长期'}`,
    snapshot: (on, days) => (days === undefined ? `所载事实截至 ${on}` : `所载事实截至 ${on}，通常 ${days} 天内采用`),
    secret: '不公开',
    omitted: (count) => `另有 ${count} 项没有出示`,
    numberShowsNone: '只凭号码不显示照面内容。',
  },
  managedBy: (name) => `现由${name}管理`,
  asking: {
    label: '更改查验的地点、事项或日期',
    place: ['在', '查验'],
    matter: '办理',
    heading: '在哪里、办什么、按哪一天',
    whichPlace: '在哪里出示',
    whichMatter: '办理什么事项',
    noMatter: '不指明',
    whichDay: '按哪一天的情况',
    today: '今天',
    otherDay: '以前的一天',
    dayNote: '按当天中午 12:00（北京时间）回答，只用于眼前这一份，下一份又按今天。',
    more: '更多',
    height: '账本高度',
    heightNote: '只按账本到这个高度为止的记载回答；留空即最新。也只用于眼前这一份。',
    done: '确定',
    cancel: '取消',
    onDay: (day) => `按 ${day} 的情况`,
    atHeight: (height) => `按账本高度 ${height} 的记载`,
    backToNow: '改按今天',
    asOfThen: (time) => `说的是当时，不代表今天；依据截至 ${time} 的记载`,
  },
  recognition: {
    by: (agreement) => `依据${quoteTitle(agreement)}互认`,
    agreement: '互认协议',
    contact: '咨询与异议',
    matters: '适用事项',
    state: '现状',
    why: { 'not-begun': '尚未生效', ended: '已终止', suspended: '暂停执行' },
    noRule: (home, here, type) => `${home}与${here}之间没有包括${type}的互认协议。`,
    chooseMatter: '请选择办理的事项',
  },
  basis: '依据',
  duration: (count, unit) => `${count} ${{ minute: '分钟', hour: '小时', day: '天' }[unit]}`,
  listedAsOf: (time, age) => `离线查验：状态截至 ${time}，距今 ${age}`,
  timeWithAge: (time, age) => `${time}，距今 ${age}`,
  bound: '这种证照最多可隔',
  listEnd: '名单只用到',
  code: '代码',
  list: '状态名单',
  parts: {
    heading: '查验经过',
    hereNote: (domain, time, age) =>
      `由这台设备按${domain}签发的信任清单查验，清单截至 ${time}${age === undefined ? '' : `，距今 ${age}`}。`,
    serverNote: '由服务器读取账本得到，本机未能自行核实。',
    serverNumberNote: '只有号码时，以下都是服务器的回答。',
    serverSilent: '服务器没有回答。',
    serverNotAsked: '没有询问服务器。',
    openNote: '没有查验不等于有问题。',
    person: '持证人的身份：请另行核对。',
  },
  anchoredBy: (domain) => `${domain}出具的存证回执成立`,
  firstKey: '签名密钥由机关首次登记，没有旧密钥担保',
  date: (year, month, day) => `${year}年${month}月${day}日`,
  time: (date, clock) => `${date} ${clock}`,
  colon: '：',
  comma: '、',
};

const months = 'January February March April May June July August September October November December'.split(' ');

const en: PageWords = {
  htmlLang: 'en',
  brand: 'Yinxin',
  switchTo: '中文',
  switchLang: 'zh-CN',
  switchLabel: '切换到中文',
  title: 'Check a certificate',
  lead: 'Type its number, scan its code, or drop its file here.',
  fieldLabel: 'Certificate number, or content of a code',
  submit: 'Check',
  chooseFile: 'Choose a certificate file',
  dropHere: 'Let go to check',
  again: 'Check another',
  working: 'Checking…',
  insecure: {
    what: 'This page was not opened over a secure connection, so the browser cannot check files and codes itself.',
    next: 'Open it again by its https address; numbers can still be asked of the server.',
  },
  noTrust: {
    what: 'There is no trust list yet to judge by.',
    next: 'Check again online; this does not mean that anything is wrong.',
  },
  noClaims: 'Scan its code, or choose its certificate file.',
  oneAtATime: 'One at a time: please drop a single file.',
  help: {
    idle: 'With a scanner gun there is nothing to click: just scan.',
    code: (digits) => `Content of a code, ${digits} digits.`,
    good: 'The check character is right.',
    partial: 'Not complete yet.',
    badCheck:
      'The check character does not fit: one is probably mistyped. This does not mean that the certificate is fake.',
    badStructure: 'This does not look like a certificate number.',
    file: (name) => `File ${name}`,
    parts: ['type', 'issuer', 'serial', 'version', 'check'],
  },
  next: 'Next',
  statusAsOf: (time) => `Status as of ${time}`,
  checkSuccessor: 'Check the reissue',
  certificate: {
    heading: 'What it says',
    number: 'Certificate number',
    issued: 'Issued',
    period: (from, until) => (until === undefined ? `${from}, no end date` : `${from} to ${until}`),
    snapshot: (on, days) =>
      days === undefined ? `Facts as of ${on}` : `Facts as of ${on}, usually accepted for ${days} days`,
    secret: 'Not public',
    omitted: (count) => `${count} more ${count === 1 ? 'field was' : 'fields were'} not shown`,
    numberShowsNone: 'A number alone shows no content.',
  },
  managedBy: (name) => `now managed by ${name}`,
  asking: {
    label: 'Change where, for what or about which day to check',
    place: ['Checking in', ''],
    matter: 'for',
    heading: 'Where, for what, about which day',
    whichPlace: 'Presented in',
    whichMatter: 'Presented for',
    noMatter: 'Not named',
    whichDay: 'As things stood',
    today: 'today',
    otherDay: 'on an earlier day',
    dayNote: 'At noon that day (UTC+8), for the certificate at hand only: the next one is about today again.',
    more: 'More',
    height: 'Ledger height',
    heightNote:
      'By what the ledger held up to this height; empty is the newest. For the certificate at hand only, too.',
    done: 'Done',
    cancel: 'Cancel',
    onDay: (day) => `As things stood on ${day}`,
    atHeight: (height) => `By the ledger at height ${height}`,
    backToNow: 'Ask about today',
    asOfThen: (time) => `About then, not about today; by what was on record as of ${time}`,
  },
  recognition: {
    by: (agreement) => `Recognised under “${agreement}”`,
    agreement: 'Agreement',
    contact: 'Whom to ask',
    matters: 'Covers',
    state: 'State',
    why: { 'not-begun': 'not begun', ended: 'ended', suspended: 'suspended' },
    noRule: (home, here, type) => `No agreement between ${home} and ${here} covers “${type}”.`,
    chooseMatter: 'Choose the matter',
  },
  basis: 'Basis',
  duration: (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`,
  listedAsOf: (time, age) => `Checked offline: status as of ${time}, ${age} ago`,
  timeWithAge: (time, age) => `${time}, ${age} ago`,
  bound: 'May be at most',
  listEnd: 'List good until',
  code: 'Code',
  list: 'Status list',
  parts: {
    heading: 'How it was checked',
    hereNote: (domain, time, age) =>
      `By this device, against the trust list that ${domain} signed, as of ${time}${age === undefined ? '' : `, ${age} ago`}.`,
    serverNote: 'From the server’s reading of the ledger; this device cannot confirm it by itself.',
    serverNumberNote: 'With a number alone, all of this is the server’s answer.',
    serverSilent: 'The server did not answer.',
    serverNotAsked: 'The server was not asked.',
    openNote: 'Not checked does not mean that anything is wrong.',
    person: 'Who the person before you is: check that separately.',
  },
  anchoredBy: (domain) => `${domain} attests that it is on record`,
  firstKey: 'The signing key is the body’s first: no older key vouches for it',
  date: (year, month, day) => `${day} ${months[month - 1]} ${year}`,
  time: (date, clock) => `${date}, ${clock} (UTC+8)`,
  colon: ': ',
  comma: ', ',
};

const table: { readonly [language in Language]: PageWords } = { zh, en };

export function wordsOf(language: Language): PageWords {
  return table[language];
}

/** The ledger's own words, in the language of the page. */
export function pick(words: Words, language: Language): string {
  return words[language];
}
