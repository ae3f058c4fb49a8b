/** Reads a QR symbol out of a picture by a reader that is not ours (jsqr). */
import jsqrModule from 'jsqr';
import { PNG } from 'pngjs';

// CommonJS: what TypeScript takes for a namespace with a default member is the function itself.
const readQr = jsqrModule as unknown as typeof jsqrModule.default;

/** The text of the symbol; undefined where none is found. */
export function readPng(png: Uint8Array): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return readQr(new Uint8ClampedArray(data), width, height)?.data;
}
