/** Reads the facts that a check carries: its maker may be a server, so nothing is taken for granted. */
import {
  type Check,
  type ErrorDetails,
  type Instant,
  isJsonObject,
  type Json,
  parseInstant,
  type Words,
} from '@yinxin/core';

export function readInstant(value: unknown): Instant | undefined {
  try {
    return typeof value === 'string' ? parseInstant(value) : undefined;
  } catch {
    return undefined;
  }
}

export function readWords(value: Json | undefined): Words | undefined {
  if (!isJsonObject(value)) return undefined;
  const { zh, en } = { zh: value['zh'], en: value['en'] };
  return typeof zh === 'string' && typeof en === 'string' ? { zh, en } : undefined;
}

/** What a check says beside its outcome. */
export function detailsOf(checks: readonly Check[], name: Check['check']): ErrorDetails {
  const check = checks.find((one) => one.check === name);
  return (check && check.outcome !== 'skipped' ? check.details : undefined) ?? {};
}
