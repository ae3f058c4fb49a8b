/** Whether the same was seen before, among millions, in 16 bytes each: a table of 64-bit hashes under a seed of its own. */

const firstSlots = 1 << 16;
/** Of the slots, before the table grows. */
const fullness = 0.6;

export class SeenLines {
  readonly #seed: number;
  #slots = firstSlots;
  #count = 0;
  /** Two halves of the hash and the line; a line of 0 is a free slot. */
  #high = new Uint32Array(firstSlots);
  #low = new Uint32Array(firstSlots);
  #lines = new Uint32Array(firstSlots);

  /** `seed`: 4 random bytes. */
  constructor(seed: Uint8Array) {
    this.#seed = new DataView(seed.buffer, seed.byteOffset, 4).getUint32(0);
  }

  /** The line on which the same text was seen first; undefined, and from now on `line`, when it was not. Two texts are taken for the same with a chance below one in ten million for a million of them. */
  see(text: string, line: number): number | undefined {
    if (this.#count > this.#slots * fullness) this.#grow();
    let [a, b] = [0xdeadbeef ^ this.#seed, 0x41c6ce57 ^ this.#seed];
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      a = Math.imul(a ^ unit, 2654435761);
      b = Math.imul(b ^ unit, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return this.#put(a >>> 0, b >>> 0, line);
  }

  #put(high: number, low: number, line: number): number | undefined {
    const mask = this.#slots - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const there = this.#lines[slot] ?? 0;
      if (there === 0) {
        this.#high[slot] = high;
        this.#low[slot] = low;
        this.#lines[slot] = line;
        this.#count += 1;
        return undefined;
      }
      if (this.#high[slot] === high && this.#low[slot] === low) return there;
    }
  }

  #grow(): void {
    const [high, low, lines] = [this.#high, this.#low, this.#lines];
    this.#slots *= 2;
    this.#count = 0;
    this.#high = new Uint32Array(this.#slots);
    this.#low = new Uint32Array(this.#slots);
    this.#lines = new Uint32Array(this.#slots);
    for (const [at, line] of lines.entries()) if (line > 0) this.#put(high[at] ?? 0, low[at] ?? 0, line);
  }
}
