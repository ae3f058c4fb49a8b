/** Sealing records, as the issuing workers do it: pure and synchronous. SM4-CTR (GB/T 32907), then HMAC-SM3, each certificate under keys of its own. */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { type CertificateType, canonicalize, type FieldValues, utf8 } from '@yinxin/core';
import type { Random } from '../platform.ts';
import { type SealedBox, sealedBox } from '../seal.ts';
import {
  certificateKeyBytes,
  cipherKeyBytes,
  digestBytes,
  nonceBytes,
  pageEntries,
  pagePlace,
  registerOf,
  slotBytes,
  tagBytes,
} from './layout.ts';
import { RecordTag, textTagger } from './record-tag.ts';
import { encodeRecord, type RecordShape, toShape, type VaultRecord } from './record-text.ts';

export { pageEntries } from './layout.ts';

/** What an issuer's records are sealed with. Structured-cloneable. */
export interface IssuerKey {
  readonly issuer: string;
  /** From 1; a rotation gives the next. */
  readonly generation: number;
  /** 32 bytes; wraps the keys of certificates. */
  readonly key: Uint8Array;
  /** 32 bytes; of the vault, for `digestClaims`. */
  readonly digestKey: Uint8Array;
}

/** Sealed records of consecutive entries, packed. Structured-cloneable; `transferOf` names what can be handed over instead of copied. */
export interface SealedRecords {
  readonly issuer: string;
  readonly type: string;
  readonly first: number;
  readonly last: number;
  /** Of the issuer's key under which the pages are sealed. */
  readonly generation: number;
  readonly shape: RecordShape;
  /** One after the other; the nth ends at `ends[n]`. */
  readonly records: Uint8Array;
  readonly ends: Uint32Array;
  /** `pageEntries` certificates each but the last; the nth ends at `pageEnds[n]`. */
  readonly pages: Uint8Array;
  readonly pageEnds: Uint32Array;
  /** 16 bytes each. */
  readonly digests: Uint8Array;
}

const generationBytes = 4;

/** Seals and opens an issuer's pages: `generation (4) ‖ sealed box of the slots`, bound to their place and generation. */
export class PageBox {
  readonly #generation: number;
  readonly #box: SealedBox;

  constructor({ key, generation }: Pick<IssuerKey, 'key' | 'generation'>, random: Random) {
    this.#generation = generation;
    this.#box = sealedBox(key, random);
  }

  #associated(place: string): Uint8Array {
    return utf8(`${place}/${this.#generation}`);
  }

  seal(place: string, slots: Uint8Array): Uint8Array {
    const head = Buffer.alloc(generationBytes);
    head.writeUInt32BE(this.#generation);
    return Buffer.concat([head, this.#box.seal(slots, this.#associated(place))]);
  }

  /** The slots; undefined when any bit is not what was sealed there under this key. */
  open(place: string, page: Uint8Array): Uint8Array | undefined {
    const slots = this.#box.open(page.subarray(generationBytes), this.#associated(place));
    return slots && slots.length > 0 && slots.length % slotBytes === 0 ? slots : undefined;
  }
}

export const pageGeneration = (page: Uint8Array) =>
  page.length < generationBytes ? 0 : new DataView(page.buffer, page.byteOffset).getUint32(0);

/** The function that digests the claim fields of one register's certificates: 16 bytes of HMAC-SM3. */
export function claimDigester(
  digestKey: Uint8Array,
  issuer: string,
  type: Pick<CertificateType, 'type' | 'claim'>,
): (values: FieldValues) => Uint8Array {
  const tag = textTagger(digestKey);
  const head = JSON.stringify([issuer, type.type, type.claim]);
  return (values) => {
    const texts = type.claim.map((key) => {
      const value = values[key];
      return value === undefined || typeof value === 'string' ? (value ?? null) : [canonicalize(value)];
    });
    return Buffer.from(tag(head + JSON.stringify(texts)), 'latin1').subarray(0, digestBytes);
  };
}

/** Room for sealed records, which grows. */
class Packed {
  #bytes = Buffer.alloc(0);
  #end = 0;

  /** Where the next `length` bytes go. */
  take(length: number): Buffer {
    const end = this.#end + length;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.#bytes.length * 2, 65_536));
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    const room = this.#bytes.subarray(this.#end, end);
    this.#end = end;
    return room;
  }

  get end(): number {
    return this.#end;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#end));
  }
}

/**
 * Consecutive entries of one register, issued under one version of their type, each sealed under keys of its own; those in pages, sealed under
 * the issuer's key. @throws RangeError for records that are not that
 */
export function sealRecords(
  key: IssuerKey,
  type: CertificateType,
  records: readonly VaultRecord[],
  random: Random,
): SealedRecords {
  const first = records[0]?.body.entry ?? 0;
  const register = registerOf(key.issuer, type.type);
  const drawn = random(records.length * (certificateKeyBytes + nonceBytes));
  const digest = claimDigester(key.digestKey, key.issuer, type);
  const shape = toShape(type);
  const tag = new RecordTag(register);
  const packed = new Packed();
  const ends = new Uint32Array(records.length);
  const slots = new Uint8Array(records.length * slotBytes);
  const digests = new Uint8Array(records.length * digestBytes);
  let at = 0;
  for (const record of records) {
    const { body, fields } = record;
    if (body.entry !== first + at || body.issuer !== key.issuer || body.type !== type.type)
      throw new RangeError('entry');
    const from = at * (certificateKeyBytes + nonceBytes);
    const own = drawn.subarray(from, from + certificateKeyBytes);
    const nonce = drawn.subarray(from + certificateKeyBytes, from + certificateKeyBytes + nonceBytes);
    const claims = digest(fields);
    digests.set(claims, at * digestBytes);
    slots.set(own, at * slotBytes);
    slots.set(claims, at * slotBytes + certificateKeyBytes);
    // as a key object: a cipher from bytes takes twice as long
    const cipherKey = createSecretKey(own.subarray(0, cipherKeyBytes));
    const ciphertext = createCipheriv('sm4-ctr', cipherKey, nonce).update(encodeRecord(record, shape));
    const room = packed.take(nonceBytes + ciphertext.length + tagBytes);
    tag.seal(own.subarray(cipherKeyBytes), body.entry, nonce, ciphertext, room);
    ends[at] = packed.end;
    at += 1;
  }
  const { issuer, generation } = key;
  const sealed = { issuer, type: type.type, first, last: first + records.length - 1, generation, shape };
  return { ...sealed, records: packed.bytes(), ends, digests, ...sealPages(key, register, first, slots, random) };
}

function sealPages(key: IssuerKey, register: string, first: number, slots: Uint8Array, random: Random) {
  const packed = new Packed();
  const box = new PageBox(key, random);
  const count = slots.length / slotBytes;
  const pageEnds = new Uint32Array(Math.ceil(count / pageEntries));
  for (let page = 0; page < pageEnds.length; page += 1) {
    const to = Math.min(count, (page + 1) * pageEntries);
    const own = slots.subarray(page * pageEntries * slotBytes, to * slotBytes);
    const sealed = box.seal(pagePlace(register, first + to - 1), own);
    packed.take(sealed.length).set(sealed);
    pageEnds[page] = packed.end;
  }
  return { pages: packed.bytes(), pageEnds };
}

/** Opens the records of one register: the plain text of a sealed record under its certificate's key, undefined when its tag does not hold. */
export function recordOpener(issuer: string, type: string) {
  const tag = new RecordTag(registerOf(issuer, type));
  return (own: Uint8Array, entry: number, sealed: Uint8Array): Uint8Array | undefined => {
    if (!tag.holds(own.subarray(cipherKeyBytes), entry, sealed)) return undefined;
    const cipherKey = createSecretKey(own.subarray(0, cipherKeyBytes));
    const nonce = sealed.subarray(0, nonceBytes);
    return createDecipheriv('sm4-ctr', cipherKey, nonce).update(sealed.subarray(nonceBytes, -tagBytes));
  };
}

/** For `postMessage`: the buffers of sealed records, which no longer belong to the sender then. */
export const transferOf = ({ records, ends, pages, pageEnds, digests }: SealedRecords): ArrayBuffer[] =>
  [records, ends, pages, pageEnds, digests].map(({ buffer }) => buffer as ArrayBuffer); // made by `slice` and `new` above
