/** The checks that do not depend on how a certificate was presented: issuer, status, validity. */
import type { ErrorCode, ErrorDetails } from './errors.ts';
import { type Check, type CheckName, doubt, fail, pass } from './finding.ts';
import type { KnownBatches } from './known-batches.ts';
import type { IssuerRow, KeyRow } from './ledger-model.ts';
import type { CertificateType, Instant, Json, RecordedChange } from './model.ts';
import { changeAt, decidingChange } from './status.ts';
import type { StatusList } from './status-list.ts';
import type { Subject } from './subject.ts';
import { epochSeconds, toInstant } from './time.ts';
import {
  findEntitlementFault,
  findEntitlementWindow,
  findKeyFault,
  issuerNameAt,
  standingChanges,
  type Trust,
} from './trust.ts';
import type { AnchoredClaims, LedgerKnowledge } from './trust-model.ts';
import { validityAt } from './validity.ts';

/** How far a signature's or list's time may lie ahead of the verifier's clock. */
export const clockSkewSeconds = 600;

/** Data that was gathered before verifying. Each member may be missing; then what depends on it is inconclusive. */
export interface Lookups {
  /** What a reader of the ledger says of the entry. */
  readonly ledger?: LedgerKnowledge;
  /** The file's `anchored`, after its signature was looked at (core/jose.ts). */
  readonly anchored?: AnchoredOutcome;
  /** Status lists at hand, verified (core/jose.ts); used only without the ledger. */
  readonly statusLists?: readonly StatusList[];
  /** For a number: what the gateway's record says. */
  readonly record?: Subject;
  /** Batches seen before, for speed alone. */
  readonly batches?: KnownBatches;
}

export type AnchoredOutcome =
  | { readonly outcome: 'verified'; readonly claims: AnchoredClaims }
  | { readonly outcome: 'invalid' }
  /** Signed by a list key that this trust list does not have. */
  | { readonly outcome: 'unknown-key' }
  /** Signed by a list key that is on record as compromised. */
  | { readonly outcome: 'compromised-key' };

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

/**
 * When the registry is too old to judge by, in epoch seconds. Without the ledger it may be no older than the type lets status knowledge be: it tells of
 * compromised keys, and a fresh status list must not hide that it does not.
 */
function findTrustEnd(trust: Trust, type: CertificateType, lookups: Lookups): number {
  const end = epochSeconds(trust.expires);
  return lookups.ledger ? end : Math.min(end, epochSeconds(trust.asOf) + type.statusMaxAgeSeconds);
}

function nameOf(row: IssuerRow | undefined, at: Instant): Json {
  const name = row && issuerNameAt(row, at);
  return name ? { zh: name.zh, en: name.en } : null;
}

/** Entitled to this type, at the time of anchoring; for a code without the ledger, at the time of issue that it states. */
export function verifyIssuer(subject: Subject, trust: Trust, now: Instant, lookups: Lookups): Check {
  const end = findTrustEnd(trust, subject.type, lookups);
  if (epochSeconds(now) > end) return doubt('issuer', 'TRUST_EXPIRED', { expired: toInstant(end), asOf: trust.asOf });
  const at = anchorTime(lookups) ?? subject.issuedAt;
  const issuer = trust.issuer(subject.issuer);
  const entitlement = trust.entitlement(subject.issuer, subject.type.type);
  const fault = findEntitlementFault(issuer, entitlement, at);
  const details = { issuer: subject.issuer, issuerName: nameOf(issuer, at), type: subject.type.type, at };
  if (fault) return judgeUnknown('issuer', fault, { issuedAt: at }, trust, details);
  const { closed } = issuer ?? {};
  const successor = closed && {
    closed: closed.at,
    successor: closed.successor,
    successorName: nameOf(trust.issuer(closed.successor ?? ''), now),
  };
  return pass('issuer', { ...details, region: findEntitlementWindow(entitlement, at)?.region ?? '', ...successor });
}

/** A domain that gave its word, with its name for people. */
export function describeDomain(domain: string, trust: Trust): { readonly by: string; readonly byName?: Json } {
  const name = trust.domain(domain)?.name;
  return { by: domain, ...(name && { byName: { zh: name.zh, en: name.en } }) };
}

/** Since when a key has been in other hands, where that is on record. */
export function describeCompromise(row: KeyRow | undefined): { readonly compromisedFrom?: Instant } {
  return row && row.compromisedFrom !== null ? { compromisedFrom: row.compromisedFrom } : {};
}

/**
 * Anchored by the ledger's word, with the key judged at ledger time: the contract judged it by the sender's clock, and it may have been given
 * up since.
 */
export function judgeAnchorKey(
  { key, txId, block, time }: NonNullable<LedgerKnowledge['anchor']>,
  issuer: string,
  trust: Trust,
): Check {
  const row = trust.key(key);
  if (!row && time > trust.asOf) return doubt('anchor', 'KEY_UNKNOWN_YET', { key, at: time });
  const fault = findKeyFault(row, { issuer, use: 'anchor', at: time });
  const facts = { key, at: time, ...describeCompromise(row) };
  return fault ? fail('anchor', fault, facts) : pass('anchor', { by: 'ledger', txId, block, time });
}

/** Whether what bears this time may be newer than this copy of the registry. Of the future it may not, where a reader of the ledger tells the time. */
export function mayBeNewer(time: Instant, trust: Trust, { ledger }: Lookups): boolean {
  if (ledger && epochSeconds(time) > epochSeconds(ledger.asOf) + clockSkewSeconds) return false;
  return time > trust.asOf;
}

function describe(change: RecordedChange, trust: Trust) {
  const { act, basis, document, effective, sequence, by, key, txId } = change;
  const name = basis === null ? undefined : trust.basis(basis)?.name;
  const basisName = name && { basisName: { zh: name.zh, en: name.en } };
  return { act, basis, ...basisName, document, effective, sequence, by, key, txId };
}

/** What is decided already and takes effect later: today's yes is not for long. */
function describeNext(changes: readonly RecordedChange[], at: Instant) {
  const next = decidingChange(changes);
  if (!next || next.effective <= at) return {};
  return { scheduledAct: next.act, scheduledFor: next.effective, scheduledBy: next.document };
}

/** By the ledger where a reader of it was asked, else by status lists, which tell the present only. */
export function verifyStatus(subject: Subject, trust: Trust, { now, at }: Moment, lookups: Lookups): Check {
  const ledger = lookups.ledger;
  if (!ledger) return verifyListedStatus(subject, trust, { now, at }, lookups.statusLists ?? []);
  if (!ledger.anchor) return doubt('status', 'LEDGER_BEHIND', { height: ledger.height });
  const standing = standingChanges(ledger.changes, trust, subject.issuer);
  const change = changeAt(standing, at ?? now);
  const known = { asOf: ledger.asOf, height: ledger.height, ...describeNext(standing, at ?? now) };
  if (change && change.to !== 'ACTIVE') return fail('status', change.to, { ...describe(change, trust), ...known });
  const age = epochSeconds(now) - epochSeconds(ledger.asOf);
  if (age > subject.type.statusMaxAgeSeconds) return doubt('status', 'STATUS_STALE', known);
  if (at !== undefined && epochSeconds(at) > epochSeconds(now) + clockSkewSeconds) {
    return doubt('status', 'TIME_AHEAD', known);
  }
  return pass('status', known);
}

const listFindings = [undefined, 'ENDED', 'SUSPENDED', 'SUPERSEDED'] as const satisfies readonly (
  | ErrorCode
  | undefined
)[];
/** Of several lists the one that says worse counts: ended, then superseded, then suspended. */
const strictness = [0, 3, 1, 2] as const;

function isFresh({ issuedAt, expires }: StatusList, subject: Subject, now: Instant): boolean {
  const age = epochSeconds(now) - epochSeconds(issuedAt);
  return now < expires && age >= -clockSkewSeconds && age <= subject.type.statusMaxAgeSeconds;
}

/** Of the fresh lists of its register the strictest word; past their age, since when nothing is known. */
function verifyListedStatus(subject: Subject, trust: Trust, { now, at }: Moment, lists: readonly StatusList[]): Check {
  const own = lists.filter(({ issuer, type }) => issuer === subject.issuer && type === subject.type.type);
  const newest = own.reduce((a, { issuedAt }) => (issuedAt > a ? issuedAt : a), '');
  if (own.length === 0) return doubt('status', 'STATUS_UNKNOWN');
  if (at !== undefined) return doubt('status', 'STATUS_PRESENT_ONLY', { asOf: newest });
  const fresh = own.filter((list) => isFresh(list, subject, now));
  if (fresh.length === 0) return doubt('status', 'STATUS_STALE', { asOf: newest });
  const covering = fresh.filter(({ entries }) => subject.entry <= entries);
  const [first, ...others] = covering;
  if (!first) return doubt('status', 'ENTRY_BEYOND_LIST', { asOf: newest });
  const read = (list: StatusList) => ({ list, status: list.statusOf(subject.entry) });
  const strictest = others
    .map(read)
    .reduce((a, b) => (strictness[b.status] > strictness[a.status] ? b : a), read(first));
  const known = {
    asOf: strictest.list.issuedAt,
    height: strictest.list.height,
    ...describeDomain(strictest.list.iss, trust),
  };
  const code = listFindings[strictest.status];
  return code ? fail('status', code, known) : pass('status', known);
}

/** Dates as the certificate gives them. Asked about a time before it was issued, the answer is no; only digitised stock has a past on paper. */
export function verifyValidity(subject: Subject, { now, at }: Moment, lookups: Lookups): Check {
  const dates = { validFrom: subject.validFrom, validUntil: subject.validUntil };
  const anchored = anchorTime(lookups) ?? subject.issuedAt;
  const issued = anchored > subject.issuedAt ? anchored : subject.issuedAt;
  if (at !== undefined && at < issued && !subject.type.legacy) {
    return fail('validity', 'NOT_YET_ISSUED', { ...dates, issuedAt: issued });
  }
  const state = validityAt(subject, at ?? now);
  if (state === 'expired') return fail('validity', 'EXPIRED', dates);
  if (state === 'not-yet-valid') return fail('validity', 'NOT_YET_VALID', dates);
  return pass('validity', dates);
}
