/** What a check of the doctor found: of which subject, how it stands, and what to do about it. */
import type { Words } from '@yinxin/core';

/** In the order in which they are told. */
export const checkIds = [
  'programs',
  'processes',
  'ports',
  'tls',
  'expiry',
  'msp',
  'keys',
  'genesis',
  'heights',
  'orderers',
  'anchors',
  'membership',
  'endorsement',
  'approval',
  'contract-build',
  'contract-id',
  'answers',
  'clock',
  'disk',
  'memory',
] as const;
export type CheckId = (typeof checkIds)[number];

/** `warning`: works today. `skipped`: not looked at, and `found` says why. */
export type State = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  readonly check: CheckId;
  /** A node (`peer.chengdu`), an organisation (`ChengduMSP`), the channel or this machine. */
  readonly subject: string;
  readonly state: State;
  readonly found: Words;
  /** What to do: of every failure and warning. */
  readonly advice?: Words;
}

export function words(zh: string, en: string): Words {
  return { zh, en };
}

/** The same in both languages. */
export function plain(text: string): Words {
  return { zh: text, en: text };
}

/** Makes the findings of one check. */
export interface Reporter {
  ok(subject: string, found: Words): Finding;
  warning(subject: string, found: Words, advice: Words): Finding;
  failed(subject: string, found: Words, advice: Words): Finding;
  skipped(subject: string, why: Words): Finding;
}

export function reporterOf(check: CheckId): Reporter {
  return {
    ok: (subject, found) => ({ check, subject, state: 'ok', found }),
    warning: (subject, found, advice) => ({ check, subject, state: 'warning', found, advice }),
    failed: (subject, found, advice) => ({ check, subject, state: 'failed', found, advice }),
    skipped: (subject, found) => ({ check, subject, state: 'skipped', found }),
  };
}
