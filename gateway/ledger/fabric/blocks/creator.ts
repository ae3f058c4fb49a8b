/** Who sent a transaction, as the contract sees it: the only place that uses `@fidm/x509`, by which fabric-shim writes the id (its `ClientIdentity`). */
import { Certificate, type DistinguishedName } from '@fidm/x509';
import { isPlainCertificate } from '@yinxin/core';
import type { Transaction } from '../../port.ts';
import { Message } from './protobuf.ts';

/** fabric-shim escapes the first slash of a value only; core's `parseRole` knows. */
function formatName({ attributes }: DistinguishedName): string {
  return attributes.map(({ shortName, value }) => `/${shortName}=${value.replace('/', '\\/')}`).join('');
}

/** Empty where the contract takes none (its `sender.ts`), and so no honest endorser would have run it: it names no role. */
function readId(certificate: Buffer): string {
  try {
    if (!isPlainCertificate(certificate)) return '';
    const { subject, issuer } = Certificate.fromPEM(certificate);
    return `x509::${formatName(subject)}::${formatName(issuer)}`;
  } catch {
    return ''; // whatever a parser of hostile bytes may throw
  }
}

const maxKnown = 256;
/** Ten times a usual one. */
const maxKnownBytes = 16_384;
const known = new Map<string, Transaction['creator']>();

/** Of a `msp.SerializedIdentity`. Gateways sign with few certificates, and parsing one costs more than all else: they are remembered. @throws MalformedMessage */
export function readCreator(bytes: Buffer): Transaction['creator'] {
  const key = bytes.toString('latin1');
  const found = known.get(key);
  if (found) return found;
  const identity = new Message(bytes);
  const creator = { msp: identity.text(1), id: readId(identity.bytes(2)) };
  if (known.size >= maxKnown) known.clear();
  if (bytes.length <= maxKnownBytes) known.set(key, creator);
  return creator;
}
