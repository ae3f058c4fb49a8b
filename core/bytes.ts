/** Bytes and their text forms: strict UTF-8 (RFC 3629), lower-case hex, canonical padded base64 (RFC 4648 §4). What does not re-encode to itself is refused. */
import { YinxinError } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** With the `u` flag a surrogate matches only when it stands alone. */
const loneSurrogate = /\p{Surrogate}/u;

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const base64Codes = Uint8Array.from(base64Alphabet, (letter) => letter.charCodeAt(0));
const notBase64 = 64;
const sextets = new Uint8Array(128).fill(notBase64);
for (let value = 0; value < base64Codes.length; value += 1) sextets[base64Codes[value] ?? 0] = value;
const padding = 61;

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hexPattern = /^(?:[0-9a-f]{2})*$/;

/** Text as UTF-8, exactly as given: nothing is normalised. @throws YinxinError MALFORMED_TEXT on a lone surrogate */
export function utf8(text: string): Uint8Array {
  if (loneSurrogate.test(text)) throw new YinxinError('MALFORMED_TEXT', { reason: 'lone surrogate' });
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; a byte-order mark stays as U+FEFF. @throws YinxinError MALFORMED_TEXT on anything that is not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new YinxinError('MALFORMED_TEXT', { reason: 'not UTF-8' });
  }
}

/** Bytes of an ASCII text. @throws YinxinError MALFORMED_TEXT on any other character */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) throw new YinxinError('MALFORMED_TEXT', { reason: 'not ASCII' });
    bytes[at] = code;
  }
  return bytes;
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexPairs[byte];
  return text;
}

/** @throws YinxinError MALFORMED_TEXT unless the text is an even number of 0-9a-f */
export function fromHex(text: string): Uint8Array {
  if (!hexPattern.test(text)) throw new YinxinError('MALFORMED_TEXT', { reason: 'not lower-case hex' });
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** Padded base64. */
export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    codes[at] = base64Codes[group >> 18] ?? 0;
    codes[at + 1] = base64Codes[(group >> 12) & 63] ?? 0;
    codes[at + 2] = from + 1 < bytes.length ? (base64Codes[(group >> 6) & 63] ?? 0) : padding;
    codes[at + 3] = from + 2 < bytes.length ? (base64Codes[group & 63] ?? 0) : padding;
    at += 4;
  }
  return fromAsciiCodes(codes);
}

/** Engines bound the number of arguments, so long texts are built in pieces. */
function fromAsciiCodes(codes: Uint8Array): string {
  const piece = 8192;
  if (codes.length <= piece) return String.fromCharCode.apply(null, codes as unknown as number[]); // `apply` takes any array-like; its type does not say so
  let text = '';
  for (let at = 0; at < codes.length; at += piece) text += fromAsciiCodes(codes.subarray(at, at + piece));
  return text;
}

/**
 * Bytes of canonical padded base64, of exactly `length` bytes when that is given.
 * @throws YinxinError MALFORMED_TEXT on other letters, missing padding, stray bits, or another length
 */
export function fromBase64(text: string, length?: number): Uint8Array {
  const pads = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const size = (text.length / 4) * 3 - pads;
  if (text.length % 4 !== 0 || (length !== undefined && size !== length)) throw notCanonicalBase64();
  const bytes = new Uint8Array(size);
  const letters = text.length - pads;
  let held = 0;
  let heldBits = 0;
  let to = 0;
  for (let at = 0; at < letters; at += 1) {
    const sextet = sextets[text.charCodeAt(at)] ?? notBase64;
    if (sextet === notBase64) throw notCanonicalBase64();
    held = ((held << 6) | sextet) & 0xffff;
    heldBits += 6;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[to] = held >> heldBits;
      to += 1;
    }
  }
  if ((held & ((1 << heldBits) - 1)) !== 0) throw notCanonicalBase64();
  return bytes;
}

/** 32 bytes are 43 letters, the last with two stray bits that must be zero, and one pad. */
const hashPattern = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** The text, when it is the canonical base64 of 32 bytes: to check a hash costs less than to read it. @throws YinxinError MALFORMED_TEXT */
export function requireBase64Hash(text: string): string {
  if (!hashPattern.test(text)) throw notCanonicalBase64();
  return text;
}

function notCanonicalBase64(): YinxinError {
  return new YinxinError('MALFORMED_TEXT', { reason: 'not canonical base64 of the length required' });
}

/** One array of all parts in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Same length and bytes. Not constant in time: for public values only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
