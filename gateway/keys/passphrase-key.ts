/** The key store's own key: scrypt (RFC 7914) over the passphrase, with parameters, salt and a check value in `store.json`. */
import { scrypt, timingSafeEqual } from 'node:crypto';
import {
  canonicalBytes,
  equal,
  fromBase64,
  type JsonObject,
  memberReader,
  parseCanonical,
  sm3,
  toBase64,
  utf8,
  YinxinError,
} from '@yinxin/core';
import type { Random } from '../platform.ts';
import { deriveKey } from '../seal.ts';

const format = 'yinxin-key-store/1';
const saltBytes = 32;
const masterBytes = 32;

/** N is a power of two; memory is 128·N·r bytes. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a third of a second (OWASP's password storage guidance gives these among its equals). */
export const strongCost: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };
/** A damaged file must not ask for more memory than this many times the usual. */
const costLimit = 16;

function isBearable({ N, r, p }: ScryptCost): boolean {
  const limit = costLimit * strongCost.N * strongCost.r * strongCost.p;
  return N > 1 && Number.isInteger(Math.log2(N)) && r >= 1 && p >= 1 && N * r * p <= limit;
}

function toMaster(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const maxmem = 2 * 128 * cost.N * cost.r + 128 * cost.r * cost.p;
  return new Promise((resolve, reject) => {
    scrypt(utf8(passphrase), salt, masterBytes, { ...cost, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

const checkOf = (master: Uint8Array) => deriveKey(master, `${format} check`);
const sealKeyOf = (master: Uint8Array) => deriveKey(master, `${format} seal`);

/** Tells a damaged file from a wrong passphrase. No secret goes in. */
const digestOf = (json: JsonObject) => sm3(canonicalBytes(json));

/** A new `store.json` for this passphrase, and the key that seals the store's files. */
export async function createPassphraseKey(
  passphrase: string,
  random: Random,
  cost: ScryptCost,
): Promise<{ readonly file: Uint8Array; readonly sealKey: Uint8Array }> {
  const salt = random(saltBytes);
  const master = await toMaster(passphrase, salt, cost);
  const json = { format, scrypt: { ...cost }, salt: toBase64(salt), check: toBase64(checkOf(master)) };
  return { file: canonicalBytes({ ...json, digest: toBase64(digestOf(json)) }), sealKey: sealKeyOf(master) };
}

interface StoreFile {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly check: Uint8Array;
}

function parseStoreFile(bytes: Uint8Array): StoreFile | undefined {
  try {
    const names = ['format', 'scrypt', 'salt', 'check', 'digest'] as const;
    const read = memberReader(parseCanonical(bytes, { maxBytes: 4096 }), 'store', 'KEY_STORE_DAMAGED', names);
    const json = {
      format: read.text('format'),
      scrypt: read.object('scrypt'),
      salt: read.text('salt'),
      check: read.text('check'),
    };
    const number = memberReader(json.scrypt, 'scrypt', 'KEY_STORE_DAMAGED', ['N', 'r', 'p']);
    const cost = { N: number.positive('N'), r: number.positive('r'), p: number.positive('p') };
    const isIntact = equal(digestOf(json), fromBase64(read.text('digest'), 32));
    if (!isIntact || json.format !== format || !isBearable(cost)) return undefined;
    return { cost, salt: fromBase64(json.salt, saltBytes), check: fromBase64(json.check, masterBytes) };
  } catch {
    return undefined;
  }
}

/** The key that seals the files of the store whose `store.json` this is. @throws YinxinError KEY_STORE_DAMAGED, PASSPHRASE_WRONG */
export async function openPassphraseKey(file: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const store = parseStoreFile(file);
  if (!store) throw new YinxinError('KEY_STORE_DAMAGED', { keys: ['store'] });
  const master = await toMaster(passphrase, store.salt, store.cost);
  if (!timingSafeEqual(checkOf(master), store.check)) throw new YinxinError('PASSPHRASE_WRONG');
  return sealKeyOf(master);
}
