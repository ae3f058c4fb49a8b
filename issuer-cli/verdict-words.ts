/** How a verdict's word is marked on a terminal, and the short names that tables need. The words themselves are core's. */
import type { Act, CheckName, Status, VerdictWord, Words } from '@yinxin/core';
import type { Tone } from './terminal.ts';

/** `good` only for what `conclude` returned as valid. */
export const verdictMarks: { readonly [word in VerdictWord]: readonly [shape: string, tone: Tone] } = {
  valid: ['✓', 'good'],
  validNegative: ['✓', 'caution'],
  validConclusionHidden: ['✓', 'caution'],
  revoked: ['✗', 'bad'],
  cancelled: ['✗', 'bad'],
  withdrawn: ['✗', 'bad'],
  forfeited: ['✗', 'bad'],
  notGenuine: ['✗', 'bad'],
  wrongIssuer: ['✗', 'bad'],
  notOnLedger: ['✗', 'bad'],
  expired: ['!', 'caution'],
  notYetValid: ['!', 'caution'],
  superseded: ['!', 'caution'],
  suspended: ['!', 'caution'],
  codeExpired: ['!', 'caution'],
  notRecognised: ['!', 'caution'],
  unreadable: ['?', 'unsure'],
  unsure: ['?', 'unsure'],
};

/** Names of the checks, where many stand in one line. */
export const checkNameWords: { readonly [name in CheckName]: Words } = {
  format: { zh: '格式', en: 'format' },
  integrity: { zh: '内容', en: 'content' },
  signature: { zh: '签名', en: 'signature' },
  issuer: { zh: '颁发资格', en: 'entitlement' },
  anchor: { zh: '存证', en: 'record' },
  status: { zh: '状态', en: 'status' },
  validity: { zh: '有效期', en: 'dates' },
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
