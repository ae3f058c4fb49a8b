/** The part of a certificate that is judged whatever way it was presented. */
import type { Body, CalendarDate, CertificateType, Instant } from './model.ts';

/** What is judged after origin: taken from the body, or for a number from the gateway's record. */
export interface Subject {
  readonly type: CertificateType;
  readonly issuer: string;
  readonly entry: number;
  readonly validFrom: CalendarDate;
  readonly validUntil: CalendarDate | null;
  readonly issuedAt: Instant;
}

export function toSubject(body: Body, type: CertificateType): Subject {
  const { issuer, entry, validFrom, validUntil, issuedAt } = body;
  return { type, issuer, entry, validFrom, validUntil, issuedAt };
}
