/** An ordered store of bytes on disk, over level. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { Level } from 'level';
import { type Freezable, freezeLevel } from './frozen-store.ts';

export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** The store as it was at one moment, for as long as it is not closed; what it alone still holds takes room on disk until then. */
export type StoreSnapshot = ReturnType<Level['snapshot']>;

/** Keys are ordered by their UTF-8 bytes. What a snapshot is given to is read as it was then. */
export interface Store extends Freezable {
  get(key: string, snapshot?: StoreSnapshot): Promise<Uint8Array | undefined>;
  /** At once, keeping this thread: a hundredth of the time of `get` for a key that is probably not there, or was written lately. */
  getNow(key: string): Uint8Array | undefined;
  /** In the order asked for. */
  getAll(keys: readonly string[], snapshot?: StoreSnapshot): Promise<readonly (Uint8Array | undefined)[]>;
  /** The first entry from `from` (included) up to `to` (excluded). */
  first(from: string, to: string): Promise<StoreEntry | undefined>;
  /** All of it or nothing, and on disk (fsync) when the promise settles. */
  write(operations: readonly StoreOperation[]): Promise<void>;
  /** Entries from `from` (included) up to `to` (excluded), as they were when the reading began. */
  entries(from: string, to: string, snapshot?: StoreSnapshot): AsyncIterable<StoreEntry>;
  /** What every write holds that has settled, and perhaps one under way, whole. Takes no time; whoever takes it closes it. */
  snapshot(): StoreSnapshot;
  /** Gives back the room of what was deleted or written over. Reading and writing go on. @returns bytes on disk before and after */
  compact(): Promise<{ readonly before: number; readonly after: number }>;
  /**
   * Rewrites what the disk holds around these keys, so that their older values are gone from the folder's files: all but those which an open
   * snapshot or reading still sees.
   */
  scrub(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

/** Files come and go while level works. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What `level` is on Node (classic-level), beyond what its type says for every platform. */
interface Compactable {
  compactRange(start: string, end: string): Promise<void>;
}

/** Bytes that a long reading takes from level at a time: a trip to its threads costs as much as reading some tens of kilobytes. */
const readAhead = 256 * 1024;

/** Names just before and after a key, which no value has: where they are written, level takes hold of what lies between. */
function besides(key: string): readonly string[] {
  const last = key.charCodeAt(key.length - 1);
  return [`${key.slice(0, -1)}${String.fromCharCode(last - 1)}\u{10ffff}`, `${key}\0`];
}

/**
 * Opens the folder, making it when it is not there. Sealed values do not compress.
 * @throws YinxinError DATA_IN_USE when another process holds it
 */
export async function openStore(folder: string, { compression = true } = {}): Promise<Store> {
  const level = new Level<string, Uint8Array>(folder, { valueEncoding: 'view', compression });
  try {
    await level.open();
  } catch (error) {
    if (isLocked(error)) throw new YinxinError('DATA_IN_USE');
    throw error;
  }
  const at = (snapshot: StoreSnapshot | undefined) => (snapshot ? { snapshot } : {});
  return {
    get: (key, snapshot) => level.get(key, at(snapshot)),
    getNow: (key) => level.getSync(key),
    getAll: (keys, snapshot) => level.getMany([...keys], at(snapshot)),
    async first(from, to) {
      const iterator = level.iterator({ gte: from, lt: to, limit: 1 });
      try {
        const entry = await iterator.next();
        return entry && { key: entry[0], value: entry[1] };
      } finally {
        await iterator.close();
      }
    },
    write: (operations) => level.batch([...operations], { sync: true }),
    async *entries(from, to, snapshot) {
      const options = { gte: from, lt: to, highWaterMarkBytes: readAhead, ...at(snapshot) };
      for await (const [key, value] of level.iterator(options)) yield { key, value };
    },
    freeze: () => freezeLevel(level),
    snapshot: () => level.snapshot(),
    async compact() {
      const before = await sizeOf(folder);
      await (level as unknown as Compactable).compactRange('', '\u{10ffff}');
      return { before, after: await sizeOf(folder) };
    },
    async scrub(keys) {
      // Level drops an older value when it merges the file that holds it. The first round brings what is in memory and log into files and
      // down to the older ones; where both came into one file, nothing was merged into that: the second round's marks are.
      for (let round = 0; round < 2; round += 1) {
        await level.batch(
          keys.flatMap(besides).map((key) => ({ type: 'del', key })),
          { sync: true },
        );
        for (const key of keys) {
          const [before = key, after = key] = besides(key);
          await (level as unknown as Compactable).compactRange(before, after);
        }
      }
    },
    close: () => level.close(),
  };
}

/** The bounds of the keys that begin with `prefix`. */
export function prefixBounds(prefix: string): readonly [from: string, to: string] {
  return [prefix, `${prefix}\u{10ffff}`];
}
