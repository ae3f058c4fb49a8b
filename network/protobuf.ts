/** As much of Protocol Buffers' wire format as a discovery request and its answer need: fields that are bytes. */

type Value = string | Uint8Array;
export type Field = readonly [number: number, value: Value];

const lengthDelimited = 2;

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function encodeMessage(fields: readonly Field[]): Buffer {
  const encode = ([number, value]: Field) => {
    const bytes = Buffer.from(value);
    return [encodeVarint(number * 8 + lengthDelimited), encodeVarint(bytes.length), bytes];
  };
  return Buffer.concat(fields.flatMap(encode));
}

function readVarint(bytes: Uint8Array, start: number): readonly [value: number, end: number] {
  let value = 0;
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * 128 ** (index - start);
    if (byte < 0x80) return [value, index + 1];
  }
  throw new RangeError('a number that does not end');
}

const bytesOfKind: { readonly [wireType: number]: number } = { 1: 8, 5: 4 };

/** The values of a field that is bytes, in order; all other fields are passed over. @throws RangeError for what is no message */
export function readField(message: Uint8Array, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const [tag, start] = readVarint(message, at);
    const kind = tag % 8;
    if (kind === 0) {
      [, at] = readVarint(message, start);
      continue;
    }
    const [length, begin] =
      kind === lengthDelimited ? readVarint(message, start) : [bytesOfKind[kind] ?? Number.NaN, start];
    if (!(begin + length <= message.length)) throw new RangeError('a field that does not end');
    at = begin + length;
    if (kind === lengthDelimited && Math.floor(tag / 8) === wanted)
      found.push(Buffer.from(message.subarray(begin, at)));
  }
  return found;
}
