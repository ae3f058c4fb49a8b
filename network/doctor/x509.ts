/** X.509 certificates and keys in files: who issued them, until when they hold, whether they belong together. RFC 5280. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const dayMilliseconds = 86_400_000;
/** Long enough to have certificates renewed by an authority that answers letters. */
export const warningDays = 30;

export type Validity = 'good' | 'ending' | 'past' | 'early';

/** Both limits as milliseconds since 1970. */
export function decideValidity({ from, until }: { from: number; until: number }, now: number): Validity {
  if (now > until) return 'past';
  if (now < from) return 'early';
  return until - now < warningDays * dayMilliseconds ? 'ending' : 'good';
}

export function validityOf({ validFrom, validTo }: X509Certificate, now: Date): Validity {
  return decideValidity({ from: Date.parse(validFrom), until: Date.parse(validTo) }, now.getTime());
}

/** `2036-11-18` */
export function lastDayOf({ validTo }: X509Certificate): string {
  return new Date(validTo).toISOString().slice(0, 10);
}

/** Undefined when the file is missing or no certificate. */
export function readCertificate(file: string): X509Certificate | undefined {
  try {
    return new X509Certificate(readFileSync(file));
  } catch {
    return undefined;
  }
}

/** Files of a folder, full paths; none when it is missing. */
export function listFiles(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

/** Files of a folder and all folders within. */
export function walkFiles(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
  } catch {
    return [];
  }
}

/** Whether the private key in the file is that of the certificate. */
export function isKeyOf(certificate: X509Certificate, keyFile: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)));
  } catch {
    return false;
  }
}

export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Organisational units of the subject: Fabric's roles. */
export function unitsOf({ subject }: X509Certificate): readonly string[] {
  return subject.split('\n').flatMap((line) => /^OU=(.*)$/.exec(line)?.[1] ?? []);
}
