/** The embedded ledger: the contract in this process over data of its own, with Fabric's semantics. For trying out, tests, one office. */
import { canonicalize, type Json, toHex, YinxinError } from '@yinxin/core';
import type { FrozenStore } from '../../frozen-store.ts';
import type { Clock, Random } from '../../platform.ts';
import type { Block, Caller, Ledger, Receipt } from '../port.ts';
import { readBlock, verifyAll, verifyNewest } from './audit.ts';
import type { Proposal } from './block.ts';
import { createInvoke, type Invoke } from './contract.ts';
import { Orderer } from './orderer.ts';
import { Simulation } from './simulation.ts';
import { LedgerStore } from './store.ts';

export interface EmbeddedLedgerOptions {
  readonly folder: string;
  readonly channel: string;
  /** Gives transactions their timestamps. */
  readonly clock: Clock;
  /** Makes transaction ids. */
  readonly random: Random;
  /** What to check on opening: the newest block (default), or every block and the state. */
  readonly verify?: 'newest' | 'all';
}

const txIdBytes = 32;
const mspPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;

interface Simulated_ {
  readonly proposal: Proposal;
  readonly result: string;
}

/** A name, not a proof: whoever runs the process may act as anybody. Written as fabric-shim writes an X.509 identity. */
function toCreator({ msp, role }: Caller): Proposal['creator'] {
  if (!mspPattern.test(msp)) throw new YinxinError('INPUT_INVALID', { member: 'msp' });
  return { msp, id: `x509::/OU=${role}/CN=${msp}-${role}::/CN=embedded` };
}

class EmbeddedLedger implements Ledger {
  /** Endorsed and replayed in this process, in some ten milliseconds each. */
  readonly largestAnchor = 4_096;
  readonly #options: EmbeddedLedgerOptions;
  readonly #invoke: Invoke;
  readonly #store: LedgerStore;
  readonly #orderer: Orderer;
  readonly #waiters = new Set<() => void>();
  readonly #active = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(
    options: EmbeddedLedgerOptions,
    store: LedgerStore,
    tip: { readonly height: number; readonly hash: string },
  ) {
    this.#options = options;
    this.#invoke = createInvoke(options.clock);
    this.#store = store;
    this.#orderer = new Orderer(store, tip, () => this.#wake());
  }

  submit(caller: Caller, transaction: string, input: Json): Promise<Receipt> {
    return this.#track(async () => {
      const { proposal, result } = await this.#simulate(caller, transaction, input);
      const { block, code } = await this.#orderer.order(proposal);
      const { txId, time } = proposal;
      if (code !== 'VALID') throw new YinxinError('CONFLICT', { txId, code });
      return { txId, block, time, result: JSON.parse(result) as Json };
    });
  }

  evaluate(caller: Caller, transaction: string, input: Json): Promise<Json> {
    return this.#track(async () => JSON.parse((await this.#simulate(caller, transaction, input)).result) as Json);
  }

  async *blocks(from: number, signal: AbortSignal): AsyncGenerator<Block> {
    let next = from;
    while (!signal.aborted && !this.#closing) {
      if (next < this.#orderer.tip.height) {
        const number = next;
        yield await this.#track(() => readBlock(this.#store, number));
        next += 1;
      } else {
        await this.#nextBlock(signal);
      }
    }
  }

  info(): Promise<{ readonly height: number; readonly newestHash: string }> {
    return this.#track(async () => {
      if (this.#orderer.isBroken) throw new YinxinError('LEDGER_UNREACHABLE');
      const { height, hash } = this.#orderer.tip;
      return { height, newestHash: hash };
    });
  }

  confirmed(): Promise<number> {
    return this.#track(async () => this.#orderer.tip.height);
  }

  transaction(txId: string): Promise<{ readonly block: number; readonly code: string } | undefined> {
    return this.#track(() => this.#store.getTransaction(txId));
  }

  freeze(): FrozenStore {
    if (this.#closing) throw new YinxinError('LEDGER_UNREACHABLE');
    return this.#store.freeze();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#active);
    await this.#store.close();
    this.#wake();
  }

  async #simulate(caller: Caller, transaction: string, input: Json): Promise<Simulated_> {
    const { channel, clock, random } = this.#options;
    const creator = toCreator(caller);
    const inputText = canonicalize(input);
    const txId = toHex(random(txIdBytes));
    const time = clock();
    const snapshot = this.#store.snapshot();
    try {
      const stub = new Simulation(this.#store, snapshot, { txId, channel, time });
      const clientIdentity = { getMSPID: () => creator.msp, getID: () => creator.id };
      const result = await this.#invoke(transaction, { stub, clientIdentity }, inputText);
      return { proposal: { txId, time, creator, transaction, inputText, simulated: stub.finish() }, result };
    } finally {
      await snapshot.close();
    }
  }

  /** Runs something that closing must wait for. @throws YinxinError LEDGER_UNREACHABLE once closing */
  async #track<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new YinxinError('LEDGER_UNREACHABLE');
    const running = run();
    this.#active.add(running);
    try {
      return await running;
    } finally {
      this.#active.delete(running);
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }

  /** Until a block was added, the ledger closed, or the signal aborted. */
  async #nextBlock(signal: AbortSignal): Promise<void> {
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const resolve = () => settle();
    this.#waiters.add(resolve);
    signal.addEventListener('abort', resolve);
    await promise;
    signal.removeEventListener('abort', resolve);
    this.#waiters.delete(resolve);
  }
}

/**
 * Opens the ledger in a folder, which it makes when missing.
 * @throws YinxinError DATA_IN_USE when it is open already, here or in another process; LEDGER_DAMAGED
 */
export async function openEmbeddedLedger(options: EmbeddedLedgerOptions): Promise<Ledger> {
  const store = await LedgerStore.open(options.folder);
  try {
    const tip = await verifyNewest(store);
    if (options.verify === 'all') await verifyAll(store, tip);
    return new EmbeddedLedger(options, store, tip);
  } catch (error) {
    await store.close();
    throw error;
  }
}
