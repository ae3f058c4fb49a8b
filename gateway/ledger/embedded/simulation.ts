/** A stub with Fabric's semantics over one snapshot of the state: notes what a transaction reads, keeps what it would write. */
import type { HistoryItem, StateItem, StateIterator, Stub, Timestamp } from '@yinxin/chaincode/stub';
import { epochSeconds, type Instant } from '@yinxin/core';
import type { RangeRead, Simulated } from './simulated.ts';
import type { LedgerStore, Snapshot } from './store.ts';

export interface SimulationContext {
  readonly txId: string;
  readonly channel: string;
  readonly time: Instant;
}

/** Fabric's greatest code point, which no key holds: it ends the range of a partial composite key. */
const lastRune = '\u{10ffff}';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

function checkAttribute(attribute: string): void {
  if (attribute === '') throw new Error('object type or attribute not a non-zero length string');
}

const toTimestamp = (time: Instant): Timestamp => ({ seconds: epochSeconds(time), nanos: 0 });

export class Simulation implements Stub {
  readonly #store: LedgerStore;
  readonly #snapshot: Snapshot;
  readonly #context: SimulationContext;
  readonly #reads = new Map<string, string | undefined>();
  readonly #ranges: (() => RangeRead)[] = [];
  readonly #writes = new Map<string, string | null>();
  #event: Simulated['event'];
  #isPaged = false;

  constructor(store: LedgerStore, snapshot: Snapshot, context: SimulationContext) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.#context = context;
  }

  /** What came of it. */
  finish(): Simulated {
    const event = this.#event;
    const ranges = this.#ranges.map((read) => read());
    return { reads: this.#reads, ranges, writes: this.#writes, ...(event && { event }) };
  }

  getTxID(): string {
    return this.#context.txId;
  }

  getChannelID(): string {
    return this.#context.channel;
  }

  getTxTimestamp(): Timestamp {
    return toTimestamp(this.#context.time);
  }

  async getState(key: string): Promise<Uint8Array> {
    const entry = await this.#store.getState(key, this.#snapshot);
    this.#reads.set(key, entry?.version);
    return encoder.encode(entry?.value ?? '');
  }

  /** Also refused in Fabric: an empty key; here an empty value too, which Fabric would take for a deletion. */
  async putState(key: string, value: Uint8Array): Promise<void> {
    if (value.length === 0) throw new Error('the value of putState is empty');
    this.#write(key, decoder.decode(value));
  }

  async deleteState(key: string): Promise<void> {
    this.#write(key, null);
  }

  #write(key: string, value: string | null): void {
    if (key === '') throw new Error('the key is empty');
    if (this.#isPaged) throw new Error('a transaction that pages through a query cannot write');
    this.#writes.set(key, value);
  }

  /** Nothing: there are no endorsers here, so nobody whose endorsement could be asked for. */
  async setStateValidationParameter(): Promise<void> {}

  setEvent(name: string, payload: Uint8Array): void {
    if (name === '') throw new Error('Event name must be a non-empty string');
    this.#event = { name, payload: decoder.decode(payload) };
  }

  createCompositeKey(objectType: string, attributes: readonly string[]): string {
    const parts = [objectType, ...attributes];
    for (const part of parts) checkAttribute(part);
    return `\u0000${parts.join('\u0000')}\u0000`;
  }

  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] } {
    const [objectType = '', ...attributes] = compositeKey.slice(1, -1).split('\u0000');
    return { objectType, attributes };
  }

  async getStateByRange(startKey: string, endKey: string): Promise<StateIterator<StateItem>> {
    for (const key of [startKey, endKey]) {
      if (key.startsWith('\u0000')) throw new Error('a simple key starts with a null character');
    }
    return this.#range(startKey === '' ? '\u0001' : startKey, endKey);
  }

  async getStateByPartialCompositeKey(
    objectType: string,
    attributes: readonly string[],
  ): Promise<StateIterator<StateItem>> {
    const start = this.createCompositeKey(objectType, attributes);
    return this.#range(start, start + lastRune);
  }

  /** Every key that `next` gives, and the end when it says so, belongs to what must still hold at commit. */
  #range(start: string, end: string): StateIterator<StateItem> {
    const entries = this.#store.iterateState(start, end, this.#snapshot);
    const found: [key: string, version: string][] = [];
    let isExhausted = false;
    this.#ranges.push(() => ({ start, end, found, isExhausted }));
    return toIterator(
      entries,
      ([key, { version, value }]) => {
        found.push([key, version]);
        return { key, value: encoder.encode(value) };
      },
      () => {
        isExhausted = true;
      },
    );
  }

  async getStateByPartialCompositeKeyWithPagination(
    objectType: string,
    attributes: readonly string[],
    pageSize: number,
    bookmark = '',
  ): Promise<{ readonly iterator: StateIterator<StateItem>; readonly metadata?: { readonly bookmark: string } }> {
    if (this.#writes.size > 0) throw new Error('a transaction that writes cannot page through a query');
    this.#isPaged = true;
    const start = this.createCompositeKey(objectType, attributes);
    const page: StateItem[] = [];
    let next = '';
    for await (const [key, { value }] of this.#store.iterateState(
      bookmark || start,
      start + lastRune,
      this.#snapshot,
    )) {
      if (page.length === pageSize) next = key;
      if (next !== '') break;
      page.push({ key, value: encoder.encode(value) });
    }
    const iterator = toIterator(page.values(), (item) => item);
    return page.length === 0 ? { iterator } : { iterator, metadata: { bookmark: next } }; // as fabric-shim
  }

  async getHistoryForKey(key: string): Promise<StateIterator<HistoryItem>> {
    return toIterator(this.#store.iterateHistory(key, this.#snapshot), ({ txId, time, value }) => ({
      txId,
      timestamp: toTimestamp(time),
      isDelete: value === null,
      value: encoder.encode(value ?? ''),
    }));
  }
}

/** An iterator as fabric-shim's: `next` and `close`. */
function toIterator<T, U>(
  items: AsyncIterator<T> | Iterator<T>,
  convert: (item: T) => U,
  onEnd: () => void = () => undefined,
): StateIterator<U> {
  return {
    async next() {
      const { value, done } = await items.next();
      if (done !== true) return { value: convert(value), done: false };
      onEnd();
      return { value: undefined as U, done: true }; // fabric-shim gives no value at the end either
    },
    async close() {
      await items.return?.();
    },
  };
}
