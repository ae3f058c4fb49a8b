/** Writes protocol buffers (protobuf.dev, "Encoding"): as much as requests to peers need. Fields are put together by `Buffer.concat`. */

function formatVarint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** A field of a number from 0. */
export function numberField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([formatVarint(field << 3), formatVarint(value)]);
}

/** A field of bytes, of a text in UTF-8, or of a message that is these fields. */
export function bytesField(field: number, value: Uint8Array | string | readonly Uint8Array[]): Buffer {
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : Buffer.concat(value);
  return Buffer.concat([formatVarint((field << 3) | 2), formatVarint(bytes.length), bytes]);
}
