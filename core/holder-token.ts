/** The holder token: whoever has it is the holder. 24 random bytes and an 8-byte check that binds them to one certificate, so that damage or exchange shows without a network. */

import { sm3 } from '#sm3';
import { ascii, concat, equal } from './bytes.ts';

export const holderTokenRandomBytes = 24;
const checkBytes = 8;
const tag = concat(ascii('yinxin-holder'), new Uint8Array(1));

function check(random: Uint8Array, leaf: Uint8Array): Uint8Array {
  return sm3(concat(tag, leaf, random)).subarray(0, checkBytes);
}

/** 32 bytes: `random` (24) ‖ SM3("yinxin-holder" ‖ 0x00 ‖ leaf ‖ random)[0..8). */
export function toHolderToken(random: Uint8Array, leaf: Uint8Array): Uint8Array {
  return concat(random, check(random, leaf));
}

export function isHolderTokenOf(token: Uint8Array, leaf: Uint8Array): boolean {
  const random = token.subarray(0, holderTokenRandomBytes);
  return (
    token.length === holderTokenRandomBytes + checkBytes &&
    equal(token.subarray(holderTokenRandomBytes), check(random, leaf))
  );
}
