/** SM3 (GB/T 32905) by Node's own OpenSSL; the same function as sm3.ts, taken through the import map's `#sm3`. */
import { hash } from 'node:crypto';

/** The digest as 32 characters of U+0000–00FF: the cheapest form to get, for what is copied into the next preimage. */
export function sm3Latin1(bytes: Uint8Array): string {
  return hash('sm3', bytes, 'binary');
}

/** The 32-byte digest. Latin-1 output read back in a loop is half as fast again as asking for a Buffer. */
export function sm3(bytes: Uint8Array): Uint8Array {
  const text = sm3Latin1(bytes);
  const digest = new Uint8Array(32);
  for (let at = 0; at < 32; at += 1) digest[at] = text.charCodeAt(at);
  return digest;
}

/** The digest in base64; of a text, its UTF-8 is hashed, without a copy on this side. The text has no lone surrogate. */
export function sm3Base64(input: Uint8Array | string): string {
  return hash('sm3', input, 'base64');
}
