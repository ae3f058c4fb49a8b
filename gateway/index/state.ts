/** The ledger's state as the index keeps it: every row as it was last written by a transaction that counts, and their digest. */
import { digestState, formatRow, formatRowKey, rowKeyOf, type StateEntry, toBase64 } from '@yinxin/core';
import { Recent } from '../recent.ts';
import { prefixBounds, type Store, type StoreOperation, type StoreSnapshot } from '../store.ts';
import { unpackAnchor } from './batch-records.ts';
import type { BlockChanges } from './changes.ts';
import { places, putState, readCheckpoint, registerIn, stateKeyIn } from './entries.ts';
import { KeptRow, parseKept } from './kept-row.ts';
import type { StateDigest } from './read-model.ts';
import type { ReplayedBlock, State } from './replay.ts';

const batchPrefix = formatRowKey({ kind: 'batch', parts: [] });
/** Rows lately read or written: those of keys, bodies and types are read by every transaction. */
const maxRecent = 4_096;
const absent = new KeptRow('');

interface Staged {
  readonly kept: KeptRow;
  readonly group: number;
}

/** The state with what is staged to be written. A batch row that nothing touched since is not kept: the record of its anchoring gives it. */
export class IndexState implements State {
  readonly #store: Store;
  readonly #staged = new Map<string, Staged>();
  readonly #recent = new Recent<KeptRow>(maxRecent);
  /** By issuer and type: the store holds no batch that ends with this entry or a later one. */
  readonly #free = new Map<string, number>();
  #asked: { readonly keys: string[]; readonly values: Promise<readonly (Uint8Array | undefined)[]> } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async get(key: string): Promise<KeptRow | undefined> {
    const known = this.#staged.get(key)?.kept ?? this.#recent.get(key);
    if (known) return known === absent ? undefined : known;
    const value = await this.#read(key);
    const kept = value ? parseKept(value) : await this.#anchored(key);
    this.#recent.set(key, kept ?? absent);
    return kept;
  }

  /** What is asked for in one step is one trip to the store: a thousand changes ask for two thousand rows. */
  async #read(key: string): Promise<Uint8Array | undefined> {
    this.#asked ??= { keys: [], values: Promise.resolve().then(() => this.#readAsked()) };
    const { keys, values } = this.#asked;
    const at = keys.push(places.state(key)) - 1;
    return (await values)[at];
  }

  async #readAsked(): Promise<readonly (Uint8Array | undefined)[]> {
    const keys = this.#asked?.keys ?? [];
    this.#asked = undefined;
    const [only] = keys;
    return only !== undefined && keys.length === 1 ? [this.#store.getNow(only)] : this.#store.getAll(keys);
  }

  /** Of kinds of which there are few; a founding looks for rows of any kind. */
  async *entries(prefix: string): AsyncGenerator<readonly [key: string, kept: KeptRow]> {
    const found = new Map<string, KeptRow>();
    if (prefix === batchPrefix) {
      for await (const [key, text] of anchoredEntries(this.#store)) found.set(key, new KeptRow(text));
    }
    for await (const { key, value } of this.#store.entries(...prefixBounds(places.state(prefix)))) {
      found.set(stateKeyIn(key), parseKept(value));
    }
    for (const [key, { kept }] of this.#staged) if (key.startsWith(prefix)) found.set(key, kept);
    yield* found;
  }

  /** Takes in what a block changed. Rows of the same group leave together, once the store has them. @returns what is to be written */
  stage({ counted, state }: ReplayedBlock, { recorded }: BlockChanges, group: number): readonly StoreOperation[] {
    const given = new Map<string, string>();
    for (const { transaction, rows } of counted) {
      if (transaction.transaction !== 'anchor') continue;
      for (const { row, before } of rows) {
        if (row.kind === 'batch' && !before) given.set(formatRowKey(rowKeyOf(row)), formatRow(row));
      }
    }
    const operations: StoreOperation[] = [];
    for (const [key, before] of state) {
      const { text, row } = before;
      const kept = new KeptRow(text, recorded.get(key) ?? before.recorded, row);
      this.#stage(key, kept, group);
      if (given.get(key) !== text) operations.push(putState(key, kept));
    }
    return operations;
  }

  #stage(key: string, kept: KeptRow, group: number): void {
    this.#staged.set(key, { kept, group });
    this.#recent.set(key, kept);
    if (kept.row.kind !== 'batch') return;
    const register = `${kept.row.issuer}\u0000${kept.row.type}`;
    const free = this.#free.get(register);
    if (free !== undefined) this.#free.set(register, Math.max(free, kept.row.last + 1));
  }

  /** The store has this group and those before it. */
  written(group: number): void {
    for (const [key, staged] of this.#staged) if (staged.group <= group) this.#staged.delete(key);
  }

  async #anchored(key: string): Promise<KeptRow | undefined> {
    if (!key.startsWith(batchPrefix)) return undefined;
    const [, , issuer = '', type = '', padded = ''] = key.split('\u0000');
    const register = `${issuer}\u0000${type}`;
    const first = Number(padded);
    if (first >= (this.#free.get(register) ?? Number.POSITIVE_INFINITY)) return undefined;
    const found = await this.#store.first(
      places.batch(issuer, type, first),
      prefixBounds(places.batches(issuer, type))[1],
    );
    if (!found) this.#free.set(register, first);
    const row = found && unpackAnchor(found.value, issuer, type).row;
    return row?.first === first ? new KeptRow(formatRow(row), [], row) : undefined;
  }
}

/** What lies in the state between two keys as it is. */
async function* keptEntries(
  store: Store,
  from: string,
  to: string,
  snapshot: StoreSnapshot,
): AsyncGenerator<StateEntry> {
  for await (const { key, value } of store.entries(places.state(from), to, snapshot)) {
    yield [stateKeyIn(key), parseKept(value).text];
  }
}

async function* anchoredEntries(store: Store, snapshot?: StoreSnapshot): AsyncGenerator<StateEntry> {
  for await (const { key, value } of store.entries(...prefixBounds(places.allBatches), snapshot)) {
    const { row } = unpackAnchor(value, ...registerIn(key));
    yield [formatRowKey(rowKeyOf(row)), formatRow(row)];
  }
}

/** Both ascending by keys of ASCII; where both have a row, the first one's counts. */
async function* merge(
  above: AsyncGenerator<StateEntry>,
  below: AsyncGenerator<StateEntry>,
): AsyncGenerator<StateEntry> {
  let [a, b] = [await above.next(), await below.next()];
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value[0] <= b.value[0])) {
      if (a.done) return;
      if (!b.done && a.value[0] === b.value[0]) b = await below.next();
      yield a.value;
      a = await above.next();
    } else {
      yield b.value;
      b = await below.next();
    }
  }
}

/** Every row of the state, ascending by the bytes of its key. */
export async function* stateEntries(store: Store, snapshot: StoreSnapshot): AsyncGenerator<StateEntry> {
  const [from, to] = prefixBounds(batchPrefix);
  yield* keptEntries(store, '', places.state(from), snapshot);
  yield* merge(keptEntries(store, from, places.state(to), snapshot), anchoredEntries(store, snapshot));
  yield* keptEntries(store, to, prefixBounds(places.state(''))[1], snapshot);
}

const noHead = { height: 0, hash: '0'.repeat(64) };

/** Head and rows of one moment, while blocks go on. */
export async function readStateDigest(store: Store): Promise<StateDigest> {
  const snapshot = store.snapshot();
  try {
    const checkpoint = readCheckpoint(await store.get(places.checkpoint, snapshot));
    const head = typeof checkpoint === 'object' ? { height: checkpoint.block + 1, hash: checkpoint.hash } : noHead;
    return { ...head, digest: toBase64(await digestState(stateEntries(store, snapshot))) };
  } finally {
    await snapshot.close();
  }
}
