/** Batches seen before: what of them need not be read, hashed or verified again. Nothing that depends on time is kept. */
import { equal, fromBase64, toBase64 } from './bytes.ts';
import { nodeHash } from './merkle.ts';
import type { AnchorStatement } from './model.ts';
import { isSignature } from './sm2.ts';
import { parseAnchorStatement, statementDigest } from './statement.ts';

/** Levels of a tree whose nodes are kept: those of at most so many nodes. The leaves of a large batch are never kept. */
const maxLevelNodes = 512;

/** One signed statement, read once. */
export class KnownBatch {
  readonly statement: AnchorStatement;
  readonly signature: Uint8Array;
  /** Whether the signature has the form of one. */
  readonly isSigned: boolean;
  /** `statementDigest` of text and signature. */
  readonly digest: string;
  /** Public keys (base64) by which the signature was verified. */
  readonly signers = new Set<string>();
  /** Nodes under the signed root, as base64: from the lowest level kept, by index. */
  readonly #levels: string[][] = [];

  /** @throws YinxinError MALFORMED_STATEMENT, MALFORMED_TEXT */
  constructor(text: string, signature: string) {
    this.statement = parseAnchorStatement(text);
    this.signature = fromBase64(signature);
    this.isSigned = isSignature(this.signature);
    this.digest = statementDigest(text, this.signature);
  }

  /**
   * Whether `leaf` lies at `index` under the statement's root: as `verifyInclusion`, but hashing only up to a node that an earlier proof showed
   * to lie there; from there on the path must be the one known. The path's length was checked before; its items are base64 of 32 bytes.
   */
  includes(leaf: Uint8Array, index: number, path: readonly string[]): boolean {
    const { first, last, root } = this.statement;
    let at = index;
    let end = last - first;
    let hash = leaf;
    let known = false;
    let used = 0;
    const met: { level: number; at: number; node: string }[] = [];
    for (let level = 0; end > 0; level += 1) {
      const isKept = end < maxLevelNodes;
      if (isKept && !known) {
        const node = toBase64(hash);
        const kept = this.#levels[level]?.[at];
        if (kept !== undefined && kept !== node) return false;
        known = kept !== undefined;
        met.push({ level, at, node });
      }
      const isRight = at % 2 === 1;
      if (isRight || at < end) {
        const sibling = path[used];
        if (sibling === undefined) return false;
        used += 1;
        const beside = isRight ? at - 1 : at + 1;
        if (known) {
          if (this.#levels[level]?.[beside] !== sibling) return false;
        } else {
          const bytes = fromBase64(sibling, 32);
          hash = isRight ? nodeHash(bytes, hash) : nodeHash(hash, bytes);
          if (isKept) met.push({ level, at: beside, node: sibling });
        }
      }
      at = Math.floor(at / 2);
      end = Math.floor(end / 2);
    }
    if (used !== path.length || !(known || equal(hash, fromBase64(root, 32)))) return false;
    this.#keep(met);
    return true;
  }

  #keep(nodes: readonly { readonly level: number; readonly at: number; readonly node: string }[]): void {
    for (const { level, at, node } of nodes) {
      while (this.#levels.length <= level) this.#levels.push([]);
      const row = this.#levels[level];
      if (row) row[at] = node;
    }
  }
}

/** The last `most` batches whose signatures were verified. Each holds up to about 100 kB. */
export class KnownBatches {
  readonly #batches = new Map<string, KnownBatch>();
  readonly #most: number;

  constructor(most = 64) {
    this.#most = most;
  }

  /** The batch as it is known, or read anew. @throws YinxinError MALFORMED_STATEMENT, MALFORMED_TEXT */
  get(text: string, signature: string): KnownBatch {
    return this.#batches.get(toName(text, signature)) ?? new KnownBatch(text, signature);
  }

  /** Keeps a batch whose signature was verified: what anybody can send must not drive out what is good. */
  keep(text: string, signature: string, batch: KnownBatch): void {
    this.#batches.set(toName(text, signature), batch);
    for (const oldest of this.#batches.keys()) {
      if (this.#batches.size <= this.#most) break;
      this.#batches.delete(oldest);
    }
  }
}

/** No signature in base64 has a line break, so no two pairs share a name. */
const toName = (text: string, signature: string) => `${signature}\n${text}`;
