/** HMAC-SM3 (RFC 2104) where every microsecond counts: the general one of core copies twice as much. */
import { hash, timingSafeEqual } from 'node:crypto';
import { entryDigits, nonceBytes, recordPlace, tagBytes, toDigits } from './layout.ts';

const blockBytes = 64;
const innerPad = 0x36;
const outerPad = 0x5c;
const usualBytes = 4096;

/** One tag at a time, over a message that is written into memory which stays. */
class ScratchHmac {
  /** `key ⊕ ipad ‖ message` */
  #inner = Buffer.alloc(blockBytes + usualBytes, innerPad);
  /** `key ⊕ opad ‖ inner digest` */
  readonly #outer = Buffer.alloc(blockBytes + tagBytes, outerPad);

  /** At most 64 bytes, and always as many as before. */
  setKey(key: Uint8Array): void {
    for (let at = 0; at < key.length; at += 1) {
      const byte = key[at] ?? 0;
      this.#inner[at] = byte ^ innerPad;
      this.#outer[at] = byte ^ outerPad;
    }
  }

  /** Room for a message of so many bytes; what was written there before stays. */
  room(length: number): Buffer {
    if (blockBytes + length > this.#inner.length) {
      const larger = Buffer.alloc(2 * (blockBytes + length));
      this.#inner.copy(larger);
      this.#inner = larger;
    }
    return this.#inner.subarray(blockBytes);
  }

  /** Of the first `length` bytes of the message, as 32 characters of U+0000–00FF. */
  tag(length: number): string {
    this.#outer.write(hash('sm3', this.#inner.subarray(0, blockBytes + length), 'binary'), blockBytes, 'latin1');
    return hash('sm3', this.#outer, 'binary');
  }
}

/** The tags of one register's records, over `length of the place (4) ‖ place ‖ nonce ‖ ciphertext`. */
export class RecordTag {
  readonly #hmac = new ScratchHmac();
  readonly #nonceAt: number;

  constructor(register: string) {
    const place = Buffer.from(recordPlace(register, 0));
    const message = this.#hmac.room(usualBytes);
    this.#nonceAt = 4 + place.length;
    message.writeUInt32BE(place.length, 0);
    message.set(place, 4);
  }

  #compute(key: Uint8Array, entry: number, nonce: Uint8Array, ciphertext: Uint8Array): string {
    const length = this.#nonceAt + nonceBytes + ciphertext.length;
    const message = this.#hmac.room(length);
    this.#hmac.setKey(key);
    message.write(toDigits(entry), this.#nonceAt - entryDigits, 'latin1');
    message.set(nonce, this.#nonceAt);
    message.set(ciphertext, this.#nonceAt + nonceBytes);
    return this.#hmac.tag(length);
  }

  /** Writes `nonce ‖ ciphertext ‖ tag` into `room`. */
  seal(key: Uint8Array, entry: number, nonce: Uint8Array, ciphertext: Uint8Array, room: Buffer): void {
    room.set(nonce);
    room.set(ciphertext, nonceBytes);
    room.write(this.#compute(key, entry, nonce, ciphertext), nonceBytes + ciphertext.length, 'latin1');
  }

  /** Whether the tag of `nonce ‖ ciphertext ‖ tag` holds for this entry. */
  holds(key: Uint8Array, entry: number, sealed: Uint8Array): boolean {
    if (sealed.length < nonceBytes + tagBytes) return false;
    const end = sealed.length - tagBytes;
    const tag = this.#compute(key, entry, sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes, end));
    return timingSafeEqual(Buffer.from(tag, 'latin1'), sealed.subarray(end));
  }
}

/** The function that tags texts (their UTF-8) under one key, into 32 characters of U+0000–00FF. */
export function textTagger(key: Uint8Array): (text: string) => string {
  const hmac = new ScratchHmac();
  hmac.setKey(key);
  return (text) => hmac.tag(hmac.room(3 * text.length).write(text));
}
