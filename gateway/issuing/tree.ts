/** The tree over a batch's leaves (RFC 6962 §2.1, core's `nodeHash`) as one piece of memory that threads share: level by level from the leaves up, the root last. */
import { nodeHash, toBase64, YinxinError } from '@yinxin/core';

const hashBytes = 32;
/** Nodes hashed between two turns of the event loop: some milliseconds. */
const nodesPerTurn = 4_096;

export interface Tree {
  /** Number of leaves. */
  readonly size: number;
  /** Shared memory: to post it copies nothing. */
  readonly nodes: Uint8Array;
}

/** Number of nodes of each level from the leaves up. */
function levelsOf(size: number): readonly number[] {
  const levels = [size];
  for (let nodes = size; nodes > 1; ) {
    nodes = Math.ceil(nodes / 2);
    levels.push(nodes);
  }
  return levels;
}

const nodeAt = (nodes: Uint8Array, at: number) => nodes.subarray(at * hashBytes, (at + 1) * hashBytes);

/** `leaves`: 32 bytes each, one after another. `turn` lets others run. @throws YinxinError MALFORMED_PROOF without leaves */
export async function growTree(leaves: Uint8Array, turn: () => Promise<void>): Promise<Tree> {
  const size = leaves.length / hashBytes;
  if (!Number.isSafeInteger(size) || size < 1) throw new YinxinError('MALFORMED_PROOF');
  const levels = levelsOf(size);
  const total = levels.reduce((sum, count) => sum + count, 0);
  const nodes = new Uint8Array(new SharedArrayBuffer(total * hashBytes));
  nodes.set(leaves);
  let from = 0;
  let to = size;
  for (const count of levels.slice(0, -1)) {
    for (let at = 0; at < count; at += 2) {
      const left = nodeAt(nodes, from + at);
      nodes.set(at + 1 < count ? nodeHash(left, nodeAt(nodes, from + at + 1)) : left, to * hashBytes);
      to += 1;
      if (to % nodesPerTurn === 0) await turn();
    }
    from += count;
  }
  return { size, nodes };
}

/** The 32 bytes over all leaves. */
export const rootOf = ({ nodes }: Tree): Uint8Array => nodes.slice(-hashBytes);

/** Gives inclusion paths in base64. Neighbours share most of their nodes, whose text is made once for each reader. */
export function createPathReader({ size, nodes }: Tree): (index: number) => readonly string[] {
  const levels = levelsOf(size);
  const texts = new Map<number, string>();
  function textOf(at: number): string {
    const kept = texts.get(at);
    if (kept !== undefined) return kept;
    const text = toBase64(nodeAt(nodes, at));
    texts.set(at, text);
    return text;
  }
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new YinxinError('MALFORMED_PROOF', { size });
    const path: string[] = [];
    let from = 0;
    let at = index;
    for (const count of levels.slice(0, -1)) {
      const sibling = at % 2 === 0 ? at + 1 : at - 1;
      if (sibling < count) path.push(textOf(from + sibling));
      from += count;
      at = Math.floor(at / 2);
    }
    return path;
  };
}
