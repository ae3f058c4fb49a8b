/** Merkle trees as in RFC 6962 §2.1, with SM3 in place of SHA-256. A leaf here is its 32-byte hash. */
import { sm3 } from '#sm3';
import { equal, fromBase64, toBase64 } from './bytes.ts';
import { YinxinError } from './errors.ts';

const hashBytes = 32;

/** What a leaf's preimage begins with: the leaf hash is SM3(0x00 ‖ data). */
export const leafTag = Uint8Array.of(0);

/** One buffer for all nodes: hashing is synchronous, and a batch has tens of thousands of them. */
const pair = new Uint8Array(1 + 2 * hashBytes);
pair[0] = 1;

/** SM3(0x01 ‖ left ‖ right). @throws YinxinError MALFORMED_PROOF unless both are 32 bytes */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashBytes || right.length !== hashBytes) throw new YinxinError('MALFORMED_PROOF');
  pair.set(left, 1);
  pair.set(right, 1 + hashBytes);
  return sm3(pair);
}

/** Pairs are hashed; an odd last node moves up as it is. */
function toParents(nodes: readonly Uint8Array[]): readonly Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let at = 0; at < nodes.length; at += 2) {
    const left = nodes[at];
    const right = nodes[at + 1];
    if (left !== undefined) parents.push(right === undefined ? left : nodeHash(left, right));
  }
  return parents;
}

export interface MerkleTree {
  readonly root: Uint8Array;
  /** Sibling hashes from the leaf upwards. @throws YinxinError MALFORMED_PROOF when the tree has no such leaf */
  path(index: number): Uint8Array[];
}

/** All levels, hashed once: n − 1 hashes for any number of paths. @throws YinxinError MALFORMED_PROOF without leaves, or when one is not 32 bytes */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  let top = leaves;
  const levels: (readonly Uint8Array[])[] = [];
  while (top.length > 1) {
    levels.push(top);
    top = toParents(top);
  }
  const root = top[0];
  if (root?.length !== hashBytes) throw new YinxinError('MALFORMED_PROOF');
  return { root, path: (index) => toPath(levels, leaves.length, index) };
}

function toPath(levels: readonly (readonly Uint8Array[])[], size: number, index: number): Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new YinxinError('MALFORMED_PROOF', { size });
  const path: Uint8Array[] = [];
  let at = index;
  for (const level of levels) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling !== undefined) path.push(sibling);
    at = Math.floor(at / 2);
  }
  return path;
}

/** The root over at least one leaf. @throws YinxinError MALFORMED_PROOF without leaves, or when one is not 32 bytes */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return merkleTree(leaves).root;
}

/** Nodes that earlier proofs showed to lie under the same root, as base64. Where one is known, all above it on its path are. */
export interface KnownNodes {
  get(level: number, at: number): string | undefined;
  keep(level: number, at: number, node: string): void;
  /** Whether the nodes of a level are kept, of which the last has this index. */
  keeps(last: number): boolean;
}

interface Met {
  readonly level: number;
  readonly at: number;
  readonly node: string;
}

/**
 * Whether `leaf` is at `index` (from 0) of the tree of `size` leaves with this root; path and root are base64 of 32 bytes. The path must be of
 * exactly the length that index and size ask for. False on everything else; never throws. As in RFC 9162 §2.1.3.2, without bit
 * operations, which end at 32 bits. With `known` it hashes only up to a node that is known; from there on the path must be the known one.
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly string[],
  root: string,
  known?: KnownNodes,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (leaf.length !== hashBytes) return false;
  try {
    const met: Met[] = [];
    if (!climb(leaf, index, size, path, root, known, met)) return false;
    for (const { level, at, node } of met) known?.keep(level, at, node);
    return true;
  } catch (error) {
    if (error instanceof YinxinError) return false;
    throw error;
  }
}

function climb(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly string[],
  root: string,
  known: KnownNodes | undefined,
  met: Met[],
): boolean {
  let at = index;
  let last = size - 1;
  let hash = leaf;
  let isKnown = false;
  let used = 0;
  for (let level = 0; last > 0; level += 1) {
    const isKept = known?.keeps(last) === true;
    if (isKept && !isKnown) {
      const node = toBase64(hash);
      const kept = known.get(level, at);
      if (kept !== undefined && kept !== node) return false;
      isKnown = kept !== undefined;
      met.push({ level, at, node });
    }
    const isRight = at % 2 === 1;
    if (isRight || at < last) {
      const sibling = path[used];
      if (sibling === undefined) return false;
      used += 1;
      const beside = isRight ? at - 1 : at + 1;
      if (isKnown) {
        if (known?.get(level, beside) !== sibling) return false;
      } else {
        const bytes = fromBase64(sibling, hashBytes);
        hash = isRight ? nodeHash(bytes, hash) : nodeHash(hash, bytes);
        if (isKept) met.push({ level, at: beside, node: sibling });
      }
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return used === path.length && (isKnown || equal(hash, fromBase64(root, hashBytes)));
}
