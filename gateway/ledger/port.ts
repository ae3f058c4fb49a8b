/**
 * The ledger as the gateway sees it. Two adapters keep this contract and pass one suite (test/ledger/port-suite.ts): `embedded`
 * and `fabric`. Neither retries: who calls knows whether a fresh proposal still means the same.
 */
import type { Instant, Json } from '@yinxin/core';
import type { FrozenStore } from '../frozen-store.ts';

/** Which of the gateway's own identities acts. It chooses among its own: nobody is authenticated here. */
export interface Caller {
  readonly msp: string;
  readonly role: 'admin' | 'client';
}

export interface Receipt {
  readonly txId: string;
  readonly block: number;
  /** The transaction's own timestamp, not yet ledger time. */
  readonly time: Instant;
  /** What the contract answered. */
  readonly result: Json;
}

/** A transaction as its block holds it: also those that were ordered and then found invalid, whose writes never happened. */
export interface Transaction {
  readonly txId: string;
  readonly time: Instant;
  readonly valid: boolean;
  /** `VALID`, `MVCC_READ_CONFLICT`, `PHANTOM_READ_CONFLICT` or another of Fabric's validation codes. */
  readonly code: string;
  readonly creator: { readonly msp: string; readonly id: string };
  readonly transaction: string;
  readonly input: Json;
  /** Composite keys (core's `formatRowKey`) with canonical JSON, null for a deletion, in the order of keys. */
  readonly writes: readonly { readonly key: string; readonly value: string | null }[];
  /** Endorsement policies that it gives rows, in hex; absent where it gives none, or the ledger has none. */
  readonly policies?: readonly { readonly key: string; readonly policy: string }[];
  readonly event?: { readonly name: string; readonly payload: Json };
}

export interface Block {
  /** From 0 without gaps. */
  readonly number: number;
  /** Hex. `hash` of the block before; 64 zeros in block 0 of the embedded ledger. */
  readonly previousHash: string;
  /** Hex. Over the transactions, in the adapter's own encoding. */
  readonly dataHash: string;
  /** Hex. Over number, previousHash and dataHash, in the adapter's own encoding. */
  readonly hash: string;
  readonly transactions: readonly Transaction[];
}

/**
 * Everywhere: `transaction` is a name that the contract's metadata declares, else INPUT_INVALID `{member: 'transaction'}`;
 * `input` is JSON of the kinds that core's `canonicalize` writes, else its errors. A refusal is thrown as the contract's own code
 * and details. LEDGER_UNREACHABLE also after `close`.
 */
export interface Ledger {
  /** Certificates that are best anchored at once, where more would keep others waiting; absent where as many as the rules allow are. */
  readonly largestAnchor?: number;
  /**
   * Simulates, orders and commits. On return the transaction is durable, valid and in the state, and `blocks` gives it.
   * Several may be in flight; each simulates on the state as it is then, so those that touch the same rows may conflict.
   * @throws YinxinError the contract's refusal, LEDGER_UNREACHABLE (both: nothing was ordered); CONFLICT (ordered, and invalid
   * because rows changed meanwhile: nothing written, worth a fresh proposal); COMMIT_UNKNOWN `{txId}` (ordered perhaps: ask `transaction`)
   */
  submit(caller: Caller, transaction: string, input: Json): Promise<Receipt>;
  /** Runs a transaction on the newest state and orders nothing, whatever it would write. @throws YinxinError the contract's refusal, LEDGER_UNREACHABLE */
  evaluate(caller: Caller, transaction: string, input: Json): Promise<Json>;
  /**
   * Blocks from number `from` on, each once, in order; at the end waits for the next. Ends when `signal` aborts or the ledger closes. A block without
   * transactions of the contract has an empty list.
   * @throws YinxinError LEDGER_UNREACHABLE; LEDGER_DIVERGED `{block}` when a block's hashes, links or orderers' signatures do not hold
   */
  blocks(from: number, signal: AbortSignal): AsyncIterable<Block>;
  /** Number of blocks, and the newest one's hash (64 zeros before the first). @throws YinxinError LEDGER_UNREACHABLE */
  info(): Promise<{ readonly height: number; readonly newestHash: string }>;
  /**
   * How far an organisation other than one's own was seen to hold the same blocks with the same validation codes: a number of blocks,
   * at most those that `info` names now. On the embedded ledger, which has one holder, all of them.
   * @throws YinxinError LEDGER_DIVERGED `{block}` when others answer and none of them agrees; LEDGER_UNREACHABLE when no other organisation's peer
   * answers, or none of one's own that has caught up
   */
  confirmed(): Promise<number>;
  /** Where a transaction stands; undefined while no block holds it. @throws YinxinError LEDGER_UNREACHABLE */
  transaction(txId: string): Promise<{ readonly block: number; readonly code: string } | undefined>;
  /** Its data as of now, where no other machine holds it: on the embedded ledger alone. As frozen-store.ts says. */
  freeze?(): FrozenStore;
  /** Waits for what is in flight, then lets go of everything. Again: nothing happens. */
  close(): Promise<void>;
}
