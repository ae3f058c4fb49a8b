/** The ledger's state as the index keeps it: every row as it was last written by a transaction that counts, and their digest. */
import { digestState, fromUtf8, toBase64 } from '@yinxin/core';
import { prefixBounds, type Store } from '../store.ts';
import { places, readStateHead, type StateHead, stateKeyIn } from './entries.ts';
import type { StateDigest } from './read-model.ts';
import type { State } from './replay.ts';

export function stateOf(store: Store): State {
  return {
    async get(key) {
      const value = await store.get(places.state(key));
      return value && fromUtf8(value);
    },
    async *entries(prefix) {
      for await (const { key, value } of store.entries(...prefixBounds(places.state(prefix)))) {
        yield [stateKeyIn(key), fromUtf8(value)];
      }
    },
  };
}

const noHead: StateHead = { height: 0, hash: '0'.repeat(64) };

/** One reading of the store, of head and rows, so that they belong together while blocks go on. */
export async function readStateDigest(store: Store): Promise<StateDigest> {
  let head = noHead;
  async function* rows() {
    for await (const { key, value } of store.entries(places.stateHead, prefixBounds(places.state(''))[1])) {
      if (key === places.stateHead) head = readStateHead(value);
      else yield [stateKeyIn(key), fromUtf8(value)] as const;
    }
  }
  const digest = toBase64(await digestState(rows()));
  return { ...head, digest };
}
