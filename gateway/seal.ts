/** The sealed box: SM4-CTR (GB/T 32907), then HMAC-SM3 over nonce, associated data and ciphertext, each with a key of its own. Key store and vault both use it. */
import { createCipheriv, createDecipheriv, createSecretKey, timingSafeEqual } from 'node:crypto';
import { ascii, concat, hmacSm3, hmacSm3Key } from '@yinxin/core';
import type { Random } from './platform.ts';

export const sealKeyBytes = 32;
const cipherKeyBytes = 16;
const nonceBytes = 16;
const tagBytes = 32;
/** What a seal adds to the length of its plain text. */
export const sealOverheadBytes = nonceBytes + tagBytes;

const encryptLabel = ascii('yinxin-seal/1 encrypt');
const authenticateLabel = ascii('yinxin-seal/1 authenticate');

export interface SealedBox {
  /** `nonce (16, random) ‖ ciphertext ‖ tag (32)`. The associated data is not inside; opening needs the same again. */
  seal(plain: Uint8Array, associated: Uint8Array): Uint8Array;
  /** The plain text; undefined when any bit of the seal or of the associated data is not what was sealed. */
  open(sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

/** What the tag covers; the length in front of the associated data (the nonce's is fixed) lets no byte move from one part to another. */
function toAuthenticated(nonce: Uint8Array, associated: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, associated.length);
  return concat(nonce, length, associated, ciphertext);
}

/** A box under one secret key of 32 bytes. @throws RangeError on another length */
export function sealedBox(key: Uint8Array, random: Random): SealedBox {
  if (key.length !== sealKeyBytes) throw new RangeError(`a seal's key has ${sealKeyBytes} bytes`);
  const derive = hmacSm3Key(key);
  // as a key object: making a cipher from bytes takes Node several times as long
  const cipherKey = createSecretKey(derive(encryptLabel).subarray(0, cipherKeyBytes));
  const tag = hmacSm3Key(derive(authenticateLabel));
  return {
    seal(plain, associated) {
      const nonce = random(nonceBytes);
      const ciphertext = createCipheriv('sm4-ctr', cipherKey, nonce).update(plain);
      return concat(nonce, ciphertext, tag(toAuthenticated(nonce, associated, ciphertext)));
    },
    open(sealed, associated) {
      if (sealed.length < sealOverheadBytes) return undefined;
      const nonce = sealed.subarray(0, nonceBytes);
      const ciphertext = sealed.subarray(nonceBytes, sealed.length - tagBytes);
      const expected = tag(toAuthenticated(nonce, associated, ciphertext));
      if (!timingSafeEqual(expected, sealed.subarray(sealed.length - tagBytes))) return undefined;
      return createDecipheriv('sm4-ctr', cipherKey, nonce).update(ciphertext);
    },
  };
}

/** Another key of 32 bytes out of a secret one, for the purpose that the label names. */
export function deriveKey(key: Uint8Array, label: string): Uint8Array {
  return hmacSm3(key, ascii(label));
}
