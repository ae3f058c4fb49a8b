/** A strict reader of raw DEFLATE (RFC 1951): libraries neither report bytes left over nor check padding, so two codes could carry one content. */
import { YinxinError } from './errors.ts';

const maxCodeBits = 15;
const endOfBlock = 256;
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceExtra = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which a dynamic block gives the lengths of the code for code lengths. */
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A prefix code: how many symbols have each length, and the symbols by length, then value. */
interface PrefixCode {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

function malformed(reason: string): YinxinError {
  return new YinxinError('MALFORMED_CODE', { reason });
}

/**
 * Inflates exactly these bytes to at most `maxBytes`.
 * @throws YinxinError MALFORMED_CODE on bytes left over, padding that is not zero, code sets incomplete or over-subscribed, references before the beginning, more than maxBytes
 */
export function inflateRaw(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const inflater = new Inflater(bytes, maxBytes);
  while (!inflater.readBlock());
  return inflater.finish();
}

function toPrefixCode(lengths: readonly number[], kind: 'complete' | 'distance'): PrefixCode {
  const counts: number[] = new Array(maxCodeBits + 1).fill(0);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const used = lengths.length - (counts[0] ?? 0);
  counts[0] = 0;
  let free = 1;
  for (let bits = 1; bits <= maxCodeBits; bits += 1) {
    free = 2 * free - (counts[bits] ?? 0);
    if (free < 0) throw malformed('over-subscribed code set');
  }
  // RFC 1951 §3.2.7: no distance code at all, or a single one of one bit, is lawful.
  const isLoneDistance = kind === 'distance' && (used === 0 || (used === 1 && counts[1] === 1));
  if (free > 0 && !isLoneDistance) throw malformed('incomplete code set');
  const symbols: number[] = [];
  for (let bits = 1; bits <= maxCodeBits; bits += 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) if (lengths[symbol] === bits) symbols.push(symbol);
  }
  return { counts, symbols };
}

/** RFC 1951 §3.2.6; symbols 286, 287 and distances 30, 31 are part of the set and refused when met. */
const fixedLengths = Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
const fixedLiterals = toPrefixCode(fixedLengths, 'complete');
const fixedDistances = toPrefixCode(new Array(32).fill(5), 'distance');

class Inflater {
  readonly #bytes: Uint8Array;
  readonly #out: Uint8Array;
  #bit = 0;
  #size = 0;

  constructor(bytes: Uint8Array, maxBytes: number) {
    this.#bytes = bytes;
    this.#out = new Uint8Array(maxBytes);
  }

  /** Reads one block; true when it was the last. */
  readBlock(): boolean {
    const isLast = this.#bits(1) === 1;
    const kind = this.#bits(2);
    if (kind === 0) this.#readStored();
    else if (kind === 1) this.#readCompressed(fixedLiterals, fixedDistances);
    else if (kind === 2) this.#readDynamic();
    else throw malformed('reserved block type');
    return isLast;
  }

  finish(): Uint8Array {
    this.#align();
    if (this.#bit !== 8 * this.#bytes.length) throw malformed('bytes left over');
    return this.#out.slice(0, this.#size);
  }

  #bits(count: number): number {
    let value = 0;
    for (let at = 0; at < count; at += 1) {
      const byte = this.#bytes[this.#bit >> 3];
      if (byte === undefined) throw malformed('truncated');
      value |= ((byte >> (this.#bit & 7)) & 1) << at;
      this.#bit += 1;
    }
    return value;
  }

  #align(): void {
    if (this.#bits(-this.#bit & 7) !== 0) throw malformed('padding is not zero');
  }

  #put(byte: number): void {
    if (this.#size >= this.#out.length) throw malformed('inflates to too many bytes');
    this.#out[this.#size] = byte;
    this.#size += 1;
  }

  #readStored(): void {
    this.#align();
    const length = this.#bits(16);
    if ((this.#bits(16) ^ length) !== 0xffff) throw malformed('stored length');
    for (let left = length; left > 0; left -= 1) this.#put(this.#bits(8));
  }

  #symbol({ counts, symbols }: PrefixCode): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= maxCodeBits; bits += 1) {
      code |= this.#bits(1);
      const count = counts[bits] ?? 0;
      const symbol = code - first < count ? symbols[index + code - first] : undefined;
      if (symbol !== undefined) return symbol;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw malformed('a bit pattern outside the code set');
  }

  #readDynamic(): void {
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    if (literals > 286 || distances > 30) throw malformed('too many symbols');
    const lengths = this.#readLengths(literals + distances);
    if (lengths[endOfBlock] === 0) throw malformed('no end-of-block symbol');
    this.#readCompressed(
      toPrefixCode(lengths.slice(0, literals), 'complete'),
      toPrefixCode(lengths.slice(literals), 'distance'),
    );
  }

  #readLengths(total: number): readonly number[] {
    const codeLengths: number[] = new Array(19).fill(0);
    const given = this.#bits(4) + 4;
    for (const symbol of codeLengthOrder.slice(0, given)) codeLengths[symbol] = this.#bits(3);
    const code = toPrefixCode(codeLengths, 'complete');
    const lengths: number[] = [];
    while (lengths.length < total) {
      const [length, times] = this.#lengthRun(this.#symbol(code), lengths);
      for (let left = times; left > 0; left -= 1) lengths.push(length);
    }
    if (lengths.length > total) throw malformed('a run of code lengths past the end');
    return lengths;
  }

  #lengthRun(symbol: number, before: readonly number[]): readonly [length: number, times: number] {
    if (symbol < 16) return [symbol, 1];
    if (symbol === 17) return [0, 3 + this.#bits(3)];
    if (symbol === 18) return [0, 11 + this.#bits(7)];
    const previous = before[before.length - 1];
    if (previous === undefined) throw malformed('a run with nothing before it');
    return [previous, 3 + this.#bits(2)];
  }

  #readCompressed(literals: PrefixCode, distances: PrefixCode): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === endOfBlock) return;
      if (symbol < endOfBlock) this.#put(symbol);
      else this.#copy(symbol - endOfBlock - 1, distances);
    }
  }

  #copy(lengthSymbol: number, distances: PrefixCode): void {
    const length = this.#baseAndExtra(lengthBase, lengthExtra, lengthSymbol);
    const distance = this.#baseAndExtra(distanceBase, distanceExtra, this.#symbol(distances));
    if (distance > this.#size) throw malformed('a reference before the beginning');
    for (let left = length; left > 0; left -= 1) this.#put(this.#out[this.#size - distance] ?? 0);
  }

  #baseAndExtra(bases: readonly number[], extras: readonly number[], symbol: number): number {
    const base = bases[symbol];
    if (base === undefined) throw malformed('a reserved symbol');
    return base + this.#bits(extras[symbol] ?? 0);
  }
}
