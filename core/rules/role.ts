/** The one role that a sender's X.509 certificate gives by its OUs (Fabric's NodeOUs), read from the identity as fabric-shim writes it. */
import { fromUtf8 } from '../bytes.ts';
import type { ContractCaller } from './rule.ts';

/** Subject and issuer: `x509::/OU=admin/CN=name::…`. fabric-shim escapes only the first slash of a value, so that a value with a backslash or slash is ambiguous and must give no role. */
const idPattern = /^x509::((?:\/[^/=\\:]*=[^/\\:]*)+)::[^\n]*$/;
const roles = ['admin', 'client', 'peer', 'orderer'] as const;

/** The one role that the subject's OUs name; `member` for none, for several, and for an id that cannot be read exactly. */
export function parseRole(id: string): ContractCaller['role'] {
  const attributes = idPattern.exec(id)?.[1]?.slice(1).split('/') ?? [];
  const [role, ...others] = roles.filter((name) => attributes.includes(`OU=${name}`));
  return role === undefined || role === 'orderer' || others.length > 0 ? 'member' : role;
}

const pemPattern = /^-----BEGIN CERTIFICATE-----\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+-----END CERTIFICATE-----(?:\r?\n)?$/;

/**
 * Whether bytes are one PEM certificate and nothing beside it (RFC 7468). Around or between several, Fabric's peers and fabric-shim do not agree which
 * one is meant: peers could verify the signature of one and the contract read the role of another.
 */
export function isPlainCertificate(bytes: Uint8Array): boolean {
  try {
    return pemPattern.test(fromUtf8(bytes));
  } catch {
    return false; // not UTF-8
  }
}
