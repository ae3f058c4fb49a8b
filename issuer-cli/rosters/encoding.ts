/** Text of a roster from its bytes, piece by piece: UTF-8 or GB18030, recognised from the bytes; a line in the other one is found and refused, for it would come out as other characters. */
import { isAscii, isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { toFileError } from '../files.ts';
import { findForeignCell } from './mixed.ts';

export type Encoding = 'UTF-8' | 'GB18030';

export interface TextForm {
  readonly encoding: Encoding;
  /** Whether the file begins with UTF-8's byte-order mark. */
  readonly hasMark: boolean;
}

const pieceBytes = 256 * 1024;
/** One line at most: a cell of 1 MB is a bad cell, a line of 16 MB is no roster. */
const maxLineBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;
const utf8Mark = [0xef, 0xbb, 0xbf];

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw toFileError(path, error);
  }
}

/** Whole lines, as many as a piece holds, and the place where they begin; the bytes hold until the next piece is asked for. */
async function* readPieces(path: string): AsyncGenerator<{ readonly bytes: Buffer; readonly at: number }> {
  const handle = await openFile(path);
  try {
    let buffer = Buffer.allocUnsafe(2 * pieceBytes);
    let held = 0;
    let at = 0;
    for (;;) {
      if (held > maxLineBytes) throw new YinxinError('TOO_LARGE', { file: basename(path), maxBytes: maxLineBytes });
      if (buffer.length - held < pieceBytes) {
        const larger = Buffer.allocUnsafe(2 * buffer.length);
        buffer.copy(larger, 0, 0, held);
        buffer = larger;
      }
      const { bytesRead } = await handle.read(buffer, held, pieceBytes, at + held);
      const end = held + bytesRead;
      const cut = bytesRead === 0 ? end : buffer.subarray(0, end).lastIndexOf(lineFeed) + 1;
      if (cut > 0) yield { bytes: buffer.subarray(0, cut), at };
      if (bytesRead === 0) return;
      buffer.copy(buffer, 0, cut, end);
      held = end - cut;
      at += cut;
    }
  } finally {
    await handle.close();
  }
}

/** The line of the file, from 1, in which a place lies. */
async function lineAt(path: string, place: number): Promise<number> {
  let line = 1;
  for await (const { bytes, at } of readPieces(path)) {
    if (at >= place) break;
    const part = bytes.subarray(0, Math.min(bytes.length, place - at));
    for (let end = part.indexOf(lineFeed); end >= 0; end = part.indexOf(lineFeed, end + 1)) line += 1;
  }
  return line;
}

function* splitLines(bytes: Buffer): Generator<{ readonly line: Buffer; readonly at: number }> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, at);
    const next = end < 0 ? bytes.length : end + 1;
    yield { line: bytes.subarray(at, next), at };
    at = next;
  }
}

/** Several decoders are costly to make; one is enough, for every piece is decoded whole. */
const gb18030 = new TextDecoder('gb18030', { fatal: true });

function decodeGb18030(bytes: Uint8Array): string | undefined {
  try {
    return gb18030.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where a line begins that is not of the encoding; undefined where all are. */
function findForeignLine(bytes: Buffer, encoding: Encoding): number | undefined {
  const isOwn =
    encoding === 'UTF-8' ? isUtf8 : (line: Buffer) => decodeGb18030(line) !== undefined && findForeignCell(line) < 0;
  for (const { line, at } of splitLines(bytes)) if (!isOwn(line)) return at;
  return undefined;
}

/** Every character beyond ASCII is of two bytes in UTF-8 and a common character in GB18030: nobody can tell which is meant. */
function isAmbiguous(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  if (/[\u0800-\uffff]/.test(text)) return false;
  const other = decodeGb18030(bytes);
  return other !== undefined && !/[\u0080-\u4dff\ua000-\uffff]/.test(other);
}

/** By its first lines beyond ASCII. @throws YinxinError ROSTER_ENCODING with `{likely}` */
function decideEncoding(bytes: Buffer): Encoding {
  if (isUtf8(bytes)) {
    if (isAmbiguous(bytes)) throw new YinxinError('ROSTER_ENCODING', { likely: 'unknown' });
    return 'UTF-8';
  }
  let utf8 = 0;
  let other = 0;
  for (const { line } of splitLines(bytes)) {
    if (isAscii(line)) continue;
    if (isUtf8(line)) utf8 += 1;
    else if (decodeGb18030(line) !== undefined) other += 1;
  }
  if (utf8 + other === 0) throw new YinxinError('ROSTER_ENCODING', { likely: 'unknown' });
  return utf8 >= other ? 'UTF-8' : 'GB18030';
}

function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const head = bytes.subarray(0, 1024);
  return head.length >= 8 && head.filter((byte) => byte === 0).length * 3 > head.length;
}

/** Reads as far as the first piece that is not ASCII. @throws YinxinError FILE_UNREADABLE, TOO_LARGE, ROSTER_ENCODING */
export async function detectForm(path: string): Promise<TextForm> {
  for await (const { bytes, at } of readPieces(path)) {
    if (at === 0 && isUtf16(bytes)) throw new YinxinError('ROSTER_ENCODING', { likely: 'UTF-16' });
    if (at === 0 && utf8Mark.every((byte, place) => bytes[place] === byte)) return { encoding: 'UTF-8', hasMark: true };
    if (!isAscii(bytes)) return { encoding: decideEncoding(bytes), hasMark: false };
  }
  return { encoding: 'UTF-8', hasMark: false };
}

function decode(bytes: Buffer, encoding: Encoding): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (encoding === 'UTF-8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  return findForeignCell(bytes) < 0 ? decodeGb18030(bytes) : undefined;
}

async function refuseLine(path: string, bytes: Buffer, at: number, encoding: Encoding): Promise<YinxinError> {
  const line = await lineAt(path, at + (findForeignLine(bytes, encoding) ?? 0));
  return new YinxinError('ROSTER_ENCODING_MIXED', { line, encoding });
}

/** Texts of whole lines, without the mark. @throws YinxinError FILE_UNREADABLE, TOO_LARGE, ROSTER_ENCODING_MIXED with `{line, encoding}` */
export async function* readTexts(path: string, { encoding, hasMark }: TextForm): AsyncGenerator<string> {
  for await (const { bytes, at } of readPieces(path)) {
    const text = decode(bytes, encoding);
    if (text === undefined) throw await refuseLine(path, bytes, at, encoding);
    yield at === 0 && hasMark ? text.slice(1) : text;
  }
}
