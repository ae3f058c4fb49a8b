/** Whether an index that nobody has open (one restored from a backup) is what the ledger's blocks give, entry by entry; without judging them again. */
import {
  epochSeconds,
  formatRowKey,
  type Instant,
  merkleRoot,
  parseInstant,
  type Row,
  rowKeyOf,
  toBase64,
  toInstant,
  YinxinError,
} from '@yinxin/core';
import type { Block, Ledger, Transaction } from '../ledger/port.ts';
import { openStore, prefixBounds, type Store, type StoreOperation } from '../store.ts';
import { timeTolerance, toBlockChanges } from './changes.ts';
import { type Checkpoint, places, readCheckpoint } from './entries.ts';
import { KeptRow, parseKept } from './kept-row.ts';
import { hashBytes, type LeafPages, pageLeaves, splitHashes } from './leaf-pages.ts';
import { Registry } from './registry.ts';
import { anchorLeaves, type ChangedRow, type CountedTransaction, isQuestion } from './replay.ts';

/** Why an index is to be deleted and built anew. `void`: some transactions count for nothing, and only replaying can tell which. */
export type IndexFlaw = 'format' | 'ahead' | 'other ledger' | 'void' | 'content' | 'more';

export type IndexFinding =
  | { readonly sound: true; readonly height: number; readonly hash: string }
  | { readonly sound: false; readonly flaw: IndexFlaw; readonly block?: number };

export interface VerifyIndexOptions {
  readonly folder: string;
  readonly ledger: Pick<Ledger, 'info' | 'blocks'>;
  readonly now: Instant;
}

class Flawed extends Error {
  readonly flaw: IndexFlaw;
  readonly block: number | undefined;

  constructor(flaw: IndexFlaw, block?: number) {
    super(flaw);
    this.flaw = flaw;
    this.block = block;
  }
}

const beginning = parseInstant('1970-01-01T00:00:00Z');

/** The index as blocks go by. What is written once is compared at once; of what is written over, whether the last writing is what the store holds. */
class Comparison {
  readonly #store: Store;
  readonly #latest: Instant;
  readonly #registry = new Registry();
  /** Rows of the few kinds that are not of one batch or one entry. */
  readonly #rows = new Map<string, KeptRow>();
  /** By keys of rows that the state holds as they are: whether it holds what was written last. */
  readonly #isNewest = new Map<string, boolean>();
  #time = beginning;
  /** Entries that are written once. */
  #entries = 0;

  constructor(store: Store, now: Instant) {
    this.#store = store;
    this.#latest = toInstant(epochSeconds(now) + timeTolerance);
  }

  async take({ number, transactions }: Block): Promise<void> {
    const counted: CountedTransaction[] = [];
    for (const transaction of transactions) {
      if (transaction.valid && !isQuestion(transaction)) counted.push(await this.#count(transaction));
    }
    const past = { time: this.#time, latest: this.#latest, version: (row: Row) => this.#registry.version(row) };
    const { operations, rows, time, recorded } = toBlockChanges(number, counted, past);
    await this.#compare(operations);
    await this.#compareState(counted, recorded);
    for (const row of rows) this.#registry.set(row, number);
    this.#time = time;
  }

  /** What the ledger says is taken for what the rules decide. */
  async #count(transaction: Transaction): Promise<CountedTransaction> {
    const rows = transaction.writes.flatMap(({ key, value }): readonly ChangedRow[] => {
      if (value === null) throw new Flawed('content');
      const before = this.#rows.get(key);
      const kept = new KeptRow(value);
      const { row } = kept;
      if (before?.text === value) return [];
      if (row.kind !== 'batch' && row.kind !== 'status') this.#rows.set(key, kept);
      return [{ row, before: before?.row }];
    });
    const pages = await this.#pagesOf(transaction, rows);
    return { transaction, rows, ...(pages && { pages }) };
  }

  /** Roots that hash to the batch's root are its pages' roots: there are no others. */
  async #pagesOf(transaction: Transaction, rows: readonly ChangedRow[]): Promise<LeafPages | undefined> {
    const text = anchorLeaves(transaction);
    const batch = rows.find(({ row }) => row.kind === 'batch')?.row;
    if (text === undefined || batch?.kind !== 'batch') return undefined;
    const bytes = Buffer.from(text, 'base64');
    const { issuer, type, first, root } = batch;
    const isOnePage = bytes.length <= pageLeaves * hashBytes;
    const kept = isOnePage ? undefined : await this.#store.get(places.roots(issuer, type, first));
    const roots = isOnePage ? Buffer.from(root, 'base64') : kept;
    if (!roots || toBase64(merkleRoot(splitHashes(roots))) !== root) throw new Flawed('content');
    return { bytes, roots, root };
  }

  async #compare(operations: readonly StoreOperation[]): Promise<void> {
    const puts = new Map(operations.flatMap((each) => (each.type === 'put' ? [[each.key, each.value] as const] : [])));
    const found = await this.#store.getAll([...puts.keys()]);
    for (const [at, value] of [...puts.values()].entries()) {
      const held = found[at];
      if (!held || Buffer.compare(held, value) !== 0) throw new Flawed('content');
    }
    this.#entries += puts.size;
  }

  async #compareState(
    counted: readonly CountedTransaction[],
    recorded: ReadonlyMap<string, KeptRow['recorded']>,
  ): Promise<void> {
    const written = counted.flatMap(({ transaction, rows }) =>
      rows.flatMap(({ row }) =>
        row.kind === 'batch' && transaction.transaction === 'anchor' ? [] : [{ row, transaction }],
      ),
    );
    const keys = written.map(({ row }) => formatRowKey(rowKeyOf(row)));
    const found = await this.#store.getAll(keys.map(places.state));
    for (const [at, { row, transaction }] of written.entries()) {
      const key = keys[at] ?? '';
      const value = found[at];
      const text = transaction.writes.find((write) => write.key === key)?.value;
      if (!value) throw new Flawed('content');
      const kept = parseKept(value);
      if (row.kind === 'status') this.#compareRecorded(row.changes.length, recorded.get(key) ?? [], kept);
      this.#isNewest.set(key, kept.text === text);
    }
  }

  /** Where a change stands is said by the transaction that made it; `null` is what another one says. */
  #compareRecorded(count: number, said: KeptRow['recorded'], kept: KeptRow): void {
    const isLonger = kept.recorded.length >= count;
    const isSame = said.every((one, at) => one === null || String(one) === String(kept.recorded[at]));
    if (!isLonger || !isSame) throw new Flawed('content');
  }

  /** Nothing that no block gives is there. */
  async end(): Promise<void> {
    if ([...this.#isNewest.values()].includes(false)) throw new Flawed('content');
    let count = 0;
    for await (const { key } of this.#store.entries('', prefixBounds('')[1])) {
      if (key !== places.checkpoint && key !== places.heard) count += 1;
    }
    if (count !== this.#entries + this.#isNewest.size) throw new Flawed('more');
  }
}

/** What cannot be read is a flaw too. */
async function flawed<T>(flaw: IndexFlaw, block: number | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Flawed ? new Flawed(error.flaw, block) : new Flawed(flaw, block);
  }
}

async function requireCheckpoint(store: Store): Promise<Checkpoint> {
  const value = await store.get(places.checkpoint);
  const checkpoint = await flawed('format', undefined, async () => readCheckpoint(value));
  if (typeof checkpoint !== 'object') throw new Flawed('format');
  if (await store.first(...prefixBounds(places.voids))) throw new Flawed('void');
  return checkpoint;
}

async function compare(store: Store, { ledger, now }: VerifyIndexOptions): Promise<IndexFinding> {
  const checkpoint = await requireCheckpoint(store);
  const { height } = await ledger.info();
  if (height <= checkpoint.block) throw new Flawed('ahead');
  const comparison = new Comparison(store, now);
  const abort = new AbortController();
  let hash: string | undefined;
  try {
    for await (const block of ledger.blocks(0, abort.signal)) {
      if (hash !== undefined && block.previousHash !== hash)
        throw new YinxinError('LEDGER_DAMAGED', { block: block.number });
      await flawed('content', block.number, () => comparison.take(block));
      hash = block.hash;
      if (block.number === checkpoint.block) break;
    }
  } finally {
    abort.abort();
  }
  if (hash !== checkpoint.hash) throw new Flawed('other ledger');
  await flawed('content', undefined, () => comparison.end());
  return { sound: true, height: checkpoint.block + 1, hash: checkpoint.hash };
}

/**
 * Reads the ledger's blocks up to the index's checkpoint and compares every entry: rows of the state, versions, batches, leaves and their page roots, changes,
 * transactions, times; nothing more may be there. Blocks are believed as the ledger's port gives them; signatures are not checked again. So it proves that a
 * copy is whole, not that who made it was honest: an index from elsewhere is deleted and built anew, as is one that is not sound.
 * @throws YinxinError DATA_IN_USE; LEDGER_UNREACHABLE, LEDGER_DAMAGED, LEDGER_DIVERGED of the ledger
 */
export async function verifyIndex(options: VerifyIndexOptions): Promise<IndexFinding> {
  const store = await openStore(options.folder).catch((error: unknown) => {
    if (error instanceof YinxinError) throw error;
    return undefined;
  });
  if (!store) return { sound: false, flaw: 'format' };
  try {
    return await compare(store, options);
  } catch (error) {
    if (!(error instanceof Flawed)) throw error;
    const { flaw, block } = error;
    return { sound: false, flaw, ...(block !== undefined && { block }) };
  } finally {
    await store.close();
  }
}
