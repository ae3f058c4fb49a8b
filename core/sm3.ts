/** SM3 (GB/T 32905) in pure TypeScript, for browsers; Node takes sm3-node.ts through the import map's `#sm3`. The only file that imports sm-crypto-v2's hash. */
import { sm3 as hexSm3 } from 'sm-crypto-v2';
import { fromHex, toBase64, utf8 } from './bytes.ts';

/** The 32-byte digest. */
export function sm3(bytes: Uint8Array): Uint8Array {
  return fromHex(hexSm3(bytes));
}

/** The digest in base64; of a text, its UTF-8 is hashed. */
export function sm3Base64(input: Uint8Array | string): string {
  return toBase64(sm3(typeof input === 'string' ? utf8(input) : input));
}

/** The digest as 32 characters of U+0000–00FF. */
export function sm3Latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...sm3(bytes));
}
