/** Who sent a transaction, as the contract sees it: the only place that uses `@fidm/x509`, by which fabric-shim writes the id (its `ClientIdentity`). */
import { Certificate, type DistinguishedName } from '@fidm/x509';
import type { Transaction } from '../../port.ts';
import { Message } from './protobuf.ts';

const pemPattern = /(-----\s*BEGIN ?[^-]+?-----)([\s\S]*)(-----\s*END ?[^-]+?-----)/;

/** fabric-shim escapes the first slash of a value only; core's `parseRole` knows. */
function formatName({ attributes }: DistinguishedName): string {
  return attributes.map(({ shortName, value }) => `/${shortName}=${value.replace('/', '\\/')}`).join('');
}

/** As fabric-shim brings it into form before it parses it. */
function normalizePem(text: string): string | undefined {
  const parts = pemPattern.exec(text)?.slice(1);
  return parts && `${parts.map((part) => part.trim()).join('\n')}\n`;
}

/** Empty where fabric-shim could read none, and so no honest endorser would have run the contract: it names no role. */
function readId(certificate: Buffer): string {
  try {
    const pem = normalizePem(new TextDecoder().decode(certificate));
    if (pem === undefined) return '';
    const { subject, issuer } = Certificate.fromPEM(Buffer.from(pem));
    return `x509::${formatName(subject)}::${formatName(issuer)}`;
  } catch {
    return ''; // whatever a parser of hostile bytes may throw
  }
}

const maxKnown = 256;
const known = new Map<string, Transaction['creator']>();

/** Of a `msp.SerializedIdentity`. Gateways sign with few certificates, and parsing one costs more than all else: they are remembered. @throws MalformedMessage */
export function readCreator(bytes: Buffer): Transaction['creator'] {
  const key = bytes.toString('latin1');
  const found = known.get(key);
  if (found) return found;
  const identity = new Message(bytes);
  const creator = { msp: identity.text(1), id: readId(identity.bytes(2)) };
  if (known.size >= maxKnown) known.clear();
  known.set(key, creator);
  return creator;
}
