/** The leaves of a batch in pages, each with the root of its subtree: a path takes one page and the roots, whatever the batch's size. */
import { setImmediate } from 'node:timers/promises';
import { merkleRoot, toBase64 } from '@yinxin/core';

export const hashBytes = 32;
/** A power of two, so that the pages of a batch, counted from its start, are subtrees of its tree. */
export const pageLeaves = 256;
export const pageBytes = pageLeaves * hashBytes;
/** Hashed before others get their turn: some 5 ms. */
const pagesAtOnce = 16;

export interface LeafPages {
  /** All leaves, joined. */
  readonly bytes: Uint8Array;
  /** Of each page, joined. */
  readonly roots: Uint8Array;
  /** Of all, as base64. */
  readonly root: string;
}

/** The hashes that lie in the bytes. */
export function splitHashes(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );
}

/** Undefined where the text is not the canonical base64 of at least one hash: the rules will say what is wrong with it. */
export async function readLeafPages(text: string): Promise<LeafPages | undefined> {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % hashBytes !== 0 || bytes.toString('base64') !== text) return undefined;
  const pages = Math.ceil(bytes.length / pageBytes);
  const roots = new Uint8Array(pages * hashBytes);
  for (let page = 0; page < pages; page += 1) {
    if (page % pagesAtOnce === pagesAtOnce - 1) await setImmediate();
    roots.set(merkleRoot(splitHashes(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))), page * hashBytes);
  }
  return { bytes, roots, root: toBase64(merkleRoot(splitHashes(roots))) };
}
