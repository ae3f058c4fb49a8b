/** Batches seen before: what of them need not be read, hashed or verified again. Nothing that depends on time is kept. */
import { fromBase64 } from './bytes.ts';
import { type KnownNodes, verifyInclusion } from './merkle.ts';
import type { AnchorStatement } from './model.ts';
import { isSignature } from './sm2.ts';
import { parseAnchorStatement, statementDigest } from './statement.ts';

/** Levels of a tree whose nodes are kept: those of at most so many nodes. The leaves of a large batch are never kept. */
const maxLevelNodes = 512;

function createKnownNodes(): KnownNodes {
  const levels: string[][] = [];
  return {
    get: (level, at) => levels[level]?.[at],
    keeps: (last) => last < maxLevelNodes,
    keep(level, at, node) {
      while (levels.length <= level) levels.push([]);
      const row = levels[level];
      if (row) row[at] = node;
    },
  };
}

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
  readonly #nodes = createKnownNodes();

  /** @throws YinxinError MALFORMED_STATEMENT, MALFORMED_TEXT */
  constructor(text: string, signature: string) {
    this.statement = parseAnchorStatement(text);
    this.signature = fromBase64(signature);
    this.isSigned = isSignature(this.signature);
    this.digest = statementDigest(text, this.signature);
  }

  /** Whether `leaf` lies at `index` under the statement's root, as `verifyInclusion` says; proofs that held make later ones short. */
  includes(leaf: Uint8Array, index: number, path: readonly string[]): boolean {
    const { first, last, root } = this.statement;
    return verifyInclusion(leaf, index, last - first + 1, path, root, this.#nodes);
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
