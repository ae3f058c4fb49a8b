/** Reads what a request carries: bytes up to a limit, then strictly as JSON or as a form. */
import type { IncomingMessage } from 'node:http';
import { concat, fromUtf8, type Json, parseJson, YinxinError } from '@yinxin/core';

/** Of any request but those whose route says otherwise. */
export const usualMaxBytes = 1_048_576;
const formMaxBytes = 16_384;

const cutOff = () => new YinxinError('MALFORMED_TEXT', { why: 'the request was cut off' });

/** What exceeds the limit is dropped as it arrives, so that the answer can still be read. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) reject(cutOff()); // it tells nobody any more
    const chunks: Uint8Array[] = [];
    let length = 0;
    const refuse = () => reject(new YinxinError('TOO_LARGE', { maxBytes }));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        refuse();
      }
    });
    request.on('end', () => resolve(concat(...chunks)));
    request.on('error', () => reject(cutOff()));
  });
}

/** @throws YinxinError MEDIA_TYPE_UNSUPPORTED unless it is this one, in UTF-8, not compressed */
function requireMediaType(request: IncomingMessage, mediaType: string): void {
  const [given = '', ...parameters] = String(request.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isPlain = (request.headers['content-encoding'] ?? 'identity') === 'identity';
  const isUtf8 = parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
  if (given !== mediaType || !isPlain || !isUtf8)
    throw new YinxinError('MEDIA_TYPE_UNSUPPORTED', { wanted: mediaType });
}

/** @throws YinxinError MEDIA_TYPE_UNSUPPORTED, TOO_LARGE, and as parseJson */
export async function readJson(request: IncomingMessage, maxBytes = usualMaxBytes): Promise<Json> {
  requireMediaType(request, 'application/json');
  return parseJson(await readBytes(request, maxBytes), { maxBytes });
}

/** What a request carries as JSON that is not read yet; its length is the greatest it may have where the request does not say. */
export interface JsonBytes {
  readonly bytes: number;
  /** @throws YinxinError MEDIA_TYPE_UNSUPPORTED, TOO_LARGE */
  read(): Promise<Uint8Array>;
}

export function jsonBytesOf(request: IncomingMessage, maxBytes: number): JsonBytes {
  const declared = Number(request.headers['content-length'] ?? maxBytes);
  return {
    bytes: Math.min(declared, maxBytes),
    async read() {
      requireMediaType(request, 'application/json');
      return readBytes(request, maxBytes);
    },
  };
}

/** Names and values of a form, each name once. @throws YinxinError MEDIA_TYPE_UNSUPPORTED, TOO_LARGE, INPUT_INVALID */
export async function readForm(request: IncomingMessage): Promise<{ readonly [name: string]: string }> {
  requireMediaType(request, 'application/x-www-form-urlencoded');
  return readPairs(new URLSearchParams(fromUtf8(await readBytes(request, formMaxBytes))));
}

/** @throws YinxinError INPUT_INVALID for a name that comes twice */
export function readPairs(pairs: URLSearchParams): { readonly [name: string]: string } {
  const found = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (found.has(name)) throw new YinxinError('INPUT_INVALID', { member: name.slice(0, 64) });
    found.set(name, value);
  }
  return Object.fromEntries(found);
}
