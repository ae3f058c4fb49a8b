/** What OpenSSL alone needs to verify the statement of a certificate's batch: the text, the signature in DER, the issuing body's SM2 key in PEM. */
import { join } from 'node:path';
import {
  type CertificateFile,
  concat,
  fromBase64,
  isSignature,
  parseAnchorStatement,
  type Trust,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import { makeFolder, writeAtomically } from './files.ts';

/** SubjectPublicKeyInfo (RFC 5280) up to the point: id-ecPublicKey 1.2.840.10045.2.1, curve SM2 1.2.156.10197.1.301, a bit string of 65 bytes. */
const keyPrefix = fromBase64('MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgA=');

function toPem(publicKey: Uint8Array): string {
  const lines = toBase64(concat(keyPrefix, publicKey)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

/** An unsigned number of 32 bytes as a DER integer: without leading zeros, but with one where the first bit is set. */
function toDerInteger(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(from < 0 ? bytes.length - 1 : from);
  const value = (digits[0] ?? 0) >= 0x80 ? concat(new Uint8Array(1), digits) : digits;
  return concat(Uint8Array.of(0x02, value.length), value);
}

/** r‖s as the sequence of two integers that OpenSSL reads. @throws YinxinError MALFORMED_SIGNATURE */
function toDerSignature(signature: Uint8Array): Uint8Array {
  if (!isSignature(signature)) throw new YinxinError('MALFORMED_SIGNATURE');
  const numbers = concat(toDerInteger(signature.subarray(0, 32)), toDerInteger(signature.subarray(32)));
  return concat(Uint8Array.of(0x30, numbers.length), numbers);
}

/**
 * Writes `statement.txt`, `signature.der` and `key.pem`. The key is the trust list's, not anything that came with the file.
 * @throws YinxinError MALFORMED_STATEMENT, MALFORMED_SIGNATURE, KEY_UNKNOWN, FILE_UNREADABLE
 */
export async function writeEvidence(folder: string, { proof }: CertificateFile, trust: Trust): Promise<void> {
  const { key } = parseAnchorStatement(proof.statement);
  const row = trust.key(key);
  if (!row) throw new YinxinError('KEY_UNKNOWN', { key });
  const signature = toDerSignature(fromBase64(proof.signature));
  await makeFolder(folder);
  await writeAtomically(join(folder, 'statement.txt'), proof.statement);
  await writeAtomically(join(folder, 'signature.der'), signature);
  await writeAtomically(join(folder, 'key.pem'), toPem(fromBase64(row.publicKey, 65)));
}

/** The command to run inside the folder. */
export const opensslCommand =
  'openssl pkeyutl -verify -pubin -inkey key.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 -in statement.txt -sigfile signature.der';
