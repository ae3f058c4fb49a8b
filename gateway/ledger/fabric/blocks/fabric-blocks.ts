/** Blocks of a Fabric channel for the ledger port: followed, verified, decoded, and confirmed by another organisation. */
import { YinxinError } from '@yinxin/core';
import type { Block } from '../../port.ts';
import { Confirming } from './confirming.ts';
import { Following } from './following.ts';
import { ConfigurationHistory } from './history.ts';
import { type Pace, usualPace } from './pace.ts';
import type { BlockSource } from './source.ts';
import { UncheckedBlocks } from './unchecked.ts';

export interface FabricBlocksOptions {
  /** In the order in which they are wanted: one's own organisation's first (`createSources`). */
  readonly sources: readonly BlockSource[];
  /** Hash of block 0, hex. */
  readonly genesis: string;
  readonly chaincode: string;
  /** An existing folder, for what was verified of the channel's configuration. */
  readonly folder: string;
  readonly pace?: Pace;
}

export class FabricBlocks {
  readonly #options: FabricBlocksOptions;
  readonly #history: ConfigurationHistory;
  readonly #unchecked: UncheckedBlocks;
  readonly #confirming: Confirming;
  readonly #closing = new AbortController();

  private constructor(options: FabricBlocksOptions, history: ConfigurationHistory, unchecked: UncheckedBlocks) {
    const { sources, pace = usualPace } = options;
    this.#options = options;
    this.#history = history;
    this.#unchecked = unchecked;
    this.#confirming = new Confirming({ sources, unchecked, pace, signal: this.#closing.signal });
  }

  /** Reads what is kept; asks no peer yet. @throws YinxinError LEDGER_DAMAGED */
  static async open(options: FabricBlocksOptions): Promise<FabricBlocks> {
    const history = await ConfigurationHistory.open(options.folder, options.genesis);
    return new FabricBlocks(options, history, await UncheckedBlocks.open(options.folder));
  }

  /** As the port says. Several may be read at once. @throws YinxinError LEDGER_UNREACHABLE when no peer answers; LEDGER_DIVERGED `{block}` */
  async *blocks(from: number, signal: AbortSignal): AsyncGenerator<Block> {
    const { sources, genesis, chaincode, pace = usualPace } = this.#options;
    const chain = { sources, genesis, chaincode, history: this.#history, unchecked: this.#unchecked, pace };
    const following = new Following(chain, from, AbortSignal.any([signal, this.#closing.signal]));
    yield* following.blocks();
  }

  /** As the port says. @throws YinxinError LEDGER_DIVERGED `{block}`, LEDGER_UNREACHABLE */
  confirmed(): Promise<number> {
    if (this.#closing.signal.aborted) return Promise.reject(new YinxinError('LEDGER_UNREACHABLE', { why: 'closed' }));
    return this.#confirming.height();
  }

  /** Ends every reading. Again: nothing happens. */
  async close(): Promise<void> {
    this.#closing.abort();
  }
}
