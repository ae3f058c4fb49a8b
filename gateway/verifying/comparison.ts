/** Verification by comparison: one joint match or none, and few attempts. */
import {
  type CertificateType,
  calendarDateAt,
  canonicalize,
  type FieldValue,
  type FieldValues,
  type Instant,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';

/** Failures per certificate and day, over everyone who asks. */
export const maxFailures = 5;

/** Counts failures by day of the calendar at UTC+08:00, in memory: a restart forgives, and only an operator can restart. */
export class FailureCounter {
  #day = '';
  readonly #failures = new Map<string, number>();

  #nameAt({ issuer, type, entry }: EntryRef, now: Instant): string {
    const day = calendarDateAt(now);
    if (day !== this.#day) this.#failures.clear();
    this.#day = day;
    return `${issuer}/${type}/${entry}`;
  }

  isExhausted(ref: EntryRef, now: Instant): boolean {
    return (this.#failures.get(this.#nameAt(ref, now)) ?? 0) >= maxFailures;
  }

  add(ref: EntryRef, now: Instant): void {
    const name = this.#nameAt(ref, now);
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
  }
}

export type Claims = { readonly [key: string]: FieldValue };

/** Whether a claim may be made is a matter of the type alone, so that it tells nothing of a certificate. @throws YinxinError CLAIMS_INVALID */
export function checkClaims(type: CertificateType, claims: Claims): void {
  const missing = type.claim.filter((key) => claims[key] === undefined);
  const unknown = Object.keys(claims).filter((key) => !type.fields.some((field) => field.key === key));
  if (missing.length > 0 || unknown.length > 0) throw new YinxinError('CLAIMS_INVALID', { missing });
}

/** All of them, exactly; every one is compared, whatever the others are. */
export function isMatch(claims: Claims, values: FieldValues): boolean {
  const differing = Object.entries(claims).filter(([key, claim]) => {
    const value = values[key];
    return value === undefined || canonicalize(value) !== canonicalize(claim);
  });
  return differing.length === 0;
}
