/** Deterministic CBOR (RFC 8949 §4.2.1) of the few kinds that a code uses. */
import { concat, equal, fromUtf8, utf8 } from './bytes.ts';
import { YinxinError } from './errors.ts';

/** Numbers are safe integers; map keys are unsigned. */
export type CborValue = number | string | Uint8Array | null | readonly CborValue[] | ReadonlyMap<number, CborValue>;

const maxBytes = 4096;
const maxDepth = 4;
const nullByte = 0xf6;

function malformed(reason: string): YinxinError {
  return new YinxinError('MALFORMED_CBOR', { reason });
}

/** The one encoding of the value; map keys ascend whatever order they came in. @throws YinxinError MALFORMED_CBOR on a number that is not a safe integer, or a key below 0; MALFORMED_TEXT on a lone surrogate */
export function encodeCbor(value: CborValue): Uint8Array {
  if (value === null) return Uint8Array.of(nullByte);
  if (typeof value === 'number') return encodeInteger(value);
  if (typeof value === 'string') return encodeBytes(3, utf8(value));
  if (value instanceof Uint8Array) return encodeBytes(2, value);
  if (value instanceof Map) return encodeMap(value);
  return encodeArray(value as readonly CborValue[]); // the only kind left; instanceof does not narrow ReadonlyMap
}

function encodeInteger(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw malformed('a number that is not a safe integer');
  return value >= 0 ? encodeHead(0, value) : encodeHead(1, -1 - value);
}

function encodeBytes(major: number, bytes: Uint8Array): Uint8Array {
  return concat(encodeHead(major, bytes.length), bytes);
}

function encodeArray(items: readonly CborValue[]): Uint8Array {
  return concat(encodeHead(4, items.length), ...items.map(encodeCbor));
}

function encodeMap(map: ReadonlyMap<number, CborValue>): Uint8Array {
  const parts = [encodeHead(5, map.size)];
  for (const [key, value] of [...map].sort(([a], [b]) => a - b)) {
    if (key < 0) throw malformed('a map key below 0');
    parts.push(encodeInteger(key), encodeCbor(value));
  }
  return concat(...parts);
}

/** Major type and argument in the shortest form. */
function encodeHead(major: number, argument: number): Uint8Array {
  const initial = major << 5;
  if (argument < 24) return Uint8Array.of(initial | argument);
  const width = argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8;
  const head = new Uint8Array(1 + width);
  head[0] = initial | (24 + Math.log2(width));
  let rest = argument;
  for (let at = width; at > 0; at -= 1) {
    head[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return head;
}

/**
 * The value of exactly these bytes, at most 4,096 of them and 4 levels of arrays and maps.
 * @throws YinxinError MALFORMED_CBOR on every other kind, and on what does not re-encode to the same bytes
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  if (bytes.length > maxBytes) throw malformed('too many bytes');
  const reader = new CborReader(bytes);
  const value = reader.read(0);
  if (!equal(encodeCbor(value), bytes)) throw malformed('not the deterministic encoding, or trailing bytes');
  return value;
}

/** Reads lengths of any width and keys in any order: the comparison in decodeCbor refuses what is not deterministic. */
class CborReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** `depth`: levels of arrays and maps around this value. */
  read(depth: number): CborValue {
    const initial = this.#byte();
    if (initial === nullByte) return null;
    const argument = this.#argument(initial & 31);
    switch (initial >> 5) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return this.#text(argument);
      case 4:
        return this.#array(argument, depth + 1);
      case 5:
        return this.#map(argument, depth + 1);
      default:
        throw malformed('a kind that is not read here');
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed('truncated');
    this.#at += 1;
    return byte;
  }

  #argument(short: number): number {
    if (short < 24) return short;
    if (short > 27) throw malformed('an indefinite or reserved length');
    let argument = 0;
    for (let left = 2 ** (short - 24); left > 0; left -= 1) argument = argument * 256 + this.#byte();
    if (!Number.isSafeInteger(argument)) throw malformed('a number that is not a safe integer');
    return argument;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw malformed('truncated');
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  #text(length: number): string {
    try {
      return fromUtf8(this.#take(length));
    } catch {
      throw malformed('text that is truncated or not UTF-8');
    }
  }

  #array(length: number, depth: number): CborValue {
    if (depth > maxDepth) throw malformed('too deep');
    const items: CborValue[] = [];
    while (items.length < length) items.push(this.read(depth));
    return items;
  }

  #map(size: number, depth: number): CborValue {
    if (depth > maxDepth) throw malformed('too deep');
    const map = new Map<number, CborValue>();
    for (let left = size; left > 0; left -= 1) {
      const key = this.read(depth);
      if (typeof key !== 'number') throw malformed('a map key that is not an integer');
      map.set(key, this.read(depth));
    }
    return map;
  }
}
