/** Where blocks come from: peers, as what follows sees them. `deliver.ts` makes one of a connection; tests make their own. */
import type { FabricBlock } from './fabric-block.ts';

export interface Range {
  /** Number of the first block, or the newest there is. */
  readonly from: number | 'newest';
  /** Of the last one; those that are not there yet are waited for. For `from: 'newest'` it does not count. */
  readonly to: number;
  /** Without transactions, except in blocks that change the configuration: for what header and metadata tell. */
  readonly headersOnly?: boolean;
}

export interface BlockSource {
  /** For messages: `peer.chengdu`. */
  readonly name: string;
  /** Of one's own organisation, whose word on codes of transactions counts. */
  readonly isOwn: boolean;
  /**
   * Blocks as the peer sends them: nothing is sure of them, neither order nor content. Ends after `to`, or when `signal` aborts. Who stops reading
   * earlier stops the peer.
   * @throws YinxinError LEDGER_UNREACHABLE `{peer}`; LEDGER_DIVERGED `{block}` for what is no block
   */
  read(range: Range, signal: AbortSignal): AsyncIterable<FabricBlock>;
}
