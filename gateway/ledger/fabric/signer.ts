/** ECDSA over P-256 with SHA-256 as Fabric takes it: DER, and s in the lower half (Fabric's `bccsp/utils`). About ten times as fast as the library's own. */
import { type KeyObject, sign } from 'node:crypto';

/** Order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = order >> 1n;
const scalarBytes = 32;

/** The smaller of s and n − s: both verify, and Fabric takes only this one. `s` is 32 bytes. */
export function toLowS(s: Buffer): Buffer {
  const value = BigInt(`0x${s.toString('hex')}`);
  if (value <= halfOrder) return s;
  return Buffer.from((order - value).toString(16).padStart(2 * scalarBytes, '0'), 'hex');
}

/** X.690 §8.3: shortest form, with a zero in front where the first bit is set. */
function formatInteger(scalar: Buffer): Buffer {
  let start = 0;
  while (start < scalar.length - 1 && scalar[start] === 0) start += 1;
  const shortest = scalar.subarray(start);
  const pad = (shortest[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.from([0x02, shortest.length + pad.length, ...pad, ...shortest]);
}

/** `SEQUENCE { r, s }` with low s, from r‖s of 32 bytes each (IEEE P1363). */
export function formatSignature(rs: Buffer): Buffer {
  const body = Buffer.concat([
    formatInteger(rs.subarray(0, scalarBytes)),
    formatInteger(toLowS(rs.subarray(scalarBytes))),
  ]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** Signs whole messages, not digests: the gateway client must be given `hash.none`. `key` is a private key on P-256. */
export function createMessageSigner(key: KeyObject): (message: Uint8Array) => Promise<Uint8Array> {
  return async (message) => formatSignature(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
}
