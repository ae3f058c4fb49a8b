/** Trust: the registry's rows as a verifier holds them, and what they say of a key, a body and a type at a time. */
import type { ErrorCode } from './errors.ts';
import type { DomainRow, EntitlementRow, IssuerRow, KeyRow, ListKeyRow, TrustClaims } from './ledger-model.ts';
import type { CertificateType, Instant, KeyId, KeyUse } from './model.ts';
import { epochSeconds, toInstant } from './time.ts';

/** The registry, indexed. Made from the ledger's own rows, or from a trust list whose signature was verified. */
export interface Trust {
  readonly channel: string;
  readonly height: number;
  /** When the rows were known to hold. */
  readonly asOf: Instant;
  /** Past this, no verdict but "could not check". */
  readonly expires: Instant;
  /** A network of one domain: its own word on anchoring has to do. */
  readonly onlyDomain: boolean;
  domain(domain: string): DomainRow | undefined;
  issuer(issuer: string): IssuerRow | undefined;
  key(key: KeyId): KeyRow | undefined;
  listKey(kid: string): ListKeyRow | undefined;
  type(type: string, version: number): CertificateType | undefined;
  entitlement(issuer: string, type: string): EntitlementRow | undefined;
  /** All types, newest versions. */
  readonly types: readonly CertificateType[];
}

export function toTrust(claims: TrustClaims): Trust {
  const index = <T>(items: readonly T[], key: (item: T) => string) => new Map(items.map((item) => [key(item), item]));
  const domains = index(claims.domains, (row) => row.domain);
  const issuers = index(claims.issuers, (row) => row.issuer);
  const keys = index(claims.keys, (row) => row.key);
  const listKeys = index(claims.listKeys, (row) => row.kid);
  const versions = index(claims.types, (row) => `${row.definition.type}/${row.definition.version}`);
  const entitlements = index(claims.entitlements, (row) => `${row.issuer}/${row.type}`);
  const newest = new Map<string, CertificateType>();
  for (const { definition } of claims.types) {
    if (definition.version > (newest.get(definition.type)?.version ?? 0)) newest.set(definition.type, definition);
  }
  return {
    channel: claims.channel,
    height: claims.height,
    asOf: toInstant(claims.iat),
    expires: toInstant(claims.exp),
    onlyDomain: claims.domains.length === 1,
    domain: (domain) => domains.get(domain),
    issuer: (issuer) => issuers.get(issuer),
    key: (key) => keys.get(key),
    listKey: (kid) => listKeys.get(kid),
    type: (type, version) => versions.get(`${type}/${version}`)?.definition,
    entitlement: (issuer, type) => entitlements.get(`${issuer}/${type}`),
    types: [...newest.values()],
  };
}

/** Whether `at` lies in a window: from inclusive, until exclusive, null is no end. */
export function isInWindow(window: { readonly from: Instant; readonly until: Instant | null }, at: Instant): boolean {
  return window.from <= at && (window.until === null || at < window.until);
}

/** Why a key may not have signed for this issuer and use at this time; undefined when it may. */
export function findKeyFault(
  key: KeyRow | undefined,
  asked: { readonly issuer: string; readonly use: KeyUse; readonly at: Instant },
): Extract<ErrorCode, 'KEY_UNKNOWN' | 'KEY_WRONG_USE' | 'KEY_NOT_IN_WINDOW' | 'KEY_COMPROMISED'> | undefined {
  if (!key) return 'KEY_UNKNOWN';
  if (key.issuer !== asked.issuer || key.use !== asked.use) return 'KEY_WRONG_USE';
  if (!isInWindow(key, asked.at)) return 'KEY_NOT_IN_WINDOW';
  if (key.compromisedFrom !== null && asked.at >= key.compromisedFrom) return 'KEY_COMPROMISED';
  return undefined;
}

/** Why a body may not have issued this type at this time; undefined when it may. */
export function findEntitlementFault(
  issuer: IssuerRow | undefined,
  entitlement: EntitlementRow | undefined,
  at: Instant,
): Extract<ErrorCode, 'ISSUER_UNKNOWN' | 'NOT_ENTITLED'> | undefined {
  if (!issuer || at < issuer.from) return 'ISSUER_UNKNOWN';
  if (!entitlement || !isInWindow(entitlement, at)) return 'NOT_ENTITLED';
  return undefined;
}

/** Whether a trust list is past its end at `now`. */
export function isTrustExpired(trust: Trust, now: Instant): boolean {
  return epochSeconds(now) > epochSeconds(trust.expires);
}
