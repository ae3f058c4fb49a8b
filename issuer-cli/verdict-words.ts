/** How a verdict's word is marked on a terminal, and the short names that tables need. The words themselves are core's. */
import { actWords, type Status, type VerdictWord, type Words } from '@yinxin/core';
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
  ended: ['✗', 'bad'],
  keyCompromised: ['✗', 'bad'],
  notGenuine: ['✗', 'bad'],
  wrongIssuer: ['✗', 'bad'],
  notOnLedger: ['✗', 'bad'],
  expired: ['!', 'caution'],
  notYetValid: ['!', 'caution'],
  notYetIssued: ['!', 'caution'],
  superseded: ['!', 'caution'],
  suspended: ['!', 'caution'],
  codeExpired: ['!', 'caution'],
  notRecognised: ['!', 'caution'],
  notRecognisedHere: ['!', 'caution'],
  unreadable: ['?', 'unsure'],
  unsure: ['?', 'unsure'],
};

/** Of a certificate, in a sentence or a table. */
export const statusWords: { readonly [name in Status]: Words } & { readonly [name: string]: Words | undefined } = {
  ACTIVE: { zh: '正常', en: 'in force' },
  SUSPENDED: { zh: '已暂停', en: 'suspended' },
  SUPERSEDED: { zh: '已换发', en: 'superseded' },
  CANCELLED: { zh: '已注销', en: 'cancelled' },
  REVOKED: { zh: '已撤销', en: 'revoked' },
  WITHDRAWN: { zh: '已撤回', en: 'withdrawn' },
  FORFEITED: { zh: '已吊销', en: 'forfeited' },
};

const actsByName: { readonly [name: string]: Words | undefined } = actWords;

/** Words of an act or of a supersession, in the past tense; undefined for anything else. */
export function findActWords(name: string): Words | undefined {
  return actsByName[name];
}
