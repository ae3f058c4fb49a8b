/** Reads the index: batches, leaves, supersessions, status changes and signed transactions. */
import { type LedgerKnowledge, type RecordedChange, toBase64 } from '@yinxin/core';
import { prefixBounds, type Store } from '../store.ts';
import { hashBytes, places, readBatch, readRow, readSupersedes, readTransaction } from './entries.ts';
import type { AnchoredBatch, EntryRef, SignedTransaction } from './read-model.ts';

type Anchor = NonNullable<LedgerKnowledge['anchor']>;

export class IndexReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async batch({ issuer, type, entry }: EntryRef): Promise<AnchoredBatch | undefined> {
    const [, to] = prefixBounds(places.batches(issuer, type));
    for await (const { value } of this.#store.entries(places.batch(issuer, type, entry), to)) {
      const batch = readBatch(value);
      return batch && batch.row.first <= entry ? batch : undefined;
    }
    return undefined;
  }

  async anchor(ref: EntryRef): Promise<Anchor | undefined> {
    const [batch, superseded] = await Promise.all([this.batch(ref), this.superseded(ref)]);
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

  async changes(ref: EntryRef): Promise<readonly RecordedChange[]> {
    const row = readRow(await this.#store.get(places.status(ref)));
    return row?.kind === 'status' ? row.changes : [];
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
}
