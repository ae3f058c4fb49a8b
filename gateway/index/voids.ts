/** Transactions that the ledger holds as valid and the rules do not give: all in the store, the newest in memory. */
import { prefixBounds, type Store } from '../store.ts';
import { places, readVoid } from './entries.ts';
import type { VoidTransaction, VoidTransactions } from './read-model.ts';

const maxKept = 100;

export class Voids {
  #count = 0;
  #newest: readonly VoidTransaction[] = [];

  static async load(store: Store): Promise<Voids> {
    const voids = new Voids();
    for await (const { value } of store.entries(...prefixBounds(places.voids))) voids.add([readVoid(value)]);
    return voids;
  }

  /** Blocks come in order. */
  add(voids: readonly VoidTransaction[]): void {
    if (voids.length === 0) return;
    this.#count += voids.length;
    this.#newest = [...voids.toReversed(), ...this.#newest].slice(0, maxKept);
  }

  tell(): VoidTransactions {
    return { count: this.#count, newest: this.#newest };
  }
}

export async function findVoid(store: Store, block: number, txId: string): Promise<VoidTransaction | undefined> {
  const value = await store.get(`${places.voidsOf(block)}${txId}`);
  return value && readVoid(value);
}
