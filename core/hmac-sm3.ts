/** HMAC (RFC 2104) with SM3, block length 64 bytes, tag 32 bytes. */
import { sm3 } from '#sm3';
import { concat } from './bytes.ts';

const blockBytes = 64;

/** The tag of one message. */
export function hmacSm3(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmacSm3Key(key)(message);
}

/** The function that tags messages under this key; a key is padded once for many messages. */
export function hmacSm3Key(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const block = new Uint8Array(blockBytes);
  block.set(key.length > blockBytes ? sm3(key) : key);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  return (message) => sm3(concat(outer, sm3(concat(inner, message))));
}
