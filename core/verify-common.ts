/** The checks that do not depend on how a certificate was presented: issuer, status, validity, recognition. */
import type { ErrorCode, ErrorDetails } from './errors.ts';
import { type Check, type CheckName, doubt, fail, pass, skip } from './finding.ts';
import type { AnchoredClaims, LedgerKnowledge } from './ledger-model.ts';
import type { Instant, RecordedChange } from './model.ts';
import { changeAt } from './status.ts';
import type { Subject } from './subject.ts';
import { epochSeconds } from './time.ts';
import { findEntitlementFault, isTrustExpired, type Trust } from './trust.ts';
import { validityAt } from './validity.ts';

/** Data that was gathered before verifying. Each member may be missing; then what depends on it is inconclusive. */
export interface Lookups {
  /** What a reader of the ledger says of the entry. */
  readonly ledger?: LedgerKnowledge;
  /** The file's `anchored`, after its signature was looked at (core/jose.ts). */
  readonly anchored?: AnchoredOutcome;
  /** For a number: what the gateway's record says. */
  readonly record?: Subject;
  /** Signatures found good before. Only that: nothing that depends on time is ever kept. */
  readonly signatures?: SignatureMemo;
}

export interface SignatureMemo {
  has(name: string): boolean;
  add(name: string): void;
}

/** Remembers the last `most` good signatures. */
export function createSignatureMemo(most = 1024): SignatureMemo {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.add(name);
      if (names.size <= most) return;
      for (const oldest of names) {
        names.delete(oldest);
        return;
      }
    },
  };
}

export type AnchoredOutcome =
  | { readonly outcome: 'verified'; readonly claims: AnchoredClaims }
  | { readonly outcome: 'invalid' }
  /** Signed by a list key that this trust list does not have. */
  | { readonly outcome: 'unknown-key' };

export interface Moment {
  readonly now: Instant;
  readonly at: Instant | undefined;
}

/** When the certificate was anchored, by the ledger or by another domain's word; never by the statement's. */
export function anchorTime(lookups: Lookups): Instant | undefined {
  if (lookups.ledger?.anchor) return lookups.ledger.anchor.time;
  return lookups.anchored?.outcome === 'verified' ? lookups.anchored.claims.time : undefined;
}

/** What the registry does not hold: wrong, unless the certificate is newer than this copy of the registry; then nobody can say yet. */
export function judgeUnknown(
  check: CheckName,
  code: ErrorCode,
  { issuedAt }: { readonly issuedAt: Instant },
  trust: Trust,
  details: ErrorDetails = {},
): Check {
  if (issuedAt > trust.asOf) return doubt(check, 'TRUST_OUTDATED', { ...details, asOf: trust.asOf });
  return fail(check, code, details);
}

/** Entitled to this type, at the time of anchoring; for a code without the ledger, at the time of issue that it states. */
export function verifyIssuer(subject: Subject, trust: Trust, now: Instant, lookups: Lookups): Check {
  if (isTrustExpired(trust, now)) return doubt('issuer', 'TRUST_EXPIRED', { expired: trust.expires });
  const at = anchorTime(lookups) ?? subject.issuedAt;
  const entitlement = trust.entitlement(subject.issuer, subject.type.type);
  const fault = findEntitlementFault(trust.issuer(subject.issuer), entitlement, at);
  const details = { issuer: subject.issuer, type: subject.type.type, at };
  if (fault) return judgeUnknown('issuer', fault, { issuedAt: at }, trust, details);
  return pass('issuer', { ...details, region: entitlement?.region ?? '' });
}

function describe(change: RecordedChange) {
  const { act, basis, document, effective, sequence, by } = change;
  return { act, basis, document, effective, sequence, by };
}

export function verifyStatus(subject: Subject, { now, at }: Moment, lookups: Lookups): Check {
  const ledger = lookups.ledger;
  if (!ledger) return doubt('status', 'STATUS_UNKNOWN');
  if (!ledger.anchor) return doubt('status', 'LEDGER_BEHIND', { height: ledger.height });
  const change = changeAt(ledger.changes, at ?? now);
  const known = { asOf: ledger.asOf, height: ledger.height };
  if (change && change.to !== 'ACTIVE') return fail('status', change.to, { ...describe(change), ...known });
  const age = epochSeconds(now) - epochSeconds(ledger.asOf);
  if (age > subject.type.statusMaxAgeSeconds) return doubt('status', 'STATUS_STALE', known);
  return pass('status', known);
}

export function verifyValidity(subject: Subject, { now, at }: Moment): Check {
  const dates = { validFrom: subject.validFrom, validUntil: subject.validUntil };
  const state = validityAt(subject, at ?? now);
  if (state === 'expired') return fail('validity', 'EXPIRED', dates);
  if (state === 'not-yet-valid') return fail('validity', 'NOT_YET_VALID', dates);
  return pass('validity', dates);
}

/** Recognised where it is presented: in its own domain always; elsewhere by an agreement, of which the ledger knows none yet. */
export function verifyRecognition(subject: Subject, trust: Trust, domain: string | undefined): Check {
  if (domain === undefined) return skip('recognition');
  const home = trust.domain(trust.issuer(subject.issuer)?.domain ?? '');
  if (home && (domain === home.domain || domain.startsWith(home.region))) {
    return pass('recognition', { rule: 'own-domain', domain: home.domain });
  }
  return fail('recognition', 'NOT_RECOGNISED', { domain });
}
