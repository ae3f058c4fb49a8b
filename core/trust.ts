/** Trust: the registry's rows as a verifier holds them, and what they say of a key, a body and a type at a time. */
import type { ErrorCode } from './errors.ts';
import type {
  AgreementRow,
  BasisRow,
  DomainRow,
  EntitlementRow,
  EntitlementWindow,
  IssuerRow,
  KeyRow,
  ListKeyRow,
  MatterRow,
  Window,
} from './ledger-model.ts';
import type { CertificateType, Instant, KeyId, KeyUse, KnownChange, Words } from './model.ts';
import { withoutRaising } from './status.ts';
import { toInstant } from './time.ts';
import type { TrustClaims } from './trust-model.ts';

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
  readonly domains: readonly DomainRow[];
  domain(domain: string): DomainRow | undefined;
  /** The domain in which a place lies: the one with the longest region that its code begins with, at a time of those that had joined by then. */
  domainOf(place: string, at?: Instant): DomainRow | undefined;
  issuer(issuer: string): IssuerRow | undefined;
  /** The body that manages what `issuer` issued: itself until it is closed, then the end of its successions; undefined for none. */
  managerOf(issuer: string, at: Instant): IssuerRow | undefined;
  key(key: KeyId): KeyRow | undefined;
  listKey(kid: string): ListKeyRow | undefined;
  type(type: string, version: number): CertificateType | undefined;
  entitlement(issuer: string, type: string): EntitlementRow | undefined;
  basis(basis: string): BasisRow | undefined;
  readonly bases: readonly BasisRow[];
  matter(matter: string): MatterRow | undefined;
  readonly matters: readonly MatterRow[];
  readonly agreements: readonly AgreementRow[];
  /** All types, newest versions. */
  readonly types: readonly CertificateType[];
}

/**
 * The domain with the longest region that the code of a place begins with; at a time, of those that had joined by then. Before the network
 * was founded it is as on its first day: digitised stock is asked about older times.
 */
export function findDomainOf(domains: readonly DomainRow[], place: string, at?: Instant): DomainRow | undefined {
  const founded = domains.reduce<Instant | undefined>(
    (first, { from }) => (first && first < from ? first : from),
    undefined,
  );
  let found: DomainRow | undefined;
  for (const domain of domains) {
    const hadJoined = at === undefined || domain.from <= at || domain.from === founded;
    if (hadJoined && place.startsWith(domain.region) && domain.region.length > (found?.region.length ?? 0))
      found = domain;
  }
  return found;
}

/** Successions that are followed: a longer line has no end that anybody answers for. */
export const maxSuccessions = 16;

/** Follows successions for as long as they had happened. A row names a successor only after that one consented while open: no cycles. */
export function findManager(
  issuerOf: (issuer: string) => IssuerRow | undefined,
  issuer: string,
  at: Instant,
): IssuerRow | undefined {
  let row = issuerOf(issuer);
  for (let steps = 0; row?.closed && row.closed.at <= at; steps += 1) {
    const { successor } = row.closed;
    row = successor === null || steps === maxSuccessions ? undefined : issuerOf(successor);
  }
  return row;
}

function newestTypes({ types }: TrustClaims): readonly CertificateType[] {
  const newest = new Map<string, CertificateType>();
  for (const { definition } of types) {
    if (definition.version > (newest.get(definition.type)?.version ?? 0)) newest.set(definition.type, definition);
  }
  return [...newest.values()];
}

export function toTrust(claims: TrustClaims): Trust {
  const index = <T>(items: readonly T[], key: (item: T) => string) => new Map(items.map((item) => [key(item), item]));
  const domains = index(claims.domains, (row) => row.domain);
  const issuers = index(claims.issuers, (row) => row.issuer);
  const keys = index(claims.keys, (row) => row.key);
  const listKeys = index(claims.listKeys, (row) => row.kid);
  const versions = index(claims.types, (row) => `${row.definition.type}/${row.definition.version}`);
  const entitlements = index(claims.entitlements, (row) => `${row.issuer}/${row.type}`);
  const bases = index(claims.bases, (row) => row.basis);
  const matters = index(claims.matters, (row) => row.matter);
  return {
    channel: claims.channel,
    height: claims.height,
    asOf: toInstant(claims.iat),
    expires: toInstant(claims.exp),
    onlyDomain: claims.domains.length === 1,
    domains: claims.domains,
    domain: (domain) => domains.get(domain),
    domainOf: (place, at) => findDomainOf(claims.domains, place, at),
    issuer: (issuer) => issuers.get(issuer),
    managerOf: (issuer, at) => findManager((name) => issuers.get(name), issuer, at),
    key: (key) => judgeVoucher(keys.get(key), (name) => keys.get(name)),
    listKey: (kid) => listKeys.get(kid),
    type: (type, version) => versions.get(`${type}/${version}`)?.definition,
    entitlement: (issuer, type) => entitlements.get(`${issuer}/${type}`),
    basis: (basis) => bases.get(basis),
    bases: claims.bases,
    matter: (matter) => matters.get(matter),
    matters: claims.matters,
    agreements: claims.agreements,
    types: newestTypes(claims),
  };
}

/** Whether `at` lies in a window: from inclusive, until exclusive, null is no end. */
export function isInWindow(window: Window, at: Instant): boolean {
  return window.from <= at && (window.until === null || at < window.until);
}

/** Vouchers that are followed. */
const maxVouchers = 64;

/**
 * The key's row as readers take it: vouched for by a key that was in other hands then, it was in other hands from its beginning.
 * So one stolen key lets nobody in without the wait of a key that no other vouches for.
 */
export function judgeVoucher(
  row: KeyRow | undefined,
  keyOf: (key: KeyId) => KeyRow | undefined,
  depth = maxVouchers,
): KeyRow | undefined {
  if (!row || row.vouchedBy === 'founding' || row.vouchedBy === 'first' || depth === 0) return row;
  const compromised = judgeVoucher(keyOf(row.vouchedBy), keyOf, depth - 1)?.compromisedFrom ?? null;
  if (compromised === null || compromised > row.registered) return row;
  return { ...row, compromisedFrom: row.from };
}

/** What a body was called at a time. */
export function issuerNameAt({ name, formerNames }: IssuerRow, at: Instant): Words {
  return formerNames.find(({ until }) => at < until)?.name ?? name;
}

type TimeFault = Extract<ErrorCode, 'KEY_NOT_IN_WINDOW' | 'KEY_COMPROMISED'>;

function findTimeFault(key: KeyRow, at: Instant): TimeFault | undefined {
  if (!isInWindow(key, at)) return 'KEY_NOT_IN_WINDOW';
  return key.compromisedFrom !== null && at >= key.compromisedFrom ? 'KEY_COMPROMISED' : undefined;
}

/** Why a key may not have signed for this issuer and use at this time; undefined when it may. */
export function findKeyFault(
  key: KeyRow | undefined,
  asked: { readonly issuer: string; readonly use: KeyUse; readonly at: Instant },
): TimeFault | Extract<ErrorCode, 'KEY_UNKNOWN' | 'KEY_WRONG_USE'> | undefined {
  if (!key) return 'KEY_UNKNOWN';
  if (key.issuer !== asked.issuer || key.use !== asked.use) return 'KEY_WRONG_USE';
  return findTimeFault(key, asked.at);
}

/** Why a body may not have issued this type at this time, or the window of its entitlement. */
export function findEntitlementFault(
  issuer: IssuerRow | undefined,
  entitlement: EntitlementRow | undefined,
  at: Instant,
): Extract<ErrorCode, 'ISSUER_UNKNOWN' | 'ISSUER_CLOSED' | 'NOT_ENTITLED'> | undefined {
  if (!issuer || at < issuer.from) return 'ISSUER_UNKNOWN';
  if (issuer.closed && issuer.closed.at <= at) return 'ISSUER_CLOSED';
  return findEntitlementWindow(entitlement, at) ? undefined : 'NOT_ENTITLED';
}

/** The window of an entitlement that holds at a time. */
export function findEntitlementWindow(
  entitlement: EntitlementRow | undefined,
  at: Instant,
): EntitlementWindow | undefined {
  return entitlement?.windows.find((window) => isInWindow(window, at));
}

/**
 * The changes that count in a register of `issuer`. One whose key was, at ledger time, out of its window, in other hands or of a body that did
 * not manage the register counts for nothing where it makes the certificate good for more; where for less, it stands until it is corrected.
 */
export function standingChanges(
  changes: readonly KnownChange[],
  trust: Pick<Trust, 'key' | 'managerOf'>,
  issuer: string,
): readonly KnownChange[] {
  return withoutRaising(changes, (change) => {
    const key = trust.key(change.key);
    if (!key) return false;
    const manager = change.act === 'supersede' ? issuer : trust.managerOf(issuer, change.recorded)?.issuer;
    return key.issuer !== manager || findTimeFault(key, change.recorded) !== undefined;
  });
}
