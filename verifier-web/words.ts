/** Every word that is the page's own, in each language: a missing one is a build error. Sentences of codes come from core. */
import type { CheckName, Language, Words } from '@yinxin/core';

export type { Language };

/** What happened, and what to do next. */
export interface Sentence {
  readonly what: string;
  readonly next: string;
}

/** The words of the verdict, one for each look. */
export type VerdictWord =
  | 'valid'
  | 'validNegative'
  | 'validConclusionHidden'
  | 'revoked'
  | 'cancelled'
  | 'withdrawn'
  | 'forfeited'
  | 'notGenuine'
  | 'wrongIssuer'
  | 'notOnLedger'
  | 'expired'
  | 'notYetValid'
  | 'superseded'
  | 'suspended'
  | 'codeExpired'
  | 'notRecognised'
  | 'unreadable'
  | 'unsure';

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
  readonly verdict: { readonly [word in VerdictWord]: string };
  readonly conclusion: (value: string) => string;
  readonly conclusionNegative: string;
  readonly conclusionHidden: string;
  readonly valid: Sentence;
  readonly validByNumber: Sentence;
  readonly negative: Sentence;
  readonly concealed: Sentence;
  readonly genuineYes: string;
  readonly next: string;
  readonly statusAsOf: (time: string) => string;
  readonly particulars: {
    readonly document: string;
    readonly effective: string;
    readonly validUntil: string;
    readonly validFrom: string;
    readonly successor: string;
    readonly expired: string;
    readonly knownAt: string;
  };
  readonly checkSuccessor: string;
  readonly certificate: {
    readonly heading: string;
    readonly claimed: string;
    readonly number: string;
    readonly issued: string;
    readonly period: (from: string, until: string | undefined) => string;
    readonly snapshot: (on: string, days: number | undefined) => string;
    readonly secret: string;
    readonly omitted: (count: number) => string;
    readonly numberShowsNone: string;
  };
  readonly parts: {
    readonly heading: string;
    readonly here: string;
    readonly hereNote: (domain: string, time: string) => string;
    readonly server: string;
    readonly serverNote: string;
    readonly serverNumberNote: string;
    readonly serverSilent: string;
    readonly serverNotAsked: string;
    readonly open: string;
    readonly openNote: string;
    readonly person: string;
  };
  readonly outcomes: {
    readonly passed: string;
    readonly failed: string;
    readonly inconclusive: string;
    readonly skipped: string;
  };
  readonly checks: { readonly [check in CheckName]: { readonly passed: string; readonly skipped: string } };
  readonly anchoredBy: (domain: string) => string;
  readonly block: (block: number, time: string) => string;
  readonly firstKey: string;
  readonly date: (year: number, month: number, day: number) => string;
  readonly time: (date: string, clock: string) => string;
  readonly colon: string;
}

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
  verdict: {
    valid: '有效',
    validNegative: '真实有效',
    validConclusionHidden: '真实有效',
    revoked: '无效 · 已撤销',
    cancelled: '无效 · 已注销',
    withdrawn: '无效 · 已撤回',
    forfeited: '无效 · 已吊销',
    notGenuine: '无效 · 内容或签名不符',
    wrongIssuer: '无效 · 颁发资格不符',
    notOnLedger: '无效 · 账本没有存证',
    expired: '已过期',
    notYetValid: '未生效',
    superseded: '已换发',
    suspended: '已暂停',
    codeExpired: '二维码已过期',
    notRecognised: '真实 · 本地不予互认',
    unreadable: '无法读取',
    unsure: '无法确认',
  },
  conclusion: (value) => `结论：${value}`,
  conclusionNegative: '结论为否定',
  conclusionHidden: '结论未出示',
  valid: { what: '内容、签名、颁发资格、存证、状态和有效期都已查验。', next: '请核对照面内容与来人、来件是否一致。' },
  validByNumber: {
    what: '颁发机构登记的这份证照目前有效。',
    next: '号码不含照面内容：请与出示的证照逐项核对，或改扫二维码。',
  },
  negative: { what: '证照属实并在有效期内，但它的结论是否定的。', next: '请按结论办理，不要当作通过。' },
  concealed: { what: '证照属实并在有效期内，但没有出示结论。', next: '请持证人出示含结论的文件，再作决定。' },
  genuineYes: '证照本身真实，未被改动。',
  next: '下一步',
  statusAsOf: (time) => `状态截至 ${time}`,
  particulars: {
    document: '文书号',
    effective: '生效日期',
    validUntil: '有效期至',
    validFrom: '生效日期',
    successor: '新证',
    expired: '过期时间',
    knownAt: '状态信息截至',
  },
  checkSuccessor: '查验新证',
  certificate: {
    heading: '照面内容',
    claimed: '它自称是下面这份证照，未经证实，不能采信。',
    number: '证照标识',
    issued: '签发',
    period: (from, until) => `有效期 ${from} 至 ${until ?? '长期'}`,
    snapshot: (on, days) => (days === undefined ? `所载事实截至 ${on}` : `所载事实截至 ${on}，通常 ${days} 天内采用`),
    secret: '不公开',
    omitted: (count) => `另有 ${count} 项没有出示`,
    numberShowsNone: '只凭号码不显示照面内容。',
  },
  parts: {
    heading: '查验经过',
    here: '本机查验',
    hereNote: (domain, time) => `由这台设备按${domain}签发的信任清单查验，清单截至 ${time}。`,
    server: '服务器补充',
    serverNote: '由服务器读取账本得到，本机未能自行核实。',
    serverNumberNote: '只有号码时，以下都是服务器的回答。',
    serverSilent: '服务器没有回答。',
    serverNotAsked: '没有询问服务器。',
    open: '没有查验',
    openNote: '没有查验不等于有问题。',
    person: '持证人的身份：请另行核对。',
  },
  outcomes: { passed: '通过', failed: '不通过', inconclusive: '无法确认', skipped: '没有查验' },
  checks: {
    format: { passed: '格式正确', skipped: '格式' },
    integrity: { passed: '内容与签发时一致', skipped: '照面内容是否被改动' },
    signature: { passed: '签发机关的签名成立', skipped: '签发机关的签名' },
    issuer: { passed: '该机关有权颁发这种证照', skipped: '该机关是否有权颁发' },
    anchor: { passed: '账本上有这份证照的存证', skipped: '账本上有无存证' },
    status: { passed: '没有撤销、注销、暂停或换发', skipped: '目前的状态' },
    validity: { passed: '在有效期内', skipped: '有效期' },
    recognition: { passed: '在本地适用', skipped: '是否属于本地互认范围' },
  },
  anchoredBy: (domain) => `${domain}出具的存证回执成立`,
  block: (block, time) => `第 ${block} 区块，${time}`,
  firstKey: '签名密钥由机关首次登记，没有旧密钥担保',
  date: (year, month, day) => `${year}年${month}月${day}日`,
  time: (date, clock) => `${date} ${clock}`,
  colon: '：',
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
  verdict: {
    valid: 'Valid',
    validNegative: 'Genuine, in force',
    validConclusionHidden: 'Genuine, in force',
    revoked: 'Invalid · revoked',
    cancelled: 'Invalid · cancelled',
    withdrawn: 'Invalid · withdrawn',
    forfeited: 'Invalid · forfeited',
    notGenuine: 'Invalid · not genuine',
    wrongIssuer: 'Invalid · not entitled',
    notOnLedger: 'Invalid · not on record',
    expired: 'Expired',
    notYetValid: 'Not yet valid',
    superseded: 'Superseded',
    suspended: 'Suspended',
    codeExpired: 'Code expired',
    notRecognised: 'Genuine · not recognised here',
    unreadable: 'Could not read it',
    unsure: 'Could not check',
  },
  conclusion: (value) => `Conclusion: ${value}`,
  conclusionNegative: 'Conclusion: negative',
  conclusionHidden: 'Conclusion not shown',
  valid: {
    what: 'Content, signature, entitlement, record, status and dates all hold.',
    next: 'Compare it with the person and the matter before you.',
  },
  validByNumber: {
    what: 'The certificate recorded under this number is in force.',
    next: 'A number carries no content: compare it with what is presented, or scan the code.',
  },
  negative: {
    what: 'It is genuine and in force, and what it says is no.',
    next: 'Act on the conclusion; do not take it for a pass.',
  },
  concealed: {
    what: 'It is genuine and in force, but its conclusion was not shown.',
    next: 'Ask for a file that shows the conclusion before deciding.',
  },
  genuineYes: 'The certificate itself is genuine and unaltered.',
  next: 'Next',
  statusAsOf: (time) => `Status as of ${time}`,
  particulars: {
    document: 'Document',
    effective: 'Since',
    validUntil: 'Last day',
    validFrom: 'First day',
    successor: 'Reissue',
    expired: 'Expired at',
    knownAt: 'Status known as of',
  },
  checkSuccessor: 'Check the reissue',
  certificate: {
    heading: 'What it says',
    claimed: 'It claims to be the following; none of it is proven.',
    number: 'Certificate number',
    issued: 'Issued',
    period: (from, until) => (until === undefined ? `${from}, no end date` : `${from} to ${until}`),
    snapshot: (on, days) =>
      days === undefined ? `Facts as of ${on}` : `Facts as of ${on}, usually accepted for ${days} days`,
    secret: 'Not public',
    omitted: (count) => `${count} more ${count === 1 ? 'field was' : 'fields were'} not shown`,
    numberShowsNone: 'A number alone shows no content.',
  },
  parts: {
    heading: 'How it was checked',
    here: 'Checked here',
    hereNote: (domain, time) => `By this device, against the trust list that ${domain} signed, as of ${time}.`,
    server: 'Added by the server',
    serverNote: 'From the server’s reading of the ledger; this device cannot confirm it by itself.',
    serverNumberNote: 'With a number alone, all of this is the server’s answer.',
    serverSilent: 'The server did not answer.',
    serverNotAsked: 'The server was not asked.',
    open: 'Not checked',
    openNote: 'Not checked does not mean that anything is wrong.',
    person: 'Who the person before you is: check that separately.',
  },
  outcomes: { passed: 'Passed', failed: 'Failed', inconclusive: 'Could not check', skipped: 'Not checked' },
  checks: {
    format: { passed: 'Well formed', skipped: 'Its form' },
    integrity: { passed: 'Content is as issued', skipped: 'Whether its content was altered' },
    signature: { passed: 'The issuing body’s signature holds', skipped: 'The issuing body’s signature' },
    issuer: { passed: 'The body is entitled to issue this type', skipped: 'Whether the body is entitled' },
    anchor: { passed: 'On record in the ledger', skipped: 'Whether the ledger has it on record' },
    status: { passed: 'Not revoked, cancelled, suspended or superseded', skipped: 'Its present status' },
    validity: { passed: 'Within its dates', skipped: 'Its dates' },
    recognition: { passed: 'Acceptable here', skipped: 'Whether it is recognised here' },
  },
  anchoredBy: (domain) => `${domain} attests that it is on record`,
  block: (block, time) => `Block ${block}, ${time}`,
  firstKey: 'The signing key is the body’s first: no older key vouches for it',
  date: (year, month, day) => `${day} ${months[month - 1]} ${year}`,
  time: (date, clock) => `${date}, ${clock} (UTC+8)`,
  colon: ': ',
};

const table: { readonly [language in Language]: PageWords } = { zh, en };

export function wordsOf(language: Language): PageWords {
  return table[language];
}

/** The ledger's own words, in the language of the page. */
export function pick(words: Words, language: Language): string {
  return words[language];
}
