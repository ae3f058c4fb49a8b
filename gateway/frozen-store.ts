/** A store of bytes as it was at one instant, read from end to end while writing goes on; and a new one filled with what was read. */
import { Level } from 'level';

/** As the store holds it: nothing is opened, decoded or changed. */
export type RawEntry = readonly [key: Uint8Array, value: Uint8Array];

export interface FrozenStore {
  /** Everything, in the order of keys, in blocks of at most a quarter of a megabyte or one entry. */
  blocks(): AsyncIterable<readonly RawEntry[]>;
  /** Gives up what is read no more; after the reading. */
  close(): Promise<void>;
}

/** What has a store of its own in the data folder. */
export interface Freezable {
  /**
   * Its data as of now, taken before this call returns. Of several stores frozen without a pause between them, none has a write that
   * was begun after one which another of them lacks: who begins a write because of another has waited for that one's end.
   */
  freeze(): FrozenStore;
}

const blockBytes = 256 * 1024;
const maxBlockEntries = 4_096;
const raw = { keyEncoding: 'view', valueEncoding: 'view' } as const;

/** What is read once must not push what others read often out of the cache. */
export function freezeLevel<Value>(level: Level<string, Value>): FrozenStore {
  const snapshot = level.snapshot();
  const options = { ...raw, snapshot, fillCache: false, highWaterMarkBytes: blockBytes };
  return {
    async *blocks() {
      const iterator = level.iterator<Uint8Array, Uint8Array>(options);
      try {
        for (;;) {
          const block = await iterator.nextv(maxBlockEntries);
          if (block.length === 0) return;
          yield block;
        }
      } finally {
        await iterator.close();
      }
    },
    close: () => snapshot.close(),
  };
}

export interface RawStore {
  /** On disk (fsync) when the promise settles. */
  write(entries: readonly RawEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** A new store in a folder that is not there. */
export async function createRawStore(folder: string, { compression = true } = {}): Promise<RawStore> {
  const level = new Level<Uint8Array, Uint8Array>(folder, { ...raw, compression, errorIfExists: true });
  await level.open();
  return {
    write: (entries) =>
      level.batch(
        entries.map(([key, value]) => ({ type: 'put', key, value })),
        { sync: true },
      ),
    close: () => level.close(),
  };
}
