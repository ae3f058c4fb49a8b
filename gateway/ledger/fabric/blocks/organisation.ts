/**
 * An organisation of the channel (Fabric's MSP) and who belongs to it: an X.509 certificate of which a chain of issuers leads to a root in the channel's
 * configuration. As in Fabric itself no date is compared: what an orderer signed while its certificate was good must be readable after it has run out, and
 * a block carries no time that anybody vouches for. An orderer that is no longer trusted is taken out of the configuration.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { Message } from './protobuf.ts';

/** Fabric's `common.MSPRole`. */
export const roles = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 } as const;

export interface Identity {
  readonly msp: string;
  /** SHA-256 of its certificate: two who have the same are one. */
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** Values of OU in its subject. */
  readonly units: readonly string[];
}

export interface Organisation {
  readonly msp: string;
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  /** Which OU names a role; empty when the organisation tells roles by nothing. */
  readonly units: ReadonlyMap<number, string>;
}

const x509Kind = 0;
const maxChain = 8;

/** Undefined for what is no certificate: a parser of hostile bytes may throw what it likes. */
function parseCertificate(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

const parseCertificates = (list: readonly Buffer[]) => list.flatMap((bytes) => parseCertificate(bytes) ?? []);

/** Fields of `msp.FabricNodeOUs` by role. */
const unitFields = [
  [roles.client, 2],
  [roles.peer, 3],
  [roles.admin, 4],
  [roles.orderer, 5],
] as const;

/** Of a `msp.MSPConfig`; undefined when it is not of X.509. @throws MalformedMessage */
export function parseOrganisation(bytes: Buffer): Organisation | undefined {
  const outer = new Message(bytes);
  if (outer.int32(1) !== x509Kind) return undefined;
  const config = new Message(outer.bytes(2));
  const nodeUnits = config.message(11);
  const units = unitFields.flatMap(([role, field]): [number, string][] => {
    const unit = nodeUnits.message(field).text(2);
    return nodeUnits.boolean(1) && unit !== '' ? [[role, unit]] : [];
  });
  return {
    msp: config.text(1),
    roots: parseCertificates(config.list(2)),
    intermediates: parseCertificates(config.list(3)),
    units: new Map(units),
  };
}

function isIssued(certificate: X509Certificate, by: X509Certificate): boolean {
  return by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);
}

function isChained(certificate: X509Certificate, organisation: Organisation, length = 1): boolean {
  if (organisation.roots.some((root) => isIssued(certificate, root))) return true;
  if (length >= maxChain) return false;
  return organisation.intermediates.some(
    (one) => isIssued(certificate, one) && isChained(one, organisation, length + 1),
  );
}

/** Lines of a subject as Node writes it; of several attributes in one part, ` + ` stands between. */
const readUnits = ({ subject }: X509Certificate) =>
  (subject ?? '').split(/\n| \+ /).flatMap((line) => (line.startsWith('OU=') ? [line.slice(3)] : []));

function toIdentity(certificate: X509Certificate, organisation: Organisation): Identity | undefined {
  const { ca, fingerprint256, publicKey } = certificate;
  if (ca || publicKey.asymmetricKeyType !== 'ec' || !isChained(certificate, organisation)) return undefined;
  return { msp: organisation.msp, fingerprint: fingerprint256, key: publicKey, units: readUnits(certificate) };
}

/** Undefined unless `bytes` (PEM) is a certificate of the organisation, not itself an authority's, with an elliptic key. */
export function identify(bytes: Buffer, organisation: Organisation): Identity | undefined {
  const certificate = parseCertificate(bytes);
  try {
    return certificate && toIdentity(certificate, organisation);
  } catch {
    return undefined; // a key that cannot be read
  }
}

export function hasRole({ units }: Identity, role: number, organisation: Organisation): boolean {
  if (role === roles.member) return true;
  const unit = organisation.units.get(role);
  return unit !== undefined && units.includes(unit);
}
