/** Raw DEFLATE (RFC 1951) writer, apart from the reader so that a page which only reads need not carry it. The only file that imports fflate. */
import { deflateSync } from 'fflate';

/** The bytes at the highest level of compression. */
export function deflateRaw(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 9 });
}
