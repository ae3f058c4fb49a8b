/** The words of a verdict, in one table: what a clerk reads aloud is the same on page and command. */
import { isNegativeConclusion } from './catalogue.ts';
import type { Verdict } from './conclude.ts';
import type { ErrorCode } from './errors.ts';
import type { FieldValues } from './fields.ts';
import type { Check, CheckName } from './finding.ts';
import type { CertificateType, Words } from './model.ts';
import { type Language, type Sentence, sentence } from './sentences.ts';

/** The word of a verdict as a name, one for each look. */
export type VerdictWord = keyof typeof verdictWords;

export const verdictWords = {
  valid: { zh: '有效', en: 'Valid' },
  validNegative: { zh: '真实有效', en: 'Genuine, in force' },
  validConclusionHidden: { zh: '真实有效', en: 'Genuine, in force' },
  revoked: { zh: '无效 · 已撤销', en: 'Invalid · revoked' },
  cancelled: { zh: '无效 · 已注销', en: 'Invalid · cancelled' },
  withdrawn: { zh: '无效 · 已撤回', en: 'Invalid · withdrawn' },
  forfeited: { zh: '无效 · 已吊销', en: 'Invalid · forfeited' },
  ended: { zh: '无效 · 已终止', en: 'Invalid · ended' },
  keyCompromised: { zh: '无效 · 签发密钥已失控', en: 'Invalid · key compromised' },
  notGenuine: { zh: '无效 · 内容或签名不符', en: 'Invalid · not genuine' },
  wrongIssuer: { zh: '无效 · 颁发资格不符', en: 'Invalid · not entitled' },
  notOnLedger: { zh: '无效 · 账本没有存证', en: 'Invalid · not on record' },
  expired: { zh: '已过期', en: 'Expired' },
  notYetValid: { zh: '未生效', en: 'Not yet valid' },
  notYetIssued: { zh: '当时尚未颁发', en: 'Not yet issued then' },
  superseded: { zh: '已换发', en: 'Superseded' },
  suspended: { zh: '已暂停', en: 'Suspended' },
  codeExpired: { zh: '二维码已过期', en: 'Code expired' },
  notRecognised: { zh: '真实 · 本地不予互认', en: 'Genuine · not recognised here' },
  notRecognisedHere: { zh: '本地不予互认', en: 'Not recognised here' },
  unreadable: { zh: '无法读取', en: 'Could not read it' },
  unsure: { zh: '无法确认', en: 'Could not check' },
} as const satisfies { readonly [word: string]: Words };

/** What a certificate that may say no (`不合格`) says, as far as it was shown. */
export type Conclusion =
  | { readonly kind: 'none' | 'positive' | 'hidden' }
  | { readonly kind: 'negative'; readonly value: string | undefined };

/** Reads it from the fields that were presented. */
export function readConclusion(type: CertificateType, values: FieldValues): Conclusion {
  if (!type.conclusion) return { kind: 'none' };
  const value = values[type.conclusion.field];
  if (typeof value !== 'string') return { kind: 'hidden' };
  return isNegativeConclusion(type, values) ? { kind: 'negative', value } : { kind: 'positive' };
}

const byReason: { readonly [code in ErrorCode]?: VerdictWord } = {
  REVOKED: 'revoked',
  CANCELLED: 'cancelled',
  WITHDRAWN: 'withdrawn',
  FORFEITED: 'forfeited',
  ENDED: 'ended',
  KEY_COMPROMISED: 'keyCompromised',
  NOT_YET_ISSUED: 'notYetIssued',
  EXPIRED: 'expired',
  NOT_YET_VALID: 'notYetValid',
  CODE_EXPIRED: 'codeExpired',
  SUPERSEDED: 'superseded',
  SUSPENDED: 'suspended',
  NOT_RECOGNISED: 'notRecognised',
  MATTER_NOT_COVERED: 'notRecognised',
  AGREEMENT_NOT_IN_FORCE: 'notRecognised',
};

const byConclusion: { readonly [kind in Conclusion['kind']]: VerdictWord } = {
  none: 'valid',
  positive: 'valid',
  negative: 'validNegative',
  hidden: 'validConclusionHidden',
};

/** What could not even be read (a wrong file, a product's bar code, a mistyped number) accuses nobody. */
function chooseInvalidWord({ check, reason, genuine }: Verdict): VerdictWord {
  const word = reason === 'VALID' ? undefined : byReason[reason];
  if (check === 'format') return 'unreadable';
  if (word === 'notRecognised' && genuine !== 'yes') return 'notRecognisedHere';
  if (word) return word;
  if (check === 'issuer') return 'wrongIssuer';
  return check === 'anchor' ? 'notOnLedger' : 'notGenuine';
}

/** The word for a verdict: never a plain yes for a certificate that says no, or whose conclusion was left out. */
export function chooseVerdictWord(verdict: Verdict, conclusion: Conclusion): VerdictWord {
  switch (verdict.verdict) {
    case 'valid':
      return byConclusion[conclusion.kind];
    case 'indeterminate':
      return 'unsure';
    case 'invalid':
      return chooseInvalidWord(verdict);
  }
}

/** The second half of the word, where a certificate carries a conclusion: `结论：不合格`. */
export function formatConclusion(word: VerdictWord, conclusion: Conclusion, language: Language): string | undefined {
  const zh = language === 'zh';
  if (word === 'validConclusionHidden') return zh ? '结论未出示' : 'Conclusion not shown';
  if (word !== 'validNegative' || conclusion.kind !== 'negative') return undefined;
  if (conclusion.value === undefined) return zh ? '结论为否定' : 'Conclusion: negative';
  return `${zh ? '结论：' : 'Conclusion: '}${conclusion.value}`;
}

type Both = { readonly [language in Language]: Sentence };

const validSentence: Both = {
  zh: {
    what: '内容、签名、颁发资格、存证、状态和有效期都已查验。',
    next: '请核对照面内容与来人、来件是否一致。',
  },
  en: {
    what: 'Content, signature, entitlement, record, status and dates all hold.',
    next: 'Compare it with the person and the matter before you.',
  },
};

const validByNumber: Both = {
  zh: {
    what: '颁发机构登记的这份证照目前有效。',
    next: '只凭号码没有查验出示的那一份：请逐项核对，或改扫它的二维码。',
  },
  en: {
    what: 'The certificate recorded under this number is in force.',
    next: 'A number does not check the copy presented: compare the two, or scan its code.',
  },
};

const validNegative: Both = {
  zh: { what: '证照属实并在有效期内，但它的结论是否定的。', next: '请按结论办理，不要当作通过。' },
  en: {
    what: 'It is genuine and in force, and what it says is no.',
    next: 'Act on the conclusion; do not take it for a pass.',
  },
};

const validConcealed: Both = {
  zh: { what: '证照属实并在有效期内，但没有出示结论。', next: '请持证人出示含结论的文件，再作决定。' },
  en: {
    what: 'It is genuine and in force, but its conclusion was not shown.',
    next: 'Ask for a file that shows the conclusion before deciding.',
  },
};

/** What was found, and what to do next. */
export function explainVerdict(
  { reason }: Verdict,
  word: VerdictWord,
  kind: 'file' | 'code' | 'number',
  language: Language,
): Sentence {
  if (reason !== 'VALID') return sentence(reason, language);
  if (word === 'validNegative') return validNegative[language];
  if (word === 'validConclusionHidden') return validConcealed[language];
  return (kind === 'number' ? validByNumber : validSentence)[language];
}

/** Said before the content of what is not genuine. */
export const claimedWords: Words = {
  zh: '它自称是下面这份证照，未经证实，不能采信。',
  en: 'It claims to be the following; none of it is proven.',
};

/** Whether it is what its issuer made, said beside a verdict that is not plain. */
export const genuineWords: { readonly [genuine in Verdict['genuine']]: Words } = {
  yes: { zh: '证照本身真实，未被改动。', en: 'The certificate itself is genuine and unaltered.' },
  no: { zh: '不能证明由所写机关签发。', en: 'It is not proven to be what the body named issued.' },
  unknown: { zh: '真假尚未确认。', en: 'Whether it is genuine is not known.' },
};

export const outcomeWords: { readonly [outcome in Check['outcome']]: Words } = {
  passed: { zh: '通过', en: 'Passed' },
  failed: { zh: '不通过', en: 'Failed' },
  inconclusive: { zh: '无法确认', en: 'Could not check' },
  skipped: { zh: '没有查验', en: 'Not checked' },
};

/** Each check as a line: when it passed, and when it was not made. */
export const checkWords: { readonly [check in CheckName]: { readonly passed: Words; readonly open: Words } } = {
  format: { passed: { zh: '格式正确', en: 'Well formed' }, open: { zh: '格式', en: 'Its form' } },
  integrity: {
    passed: { zh: '内容与签发时一致', en: 'Content is as issued' },
    open: { zh: '照面内容是否被改动', en: 'Whether its content was altered' },
  },
  signature: {
    passed: { zh: '签发机关的签名成立', en: 'The issuing body’s signature holds' },
    open: { zh: '签发机关的签名', en: 'The issuing body’s signature' },
  },
  issuer: {
    passed: { zh: '该机关有权颁发这种证照', en: 'The body is entitled to issue this type' },
    open: { zh: '该机关是否有权颁发', en: 'Whether the body is entitled' },
  },
  anchor: {
    passed: { zh: '账本上有这份证照的存证', en: 'On record in the ledger' },
    open: { zh: '账本上有无存证', en: 'Whether the ledger has it on record' },
  },
  status: {
    passed: { zh: '没有撤销、注销、暂停或换发', en: 'Not revoked, cancelled, suspended or superseded' },
    open: { zh: '目前的状态', en: 'Its present status' },
  },
  validity: { passed: { zh: '在有效期内', en: 'Within its dates' }, open: { zh: '有效期', en: 'Its dates' } },
  recognition: {
    passed: { zh: '在本地适用', en: 'Acceptable here' },
    open: { zh: '是否属于本地互认范围', en: 'Whether it is recognised here' },
  },
};

/** Labels of the facts that decided. */
export const factWords = {
  document: { zh: '文号', en: 'Document' },
  effective: { zh: '生效日期', en: 'Since' },
  lastDay: { zh: '有效期至', en: 'Last day' },
  firstDay: { zh: '生效日期', en: 'First day' },
  successor: { zh: '新证', en: 'Reissue' },
  codeExpired: { zh: '过期时间', en: 'Expired at' },
  purpose: { zh: '限用于', en: 'Only for' },
  addressee: { zh: '限出示给', en: 'Only to' },
  knownAt: { zh: '状态信息截至', en: 'Status known as of' },
} as const satisfies { readonly [fact: string]: Words };

/** Who made which checks. */
export const sourceWords = {
  here: { zh: '本机查验', en: 'Checked here' },
  server: { zh: '服务器补充', en: 'Added by the server' },
  open: { zh: '没有查验', en: 'Not checked' },
} as const satisfies { readonly [source: string]: Words };
