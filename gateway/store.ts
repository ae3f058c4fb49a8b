/** An ordered store of bytes on disk, over level. */
import { YinxinError } from '@yinxin/core';
import { Level } from 'level';

export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Keys are ordered by their UTF-8 bytes. */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>;
  /** In the order asked for. */
  getAll(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** All of it or nothing, and on disk (fsync) when the promise settles. */
  write(operations: readonly StoreOperation[]): Promise<void>;
  /** Entries from `from` (included) up to `to` (excluded), as they were when the reading began. */
  entries(from: string, to: string): AsyncIterable<StoreEntry>;
  close(): Promise<void>;
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
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
  return {
    get: (key) => level.get(key),
    getAll: (keys) => level.getMany([...keys]),
    write: (operations) => level.batch([...operations], { sync: true }),
    async *entries(from, to) {
      for await (const [key, value] of level.iterator({ gte: from, lt: to })) yield { key, value };
    },
    close: () => level.close(),
  };
}

/** The bounds of the keys that begin with `prefix`. */
export function prefixBounds(prefix: string): readonly [from: string, to: string] {
  return [prefix, `${prefix}\u{10ffff}`];
}
