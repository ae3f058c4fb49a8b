/** Makes blocks of what is waiting (group commit): while one block is being written, the next one gathers. No delay is added. */
import { YinxinError } from '@yinxin/core';
import type { Proposal } from './block.ts';
import type { LedgerStore } from './store.ts';
import { validate } from './validation.ts';

const maxTransactions = 64;
/** Of input texts, so that a block stays within memory; a single larger transaction is a block of its own. */
const maxCharacters = 8 * 1_048_576;

export interface Tip {
  /** Number of blocks. */
  readonly height: number;
  readonly hash: string;
}

export interface Ordered {
  readonly block: number;
  readonly code: string;
}

interface Waiting {
  readonly proposal: Proposal;
  readonly resolve: (ordered: Ordered) => void;
  readonly reject: (error: YinxinError) => void;
}

export class Orderer {
  readonly #store: LedgerStore;
  readonly #onBlock: () => void;
  #waiting: Waiting[] = [];
  #tip: Tip;
  #isRunning = false;
  #isBroken = false;

  constructor(store: LedgerStore, tip: Tip, onBlock: () => void) {
    this.#store = store;
    this.#tip = tip;
    this.#onBlock = onBlock;
  }

  /** A write failed: what is on disk beyond the tip is not known. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get tip(): Tip {
    return this.#tip;
  }

  /** Resolves once the block that holds the proposal is durable. @throws YinxinError COMMIT_UNKNOWN, LEDGER_UNREACHABLE after a write failed */
  order(proposal: Proposal): Promise<Ordered> {
    if (this.#isBroken) return Promise.reject(new YinxinError('LEDGER_UNREACHABLE'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ proposal, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#makeBlock(this.#takeNext());
    this.#isRunning = false;
  }

  #takeNext(): readonly Waiting[] {
    let characters = 0;
    let count = 0;
    for (const { proposal } of this.#waiting.slice(0, maxTransactions)) {
      characters += proposal.inputText.length;
      if (count > 0 && characters > maxCharacters) break;
      count += 1;
    }
    const next = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return next;
  }

  async #makeBlock(batch: readonly Waiting[]): Promise<void> {
    const proposals = batch.map(({ proposal }) => proposal);
    const { height, hash } = this.#tip;
    try {
      if (this.#isBroken) throw new YinxinError('LEDGER_UNREACHABLE');
      const codes = await validate(this.#store, height, proposals);
      this.#tip = { height: height + 1, hash: await this.#store.commit(height, hash, proposals, codes) };
      for (const [at, { resolve }] of batch.entries()) resolve({ block: height, code: codes[at] ?? '' });
      this.#onBlock();
    } catch {
      this.#fail(batch);
    }
  }

  /** A write that failed may yet be found after a restart; nothing is ordered on top of such doubt. */
  #fail(batch: readonly Waiting[]): void {
    for (const { proposal, reject } of batch) {
      reject(new YinxinError(this.#isBroken ? 'LEDGER_UNREACHABLE' : 'COMMIT_UNKNOWN', { txId: proposal.txId }));
    }
    this.#isBroken = true;
  }
}
