/** One reused buffer in which what is hashed is put together: a fresh array per hash costs more than the hash. */

const encoder = new TextEncoder();

/** Not re-entrant: start, append, take the view and hash it before the next start. */
export class Preimage {
  #buffer = new Uint8Array(4096);
  #length = 0;

  start(tag: Uint8Array): this {
    this.#length = 0;
    return this.append(tag);
  }

  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Appends UTF-8; the text has no lone surrogate. */
  appendText(text: string): this {
    this.#reserve(text.length * 3);
    this.#length += encoder.encodeInto(text, this.#buffer.subarray(this.#length)).written;
    return this;
  }

  /** Valid until the next start. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.view());
    this.#buffer = larger;
  }
}
