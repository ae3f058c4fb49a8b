/** Reads the index as of a height: batches, leaves, supersessions, status changes and signed transactions of the blocks before it. */
import { type Instant, type KnownChange, type LedgerKnowledge, toBase64 } from '@yinxin/core';
import { prefixBounds, type Store } from '../store.ts';
import {
  entryIn,
  hashBytes,
  places,
  readBatch,
  readChange,
  readSupersedes,
  readTime,
  readTransaction,
} from './entries.ts';
import type { AnchoredBatch, ChangedEntry, EntryRef, SignedTransaction } from './read-model.ts';

type Anchor = NonNullable<LedgerKnowledge['anchor']>;

export class IndexReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async batch({ issuer, type, entry }: EntryRef, height: number): Promise<AnchoredBatch | undefined> {
    const [, to] = prefixBounds(places.batches(issuer, type));
    for await (const { value } of this.#store.entries(places.batch(issuer, type, entry), to)) {
      const batch = readBatch(value);
      return batch.row.first <= entry && batch.block < height ? batch : undefined;
    }
    return undefined;
  }

  /** Of the register whose newest entry is `last`; only batches of the blocks from `height` on are looked at. */
  async lastEntry(issuer: string, type: string, last: number, height: number): Promise<number> {
    let entry = last;
    while (entry > 0) {
      const batch = await this.batch({ issuer, type, entry }, Number.POSITIVE_INFINITY);
      if (!batch || batch.block < height) break;
      entry = batch.row.first - 1;
    }
    return entry;
  }

  async anchor(ref: EntryRef, height: number): Promise<Anchor | undefined> {
    const [batch, superseded] = await Promise.all([this.batch(ref, height), this.superseded(ref)]);
    if (!batch) return undefined;
    const { row, block, time } = batch;
    const leaves = await this.#store.get(places.leaves(ref.issuer, ref.type, row.first));
    const at = (ref.entry - row.first) * hashBytes;
    const leaf = toBase64(leaves?.subarray(at, at + hashBytes) ?? new Uint8Array());
    return { leaf, statement: row.statement, key: row.key, txId: row.txId, block, time, supersedes: superseded };
  }

  /** The entry that this one supersedes, as its anchor says. */
  async superseded(ref: EntryRef): Promise<number | null> {
    return readSupersedes(await this.#store.get(places.supersedes(ref)));
  }

  async changes(ref: EntryRef, height: number): Promise<readonly KnownChange[]> {
    const changes: KnownChange[] = [];
    for await (const { value } of this.#store.entries(...prefixBounds(places.changes(ref)))) {
      const change = readChange(value);
      if (change.block < height) changes.push(change);
    }
    return changes;
  }

  /** The entries of a register that have changes, ascending. */
  async *statuses(issuer: string, type: string, height: number): AsyncGenerator<ChangedEntry, void> {
    let current: { readonly entry: number; readonly changes: KnownChange[] } | undefined;
    for await (const { key, value } of this.#store.entries(...prefixBounds(places.allChanges(issuer, type)))) {
      const change = readChange(value);
      if (change.block >= height) continue;
      const entry = entryIn(key);
      if (current?.entry === entry) current.changes.push(change);
      else {
        if (current) yield current;
        current = { entry, changes: [change] };
      }
    }
    if (current) yield current;
  }

  async transaction(txId: string): Promise<SignedTransaction | undefined> {
    return readTransaction(await this.#store.get(places.transaction(txId)));
  }

  async leaves(issuer: string, type: string, first: number): Promise<readonly Uint8Array[] | undefined> {
    const bytes = await this.#store.get(places.leaves(issuer, type, first));
    if (!bytes) return undefined;
    const count = bytes.length / hashBytes;
    return Array.from({ length: count }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
  }

  /** Ledger time after a block. */
  async timeAfter(block: number): Promise<Instant | undefined> {
    return readTime(await this.#store.get(places.time(block)));
  }
}
