/** The parts of a workbook: a ZIP archive (ECMA-376 part 2), read within bounds. The one file that knows yauzl. */
import { open } from 'node:fs/promises';
import { YinxinError } from '@yinxin/core';
import { type Entry, openPromise, type ZipFile } from 'yauzl';

const maxParts = 10_000;
/** Workbook, styles, relations. */
const smallBytes = 64 * 1024 * 1024;
/** A sheet of 1,048,576 full rows is far below. */
const largeBytes = 4 * 1024 * 1024 * 1024;
/** Sheets of spreadsheets shrink to a tenth or thirtieth; only made-up data shrinks more. */
const maxRatio = 200;
/** What is small is harmless whatever its ratio. */
const harmlessBytes = 8 * 1024 * 1024;

function damaged(): YinxinError {
  return new YinxinError('ROSTER_DAMAGED');
}

function isBomb(packed: number, unpacked: number, maxBytes: number): boolean {
  return unpacked > maxBytes || (unpacked > harmlessBytes && unpacked > packed * maxRatio);
}

export class Package {
  readonly #zip: ZipFile;
  readonly #parts: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, parts: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#parts = parts;
  }

  /** @throws YinxinError ROSTER_DAMAGED, ROSTER_PASSWORD, ROSTER_BOMB */
  static async open(path: string): Promise<Package> {
    let zip: ZipFile | undefined;
    try {
      zip = await openPromise(path, { lazyEntries: true, autoClose: false });
      if (zip.entryCount > maxParts) throw new YinxinError('ROSTER_BOMB');
      const parts = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        if (entry.isEncrypted()) throw new YinxinError('ROSTER_PASSWORD');
        if (parts.has(entry.fileName.toLowerCase())) throw damaged();
        parts.set(entry.fileName.toLowerCase(), entry);
      }
      return new Package(zip, parts);
    } catch (error) {
      zip?.close();
      throw error instanceof YinxinError ? error : damaged();
    }
  }

  /** Names of all parts, in lower case: part names do not tell capitals apart. */
  get names(): readonly string[] {
    return [...this.#parts.keys()];
  }

  has(name: string): boolean {
    return this.#parts.has(name.toLowerCase());
  }

  /** The text of a part, in pieces. @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
  async *read(name: string, maxBytes = largeBytes): AsyncGenerator<string> {
    const entry = this.#parts.get(name.toLowerCase());
    if (!entry) throw damaged();
    const { compressedSize } = entry;
    if (isBomb(compressedSize, entry.uncompressedSize, maxBytes)) throw new YinxinError('ROSTER_BOMB');
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let bytes = 0;
    try {
      const stream = await this.#zip.openReadStreamPromise(entry);
      for await (const chunk of stream) {
        if (!(chunk instanceof Uint8Array)) throw damaged();
        bytes += chunk.length;
        if (isBomb(compressedSize, bytes, maxBytes)) throw new YinxinError('ROSTER_BOMB');
        yield decoder.decode(chunk, { stream: true });
      }
      yield decoder.decode();
    } catch (error) {
      throw error instanceof YinxinError ? error : damaged();
    }
  }

  /** A small part, whole; empty where it is not there. @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
  async readSmall(name: string): Promise<string> {
    let text = '';
    if (this.has(name)) for await (const piece of this.read(name, smallBytes)) text += piece;
    return text;
  }

  close(): void {
    this.#zip.close();
  }
}

const passwordMark = Buffer.from('EncryptedPackage', 'utf16le');
const maxSearchBytes = 256 * 1024 * 1024;

/** Whether a compound file (MS-CFB) is a workbook under a password (MS-OFFCRYPTO): its directory names the encrypted package. */
export async function isEncryptedWorkbook(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(1024 * 1024);
    let held = 0;
    for (let at = 0; at < maxSearchBytes; ) {
      const { bytesRead } = await handle.read(buffer, held, buffer.length - held, at);
      if (bytesRead === 0) return false;
      const end = held + bytesRead;
      if (buffer.subarray(0, end).includes(passwordMark)) return true;
      at += bytesRead;
      held = Math.min(end, passwordMark.length);
      buffer.copyWithin(0, end - held, end);
    }
    return false;
  } finally {
    await handle.close();
  }
}
