/** What a handler gives back: JSON for one asker, or a document that many may cache. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { utf8 } from '@yinxin/core';

/** Bytes that are the same for everyone, compressed once. */
export interface Document {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly br?: Uint8Array;
  readonly gzip?: Uint8Array;
  /** Strong, with quotes (RFC 9110 §8.8.3); of the uncompressed bytes. */
  readonly etag: string;
}

/** `private` and `lines` are for one asker and never stored; `document` is revalidated by its ETag, each time unless it says otherwise. */
export type Answer =
  | {
      readonly kind: 'private';
      readonly status: number;
      readonly mediaType: string;
      readonly text: string;
      readonly headers?: { readonly [name: string]: string };
    }
  | {
      readonly kind: 'lines';
      readonly status: number;
      /** The first line, JSON, where there is one. */
      readonly head?: object;
      /** Further lines, some at a time, read no faster than they are taken. */
      readonly lines: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'document'; readonly document: Document; readonly cacheControl?: string };

export const jsonMediaType = 'application/json';

/** The members must be JSON; interfaces have no index signature, so the type does not say it. */
export function answerJson(value: object, status = 200, mediaType = jsonMediaType): Answer {
  return { kind: 'private', status, mediaType, text: JSON.stringify(value) };
}

/** JSON values one on a line, each with LF. */
export const linesMediaType = 'application/x-ndjson';

export function answerLines(
  { head, lines }: { readonly head?: object; readonly lines: AsyncIterable<Uint8Array> },
  status = 200,
): Answer {
  return { kind: 'lines', status, lines, ...(head && { head }) };
}

export function answerText(text: string, mediaType: string): Answer {
  return { kind: 'private', status: 200, mediaType, text };
}

/** Below this, compression costs more than it saves. */
const smallestCompressed = 1_024;
const brotliQuality = 5;
const compressible = /^(text\/|application\/(json|jwt|statuslist\+jwt|javascript|manifest\+json|wasm)|image\/svg)/;

/** Compresses what is public only: a length that depends on secrets and on what an attacker sends would tell. */
export async function toDocument(mediaType: string, bytes: Uint8Array): Promise<Document> {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  if (bytes.length < smallestCompressed || !compressible.test(mediaType)) return { mediaType, bytes, etag };
  const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality };
  const [br, zipped] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes)]);
  return { mediaType, bytes, br, gzip: zipped, etag };
}

export function toJsonDocument(value: object): Promise<Document> {
  return toDocument(jsonMediaType, utf8(JSON.stringify(value)));
}
