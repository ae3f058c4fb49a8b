/** SM2 signatures with SM3 (GB/T 32918.2, curve of GB/T 32918.5): raw r‖s, never DER. The only file that imports sm-crypto-v2's sm2. */

import { sm2 as library } from 'sm-crypto-v2';
import { sm3 } from '#sm3';
import { ascii, concat, fromHex, toHex } from './bytes.ts';
import { YinxinError } from './errors.ts';
import type { KeyId } from './model.ts';

const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const a = p - 3n;
const b = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const baseX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const baseY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;

const userId = ascii('1234567812345678');
/** What ZA hashes before the public key: ENTL (bits of the user id, two bytes), the id, a, b, G. */
const zaPrefix = concat(
  Uint8Array.of(0, 8 * userId.length),
  userId,
  ...[a, b, baseX, baseY].map((number) => fromHex(number.toString(16).padStart(64, '0'))),
);

const signatureBytes = 64;
const publicKeyBytes = 65;
const privateKeyBytes = 32;
const keyIdPattern = /^[0-9a-f]{32}$/;

interface PreparedKey {
  /** SM3 over user id, curve and public key. */
  readonly za: Uint8Array;
  readonly hex: string;
  uses: number;
  /** From the second use on: the point with the library's table of its multiples. */
  table: ReturnType<typeof library.precomputePublicKey> | undefined;
  isWide: boolean;
}

/**
 * Public keys lately verified with. The second use of a key makes its table, which costs about one verification more; every later one is
 * some four times as fast. A key that is used all day gets a wide table, another quarter faster, for 28 ms once. Purely a matter of
 * speed; bounded, least recently used leave first (about 150 kB each, with a wide table 800 kB).
 */
const preparedKeys = new Map<string, PreparedKey>();
const preparedKeysMax = 256;
const wideTablesMax = 16;
const windowBits = { usual: 5, wide: 8 } as const;
const usesForTable = 2;
const usesForWideTable = 64;

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

/** 64 bytes r‖s with 1 ≤ r, s < n. */
export function isSignature(bytes: Uint8Array): boolean {
  if (bytes.length !== signatureBytes) return false;
  const r = toNumber(bytes.subarray(0, 32));
  const s = toNumber(bytes.subarray(32));
  return r > 0n && r < n && s > 0n && s < n;
}

/** 65 bytes 04‖x‖y with x, y < p and on the curve (whose order is prime: nothing more to check). */
export function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== publicKeyBytes || bytes[0] !== 4) return false;
  const x = toNumber(bytes.subarray(1, 33));
  const y = toNumber(bytes.subarray(33));
  return x < p && y < p && (y * y - (x * x * x + a * x + b)) % p === 0n;
}

/** 32 bytes d with 1 ≤ d ≤ n − 2 (GB/T 32918.1 §6.1). */
export function isPrivateKey(bytes: Uint8Array): boolean {
  if (bytes.length !== privateKeyBytes) return false;
  const d = toNumber(bytes);
  return d > 0n && d < n - 1n;
}

/** The 65-byte uncompressed public key. @throws YinxinError MALFORMED_KEY */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  if (!isPrivateKey(privateKey)) throw new YinxinError('MALFORMED_KEY', { reason: 'not a private key' });
  return fromHex(library.getPublicKeyFromPrivateKey(toHex(privateKey)));
}

/** First 16 bytes of SM3 over the public key, hex. @throws YinxinError MALFORMED_KEY */
export function toKeyId(publicKey: Uint8Array): KeyId {
  if (!isPublicKey(publicKey)) throw new YinxinError('MALFORMED_KEY', { reason: 'not a public key' });
  return parseKeyId(toHex(sm3(publicKey).subarray(0, 16)));
}

/** @throws YinxinError MALFORMED_KEY unless 32 lower-case hex digits */
export function parseKeyId(text: string): KeyId {
  if (!keyIdPattern.test(text)) throw new YinxinError('MALFORMED_KEY', { reason: 'not a key id' });
  return text as KeyId; // the brand is made here
}

function toZa(publicKey: Uint8Array): Uint8Array {
  return sm3(concat(zaPrefix, publicKey.subarray(1)));
}

/** The library without `hash: true` signs and verifies e itself, so e = SM3(ZA‖M) is made here, once for both directions. */
function toE(za: Uint8Array, message: Uint8Array): Uint8Array {
  return sm3(concat(za, message));
}

/** Undefined when the bytes are no public key. */
function prepareKey(publicKey: Uint8Array): PreparedKey | undefined {
  const hex = toHex(publicKey);
  const before = preparedKeys.get(hex);
  if (before === undefined && !isPublicKey(publicKey)) return undefined;
  const prepared = before ?? { za: toZa(publicKey), hex, uses: 0, table: undefined, isWide: false };
  prepared.uses += 1;
  if (prepared.uses === usesForTable) prepared.table = library.precomputePublicKey(hex, windowBits.usual);
  if (prepared.uses === usesForWideTable) widen(prepared);
  preparedKeys.delete(hex);
  preparedKeys.set(hex, prepared);
  for (const oldest of preparedKeys.keys()) {
    if (preparedKeys.size <= preparedKeysMax) break;
    preparedKeys.delete(oldest);
  }
  return prepared;
}

/** The key that had a wide table and was not used for longest goes back to its beginnings. */
function widen(prepared: PreparedKey): void {
  prepared.table = library.precomputePublicKey(prepared.hex, windowBits.wide);
  prepared.isWide = true;
  const wide = [...preparedKeys.values()].filter(({ isWide }) => isWide);
  const [oldest] = wide;
  if (wide.length > wideTablesMax && oldest) preparedKeys.delete(oldest.hex);
}

/**
 * Signs with the user id 1234567812345678 and verifies at once, so that a fault in computing never leaves as a signature.
 * The nonce is drawn by the library from `globalThis.crypto.getRandomValues`. `publicKey` saves deriving it.
 * @returns 64 bytes r‖s
 * @throws YinxinError MALFORMED_KEY; INTERNAL when the signature does not verify (also: a public key of another private key)
 */
export function signSm2(
  message: Uint8Array,
  privateKey: Uint8Array,
  publicKey: Uint8Array = publicKeyOf(privateKey),
): Uint8Array {
  if (!isPrivateKey(privateKey)) throw new YinxinError('MALFORMED_KEY', { reason: 'not a private key' });
  if (!isPublicKey(publicKey)) throw new YinxinError('MALFORMED_KEY', { reason: 'not a public key' });
  const signature = fromHex(library.doSignature(toE(toZa(publicKey), message), toHex(privateKey)));
  if (!verifySm2(message, signature, publicKey)) {
    throw new YinxinError('INTERNAL', { reason: 'a fresh signature does not verify' });
  }
  return signature;
}

/** Whether this key signed exactly this message. Every malformed signature or key is `false`; never throws. */
export function verifySm2(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (!isSignature(signature)) return false;
  try {
    const prepared = prepareKey(publicKey);
    if (prepared === undefined) return false;
    return (
      library.doVerifySignature(toE(prepared.za, message), toHex(signature), prepared.table ?? prepared.hex) === true
    );
  } catch {
    return false;
  }
}
