/** Reads the index as of a height: batches, leaves, supersessions, status changes and signed transactions of the blocks before it. */
import {
  formatRowKey,
  type Instant,
  type KnownChange,
  type LedgerKnowledge,
  merkleTree,
  rowKeys,
  toBase64,
} from '@yinxin/core';
import { prefixBounds, type Store } from '../store.ts';
import { type AnchorRecord, unpackAnchor } from './batch-records.ts';
import { pageOf, places, readSupersedes, readTime, readTransaction, stateKeyIn } from './entries.ts';
import { knownChanges, parseKept } from './kept-row.ts';
import { hashBytes, pageLeaves, splitHashes } from './leaf-pages.ts';
import type { ChangedEntry, EntryPath, EntryRef, SignedTransaction } from './read-model.ts';

type Anchor = NonNullable<LedgerKnowledge['anchor']>;

const rootOf = ({ row }: AnchorRecord) => Buffer.from(row.root, 'base64');

export class IndexReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async batch({ issuer, type, entry }: EntryRef, height: number): Promise<AnchorRecord | undefined> {
    const [, to] = prefixBounds(places.batches(issuer, type));
    const found = await this.#store.first(places.batch(issuer, type, entry), to);
    const record = found && unpackAnchor(found.value, issuer, type);
    return record && record.row.first <= entry && record.signed.block < height ? record : undefined;
  }

  /** Of the register whose newest entry is `last`; only batches of the blocks from `height` on are looked at. */
  async lastEntry(issuer: string, type: string, last: number, height: number): Promise<number> {
    let entry = last;
    while (entry > 0) {
      const batch = await this.batch({ issuer, type, entry }, Number.POSITIVE_INFINITY);
      if (!batch || batch.signed.block < height) break;
      entry = batch.row.first - 1;
    }
    return entry;
  }

  async anchor(ref: EntryRef, height: number): Promise<Anchor | undefined> {
    const batch = await this.batch(ref, height);
    if (!batch) return undefined;
    const { row, signed } = batch;
    const [page, superseded] = await this.#store.getAll([this.#pageOf(batch, ref), places.supersedes(ref)]);
    const at = ((ref.entry - row.first) % pageLeaves) * hashBytes;
    const leaf = toBase64((page ?? rootOf(batch)).subarray(at, at + hashBytes));
    const { block, time } = signed;
    const supersedes = readSupersedes(superseded);
    return { leaf, statement: row.statement, key: row.key, txId: row.txId, block, time, supersedes };
  }

  #pageOf({ row: { issuer, type, first } }: AnchorRecord, { entry }: Pick<EntryRef, 'entry'>): string {
    return places.leaves(issuer, type, pageOf(first, entry));
  }

  /** The entry that this one supersedes, as its anchor says. */
  async superseded(ref: EntryRef): Promise<number | null> {
    return readSupersedes(await this.#store.get(places.supersedes(ref)));
  }

  async changes({ issuer, type, entry }: EntryRef, height: number): Promise<readonly KnownChange[]> {
    const value = await this.#store.get(places.state(formatRowKey(rowKeys.status(issuer, type, entry))));
    return knownChanges(value && parseKept(value), height);
  }

  /** The entries of a register that have changes, ascending. */
  async *statuses(issuer: string, type: string, height: number): AsyncGenerator<ChangedEntry, void> {
    const prefix = places.state(formatRowKey({ kind: 'status', parts: [issuer, type] }));
    for await (const { key, value } of this.#store.entries(...prefixBounds(prefix))) {
      const changes = knownChanges(parseKept(value), height);
      if (changes.length > 0) yield { entry: Number(stateKeyIn(key).split('\u0000')[4]), changes };
    }
  }

  async transaction(txId: string, height: number): Promise<SignedTransaction | undefined> {
    const value = await this.#store.get(places.transaction(txId));
    const found = value && readTransaction(value);
    const signed = found && 'batch' in found ? await this.#anchoring(...found.batch) : found;
    return signed && signed.block < height ? signed : undefined;
  }

  async #anchoring(issuer: string, type: string, last: number): Promise<SignedTransaction | undefined> {
    const value = await this.#store.get(places.batch(issuer, type, last));
    return value && unpackAnchor(value, issuer, type).signed;
  }

  async leaves(
    issuer: string,
    type: string,
    first: number,
    height: number,
  ): Promise<readonly Uint8Array[] | undefined> {
    const batch = await this.batch({ issuer, type, entry: first }, height);
    if (batch?.row.first !== first) return undefined;
    const pages = await this.#pages(batch, first, batch.row.last);
    return pages.flatMap(splitHashes);
  }

  /** The pages that hold these entries of a batch. */
  async #pages(batch: AnchorRecord, from: number, to: number): Promise<readonly Uint8Array[]> {
    const keys: string[] = [];
    for (let entry = pageOf(batch.row.first, from); entry <= to; entry += pageLeaves) {
      keys.push(this.#pageOf(batch, { entry }));
    }
    const pages = await this.#store.getAll(keys);
    return pages.map((page) => page ?? rootOf(batch));
  }

  /** Of the entries from `ref` on, as many as asked for and as its batch has. */
  async paths(ref: EntryRef, count: number, height: number): Promise<readonly EntryPath[]> {
    const batch = await this.batch(ref, height);
    if (!batch) return [];
    const { issuer, type, first, last } = batch.row;
    const to = Math.min(last, ref.entry + count - 1);
    const [pages, roots] = await Promise.all([
      this.#pages(batch, ref.entry, to),
      last - first < pageLeaves ? rootOf(batch) : this.#store.get(places.roots(issuer, type, first)),
    ]);
    const above = merkleTree(splitHashes(roots ?? new Uint8Array()));
    const paths: EntryPath[] = [];
    let entry = ref.entry;
    for (const page of pages) {
      const leaves = splitHashes(page);
      const tree = merkleTree(leaves);
      const start = pageOf(first, entry);
      const shared = above.path((start - first) / pageLeaves);
      for (; entry <= to && entry - start < leaves.length; entry += 1) {
        const leaf = leaves[entry - start] ?? new Uint8Array();
        paths.push({ index: entry - first, leaf, path: [...tree.path(entry - start), ...shared].map(toBase64) });
      }
    }
    return paths;
  }

  /** Ledger time after a block. */
  async timeAfter(block: number): Promise<Instant | undefined> {
    return readTime(await this.#store.get(places.time(block)));
  }
}
