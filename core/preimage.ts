/** One reused buffer in which what is hashed is put together: fresh arrays cost more than the hash itself. */

const encoder = new TextEncoder();
/** Texts up to this long are encoded in a loop here: a call to the encoder costs more. */
const shortText = 64;
/** Lengths whose views are kept. */
const keptViews = 1024;

/** Not re-entrant: put together, take the view and hash it before the next use. */
export class Preimage {
  #buffer = new Uint8Array(4096);
  #views: (Uint8Array | undefined)[] = [];
  #length = 0;

  /** Forgets all but the first `length` bytes. */
  keep(length: number): this {
    this.#length = length;
    return this;
  }

  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Appends the codes of the first `count` characters, all below U+0100. */
  appendLatin1(text: string, count: number): this {
    this.#reserve(count);
    for (let at = 0; at < count; at += 1) this.#buffer[this.#length + at] = text.charCodeAt(at);
    this.#length += count;
    return this;
  }

  /** Appends UTF-8; the text has no lone surrogate. */
  appendText(text: string): this {
    this.#reserve(text.length * 3);
    if (text.length > shortText) {
      this.#length += encoder.encodeInto(text, this.#buffer.subarray(this.#length)).written;
      return this;
    }
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if ((unit & 0xfc00) !== 0xd800) this.#push(unit);
      else {
        at += 1;
        this.#push(0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(at) & 0x3ff));
      }
    }
    return this;
  }

  /** Valid until the next use. */
  view(): Uint8Array {
    const kept = this.#views[this.#length];
    if (kept) return kept;
    const view = this.#buffer.subarray(0, this.#length);
    if (this.#length < keptViews) this.#views[this.#length] = view;
    return view;
  }

  #push(point: number): void {
    const buffer = this.#buffer;
    let at = this.#length;
    if (point < 0x80) buffer[at++] = point;
    else if (point < 0x800) {
      buffer[at++] = 0xc0 | (point >> 6);
      buffer[at++] = 0x80 | (point & 63);
    } else {
      if (point < 0x10000) buffer[at++] = 0xe0 | (point >> 12);
      else {
        buffer[at++] = 0xf0 | (point >> 18);
        buffer[at++] = 0x80 | ((point >> 12) & 63);
      }
      buffer[at++] = 0x80 | ((point >> 6) & 63);
      buffer[at++] = 0x80 | (point & 63);
    }
    this.#length = at;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#views = [];
  }
}
