/** A verdict explained: every check as a heading, a sentence and the facts it rests on; one list for page, command and API. */
import type { ExplainedCheck } from './api.ts';
import type { ErrorDetails } from './errors.ts';
import type { Check, CheckName } from './finding.ts';
import { isJsonObject } from './members.ts';
import type { Act, Instant, Json, Words } from './model.ts';
import { type Language, sentence } from './sentences.ts';
import { epochSeconds } from './time.ts';
import { checkWords, outcomeWords } from './verdict-words.ts';

/** What was looked at. */
export const checkTitles: { readonly [check in CheckName]: Words } = {
  format: { zh: '格式', en: 'Form' },
  integrity: { zh: '内容', en: 'Content' },
  signature: { zh: '签名', en: 'Signature' },
  issuer: { zh: '颁发资格', en: 'Entitlement' },
  anchor: { zh: '存证', en: 'Record' },
  status: { zh: '状态', en: 'Status' },
  validity: { zh: '有效期', en: 'Dates' },
  recognition: { zh: '互认', en: 'Recognition' },
};

export const actWords: { readonly [act in Act | 'supersede']: Words } = {
  suspend: { zh: '暂停', en: 'suspended' },
  resume: { zh: '恢复', en: 'resumed' },
  cancel: { zh: '注销', en: 'cancelled' },
  revoke: { zh: '撤销', en: 'revoked' },
  withdraw: { zh: '撤回', en: 'withdrawn' },
  forfeit: { zh: '吊销', en: 'forfeited' },
  correct: { zh: '更正', en: 'corrected' },
  supersede: { zh: '换发', en: 'superseded' },
};

/** Facts of a check in the order in which they are told. Others (such as a region) are for programs. */
const evidenceWords = {
  name: { zh: '互认协议', en: 'Agreement' },
  agreement: { zh: '协议编号', en: 'Agreement id' },
  why: { zh: '协议现状', en: 'State' },
  matterNames: { zh: '适用事项', en: 'Matters' },
  matterName: { zh: '所办事项', en: 'Matter' },
  contact: { zh: '咨询与异议', en: 'Whom to ask' },
  act: { zh: '处理', en: 'Act' },
  basisName: { zh: '依据', en: 'Basis' },
  document: { zh: '文号', en: 'Document' },
  effective: { zh: '生效时间', en: 'Effective' },
  scheduledAct: { zh: '已决定', en: 'Decided' },
  scheduledFor: { zh: '届时生效', en: 'Takes effect' },
  scheduledBy: { zh: '决定文号', en: 'By document' },
  issuedAt: { zh: '颁发时间', en: 'Issued' },
  validFrom: { zh: '有效期起', en: 'First day' },
  validUntil: { zh: '有效期至', en: 'Last day' },
  issuerName: { zh: '颁发机构', en: 'Issuing body' },
  issuer: { zh: '机构代码', en: 'Body’s code' },
  closed: { zh: '撤并时间', en: 'Closed' },
  successorName: { zh: '承接机构', en: 'Successor' },
  successor: { zh: '承接机构代码', en: 'Successor’s code' },
  key: { zh: '密钥', en: 'Key' },
  compromisedFrom: { zh: '密钥失控自', en: 'Compromised from' },
  vouchedBy: { zh: '密钥来历', en: 'Key vouched for by' },
  at: { zh: '依据的时间', en: 'Judged at' },
  byName: { zh: '由谁证明', en: 'Told by' },
  by: { zh: '由谁证明', en: 'Told by' },
  block: { zh: '区块', en: 'Block' },
  txId: { zh: '交易', en: 'Transaction' },
  time: { zh: '账本时间', en: 'Ledger time' },
  height: { zh: '账本高度', en: 'Ledger height' },
  asOf: { zh: '信息截至', en: 'Known as of' },
  expired: { zh: '过期时间', en: 'Expired' },
} as const satisfies { readonly [fact: string]: Words };

const valueWords: { readonly [fact: string]: { readonly [value: string]: Words } } = {
  why: {
    'not-begun': { zh: '尚未生效', en: 'not begun' },
    ended: { zh: '已终止', en: 'ended' },
    suspended: { zh: '暂停执行', en: 'suspended' },
  },
  vouchedBy: {
    founding: { zh: '建网时登记', en: 'the founding of the network' },
    first: {
      zh: '首个或恢复的密钥，公示 24 小时后启用',
      en: 'nobody: a first or recovery key, in force after 24 hours',
    },
  },
  act: actWords,
  scheduledAct: actWords,
  by: { ledger: { zh: '账本', en: 'the ledger' } },
};

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const offsetSeconds = 8 * 3_600;

/** The clock on the wall in China, to the second. */
function formatLocalTime(instant: Instant): string {
  return new Date((epochSeconds(instant) + offsetSeconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function formatValue(fact: string, value: Json, language: Language): string {
  if (typeof value === 'string') {
    const words = valueWords[fact]?.[value];
    if (words) return words[language];
    return instantPattern.test(value) ? formatLocalTime(value as Instant) : value; // the pattern is an instant's
  }
  if (Array.isArray(value))
    return value.map((item: Json) => formatValue(fact, item, language)).join(language === 'zh' ? '、' : ', ');
  if (isJsonObject(value)) {
    const own = value[language];
    if (typeof own === 'string') return own;
    return Object.values(value)
      .map((item) => formatValue(fact, item, language))
      .join(' ');
  }
  return String(value);
}

function toEvidence(details: ErrorDetails | undefined, language: Language): ExplainedCheck['evidence'] {
  const facts = Object.keys(evidenceWords) as readonly (keyof typeof evidenceWords)[];
  return facts.flatMap((fact) => {
    const value = details?.[fact];
    const isNamed = fact === 'by' && details?.['byName'] !== undefined;
    if (value === undefined || value === null || isNamed) return [];
    return [{ label: evidenceWords[fact][language], value: formatValue(fact, value, language) }];
  });
}

const recognised: { readonly [rule: string]: Words } = {
  'own-domain': { zh: '在颁发机构所属的城市范围内，本来就适用', en: 'Presented in the issuing body’s own city' },
  'successor-domain': { zh: '由本地机构承接管理，在本地适用', en: 'Managed now by a body of this city' },
  agreement: { zh: '按互认协议在本地适用', en: 'Acceptable here by a recognition agreement' },
};

const end = (words: Words, language: Language) => `${words[language]}${language === 'zh' ? '。' : '.'}`;

function explainPassed({ check, details }: Extract<Check, { outcome: 'passed' }>, language: Language): string {
  const rule = check === 'recognition' ? details?.['rule'] : undefined;
  const words = (typeof rule === 'string' ? recognised[rule] : undefined) ?? checkWords[check].passed;
  return end(words, language);
}

function explainCheck(check: Check, language: Language): ExplainedCheck {
  const common = { check: check.check, outcome: check.outcome, title: checkTitles[check.check][language] };
  switch (check.outcome) {
    case 'skipped':
      return { ...common, sentence: end(outcomeWords.skipped, language), evidence: [] };
    case 'passed':
      return { ...common, sentence: explainPassed(check, language), evidence: toEvidence(check.details, language) };
    default: {
      const { code, details } = check;
      return { ...common, code, sentence: sentence(code, language).what, evidence: toEvidence(details, language) };
    }
  }
}

/** The checks in words, in their order. */
export function explainChecks(checks: readonly Check[], language: Language): readonly ExplainedCheck[] {
  return checks.map((check) => explainCheck(check, language));
}
