/** The words of a verdict: one for the clerk to read aloud, whatever the page, the command or the API shows. */
import type { Act, CheckName, Status, Verdict, Words } from '@yinxin/core';
import type { Tone } from './terminal.ts';

export interface VerdictWords {
  readonly shape: string;
  readonly tone: Tone;
  readonly words: Words;
}

const ended = (zh: string, en: string): VerdictWords => ({
  shape: '✗',
  tone: 'bad',
  words: { zh: `无效 · ${zh}`, en: `Invalid · ${en}` },
});
const paused = (zh: string, en: string): VerdictWords => ({ shape: '!', tone: 'caution', words: { zh, en } });

const byReason: { readonly [reason: string]: VerdictWords } = {
  REVOKED: ended('已撤销', 'revoked'),
  CANCELLED: ended('已注销', 'cancelled'),
  WITHDRAWN: ended('已撤回', 'withdrawn'),
  FORFEITED: ended('已吊销', 'forfeited'),
  EXPIRED: paused('已过期', 'Expired'),
  NOT_YET_VALID: paused('未生效', 'Not yet valid'),
  SUPERSEDED: paused('已换发', 'Superseded'),
  SUSPENDED: paused('已暂停', 'Suspended'),
  CODE_EXPIRED: paused('二维码已过期', 'Code expired'),
  NOT_RECOGNISED: paused('真实 · 本地不予互认', 'Genuine · not recognised here'),
};

/** `negative` is what a certificate that says no concludes, such as 不合格. */
export function toVerdictWords(verdict: Verdict, negative?: string): VerdictWords {
  switch (verdict.verdict) {
    case 'valid':
      if (negative === undefined) return { shape: '✓', tone: 'good', words: { zh: '有效', en: 'Valid' } };
      return {
        shape: '✓',
        tone: 'caution',
        words: { zh: `真实有效 · 结论：${negative}`, en: `Genuine and in force · conclusion: ${negative}` },
      };
    case 'invalid':
      if (verdict.check === 'format') return ended('读不出证照', 'cannot be read as a certificate');
      return byReason[verdict.reason] ?? ended('内容或签名不符', 'content or signature does not hold');
    case 'indeterminate':
      return { shape: '?', tone: 'unsure', words: { zh: '无法确认', en: 'Could not be checked' } };
  }
}

export const genuineWords: { readonly [genuine in Verdict['genuine']]: Words } = {
  yes: { zh: '真实：确由所写机关签发，内容未被改动', en: 'genuine: issued by the body named, unaltered' },
  no: { zh: '不能证明由所写机关签发', en: 'not what the body named issued' },
  unknown: { zh: '真假尚未确认', en: 'not known whether it is genuine' },
};

export const checkWords: { readonly [name in CheckName]: Words } = {
  format: { zh: '格式', en: 'format' },
  integrity: { zh: '内容完整', en: 'integrity' },
  signature: { zh: '签名', en: 'signature' },
  issuer: { zh: '颁发资格', en: 'issuer' },
  anchor: { zh: '上链存证', en: 'anchor' },
  status: { zh: '状态', en: 'status' },
  validity: { zh: '有效期', en: 'validity' },
  recognition: { zh: '互认', en: 'recognition' },
};

type ByName<Name extends string> = { readonly [name in Name]: Words } & { readonly [name: string]: Words | undefined };

export const actWords: ByName<Act | 'supersede'> = {
  suspend: { zh: '暂停', en: 'suspended' },
  resume: { zh: '恢复', en: 'resumed' },
  cancel: { zh: '注销', en: 'cancelled' },
  revoke: { zh: '撤销', en: 'revoked' },
  withdraw: { zh: '撤回', en: 'withdrawn' },
  forfeit: { zh: '吊销', en: 'forfeited' },
  supersede: { zh: '换发', en: 'superseded' },
};

export const statusWords: ByName<Status> = {
  ACTIVE: { zh: '正常', en: 'in force' },
  SUSPENDED: { zh: '已暂停', en: 'suspended' },
  SUPERSEDED: { zh: '已换发', en: 'superseded' },
  CANCELLED: { zh: '已注销', en: 'cancelled' },
  REVOKED: { zh: '已撤销', en: 'revoked' },
  WITHDRAWN: { zh: '已撤回', en: 'withdrawn' },
  FORFEITED: { zh: '已吊销', en: 'forfeited' },
};
