/** A tar archive (POSIX ustar) under gzip, the same bytes on every machine: no owner, no date. */
import { constants, gzipSync } from 'node:zlib';

const blockBytes = 512;

export interface Entry {
  readonly name: string;
  readonly content: string | Uint8Array;
}

const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** Offsets of the fields: IEEE Std 1003.1, pax, "ustar Interchange Format". */
function formatHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function packTarGz(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, content }) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes);
    return [formatHeader(name, bytes.length), bytes, padding];
  });
  const archive = Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
  const zipped = gzipSync(archive, { level: constants.Z_NO_COMPRESSION });
  zipped[9] = 255; // RFC 1952: the operating system, unknown
  return zipped;
}
